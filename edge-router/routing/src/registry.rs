//! Everything the health object knows and decides, without its clock, its storage or its network.
//!
//! The object asks for what is [due](Registry::due), says what it [found](Registry::record), stores what is
//! [stored](Registry::stored) before it answers anybody, and hands the [snapshot](Registry::snapshot) to the isolates.

mod authority;
mod journal;
mod record;
mod status;

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::health::probe::Finding;
use crate::json::{Node, Quoted, Read, read_fields};
use crate::promotion::{Effect, Promotion, PromotionOrder, PromotionRefused, PromotionState, Subject};
use crate::snapshot::{ClusterSnapshot, Snapshot};
use crate::time::{Milliseconds, Moment};
use crate::topology::{Cluster, ClusterIndex, Dialect, Probing, Role, Topology};
use authority::{Authority, Halt, Mandate};
use journal::Journal;
use record::Record;

pub use journal::Event;
pub use record::LastProbe;
pub use status::{ClusterStatus, EffectiveRole, FenceStatus, PromotionStatus, Status, TopologyStatus};

/// Version of what is stored.
const STORED: u32 = 1;

/// Probes ordered at once.  The platform opens six connections of one invocation at a time and lets further ones wait,
/// which would count as slowness of the cluster; one is left for a promotion.
const AT_ONCE: usize = 5;

/// The state of the health object.
#[derive(Debug, Clone)]
pub struct Registry {
    topology: Arc<Topology>,
    /// Why the topology handed in last is not the one in force; empty: it is.
    rejected: Vec<String>,
    /// In the order of the topology.
    clusters: Vec<Record>,
    authority: Authority,
    promotion: Option<Promotion>,
    journal: Journal,
    snapshot: Snapshot,
}

/// A probe that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeOrder {
    /// The cluster to probe.
    pub cluster: ClusterIndex,
    /// Its id, with which the finding comes back.
    pub id: String,
}

/// What a probe changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The cluster counts as up again.
    Up,
    /// The cluster counts as down.
    Down,
}

/// No cluster has that id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no cluster is called {}", Quoted(id))]
pub struct UnknownCluster {
    /// The id that was read.
    pub id: String,
}

/// Why a cluster is not readmitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadmissionRefused {
    /// No cluster has that id.
    #[error(transparent)]
    UnknownCluster(#[from] UnknownCluster),
    /// Nothing to do.
    #[error("{id} is not fenced, and no promotion waits for it")]
    NotFenced {
        /// Its id.
        id: String,
    },
}

/// What is kept over a restart.  `clusters` and `journal` may be lost; the rest decides about writes.
#[derive(Serialize)]
struct Stored<'a> {
    version: u32,
    sequence: u64,
    authority: &'a Authority,
    promotion: Option<&'a Promotion>,
    clusters: &'a [Record],
    journal: &'a Journal,
}

/// The part of it that decides about writes.
struct Restored {
    version: u32,
    sequence: u64,
    authority: Authority,
    promotion: Option<Promotion>,
}

read_fields!(Restored { version, sequence, authority, promotion });

impl Registry {
    /// The state before anything is known: every cluster up, the configured primary the writer.
    #[must_use]
    pub fn new(topology: impl Into<Arc<Topology>>, now: Moment) -> Self {
        let topology = topology.into();
        let authority = Authority::new(&topology, topology.fingerprint());
        let mut registry = Self::with(topology, authority, now);
        registry.settle(now);
        registry
    }

