//! A queue with several servers: how long an arrival waits.

use crate::quantity::{Connections, MeanConnections, Millis, PerSecond, Ratio, Share, approximate};
use crate::queueing::erlang;

/// Connections that serve whoever comes first.  Arrivals are independent of each other (Poisson); the hold time may
/// vary as it likes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// Connections.
    pub servers: Connections,
    /// What arrives.
    pub arrivals: PerSecond,
    /// How long each holds its connection, on average.
    pub hold: Millis,
    /// The hold time's coefficient of variation: standard deviation ÷ mean.  0 is always the same, 1 is exponential.
    pub hold_cv: Ratio,
}

/// How long arrivals wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait {
    /// The share of arrivals that wait at all.
    pub probability: Share,
    /// The mean wait of those that do.
    pub conditional: Millis,
}

impl Queue {
    /// Little's law: connections that would be busy on average if nobody had to wait.
    #[must_use]
    pub fn load(&self) -> MeanConnections {
        MeanConnections::new(self.arrivals.get() * self.hold.get() / 1_000.0)
    }

    /// Load ÷ servers: 1 and more is saturated.  `None` without a server.
    #[must_use]
    pub fn utilization(&self) -> Option<Share> {
        (self.servers.get() > 0).then(|| Share::new(self.load().get() / approximate(self.servers.get())))
    }

    /// How long arrivals wait; `None` where the queue is saturated, so that the wait grows without end.
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        let (servers, load) = (approximate(self.servers.get()), self.load().get());
        (load < servers).then(|| self.wait_with(servers, load, erlang::inverse_b(servers, load)))
    }

    /// The mean wait as a multiple of the one with exponential hold times.
    pub(super) fn variability(&self) -> Ratio {
        Ratio::new(variability(approximate(self.servers.get()), self.load().get(), self.hold_cv.get()))
    }

    fn wait_with(&self, servers: f64, load: f64, inverse_b: f64) -> Wait {
        let factor = variability(servers, load, self.hold_cv.get());
        Wait {
            probability: Share::new(erlang::c_of(servers, load, inverse_b)),
            conditional: Millis::new(self.hold.get() * factor / (servers - load)),
        }
    }

    /// The fewest servers with which the `quantile` of the wait is at most `target`; `None` where that is more than
    /// `most`.  One pass of the recurrence: it starts where the queue is no longer saturated and ends a few √load later
    /// at the latest, where fewer than 1 − `quantile` wait at all.
    #[must_use]
    pub fn fewest_servers(&self, quantile: Share, target: Millis, most: Connections) -> Option<Connections> {
        let load = self.load().get();
        let most = approximate(most.get());
        let mut servers = libm::floor(load) + 1.0;
        if servers > most {
            return None;
        }
        let mut inverse = erlang::inverse_b(servers, load);
        while self.wait_with(servers, load, inverse).quantile(quantile) > target {
            servers += 1.0;
            if servers > most {
                return None;
            }
            inverse = erlang::next_inverse_b(inverse, servers, load);
        }
        Some(Connections(crate::quantity::floor(servers)))
    }

    /// What may arrive so that the `quantile` of the wait is at most `target`; `None` where nothing is held, and so
    /// nothing limits it.
    #[must_use]
    pub fn most_arrivals(&self, quantile: Share, target: Millis) -> Option<PerSecond> {
        let saturating = self.saturating_arrivals()?;
        let fits = |arrivals: f64| {
            let queue = Self { arrivals: PerSecond::new(arrivals), ..*self };
            queue.wait().is_some_and(|wait| wait.quantile(quantile) <= target)
        };
        Some(PerSecond::new(bisect(saturating.get(), 20, &fits)))
    }

    /// What saturates the queue; `None` where nothing is held.
    #[must_use]
    pub fn saturating_arrivals(&self) -> Option<PerSecond> {
        let hold = self.hold.get();
        (hold > 0.0).then(|| PerSecond::new(approximate(self.servers.get()) * 1_000.0 / hold))
    }
}

impl Wait {
    /// The wait of all, those that do not wait included.
    #[must_use]
    pub fn mean(&self) -> Millis {
        Millis::new(self.probability.get() * self.conditional.get())
    }

    /// What the wait of a share of all arrivals stays within: 0.95 for the 95th percentile.  Exact for exponential hold
    /// times; otherwise the waits of those that wait are taken to be exponential about their mean.
    #[must_use]
    pub fn quantile(&self, share: Share) -> Millis {
        let beyond = self.probability.get() / (1.0 - share.get());
        Millis::new(if beyond > 1.0 { self.conditional.get() * libm::log(beyond) } else { 0.0 })
    }

    /// The share of all arrivals that wait longer than `limit`.  Exact as far as [`Wait::quantile`] is.
    #[must_use]
    pub fn longer_than(&self, limit: Millis) -> Share {
        let conditional = self.conditional.get();
        let share = if conditional > 0.0 { libm::exp(-limit.get() / conditional) } else { 0.0 };
        Share::new(self.probability.get() * share)
    }
}

