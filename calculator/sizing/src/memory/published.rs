//! A published rule for a setting, and what it says for a scenario.

use crate::Scenario;
use crate::memory::set::Set;

/// One rule: for which setting, its formula, why ours agrees or differs, and what it says.
pub(super) struct Published {
    pub(super) setting: &'static str,
    pub(super) formula: &'static str,
    pub(super) why: &'static str,
    pub(super) says: Says,
}

/// What a rule says.
#[derive(Clone, Copy)]
pub(super) enum Says {
    /// The same for every machine.
    Is(Set),
    /// A share of the memory: so many parts of so many.  The rules know one number for it, so it is what the server can
    /// have.
    Of(u64, u64),
    /// Anything else; `None` where the setting is left to the server.
    By(fn(&Scenario) -> Option<Set>),
}

impl Says {
    pub(super) fn of(self, scenario: &Scenario) -> Option<Set> {
        match self {
            Self::Is(set) => Some(set),
            Self::Of(parts, all) => Some(Set::Bytes(scenario.server_memory() / all * parts)),
            Self::By(says) => says(scenario),
        }
    }
}

pub(super) const fn rule(setting: &'static str, formula: &'static str, why: &'static str, says: Says) -> Published {
    Published { setting, formula, why, says }
}

/// What a list of rules says for a setting.
#[cfg(test)]
pub(super) fn says(rules: &[Published], setting: &str, scenario: &Scenario) -> Option<Set> {
    rules.iter().find(|rule| rule.setting == setting).and_then(|rule| rule.says.of(scenario))
}
