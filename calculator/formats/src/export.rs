//! Configuration that follows from a scenario: one table of kinds, one file for each kind.

mod application;
mod haproxy;
mod hikari;
mod hikari_env;
mod hikari_yaml;
mod kubernetes;
mod prometheus;
mod runbook;
mod sqlalchemy;
mod topology;
mod writer;

use sizing::{Plan, Scenario};

/// What an export is written from.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What the user said.
    pub scenario: &'a Scenario,
    /// What follows from it.
    pub plan: &'a Plan,
}

/// A kind of file, a row of [`EXPORTS`].
#[derive(Debug, Clone, Copy)]
pub struct Export {
    /// The word on the command line and in the page: `pgbouncer`.
    pub kind: &'static str,
    /// What it is called, for people: `PgBouncer`.
    pub title: &'static str,
    /// What the file is usually called: `pgbouncer.ini`.
    pub file: &'static str,
    /// How its text is to be read.
    pub language: Language,
    /// What it is for and where it goes, in one sentence.
    pub about: &'static str,
    /// Writes it; where there is nothing to write for the scenario, why.
    pub write: fn(Subject<'_>) -> Result<Document, &'static str>,
}

/// The language of an export, for highlighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `postgresql.conf`.
    Conf,
    /// `pgbouncer.ini`.
    Ini,
    /// Statements for `psql`.
    Sql,
    /// Kubernetes, Spring and Prometheus.
    Yaml,
    /// Environment variables.
    Env,
    /// `SQLAlchemy`.
    Python,
    /// `HAProxy`.
    HaProxy,
    /// The router's topology.
    Json,
    /// The runbook.
    Markdown,
}

/// A written file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Its lines, without line ends.
    pub lines: Vec<Line>,
}

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// The line as it stands in the file.
    pub text: String,
    /// The setting it gives a value to, where it gives one.
    pub setting: Option<Assigned>,
}

/// A setting and what it is given, for comparing with its default or with what was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// The setting's name, as in the file.
    pub name: String,
    /// The value as written, without quotes.
    pub value: String,
    /// The software's own default, where it is known.
    pub default: Option<String>,
    /// What it takes for a change to have an effect, where that is known.
    pub takes: Option<Takes>,
}

/// What it takes for a changed setting to have an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// The server has to be restarted.
    Restart,
    /// The configuration has to be loaded again.
    Reload,
}

impl Document {
    /// The whole text, ending in a line end.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        text
    }
}

/// Every kind, in the order to show them.
pub static EXPORTS: &[Export] = &[
    hikari_yaml::EXPORT,
    hikari_env::EXPORT,
    sqlalchemy::EXPORT,
    haproxy::EXPORT,
    kubernetes::EXPORT,
    prometheus::EXPORT,
    topology::EXPORT,
    runbook::EXPORT,
];

impl Export {
    /// The kind of this name.
    #[must_use]
    pub fn named(kind: &str) -> Option<&'static Self> {
        EXPORTS.iter().find(|export| export.kind == kind)
    }
}
