//! What isolates and the health object tell each other, in one exchange.

use routing::{Delta, Snapshot};
use serde::{Deserialize, Serialize};

/// What an isolate tells.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    /// Clusters whose breakers are open there.
    pub(crate) open: Vec<String>,
    /// What it has counted since it told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) counted: Option<Delta>,
    /// It has no valid topology of its own.
    pub(crate) needs_topology: bool,
}

/// What it hears.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct News {
    pub(crate) snapshot: Snapshot,
    /// The last valid topology, for who needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topology: Option<String>,
}
