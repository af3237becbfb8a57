//! The plan as a report: the answer first, then what breaks first, what to do, what is wrong, and the numbers.
//!
//! One outline, written as text or as Markdown.

use sizing::action::{Action, Step};
use sizing::memory::Setting;
use sizing::memory::guc::Context;
use sizing::pool::chain::{LinkKind, Situation};
use sizing::quantity::{Number, grouped};
use sizing::value::Rule;
use sizing::{Finding, Plan, Quantity, Section, Series, Severity, Value};

use crate::outline::{Block, Item, Line, Span, code, end, start, words};
use crate::{markdown, text};

/// How much a report says of each number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Its name, what it is, and its id.
    Brief,
    /// How it came about, too.
    Explained,
}

/// How many steps of the recommended action stand at the top.
const FIRST_STEPS: usize = 3;
/// The limits of which `growth` says when they are exceeded.
const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];
/// How many moments a series is shown at, besides the first.
const MOMENTS: usize = 5;

/// The report for a terminal.
#[must_use]
pub fn text(plan: &Plan, detail: Detail) -> String {
    text::write(&outline(plan, detail))
}

/// The report for a ticket.
#[must_use]
pub fn markdown(plan: &Plan, detail: Detail) -> String {
    markdown::write(&outline(plan, detail))
}

/// What the report consists of.
#[must_use]
pub fn outline(plan: &Plan, detail: Detail) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph(vec![Span::Strong(plan.verdict.clone())])];
    what_breaks_first(&mut blocks, plan);
    if Section::ALL.iter().all(|section| section.word != "strategy" || shows(plan, *section)) {
        what_to_do(&mut blocks, plan);
    }
    findings(&mut blocks, &plan.findings);
    for section in Section::ALL {
        numbers(&mut blocks, plan, section, detail);
    }
    documented(&mut blocks, plan);
    blocks
}

/// Whether a section is part of what is shown: all are part of a whole plan.
fn shows(plan: &Plan, section: Section) -> bool {
    plan.values.iter().any(|value| section.has(&value.id))
}

/// The limits in the order in which they will be exceeded, where one will be.
pub(crate) fn what_breaks_first(blocks: &mut Vec<Block>, plan: &Plan) {
    let rows: Vec<Vec<Line>> = ORDINALS
        .iter()
        .filter_map(|ordinal| {
            let value = |what: &str| plan.value(&["growth.", ordinal, "_limit", what].concat());
            let months = value("_month")?.quantity.number()?;
            let mut when = in_months("in", months);
            if let Some(date) = value("_date") {
                when = format!("{when}, on {}", date.quantity);
            }
            let begin = &value("_start")?.quantity;
            let begin = begin.number().map_or_else(|| begin.to_string(), |months| in_months("within", months));
            Some([value("")?.quantity.to_string(), when, begin].map(words).into())
        })
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Heading(1, "What breaks first".to_owned()));
        blocks.push(Block::Table(["limit", "exceeded", "begin"].map(start).into(), rows));
    }
}

/// "now", "in 1 month", "within 7 months".
fn in_months(preposition: &str, months: Number) -> String {
    match months {
        Number::Whole(0) => "now".to_owned(),
        Number::Whole(1) => format!("{preposition} 1 month"),
        Number::Whole(months) => format!("{preposition} {} months", grouped(months)),
        Number::Signed(_) | Number::Real(_) => String::new(),
    }
}

fn what_to_do(blocks: &mut Vec<Block>, plan: &Plan) {
    blocks.push(Block::Heading(1, "What to do".to_owned()));
    let Some(action) = plan.actions.iter().find(|action| action.recommended) else {
        blocks.push(remedies(&plan.findings));
        return;
    };
    blocks.push(Block::Paragraph(vec![
        Span::Strong(format!("{}.", action.title)),
        Span::Words(format!(" {}", action.outcome)),
    ]));
    blocks.push(Block::Paragraph(words(price(action))));
    let first: Vec<Item> = steps(&action.steps).into_iter().take(FIRST_STEPS).collect();
    let more = action.steps.len().saturating_sub(first.len());
    if !first.is_empty() {
        blocks.push(Block::Steps(first));
    }
    if more > 0 {
        let steps = if more == 1 { "step" } else { "steps" };
        let rest = format!("{more} more {steps}, how to try it first and the way back stand under Strategy.");
        blocks.push(Block::Paragraph(words(rest)));
    }
}

