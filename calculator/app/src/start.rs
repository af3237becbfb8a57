//! The ways to a scenario: one of the documents', an existing configuration, or six questions.

use formats::import::{FileKind, Given, Imported, Position, Problem, detect, pgbouncer_ini, postgresql_conf};
use formats::scenario_json;
use sizing::Input;
use sizing::preset::PRESETS;

use crate::action::{Action, Beginning};
use crate::state::File;
use crate::view::{Drawing, View, counted, joined, length};
use drawing::Happening;

/// A question, and the inputs that answer it.
type Question = (&'static str, &'static [&'static str]);

const SIZED: Question = ("What is sized?", &["system"]);
const PODS: Question =
    ("How many pods serve them, and how many connections may each open?", &["pods", "pool_size", "max_overflow"]);
const SERVER: Question =
    ("How large is the database server, and how many connections does it accept?", &["ram", "cpus", "max_connections"]);
const GROWTH: Question = ("How fast does it grow?", &["growth_rate", "months"]);

/// Six questions about a database.
const OF_DATABASE: [Question; 6] = [
    SIZED,
    ("How many requests arrive each second at peak, and how long does each hold a connection?", &["rate", "hold_ms"]),
    PODS,
    ("Is there a pooler between them and the database?", &["pooler", "pooler_instances"]),
    SERVER,
    GROWTH,
];

/// Six questions about a secret store.
const OF_SECRET_STORE: [Question; 6] = [
    SIZED,
    ("How many requests arrive each second at peak, and how many of them only read?", &["rate", "read_share"]),
    ("How many secrets does it keep, and how many leases live at the same time?", &["secrets", "leases"]),
    ("How many nodes vote today, over how many zones?", &["nodes", "zones"]),
    ("Do standbys answer reads?", &["edition"]),
    GROWTH,
];

/// Six questions about both.
const OF_BOTH: [Question; 6] = [
    SIZED,
    ("How many requests arrive each second at peak, and how many of them only read?", &["rate", "read_share"]),
    PODS,
    SERVER,
    (
        "How many secrets does the store keep, how many leases live at the same time, and on how many nodes?",
        &["secrets", "leases", "nodes"],
    ),
    GROWTH,
];

/// Draws the way that is open.
pub(crate) fn draw(view: &View<'_>, to: &mut Drawing) {
    match view.state.beginning {
        Some(Beginning::Preset) => presets(to),
        Some(Beginning::Files) => view.files(to),
        Some(Beginning::Questions) => view.questions(to),
        None => {}
    }
}

/// What a file says, by its name and its text; otherwise why it is of no use here.
pub(crate) fn read(name: &str, text: &str) -> Result<Imported, String> {
    if text.trim().is_empty() {
        return Err("There is no text in it, or it is larger than 4 MiB.".into());
    }
    match detect(name, text) {
        Some(FileKind::PostgresqlConf | FileKind::PostgresqlAutoConf) => Ok(postgresql_conf(text)),
        Some(FileKind::PgbouncerIni) => Ok(pgbouncer_ini(text)),
        Some(FileKind::Scenario) => scenario(text),
        Some(FileKind::Topology) => Err("This is a router’s topology: open it in the routing playground.".into()),
        None => Err("This is neither postgresql.conf, nor pgbouncer.ini, nor a scenario.".into()),
    }
}

/// A scenario file as what it gives.
fn scenario(text: &str) -> Result<Imported, String> {
    let read = scenario_json::read(text).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("; ")
    })?;
    let given =
        |(input, text): (&'static Input, String)| Given { name: input.id.into(), text, at: Position::default() };
    // All of them: what the file leaves out has its default, whatever the fields say.
    let inputs = sizing::INPUTS.iter().filter_map(|input| Some(given((input, read.text(input.id)?))));
    Ok(Imported { inputs: inputs.collect(), ..Imported::default() })
}

fn presets(to: &mut Drawing) {
    to.element("ul", &[("class", "presets")], |to| {
        for preset in &PRESETS {
            to.element("li", &[], |to| {
                to.element("button", &[("type", "button"), ("class", "link"), ("data-preset", preset.id)], |to| {
                    to.on_press(Action::Start(preset));
                    to.text(preset.title);
                });
                to.words("p", &[("class", "hint")], preset.what);
            });
        }
    });
}

impl View<'_> {
    fn questions(&self, to: &mut Drawing) {
        let scenario = &self.state.scenario;
        let questions = match (scenario.has_database(), scenario.has_secret_store()) {
            (_, false) => OF_DATABASE,
            (false, true) => OF_SECRET_STORE,
            (true, true) => OF_BOTH,
        };
        to.element("ol", &[("class", "questions")], |to| {
            for (question, ids) in questions {
                to.element("li", &[], |to| {
                    to.words("p", &[("class", "question")], question);
                    to.element("div", &[("class", "fields")], |to| {
                        for entry in self.state.entries.iter().filter(|entry| ids.contains(&entry.input.id)) {
                            self.answer(to, entry);
                        }
                    });
                });
            }
        });
        to.words(
            "p",
            &[("class", "hint")],
            "The result follows as you type; every other field has a sensible default.",
        );
        to.button("primary", "Show the result", Action::Answered);
    }

    fn files(&self, to: &mut Drawing) {
        to.element("div", &[("class", "drop")], |to| {
            to.on(Happening::Drop, Action::Files(None));
            to.element("label", &[("for", "files")], |to| {
                to.words("strong", &[], "postgresql.conf, pgbouncer.ini or a scenario file");
                to.text(
                    ": drop them here, choose them, or paste one below. They are read in your browser and go nowhere.",
                );
            });
            to.element("input", &[("id", "files"), ("type", "file"), ("multiple", "")], |to| {
                to.on(Happening::Change, Action::Files(None));
            });
            to.words("label", &[("for", "paste")], "Or paste one");
            to.element(
                "textarea",
                &[("id", "paste"), ("rows", "6"), ("spellcheck", "false"), ("autocomplete", "off")],
                |to| {
                    to.value(&self.state.pasted);
                    to.on_type(Action::Paste(yew::AttrValue::default()));
                },
            );
            to.element("button", &[("type", "button"), ("class", "primary")], |to| {
                to.flag("disabled", self.state.pasted.trim().is_empty());
                to.on_press(Action::ReadPasted);
                to.text("Read it");
            });
        });
        to.element("ul", &[("class", "files-read"), ("id", "files-read"), ("tabindex", "-1")], |to| {
            for file in &self.state.files {
                self.file(to, file);
            }
        });
    }

    fn file(&self, to: &mut Drawing, file: &File) {
        to.element("li", &[], |to| {
            to.key(&file.name);
            to.element("p", &[], |to| {
                to.words("strong", &[], &file.name);
                match &file.refused {
                    Some(why) => {
                        to.text(": ");
                        to.words("span", &[("class", "problem")], why);
                    }
                    None => {
                        let settings = counted(length(file.settings.len()), "setting");
                        let inputs = counted(length(file.taken), "input");
                        to.text(&joined(&[": ", &settings, " read, ", &inputs, " taken."]));
                    }
                }
            });
            to.element("ul", &[("class", "problems")], |to| {
                for problem in &file.problems {
                    said(to, problem);
                }
            });
        });
    }
}

