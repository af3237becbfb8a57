//! The budget's parts in the order they are stacked.

use crate::curve::{MemoryStack, MemoryStacks};
use crate::memory::budget::Case;
use crate::memory::{Memory, shared};

impl Memory<'_> {
    /// What is expected and the worst case, with the settings in use.
    pub(crate) fn stacks(&self) -> MemoryStacks {
        MemoryStacks {
            available: self.available(),
            expected: self.stack(&self.budget.expected),
            worst: self.stack(&self.budget.open),
        }
    }

    fn stack(&self, case: &Case) -> MemoryStack {
        let budget = &self.budget;
        let buffers = self.in_use.shared_buffers.min(budget.shared);
        let wal = shared::automatic_wal_buffers(self.in_use.shared_buffers).min(budget.shared - buffers);
        MemoryStack::of(
            [case.connections, case.busy],
            case.total,
            &[
                ("Operating system and all else", budget.os),
                ("shared_buffers", buffers),
                ("wal_buffers", wal),
                ("Other shared memory", budget.shared - buffers - wal),
                ("Autovacuum workers", budget.autovacuum),
                ("Maintenance sessions", budget.maintenance),
                ("Logical WAL senders", budget.senders),
                ("Connections", case.backends),
                ("Page tables", case.page_tables),
                ("Sorts and hashes (work_mem)", case.work_mem),
            ],
        )
    }
}
