//! The views: each shows one side of the same scenario.

use sizing::input::Group;
use sizing::{Plan, Section, Severity};

/// One view.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tab {
    /// The word in the address: `?view=memory`.
    pub(crate) word: &'static str,
    /// What it is called, for people.
    pub(crate) name: &'static str,
    /// The question it answers.
    pub(crate) question: &'static str,
    /// The sections of the plan it shows.
    pub(crate) sections: &'static [&'static str],
    /// The group of inputs that matters most to it, besides those that matter to all.
    pub(crate) group: Group,
}

const fn tab(
    word: &'static str,
    name: &'static str,
    question: &'static str,
    sections: &'static [&'static str],
    group: Group,
) -> Tab {
    Tab { word, name, question, sections, group }
}

/// Every view, in the order to show them.
pub(crate) static TABS: [Tab; 8] = [
    tab("pool", "Connections", "How many connections, and which limit do they meet?", &["pool"], Group::Application),
    tab("queue", "Waiting", "How long does a request wait for a connection?", &["queue"], Group::Application),
    tab("memory", "Memory", "What does the server’s memory hold, and how is it set up?", &["memory"], Group::Server),
    tab("nodes", "Nodes", "How many nodes, and what if one is lost?", &["nodes", "resilience"], Group::Server),
    tab("storage", "Storage", "What does it store, and when is the disk full?", &["storage", "cache"], Group::Data),
    tab("growth", "Growth", "What breaks first as it grows, and when?", &["growth"], Group::Growth),
    tab("routing", "Routing", "Where do reads and writes go?", &["replica"], Group::Data),
    tab("advisor", "Advisor", "What to do, in which order, and how?", &["strategy", "alert"], Group::Advice),
];

/// The view that is shown where the address names none.
pub(crate) static FIRST: &Tab = &TABS[0];

impl Tab {
    /// The view of this name.
    pub(crate) fn named(word: &str) -> Option<&'static Self> {
        TABS.iter().find(|tab| tab.word == word)
    }

    /// Whether it shows the value, the finding or the series of this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        let word = id.split('.').next().unwrap_or_default();
        self.sections.contains(&word)
    }

    /// The view that shows the value or the finding of this id.
    pub(crate) fn of(id: &str) -> &'static Self {
        TABS.iter().find(|tab| tab.has(id)).unwrap_or(FIRST)
    }

    /// The sections it shows.
    pub(crate) fn sections(&self) -> impl Iterator<Item = Section> {
        Section::ALL.into_iter().filter(|section| self.sections.contains(&section.word))
    }

    /// How bad the worst of its findings is, if anything is wrong.
    pub(crate) fn severity(&self, plan: &Plan) -> Option<Severity> {
        let severities = plan.findings.iter().filter(|finding| self.has(&finding.code)).map(|finding| finding.severity);
        severities.max().filter(|severity| *severity != Severity::Info)
    }
}