    /// The state as it was [stored](Self::stored), under a topology that may have changed since.
    ///
    /// What cannot be read is lost: harmless for what probes find out again.  But where it cannot be read who takes
    /// writes, nobody does, until the configured primary is [readmitted](Self::readmit) or a standby promoted; the
    /// status says so.
    #[must_use]
    pub fn restore(topology: impl Into<Arc<Topology>>, stored: &str, now: Moment) -> Self {
        let topology = topology.into();
        let document: Node = match serde_json::from_str(stored) {
            Ok(document) => document,
            Err(error) => return Self::unread(topology, &error.to_string(), now),
        };
        let stored = match Restored::read(&document) {
            Some(stored) if stored.version == STORED => stored,
            Some(stored) => return Self::unread(topology, &format!("its version is {}", stored.version), now),
            None => return Self::unread(topology, "it says something else", now),
        };
        let mut registry = Self::with(Arc::clone(&topology), stored.authority, now);
        registry.promotion = stored.promotion;
        registry.journal = document.field("journal").unwrap_or_default();
        registry.snapshot.sequence = registry.snapshot.sequence.max(stored.sequence);
        let records = document.field("clusters").unwrap_or_default();
        registry.adopt(topology, records, now);
        registry.advance(now);
        registry
    }

    fn unread(topology: Arc<Topology>, why: &str, now: Moment) -> Self {
        let authority = Authority::unread(&topology, topology.fingerprint(), now);
        let mut registry = Self::with(topology, authority, now);
        let primary = registry.topology.primary().id.clone();
        registry.tell(
            format!(
                "the stored state cannot be read ({why}): nobody takes writes until {primary} is readmitted or a \
                 standby promoted"
            ),
            now,
        );
        registry.settle(now);
        registry
    }

    fn with(topology: Arc<Topology>, authority: Authority, now: Moment) -> Self {
        let snapshot = Snapshot {
            topology: String::new(),
            sequence: now.millis(),
            writer: None,
            lease_ms: None,
            clusters: Vec::new(),
        };
        let clusters = records(&topology, Vec::new(), now);
        let journal = Journal::default();
        Self { topology, rejected: Vec::new(), clusters, authority, promotion: None, journal, snapshot }
    }

    /// What has to survive a restart, as JSON.  It has to be stored before anybody is told what it says.
    #[must_use]
    pub fn stored(&self) -> String {
        let stored = Stored {
            version: STORED,
            sequence: self.snapshot.sequence,
            authority: &self.authority,
            promotion: self.promotion.as_ref(),
            clusters: &self.clusters,
            journal: &self.journal,
        };
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// The topology in force.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Keeps the topology in force although another one was handed in, which is invalid for these reasons.
    pub fn reject_topology(&mut self, why: Vec<String>, now: Moment) {
        if self.rejected != why {
            let first = why.first().cloned().unwrap_or_default();
            self.tell(format!("the new topology is invalid, the last valid one stays in force: {first}"), now);
            self.rejected = why;
        }
    }

    /// What is known of a cluster goes with its id, fences too; a promotion goes on only where the clusters, their roles
    /// and their origins are the same.
    fn adopt(&mut self, topology: Arc<Topology>, known: Vec<Record>, now: Moment) {
        let new = topology.fingerprint();
        self.clusters = records(&topology, known, now);
        self.topology = topology;
        if new != self.authority.fingerprint {
            self.tell(format!("a new topology is in force: {new}"), now);
            if self
                .promotion
                .as_ref()
                .is_some_and(|promotion| promotion.is_under_way() || promotion.is_between_writers())
            {
                self.end_promotion("a new topology came into force", now);
            }
        }
        let before = self.authority.lease();
        self.authority.adopt(&self.topology, new, now);
        let lease = self.authority.lease();
        if lease != before {
            self.tell(format!("a lease of the writer lasts {}, not {} as before", Span(lease), Span(before)), now);
        }
        self.settle(now);
    }

    /// Does what time alone brings: suspicions end, leases end.
    pub fn advance(&mut self, now: Moment) {
        for record in &mut self.clusters {
            record.suspect_until = record.suspect_until.filter(|until| now < *until);
        }
        let fenced_until = self.promotion.as_ref().and_then(|promotion| match promotion.state() {
            PromotionState::Fenced { until } => Some(*until),
            _ => None,
        });
        if fenced_until.is_some_and(|until| now >= until) {
            self.step("one lease is over: no isolate sends writes to the old primary any more".to_owned(), now);
            self.enter(PromotionState::TargetCheck { next_at: now });
        }
        self.settle(now);
    }

    /// How probes of this registry are made and understood.  Without probing in the topology, only for a promotion:
    /// does anybody answer?
    #[must_use]
    pub fn probing(&self) -> Cow<'_, Probing> {
        self.topology.probing().map_or_else(|| Cow::Owned(does_anybody_answer()), Cow::Borrowed)
    }

