//! How large the outputs are, compressed as they travel, and the budget they have to keep.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::paths;

/// The limits in budgets.json; all in bytes.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Everything a browser loads before anybody does anything on the page, gzipped.
    pub page_first_load_gzip: u64,
    /// What it loads as soon as somebody does, gzipped.
    pub page_later_gzip: u64,
    /// The routing playground: its script, its styles and its module, gzipped.
    pub playground_gzip: u64,
    /// The script that other pages load to embed the calculator, gzipped.
    pub embed_gzip: u64,
    /// The worker's script and WebAssembly, gzipped.
    pub worker_bundle_gzip: u64,
}

impl Budgets {
    /// Reads budgets.json.
    ///
    /// # Errors
    /// When it is missing, or not as described here.
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(paths::root().join("budgets.json")).context("cannot read budgets.json")?;
        serde_json::from_str(&text).context("budgets.json is not as expected")
    }
}

/// One file, as it is and as it travels; in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Uncompressed.
    pub raw: u64,
    /// Gzipped at the highest level.
    pub gzip: u64,
    /// Compressed by brotli at the highest level.
    pub brotli: u64,
}

impl Size {
    /// Compresses `content` to see.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub fn of(content: &[u8]) -> Result<Self> {
        Ok(Self { raw: length(content), gzip: length(&gzip(content)?), brotli: length(&brotli(content)?) })
    }

    fn plus(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzip: self.gzip + other.gzip, brotli: self.brotli + other.brotli }
    }
}

/// The files of one output, and what its budgets are about.
#[derive(Debug)]
pub struct Report {
    /// What was built.
    pub title: &'static str,
    /// Each file with its size.
    pub files: Vec<(String, Size)>,
    /// What has a budget.
    pub sums: Vec<Sum>,
}

/// Some of the files, which together have a budget.
#[derive(Debug)]
pub struct Sum {
    /// What they are together.
    pub name: &'static str,
    /// Which files they are.
    pub files: Vec<String>,
    /// The gzipped bytes that they may have.
    pub budget: u64,
}

impl Report {
    /// The files of a sum, added up.
    #[must_use]
    pub fn total(&self, sum: &Sum) -> Size {
        let counted = self.files.iter().filter(|(name, _)| sum.files.contains(name));
        counted.fold(Size::default(), |total, (_, size)| total.plus(*size))
    }

    /// A table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let budgets: Vec<String> = self.sums.iter().map(|sum| format!("budget, {}", sum.name)).collect();
        let names = self.files.iter().map(|(name, _)| name).chain(&budgets);
        let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
        let mut table = format!("{:width$}  {:>9}  {:>9}  {:>9}\n", self.title, "raw", "gzip", "brotli");
        let mut row = |name: &str, size: Size| {
            let _ = writeln!(
                table,
                "{name:width$}  {:>9}  {:>9}  {:>9}",
                grouped(size.raw),
                grouped(size.gzip),
                grouped(size.brotli)
            );
        };
        for (name, size) in &self.files {
            row(name, *size);
        }
        for sum in &self.sums {
            row(sum.name, self.total(sum));
        }
        for (name, sum) in budgets.iter().zip(&self.sums) {
            let _ = writeln!(table, "{name:width$}  {:>9}  {:>9}", "", grouped(sum.budget));
        }
        table
    }

    /// Whether every budget is kept, and every sum is about something.
    ///
    /// # Errors
    /// Says which is exceeded, and by how much.
    pub fn check(&self) -> Result<()> {
        let complaints: Vec<String> = self.sums.iter().filter_map(|sum| self.complaint(sum)).collect();
        ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
        Ok(())
    }

    fn complaint(&self, sum: &Sum) -> Option<String> {
        let gzip = self.total(sum).gzip;
        if gzip == 0 {
            return Some(format!("{}: the {} is missing", self.title, sum.name));
        }
        let over = gzip.saturating_sub(sum.budget);
        (over > 0).then(|| {
            format!(
                "{}: the {} is {} bytes gzipped, {} over its budget of {} (budgets.json)",
                self.title,
                sum.name,
                grouped(gzip),
                grouped(over),
                grouped(sum.budget)
            )
        })
    }
}

