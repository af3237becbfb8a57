//! Scenario files: one JSON object, an input id for each key.
//!
//! ```json
//! { "version": 1, "pods": 4, "pool_mode": "transaction", "surge": "25%",
//!   "pools": [ { "name": "replica", "size": 30, "overflow": 20, "database": "replica" } ] }
//! ```
//!
//! What the page saves is read, too: the same object as `scenario` of another one, beside the `plan` that followed from
//! it, which is computed anew.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value as Json};
use sizing::choice::Flag;
use sizing::growth::forecast;
use sizing::input::Kind;
use sizing::{Input, InputError, Scenario};

/// The version of the file's layout.
const VERSION: &str = "1";

/// What is wrong with a scenario file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct ScenarioError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is not one JSON object.
    #[error("not a JSON object: {0}")]
    Syntax(String),
    /// An input that does not exist, or a value it does not allow.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A key stands twice.
    #[error("\"{0}\" is given twice")]
    Twice(String),
    /// The list of pools is not one.
    #[error("pools: {0}")]
    Pools(String),
    /// The list of expected growth is not one.
    #[error("forecast: {0}")]
    Forecast(String),
    /// A layout this version does not know.
    #[error("version: read {0}, allowed is {VERSION}")]
    Version(String),
}

/// Reads a scenario file over the defaults.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &str) -> Result<Scenario, Vec<ScenarioError>> {
    let mut scenario = Scenario::default();
    let mut errors = Vec::new();
    let entries = match entries(text) {
        Ok(entries) => entries,
        Err(error) => {
            let problem = Problem::Syntax(without_position(&error));
            return Err(vec![ScenarioError { line: error.line().max(1), column: error.column().max(1), problem }]);
        }
    };
    let mut seen: Vec<&str> = Vec::new();
    for (key, raw) in &entries {
        let (line, column) = position(text, raw.get());
        let mut fail = |problem| errors.push(ScenarioError { line, column, problem });
        if seen.contains(&key.as_str()) {
            fail(Problem::Twice(key.clone()));
        } else if key == "$schema" {
            // An editor's business.
        } else if key == "version" {
            if raw.get() != VERSION {
                fail(Problem::Version(raw.get().to_owned()));
            }
        } else {
            match entry_text(key, raw) {
                Ok(value) => {
                    if let Err(error) = scenario.set(key, &value) {
                        fail(error.into());
                    }
                }
                Err(problem) => fail(problem),
            }
        }
        seen.push(key);
    }
    if errors.is_empty() { Ok(scenario) } else { Err(errors) }
}

