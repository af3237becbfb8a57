//! `headroom`: the page's arithmetic on the command line.
//!
//! Exit status: 0 fine, 1 findings of severity error, 2 bad input.  Bad input is told on stderr, one line an error,
//! with nothing on stdout.

mod calculator;
mod check;
mod export;
mod help;
mod plan;
mod preset;
mod schema;

use std::io::Write;
use std::process::ExitCode;

use calculator::Calculator;

/// What a command has to say, and how it ended.
enum Outcome {
    /// All is well.
    Fine(String),
    /// It worked, and what it found is broken.
    Broken(String),
    /// The input cannot be used: one line an error.
    BadInput(Vec<String>),
}

fn main() -> ExitCode {
    let (text, status) = match run(lexopt::Parser::from_env()) {
        Outcome::Fine(text) => (text, 0),
        Outcome::Broken(text) => (text, 1),
        Outcome::BadInput(errors) => {
            for error in errors {
                let line: String = error.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
                // There is nobody left to tell when stderr is closed.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            return ExitCode::from(2);
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let _ = writeln!(std::io::stderr(), "cannot write the result: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::from(status),
    }
}

fn run(mut arguments: lexopt::Parser) -> Outcome {
    let command = match arguments.next() {
        Ok(None) => return Outcome::BadInput(vec![format!("no command given: {}", help::commands())]),
        Ok(Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h'))) => return Outcome::Fine(help::overview()),
        Ok(Some(lexopt::Arg::Long("version") | lexopt::Arg::Short('V'))) => {
            return Outcome::Fine(format!("headroom {}\n", env!("CARGO_PKG_VERSION")));
        }
        Ok(Some(lexopt::Arg::Value(command))) => command,
        Ok(Some(other)) => return Outcome::BadInput(vec![other.unexpected().to_string()]),
        Err(error) => return Outcome::BadInput(vec![error.to_string()]),
    };
    if let Some(calculator) = command.to_str().and_then(Calculator::named) {
        return plan::run(calculator, arguments);
    }
    match command.to_str() {
        Some("export") => export::run(arguments),
        Some("check") => check::run(arguments),
        Some("preset") => preset::run(arguments),
        Some("schema") => schema::run(arguments),
        Some("help") => Outcome::Fine(help::overview()),
        _ => Outcome::BadInput(vec![format!(
            "unknown command \"{}\": {}",
            command.to_string_lossy().escape_debug(),
            help::commands()
        )]),
    }
}

/// A file's text, or the line that says why not.
fn read_file(path: &std::path::Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: cannot be read: {error}", path.display()))
}
