//! A published rule for a setting, and what it says for a scenario.

use crate::Scenario;
use crate::memory::set::Set;

/// One rule: for which setting, its formula, why ours agrees or differs, and what it says.
pub(super) struct Published {
    pub(super) setting: &'static str,
    pub(super) formula: &'static str,
    pub(super) why: &'static str,
    pub(super) says: fn(&Scenario) -> Option<Set>,
}

pub(super) const fn rule(
    setting: &'static str,
    formula: &'static str,
    why: &'static str,
    says: fn(&Scenario) -> Option<Set>,
) -> Published {
    Published { setting, formula, why, says }
}

/// The memory the rules are given: they know one number, so it is what the server can have.
pub(super) fn memory(scenario: &Scenario) -> u64 {
    scenario.server_memory()
}

/// What a list of rules says for a setting.
#[cfg(test)]
pub(super) fn says(rules: &[Published], setting: &str, scenario: &Scenario) -> Option<Set> {
    rules.iter().find(|rule| rule.setting == setting).and_then(|rule| (rule.says)(scenario))
}