/// The inputs of a file.  What stands in its `scenario` takes the place of that, and its `plan` is left out.
fn entries(text: &str) -> Result<Vec<(String, &RawValue)>, serde_json::Error> {
    let Entries(outer) = serde_json::from_str(text)?;
    let is_wrapper = |(key, raw): &(String, &RawValue)| key == "scenario" && raw.get().starts_with('{');
    if !outer.iter().any(is_wrapper) {
        return Ok(outer);
    }
    let mut entries = Vec::new();
    for entry in outer {
        if is_wrapper(&entry) {
            let Entries(inner) = serde_json::from_str(entry.1.get())?;
            entries.extend(inner);
        } else if entry.0 != "plan" {
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// Writes what differs from the defaults, ready to be read again.
#[must_use]
pub fn write(scenario: &Scenario) -> String {
    let mut object = Map::new();
    object.insert("version".to_owned(), Json::from(1));
    for (input, text) in scenario.changed() {
        object.insert(input.id.to_owned(), json_value(input, &text));
    }
    let mut json = format!("{:#}", Json::Object(object));
    json.push('\n');
    json
}

/// A number where the text is one, a list for pools and forecasts, otherwise a string.
pub(crate) fn json_value(input: &Input, text: &str) -> Json {
    match input.kind {
        Kind::Pools { .. } => text.split(',').filter(|pool| !pool.is_empty()).map(pool_object).collect(),
        Kind::Forecast { .. } => text.split(',').filter(|row| !row.is_empty()).map(expected_object).collect(),
        Kind::Choice(_) => Json::from(text),
        _ => number(text).map_or_else(|| Json::from(text), Json::Number),
    }
}

/// A number exactly as the text says it: `serde_json`'s own parser may miss the last digit of a fraction.
fn number(text: &str) -> Option<Number> {
    let whole = text.parse::<u64>().map(Number::from).or_else(|_| text.parse::<i64>().map(Number::from));
    whole.ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

fn pool_object(text: &str) -> Json {
    let mut parts = text.split(':');
    let mut next = || parts.next().unwrap_or_default();
    let number = |text: &str| number(text).map_or(Json::Null, Json::Number);
    let (name, size, overflow, database) = (next(), next(), next(), next());
    serde_json::json!({ "name": name, "size": number(size), "overflow": number(overflow), "database": database })
}

fn expected_object(text: &str) -> Json {
    let parts = forecast::COLUMNS.into_iter().zip(text.split(':'));
    let known = parts.filter(|(_, part)| !part.is_empty());
    let value = |part: &str| number(part).map_or_else(|| Json::from(part), Json::Number);
    known.map(|(column, part)| (column.to_owned(), value(part))).collect::<Map<_, _>>().into()
}

/// The rows of a forecast as the text the input reads.
fn forecast_text(raw: &str) -> Result<String, Problem> {
    let rows: Vec<Entries<'_>> =
        serde_json::from_str(raw).map_err(|error| Problem::Forecast(without_position(&error)))?;
    let mut texts = Vec::with_capacity(rows.len());
    for Entries(row) in &rows {
        let mut parts = forecast::COLUMNS.map(|_| String::new());
        for (key, raw) in row {
            let known = forecast::COLUMNS.iter().zip(&mut parts).find(|(column, _)| *column == key);
            let Some((_, part)) = known else {
                let columns = forecast::COLUMNS.join("`, `");
                return Err(Problem::Forecast(format!("unknown field `{key}`, expected one of `{columns}`")));
            };
            *part = serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
            // What separates rows in a text must not come in by a value.
            if part.contains([':', ',']) {
                return Err(Problem::Forecast(format!("{key}: read {raw}, allowed is a number or a text")));
            }
        }
        texts.push(parts.join(":"));
    }
    Ok(texts.join(","))
}

/// One pool of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolEntry {
    name: String,
    size: u64,
    #[serde(default)]
    overflow: i64,
    #[serde(default = "primary")]
    database: String,
}

fn primary() -> String {
    sizing::pool::further::PRIMARY.to_owned()
}

/// The value of a key as the text the input reads.
fn entry_text(key: &str, raw: &RawValue) -> Result<String, Problem> {
    let raw = raw.get();
    if raw.starts_with('[') && key == "pools" {
        let pools: Vec<PoolEntry> =
            serde_json::from_str(raw).map_err(|error| Problem::Pools(without_position(&error)))?;
        // What separates pools in a text must not come in by their names.
        if let Some(pool) =
            pools.iter().find(|pool| [&pool.name, &pool.database].iter().any(|name| name.contains([':', ','])))
        {
            return Err(Problem::Pools(format!("a name has letters, digits, - and _ only: {:?}", pool.name)));
        }
        let texts: Vec<String> = pools
            .iter()
            .map(|PoolEntry { name, size, overflow, database }| format!("{name}:{size}:{overflow}:{database}"))
            .collect();
        return Ok(texts.join(","));
    }
    if raw.starts_with('[') && key == "forecast" {
        return forecast_text(raw);
    }
    let is_flag =
        Input::find(key).is_ok_and(|input| matches!(input.kind, Kind::Choice(choices) if choices == Flag::CHOICES));
    Ok(match raw {
        "true" if is_flag => "yes".to_owned(),
        "false" if is_flag => "no".to_owned(),
        _ => serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned()),
    })
}

/// What serde says without the position, which is told apart.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

/// Line and column of `part`, a slice of `text`.
fn position(text: &str, part: &str) -> (usize, usize) {
    let offset = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}

/// The entries of an object in their order, keys that stand twice included, each value as it stands in the text.
struct Entries<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of inputs")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<String, &'de RawValue>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_read() {
        type Changed<'a> = &'a [(&'a str, &'a str)];
        let rows: &[(&str, Changed<'_>, &str)] = &[
            ("{}", &[], "nothing said"),
            (r#"{"version": 1, "pods": 4}"#, &[("pods", "4")], "a number"),
            (r#"{"pods": "4"}"#, &[("pods", "4")], "a number in quotes"),
            (r#"{"rate": "10M/day"}"#, &[("rate", "10000000/day")], "a text with a unit"),
            (r#"{"max_overflow": -1}"#, &[("max_overflow", "-1")], "no limit"),
            (r#"{"session_features": true}"#, &[("session_features", "yes")], "a truth value"),
            (
                r#"{"pools": [{"name": "replica", "size": 30, "overflow": 20, "database": "replica"}, {"name": "jobs", "size": 5}]}"#,
                &[("pools", "replica:30:20:replica,jobs:5:0:primary")],
                "a list of pools, with and without all its parts",
            ),
            (
                r#"{"forecast": [{"month": 12, "users": 500}, {"month": 24, "rate": "50M/day", "leases": "150K", "storage": "10TiB"}]}"#,
                &[("forecast", "12:500,24::50000000/day::150000:10TiB")],
                "a forecast, each row with what it knows",
            ),
            (
                r#"{"scenario": {"version": 1, "pods": 4}, "plan": {"version": 1, "verdict": "It fits"}}"#,
                &[("pods", "4")],
                "as the page saves it",
            ),
            (r#"{"plan": null, "scenario": {}}"#, &[], "as the page saves it, with nothing said"),
        ];
        for (text, changed, reason) in rows {
            let scenario = read(text).unwrap();
            let found: Vec<_> = scenario.changed().into_iter().map(|(input, text)| (input.id, text)).collect();
            let expected: Vec<_> = changed.iter().map(|(id, text)| (*id, (*text).to_owned())).collect();
            assert_eq!(found, expected, "{text}: {reason}");
            assert_eq!(read(&write(&scenario)).unwrap(), scenario, "{text}: writes what reads back");
        }
    }

    #[test]
    fn files_that_are_refused() {
        let rows: &[(&str, &[&str], &str)] = &[
            (r#"{"pods": "#, &["1:9: not a JSON object: EOF while parsing a value"], "truncated"),
            ("", &["1:1: not a JSON object: EOF while parsing a value"], "empty"),
            ("[1]", &["1:1: not a JSON object: invalid type: sequence, expected an object of inputs"], "a list"),
            (
                "{\n  \"pods\": -1,\n  \"pool_mode\": \"fast\"\n}",
                &[
                    r#"2:11: pods: read "-1", allowed is a whole number from 1 to 100,000"#,
                    r#"3:16: pool_mode: read "fast", allowed is one of session, transaction, statement"#,
                ],
                "all the errors at once, each with its place",
            ),
            ("{\"pod\": 4}", &[r#"1:9: unknown input "pod": did you mean "pods"?"#], "a slip in a key"),
            ("{\"pods\": 4, \"pods\": 5}", &["1:21: \"pods\" is given twice"], "which one is meant?"),
            (
                "{\"scenario\": {\n  \"pods\": -1, \"pod\": 4\n}, \"plan\": {}}",
                &[
                    r#"2:11: pods: read "-1", allowed is a whole number from 1 to 100,000"#,
                    r#"2:22: unknown input "pod": did you mean "pods"?"#,
                ],
                "each with its place in what the page saved",
            ),
            (
                r#"{"scenario": {"pods": 4}, "pods": 5}"#,
                &[r#"1:35: "pods" is given twice"#],
                "in what was saved and beside it",
            ),
            ("{\"version\": 2}", &["1:13: version: read 2, allowed is 1"], "another layout"),
            (
                "{\"pods\": null}",
                &[r#"1:10: pods: read "null", allowed is a whole number from 1 to 100,000"#],
                "nothing is not a number",
            ),
            (
                r#"{"pools": [{"name": "a", "sise": 3}]}"#,
                &["1:11: pools: unknown field `sise`, expected one of `name`, `size`, `overflow`, `database`"],
                "a slip in a pool",
            ),
            (
                r#"{"pools": [{"name": "a:1:0:x,b", "size": 2}]}"#,
                &[r#"1:11: pools: a name has letters, digits, - and _ only: "a:1:0:x,b""#],
                "two pools in one name",
            ),
            (
                r#"{"forecast": [{"month": 12, "user": 3}]}"#,
                &["1:14: forecast: unknown field `user`, expected one of `month`, `users`, `rate`, `secrets`, \
                   `leases`, `storage`"],
                "a slip in a row",
            ),
            (
                r#"{"forecast": [{"month": 12, "rate": "1:2,24:3"}]}"#,
                &[r#"1:14: forecast: rate: read "1:2,24:3", allowed is a number or a text"#],
                "two rows in one value",
            ),
            (
                r#"{"forecast": [{"month": 12, "users": 5}, {"month": 12, "users": 6}]}"#,
                &["1:14: forecast: read \"12:5::::,12:6::::\", allowed is up to 24 rows, each \
                   month:users:rate:secrets:leases:storage with what is not known left empty, separated by commas, \
                   later months later"],
                "the same month twice",
            ),
        ];
        for (text, expected, reason) in rows {
            let errors: Vec<String> = read(text).unwrap_err().iter().map(ToString::to_string).collect();
            assert_eq!(errors, *expected, "{text}: {reason}");
        }
    }
}
