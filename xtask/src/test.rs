//! Test: every check and every test, in groups, each timed, all of them reported.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::build::Part;
use crate::paths;
use crate::process::{self, Finished, cargo, seconds};
use crate::setup::{self, Need};

/// The crates that are compiled to WebAssembly and shipped.
const SHIPPED: &[&str] =
    &["sizing", "formats", "routing", "drawing", "chart", "calculator", "playground", "edge-router"];

/// The crates that must compute the same on the host and in WebAssembly.
const PURE: &[&str] = &["sizing", "formats", "routing"];

/// The tests of the site in a browser.
const PAGE_TESTS: &[&str] = &[
    "page",
    "parts",
    "starting",
    "fields",
    "views",
    "comparing",
    "keyboard",
    "layout",
    "accessibility",
    "agreement",
    "embedding",
    "playground",
    "bench",
    "bench_page",
    "guide",
    "offline",
];

/// The tests of the router in its runtime.
const ROUTER_TESTS: &[&str] = &[
    "router",
    "geography",
    "operations",
    "consistency",
    "repeating",
    "bulkheads",
    "streaming",
    "attacks",
    "admin",
    "harness",
    "chaos",
    "health",
    "promotion",
    "object",
    "status_page",
    "wrangler",
];

const WASM_TARGET: &[&str] = &["--target", "wasm32-unknown-unknown"];

/// A set of checks or tests that runs as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// rustfmt.
    Fmt,
    /// clippy for the host.
    Clippy,
    /// clippy for WebAssembly, where the shipped crates run.
    ClippyWasm,
    /// rustdoc.
    Docs,
    /// Licences, sources and bans of the dependencies.
    Deny,
    /// Unit, table and property tests on the host.
    Unit,
    /// The tests of the pure crates in WebAssembly.
    Wasm,
    /// The deployable outputs and their budgets.
    Build,
    /// Journeys through the page in a browser.
    Browser,
    /// Requests through the worker in its runtime.
    Router,
    /// Real Vault clients and servers on either side of the worker.
    Clients,
    /// Settings and statements on real servers.
    Postgres,
    /// Exported configuration in the software it is for.
    Configuration,
}

/// What a group found.
#[derive(Debug, Default)]
struct Outcome {
    passed: u64,
    failed: u64,
    /// What to show of a failure.
    complaint: Option<String>,
    /// What was not done although nothing failed.
    note: Option<&'static str>,
}

impl Group {
    /// All of them, in the order in which they run.
    pub const ALL: &[Self] = &[
        Self::Fmt,
        Self::Clippy,
        Self::ClippyWasm,
        Self::Docs,
        Self::Deny,
        Self::Unit,
        Self::Wasm,
        Self::Build,
        Self::Browser,
        Self::Router,
        Self::Clients,
        Self::Postgres,
        Self::Configuration,
    ];

