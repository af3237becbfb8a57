//! A worker that only passes requests on, behind the entry that its framework generates: what the router's own entry is
//! measured against by `cargo xtask bench router`.

use js_sys::Reflect;
use js_sys::futures::JsFuture;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Request, RequestInit, Response, WorkerGlobalScope};
use worker::{Context, Env, event};

/// Where an absolute URL begins to be a host.
const SCHEME: usize = "https://".len();

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    let url = request.url();
    let path = url.get(SCHEME..).and_then(|rest| rest.find('/')).and_then(|at| url.get(SCHEME + at..));
    let origin = Reflect::get(&env, &JsValue::from_str("ORIGIN"))?.as_string().unwrap_or_default();
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    let url = format!("{origin}{}", path.unwrap_or("/"));
    let response = scope.fetch_with_str_and_init(&url, request.unchecked_ref::<RequestInit>());
    Ok(JsFuture::from(response).await?.unchecked_into())
}
