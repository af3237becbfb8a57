//! The documents' thresholds: one row for each metric of each document.

use crate::quantity::{Count, Millis, PerSecond, Quantity, Share, Unit};
use crate::source::{self, Source};

/// On which side of a threshold something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Too much is wrong.
    Above,
    /// Too little is wrong.
    Below,
}

/// How bad a number is by a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Within the thresholds.
    Fine,
    /// Beyond the warning threshold.
    Warning,
    /// Beyond the critical threshold.
    Critical,
}

impl Verdict {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A row: a document's thresholds for a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The document and the metric: `scaling.query_p95`.
    pub id: &'static str,
    /// The metric, for people.
    pub name: &'static str,
    /// The unit of the numbers below.
    pub unit: Unit,
    /// On which side something is wrong.
    pub side: Side,
    /// What is aimed at.
    pub(crate) target: Option<f64>,
    /// From where on it warns.
    pub(crate) warning: Option<f64>,
    /// From where on it is critical.
    pub(crate) critical: Option<f64>,
    /// The thresholds in the document's words, and what is to be known beyond them.
    pub text: &'static str,
    /// Where they stand.
    pub source: Source,
    /// Whether they are a secret store's.
    pub of_secret_store: bool,
}

impl Threshold {
    /// The metric without its document: `query_p95`.
    #[must_use]
    pub fn metric(&self) -> &'static str {
        let dot = self.id.bytes().position(|byte| byte == b'.').map_or(0, |dot| dot + 1);
        self.id.get(dot..).unwrap_or_default()
    }

    /// The thresholds there are, each with the last word of its value's id and what it is called.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, &'static str, Quantity)> {
        let words = if self.of_scaling_trigger() {
            [(".scale_down", ": scale down"), (".scale_up", ": scale up"), (".critical", ": critical")]
        } else {
            [(".target", ": target"), (".warning", ": warning"), (".critical", ": critical")]
        };
        let numbers = [self.target, self.warning, self.critical];
        let unit = self.unit;
        (words.into_iter().zip(numbers))
            .filter_map(move |((word, name), number)| Some((word, name, quantity(unit, number?))))
    }

    /// Whether the row is about adding and removing nodes.
    fn of_scaling_trigger(&self) -> bool {
        self.id.starts_with("secrets.scale_")
    }

    /// What this row says of a number in its unit.
    #[must_use]
    pub fn verdict(&self, quantity: &Quantity) -> Verdict {
        let Some(number) = quantity.approximately() else { return Verdict::Fine };
        let is_beyond = |verdict: &Verdict| {
            self.number(*verdict).is_some_and(|threshold| match self.side {
                Side::Above => number > threshold,
                Side::Below => number < threshold,
            })
        };
        [Verdict::Critical, Verdict::Warning].into_iter().find(is_beyond).unwrap_or(Verdict::Fine)
    }

    /// Beyond what it is a warning, or critical; `None` where the row does not say.
    #[must_use]
    pub fn threshold(&self, verdict: Verdict) -> Option<Quantity> {
        Some(quantity(self.unit, self.number(verdict)?))
    }

    fn number(&self, verdict: Verdict) -> Option<f64> {
        match verdict {
            Verdict::Fine => None,
            // A goal without a warning threshold warns as soon as it is missed.
            Verdict::Warning => self.warning.or(if self.critical.is_some() { self.target } else { None }),
            Verdict::Critical => self.critical,
        }
    }
}

fn quantity(unit: Unit, number: f64) -> Quantity {
    match unit {
        Unit::Millis => Millis::new(number).into(),
        Unit::PerSecond => PerSecond::new(number).into(),
        Unit::Count => Count(crate::quantity::floor(number)).into(),
        _ => Share::new(number).into(),
    }
}

const fn row(
    id: &'static str,
    name: &'static str,
    unit: Unit,
    side: Side,
    [target, warning, critical]: [Option<f64>; 3],
    text: &'static str,
    source: Source,
) -> Threshold {
    Threshold { id, name, unit, side, target, warning, critical, text, source, of_secret_store: false }
}

const fn secrets(
    id: &'static str,
    name: &'static str,
    unit: Unit,
    numbers: [Option<f64>; 3],
    text: &'static str,
    place: &'static str,
) -> Threshold {
    let source = source::SECRET_MANAGEMENT.at(place);
    Threshold { of_secret_store: true, ..row(id, name, unit, Side::Above, numbers, text, source) }
}

const SCALING: Source = source::SCALING_STRATEGIES.at("Alerting Thresholds");
const GOALS: Source = source::OPTIMIZATION_GUIDE.at("Performance Goals");
const METRICS: Source = source::CONNECTION_SCALING.at("Part 5, Monitoring & Metrics");
const CANARY: Source = source::CONNECTION_SCALING.at("Part 4, Option A, Monitor Production");
const TRIGGERS: &str = "Scaling Triggers";
use Side::{Above, Below};

