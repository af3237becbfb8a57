//! The router's own paths, `/_headroom/...`: a public sign of life, and, for who has the admin token, status, metrics,
//! explanations and the wishes of an operator.

use js_sys::{JsString, Reflect};
use routing::{Colo, Explanation, Gauge, Measure, Place, Repeatable, RequestFacts, explain};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Request, Response};

use crate::configuration::variable;
use crate::isolate::Isolate;
use crate::log;
use crate::platform::{self, now};
use crate::problem::Problem;

/// The secret that opens everything here but the sign of life.
const ADMIN_TOKEN: &str = "ADMIN_TOKEN";

/// Longest body of a wish, in bytes.
const LONGEST_WISH: usize = 4_096;

/// Answers a request to one of the router's own paths; `page` is the status page, `policy` what a browser may do for it.
///
/// # Errors
/// When the platform refuses something that it should not.
#[wasm_bindgen]
pub async fn own(
    request: Request,
    env: JsValue,
    path: String,
    page: JsString,
    policy: JsString,
) -> Result<Response, JsValue> {
    let url = web_sys::Url::new(&request.url())?;
    let is_read = matches!(request.method().as_str(), "GET" | "HEAD");
    let action = path.strip_prefix("/_headroom").unwrap_or_default();
    if action == "/healthz" {
        return if is_read { text("ok\n", "text/plain") } else { problem("method-not-allowed") };
    }
    let Some(token) = variable(&env, ADMIN_TOKEN).as_string().filter(|token| !token.is_empty()) else {
        return problem("not-found");
    };
    let authorization = request.headers().get("authorization")?.unwrap_or_default();
    if !is_authorized(&authorization, &token)? {
        return problem("unauthorized");
    }
    match (action, is_read, request.method().as_str()) {
        ("" | "/" | "/status", true, _) => {
            let accepts_html = request.headers().get("accept")?.is_some_and(|accept| accept.contains("text/html"));
            if accepts_html && url.search_params().get("format").as_deref() != Some("json") {
                return status_page(&page, &policy);
            }
            status(&env).await
        }
        ("/metrics", true, _) => match platform::ask(&env, "/metrics", None).await {
            Ok((200, metrics)) => text(&(metrics + &snapshot_age()), "text/plain; version=0.0.4"),
            Ok(_) => problem("health-object"),
            Err(error) => unreachable(&error),
        },
        ("/explain", true, _) => explanation(&url.search_params()),
        ("/promote" | "/readmit" | "/drain", _, "POST") if is_foreign(&request, &url)? => problem("foreign-page"),
        ("/promote" | "/readmit" | "/drain", _, "POST") => wish(&request, &env, action).await,
        ("" | "/" | "/status" | "/metrics" | "/explain" | "/promote" | "/readmit" | "/drain", ..) => {
            problem("method-not-allowed")
        }
        _ => problem("not-found"),
    }
}

/// The one gauge that is an isolate's own.
fn snapshot_age() -> String {
    let age = Isolate::with(|isolate| isolate.health.snapshot_age(now())).flatten();
    #[expect(clippy::cast_precision_loss, reason = "a span of milliseconds is far below 2^53")]
    let value = age.map_or(f64::NAN, |age| age.get() as f64 / 1e3);
    Gauge::prometheus(&[Gauge { measure: Measure::SnapshotAge, cluster: None, value }])
}

/// Whether the header has the token: as bearer, or as the password of Basic, so that a browser can ask for it.
fn is_authorized(authorization: &str, token: &str) -> Result<bool, JsValue> {
    let Some((scheme, credentials)) = authorization.split_once(' ') else { return Ok(false) };
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(is_same(credentials, token));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(false);
    }
    let atob: js_sys::Function = Reflect::get(&js_sys::global(), &"atob".into())?.unchecked_into();
    // What is no base64 is no token.
    let Ok(decoded) = atob.call1(&JsValue::UNDEFINED, &credentials.into()) else { return Ok(false) };
    let decoded = decoded.as_string().unwrap_or_default();
    Ok(decoded.split_once(':').is_some_and(|(_, password)| is_same(password, token)))
}

/// Compares in a time that depends on what was sent, not on how much of it is right.
fn is_same(sent: &str, token: &str) -> bool {
    let differs = |(sent, token): (u8, u8)| sent ^ token;
    let pairs = sent.bytes().zip(token.bytes().cycle());
    pairs.map(differs).fold(u8::from(sent.len() != token.len()), |all, one| all | one) == 0
}

