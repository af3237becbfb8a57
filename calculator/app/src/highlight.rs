//! A line of a file with its comments, names and texts told apart.

use formats::export::Language;

use crate::view::Drawing;

/// What a comment begins with.
const fn comment(language: Language) -> &'static str {
    match language {
        Language::Sql => "--",
        Language::Ini => ";",
        Language::Json => "\u{0}",
        Language::Markdown => "> ",
        _ => "#",
    }
}

/// What stands between a name and what it is given.
const fn between(language: Language) -> char {
    match language {
        Language::Yaml | Language::Json => ':',
        Language::Sql | Language::HaProxy | Language::Markdown => '\u{0}',
        _ => '=',
    }
}

/// Draws one line.
pub(crate) fn line(to: &mut Drawing, language: Language, text: &str) {
    let start = text.trim_start();
    if start.starts_with(comment(language)) || (language == Language::Markdown && start.starts_with('#')) {
        return to.words("span", &[("class", "comment")], text);
    }
    // A comment at the end of a line stands behind a space; texts with that in them are not written.
    let (code, rest) = match text.find(&[" ", comment(language)].concat()) {
        Some(at) if language != Language::Markdown => text.split_at(at),
        _ => (text, ""),
    };
    let (name, given) = match code.find(between(language)) {
        Some(at) => code.split_at(at),
        None => ("", code),
    };
    to.words("span", &[("class", "name")], name);
    strings(to, given);
    to.words("span", &[("class", "comment")], rest);
}

/// What stands in quotes, and what does not.
fn strings(to: &mut Drawing, text: &str) {
    let mut rest = text;
    while let Some(start) = rest.find(['\'', '"']) {
        let (before, quoted) = rest.split_at(start);
        let quote = quoted.chars().next().unwrap_or('"');
        let Some(end) = quoted.get(1..).and_then(|inside| inside.find(quote)) else { break };
        let (string, after) = quoted.split_at(end.saturating_add(2));
        to.text(before);
        to.words("span", &[("class", "string")], string);
        rest = after;
    }
    to.text(rest);
}
