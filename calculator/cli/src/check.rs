//! `headroom check`: existing files in, what is wrong with them out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use formats::import::{self, FileKind, Imported, Position, detect};
use formats::scenario_json;
use routing::Topology;
use serde_json::{Value as Json, json};
use sizing::input::Group;
use sizing::{Plan, Scenario, Severity};

use crate::calculator::Calculator;
use crate::plan::{self, Format, Request};
use crate::{Outcome, preset};

/// How the scenario is given that configuration files go over: as `plan` takes it.
const CHECK: Calculator = Calculator {
    name: "check",
    about: "what is wrong with existing files; configuration files together are one scenario, which flags go over",
    sections: &[],
    groups: &Group::ALL,
    inputs: &[],
    system: None,
    given: &[],
    takes_file: false,
    takes_files: true,
    is_report: false,
};

/// What can be checked, as the end of a sentence.
const ALLOWED: &str = "postgresql.conf, pgbouncer.ini, scenario and topology files";

/// How far the setting that is evidence may be from the value that is: an operand of an operand of it.
const FARTHEST: usize = 3;

pub(crate) fn run(arguments: lexopt::Parser) -> Outcome {
    let (mut request, mut errors) = match plan::request(&CHECK, arguments) {
        Ok(said) => said,
        Err(outcome) => return outcome,
    };
    request.files.extend(request.file.take());
    if request.files.is_empty() && errors.is_empty() {
        errors.push(format!("check: no file given: allowed are {ALLOWED}"));
    }
    let mut files = Vec::new();
    for path in &request.files {
        match File::read(path) {
            Ok(file) => files.push(file),
            Err(error) => errors.push(error),
        }
    }
    let is_configuration = files.iter().any(|file| file.kind.is_configuration());
    if request.preset.is_some() && !is_configuration {
        errors.push("--preset: no postgresql.conf or pgbouncer.ini is given that could go over it".to_owned());
    }
    let mut checked = Vec::new();
    for file in &files {
        let found = match file.kind {
            FileKind::Topology => check_topology(file),
            FileKind::Scenario if !is_configuration => check_scenario(file, &request),
            _ => continue,
        };
        keep(found, &mut checked, &mut errors);
    }
    if is_configuration {
        keep(check_configuration(&files, &request), &mut checked, &mut errors);
    }
    if !errors.is_empty() {
        return Outcome::BadInput(errors);
    }
    let is_broken =
        checked.iter().any(|checked| checked.findings.iter().any(|found| found.severity == Severity::Error));
    let text =
        if request.format == Format::Json { json(&checked) } else { checked.iter().map(Checked::lines).collect() };
    if is_broken { Outcome::Broken(text) } else { Outcome::Fine(text) }
}

fn keep(found: Result<Checked, Vec<String>>, checked: &mut Vec<Checked>, errors: &mut Vec<String>) {
    match found {
        Ok(found) => checked.push(found),
        Err(found) => errors.extend(found),
    }
}

/// A file that was read.
struct File {
    name: String,
    kind: FileKind,
    text: String,
}

impl File {
    fn read(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| format!("{name}: cannot be read: {error}"))?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            // A comment of a configuration file may be in any encoding; JSON has one.
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                if !detect(&name, &text).is_some_and(FileKind::is_configuration) {
                    return Err(format!("{name}: cannot be read: not UTF-8 at byte {at}"));
                }
                text
            }
        };
        let kind = detect(&name, &text).ok_or_else(|| format!("{name}: of no known kind: allowed are {ALLOWED}"))?;
        Ok(Self { name, kind, text })
    }
}

/// What is to be said of a file that could be read, or of several that belong together.
struct Checked {
    files: Vec<String>,
    kind: &'static str,
    verdict: String,
    findings: Vec<Found>,
    notes: Vec<(Place, String)>,
}

/// A finding of any kind of file.
struct Found {
    severity: Severity,
    code: String,
    message: String,
    remedy: String,
    at: Option<Place>,
}

/// A place in a file.
#[derive(Clone)]
struct Place {
    file: String,
    position: Position,
}

impl Place {
    fn text(&self) -> String {
        format!("{}:{}:{}", self.file, self.position.line, self.position.column)
    }

    fn json(&self) -> Json {
        json!({ "file": self.file, "line": self.position.line, "column": self.position.column })
    }
}

impl Checked {
    /// A line for the verdict, one for each finding and one for each note.
    fn lines(&self) -> String {
        let files = self.files.join(", ");
        let mut text = format!("{files}: {}\n", self.verdict);
        for Found { severity, message, remedy, at, .. } in &self.findings {
            let place = at.as_ref().map_or_else(|| files.clone(), Place::text);
            let words = [message.as_str(), remedy].join(" ");
            text.push_str(&format!("{place}: {}: {}\n", severity.word(), words.trim_end()));
        }
        for (place, message) in &self.notes {
            text.push_str(&format!("{}: note: {message}\n", place.text()));
        }
        text
    }

    fn json(&self) -> Json {
        let findings: Vec<Json> = (self.findings.iter())
            .map(|Found { severity, code, message, remedy, at }| {
                let (severity, at) = (severity.word(), at.as_ref().map(Place::json));
                json!({ "code": code, "severity": severity, "message": message, "remedy": remedy, "at": at })
            })
            .collect();
        let notes: Vec<Json> =
            self.notes.iter().map(|(place, message)| json!({ "at": place.json(), "message": message })).collect();
        json!({
            "file": self.files.join(", "),
            "files": self.files,
            "kind": self.kind,
            "verdict": self.verdict,
            "findings": findings,
            "notes": notes,
        })
    }
}

