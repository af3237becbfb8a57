//! Where a request goes, and why.

use crate::geo::{Coordinates, Direction};
use crate::health::{Health, Standing};
use crate::operation::{Operation, classify};
use crate::path::Readings;
use crate::pattern::PathPattern;
use crate::place::Colo;
use crate::ranking::{Candidate, Ranking, rank};
use crate::time::{Milliseconds, Moment};
use crate::topology::{AllUnhealthy, Cluster, ClusterIndex, Fallback, Mode, Role, Topology};

/// What a decision needs to know of a request.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RequestFacts<'r> {
    /// The method as it arrived, in any spelling.
    pub method: &'r str,
    /// The path as it arrived, escapes included, without the query.
    pub path: &'r str,
    /// Where the client is, if known.
    pub location: Option<Coordinates>,
    /// The data centre it came in at, if known.
    pub colo: Option<Colo>,
    /// Whether it could be sent a second time.
    pub repeatable: Repeatable,
    /// When the client last wrote, by its own cookie.
    pub wrote: Option<Moment>,
    /// A hash of what tells the client from others.
    pub client: Option<u64>,
}

/// Whether a request could be sent a second time, as far as its body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Repeatable {
    /// No: its body is of unknown length, or it is to become something else than a request.
    #[default]
    Never,
    /// Yes: it has no body.
    Now,
    /// Where its body, of so many bytes, is kept.
    IfBuffered(u64),
}

/// What to do with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision<'t> {
    /// Send it on.
    Forward(Route<'t>),
    /// Refuse it: it is not allowed (403).
    Deny(Denial<'t>),
    /// Refuse it for now (503).
    Refuse(Refusal),
}

/// Why a request is not allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Denial<'t> {
    /// Its path matches this pattern of `deny`, or of an entry of `operations` that denies.
    Pattern(&'t PathPattern),
    /// There are paths to deny, and it hides dot segments: which path it means depends on who reads it.
    HiddenDots,
}

/// Why a request cannot be served now, and when it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// What stands in its way.
    pub cause: Cause,
    /// When to come again, in whole seconds.
    pub retry_after: Milliseconds,
}

/// What stands in a request's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No cluster may or can serve it.
    NoUsableCluster,
    /// A write, and what is known of who takes writes is too old.
    LeaseOver,
    /// A write, and nobody takes writes: the old writer is fenced, the new one not yet active.
    NoWriter,
    /// As many requests are in flight as the topology allows.
    BulkheadFull,
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
    /// Whether it may be sent again to another cluster, so that its body has to be kept.
    pub is_repeatable: bool,
    pub(crate) asked: Asked,
}

/// What a second decision about the same request needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    pub(crate) is_repeatable: bool,
    pub(crate) follows_write: bool,
    /// Which bulkhead counts it.
    pub(crate) group: Option<u8>,
    pub(crate) colo: Option<Colo>,
    pub(crate) client: Option<u64>,
    direction: Option<Direction>,
}

/// Why a cluster was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A read: the nearest cluster that serves reads; without the client's location, the first one configured.
    Nearest,
    /// A write: the cluster that takes writes.
    WritePrimary,
    /// The nearest cannot serve it: the cluster that takes writes.
    FallbackPrimary,
    /// The nearest cannot serve it: the next that can.
    FallbackNext,
    /// The nearest lags too far behind.
    Lagging,
    /// A read that follows the client's own write to where that went.
    ReadYourWrites,
    /// The nearest cluster that takes reads and writes, for all of a client's traffic.
    Affinity,
    /// A test of a cluster whose breaker is half-open.
    HalfOpen,
    /// Nothing better is left: a cluster that lags, or the one that takes writes though it seems to be down.
    LastResort,
    /// Another cluster failed before.
    Retry,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Nearest,
        Self::WritePrimary,
        Self::FallbackPrimary,
        Self::FallbackNext,
        Self::Lagging,
        Self::ReadYourWrites,
        Self::Affinity,
        Self::HalfOpen,
        Self::LastResort,
        Self::Retry,
    ];

    /// The value of `x-headroom-reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::WritePrimary => "write-primary",
            Self::FallbackPrimary => "fallback-primary",
            Self::FallbackNext => "fallback-next",
            Self::Lagging => "lagging",
            Self::ReadYourWrites => "read-your-writes",
            Self::Affinity => "affinity",
            Self::HalfOpen => "half-open",
            Self::LastResort => "last-resort",
            Self::Retry => "retry",
        }
    }
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NoUsableCluster, Self::LeaseOver, Self::NoWriter, Self::BulkheadFull];

    /// The `reason` of the answer.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoUsableCluster => "no-usable-cluster",
            Self::LeaseOver => "lease-over",
            Self::NoWriter => "no-writer",
            Self::BulkheadFull => "bulkhead-full",
        }
    }

    /// When to come again, where nothing more is known: about a refresh of what is known, or a few requests, later.
    fn retry_after(self) -> Milliseconds {
        Milliseconds::new(match self {
            Self::NoUsableCluster | Self::LeaseOver | Self::NoWriter => 5_000,
            Self::BulkheadFull => 1_000,
        })
    }
}

