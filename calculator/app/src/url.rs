//! The address: its fragment holds the scenario, so that a link is all it takes to share or keep one.

use formats::permalink;
use gloo::utils::window;
use sizing::Scenario;
use wasm_bindgen::JsValue;

use crate::tab::{FIRST, Tab};

/// The fragment of the address, with its `#`.
pub(crate) fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// What the address says of itself: `view=memory`.
fn query(name: &str) -> Option<String> {
    let search = window().location().search().unwrap_or_default();
    let parts = search.trim_start_matches('?').split('&');
    parts.filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The view the address asks for, and otherwise the name of the view there is not.
pub(crate) fn view() -> Result<&'static Tab, String> {
    match query("view") {
        None => Ok(FIRST),
        Some(asked) => Tab::named(&asked).ok_or(asked),
    }
}

/// A scenario as the end of an address; empty where nothing differs from the defaults.
pub(crate) fn fragment_of(scenario: &Scenario) -> String {
    if scenario.changed().is_empty() { String::new() } else { ["#", &permalink::write(scenario)].concat() }
}

/// What follows the path of this page for a view of a scenario: what is the default is left out.
pub(crate) fn way_to(tab: &Tab, fragment: &str) -> String {
    let mut way = if *tab == *FIRST { "./".to_owned() } else { ["?view=", tab.word].concat() };
    way.push_str(fragment);
    way
}

/// The whole address of a view of a scenario.
pub(crate) fn link(tab: &Tab, scenario: &Scenario) -> String {
    let mut link = here();
    link.truncate(link.find(['?', '#']).unwrap_or(link.len()));
    let way = way_to(tab, &fragment_of(scenario));
    link.push_str(way.trim_start_matches("./"));
    link
}

/// The address of this page.  On the machine that builds it, it has none.
fn here() -> String {
    if cfg!(target_arch = "wasm32") { window().location().href().unwrap_or_default() } else { String::new() }
}

/// A link as the address of this page: inside another page it stays there when it is loaded anew.
fn as_it_is(link: &str) -> String {
    let (page, fragment) = link.split_at(link.find('#').unwrap_or(link.len()));
    let mut address = page.to_owned();
    for name in ["embed", "theme"] {
        if let Some(value) = query(name) {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(&[name, "=", &value].concat());
        }
    }
    address.push_str(fragment);
    address
}

/// The mark of this entry of the history, where the page wrote it and not a link that somebody followed.
pub(crate) fn mark() -> Option<u32> {
    let state = window().history().and_then(|history| history.state()).ok()?;
    // Written from a whole number below.
    state.as_string()?.parse().ok()
}

/// Changes the address without a new entry in the history.  Where the browser refuses, the address stays behind and
/// everything else works.
pub(crate) fn replace(link: &str, mark: u32) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::from_str(&mark.to_string()), "", Some(&as_it_is(link)));
    }
}

/// Changes the address with a new entry in the history, for another view.
pub(crate) fn push(link: &str, mark: u32) {
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::from_str(&mark.to_string()), "", Some(&as_it_is(link)));
    }
}
