//! What can be taken away from the page: copied, or saved as a file.

use formats::export::Subject;
use formats::report::{self, Detail};
use formats::{plan_json, scenario_json};
use gloo::timers::callback::Timeout;
use gloo::utils::window;
use js_sys::Array;
use sizing::{Plan, Scenario};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::action::{Action, Thing, Way};
use crate::export;
use crate::state::{Dispatcher, State};
use crate::url;

/// How long a file may take to be fetched from the page, in milliseconds.
const BEFORE_REVOKING: u32 = 40_000;

/// Copies or saves something, and says how that went; false where the model has to be there first.
pub(crate) fn away(state: &State, thing: Thing, way: Way, send: &Dispatcher) -> bool {
    let (name, text) = match (thing, state.later) {
        (Thing::Link, _) => (String::new(), url::link(state.tab, &state.scenario)),
        (_, Some(later)) => (later.take)(state, thing),
        (_, None) => return false,
    };
    match way {
        Way::Copy => copy(thing, &text, send.clone()),
        Way::Save => {
            send.dispatch(if save(&name, &text).is_some() { Action::Taken(thing, way) } else { Action::ByHand });
        }
    }
    true
}

/// The name of a file and what is in it.
pub(crate) fn text(state: &State, thing: Thing) -> (String, String) {
    let Some(plan) = &state.plan else { return Default::default() };
    let scenario = &state.scenario;
    match thing {
        Thing::Link => Default::default(),
        Thing::Report => ("headroom.md".into(), report::markdown(plan, Detail::Explained)),
        Thing::Json => ("headroom.json".into(), document(scenario, plan)),
        Thing::Export => {
            let subject = Subject { scenario, plan };
            let Some(export) = export::shown(state) else { return Default::default() };
            let written = (export.write)(subject).map(|document| document.text());
            (export.file.into(), written.unwrap_or_else(str::to_owned))
        }
    }
}

/// Scenario and plan as one JSON document.
fn document(scenario: &Scenario, plan: &Plan) -> String {
    let scenario = scenario_json::write(scenario);
    ["{\"scenario\":", scenario.trim_end(), ",\"plan\":", plan_json::write(plan).trim_end(), "}\n"].concat()
}

fn copy(thing: Thing, text: &str, send: Dispatcher) {
    let clipboard = window().navigator().clipboard();
    // Absent where the page did not come over a secure connection.
    let promise = (!AsRef::<JsValue>::as_ref(&clipboard).is_undefined()).then(|| clipboard.write_text(text));
    spawn_local(async move {
        let is_copied = match promise {
            Some(promise) => JsFuture::from(promise).await.is_ok(),
            None => false,
        };
        send.dispatch(match (is_copied, thing) {
            (true, _) => Action::Taken(thing, Way::Copy),
            (false, Thing::Link) => Action::ByHand,
            // Too long to be copied by hand.
            (false, _) => Action::Take(thing, Way::Save),
        });
    });
}

/// Hands a file to the browser; nothing where it does not take it.
fn save(name: &str, text: &str) -> Option<()> {
    let blob = Blob::new_with_str_sequence(&Array::of1(&text.into())).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = gloo::utils::document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // Some browsers only begin to fetch it after this.
    let revoke = move || {
        let _ = Url::revoke_object_url(&address);
    };
    Timeout::new(BEFORE_REVOKING, revoke).forget();
    Some(())
}
