//! Configuration that follows from a scenario: one table of kinds, one file for each kind.

mod alter_system;
mod application;
mod ddl;
mod haproxy;
mod hikari;
mod hikari_env;
mod hikari_yaml;
mod kubernetes;
mod pgbouncer;
mod postgresql_conf;
mod prometheus;
mod role_limits;
mod runbook;
mod sqlalchemy;
mod topology;

use sizing::{Plan, Scenario};

use crate::permalink;

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
    /// The setting's name, once in a document.  Where the file has a key in several places, what it stands in comes
    /// before it, with a dot: `main.pool_size`.
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

impl Subject<'_> {
    /// A value of the plan, as people read it; empty where the plan does not have it.
    fn text(&self, id: &str) -> String {
        self.plan.value(id).map_or_else(String::new, |value| value.quantity.to_string())
    }
}

impl Document {
    /// A file that begins with what it is and with the scenario it follows from, in comments that begin with `mark`.
    fn new(subject: Subject<'_>, mark: &str, what: &str) -> Self {
        let mut document = Self::default();
        document.line([mark, " ", what].concat());
        document.line([mark, " Scenario: #", &permalink::write(subject.scenario)].concat());
        document
    }

    /// A line that gives no setting a value.
    fn line(&mut self, text: impl Into<String>) {
        self.lines.push(Line { text: text.into(), setting: None });
    }

    /// Lines that give no setting a value.
    fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line));
    }

    /// A line that gives a setting its value.
    fn set(&mut self, text: String, setting: Assigned) {
        self.lines.push(Line { text, setting: Some(setting) });
    }

    /// A line that gives a setting its value.
    fn assign(&mut self, text: String, name: &str, value: &str, default: Option<&str>, takes: Takes) {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.set(text, Assigned { name, value, default: default.map(str::to_owned), takes: Some(takes) });
    }

    /// A comment, as far from the edge as what it is about, on as many lines as it takes.
    fn comment(&mut self, indent: &str, text: &str) {
        const WIDTH: usize = 100;
        let start = [indent, "#"].concat();
        let mut line = start.clone();
        for word in text.split_whitespace() {
            if line.len() > start.len() && line.len() + 1 + word.len() > WIDTH {
                self.line(std::mem::replace(&mut line, start.clone()));
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(line);
    }

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
#[rustfmt::skip] // a row a line
pub static EXPORTS: &[Export] = &[
    postgresql_conf::EXPORT,
    alter_system::EXPORT,
    role_limits::EXPORT,
    pgbouncer::EXPORT,
    ddl::EXPORT,
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
