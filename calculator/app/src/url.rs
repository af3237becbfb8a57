//! The address: its fragment holds the scenario, so that a link is all it takes to share or keep one.

use formats::permalink;
use gloo::utils::window;
use sizing::Scenario;
use wasm_bindgen::JsValue;

/// The views there are, and the sections each of them unfolds.
const VIEWS: &[(&str, &[&str])] = &[
    ("pool", &["pool"]),
    ("queue", &["queue"]),
    ("memory", &["memory"]),
    ("nodes", &["nodes", "resilience"]),
    ("storage", &["storage", "cache", "replica"]),
    ("growth", &["growth"]),
    ("advisor", &["strategy", "alert"]),
];

/// The fragment of the address, with its `#`.
pub(crate) fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The sections of the view the address asks for, and otherwise the name of the view there is not.
pub(crate) fn view() -> Result<&'static [&'static str], String> {
    let search = window().location().search().unwrap_or_default();
    let query = search.trim_start_matches('?');
    let Some(asked) = query.split('&').find_map(|part| part.strip_prefix("view=")) else { return Ok(&[]) };
    VIEWS.iter().find(|(view, _)| *view == asked).map(|(_, sections)| *sections).ok_or_else(|| asked.to_owned())
}

/// The address of this page with a scenario in its fragment, which is left out where nothing differs from the defaults.
pub(crate) fn link(scenario: &Scenario) -> String {
    let mut link = here();
    link.truncate(link.find('#').unwrap_or(link.len()));
    if !scenario.changed().is_empty() {
        link.push('#');
        link.push_str(&permalink::write(scenario));
    }
    link
}

/// The address of this page.  On the machine that builds it, it has none.
fn here() -> String {
    if cfg!(target_arch = "wasm32") { window().location().href().unwrap_or_default() } else { String::new() }
}

/// Changes the address without a new entry in the history.  Where the browser refuses, the address stays behind and
/// everything else works.
pub(crate) fn replace(link: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(link));
    }
}
