//! What so many nodes bear with one of them lost, against what is asked of them.

use crate::cache::Cache;
use crate::curve::line;
use crate::node::Cluster;
use crate::node::raft::quorum;
use crate::quantity::{Count, PerSecond, Quantity};
use crate::replica::Replicas;
use crate::storage::Storage;
use crate::{Plan, Scenario};

/// Most numbers of nodes that are looked at.
const MOST_POINTS: u64 = 15;
/// So many are looked at where no more are needed.
const LEAST_POINTS: u64 = 7;

/// Which nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodesKind {
    /// Of the secret store, which answer requests.
    SecretStore,
    /// Read replicas of the database, which answer reads.
    Replicas,
}

/// What is borne by different numbers of nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct NodesCurve {
    /// Which nodes.
    pub kind: NodesKind,
    /// Asked for at peak, today.
    pub demand: PerSecond,
    /// Asked for at peak in the last month looked at.
    pub demand_at_end: PerSecond,
    /// How many months that is from now.
    pub months: Count,
    /// How many nodes there are, those without a vote included.
    pub now: Count,
    /// Voters that must agree, today.
    pub quorum: Option<Count>,
    /// The numbers of nodes looked at, the fewest first.
    pub points: Vec<NodesPoint>,
}

/// A number of nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NodesPoint {
    /// How many.
    pub nodes: Count,
    /// What they bear with all of them up; `None` where that is not what they are sized by.
    pub all: Option<PerSecond>,
    /// What they bear with one lost; nothing where too few are left to agree.
    pub one_lost: PerSecond,
}

impl NodesCurve {
    /// The fewest nodes looked at that bear so much with one lost.
    #[must_use]
    pub fn needed(&self, demand: PerSecond) -> Option<Count> {
        self.points.iter().find(|point| point.one_lost >= demand).map(|point| point.nodes)
    }

    /// What the nodes there are bear.
    #[must_use]
    pub fn current(&self) -> Option<&NodesPoint> {
        self.points.iter().find(|point| point.nodes == self.now)
    }
}

/// A curve for the secret store's nodes and one for the database's read replicas, as far as there are such nodes and it
/// is known what one of them bears.  `plan` is the scenario's.
#[must_use]
pub fn nodes(scenario: &Scenario, plan: &Plan) -> Vec<NodesCurve> {
    let store = scenario.has_secret_store().then(|| secret_store(scenario, plan)).flatten();
    let reads = scenario.has_database().then(|| replicas(scenario, plan)).flatten();
    store.into_iter().chain(reads).collect()
}

fn secret_store(scenario: &Scenario, plan: &Plan) -> Option<NodesCurve> {
    let cluster = Cluster::of(scenario);
    let point = |nodes| {
        let cluster = cluster.of_size(nodes);
        NodesPoint { nodes: Count(nodes), all: Some(cluster.capacity(0)), one_lost: cluster.capacity(1) }
    };
    let quorum = Some(quorum(cluster.voters));
    curve(plan, NodesKind::SecretStore, "growth.store_rate", (1, cluster.nodes().get()), quorum, &point)
}

fn replicas(scenario: &Scenario, plan: &Plan) -> Option<NodesCurve> {
    let (storage, cache) = (Storage::of(scenario), Cache::of(scenario));
    let replicas = Replicas::of(scenario, &storage, &cache);
    replicas.read_capacity()?;
    let point = |nodes| NodesPoint {
        nodes: Count(nodes),
        all: None,
        one_lost: replicas.read_capacity_of(nodes).unwrap_or_default(),
    };
    curve(plan, NodesKind::Replicas, "growth.reads", (0, scenario.replicas.get()), None, &point)
}

/// From the fewest nodes to two more than bear everything, or as many as can be shown around those there are.
fn curve(
    plan: &Plan,
    kind: NodesKind,
    id: &str,
    (least, now): (u64, u64),
    quorum: Option<Count>,
    point: &dyn Fn(u64) -> NodesPoint,
) -> Option<NodesCurve> {
    let series = line(plan, id)?;
    let [demand, demand_at_end] = [series.points.first(), series.points.last()]
        .map(|point| PerSecond::new(point.and_then(Quantity::approximately).unwrap_or(0.0)));
    let first = now.saturating_sub(MOST_POINTS / 2).max(least);
    let bears_all = |point: &NodesPoint| point.one_lost >= demand && point.one_lost >= demand_at_end;
    let mut points: Vec<NodesPoint> = Vec::new();
    let mut more = 2;
    for nodes in (first..).take(usize::try_from(MOST_POINTS).unwrap_or_default()) {
        let next = point(nodes);
        let is_enough = nodes > now && bears_all(&next) && nodes + 1 >= first + LEAST_POINTS;
        points.push(next);
        if is_enough {
            more -= 1;
        }
        if more == 0 {
            break;
        }
    }
    let months = Count(u64::try_from(series.points.len().saturating_sub(1)).unwrap_or(u64::MAX));
    Some(NodesCurve { kind, demand, demand_at_end, months, now: Count(now), quorum, points })
}