    /// Takes the probes that are due, the longest overdue first; few at a time, so that a pause is not made up for in
    /// a burst.  The next ones are scheduled thereby, whether or not the result ever comes.
    pub fn due(&mut self, now: Moment) -> Vec<ProbeOrder> {
        let Some(interval) = self.topology.probing().map(|probing| probing.interval) else { return Vec::new() };
        let waiting = self.clusters.iter().enumerate();
        let mut waiting: Vec<(Moment, usize)> = waiting
            .map(|(index, record)| (record.probe_at(interval, now), index))
            .filter(|(at, _)| *at <= now)
            .collect();
        waiting.sort_unstable();
        let order = |(_, index): (Moment, usize)| {
            let record = self.clusters.get_mut(index)?;
            record.order(interval, now);
            Some(ProbeOrder { cluster: ClusterIndex::new(index)?, id: record.id.clone() })
        };
        waiting.into_iter().take(AT_ONCE).filter_map(order).collect()
    }

    /// When [`Registry::advance`], [`Registry::due`] and [`Registry::order`] want to be called again, never before
    /// `now`; `None`: nothing happens by itself.
    #[must_use]
    pub fn next_wake(&self, now: Moment) -> Option<Moment> {
        let interval = self.topology.probing().map(|probing| probing.interval);
        let probes = self.clusters.iter().filter_map(|record| Some(record.probe_at(interval?, now)));
        let suspicions = self.clusters.iter().filter_map(|record| record.suspect_until);
        let promotion = self.promotion.as_ref().and_then(Promotion::wake_at);
        let writer = self.authority.wake_at(&self.topology);
        probes.chain(suspicions).chain(promotion).chain(writer).min().map(|at| at.max(now))
    }

    /// Takes in what a probe of a cluster found, and how long it took.
    pub fn record(&mut self, id: &str, finding: &Finding, took: Milliseconds, now: Moment) -> Option<Change> {
        let thresholds = (self.probing().unhealthy_threshold, self.probing().healthy_threshold);
        let record = self.clusters.iter_mut().find(|record| record.id == id)?;
        let down_for = now.since(record.since);
        let changed = record.record(finding, took, thresholds, now);
        let (up, failures, successes) = (record.threshold.is_up(), record.failures, record.successes);
        let words = finding.words();
        match (changed, up) {
            (true, true) => self.tell(
                format!("{id} is up again after {successes} good probes, down for {}: {words}", Span(down_for)),
                now,
            ),
            (true, false) => self.tell(format!("{id} is down after {failures} failed probes: {words}"), now),
            (false, _) => {}
        }
        self.hear(id, finding, now);
        self.old_primary_answers(id, finding, now);
        self.settle(now);
        changed.then_some(if up { Change::Up } else { Change::Down })
    }

