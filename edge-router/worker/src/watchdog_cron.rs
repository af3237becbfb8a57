//! The watchdog: every minute a cron asks the health object whether its alarm is alive, because alarms can be lost.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{log, platform};

/// Asks it.
#[wasm_bindgen]
pub async fn watch(env: JsValue) {
    if let Err(error) = platform::ask(&env, "/watch", Some("")).await {
        log::error("health-object-unreachable", &platform::words(&error));
    }
}
