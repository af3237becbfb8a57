//! `headroom pool`: the pool calculator.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use formats::{plan_json, report, scenario_json};
use lexopt::Arg;
use sizing::{INPUTS, Input, Scenario, Severity};

use crate::{Outcome, help, read_file};

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Text,
    Json,
}

/// What the arguments say.
struct Request {
    file: Option<PathBuf>,
    inputs: Vec<(String, String)>,
    format: Format,
}

pub(crate) fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut request = Request { file: None, inputs: Vec::new(), format: Format::Text };
    let mut errors = Vec::new();
    loop {
        match read_argument(&mut arguments, &mut request) {
            Ok(Step::More) => {}
            Ok(Step::End) => break,
            Ok(Step::Help) => return Outcome::Fine(help::pool()),
            Err(error) => errors.push(error),
        }
    }
    let mut scenario = match request.file.as_deref().map_or_else(|| Ok(Scenario::default()), read_scenario) {
        Ok(scenario) => scenario,
        Err(found) => {
            errors.extend(found);
            Scenario::default()
        }
    };
    errors.extend(request.inputs.iter().filter_map(|(id, text)| scenario.set(id, text).err()).map(|e| e.to_string()));
    if !errors.is_empty() {
        return Outcome::BadInput(errors);
    }
    let plan = sizing::plan(&scenario);
    let text = match request.format {
        Format::Text => report::text(&plan),
        Format::Json => plan_json::write(&plan),
    };
    if plan.severity() == Some(Severity::Error) { Outcome::Broken(text) } else { Outcome::Fine(text) }
}

enum Step {
    More,
    End,
    Help,
}

fn read_argument(arguments: &mut lexopt::Parser, request: &mut Request) -> Result<Step, String> {
    let argument = arguments.next().map_err(|error| error.to_string())?;
    match argument {
        None => return Ok(Step::End),
        Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Step::Help),
        Some(Arg::Long("json")) => request.format = Format::Json,
        Some(Arg::Long("format")) => {
            let word = value(arguments, "--format")?;
            request.format = match word.to_str() {
                Some("text") => Format::Text,
                Some("json") => Format::Json,
                _ => return Err(format!("--format: read {word:?}, allowed is one of text, json")),
            };
        }
        Some(Arg::Long("scenario")) => request.file = Some(value(arguments, "--scenario")?.into()),
        Some(Arg::Long(flag)) => {
            let flag = flag.to_owned();
            let Some(input) = INPUTS.iter().find(|input| input.kebab() == flag) else {
                skip_value(arguments);
                return Err(unknown(&flag));
            };
            let text = value(arguments, &flag)?;
            let text = text.into_string().map_err(|text| format!("{}: read {text:?}, which is not UTF-8", input.id))?;
            request.inputs.push((input.id.to_owned(), text));
        }
        Some(Arg::Value(value)) => {
            return Err(format!("{}: give inputs as flags, such as --pods 4", Arg::Value(value).unexpected()));
        }
        Some(Arg::Short(flag)) => {
            skip_value(arguments);
            return Err(format!("{}: give inputs as flags, such as --pods 4", Arg::Short(flag).unexpected()));
        }
    }
    Ok(Step::More)
}

fn value(arguments: &mut lexopt::Parser, flag: &str) -> Result<OsString, String> {
    arguments.value().map_err(|_| format!("--{}: no value given", flag.trim_start_matches("--")))
}

/// Passes over what was meant for an unknown flag, so that one slip is one error.
fn skip_value(arguments: &mut lexopt::Parser) {
    if arguments.optional_value().is_none()
        && let Some(mut rest) = arguments.try_raw_args()
    {
        rest.next_if(|next| !next.to_string_lossy().starts_with("--"));
    }
}

/// The error for a flag that is no input's, with the one it may be meant for.
fn unknown(flag: &str) -> String {
    let nearest = match Input::find(&flag.replace('-', "_")) {
        Err(sizing::InputError::Unknown { nearest, .. }) => nearest,
        _ => None,
    };
    let hint = nearest.map(|id| format!(": did you mean --{}?", id.replace('_', "-"))).unwrap_or_default();
    format!("unknown flag --{}{hint}", flag.escape_debug())
}

fn read_scenario(path: &Path) -> Result<Scenario, Vec<String>> {
    let text = read_file(path).map_err(|error| vec![error])?;
    scenario_json::read(&text)
        .map_err(|errors| errors.iter().map(|error| format!("{}:{error}", path.display())).collect())
}
