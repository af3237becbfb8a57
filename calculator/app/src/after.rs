//! What happens after the page has been drawn, at once or after a pause.

use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use gloo::utils::window;
use sizing::Scenario;
use sizing::input::Kind;
use wasm_bindgen_futures::spawn_local;
use yew::AttrValue;

use crate::action::Action;
use crate::embed::Announcer;
use crate::entry::Entry;
use crate::state::{Dispatcher, State};
use crate::tab::{FIRST, Tab};
use crate::{later, page, take, url};

/// How long typing pauses before a problem is shown, in milliseconds.
const BEFORE_TELLING: u32 = 600;
/// How long typing pauses before the details follow.
const BEFORE_SETTLING: u32 = 120;
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
    write: Option<Timeout>,
    speak: Waiting,
    forget: Waiting,
    /// What was chosen in each field in which something is.
    chosen: Vec<AttrValue>,
    /// The view that was shown last, and the scenario.
    tab: Option<&'static Tab>,
    scenario: Option<Rc<Scenario>>,
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
        self.choose(&state.entries);
        let is_untold = state.entries.iter().any(|entry| entry.is_untold());
        // A new pause begins with every key.
        self.tell = is_untold.then(|| Timeout::new(BEFORE_TELLING, later(Action::Tell)));
        self.settle = state.is_behind().then(|| Timeout::new(BEFORE_SETTLING, later(Action::Settle)));
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

    /// Every `select` shows what its entry says.
    fn choose(&mut self, entries: &[Entry]) {
        let choices = entries.iter().filter(|entry| matches!(entry.input.kind, Kind::Choice(_)));
        for (position, entry) in choices.clone().enumerate() {
            if self.chosen.get(position) != Some(&entry.text) {
                page::choose(&page::control_id(entry.input.id), entry.text.trim());
                page::choose(&page::answer_id(entry.input.id), entry.text.trim());
            }
        }
        self.chosen = choices.map(|entry| entry.text.clone()).collect();
    }

    /// The address follows what is shown: at once for another view, after a pause for another scenario.
    fn address(&mut self, state: &State) {
        let (tab, loads, is_edited) = (state.tab, state.loads, state.is_edited);
        let shown = self.tab.replace(tab);
        if shown != Some(tab) {
            page::show(tab);
        }
        if let Some(shown) = shown.filter(|shown| *shown != tab && url::view().as_ref() != Ok(&tab)) {
            // The way back leads to the view that is left, with what was typed last.
            url::replace(&url::link(shown, &state.scenario), loads);
            url::push(&url::link(tab, &state.scenario), loads);
        }
        let is_same = self.scenario.as_ref().is_some_and(|scenario| Rc::ptr_eq(scenario, &state.scenario));
        if !is_same || shown != Some(tab) {
            let scenario = Rc::clone(self.scenario.insert(Rc::clone(&state.scenario)));
            let write = move || url::replace(&url::link(tab, &scenario), loads);
            self.write = is_edited.then(|| Timeout::new(BEFORE_WRITING, write));
        }
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
    let print = |begins: bool| {
        let send = send.clone();
        Box::new(move || send.dispatch(Action::Print(begins.then(page::focused))))
    };
    vec![
        // Both a changed fragment and a way back tell of themselves so.
        listen("popstate", load()),
        listen("beforeprint", print(true)),
        listen("afterprint", print(false)),
    ]
}
