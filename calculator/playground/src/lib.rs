//! The routing playground: `routing` itself in the page, with a map, a simulated clock and clusters that can be killed.
//!
//! In scope: a simulation of what is around the router (`simulation.rs`: the worker's own loop, pure, tested on the
//! host), an editor for the topology file, and what is to be seen of both.  Out of scope: every rule by which a request is
//! routed, which are `routing`'s.
//!
//! It is a module of its own, fetched when somebody opens it: `www/playground.js`.

mod action;
mod app;
mod city;
mod condition;
mod draft;
mod link;
mod page;
mod preset;
mod projection;
mod random;
mod simulation;
mod state;
mod tally;
mod timeline;
mod view;
mod words;

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;
use yew::Renderer;

use app::{App, Opening};

/// Half the size of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Draws the playground in an element of the page.  The seed decides what chance does.
#[wasm_bindgen]
pub fn open(host: Element, seed: u32) {
    Renderer::<App>::with_root_and_props(host, Opening { seed: seed.into() }).render();
}
