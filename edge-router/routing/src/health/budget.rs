//! The retry budget of one isolate: repetitions may be a share of the requests, so that they cannot multiply an outage.

use crate::topology::Retrying;

/// A bucket of repetitions, in millionths of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget(u64);

/// What one repetition costs.
const RETRY: u64 = 1_000_000;
/// What a bucket begins with and holds at most: enough for an isolate with little traffic, and for the first failures
/// of one with much.
const RESERVE: u64 = 100 * RETRY;

impl Default for Budget {
    fn default() -> Self {
        Self(RESERVE)
    }
}

impl Budget {
    /// Counts a request that is not a repetition.
    pub(crate) fn earn(&mut self, retrying: &Retrying) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share from 0 to 1")]
        #[expect(clippy::cast_precision_loss, reason = "a million is exact")]
        let share = (retrying.budget_share * RETRY as f64) as u64;
        self.0 = self.0.saturating_add(share).min(RESERVE);
    }

    /// Whether it holds a repetition.
    pub(crate) fn allows(self) -> bool {
        self.0 >= RETRY
    }

    /// Pays for a repetition.
    pub(crate) fn spend(&mut self) {
        self.0 = self.0.saturating_sub(RETRY);
    }
}