    /// Takes in what a probe says of a cluster's role, lag and identity, whoever ordered it.
    fn hear(&mut self, id: &str, finding: &Finding, now: Moment) {
        let max_lag = self.topology.max_lag();
        let Some(record) = self.clusters.iter_mut().find(|record| record.id == id) else { return };
        let was_standby = record.is_standby();
        record.hear(finding);
        let is_standby = record.is_standby();
        let lagging = max_lag.and_then(|max_lag| record.crosses(max_lag));
        let former = record.identify(finding.cluster_id.as_deref());
        let cluster_id = record.cluster_id.clone().unwrap_or_default();

        if is_standby && !was_standby {
            self.tell(format!("{id} answers as a disaster recovery secondary: it gets no traffic"), now);
        } else if was_standby && !is_standby {
            self.tell(format!("{id} is no disaster recovery secondary any more: {}", finding.words()), now);
        }
        match lagging {
            Some((true, lag)) => self.tell(format!("{id} lags {}, more than it may to serve reads", Span(lag)), now),
            Some((false, lag)) => self.tell(format!("{id} has caught up: it lags {}", Span(lag)), now),
            None => {}
        }
        if let Some(former) = former {
            self.tell(
                format!("{id} is another cluster than before: its cluster id was {former}, now {cluster_id}"),
                now,
            );
        }
    }

    /// What an ordinary probe of the old primary means for a promotion.
    fn old_primary_answers(&mut self, id: &str, finding: &Finding, now: Moment) {
        let Some(promotion) = self.promotion.as_mut().filter(|promotion| promotion.old_primary() == id) else { return };
        if !finding.is_answering() {
            return;
        }
        if promotion.is_checking() {
            promotion.old_primary_answers(finding, now);
            self.tell_last_step(now);
        } else if promotion.is_under_way() {
            let words = format!("{id} answers again: {}; it stays fenced", finding.words());
            if promotion.steps().iter().all(|step| step.words != words) {
                self.step(words, now);
            }
        }
    }

    /// An isolate has opened its breaker for a cluster: a hint to the others, for one cooldown.
    pub fn suspect(&mut self, id: &str, now: Moment) {
        let until = now.after(self.topology.breaking().cooldown);
        let Some(record) = self.clusters.iter_mut().find(|record| record.id == id) else { return };
        if record.suspect_until.replace(until).is_none() {
            self.tell(format!("an isolate has opened its circuit breaker for {id}"), now);
        }
        self.settle(now);
    }

    /// Drains a cluster, so that it gets nothing new, or ends that.
    ///
    /// # Errors
    /// There is no such cluster.
    pub fn drain(&mut self, id: &str, draining: bool, now: Moment) -> Result<(), UnknownCluster> {
        let record = self.clusters.iter_mut().find(|record| record.id == id);
        let record = record.ok_or_else(|| UnknownCluster { id: id.to_owned() })?;
        if record.draining != draining {
            record.draining = draining;
            let words = if draining { "is drained: it gets nothing new" } else { "is drained no more" };
            self.tell(format!("{id} {words}"), now);
        }
        self.settle(now);
        Ok(())
    }

    /// Lets a fenced cluster have traffic again.
    ///
    /// While another one is promoted in its place, it serves reads as a replica.  Where a promotion has fenced it and
    /// is not finished, this calls the promotion off and makes it the writer again, at once.  Where nobody takes
    /// writes because it is not known who should, readmitting the configured primary says that it should.
    ///
    /// # Errors
    /// There is no such cluster, or nothing to readmit it to.
    pub fn readmit(&mut self, id: &str, now: Moment) -> Result<(), ReadmissionRefused> {
        let is_known = self.topology.named(id).is_some();
        let was_fenced = self.authority.unfence(id);
        if !is_known && !was_fenced {
            return Err(UnknownCluster { id: id.to_owned() }.into());
        }
        let is_primary = self.topology.primary().id.as_str() == id;
        let running = self.promotion.as_ref().filter(|running| running.is_under_way() || running.is_between_writers());
        let is_between_writers = running.is_some_and(Promotion::is_between_writers);
        let calls_off = running.is_some_and(|running| running.old_primary() == id);
        let decides = is_primary && !is_between_writers && matches!(self.authority.mandate, Mandate::Nobody(_));
        if !was_fenced && !calls_off && !decides {
            return Err(ReadmissionRefused::NotFenced { id: id.to_owned() });
        }
        self.tell(format!("{id} is readmitted"), now);
        if calls_off {
            self.end_promotion(&format!("{id} was readmitted"), now);
        }
        if decides || (calls_off && is_between_writers) {
            self.authority.mandate = if is_primary {
                Mandate::Configured
            } else {
                Mandate::Promoted { id: id.to_owned(), instead_of: self.topology.primary().id.as_str().to_owned() }
            };
        }
        self.settle(now);
        Ok(())
    }

