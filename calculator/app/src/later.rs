//! What is not needed before somebody uses the page: the model, and everything that is drawn of a plan.
//!
//! It is reached through these functions and through nothing else, so that the build can put it into a file of its own.

use formats::import::Imported;
use sizing::{Plan, Scenario};

use crate::action::Thing;
use crate::state::State;
use crate::view::{Drawing, View};
use crate::{results, start, take};

/// The functions of the second part.
#[derive(Clone, Copy)]
pub(crate) struct Later {
    /// The plan of a scenario.
    pub(crate) plan: fn(&Scenario) -> Plan,
    /// Draws everything that follows from the scenario.
    pub(crate) results: fn(&View<'_>, &mut Drawing),
    /// Draws the way to start that is open.
    pub(crate) start: fn(&View<'_>, &mut Drawing),
    /// Reads a file by its name and its text; otherwise why it cannot be read.
    pub(crate) read: fn(&str, &str) -> Result<Imported, String>,
    /// The name and the text of something to be copied or saved.
    pub(crate) take: fn(&State, Thing) -> (String, String),
}

impl Later {
    /// All of it.
    pub(crate) fn all() -> Self {
        Self { plan: sizing::plan, results: results::draw, start: start::draw, read: start::read, take: take::text }
    }
}

/// Fetches the second part.
pub(crate) async fn load() -> Result<Later, String> {
    Ok(Later::all())
}
