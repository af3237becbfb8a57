//! The calculator page: fields on one side, what follows from them on the other.
//!
//! In scope: drawing what `sizing` says, and keeping what was typed.  Out of scope: arithmetic, which is `sizing`'s, and
//! permalinks, which are `formats`'.  The page asks no server for anything.
//!
//! There is one state and one list of actions; every part of the page is a function from the state to elements.  Besides
//! the page itself only its details and the parts of a drawing are components, because each further kind would cost some
//! kilobytes of download for its own copy of Yew's machinery.

mod action;
mod after;
mod chain;
mod compare;
mod derivation;
mod details;
mod embed;
mod entry;
mod export;
mod field;
mod figures;
mod files;
mod findings;
mod form;
mod highlight;
mod icon;
mod later;
mod missing;
mod navigation;
mod options;
mod page;
mod pictures;
mod report;
mod results;
mod start;
mod state;
mod summary;
mod tab;
mod take;
mod takings;
mod url;
mod values;
mod view;

use std::rc::Rc;

use action::Action;
use after::After;
use later::Later;
use state::{Dispatcher, State};
use view::{Drawing, View};
use wasm_bindgen::prelude::wasm_bindgen;
use yew::virtual_dom::VNode;
use yew::{AttrValue, Html, Properties, Renderer, component, use_effect, use_mut_ref, use_reducer};

/// Half the size of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// What stands in the page before the program starts.
#[derive(PartialEq, Properties)]
struct Prerendered {
    /// What follows from the default scenario, as HTML.
    result: AttrValue,
}

#[component]
fn App(prerendered: &Prerendered) -> Html {
    let state = use_reducer(|| State::read(&url::fragment(), url::view()));
    let send: Dispatcher = state.dispatcher();
    let after = use_mut_ref(After::default);
    {
        let (state, send) = (state.clone(), send.clone());
        use_effect(move || after.borrow_mut().rendered(&state, &send));
    }
    let mut drawing = Drawing::new(Rc::new(move |action| match action {
        Action::Files(Some(files)) => files::read(&files, &send),
        Action::Paper => page::print(),
        action => send.dispatch(action),
    }));
    page(&View { state: &state }, &prerendered.result, &mut drawing);
    drawing.finish()
}

/// Draws the whole page.  Until its second part is here, the result is the one that stood there.
fn page(view: &View<'_>, prerendered: &AttrValue, to: &mut Drawing) {
    let state = view.state;
    view.details(to, "navigation", state.tab, |view, _, to| view.navigation(to));
    view.form(to);
    // What stood there follows from the default scenario.
    let is_other = || !state.scenario.changed().is_empty() || state.tab != tab::FIRST;
    let is_busy = state.later.is_none() && !state.is_missing && is_other();
    to.element("div", &[("class", "result"), ("id", "result"), ("tabindex", "-1")], |to| {
        to.state("aria-busy", is_busy);
        if let Some(Later { results, .. }) = state.later {
            results(view, to);
        } else if state.is_missing {
            view.missing(to);
        } else {
            to.node(VNode::from_html_unchecked(prerendered.clone()));
        }
    });
}

/// Takes over the page; what was done to it so far has been noted.
#[wasm_bindgen]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "the browser calls it"))]
pub fn begin() {
    let result = page::element("result").map(|element| element.inner_html()).unwrap_or_default().into();
    if let Some(root) = page::element("app") {
        Renderer::<App>::with_root_and_props(root, Prerendered { result }).render();
    }
}

/// In the browser there is nothing to do until it calls; on the machine that builds the page, writes what stands in it
/// before the program starts.
fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    {
        let mut state = State::read("", Ok(tab::FIRST));
        state.arrive(*later::entry());
        let mut drawing = Drawing::still();
        page(&View { state: &state }, &AttrValue::default(), &mut drawing);
        print!("{}", drawing::html::of(&drawing));
    }
}
