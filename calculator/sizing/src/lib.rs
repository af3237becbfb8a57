//! The arithmetic of Headroom: a [`Scenario`] goes in, a [`Plan`] comes out.
//!
//! In scope: what an engineer would compute by hand to size connections, each number with its derivation, and what to
//! do about the numbers that are wrong.  Out of scope: files, pages, clocks, randomness.  The crate is pure: no I/O, no
//! panics on any input, and the same bits on the host and in wasm32.

#![warn(clippy::pedantic)]
#![deny(clippy::disallowed_methods)]

pub mod action;
pub mod alert;
pub mod cache;
pub mod choice;
pub mod curve;
pub mod date;
pub mod decimal;
pub mod finding;
pub mod growth;
pub mod input;
pub mod memory;
mod model;
pub mod node;
mod numbers;
pub mod plan;
pub mod pool;
pub mod preset;
pub mod quantity;
pub mod queueing;
pub mod replica;
pub mod resilience;
pub mod scenario;
pub mod section;
pub mod series;
mod sheet;
pub mod source;
pub mod storage;
pub mod strategy;
pub mod value;
mod verdict;

pub use action::Action;
pub use date::Date;
pub use finding::{Finding, Severity};
pub use input::{INPUTS, Input, InputError};
pub use plan::{Plan, plan};
pub use preset::{PRESETS, Preset};
pub use quantity::Quantity;
pub use scenario::Scenario;
pub use section::Section;
pub use series::Series;
pub use value::Value;
