//! Memory: the budget of the database server and the settings that follow from it.

pub mod guc;
mod guc_table;

use crate::pool::Pool;
use crate::sheet::Sheet;
use crate::{Finding, Scenario};

/// What this calculator computed.
pub(crate) struct Memory<'s> {
    scenario: &'s Scenario,
}

impl<'s> Memory<'s> {
    pub(crate) fn of(scenario: &'s Scenario, _pool: &Pool<'_>) -> Self {
        Self { scenario }
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        let _ = (self.scenario, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
}
