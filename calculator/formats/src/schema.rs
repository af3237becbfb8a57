//! JSON Schemas of the files: what an editor needs to complete and to check them.

use serde_json::{Map, Value as Json, json};
use sizing::growth::forecast;
use sizing::input::{Kind, SUFFIXES_FROM};
use sizing::quantity::Unit;
use sizing::{INPUTS, Input, Scenario, Severity};

use crate::scenario_json::json_value;

/// The dialect of every schema here.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a scenario file, from the table of inputs.
#[must_use]
pub fn scenario() -> Json {
    let default = Scenario::default();
    let mut properties = Map::new();
    properties.insert("$schema".to_owned(), json!({ "type": "string" }));
    properties.insert("version".to_owned(), json!({ "const": 1 }));
    for input in INPUTS {
        let default = default.text(input.id).unwrap_or_default();
        properties.insert(input.id.to_owned(), property(input, &default));
    }
    json!({
        "$schema": DIALECT,
        "title": "Headroom scenario",
        "description": "What an engineer knows of a system whose connections are to be sized. Every key is optional.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn property(input: &Input, default: &str) -> Json {
    let mut allowed = kind(input);
    if let Some(none) = input.none {
        let word = json_value(input, none.word);
        allowed = json!({ "anyOf": [allowed, { "const": word, "description": none.meaning }] });
    }
    if let Json::Object(property) = &mut allowed {
        let title =
            if input.unit.is_empty() { input.name.to_owned() } else { format!("{} ({})", input.name, input.unit) };
        property.insert("title".to_owned(), title.into());
        property.insert("description".to_owned(), format!("{} To measure it: {}", input.help, input.measure).into());
        property.insert("default".to_owned(), json_value(input, default));
    }
    allowed
}

fn kind(input: &Input) -> Json {
    match input.kind {
        Kind::Whole { min, max } => {
            let number = json!({ "type": "integer", "minimum": min, "maximum": max });
            if max < SUFFIXES_FROM {
                return number;
            }
            json!({ "anyOf": [number, { "type": "string", "pattern": r"^\s*[0-9.,_ ]+\s*[kKMG]?\s*$" }] })
        }
        Kind::Real { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Share { min, max } => json!({ "anyOf": [
            { "type": "number", "minimum": min, "maximum": max },
            { "type": "string", "pattern": r"^\s*[0-9.]+\s*%?\s*$" },
        ] }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Rate { max } => json!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": max },
            { "type": "string", "pattern": r"^\s*[0-9.]+\s*[kKMG]?\s*(/s|/d|/day)?\s*$" },
        ] }),
        Kind::Size { .. } => json!({ "anyOf": [
            { "type": "number" },
            { "type": "string", "pattern": r"^\s*[0-9.,_ ]+\s*([kKmMgGtT]?[iI]?[bB])?\s*$" },
        ] }),
        Kind::Surge { max } => json!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": max },
            { "type": "string", "pattern": r"^\s*[0-9]+\s*%?\s*$" },
        ] }),
        Kind::Choice(choices) => {
            let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
            json!({ "enum": words })
        }
        Kind::Pools { max } => json!({
            "type": "array",
            "maxItems": max,
            "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name", "size"],
                "properties": {
                    "name": { "type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$" },
                    "size": { "type": "integer", "minimum": 0 },
                    "overflow": { "type": "integer", "minimum": -1, "default": 0 },
                    "database": { "type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$", "default": "primary" },
                },
            },
        }),
        Kind::Forecast { max } => {
            let amount = json!({ "type": ["number", "string"] });
            let columns = forecast::COLUMNS.map(|column| (column.to_owned(), amount.clone()));
            let mut properties: Map<String, Json> = columns.into_iter().collect();
            let month = json!({ "type": "integer", "minimum": 1, "maximum": forecast::MOST_MONTHS });
            properties.insert("month".to_owned(), month);
            json!({
                "type": "array",
                "maxItems": max,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["month"],
                    "properties": properties,
                },
            })
        }
    }
}

/// The schema of the plan's JSON.
#[must_use]
pub fn plan() -> Json {
    let units: Vec<&str> = Unit::ALL.into_iter().map(Unit::word).collect();
    let severities: Vec<&str> = Severity::ALL.into_iter().map(Severity::word).collect();
    let number = json!({ "type": ["number", "string", "null"] });
    json!({
        "$schema": DIALECT,
        "title": "Headroom plan",
        "type": "object",
        "required": ["version", "verdict", "values", "findings", "series", "actions"],
        "properties": {
            "version": { "const": 1 },
            "verdict": { "type": "string", "description": "The answer in one sentence." },
            "values": {
                "type": "object",
                "description": "Every number by its id.",
                "additionalProperties": {
                    "type": "object",
                    "required": ["name", "value", "unit", "text", "formula", "operands", "source", "rules"],
                    "properties": {
                        "name": { "type": "string" },
                        "value": {
                            "type": ["number", "string", "null"],
                            "description": "In the base unit; a string for a name; null where no number applies.",
                        },
                        "unit": { "enum": units },
                        "text": { "type": "string", "description": "For people; follows no contract." },
                        "formula": { "type": "string" },
                        "operands": { "type": "object", "additionalProperties": number },
                        "source": { "type": "string" },
                        "rules": {
                            "type": "array",
                            "description": "What other published rules say for the same number.",
                            "items": {
                                "type": "object",
                                "required": ["source", "formula", "value", "unit", "text", "why"],
                                "properties": {
                                    "source": { "type": "string" },
                                    "formula": { "type": "string" },
                                    "value": number,
                                    "unit": { "enum": units },
                                    "text": { "type": "string" },
                                    "why": { "type": "string" },
                                },
                            },
                        },
                    },
                },
            },
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "severity", "message", "evidence", "remedy", "fix"],
                    "properties": {
                        "code": { "type": "string" },
                        "severity": { "enum": severities },
                        "message": { "type": "string" },
                        "evidence": { "type": "array", "items": { "type": "string" }, "description": "Value ids." },
                        "remedy": { "type": "string" },
                        "fix": {
                            "type": "array",
                            "description": "Inputs that end the finding when set together.",
                            "items": {
                                "type": "object",
                                "required": ["input", "value"],
                                "properties": { "input": { "type": "string" }, "value": {} },
                            },
                        },
                    },
                },
            },
            "series": { "type": "array" },
            "actions": { "type": "array" },
        },
    })
}
