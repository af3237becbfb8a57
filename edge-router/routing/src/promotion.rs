//! Promotion of a standby, step by step: the old primary is silent, it is fenced, one lease passes, the target is no
//! standby any more, it takes the writes.  Never by itself: an operator asks for it.
//!
//! ```text
//! Checking ──silent every time──▶ Fenced ──one lease──▶ TargetCheck ──takes writes──▶ Active
//!    └─────any answer─────▶ Refused ◀───a standby, unwell or silent──┘ ▲
//!                              └────────asked for again, fenced────────┘
//! ```

use serde::Serialize;

use crate::health::probe::{Finding, State};
use crate::json::{Node, Quoted, Read, read_fields};
use crate::time::{Milliseconds, Moment};
use crate::topology::{ClusterIndex, Promoting};

/// Steps that are kept; an operator who asks again and again drops the oldest.
const KEPT_STEPS: usize = 50;

/// One promotion, from the wish to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promotion {
    number: u64,
    target: String,
    old_primary: String,
    state: PromotionState,
    /// Orders given; only the last one's answer counts.
    orders: u64,
    steps: Vec<PromotionStep>,
}

/// How far a promotion is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum PromotionState {
    /// Is the old primary really gone?  It still takes writes.
    Checking {
        /// Checks that it did not answer.
        done: u32,
        /// When the next check is due.
        next_at: Moment,
    },
    /// The old primary is fenced, nobody takes writes, and isolates forget that it did.
    Fenced {
        /// When the last of them has.
        until: Moment,
    },
    /// Does the target take writes?
    TargetCheck {
        /// When the check is due.
        next_at: Moment,
    },
    /// The target takes the writes.
    Active {
        /// Since when.
        since: Moment,
    },
    /// Stopped by an answer.
    Refused {
        /// Whether the old primary was fenced before; then it stays so, and asking again goes on at the target.
        fenced: bool,
        /// What stood against it.
        why: String,
    },
    /// Called off by an operator, or with the topology that it belonged to.
    Ended {
        /// How.
        why: String,
    },
}

/// One thing that was done or found, with its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromotionStep {
    /// When.
    pub at: Moment,
    /// What, in one sentence.
    pub words: String,
}

/// A probe that a promotion waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionOrder {
    /// The cluster to probe.
    pub cluster: ClusterIndex,
    /// Its id.
    pub id: String,
    /// Why it is asked.
    pub subject: Subject,
    pub(crate) promotion: u64,
    pub(crate) order: u64,
    pub(crate) at: Moment,
}

/// Whom a promotion asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The cluster that is to be replaced; any answer refuses.
    OldPrimary,
    /// The cluster that is to take writes.
    Target,
}

/// Why a promotion does not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromotionRefused {
    /// No cluster has that id.
    #[error("no cluster is called {}", Quoted(id))]
    UnknownCluster {
        /// The id that was read.
        id: String,
    },
    /// It is a replica.
    #[error(
        "{id} is a replica: only a standby, or the configured primary after a promotion, can be promoted; \
         change its role in the topology first"
    )]
    NotAStandby {
        /// Its id.
        id: String,
    },
    /// Nothing to do.
    #[error("{id} is the writer already")]
    AlreadyTheWriter {
        /// Its id.
        id: String,
    },
    /// One at a time.
    #[error("the promotion of {target} is under way; readmit {old_primary} to call it off")]
    UnderWay {
        /// What is being promoted.
        target: String,
        /// What it is to replace.
        old_primary: String,
    },
    /// It was replaced by an earlier promotion.
    #[error("{id} is fenced: it was replaced by a promotion; readmit it first")]
    Fenced {
        /// Its id.
        id: String,
    },
}

/// What the registry has to do about an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Nothing,
    /// The old primary is gone: fence it.
    Fence,
    /// The target takes writes.
    Activate,
}

read_fields!(Promotion { number, target, old_primary, state, orders, steps });
read_fields!(PromotionStep { at, words });

impl Read for PromotionState {
    fn read(node: &Node) -> Option<Self> {
        Some(match node.get("state")?.text()? {
            "checking" => Self::Checking { done: node.field("done")?, next_at: node.field("next_at")? },
            "fenced" => Self::Fenced { until: node.field("until")? },
            "target-check" => Self::TargetCheck { next_at: node.field("next_at")? },
            "active" => Self::Active { since: node.field("since")? },
            "refused" => Self::Refused { fenced: node.field("fenced")?, why: node.field("why")? },
            "ended" => Self::Ended { why: node.field("why")? },
            _ => return None,
        })
    }
}

impl Promotion {
    pub(crate) fn new(number: u64, target: &str, old_primary: &str, state: PromotionState) -> Self {
        let (target, old_primary) = (target.to_owned(), old_primary.to_owned());
        Self { number, target, old_primary, state, orders: 0, steps: Vec::new() }
    }

    /// Counts promotions, for the log.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The cluster that is to take writes.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The cluster that it replaces.
    #[must_use]
    pub fn old_primary(&self) -> &str {
        &self.old_primary
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> &PromotionState {
        &self.state
    }

    /// What was done and found, oldest first.
    #[must_use]
    pub fn steps(&self) -> &[PromotionStep] {
        &self.steps
    }

    /// Why it was refused, if it was.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        if let PromotionState::Refused { why, .. } = &self.state { Some(why) } else { None }
    }

