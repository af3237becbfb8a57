//! What became of many requests.

use std::collections::BTreeMap;

use routing::Milliseconds;

use crate::link::whole;

/// Requests that went one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Id of the cluster that they were sent to last.
    pub(crate) cluster: String,
    pub(crate) reads: u64,
    pub(crate) writes: u64,
    /// Of both, those that ended with an error.
    pub(crate) errors: u64,
    /// How many took so many milliseconds.
    took: BTreeMap<u64, u64>,
}

/// What became of the requests since the counts were cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    clusters: Vec<Count>,
    /// Reads and writes that the router refused itself.
    pub(crate) refused_reads: u64,
    pub(crate) refused_writes: u64,
    /// Requests that another cluster was tried for.
    pub(crate) repeated: u64,
}

impl Count {
    pub(crate) fn requests(&self) -> u64 {
        self.reads.saturating_add(self.writes)
    }

    /// The time within which so many of a hundred requests ended, with an error or not: the nearest rank.
    pub(crate) fn percentile(&self, percent: u64) -> Option<Milliseconds> {
        let rank = self.requests().saturating_mul(percent).div_ceil(100).max(1);
        let mut so_far = 0_u64;
        for (took, count) in &self.took {
            so_far = so_far.saturating_add(*count);
            if so_far >= rank {
                return Some(Milliseconds::new(*took));
            }
        }
        None
    }
}

impl Tally {
    /// Counts a request that a cluster ended.
    pub(crate) fn count(&mut self, cluster: &str, is_write: bool, is_error: bool, took: Milliseconds) {
        if !self.clusters.iter().any(|count| count.cluster == cluster) {
            self.clusters.push(Count { cluster: cluster.to_owned(), ..Count::default() });
        }
        let Some(count) = self.clusters.iter_mut().find(|count| count.cluster == cluster) else { return };
        count.reads = count.reads.saturating_add(u64::from(!is_write));
        count.writes = count.writes.saturating_add(u64::from(is_write));
        count.errors = count.errors.saturating_add(u64::from(is_error));
        let alike = count.took.entry(took.get()).or_default();
        *alike = alike.saturating_add(1);
    }

    /// Counts a request that no cluster got.
    pub(crate) fn refuse(&mut self, is_write: bool) {
        let count = if is_write { &mut self.refused_writes } else { &mut self.refused_reads };
        *count = count.saturating_add(1);
    }

    /// What one cluster ended.
    pub(crate) fn of(&self, cluster: &str) -> Count {
        let found = self.clusters.iter().find(|count| count.cluster == cluster);
        found.cloned().unwrap_or_else(|| Count { cluster: cluster.to_owned(), ..Count::default() })
    }

    /// The clusters that ended any, in the order in which they did so first.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = &str> {
        self.clusters.iter().map(|count| count.cluster.as_str())
    }

    /// What all clusters ended.
    pub(crate) fn all(&self) -> Count {
        let mut all = Count::default();
        for count in &self.clusters {
            all.reads = all.reads.saturating_add(count.reads);
            all.writes = all.writes.saturating_add(count.writes);
            all.errors = all.errors.saturating_add(count.errors);
            for (took, count) in &count.took {
                let alike = all.took.entry(*took).or_default();
                *alike = alike.saturating_add(*count);
            }
        }
        all
    }

    /// All requests, the refused ones too.
    pub(crate) fn requests(&self) -> u64 {
        let refused = self.refused_reads.saturating_add(self.refused_writes);
        self.clusters.iter().fold(refused, |sum, count| sum.saturating_add(count.requests()))
    }
}

/// A share of a whole in tenths of a percent.
pub(crate) fn per_mille(part: u64, all: u64) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let share = if all == 0 { 0.0 } else { part as f64 * 1_000.0 / all as f64 };
    whole(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(took: &[u64], percent: u64, expected: Option<u64>, reason: &str) {
        let mut tally = Tally::default();
        for took in took {
            tally.count("a", false, false, Milliseconds::new(*took));
        }
        assert_eq!(tally.of("a").percentile(percent).map(Milliseconds::get), expected, "{reason}");
        assert_eq!(tally.requests(), took.len() as u64);
    }

    #[test]
    fn percentiles() {
        check(&[], 50, None, "of nothing");
        check(&[7], 95, Some(7), "of one");
        check(&[1, 2, 3, 4], 50, Some(2), "the second of four");
        check(&[4, 3, 2, 1], 95, Some(4), "the last of four, in any order");
        check(&(1..=100).collect::<Vec<_>>(), 95, Some(95), "of a hundred");
        check(&[9, 5, 5, 5], 50, Some(5), "as often as it was");
    }
}
