//! What one isolate knows of its clusters: what the health object said, what live traffic showed, what is in flight.
//!
//! A request passes through in three calls: [`Health::reap`] and [`crate::decide`] say where it goes, [`Health::begin`]
//! takes the places it needs, [`Health::report`] frees them, learns from the outcome, and hands out the next attempt
//! where there is to be one.

pub(crate) mod breaker;
mod budget;
pub(crate) mod outcome;
pub(crate) mod probe;
pub(crate) mod round_trip;
pub(crate) mod slots;
pub(crate) mod threshold;
mod writers;

use smallvec::SmallVec;

use crate::decision::{Choosing, Reason, Route};
use crate::operation::Operation;
use crate::snapshot::Snapshot;
use crate::time::{Milliseconds, Moment};
use crate::topology::{Cluster, ClusterIndex, Mode, Role, Topology};
use breaker::{Breaker, BreakerState, Permit, Transition};
use budget::Budget;
use outcome::Outcome;
use round_trip::RoundTrips;
use slots::{InFlight, Slots, Ticket};
use writers::Writers;

/// What one isolate knows.  It belongs to the topology it was made for; with another one nothing breaks, but what it
/// knows of a cluster is then taken for another's.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// In the configured order.
    clusters: Vec<ClusterHealth>,
    /// Requests in flight of each group of paths.
    groups: Vec<u32>,
    slots: Slots,
    budget: Budget,
    writers: Writers,
    round_trips: RoundTrips,
    adopted: Option<Adopted>,
}

#[derive(Debug, Clone, PartialEq)]
struct ClusterHealth {
    breaker: Breaker,
    in_flight: u32,
    told: Told,
}

/// What the health object said of a cluster.
#[allow(clippy::struct_excessive_bools)] // independent facts, each with its own meaning
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Told {
    is_down: bool,
    lag: Option<Milliseconds>,
    is_draining: bool,
    is_fenced: bool,
    is_standby: bool,
}

/// The last snapshot, as far as it is not about single clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Adopted {
    topology: String,
    sequence: u64,
    asked_at: Moment,
    /// How long its writer may be believed in, by the object's topology.
    lease: Option<Milliseconds>,
    /// `None`: nobody, or one that is not in this topology.  The object may have another version of the file, and one
    /// that is new in it may have been promoted.
    writer: Option<ClusterIndex>,
}

/// What a cluster may get, and why no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Anything.
    Usable,
    /// A test of its breaker.
    HalfOpen {
        /// How many more at a time.
        free: u32,
    },
    /// Reads that nothing better can serve.
    Lagging {
        /// By how much, as of the last probe.
        lag: Milliseconds,
        /// What the topology allows.
        limit: Milliseconds,
    },
    /// What nothing else can serve: its probes fail.
    Down,
    /// What nothing else can serve: its breaker is open.
    Open {
        /// Until when; `None`: until the tests in flight have ended.
        until: Option<Moment>,
    },
    /// Nothing for the moment: as many requests in flight as the topology allows.
    Full {
        /// Requests in flight.
        limit: u32,
    },
    /// Nothing new: it is being drained.
    Draining,
    /// Nothing: it was the writer before a promotion and has not been readmitted.
    Fenced,
    /// Nothing: it is a standby, by the topology or by its own word.
    Standby,
}

/// An attempt that may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Comes back with the outcome.
    pub ticket: Ticket,
    /// Where it goes.
    pub cluster: ClusterIndex,
    /// Why there.
    pub reason: Reason,
    /// What it did to the cluster's breaker.
    pub transition: Option<Transition>,
}

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reported {
    /// The attempt that ended; `None` where the ticket stands for none: it was reported before, or is too old.
    pub ended: Option<Ended>,
    /// The attempt to make in its place; `None`: the client gets what there is.
    pub next: Option<Begun>,
}

/// An attempt that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Where it went.
    pub cluster: ClusterIndex,
    /// Why there.
    pub reason: Reason,
    /// What it was taken for.
    pub operation: Operation,
    /// What it did to the cluster's breaker.
    pub transition: Option<Transition>,
}

