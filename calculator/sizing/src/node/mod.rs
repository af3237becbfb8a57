//! Nodes of a secret store: how many, how large, what they survive.

pub mod autoscaler;
mod findings;
pub mod formula;
pub mod limits;
pub mod machine;
pub mod projection;
pub mod raft;
mod values;

use crate::choice::Edition;
use crate::quantity::{Bytes, Count, PerSecond, approximate, ceiling};
use crate::sheet::Sheet;
use crate::{Finding, Scenario};
use formula::Terms;
use limits::{Dimension, Limit, practical};
use raft::MOST_VOTERS;

/// The largest entry a store takes by default: `max_entry_size`.
pub(crate) const LARGEST_ENTRY: Bytes = Bytes::mib(1);
/// Versions a key-value store keeps of a secret by default.
const VERSIONS_KEPT: u64 = 10;

/// Everything the formulas need more than once.
pub(crate) struct Cluster<'s> {
    pub(crate) scenario: &'s Scenario,
    /// Requests per second at peak.
    rate: PerSecond,
    /// The documented formula's terms.
    terms: Terms,
    /// What the documented formula asks for.
    required: Count,
    /// Voters that are recommended.
    recommended: Count,
    /// Readers without a vote that the reads take on top.
    readers_needed: Count,
    /// Voters that run; the recommended ones where none are given.
    pub(crate) voters: Count,
    /// Readers without a vote beside them.
    readers: Count,
}

impl Edition {
    /// Whether standbys answer reads themselves.
    #[must_use]
    pub const fn serves_reads(self) -> bool {
        matches!(self, Self::VaultEnterprise | Self::OpenBao)
    }

    /// Whether clusters can replicate from one another, for performance or for recovery.
    #[must_use]
    pub const fn replicates(self) -> bool {
        matches!(self, Self::VaultEnterprise)
    }
}

