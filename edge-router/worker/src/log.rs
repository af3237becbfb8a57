//! The log: one JSON object a line.  Nothing of a request but its path's group is ever in it: no token, query or body.

use routing::ClusterId;
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::console;

#[derive(Serialize)]
struct Line<'l> {
    event: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'l str>,
}

impl<'l> Line<'l> {
    fn new(event: &'l str, message: &'l str) -> Self {
        Self { event, cluster: None, state: None, message: Some(message) }
    }

    fn json(&self) -> JsValue {
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

/// Something that has to be mended.
pub(crate) fn error(event: &str, message: &str) {
    console::error_1(&Line::new(event, message).json());
}

/// Something that is worth a look.
pub(crate) fn warning(event: &str, message: &str) {
    console::warn_1(&Line::new(event, message).json());
}

/// Something that happened to a cluster.
pub(crate) fn cluster(event: &str, cluster: &ClusterId, what: &str) {
    let line = Line { event, cluster: Some(cluster.as_str()), state: Some(what), message: None };
    console::log_1(&line.json());
}

/// Something that the health object noticed, in one sentence.
pub(crate) fn event(words: &str) {
    console::log_1(&Line::new("health", words).json());
}
