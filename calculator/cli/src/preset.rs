//! `headroom preset`: complete scenarios to begin with.

use formats::scenario_json;
use sizing::Scenario;
use sizing::preset::{PRESETS, Preset};

use crate::{Outcome, help};

pub(crate) fn run(mut arguments: lexopt::Parser) -> Outcome {
    let name = match arguments.next() {
        Ok(None) => return Outcome::Fine(list()),
        Ok(Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h'))) => return Outcome::Fine(help::overview()),
        Ok(Some(lexopt::Arg::Value(name))) => name,
        Ok(Some(other)) => return Outcome::BadInput(vec![help::unexpected("preset", &other)]),
        Err(error) => return Outcome::BadInput(vec![error.to_string()]),
    };
    if let Ok(Some(more)) = arguments.next() {
        return Outcome::BadInput(vec![help::unexpected("preset", &more)]);
    }
    match named(&name.to_string_lossy()) {
        Ok(scenario) => Outcome::Fine(scenario_json::write(&scenario)),
        Err(error) => Outcome::BadInput(vec![error]),
    }
}

/// The scenario of that name.
pub(crate) fn named(name: &str) -> Result<Scenario, String> {
    let ids = || PRESETS.iter().map(|preset| preset.id).collect::<Vec<_>>().join(", ");
    let preset = PRESETS.iter().find(|preset| preset.id == name);
    preset.map(Preset::scenario).ok_or_else(|| format!("preset: read {name:?}, allowed is one of {}", ids()))
}

fn list() -> String {
    PRESETS
        .iter()
        .map(|preset| {
            format!("{}\n    {}\n    {}\n    from: {}\n", preset.id, preset.title, preset.what, preset.source)
        })
        .collect()
}
