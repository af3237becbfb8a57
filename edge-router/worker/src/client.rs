//! Where the client is, as far as the platform knows.

use js_sys::Reflect;
use routing::Coordinates;
use wasm_bindgen::JsValue;
use web_sys::Request;

/// The coordinates in `request.cf`.  The object is absent outside of the network, and its fields may be absent or
/// anything: whatever is not a place on the globe is no location.
pub(crate) fn location(request: &Request) -> Option<Coordinates> {
    let cf = Reflect::get(request, &"cf".into()).ok().filter(JsValue::is_object)?;
    let degrees = |name: &str| Reflect::get(&cf, &name.into()).ok();
    let (latitude, longitude) = (degrees("latitude")?, degrees("longitude")?);
    match (latitude.as_string(), longitude.as_string()) {
        (Some(latitude), Some(longitude)) => Coordinates::from_text(&latitude, &longitude),
        _ => Coordinates::from_degrees(latitude.as_f64()?, longitude.as_f64()?),
    }
}
