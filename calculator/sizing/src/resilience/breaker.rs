//! A circuit breaker that counts failures: when it opens, for noise too, and when it is closed again.

use crate::quantity::{Count, Millis, PerSecond, Ratio, Share, approximate};
use crate::source::{SECRET_MANAGEMENT, Source};

/// Where the settings stand.
pub const BREAKER_SOURCE: Source = SECRET_MANAGEMENT.at("Circuit Breaker for External Backends");
/// Requests that must succeed, one after the other, before the breaker closes: one at a time is let through.
pub const SUCCESSES: Count = Count(3);
/// Calls a share is taken of at least, so that one failure of two is not half.
pub const LEAST_CALLS: Count = Count(20);
/// The least share of failures worth opening for.
const LEAST_SHARE: f64 = 0.05;
/// Standard deviations that noise does not reach.
const DEVIATIONS: f64 = 6.0;
/// What fails on a normal day where that is not known: an assumption.
pub const ASSUMED_ERRORS: f64 = 0.001;

/// A breaker that opens at so many failures within a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breaker {
    /// Failures that open it.
    pub failures: Count,
    /// The window they are counted in.
    pub window: Millis,
    /// How long it refuses everything.
    pub cooldown: Millis,
}

impl Breaker {
    /// Calls within a window.
    #[must_use]
    pub fn calls(&self, rate: PerSecond) -> Ratio {
        Ratio::new(rate.get() * self.window.get() / 1_000.0)
    }

    /// The share of calls that fail where it opens; more than 1 where it never can.
    #[must_use]
    pub fn opens_at(&self, rate: PerSecond) -> Option<Share> {
        let calls = self.calls(rate).get();
        (calls > 0.0).then(|| Share::new(approximate(self.failures.get()) / calls))
    }

    /// The probability that noise alone opens it within a window: at least so many failures where on average so many
    /// happen, and each happens on its own (Poisson).
    #[must_use]
    pub fn opens_by_chance(&self, expected: Ratio) -> Share {
        let expected = expected.get();
        // Above 700 the first term is zero, and fewer than a hundred failures have no probability left.
        let mut term = libm::exp(-expected);
        let mut fewer = 0.0;
        for failures in 1..=self.failures.get() {
            fewer += term;
            term *= expected / approximate(failures);
        }
        Share::new((1.0 - fewer).clamp(0.0, 1.0))
    }

    /// The shortest time from the first failure to closed again: all calls fail until it opens, it cools down, and the
    /// successes come one after the other.
    #[must_use]
    pub fn closed_again(&self, rate: PerSecond, response: Millis) -> Option<Millis> {
        let gap = (rate.get() > 0.0).then(|| 1_000.0 / rate.get())?;
        let opens = gap * approximate(self.failures.get().saturating_sub(1));
        let tries = approximate(SUCCESSES.get()) * response.get().max(gap);
        Some(Millis::new(opens + self.cooldown.get() + tries))
    }
}

/// The share of failing calls a breaker should open at: well above what fails on a normal day.
#[must_use]
pub fn share_to_open_at(errors: Share, calls: Ratio) -> Share {
    let errors = errors.get();
    let deviation = libm::sqrt(errors * (1.0 - errors).max(0.0) / calls.get().max(approximate(LEAST_CALLS.get())));
    Share::new((errors + DEVIATIONS * deviation).clamp(LEAST_SHARE, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documented() -> Breaker {
        Breaker { failures: Count(5), window: Millis::new(60_000.0), cooldown: Millis::new(30_000.0) }
    }

    #[test]
    fn a_count_is_a_tiny_share_of_many() {
        for (rate, share) in [(1_000.0, 5.0 / 60_000.0), (100.0, 5.0 / 6_000.0), (0.05, 5.0 / 3.0)] {
            let opens = documented().opens_at(PerSecond::new(rate)).unwrap();
            assert!((opens.get() - share).abs() < 1e-12, "{rate}");
        }
        assert_eq!(documented().opens_at(PerSecond::new(0.0)), None, "nothing is called");
    }

    #[test]
    fn by_chance() {
        // 1 − the Poisson distribution's sum to four.
        let rows = [(0.0, 0.0), (1.0, 0.003_659_846_8), (5.0, 0.559_506_714_9), (60.0, 1.0), (1e15, 1.0)];
        for (expected, probability) in rows {
            let share = documented().opens_by_chance(Ratio::new(expected)).get();
            assert!((share - probability).abs() < 1e-9, "{expected}: {share}");
        }
    }

    #[test]
    fn closed_again() {
        let closed = |rate, response| documented().closed_again(PerSecond::new(rate), Millis::new(response));
        assert_eq!(closed(1_000.0, 20.0), Some(Millis::new(30_064.0)), "4 ms, 30 s, three of 20 ms");
        assert_eq!(closed(1.0, 20.0), Some(Millis::new(37_000.0)), "tries come as calls do");
        assert_eq!(closed(0.0, 20.0), None, "no call, no try");
    }

    #[test]
    fn a_share_above_the_noise() {
        let share = |errors, calls| share_to_open_at(Share::new(errors), Ratio::new(calls)).get();
        assert_eq!(share(0.001, 60_000.0).to_bits(), 0.05_f64.to_bits(), "0.18 % is noise, 5 % is not");
        assert!((share(0.1, 100.0) - 0.28).abs() < 1e-9, "10 % and six deviations of 3 %");
        assert_eq!(share(1.0, 0.0).to_bits(), 1.0_f64.to_bits(), "everything always fails");
    }
}
