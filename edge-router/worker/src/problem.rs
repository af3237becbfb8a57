//! The errors that the router itself makes: `application/problem+json` (RFC 9457).

use wasm_bindgen::JsValue;
use web_sys::{Headers, Response, ResponseInit};

/// An error of the router.  Its body tells the client what happened to its request, and nothing about clusters or
/// configuration: those are in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Names it: in the body, in metrics and in the entry script.
    pub(crate) reason: &'static str,
    status: u16,
    /// The phrase of RFC 9110.
    title: &'static str,
    detail: &'static str,
}

const fn problem(reason: &'static str, status: u16, title: &'static str, detail: &'static str) -> Problem {
    Problem { reason, status, title, detail }
}

/// All of them.
const PROBLEMS: &[Problem] = &[
    problem("bad-request", 400, "Bad Request", "The request is not understood."),
    problem("unauthorized", 401, "Unauthorized", "The admin token is needed."),
    problem("denied-path", 403, "Forbidden", "This path is not served here."),
    problem("foreign-page", 403, "Forbidden", "A page of another site may not do this."),
    problem("not-found", 404, "Not Found", "The router has nothing at this path."),
    problem("method-not-allowed", 405, "Method Not Allowed", "This path has another method."),
    problem("uri-too-long", 414, "URI Too Long", "The address is longer than 16384 characters."),
    problem("internal-error", 500, "Internal Server Error", "The router failed."),
    problem("invalid-configuration", 500, "Internal Server Error", "The router's configuration is invalid."),
    problem("upstream-failed", 502, "Bad Gateway", "The upstream failed; it may have received the request."),
    problem("no-usable-cluster", 503, "Service Unavailable", "No cluster is usable."),
    problem("no-writer", 503, "Service Unavailable", "No cluster takes writes at the moment."),
    problem("lease-over", 503, "Service Unavailable", "It is not known which cluster takes writes."),
    problem("bulkhead-full", 503, "Service Unavailable", "Too many requests of this kind are under way."),
    problem("health-object", 503, "Service Unavailable", "The health object does not answer."),
    problem(
        "upstream-timeout",
        504,
        "Gateway Timeout",
        "The upstream did not answer in time; it may have received the request.",
    ),
    problem("loop-detected", 508, "Loop Detected", "The request has passed this router before."),
];

impl Problem {
    /// The problem of that name; an unknown name is an internal error.
    pub(crate) fn named(reason: &str) -> Self {
        let internal = problem("internal-error", 500, "Internal Server Error", "The router failed.");
        PROBLEMS.iter().find(|problem| problem.reason == reason).copied().unwrap_or(internal)
    }

    /// The response, with the seconds after which repeating may help, where it may.
    pub(crate) fn response(self, retry_after: Option<u32>) -> Result<Response, JsValue> {
        let Self { reason, status, title, detail } = self;
        // Texts of this file, which need no escaping: a JSON writer would add kilobytes to the module for nothing.
        let body = format!(r#"{{"status":{status},"title":"{title}","detail":"{detail}","reason":"{reason}"}}"#);
        let headers = Headers::new()?;
        headers.set("content-type", "application/problem+json")?;
        headers.set("cache-control", "no-store")?;
        if let Some(seconds) = retry_after {
            headers.set("retry-after", &seconds.to_string())?;
        }
        if reason == "unauthorized" {
            // Of several challenges in one header Chromium reads the first alone, and asks nobody for a bearer token.
            headers.set("www-authenticate", "Basic realm=\"headroom\", charset=\"UTF-8\"")?;
        }
        let init = ResponseInit::new();
        init.set_status(status);
        init.set_headers(&headers);
        Response::new_with_opt_str_and_init(Some(&body), &init)
    }
}
