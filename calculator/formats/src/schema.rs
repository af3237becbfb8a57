//! JSON Schemas of the files: what an editor needs to complete and to check them.

use serde_json::{Map, Value as Json, json};
use sizing::action::Level;
use sizing::growth::forecast;
use sizing::input::{Kind, SUFFIXES_FROM};
use sizing::memory::guc::Context;
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
    let mut schema = record(json!({
        "version": { "const": 1 },
        "verdict": { "type": "string", "description": "The answer in one or a few sentences." },
        "values": { "type": "object", "description": "Every number by its id.", "additionalProperties": value() },
        "findings": list("The most severe first.", finding()),
        "series": list("Every demand over the months to come.", series()),
        "actions": list("What can be done, the recommended first.", action()),
    }));
    if let Json::Object(schema) = &mut schema {
        schema.insert("$schema".to_owned(), DIALECT.into());
        schema.insert("title".to_owned(), "Headroom plan".into());
    }
    schema
}

/// An object that always has all of these.
fn record(properties: Json) -> Json {
    let required: Vec<String> = properties.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    schema([("type", "object".into()), ("required", required.into()), ("properties", properties)])
}

fn list(description: &str, items: Json) -> Json {
    schema([("type", "array".into()), ("description", description.into()), ("items", items)])
}

fn schema<const N: usize>(keywords: [(&str, Json); N]) -> Json {
    keywords.map(|(keyword, value)| (keyword.to_owned(), value)).into_iter().collect::<Map<_, _>>().into()
}

fn text() -> Json {
    json!({ "type": "string" })
}

fn unit() -> Json {
    json!({ "enum": Unit::ALL.map(Unit::word) })
}

fn value() -> Json {
    let number = json!({
        "type": ["number", "string", "null"],
        "description": "In the base unit; a string for a name or a day; null where no number applies.",
    });
    let rule = json!({
        "source": text(), "formula": text(), "value": number, "unit": unit(), "text": text(), "why": text(),
    });
    let mut value = record(json!({
        "name": text(),
        "value": number,
        "unit": unit(),
        "text": { "type": "string", "description": "For people; follows no contract." },
        "formula": text(),
        "operands": { "type": "object", "additionalProperties": number },
        "source": text(),
        "rules": list("What other published rules say for the same number.", record(rule)),
    }));
    // The only part that not every value has.
    if let Some(properties) = value.get_mut("properties").and_then(Json::as_object_mut) {
        properties.insert("setting".to_owned(), setting());
    }
    value
}

fn setting() -> Json {
    let contexts = [Context::Restart, Context::Reload, Context::Session].map(Context::word);
    let mut setting = record(json!({
        "name": text(),
        "text": { "type": "string", "description": "As it is written: 2GB, on, 'a text'." },
        "default": { "type": "string", "description": "What a newly made server has." },
        "context": { "enum": contexts, "description": "What applying it takes." },
        "min": { "type": ["string", "null"], "description": "Null where it is no number." },
        "max": { "type": ["string", "null"] },
    }));
    if let Json::Object(setting) = &mut setting {
        setting.insert("description".to_owned(), "The line of postgresql.conf, where the value is one.".into());
    }
    setting
}

fn finding() -> Json {
    record(json!({
        "code": text(),
        "severity": { "enum": Severity::ALL.map(Severity::word) },
        "message": text(),
        "evidence": list("Value ids.", text()),
        "remedy": text(),
        "fix": list(
            "Inputs that end the finding when set together.",
            record(json!({ "input": text(), "value": {} })),
        ),
    }))
}

fn series() -> Json {
    let number = json!({ "type": ["number", "null"] });
    record(json!({
        "id": text(),
        "name": text(),
        "unit": unit(),
        "limit": { "type": ["number", "null"], "description": "In the base unit; null where nothing limits it." },
        "points": list("Now, in one month, in two; in the base unit, null where no number applies.", number),
    }))
}

fn action() -> Json {
    let levels = [Level::None, Level::Low, Level::Medium, Level::High].map(Level::word);
    let level = json!({ "enum": levels });
    let command = json!({ "type": "string", "description": "Ready to be used; empty where there is none." });
    let steps = |description| list(description, record(json!({ "what": text(), "command": command })));
    record(json!({
        "code": text(),
        "title": text(),
        "feasible": { "type": "boolean" },
        "recommended": { "type": "boolean" },
        "outcome": text(),
        "why": list("Finding codes and value ids.", text()),
        "complexity": level,
        "cost": level,
        "risk": level,
        "effort": text(),
        "lead_time": { "type": "integer", "minimum": 0, "description": "Days until it helps." },
        "start_by": { "anyOf": [{ "type": "string", "format": "date" }, { "type": "null" }] },
        "steps": steps("What to do, in order."),
        "canary": text(),
        "rollback": steps("The way back, in order."),
    }))
}
