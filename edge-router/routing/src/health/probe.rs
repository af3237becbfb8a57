//! What the answer to a probe says of a cluster, in the dialect it speaks.

use serde::{Deserialize, Serialize};

use crate::time::Milliseconds;
use crate::topology::Probing;

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether the cluster can do its work.
    pub healthy: bool,
    /// What it is, by its own word.
    pub state: State,
    /// Status of the answer; `None`: there was none.
    pub status: Option<u16>,
    /// Replication lag, where the answer has it.
    pub lag: Option<Milliseconds>,
    /// The cluster's own identifier, where the answer has it.
    pub cluster_id: Option<String>,
}

/// What a cluster says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Takes requests: the active node of a primary, or any HTTP service.
    Active,
    /// A node that forwards to the active one.
    Standby,
    /// The active node of a performance secondary.
    PerformanceSecondary,
    /// A node that serves reads itself.
    PerformanceStandby,
    /// A secondary for disaster recovery: serves nobody.
    DisasterRecoverySecondary,
    /// A standby that cannot reach the active node.
    Cut,
    /// Not initialised.
    Uninitialised,
    /// Sealed.
    Sealed,
    /// Removed from its cluster.
    Removed,
    /// Answers something else.
    Unknown,
    /// The network answered in its place, or nobody did.
    Unreachable,
}

/// How a probe ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// An answer with its status and as much of its body as was read.
    Response {
        /// The status.
        status: u16,
        /// The body, or its beginning.
        body: &'a str,
    },
    /// No answer.
    Failed,
    /// No answer in time.
    TimedOut,
}

impl Finding {
    /// Understands the answer to a probe.
    #[must_use]
    pub fn of(_probing: &Probing, answer: Answer<'_>) -> Self {
        let Answer::Response { status, .. } = answer else {
            return Self { healthy: false, state: State::Unreachable, status: None, lag: None, cluster_id: None };
        };
        Self { healthy: status < 300, state: State::Unknown, status: Some(status), lag: None, cluster_id: None }
    }

    /// Whether anybody is there: only the network's own answers and silence say no.
    #[must_use]
    pub fn is_answering(&self) -> bool {
        self.state != State::Unreachable
    }
}
