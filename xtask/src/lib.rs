//! Set-up, build, serve and test: everything behind `cargo xtask`, shared with the tests that start the same servers.

pub mod paths;
pub mod process;
