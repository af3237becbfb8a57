//! The scenario's fields, grouped by what the user knows together.

use sizing::input::Group;

use crate::action::{Action, Beginning};
use crate::entry::Entry;
use crate::state::HEADING;
use crate::view::{Drawing, View, counted, joined, length};

/// The input that decides whether the rest of its group matters.
const POOLER: &str = "pooler";

impl View<'_> {
    pub(crate) fn form(&self, to: &mut Drawing) {
        to.element("form", &[("class", "form"), ("aria-labelledby", HEADING), ("autocomplete", "off")], |to| {
            to.never_submit(Action::Tell);
            to.part("head", |to| to.element("div", &[("class", "form-head")], |to| self.head(to)));
            to.part("beginnings", |to| self.beginnings(to));
            to.element("div", &[("class", "notices"), ("role", "status")], |to| {
                to.flag("hidden", self.state.notices.is_empty());
                to.element("ul", &[], |to| {
                    for notice in &self.state.notices {
                        to.words("li", &[], notice);
                    }
                });
                to.button("quiet", "Dismiss", Action::Dismiss);
            });
            for group in Group::ALL {
                to.part(group.name(), |to| self.group(to, group));
            }
        });
    }

    fn head(&self, to: &mut Drawing) {
        let state = self.state;
        to.words("h2", &[("id", HEADING), ("tabindex", "-1")], "Scenario");
        to.element("button", &[("type", "button"), ("class", "quiet")], |to| {
            to.flag("disabled", !state.entries.iter().any(|entry| entry.is_changed));
            to.on_press(Action::ResetAll);
            to.text("Reset all");
        });
        to.element("button", &[("type", "button"), ("class", "quiet")], |to| {
            to.flag("disabled", state.plan.is_none());
            to.on_press(Action::Pin);
            to.text("Pin to compare");
        });
    }

    /// The ways to start, and the one that is open.
    fn beginnings(&self, to: &mut Drawing) {
        to.element("div", &[("class", "beginnings")], |to| {
            to.words("span", &[], "Start from");
            for (way, label) in [
                (Beginning::Preset, "a preset"),
                (Beginning::Files, "your configuration"),
                (Beginning::Questions, "six questions"),
            ] {
                to.element("button", &[("type", "button"), ("class", "quiet"), ("aria-controls", "beginning")], |to| {
                    to.key(label);
                    to.state("aria-expanded", self.state.beginning == Some(way));
                    to.on_press(Action::Begin(way));
                    to.text(label);
                });
            }
        });
        to.element("div", &[("class", "beginning"), ("id", "beginning")], |to| {
            to.flag("hidden", self.state.beginning.is_none());
            match self.state.later {
                Some(later) => (later.start)(self, to),
                None => to.text("One moment…"),
            }
        });
    }

    /// One group: the usual fields, and those rarely needed folded away.
    fn group(&self, to: &mut Drawing, group: Group) {
        let is_used = group != Group::Pooler || self.state.scenario.has_pooler();
        let entries: Vec<&Entry> = self.state.entries.iter().filter(|entry| entry.input.group == group).collect();
        let changed = |is_counted: &dyn Fn(&Entry) -> bool| {
            length(entries.iter().filter(|entry| entry.is_changed && is_counted(entry)).count())
        };
        let changed_unused = if is_used { 0 } else { changed(&|entry| entry.input.id != POOLER) };
        let changed_rare = changed(&|entry| self.state.is_folded(entry.input));
        let rare = length(entries.iter().filter(|entry| self.state.is_folded(entry.input)).count());
        let is_whole = rare == length(entries.len());
        // A field that cannot be read is shown, whether it matters or not.
        let is_broken = |entry: &&Entry| entry.input.id != POOLER && entry.shown_problem().is_some();
        let is_shown = is_used || entries.iter().any(is_broken);
        let heading = joined(&["group-", &group.name().replace(' ', "-")]);
        to.element("section", &[("class", "group"), ("role", "group"), ("aria-labelledby", &heading)], |to| {
            to.words("h3", &[("id", &heading)], group.name());
            to.element("div", &[("class", "fields")], |to| {
                for entry in &entries {
                    if !self.state.is_folded(entry.input) && (is_shown || entry.input.id == POOLER) {
                        to.part(entry.input.id, |to| self.field(to, entry));
                    }
                }
            });
            to.element("p", &[("class", "hint unused")], |to| {
                to.flag("hidden", is_shown || changed_unused == 0);
                to.text(&counted(changed_unused, "changed input"));
                to.text(" without effect: there is no pooler.");
            });
            to.element("details", &[("class", "rare")], |to| {
                // Fields that nobody sees are not drawn: they would be noted with every key.
                let is_unfolded = self.state.unfolded.contains(&group);
                to.flag("hidden", !is_shown && !is_whole || rare == 0);
                to.flag("open", is_unfolded);
                to.element("summary", &[], |to| {
                    to.on_unfold(Action::Unfold(group));
                    to.text(&counted(rare, if is_whole { "input" } else { "more input" }));
                    to.element("span", &[("class", "changed-count")], |to| {
                        to.flag("hidden", changed_rare == 0);
                        to.text(&joined(&[&changed_rare.to_string(), " changed"]));
                    });
                });
                to.element("div", &[("class", "fields")], |to| {
                    for entry in entries.iter().filter(|entry| self.state.is_folded(entry.input) && is_unfolded) {
                        to.part(entry.input.id, |to| self.field(to, entry));
                    }
                });
            });
        });
    }
}