fn json(checked: &[Checked]) -> String {
    let files: Vec<Json> = checked.iter().map(Checked::json).collect();
    format!("{:#}\n", json!({ "version": 1, "files": files }))
}

fn check_topology(file: &File) -> Result<Checked, Vec<String>> {
    let topology = Topology::parse(&file.text)
        .map_err(|errors| errors.iter().map(|error| format!("{}: {error}", file.name)).collect::<Vec<_>>())?;
    let findings = topology.warnings().iter().map(|warning| Found {
        severity: Severity::Warning,
        code: "topology.warning".to_owned(),
        message: warning.to_string(),
        remedy: String::new(),
        at: None,
    });
    let primary = topology.primary();
    let verdict =
        format!("a valid topology of {} clusters; writes go to {}", topology.clusters().count(), primary.id.as_str());
    let (files, findings) = (vec![file.name.clone()], findings.collect());
    Ok(Checked { files, kind: "topology", verdict, findings, notes: Vec::new() })
}

fn read_scenario(file: &File) -> Result<Scenario, Vec<String>> {
    scenario_json::read(&file.text)
        .map_err(|errors| errors.iter().map(|error| format!("{}:{error}", file.name)).collect())
}

/// Sets what the flags say.
fn apply(request: &Request, scenario: &mut Scenario) -> Result<(), Vec<String>> {
    let errors = request.inputs.iter().filter_map(|(id, text)| scenario.set(id, text).err());
    let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_scenario(file: &File, request: &Request) -> Result<Checked, Vec<String>> {
    let mut scenario = read_scenario(file)?;
    apply(request, &mut scenario)?;
    let plan = sizing::plan(&scenario);
    let findings = found(&plan, &BTreeMap::new());
    let files = vec![file.name.clone()];
    Ok(Checked { files, kind: file.kind.word(), verdict: plan.verdict, findings, notes: Vec::new() })
}

/// The configuration files as one scenario, over the scenario that is among the files, or the preset, or the defaults.
fn check_configuration(files: &[File], request: &Request) -> Result<Checked, Vec<String>> {
    let scenarios: Vec<&File> = files.iter().filter(|file| file.kind == FileKind::Scenario).collect();
    let (mut scenario, is_given) = match (scenarios.as_slice(), &request.preset) {
        ([], None) => (Scenario::default(), false),
        ([], Some(name)) => (preset::named(name).map_err(|error| vec![error])?, true),
        ([file], None) => (read_scenario(file)?, true),
        ([_], Some(_)) => return Err(vec!["--preset and a scenario file exclude each other".to_owned()]),
        ([first, second, ..], _) => {
            return Err(vec![format!("two scenario files: {} and {}", first.name, second.name)]);
        }
    };
    let mut flagged = scenario.clone();
    apply(request, &mut flagged)?;
    // Settings differ by version; where nobody says which it is, any will do.
    let version = (is_given || request.inputs.iter().any(|(id, _)| *id == "pg")).then_some(flagged.pg);
    let mut configuration: Vec<&File> = files.iter().filter(|file| file.kind.is_configuration()).collect();
    // A server reads what ALTER SYSTEM wrote last.
    configuration.sort_by_key(|file| file.kind == FileKind::PostgresqlAutoConf);
    let (mut given, mut notes, mut errors) = (BTreeMap::new(), Vec::new(), Vec::new());
    for file in &configuration {
        let Imported { inputs, problems, .. } = match file.kind {
            FileKind::PgbouncerIni => import::pgbouncer_ini(&file.text),
            _ => import::postgresql_conf_of(&file.text, version),
        };
        let place = |position| Place { file: file.name.clone(), position };
        for problem in problems {
            let at = place(problem.at);
            if problem.is_error {
                errors.push(format!("{}: {}", at.text(), problem.message));
            } else {
                notes.push((at, problem.message));
            }
        }
        for input in inputs {
            errors.extend(scenario.set(&input.name, &input.text).err().map(|error| error.to_string()));
            given.insert(input.name.into_owned(), place(input.at));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    apply(request, &mut scenario)?;
    for (id, _) in &request.inputs {
        given.remove(*id);
    }
    let plan = sizing::plan(&scenario);
    let findings = found(&plan, &given);
    let files = configuration.iter().map(|file| file.name.clone()).collect();
    Ok(Checked { files, kind: "configuration", verdict: plan.verdict, findings, notes })
}

fn found(plan: &Plan, given: &BTreeMap<String, Place>) -> Vec<Found> {
    let found = plan.findings.iter().map(|finding| Found {
        severity: finding.severity,
        code: finding.code.to_string(),
        message: finding.message.clone(),
        remedy: finding.remedy.clone(),
        at: evidence(plan, finding.evidence.iter().map(AsRef::as_ref).collect(), given),
    });
    found.collect()
}

/// Where the setting stands that is evidence: a value's own, or the nearest among what the value is computed from.
fn evidence<'p>(plan: &'p Plan, mut ids: Vec<&'p str>, given: &BTreeMap<String, Place>) -> Option<Place> {
    let mut seen = BTreeSet::new();
    for _ in 0..=FARTHEST {
        if let Some(place) = ids.iter().find_map(|id| given.get(*id)) {
            return Some(place.clone());
        }
        seen.extend(ids.iter().copied());
        let values = ids.iter().filter_map(|id| plan.values.iter().find(|value| value.id == *id));
        let operands = values.flat_map(|value| value.derivation.operands.iter().map(|(name, _)| name.as_ref()));
        ids = operands.filter(|name| !seen.contains(name)).collect();
    }
    None
}
