//! The Cloudflare Worker: turns a request into what `routing` understands, does what `routing` decided.
//!
//! In scope: the platform.  Requests and responses stay the platform's own objects, so that bodies stream past this
//! code, and methods, duplicate headers, status texts and upgraded connections arrive as they were sent.
//!
//! Out of scope: every rule about where a request goes; those live in `routing`.

mod client;
mod configuration;
mod deadline;
mod headers;
mod problem;
mod target;
mod upstream;

use routing::{Decision, RequestFacts, decide};
use wasm_bindgen::JsValue;
use web_sys::{Request, Response};
use worker::{Context, Env, console_error, event};

use configuration::Configuration;
use problem::Problem;
use target::Target;

/// Everything below belongs to the router and is never forwarded.
const OWN_PREFIX: &str = "/_headroom";

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    let answer = match answer(&request, &env).await {
        Ok(response) => return Ok(response),
        Err(Failure::Problem(problem)) => problem.response(),
        Err(Failure::Platform(error)) => {
            console_error!("internal error: {error:?}");
            Problem::Internal.response()
        }
    };
    Ok(answer?)
}

/// Why there is no response to pass on.
enum Failure {
    /// The router's own answer to the client.
    Problem(Problem),
    /// The platform refused something that it should not.
    Platform(JsValue),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<JsValue> for Failure {
    fn from(error: JsValue) -> Self {
        Self::Platform(error)
    }
}

async fn answer(request: &Request, env: &Env) -> Result<Response, Failure> {
    let (url, method) = (request.url(), request.method());
    let target = Target::of_url(&url);
    if let Some(own) = target.path().strip_prefix(OWN_PREFIX).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        return match (method.as_str(), own) {
            ("GET" | "HEAD", "/healthz") => Ok(Response::new_with_opt_str(Some("ok\n"))?),
            _ => Err(Problem::NotFound.into()),
        };
    }

    let configuration = Configuration::current(env).ok_or(Problem::InvalidConfiguration)?;
    let facts = RequestFacts { method: &method, path: target.path(), location: client::location(request) };
    match decide(configuration.topology(), &facts) {
        Decision::Deny(_) => Err(Problem::Denied.into()),
        Decision::Forward(route) => upstream::forward(&configuration, &route, request, target).await,
    }
}
