//! Strategy: the options, which of them are feasible here, and which to take.

pub mod documents;
pub mod statement;

use crate::Finding;
use crate::model::Model;
use crate::sheet::Sheet;

pub(crate) fn values(model: &Model<'_>, sheet: &mut Sheet<'_>) {
    let _ = (model, sheet);
}

pub(crate) fn findings(model: &Model<'_>) -> Vec<Finding> {
    let _ = model;
    Vec::new()
}

/// The options, the recommended one first.
pub(crate) fn actions(model: &Model<'_>) -> Vec<crate::Action> {
    let _ = model;
    Vec::new()
}
