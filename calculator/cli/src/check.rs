//! `headroom check`: existing files in, what is wrong with them out.

use std::path::{Path, PathBuf};

use formats::scenario_json;
use lexopt::Arg;
use routing::Topology;
use serde_json::{Value as Json, json};
use sizing::Severity;

use crate::{Outcome, help, read_file};

pub(crate) fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut is_json = false;
    loop {
        match arguments.next() {
            Ok(Some(Arg::Value(file))) => files.push(file.into()),
            Ok(Some(Arg::Long("json"))) => is_json = true,
            Ok(Some(Arg::Long("help") | Arg::Short('h'))) => return Outcome::Fine(help::overview()),
            Ok(Some(other)) => return Outcome::BadInput(vec![help::unexpected("check", &other)]),
            Ok(None) => break,
            Err(error) => return Outcome::BadInput(vec![error.to_string()]),
        }
    }
    if files.is_empty() {
        return Outcome::BadInput(vec!["check: no file given: allowed are scenario and topology files".to_owned()]);
    }
    let (mut checked, mut errors) = (Vec::new(), Vec::new());
    for file in &files {
        match check(file) {
            Ok(found) => checked.push(found),
            Err(found) => errors.extend(found),
        }
    }
    if !errors.is_empty() {
        return Outcome::BadInput(errors);
    }
    let is_broken =
        checked.iter().any(|checked| checked.findings.iter().any(|found| found.severity == Severity::Error));
    let text = if is_json { json(&checked) } else { checked.iter().map(Checked::lines).collect() };
    if is_broken { Outcome::Broken(text) } else { Outcome::Fine(text) }
}

/// What is to be said of a file that could be read.
struct Checked {
    file: String,
    kind: &'static str,
    verdict: String,
    findings: Vec<Found>,
}

/// A finding of either kind of file.
struct Found {
    severity: Severity,
    code: String,
    message: String,
    remedy: String,
}

impl Checked {
    /// A line for the verdict and one for each finding.
    fn lines(&self) -> String {
        let found = self.findings.iter().map(|Found { severity, message, remedy, .. }| {
            format!("{}: {}: {}\n", self.file, severity.word(), [message.as_str(), remedy].join(" ").trim_end())
        });
        [format!("{}: {}\n", self.file, self.verdict)].into_iter().chain(found).collect()
    }
}

fn json(checked: &[Checked]) -> String {
    let files: Vec<Json> = checked
        .iter()
        .map(|Checked { file, kind, verdict, findings }| {
            let findings: Vec<Json> = findings
                .iter()
                .map(|Found { severity, code, message, remedy }| {
                    json!({ "code": code, "severity": severity.word(), "message": message, "remedy": remedy })
                })
                .collect();
            json!({ "file": file, "kind": kind, "verdict": verdict, "findings": findings })
        })
        .collect();
    format!("{:#}\n", json!({ "version": 1, "files": files }))
}

fn check(path: &Path) -> Result<Checked, Vec<String>> {
    let text = read_file(path).map_err(|error| vec![error])?;
    let file = path.display().to_string();
    if is_topology(&text) { check_topology(file, &text) } else { check_scenario(file, &text) }
}

/// A topology names its clusters; nothing else does.  Text that is no JSON is left to the parser that tells where.
fn is_topology(text: &str) -> bool {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => json.get("clusters").is_some(),
        Err(_) => text.contains("\"clusters\""),
    }
}

fn check_topology(file: String, text: &str) -> Result<Checked, Vec<String>> {
    let topology = Topology::parse(text)
        .map_err(|errors| errors.iter().map(|error| format!("{file}: {error}")).collect::<Vec<_>>())?;
    let findings = topology.warnings().iter().map(|warning| Found {
        severity: Severity::Warning,
        code: "topology.warning".to_owned(),
        message: warning.to_string(),
        remedy: String::new(),
    });
    let primary = topology.primary();
    let verdict =
        format!("a valid topology of {} clusters; writes go to {}", topology.clusters().count(), primary.id.as_str());
    Ok(Checked { file, kind: "topology", verdict, findings: findings.collect() })
}

fn check_scenario(file: String, text: &str) -> Result<Checked, Vec<String>> {
    let scenario = scenario_json::read(text)
        .map_err(|errors| errors.iter().map(|error| format!("{file}:{error}")).collect::<Vec<_>>())?;
    let plan = sizing::plan(&scenario);
    let findings = plan.findings.into_iter().map(|finding| Found {
        severity: finding.severity,
        code: finding.code.into_owned(),
        message: finding.message,
        remedy: finding.remedy,
    });
    Ok(Checked { file, kind: "scenario", verdict: plan.verdict, findings: findings.collect() })
}
