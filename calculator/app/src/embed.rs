//! The page inside another page: what follows from its fields is handed to `www/frame.js`, which tells the page around.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use gloo::utils::document;
use sizing::Plan;
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit};

use crate::action::Thing;
use crate::state::State;

/// How long a plan stays before it is told.
const BEFORE_TELLING: u32 = 300;

/// What `frame.js` listens to.
const EVENT: &str = "headroom-plan";

/// Tells of each plan that stays for a while, and of the first one at once.
#[derive(Default)]
pub(crate) struct Announcer {
    plan: Option<Rc<Plan>>,
    timeout: Option<Timeout>,
}

impl Announcer {
    /// To be called whenever the page has been drawn.  Outside of a frame nothing happens, so nothing is written there.
    pub(crate) fn rendered(&mut self, state: &State) {
        let (Some(plan), Some(later)) = (&state.plan, state.later) else { return };
        if !is_embedded() || self.plan.as_ref().is_some_and(|told| Rc::ptr_eq(told, plan)) {
            return;
        }
        let pause = if self.plan.is_some() { BEFORE_TELLING } else { 0 };
        self.plan = Some(Rc::clone(plan));
        let state = state.clone();
        self.timeout = Some(Timeout::new(pause, move || announce(&(later.take)(&state, Thing::Json).1)));
    }
}

/// `frame.js` marks the page before the calculator starts.
pub(crate) fn is_embedded() -> bool {
    // On the machine that builds the page there is no document.
    cfg!(target_arch = "wasm32") && document().document_element().is_some_and(|root| root.has_attribute("data-embed"))
}

fn announce(json: &str) {
    let init = CustomEventInit::new();
    init.set_detail(&JsValue::from_str(json));
    if let Ok(event) = CustomEvent::new_with_event_init_dict(EVENT, &init) {
        // Nobody can cancel it, so there is nothing to learn from the answer.
        let _ = document().dispatch_event(&event);
    }
}
