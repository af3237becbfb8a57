//! Everything that follows from the scenario: the summary, and what the chosen view shows.

use crate::action::Action;
use crate::pictures;
use crate::state::VIEW;
use crate::tab::{TABS, Tab};
use crate::view::{Drawing, View, joined};

/// Draws it.
pub(crate) fn draw(view: &View<'_>, to: &mut Drawing) {
    let shown = view.state.tab;
    view.summary(to);
    to.part("takings", |to| view.takings(to));
    view.report_inputs(to);
    to.part("applied", |to| view.applied(to));
    view.details(to, "compared", shown, |view, _, to| view.compared(to));
    for tab in &TABS {
        // Only what is looked at is drawn; paper has everything.
        if tab == shown || view.state.is_printing && view.state.says_something(tab) {
            view.tab(to, tab);
        }
    }
}

impl View<'_> {
    fn tab(&self, to: &mut Drawing, tab: &'static Tab) {
        let is_chosen = tab == self.state.tab;
        let heading = if is_chosen { VIEW.to_owned() } else { joined(&["view-", tab.word]) };
        to.element("section", &[("class", "view"), ("data-view", tab.word), ("aria-labelledby", &heading)], |to| {
            to.key(tab.word);
            to.state("aria-busy", self.state.is_behind());
            to.part("head", |to| self.head_of(to, tab, &heading));
            to.part("figures", |to| self.figures(to, tab));
            self.details(to, "details", tab, |view, tab, to| {
                match tab.word {
                    "pool" if view.state.scenario.has_database() => view.chain(to),
                    "advisor" => {
                        view.options(to);
                        view.exports(to);
                    }
                    _ => pictures::draw(view, tab, to),
                }
                view.findings(to, tab);
                view.values(to, tab);
            });
        });
    }

    fn head_of(&self, to: &mut Drawing, tab: &Tab, heading: &str) {
        to.element("div", &[("class", "view-head")], |to| {
            to.words("h2", &[("id", heading), ("tabindex", "-1")], tab.name);
            to.words("p", &[("class", "question")], tab.question);
        });
        to.element("p", &[("class", "figures nothing")], |to| {
            to.flag("hidden", self.state.says_something(tab) || tab.word == "routing");
            to.text("This is about ");
            to.text(if self.state.scenario.has_database() { "a secret store" } else { "a database" });
            to.text(", which the scenario does not have. ");
            to.button("link", "Change what is sized", Action::Visit("system"));
        });
    }
}
