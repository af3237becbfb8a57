//! The settings of the topology, from the router's own table of them.

use routing::{Allowed, Setting, settings};
use yew::AttrValue;

use super::{Page, View, option};
use crate::action::{Action, Field};

impl View<'_> {
    pub(super) fn settings(&self, to: &mut Page) {
        to.element("details", &[("class", "pg-panel pg-fold"), ("id", "pg-settings")], |to| {
            to.element("summary", &[], |to| to.words("h3", &[], "Settings of the router"));
            to.words(
                "p",
                &[("class", "pg-note")],
                "The whole table of the topology file. An empty field means the default. What is changed comes into force at \
                 once, as with a new deployment.",
            );
            let mut section = None;
            let all: Vec<Setting> = settings().filter(|setting| setting.key != "version").collect();
            while let Some(first) = all.iter().find(|setting| section.is_none_or(|done: usize| place(&all, setting) > done)) {
                let name = first.section;
                to.element("fieldset", &[("class", "pg-settings")], |to| {
                    to.words("legend", &[], if name.is_empty() { "general" } else { name });
                    let from = place(&all, first);
                    for setting in all.iter().skip(from).take_while(|setting| setting.section == name) {
                        self.setting(to, setting);
                        section = Some(place(&all, setting));
                    }
                });
            }
        });
    }

    fn setting(&self, to: &mut Page, setting: &Setting) {
        let (section, key) = (setting.section, setting.key);
        let written = self.state.draft.setting(section, key).unwrap_or_default();
        let field =
            Field::Setting { section, key, is_text: matches!(setting.allowed, Allowed::Words(_) | Allowed::Text(_)) };
        let words: &[&str] = match setting.allowed {
            Allowed::Words(words) => words,
            Allowed::Flag => &["true", "false"],
            Allowed::Number { .. } | Allowed::Text(_) => {
                let hint = [setting.help, " Default: ", &setting.default, "."].concat();
                return self.field(to, field, key, &hint, &written);
            }
        };
        let id = field.id();
        let about = [&id, "-about"].concat();
        let problem = self.state.problems.get(&id);
        // What was chosen and refused stays chosen.
        let chosen = self.state.typed.get(&id).map_or(written.as_str(), AttrValue::as_str);
        to.element("div", &[("class", "pg-field")], |to| {
            to.words("label", &[("for", &id)], key);
            to.element("select", &[("id", &id), ("aria-describedby", &about)], |to| {
                to.state("aria-invalid", problem.is_some());
                to.on_choose(Action::Enter(field, AttrValue::default()));
                option(to, "", &["default: ", &setting.default].concat(), chosen.is_empty());
                for word in words {
                    option(to, word, word, chosen == *word);
                }
            });
            to.element(
                "span",
                &[("class", if problem.is_some() { "pg-problem" } else { "pg-hint" }), ("id", &about)],
                |to| {
                    to.text(problem.map_or(setting.help, String::as_str));
                },
            );
        });
    }
}

fn place(all: &[Setting], wanted: &Setting) -> usize {
    all.iter().position(|setting| (setting.section, setting.key) == (wanted.section, wanted.key)).unwrap_or_default()
}
