//! What is not needed before somebody uses the page: the model, and everything that is drawn of a plan.
//!
//! The build cuts the program in two behind the linker.  What is reached from [`entry`] and from nowhere else is in a
//! module of its own, which shares memory and functions with the first one and is fetched by `later.js`.

use formats::import::Imported;
use sizing::{Plan, Scenario};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::action::Thing;
use crate::state::State;
use crate::view::{Drawing, View};
use crate::{results, start, take};

/// The functions of the second part.
#[derive(Clone, Copy)]
pub(crate) struct Later {
    /// The plan of a scenario.
    pub(crate) plan: fn(&Scenario) -> Plan,
    /// Draws everything that follows from the scenario.
    pub(crate) results: fn(&View<'_>, &mut Drawing),
    /// Draws the way to start that is open.
    pub(crate) start: fn(&View<'_>, &mut Drawing),
    /// Reads a file by its name and its text; otherwise why it cannot be read.
    pub(crate) read: fn(&str, &str) -> Result<Imported, String>,
    /// The name and the text of something to be copied or saved.
    pub(crate) take: fn(&State, Thing) -> (String, String),
}

impl PartialEq for Later {
    /// There is one.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Later {
    /// All of it.
    const fn all() -> Self {
        Self { plan: sizing::plan, results: results::draw, start: start::draw, read: start::read, take: take::text }
    }
}

#[wasm_bindgen(raw_module = "./later.js")]
extern "C" {
    /// Waits for the first sign of somebody who uses the page, and fetches the second part where it is not here yet.
    #[wasm_bindgen(catch)]
    async fn load() -> Result<(), JsValue>;
}

// The build looks for these two names, and makes the import a call of the export, in whichever part that is.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "to the linker, the other part of the program is foreign")]
#[allow(improper_ctypes, reason = "both parts come from one compilation")]
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
#[allow(improper_ctypes_definitions, reason = "both parts come from one compilation")]
pub(crate) extern "C" fn entry() -> &'static Later {
    static LATER: Later = Later::all();
    &LATER
}

/// The second part, fetched where it is not here yet; `None` where it cannot be had.
pub(crate) async fn fetch() -> Option<Later> {
    load().await.ok()?;
    #[cfg(target_arch = "wasm32")]
    #[allow(unsafe_code, reason = "it was just loaded")]
    let later = unsafe { entry_of_second_part() };
    #[cfg(not(target_arch = "wasm32"))]
    let later = entry();
    Some(*later)
}
