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
mod drawing;
mod field;
mod figures;
mod findings;
mod form;
mod growth;
mod icon;
mod later;
mod options;
mod page;
mod report;
mod results;
mod state;
mod url;
mod values;
mod verdict;
mod view;

use after::After;
use drawing::Drawing;
use state::{Dispatcher, State};
use view::View;
use yew::{Html, Renderer, component, use_effect, use_mut_ref, use_reducer};

/// Half the size of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[component]
fn App() -> Html {
    let state = use_reducer(|| State::read(&url::fragment(), url::view()));
    let send: Dispatcher = state.dispatcher();
    let after = use_mut_ref(After::default);
    {
        let (state, send) = (state.clone(), send.clone());
        use_effect(move || after.borrow_mut().rendered(&state, &send));
    }
    let view = View { state: &state };
    let mut drawing = Drawing::new(&send);
    view.form(&mut drawing);
    drawing.element("div", &[("class", "result"), ("id", "result"), ("tabindex", "-1")], |to| {
        if let Some((later, plan)) = state.later() {
            (later.results)(&state, plan, to);
        }
    });
    drawing.finish()
}

fn main() {
    if let Some(root) = page::element("app") {
        Renderer::<App>::with_root(root).render();
    }
}