    /// Begins to promote a standby (or, after a promotion, the configured primary), or goes on with a promotion of the
    /// same cluster that was refused after the fence.  Asking again while it is under way changes nothing.
    ///
    /// # Errors
    /// The cluster cannot be promoted, or another one is being.
    pub fn promote(&mut self, id: &str, now: Moment) -> Result<(), PromotionRefused> {
        let topology = Arc::clone(&self.topology);
        let target = topology.named(id).ok_or_else(|| PromotionRefused::UnknownCluster { id: id.to_owned() })?;
        let wanted = self.authority.wanted(&topology);
        if wanted == Some(id) {
            return Err(PromotionRefused::AlreadyTheWriter { id: id.to_owned() });
        }
        if target.role == Role::Replica {
            return Err(PromotionRefused::NotAStandby { id: id.to_owned() });
        }
        if self.authority.is_fenced(id) {
            return Err(PromotionRefused::Fenced { id: id.to_owned() });
        }
        if let Some(running) = self.promotion.as_ref().filter(|promotion| promotion.is_under_way()) {
            if running.target() == id {
                return Ok(());
            }
            let (target, old_primary) = (running.target().to_owned(), running.old_primary().to_owned());
            return Err(PromotionRefused::UnderWay { target, old_primary });
        }
        let replaced = self.replaced_by(target).map(|cluster| cluster.id.as_str().to_owned());
        if let Some(refused) = self.promotion.as_mut().filter(|it| it.is_between_writers() && it.target() == id) {
            refused.add_step("asked for again: the old primary is fenced already".to_owned(), now);
            self.tell_last_step(now);
            self.wait_for_lease(now, now);
            return Ok(());
        }
        let number = self.authority.promotions.saturating_add(1);
        self.authority.promotions = number;
        let between =
            self.promotion.as_ref().filter(|it| it.is_between_writers()).map(|it| it.old_primary().to_owned());
        let old_primary = replaced.clone().or(between).unwrap_or_else(|| topology.primary().id.as_str().to_owned());
        let state = PromotionState::Checking { done: 0, next_at: now };
        self.promotion = Some(Promotion::new(number, id, &old_primary, state));
        self.step(format!("promotion of {id} in place of {old_primary} was asked for"), now);
        if replaced.is_none() {
            self.halt();
            self.step(format!("{old_primary} takes no writes already"), now);
            self.wait_for_lease(now, now);
        }
        self.settle(now);
        Ok(())
    }

    /// Whose silence a promotion has to make sure of: the writer, or who was it last.  `None`: nobody that is not
    /// fenced or the target itself has taken writes.
    fn replaced_by(&self, target: &Cluster) -> Option<&Cluster> {
        let last = self.authority.last().and_then(|id| self.topology.named(id));
        let wanted = self.authority.wanted(&self.topology).and_then(|id| self.topology.named(id));
        let replaced = wanted.or(last).unwrap_or_else(|| self.topology.primary());
        (replaced.id != target.id && !self.authority.is_fenced(replaced.id.as_str())).then_some(replaced)
    }

