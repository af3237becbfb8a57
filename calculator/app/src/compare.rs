//! The present scenario beside one that was kept: what was changed, and what that changed.

use sizing::{Finding, Plan, Value};

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
            to.element("p", &[("class", "nothing")], |to| {
                to.flag("hidden", self.state.scenario != pinned.scenario);
                to.text("Nothing differs yet: change an input.");
            });
            self.changed_inputs(to, pinned);
            self.changed_values(to, pinned);
            self.changed_findings(to, &pinned.plan);
        });
    }

    fn changed_inputs(&self, to: &mut Drawing, pinned: &Pinned) {
        let mut rows = Vec::new();
        for entry in &self.state.entries {
            let id = entry.input.id;
            let (then, now) = (pinned.scenario.text(id), self.state.scenario.text(id));
            if then != now {
                let word = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or("nothing".into());
                rows.push(Row { key: id, name: entry.input.name, then: word(then), now: word(now) });
            }
        }
        table(to, "Inputs", &rows);
    }

    fn changed_values(&self, to: &mut Drawing, pinned: &Pinned) {
        let mut rows = Vec::new();
        for value in &self.plan().values {
            let is_here = self.state.tab.has(&value.id) || self.state.is_printing;
            let text = |value: &Value| value.quantity.to_string();
            let (then, now) = (pinned.plan.value(&value.id).map_or("none".into(), text), text(value));
            if is_here && then != now {
                rows.push(Row { key: &value.id, name: &value.name, then, now });
            }
        }
        for value in &pinned.plan.values {
            let is_here = self.state.tab.has(&value.id) || self.state.is_printing;
            if is_here && self.plan().value(&value.id).is_none() {
                let then = value.quantity.to_string();
                rows.push(Row { key: &value.id, name: &value.name, then, now: "none".into() });
            }
        }
        table(to, &joined(&["Values of ", self.state.tab.name]), &rows);
    }

    fn changed_findings(&self, to: &mut Drawing, pinned: &Plan) {
        let mut rows = Vec::new();
        for (plan, other, then, now) in [(pinned, self.plan(), "found", "gone"), (self.plan(), pinned, "none", "found")]
        {
            for Finding { code, message, .. } in &plan.findings {
                if !other.findings.iter().any(|finding| finding.code == *code && finding.message == *message) {
                    rows.push(Row { key: code, name: message, then: then.into(), now: now.into() });
                }
            }
        }
        table(to, "Findings", &rows);
    }
}

/// Something that differs.
struct Row<'p> {
    key: &'p str,
    name: &'p str,
    then: String,
    now: String,
}

/// A table of what was and what is, where that differs.
fn table(to: &mut Drawing, what: &str, rows: &[Row<'_>]) {
    to.element("table", &[("class", "comparison")], |to| {
        to.flag("hidden", rows.is_empty());
        to.words("caption", &[], what);
        to.element("thead", &[], |to| {
            to.element("tr", &[], |to| {
                to.words("th", &[("scope", "col")], what);
                to.words("th", &[("scope", "col")], "Pinned");
                to.words("th", &[("scope", "col")], "Now");
            });
        });
        to.element("tbody", &[], |to| {
            for (position, row) in rows.iter().enumerate() {
                to.element("tr", &[("data-changed", row.key)], |to| {
                    // The same code can be found at several places.
                    to.key(&joined(&[row.key, "-", &position.to_string()]));
                    to.words("th", &[("scope", "row")], row.name);
                    to.words("td", &[], &row.then);
                    to.words("td", &[], &row.now);
                });
            }
        });
    });
}
