//! An outline as text for a terminal.

use crate::outline::{Align, Block, Column, Item, Line, Span};

/// Width to which sentences and tables are wrapped, in characters.
const WIDTH: usize = 100;
/// No column of a table becomes narrower than this.
const NARROWEST: usize = 12;
/// What stands between two columns.
const GAP: usize = 2;

/// The blocks as text.
#[must_use]
pub fn write(blocks: &[Block]) -> String {
    let mut text = String::new();
    for (number, block) in blocks.iter().enumerate() {
        let is_heading = matches!(block, Block::Heading(..));
        let follows_heading = number > 0 && matches!(blocks.get(number - 1), Some(Block::Heading(..)));
        if number > 0 && (is_heading || !follows_heading) {
            text.push('\n');
        }
        match block {
            Block::Heading(level, heading) => {
                line(&mut text, heading);
                let rule = match level {
                    0 => "=",
                    1 => "-",
                    _ => "",
                };
                line(&mut text, &rule.repeat(if rule.is_empty() { 0 } else { heading.chars().count() }));
            }
            Block::Paragraph(content) => paragraph(&mut text, "", "", content),
            Block::Points(items) => items.iter().for_each(|each| item(&mut text, "  ", each)),
            Block::Steps(items) => {
                for (number, each) in items.iter().enumerate() {
                    item(&mut text, &format!("  {}. ", number + 1), each);
                }
            }
            Block::Table(columns, rows) => table(&mut text, columns, rows),
        }
    }
    text
}

fn line(text: &mut String, content: &str) {
    let content = content.trim_end();
    if !content.is_empty() {
        text.push_str(content);
        text.push('\n');
    }
}

fn plain(content: &Line) -> String {
    content.iter().map(Span::text).collect()
}

/// Words in lines of at most `width` characters; a word that is longer has a line of its own.
fn wrapped(words: &str, width: usize) -> Vec<String> {
    // A number stays with its percent sign.
    let words = words.replace(" %", "\u{a0}%");
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in words.split([' ', '\n']).filter(|word| !word.is_empty()) {
        if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines.into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

/// As [`wrapped`], every line but the first indented.
fn hanging(words: &str, width: usize) -> Vec<String> {
    if words.chars().count() <= width {
        return vec![words.to_owned()];
    }
    let lines = wrapped(words, width.saturating_sub(GAP)).into_iter().enumerate();
    lines.map(|(number, line)| if number == 0 { line } else { " ".repeat(GAP) + &line }).collect()
}

/// A wrapped sentence, its first line after `first` and the others after `rest`.
fn paragraph(text: &mut String, first: &str, rest: &str, content: &Line) {
    let lines = wrapped(&plain(content), WIDTH.saturating_sub(rest.chars().count()));
    for (number, content) in lines.iter().enumerate() {
        line(text, &[if number == 0 { first } else { rest }, content].concat());
    }
}

fn item(text: &mut String, mark: &str, item: &Item) {
    let indent = " ".repeat(mark.chars().count().max(4));
    paragraph(text, mark, &indent, &item.lead);
    for more in &item.more {
        paragraph(text, &indent, &indent, more);
    }
    for command in item.command.lines() {
        // Commands are copied as they are, however long they are.
        line(text, &[&indent, "  ", command].concat());
    }
}

fn table(text: &mut String, columns: &[Column], rows: &[Vec<Line>]) {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(plain).collect()).collect();
    let widths = widths(columns, &cells);
    let headings: Vec<String> = columns.iter().map(|(heading, _)| heading.clone()).collect();
    for row in [&headings].into_iter().chain(&cells) {
        let wrapped: Vec<Vec<String>> = row.iter().zip(&widths).map(|(cell, width)| hanging(cell, *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..height {
            let mut content = String::from(" ");
            for ((cell, width), (_, align)) in wrapped.iter().zip(&widths).zip(columns) {
                let part = cell.get(at).map_or("", String::as_str);
                let space = " ".repeat(width.saturating_sub(part.chars().count()));
                content.push_str(&" ".repeat(if content.len() == 1 { GAP - 1 } else { GAP }));
                match align {
                    Align::Start => content.extend([part, &space]),
                    Align::End => content.extend([space.as_str(), part]),
                }
            }
            line(text, &content);
        }
    }
}

/// As wide as their longest cells, the widest ones narrowed until the table fits.
fn widths(columns: &[Column], cells: &[Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, (heading, _))| {
            let longest = cells.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
            longest.unwrap_or_default().max(heading.chars().count())
        })
        .collect();
    while widths.iter().map(|width| width + GAP).sum::<usize>() > WIDTH {
        let Some(widest) = widths.iter_mut().max().filter(|width| **width > NARROWEST) else { break };
        *widest -= 1;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::{code, end, start, words};

    #[test]
    fn an_outline_as_text() {
        let rows: &[(Block, &str, &str)] = &[
            (Block::Heading(1, "Waiting".to_owned()), "Waiting\n-------\n", "a section is underlined"),
            (Block::Heading(2, "Waiting".to_owned()), "Waiting\n", "a part of one is not"),
            (
                Block::Steps(vec![Item { lead: words("Do it."), command: "a\n  b".to_owned(), ..Item::default() }]),
                "  1. Do it.\n       a\n         b\n",
                "a command keeps its own indentation",
            ),
            (
                Block::Table(vec![start("a"), end("n")], vec![vec![code("x.y"), words("10")]]),
                "  a     n\n  x.y  10\n",
                "words at the start, numbers at the end",
            ),
        ];
        for (block, text, reason) in rows {
            assert_eq!(write(std::slice::from_ref(block)), *text, "{reason}");
        }
        let long = words("word ".repeat(50));
        let table = Block::Table(vec![start("a"), start("b")], vec![vec![long.clone(), words("c")]]);
        for block in [Block::Paragraph(long), table] {
            let text = write(&[block]);
            assert!(text.lines().count() > 2 && text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        }
    }
}
