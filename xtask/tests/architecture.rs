//! Who may know whom, as ARCHITECTURE.md says: checked over what cargo knows of the workspace.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "metadata that cannot be read is a failed test")]

use std::process::Command;

use serde_json::Value as Json;

/// The crates of this workspace that each of them may depend on.
const MAY_KNOW: [(&str, &[&str], &str); 12] = [
    ("sizing", &[], "the arithmetic knows neither files, nor pages, nor routing"),
    ("routing", &[], "the decision knows neither Workers nor the calculator"),
    ("formats", &["sizing"], "formats know what they write, not who shows it"),
    ("headroom", &["formats", "routing", "sizing"], "the command line knows everything that is pure"),
    ("drawing", &[], "elements know nothing of what they show"),
    ("chart", &["drawing"], "shapes know nothing of what they show"),
    ("calculator", &["chart", "drawing", "formats", "sizing"], "the page draws plans"),
    ("playground", &["drawing", "routing"], "the playground decides by the router's own rules"),
    ("edge-router", &["routing"], "the worker carries requests to the decision"),
    ("pass-through", &[], "what the worker is measured against has nothing of it"),
    ("tests", &["formats", "routing", "sizing", "xtask"], "the journeys start what is served"),
    ("xtask", &["routing"], "the status page gets its map; building needs nothing else of what is built"),
];

/// Crates that a pure one must not name: they do I/O, keep time, draw random numbers or know the web.
const IMPURE: [&str; 10] =
    ["chrono", "getrandom", "gloo", "js-sys", "log", "rand", "tokio", "wasm-bindgen", "web-sys", "worker"];

fn packages() -> Vec<Json> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Json = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The names a package depends on: those that ship with it, not those of its tests.
fn dependencies(package: &Json) -> Vec<&str> {
    let shipped = |dependency: &&Json| dependency["kind"].is_null();
    let all = package["dependencies"].as_array().unwrap();
    all.iter().filter(shipped).map(|dependency| dependency["name"].as_str().unwrap()).collect()
}

#[test]
fn crates_know_only_whom_they_may() {
    let packages = packages();
    let names: Vec<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), MAY_KNOW.len(), "a crate without a row: {names:?}");
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let (_, allowed, reason) =
            MAY_KNOW.iter().find(|(row, ..)| *row == name).unwrap_or_else(|| panic!("{name}: no row"));
        for dependency in dependencies(package).into_iter().filter(|dependency| names.contains(dependency)) {
            assert!(allowed.contains(&dependency), "{name} depends on {dependency}: {reason}");
        }
    }
}

#[test]
fn pure_crates_stay_pure() {
    for package in packages().iter().filter(|package| package["name"] == "sizing" || package["name"] == "routing") {
        for dependency in dependencies(package) {
            assert!(!IMPURE.contains(&dependency), "{} depends on {dependency}", package["name"]);
        }
    }
}
