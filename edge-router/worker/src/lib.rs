//! The Cloudflare Worker: turns what the platform says of a request into what `routing` understands, and tells the entry
//! script what `routing` decided.
//!
//! In scope: the platform.  `entry.js` has the hot path: requests and responses stay the platform's own objects there,
//! so that bodies stream past this code and methods, duplicate headers, status texts and upgraded connections arrive as
//! they were sent.  It calls the functions of `hot.rs`, which neither wait nor allocate much.  The health object, the
//! cron that watches over it and the admin pages are ordinary asynchronous code.
//!
//! Out of scope: every rule about where a request goes, when a cluster counts as healthy, how a promotion proceeds;
//! those live in `routing`.

pub mod admin;
mod configuration;
mod health_do;
pub mod hot;
mod isolate;
mod log;
mod platform;
mod problem;
pub mod watchdog_cron;

/// Half the size of the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
