//! Waiting: how long a request waits for a connection and then for a core.

use crate::sheet::Sheet;
use crate::{Finding, Scenario};

/// What this calculator computed.
pub(crate) struct Waiting<'s> {
    scenario: &'s Scenario,
}

impl<'s> Waiting<'s> {
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
