//! An outline as Markdown, to be pasted into a ticket or a page: `CommonMark` with tables.

use crate::outline::{Align, Block, Column, Item, Line, Span};

/// The blocks as Markdown.
#[must_use]
pub fn write(blocks: &[Block]) -> String {
    let mut text = String::new();
    for (number, block) in blocks.iter().enumerate() {
        if number > 0 {
            text.truncate(text.trim_end().len());
            text.push_str("\n\n");
        }
        match block {
            Block::Heading(level, heading) => {
                text.extend([&"#".repeat(level + 1), " ", &escaped(heading), "\n"]);
            }
            Block::Paragraph(line) => text.extend([&at_start(&inline(line)), "\n"]),
            Block::Points(items) => items.iter().for_each(|each| item(&mut text, "- ", each)),
            Block::Steps(items) => {
                for (number, each) in items.iter().enumerate() {
                    item(&mut text, &format!("{}. ", number + 1), each);
                }
            }
            Block::Table(columns, rows) => table(&mut text, columns, rows),
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn item(text: &mut String, mark: &str, item: &Item) {
    let indent = " ".repeat(mark.len());
    text.extend([mark, &at_start(&inline(&item.lead)), "\n"]);
    for more in &item.more {
        text.extend([&indent, "- ", &at_start(&inline(more)), "\n"]);
    }
    if !item.command.is_empty() {
        let fence = "`".repeat(longest_run(&item.command).max(2) + 1);
        text.extend(["\n", &indent, &fence, "\n"]);
        for line in item.command.lines() {
            text.extend([if line.is_empty() { "" } else { &indent }, line, "\n"]);
        }
        text.extend([&indent, &fence, "\n\n"]);
    }
}

fn table(text: &mut String, columns: &[Column], rows: &[Vec<Line>]) {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    text.push_str(&row(columns.iter().map(|(heading, _)| escaped(heading)).collect()));
    let rules = columns.iter().map(|(_, align)| match align {
        Align::Start => "---".to_owned(),
        Align::End => "--:".to_owned(),
    });
    text.push_str(&row(rules.collect()));
    for cells in rows {
        // A bar ends a cell, even one inside of code.
        text.push_str(&row(cells.iter().map(|cell| bars_escaped(&inline(cell))).collect()));
    }
}

/// Escapes bars that are not escaped already.
fn bars_escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut before = ' ';
    for character in text.chars() {
        if character == '|' && before != '\\' {
            result.push('\\');
        }
        result.push(character);
        before = character;
    }
    result
}

fn inline(line: &Line) -> String {
    line.iter()
        .map(|span| match span {
            Span::Words(text) => escaped(text),
            Span::Strong(text) if text.is_empty() => String::new(),
            Span::Strong(text) => format!("**{}**", escaped(text)),
            Span::Code(text) if text.is_empty() => String::new(),
            Span::Code(text) => code(text),
        })
        .collect()
}

fn code(text: &str) -> String {
    let text = on_one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // A space that is stripped again keeps a backtick of the text apart from the fence.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    [&fence, space, &text, space, &fence].concat()
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

fn on_one_line(text: &str) -> String {
    if text.contains(['\n', '\r']) { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text.to_owned() }
}

/// Words that mean themselves: what Markdown would read as a mark is escaped.  An underscore inside of a word is none.
fn escaped(text: &str) -> String {
    let text = on_one_line(text);
    let mut result = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let is_mark = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '$' | '&' => true,
            '_' => !(before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric())),
            _ => false,
        };
        if is_mark {
            result.push('\\');
        }
        result.push(character);
        before = character;
    }
    result
}

/// Escapes what begins a heading or a list where a line begins with it.
fn at_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (head, tail) = line.split_at(if digits > 9 { 0 } else { digits });
    if line.starts_with(['#', '-', '+', '=']) || (!head.is_empty() && tail.starts_with(['.', ')'])) {
        [head, "\\", tail].concat()
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::{end, start, words};

    #[test]
    fn words_mean_themselves() {
        let rows: &[(&str, &str, &str)] = &[
            ("max_connections is 200", "max_connections is 200", "an underscore inside of a word"),
            ("_private *all* of <it>", "\\_private \\*all\\* of \\<it\\>", "marks"),
            ("1. not a list", "1\\. not a list", "a number and a point at the start"),
            ("- not a list", "\\- not a list", "a hyphen at the start"),
            ("# not a heading", "\\# not a heading", "a hash at the start"),
            ("a\nb", "a b", "one line"),
            ("3 pods", "3 pods", "a number alone"),
        ];
        for (text, expected, reason) in rows {
            assert_eq!(write(&[Block::Paragraph(words(*text))]), format!("{expected}\n"), "{reason}");
        }
    }

    #[test]
    fn code_means_itself() {
        for (text, expected) in [("a_b", "`a_b`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``")] {
            assert_eq!(code(text), expected);
        }
        let table =
            Block::Table(vec![start("a|b"), end("n")], vec![vec![vec![Span::Code("x|y".into())], words("1|2")]]);
        assert_eq!(write(&[table]), "| a\\|b | n |\n| --- | --: |\n| `x\\|y` | 1\\|2 |\n");
        let step = Item { lead: words("Do"), command: "a\n```\n\nb".to_owned(), ..Item::default() };
        assert_eq!(write(&[Block::Steps(vec![step])]), "1. Do\n\n   ````\n   a\n   ```\n\n   b\n   ````\n");
    }
}
