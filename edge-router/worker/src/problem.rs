//! The errors that the router itself makes: `application/problem+json` (RFC 9457).

use wasm_bindgen::JsValue;
use web_sys::{Headers, Response, ResponseInit};

/// An error of the router.  The body tells the client what happened to its request, and nothing about clusters or
/// configuration: those are in the log.
#[derive(Clone, Copy)]
pub(crate) enum Problem {
    InvalidConfiguration,
    Denied,
    NotFound,
    UpstreamFailed,
    UpstreamTimedOut,
    Internal,
}

impl Problem {
    /// Status, title (the phrase of RFC 9110), reason and detail.
    fn parts(self) -> (u16, &'static str, &'static str, &'static str) {
        match self {
            Self::InvalidConfiguration => {
                (500, "Internal Server Error", "invalid-configuration", "The router's configuration is invalid.")
            }
            Self::Denied => (403, "Forbidden", "denied-path", "This path is not served here."),
            Self::NotFound => (404, "Not Found", "not-found", "The router has nothing at this path."),
            Self::UpstreamFailed => {
                (502, "Bad Gateway", "upstream-failed", "The upstream failed; it may have received the request.")
            }
            Self::UpstreamTimedOut => (
                504,
                "Gateway Timeout",
                "upstream-timeout",
                "The upstream did not answer in time; it may have received the request.",
            ),
            Self::Internal => (500, "Internal Server Error", "internal-error", "The router failed."),
        }
    }

    pub(crate) fn response(self) -> Result<Response, JsValue> {
        let (status, title, reason, detail) = self.parts();
        // Texts of this file, which need no escaping: a JSON writer would add kilobytes to the module for nothing.
        let body = format!(r#"{{"status":{status},"title":"{title}","detail":"{detail}","reason":"{reason}"}}"#);
        let headers = Headers::new()?;
        headers.set("content-type", "application/problem+json")?;
        headers.set("cache-control", "no-store")?;
        let init = ResponseInit::new();
        init.set_status(status);
        init.set_headers(&headers);
        Response::new_with_opt_str_and_init(Some(&body), &init)
    }
}
