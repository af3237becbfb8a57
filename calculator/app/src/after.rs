//! What happens after the page has been drawn, at once or after a pause.

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use gloo::utils::window;
use sizing::input::Kind;
use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;

use crate::state::{Action, Dispatcher, Sharing, State};
use crate::{clipboard, page, url, values};

/// How long typing pauses before a problem is shown, in milliseconds.
const BEFORE_TELLING: u32 = 600;
/// How long the scenario stays the same before the address follows: browsers limit how often it may change.
const BEFORE_WRITING: u32 = 300;
/// How long the verdict stays the same before it is spoken.
const BEFORE_SPEAKING: u32 = 1_000;
/// How long it is said that the link was copied.
const BEFORE_FORGETTING: u32 = 4_000;

/// Everything that waits, and what it last waited for.
#[derive(Default)]
pub(crate) struct After {
    listeners: Vec<EventListener>,
    tell: Option<Timeout>,
    write: Waiting,
    speak: Waiting,
    forget: Waiting,
    /// The number of the last move of the focus.
    focused: u32,
    /// How many problems are shown.
    problems: usize,
}

/// Something that waits until a text has been the same for a while.
#[derive(Default)]
struct Waiting {
    text: Option<String>,
    timeout: Option<Timeout>,
}

impl Waiting {
    /// Starts anew where the text has changed.
    fn until_still(&mut self, text: &str, pause: u32, action: Box<dyn FnOnce()>) {
        if self.text.as_deref() != Some(text) {
            // What stands there from the start is nothing new.
            let is_first = self.text.is_none();
            self.text = Some(text.to_owned());
            self.timeout = (!is_first).then(|| Timeout::new(pause, action));
        }
    }
}

impl After {
    /// To be called whenever the page has been drawn.
    pub(crate) fn rendered(&mut self, state: &State, send: &Dispatcher) {
        if self.listeners.is_empty() {
            self.listeners = listeners(send);
        }
        let later = |action: Action| -> Box<dyn FnOnce()> {
            let send = send.clone();
            Box::new(move || send.dispatch(action))
        };
        for entry in &state.entries {
            let id = page::control_id(entry.input.id);
            if matches!(entry.input.kind, Kind::Choice(_)) {
                page::choose(&id, entry.text.trim());
            }
        }
        self.unfold(state);
        let is_untold = state.entries.iter().any(|entry| entry.is_untold());
        // A new pause begins with every key.
        self.tell = is_untold.then(|| Timeout::new(BEFORE_TELLING, later(Action::Tell)));
        let link = if state.is_edited { url::link(&state.scenario) } else { String::new() };
        let write = {
            let link = link.clone();
            Box::new(move || url::replace(&link))
        };
        self.write.until_still(&link, BEFORE_WRITING, if state.is_edited { write } else { Box::new(|| ()) });
        self.speak.until_still(&state.plan.verdict, BEFORE_SPEAKING, later(Action::Speak));
        if state.sharing == Sharing::Wanted {
            send.dispatch(Action::Share(Sharing::Idle));
            clipboard::copy(&url::link(&state.scenario), send.clone());
        }
        let copied = if state.sharing == Sharing::Copied { "copied" } else { "" };
        self.forget.until_still(copied, BEFORE_FORGETTING, later(Action::Share(Sharing::Idle)));
        if self.focused != state.focus.1 {
            self.focused = state.focus.1;
            page::focus(&state.focus.0);
        }
    }
}

impl After {
    /// Unfolds the fields with problems when there are more than before.
    fn unfold(&mut self, state: &State) {
        let shown = || state.entries.iter().filter(|entry| entry.shown_problem().is_some());
        let before = std::mem::replace(&mut self.problems, shown().count());
        if self.problems > before {
            for entry in shown() {
                if let Some(element) = page::element(&page::control_id(entry.input.id)) {
                    page::unfold(&element);
                }
            }
        }
    }
}

/// What is listened to for as long as the page is open.
fn listeners(send: &Dispatcher) -> Vec<EventListener> {
    let listen = |event: &'static str, action: Box<dyn Fn()>| EventListener::new(&window(), event, move |_| action());
    let load = {
        let send = send.clone();
        move || {
            let fragment = url::fragment();
            // A fragment without any input is a place in the page, not a scenario.
            if fragment.is_empty() || fragment.contains('=') {
                send.dispatch(Action::Load(fragment.into()));
            }
        }
    };
    // Paper cannot be unfolded.
    let unfold_values = |open: bool| {
        move || {
            let details =
                page::element(values::DETAILS).and_then(|element| element.dyn_into::<HtmlDetailsElement>().ok());
            if let Some(details) = details {
                details.set_open(open);
            }
        }
    };
    vec![
        listen("hashchange", Box::new(load)),
        listen("beforeprint", Box::new(unfold_values(true))),
        listen("afterprint", Box::new(unfold_values(false))),
    ]
}
