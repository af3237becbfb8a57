//! The values that clusters keep: written in one of them, seen in the others when their lag has passed.
//!
//! It speaks as much of Vault's key-value store, version 2, as a `curl` line needs.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{empty, json};

/// Where the values are.
pub(super) const PREFIX: &str = "/v1/kv/data/";

/// How many versions of a value are kept, and of how many values.
const VERSIONS: usize = 16;
const VALUES: usize = 10_000;

/// Values by path, shared by the clusters that replicate each other.
#[derive(Debug, Default)]
pub struct Store {
    values: Mutex<BTreeMap<String, VecDeque<Version>>>,
}

#[derive(Debug)]
struct Version {
    number: u64,
    written: Instant,
    /// None where it was deleted.
    data: Option<Value>,
}

impl Store {
    /// The answer to a request for a value, by a cluster that is so far behind.
    pub(super) fn answer(&self, method: &Method, path: &str, body: &Bytes, lag: Duration) -> Response {
        match *method {
            Method::GET | Method::HEAD => self.read(path, lag),
            Method::POST | Method::PUT => match serde_json::from_slice::<Value>(body) {
                Ok(mut body) if body.get("data").is_some() => {
                    let data = body.get_mut("data").map(Value::take);
                    self.write(path, data)
                        .map_or_else(full, |version| json(StatusCode::OK, &json!({ "data": { "version": version } })))
                }
                _ => error(StatusCode::BAD_REQUEST, Some("no data provided")),
            },
            Method::DELETE => self.write(path, None).map_or_else(full, |_| empty(StatusCode::NO_CONTENT)),
            _ => error(StatusCode::METHOD_NOT_ALLOWED, Some("unsupported operation")),
        }
    }

    fn read(&self, path: &str, lag: Duration) -> Response {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut versions = values.get(path).into_iter().flatten().rev();
        match versions.find(|version| version.written.elapsed() >= lag) {
            Some(Version { number, data: Some(data), .. }) => {
                let metadata = json!({ "version": number });
                json(StatusCode::OK, &json!({ "data": { "data": data, "metadata": metadata } }))
            }
            _ => error(StatusCode::NOT_FOUND, None),
        }
    }

    /// Writes and gives the number of the version, unless there are too many values.
    fn write(&self, path: &str, data: Option<Value>) -> Option<u64> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= VALUES && !values.contains_key(path) {
            return None;
        }
        let versions = values.entry(path.to_owned()).or_default();
        let number = versions.back().map_or(1, |last| last.number + 1);
        if versions.len() >= VERSIONS {
            versions.pop_front();
        }
        versions.push_back(Version { number, written: Instant::now(), data });
        Some(number)
    }
}

fn error(status: StatusCode, text: Option<&str>) -> Response {
    json(status, &json!({ "errors": text.into_iter().collect::<Vec<_>>() }))
}

fn full() -> Response {
    error(StatusCode::INSUFFICIENT_STORAGE, Some("too many values"))
}
