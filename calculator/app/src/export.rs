//! Configuration that follows from the scenario: shown, copied, saved, and compared.

use formats::export::{Document, EXPORTS, Export, Subject, Takes};
use formats::import::{Given, How, compare};

use crate::action::{Action, Against, Thing, Way};
use crate::highlight;
use crate::state::{FILES, State};
use crate::view::{Drawing, View, joined};

/// The kind of file that is shown: the chosen one, and at first the first.
pub(crate) fn shown(state: &State) -> Option<&'static Export> {
    Export::named(state.export).or_else(|| EXPORTS.first())
}

impl View<'_> {
    pub(crate) fn exports(&self, to: &mut Drawing) {
        let Some(export) = shown(self.state) else { return };
        let written = (export.write)(Subject { scenario: &self.state.scenario, plan: self.plan() });
        to.element("section", &[("class", "findings exports"), ("aria-labelledby", FILES)], |to| {
            to.words("h3", &[("id", FILES), ("class", "section-heading"), ("tabindex", "-1")], "Configuration files");
            to.element("fieldset", &[("class", "switch")], |to| {
                to.words("legend", &[("class", "visually-hidden")], "File");
                for each in EXPORTS {
                    choice(to, "export", each.kind, each.title, each.kind == export.kind, Action::Export(each.kind));
                }
            });
            to.words("p", &[("class", "hint")], export.about);
            match &written {
                Ok(document) => self.exported(to, export, document),
                Err(why) => to.words("p", &[("class", "nothing")], why),
            }
        });
    }

    fn exported(&self, to: &mut Drawing, export: &Export, document: &Document) {
        to.element("div", &[("class", "takings")], |to| {
            to.button("primary", "Copy", Action::Take(Thing::Export, Way::Copy));
            to.button("quiet", &joined(&["Save ", export.file]), Action::Take(Thing::Export, Way::Save));
            let is_taken = matches!(self.state.taken, Some((Thing::Export, _)));
            to.words("span", &[("class", "copied"), ("aria-hidden", "true")], if is_taken { "Done" } else { "" });
        });
        let settings = || document.lines.iter().filter_map(|line| line.setting.as_ref());
        // A file of other software has other settings, and nothing to be compared with here.
        let is_alike = |given: &Given| settings().any(|setting| given.name.eq_ignore_ascii_case(&setting.name));
        let alike = self.state.files.iter().rev().filter(|file| file.settings.iter().any(is_alike));
        let imported: Vec<Given> = alike.flat_map(|file| file.settings.clone()).collect();
        let chosen = match self.state.against {
            Against::Defaults if settings().next().is_some() => Against::Defaults,
            Against::Imported if !imported.is_empty() => Against::Imported,
            _ => Against::Nothing,
        };
        to.element("fieldset", &[("class", "switch")], |to| {
            to.flag("hidden", settings().next().is_none());
            to.words("legend", &[("class", "visually-hidden")], "Compare it");
            for (against, label) in [
                (Against::Nothing, "As it is"),
                (Against::Defaults, "Against the defaults"),
                (Against::Imported, "Against what was read"),
            ] {
                if against != Against::Imported || !imported.is_empty() {
                    choice(to, "against", label, label, against == chosen, Action::Against(against));
                }
            }
        });
        match chosen {
            Against::Nothing => {}
            Against::Defaults => differences(to, document, &[], "Default"),
            Against::Imported => differences(to, document, &imported, "Read"),
        }
        to.element(
            "pre",
            &[("class", "file"), ("tabindex", "0"), ("role", "region"), ("aria-label", export.file)],
            |to| {
                to.element("code", &[], |to| {
                    for (position, line) in document.lines.iter().enumerate() {
                        to.element("span", &[("class", "line")], |to| {
                            to.key(&position.to_string());
                            highlight::line(to, export.language, &line.text);
                            if let Some(takes) = line.setting.as_ref().and_then(|setting| setting.takes) {
                                to.words("span", &[("class", "takes"), ("aria-hidden", "true")], word(takes));
                            }
                            to.text("\n");
                        });
                    }
                });
            },
        );
    }
}

/// One of several to choose from.
fn choice(to: &mut Drawing, name: &'static str, value: &str, label: &str, is_chosen: bool, action: Action) {
    to.element("label", &[("class", if is_chosen { "chosen" } else { "" })], |to| {
        to.key(value);
        to.element("input", &[("type", "radio"), ("name", name), ("value", value)], |to| {
            to.checked(is_chosen);
            to.on_choose(action);
        });
        to.words("span", &[], label);
    });
}

const fn word(takes: Takes) -> &'static str {
    match takes {
        Takes::Restart => "restart",
        Takes::Reload => "reload",
    }
}

/// The settings that would change, and what each change takes.
fn differences(to: &mut Drawing, document: &Document, imported: &[Given], from: &str) {
    let all = compare(document, imported);
    let changed = || all.iter().filter(|difference| difference.how != How::Same);
    to.element("p", &[("class", "nothing")], |to| {
        to.flag("hidden", changed().next().is_some());
        to.text("Nothing differs.");
    });
    to.element("table", &[("class", "comparison differences")], |to| {
        to.words("caption", &[], "Settings that differ");
        to.element("thead", &[], |to| {
            to.element("tr", &[], |to| {
                for head in ["Setting", from, "In this file", "Takes a"] {
                    to.words("th", &[("scope", "col")], head);
                }
            });
        });
        to.element("tbody", &[], |to| {
            for (position, difference) in changed().enumerate() {
                to.element("tr", &[("data-setting", &difference.name)], |to| {
                    to.key(&joined(&[&difference.name, "-", &position.to_string()]));
                    to.words("th", &[("scope", "row")], &difference.name);
                    to.words("td", &[], difference.from.as_deref().unwrap_or("not set"));
                    to.words(
                        "td",
                        &[],
                        match (&difference.to, difference.how) {
                            (Some(text), _) => text,
                            (None, _) => "left as it is",
                        },
                    );
                    to.words("td", &[], difference.takes.map_or("", word));
                });
            }
        });
    });
}