impl<'s> Cluster<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        let rate = scenario.peak_rate();
        let terms = Terms::of(rate, scenario.leases, scenario.secrets);
        // One more than the reads take, so that one may be lost.
        let answering = if scenario.edition.serves_reads() {
            ceiling(rate.get() / scenario.node_rate.get().max(1.0)).saturating_add(1)
        } else {
            1
        };
        let recommended = if answering > formula::RECOMMENDED_NODES { MOST_VOTERS } else { formula::RECOMMENDED_NODES };
        let readers_needed = Count(answering.saturating_sub(recommended));
        Self {
            scenario,
            rate,
            terms,
            required: terms.required(),
            recommended: Count(recommended),
            readers_needed,
            voters: scenario.nodes.unwrap_or(Count(recommended)),
            readers: if scenario.nodes.is_some() {
                scenario.non_voters
            } else {
                readers_needed.max(scenario.non_voters)
            },
        }
    }

    /// The same cluster with so many nodes: fewer voters where there are fewer nodes than those, more readers without
    /// a vote where there are more.
    pub(crate) fn of_size(&self, nodes: u64) -> Self {
        let voters = nodes.min(self.voters.get());
        Self { voters: Count(voters), readers: Count(nodes - voters), ..*self }
    }

    /// Nodes in all, with a vote and without.
    pub(crate) fn nodes(&self) -> Count {
        Count(self.voters.get().saturating_add(self.readers.get()))
    }

    /// Nodes that answer reads themselves when `lost` are down.
    pub(crate) fn answering(&self, lost: u64) -> Count {
        let up = self.nodes().get().saturating_sub(lost);
        Count(if self.scenario.edition.serves_reads() { up } else { up.min(1) })
    }

    /// Requests per second that write.
    fn writes(&self) -> PerSecond {
        PerSecond::new(self.rate.get() * (1.0 - self.scenario.read_share.get()))
    }

    /// Requests per second the leader commits at most.
    fn most_writes(&self) -> PerSecond {
        PerSecond::new(self.scenario.node_rate.get() * raft::write_performance(self.voters).get())
    }

    /// What the writes of a request take of the leader, as a share of what any request takes of a node.
    fn write_cost(&self) -> f64 {
        (1.0 - self.scenario.read_share.get()) / raft::write_performance(self.voters).get()
    }

    /// Requests per second the cluster answers when `lost` voters are down and reads are spread evenly: the leader takes
    /// its part of them and every write, so it is the first that can take no more.
    pub(crate) fn capacity(&self, lost: u64) -> PerSecond {
        let answering = approximate(self.answering(lost).get());
        if self.voters.get().saturating_sub(lost) < raft::quorum(self.voters).get() || answering < 1.0 {
            return PerSecond::new(0.0);
        }
        let cost = self.write_cost() + self.scenario.read_share.get() / answering;
        PerSecond::new(self.scenario.node_rate.get() / cost)
    }

    /// Requests per second the cluster answers where the leader is sent no more reads than it has room for.
    fn balanced_capacity(&self) -> PerSecond {
        let answering = approximate(self.answering(0).get());
        let writes = self.write_cost();
        let cost = ((writes + self.scenario.read_share.get()) / answering.max(1.0)).max(writes);
        PerSecond::new(self.scenario.node_rate.get() / cost)
    }

    /// The rate as a share of the capacity.
    fn utilization(&self) -> f64 {
        self.rate.get() / self.capacity(0).get().max(1e-9)
    }

    /// What the cluster asks of a practical limit; `None` where that is not known.
    pub(crate) fn demand(&self, limit: &Limit) -> Option<f64> {
        let scenario = self.scenario;
        let whole = |count: Count| Some(approximate(count.get()));
        match limit.dimension {
            Dimension::Secrets => whole(scenario.secrets),
            Dimension::Leases => whole(scenario.leases),
            Dimension::Policies => whole(scenario.policies),
            Dimension::Clusters => whole(scenario.replication_clusters),
            Dimension::Connections => {
                let nodes = self.nodes().get().max(1);
                scenario.store_connections.map(|all| approximate(all.get().div_ceil(nodes)))
            }
            Dimension::Rate => Some(self.rate.get() / approximate(self.answering(0).get().max(1))),
        }
    }

    /// Clusters it takes to keep each within its practical limit of a dimension.
    fn clusters_for(&self, dimension: Dimension) -> Count {
        let limit = practical(dimension);
        Count(ceiling(limit.utilization(self.demand(limit).unwrap_or(0.0))).max(1))
    }

    /// Clusters that share nothing, each with a part of the secrets, the writes and, where standbys only forward, of
    /// all requests.  Leases divide over them too, unless performance replicas keep their own.
    fn separate_clusters(&self) -> Count {
        let scenario = self.scenario;
        let busy = if scenario.edition.serves_reads() {
            self.writes().get() / self.most_writes().get().max(1.0)
        } else {
            self.rate.get() / self.capacity(0).get().max(1.0)
        };
        let leases = if scenario.edition.replicates() { Count(1) } else { self.clusters_for(Dimension::Leases) };
        Count(ceiling(busy)).max(self.clusters_for(Dimension::Secrets)).max(leases)
    }

    /// Performance clusters, the primary among them, over which the leases divide: each keeps its own.
    fn performance_clusters(&self) -> Count {
        if self.scenario.edition.replicates() { self.clusters_for(Dimension::Leases) } else { Count(1) }
    }

    /// What a secret would weigh if the planned storage were secrets; `None` where one of the two is not given.
    fn bytes_per_secret(&self) -> Option<Bytes> {
        self.scenario.secret_storage?.get().checked_div(self.scenario.secrets.get()).map(Bytes)
    }

    /// What a key-value store can keep of a secret: each version is an entry.
    pub(crate) const fn heaviest_secret() -> Bytes {
        Bytes(LARGEST_ENTRY.0 * VERSIONS_KEPT)
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        values::values(self, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        findings::findings(self)
    }
}
