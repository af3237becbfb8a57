//! Every value of the plan in a table, for whoever wants to check them all.

use crate::drawing::Drawing;
use crate::state::Action;
use crate::view::{View, joined};

impl View<'_> {
    pub(crate) fn values(&self, to: &mut Drawing) {
        let values = &self.state.plan.values;
        // There are a hundred rows: drawn with every key, they would take longer than everything else.
        let is_open = self.state.are_values_shown;
        to.element("section", &[("class", "values"), ("aria-labelledby", "values-heading")], |to| {
            to.element("details", &[("id", "values")], |to| {
                to.flag("open", is_open);
                to.element("summary", &[], |to| {
                    to.on_unfold(Action::ShowValues(!is_open));
                    to.element("h2", &[("id", "values-heading")], |to| {
                        to.text("All values ");
                        to.words("span", &[("class", "count")], &values.len().to_string());
                    });
                });
                to.element("table", &[], |to| {
                    to.element("thead", &[], |to| {
                        to.element("tr", &[], |to| {
                            to.words("th", &[("scope", "col")], "Value");
                            to.words("th", &[("scope", "col"), ("class", "quantity")], "Result");
                        });
                    });
                    for value in values.iter().filter(|_| is_open) {
                        let panel = joined(&["value-", &value.id]);
                        to.element("tbody", &[], |to| {
                            to.key(&value.id);
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
                });
            });
        });
    }
}