/// Gzip, as small as it gets: it is done once and downloaded often.  The same input gives the same bytes.
///
/// # Errors
/// When it cannot be compressed.
pub fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, content, &mut compressed)
        .context("cannot gzip")?;
    Ok(compressed)
}

/// Brotli at the highest level; the same input gives the same bytes.
pub(crate) fn brotli(mut content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut content, &mut compressed, &parameters).context("cannot compress by brotli")?;
    Ok(compressed)
}

fn length(content: &[u8]) -> u64 {
    u64::try_from(content.len()).unwrap_or(u64::MAX)
}

/// `1234567` → `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn report(budget: u64) -> Report {
        let size = |gzip| Size { raw: gzip * 3, gzip, brotli: gzip - 1 };
        let sum = |name, files: &[&str], budget| Sum {
            name,
            files: files.iter().map(|&name| name.to_owned()).collect(),
            budget,
        };
        Report {
            title: "page",
            files: vec![
                ("a.js".to_owned(), size(1_000)),
                ("b.txt".to_owned(), size(700)),
                ("c.js".to_owned(), size(9)),
            ],
            sums: vec![sum("first load", &["a.js", "c.js"], budget), sum("embed.js", &["b.txt"], 700)],
        }
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1 000"), (1_234_567, "1 234 567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn only_what_counts_is_added_up() {
        let report = report(1_009);
        let total = report.sums.first().map(|sum| report.total(sum));
        assert_eq!(total, Some(Size { raw: 3_027, gzip: 1_009, brotli: 1_007 }));
    }

    #[test]
    fn the_table_has_a_row_for_everything() {
        let expected = "page                      raw       gzip     brotli\n\
                        a.js                    3 000      1 000        999\n\
                        b.txt                   2 100        700        699\n\
                        c.js                       27          9          8\n\
                        first load              3 027      1 009      1 007\n\
                        embed.js                2 100        700        699\n\
                        budget, first load                 2 000\n\
                        budget, embed.js                     700\n";
        assert_eq!(report(2_000).table(), expected);
    }

    #[test]
    fn a_budget_may_be_reached_but_not_exceeded() {
        assert!(report(1_009).check().is_ok());
        let error = report(600).check().expect_err("409 over");
        assert_eq!(
            error.to_string(),
            "page: the first load is 1 009 bytes gzipped, 409 over its budget of 600 (budgets.json)"
        );
    }

    #[test]
    fn a_budget_about_nothing_is_a_mistake() {
        let mut report = report(2_000);
        report.files.retain(|(name, _)| name != "b.txt");
        assert_eq!(report.check().expect_err("no such file").to_string(), "page: the embed.js is missing");
    }

    #[test]
    fn compressed_files_are_whole_and_reproducible() {
        let text = "the same words, the same words, the same words".repeat(20).into_bytes();
        let (zipped, squeezed) = (gzip(&text).expect("gzip"), brotli(&text).expect("brotli"));
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(zipped.as_slice()).read_to_end(&mut back).expect("whole");
        assert_eq!(back, text);
        back.clear();
        brotli::Decompressor::new(squeezed.as_slice(), 4096).read_to_end(&mut back).expect("whole");
        assert_eq!(back, text);
        assert_eq!(gzip(&text).expect("gzip"), zipped);
        assert_eq!(
            Size::of(&text).expect("both"),
            Size { raw: length(&text), gzip: length(&zipped), brotli: length(&squeezed) }
        );
    }

    #[test]
    fn the_committed_budgets_are_read() {
        assert!(Budgets::read().expect("budgets.json is there").page_first_load_gzip > 0);
    }
}
