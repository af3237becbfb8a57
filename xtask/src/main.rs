//! `cargo xtask`: the one entry to set-up, build, serve and test.

fn main() {}
