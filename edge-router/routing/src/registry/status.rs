//! Everything the registry knows, for the status page.

use serde::Serialize;

use super::authority::{Halt, Mandate};
use super::journal::Event;
use super::record::{LastProbe, Record};
use super::{Registry, Span};
use crate::health::probe::State;
use crate::promotion::{Promotion, PromotionState, PromotionStep};
use crate::time::{Milliseconds, Moment};
use crate::topology::Role;

/// The state of everything, with words where something is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// When it was made.
    pub at: Moment,
    /// Number of the snapshot that isolates get now.
    pub sequence: u64,
    /// The topology in force.
    pub topology: TopologyStatus,
    /// Id of the cluster that takes writes.
    pub writer: Option<String>,
    /// Why nobody takes writes, and what to do about it.
    pub no_writer: Option<String>,
    /// The promotion under way, or the last one.
    pub promotion: Option<PromotionStatus>,
    /// Clusters that get nothing until they are readmitted, also those that the topology does not name.
    pub fences: Vec<FenceStatus>,
    /// The clusters in the configured order.
    pub clusters: Vec<ClusterStatus>,
    /// The last changes, newest first.
    pub events: Vec<Event>,
}

/// Which topology is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopologyStatus {
    /// Its hash.
    pub fingerprint: String,
    /// Whether it is the one handed in last; otherwise it is the last valid one.
    pub is_current: bool,
    /// What is wrong with the one handed in last.
    pub errors: Vec<String>,
}

/// A promotion with all its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromotionStatus {
    /// Counts promotions.
    pub number: u64,
    /// The cluster that is to take writes.
    pub target: String,
    /// The cluster that it replaces.
    pub old_primary: String,
    /// How far it is.
    #[serde(flatten)]
    pub state: PromotionState,
    /// What was done and found, oldest first.
    pub steps: Vec<PromotionStep>,
}

/// A fenced cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FenceStatus {
    /// Its id.
    pub id: String,
    /// Since when.
    pub since: Moment,
}

/// One cluster.
#[allow(clippy::struct_excessive_bools)] // independent facts, each with its own meaning
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClusterStatus {
    /// Its id.
    pub id: String,
    /// What the topology calls it.
    pub role: &'static str,
    /// What it is used as.
    pub effective_role: EffectiveRole,
    /// What it said that it is when it last answered.
    pub state: Option<State>,
    /// Whether it is up, by its probes.
    pub up: bool,
    /// Since when.
    pub since: Moment,
    /// Failed probes in a row.
    pub consecutive_failures: u32,
    /// The last probe.
    pub last_probe: Option<LastProbe>,
    /// Replication lag.
    pub lag_ms: Option<Milliseconds>,
    /// Gets nothing new.
    pub draining: bool,
    /// Gets nothing until it is readmitted.
    pub fenced: bool,
    /// Its breaker was opened in some isolate less than a cooldown ago.
    pub suspect: bool,
    /// The cluster's own identifier.
    pub cluster_id: Option<String>,
    /// Its identifier before, which should not have changed.
    pub former_cluster_id: Option<String>,
}

/// What a cluster is used as, whatever the topology calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectiveRole {
    /// Takes writes.
    Writer,
    /// Serves reads.
    Replica,
    /// Gets nothing until it is promoted, or says itself that it serves nobody.
    Standby,
    /// Gets nothing until it is readmitted.
    Fenced,
}

impl Status {
    pub(super) fn of(registry: &Registry, now: Moment) -> Self {
        let authority = &registry.authority;
        let fences = authority.fences().map(|(id, since)| FenceStatus { id: id.to_owned(), since });
        let records = registry.topology.clusters().zip(&registry.clusters);
        Self {
            at: now,
            sequence: registry.snapshot.sequence,
            topology: TopologyStatus {
                fingerprint: authority.fingerprint.clone(),
                is_current: registry.rejected.is_empty(),
                errors: registry.rejected.clone(),
            },
            writer: authority.writer().map(str::to_owned),
            no_writer: no_writer(registry, now),
            promotion: registry.promotion.as_ref().map(PromotionStatus::of),
            fences: fences.collect(),
            clusters: records.map(|(cluster, record)| ClusterStatus::of(registry, cluster.role, record, now)).collect(),
            events: registry.journal.events().rev().cloned().collect(),
        }
    }
}

impl PromotionStatus {
    fn of(promotion: &Promotion) -> Self {
        Self {
            number: promotion.number(),
            target: promotion.target().to_owned(),
            old_primary: promotion.old_primary().to_owned(),
            state: promotion.state().clone(),
            steps: promotion.steps().to_vec(),
        }
    }
}

impl ClusterStatus {
    fn of(registry: &Registry, role: Role, record: &Record, now: Moment) -> Self {
        let fenced = registry.authority.is_fenced(&record.id);
        let effective_role = if fenced {
            EffectiveRole::Fenced
        } else if record.is_standby() {
            EffectiveRole::Standby
        } else if registry.authority.writer() == Some(&record.id) {
            EffectiveRole::Writer
        } else if role == Role::Standby {
            EffectiveRole::Standby
        } else {
            EffectiveRole::Replica
        };
        Self {
            id: record.id.clone(),
            role: role.as_str(),
            effective_role,
            state: record.state,
            up: record.threshold.is_up(),
            since: record.since,
            consecutive_failures: record.failures,
            last_probe: record.last.clone(),
            lag_ms: record.lag,
            draining: record.draining,
            fenced,
            suspect: record.suspect_until.is_some_and(|until| now < until),
            cluster_id: record.cluster_id.clone(),
            former_cluster_id: record.former_cluster_id.clone(),
        }
    }
}

/// Why nobody takes writes; `None`: somebody does.
fn no_writer(registry: &Registry, now: Moment) -> Option<String> {
    let authority = &registry.authority;
    if authority.writer().is_some() {
        return None;
    }
    let primary = registry.topology.primary().id.as_str();
    if let Some(wanted) = authority.wanted(&registry.topology) {
        let wait = Span(authority.free_at().since(now));
        return Some(format!(
            "{wanted} takes writes in {wait}, when no isolate sends them to the writer before any more"
        ));
    }
    Some(match &authority.mandate {
        Mandate::Nobody(Halt::Promotion { .. }) => {
            let promotion = registry.promotion.as_ref();
            let (target, old) = promotion.map_or(("the standby", primary), |it| (it.target(), it.old_primary()));
            match promotion.and_then(Promotion::refusal) {
                None => format!("the promotion of {target} is under way; readmit {old} to call it off"),
                Some(why) => format!(
                    "the promotion of {target} was refused: {why}; promote it again to go on, or readmit {old} to \
                     call it off"
                ),
            }
        }
        Mandate::Nobody(Halt::Topology { .. }) => format!(
            "a promotion had replaced {primary}, and the new topology still calls it the primary; change the \
             topology, readmit {primary} if it is up to date, or promote a standby"
        ),
        Mandate::Nobody(Halt::Unread) => format!(
            "the stored state could not be read, so it is not known who may take writes; readmit {primary} if it is \
             the right one, or promote a standby"
        ),
        Mandate::Configured | Mandate::Promoted { .. } => {
            format!(
                "{primary}, the primary of the topology, is fenced; readmit it if it is up to date, change the \
                     topology, or promote a standby"
            )
        }
    })
}
