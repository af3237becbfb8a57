//! Copies a text.

use gloo::utils::window;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::state::{Action, Dispatcher, Sharing};

/// Copies a link and says whether that worked.
pub(crate) fn copy(link: &str, send: Dispatcher) {
    let clipboard = window().navigator().clipboard();
    // Absent where the page did not come over a secure connection.
    let promise = (!AsRef::<JsValue>::as_ref(&clipboard).is_undefined()).then(|| clipboard.write_text(link));
    spawn_local(async move {
        let is_copied = match promise {
            Some(promise) => JsFuture::from(promise).await.is_ok(),
            None => false,
        };
        send.dispatch(Action::Share(if is_copied { Sharing::Copied } else { Sharing::ByHand }));
    });
}