/// Every row, by document.
pub static THRESHOLDS: [Threshold; 27] = [
    row(
        "scaling.query_p95",
        "Query latency p95",
        Unit::Millis,
        Above,
        [None, Some(100.0), Some(500.0)],
        "warning > 100 ms, critical > 500 ms",
        SCALING,
    ),
    row(
        "scaling.connection_use",
        "Connection utilization",
        Unit::Share,
        Above,
        [None, Some(0.7), Some(0.9)],
        "warning > 70 %, critical > 90 %",
        SCALING,
    ),
    row(
        "scaling.replication_lag",
        "Replication lag",
        Unit::Millis,
        Above,
        [None, Some(1e3), Some(1e4)],
        "warning > 1 s, critical > 10 s",
        SCALING,
    ),
    row(
        "scaling.disk_use",
        "Disk space",
        Unit::Share,
        Above,
        [None, Some(0.7), Some(0.85)],
        "warning > 70 %, critical > 85 %",
        SCALING,
    ),
    row(
        "scaling.cache_hit",
        "Cache hit ratio",
        Unit::Share,
        Below,
        [None, Some(0.9), Some(0.8)],
        "warning < 90 %, critical < 80 %",
        SCALING,
    ),
    row(
        "connections.api_p95",
        "API latency p95",
        Unit::Millis,
        Above,
        [Some(200.0), Some(250.0), None],
        "target < 200 ms, alert > 250 ms during a canary",
        CANARY,
    ),
    row(
        "connections.query_p95",
        "Query latency p95",
        Unit::Millis,
        Above,
        [Some(100.0), Some(200.0), None],
        "target < 100 ms, alert > 200 ms",
        METRICS,
    ),
    row(
        "connections.pool_use",
        "Pool saturation",
        Unit::Share,
        Above,
        [None, Some(0.8), None],
        "alert > 80 %",
        METRICS,
    ),
    row(
        "connections.connection_use",
        "Connections of the cluster",
        Unit::Share,
        Above,
        [None, Some(0.8), None],
        "alert from 80 % of max_connections",
        source::CONNECTION_SCALING.at("Part 4, Option B"),
    ),
    row(
        "connections.role_use",
        "Connections of the role",
        Unit::Share,
        Above,
        [None, None, Some(1.0)],
        "alert > role limit: no role can have more, so warn before",
        METRICS,
    ),
    row(
        "connections.timeouts",
        "Connection time-outs",
        Unit::Share,
        Above,
        [None, Some(0.005), None],
        "alert > 0.5 %",
        CANARY,
    ),
    row(
        "optimization.query_p95",
        "Query response time p95",
        Unit::Millis,
        Above,
        [Some(50.0), None, Some(100.0)],
        "target < 50 ms, critical from 100 ms",
        GOALS,
    ),
    row(
        "optimization.query_p99",
        "Query response time p99",
        Unit::Millis,
        Above,
        [Some(100.0), None, Some(200.0)],
        "target < 100 ms, critical from 200 ms",
        GOALS,
    ),
    row(
        "optimization.acquisition",
        "Connection acquisition",
        Unit::Millis,
        Above,
        [Some(5.0), None, Some(10.0)],
        "target < 5 ms, critical from 10 ms",
        GOALS,
    ),
    row(
        "optimization.throughput",
        "Transaction throughput",
        Unit::PerSecond,
        Below,
        [Some(1e3), None, Some(500.0)],
        "target > 1,000 TPS, critical < 500 TPS: the document writes > 500, which its own target would break; where \
         fewer are asked for it says nothing",
        GOALS,
    ),
    row(
        "optimization.pool_use_least",
        "Connection pool utilization, lower end",
        Unit::Share,
        Below,
        [Some(0.6), None, None],
        "target 60–80 %: below it nothing is wrong, only more is kept than is used",
        GOALS,
    ),
    row(
        "optimization.pool_use",
        "Connection pool utilization",
        Unit::Share,
        Above,
        [Some(0.8), None, Some(0.9)],
        "target 60–80 %, critical from 90 %",
        GOALS,
    ),
    row(
        "optimization.connection_use",
        "Active connections",
        Unit::Share,
        Above,
        [Some(0.8), None, Some(0.9)],
        "target < 80 % of max_connections, critical from 90 %",
        GOALS,
    ),
    row(
        "optimization.long_running",
        "Queries running for more than 30 s",
        Unit::Count,
        Above,
        [Some(0.0), None, Some(5.0)],
        "target 0, critical from 5",
        GOALS,
    ),
    row(
        "optimization.cache_hit",
        "Cache hit ratio",
        Unit::Share,
        Below,
        [Some(0.95), None, None],
        "target > 95 %",
        source::OPTIMIZATION_GUIDE.at("Key Metrics Dashboard"),
    ),
    row(
        "optimization.slow_query",
        "Mean time of a frequent query",
        Unit::Millis,
        Above,
        [None, Some(100.0), None],
        "worth a look > 100 ms with more than 100 calls",
        source::OPTIMIZATION_GUIDE.at("Identify Slow Queries"),
    ),
    secrets(
        "secrets.scale_cpu",
        "Processor of a node",
        Unit::Share,
        [Some(0.3), Some(0.7), None],
        "up > 70 % for 2 min, down < 30 % for 10 min: the primary trigger",
        TRIGGERS,
    ),
    secrets(
        "secrets.scale_memory",
        "Memory of a node",
        Unit::Share,
        [Some(0.4), Some(0.8), None],
        "up > 80 % for 2 min, down < 40 % for 10 min: the secondary trigger",
        TRIGGERS,
    ),
    secrets(
        "secrets.scale_connections",
        "Active connections of a node",
        Unit::Share,
        [Some(0.3), Some(0.8), None],
        "up > 80 % of the limit, down < 30 %: the network is saturated",
        TRIGGERS,
    ),
    secrets(
        "secrets.request_p99",
        "Request latency p99",
        Unit::Millis,
        [None, Some(100.0), None],
        "> 100 ms for 5 min: investigate by hand, never scale by it",
        TRIGGERS,
    ),
    secrets(
        "secrets.replication_lag",
        "Replication lag",
        Unit::Millis,
        [None, Some(1e4), None],
        "P3 > 10 s: read from the primary meanwhile",
        "Graceful Degradation",
    ),
    secrets(
        "secrets.snapshot_age",
        "Age of the last snapshot",
        Unit::Millis,
        [Some(3.6e6), None, None],
        "one every hour, kept for 7 days",
        "Backup and Restore",
    ),
];

