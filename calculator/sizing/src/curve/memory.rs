//! The memory of the database server as two stacks: as it is expected at peak, and at worst.

use crate::Scenario;
use crate::memory::Memory;
use crate::quantity::{Bytes, Connections};

/// What there is, and the two stacks.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryStacks {
    /// What the server can have.
    pub available: Bytes,
    /// At peak.
    pub expected: MemoryStack,
    /// Every connection that can be open does its worst.
    pub worst: MemoryStack,
}

/// One stack.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryStack {
    /// Connections open.
    pub connections: Connections,
    /// Those that run a query.
    pub busy: Connections,
    /// Its parts, the lowest first; the same in both stacks.
    pub parts: Vec<MemoryPart>,
    /// Their sum.
    pub total: Bytes,
}

/// A part of a stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MemoryPart {
    /// What needs it.
    pub name: &'static str,
    /// How much.
    pub bytes: Bytes,
}

impl MemoryStacks {
    /// What a stack leaves, for caches.
    #[must_use]
    pub fn left(&self, stack: &MemoryStack) -> Bytes {
        Bytes(self.available.get().saturating_sub(stack.total.get()))
    }

    /// What a stack needs beyond what there is.
    #[must_use]
    pub fn over(&self, stack: &MemoryStack) -> Bytes {
        Bytes(stack.total.get().saturating_sub(self.available.get()))
    }
}

/// Both stacks, with the settings in use; `None` where there is no database.
#[must_use]
pub fn memory(scenario: &Scenario) -> Option<MemoryStacks> {
    scenario.has_database().then(|| Memory::of_settings(scenario).stacks())
}

impl MemoryStack {
    /// Parts in the order given.
    pub(crate) fn of([connections, busy]: [u64; 2], total: u64, parts: &[(&'static str, u64)]) -> Self {
        let part = |(name, bytes): &(&'static str, u64)| MemoryPart { name, bytes: Bytes(*bytes) };
        Self {
            connections: Connections(connections),
            busy: Connections(busy),
            parts: parts.iter().map(part).collect(),
            total: Bytes(total),
        }
    }
}