impl From<Cause> for Refusal {
    fn from(cause: Cause) -> Self {
        Self { cause, retry_after: cause.retry_after() }
    }
}

impl Repeatable {
    fn within(self, max_body: u32) -> bool {
        match self {
            Self::Never => false,
            Self::Now => true,
            Self::IfBuffered(bytes) => bytes <= max_body.into(),
        }
    }
}

/// Decides where a request goes.  It changes nothing: [`Health::begin`] does, when the request is sent.
///
/// Denied paths are refused in every form in which an upstream could read them, and so are paths that hide dot segments
/// where any path is denied.
///
/// In `split` mode a write goes to the writer (the primary, until another cluster was promoted) and a read to the
/// nearest cluster that serves traffic; in `affinity` mode everything goes to the nearest that takes writes itself.
/// Equal distances, and all of them where the client's location is unknown, keep the configured order.
#[must_use]
pub fn decide<'t>(topology: &'t Topology, health: &Health, request: &RequestFacts<'_>, now: Moment) -> Decision<'t> {
    let asked = match Asked::understand(topology, health, request, now) {
        Ok(asked) => asked,
        Err(denial) => return Decision::Deny(denial),
    };
    if health.is_full(topology, asked.group) {
        return Decision::Refuse(Cause::BulkheadFull.into());
    }
    match Choosing::new(topology, health, &asked, now).first() {
        Ok((target, reason)) => Decision::Forward(Route {
            target,
            reason,
            operation: asked.operation,
            is_repeatable: asked.is_repeatable,
            asked,
        }),
        Err(refusal) => Decision::Refuse(refusal),
    }
}

impl Asked {
    /// What a request asks for, unless it is denied.
    pub(crate) fn understand<'t>(
        topology: &'t Topology,
        health: &Health,
        request: &RequestFacts<'_>,
        now: Moment,
    ) -> Result<Self, Denial<'t>> {
        let path = Readings::of(request.path);
        let matches = |pattern: &PathPattern| {
            pattern.matches(path.strict()) || !path.is_unambiguous() && pattern.matches(path.lenient())
        };
        if let Some(pattern) = topology.deny().iter().find(|pattern| matches(pattern)) {
            return Err(Denial::Pattern(pattern));
        }
        if path.hides_dots() && !topology.deny().is_empty() {
            return Err(Denial::HiddenDots);
        }
        let operation = classify(topology.operations(), request.method, &path)?;
        let group = topology.bulkheads().iter().position(|bulkhead| matches(&bulkhead.path));
        let retrying = topology.retrying();
        Ok(Self {
            operation,
            is_repeatable: operation == Operation::Read
                && retrying.max_attempts > 1
                && request.repeatable.within(retrying.max_body),
            follows_write: operation == Operation::Read
                && health.wrote_of_late(topology, request.wrote, request.client, now),
            group: group.and_then(|group| u8::try_from(group).ok()),
            colo: request.colo,
            client: request.client,
            direction: request.location.map(Direction::of),
        })
    }
}

/// The choice of a cluster for a request.
pub(crate) struct Choosing<'a, 't> {
    topology: &'t Topology,
    health: &'a Health,
    asked: &'a Asked,
    now: Moment,
    writer: Option<&'t Cluster>,
}

