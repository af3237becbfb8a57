//! The plan as a report for a terminal: the answer first, then what is wrong, then the numbers.

use std::fmt::Write;

use sizing::pool::chain::{LinkKind, Situation};
use sizing::{Finding, Plan, Value};

/// Width to which sentences are wrapped.
const WIDTH: usize = 100;

/// The whole report.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut report = String::new();
    paragraph(&mut report, "", &plan.verdict);
    chain(&mut report, plan);
    findings(&mut report, &plan.findings);
    numbers(&mut report, plan);
    documented(&mut report, plan);
    report
}

fn line(report: &mut String, text: &str) {
    report.push_str(text.trim_end());
    report.push('\n');
}

fn heading(report: &mut String, text: &str) {
    line(report, "");
    line(report, text);
}

/// A sentence wrapped at [`WIDTH`], every line after `indent`.
fn paragraph(report: &mut String, indent: &str, text: &str) {
    let mut current = String::from(indent);
    for word in text.split(' ') {
        if current.chars().count() > indent.len() && current.chars().count() + 1 + word.chars().count() > WIDTH {
            line(report, &current);
            current = String::from(indent);
        }
        if current.len() > indent.len() {
            current.push(' ');
        }
        current.push_str(word);
    }
    line(report, &current);
}

/// Pads to a width in characters, at the end or at the start.
fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.chars().count())))
}

fn shown(plan: &Plan, id: &str) -> Option<String> {
    plan.value(id).map(|value| value.quantity.to_string())
}

fn chain(report: &mut String, plan: &Plan) {
    let binding = shown(plan, "pool.binding_limit").unwrap_or_default();
    for situation in Situation::ALL {
        let prefix = situation.prefix();
        let rows: Vec<(LinkKind, [String; 4])> = LinkKind::ALL
            .into_iter()
            .filter_map(|kind| {
                let id = |metric: &str| shown(plan, &format!("{prefix}.{}.{metric}", kind.word()));
                Some((kind, [id("demand")?, id("limit")?, id("utilization")?, id("headroom")?]))
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        let title = format!("Connections {}", situation.name());
        heading(report, &format!("{}    demand     limit          use  headroom", left(&title, 44)));
        for (kind, [demand, limit, utilization, headroom]) in rows {
            let first = if situation == Situation::Steady && kind.name() == binding { "  ← met first" } else { "" };
            let columns = format!(
                "  {}{}{}{}{}{first}",
                left(kind.name(), 42),
                right(&demand, 10),
                right(&limit, 10),
                right(&utilization, 13),
                right(&headroom, 10),
            );
            line(report, &columns);
        }
    }
}

fn findings(report: &mut String, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    heading(report, "Findings");
    for finding in findings {
        line(report, &format!("  {}  {}", left(finding.severity.word(), 8), finding.code));
        paragraph(report, "    ", &finding.message);
        paragraph(report, "    ", &format!("→ {}", finding.remedy));
        if !finding.fix.is_empty() {
            let fix: Vec<String> = finding.fix.iter().map(|(input, text)| format!("{input} = {text}")).collect();
            line(report, &format!("    fix: {}", fix.join(", ")));
        }
    }
}

/// Values that the table of links does not show already.
fn numbers(report: &mut String, plan: &Plan) {
    heading(report, "Numbers");
    for value in plan.values.iter().filter(|value| !is_link(value)) {
        let named = left(&value.name, 58);
        line(report, &format!("  {named}{}", right(&value.quantity.to_string(), 12)));
        line(report, &format!("    {} = {}", value.id, value.derivation.formula));
    }
}

fn is_link(value: &Value) -> bool {
    Situation::ALL.into_iter().any(|situation| {
        let prefix = situation.prefix();
        LinkKind::ALL.into_iter().any(|kind| value.id.starts_with(&format!("{prefix}.{}.", kind.word())))
    })
}

/// Where published rules say something else.
fn documented(report: &mut String, plan: &Plan) {
    let differing: Vec<_> = plan
        .values
        .iter()
        .flat_map(|value| value.rules.iter().map(move |rule| (value, rule)))
        .filter(|(value, rule)| value.quantity != rule.quantity)
        .collect();
    if differing.is_empty() {
        return;
    }
    heading(report, "Where published rules differ");
    for (value, rule) in differing {
        let mut sentence = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            sentence,
            "{}: ours {}, {} {} ({}). {}",
            value.id, value.quantity, rule.source, rule.quantity, rule.formula, rule.why
        );
        paragraph(report, "  ", &sentence);
    }
}
