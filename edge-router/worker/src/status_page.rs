//! The status as a page for people.

use serde_json::Value;
use wasm_bindgen::JsValue;
use web_sys::Response;

use crate::admin;

pub(crate) fn response(status: &Value) -> Result<Response, JsValue> {
    admin::text(&format!("<pre>{status:#}</pre>"), "text/html; charset=utf-8")
}
