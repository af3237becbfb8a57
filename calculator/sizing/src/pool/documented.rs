//! Published rules of thumb for pools: the sizing table by request rate, and `HikariCP`'s two formulas.

use crate::quantity::PerSecond;

/// A row of the documented sizing table by request rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizingRow {
    /// The workload's name.
    pub workload: &'static str,
    /// Pool size per pod.
    pub pool_size: u64,
    /// Overflow per pod.
    pub max_overflow: u64,
    /// Connections of four pods.
    pub four_pods: u64,
    /// `max_connections` of the server.
    pub max_connections: u64,
}

/// "Recommended Sizing by Load", Database Optimization Guide.
pub const SIZING_BY_RATE: [SizingRow; 4] = [
    SizingRow { workload: "low", pool_size: 10, max_overflow: 5, four_pods: 60, max_connections: 100 },
    SizingRow { workload: "medium", pool_size: 20, max_overflow: 10, four_pods: 120, max_connections: 200 },
    SizingRow { workload: "high", pool_size: 30, max_overflow: 15, four_pods: 180, max_connections: 250 },
    SizingRow { workload: "very high", pool_size: 40, max_overflow: 20, four_pods: 240, max_connections: 300 },
];

/// The row for a rate: below 100 requests a second low, below 500 medium, to 1,000 high, above very high.
#[must_use]
pub fn sizing_by_rate(rate: PerSecond) -> SizingRow {
    let [low, medium, high, very_high] = SIZING_BY_RATE;
    match rate.get() {
        rate if rate < 100.0 => low,
        rate if rate < 500.0 => medium,
        rate if rate <= 1000.0 => high,
        _ => very_high,
    }
}

/// `HikariCP`'s starting point for all connections of a database: cores × 2 + effective spindles.
#[must_use]
pub fn hikaricp_connections(cores: u64, spindles: u64) -> u64 {
    cores.saturating_mul(2).saturating_add(spindles)
}

/// The smallest pool in which `threads` threads that each hold `connections` at once cannot deadlock:
/// threads × (connections − 1) + 1.
#[must_use]
pub fn deadlock_floor(threads: u64, connections: u64) -> u64 {
    threads.saturating_mul(connections.saturating_sub(1)).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_by_rate() {
        for (rate, workload, reason) in [
            (0.0, "low", "nothing yet"),
            (99.9, "low", "below 100"),
            (100.0, "medium", "documented as 100-500"),
            (500.0, "high", "documented in both rows: the larger pool is the safer one"),
            (1000.0, "high", "very high is documented as above 1,000"),
            (1000.1, "very high", "above 1,000"),
        ] {
            assert_eq!(sizing_by_rate(PerSecond::new(rate)).workload, workload, "{rate}: {reason}");
        }
        for row in SIZING_BY_RATE {
            assert_eq!(4 * (row.pool_size + row.max_overflow), row.four_pods, "{}: the table's own sum", row.workload);
        }
    }

    #[test]
    fn hikaricp_s_own_examples() {
        assert_eq!(hikaricp_connections(4, 1), 9, "4 cores, one disk");
        assert_eq!(deadlock_floor(3, 4), 10, "3 threads with 4 connections each");
        assert_eq!(deadlock_floor(8, 3), 17, "8 threads with 3 connections each");
        assert_eq!(deadlock_floor(200, 1), 1, "one connection each cannot deadlock");
        assert_eq!(deadlock_floor(1, 0), 1, "no connection at all");
    }
}
