//! The reference as an outline.

use formats::outline::{Block, Item, Line, Span, code, start, words};
use sizing::input::Group;
use sizing::strategy::documents::{DOCUMENTED, Outcome};
use sizing::{INPUTS, Scenario, Section};

use crate::collected::Collected;

pub(crate) fn blocks(collected: &Collected) -> Vec<Block> {
    let mut blocks = vec![
        heading(0, "Reference"),
        paragraph(
            "Every input, every value, every finding and every action of the calculator, as the code has them. This \
             file is generated: UPDATE_REFERENCE=1 cargo test -p formats --test reference.",
        ),
        paragraph(
            "Words in capitals stand for what a scenario names itself. A formula names inputs and other values by their \
             ids; where a value has several, the scenario decides which one applies.",
        ),
    ];
    inputs(&mut blocks);
    values(&mut blocks, collected);
    findings(&mut blocks, collected);
    actions(&mut blocks, collected);
    documented(&mut blocks);
    blocks
}

fn heading(level: usize, text: &str) -> Block {
    Block::Heading(level, text.to_owned())
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph(words(text))
}

fn inputs(blocks: &mut Vec<Block>) {
    let default = Scenario::default();
    blocks.push(heading(1, "Inputs"));
    blocks.push(paragraph(
        "The id is the key in a scenario file and in a link; with hyphens it is the flag and the attribute.",
    ));
    for group in Group::ALL {
        let columns = ["id", "name", "unit", "allowed", "default", "meaning", "how to measure it", "source"];
        let rows: Vec<Vec<Line>> = INPUTS
            .iter()
            .filter(|input| input.group == group)
            .map(|input| {
                vec![
                    code(input.id),
                    words(input.name),
                    words(input.unit),
                    words(input.allowed()),
                    code(default.text(input.id).unwrap_or_default()),
                    words(input.help),
                    words(input.measure),
                    words(input.source.to_string()),
                ]
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(heading(2, group.name()));
            blocks.push(Block::Table(columns.map(start).into(), rows));
        }
    }
}

fn values(blocks: &mut Vec<Block>, collected: &Collected) {
    blocks.push(heading(1, "Values"));
    for section in Section::ALL {
        let rows: Vec<Vec<Line>> = collected
            .values
            .iter()
            .filter(|(id, _)| section.has(id))
            .map(|(id, entry)| {
                let units: Vec<&str> = entry.units.iter().copied().collect();
                vec![
                    code(id),
                    words(&*entry.name),
                    words(units.join(" or ")),
                    alternatives(entry.formulas.iter()),
                    alternatives(entry.sources.iter()),
                ]
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(heading(2, section.name));
            blocks.push(Block::Table(["id", "name", "unit", "formula", "source"].map(start).into(), rows));
        }
    }
    let rows: Vec<Vec<Line>> = collected.series.iter().map(|(id, name)| vec![code(id), words(&**name)]).collect();
    if !rows.is_empty() {
        blocks.push(heading(1, "Series"));
        blocks.push(Block::Table(["id", "name"].map(start).into(), rows));
    }
}

/// The first few of several texts.
fn alternatives<'t>(texts: impl ExactSizeIterator<Item = &'t String>) -> Line {
    const MOST: usize = 4;
    let more = texts.len().saturating_sub(MOST);
    let mut shown: Vec<String> = texts.take(MOST).cloned().collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    words(shown.join("; or "))
}

fn findings(blocks: &mut Vec<Block>, collected: &Collected) {
    blocks.push(heading(1, "Findings"));
    for section in Section::ALL {
        let rows: Vec<Vec<Line>> = collected
            .findings
            .iter()
            .filter(|(code, _)| section.has(code))
            .map(|(id, entry)| {
                let severities: Vec<&str> = entry.severities.iter().rev().map(|severity| severity.word()).collect();
                vec![
                    code(id),
                    words(severities.join(", ")),
                    vec![Span::Words(entry.message.clone())],
                    words(&*entry.remedy),
                ]
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(heading(2, section.name));
            blocks.push(Block::Table(["code", "severity", "for example", "remedy"].map(start).into(), rows));
        }
    }
}

fn actions(blocks: &mut Vec<Block>, collected: &Collected) {
    let rows: Vec<Vec<Line>> = collected.actions.iter().map(|(id, title)| vec![code(id), words(&**title)]).collect();
    if !rows.is_empty() {
        blocks.push(heading(1, "Actions"));
        blocks.push(Block::Table(["code", "what"].map(start).into(), rows));
    }
}

/// What the documents tell their readers to run, and what happens.
fn documented(blocks: &mut Vec<Block>) {
    let items = DOCUMENTED.iter().map(|documented| {
        let outcome = match documented.outcome {
            Outcome::Fails(message) => format!("PostgreSQL refuses it: {message}."),
            Outcome::Differs => "PostgreSQL runs it, but it does not do what the document says.".to_owned(),
            Outcome::Other => "It is no SQL that PostgreSQL could run.".to_owned(),
        };
        let lead = vec![
            Span::Code(documented.id.to_owned()),
            Span::Words(format!(" ({}): ", documented.source)),
            Span::Code(documented.text.to_owned()),
        ];
        let more = vec![words(outcome), words(documented.wrong), words(format!("Instead: {}", documented.right))];
        Item { lead, more, command: documented.instead.map_or_else(String::new, |statement| statement.sql.to_owned()) }
    });
    blocks.push(heading(1, "The documents' own statements"));
    blocks.push(paragraph(
        "What the source documents tell their readers to run that fails or means something else, each run on a real \
         server.",
    ));
    blocks.push(Block::Points(items.collect()));
}
