//! `calculator/REFERENCE.md` names every input, value, finding and action there is, as the code has them.
//!
//! `UPDATE_REFERENCE=1 cargo test -p formats --test reference` writes it anew.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a reference that cannot be made is a failed test")]

#[path = "../../../sizing/tests/any/mod.rs"]
mod any;
mod collected;
mod document;
mod scenarios;
mod sources;

use std::sync::LazyLock;

use any::any_scenario;
use collected::Collected;
use formats::markdown;
use proptest::prelude::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../REFERENCE.md");

/// What all the scenarios show.
static COLLECTED: LazyLock<Collected> = LazyLock::new(|| {
    let mut collected = Collected::default();
    for scenario in scenarios::all() {
        collected.add(&sizing::plan(&scenario));
    }
    collected
});

#[test]
fn the_reference_is_current() {
    let document = markdown::write(&document::blocks(&COLLECTED));
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(PATH, &document).unwrap();
        return;
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    let differing = document.lines().zip(written.lines()).find(|(ours, theirs)| ours != theirs);
    assert!(
        document == written,
        "calculator/REFERENCE.md is not current, first at {differing:#?}: run UPDATE_REFERENCE=1 cargo test -p formats \
         --test reference"
    );
}

#[test]
fn everything_the_sources_name_is_met() {
    let missing: Vec<String> = sources::named().into_iter().filter(|id| !COLLECTED.knows(id)).collect();
    assert!(missing.is_empty(), "no scenario of scenarios.rs meets these: {missing:#?}");
}

proptest! {
    #[test]
    fn nothing_is_missing_from_the_reference(scenario in any_scenario()) {
        let plan = sizing::plan(&scenario);
        let missing = COLLECTED.missing(&plan);
        prop_assert!(missing.is_empty(), "not in the reference: {:?}", missing);
    }
}
