//! The documented autoscaler of a secret store's nodes: what it says, what Kubernetes makes of it, and how fast it is.

use crate::quantity::{Count, Millis, Share, approximate};
use crate::source::{SECRET_MANAGEMENT, Source};

/// Where the settings stand.
pub const SETTINGS_SOURCE: Source = SECRET_MANAGEMENT.at("Horizontal Pod Autoscaler");
/// Where the thresholds stand that the settings are meant to express.
pub const TRIGGERS_SOURCE: Source = SECRET_MANAGEMENT.at("Scaling Triggers");

/// So many pods within so long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// How long the recommendation must stand: the stabilization window.
    pub window_s: Count,
    /// Pods at once.
    pub pods: Count,
    /// Seconds from one step to the next.
    pub period_s: Count,
    /// How long the documented threshold must be crossed.
    pub documented_s: Count,
}

impl Step {
    /// From the crossed threshold to the last of `pods` pods: the window, then a period between any two steps.
    #[must_use]
    pub fn takes(&self, pods: Count) -> Millis {
        let steps = pods.get().div_ceil(self.pods.get().max(1));
        if steps == 0 {
            return Millis::new(0.0);
        }
        let periods = (steps - 1).saturating_mul(self.period_s.get());
        Millis::new(1_000.0 * approximate(self.window_s.get().saturating_add(periods)))
    }
}

/// A metric the autoscaler follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// The utilization it aims at, in percent.
    pub target_percent: Count,
    /// The documented threshold for fewer pods, in percent.
    pub down_percent: Count,
}

impl Metric {
    /// The use below which one of `pods` pods goes: desired = ⌈pods × use ÷ target⌉ must be below pods, and a use
    /// within a tenth of the target changes nothing.
    #[must_use]
    pub fn removes_below(&self, pods: Count) -> Share {
        let pods = approximate(pods.get().max(1));
        Share::new(approximate(self.target_percent.get()) / 100.0 * ((pods - 1.0) / pods).min(1.0 - TOLERANCE))
    }
}

/// How far from its target a metric may be before anything happens.
const TOLERANCE: f64 = 0.1;

/// Fewest pods.
pub const LEAST: Count = Count(3);
/// Most pods.
pub const MOST: Count = Count(7);
/// The metrics: processor, and memory.
pub static METRICS: [Metric; 2] = [
    Metric { target_percent: Count(70), down_percent: Count(30) },
    Metric { target_percent: Count(80), down_percent: Count(40) },
];
/// More pods: two a minute, after one minute; documented as a threshold crossed for two minutes.
pub const UP: Step = Step { window_s: Count(60), pods: Count(2), period_s: Count(60), documented_s: Count(120) };
/// Fewer pods: one in five minutes, after five minutes; documented as a threshold crossed for ten minutes.
pub const DOWN: Step = Step { window_s: Count(300), pods: Count(1), period_s: Count(300), documented_s: Count(600) };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_fast() {
        let rows: &[(Step, u64, f64, &str)] = &[
            (UP, 4, 120_000.0, "3 to 7: the window, two, a minute, two"),
            (UP, 2, 60_000.0, "one step"),
            (UP, 3, 120_000.0, "the last of three in a step of its own"),
            (UP, 0, 0.0, "nothing to do"),
            (DOWN, 4, 1_200_000.0, "7 to 3: five minutes for each"),
        ];
        for (step, pods, ms, reason) in rows {
            assert_eq!(step.takes(Count(*pods)), Millis::new(*ms), "{reason}");
        }
    }

    #[test]
    fn what_the_autoscaler_would_remove() {
        // desired = ⌈pods × use ÷ target⌉, as Kubernetes computes it.
        let desired = |pods: u64, used: f64, target: f64| libm::ceil(approximate(pods) * used / target);
        for metric in METRICS {
            let target = approximate(metric.target_percent.get()) / 100.0;
            for pods in 3..=7_u64 {
                let bound = metric.removes_below(Count(pods)).get();
                assert!(desired(pods, bound - 1e-6, target) < approximate(pods), "{pods} pods, just below");
                assert!(desired(pods, bound + 1e-6, target) >= approximate(pods), "{pods} pods, just above");
                assert!(
                    bound > approximate(metric.down_percent.get()) / 100.0,
                    "always before the documented threshold"
                );
            }
        }
    }
}
