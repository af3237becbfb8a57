//! What the browser does for the playground: focus, clipboard, files.

use gloo::utils::{document, window};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, File, HtmlAnchorElement, HtmlElement, Url};

/// Moves the focus, once what is being drawn is there.
pub(crate) fn focus(id: &str) {
    let id = id.to_owned();
    spawn_local(async move {
        let element = document().get_element_by_id(&id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(element) = element {
            // Where it cannot be focused it is not there any more.
            drop(element.focus());
        }
    });
}

/// Copies a text; whether that was allowed comes back.
pub(crate) fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let navigator = window().navigator();
    // Outside of secure contexts there is no clipboard.
    let has_clipboard =
        js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| !clipboard.is_undefined());
    if !has_clipboard {
        return done(false);
    }
    let copied = navigator.clipboard().write_text(text);
    spawn_local(async move { done(JsFuture::from(copied).await.is_ok()) });
}

/// Hands out a file.
pub(crate) fn download(name: &str, text: &str) {
    let offer = || -> Result<(), JsValue> {
        let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()))?;
        let address = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        Url::revoke_object_url(&address)
    };
    if let Err(error) = offer() {
        wasm_bindgen::throw_val(error);
    }
}

/// More than any topology has.
const MOST_BYTES: f64 = 1_000_000.0;

/// Reads a file; why not, in words.
pub(crate) fn read(file: &File, done: impl FnOnce(Result<String, String>) + 'static) {
    let name = file.name();
    if file.size() > MOST_BYTES {
        return done(Err([&name, " is larger than 1 MB, which no topology file is"].concat()));
    }
    let text = file.text();
    spawn_local(async move {
        let text = JsFuture::from(text).await.ok().and_then(|text| text.as_string());
        done(text.ok_or_else(|| [&name, " could not be read"].concat()));
    });
}
