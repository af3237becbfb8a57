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

#[cfg(test)]
mod tests {
    use super::Outcome::{self, Answered, Cancelled, Failed, TimedOut, Unreachable};

    #[track_caller]
    fn check(outcome: Outcome, verdict: Option<bool>, is_retryable: bool, reason: &str) {
        assert_eq!((outcome.verdict(), outcome.is_retryable()), (verdict, is_retryable), "{outcome:?}: {reason}");
    }

    #[test]
    fn what_an_outcome_says() {
        check(Answered(101), Some(true), false, "a WebSocket");
        check(Answered(200), Some(true), false, "an ordinary answer");
        check(Answered(404), Some(true), false, "the client's mistake");
        check(Answered(429), Some(true), false, "a limit that it keeps itself");
        check(Answered(499), Some(true), false, "the last that is not the server's");
        check(Answered(500), Some(false), false, "who knows what it did before it broke");
        check(Answered(501), Some(true), false, "it works, and does not know the method");
        check(Answered(502), Some(false), true, "something behind it failed");
        check(Answered(503), Some(false), true, "overloaded or sealed");
        check(Answered(504), Some(false), true, "something behind it was silent");
        check(Answered(505), Some(false), false, "another cluster would say the same");
        check(Answered(530), Some(false), false, "a node that was removed from its cluster");
        check(Unreachable(520), Some(false), true, "the network answered");
        check(Unreachable(530), Some(false), true, "the network answered");
        check(Failed, Some(false), true, "no connection");
        check(TimedOut, Some(false), true, "silence");
        check(Cancelled, None, false, "says nothing of the cluster, and nobody waits");
    }
}
