//! What a plan costs, on the host and in the browser.

use std::path::Path;

use anyhow::{Result, bail};

use super::{Printed, Verdict, machine, printed};
use crate::build::{self, Part};
use crate::process::{self, cargo};
use crate::setup::{self, Need};

/// Microseconds that a plan may take, and that the longest recurrence may.
const PLAN_ON_THE_HOST: f64 = 200.0;
const PLAN_IN_THE_BROWSER: f64 = 1_000.0;
const ERLANG: f64 = 1_000.0;

/// The presets whose plans are measured in each place, by their ids.
pub const PLANS: [&str; 4] = ["ticketing", "growing-service", "audit-api", "secret-store"];
/// What is measured there too; its name goes on with the number of servers.
const ERLANG_NAME: &str = "Erlang-C";

/// One figure, in microseconds.
#[derive(Debug, PartialEq)]
struct Row {
    place: &'static str,
    name: String,
    median: f64,
    baseline: f64,
    limit: f64,
}

/// Measures; the answer is whether every limit is kept.
pub(super) fn run() -> Result<bool> {
    setup::ensure(&[Part::Page.needs(), &[Need::Browser]].concat())?;
    let host = process::check(
        "measure on the host",
        cargo().args(["run", "--release", "--package", "formats", "--example", "bench_sizing"]),
    )?;
    build::bench::sizing()?;
    let browser = process::check(
        "measure in the browser",
        cargo().args(["test", "--package", "tests", "--test", "bench", "--", "--ignored", "--nocapture"]),
    )?;
    let mut rows = rows("host", &host.output, PLAN_ON_THE_HOST);
    rows.extend(self::rows("browser", &browser.output, PLAN_IN_THE_BROWSER));
    let missing = missing(&rows);
    if !missing.is_empty() {
        bail!("not measured: {}\n{}\n{}", missing.join(", "), host.tail(), browser.tail());
    }
    println!("\n{}\n{}", machine(&[Path::new("rustc"), Path::new("chromium")]), table(&rows));
    Ok(rows.iter().all(Row::is_kept))
}

impl Row {
    fn is_kept(&self) -> bool {
        self.median <= self.limit
    }

    fn is_erlang(&self) -> bool {
        self.name.starts_with(ERLANG_NAME)
    }
}

/// The figures among what a bench printed, each with its limit.
fn rows(place: &'static str, output: &str, plan: f64) -> Vec<Row> {
    let row = |Printed { name, nanoseconds, baseline }: Printed| {
        let limit = if name.starts_with(ERLANG_NAME) { ERLANG } else { plan };
        Row { place, name, median: nanoseconds / 1e3, baseline: baseline / 1e3, limit }
    };
    printed(output).into_iter().map(row).collect()
}

/// The cases without a figure, each with its place.
fn missing(rows: &[Row]) -> Vec<String> {
    let is_there = |place: &str, name: &str| {
        rows.iter().any(|row| row.place == place && (row.name == name || row.is_erlang() && name == ERLANG_NAME))
    };
    (["host", "browser"].iter())
        .flat_map(|place| PLANS.iter().chain([&ERLANG_NAME]).map(move |name| (*place, *name)))
        .filter(|(place, name)| !is_there(place, name))
        .map(|(place, name)| format!("{name} ({place})"))
        .collect()
}

fn table(rows: &[Row]) -> String {
    let name = |row: &Row| if row.is_erlang() { row.name.clone() } else { format!("plan: {}", row.name) };
    let width = rows.iter().map(|row| name(row).chars().count()).max().unwrap_or_default();
    let mut text = format!(
        "{:8} {:width$} {:>10} {:>10} {:>10} {:>7}\n",
        "where", "what", "median µs", "limit µs", "baseline", "ratio"
    );
    for row in rows {
        text.push_str(&format!(
            "{:8} {:width$} {:>10.1} {:>10.0} {:>10.1} {:>7.2}{}\n",
            row.place,
            name(row),
            row.median,
            row.limit,
            row.baseline,
            row.median / row.baseline,
            Verdict::of(row.median, row.limit, row.limit).mark(),
        ));
    }
    text.push_str(
        "A plan is everything over ten years, month by month; its baseline is writing that plan as JSON.\n\
         The baseline of Erlang-C is its bare recurrence.  Both are measured in the same place in the same run.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_limits_of_their_cases() {
        let rows = rows("host", "bench\tticketing\t150000\t75000\nbench\tErlang-C\t1200000\t1000000\n", 200.0);
        let row =
            |name: &str, median, baseline, limit| Row { place: "host", name: name.to_owned(), median, baseline, limit };
        assert_eq!(rows, [row("ticketing", 150.0, 75.0, 200.0), row("Erlang-C", 1_200.0, 1_000.0, 1_000.0)]);
        assert!(rows.iter().map(Row::is_kept).eq([true, false]));
        assert_eq!(table(&rows).matches("OVER").count(), 1);
    }

    #[test]
    fn every_case_has_to_be_measured_in_both_places() {
        let all = |place| {
            PLANS.into_iter().chain(["Erlang-C, c = 100,000"]).map(move |name| Row {
                place,
                name: name.to_owned(),
                median: 1.0,
                baseline: 1.0,
                limit: 2.0,
            })
        };
        let mut rows: Vec<Row> = all("host").chain(all("browser")).collect();
        assert_eq!(missing(&rows), [""; 0]);
        rows.retain(|row| row.place == "host" || !row.is_erlang() && row.name != "audit-api");
        assert_eq!(missing(&rows), ["audit-api (browser)", "Erlang-C (browser)"]);
        assert_eq!(missing(&[]).len(), 10);
    }
}
