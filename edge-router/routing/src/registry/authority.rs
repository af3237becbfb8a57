//! Who takes the writes: one cluster or nobody, and one lease of nobody between two different ones.
//!
//! The mandate says who is meant to write; [`Authority::settle`] alone makes it so.  An isolate may go on sending to a
//! writer for one lease after it is none any more, so the next one, if it is another, is named a lease later.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::json::{Node, Read, read_fields};
use crate::time::{Milliseconds, Moment};
use crate::topology::Topology;

/// Everything that decides about writes; lost or unreadable, nobody takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Authority {
    /// Of the topology that it belongs to.
    pub(super) fingerprint: String,
    pub(super) mandate: Mandate,
    writer: Option<String>,
    released: Option<Released>,
    /// Since when, by id; they outlive topologies.
    fences: BTreeMap<String, Moment>,
    /// How long isolates send writes on what they know.
    lease: Milliseconds,
    /// Until when an isolate may hold a lease of an earlier topology, which was longer.
    held_until: Moment,
    /// Promotions so far.
    pub(super) promotions: u64,
}

/// Who is meant to take writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Mandate {
    /// The primary of the topology, unless it is fenced.
    Configured,
    /// The cluster that was promoted, while the topology calls another one the primary.
    Promoted { id: String, instead_of: String },
    /// Nobody, until an operator says who.
    Nobody(Halt),
}

/// Why nobody is meant to take writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Halt {
    /// A promotion has fenced the writer and is not finished.
    Promotion { instead_of: String },
    /// A promotion ended with its topology, and the new one calls the primary the cluster that it had replaced.
    Topology { instead_of: String },
    /// What was stored could not be read.
    Unread,
}

/// The last writer that is none any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Released {
    /// `None`: not known.
    id: Option<String>,
    /// From then on no isolate sends writes to it.
    free_at: Moment,
}

read_fields!(Authority { fingerprint, mandate, writer, released, fences, lease, held_until, promotions });
read_fields!(Released { id, free_at });

impl Read for Mandate {
    fn read(node: &Node) -> Option<Self> {
        if node.text() == Some("configured") {
            return Some(Self::Configured);
        }
        match node.get("promoted") {
            Some(promoted) => {
                Some(Self::Promoted { id: promoted.field("id")?, instead_of: promoted.field("instead_of")? })
            }
            None => node.field("nobody").map(Self::Nobody),
        }
    }
}

impl Read for Halt {
    fn read(node: &Node) -> Option<Self> {
        if node.text() == Some("unread") {
            return Some(Self::Unread);
        }
        match node.get("promotion") {
            Some(promotion) => Some(Self::Promotion { instead_of: promotion.field("instead_of")? }),
            None => Some(Self::Topology { instead_of: node.get("topology")?.field("instead_of")? }),
        }
    }
}

impl Authority {
    pub(super) fn new(topology: &Topology, fingerprint: String) -> Self {
        Self {
            fingerprint,
            mandate: Mandate::Configured,
            writer: None,
            released: None,
            fences: BTreeMap::new(),
            lease: topology.promoting().lease,
            held_until: Moment::default(),
            promotions: 0,
        }
    }

    /// After a loss of what was stored: some cluster may have been the writer a moment ago.
    pub(super) fn unread(topology: &Topology, fingerprint: String, now: Moment) -> Self {
        let free_at = now.after(topology.promoting().lease);
        Self {
            mandate: Mandate::Nobody(Halt::Unread),
            released: Some(Released { id: None, free_at }),
            ..Self::new(topology, fingerprint)
        }
    }

    /// The cluster that takes writes.
    pub(super) fn writer(&self) -> Option<&str> {
        self.writer.as_deref()
    }

    /// The cluster that takes writes, or will when the lease of the one before it is over.
    pub(super) fn wanted<'a>(&'a self, topology: &'a Topology) -> Option<&'a str> {
        let id = match &self.mandate {
            Mandate::Configured => topology.primary().id.as_str(),
            Mandate::Promoted { id, .. } => topology.named(id)?.id.as_str(),
            Mandate::Nobody(_) => return None,
        };
        (!self.is_fenced(id)).then_some(id)
    }

    /// The writer before, where it is known and nobody takes writes now.
    pub(super) fn last(&self) -> Option<&str> {
        self.released.as_ref()?.id.as_deref()
    }

    /// When another cluster than the last writer may take writes.
    pub(super) fn free_at(&self) -> Moment {
        self.released.as_ref().map_or(Moment::default(), |released| released.free_at)
    }

    pub(super) fn lease(&self) -> Milliseconds {
        self.lease
    }

    pub(super) fn is_fenced(&self, id: &str) -> bool {
        self.fences.contains_key(id)
    }

    pub(super) fn fences(&self) -> impl Iterator<Item = (&str, Moment)> {
        self.fences.iter().map(|(id, since)| (id.as_str(), *since))
    }

    pub(super) fn fence(&mut self, id: &str, now: Moment) {
        self.fences.entry(id.to_owned()).or_insert(now);
    }

    pub(super) fn unfence(&mut self, id: &str) -> bool {
        self.fences.remove(id).is_some()
    }

    /// Follows a topology; a promotion goes on only in the one it was made in.
    pub(super) fn adopt(&mut self, topology: &Topology, fingerprint: String, now: Moment) {
        let lease = topology.promoting().lease;
        if lease < self.lease {
            self.held_until = self.held_until.max(now.after(self.lease));
        }
        self.lease = lease;
        if fingerprint == self.fingerprint {
            return;
        }
        self.fingerprint = fingerprint;
        let primary = topology.primary().id.as_str();
        let replaced = match &self.mandate {
            Mandate::Promoted { id, .. } if id == primary => None,
            Mandate::Promoted { instead_of, .. }
            | Mandate::Nobody(Halt::Promotion { instead_of } | Halt::Topology { instead_of }) => Some(instead_of),
            Mandate::Nobody(Halt::Unread) => return,
            Mandate::Configured => None,
        };
        // A primary that a promotion has replaced is not up to date merely because a file was edited.
        self.mandate = match replaced.filter(|replaced| *replaced == primary) {
            Some(primary) => Mandate::Nobody(Halt::Topology { instead_of: primary.clone() }),
            None => Mandate::Configured,
        };
    }

    /// Makes the mandate so, as far as leases allow.
    pub(super) fn settle(&mut self, topology: &Topology, now: Moment) {
        let wanted = self.wanted(topology).map(str::to_owned);
        if self.writer.is_some() && self.writer != wanted {
            let free_at = now.after(self.lease).max(self.held_until);
            self.released = Some(Released { id: self.writer.take(), free_at });
        }
        let is_free = self.last() == wanted.as_deref() || now >= self.free_at();
        if self.writer.is_none() && is_free {
            self.writer = wanted;
        }
    }

    /// When [`Authority::settle`] is to be called again; `None`: nothing waits for it.
    pub(super) fn wake_at(&self, topology: &Topology) -> Option<Moment> {
        (self.writer.is_none() && self.wanted(topology).is_some()).then(|| self.free_at())
    }
}