/// Whether a page of another site sent this: a browser adds the password of Basic to such a request, too.
fn is_foreign(request: &Request, own: &web_sys::Url) -> Result<bool, JsValue> {
    let headers = request.headers();
    if headers.get("sec-fetch-site")?.as_deref() == Some("same-origin") {
        return Ok(false);
    }
    let Some(origin) = headers.get("origin")? else { return Ok(false) };
    // The schemes may differ where something in front of the worker speaks TLS.
    Ok(origin.split_once("://").is_none_or(|(_, host)| host != own.host()))
}

fn status_page(page: &JsString, policy: &JsString) -> Result<Response, JsValue> {
    let response = text(&String::from(page), "text/html; charset=utf-8")?;
    let headers = response.headers();
    headers.set("content-security-policy", &String::from(policy))?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("referrer-policy", "no-referrer")?;
    Ok(response)
}

async fn status(env: &JsValue) -> Result<Response, JsValue> {
    let object = match platform::ask(env, "/status", None).await {
        Ok((200, status)) => Some(status),
        Ok(_) => None,
        Err(error) => {
            log::error("health-object-unreachable", &platform::words(&error));
            None
        }
    };
    let isolate = Isolate::with(|isolate| json(&isolate.status(now())));
    let known = |json: Option<String>| json.unwrap_or_else(|| "null".to_owned());
    let status = format!(r#"{{"object":{},"isolate":{}}}"#, known(object), known(isolate));
    text(&indented(&status), "application/json")
}

/// The decision about a request that is not made.
fn explanation(query: &web_sys::UrlSearchParams) -> Result<Response, JsValue> {
    let word = |name: &str| query.get(name).unwrap_or_default();
    let (method, path) = (query.get("method").unwrap_or_else(|| "GET".to_owned()), word("path"));
    if !path.starts_with('/') {
        return problem("bad-request");
    }
    let (latitude, longitude, colo) = (word("lat"), word("lon"), word("colo"));
    let (country, continent) = (word("country"), word("continent"));
    let place =
        Place { latitude: &latitude, longitude: &longitude, colo: &colo, country: &country, continent: &continent };
    let facts = RequestFacts {
        method: &method,
        path: path.split('?').next().unwrap_or_default(),
        location: place.coordinates(),
        colo: Colo::parse(&colo),
        repeatable: Repeatable::Now,
        wrote: None,
        client: None,
    };
    let explained = Isolate::with(|isolate| {
        let now = now();
        isolate.health.reap(now);
        let explanation: Explanation = explain(isolate.topology(), &isolate.health, &facts, now);
        json(&explanation)
    });
    match explained {
        Some(explained) => text(&indented(&explained), "application/json"),
        None => problem("invalid-configuration"),
    }
}

async fn wish(request: &Request, env: &JsValue, action: &str) -> Result<Response, JsValue> {
    let body = js_sys::futures::JsFuture::from(request.text()?).await?.as_string().unwrap_or_default();
    if body.len() > LONGEST_WISH {
        return problem("bad-request");
    }
    match platform::ask(env, action, Some(&body)).await {
        // The health object has no valid configuration.
        Ok((503, _)) => problem("health-object"),
        Ok((status @ 400.., answer)) => answered(status, &(answer + "\n"), "application/problem+json"),
        Ok((status, answer)) => answered(status, &(answer + "\n"), "application/json"),
        Err(error) => unreachable(&error),
    }
}

fn unreachable(error: &JsValue) -> Result<Response, JsValue> {
    log::error("health-object-unreachable", &platform::words(error));
    problem("health-object")
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// JSON for people to read, by the platform's own writer.
pub(crate) fn indented(json: &str) -> String {
    let parsed = js_sys::JSON::parse(json).unwrap_or_default();
    let written = js_sys::JSON::stringify_with_replacer_and_space(&parsed, &JsValue::NULL, &2.into());
    written.map(String::from).unwrap_or_default() + "\n"
}

fn problem(reason: &str) -> Result<Response, JsValue> {
    Problem::named(reason).response(None)
}

fn text(body: &str, content_type: &str) -> Result<Response, JsValue> {
    answered(200, body, content_type)
}

fn answered(status: u16, body: &str, content_type: &str) -> Result<Response, JsValue> {
    let response = platform::response(status, body)?;
    response.headers().set("content-type", content_type)?;
    response.headers().set("cache-control", "no-store")?;
    Ok(response)
}
