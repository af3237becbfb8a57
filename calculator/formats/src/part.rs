//! A part of a plan: what it says in some of its sections, complete in itself.

use sizing::{Finding, Plan, Scenario, Section, Severity, pool};

/// The values that answer a section's question, in the order to say them, and how they are introduced.
const ANSWERS: &[(&str, &str)] = &[
    ("queue.utilization", "utilization"),
    ("queue.p95_wait_ms", "95 % wait at most"),
    ("queue.p99_wait_ms", "99 % wait at most"),
    ("queue.recommended_pool_size", "smallest pool within the wait target:"),
    ("memory.expected", "memory expected"),
    ("memory.worst_case", "at worst"),
    ("memory.available", "available"),
    ("memory.shared_buffers", "shared_buffers"),
    ("memory.work_mem", "work_mem"),
    ("nodes.required", "nodes required by the documented formula:"),
    ("nodes.recommended", "voters recommended:"),
    ("nodes.fault_tolerance", "voters that may be lost:"),
    ("storage.per_day", "on disk a day"),
    ("storage.disk_needed", "disk needed"),
    ("growth.first_limit", "exceeded first:"),
    ("growth.first_limit_month", "months from now:"),
];

/// What the plan of a scenario says in the sections of these words alone: their values, findings, series and actions, and the values of
/// other sections that their findings cite.  The verdict is theirs too.
#[must_use]
pub fn part(scenario: &Scenario, plan: &Plan, words: &[&str]) -> Plan {
    let sections: Vec<Section> = Section::ALL.into_iter().filter(|section| words.contains(&section.word)).collect();
    let is_inside = |id: &str| sections.iter().any(|section| section.has(id));
    let findings: Vec<Finding> = plan.findings.iter().filter(|finding| is_inside(&finding.code)).cloned().collect();
    let is_cited = |id: &str| findings.iter().any(|finding| finding.evidence.iter().any(|cited| cited == id));
    let is_pool = words.contains(&"pool") && scenario.has_database();
    let verdict = if is_pool { pool::answer(scenario) } else { verdict(plan, &findings, is_inside) };
    Plan {
        verdict,
        values: plan.values.iter().filter(|value| is_inside(&value.id) || is_cited(&value.id)).cloned().collect(),
        series: plan.series.iter().filter(|series| is_inside(&series.id)).cloned().collect(),
        actions: plan.actions.iter().filter(|action| is_inside(action.code)).cloned().collect(),
        findings,
    }
}

/// What is broken, if anything is, and then the answers.
fn verdict(plan: &Plan, findings: &[Finding], is_inside: impl Fn(&str) -> bool) -> String {
    let broken = findings.iter().find(|finding| finding.severity == Severity::Error);
    let mut answers: Vec<String> = Vec::new();
    let mut last = String::new();
    for (id, lead) in ANSWERS.iter().filter(|(id, _)| is_inside(id)) {
        // "None" is said once, not of each thing that it is then true of.
        if let Some(text) = plan.value(id).map(|value| value.quantity.to_string()).filter(|text| *text != last) {
            answers.push(format!("{lead} {text}"));
            last = text;
        }
    }
    let mut sentences: Vec<String> = broken.map(|finding| finding.message.clone()).into_iter().collect();
    if !answers.is_empty() {
        sentences.push(capitalized(&answers.join("; ")) + ".");
    }
    if sentences.is_empty() {
        sentences.push(if findings.is_empty() { "Nothing is wrong." } else { "Nothing is broken." }.to_owned());
    }
    sentences.join(" ")
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_complete_in_itself() {
        let mut scenario = Scenario::default();
        for (id, text) in [("pods", "40"), ("system", "both")] {
            scenario.set(id, text).unwrap();
        }
        let plan = sizing::plan(&scenario);
        let mut count = 0;
        for section in Section::ALL {
            let part = part(&scenario, &plan, &[section.word]);
            count += part.values.iter().filter(|value| section.has(&value.id)).count();
            for finding in &part.findings {
                assert!(section.has(&finding.code));
                assert!(finding.evidence.iter().all(|id| part.value(id).is_some()), "{}", finding.code);
            }
            assert!(!part.verdict.is_empty(), "{}", section.name);
        }
        assert_eq!(count, plan.values.len(), "every value is part of a section");
    }

    #[test]
    fn the_answers_exist() {
        let mut scenario = Scenario::default();
        for (id, text) in [("system", "both"), ("rows_per_day", "2M")] {
            scenario.set(id, text).unwrap();
        }
        let plan = sizing::plan(&scenario);
        for (id, _) in ANSWERS {
            assert!(plan.value(id).is_some(), "{id}");
        }
    }
}
