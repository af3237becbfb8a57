//! What the journeys through real software share: the software started, and fixtures to ask it questions with.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

pub mod browser;
pub mod command_line;
pub mod folder;
pub mod harness;
pub mod observe;
pub mod postgres;
pub mod router;
pub mod traffic;
pub mod vault;
pub mod views;
