//! `headroom plan`, `pool`, `queue` and the other commands that size something.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use formats::part::part;
use formats::report::{self, Detail};
use formats::{permalink, plan_json, scenario_json};
use lexopt::Arg;
use sizing::{INPUTS, Input, Scenario, Severity};

use crate::calculator::{Calculator, who_takes};
use crate::{Outcome, help, preset, read_file};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Format {
    Text,
    Json,
    Markdown,
    Link,
}

/// What the arguments say.
pub(crate) struct Request {
    pub(crate) file: Option<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) preset: Option<String>,
    pub(crate) inputs: Vec<(&'static str, String)>,
    pub(crate) format: Format,
    detail: Detail,
}

pub(crate) fn run(calculator: &Calculator, arguments: lexopt::Parser) -> Outcome {
    let (scenario, request) = match read(calculator, arguments) {
        Ok(said) => said,
        Err(outcome) => return outcome,
    };
    let mut plan = sizing::plan(&scenario);
    if !calculator.sections.is_empty() {
        plan = part(&scenario, &plan, calculator.sections);
    }
    let text = match request.format {
        Format::Text => report::text(&plan, request.detail),
        Format::Json => plan_json::write(&plan),
        Format::Markdown => report::markdown(&plan, request.detail),
        Format::Link => format!("#{}\n", permalink::write(&scenario)),
    };
    if plan.severity() == Some(Severity::Error) { Outcome::Broken(text) } else { Outcome::Fine(text) }
}

/// The scenario that the arguments describe, and the rest of what they say; otherwise what is to be said instead.
pub(crate) fn read(calculator: &Calculator, arguments: lexopt::Parser) -> Result<(Scenario, Request), Outcome> {
    let (request, mut errors) = request(calculator, arguments)?;
    let mut scenario = base(&request).unwrap_or_else(|found| {
        errors.extend(found);
        Scenario::default()
    });
    for (id, text) in &request.inputs {
        errors.extend(scenario.set(id, text).err().map(|error| error.to_string()));
    }
    if errors.is_empty() {
        errors.extend(assume(calculator, &request, &mut scenario).err());
    }
    if errors.is_empty() { Ok((scenario, request)) } else { Err(Outcome::BadInput(errors)) }
}

/// What the arguments say, and what is wrong with them; otherwise what is to be said instead.
pub(crate) fn request(
    calculator: &Calculator,
    mut arguments: lexopt::Parser,
) -> Result<(Request, Vec<String>), Outcome> {
    let mut request = Request {
        file: None,
        files: Vec::new(),
        preset: None,
        inputs: Vec::new(),
        format: Format::Text,
        detail: Detail::Brief,
    };
    let mut errors = Vec::new();
    loop {
        match read_argument(calculator, &mut arguments, &mut request) {
            Ok(Step::More) => {}
            Ok(Step::End) => return Ok((request, errors)),
            Ok(Step::Help) => return Err(Outcome::Fine(help::of(calculator))),
            Err(error) => errors.push(error),
        }
    }
}

/// The scenario that the flags go over.
fn base(request: &Request) -> Result<Scenario, Vec<String>> {
    match (&request.file, &request.preset) {
        (Some(_), Some(_)) => Err(vec!["--preset and a scenario file exclude each other".to_owned()]),
        (Some(file), None) => read_scenario(file),
        (None, Some(name)) => preset::named(name).map_err(|error| vec![error]),
        (None, None) => Ok(Scenario::default()),
    }
}

