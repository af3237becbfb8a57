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

/// The error to tell first, and how many more there are.
pub(crate) fn most_important<'f>(findings: impl Iterator<Item = &'f Finding>) -> (Option<&'f Finding>, usize) {
    let errors: Vec<&Finding> = findings.filter(|finding| finding.severity == Severity::Error).collect();
    // Of several equally important ones, the first.
    (errors.iter().copied().min_by_key(|finding| finding.rank()), errors.len().saturating_sub(1))
}

/// The end of a sentence that told one error of several.
pub(crate) fn more(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => " And 1 more error.".to_owned(),
        others => format!(" And {others} more errors."),
    }
}

impl Finding {
    /// A limit of the connections is nearly used up.
    pub(crate) fn is_near_pool_limit(&self) -> bool {
        self.code.starts_with("pool.") && self.is_near()
    }

    /// What holds as long as nothing changes.
    fn is_near(&self) -> bool {
        self.code.contains("near_")
    }

    /// What is exceeded or saturated now comes first, then what else is wrong, and last what is only near.
    fn rank(&self) -> u8 {
        let is_later = ["autoscaled_", "rolling_update_", "instance_lost_"].iter().any(|word| self.code.contains(word));
        let is_exceeded = ["exceed", "saturated"].iter().any(|word| self.code.contains(word));
        match (self.is_near(), is_exceeded && !is_later) {
            (true, _) => 2,
            (false, false) => 1,
            (false, true) => 0,
        }
    }
}

/// Whether the secret store fits now: its worst error, or what its nodes answer.
fn secret_store(model: &Model<'_>, findings: &[Finding]) -> String {
    // What else is wrong has been told with the database where there is one; what grows is told after this sentence.
    let is_alone = !model.scenario.has_database();
    let is_told_here =
        |finding: &&Finding| finding.code.starts_with("nodes.") || (is_alone && !finding.code.starts_with("growth."));
    let (worst, others) = most_important(findings.iter().filter(is_told_here));
    let told = |words: &str, finding: &Finding| [words, &finding.message, " ", &finding.remedy, &more(others)].concat();
    if let Some(finding) = worst.filter(|finding| finding.code.starts_with("nodes.")) {
        return told("The secret store does not hold: ", finding);
    }
    let but = worst.map_or_else(String::new, |finding| told(" But: ", finding));
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
        &but,
    ]
    .concat()
}
