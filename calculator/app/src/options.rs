//! What can be done: the recommended option first, each with its price, the way there and the way back.

use sizing::Action as Advice;
use sizing::action::Step;

use crate::action::Action;
use crate::view::{Drawing, View, joined};

impl View<'_> {
    pub(crate) fn options(&self, to: &mut Drawing) {
        let actions = &self.plan().actions;
        to.element("section", &[("class", "findings options"), ("aria-labelledby", "options-heading")], |to| {
            to.flag("hidden", actions.is_empty());
            to.element("h3", &[("id", "options-heading"), ("class", "section-heading")], |to| {
                to.text("What can be done ");
                to.words("span", &[("class", "count")], &actions.len().to_string());
            });
            to.element("ul", &[], |to| {
                for action in actions {
                    self.option(to, action);
                }
            });
        });
    }

    fn option(&self, to: &mut Drawing, action: &Advice) {
        let is_open = self.state.is_printing || self.state.detailed.contains(&action.code);
        let word = match (action.recommended, action.feasible) {
            (true, _) => "Recommended",
            (false, true) => "Possible",
            (false, false) => "No help here",
        };
        to.element("li", &[("class", "finding"), ("data-action", action.code)], |to| {
            to.key(action.code);
            to.element("h4", &[], |to| {
                to.element("span", &[], |to| {
                    to.words("span", &[("class", if action.recommended { "severity good" } else { "severity" })], word);
                    to.text(": ");
                    to.text(&action.title);
                });
            });
            to.words("p", &[("class", "remedy")], &action.outcome);
            to.words("p", &[("class", "evidence")], &price(action));
            to.element("details", &[("class", "rare")], |to| {
                to.flag("hidden", action.steps.is_empty());
                to.flag("open", is_open);
                to.element("summary", &[], |to| {
                    to.on_unfold(Action::Detail(action.code));
                    to.text("Steps");
                });
                if is_open {
                    steps(to, &action.steps);
                    if !action.canary.is_empty() {
                        to.words("p", &[], &joined(&["First on a part: ", &action.canary]));
                    }
                    if !action.rollback.is_empty() {
                        to.words("h5", &[], "The way back");
                        steps(to, &action.rollback);
                    }
                }
            });
        });
    }
}

/// What an option costs, in one line.
fn price(action: &Advice) -> String {
    let mut text = joined(&[
        "Complexity ",
        action.complexity.word(),
        ", cost ",
        action.cost.word(),
        ", risk ",
        action.risk.word(),
        ", effort ",
        &action.effort,
        ", helps after ",
        &sizing::Quantity::from(action.lead_time).to_string(),
    ]);
    if let Some(day) = action.start_by {
        text.push_str(", begin by ");
        text.push_str(&day.to_string());
    }
    text.push('.');
    text
}

fn steps(to: &mut Drawing, steps: &[Step]) {
    to.element("ol", &[("class", "steps")], |to| {
        for step in steps {
            to.element("li", &[], |to| {
                to.text(&step.what);
                if !step.command.is_empty() {
                    to.element("pre", &[("tabindex", "0")], |to| {
                        to.words("code", &[], &step.command);
                    });
                }
            });
        }
    });
}
