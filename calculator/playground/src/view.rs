//! What is to be seen, from the state.

mod answer;
mod clusters;
mod file;
mod map;
mod settings;
mod time;
mod traffic;

use drawing::Drawing;
use yew::AttrValue;

use crate::action::{Action, Field};
use crate::preset::PRESETS;
use crate::state::State;

pub(crate) type Page = Drawing<Action>;

/// The playground as it is now.
pub(crate) struct View<'s> {
    pub(crate) state: &'s State,
}

impl View<'_> {
    pub(crate) fn draw(&self, to: &mut Page) {
        to.element("div", &[("class", "playground")], |to| {
            to.words("p", &[("class", "visually-hidden"), ("role", "status")], &self.state.spoken);
            self.head(to);
            to.element("div", &[("class", "pg-stage")], |to| {
                self.map(to);
                to.element("div", &[("class", "pg-side")], |to| {
                    self.ask(to);
                    self.answer(to);
                });
            });
            self.time(to);
            self.clusters(to);
            self.traffic(to);
            self.settings(to);
            self.file(to);
        });
    }

    fn head(&self, to: &mut Page) {
        to.element("div", &[("class", "pg-head")], |to| {
            to.element("div", &[("class", "pg-field")], |to| {
                to.words("label", &[("for", "pg-preset")], "Start from");
                to.element("select", &[("id", "pg-preset")], |to| {
                    to.on_choose(Action::Preset(AttrValue::default()));
                    for (index, preset) in PRESETS.iter().enumerate() {
                        option(to, &index.to_string(), preset.name, index == self.state.preset);
                    }
                    if self.state.preset >= PRESETS.len() {
                        option(to, "", "Your own file", true);
                    }
                });
            });
            to.button("pg-button", "Reset everything", Action::Reset);
            if self.state.left.is_some() {
                to.button("pg-button", "Undo", Action::Undo);
            }
            to.words(
                "p",
                &[("class", "pg-note")],
                "The router’s own code decides here; clusters, network and clock are simulated. Nothing is sent anywhere.",
            );
        });
    }

    /// A field whose text is taken when it is finished.
    fn field(&self, to: &mut Page, field: Field, label: &str, hint: &str, value: &str) {
        let id = field.id();
        let problem = self.state.problems.get(&id);
        let about = [&id, "-about"].concat();
        to.element("div", &[("class", "pg-field")], |to| {
            to.words("label", &[("for", &id)], label);
            to.element(
                "input",
                &[("id", &id), ("type", "text"), ("autocomplete", "off"), ("spellcheck", "false")],
                |to| {
                    to.set("aria-describedby", &about);
                    to.state("aria-invalid", problem.is_some());
                    let typed = self.state.typed.get(&id).cloned();
                    to.value(&typed.unwrap_or_else(|| value.to_owned().into()));
                    to.on_type(Action::Type(id.clone(), AttrValue::default()));
                    to.on_choose(Action::Enter(field, AttrValue::default()));
                },
            );
            to.element(
                "span",
                &[("class", if problem.is_some() { "pg-problem" } else { "pg-hint" }), ("id", &about)],
                |to| {
                    to.text(problem.map_or(hint, String::as_str));
                },
            );
        });
    }
}

fn option(to: &mut Page, value: &str, text: &str, is_chosen: bool) {
    to.element("option", &[("value", value)], |to| {
        to.flag("selected", is_chosen);
        to.text(text);
    });
}

/// A row of a table: its head and its cells.
fn row(to: &mut Page, head: &str, cells: &[&str]) {
    to.element("tr", &[], |to| {
        to.words("th", &[("scope", "row")], head);
        for cell in cells {
            to.words("td", &[], cell);
        }
    });
}

/// The head of a table.
fn columns(to: &mut Page, caption: &str, names: &[&str]) {
    to.words("caption", &[], caption);
    to.element("thead", &[], |to| {
        to.element("tr", &[], |to| {
            for name in names {
                to.words("th", &[("scope", "col")], name);
            }
        });
    });
}

/// A table that may be wider than the page.
fn wide(to: &mut Page, name: &str, draw: impl FnOnce(&mut Page)) {
    to.element("div", &[("class", "pg-wide"), ("tabindex", "0"), ("role", "region"), ("aria-label", name)], |to| {
        to.element("table", &[], draw);
    });
}
