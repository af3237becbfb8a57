//! The log: one JSON object a line.  Nothing of a request but its path's group is ever in it: no token, query or body.

use routing::ClusterId;
use serde_json::json;
use worker::{console_error, console_log, console_warn};

/// Something that has to be mended.
pub(crate) fn error(event: &str, message: &str) {
    console_error!("{}", json!({ "event": event, "message": message }));
}

/// Something that is worth a look.
pub(crate) fn warning(event: &str, message: &str) {
    console_warn!("{}", json!({ "event": event, "message": message }));
}

/// Something that happened to a cluster.
pub(crate) fn cluster(event: &str, cluster: &ClusterId, what: &str) {
    console_log!("{}", json!({ "event": event, "cluster": cluster.as_str(), "state": what }));
}

/// Something that the health object noticed, in one sentence.
pub(crate) fn event(words: &str) {
    console_log!("{}", json!({ "event": "health", "message": words }));
}
