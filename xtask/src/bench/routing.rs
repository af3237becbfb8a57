//! What a decision of the router costs.

use std::path::Path;

use anyhow::{Result, bail};

use super::{Printed, Verdict, machine, printed};
use crate::process::{self, cargo};

/// What is measured, and the nanoseconds that a decision may take there.
const LIMITS: [(&str, f64); 2] = [("decide, 5 clusters", 300.0), ("decide, 50 clusters", 2_000.0)];

/// Measures; the answer is whether every limit is kept.
pub(super) fn run() -> Result<bool> {
    let finished = process::check(
        "measure decisions",
        cargo().args(["run", "--release", "--package", "routing", "--example", "bench_routing"]),
    )?;
    let rows = rows(&finished.output);
    let missing: Vec<&str> = LIMITS
        .iter()
        .filter(|(name, _)| rows.iter().all(|(row, _)| row.name != *name))
        .map(|(name, _)| *name)
        .collect();
    if !missing.is_empty() {
        bail!("not measured: {}\n{}", missing.join(", "), finished.tail());
    }
    println!("\n{}\n{}", machine(&[Path::new("rustc")]), table(&rows));
    Ok(rows.iter().all(is_kept))
}

/// The figures that have a limit, with it.
fn rows(output: &str) -> Vec<(Printed, f64)> {
    let limit = |row: &Printed| LIMITS.iter().find(|(name, _)| *name == row.name).map(|(_, limit)| *limit);
    printed(output).into_iter().filter_map(|row| limit(&row).map(|limit| (row, limit))).collect()
}

fn is_kept((row, limit): &(Printed, f64)) -> bool {
    row.nanoseconds <= *limit
}

fn table(rows: &[(Printed, f64)]) -> String {
    let mut text = format!("{:22} {:>10} {:>10} {:>10} {:>7}\n", "what", "median ns", "limit ns", "baseline", "ratio");
    for row in rows {
        let (Printed { name, nanoseconds, baseline }, limit) = row;
        let ratio = nanoseconds / baseline;
        let mark = Verdict::of(*nanoseconds, *limit, *limit).mark();
        text.push_str(&format!("{name:22} {nanoseconds:>10.0} {limit:>10.0} {baseline:>10.0} {ratio:>7.2}{mark}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_decision_has_its_limit() {
        let rows =
            rows("bench\tdecide, 5 clusters\t250\t100\nbench\tdecide, 50 clusters\t2500\t1000\nbench\tother\t1\t1\n");
        assert_eq!(rows.iter().map(|(_, limit)| *limit).collect::<Vec<_>>(), [300.0, 2_000.0]);
        assert!(rows.iter().map(is_kept).eq([true, false]));
        assert_eq!(table(&rows).matches("OVER").count(), 1);
    }
}
