//! What has reached a cluster: the requests, how many of each path, and each write as often as it came.

use std::collections::{BTreeMap, VecDeque};

use axum::extract::Request;
use axum::http::HeaderValue;
use serde::{Deserialize, Serialize};

/// The header in which a test gives a write an id, so that one that arrives twice, or in two clusters, shows.
pub const WRITE_HEADER: &str = "demo-write";

/// How many requests are remembered whole; a demo may run for days.
const REMEMBERED: usize = 1_000;
/// How many paths and how many writes are counted each.
const COUNTED: usize = 1_000_000;

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The cluster that received it.
    pub cluster: String,
    /// The method, verbatim.
    pub method: String,
    /// Path and query, verbatim.
    pub target: String,
    /// Names in lower case and values, in the order received.
    pub headers: Vec<(String, String)>,
}

/// What has arrived so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Requests other than probes.
    pub(super) count: u64,
    /// Requests for the health state.
    pub(super) probes: u64,
    /// How often each path was asked for, by other requests than probes.
    pub(super) paths: BTreeMap<String, u64>,
    /// How often each write arrived, by its id.
    pub(super) writes: BTreeMap<String, u64>,
    /// The latest requests other than probes, oldest first.
    pub(super) latest: VecDeque<Received>,
}

impl Received {
    pub(super) fn new(cluster: &str, request: &Request) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            cluster: cluster.to_owned(),
            method: request.method().to_string(),
            target: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers: request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        }
    }

    /// The path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    /// The query, without its `?`; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl Log {
    pub(super) fn add(&mut self, received: &Received) {
        self.count += 1;
        count(&mut self.paths, received.path());
        if let Some(id) = received.header(WRITE_HEADER) {
            count(&mut self.writes, id);
        }
        if self.latest.len() >= REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(received.clone());
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
    } else if counts.len() < COUNTED {
        counts.insert(name.to_owned(), 1);
    }
}
