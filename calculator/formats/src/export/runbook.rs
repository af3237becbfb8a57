//! The runbook: what breaks first, what to do with the way back, the limits, the promotion, how to measure.

use sizing::resilience::promotion::{MISTAKES, PROCEDURE};
use sizing::resilience::promotion_steps;
use sizing::{INPUTS, Input, Value};

use super::{Document, Export, Language, Subject};
use crate::markdown;
use crate::outline::{Block, Line, Span, code, end, start, words};
use crate::report::{self, Detail};

pub(super) const EXPORT: Export = Export {
    kind: "runbook",
    title: "Runbook",
    file: "RUNBOOK.md",
    language: Language::Markdown,
    about: "What breaks first and what to do about it, step by step and back; the limits, the promotion of a standby, \
        and how to measure what was assumed.",
    write,
};

/// The numbers of a loss, in the order in which they happen.
const OF_A_LOSS: [&str; 7] = [
    "resilience.survives",
    "resilience.detection_ms",
    "resilience.confirmation_ms",
    "resilience.promotion_budget_ms",
    "resilience.rto_ms",
    "resilience.rpo_ms",
    "resilience.promotion_steps",
];

#[expect(clippy::unnecessary_wraps, reason = "every scenario has a runbook, not every kind a file")]
fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let mut file = Document::default();
    file.lines(&markdown::write(&outline(subject)));
    Ok(file)
}

fn heading(text: &str) -> Block {
    Block::Heading(1, text.to_owned())
}

fn outline(subject: Subject<'_>) -> Vec<Block> {
    let Subject { scenario, plan } = subject;
    let mut blocks =
        vec![Block::Heading(0, "Runbook".to_owned()), Block::Paragraph(vec![Span::Strong(plan.verdict.clone())])];
    report::what_breaks_first(&mut blocks, plan);
    report::findings(&mut blocks, &plan.findings);
    blocks.push(heading("What to do"));
    let mut actions = plan.actions.iter().filter(|action| action.feasible).peekable();
    if actions.peek().is_none() {
        blocks.push(Block::Paragraph(words("Nothing has to be done now.")));
    }
    blocks.extend(actions.flat_map(report::option));
    if let Some(limits) = report::chain(plan) {
        blocks.push(heading("Limits"));
        blocks.push(limits);
    }
    blocks.push(heading("When the primary is lost"));
    let of_a_loss: Vec<&Value> = OF_A_LOSS.iter().filter_map(|id| plan.value(id)).collect();
    blocks.push(report::table_of(&of_a_loss, Detail::Brief));
    blocks.push(Block::Paragraph(words("Words in capitals stand for your own.")));
    blocks.push(Block::Steps(report::steps(&promotion_steps(scenario))));
    if scenario.has_secret_store() {
        blocks.push(Block::Heading(2, ["Where ", &PROCEDURE.to_string(), " goes wrong"].concat()));
        let rows = MISTAKES.iter().map(|(documented, instead, why)| [*documented, *instead, *why].map(words).into());
        blocks.push(Block::Table(["documented", "instead", "why"].map(start).into(), rows.collect()));
    }
    blocks.push(heading("How to measure"));
    blocks.push(measures(subject));
    blocks
}

/// Every input that was given, or that is assumed although the plan stands on it, with the place that tells it.
fn measures(Subject { scenario, plan }: Subject<'_>) -> Block {
    let stands_on = |input: &Input| {
        let operands = plan.values.iter().flat_map(|value| &value.derivation.operands);
        operands.into_iter().any(|(name, _)| *name == input.id)
    };
    let changed = scenario.changed();
    let is_given = |input: &Input| changed.iter().any(|(given, _)| given.id == input.id);
    let rows: Vec<Vec<Line>> = INPUTS
        .iter()
        .filter(|input| is_given(input) || stands_on(input))
        .map(|input| {
            let value = scenario.text(input.id).unwrap_or_default();
            let origin = if is_given(input) { "given" } else { "default" };
            vec![code(input.id), words(value), words(origin), words(input.measure)]
        })
        .collect();
    Block::Table(vec![start("input"), end("value"), start("is"), start("measured by")], rows)
}
