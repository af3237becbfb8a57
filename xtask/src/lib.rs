//! Set-up, build, serve and test: everything behind `cargo xtask`, shared with the tests that start the same servers.

mod account;
pub mod bench;
pub mod build;
pub mod cluster;
pub mod command;
pub mod demo;
pub mod doctor;
pub mod fingerprint;
pub mod headers;
pub mod load;
pub mod lock;
pub mod paths;
pub mod pgbouncer;
pub mod pictures;
pub mod places;
pub mod postgres;
pub mod process;
pub mod serve;
pub mod settings;
pub mod setup;
pub mod site;
pub mod test;
mod watch;
pub mod workerd;