/// A way to go on with less, and the alert that tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Degradation {
    /// The last word of its value's id.
    pub word: &'static str,
    /// What fails.
    pub name: &'static str,
    /// The alert's priority.
    pub priority: &'static str,
    /// What happens instead, what that means, and the alert's name.
    pub text: &'static str,
}

const fn degradation(
    word: &'static str,
    name: &'static str,
    priority: &'static str,
    text: &'static str,
) -> Degradation {
    Degradation { word, name, priority, text }
}

/// "Graceful Degradation", Secret Management System.
pub static DEGRADATIONS: [Degradation; 4] = [
    degradation(
        "identity_provider",
        "External identity provider fails",
        "P1",
        "fallback: cached authentication decisions for 5 minutes; impact: new users cannot log in, sessions go on; \
         alert: IdP connectivity failure",
    ),
    degradation(
        "storage",
        "Storage backend is slow",
        "P2",
        "fallback: reads from the memory cache, writes are queued; impact: stale reads, delayed writes, and a queued \
         write is not yet durable; alert: storage latency elevated",
    ),
    degradation(
        "audit",
        "Audit backend fails",
        "P1",
        "fallback: none, operations are blocked: a second audit device avoids that. audit_non_hmac_request_keys, which \
         the document names, only leaves keys unhashed and queues nothing; alert: audit system failure",
    ),
    degradation(
        "replica_lag",
        "Performance replica lags",
        "P3",
        "fallback: reads go to the primary; impact: higher latency for that region; alert: replication lag > 10 s",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let rows: &[(&str, Quantity, Verdict, &str)] = &[
            ("scaling.connection_use", Share::new(0.7).into(), Verdict::Fine, "above 70 %, not from 70 %"),
            ("scaling.connection_use", Share::new(0.75).into(), Verdict::Warning, "between the two"),
            ("optimization.connection_use", Share::new(0.75).into(), Verdict::Fine, "the target is 80 %"),
            ("optimization.connection_use", Share::new(0.85).into(), Verdict::Warning, "the target is missed"),
            ("connections.connection_use", Share::new(0.95).into(), Verdict::Warning, "it has no critical threshold"),
            ("scaling.cache_hit", Share::new(0.85).into(), Verdict::Warning, "too little"),
            ("optimization.cache_hit", Share::new(0.85).into(), Verdict::Fine, "a target alone alarms nobody"),
            ("optimization.throughput", PerSecond::new(700.0).into(), Verdict::Warning, "between 500 and 1,000"),
            ("optimization.throughput", PerSecond::new(400.0).into(), Verdict::Critical, "below 500"),
            ("optimization.long_running", Count(1).into(), Verdict::Warning, "none is the target"),
            ("secrets.replication_lag", Millis::new(5e3).into(), Verdict::Fine, "P3 from 10 s"),
            ("scaling.replication_lag", Millis::new(5e3).into(), Verdict::Warning, "a warning from 1 s"),
            ("scaling.replication_lag", Quantity::None(Unit::Millis, "none"), Verdict::Fine, "nothing to judge"),
        ];
        for (id, quantity, verdict, reason) in rows {
            let row = THRESHOLDS.iter().find(|row| row.id == *id).unwrap();
            assert_eq!(row.verdict(quantity), *verdict, "{id}: {reason}");
        }
    }

    #[test]
    fn a_warning_comes_before_what_is_critical() {
        for row in &THRESHOLDS {
            let numbers: Vec<f64> = [row.target, row.warning, row.critical].into_iter().flatten().collect();
            let is_ordered = match row.side {
                Side::Above => numbers.is_sorted(),
                Side::Below => numbers.iter().rev().is_sorted(),
            };
            assert!(is_ordered && !numbers.is_empty(), "{}", row.id);
        }
    }
}