/// What ends the worst findings, where no option is better than the others.
fn remedies(findings: &[Finding]) -> Block {
    let worst = findings.first().map(|finding| finding.severity).filter(|severity| *severity > Severity::Info);
    let of_worst = findings.iter().filter(|finding| Some(finding.severity) == worst).take(FIRST_STEPS);
    let steps: Vec<Item> = of_worst
        .map(|finding| {
            let mut lead = words(format!("{} (", finding.remedy));
            lead.extend([Span::Code(finding.code.clone().into_owned()), Span::Words(")".to_owned())]);
            Item { lead, ..Item::default() }
        })
        .collect();
    if steps.is_empty() { Block::Paragraph(words("Nothing has to be done now.")) } else { Block::Steps(steps) }
}

/// What an action costs, in a sentence.
fn price(action: &Action) -> String {
    let start = action.start_by.map(|day| format!(" Begin by {day}.")).unwrap_or_default();
    let lead = Quantity::from(action.lead_time);
    format!(
        "Effort {}, complexity {}, cost {}, risk {}; it helps after {lead}.{start}",
        action.effort,
        action.complexity.word(),
        action.cost.word(),
        action.risk.word(),
    )
}

pub(crate) fn steps(steps: &[Step]) -> Vec<Item> {
    steps
        .iter()
        .map(|step| Item { lead: words(&*step.what), more: Vec::new(), command: step.command.clone().into_owned() })
        .collect()
}

pub(crate) fn findings(blocks: &mut Vec<Block>, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    blocks.push(Block::Heading(1, "Findings".to_owned()));
    for severity in Severity::ALL {
        let items: Vec<Item> = findings.iter().filter(|finding| finding.severity == severity).map(finding).collect();
        if !items.is_empty() {
            blocks.push(Block::Heading(2, heading(severity).to_owned()));
            blocks.push(Block::Points(items));
        }
    }
}

fn heading(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Errors: broken, or about to be",
        Severity::Warning => "Warnings: will break under growth or in an incident",
        Severity::Info => "Worth knowing",
    }
}

fn finding(finding: &Finding) -> Item {
    let mut more = vec![words(format!("→ {}", finding.remedy))];
    if !finding.fix.is_empty() {
        let mut fix = words("Fix: ");
        for (number, (input, text)) in finding.fix.iter().enumerate() {
            fix.push(Span::Words(if number == 0 { "" } else { ", " }.to_owned()));
            fix.push(Span::Code(format!("{input} = {text}")));
        }
        more.push(fix);
    }
    let lead = vec![Span::Code(finding.code.clone().into_owned()), Span::Words(format!(": {}", finding.message))];
    Item { lead, more, command: String::new() }
}

fn numbers(blocks: &mut Vec<Block>, plan: &Plan, section: Section, detail: Detail) {
    let mut inside = Vec::new();
    if section.word == "pool" {
        inside.extend(chain(plan));
    }
    let is_elsewhere = |id: &str| detail == Detail::Brief && (is_link(id) || is_in_a_table(plan, id));
    let values: Vec<&Value> =
        plan.values.iter().filter(|value| section.has(&value.id) && !is_elsewhere(&value.id)).collect();
    let of_section = values.clone();
    let (settings, values): (Vec<&Value>, Vec<&Value>) = values.into_iter().partition(|value| value.setting.is_some());
    if !values.is_empty() {
        inside.push(table_of(&values, detail));
    }
    settings_of(&mut inside, &settings, detail);
    let series: Vec<&Series> = plan.series.iter().filter(|series| section.has(&series.id)).collect();
    inside.extend(months(plan, &series));
    inside.extend(judgements(&of_section));
    let actions: Vec<&Action> = plan.actions.iter().filter(|action| section.has(action.code)).collect();
    options(&mut inside, &actions, detail);
    if !inside.is_empty() {
        blocks.push(Block::Heading(1, section.name.to_owned()));
        blocks.append(&mut inside);
    }
}

pub(crate) fn table_of(values: &[&Value], detail: Detail) -> Block {
    let last = match detail {
        Detail::Brief => "id",
        Detail::Explained => "how it came about",
    };
    let rows = values.iter().map(|value| {
        let mut about = code(&*value.id);
        if detail == Detail::Explained {
            about.push(Span::Words(derivation(value)));
        }
        vec![words(&*value.name), words(value.quantity.to_string()), about]
    });
    Block::Table(vec![start("number"), end("value"), start(last)], rows.collect())
}

