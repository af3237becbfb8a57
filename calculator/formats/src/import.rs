//! Existing configuration read into a scenario: what was found, where, and what could not be used.

use std::borrow::Cow;

/// What a file said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The inputs it gives, in the order of the file: an input's id and its text.
    pub inputs: Vec<Given>,
    /// Every setting it gives, the last one of each name: what an export is compared with.
    pub settings: Vec<Given>,
    /// What was not understood, or understood and not used, and why.
    pub problems: Vec<Problem>,
}

/// A name and what it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The name of the setting, or the id of the input.
    pub name: Cow<'static, str>,
    /// What it was given, without quotes.
    pub text: String,
    /// Where that stands.
    pub at: Position,
}

/// A place in a file, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Something in a file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub at: Position,
    /// The file cannot be what it is meant to be; otherwise only worth knowing.
    pub is_error: bool,
    /// What was read and what is allowed.
    pub message: String,
}
