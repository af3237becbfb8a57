//! The present scenario beside one that was kept: what was changed, and what that changed.

use sizing::{Plan, Value};

use crate::action::Action;
use crate::state::Pinned;
use crate::view::{Drawing, View, joined};

impl View<'_> {
    /// What differs from the scenario that was kept.
    pub(crate) fn compared(&self, to: &mut Drawing) {
        let pinned = self.state.pinned.as_deref();
        to.element("section", &[("class", "findings compared"), ("aria-labelledby", "compared-heading")], |to| {
            to.flag("hidden", pinned.is_none());
            let Some(pinned) = pinned else { return };
            to.words("h2", &[("id", "compared-heading")], "Compared with the pinned scenario");
            to.element("p", &[("class", "compared-ways")], |to| {
                to.button("quiet", "Swap the two", Action::Swap);
                to.button("quiet", "Pin the present one", Action::Pin);
                to.button("quiet", "Unpin", Action::Unpin);
            });
            to.element("p", &[], |to| {
                to.words("strong", &[], "Pinned: ");
                to.text(&pinned.plan.verdict);
            });
            self.changed_inputs(to, pinned);
            self.changed_values(to, pinned);
            self.changed_findings(to, &pinned.plan);
        });
    }

    fn changed_inputs(&self, to: &mut Drawing, pinned: &Pinned) {
        table(to, "Inputs", |to| {
            for entry in &self.state.entries {
                let id = entry.input.id;
                let (then, now) = (pinned.scenario.text(id), self.state.scenario.text(id));
                if then != now {
                    let word = |text: Option<String>| text.filter(|text| !text.is_empty());
                    let (then, now) = (word(then), word(now));
                    let none = "nothing";
                    row(to, id, entry.input.name, then.as_deref().unwrap_or(none), now.as_deref().unwrap_or(none));
                }
            }
        });
    }

    fn changed_values(&self, to: &mut Drawing, pinned: &Pinned) {
        let here = |value: &&Value| self.state.tab.has(&value.id) || self.state.is_printing;
        table(to, &joined(&["Values of ", self.state.tab.name]), |to| {
            for value in self.plan().values.iter().filter(here) {
                let then = pinned.plan.value(&value.id).map(|then| then.quantity.to_string());
                let now = value.quantity.to_string();
                if then.as_deref() != Some(&*now) {
                    row(to, &value.id, &value.name, then.as_deref().unwrap_or("none"), &now);
                }
            }
        });
    }

    fn changed_findings(&self, to: &mut Drawing, pinned: &Plan) {
        let is_in = |plan: &Plan, code: &str| plan.findings.iter().any(|finding| finding.code == code);
        table(to, "Findings", |to| {
            for finding in pinned.findings.iter().filter(|finding| !is_in(self.plan(), &finding.code)) {
                row(to, &finding.code, &finding.message, "found", "gone");
            }
            for finding in self.plan().findings.iter().filter(|finding| !is_in(pinned, &finding.code)) {
                row(to, &finding.code, &finding.message, "none", "found");
            }
        });
    }
}

/// A table of what was and what is.
fn table(to: &mut Drawing, what: &str, rows: impl FnOnce(&mut Drawing)) {
    to.element("table", &[("class", "comparison")], |to| {
        to.words("caption", &[], what);
        to.element("thead", &[], |to| {
            to.element("tr", &[], |to| {
                to.words("th", &[("scope", "col")], what);
                to.words("th", &[("scope", "col")], "Pinned");
                to.words("th", &[("scope", "col")], "Now");
            });
        });
        to.element("tbody", &[], rows);
    });
}

fn row(to: &mut Drawing, key: &str, name: &str, then: &str, now: &str) {
    to.element("tr", &[("data-changed", key)], |to| {
        to.key(key);
        to.words("th", &[("scope", "row")], name);
        to.words("td", &[], then);
        to.words("td", &[], now);
    });
}
