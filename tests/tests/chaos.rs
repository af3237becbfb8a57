//! Faults under load, in the short form; `cargo xtask bench chaos` runs the long one.

#![allow(clippy::panic)] // how a test says that it failed

#[test]
fn every_request_is_accounted_for() {
    xtask::bench::short_chaos().unwrap_or_else(|error| panic!("{error:#}"));
}
