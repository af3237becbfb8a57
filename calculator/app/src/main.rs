//! The calculator page: fields on one side, what follows from them on the other.
//!
//! In scope: drawing what `sizing` says, and keeping what was typed.  Out of scope: arithmetic, which is `sizing`'s, and
//! permalinks, which are `formats`'.  The page asks no server for anything.
//!
//! There is one component, one state and one list of actions; every other part of the page is a function from the state
//! to elements.  Each further component would cost some kilobytes of download for its own copy of Yew's machinery.

mod after;
mod chain;
mod clipboard;
mod derivation;
mod field;
mod figures;
mod findings;
mod form;
mod growth;
mod icon;
mod later;
mod missing;
mod options;
mod page;
mod report;
mod results;
mod state;
mod url;
mod values;
mod verdict;
mod view;

use std::rc::Rc;

use after::After;
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
    let mut drawing = Drawing::new(Rc::new(move |action| send.dispatch(action)));
    draw(&state, &prerendered.result, &mut drawing);
    drawing.finish()
}

/// Draws the page.  Until its second part is here, the result is the one that stood there.
fn draw(state: &State, result: &AttrValue, to: &mut Drawing) {
    View { state }.form(to);
    let later = state.later();
    // The result that stood there is of the default scenario.
    let is_busy = later.is_none() && !state.is_missing && !state.scenario.changed().is_empty();
    to.element("div", &[("class", "result"), ("id", "result"), ("tabindex", "-1")], |to| {
        to.state("aria-busy", is_busy);
        if let Some((later, plan)) = later {
            (later.results)(state, plan, to);
        } else if state.is_missing {
            View { state }.missing(to);
        } else {
            to.node(VNode::from_html_unchecked(result.clone()));
        }
    });
}

/// Takes over the page, when what was typed into it so far has been noted.
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
        let mut state = State::read("", Ok(&[]));
        state.arrive(later::entry());
        let mut drawing = Drawing::still();
        draw(&state, &AttrValue::default(), &mut drawing);
        print!("{}", drawing::html::of(&drawing.finish()));
    }
}
