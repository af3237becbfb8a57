//! The handful of numbers that people ask for first.

use sizing::Value;

use crate::results::Results;
use crate::view::Drawing;
use crate::view::joined;

/// Where the derivations of the figures open.
const PANEL: &str = "figures";

/// The values, with a short name for each.
const FIGURES: &[(&str, &str)] = &[
    ("pool.total_connections", "connections in all"),
    ("pool.utilization", "of the first limit"),
    ("pool.headroom", "connections left"),
    ("pool.max_pods", "pods fit"),
    ("pool.max_pool_size", "largest pool size"),
];

impl Results<'_> {
    pub(crate) fn figures(&self, to: &mut Drawing) {
        to.element("section", &[("class", "figures"), ("aria-label", "Key figures")], |to| {
            to.element("dl", &[], |to| {
                for (id, label) in FIGURES {
                    let Some(value) = self.plan.value(id) else { continue };
                    let class = if value.quantity.number().is_none() { "figure-words" } else { "figure-number" };
                    to.element("div", &[("class", "figure")], |to| {
                        to.key(id);
                        to.words("dt", &[], label);
                        to.element("dd", &[], |to| {
                            self.number(to, PANEL, value, class);
                            to.words("span", &[("class", "documented")], &documented(value));
                        });
                    });
                }
            });
            self.panel(to, PANEL);
        });
    }
}

/// What a published rule says, where that differs.
fn documented(value: &Value) -> String {
    let ours = value.quantity.to_string();
    let theirs = value.rules.iter().map(|rule| rule.quantity.to_string()).find(|theirs| *theirs != ours);
    theirs.map(|theirs| joined(&["documented: ", &theirs])).unwrap_or_default()
}
