//! The second part of the program: what is only needed once somebody uses the page.
//!
//! The build cuts the program in two behind the linker.  What can only be reached from [`entry`] is in a module of its
//! own, which shares memory and functions with the first and is fetched by `later.js`.

use sizing::{Plan, Scenario};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::drawing::Drawing;
use crate::results;
use crate::state::State;

/// What the second part does, for the first to call once it is there.
pub(crate) struct Later {
    /// The arithmetic.
    pub(crate) plan: fn(&Scenario) -> Plan,
    /// Draws what follows from it.
    pub(crate) results: fn(&State, &Plan, &mut Drawing),
}

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Fetches the second part, where it is not here yet; it fails as fetching fails.
    #[wasm_bindgen(catch)]
    async fn load() -> Result<(), wasm_bindgen::JsValue>;
}

// The names are what the build looks for: the import becomes a call of the export, in whichever part that is.
#[allow(unsafe_code)]
#[link(wasm_import_module = "__wasm_split_placeholder__")]
unsafe extern "C" {
    #[link_name = "__wasm_split_00later00_import_00000000000000000000000000000000"]
    fn entry_in_second_part() -> &'static Later;
}

#[allow(unsafe_code)]
#[unsafe(export_name = "__wasm_split_00later00_export_00000000000000000000000000000000")]
extern "C" fn entry() -> &'static Later {
    static LATER: Later = Later { plan: sizing::plan, results: results::draw };
    &LATER
}

/// The second part, fetched where it is not here yet.
pub(crate) async fn fetch() -> Option<&'static Later> {
    load().await.ok()?;
    // Sound: the second part is here.
    #[allow(unsafe_code)]
    Some(unsafe { entry_in_second_part() })
}