    /// Takes the probe that a promotion waits for.  Without an answer it is given again.
    pub fn order(&mut self, now: Moment) -> Option<PromotionOrder> {
        let timeout = self.probing().timeout;
        let patience = self.topology.promoting().interval.max(Milliseconds::new(timeout.get().saturating_mul(2)));
        let promotion = self.promotion.as_mut()?;
        let (subject, order) = promotion.take_order(patience, now)?;
        let id = match subject {
            Subject::OldPrimary => promotion.old_primary(),
            Subject::Target => promotion.target(),
        };
        let cluster = self.topology.named(id)?.index;
        Some(PromotionOrder { cluster, id: id.to_owned(), subject, promotion: promotion.number(), order, at: now })
    }

    /// Takes in the answer to an order.  One that comes too late, or twice, changes nothing.
    pub fn answered(&mut self, order: &PromotionOrder, finding: &Finding, now: Moment) {
        let promoting = *self.topology.promoting();
        let Some(promotion) = &mut self.promotion else { return };
        let before = promotion.steps().len();
        let effect = promotion.answered(order, finding, &promoting, now);
        let target = promotion.target().to_owned();
        let old_primary = promotion.old_primary().to_owned();
        if promotion.steps().len() != before {
            self.tell_last_step(now);
        }
        match effect {
            Effect::Nothing => {}
            Effect::Fence => {
                self.authority.fence(&old_primary, now);
                self.halt();
                self.settle(now);
                self.step(format!("{old_primary} is fenced: it gets nothing until it is readmitted"), now);
                self.wait_for_lease(now.after(promoting.lease), now);
            }
            Effect::Activate => {
                // By its last ordinary probe it may be a standby still, which would get nothing until the next one.
                self.hear(&target, finding, now);
                let instead_of = self.topology.primary().id.as_str().to_owned();
                self.authority.mandate = if instead_of == target {
                    Mandate::Configured
                } else {
                    Mandate::Promoted { id: target.clone(), instead_of }
                };
                self.step(format!("{target} takes writes ({}): it is the writer", finding.words()), now);
                self.enter(PromotionState::Active { since: now });
            }
        }
        self.settle(now);
    }

    /// The promotion under way, or the last one.
    #[must_use]
    pub fn promotion(&self) -> Option<&Promotion> {
        self.promotion.as_ref()
    }

