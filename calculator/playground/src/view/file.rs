//! The topology file for the worker, out and in.

use drawing::Happening;
use yew::AttrValue;

use super::{Page, View};
use crate::action::Action;
use crate::state::IMPORT;
use crate::words;

impl View<'_> {
    pub(super) fn file(&self, to: &mut Page) {
        let state = self.state;
        to.element("section", &[("class", "pg-panel pg-files"), ("aria-labelledby", "pg-file-heading")], |to| {
            to.words("h3", &[("id", "pg-file-heading")], "The topology file");
            to.element("div", &[("class", "pg-columns")], |to| {
                to.element("div", &[], |to| {
                    to.element("div", &[("class", "pg-buttons")], |to| {
                        to.button("pg-button pg-main", "Copy", Action::Copy);
                        to.button("pg-button", "Download topology.json", Action::Download);
                        to.element("span", &[("class", "pg-hint"), ("role", "status")], |to| {
                            to.text(match state.is_copied {
                                Some(true) => "Copied",
                                Some(false) => "Copying is not allowed here: mark the text and copy it",
                                None => "",
                            });
                        });
                    });
                    let text = state.draft.text();
                    to.element(
                        "pre",
                        &[
                            ("id", "pg-export"),
                            ("tabindex", "0"),
                            ("role", "region"),
                            ("aria-label", "The file as text"),
                        ],
                        |to| {
                            to.words("code", &[], &text);
                        },
                    );
                    for warning in state.simulation.topology().warnings() {
                        to.words("p", &[("class", "pg-hint")], &["Warning: ", &warning.to_string()].concat());
                    }
                });
                to.element("div", &[("class", "pg-import")], |to| {
                    to.on(Happening::DragOver, Action::Nothing);
                    to.on(Happening::Drop, Action::Files(None));
                    to.words("label", &[("for", IMPORT)], "Paste a topology file, or drop one here");
                    to.element(
                        "textarea",
                        &[("id", IMPORT), ("rows", "8"), ("spellcheck", "false"), ("autocomplete", "off")],
                        |to| {
                            to.set("aria-describedby", "pg-import-errors");
                            to.state("aria-invalid", !state.import_errors.is_empty());
                            to.value(&state.typed.get(IMPORT).cloned().unwrap_or_default());
                            to.on_type(Action::Type(IMPORT.to_owned(), AttrValue::default()));
                        },
                    );
                    to.element("div", &[("class", "pg-buttons")], |to| {
                        to.button("pg-button pg-main", "Take it", Action::Import);
                        to.element("label", &[("class", "pg-button pg-file")], |to| {
                            to.text("Choose a file");
                            to.element(
                                "input",
                                &[("type", "file"), ("id", "pg-file"), ("accept", ".json,application/json")],
                                |to| {
                                    to.on(Happening::Change, Action::Files(None));
                                },
                            );
                        });
                    });
                    to.element("div", &[("id", "pg-import-errors")], |to| {
                        let errors = &state.import_errors;
                        if errors.is_empty() {
                            return;
                        }
                        let title = [&words::count(errors.len(), "error", "errors"), "; nothing was changed:"].concat();
                        to.words("p", &[("class", "pg-problem")], &title);
                        to.element("ul", &[("class", "pg-errors")], |to| {
                            for error in errors {
                                to.words("li", &[], error);
                            }
                        });
                    });
                });
            });
        });
    }
}
