//! A line of `postgresql.conf` by the grammar of the server: `guc-file.l`.

use super::Position;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing: empty, or a comment.
    Empty,
    /// A name and what it is given.
    Setting(Setting),
    /// Something else: where, and what stands there; nothing where the line ends too early.
    Broken(Position, String),
}

/// A name and what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) at: Position,
    /// Without quotes.
    pub(super) text: String,
    pub(super) text_at: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Id,
    QualifiedId,
    Text,
    Unquoted,
    Integer,
    Real,
    Equals,
    Other,
}

/// Reads a line without its line feed.
pub(super) fn read(number: usize, line: &str) -> Line {
    let position = |offset: usize| Position {
        line: number,
        column: line.get(..offset).unwrap_or_default().chars().count().saturating_add(1),
    };
    let mut tokens = Tokens { line, offset: 0 };
    let broken = |found: Option<(Kind, usize, &str)>| match found {
        Some((_, offset, text)) => Line::Broken(position(offset), text.to_owned()),
        None => Line::Broken(position(line.trim_end().len()), String::new()),
    };
    let Some(first) = tokens.next() else { return Line::Empty };
    let (Kind::Id | Kind::QualifiedId, name_offset, name) = first else { return broken(Some(first)) };
    let mut second = tokens.next();
    if matches!(second, Some((Kind::Equals, ..))) {
        second = tokens.next();
    }
    let Some((kind, text_offset, text)) = second else { return broken(None) };
    let text = match kind {
        Kind::Text => unquoted(text),
        Kind::Id | Kind::Integer | Kind::Real | Kind::Unquoted => text.to_owned(),
        Kind::QualifiedId | Kind::Equals | Kind::Other => return broken(second),
    };
    match tokens.next() {
        None => Line::Setting(Setting {
            name: name.to_owned(),
            at: position(name_offset),
            text,
            text_at: position(text_offset),
        }),
        third => broken(third),
    }
}

struct Tokens<'t> {
    line: &'t str,
    offset: usize,
}

