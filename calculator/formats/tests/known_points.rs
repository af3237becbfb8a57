//! Every documented figure that follows from a formula: all its inputs, what the document says, what is computed, and
//! why the two differ where they do.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a file that cannot be read is a failed test")]

use formats::{plan_json, scenario_json};
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct KnownPoint<'t> {
    name: String,
    #[serde(borrow)]
    scenario: &'t RawValue,
    figures: Vec<Figure>,
}

#[derive(Deserialize)]
struct Figure {
    value: String,
    documented: Option<f64>,
    computed: f64,
    reason: String,
}

/// Figures are documented to a whole percent or a whole number; ours are given to three decimals.
fn agrees(figure: f64, exact: f64, precision: f64) -> bool {
    (figure - exact).abs() <= precision / 2.0 + 1e-9
}

/// Every file of known points, a file for each calculator.
fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/known_points");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn documented_figures() {
    let files = files();
    let points: Vec<KnownPoint<'_>> = files
        .iter()
        .flat_map(|(path, text)| {
            serde_json::from_str::<Vec<KnownPoint<'_>>>(text).unwrap_or_else(|error| panic!("{path}: {error}"))
        })
        .collect();
    assert!(points.len() >= 14, "only {} known points were read", points.len());
    for point in points {
        let scenario = scenario_json::read(point.scenario.get()).unwrap_or_else(|errors| panic!("{errors:?}"));
        let plan: Json = serde_json::from_str(&plan_json::write(&sizing::plan(&scenario))).unwrap();
        for figure in point.figures {
            let Figure { value: id, documented, computed, reason } = figure;
            let value = &plan["values"][&id];
            let number =
                |value: &Json| value["value"].as_f64().unwrap_or_else(|| panic!("{}: {id}: {value}", point.name));
            let ours = number(value);
            assert!(agrees(computed, ours, 0.001), "{}: {id}: {ours} is not {computed}: {reason}", point.name);
            // What is documented is ours, or stands beside ours as a rule with the reason why it differs.
            let Some(documented) = documented else { continue };
            let precision = if documented < 1.0 { 0.01 } else { 1.0 };
            let shown = agrees(documented, ours, precision)
                || value["rules"].as_array().unwrap().iter().any(|rule| {
                    agrees(documented, number(rule), precision) && !rule["why"].as_str().unwrap().is_empty()
                });
            assert!(shown, "{}: {id}: the documented {documented} is not shown beside {ours}", point.name);
        }
    }
}
