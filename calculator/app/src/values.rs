//! Every value of the plan, a table for each section, for whoever wants to check them all.

use sizing::{Section, Value};

use crate::action::Action;
use crate::tab::Tab;
use crate::view::{Drawing, View, joined};

impl View<'_> {
    pub(crate) fn values(&self, to: &mut Drawing, tab: &Tab) {
        let count = self.plan().values.iter().filter(|value| tab.has(&value.id)).count();
        let heading = joined(&["values-", tab.word]);
        to.element("section", &[("class", "values"), ("aria-labelledby", &heading)], |to| {
            to.flag("hidden", count == 0);
            to.element("h3", &[("id", &heading), ("class", "section-heading")], |to| {
                to.text("All values ");
                to.words("span", &[("class", "count")], &count.to_string());
            });
            for section in tab.sections() {
                to.part(section.word, |to| self.section(to, section));
            }
        });
    }

    fn section(&self, to: &mut Drawing, section: Section) {
        let values = || self.plan().values.iter().filter(move |value| section.has(&value.id));
        let count = values().count();
        // There are hundreds of rows: drawn where nobody sees them, they would take longer than everything else.
        let is_open = self.state.is_printing || self.state.shown.contains(&section.word);
        to.element("details", &[("id", &joined(&["section-", section.word]))], |to| {
            to.flag("hidden", count == 0);
            to.flag("open", is_open);
            to.element("summary", &[], |to| {
                to.on_unfold(Action::Show(section.word));
                to.element("h4", &[], |to| {
                    to.text(section.name);
                    to.text(" ");
                    to.words("span", &[("class", "count")], &count.to_string());
                });
            });
            to.element("table", &[], |to| {
                to.element("thead", &[], |to| {
                    to.element("tr", &[], |to| {
                        to.words("th", &[("scope", "col")], "Value");
                        to.words("th", &[("scope", "col"), ("class", "quantity")], "Result");
                    });
                });
                for value in values().filter(|_| is_open) {
                    to.part(&value.id, |to| self.row(to, value));
                }
            });
        });
    }

    fn row(&self, to: &mut Drawing, value: &Value) {
        let panel = joined(&["value-", &value.id]);
        to.element("tbody", &[], |to| {
            to.element("tr", &[], |to| {
                to.element("th", &[("scope", "row")], |to| {
                    to.text(&value.name);
                    to.words("code", &[], &value.id);
                });
                to.element("td", &[("class", "quantity")], |to| {
                    self.number(to, &panel, value, "");
                });
            });
            to.element("tr", &[("class", "derivation-row")], |to| {
                to.flag("hidden", self.state.trail(&panel).is_empty());
                to.element("td", &[("colspan", "2")], |to| {
                    self.panel(to, &panel);
                });
            });
        });
    }
}
