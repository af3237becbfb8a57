//! The views as a reader knows them, to compare the page with.

use formats::permalink;
use sizing::preset::PRESETS;
use sizing::{Plan, Scenario};

/// One view.
#[derive(Debug)]
pub struct View {
    /// The word in the address.
    pub word: &'static str,
    /// What the tab and the heading say.
    pub name: &'static str,
    /// What the ids of its values and findings begin with.
    pub sections: &'static [&'static str],
}

/// All of them, in the order of the tabs.
pub const VIEWS: [View; 8] = [
    View { word: "pool", name: "Connections", sections: &["pool"] },
    View { word: "queue", name: "Waiting", sections: &["queue"] },
    View { word: "memory", name: "Memory", sections: &["memory"] },
    View { word: "nodes", name: "Nodes", sections: &["nodes", "resilience"] },
    View { word: "storage", name: "Storage", sections: &["storage", "cache"] },
    View { word: "growth", name: "Growth", sections: &["growth"] },
    View { word: "routing", name: "Routing", sections: &["replica"] },
    View { word: "advisor", name: "Advisor", sections: &["strategy", "alert"] },
];

impl View {
    /// Whether the value or the finding of this id belongs to it.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        id.split_once('.').is_some_and(|(section, _)| self.sections.contains(&section))
    }

    /// Whether the plan has anything to say in it.
    #[must_use]
    pub fn says_something(&self, plan: &Plan) -> bool {
        plan.values.iter().any(|value| self.has(&value.id))
    }
}

/// A link to a database with something of everything: a pooler, an exceeded limit, an autoscaler, a finding with a fix.
pub const BUSY: &str = "#v=1&pods=12&pods_max=30&pool_size=20&max_overflow=10&pooler=pgbouncer&pooler_instances=3&\
                        default_pool_size=50&max_client_conn=400&max_connections=200&role_connection_limit=120&reserved=20";

/// A link to a database and a secret store, about which every view has something to say.
///
/// # Panics
/// Where a preset is not allowed.
#[must_use]
pub fn full() -> String {
    let mut scenario = Scenario::default();
    for (id, text) in
        PRESETS.iter().flat_map(|preset| preset.inputs).chain(&[("system", "both"), ("today", "2026-01-15")])
    {
        scenario.set(id, text).expect("it is allowed");
    }
    format!("#{}", permalink::write(&scenario))
}

/// The scenario of a link.
///
/// # Panics
/// Where it cannot be read.
#[must_use]
pub fn scenario(link: &str) -> Scenario {
    let mut scenario = Scenario::default();
    for (id, text) in permalink::read(link).texts {
        scenario.set(id, &text).expect("it is allowed");
    }
    scenario
}
