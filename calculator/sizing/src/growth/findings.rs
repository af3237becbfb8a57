//! Growth's findings: limits that will be exceeded and milestones that will be reached, each with when to begin.

use std::borrow::Cow;

use crate::growth::Growth;
use crate::growth::line::Line;
use crate::{Finding, Severity};

/// A milestone whose action begins later than so many months from now needs no mention yet.
const SOON: f64 = 12.0;

pub(super) fn findings(growth: &Growth) -> Vec<Finding> {
    let mut found = Vec::new();
    // What is exceeded already is named where it is computed.
    found.extend(growth.crossed().filter(|(_, month)| *month > 0).map(|(line, month)| crossing(growth, line, month)));
    milestones(growth, &mut found);
    found
}

fn crossing(growth: &Growth, line: &Line, month: u64) -> Finding {
    let kind = line.kind;
    let start = growth.calendar.start(month, kind.lead);
    let message = [
        "The ",
        kind.limit,
        ", ",
        &line.limit().to_string(),
        ", is exceeded ",
        &growth.calendar.when(month),
        ", with ",
        &line.demand(month).to_string(),
        ".",
    ]
    .concat();
    let mut finding = Finding::new(
        ["growth.exceeds_", kind.word].concat(),
        start.severity(),
        message,
        &[],
        [kind.remedy, " It takes about ", &kind.lead.get().to_string(), " days: ", &start.advice(), "."].concat(),
    );
    let evidence = |what: &str| Cow::Owned(["growth.", kind.word, what].concat());
    finding.evidence = vec![evidence(".month"), evidence(".demand"), evidence(".limit")];
    finding
}

fn milestones(growth: &Growth, found: &mut Vec<Finding>) {
    let evidence = |word: &str| Cow::Owned(["growth.milestones.", word].concat());
    let mut passed = Finding::new("growth.milestones_passed", Severity::Info, "", &[], "");
    for reached in growth.milestones.iter().filter(|reached| reached.applies) {
        let milestone = reached.milestone;
        let Some(month) = reached.month else { continue };
        if month == 0 {
            let separator = if passed.message.is_empty() { "Passed already: " } else { ", " };
            passed.message = [&passed.message, separator, milestone.name].concat();
            passed.remedy = [&passed.remedy, milestone.name, ": ", milestone.action, ". "].concat();
            passed.evidence.push(evidence(milestone.word));
            continue;
        }
        let start = growth.calendar.start(month, milestone.lead);
        if start.months > SOON {
            continue;
        }
        let mut finding = Finding::new(
            ["growth.milestone_", milestone.word].concat(),
            // A document's milestone is advice; what really breaks is a limit's finding.
            start.severity().min(Severity::Warning),
            [milestone.name, " are reached ", &growth.calendar.when(month), "."].concat(),
            &[],
            [
                "Documented for it: ",
                milestone.action,
                ". It takes about ",
                &milestone.lead.get().to_string(),
                " days: ",
                &start.advice(),
                ".",
            ]
            .concat(),
        );
        finding.evidence = vec![evidence(milestone.word)];
        found.push(finding);
    }
    if !passed.message.is_empty() {
        passed.message.push('.');
        passed.remedy = ["Check that it is done. ", passed.remedy.trim_end()].concat();
        found.push(passed);
    }
}
