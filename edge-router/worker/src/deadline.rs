//! The time within which a cluster has to begin its response.

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{AbortController, AbortSignal};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: u32) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Aborts a fetch when the time is over; dropping it calls the time limit off.
///
/// Not `AbortSignal.timeout`: that would go on counting while the response streams, and cut a long one.
pub(crate) struct Deadline {
    controller: AbortController,
    timer: JsValue,
}

impl Deadline {
    pub(crate) fn start(milliseconds: u32) -> Result<Self, JsValue> {
        let controller = AbortController::new()?;
        let abort = js_sys::Reflect::get(&controller, &"abort".into())?;
        let abort = Function::from(abort).bind0(&controller);
        let timer = set_timeout(&abort, milliseconds);
        Ok(Self { controller, timer })
    }

    pub(crate) fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.signal().aborted()
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}