impl<'t> Tokens<'t> {
    /// The next token with its offset; `None` at the end of the line and at a comment.
    fn next(&mut self) -> Option<(Kind, usize, &'t str)> {
        let rest = self.line.get(self.offset..).unwrap_or_default();
        let space = rest.len().saturating_sub(rest.trim_start_matches([' ', '\t', '\r']).len());
        let offset = self.offset.saturating_add(space);
        let rest = rest.get(space..).filter(|rest| !rest.is_empty() && !rest.starts_with('#'))?;
        // The longest match, of several the first.
        let mut longest = (Kind::Other, rest.chars().next().map_or(0, char::len_utf8));
        let mut is_first = true;
        for (kind, length) in [
            (Kind::Id, id(rest)),
            (Kind::QualifiedId, qualified_id(rest)),
            (Kind::Text, quoted(rest)),
            (Kind::Unquoted, unquoted_length(rest)),
            (Kind::Integer, integer(rest)),
            (Kind::Real, real(rest)),
            (Kind::Equals, usize::from(rest.starts_with('='))),
        ] {
            if length > longest.1 || (is_first && length > 0 && length >= longest.1) {
                longest = (kind, length);
                is_first = false;
            }
        }
        self.offset = offset.saturating_add(longest.1);
        Some((longest.0, offset, rest.get(..longest.1)?))
    }
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

fn is_letter_or_digit(character: char) -> bool {
    is_letter(character) || character.is_ascii_digit()
}

/// How long the beginning is whose characters all are of a kind.
fn run(text: &str, is_of: impl Fn(char) -> bool) -> usize {
    text.find(|character| !is_of(character)).unwrap_or(text.len())
}

fn after(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}

fn id(text: &str) -> usize {
    if text.starts_with(is_letter) { run(text, is_letter_or_digit) } else { 0 }
}

fn qualified_id(text: &str) -> usize {
    let first = id(text);
    let second = after(text, first).strip_prefix('.').map_or(0, id);
    if first > 0 && second > 0 { first + 1 + second } else { 0 }
}

fn unquoted_length(text: &str) -> usize {
    if text.starts_with(is_letter) {
        run(text, |character| is_letter_or_digit(character) || "-._:/".contains(character))
    } else {
        0
    }
}

/// A text in quotes, with them; a quote in it stands twice or behind a backslash.
fn quoted(text: &str) -> usize {
    let mut characters = text.char_indices();
    if characters.next().is_none_or(|(_, first)| first != '\'') {
        return 0;
    }
    while let Some((offset, character)) = characters.next() {
        match character {
            '\0' => return 0,
            '\\' if characters.next().is_none_or(|(_, escaped)| escaped == '\0') => return 0,
            '\'' if after(text, offset + 1).starts_with('\'') => {
                characters.next();
            }
            '\'' => return offset + 1,
            _ => {}
        }
    }
    0
}

fn signed(text: &str) -> usize {
    usize::from(text.starts_with(['-', '+']))
}

/// Digits, or hexadecimal ones after `0x`, with letters of a unit.
fn integer(text: &str) -> usize {
    let sign = signed(text);
    let unsigned = after(text, sign);
    let with_unit = |digits: usize| digits + run(after(unsigned, digits), |c| c.is_ascii_alphabetic());
    let digits = run(unsigned, |c| c.is_ascii_digit());
    let hexadecimal = unsigned.strip_prefix("0x").map_or(0, |rest| run(rest, |c| c.is_ascii_hexdigit()));
    match (digits, hexadecimal) {
        (0, _) => 0,
        (digits, 0) => sign + with_unit(digits),
        (digits, hexadecimal) => sign + with_unit(digits).max(with_unit(hexadecimal + 2)),
    }
}

/// Digits around a point, with an exponent, without a unit.
fn real(text: &str) -> usize {
    let sign = signed(text);
    let digits = |from: usize| run(after(text, from), |c| c.is_ascii_digit());
    let point = sign + digits(sign);
    if !after(text, point).starts_with('.') {
        return 0;
    }
    let end = point + 1 + digits(point + 1);
    if !after(text, end).starts_with(['e', 'E']) {
        return end;
    }
    let exponent = end + 1 + signed(after(text, end + 1));
    match digits(exponent) {
        0 => end,
        digits => exponent + digits,
    }
}

/// What stands between the quotes: `DeescapeQuotedString`.
fn unquoted(text: &str) -> String {
    let inside = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside.bytes().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => {
                let Some(escaped) = rest.next() else { break };
                bytes.push(match escaped {
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0'..=b'7' => {
                        let mut number = escaped - b'0';
                        for _ in 0..2 {
                            let Some(digit) = rest.next_if(|digit| (b'0'..=b'7').contains(digit)) else { break };
                            number = number.wrapping_mul(8).wrapping_add(digit - b'0');
                        }
                        number
                    }
                    other => other,
                });
            }
            b'\'' => {
                rest.next();
                bytes.push(b'\'');
            }
            byte => bytes.push(byte),
        }
    }
    // A text ends for the server where a zero byte stands.
    if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        bytes.truncate(end);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let rows: &[(&str, &str, &str)] = &[
            ("", "", "nothing"),
            ("  \t# work_mem = 1", "", "a comment"),
            ("work_mem = 4MB", "work_mem|4MB|1|12", "with an equals sign"),
            ("work_mem 4MB", "work_mem|4MB|1|10", "without one"),
            ("\twork_mem=4MB# more\r", "work_mem|4MB|2|11", "a comment behind it, a Windows line end"),
            ("a = 'it''s \\'x\\''", "a|it's 'x'|1|5", "both ways to write a quote"),
            ("a = '\\101\\n\\q'", "a|A\nq|1|5", "backslashes"),
            ("a = 'x\\", "!5|'", "a quote that does not end"),
            ("a = ''", "a||1|5", "an empty text"),
            ("a = b.c", "!5|b.c", "two words with a point need quotes"),
            ("a = b.c/d", "a|b.c/d|1|5", "a path does not"),
            ("a.b = c", "a.b|c|1|7", "an extension's setting"),
            ("a.b.c = d", "!1|a.b.c", "two points"),
            ("a = 1.5GB", "!8|GB", "decimals with a unit need quotes"),
            ("a = -1.5e-3", "a|-1.5e-3|1|5", "a number with everything"),
            ("a = 0x1FkB", "a|0x1FkB|1|5", "hexadecimal with a unit"),
            ("a = 1 2", "!7|2", "two values"),
            ("a = 1 kB", "!7|kB", "a unit behind a space needs quotes"),
            ("a =", "!4|", "no value"),
            ("a", "!2|", "a name alone"),
            ("= 1", "!1|=", "no name"),
            ("a = = 1", "!5|=", "two equals signs"),
            ("a = 5;", "!6|;", "a semicolon"),
            ("a = \u{e4}\u{f6} x", "!8|x", "columns are characters"),
            ("a = '\0'", "!5|'", "a zero byte in a text"),
        ];
        for (text, expected, reason) in rows {
            let found = match read(1, text) {
                Line::Empty => String::new(),
                Line::Setting(Setting { name, at, text, text_at }) => {
                    format!("{name}|{text}|{}|{}", at.column, text_at.column)
                }
                Line::Broken(at, text) => format!("!{}|{text}", at.column),
            };
            assert_eq!(found, *expected, "{text:?}: {reason}");
        }
    }
}
