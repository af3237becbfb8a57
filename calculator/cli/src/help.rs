//! What `--help` says: from the tables of commands and inputs, so that it cannot be out of date.

use lexopt::Arg;
use sizing::input::Group;
use sizing::{INPUTS, Scenario};

use crate::calculator::{CALCULATORS, Calculator, who_takes};

/// The commands, for the error that names them.
pub(crate) fn commands() -> String {
    let names: Vec<&str> = CALCULATORS.iter().map(|calculator| calculator.name).collect();
    format!("the commands are {}, export, check, preset, schema and help", names.join(", "))
}

/// The error for an argument that a command which sizes nothing does not take.
pub(crate) fn unexpected(command: &str, argument: &Arg<'_>) -> String {
    let what = match argument {
        Arg::Short(flag) => format!("-{flag}"),
        Arg::Long(flag) => format!("--{flag}"),
        Arg::Value(value) => format!("{value:?}"),
    };
    let input = match argument {
        Arg::Long(flag) => INPUTS.iter().find(|input| input.kebab() == *flag),
        _ => None,
    };
    let hint = match input {
        Some(input) => format!("it is an input of {}", who_takes(input)),
        None => "headroom --help lists what it takes".to_owned(),
    };
    format!("{command} does not take {what}: {hint}")
}

/// `headroom --help`.
pub(crate) fn overview() -> String {
    let mut text = "\
headroom: how many connections, how much memory and how many nodes it takes, and what breaks first

  headroom COMMAND [--INPUT VALUE]... [--scenario FILE | --preset NAME] [--format text|json|markdown|link]

"
    .to_owned();
    for calculator in CALCULATORS {
        text.push_str(&format!("    {:9}{}\n", calculator.name, calculator.about));
    }
    text.push_str(
        "
  headroom export KIND [SCENARIO.json]           configuration that follows from a scenario; takes what plan takes
  headroom export --list                         the kinds there are
  headroom check FILE... [--json]                check postgresql.conf, pgbouncer.ini, scenario and topology files;
                                                 takes what plan takes
  headroom preset [NAME]                         list the presets, or print one as a scenario file
  headroom schema scenario|plan|topology         the JSON Schema of a file
  headroom COMMAND --help                        the inputs of a command
  headroom --version

Exit status: 0 fine, 1 findings of severity error, 2 bad input.
Bad input is told on stderr, one line an error; stdout stays empty then, with --json as well.
",
    );
    text
}

/// `headroom COMMAND --help`.
pub(crate) fn of(calculator: &Calculator) -> String {
    let default = Scenario::default();
    let file = match (calculator.takes_file, calculator.takes_files) {
        (_, true) => " FILE...",
        (true, false) => " [SCENARIO.json]",
        (false, false) => "",
    };
    let mut text = format!(
        "\
headroom {}{file}: {}

  --scenario FILE        take the inputs from a scenario file; flags go over it
  --preset NAME          take the inputs from a preset; headroom preset lists them
",
        calculator.name, calculator.about
    );
    if calculator.takes_files {
        text.push_str("  --json                 for machines\n");
    }
    if calculator.is_report {
        text.push_str(
            "  --format FORMAT        text, json, markdown, or link: what follows the page's address
  --json                 the same as --format json
  --explain              in text and Markdown: how each number came about, and the steps of every option
",
        );
    }
    if !calculator.given.is_empty() {
        let given: Vec<String> =
            calculator.given.iter().map(|(id, value)| format!("--{} {value}", id.replace('_', "-"))).collect();
        text.push_str(&format!("\nWithout a scenario or preset, {} unless said otherwise.\n", given.join(" and ")));
    }
    for group in Group::ALL {
        let inputs: Vec<_> = calculator.takes_these().filter(|input| input.group == group).collect();
        if inputs.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}\n", group.name()));
        for input in inputs {
            let unit = if input.unit.is_empty() { String::new() } else { format!(", in {}", input.unit) };
            let value = default.text(input.id).unwrap_or_default();
            let value = if value.is_empty() { "none".to_owned() } else { value };
            text.push_str(&format!("  --{} ({}{unit}; default {value})\n", input.kebab(), input.name));
            text.push_str(&format!("      {}\n      allowed: {}\n", input.help, input.allowed()));
            text.push_str(&format!("      to measure: {}\n", input.measure));
        }
    }
    text
}
