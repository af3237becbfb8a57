//! The calculator page: fields on one side, what follows from them on the other.
//!
//! In scope: drawing what `sizing` says, and keeping what was typed.  Out of scope: arithmetic, which is `sizing`'s, and
//! permalinks, which are `formats`'.  The page asks no server for anything.
//!
//! There is one component, one state and one list of actions; every other part of the page is a function from the state
//! to elements.  Each further component would cost some kilobytes of download for its own copy of Yew's machinery.

mod action;
mod after;
mod chain;
mod compare;
mod derivation;
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
use wasm_bindgen_futures::spawn_local;
use yew::{Html, Renderer, component, use_effect, use_effect_with, use_mut_ref, use_reducer};

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
    {
        let send = send.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                if let Ok(later) = later::load().await {
                    send.dispatch(Action::Arrive(later));
                }
            });
        });
    }
    let mut drawing = Drawing::new(Rc::new(move |action| match action {
        Action::Files(Some(files)) => files::read(&files, &send),
        Action::Paper => page::print(),
        action => send.dispatch(action),
    }));
    page(&View { state: &state }, &mut drawing);
    drawing.finish()
}

/// Draws the whole page.
fn page(view: &View<'_>, to: &mut Drawing) {
    view.navigation(to);
    view.form(to);
    to.element("div", &[("class", "result"), ("id", "result"), ("tabindex", "-1")], |to| {
        if let Some(Later { results, .. }) = view.state.later {
            results(view, to);
        }
    });
}

fn main() {
    if let Some(root) = page::element("app") {
        Renderer::<App>::with_root(root).render();
    }
}