    /// The group of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|group| group.name() == name)
    }

    /// What `--only` calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::ClippyWasm => "clippy-wasm",
            Self::Docs => "docs",
            Self::Deny => "deny",
            Self::Unit => "unit",
            Self::Wasm => "wasm",
            Self::Build => "build",
            Self::Browser => "browser",
            Self::Router => "router",
            Self::Clients => "clients",
            Self::Postgres => "postgres",
            Self::Configuration => "configuration",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Fmt => "cargo fmt --check",
            Self::Clippy => "lints of every crate, on the host",
            Self::ClippyWasm => "lints of the shipped crates, for wasm32",
            Self::Docs => "the documentation builds without a warning",
            Self::Deny => {
                "bans, licences and sources of the dependencies; advisories where their database is reachable"
            }
            Self::Unit => "unit, table and property tests, on the host",
            Self::Wasm => "the host and WebAssembly agree, bit for bit",
            Self::Build => "page and worker build and keep their budgets",
            Self::Browser => "journeys through the built page, in Chromium",
            Self::Postgres => "settings and statements on PostgreSQL 14 to 18",
            Self::Configuration => "configuration written and read, by us and by the software it is for",
            Self::Router => "requests through the built worker, in workerd",
            Self::Clients => "real Vault clients and servers on either side of the built worker",
        }
    }

    fn needs(self) -> Vec<Need> {
        let outputs = |parts: &[Part]| parts.iter().flat_map(|part| part.needs().iter().copied()).collect::<Vec<_>>();
        match self {
            Self::Fmt | Self::Clippy | Self::Docs | Self::Unit => Vec::new(),
            Self::ClippyWasm => vec![Need::WasmStd],
            Self::Deny => vec![Need::CargoDeny],
            Self::Wasm => vec![Need::WasmStd, Need::Node, Need::WasmBindgen],
            Self::Build => outputs(Part::ALL),
            Self::Browser => [outputs(&[Part::Page]), vec![Need::Browser, Need::Books]].concat(),
            Self::Router => [outputs(&[Part::Worker]), vec![Need::Browser]].concat(),
            Self::Clients => [outputs(&[Part::Worker]), vec![Need::Rvault, Need::Hvac]].concat(),
            Self::Postgres => vec![Need::Node, Need::Npm, Need::Postgres],
            Self::Configuration => {
                let real = [Need::PgBouncer, Need::HaProxy, Need::Promtool, Need::Readers];
                [vec![Need::Node, Need::Npm, Need::Postgres], real.to_vec()].concat()
            }
        }
    }

    /// The files of crate `tests` that it runs.
    fn files(self) -> &'static [&'static str] {
        match self {
            Self::Browser => PAGE_TESTS,
            Self::Router => ROUTER_TESTS,
            Self::Clients => &["vault_client"],
            Self::Postgres => &["settings", "statements"],
            Self::Configuration => &["configuration", "configuration_files", "settings_files"],
            Self::Fmt
            | Self::Clippy
            | Self::ClippyWasm
            | Self::Docs
            | Self::Deny
            | Self::Unit
            | Self::Wasm
            | Self::Build => &[],
        }
    }

    fn journeys_through(self, part: Part) -> Result<Outcome> {
        part.ensure()?;
        self.journeys(&part.to_string())
    }

    fn journeys(self, what: &str) -> Result<Outcome> {
        let mut command = cargo();
        command.args(["test", "--no-fail-fast", "--package", "tests"]);
        command.args(self.files().iter().flat_map(|file| ["--test", file]));
        tests(&format!("cargo test of the {what}"), &mut command)
    }

    fn run(self) -> Result<Outcome> {
        match self {
            Self::Fmt => check("cargo fmt --check", cargo().args(["fmt", "--all", "--check"])),
            Self::Clippy => {
                let arguments = ["clippy", "--workspace", "--all-targets", "--", "-Dwarnings"];
                check("cargo clippy", cargo().args(arguments))
            }
            Self::ClippyWasm => {
                let mut command = cargo();
                command.arg("clippy").args(packages(SHIPPED)).args(WASM_TARGET).args(["--", "-Dwarnings"]);
                check("cargo clippy for wasm32", &mut command)
            }
            Self::Docs => {
                let mut command = cargo();
                command.args(["doc", "--no-deps", "--workspace", "--lib"]).env("RUSTDOCFLAGS", "-Dwarnings");
                check("cargo doc", &mut command)
            }
            Self::Deny => deny(),
            Self::Unit => tests("cargo test", cargo().args(["test", "--no-fail-fast"])),
            Self::Wasm => wasm(),
            Self::Build => build(),
            Self::Browser => self.journeys_through(Part::Page),
            Self::Router | Self::Clients => self.journeys_through(Part::Worker),
            Self::Postgres => self.journeys("servers"),
            Self::Configuration => self.journeys("configuration"),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The groups with what they are about, for people.
#[must_use]
pub fn list() -> String {
    Group::ALL.iter().map(|group| format!("{:13} {}\n", group.name(), group.about())).collect()
}

/// Runs `groups`; the answer is whether all of them passed.
///
/// # Errors
/// When set-up cannot begin.
pub fn run(groups: &[Group]) -> Result<bool> {
    let needs: Vec<Need> = groups.iter().flat_map(|group| group.needs()).collect();
    let missing = setup::try_ensure(&needs)?;
    let mut rows = Vec::new();
    for group in groups {
        eprintln!("{group}: {}", group.about());
        let started = Instant::now();
        let outcome = run_group(*group, &missing);
        if let Some(complaint) = &outcome.complaint {
            eprintln!("{group}: FAILED\n{complaint}");
        }
        rows.push((*group, outcome, started.elapsed()));
    }
    print!("\n{}", table(&rows));
    Ok(rows.iter().all(|(_, outcome, _)| outcome.failed == 0))
}

fn run_group(group: Group, missing: &BTreeMap<Need, String>) -> Outcome {
    let complaints: Vec<&str> = group.needs().iter().filter_map(|need| missing.get(need)).map(String::as_str).collect();
    if !complaints.is_empty() {
        return failure(complaints.join("\n"));
    }
    match group.run() {
        Ok(outcome) => outcome,
        Err(error) => failure(format!("{error:#}")),
    }
}

fn failure(complaint: String) -> Outcome {
    Outcome { failed: 1, complaint: Some(complaint), ..Outcome::default() }
}

/// A command that passes or fails as a whole.
fn check(what: &str, command: &mut Command) -> Result<Outcome> {
    let finished = process::run(what, command)?;
    Ok(if finished.success { Outcome { passed: 1, ..Outcome::default() } } else { failure(finished.tail()) })
}

/// A command that runs tests and counts them.
fn tests(what: &str, command: &mut Command) -> Result<Outcome> {
    Ok(judge_tests(&process::run(what, command)?))
}

fn judge_tests(finished: &Finished) -> Outcome {
    let (passed, failed) = count(&finished.output);
    let complaint = if finished.success && failed == 0 && passed > 0 {
        None
    } else if finished.success && passed == 0 {
        Some(format!("not one test ran\n{}", finished.tail()))
    } else {
        Some(failures(&finished.output).map_or_else(|| finished.tail(), |failures| finished.excerpt(&failures)))
    };
    // What did not even compile has no count of its own.
    let failed = if complaint.is_some() { failed.max(1) } else { 0 };
    Outcome { passed, failed, complaint, note: None }
}

/// What the test runners say about the tests that failed, without what they say about the others.
fn failures(output: &str) -> Option<Vec<&str>> {
    let mut inside = false;
    let lines: Vec<&str> = output
        .lines()
        .filter(|line| {
            inside = (inside || *line == "failures:") && !line.starts_with("test result: ");
            inside
        })
        .collect();
    (!lines.is_empty()).then_some(lines)
}

fn packages(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("--package={name}")).collect()
}

fn deny() -> Result<Outcome> {
    let deny = |checks: &[&str]| {
        let mut command = Command::new(paths::tool("cargo-deny"));
        command.current_dir(paths::root()).args(["--workspace", "--color", "never", "check"]).args(checks);
        command
    };
    let mut outcome = check("cargo deny check", &mut deny(&["bans", "licenses", "sources"]))?;
    // Where the database is out of reach, nothing failed.
    let advisories = process::attempt("cargo deny check advisories", &mut deny(&["advisories"]))?;
    let words = advisories.output;
    if advisories.success {
        outcome.passed += 1;
    } else if database_is_unreachable(&words) {
        eprintln!("        advisories were not checked: their database cannot be reached from here");
        outcome.note = Some("advisories not run");
    } else {
        outcome.failed += 1;
        outcome.complaint = Some([outcome.complaint.unwrap_or_default(), words].join("\n"));
    }
    Ok(outcome)
}

fn database_is_unreachable(output: &str) -> bool {
    output.contains("failed to fetch advisory database")
}

fn wasm() -> Result<Outcome> {
    let mut command = cargo();
    command
        .args(["test", "--no-fail-fast"])
        .args(packages(PURE))
        .args(WASM_TARGET)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", paths::tool("wasm-bindgen-test-runner"));
    tests("cargo test for wasm32", &mut command)
}

fn build() -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut complaints = Vec::new();
    for part in Part::ALL {
        let kept = part.ensure().and_then(|_| part.report()).and_then(|report| {
            eprint!("{}", report.table());
            report.check()
        });
        match kept {
            Ok(()) => outcome.passed += 1,
            Err(error) => {
                outcome.failed += 1;
                complaints.push(format!("{error:#}"));
            }
        }
    }
    outcome.complaint = (!complaints.is_empty()).then(|| complaints.join("\n"));
    Ok(outcome)
}