impl Health {
    /// What is known at the beginning: nothing, so every cluster counts as healthy.  The seed decides the jitter of
    /// breakers, where tickets begin, and the places of clients in a table; it should differ from isolate to isolate.
    #[must_use]
    pub fn new(topology: &Topology, seed: u64) -> Self {
        let cluster = |seed: u64| ClusterHealth { breaker: Breaker::new(seed), in_flight: 0, told: Told::default() };
        Self {
            clusters: (0..topology.len() as u64).map(|index| cluster(seed.wrapping_add(index))).collect(),
            groups: vec![0; topology.bulkheads().len()],
            slots: Slots::new(seed),
            budget: Budget::default(),
            writers: Writers::new(seed),
            round_trips: RoundTrips::default(),
            adopted: None,
        }
    }

    /// Believes a snapshot that was asked for at that moment of the isolate's own clock, unless it is older than the one
    /// it has: answers may overtake each other.
    ///
    /// Clusters are known by their ids, because the object may have another version of the topology: those that are not
    /// in this one are passed over, those that are not in the snapshot count as up.
    pub fn adopt(&mut self, topology: &Topology, snapshot: &Snapshot, asked_at: Moment) {
        let is_older = |adopted: &Adopted| {
            if adopted.topology == snapshot.topology {
                snapshot.sequence < adopted.sequence
            } else {
                asked_at < adopted.asked_at
            }
        };
        if self.adopted.as_ref().is_some_and(is_older) {
            return;
        }
        for (cluster, health) in topology.clusters().zip(&mut self.clusters) {
            let told = snapshot.clusters.iter().find(|told| told.id == cluster.id.as_str());
            health.told = told.map_or_else(Told::default, |told| Told {
                is_down: !told.up,
                lag: told.lag_ms.map(Milliseconds::new),
                is_draining: told.draining,
                is_fenced: told.fenced,
                is_standby: told.is_standby,
            });
            if told.is_some_and(|told| told.suspect) {
                health.breaker.suspect(topology.breaking(), asked_at);
            }
        }
        let writer = snapshot.writer.as_ref().and_then(|id| topology.named(id));
        self.adopted = Some(Adopted {
            topology: snapshot.topology.clone(),
            sequence: snapshot.sequence,
            asked_at,
            lease: snapshot.lease_ms.map(Milliseconds::new),
            writer: writer.map(|cluster| cluster.index),
        });
    }

