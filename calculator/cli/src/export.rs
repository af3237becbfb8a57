//! `headroom export`: configuration that follows from a scenario.

use formats::export::{EXPORTS, Export, Subject};
use lexopt::Arg;
use sizing::input::Group;

use crate::calculator::Calculator;
use crate::{Outcome, help, plan};

/// How the scenario is given: as `plan` takes it.
const EXPORT: Calculator = Calculator {
    name: "export KIND",
    about: "configuration that follows from a scenario; headroom export --list has the kinds",
    sections: &[],
    groups: &Group::ALL,
    inputs: &[],
    system: None,
    given: &[],
    takes_file: true,
    takes_files: false,
    is_report: false,
};

pub(crate) fn run(mut arguments: lexopt::Parser) -> Outcome {
    let kind = match arguments.next() {
        Ok(Some(Arg::Value(kind))) => kind,
        Ok(Some(Arg::Long("list"))) => return list(arguments),
        Ok(Some(Arg::Long("help") | Arg::Short('h'))) => return Outcome::Fine(help::of(&EXPORT)),
        Ok(None) => return Outcome::BadInput(vec![format!("export: no kind given, {}", allowed())]),
        Ok(Some(other)) => {
            return Outcome::BadInput(vec![format!("{}: the kind comes first, {}", other.unexpected(), allowed())]);
        }
        Err(error) => return Outcome::BadInput(vec![error.to_string()]),
    };
    let Some(export) = kind.to_str().and_then(Export::named) else {
        return Outcome::BadInput(vec![format!("export: read {kind:?}, {}", allowed())]);
    };
    let scenario = match plan::read(&EXPORT, arguments) {
        Ok((scenario, _)) => scenario,
        Err(outcome) => return outcome,
    };
    match (export.write)(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) }) {
        Ok(document) => Outcome::Fine(document.text()),
        Err(why) => Outcome::BadInput(vec![format!("export {}: {why}", export.kind)]),
    }
}

fn allowed() -> String {
    let kinds: Vec<&str> = EXPORTS.iter().map(|export| export.kind).collect();
    format!("allowed is one of {}", kinds.join(", "))
}

fn list(mut arguments: lexopt::Parser) -> Outcome {
    if let Ok(Some(more)) = arguments.next() {
        return Outcome::BadInput(vec![help::unexpected("export --list", &more)]);
    }
    let kinds = EXPORTS.iter().map(|export| format!("{:16} {:24} {}\n", export.kind, export.file, export.about));
    Outcome::Fine(kinds.collect())
}
