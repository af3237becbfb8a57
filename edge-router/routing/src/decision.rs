//! Where a request goes, and why.

use smallvec::SmallVec;

use crate::geo::{Coordinates, Direction, Haversine, Kilometres};
use crate::operation::{Operation, classify};
use crate::path::Readings;
use crate::pattern::PathPattern;
use crate::topology::{Cluster, Fallback, Mode, Role, Topology};

/// What a decision needs to know of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestFacts<'r> {
    /// The method as it arrived, in any spelling.
    pub method: &'r str,
    /// The path as it arrived, escapes included, without the query.
    pub path: &'r str,
    /// Where the client is, if known.
    pub location: Option<Coordinates>,
}

/// What to do with a request.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // nearly every decision is the large one: a box would cost an allocation a request
pub enum Decision<'t> {
    /// Send it on.
    Forward(Route<'t>),
    /// Refuse it.
    Deny(Denial<'t>),
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Denial<'t> {
    /// Its path matches this pattern of `deny`, or of an entry of `operations` that denies.
    Pattern(&'t PathPattern),
    /// There are paths to deny, and it hides dot segments: which path it means depends on who reads it.
    HiddenDots,
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Route<'t> {
    /// The cluster to send it to.
    pub target: Candidate<'t>,
    /// Why this one.
    pub reason: Reason,
    /// What the request was taken for.
    pub operation: Operation,
    /// The clusters that may serve it when the target cannot, best first; none is the target or a standby.
    pub fallbacks: SmallVec<[Candidate<'t>; 8]>,
}

/// A cluster that may serve a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<'t> {
    /// The cluster.
    pub cluster: &'t Cluster,
    haversine: Option<Haversine>,
}

impl Candidate<'_> {
    /// Great-circle distance from the client, if its location is known.
    #[must_use]
    pub fn distance(&self) -> Option<Kilometres> {
        self.haversine.map(Haversine::distance)
    }
}

/// Why a cluster was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A read: the nearest cluster that serves reads; without the client's location, the first one configured.
    Nearest,
    /// A write: the primary.
    WritePrimary,
    /// The nearest cluster that takes reads and writes, for all of a client's traffic.
    Affinity,
}

impl Reason {
    /// The value of `x-headroom-reason`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::WritePrimary => "write-primary",
            Self::Affinity => "affinity",
        }
    }
}

/// Decides where a request goes.
///
/// Denied paths are refused in every form in which an upstream could read them, and so are paths that hide dot segments
/// where any path is denied.  In `split` mode a write goes to the
/// primary and a read to the nearest cluster that is no standby; in `affinity` mode everything goes to the nearest
/// cluster that takes writes itself.  Equal distances, and all of them where the client's location is unknown, keep the
/// configured order.
#[must_use]
pub fn decide<'t>(topology: &'t Topology, request: &RequestFacts<'_>) -> Decision<'t> {
    let path = Readings::of(request.path);
    let denies = |pattern: &&PathPattern| pattern.matches(path.strict()) || pattern.matches(path.lenient());
    if let Some(pattern) = topology.deny().iter().find(denies) {
        return Decision::Deny(Denial::Pattern(pattern));
    }
    if path.hides_dots() && !topology.deny().is_empty() {
        return Decision::Deny(Denial::HiddenDots);
    }

    let client = request.location.map(Direction::of);
    let operation = match classify(topology.operations(), request.method, &path) {
        Ok(operation) => operation,
        Err(denial) => return Decision::Deny(denial),
    };
    Decision::Forward(match (topology.mode(), operation) {
        (Mode::Affinity, _) => {
            let (target, fallbacks) = rank(topology, client, |c| c.role == Role::Primary || c.forwards_writes);
            Route { target, reason: Reason::Affinity, operation, fallbacks }
        }
        (Mode::Split, Operation::Write) => {
            let target = candidate(topology.primary(), client);
            Route { target, reason: Reason::WritePrimary, operation, fallbacks: SmallVec::new() }
        }
        (Mode::Split, Operation::Read) => {
            let (target, mut fallbacks) = rank(topology, client, |_| true);
            if topology.fallback() == Fallback::Primary {
                fallbacks.retain(|fallback| fallback.cluster.role == Role::Primary);
            }
            Route { target, reason: Reason::Nearest, operation, fallbacks }
        }
    })
}

fn candidate(cluster: &Cluster, client: Option<Direction>) -> Candidate<'_> {
    Candidate { cluster, haversine: client.map(|client| client.haversine(cluster.direction())) }
}

/// The nearest of the clusters that serve traffic and satisfy `serves`, and the others behind it.
fn rank<'t>(
    topology: &'t Topology,
    client: Option<Direction>,
    serves: impl Fn(&Cluster) -> bool,
) -> (Candidate<'t>, SmallVec<[Candidate<'t>; 8]>) {
    let mut ranked: SmallVec<[Candidate<'t>; 8]> = topology
        .clusters()
        .filter(|cluster| cluster.role != Role::Standby && serves(cluster))
        .map(|cluster| candidate(cluster, client))
        .collect();
    // Stable: equal distances keep the configured order, and so does everything when there is no distance.
    ranked.sort_by(|a, b| match (a.haversine, b.haversine) {
        (Some(a), Some(b)) => a.total_cmp(b),
        _ => std::cmp::Ordering::Equal,
    });
    if ranked.is_empty() {
        return (candidate(topology.primary(), client), ranked);
    }
    (ranked.remove(0), ranked)
}