    /// The cluster that takes writes: by the snapshot, without one by the topology.
    #[must_use]
    pub fn writer<'t>(&self, topology: &'t Topology) -> Option<&'t Cluster> {
        match &self.adopted {
            Some(adopted) => topology.cluster(adopted.writer?),
            None => Some(topology.primary()),
        }
    }

    /// How old the snapshot is, or by how much the clock was set back since; `None` without one.
    #[must_use]
    pub fn snapshot_age(&self, now: Moment) -> Option<Milliseconds> {
        self.adopted.as_ref().map(|adopted| now.since(adopted.asked_at).max(adopted.asked_at.since(now)))
    }

    /// Whether writes have to wait for a new snapshot: where there is a standby, another cluster may be the writer by
    /// now.  The object may have another version of the file, with a shorter lease or the first standby: what is
    /// shorter counts.  With a clock that was set back nothing is known of how much of a lease is over.
    #[must_use]
    pub fn is_lease_over(&self, topology: &Topology, now: Moment) -> bool {
        let own = topology.has_standby().then(|| topology.promoting().lease);
        let told = self.adopted.as_ref().and_then(|adopted| adopted.lease);
        let Some(lease) = own.into_iter().chain(told).min() else { return false };
        self.adopted.as_ref().is_none_or(|Adopted { asked_at, .. }| now < *asked_at || now.since(*asked_at) >= lease)
    }

    /// Where a cluster stands, whatever is asked of it.
    #[must_use]
    pub fn standing(&self, topology: &Topology, cluster: &Cluster, now: Moment) -> Standing {
        let is_writer = self.writer(topology).is_some_and(|writer| writer.index == cluster.index);
        self.standing_of(topology, cluster, is_writer, now)
    }

    /// As [`Self::standing`], for who knows already whether it is the writer.
    pub(crate) fn standing_of(&self, topology: &Topology, cluster: &Cluster, is_writer: bool, now: Moment) -> Standing {
        let Some(health) = self.clusters.get(cluster.index.get()) else { return Standing::Usable };
        let told = &health.told;
        if told.is_fenced {
            return Standing::Fenced;
        }
        if told.is_standby || cluster.role == Role::Standby && !is_writer {
            return Standing::Standby;
        }
        if told.is_draining {
            return Standing::Draining;
        }
        if let Some(limit) = cluster.max_in_flight.filter(|limit| health.in_flight >= *limit) {
            return Standing::Full { limit };
        }
        if told.is_down {
            return Standing::Down;
        }
        let state = health.breaker.state(topology.breaking(), now);
        match state {
            BreakerState::Open { until } => return Standing::Open { until: Some(until) },
            BreakerState::HalfOpen { free: 0 } => return Standing::Open { until: None },
            BreakerState::HalfOpen { .. } | BreakerState::Closed => {}
        }
        // The writer is what the others lag behind.
        if let (Some(lag), Some(limit), false) = (told.lag, topology.max_lag(), is_writer)
            && lag > limit
        {
            return Standing::Lagging { lag, limit };
        }
        match state {
            BreakerState::HalfOpen { free } => Standing::HalfOpen { free },
            BreakerState::Open { .. } | BreakerState::Closed => Standing::Usable,
        }
    }

    /// The state of a cluster's breaker.
    #[must_use]
    pub fn breaker(&self, topology: &Topology, cluster: ClusterIndex, now: Moment) -> BreakerState {
        let health = self.clusters.get(cluster.get());
        health.map_or(BreakerState::Closed, |health| health.breaker.state(topology.breaking(), now))
    }

    /// The clusters whose breakers are open, for the health object.
    pub fn open_breakers<'t>(&self, topology: &'t Topology, now: Moment) -> impl Iterator<Item = &'t Cluster> {
        topology
            .clusters()
            .filter(move |cluster| matches!(self.breaker(topology, cluster.index, now), BreakerState::Open { .. }))
    }

    /// Requests in flight to a cluster.
    #[must_use]
    pub fn in_flight(&self, cluster: ClusterIndex) -> u32 {
        self.clusters.get(cluster.get()).map_or(0, |health| health.in_flight)
    }

    /// Requests in flight of a group of paths, by its place among the bulkheads.
    #[must_use]
    pub fn in_flight_of_group(&self, group: usize) -> u32 {
        self.groups.get(group).copied().unwrap_or_default()
    }

    /// Requests in flight in all.
    #[must_use]
    pub fn in_flight_in_all(&self) -> usize {
        self.slots.len()
    }

    /// The measured round-trip times.
    #[must_use]
    pub fn round_trips(&self) -> &RoundTrips {
        &self.round_trips
    }

    /// Frees what attempts hold whose reports never came.  To be called before [`crate::decide`], which changes nothing.
    pub fn reap(&mut self, now: Moment) {
        let Self { slots, clusters, groups, .. } = self;
        slots.expire(now, |lost| {
            if let Some(health) = free(clusters, groups, &lost) {
                health.breaker.release(lost.permit);
            }
        });
    }

    /// Begins what was decided: takes a place in flight, in its group and at its cluster, and a permit of the cluster's
    /// breaker.  A report must follow; when none has come after `limit`, [`Self::reap`] frees all of it.
    pub fn begin(&mut self, topology: &Topology, route: &Route<'_>, limit: Milliseconds, now: Moment) -> Begun {
        self.budget.earn(topology.retrying());
        let in_flight = InFlight {
            asked: route.asked,
            cluster: route.target.cluster.index,
            tried: SmallVec::new(),
            reason: route.reason,
            permit: Permit::Forced,
            limit,
        };
        self.take(topology, in_flight, now)
    }

    /// Takes all that an attempt needs.
    fn take(&mut self, topology: &Topology, mut in_flight: InFlight, now: Moment) -> Begun {
        let InFlight { cluster, reason, .. } = in_flight;
        let mut transition = None;
        if let Some(health) = self.clusters.get_mut(cluster.get()) {
            (in_flight.permit, transition) = health.breaker.admit(topology.breaking(), now);
            health.in_flight = health.in_flight.saturating_add(1);
        }
        if let Some(group) = in_flight.asked.group.and_then(|group| self.groups.get_mut(usize::from(group))) {
            *group = group.saturating_add(1);
        }
        let ticket = self.slots.insert(in_flight, now).unwrap_or_else(|refused| {
            // Only who begins without a decision comes here.  The attempt goes uncounted.
            if let Some(health) = free(&mut self.clusters, &mut self.groups, &refused) {
                health.breaker.release(refused.permit);
            }
            Ticket::NONE
        });
        Begun { ticket, cluster, reason, transition }
    }

    /// Ends an attempt: frees what it held, learns from how it ended after so long, and begins another one where the
    /// request may be repeated, the outcome is one that another cluster may better, one is there, and the budget allows
    /// it.
    ///
    /// A ticket that was reported before or is too old is ignored.
    pub fn report(
        &mut self,
        topology: &Topology,
        ticket: Ticket,
        outcome: Outcome,
        took: Milliseconds,
        now: Moment,
    ) -> Reported {
        let Some(mut attempt) = self.slots.take(ticket) else { return Reported::default() };
        let cluster = attempt.cluster;
        let mut transition = None;
        if let Some(health) = free(&mut self.clusters, &mut self.groups, &attempt) {
            match outcome.verdict() {
                Some(success) => {
                    transition = health.breaker.record(topology.breaking(), attempt.permit, success, now);
                }
                None => health.breaker.release(attempt.permit),
            }
        }
        let asked = attempt.asked;
        match (asked.operation, outcome) {
            (Operation::Read, Outcome::Answered(_)) if outcome.verdict() == Some(true) => {
                self.round_trips.record(asked.colo, cluster, took, now);
            }
            (Operation::Write, Outcome::Answered(..500)) if follows_writes(topology) => {
                if let Some(client) = asked.client {
                    self.writers.record(client, now);
                }
            }
            _ => {}
        }
        let ended = Some(Ended { cluster, reason: attempt.reason, operation: asked.operation, transition });

        attempt.tried.push(cluster);
        let may_go_on = asked.is_repeatable
            && outcome.is_retryable()
            && attempt.tried.len() < topology.retrying().max_attempts as usize
            && self.budget.allows();
        let other = may_go_on.then(|| Choosing::new(topology, self, &asked, now).another(&attempt.tried)).flatten();
        let next = other.map(|other| {
            self.budget.spend();
            self.take(topology, InFlight { cluster: other.index, reason: Reason::Retry, ..attempt }, now)
        });
        Reported { ended, next }
    }

    /// Whether a request of this group cannot be taken: its group, or the isolate, has as many in flight as it may.
    pub(crate) fn is_full(&self, topology: &Topology, group: Option<u8>) -> bool {
        let group = group.map(usize::from);
        let limit = group.and_then(|group| topology.bulkheads().get(group)).map(|bulkhead| bulkhead.max_in_flight);
        let in_flight = group.map_or(0, |group| self.in_flight_of_group(group));
        limit.is_some_and(|limit| in_flight >= limit) || self.slots.is_full()
    }

    /// Whether a test request may fail without the client noticing, as far as the budget goes.
    pub(crate) fn may_retry(&self) -> bool {
        self.budget.allows()
    }

    /// Whether a client's reads are to follow a write of its own: by the moment that the client brings along, or by what
    /// this isolate remembers.
    pub(crate) fn wrote_of_late(
        &self,
        topology: &Topology,
        wrote: Option<Moment>,
        client: Option<u64>,
        now: Moment,
    ) -> bool {
        let Some(window) = topology.read_your_writes().filter(|_| follows_writes(topology)) else { return false };
        wrote.is_some_and(|at| writers::is_within(at, window, now))
            || client.is_some_and(|client| self.writers.wrote_within(client, window, now))
    }
}

/// Whether reads have to be told to follow writes: in affinity mode they do by themselves.
fn follows_writes(topology: &Topology) -> bool {
    topology.mode() == Mode::Split && topology.read_your_writes().is_some()
}

/// Gives back an attempt's places in flight; the cluster it was sent to.
fn free<'h>(
    clusters: &'h mut [ClusterHealth],
    groups: &mut [u32],
    attempt: &InFlight,
) -> Option<&'h mut ClusterHealth> {
    if let Some(group) = attempt.asked.group.and_then(|group| groups.get_mut(usize::from(group))) {
        *group = group.saturating_sub(1);
    }
    let health = clusters.get_mut(attempt.cluster.get())?;
    health.in_flight = health.in_flight.saturating_sub(1);
    Some(health)
}
