//! What isolates, the health object and an operator tell each other.

use serde::Serialize;

use crate::json::{self, Node, Read, read_fields};
use crate::metrics::Delta;
use crate::snapshot::Snapshot;

/// What an isolate tells the health object.
#[derive(Debug, Default, Serialize)]
pub struct Told {
    /// Clusters whose breakers are open there.
    pub open: Vec<String>,
    /// What it has counted since it told last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<Delta>,
    /// It has no valid topology of its own.
    pub needs_topology: bool,
}

/// What it hears.
#[derive(Debug, Serialize)]
pub struct News {
    /// The state of the clusters.
    pub snapshot: Snapshot,
    /// The last valid topology, for who needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<String>,
}

/// What an operator wants of a cluster.
#[derive(Debug)]
pub struct Wish {
    /// Its id.
    pub cluster: String,
    /// Whether it is to be drained, where that is the wish.
    pub drain: Option<bool>,
}

read_fields!(News { snapshot, topology });
read_fields!(Wish { cluster, drain });

impl Read for Told {
    /// A key that is missing, as from another version of the router, says nothing.
    fn read(node: &Node) -> Option<Self> {
        let open = node.field::<Option<_>>("open")?.unwrap_or_default();
        let needs_topology = node.field::<Option<_>>("needs_topology")?.unwrap_or_default();
        Some(Self { open, counted: node.field("counted")?, needs_topology })
    }
}

impl Told {
    /// Reads JSON; `None` where it says something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        json::read(text)
    }
}

impl News {
    /// Reads JSON; `None` where it says something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        json::read(text)
    }
}

impl Wish {
    /// Reads JSON; `None` where it says something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        json::read(text)
    }
}
