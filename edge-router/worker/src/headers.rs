//! The headers that are the router's own: `x-headroom-*`.

use js_sys::Array;
use routing::Route;
use wasm_bindgen::JsValue;
use web_sys::Headers;

const OWN_PREFIX: &str = "x-headroom-";

/// Names the cluster that a request was sent to, and why.
pub(crate) fn set_own(headers: &Headers, route: &Route<'_>) -> Result<(), JsValue> {
    headers.set("x-headroom-cluster", route.target.cluster.id.as_str())?;
    headers.set("x-headroom-reason", route.reason.as_str())
}

/// Whether somebody else has set one of the router's own headers.
pub(crate) fn have_own(headers: &Headers) -> bool {
    // The names come over in one text: header by header would cost several boundary crossings each.
    names(headers).join("\n").as_string().is_some_and(|names| names.contains(OWN_PREFIX))
}

/// Removes every header that claims to be the router's own.
pub(crate) fn remove_own(headers: &Headers) -> Result<(), JsValue> {
    if have_own(headers) {
        for name in
            names(headers).iter().filter_map(|name| name.as_string()).filter(|name| name.starts_with(OWN_PREFIX))
        {
            headers.delete(&name)?;
        }
    }
    Ok(())
}

/// The names in lower case, as the platform lists them.
fn names(headers: &Headers) -> Array {
    Array::from(&headers.keys())
}
