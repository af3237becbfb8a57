//! The sections of an answer: which values, findings, series and actions belong together, in the order to show them.

use sizing::{Finding, Plan, Severity};

/// A part of the answer, known by the first word of its ids and codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The first word of the ids and codes that belong to it: `pool` of `pool.limit`.
    pub prefix: &'static str,
    /// What it is called, for people.
    pub title: &'static str,
    /// The values that answer its question, in the order to say them.
    pub answers: &'static [&'static str],
}

/// Every section, in the order to show them.
pub const SECTIONS: &[Section] = &[
    Section {
        prefix: "pool",
        title: "Connections",
        answers: &["pool.database_demand", "pool.limit", "pool.binding_limit", "pool.max_pods"],
    },
    Section {
        prefix: "queue",
        title: "Waiting",
        answers: &["queue.utilization", "queue.p95_wait_ms", "queue.p99_wait_ms", "queue.recommended_pool_size"],
    },
    Section {
        prefix: "memory",
        title: "Memory",
        answers: &[
            "memory.shared_buffers",
            "memory.work_mem",
            "memory.expected",
            "memory.worst_case",
            "memory.available",
        ],
    },
    Section {
        prefix: "nodes",
        title: "Nodes",
        answers: &["nodes.required", "nodes.recommended", "nodes.fault_tolerance"],
    },
    Section { prefix: "storage", title: "Storage", answers: &[] },
    Section { prefix: "cache", title: "Cache", answers: &[] },
    Section { prefix: "replica", title: "Replication", answers: &[] },
    Section { prefix: "growth", title: "Growth", answers: &["growth.first_limit", "growth.first_limit_month"] },
    Section { prefix: "resilience", title: "Resilience", answers: &[] },
    Section { prefix: "alert", title: "Alerts", answers: &[] },
    Section { prefix: "strategy", title: "Strategy", answers: &[] },
];

impl Section {
    /// The section an id or a code belongs to.
    #[must_use]
    pub fn of(id: &str) -> Option<&'static Self> {
        SECTIONS.iter().find(|section| section.holds(id))
    }

    /// Whether an id or a code belongs to this section.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        id.strip_prefix(self.prefix).is_some_and(|rest| rest.starts_with('.'))
    }
}

/// What a plan says in these sections alone: their values, findings, series and actions, and the values of other
/// sections that their findings cite.  The verdict is theirs too.
#[must_use]
pub fn part(plan: &Plan, prefixes: &[&str]) -> Plan {
    let sections: Vec<&Section> = SECTIONS.iter().filter(|section| prefixes.contains(&section.prefix)).collect();
    let is_inside = |id: &str| sections.iter().any(|section| section.holds(id));
    let findings: Vec<Finding> = plan.findings.iter().filter(|finding| is_inside(&finding.code)).cloned().collect();
    let is_cited = |id: &str| findings.iter().any(|finding| finding.evidence.iter().any(|cited| cited == id));
    Plan {
        verdict: verdict(plan, &sections, &findings),
        values: plan.values.iter().filter(|value| is_inside(&value.id) || is_cited(&value.id)).cloned().collect(),
        series: plan.series.iter().filter(|series| is_inside(&series.id)).cloned().collect(),
        actions: plan.actions.iter().filter(|action| is_inside(action.code)).cloned().collect(),
        findings,
    }
}

/// What is broken, if anything is, and otherwise the answers.  The plan's own verdict is about connections.
fn verdict(plan: &Plan, sections: &[&Section], findings: &[Finding]) -> String {
    if sections.iter().any(|section| section.prefix == "pool") {
        return plan.verdict.clone();
    }
    let broken = findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| &*finding.message);
    let answers: Vec<String> = sections
        .iter()
        .flat_map(|section| section.answers)
        .filter_map(|id| plan.value(id))
        .map(|value| format!("{}: {}", value.name, value.quantity))
        .collect();
    let answers = if answers.is_empty() { String::new() } else { answers.join("; ") + "." };
    let sentences: Vec<&str> = broken.take(1).chain([answers.as_str()]).filter(|text| !text.is_empty()).collect();
    if sentences.is_empty() { "Nothing is to be said here.".to_owned() } else { sentences.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sizing::Scenario;

    #[test]
    fn every_id_has_a_section() {
        let mut both = Scenario::default();
        both.set("system", "both").unwrap();
        let plan = sizing::plan(&both);
        let ids = plan.values.iter().map(|value| &*value.id);
        let codes = plan.findings.iter().map(|finding| &*finding.code);
        for id in ids.chain(codes).chain(plan.series.iter().map(|series| &*series.id)) {
            assert!(Section::of(id).is_some(), "{id} belongs to no section");
        }
        for section in SECTIONS {
            assert!(section.answers.iter().all(|id| section.holds(id)), "{}", section.title);
        }
    }

    #[test]
    fn a_part_is_complete_in_itself() {
        let mut scenario = Scenario::default();
        scenario.set("pods", "40").unwrap();
        let plan = sizing::plan(&scenario);
        for section in SECTIONS {
            let part = part(&plan, &[section.prefix]);
            for finding in &part.findings {
                assert!(section.holds(&finding.code));
                assert!(finding.evidence.iter().all(|id| part.value(id).is_some()), "{}", finding.code);
            }
            assert!(!part.verdict.is_empty(), "{}", section.title);
        }
    }
}
