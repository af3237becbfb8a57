//! Relational nodes: read replicas, shards, replication lag and the latency from other regions.

use crate::sheet::Sheet;
use crate::{Finding, Scenario};

/// What this calculator computed.
pub(crate) struct Replicas<'s> {
    scenario: &'s Scenario,
}

impl<'s> Replicas<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        Self { scenario }
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        let _ = (self.scenario, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
}