/// The mean wait as a multiple of the one with exponential hold times.
///
/// From a coefficient of variation of 1 on, Allen and Cunneen's (1 + cv²) ÷ 2.  Below it that is too low by up to a
/// third for many servers, so the wait is interpolated between that of constant and that of exponential hold times
/// (Cosmetatos 1976).  Exact for one server, and for exponential hold times.
fn variability(servers: f64, load: f64, cv: f64) -> f64 {
    let squared = cv * cv;
    if squared >= 1.0 { 0.5 * (1.0 + squared) } else { squared + (1.0 - squared) * constant(servers, load) }
}

/// The mean wait with constant hold times as a multiple of the one with exponential ones.
///
/// Cosmetatos (1975), which is within 1.5 % wherever waiting is worth speaking of, but too high under light load: the
/// limit for no load at all, where an arrival waits for the first of c residual times, is c ÷ (c + 1).
fn constant(servers: f64, load: f64) -> f64 {
    let correction = (servers - load) * (servers - 1.0) * (libm::sqrt(4.0 + 5.0 * servers) - 2.0);
    (0.5 + correction / (32.0 * load * servers)).min(servers / (servers + 1.0))
}

/// The largest number below `high` that fits, to `high` ÷ 2^`steps`.  What fits must fit for every smaller number too.
pub(super) fn bisect(high: f64, steps: u32, fits: &dyn Fn(f64) -> bool) -> f64 {
    let (mut fitting, mut too_large) = (0.0, high);
    for _ in 0..steps {
        let middle = 0.5 * (fitting + too_large);
        if fits(middle) {
            fitting = middle;
        } else {
            too_large = middle;
        }
    }
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(servers: u64, arrivals: f64, hold: f64, cv: f64) -> Queue {
        Queue {
            servers: Connections(servers),
            arrivals: PerSecond::new(arrivals),
            hold: Millis::new(hold),
            hold_cv: Ratio::new(cv),
        }
    }

    /// The queue in which a transaction holds for a second, so that arrivals are the load and waits are hold times.
    fn of_load(servers: u64, utilization: f64, cv: f64) -> Queue {
        queue(servers, approximate(servers) * utilization, 1_000.0, cv)
    }

    #[track_caller]
    fn close(computed: f64, expected: f64, tolerance: f64, reason: &str) {
        let error = (computed - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
        assert!(error <= tolerance, "{computed} is not {expected}: {reason}");
    }

    #[test]
    fn exact_waits() {
        let one = of_load(1, 0.5, 1.0).wait().unwrap();
        close(one.mean().get(), 1_000.0, 1e-12, "M/M/1: ρ ÷ (1 − ρ) hold times");
        close(one.longer_than(Millis::new(1_000.0)).get(), 0.5 * libm::exp(-0.5), 1e-12, "M/M/1: ρ e^(−(1 − ρ) t)");
        let median = one.quantile(Share::new(0.75));
        close(median.get(), 1_000.0 * libm::log(2.0) / 0.5, 1e-12, "half of the half that waits");
        close(one.longer_than(median).get(), 0.25, 1e-12, "a quantile is the inverse of the probability");
        assert_eq!(one.quantile(Share::new(0.5)), Millis::default(), "half do not wait at all");
        let two = queue(2, 50.0, 20.0, 1.0).wait().unwrap();
        close(two.mean().get(), 20.0 / 3.0, 1e-12, "M/M/2 at half: a third waits for a hold time");
        for (cv, factor, reason) in [
            (0.0, 0.5, "Pollaczek and Khinchine: constant hold times halve the wait"),
            (0.5, 0.625, "(1 + 0.25) ÷ 2"),
            (1.0, 1.0, "exponential"),
            (3.0, 5.0, "(1 + 9) ÷ 2"),
        ] {
            let wait = of_load(1, 0.8, cv).wait().unwrap();
            close(wait.mean().get(), 4_000.0 * factor, 1e-12, reason);
        }
        for (arrivals, hold, reason) in [(0.0, 20.0, "nothing arrives"), (100.0, 0.0, "nothing is held")] {
            let queue = queue(4, arrivals, hold, 0.0);
            assert_eq!(queue.wait().unwrap().mean(), Millis::default(), "{reason}");
            assert_eq!(queue.utilization(), Some(Share::default()), "{reason}");
        }
    }

    #[test]
    fn a_saturated_queue_has_no_wait() {
        for (servers, arrivals, reason) in
            [(8, 400.0, "just as much as there is"), (8, 1e9, "far more"), (0, 0.0, "no server at all")]
        {
            assert_eq!(queue(servers, arrivals, 20.0, 1.0).wait(), None, "{reason}");
        }
    }

    /// Mean waits of M/D/c in hold times, as ours are, from Crommelin's series
    /// Σ E[(N − i c)⁺] ÷ (i × load), N Poisson with mean i × load, summed over i = 1, 2, … in double precision until a
    /// term is below 1e-13 of the sum; for one server it gives ρ ÷ (2 (1 − ρ)).
    #[test]
    fn constant_hold_times() {
        for (servers, utilization, exact, tolerance, reason) in [
            (1, 0.5, 0.5, 1e-9, "one server is exact"),
            (1, 0.95, 9.5, 1e-9, "one server is exact, however busy"),
            (2, 0.1, 0.006_208_283_643, 0.09, "hardly any wait: bounded by the limit for no load"),
            (2, 0.5, 0.176_741_057_1, 0.006, "two servers"),
            (2, 0.9, 2.146_923_215, 0.002, "two busy servers"),
            (4, 0.5, 0.049_651_738_78, 0.006, "half of the exponential wait would be 12 % too low"),
            (4, 0.9, 0.999_965_885_6, 0.001, "half of it would be 1.5 % too low"),
            (8, 0.8, 0.151_953_802_6, 0.001, "half of it would be 5.9 % too low"),
            (10, 0.7, 0.041_871_609_91, 0.004, "half of it would be 12 % too low"),
            (20, 0.8, 0.035_874_097, 0.002, "half of it would be 11 % too low"),
            (20, 0.95, 0.385_730_777_5, 0.005, "busy"),
            (50, 0.9, 0.039_525_887_17, 0.009, "many servers"),
            (100, 0.9, 0.012_333_473_71, 0.004, "half of it would be 12 % too low"),
            (200, 0.95, 0.019_819_609_4, 0.012, "a great many"),
            (100, 0.7, 0.000_012_400_050_32, 0.05, "hardly any wait"),
            (15, 0.3, 0.000_006_053_585_583, 0.13, "the worst there is: six millionths of a hold time"),
        ] {
            let wait = of_load(servers, utilization, 0.0).wait().unwrap();
            close(wait.mean().get() / 1_000.0, exact, tolerance, reason);
            let nearly = of_load(servers, utilization, 0.999_999_999).wait().unwrap();
            let exponential = of_load(servers, utilization, 1.0).wait().unwrap();
            close(nearly.mean().get(), exponential.mean().get(), 1e-8, "no step at a variation of 1");
        }
    }

    #[test]
    fn sizes_and_rates() {
        let target = Millis::new(5.0);
        for (arrivals, hold, cv, share, fewest, reason) in [
            (0.0, 20.0, 1.0, 0.95, 1, "a pool has at least one connection"),
            (33.3, 20.0, 1.0, 0.95, 3, "a third of 100 a second"),
            (320.0, 20.0, 1.0, 0.95, 11, "6.4 busy on average, which a pool of 8 makes wait"),
            (320.0, 20.0, 1.0, 0.99, 12, "99 % ask for more than 95 %"),
            (320.0, 20.0, 0.0, 0.95, 10, "constant hold times ask for less"),
            (320.0, 20.0, 4.0, 0.95, 12, "very different ones for more"),
        ] {
            let queue = queue(0, arrivals, hold, cv);
            let found = queue.fewest_servers(Share::new(share), target, Connections(100_000));
            assert_eq!(found, Some(Connections(fewest)), "{reason}");
            let meets = |servers: u64| {
                let wait = Queue { servers: Connections(servers), ..queue }.wait();
                wait.is_some_and(|wait| wait.quantile(Share::new(share)) <= target)
            };
            assert!(meets(fewest) && (fewest == 1 || !meets(fewest - 1)), "{reason}");
        }
        let huge = queue(0, 1e9, 3_600_000.0, 100.0);
        assert_eq!(huge.fewest_servers(Share::new(0.95), target, Connections(100_000)), None, "more than any pool has");
        let pool = queue(8, 0.0, 20.0, 1.0);
        let most = pool.most_arrivals(Share::new(0.95), target).unwrap();
        let wait = Queue { arrivals: most, ..pool }.wait().unwrap();
        close(wait.quantile(Share::new(0.95)).get(), 5.0, 1e-3, "what a pool can take just meets the target");
        assert_eq!(queue(8, 0.0, 0.0, 1.0).most_arrivals(Share::new(0.95), target), None, "nothing is held");
    }

    /// `PgBouncer` 1.18 with a pool of 8, pgbench with Poisson arrivals, `pg_sleep` of exponential length.
    #[test]
    fn measured_at_a_real_pooler() {
        for (arrivals, hold, measured, computed) in
            [(284.0, 20.7, 2.7, 3.2), (319.0, 20.7, 5.8, 7.5), (359.0, 20.8, 25.2, 30.6)]
        {
            let mean = queue(8, arrivals, hold, 1.0).wait().unwrap().mean().get();
            close(mean, computed, 0.02, "Erlang-C");
            assert!((1.15..1.32).contains(&(mean / measured)), "{arrivals}: more than measured, by a fifth to a third");
        }
    }
}
