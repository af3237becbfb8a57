//! What the health object tells the isolates: compact, and understood across versions of the topology.

use serde::Serialize;

use crate::json::{Node, Read, read_fields};

/// The state of the clusters as the health object knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Hash of the topology it was made for: [`crate::Topology::fingerprint`].
    pub topology: String,
    /// Grows with every change, also over a restart of the object.
    pub sequence: u64,
    /// Id of the cluster that takes writes: the configured primary, or the one promoted; `None` while nobody does.
    pub writer: Option<String>,
    /// How long that may be believed, from the moment the snapshot was asked for; `None`: for ever, because there is no
    /// standby.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_ms: Option<u64>,
    /// Each cluster.
    pub clusters: Vec<ClusterSnapshot>,
}

/// The state of one cluster.  What is as it should be is left out of the JSON: a snapshot goes to every isolate.
#[allow(clippy::struct_excessive_bools)] // independent facts, each with its own meaning
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClusterSnapshot {
    /// Its id.
    pub id: String,
    /// Whether it is up, by its probes.
    #[serde(skip_serializing_if = "is_set")]
    pub up: bool,
    /// Replication lag in milliseconds, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<u64>,
    /// Gets nothing new.
    #[serde(skip_serializing_if = "is_unset")]
    pub draining: bool,
    /// Was the writer before a promotion and has not been readmitted: gets nothing.
    #[serde(skip_serializing_if = "is_unset")]
    pub fenced: bool,
    /// Gets nothing: a standby of the topology that is not the writer, or one that answers that it serves nobody, a
    /// secondary for disaster recovery, whatever its role in the topology.
    #[serde(skip_serializing_if = "is_unset")]
    pub is_standby: bool,
    /// Its breaker is open in some isolate.
    #[serde(skip_serializing_if = "is_unset")]
    pub suspect: bool,
}

read_fields!(Snapshot { topology, sequence, writer, lease_ms, clusters });

impl Read for ClusterSnapshot {
    fn read(node: &Node) -> Option<Self> {
        let flag = |key: &str, usual: bool| node.field(key).map(|flag: Option<bool>| flag.unwrap_or(usual));
        Some(Self {
            id: node.field("id")?,
            up: flag("up", true)?,
            lag_ms: node.field("lag_ms")?,
            draining: flag("draining", false)?,
            fenced: flag("fenced", false)?,
            is_standby: flag("is_standby", false)?,
            suspect: flag("suspect", false)?,
        })
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature that serde asks for
fn is_set(flag: &bool) -> bool {
    *flag
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature that serde asks for
fn is_unset(flag: &bool) -> bool {
    !*flag
}
