//! Bench: what must be fast, measured against a limit and against a baseline in the same run.

mod chaos;
mod origin;
mod page;
mod router;
mod routing;
mod sizing;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::Result;

use crate::load;
use crate::process;

pub use chaos::short as short_chaos;
pub use page::{Figure as PageFigure, VIEWS as PAGE_VIEWS};
pub use sizing::PLANS;

/// Something that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bench {
    /// The plan of each preset, and the slowest formula in it.
    Sizing,
    /// A decision of the router.
    Routing,
    /// The worker in its runtime, beside the least that a worker can do.
    Router,
    /// The worker while clusters fail, request by request.
    Chaos,
    /// The page as it loads and as keys are pressed, slowly.
    Page,
}

impl Bench {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Sizing, Self::Routing, Self::Router, Self::Chaos, Self::Page];

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|bench| bench.name() == name)
    }

    /// What the command line calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sizing => "sizing",
            Self::Routing => "routing",
            Self::Router => "router",
            Self::Chaos => "chaos",
            Self::Page => "page",
        }
    }
}

/// Measures; the answer is whether every limit is kept.
///
/// # Errors
/// When something needed is missing, or does not build, or does not run.
pub fn run(benches: &[Bench]) -> Result<bool> {
    let mut is_kept = true;
    for bench in benches {
        is_kept &= match bench {
            Bench::Sizing => sizing::run()?,
            Bench::Routing => routing::run()?,
            Bench::Router => router::run()?,
            Bench::Chaos => chaos::run()?,
            Bench::Page => page::run()?,
        };
    }
    Ok(is_kept)
}

/// One figure as a bench printed it.
#[derive(Debug, Clone, PartialEq)]
struct Printed {
    name: String,
    nanoseconds: f64,
    baseline: f64,
}

/// The figures among what a bench printed: `bench`, a name, nanoseconds, and those of its baseline, with tabs between.
fn printed(output: &str) -> Vec<Printed> {
    let figure = |line: &str| {
        let mut parts = line.get(line.find("bench\t")?..)?.split('\t').skip(1);
        let name = parts.next()?.to_owned();
        let mut number = || parts.next()?.trim().parse::<f64>().ok();
        Some(Printed { name, nanoseconds: number()?, baseline: number()? })
    };
    output.lines().filter_map(figure).collect()
}

/// How a figure stands to what it should and what it has to keep; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Kept,
    GoalMissed,
    Over,
}

impl Verdict {
    /// Of a figure that should be low.  A hair's breadth for the arithmetic; what is no number keeps nothing.
    fn of(figure: f64, goal: f64, limit: f64) -> Self {
        let keeps = |bound: f64| figure <= bound + 1e-9;
        match (keeps(goal), keeps(limit)) {
            (true, _) => Self::Kept,
            (false, true) => Self::GoalMissed,
            (false, false) => Self::Over,
        }
    }

    /// What stands behind the figure.
    fn mark(self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::GoalMissed => "  goal missed",
            Self::Over => "  OVER ITS LIMIT",
        }
    }
}

/// The value that this share of them, in percent, does not exceed (nearest rank); of nothing, no number.
fn quantile(values: impl Iterator<Item = f64>, percent: usize) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(load::nearest_rank(values.len(), percent)).copied().unwrap_or(f64::NAN)
}

/// What it was measured on, and the versions that these programs say they have.
fn machine(programs: &[&Path]) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(env::consts::ARCH);
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let mut text = format!("{}, {cores} cores", model.trim_start_matches([':', '\t', ' ']));
    for program in programs {
        let version = process::answer(Command::new(program).arg("--version")).unwrap_or_default();
        text.push_str(&format!(", {version}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    #[test]
    fn figures_are_found_in_what_was_printed() {
        let output = "running 1 test\ntest a ... bench\tticketing\t150000\t75000\nbench\tErlang-C\t1200000\t1000000\n\
                      bench\nbench\tbroken\tx\t1\n";
        let figure = |name: &str, nanoseconds, baseline| Printed { name: name.to_owned(), nanoseconds, baseline };
        assert_eq!(printed(output), [figure("ticketing", 150_000.0, 75_000.0), figure("Erlang-C", 1.2e6, 1e6)]);
    }

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        for (values, percent, expected) in [
            ([3.0, 1.0, 2.0].as_slice(), 50, 2.0),
            (&[4.0, 1.0, 2.0, 3.0], 25, 1.0),
            (&[4.0, 1.0, 2.0, 3.0], 50, 2.0),
            (&[4.0, 1.0, 2.0, 3.0], 75, 3.0),
            (&[5.0], 50, 5.0),
        ] {
            assert_eq!(quantile(values.iter().copied(), percent).total_cmp(&expected), Ordering::Equal, "{values:?}");
        }
        assert!(quantile([].into_iter(), 50).is_nan());
    }

    #[test]
    fn every_bench_has_a_name_of_its_own() {
        for bench in Bench::ALL {
            assert_eq!(Bench::named(bench.name()), Some(*bench));
        }
    }
}
