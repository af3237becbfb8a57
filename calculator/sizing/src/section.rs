//! The parts of a plan, in the order to show them: the first word of a value's id says where it belongs.

/// A part of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The first word of its value ids, finding codes, series and actions: `pool`.
    pub word: &'static str,
    /// What it is called, for people.
    pub name: &'static str,
}

const fn section(word: &'static str, name: &'static str) -> Section {
    Section { word, name }
}

impl Section {
    /// Every part.
    pub const ALL: [Self; 11] = [
        section("pool", "Connections"),
        section("queue", "Waiting"),
        section("memory", "Memory and settings"),
        section("nodes", "Nodes"),
        section("storage", "Storage"),
        section("cache", "Cache"),
        section("replica", "Replication and regions"),
        section("growth", "Growth"),
        section("resilience", "Resilience"),
        section("alert", "Alerts"),
        section("strategy", "Strategy"),
    ];

    /// Whether a value, a finding, a series or an action with this id belongs to it.
    #[must_use]
    pub fn has(self, id: &str) -> bool {
        id.strip_prefix(self.word).is_some_and(|rest| rest.starts_with('.'))
    }
}
