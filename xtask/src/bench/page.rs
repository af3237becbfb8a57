//! What the page costs those who open and use it on a phone: in a slow network, on a slow processor.

use std::path::Path;

use anyhow::{Result, bail};

use super::{Verdict, machine, quantile};
use crate::build::Part;
use crate::process::{self, cargo};
use crate::setup::{self, Need};

/// The views on which keys are pressed.
pub const VIEWS: [&str; 8] = ["pool", "queue", "memory", "nodes", "storage", "growth", "routing", "advisor"];

/// Milliseconds from a key to its verdict and key figures, drawn and laid out, for 95 of 100 keys.
const KEY: f64 = 16.0;

/// Milliseconds from a key to all that follows it, the pause that is waited for included, for 95 of 100 keys.
const DETAILS: f64 = 400.0;

/// What is measured of a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// What comes over the network before anybody does anything, gzipped, with heads.
    Bytes,
    /// The first contentful paint.
    Paint,
    /// Until the program has the fields: a key pressed then is taken at once.
    Live,
    /// How far things move by themselves, over the take-over by both parts.
    Shift,
    /// From a key pressed as soon as fields are live to its result.
    FirstKey,
    /// From opening a link to its result.
    Link,
}

impl Figure {
    const ALL: [Self; 6] = [Self::Bytes, Self::Paint, Self::Live, Self::Shift, Self::FirstKey, Self::Link];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Its name, how to write it, and its limit, where it has one.
    fn row(self) -> (&'static str, Unit, f64) {
        match self {
            Self::Bytes => ("first load", Unit::Kilobytes, 150_000.0),
            Self::Paint => ("first contentful paint", Unit::Milliseconds, 700.0),
            Self::Live => ("fields live", Unit::Milliseconds, 2_000.0),
            Self::Shift => ("layout shift", Unit::Share, 0.02),
            Self::FirstKey => ("first key to result", Unit::Milliseconds, f64::INFINITY),
            Self::Link => ("link to result", Unit::Milliseconds, f64::INFINITY),
        }
    }
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Kilobytes,
    Milliseconds,
    Share,
}

impl Unit {
    fn write(self, figure: f64) -> String {
        match self {
            _ if figure.is_infinite() => String::new(),
            Self::Kilobytes => format!("{:.1} kB", figure / 1e3),
            Self::Milliseconds => format!("{figure:.0} ms"),
            Self::Share => format!("{figure:.3}"),
        }
    }
}

/// Measures; the answer is whether every limit is kept.
pub(super) fn run() -> Result<bool> {
    setup::ensure(&[Part::Page.needs(), &[Need::Browser]].concat())?;
    Part::Page.ensure()?;
    let measured = process::check(
        "measure the page in the browser",
        cargo().args(["test", "--package", "tests", "--test", "bench_page", "--", "--ignored", "--nocapture"]),
    )?;
    let samples = Samples::printed(&measured.output);
    let missing = samples.missing();
    if !missing.is_empty() {
        bail!("not measured: {}\n{}", missing.join(", "), measured.tail());
    }
    println!("\n{}\n{}", machine(&[Path::new("chromium")]), samples.table());
    Ok(samples.is_kept())
}

/// What was printed: of which site or what kind, what, and a number.
struct Samples(Vec<(String, String, f64)>);

impl Samples {
    /// Lines of `page`, a site or a kind, a name and a number, with tabs between.
    fn printed(output: &str) -> Self {
        let sample = |line: &str| {
            let mut parts = line.get(line.find("page\t")?..)?.split('\t').skip(1);
            let (kind, name) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            Some((kind, name, parts.next()?.trim().parse().ok()?))
        };
        Self(output.lines().filter_map(sample).collect())
    }

    /// The value that this share of the samples, in percent, does not exceed.
    fn quantile(&self, kind: &str, name: &str, percent: usize) -> f64 {
        let samples = self.0.iter().filter(|(own, called, _)| own == kind && called == name);
        quantile(samples.map(|(_, _, sample)| *sample), percent)
    }

    fn missing(&self) -> Vec<String> {
        let figures = Figure::ALL.iter().flat_map(|figure| ["page", "bare"].map(|site| (site, figure.name())));
        let keys = VIEWS.iter().flat_map(|view| ["key result", "key painted", "key details"].map(|kind| (kind, *view)));
        let wanted = figures.chain(keys).chain(["key result", "key painted"].map(|kind| (kind, NOBODY)));
        wanted.filter(|(k, n)| self.quantile(k, n, 50).is_nan()).map(|(k, n)| format!("{n} ({k})")).collect()
    }

