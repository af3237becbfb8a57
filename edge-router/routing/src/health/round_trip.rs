//! Round-trip times from one data centre to the clusters, as live traffic shows them.

use crate::place::Colo;
use crate::time::{Milliseconds, Moment};
use crate::topology::ClusterIndex;

/// Samples before an estimate is worth anything: two can both be the handshake of a new connection.
const MIN_SAMPLES: u8 = 3;

/// Samples an average reaches over at least, so that one that is far off moves it by an eighth at most: the α of TCP's
/// own estimate (RFC 6298, section 2).
const MEMORY_SAMPLES: u8 = 8;

/// Milliseconds an average reaches over at least, however many samples there are: under load, eight of them are only an
/// instant.  The same ten seconds as Finagle's *peak EWMA* load balancer (`PeakEwma`, decay time).
const MEMORY_MILLIS: f64 = 10_000.0;

/// How long an estimate lasts after its last sample.  A cluster that was slow gets no more traffic and so no more
/// samples: only forgetting lets it be tried again.
const LIFETIME: Milliseconds = Milliseconds::new(300_000);

/// Most data centres kept.  An isolate serves one; more only come up where requests are moved between them.
const MAX_COLOS: usize = 64;

/// Exponentially weighted round-trip times, by data centre and cluster.
///
/// A data centre that is not known is one of its own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoundTrips {
    /// In no order; at most [`MAX_COLOS`].
    seen: Vec<Seen>,
}

/// Round-trip times from one data centre.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    from: Option<Colo>,
    latest: Moment,
    /// By the index of the cluster.
    averages: Vec<Average>,
}

/// The average of one cluster; empty by default.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Average {
    millis: f64,
    latest: Moment,
    /// Counted up to [`MEMORY_SAMPLES`].
    samples: u8,
}

impl RoundTrips {
    /// Counts one round trip.  Where both the data centre and the cluster were counted before, nothing is allocated.
    pub fn record(&mut self, colo: Option<Colo>, cluster: ClusterIndex, took: Milliseconds, now: Moment) {
        let known = self.seen.iter_mut().position(|seen| seen.from == colo);
        let at = known.unwrap_or_else(|| self.make_room(colo));
        let Some(seen) = self.seen.get_mut(at) else { return };
        seen.latest = seen.latest.max(now);
        if seen.averages.len() <= cluster.get() {
            seen.averages.resize(cluster.get().saturating_add(1), Average::default());
        }
        if let Some(average) = seen.averages.get_mut(cluster.get()) {
            average.add(took, now);
        }
    }

    /// What a round trip takes by now; `None` without recent data.
    #[must_use]
    pub fn estimate(&self, colo: Option<Colo>, cluster: ClusterIndex, now: Moment) -> Option<Milliseconds> {
        let millis = libm::round(self.seen_from(colo)?.millis(cluster, now)?);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and u32::MAX
        let millis = millis as u64;
        Some(Milliseconds::new(millis))
    }

    /// What was seen from a data centre.
    pub(crate) fn seen_from(&self, colo: Option<Colo>) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.from == colo)
    }

    /// The place of a data centre that was not counted before, in that of the stalest one where there are too many.
    fn make_room(&mut self, colo: Option<Colo>) -> usize {
        let stalest = self.seen.iter().enumerate().min_by_key(|(_, seen)| seen.latest).map(|(at, _)| at);
        if let Some(at) = stalest.filter(|_| self.seen.len() >= MAX_COLOS)
            && let Some(seen) = self.seen.get_mut(at)
        {
            seen.from = colo;
            seen.averages.clear();
            return at;
        }
        self.seen.push(Seen { from: colo, latest: Moment::default(), averages: Vec::new() });
        self.seen.len().saturating_sub(1)
    }
}

impl Seen {
    /// What a round trip takes by now, in milliseconds: finite and not negative.
    pub(crate) fn millis(&self, cluster: ClusterIndex, now: Moment) -> Option<f64> {
        let average = self.averages.get(cluster.get())?;
        (average.samples >= MIN_SAMPLES && average.is_fresh(now)).then_some(average.millis)
    }
}

impl Average {
    fn is_fresh(&self, now: Moment) -> bool {
        now.since(self.latest) <= LIFETIME
    }

    fn add(&mut self, took: Milliseconds, now: Moment) {
        if !self.is_fresh(now) {
            *self = Self::default();
        }
        let weight = if self.samples < MEMORY_SAMPLES {
            self.samples = self.samples.saturating_add(1);
            1.0 / f64::from(self.samples)
        } else {
            // The share by which what was known has aged.  Of several that end in one millisecond, one counts.
            (-libm::expm1(-whole(now.since(self.latest)) / MEMORY_MILLIS)).min(1.0 / f64::from(MEMORY_SAMPLES))
        };
        self.millis += weight * (whole(took) - self.millis);
        self.latest = self.latest.max(now);
    }
}

