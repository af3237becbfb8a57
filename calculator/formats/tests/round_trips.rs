//! What is written reads back the same, and nothing that is read can panic.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../../sizing/tests/any/mod.rs"]
mod any;

use any::any_scenario;
use formats::report::Detail;
use formats::{permalink, plan_json, report, scenario_json};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_permalink(scenario in any_scenario()) {
        let link = permalink::read(&permalink::write(&scenario));
        prop_assert_eq!(link.errors, []);
        prop_assert_eq!(link.scenario, scenario);
    }

    #[test]
    fn a_scenario_file(scenario in any_scenario()) {
        prop_assert_eq!(scenario_json::read(&scenario_json::write(&scenario)), Ok(scenario));
    }

    #[test]
    fn a_plan_is_json_and_a_report(scenario in any_scenario()) {
        let plan = sizing::plan(&scenario);
        let json: serde_json::Value = serde_json::from_str(&plan_json::write(&plan)).unwrap();
        prop_assert_eq!(json["values"].as_object().map(serde_json::Map::len), Some(plan.values.len()));
        let whole = report::markdown(&plan, Detail::Explained);
        for value in &plan.values {
            let cells = format!(" | `{}`", value.id);
            prop_assert!(whole.contains(&cells), "{} is not in the report", value.id);
        }
        let text = report::text(&plan, Detail::Explained);
        prop_assert!(!text.contains("NaN") && !text.contains("inf "), "{}", text);
        let markdown = report::markdown(&plan, Detail::Brief);
        let fences = markdown.lines().filter(|line| line.trim_start().starts_with("```")).count();
        prop_assert!(fences.is_multiple_of(2), "{}", markdown);
    }

    #[test]
    fn any_fragment(fragment in ".{0,80}") {
        let _ = permalink::read(&fragment);
    }

    #[test]
    fn any_file(text in ".{0,80}") {
        let _ = scenario_json::read(&text);
    }

    #[test]
    fn any_value_of_any_key(index in 0..sizing::INPUTS.len(), value in r#"-?[0-9]{1,25}|"[^"\n]{0,9}"|null|\\[\\]|\{\}|1e9{1,3}"#) {
        let text = format!("{{ \"{}\": {value} }}", sizing::INPUTS[index].id);
        if let Err(errors) = scenario_json::read(&text) {
            prop_assert_eq!(errors.len(), 1);
            prop_assert_eq!(errors[0].line, 1);
        }
    }
}
