//! JSON Schema of the topology file, made from the same table that the parser follows.

use serde_json::{Map, Value, json};

use crate::topology::field::{Absent, Field, Kind, TOPOLOGY, TextKind};

/// The JSON Schema (draft 2020-12) of the topology file, for editors and for checks outside of this crate.
///
/// It says everything about single values; what holds between fields (unique ids, exactly one primary) and the finer
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
    let required: Vec<&str> = fields.iter().filter(|field| field.is_required()).map(|field| field.key).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(field: &Field) -> Value {
    let mut property = value(&field.kind);
    if let Value::Object(property) = &mut property {
        property.insert("description".to_owned(), json!(field.description()));
        if let Some(default) = default(field) {
            property.insert("default".to_owned(), default);
        }
    }
    property
}

/// The default as a value, where there is one that does not depend on the rest of the file.
fn default(field: &Field) -> Option<Value> {
    match (field.absent, &field.kind) {
        // A double: 5000.0 would be valid, and would look odd.
        (Absent::Number(number), Kind::Integer { .. }) => serde_json::from_str(&number.to_string()).ok(),
        (Absent::Number(number), _) => Some(json!(number)),
        (Absent::Flag(flag), _) => Some(json!(flag)),
        (Absent::Text(text), _) => Some(json!(text)),
        (Absent::Refused | Absent::ByDialect { .. } | Absent::Said(_), _) => None,
    }
}

fn value(kind: &Kind) -> Value {
    match kind {
        Kind::Object(fields) => object(fields),
        Kind::List { item, max } => json!({ "type": "array", "items": value(item), "maxItems": max }),
        Kind::Map { key, value, max } => json!({
            "type": "object", "propertyNames": text(key), "additionalProperties": text(value), "maxProperties": max,
        }),
        Kind::Number { min, max, .. } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Integer { min, max, .. } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice(allowed) => json!({ "enum": allowed }),
        Kind::Text(kind) => text(kind),
    }
}

fn text(kind: &TextKind) -> Value {
    json!({ "type": "string", "pattern": kind.regex, "maxLength": kind.max })
}
