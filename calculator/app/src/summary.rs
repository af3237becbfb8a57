//! What is always in sight: the verdict, what breaks first and when, and what to do first.

use sizing::{Quantity, Severity};

use crate::action::Action;
use crate::icon;
use crate::state::assignments;
use crate::tab::Tab;
use crate::view::{Drawing, View, joined};

/// How many things to do are named.
const MOST_DEEDS: usize = 3;

impl View<'_> {
    pub(crate) fn summary(&self, to: &mut Drawing) {
        let plan = self.plan();
        let severity = plan.severity().filter(|severity| *severity != Severity::Info);
        let class = joined(&["verdict ", icon::class(severity)]);
        to.element("section", &[("class", &class), ("aria-labelledby", "verdict-heading")], |to| {
            to.key("summary");
            to.words("h2", &[("id", "verdict-heading"), ("class", "visually-hidden")], "Verdict");
            to.element("p", &[("class", "bar")], |to| {
                to.element("span", &[("class", "pill")], |to| {
                    icon::sign(to, severity);
                    to.text(icon::word(severity));
                });
                to.element("span", &[("class", "bar-text")], |to| self.first_break(to));
                to.button("quiet to-view", "Details", Action::Go(self.state.tab));
            });
            let (first, rest) = plan.verdict.split_at(first_sentence(&plan.verdict));
            to.element("p", &[("class", "sentence"), ("id", "verdict")], |to| {
                to.text(first);
                to.words("span", &[("class", "sentences")], rest);
            });
            self.stale(to);
            self.details(to, "deeds", self.state.tab, |view, _, to| view.deeds(to));
            to.words("p", &[("class", "visually-hidden"), ("role", "status")], &self.state.spoken);
        });
    }

    /// What breaks first, and when; where nothing does, how near the tightest limit is.
    fn first_break(&self, to: &mut Drawing) {
        let text = |id: &str| self.plan().value(id).map(|value| value.quantity.to_string()).unwrap_or_default();
        let month = self.plan().value("growth.first_limit_month");
        let Some(month) = month.filter(|value| value.quantity.number().is_some()) else {
            let limit = text("pool.binding_limit");
            to.text(if limit.is_empty() { "Nothing breaks in the time looked at" } else { &limit });
            to.text(" ");
            to.words("strong", &[], &text("pool.utilization"));
            return;
        };
        to.text("Breaks first: ");
        to.words("strong", &[], &text("growth.first_limit"));
        match &*month.quantity.to_string() {
            "0" => to.text(", now"),
            "1" => to.text(", in 1 month"),
            months => to.text(&joined(&[", in ", months, " months"])),
        }
        let date = self.plan().value("growth.first_limit_date").map(|value| &value.quantity);
        if let Some(Quantity::Date(date)) = date {
            to.text(&joined(&[" (", &date.to_string(), ")"]));
        }
    }

    /// The most important things to do: what ends the worst findings, and then what is recommended.
    fn deeds(&self, to: &mut Drawing) {
        let plan = self.plan();
        let findings = plan.findings.iter().filter(|finding| finding.severity != Severity::Info).take(MOST_DEEDS);
        let found = findings.clone().count();
        let advice = plan.actions.iter().filter(|action| action.recommended).take(MOST_DEEDS.saturating_sub(found));
        to.element("ol", &[("class", "deeds"), ("aria-label", "What to do first")], |to| {
            to.flag("hidden", found == 0 && !plan.actions.iter().any(|action| action.recommended));
            for (position, finding) in findings.enumerate() {
                to.element("li", &[], |to| {
                    to.key(&joined(&[&finding.code, &position.to_string()]));
                    icon::sign(to, Some(finding.severity));
                    to.words("span", &[("class", "visually-hidden")], icon::word(Some(finding.severity)));
                    to.words("span", &[("class", "deed")], &finding.remedy);
                    if finding.fix.is_empty() {
                        go(to, Tab::of(&finding.code));
                    } else {
                        let title = joined(&["Set ", &assignments(&finding.fix)]);
                        to.element("button", &[("type", "button"), ("class", "quiet"), ("title", &title)], |to| {
                            // Whoever speaks to the page says what is to be read on it.
                            to.set("aria-label", &joined(&["Apply: set ", &assignments(&finding.fix)]));
                            to.on_press(Action::Apply(finding.fix.clone()));
                            to.text("Apply");
                        });
                    }
                });
            }
            for action in advice {
                to.element("li", &[], |to| {
                    to.key(action.code);
                    icon::sign(to, None);
                    to.words("span", &[("class", "deed")], &joined(&[&action.title, ". ", &action.outcome]));
                    go(to, Tab::of(action.code));
                });
            }
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

/// Where the first sentence of a text ends.
fn first_sentence(text: &str) -> usize {
    let is_end =
        |at: &usize| text.get(at + 2..).is_some_and(|rest| rest.starts_with(|first: char| first.is_uppercase()));
    text.match_indices(". ").map(|(at, _)| at).find(is_end).map_or(text.len(), |at| at + 1)
}

/// The way to the view where more is said.
fn go(to: &mut Drawing, tab: &'static Tab) {
    to.element("button", &[("type", "button"), ("class", "quiet")], |to| {
        to.set("aria-label", &joined(&["See ", tab.name]));
        to.on_press(Action::Go(tab));
        to.text("See");
    });
}
