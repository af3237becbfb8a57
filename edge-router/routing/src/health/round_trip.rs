//! Round-trip times from one data centre to the clusters, as live traffic shows them.

use crate::place::Colo;
use crate::time::{Milliseconds, Moment};
use crate::topology::ClusterIndex;

/// Exponentially weighted round-trip times, by data centre and cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoundTrips {}

impl RoundTrips {
    /// Counts one round trip.
    pub fn record(&mut self, _colo: Option<Colo>, _cluster: ClusterIndex, _took: Milliseconds, _now: Moment) {}

    /// What a round trip takes by now; `None` without recent data.
    #[must_use]
    pub fn estimate(&self, _colo: Option<Colo>, _cluster: ClusterIndex, _now: Moment) -> Option<Milliseconds> {
        None
    }
}
