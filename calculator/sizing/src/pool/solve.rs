//! Solved backwards: how many pods, or how large a pool, until the first limit.

use crate::Scenario;
use crate::pool::chain::{Chain, Fleet};
use crate::quantity::Connections;
use crate::scenario::{MOST_CONNECTIONS, MOST_PODS};

/// The most pods with which no link is above `percent` of its limit; `None` where even the most an input
/// allows fit.
#[must_use]
pub fn most_pods(scenario: &Scenario, percent: u64) -> Option<u64> {
    let instances = scenario.instances();
    largest(MOST_PODS, |pods| Chain::of(scenario, Fleet { pods, instances }).fits_within(percent))
}

/// The most pods with which no link is above its limit while a rolling update runs its surge.
#[must_use]
pub fn most_pods_during_update(scenario: &Scenario) -> Option<u64> {
    let instances = scenario.instances();
    largest(MOST_PODS, |pods| {
        let pods = pods.saturating_add(scenario.surge.of(pods));
        Chain::of(scenario, Fleet { pods, instances }).fits_within(100)
    })
}

/// The largest pool size with which no link is above `percent` of its limit; `None` where even the
/// largest an input allows fits.
#[must_use]
pub fn largest_pool(scenario: &Scenario, percent: u64) -> Option<u64> {
    let mut trial = scenario.clone();
    largest(MOST_CONNECTIONS, |size| {
        trial.pool_size = Connections(size);
        Chain::of(&trial, trial.fleet()).fits_within(percent)
    })
}

/// The smallest limit of which `demand` is at most `percent`.
pub(crate) fn least_limit(demand: u64, percent: u64) -> u64 {
    let needed = (u128::from(demand) * 100).div_ceil(u128::from(percent.max(1)));
    u64::try_from(needed).unwrap_or(u64::MAX)
}

/// The largest number from 1 to `most` that fits, 0 where none does, and `None` where all do.  What fits must fit for
/// every smaller number too.
fn largest(most: u64, mut fits: impl FnMut(u64) -> bool) -> Option<u64> {
    if fits(most) {
        return None;
    }
    let (mut fitting, mut too_large) = (0, most);
    while too_large - fitting > 1 {
        let middle = fitting + (too_large - fitting) / 2;
        if fits(middle) {
            fitting = middle;
        } else {
            too_large = middle;
        }
    }
    Some(fitting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_that_fits() {
        for (threshold, expected, reason) in [
            (0, Some(0), "nothing fits"),
            (1, Some(1), "only one"),
            (41, Some(41), "somewhere in between"),
            (99, Some(99), "all but the last"),
            (100, None, "all fit"),
        ] {
            assert_eq!(largest(100, |number| number <= threshold), expected, "{reason}");
        }
    }
}
