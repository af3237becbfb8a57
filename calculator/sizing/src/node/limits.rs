//! The practical limits of a secret store: one table for findings, growth and what lies beyond.

use crate::finding::Severity;
use crate::node::projection::Projection;
use crate::quantity::{Connections, Count, PerSecond, Quantity, approximate};
use crate::source::{SECRET_MANAGEMENT, Source};

/// Where the table stands.
pub const LIMITS_SOURCE: Source = SECRET_MANAGEMENT.at("Scaling Limits");

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Secrets of one cluster: every node stores all of them.
    Secrets,
    /// Active leases of one cluster: every node keeps all of them.
    Leases,
    /// Policies of one cluster.
    Policies,
    /// Client connections of one node.
    Connections,
    /// Requests per second one node answers.
    Rate,
    /// Clusters that replicate from one primary.
    Clusters,
}

/// A practical limit: above it things still work, and no longer well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is limited.
    pub dimension: Dimension,
    /// The word in ids and codes.
    pub word: &'static str,
    /// What is counted, for people.
    pub name: &'static str,
    /// How many there should be at most: of one node or of one cluster, as the dimension says.
    pub most: Count,
    /// What gives way first.
    pub bottleneck: &'static str,
}

/// "Scaling Limits", Secret Management System: Scalability and Reliability.
pub static LIMITS: [Limit; 6] = [
    limit(Dimension::Secrets, "secrets", "secrets", 1_000_000, "storage"),
    limit(Dimension::Leases, "leases", "active leases", 100_000, "memory and expiration"),
    limit(Dimension::Policies, "policies", "policies", 10_000, "the evaluation of policies"),
    limit(Dimension::Connections, "connections", "connections of a node", 50_000, "network and goroutines"),
    limit(Dimension::Rate, "rate", "requests per second of a node", 10_000, "processor"),
    limit(Dimension::Clusters, "clusters", "replication clusters", 30, "network bandwidth"),
];

const fn limit(
    dimension: Dimension,
    word: &'static str,
    name: &'static str,
    most: u64,
    bottleneck: &'static str,
) -> Limit {
    Limit { dimension, word, name, most: Count(most), bottleneck }
}

/// The limit of a dimension.
#[must_use]
pub fn practical(dimension: Dimension) -> &'static Limit {
    let [secrets, leases, policies, connections, rate, clusters] = &LIMITS;
    match dimension {
        Dimension::Secrets => secrets,
        Dimension::Leases => leases,
        Dimension::Policies => policies,
        Dimension::Connections => connections,
        Dimension::Rate => rate,
        Dimension::Clusters => clusters,
    }
}

impl Limit {
    /// The limit in the unit of its dimension.
    #[must_use]
    pub fn quantity(&self) -> Quantity {
        match self.dimension {
            Dimension::Connections => Connections(self.most.get()).into(),
            Dimension::Rate => PerSecond::new(approximate(self.most.get())).into(),
            _ => self.most.into(),
        }
    }

    /// How many times the limit `demand` is.
    pub(crate) fn utilization(&self, demand: f64) -> f64 {
        demand / approximate(self.most.get())
    }
}

/// The severity of so much use of a limit: above 70 % worth knowing, above 80 % a warning, above 90 % an error.
pub(crate) fn severity(utilization: f64) -> Option<Severity> {
    match utilization {
        used if used > 0.9 => Some(Severity::Error),
        used if used > 0.8 => Some(Severity::Warning),
        used if used > 0.7 => Some(Severity::Info),
        _ => None,
    }
}

/// The limits a documented year reaches on one node or in one cluster, spread over `nodes` where they divide.
///
/// The day's requests are taken as their average, which is the least they can be at peak.
pub fn reached_by(year: &Projection, nodes: Count) -> impl Iterator<Item = &'static Limit> {
    let rate = year.average_rate().get() / approximate(nodes.get().max(1));
    let demands = [
        (Dimension::Secrets, approximate(year.secrets.get())),
        (Dimension::Leases, approximate(year.leases.get())),
        (Dimension::Rate, rate),
    ];
    demands.into_iter().filter_map(|(dimension, demand)| {
        let limit = practical(dimension);
        (limit.utilization(demand) >= 1.0).then_some(limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::projection::{PROJECTIONS, REACHED};

    #[test]
    fn each_dimension_has_its_row() {
        for limit in &LIMITS {
            assert_eq!(practical(limit.dimension), limit, "{}", limit.word);
        }
    }

    #[test]
    fn documented_years_and_the_limits_they_reach() {
        let rows: [(u64, &[&str], &str); 4] = [
            (1, &[], "60 % of the leases, a tenth of the secrets"),
            (2, &["leases"], "150,000 leases of 100,000"),
            (3, &["leases"], "300,000 leases of 100,000"),
            (5, &["secrets", "leases"], "the last secret there may be, and five times the leases"),
        ];
        for (projection, (year, reached, reason)) in PROJECTIONS.iter().zip(rows) {
            assert_eq!(projection.year, Count(year));
            for nodes in [1, 5] {
                let words: Vec<_> = reached_by(projection, Count(nodes)).map(|limit| limit.word).collect();
                assert_eq!(words, reached, "year {year}: {reason}; 200M a day are 2,315 a second, whatever the nodes");
            }
        }
    }

    #[test]
    fn what_is_said_of_the_documented_growth() {
        let first = |limit: &Limit| {
            let year = PROJECTIONS.iter().find(|year| reached_by(year, Count(1)).any(|reached| reached == limit))?;
            Some([limit.word, " in year ", &year.year.get().to_string()].concat())
        };
        assert_eq!(LIMITS.iter().filter_map(first).collect::<Vec<_>>().join(", "), REACHED);
    }
}
