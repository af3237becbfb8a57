//! Existing configuration read into a scenario: what was found, where, and what could not be used.

use std::borrow::Cow;

use sizing::{INPUTS, Scenario};

mod compare;
mod detect;
mod guc_line;
pub mod guc_value;
mod pgbouncer_ini;
mod postgresql_conf;

pub use compare::{Difference, How, compare};
pub use detect::{FileKind, detect};
pub use pgbouncer_ini::pgbouncer_ini;
pub use postgresql_conf::{postgresql_conf, postgresql_conf_of};

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

impl Imported {
    fn note(&mut self, at: Position, message: String) {
        self.problems.push(Problem { at, is_error: false, message });
    }

    fn error(&mut self, at: Position, message: String) {
        self.problems.push(Problem { at, is_error: true, message });
    }

    /// Gives an input, if its row allows the text.
    fn give(&mut self, id: &str, text: String, at: Position) {
        let Some(id) = INPUTS.iter().map(|input| input.id).find(|input| *input == id) else { return };
        match Scenario::default().set(id, &text) {
            Ok(()) => self.inputs.push(Given { name: Cow::Borrowed(id), text, at }),
            Err(error) => self.note(at, error.to_string()),
        }
    }

    /// The text without a byte order mark, which is an error for the software.
    fn without_mark<'t>(&mut self, text: &'t str, meaning: &str) -> &'t str {
        let Some(rest) = text.strip_prefix('\u{feff}') else { return text };
        let message = ["a byte order mark, ", meaning, ": save the file without one"].concat();
        self.error(Position { line: 1, column: 1 }, message);
        rest
    }
}
