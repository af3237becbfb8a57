//! Growth: every demand against every limit, month by month, and what is crossed first.

pub mod forecast;

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

/// Every demand over the months to come.
pub(crate) fn series(model: &Model<'_>) -> Vec<crate::Series> {
    let _ = model;
    Vec::new()
}
