//! The plan: every number, every finding and the sentence that sums them up.

use std::cmp::Reverse;

use crate::model::Model;
use crate::sheet::Sheet;
use crate::{Action, Finding, Scenario, Series, Severity, Value};
use crate::{alert, growth, resilience, storage, strategy, verdict};

/// The answer to a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What an experienced engineer would say first, in one sentence.
    pub verdict: String,
    /// Every number, in the order to show them.
    pub values: Vec<Value>,
    /// Every finding, the most severe first.
    pub findings: Vec<Finding>,
    /// Every demand over the months to come.
    pub series: Vec<Series>,
    /// What can be done, the recommended first.
    pub actions: Vec<Action>,
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
    let model = Model::of(scenario);
    let mut sheet = Sheet::new(scenario);
    let mut found = Vec::new();
    if scenario.has_database() {
        model.pool.values(&mut sheet);
        model.waiting.values(&mut sheet);
        model.memory.values(&mut sheet);
        model.replicas.values(&mut sheet);
        model.storage.values(&mut sheet);
        model.cache.values(&mut sheet);
        found.extend(model.pool.findings());
        found.extend(model.waiting.findings());
        found.extend(model.memory.findings());
        found.extend(model.replicas.findings());
        found.extend(model.storage.findings());
        found.extend(model.cache.findings());
    }
    if scenario.has_secret_store() {
        model.cluster.values(&mut sheet);
        storage::snapshots(scenario, &mut sheet);
        found.extend(model.cluster.findings());
    }
    growth::values(&model, &mut sheet);
    resilience::values(&model, &mut sheet);
    alert::values(&model, &mut sheet);
    strategy::values(&model, &mut sheet);
    found.extend(growth::findings(&model));
    found.extend(resilience::findings(&model));
    found.extend(alert::findings(&model));
    found.extend(strategy::findings(&model));
    // Stable: findings of one severity stay in the order of the calculators.
    found.sort_by_key(|finding| Reverse(finding.severity));
    let findings = found;
    Plan {
        verdict: verdict::verdict(&model, &findings),
        values: sheet.finish(),
        findings,
        series: growth::series(&model),
        actions: strategy::actions(&model),
    }
}
