//! A published rule for a setting, and what it says for a scenario.

use crate::Scenario;
use crate::memory::set::Set;

/// Why ours of `effective_io_concurrency` differs from 18 on.
pub(super) const AT_MOST_64: &str =
    "Ours is 64, on hard disks 16: from 18 reads are asynchronous, and a process has at most 64 under way.";

/// One rule, with a row for each reason where that depends on the scenario: for which setting, its formula, why ours agrees or differs, and what it says.
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
    rules.iter().filter(|rule| rule.setting == setting).find_map(|rule| rule.says.of(scenario))
}
