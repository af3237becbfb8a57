//! `headroom check`: existing files in, what is wrong with them out.

use std::path::{Path, PathBuf};

use formats::scenario_json;
use routing::Topology;
use sizing::Severity;

use crate::{Outcome, read_file};

pub(crate) fn run(mut arguments: lexopt::Parser) -> Outcome {
    let mut files: Vec<PathBuf> = Vec::new();
    loop {
        match arguments.next() {
            Ok(Some(lexopt::Arg::Value(file))) => files.push(file.into()),
            Ok(Some(other)) => return Outcome::BadInput(vec![other.unexpected().to_string()]),
            Ok(None) => break,
            Err(error) => return Outcome::BadInput(vec![error.to_string()]),
        }
    }
    if files.is_empty() {
        return Outcome::BadInput(vec!["check: no file given: allowed are scenario and topology files".to_owned()]);
    }
    let (mut report, mut errors, mut broken) = (String::new(), Vec::new(), false);
    for file in &files {
        match check(file) {
            Ok(Checked { lines, is_broken }) => {
                broken |= is_broken;
                for line in lines {
                    report.push_str(&format!("{}: {line}\n", file.display()));
                }
            }
            Err(found) => errors.extend(found),
        }
    }
    match (errors.is_empty(), broken) {
        (false, _) => Outcome::BadInput(errors),
        (true, true) => Outcome::Broken(report),
        (true, false) => Outcome::Fine(report),
    }
}

/// What is to be said of a file that could be read.
struct Checked {
    lines: Vec<String>,
    is_broken: bool,
}

fn check(file: &Path) -> Result<Checked, Vec<String>> {
    let text = read_file(file).map_err(|error| vec![error])?;
    if is_topology(&text) { check_topology(file, &text) } else { check_scenario(file, &text) }
}

/// A topology names its clusters; nothing else does.  Text that is no JSON is left to the parser that tells where.
fn is_topology(text: &str) -> bool {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => json.get("clusters").is_some(),
        Err(_) => text.contains("\"clusters\""),
    }
}

fn check_topology(file: &Path, text: &str) -> Result<Checked, Vec<String>> {
    let topology = Topology::parse(text)
        .map_err(|errors| errors.iter().map(|error| format!("{}: {error}", file.display())).collect::<Vec<_>>())?;
    let mut lines: Vec<String> = topology.warnings().iter().map(|warning| format!("warning: {warning}")).collect();
    let primary = topology.primary();
    lines.push(format!(
        "a valid topology of {} clusters; writes go to {}",
        topology.clusters().count(),
        primary.id.as_str()
    ));
    Ok(Checked { lines, is_broken: false })
}

fn check_scenario(file: &Path, text: &str) -> Result<Checked, Vec<String>> {
    let scenario = scenario_json::read(text)
        .map_err(|errors| errors.iter().map(|error| format!("{}:{error}", file.display())).collect::<Vec<_>>())?;
    let plan = sizing::plan(&scenario);
    let mut lines = vec![plan.verdict.clone()];
    lines.extend(
        plan.findings
            .iter()
            .map(|finding| format!("{}: {} {}", finding.severity.word(), finding.message, finding.remedy)),
    );
    Ok(Checked { lines, is_broken: plan.severity() == Some(Severity::Error) })
}
