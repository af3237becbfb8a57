//! How a request to a cluster ended, as far as the cluster's health goes.

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The cluster answered with this status.
    Answered(u16),
    /// The network answered in the cluster's place, with this status.
    Unreachable(u16),
    /// The connection failed.
    Failed,
    /// The response did not begin in time.
    TimedOut,
    /// The client went away before the response began: says nothing of the cluster.
    Cancelled,
}

impl Outcome {
    /// Whether it speaks for the cluster (`true`), against it (`false`), or not at all.
    #[must_use]
    pub fn verdict(self) -> Option<bool> {
        match self {
            Self::Answered(status) => Some(status < 500 || status == 501),
            Self::Unreachable(_) | Self::Failed | Self::TimedOut => Some(false),
            Self::Cancelled => None,
        }
    }

    /// Whether another cluster might do better: a failure to get an answer, or 502, 503 or 504.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Answered(status) => matches!(status, 502..=504),
            Self::Unreachable(_) | Self::Failed | Self::TimedOut => true,
            Self::Cancelled => false,
        }
    }
}
