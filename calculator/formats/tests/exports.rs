//! Every kind of export: its text for a preset as recorded, and what holds for any scenario.
//!
//! `UPDATE_GOLDEN=1 cargo test -p formats --test exports` records the texts anew, for a change that means to change them.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../../sizing/tests/any/mod.rs"]
mod any;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use any::any_scenario;
use formats::export::{Document, EXPORTS, Export, Subject};
use proptest::prelude::*;
use sizing::{PRESETS, Scenario};

fn written(export: &Export, scenario: &Scenario) -> Result<Document, &'static str> {
    (export.write)(Subject { scenario, plan: &sizing::plan(scenario) })
}

#[test]
fn as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("exports");
    for export in EXPORTS {
        // The first preset for which there is something to write.
        let document = PRESETS.iter().find_map(|preset| written(export, &preset.scenario()).ok());
        let text = document.unwrap_or_else(|| panic!("{}: nothing for any preset", export.kind)).text();
        let path = folder.join(export.kind);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, text).unwrap();
            continue;
        }
        let recorded = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (number, (ours, recorded)) in text.lines().zip(recorded.lines()).enumerate() {
            assert_eq!(ours, recorded, "{}, line {}", export.kind, number + 1);
        }
        assert_eq!(text, recorded, "{}", export.kind);
    }
    let files: BTreeSet<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let kinds: BTreeSet<String> = EXPORTS.iter().map(|export| export.kind.to_owned()).collect();
    assert_eq!(files, kinds, "a text is recorded of a kind that is no more");
}

#[test]
fn kinds_are_told_apart() {
    let distinct = |word: fn(&Export) -> &'static str| EXPORTS.iter().map(word).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(|export| export.kind), EXPORTS.len());
    assert_eq!(distinct(|export| export.title), EXPORTS.len());
    assert_eq!(distinct(|export| export.file), EXPORTS.len());
    for export in EXPORTS {
        assert!(export.about.ends_with('.') && export.about.len() > 40, "{}", export.kind);
        assert_eq!(Export::named(export.kind).map(|found| found.title), Some(export.title));
    }
    assert!(Export::named("pg-bouncer").is_none());
}

/// A number that is none, written as a word of its own.
fn has_no_number(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| ["nan", "inf", "infinity"].contains(&word.to_ascii_lowercase().as_str()))
}

proptest! {
    #[test]
    fn every_scenario_has_a_file_or_a_reason(scenario in any_scenario()) {
        for export in EXPORTS {
            let document = match written(export, &scenario) {
                Ok(document) => document,
                Err(why) => {
                    prop_assert!(why.split(' ').count() > 3, "{}: {why}", export.kind);
                    continue;
                }
            };
            prop_assert_eq!(written(export, &scenario), Ok(document.clone()), "{}: the same again", export.kind);
            prop_assert!(document.lines.len() > 3, "{}", export.kind);
            let mut names = BTreeSet::new();
            for line in &document.lines {
                let text = &line.text;
                prop_assert!(!text.chars().any(char::is_control), "{}: {text:?}", export.kind);
                // The scenario's own texts, such as names of pools, may be any words.
                prop_assert!(text.contains("Scenario: #") || !has_no_number(text), "{}: {text}", export.kind);
                let Some(setting) = &line.setting else { continue };
                prop_assert!(names.insert(&setting.name), "{}: {} stands there twice", export.kind, setting.name);
                let key = setting.name.rsplit('.').next().unwrap_or_default();
                prop_assert!(text.contains(key), "{}: no {key} in {text}", export.kind);
                // Each item of a list may have quotes of its own.
                let is_there = text.contains(&setting.value) || text.replace('\'', "").contains(&setting.value);
                prop_assert!(is_there, "{}: no {} in {text}", export.kind, setting.value);
            }
        }
    }
}
