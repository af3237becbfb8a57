//! The plan: every number, every finding and the sentence that sums them up.

use crate::pool::{self, Pool};
use crate::{Finding, Scenario, Severity, Value};

/// The answer to a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What an experienced engineer would say first, in one sentence.
    pub verdict: String,
    /// Every number, in the order to show them.
    pub values: Vec<Value>,
    /// Every finding, the most severe first.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// The value with this id.
    #[must_use]
    pub fn value(&self, id: &str) -> Option<&Value> {
        self.values.iter().find(|value| value.id == id)
    }

    /// The most severe finding's severity.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Computes everything that follows from a scenario.  Never fails: what is impossible is a finding.
#[must_use]
pub fn plan(scenario: &Scenario) -> Plan {
    let pool = Pool::of(scenario);
    let found = pool.findings();
    let of_severity = |severity| found.iter().filter(move |finding| finding.severity == severity).cloned();
    let findings: Vec<Finding> = Severity::ALL.into_iter().flat_map(of_severity).collect();
    Plan { verdict: pool::verdict(&pool, &findings), values: pool.values(), findings }
}
