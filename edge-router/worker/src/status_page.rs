//! The status as a page for people.

use wasm_bindgen::JsValue;
use web_sys::Response;

use crate::admin;

pub(crate) fn response(status: &str) -> Result<Response, JsValue> {
    admin::text(&format!("<pre>{}</pre>", admin::indented(status)), "text/html; charset=utf-8")
}
