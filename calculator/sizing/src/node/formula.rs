//! The documented planning formula of a secret store, to the letter.

use crate::quantity::{Bytes, Count, PerSecond, Ratio, approximate, ceiling};
use crate::source::{SECRET_MANAGEMENT, Source};

/// Where the formula stands.
pub const FORMULA: Source = SECRET_MANAGEMENT.at("Resource Planning Formula");
/// Requests per second of a node, as the formula divides them.
pub const RATE_PER_NODE: f64 = 2_000.0;
/// Leases of a node, as the formula divides them.
pub const LEASES_PER_NODE: f64 = 30_000.0;
/// Secrets of a node, as the formula divides them.
pub const SECRETS_PER_NODE: f64 = 300_000.0;
/// "Minimum 3 nodes for HA".
pub const LEAST_NODES: u64 = 3;
/// "Recommended 5 for production".
pub const RECOMMENDED_NODES: u64 = 5;
/// Memory of a lease.
const LEASE_BYTES: u64 = 500;
/// Requests per second of a core.
pub(crate) const RATE_PER_CORE: f64 = 500.0;

/// The terms of the formula: the nodes each demand would take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Requests per second ÷ 2,000.
    pub rate: Ratio,
    /// Leases ÷ 30,000.
    pub leases: Ratio,
    /// Secrets ÷ 300,000.
    pub secrets: Ratio,
}

impl Terms {
    /// The terms for a demand.
    #[must_use]
    pub fn of(rate: PerSecond, leases: Count, secrets: Count) -> Self {
        Self {
            rate: Ratio::new(rate.get() / RATE_PER_NODE),
            leases: Ratio::new(approximate(leases.get()) / LEASES_PER_NODE),
            secrets: Ratio::new(approximate(secrets.get()) / SECRETS_PER_NODE),
        }
    }

    /// The largest term, rounded up, and at least three.
    #[must_use]
    pub fn required(self) -> Count {
        let largest = self.rate.get().max(self.leases.get()).max(self.secrets.get());
        Count(ceiling(largest).max(LEAST_NODES))
    }

    /// Whether the rate asks for the most nodes: the only term nodes can share.
    pub(crate) fn is_rate_bound(self) -> bool {
        self.rate >= self.leases && self.rate >= self.secrets
    }
}

/// base + leases × 500 B + policy cache × 2.
#[must_use]
pub fn memory_per_node(base: Bytes, leases: Count, policy_cache: Bytes) -> Bytes {
    let leases = leases.get().saturating_mul(LEASE_BYTES);
    Bytes(base.get().saturating_add(leases).saturating_add(policy_cache.get().saturating_mul(2)))
}

/// base + requests per second ÷ 500, in cores.
#[must_use]
pub fn cpu_per_node(base: Ratio, rate: PerSecond) -> Ratio {
    Ratio::new(base.get() + rate.get() / RATE_PER_CORE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::projection::PROJECTIONS;

    #[test]
    fn nodes_required() {
        let rows: &[(f64, u64, u64, u64, &str)] = &[
            (0.0, 0, 0, 3, "never fewer than three"),
            (1_000.0, 60_000, 100_000, 3, "two for the leases, and at least three"),
            (8_000.0, 0, 0, 4, "exactly four"),
            (8_000.1, 0, 0, 5, "a little more"),
            (0.0, 150_000, 0, 5, "leases alone"),
            (0.0, 0, 1_000_000, 4, "3.33 rounded up"),
        ];
        for (rate, leases, secrets, nodes, reason) in rows {
            let terms = Terms::of(PerSecond::new(*rate), Count(*leases), Count(*secrets));
            assert_eq!(terms.required(), Count(*nodes), "{reason}");
        }
    }

    #[test]
    fn the_documented_years() {
        for (year, nodes) in PROJECTIONS.iter().zip([3, 5, 10, 17]) {
            let terms = Terms::of(year.average_rate(), year.leases, year.secrets);
            assert_eq!(terms.required(), Count(nodes), "year {}", year.year.get());
            assert!(!terms.is_rate_bound(), "the leases ask for the most, and nodes do not share them");
        }
    }

    #[test]
    fn memory_and_processor() {
        let memory = memory_per_node(Bytes::gib(1), Count(60_000), Bytes::mib(16));
        assert_eq!(memory, Bytes((1 << 30) + 30_000_000 + (32 << 20)), "30 MB of leases");
        assert_eq!(cpu_per_node(Ratio::new(2.0), PerSecond::new(1_000.0)), Ratio::new(4.0), "two cores for 1,000/s");
        assert_eq!(memory_per_node(Bytes(0), Count(u64::MAX), Bytes(0)), Bytes(u64::MAX), "saturates");
    }
}
