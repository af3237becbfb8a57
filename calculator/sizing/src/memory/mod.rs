//! Memory: the budget of the database server and the settings that follow from it.

mod budget;
mod config;
mod documented;
mod findings;
pub mod guc;
mod guc_table;
pub mod history;
mod machine;
mod pgtune;
mod published;
mod set;
mod settings;
mod shared;
mod stack;
mod timescaledb_tune;
mod values;

use crate::quantity::{Bytes, ceiling};
use crate::sheet::Sheet;
use crate::storage::Storage;
use crate::{Finding, Scenario};
use budget::{Budget, Case};
use config::{Config, Room};

pub use set::Setting;

/// What this calculator computed.
pub(crate) struct Memory<'s> {
    scenario: &'s Scenario,
    /// What is recommended.
    ours: Config,
    /// What decided on the recommended `work_mem`.
    room: Room,
    /// With what is recommended.
    recommended: Budget,
    /// What is recommended, or what is set today, where that is given.
    in_use: Config,
    /// With what is in use.
    budget: Budget,
    /// Bytes of WAL from the start of a checkpoint to the end of the next, at peak.
    wal: u64,
}

impl<'s> Memory<'s> {
    pub(crate) fn of(scenario: &'s Scenario, storage: &Storage<'_>) -> Self {
        Self { wal: ceiling(storage.wal_kept), ..Self::without_wal(scenario) }
    }

    /// The budget needs to know nothing of the WAL.
    fn without_wal(scenario: &'s Scenario) -> Self {
        let (ours, room, recommended) = Config::with_room(scenario);
        let in_use = ours.or_given(scenario);
        let budget = Budget::of(scenario, &in_use);
        Self { scenario, ours, room, recommended, in_use, budget, wal: 0 }
    }

    /// Memory there is.
    pub(crate) fn available(&self) -> Bytes {
        Bytes(self.budget.available)
    }

    /// Memory at peak with so many connections open, those beyond today's idle.
    pub(crate) fn expected_with(&self, connections: u64) -> Bytes {
        let Case { connections: now, busy, total, .. } = self.budget.expected;
        let (more, fewer) = (connections.saturating_sub(now), now.saturating_sub(connections.max(busy)));
        let each = budget::IDLE_BACKEND;
        Bytes(total.saturating_add(more.saturating_mul(each)).saturating_sub(fewer.saturating_mul(each)))
    }

    /// The `work_mem` in use and the one that is recommended.
    pub(crate) fn work_mem(&self) -> (Bytes, Bytes) {
        (Bytes(self.in_use.work_mem), Bytes(self.ours.work_mem))
    }

    /// The same scenario's memory with another `work_mem`, whatever WAL it writes.
    pub(crate) fn of_settings(scenario: &'s Scenario) -> Self {
        Self::without_wal(scenario)
    }

    /// Memory at worst with so many connections open, as far as the server accepts them.
    pub(crate) fn worst_with(&self, connections: u64) -> Bytes {
        let open = connections.min(self.scenario.open_at_most());
        Bytes(self.budget.worst(self.scenario, &self.in_use, open))
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        values::values(self, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        findings::findings(self)
    }
}
