//! What has become of a cluster: set from outside, and the same for everyone who asks it anything.

use serde::{Deserialize, Serialize};

/// How a cluster treats those who connect to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// It answers.
    #[default]
    Alive,
    /// It refuses connections, and those that were open are closed.
    Killed,
    /// It accepts requests and never answers them, not even after it has recovered.
    Hanging,
    /// It answers after so many milliseconds.
    Slow(u64),
    /// It answers everything with this.
    Failing {
        /// The status.
        status: u16,
        /// The body.
        #[serde(default)]
        text: String,
    },
}
