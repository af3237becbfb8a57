//! A cache in front of the database: what it takes off and what it needs.

use crate::sheet::Sheet;
use crate::{Finding, Scenario};

/// What this calculator computed.
pub(crate) struct Cache<'s> {
    scenario: &'s Scenario,
}

impl<'s> Cache<'s> {
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
