//! The schemas say what is written: plans and scenarios are checked against them.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::panic, clippy::unwrap_used, reason = "a schema that cannot be read is a failed test")]

#[path = "../../sizing/tests/any/mod.rs"]
mod any;

use any::any_scenario;
use formats::{plan_json, scenario_json, schema};
use proptest::prelude::*;
use serde_json::{Map, Value as Json};

/// What is wrong with a value, with its path.  Knows the keywords our schemas use, and fails at any other.
fn problems(schema: &Json, value: &Json, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let keywords = schema.as_object().unwrap_or_else(|| panic!("{path}: {schema} is no schema"));
    for (keyword, expected) in keywords {
        let is_met = match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "format" => true,
            "type" => {
                let types = expected.as_array().map_or_else(|| vec![expected], |types| types.iter().collect());
                types.into_iter().any(|name| is_of_type(value, name.as_str().unwrap()))
            }
            "const" => value == expected,
            "enum" => expected.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= expected.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= expected.as_f64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= expected.as_u64().unwrap()),
            "pattern" => value.as_str().is_none_or(|text| matches(expected.as_str().unwrap(), text)),
            "anyOf" => expected.as_array().unwrap().iter().any(|schema| problems(schema, value, path).is_empty()),
            "required" => {
                let keys = expected.as_array().unwrap();
                value.as_object().is_none_or(|object| keys.iter().all(|key| object.contains_key(key.as_str().unwrap())))
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(problems(expected, item, &format!("{path}[{at}]")));
                }
                true
            }
            "properties" | "additionalProperties" => {
                if keyword == "properties" || !expected.is_object() {
                    let none = Map::new();
                    let properties = keywords.get("properties").and_then(Json::as_object).unwrap_or(&none);
                    for (key, value) in value.as_object().into_iter().flatten() {
                        match properties.get(key) {
                            Some(schema) if keyword == "properties" => {
                                found.extend(problems(schema, value, &format!("{path}.{key}")));
                            }
                            None if *expected == Json::Bool(false) => found.push(format!("{path}: {key} is unknown")),
                            _ => {}
                        }
                    }
                } else {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        found.extend(problems(expected, value, &format!("{path}.{key}")));
                    }
                }
                true
            }
            other => panic!("{path}: this check does not know {other}"),
        };
        if !is_met {
            found.push(format!("{path}: {value} is not {keyword} {expected}"));
        }
    }
    found
}

fn is_of_type(value: &Json, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("no type {other}"),
    }
}

/// Patterns are for editors; here it is enough that what they must let through is not empty.
fn matches(pattern: &str, text: &str) -> bool {
    pattern.starts_with('^') && pattern.ends_with('$') && !text.is_empty()
}

proptest! {
    #[test]
    fn a_plan_is_as_its_schema_says(scenario in any_scenario()) {
        let plan: Json = serde_json::from_str(&plan_json::write(&sizing::plan(&scenario))).unwrap();
        let found = problems(&schema::plan(), &plan, "plan");
        prop_assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn a_scenario_is_as_its_schema_says(scenario in any_scenario()) {
        let file: Json = serde_json::from_str(&scenario_json::write(&scenario)).unwrap();
        let found = problems(&schema::scenario(), &file, "scenario");
        prop_assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn what_is_wrong_is_found() {
    let rows: &[(&str, &str)] = &[
        ("/version", "a version that does not exist"),
        ("/values/pool.limit/unit", "a unit that does not exist"),
        ("/values/pool.limit/value", "a truth value for a number"),
        ("/values/pool.limit/rules", "no list"),
    ];
    let plan: Json = serde_json::from_str(&plan_json::write(&sizing::plan(&sizing::Scenario::default()))).unwrap();
    for (pointer, reason) in rows {
        let mut broken = plan.clone();
        *broken.pointer_mut(pointer).unwrap() = Json::Bool(true);
        assert_eq!(problems(&schema::plan(), &broken, "plan").len(), 1, "{reason}");
    }
}
