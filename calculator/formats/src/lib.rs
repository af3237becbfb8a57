//! Files and texts in and out: scenario files, permalinks, the plan as JSON and as a report, JSON Schemas, and the
//! configuration of the software that is sized, written from a scenario and read into one.
//!
//! In scope: syntax, positions, and round trips.  Out of scope: arithmetic, which is `sizing`'s, and reading or writing
//! files, which is the caller's.

#![warn(clippy::pedantic)]
#![deny(clippy::disallowed_methods)]

pub mod export;
pub mod import;
pub mod markdown;
pub mod outline;
pub mod part;
pub mod permalink;
pub mod plan_json;
pub mod report;
pub mod scenario_json;
pub mod schema;
pub mod text;
