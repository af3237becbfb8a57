//! What follows from the scenario, as elements; each part of it adds its own function in its own file.

use sizing::Plan;

use crate::state::State;
use crate::view::Drawing;

/// The plan to draw, and what of it is open.
pub(crate) struct Results<'s> {
    pub(crate) state: &'s State,
    pub(crate) plan: &'s Plan,
}

/// Draws everything that follows from the scenario.
pub(crate) fn draw(state: &State, plan: &Plan, to: &mut Drawing) {
    let results = Results { state, plan };
    results.verdict(to);
    results.report_inputs(to);
    if state.scenario.has_database() {
        results.figures(to);
        results.chain(to);
    }
    results.findings(to);
    results.options(to);
    results.values(to);
}
