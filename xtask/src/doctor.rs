//! Doctor: what is installed, what is missing, and what it is needed for.

use crate::setup::{self, Finding, Need, Status};

/// Looks for everything and says so; the answer is whether all of it is there.
#[must_use]
pub fn examine() -> bool {
    let findings = setup::examine(Need::ALL);
    for finding in &findings {
        println!("{}", line(finding));
    }
    let healthy = findings.iter().all(|finding| matches!(finding.status, Status::Present(_)));
    println!();
    if healthy {
        println!("everything is there");
    } else {
        println!("`cargo xtask setup` installs what is missing");
    }
    healthy
}

fn line(finding: &Finding) -> String {
    let Finding { name, why, expected, status } = finding;
    match status {
        Status::Present(version) => format!("present  {name}: {version}\n         {why}"),
        Status::Missing(found) => {
            format!("MISSING  {name}: {found}\n         {why}; installing it may take {expected}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_was_found_and_why_it_is_needed() {
        let finding = |status| Finding { name: "tool".to_owned(), why: "it builds", expected: "1 minute", status };
        for (status, expected) in [
            (Status::Present("1.2".to_owned()), "present  tool: 1.2\n         it builds"),
            (
                Status::Missing("no tool".to_owned()),
                "MISSING  tool: no tool\n         it builds; installing it may take 1 minute",
            ),
        ] {
            assert_eq!(line(&finding(status)), expected);
        }
    }
}