/// Passed and failed tests, added up over every summary line that a Rust test runner writes.
fn count(output: &str) -> (u64, u64) {
    let number_before = |line: &str, word: &str| {
        let mut words = line.split(|c: char| c.is_whitespace() || c == ';').filter(|part| !part.is_empty());
        let mut before = "";
        words
            .find_map(|part| {
                (part == word).then_some(before).or_else(|| {
                    before = part;
                    None
                })
            })?
            .parse::<u64>()
            .ok()
    };
    output.lines().filter(|line| line.trim_start().starts_with("test result: ")).fold(
        (0, 0),
        |(passed, failed), line| {
            let more = |word| number_before(line, word).unwrap_or(0);
            (passed + more("passed"), failed + more("failed"))
        },
    )
}

/// A row for each group and the sum in the last line.
fn table(rows: &[(Group, Outcome, Duration)]) -> String {
    let mut text = format!("{:13} {:6} {:>7} {:>7} {:>12}\n", "group", "result", "passed", "failed", "time");
    let (mut passed, mut failed) = (0, 0);
    for (group, outcome, elapsed) in rows {
        let result = if outcome.failed == 0 { "ok" } else { "FAILED" };
        let note = outcome.note.map(|note| format!("  ({note})")).unwrap_or_default();
        let time = seconds(*elapsed);
        let counts = format!("{:>7} {:>7}", outcome.passed, outcome.failed);
        text.push_str(&format!("{:13} {result:6} {counts} {time:>12}{note}\n", group.name()));
        passed += outcome.passed;
        failed += outcome.failed;
    }
    text.push_str(&format!("tests: {passed} passed, {failed} failed\n"));
    text
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_file_of_tests_is_in_one_group() {
        let folder = paths::root().join("tests").join("tests");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
        let mut files: Vec<String> = files.map(|path| path.file_stem().unwrap().display().to_string()).collect();
        files.retain(|name| name != "screenshots"); // it makes pictures to look at
        files.sort();
        let mut run: Vec<&str> = Group::ALL.iter().flat_map(|group| group.files()).copied().collect();
        run.sort_unstable();
        assert_eq!(run, files);
    }

    #[test]
    fn tests_are_counted_over_every_summary() {
        let cargo = "running 2 tests\ntest a ... ok\n\n\
                     test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\n\
                     test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
        for (output, expected) in [
            (cargo, (15, 2)),
            ("test result: ok. 3 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.00s", (3, 0)),
            ("no tests to run!", (0, 0)),
            ("test passed ... 7 passed", (0, 0)),
            ("", (0, 0)),
        ] {
            assert_eq!(count(output), expected, "{output}");
        }
    }

    #[test]
    fn failures_are_picked_out() {
        let output = "test a ... ok\n\nfailures:\n\n---- b ----\nleft: 1\n\nfailures:\n    b\n\n\
                      test result: FAILED. 1 passed; 1 failed;\ntest c ... ok\ntest result: ok. 1 passed; 0 failed;\n";
        let expected = vec!["failures:", "", "---- b ----", "left: 1", "", "failures:", "    b", ""];
        assert_eq!(failures(output), Some(expected));
        assert_eq!(failures("error: could not compile"), None);
    }

    #[test]
    fn a_run_is_judged_by_its_status_and_its_count() {
        let run = |success, output: &str| {
            let elapsed = Duration::ZERO;
            let outcome = judge_tests(&Finished { success, output: output.to_owned(), log: PathBuf::new(), elapsed });
            (outcome.passed, outcome.failed, outcome.complaint.is_some())
        };
        for (success, output, expected, reason) in [
            (true, "test result: ok. 2 passed; 0 failed;", (2, 0, false), "all passed"),
            (false, "test result: FAILED. 2 passed; 1 failed;", (2, 1, true), "one failed"),
            (true, "test result: ok. 0 passed; 0 failed;", (0, 1, true), "none ran"),
            (false, "error: could not compile `sizing`", (0, 1, true), "nothing compiled"),
            (false, "test result: ok. 2 passed; 0 failed;", (2, 1, true), "another target did not compile"),
        ] {
            assert_eq!(run(success, output), expected, "{reason}");
        }
    }

    #[test]
    fn the_last_line_adds_everything_up() {
        let rows = [
            (Group::Fmt, Outcome { passed: 1, ..Outcome::default() }, Duration::from_millis(900)),
            (
                Group::Deny,
                Outcome { passed: 1, note: Some("advisories not run"), ..Outcome::default() },
                Duration::from_secs(12),
            ),
            (Group::Unit, Outcome { passed: 40, failed: 2, ..Outcome::default() }, Duration::from_secs(130)),
        ];
        let expected = "group         result  passed  failed         time\n\
                        fmt           ok           1       0        0.9 s\n\
                        deny          ok           1       0         12 s  (advisories not run)\n\
                        unit          FAILED      40       2   2 min 10 s\n\
                        tests: 42 passed, 2 failed\n";
        assert_eq!(table(&rows), expected);
    }

    #[test]
    fn what_is_missing_fails_the_groups_that_need_it() {
        let missing = BTreeMap::from([(Need::Browser, "install chromium".to_owned())]);
        let outcome = run_group(Group::Browser, &missing);
        assert_eq!((outcome.passed, outcome.failed), (0, 1));
        assert_eq!(outcome.complaint.as_deref(), Some("install chromium"));
    }

    #[test]
    fn every_group_has_a_name_of_its_own() {
        for group in Group::ALL {
            assert_eq!(Group::named(group.name()), Some(*group));
        }
        assert_eq!(Group::named("all"), None);
    }
}