fn said(to: &mut Drawing, problem: &Problem) {
    let place = joined(&["line ", &problem.at.line.to_string(), ", column ", &problem.at.column.to_string(), ": "]);
    to.element("li", &[("class", if problem.is_error { "problem" } else { "hint" })], |to| {
        to.text(&place);
        to.text(&problem.message);
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // how a test says that it failed
mod tests {
    use sizing::Scenario;

    use super::*;

    /// Another answer to each question.
    const ANSWERS: &[(&str, &str)] = &[
        ("rate", "900"),
        ("hold_ms", "90"),
        ("read_share", "10%"),
        ("pods", "9"),
        ("pool_size", "50"),
        ("max_overflow", "7"),
        ("pooler", "none"),
        ("pooler_instances", "4"),
        ("ram", "256GiB"),
        ("cpus", "64"),
        ("max_connections", "500"),
        ("secrets", "2M"),
        ("leases", "300K"),
        ("nodes", "7"),
        ("zones", "1"),
        ("edition", "vault-enterprise"),
        ("growth_rate", "400%"),
        ("months", "60"),
    ];

    #[test]
    fn every_answer_changes_the_result() {
        let both = [("growth_rate", "100%"), ("secrets", "100K"), ("leases", "50K"), ("pooler", "pgbouncer")];
        for (system, questions) in [("database", OF_DATABASE), ("secret-store", OF_SECRET_STORE), ("both", OF_BOTH)] {
            let mut scenario = Scenario::default();
            for (id, text) in [("system", system)].iter().chain(&both) {
                scenario.set(id, text).unwrap();
            }
            let before = sizing::plan(&scenario);
            for id in questions.iter().flat_map(|(_, ids)| *ids).filter(|id| **id != "system") {
                let mut other = scenario.clone();
                let (_, text) = ANSWERS.iter().find(|(answered, _)| answered == id).unwrap();
                other.set(id, text).unwrap();
                assert_ne!(sizing::plan(&other).values, before.values, "{system}: {id}");
            }
        }
    }
}
