//! The address: its fragment holds the scenario, so that a link is all it takes to share or keep one.

use formats::permalink;
use gloo::utils::window;
use sizing::Scenario;
use wasm_bindgen::JsValue;

/// The views there are.
const VIEWS: &[&str] = &["pool"];

/// The fragment of the address, with its `#`.
pub(crate) fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The view the address asks for, where there is no such view.
pub(crate) fn unknown_view() -> Option<String> {
    let search = window().location().search().unwrap_or_default();
    let query = search.trim_start_matches('?');
    let view = query.split('&').find_map(|part| part.strip_prefix("view="))?;
    (!VIEWS.contains(&view)).then(|| view.to_owned())
}

/// The address of this page with a scenario in its fragment, which is left out where nothing differs from the defaults.
pub(crate) fn link(scenario: &Scenario) -> String {
    let mut link = window().location().href().unwrap_or_default();
    link.truncate(link.find('#').unwrap_or(link.len()));
    if !scenario.changed().is_empty() {
        link.push('#');
        link.push_str(&permalink::write(scenario));
    }
    link
}

/// Changes the address without a new entry in the history.  Where the browser refuses, the address stays behind and
/// everything else works.
pub(crate) fn replace(link: &str) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(link));
    }
}
