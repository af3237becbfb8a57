//! Compares a document with the table of fields and collects every difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::error::{Problem, Range, TopologyError};
use super::field::{Field, Kind, TextKind};
use crate::json::Node;
use crate::json::{Decimal, Quoted};

/// Everything found in one file.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<TopologyError>,
}

impl Findings {
    pub(super) fn error(&mut self, path: &impl fmt::Display, problem: Problem) {
        self.errors.push(TopologyError { path: path.to_string(), problem });
    }
}

/// Where in the document a value stands; written out only for what is reported.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
            Self::Key(parent, key) => {
                let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
                match (is_plain && !key.is_empty(), parent) {
                    (true, Self::Root) => f.write_str(key),
                    (true, _) => write!(f, "{parent}.{key}"),
                    (false, _) => write!(f, "{parent}[{}]", Quoted(key)),
                }
            }
        }
    }
}

pub(super) fn check_object(fields: &'static [Field], node: &Node, path: &Path<'_>, findings: &mut Findings) {
    let Node::Object(entries) = node else {
        findings.error(path, wrong_type(node, "an object"));
        return;
    };
    check_duplicate_keys(entries, path, findings);
    for (key, value) in unique(entries) {
        let path = Path::Key(path, key);
        let Some(field) = fields.iter().find(|field| field.key == key) else {
            let allowed: Vec<&str> = fields.iter().map(|field| field.key).collect();
            findings.error(&path, Problem::UnknownKey { suggestion: closest(key, &allowed), allowed });
            continue;
        };
        check(&field.kind, value, &path, findings);
    }
    for field in fields.iter().filter(|field| field.is_required() && node.get(field.key).is_none()) {
        findings.error(&Path::Key(path, field.key), Problem::Missing { expected: expected(&field.kind) });
    }
}

fn check(kind: &Kind, node: &Node, path: &Path<'_>, findings: &mut Findings) {
    match (kind, node) {
        (Kind::Object(fields), _) => check_object(fields, node, path, findings),
        (Kind::List { item, max }, Node::List(items)) => {
            check_count(items.len(), *max, path, findings);
            for (index, node) in items.iter().enumerate().take(*max) {
                check(item, node, &Path::Index(path, index), findings);
            }
        }
        (Kind::Map { key: key_kind, value: value_kind, max }, Node::Object(entries)) => {
            check_count(entries.len(), *max, path, findings);
            check_duplicate_keys(entries, path, findings);
            for (key, value) in unique(entries).take(*max) {
                let path = Path::Key(path, key);
                check_text(key_kind, key, &path, findings);
                let first = entries.iter().map(|(first, _)| first).find(|first| first.eq_ignore_ascii_case(key));
                if let Some(first) = first.filter(|first| *first != key) {
                    findings.error(&path, Problem::DuplicateHeader { first: first.clone() });
                }
                match value {
                    Node::Text(text) => check_text(value_kind, text, &path, findings),
                    other => findings.error(&path, wrong_type(other, value_kind.what)),
                }
            }
        }
        (&Kind::Number { min, max, .. }, &Node::Number(read)) => {
            if !(min..=max).contains(&read) {
                findings.error(path, Problem::OutOfRange { read, min, max });
            }
        }
        (&Kind::Integer { min, max, .. }, &Node::Number(read)) => {
            let (min, max) = (f64::from(min), f64::from(max));
            if !(min..=max).contains(&read) {
                findings.error(path, Problem::OutOfRange { read, min, max });
            } else if read.fract() != 0.0 {
                findings.error(path, Problem::NotWhole { read, min, max });
            }
        }
        (Kind::Flag, Node::Flag(_)) => {}
        (Kind::Choice(allowed), Node::Text(read)) => {
            if !allowed.contains(&read.as_str()) {
                let (read, suggestion) = (read.clone(), closest(read, allowed));
                findings.error(path, Problem::UnknownChoice { read, suggestion, allowed: allowed.to_vec() });
            }
        }
        (Kind::Text(kind), Node::Text(text)) => check_text(kind, text, path, findings),
        _ => findings.error(path, wrong_type(node, &expected(kind))),
    }
}

fn check_text(kind: &TextKind, text: &str, path: &Path<'_>, findings: &mut Findings) {
    if text.len() > kind.max {
        findings.error(path, Problem::TooLong { length: text.len(), max: kind.max });
    } else if let Err(reason) = (kind.check)(text) {
        findings.error(path, Problem::Text { read: text.to_owned(), what: kind.what, reason });
    }
}

fn check_count(count: usize, max: usize, path: &Path<'_>, findings: &mut Findings) {
    if count > max {
        findings.error(path, Problem::TooMany { count, max });
    }
}

fn check_duplicate_keys(entries: &[(String, Node)], path: &Path<'_>, findings: &mut Findings) {
    let mut counts = BTreeMap::new();
    for (key, _) in entries {
        *counts.entry(key).or_insert(0) += 1;
    }
    for (key, count) in counts.into_iter().filter(|(_, count)| *count > 1) {
        findings.error(&Path::Key(path, key), Problem::DuplicateKey { count });
    }
}

/// The entries of an object, of each key the first.
fn unique(entries: &[(String, Node)]) -> impl Iterator<Item = (&str, &Node)> {
    let mut seen = BTreeSet::new();
    entries.iter().filter(move |(key, _)| seen.insert(key)).map(|(key, node)| (key.as_str(), node))
}

fn wrong_type(node: &Node, expected: &str) -> Problem {
    let read = match node {
        Node::Null => "null".to_owned(),
        Node::Flag(flag) => flag.to_string(),
        Node::Number(number) => Decimal(*number).to_string(),
        Node::Text(text) => format!("the text {}", Quoted(text)),
        Node::List(_) => "a list".to_owned(),
        Node::Object(_) => "an object".to_owned(),
    };
    Problem::WrongType { read, expected: expected.to_owned() }
}

/// What a kind allows, in words.
fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Object(_) | Kind::Map { .. } => "an object".to_owned(),
        Kind::List { max, .. } => format!("a list of at most {max} entries"),
        &Kind::Number { min, max, .. } => format!("a number, {},", Range(min, max)),
        &Kind::Integer { min, max, .. } => format!("a whole number, {},", Range(f64::from(min), f64::from(max))),
        Kind::Flag => "true or false".to_owned(),
        Kind::Choice(allowed) => format!("one of {}", allowed.join(", ")),
        Kind::Text(kind) => kind.what.to_owned(),
    }
}

/// The allowed word that is spelt most like the one read, if any comes near: at most two typing errors, and fewer in
/// short words.
fn closest(read: &str, allowed: &[&'static str]) -> Option<&'static str> {
    // Longer texts are no typing error of any key, and comparing takes time in proportion to the length.
    if read.len() > 64 {
        return None;
    }
    let read = read.to_ascii_lowercase();
    let distance = |word: &&'static str| strsim::osa_distance(&read, word);
    allowed.iter().copied().min_by_key(distance).filter(|word| distance(word) <= 2.min(word.len() / 3))
}
