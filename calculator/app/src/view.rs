//! The state as elements; each part of the page adds its own function in its own file.

use sizing::Plan;

use crate::action::Action;
use crate::state::State;

/// What the page is drawn on.
pub(crate) type Drawing = drawing::Drawing<Action>;

/// The state to draw.
pub(crate) struct View<'s> {
    pub(crate) state: &'s State,
}

/// What stands for a plan before there is one.
static NOTHING: Plan =
    Plan { verdict: String::new(), values: Vec::new(), findings: Vec::new(), series: Vec::new(), actions: Vec::new() };

impl View<'_> {
    /// What follows from the scenario.
    pub(crate) fn plan(&self) -> &Plan {
        self.state.plan.as_deref().unwrap_or(&NOTHING)
    }
}

/// "3 pods", "1 pod".
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let mut text = sizing::quantity::grouped(number);
    text.push(' ');
    text.push_str(noun);
    if number != 1 {
        text.push('s');
    }
    text
}

/// A length as a number to count with.
pub(crate) fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Several texts as one.
pub(crate) fn joined(parts: &[&str]) -> String {
    parts.concat()
}
