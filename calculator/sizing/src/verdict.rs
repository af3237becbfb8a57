//! What comes first: does it fit now, what breaks first and when, what to do first.

use crate::model::Model;
use crate::{Finding, Severity};
use crate::{growth, pool};

pub(crate) fn verdict(model: &Model<'_>, findings: &[Finding]) -> String {
    let scenario = model.scenario;
    let mut sentences = Vec::new();
    if scenario.has_database() {
        sentences.push(pool::verdict(&model.pool, findings));
    }
    if scenario.has_secret_store() {
        let worst = |finding: &&Finding| finding.code.starts_with("nodes.") && finding.severity == Severity::Error;
        sentences.push(match findings.iter().find(worst) {
            Some(finding) => finding.message.clone(),
            None => "The secret store stays within the practical limits of a cluster.".to_owned(),
        });
    }
    sentences.extend(growth::sentence(&model.growth));
    sentences.join(" ")
}