/// What a choice found.
enum Found<'t> {
    Usable(Candidate<'t>),
    /// Half-open.
    Test(Candidate<'t>),
    /// Lagging.
    Stale(Candidate<'t>),
}

impl<'a, 't> Choosing<'a, 't> {
    pub(crate) fn new(topology: &'t Topology, health: &'a Health, asked: &'a Asked, now: Moment) -> Self {
        Self { topology, health, asked, now, writer: health.writer(topology) }
    }

    /// Where the request goes first.
    fn first(&self) -> Result<(Candidate<'t>, Reason), Refusal> {
        if self.asked.operation == Operation::Write {
            if self.health.is_lease_over(self.topology, self.now) {
                return Err(Cause::LeaseOver.into());
            }
            let writer = self.writer.ok_or(Cause::NoWriter)?;
            if self.topology.mode() == Mode::Split {
                return self.write(writer);
            }
        }
        let ranked = self.ranked();
        let may_test = self.asked.is_repeatable && self.health.may_retry();
        match self.choose(&ranked, &[], may_test) {
            Some(Found::Usable(candidate)) => Ok((candidate, self.reason(&ranked, candidate))),
            Some(Found::Test(candidate)) => Ok((candidate, Reason::HalfOpen)),
            Some(Found::Stale(candidate)) => Ok((candidate, Reason::LastResort)),
            None => self.last_resort(&ranked),
        }
    }

    /// Where it goes after the clusters it was tried at.
    pub(crate) fn another(&self, tried: &[ClusterIndex]) -> Option<&'t Cluster> {
        match self.choose(&self.ranked(), tried, false)? {
            Found::Usable(candidate) | Found::Test(candidate) | Found::Stale(candidate) => Some(candidate.cluster),
        }
    }

    /// A write of `split` mode has one place to go.
    fn write(&self, writer: &'t Cluster) -> Result<(Candidate<'t>, Reason), Refusal> {
        let candidate = self.candidate(writer);
        match self.standing(writer) {
            Standing::Usable => Ok((candidate, Reason::WritePrimary)),
            Standing::HalfOpen { .. } => Ok((candidate, Reason::HalfOpen)),
            _ => self.last_resort(&[candidate]),
        }
    }

    /// The clusters that the request may go to by what they are, the nearest first.
    pub(crate) fn ranked(&self) -> Ranking<'t> {
        let Asked { direction, colo, .. } = *self.asked;
        let is_affinity = self.topology.mode() == Mode::Affinity;
        rank(self.topology, direction, colo, self.health.round_trips(), self.now, |cluster| {
            self.is_writer(cluster) || cluster.role != Role::Standby && (!is_affinity || cluster.forwards_writes)
        })
    }

    /// The first usable one in order of preference: the nearest, then the writer where it comes before the others, then
    /// the others by their rank.  Before it comes a test of one that is half-open, where the request can be sent again
    /// when that fails; without it a lagging one, since stale is better than nothing.
    fn choose(&self, ranked: &[Candidate<'t>], tried: &[ClusterIndex], may_test: bool) -> Option<Found<'t>> {
        let nearest = ranked.first()?;
        let writer = self.writer.map(|writer| self.candidate(writer));
        let goes_to_writer = self.topology.fallback() == Fallback::Primary || self.is_lagging(nearest);
        let (before, after) = if self.asked.follows_write { (writer, None) } else { (None, writer) };
        let order = before.iter().chain([nearest]).chain(after.iter().filter(|_| goes_to_writer)).chain(ranked);

        let (mut test, mut stale) = (None, None);
        for candidate in order.filter(|candidate| !tried.contains(&candidate.cluster.index)) {
            match self.standing(candidate.cluster) {
                Standing::Usable if may_test && test.is_some() => return test,
                Standing::Usable => return Some(Found::Usable(*candidate)),
                Standing::HalfOpen { .. } => test = test.or(Some(Found::Test(*candidate))),
                Standing::Lagging { .. } => stale = stale.or(Some(Found::Stale(*candidate))),
                _ => {}
            }
        }
        if may_test { test.or(stale) } else { stale.or(test) }
    }

    fn reason(&self, ranked: &[Candidate<'t>], chosen: Candidate<'t>) -> Reason {
        let is_writer = self.is_writer(chosen.cluster);
        let nearest = ranked.first();
        if self.asked.follows_write && is_writer {
            Reason::ReadYourWrites
        } else if nearest.is_some_and(|nearest| nearest.cluster.index == chosen.cluster.index) {
            if self.topology.mode() == Mode::Affinity { Reason::Affinity } else { Reason::Nearest }
        } else if nearest.is_some_and(|nearest| self.is_lagging(nearest)) {
            Reason::Lagging
        } else if is_writer {
            Reason::FallbackPrimary
        } else {
            Reason::FallbackNext
        }
    }

    /// Where nothing is usable: the writer all the same, where the topology wants that and it may get anything.
    fn last_resort(&self, ranked: &[Candidate<'t>]) -> Result<(Candidate<'t>, Reason), Refusal> {
        if let Some(writer) = self.writer
            && self.topology.all_unhealthy() == AllUnhealthy::Try
            && matches!(self.standing(writer), Standing::Down | Standing::Open { .. })
        {
            return Ok((self.candidate(writer), Reason::LastResort));
        }
        let standings = ranked.iter().map(|candidate| self.standing(candidate.cluster));
        if standings.clone().any(|standing| matches!(standing, Standing::Full { .. })) {
            return Err(Cause::BulkheadFull.into());
        }
        let mut refusal = Refusal::from(Cause::NoUsableCluster);
        let half_opens = |standing| if let Standing::Open { until } = standing { until } else { None };
        if let Some(moment) = standings.filter_map(half_opens).min() {
            let seconds = moment.since(self.now).get().div_ceil(1_000);
            refusal.retry_after = Milliseconds::new(seconds.clamp(1, 30).saturating_mul(1_000));
        }
        Err(refusal)
    }

    pub(crate) fn candidate(&self, cluster: &'t Cluster) -> Candidate<'t> {
        Candidate::new(cluster, self.asked.direction)
    }

    fn standing(&self, cluster: &Cluster) -> Standing {
        self.health.standing_of(self.topology, cluster, self.is_writer(cluster), self.now)
    }

    fn is_writer(&self, cluster: &Cluster) -> bool {
        self.writer.is_some_and(|writer| writer.index == cluster.index)
    }

    fn is_lagging(&self, candidate: &Candidate<'_>) -> bool {
        matches!(self.standing(candidate.cluster), Standing::Lagging { .. })
    }
}
