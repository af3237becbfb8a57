//! Sends a request to the cluster that was chosen, and passes its response on.

use js_sys::futures::JsFuture;
use routing::{Operation, Route};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Request, RequestInit, RequestRedirect, Response, ResponseInit, WorkerGlobalScope};
use worker::console_error;

use crate::configuration::Configuration;
use crate::deadline::Deadline;
use crate::problem::Problem;
use crate::target::Target;
use crate::{Failure, headers};

/// Seconds after which repeating a failed read may help: about what a restart or an election of a leader takes.
const RETRY_AFTER_SECONDS: &str = "5";

/// Slowest upload that is waited for, in bytes a second: the response begins only after the body has arrived.
const SLOWEST_UPLOAD: u32 = 64 * 1024;

/// Longest upload of unknown length that is waited for, in milliseconds.
const LONGEST_STREAM_MS: u64 = 600_000;

pub(crate) async fn forward(
    configuration: &Configuration,
    route: &Route<'_>,
    request: &Request,
    target: Target<'_>,
) -> Result<Response, Failure> {
    let cluster = route.target.cluster;
    let url = format!("{}{}", cluster.origin, target.as_str());
    // A request serves as the settings of another (`new Request(url, request)`): method, headers and the unread body
    // pass over inside the platform.
    let upstream_request = Request::new_with_str_and_init(&url, request.unchecked_ref::<RequestInit>())?;
    headers::remove_own(&upstream_request.headers())?;
    for (name, value) in configuration.headers(cluster) {
        upstream_request.headers().set(name, value)?;
    }

    let deadline = Deadline::start(time_limit_ms(configuration, request)?)?;
    let options = RequestInit::new();
    options.set_redirect(RequestRedirect::Manual);
    options.set_signal(Some(&deadline.signal()));
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let response = JsFuture::from(scope.fetch_with_request_and_init(&upstream_request, &options)).await;
    let (problem, why) = match response {
        Ok(response) => {
            let response: Response = response.unchecked_into();
            match problem_of(response.status()) {
                None => return Ok(pass_on(configuration, route, response)?),
                Some(problem) => (problem, format!("the network answered {} in its place", response.status())),
            }
        }
        Err(error) if deadline.is_over() => (Problem::UpstreamTimedOut, description(&error)),
        Err(error) => (Problem::UpstreamFailed, description(&error)),
    };
    console_error!("cluster {}: {why}", cluster.id);
    let response = problem.response()?;
    if route.operation == Operation::Read {
        response.headers().set("retry-after", RETRY_AFTER_SECONDS)?;
    }
    if configuration.topology().exposes_headers() {
        headers::set_own(&response.headers(), route)?;
    }
    Ok(response)
}

/// What an answer says that Cloudflare gives in the place of an origin it cannot reach (520 to 527; 522 and 524 are its
/// timeouts).  530 is not among them: a Vault node that was removed from its cluster answers so itself.
fn problem_of(status: u16) -> Option<Problem> {
    match status {
        522 | 524 => Some(Problem::UpstreamTimedOut),
        520..=527 => Some(Problem::UpstreamFailed),
        _ => None,
    }
}

/// The cluster's response with the router's own headers, and with nobody else's in their place.
fn pass_on(configuration: &Configuration, route: &Route<'_>, response: Response) -> Result<Response, JsValue> {
    let exposes = configuration.topology().exposes_headers();
    if !exposes && !headers::have_own(&response.headers()) {
        return Ok(response);
    }
    // The headers of a fetched response cannot be changed; a response made from it has the same status text, duplicate
    // headers, encoded body and socket of an upgraded connection.
    let response = Response::new_with_opt_readable_stream_and_init(
        response.body().as_ref(),
        response.unchecked_ref::<ResponseInit>(),
    )?;
    headers::remove_own(&response.headers())?;
    if exposes {
        headers::set_own(&response.headers(), route)?;
    }
    Ok(response)
}

/// How long the response may take to begin: the limit, and the time that the body may take to arrive before.
fn time_limit_ms(configuration: &Configuration, request: &Request) -> Result<u32, JsValue> {
    let limit = configuration.upstream_timeout_ms();
    if request.body().is_none() {
        return Ok(limit);
    }
    let length = request.headers().get("content-length")?.and_then(|length| length.parse::<u64>().ok());
    let upload_ms = match length {
        Some(length) => length.saturating_mul(1_000) / u64::from(SLOWEST_UPLOAD),
        None => LONGEST_STREAM_MS,
    };
    // Timers count in 31 bits.
    Ok(limit.saturating_add(u32::try_from(upload_ms).unwrap_or(u32::MAX)).min(i32::MAX.unsigned_abs()))
}

/// An exception as one line for the log.
fn description(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.to_string()))
}