/// The lines of `postgresql.conf`: those that differ from a new server's, or all of them.
fn settings_of(blocks: &mut Vec<Block>, values: &[&Value], detail: Detail) {
    let settings: Vec<&Setting> = values.iter().filter_map(|value| value.setting.as_ref()).collect();
    let shown = settings.iter().filter(|setting| detail == Detail::Explained || setting.is_changed());
    let rows: Vec<Vec<Line>> = shown
        .map(|setting| {
            let (text, default) = (code(setting.text()), code(setting.default_text()));
            vec![code(setting.name()), text, default, words(to_apply(setting.context()))]
        })
        .collect();
    let rest = settings.len().saturating_sub(rows.len());
    if !rows.is_empty() {
        blocks.push(Block::Table(["setting", "value", "default", "takes"].map(start).into(), rows));
    }
    if rest > 0 {
        blocks.push(Block::Paragraph(words(format!("{rest} further settings are right as a new server has them."))));
    }
    if detail == Detail::Explained && !values.is_empty() {
        blocks.push(table_of(values, detail));
    }
}

fn to_apply(context: Context) -> &'static str {
    match context {
        Context::Restart => "a restart",
        Context::Reload => "a reload",
        Context::Session => "a reload, or SET",
    }
}

/// The formula, with its numbers, and its source.
fn derivation(value: &Value) -> String {
    let derivation = &value.derivation;
    let numbers = derivation.with_numbers().map(|numbers| format!(" = {numbers}")).unwrap_or_default();
    format!(" = {}{numbers} ({})", derivation.formula, derivation.source)
}

/// The links of the chain in every situation, side by side.
pub(crate) fn chain(plan: &Plan) -> Option<Block> {
    let shown = |id: &str| plan.value(id).map(|value| value.quantity.to_string());
    let binding = shown("pool.binding_limit").unwrap_or_default();
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for situation in Situation::ALL {
        for kind in LinkKind::ALL {
            let of = |metric: &str| [&situation.prefix(), ".", kind.word(), ".", metric].concat();
            // A link without a limit has nothing to be compared.
            if plan.value(&of("limit")).is_none_or(|limit| limit.quantity.number().is_none()) {
                continue;
            }
            let id = |metric: &str| shown(&of(metric));
            let (Some(demand), Some(limit), Some(share), Some(headroom)) =
                (id("demand"), id("limit"), id("utilization"), id("headroom"))
            else {
                continue;
            };
            let is_first = situation == Situation::Steady && kind.name() == binding;
            let name = if is_first { format!("{} (met first)", kind.name()) } else { kind.name().to_owned() };
            rows.push([situation.name(), &name, &demand, &limit, &share, &headroom].map(words).into());
        }
    }
    let columns = vec![start("when"), start("limit of"), end("demand"), end("limit"), end("use"), end("headroom")];
    (!rows.is_empty()).then_some(Block::Table(columns, rows))
}

/// Whether the table of what breaks first or that of the months shows a value already.
fn is_in_a_table(plan: &Plan, id: &str) -> bool {
    let is_crossed = plan.value("growth.first_limit_month").is_some_and(|value| value.quantity.number().is_some());
    let is_crossing =
        is_crossed && ORDINALS.iter().any(|ordinal| id.starts_with(&["growth.", ordinal, "_limit"].concat()));
    let is_line = |series: &Series| id.strip_prefix(&*series.id).is_some_and(|rest| rest.starts_with('.'));
    is_crossing || plan.series.iter().any(is_line)
}

fn is_link(id: &str) -> bool {
    let Some((rest, _metric)) = id.rsplit_once('.') else { return false };
    Situation::ALL.into_iter().any(|situation| {
        let kind = rest.strip_prefix(&situation.prefix()).and_then(|rest| rest.strip_prefix('.'));
        kind.is_some_and(|word| LinkKind::ALL.into_iter().any(|kind| kind.word() == word))
    })
}

/// Every demand at a few moments, the first and the last among them.
fn months(plan: &Plan, series: &[&Series]) -> Option<Block> {
    let last = series.iter().map(|series| series.points.len()).max()?.checked_sub(1)?;
    let step = [1, 3, 6, 12].into_iter().find(|step| last <= step * MOMENTS);
    let step = step.unwrap_or_else(|| last.div_ceil(12 * MOMENTS) * 12);
    let mut moments: Vec<usize> = (0..=last).step_by(step).collect();
    if moments.last() != Some(&last) {
        moments.push(last);
    }
    let mut columns = vec![start("demand"), end("limit"), end("exceeded in month")];
    columns.extend(moments.iter().map(|month| match month {
        0 => end("now"),
        month if step >= 12 && month % 12 == 0 => end(&format!("year {}", month / 12)),
        month => end(&format!("month {month}")),
    }));
    let rows = series.iter().map(|series| {
        let limit = series.limit.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
        let points =
            moments.iter().map(|month| series.points.get(*month).map_or_else(String::new, ToString::to_string));
        let exceeded = plan.value(&[&series.id, ".month"].concat()).filter(|value| value.quantity.number().is_some());
        let exceeded = exceeded.map_or_else(|| "never".to_owned(), |value| value.quantity.to_string());
        [series.name.to_string(), limit, exceeded].into_iter().chain(points).map(words).collect()
    });
    Some(Block::Table(columns, rows.collect()))
}

