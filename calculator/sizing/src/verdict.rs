//! What comes first: does it fit now, what breaks first and when, what to do first.

use crate::model::Model;
use crate::quantity::{Quantity, Share, grouped};
use crate::{Finding, Severity};
use crate::{growth, pool};

pub(crate) fn verdict(model: &Model<'_>, findings: &[Finding]) -> String {
    let scenario = model.scenario;
    let mut sentences = Vec::new();
    if scenario.has_database() {
        sentences.push(pool::verdict(&model.pool, findings));
    }
    if scenario.has_secret_store() {
        sentences.push(secret_store(model, findings));
    }
    sentences.extend(growth::sentence(&model.growth));
    sentences.join(" ")
}

/// Whether the secret store fits now: its worst error, or what its nodes answer.
fn secret_store(model: &Model<'_>, findings: &[Finding]) -> String {
    let is_error = |finding: &&Finding| finding.code.starts_with("nodes.") && finding.severity == Severity::Error;
    if let Some(finding) = findings.iter().find(is_error) {
        return ["The secret store does not hold: ", &finding.message, " ", &finding.remedy].concat();
    }
    let (rate, capacity) = (model.scenario.peak_rate(), model.cluster.capacity(1));
    let used = Share::new(rate.get() / capacity.get().max(1e-9));
    [
        "The secret store fits: ",
        &Quantity::from(rate).to_string(),
        " of the ",
        &Quantity::from(capacity).to_string(),
        " that ",
        &grouped(model.cluster.nodes().get()),
        " nodes answer with one lost (",
        &Quantity::from(used).to_string(),
        ").",
    ]
    .concat()
}
