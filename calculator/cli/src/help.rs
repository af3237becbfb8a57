//! What `--help` says: from the table of inputs, so that it cannot be out of date.

use sizing::input::Group;
use sizing::{INPUTS, Scenario};

/// The commands, for the error that names them.
pub(crate) const COMMANDS: &str = "the commands are pool, check, schema and help";

/// `headroom --help`.
pub(crate) fn overview() -> String {
    "\
headroom: how many connections a database needs, and what breaks first

  headroom pool [--INPUT VALUE]... [--scenario FILE] [--json]   size connection pools; --help lists the inputs
  headroom check FILE...                                        check scenario and topology files
  headroom schema scenario|plan|topology                        the JSON Schema of a file
  headroom --version

Exit status: 0 fine, 1 findings of severity error, 2 bad input.
"
    .to_owned()
}

/// `headroom pool --help`.
pub(crate) fn pool() -> String {
    let default = Scenario::default();
    let mut text = "\
headroom pool: size connection pools

  --scenario FILE        take the inputs from a scenario file; flags go over it
  --format text|json     the report, or the plan as JSON
  --json                 the same as --format json
"
    .to_owned();
    for group in Group::ALL {
        text.push_str(&format!("\n{}\n", group.name()));
        for input in INPUTS.iter().filter(|input| input.group == group) {
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
