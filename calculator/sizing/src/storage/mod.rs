//! Storage: rows, indexes, partitions, chunks, retention, WAL and backups.

use crate::sheet::Sheet;
use crate::{Finding, Scenario};

/// What this calculator computed.
pub(crate) struct Storage<'s> {
    scenario: &'s Scenario,
}

impl<'s> Storage<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        Self { scenario }
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        let _ = (self.scenario, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
}