    /// What isolates need to know.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Counts the changes told so far: while it stays the same, nothing that matters has to be stored again.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.journal.next()
    }

    /// The changes that are kept, with that number or a higher one, oldest first.
    pub fn events_since(&self, number: u64) -> impl Iterator<Item = &Event> {
        self.journal.events().filter(move |event| event.number >= number)
    }

    /// Everything, for an operator.
    #[must_use]
    pub fn status(&self, now: Moment) -> Status {
        Status::of(self, now)
    }

    fn tell(&mut self, words: String, now: Moment) {
        self.journal.add(words, now);
    }

    /// A step of the promotion, which is a change too.
    fn step(&mut self, words: String, now: Moment) {
        if let Some(promotion) = &mut self.promotion {
            promotion.add_step(words, now);
            self.tell_last_step(now);
        }
    }

    fn tell_last_step(&mut self, now: Moment) {
        let Some(promotion) = &self.promotion else { return };
        let Some(step) = promotion.steps().last() else { return };
        let words = format!("promotion of {}: {}", promotion.target(), step.words);
        self.tell(words, now);
    }

    fn enter(&mut self, state: PromotionState) {
        if let Some(promotion) = &mut self.promotion {
            promotion.enter(state);
        }
    }

    fn end_promotion(&mut self, why: &str, now: Moment) {
        self.step(format!("called off: {why}"), now);
        self.enter(PromotionState::Ended { why: why.to_owned() });
    }

    /// From now on nobody takes writes, until the promotion is active or called off.
    fn halt(&mut self) {
        let instead_of = self.topology.primary().id.as_str().to_owned();
        self.authority.mandate = Mandate::Nobody(Halt::Promotion { instead_of });
    }

    /// The target is checked when no isolate sends writes to another cluster any more, and not before `earliest`.
    fn wait_for_lease(&mut self, earliest: Moment, now: Moment) {
        let target = self.promotion.as_ref().map(Promotion::target);
        let was_last = target.is_some() && target == self.authority.last();
        let until = if was_last { earliest } else { self.authority.free_at().max(earliest) };
        if now < until {
            self.step(format!("waiting {}, until no isolate sends it writes any more", Span(until.since(now))), now);
            self.enter(PromotionState::Fenced { until });
        } else {
            self.enter(PromotionState::TargetCheck { next_at: now });
        }
    }

    /// Ends every change: names the writer, tells it, and makes the snapshot anew.
    fn settle(&mut self, now: Moment) {
        let before = self.authority.writer().map(str::to_owned);
        self.authority.settle(&self.topology, now);
        let writer = self.authority.writer().map(str::to_owned);
        if writer != before {
            let words = match (&writer, before) {
                (Some(writer), _) => format!("{writer} takes writes"),
                (None, Some(before)) => format!("nobody takes writes: {before} is the writer no more"),
                (None, None) => "nobody takes writes".to_owned(),
            };
            self.tell(words, now);
        }
        let clusters = self.topology.clusters().zip(&self.clusters).map(|(cluster, record)| ClusterSnapshot {
            id: record.id.clone(),
            up: record.threshold.is_up(),
            lag_ms: record.lag.map(Milliseconds::get),
            draining: record.draining,
            fenced: self.authority.is_fenced(&record.id),
            // Isolates with another version of the file may take it for something else.
            is_standby: record.is_standby()
                || cluster.role == Role::Standby && writer.as_deref() != Some(record.id.as_str()),
            suspect: record.suspect_until.is_some(),
        });
        let clusters = clusters.collect();
        let sequence = self.snapshot.sequence;
        let topology = self.authority.fingerprint.clone();
        let lease_ms = self.topology.has_standby().then(|| self.topology.promoting().lease.get());
        let snapshot = Snapshot { topology, sequence, writer, lease_ms, clusters };
        if snapshot != self.snapshot {
            // Also after a restart without what was stored last, a later snapshot has a higher number.
            self.snapshot = Snapshot { sequence: sequence.saturating_add(1).max(now.millis()), ..snapshot };
        }
    }
}

/// The records of a topology's clusters: the known ones, and new ones whose first probes are spread over an interval.
fn records(topology: &Topology, mut known: Vec<Record>, now: Moment) -> Vec<Record> {
    let interval = topology.probing().map_or(0, |probing| probing.interval.get());
    let count = u64::try_from(topology.len()).unwrap_or(u64::MAX).max(1);
    let mut offset = 0_u64;
    topology
        .clusters()
        .map(|cluster| {
            let first_probe = now.after(Milliseconds::new(offset / count));
            offset = offset.saturating_add(interval);
            let at = known.iter().position(|record| record.id == cluster.id.as_str());
            at.map_or_else(|| Record::new(cluster.id.as_str(), first_probe, now), |at| known.swap_remove(at))
        })
        .collect()
}

/// A probe to which every answer of the cluster itself is a good one.
fn does_anybody_answer() -> Probing {
    Probing {
        dialect: Dialect::Http,
        target: "/".to_owned(),
        interval: Milliseconds::new(5_000),
        timeout: Milliseconds::new(2_000),
        unhealthy_threshold: 3,
        healthy_threshold: 2,
        status: (100, 599),
        lag_pointer: None,
    }
}

/// A span in the largest unit that says enough: `850 ms`, `30 s`, `5 min`, `3 h`.
struct Span(Milliseconds);

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.get() {
            millis @ 0..1_000 => write!(f, "{millis} ms"),
            millis @ 1_000..120_000 => write!(f, "{} s", millis / 1_000),
            millis @ 120_000..7_200_000 => write!(f, "{} min", millis / 60_000),
            millis => write!(f, "{} h", millis / 3_600_000),
        }
    }
}