    fn is_kept(&self) -> bool {
        let key = |view: &str| {
            self.quantile("key result", view, 95) <= KEY && self.quantile("key details", view, 95) <= DETAILS
        };
        Figure::ALL.iter().all(|figure| self.quantile("page", figure.name(), 50) <= figure.row().2)
            && VIEWS.iter().all(|view| key(view))
    }

    fn table(&self) -> String {
        let mut text = format!("{:24} {:>10} {:>10} {:>10} {:>7}\n", "what", "median", "limit", "baseline", "ratio");
        for figure in Figure::ALL {
            let (name, unit, limit) = figure.row();
            let [own, bare] = ["page", "bare"].map(|site| self.quantile(site, name, 50));
            let ratio = if bare > 0.0 { format!("{:.2}", own / bare) } else { String::new() };
            let mark = Verdict::of(own, limit, limit).mark();
            let [own, limit, bare] = [own, limit, bare].map(|figure| unit.write(figure));
            text.push_str(&format!("{name:24} {own:>10} {limit:>10} {bare:>10} {ratio:>7}{mark}\n"));
        }
        for (_, name, bytes) in self.0.iter().filter(|(kind, _, _)| kind == "file") {
            text.push_str(&format!("  {:>8.1} kB  {name}\n", bytes / 1e3));
        }
        text.push_str(
            "1.6 Mbit/s, 150 ms, a processor four times slower; a fresh profile for each load.  The baseline is the\n\
             same page with nothing drawn at build time, measured in the same run.\n\n",
        );
        text.push_str(&format!(
            "{:15} {:>8} {:>8} {:>8} {:>8} {:>12} {:>12} {:>12}\n",
            "key to result", "p50 ms", "p95 ms", "limit ms", "ratio", "painted p50", "painted p95", "details p95"
        ));
        let least = self.quantile("key result", NOBODY, 50);
        for name in VIEWS.into_iter().chain([NOBODY]) {
            let [p50, p95] = [50, 95].map(|percent| self.quantile("key result", name, percent));
            let [painted50, painted95] = [50, 95].map(|percent| self.quantile("key painted", name, percent));
            let details = self.quantile("key details", name, 95);
            let is_late = details > DETAILS;
            let mark = if p95 <= KEY && !is_late { "" } else { Verdict::Over.mark() };
            let details = if details.is_nan() { String::new() } else { format!("{details:.0}") };
            let ratio = p50 / least;
            text.push_str(&format!(
                "{name:15} {p50:>8.1} {p95:>8.1} {KEY:>8.0} {ratio:>8.1} {painted50:>12.1} {painted95:>12.1} {details:>12}{mark}\n"
            ));
        }
        text.push_str(&format!(
            "From the key to the end of drawing, style and layout of verdict and key figures; painted is after the next\n\
             frame, which comes when the display is ready; the details follow when typing pauses, and may take {DETAILS} ms\n\
             with the pause.  The baseline of the ratio is a key in a field that nobody listens to.\n",
        ));
        text
    }
}

/// The field that keys are pressed in to see what a key costs without a program.
const NOBODY: &str = "nobody listens";

#[cfg(test)]
mod tests {
    use super::*;

    /// Every figure as it has to be, the keys of a view by hand.
    fn printed(bytes: f64, key: f64) -> Samples {
        let mut output = "running 1 test\ntest page ... page\tfile\tindex.html\t1000\n".to_owned();
        for figure in Figure::ALL {
            let value = if figure == Figure::Bytes { bytes } else { 0.01 };
            output.push_str(&format!("page\tpage\t{0}\t{value}\npage\tbare\t{0}\t0.02\n", figure.name()));
        }
        for view in VIEWS {
            for kind in ["result", "painted", "details"] {
                output.push_str(&format!("page\tkey {kind}\t{view}\t{key}\n"));
            }
        }
        output.push_str("page\tkey result\tnobody listens\t5\npage\tkey painted\tnobody listens\t9\npage\tbroken\n");
        Samples::printed(&output)
    }

    #[test]
    fn limits_are_held() {
        for (bytes, key, is_kept, over) in [
            (150_000.0, 16.0, true, 0),
            (150_001.0, 16.0, false, 1),
            (100_000.0, 16.1, false, 8),
            (f64::NAN, 1.0, false, 1),
        ] {
            let samples = printed(bytes, key);
            assert_eq!(samples.is_kept(), is_kept, "{bytes} bytes, {key} ms");
            assert_eq!(samples.table().matches("OVER").count(), over, "{bytes} bytes, {key} ms");
        }
    }

    #[test]
    fn every_figure_has_to_be_measured() {
        assert_eq!(printed(1.0, 1.0).missing(), [""; 0]);
        let nothing = Samples(Vec::new());
        assert_eq!(nothing.missing().len(), 2 * Figure::ALL.len() + 3 * VIEWS.len() + 2);
        assert!(!nothing.is_kept());
    }
}
