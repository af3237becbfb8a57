//! The second part of the program: what is only needed once somebody uses the page.
//!
//! The build cuts the program in two behind the linker.  What can only be reached from [`entry`] is in a module of its
//! own, which shares memory and functions with the first one and is fetched by `later.js`.

use sizing::{Plan, Scenario};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::results;
use crate::state::State;
use crate::view::Drawing;

/// What the second part does, for the first to call once it is here.
#[repr(C)]
pub(crate) struct Later {
    /// The arithmetic.
    pub(crate) plan: fn(&Scenario) -> Plan,
    /// Draws what follows from it.
    pub(crate) results: fn(&State, &Plan, &mut Drawing),
}

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Waits for the first sign of somebody who uses the page, and fetches the second part where it is not here yet.
    #[wasm_bindgen(catch)]
    async fn load() -> Result<(), JsValue>;
}

// The build looks for these two names, and makes the import a call of the export, in whichever part that is.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "the other part of the program is foreign to the linker")]
#[link(wasm_import_module = "__wasm_split_placeholder__")]
unsafe extern "C" {
    #[link_name = "__wasm_split_00later00_import_00000000000000000000000000000000"]
    fn entry_of_second_part() -> &'static Later;
}

#[cfg_attr(target_arch = "wasm32", allow(unsafe_code, reason = "the name is nobody else's"))]
#[cfg_attr(
    target_arch = "wasm32",
    unsafe(export_name = "__wasm_split_00later00_export_00000000000000000000000000000000")
)]
pub(crate) extern "C" fn entry() -> &'static Later {
    static LATER: Later = Later { plan: sizing::plan, results: results::draw };
    &LATER
}

/// The second part, fetched where it is not here yet; `None` where it cannot be had.
pub(crate) async fn fetch() -> Option<&'static Later> {
    load().await.ok()?;
    #[cfg(target_arch = "wasm32")]
    #[allow(unsafe_code, reason = "it was just loaded")]
    let later = unsafe { entry_of_second_part() };
    #[cfg(not(target_arch = "wasm32"))]
    let later = entry();
    Some(later)
}
