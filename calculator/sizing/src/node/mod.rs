//! Nodes of a secret store: how many, how large, what they survive.

pub mod limits;
pub mod projection;

use crate::sheet::Sheet;
use crate::{Finding, Scenario};

/// What this calculator computed.
pub(crate) struct Cluster<'s> {
    scenario: &'s Scenario,
}

impl<'s> Cluster<'s> {
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
