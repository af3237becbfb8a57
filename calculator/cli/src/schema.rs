//! `headroom schema`: the JSON Schema of a file.

use crate::{Outcome, help};

/// The schemas there are.
const ALLOWED: &str = "allowed is one of scenario, plan, topology";

pub(crate) fn run(mut arguments: lexopt::Parser) -> Outcome {
    let name = match arguments.next() {
        Ok(Some(lexopt::Arg::Value(name))) => name,
        Ok(None) => return Outcome::BadInput(vec![format!("schema: no name given, {ALLOWED}")]),
        Ok(Some(other)) => return Outcome::BadInput(vec![help::unexpected("schema", &other)]),
        Err(error) => return Outcome::BadInput(vec![error.to_string()]),
    };
    if let Ok(Some(more)) = arguments.next() {
        return Outcome::BadInput(vec![help::unexpected("schema", &more)]);
    }
    let schema = match name.to_str() {
        Some("scenario") => formats::schema::scenario(),
        Some("plan") => formats::schema::plan(),
        Some("topology") => routing::schema(),
        _ => return Outcome::BadInput(vec![format!("schema: read {name:?}, {ALLOWED}")]),
    };
    Outcome::Fine(format!("{schema:#}\n"))
}