/// Fills in what the command takes for granted.
fn assume(calculator: &Calculator, request: &Request, scenario: &mut Scenario) -> Result<(), String> {
    if let Some(system) = calculator.system {
        let is_open = scenario.system.is_none();
        if is_open {
            scenario.system = Some(system);
        }
        let is_sized = match system {
            sizing::choice::System::SecretStore => scenario.has_secret_store(),
            _ => scenario.has_database(),
        };
        if !is_sized {
            let said = scenario.system.map_or("auto", sizing::choice::System::word);
            let name = calculator.name;
            return Err(format!("{name}: sizes a {}, but system is {said}: give --system both", system.word()));
        }
    }
    if request.file.is_none() && request.preset.is_none() {
        for (id, text) in calculator.given.iter().filter(|(id, _)| !request.inputs.iter().any(|(said, _)| said == id)) {
            scenario.set(id, text).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

enum Step {
    More,
    End,
    Help,
}

fn read_argument(
    calculator: &Calculator,
    arguments: &mut lexopt::Parser,
    request: &mut Request,
) -> Result<Step, String> {
    let argument = arguments.next().map_err(|error| error.to_string())?;
    match argument {
        None => return Ok(Step::End),
        Some(Arg::Short('h') | Arg::Long("help")) => return Ok(Step::Help),
        Some(Arg::Long("json")) if calculator.is_report || calculator.takes_files => request.format = Format::Json,
        Some(Arg::Long("explain")) if calculator.is_report => request.detail = Detail::Explained,
        Some(Arg::Long("format")) if calculator.is_report => {
            let word = value(arguments, "--format")?;
            request.format = match word.to_str() {
                Some("text") => Format::Text,
                Some("json") => Format::Json,
                Some("markdown") => Format::Markdown,
                Some("link") => Format::Link,
                _ => return Err(format!("--format: read {word:?}, allowed is one of text, json, markdown, link")),
            };
        }
        Some(Arg::Long("scenario")) => {
            let file = value(arguments, "--scenario")?.into();
            return take_file(request, file);
        }
        Some(Arg::Long("preset")) => {
            let name = value(arguments, "--preset")?;
            if request.preset.replace(name.to_string_lossy().into_owned()).is_some() {
                return Err("--preset is given twice".to_owned());
            }
        }
        Some(Arg::Long(flag)) => {
            let flag = flag.to_owned();
            let input = INPUTS.iter().find(|input| input.kebab() == flag);
            let Some(input) = input.filter(|input| calculator.takes(input)) else {
                skip_value(arguments);
                return Err(refused(calculator, &flag, input));
            };
            let text = value(arguments, &flag)?;
            let text = text.into_string().map_err(|text| format!("{}: read {text:?}, which is not UTF-8", input.id))?;
            if request.inputs.iter().any(|(id, _)| *id == input.id) {
                return Err(format!("--{flag} is given twice"));
            }
            request.inputs.push((input.id, text));
        }
        Some(Arg::Value(file)) if calculator.takes_files => request.files.push(file.into()),
        Some(Arg::Value(file)) if calculator.takes_file => return take_file(request, file.into()),
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

fn take_file(request: &mut Request, file: PathBuf) -> Result<Step, String> {
    match &request.file {
        Some(first) => Err(format!("two scenario files: {} and {}", first.display(), file.display())),
        None => {
            request.file = Some(file);
            Ok(Step::More)
        }
    }
}

fn value(arguments: &mut lexopt::Parser, flag: &str) -> Result<OsString, String> {
    arguments.value().map_err(|_| format!("--{}: no value given", flag.trim_start_matches("--")))
}

/// Passes over what was meant for a flag that is not taken, so that one slip is one error.
fn skip_value(arguments: &mut lexopt::Parser) {
    if arguments.optional_value().is_none()
        && let Some(mut rest) = arguments.try_raw_args()
    {
        rest.next_if(|next| !next.to_string_lossy().starts_with("--"));
    }
}

/// The error for a flag that is no input, or one of other commands.
fn refused(calculator: &Calculator, flag: &str, input: Option<&Input>) -> String {
    if let Some(input) = input {
        return format!("--{flag} is no input of {}: it is one of {}", calculator.name, who_takes(input));
    }
    let nearest = match Input::find(&flag.replace('-', "_")) {
        Err(sizing::InputError::Unknown { nearest, .. }) => nearest.and_then(|id| Input::find(id).ok()),
        _ => None,
    };
    let hint = match nearest {
        Some(input) if calculator.takes(input) => format!("did you mean --{}? ", input.kebab()),
        Some(input) => format!("did you mean --{}, an input of {}? ", input.kebab(), who_takes(input)),
        None => String::new(),
    };
    format!("unknown flag --{}: {hint}headroom {} --help lists the flags", flag.escape_debug(), calculator.name)
}

fn read_scenario(path: &Path) -> Result<Scenario, Vec<String>> {
    let text = read_file(path).map_err(|error| vec![error])?;
    scenario_json::read(&text)
        .map_err(|errors| errors.iter().map(|error| format!("{}:{error}", path.display())).collect())
}
