//! The answer first: one sentence, how bad it is, and whether it stands for what the fields say.

use sizing::Severity;

use crate::icon;
use crate::results::Results;
use crate::state::Action;
use crate::view::Drawing;
use crate::view::joined;

impl Results<'_> {
    pub(crate) fn verdict(&self, to: &mut Drawing) {
        let plan = self.plan;
        let severity = plan.severity().filter(|severity| *severity != Severity::Info);
        let text = |id: &str| plan.value(id).map(|value| value.quantity.to_string()).unwrap_or_default();
        let class = joined(&["verdict ", icon::class(severity)]);
        to.element("section", &[("class", &class), ("aria-labelledby", "verdict-heading")], |to| {
            to.words("h2", &[("id", "verdict-heading"), ("class", "visually-hidden")], "Verdict");
            to.element("p", &[("class", "bar")], |to| {
                to.element("span", &[("class", "pill")], |to| {
                    icon::sign(to, severity);
                    to.text(icon::word(severity));
                });
                to.element("span", &[("class", "bar-text")], |to| {
                    to.text(&text("pool.binding_limit"));
                    to.text(" ");
                    to.words("strong", &[], &text("pool.utilization"));
                });
            });
            to.words("p", &[("class", "sentence"), ("id", "verdict")], &plan.verdict);
            self.stale(to);
            to.words("p", &[("class", "visually-hidden"), ("role", "status")], &self.state.spoken);
        });
    }

    /// The fields that count with their last allowed text.
    fn stale(&self, to: &mut Drawing) {
        let mut entries = self.state.entries.iter().filter(|entry| entry.shown_problem().is_some()).peekable();
        to.element("div", &[("class", "stale")], |to| {
            to.flag("hidden", entries.peek().is_none());
            for entry in entries {
                let id = entry.input.id;
                let stands = self.state.scenario.text(id).filter(|text| !text.is_empty());
                to.element("p", &[], |to| {
                    to.key(id);
                    to.button("link", entry.input.name, Action::Visit(id));
                    to.text(" cannot be read: the result stands for the last valid input, ");
                    to.words("strong", &[], stands.as_deref().unwrap_or("nothing given"));
                    to.text(".");
                });
            }
        });
    }
}