/// The recommended option in full, and the others in a few words, or all of them in full.
fn options(blocks: &mut Vec<Block>, actions: &[&Action], detail: Detail) {
    let (full, short): (Vec<&Action>, Vec<&Action>) =
        actions.iter().partition(|action| action.feasible && (action.recommended || detail == Detail::Explained));
    blocks.extend(full.into_iter().flat_map(option));
    for (is_feasible, title) in [(true, "What would help, too"), (false, "What does not help here")] {
        let items: Vec<Item> = short
            .iter()
            .filter(|action| action.feasible == is_feasible)
            .map(|action| {
                let lead =
                    vec![Span::Strong(format!("{}:", action.title)), Span::Words(format!(" {}", action.outcome))];
                let more = if is_feasible { vec![words(price(action))] } else { Vec::new() };
                Item { lead, more, command: String::new() }
            })
            .collect();
        if !items.is_empty() {
            blocks.push(Block::Heading(2, title.to_owned()));
            blocks.push(Block::Points(items));
        }
    }
}

/// An option with everything there is to say about it.
pub(crate) fn option(action: &Action) -> Vec<Block> {
    let standing = if action.recommended { " (recommended)" } else { "" };
    let mut blocks = vec![
        Block::Heading(2, format!("{}{standing}", action.title)),
        Block::Paragraph(words(&*action.outcome)),
        Block::Paragraph(words(price(action))),
        Block::Steps(steps(&action.steps)),
    ];
    if !action.canary.is_empty() {
        blocks.push(Block::Paragraph(words(format!("Try it first: {}", action.canary))));
    }
    if !action.rollback.is_empty() {
        blocks.push(Block::Paragraph(words("The way back:")));
        blocks.push(Block::Steps(steps(&action.rollback)));
    }
    blocks
}

/// Whether a rule says of a number what to think of it, in place of another number.
fn is_judgement(value: &Value, rule: &Rule) -> bool {
    matches!(rule.quantity, Quantity::Name(_)) && !matches!(value.quantity, Quantity::Name(_))
}

/// What published thresholds make of the numbers.
fn judgements(values: &[&Value]) -> Option<Block> {
    let rows: Vec<Vec<Line>> = values
        .iter()
        .flat_map(|value| value.rules.iter().map(move |rule| (value, rule)))
        .filter(|(value, rule)| is_judgement(value, rule))
        .map(|(value, rule)| {
            let texts = [&value.quantity.to_string(), &rule.quantity.to_string(), rule.formula];
            let [number, says, threshold] = texts.map(words);
            vec![words(&*value.name), number, says, threshold, words(rule.source.to_string())]
        })
        .collect();
    let columns = vec![start("number"), end("value"), start("is"), start("by the rule"), start("of")];
    (!rows.is_empty()).then_some(Block::Table(columns, rows))
}

/// Where published rules say something else; those that say the same for the same reason stand together.
fn documented(blocks: &mut Vec<Block>, plan: &Plan) {
    let mut items = Vec::new();
    for value in &plan.values {
        let ours = value.quantity.to_string();
        let mut differing: Vec<(String, String)> = Vec::new();
        let is_number = |rule: &&Rule| !is_judgement(value, rule) && rule.quantity.to_string() != ours;
        for rule in value.rules.iter().filter(is_number) {
            let said = format!(": {} ({}). {}", rule.quantity, rule.formula, rule.why);
            match differing.iter_mut().find(|(_, other)| *other == said) {
                Some((sources, _)) => sources.extend(["; ", &rule.source.to_string()]),
                None => differing.push((rule.source.to_string(), said)),
            }
        }
        if !differing.is_empty() {
            let lead = vec![Span::Code(value.id.clone().into_owned()), Span::Words(format!(": ours is {ours}"))];
            let more = differing.into_iter().map(|(sources, said)| words(sources + &said)).collect();
            items.push(Item { lead, more, command: String::new() });
        }
    }
    if !items.is_empty() {
        blocks.push(Block::Heading(1, "Where published rules differ".to_owned()));
        blocks.push(Block::Points(items));
    }
}
