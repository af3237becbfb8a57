//! What happens after the page has been drawn, at once or after a pause.

use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use gloo::utils::window;
use sizing::input::Kind;
use wasm_bindgen_futures::spawn_local;

use crate::action::Action;
use crate::embed::Announcer;
use crate::state::{Dispatcher, State};
use crate::tab::{FIRST, Tab};
use crate::{later, page, take, url};

/// How long typing pauses before a problem is shown, in milliseconds.
const BEFORE_TELLING: u32 = 600;
/// How long typing pauses before the pictures follow.
const BEFORE_PICTURING: u32 = 120;
/// How long the scenario stays the same before the address follows: browsers limit how often it may change.
const BEFORE_WRITING: u32 = 300;
/// How long the verdict stays the same before it is spoken.
const BEFORE_SPEAKING: u32 = 1_000;
/// How long it is said that something was copied.
const BEFORE_FORGETTING: u32 = 4_000;

/// Everything that waits, and what it last waited for.
#[derive(Default)]
pub(crate) struct After {
    listeners: Vec<EventListener>,
    /// The second part of the program was asked for.
    is_fetching: bool,
    tell: Option<Timeout>,
    settle: Option<Timeout>,
    write: Waiting,
    speak: Waiting,
    forget: Waiting,
    /// The view that was shown last.
    tab: Option<&'static Tab>,
    announcer: Announcer,
    /// The number of the last wish for a copy or a file that was granted.
    granted: u32,
    /// The number of the last move of the focus.
    focused: u32,
}

/// Something that waits until a text has been the same for a while.
#[derive(Default)]
struct Waiting {
    text: Option<String>,
    timeout: Option<Timeout>,
}

impl Waiting {
    /// Starts anew where the text has changed.  What stands there from the start is nothing new, unless something was
    /// done to the page already.
    fn until_still(&mut self, text: &str, is_new: bool, pause: u32, action: Box<dyn FnOnce()>) {
        if self.text.as_deref() != Some(text) {
            let is_new = is_new || self.text.is_some();
            self.text = Some(text.to_owned());
            self.timeout = is_new.then(|| Timeout::new(pause, action));
        }
    }
}

impl After {
    /// To be called whenever the page has been drawn.
    pub(crate) fn rendered(&mut self, state: &State, send: &Dispatcher) {
        if self.listeners.is_empty() {
            self.listeners = listeners(send);
        }
        if state.is_missing {
            self.is_fetching = false;
        } else if !self.is_fetching {
            self.is_fetching = true;
            let send = send.clone();
            spawn_local(async move {
                send.dispatch(later::fetch().await.map_or(Action::Miss, Action::Arrive));
            });
        }
        let later = |action: Action| -> Box<dyn FnOnce()> {
            let send = send.clone();
            Box::new(move || send.dispatch(action))
        };
        for entry in &state.entries {
            if matches!(entry.input.kind, Kind::Choice(_)) {
                page::choose(&page::control_id(entry.input.id), entry.text.trim());
                page::choose(&page::answer_id(entry.input.id), entry.text.trim());
            }
        }
        let is_untold = state.entries.iter().any(|entry| entry.is_untold());
        // A new pause begins with every key.
        self.tell = is_untold.then(|| Timeout::new(BEFORE_TELLING, later(Action::Tell)));
        let is_behind = |pictured: &Rc<State>| !Rc::ptr_eq(&pictured.scenario, &state.scenario);
        self.settle = (state.pictured.as_ref().is_some_and(is_behind))
            .then(|| Timeout::new(BEFORE_PICTURING, later(Action::Settle)));
        self.address(state);
        self.announcer.rendered(state);
        if let Some(plan) = &state.plan {
            self.speak.until_still(&plan.verdict, state.is_edited, BEFORE_SPEAKING, later(Action::Speak));
        }
        if let Some((thing, way)) = state.wanted.filter(|_| self.granted != state.wishes) {
            // What needs the model is asked again once that is there.
            if take::away(state, thing, way, send) {
                self.granted = state.wishes;
            }
        }
        let taken = if state.taken.is_some() { state.wishes.to_string() } else { String::new() };
        self.forget.until_still(&taken, false, BEFORE_FORGETTING, later(Action::Forget));
        if self.focused != state.focus.1 {
            self.focused = state.focus.1;
            page::focus(&state.focus.0);
        }
    }

    /// The address follows what is shown: at once for another view, after a pause for another scenario.
    fn address(&mut self, state: &State) {
        let link = url::link(state.tab, &state.scenario);
        let shown = self.tab.replace(state.tab);
        if shown != Some(state.tab) {
            page::show(state.tab);
        }
        if let Some(shown) = shown.filter(|shown| *shown != state.tab && url::view().as_ref() != Ok(&state.tab)) {
            // The way back leads to the view that is left, with what was typed last.
            url::replace(&url::link(shown, &state.scenario), state.loads);
            url::push(&link, state.loads);
        }
        let write: Box<dyn FnOnce()> = {
            let (link, is_edited, loads) = (link.clone(), state.is_edited, state.loads);
            Box::new(move || {
                if is_edited {
                    url::replace(&link, loads);
                }
            })
        };
        self.write.until_still(&link, state.is_edited, BEFORE_WRITING, write);
    }
}

/// What is listened to for as long as the page is open.
fn listeners(send: &Dispatcher) -> Vec<EventListener> {
    let listen = |event: &'static str, action: Box<dyn Fn()>| EventListener::new(&window(), event, move |_| action());
    let load = || {
        let send = send.clone();
        Box::new(move || {
            let fragment = url::fragment();
            // A fragment without any input is a place in the page, not a scenario.
            if fragment.is_empty() || fragment.contains('=') {
                send.dispatch(Action::Load(fragment.into(), url::view().unwrap_or(FIRST), url::mark()));
            }
        })
    };
    // Paper cannot be unfolded.
    let print = |is_printing: bool| {
        let send = send.clone();
        Box::new(move || send.dispatch(Action::Print(is_printing)))
    };
    vec![
        // Both a changed fragment and a way back tell of themselves so.
        listen("popstate", load()),
        listen("beforeprint", print(true)),
        listen("afterprint", print(false)),
    ]
}