/// A span as a number to reckon with; more than seven weeks are seven weeks.
fn whole(span: Milliseconds) -> f64 {
    u32::try_from(span.get()).unwrap_or(u32::MAX).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(index: usize) -> ClusterIndex {
        ClusterIndex::new(index).unwrap()
    }

    /// Samples as (moment, milliseconds), then what is estimated at a moment.
    #[track_caller]
    fn check(samples: &[(u64, u64)], at: u64, expected: Option<u64>) {
        let mut round_trips = RoundTrips::default();
        for &(now, took) in samples {
            round_trips.record(None, cluster(0), Milliseconds::new(took), Moment::from_millis(now));
        }
        let estimate = round_trips.estimate(None, cluster(0), Moment::from_millis(at));
        assert_eq!(estimate.map(Milliseconds::get), expected, "{samples:?} at {at}");
    }

    /// As many samples of one length, evenly spaced.
    fn even(from: u64, count: u64, every: u64, took: u64) -> Vec<(u64, u64)> {
        (0..count).map(|at| (from + at * every, took)).collect()
    }

    #[test]
    fn estimates() {
        check(&[], 0, None); // nothing was measured
        check(&[(0, 20), (1, 20)], 1, None); // two may be the handshake
        check(&[(0, 20), (1, 20), (2, 20)], 2, Some(20)); // three are enough
        check(&[(0, 90), (1, 30), (2, 30)], 2, Some(50)); // the first ones count alike
        check(&[(0, 20), (0, 20), (0, 20)], 0, Some(20)); // also in one millisecond
        check(&[(5, 20), (4, 20), (3, 20)], 3, Some(20)); // a clock that goes back
        check(&[(0, u64::MAX), (1, u64::MAX), (2, u64::MAX)], 2, Some(u32::MAX.into())); // absurd, but finite

        let steady = even(0, 8, 10_000, 100);
        check(&steady, 70_000, Some(100)); // a constant is its own average
        check(&[steady.clone(), vec![(80_000, 900)]].concat(), 80_000, Some(200)); // sparse: one weighs an eighth
        check(&[steady.clone(), vec![(70_010, 900)]].concat(), 70_010, Some(101)); // dense: by its share of ten seconds
        check(&[steady.clone(), vec![(70_000, 900)]].concat(), 70_000, Some(100)); // the same millisecond: counted before
        let busy = [steady.clone(), even(70_001, 10_000, 1, 200)].concat();
        check(&busy, 80_000, Some(163)); // after ten seconds, 1 − 1/e of the way
        check(&[steady.clone(), even(80_000, 30, 10_000, 10)].concat(), 370_000, Some(12)); // it follows a change
    }

    #[test]
    fn an_estimate_is_forgotten() {
        let three = even(0, 3, 1, 500);
        check(&three, 300_002, Some(500)); // five minutes after the last one
        check(&three, 300_003, None); // and a millisecond
        check(&[three.clone(), vec![(300_003, 20)]].concat(), 300_003, None); // what was is not mixed with what is
        check(&[three.clone(), even(300_003, 3, 1, 20)].concat(), 300_005, Some(20)); // begun anew
        check(&[three, vec![(300_002, 20)]].concat(), 600_002, Some(380)); // a sample in time prolongs it
    }

    #[test]
    fn data_centres_and_clusters_are_apart() {
        let now = Moment::from_millis(0);
        let mut round_trips = RoundTrips::default();
        for (colo, index, took) in [(None, 0, 10), (Colo::parse("FRA"), 0, 20), (Colo::parse("FRA"), 7, 30)] {
            for _ in 0..3 {
                round_trips.record(colo, cluster(index), Milliseconds::new(took), now);
            }
        }
        for (colo, index, expected) in [
            (None, 0, Some(10)),
            (None, 7, None), // not measured from there
            (Colo::parse("fra"), 0, Some(20)),
            (Colo::parse("FRA"), 7, Some(30)),
            (Colo::parse("FRA"), 3, None),   // lies between two that were
            (Colo::parse("FRA"), 199, None), // beyond all of them
            (Colo::parse("SYD"), 0, None),
        ] {
            let estimate = round_trips.estimate(colo, cluster(index), now).map(Milliseconds::get);
            assert_eq!(estimate, expected, "{colo:?} {index}");
        }
    }

    #[test]
    fn the_stalest_data_centre_makes_room() {
        let colo =
            |number: u8| Colo::parse(&format!("A{}{}", char::from(b'A' + number / 26), char::from(b'A' + number % 26)));
        let mut round_trips = RoundTrips::default();
        let mut record = |number: u8, now: u64| {
            for _ in 0..3 {
                round_trips.record(colo(number), cluster(0), Milliseconds::new(1), Moment::from_millis(now));
            }
            round_trips.clone()
        };
        for number in 0..64 {
            record(number, number.into());
        }
        record(0, 64); // fresh again
        let after = record(64, 65);
        for (number, expected) in [(0, true), (1, false), (2, true), (63, true), (64, true)] {
            let estimate = after.estimate(colo(number), cluster(0), Moment::from_millis(65));
            assert_eq!(estimate.is_some(), expected, "{number}");
        }
        assert_eq!(after.seen.len(), MAX_COLOS);
    }
}
