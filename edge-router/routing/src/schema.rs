//! JSON Schema of the topology file, made from the same table that the parser follows.

use serde_json::{Map, Value, json};

use crate::topology::field::{Field, Force, Kind, TOPOLOGY, TextKind};

/// The JSON Schema (draft 2020-12) of the topology file, for editors and for checks outside of this crate.
///
/// It says everything about single values; what holds between clusters (unique ids, exactly one primary) and the finer
/// rules for URLs and header names are checked by [`crate::Topology::parse`] only.
#[must_use]
pub fn schema() -> Value {
    let mut schema = object(TOPOLOGY);
    if let Value::Object(schema) = &mut schema {
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("title".to_owned(), json!("Headroom edge router topology"));
    }
    schema
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|field| (field.key.to_owned(), property(field))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.key).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(field: &Field) -> Value {
    let mut property = value(&field.kind);
    if let Value::Object(property) = &mut property {
        let note = match field.force {
            Force::InForce => String::new(),
            Force::NotYet(instead) => format!(" Not in force in this version: {instead}."),
        };
        property.insert("description".to_owned(), json!(format!("{}{note}", field.help)));
    }
    property
}

fn value(kind: &Kind) -> Value {
    match kind {
        Kind::Object(fields) => object(fields),
        Kind::List { item, max } => json!({ "type": "array", "items": value(item), "maxItems": max }),
        Kind::Map { key, value, max } => json!({
            "type": "object", "propertyNames": text(key), "additionalProperties": text(value), "maxProperties": max,
        }),
        Kind::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice(allowed) => json!({ "enum": allowed }),
        Kind::Text(kind) => text(kind),
    }
}

fn text(kind: &TextKind) -> Value {
    json!({ "type": "string", "pattern": kind.regex, "maxLength": kind.max })
}