    /// Whether something is still to happen by itself.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        use PromotionState::{Checking, Fenced, TargetCheck};
        matches!(self.state, Checking { .. } | Fenced { .. } | TargetCheck { .. })
    }

    /// Whether it has fenced the old primary and is not finished: nobody takes writes.
    #[must_use]
    pub fn is_between_writers(&self) -> bool {
        use PromotionState::{Fenced, Refused, TargetCheck};
        matches!(self.state, Fenced { .. } | TargetCheck { .. } | Refused { fenced: true, .. })
    }

    pub(crate) fn is_checking(&self) -> bool {
        matches!(self.state, PromotionState::Checking { .. })
    }

    pub(crate) fn enter(&mut self, state: PromotionState) {
        self.state = state;
    }

    pub(crate) fn add_step(&mut self, words: String, at: Moment) {
        if self.steps.len() >= KEPT_STEPS {
            self.steps.remove(0);
        }
        self.steps.push(PromotionStep { at, words });
    }

    /// When it wants attention; `None`: nothing happens by itself.
    pub(crate) fn wake_at(&self) -> Option<Moment> {
        match self.state {
            PromotionState::Checking { next_at, .. } | PromotionState::TargetCheck { next_at } => Some(next_at),
            PromotionState::Fenced { until } => Some(until),
            _ => None,
        }
    }

    /// Takes the order that is due; it is given again after `patience` without an answer, as after a restart.
    pub(crate) fn take_order(&mut self, patience: Milliseconds, now: Moment) -> Option<(Subject, u64)> {
        let (subject, next_at) = match &mut self.state {
            PromotionState::Checking { next_at, .. } => (Subject::OldPrimary, next_at),
            PromotionState::TargetCheck { next_at } => (Subject::Target, next_at),
            _ => return None,
        };
        if now < *next_at {
            return None;
        }
        *next_at = now.after(patience);
        self.orders = self.orders.saturating_add(1);
        Some((subject, self.orders))
    }

    pub(crate) fn answered(
        &mut self,
        order: &PromotionOrder,
        finding: &Finding,
        promoting: &Promoting,
        now: Moment,
    ) -> Effect {
        if order.promotion != self.number || order.order != self.orders {
            return Effect::Nothing;
        }
        // An answer uses its order up: the same one from elsewhere must not count twice.
        self.orders = self.orders.saturating_add(1);
        let (checks, interval) = (promoting.checks, promoting.interval);
        match (order.subject, &mut self.state) {
            (Subject::OldPrimary, PromotionState::Checking { .. }) if finding.is_answering() => {
                self.old_primary_answers(finding, now);
                Effect::Nothing
            }
            (Subject::OldPrimary, PromotionState::Checking { done, next_at }) => {
                *done = done.saturating_add(1);
                *next_at = order.at.after(interval);
                let done = *done;
                self.add_step(format!("check {done} of {checks}: {} does not answer", self.old_primary), now);
                if done >= checks { Effect::Fence } else { Effect::Nothing }
            }
            (Subject::Target, PromotionState::TargetCheck { .. }) => match objection(finding) {
                Some(objection) => {
                    self.refuse(format!("{} {objection}", self.target), now);
                    Effect::Nothing
                }
                None => Effect::Activate,
            },
            _ => Effect::Nothing,
        }
    }

    /// It answered a check, or one of the ordinary probes between the checks.
    pub(crate) fn old_primary_answers(&mut self, finding: &Finding, now: Moment) {
        self.refuse(format!("{} still answers: {}", self.old_primary, finding.words()), now);
    }

    fn refuse(&mut self, why: String, now: Moment) {
        self.add_step(format!("refused: {why}"), now);
        self.enter(PromotionState::Refused { fenced: self.is_between_writers(), why });
    }
}

/// What stands against giving the writes to a cluster that answers like this.
fn objection(finding: &Finding) -> Option<String> {
    let words = finding.words();
    match finding.state {
        State::DisasterRecoverySecondary | State::PerformanceSecondary => {
            Some(format!("still answers as a secondary ({words}): promote it there first, then ask again"))
        }
        State::Standby | State::Cut => {
            Some(format!("answers as a standby ({words}): promote it there first, or ask again"))
        }
        State::Unreachable => Some(format!("does not answer ({words}): nothing can be promoted to it")),
        _ if !finding.healthy => Some(format!("cannot take writes ({words})")),
        _ => None,
    }
}

impl Finding {
    /// The answer in a few words: `503 sealed`.
    pub(crate) fn words(&self) -> String {
        let state = match self.state {
            State::Active => "active",
            State::Standby => "standby",
            State::PerformanceSecondary => "performance secondary",
            State::PerformanceStandby => "performance standby",
            State::DisasterRecoverySecondary => "disaster recovery secondary",
            State::Cut => "standby cut off from the active node",
            State::Uninitialised => "not initialised",
            State::Sealed => "sealed",
            State::Removed => "removed from its cluster",
            State::Unknown => "",
            State::Unreachable => "no answer",
        };
        match (self.status, state) {
            (Some(status), "") => status.to_string(),
            (Some(status), state) => format!("{status} {state}"),
            (None, "") => "an answer".to_owned(),
            (None, state) => state.to_owned(),
        }
    }
}
