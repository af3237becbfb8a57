//! How large the outputs are, compressed as they travel, and the budget they have to keep.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};
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

/// The files of one output, and what its budget is about.
#[derive(Debug)]
pub struct Report {
    /// What was built.
    pub title: &'static str,
    /// Each file with its size and the sum that it counts to.
    pub files: Vec<(String, Size, Option<&'static str>)>,
    /// The sums, and the gzipped bytes that each may have.
    pub sums: Vec<(&'static str, u64)>,
}

impl Report {
    /// The files that count to a sum, added up.
    #[must_use]
    pub fn total(&self, sum: &str) -> Size {
        let counting = self.files.iter().filter(|(_, _, counts_to)| *counts_to == Some(sum));
        counting.fold(Size::default(), |total, (_, size, _)| total.plus(*size))
    }

    /// A table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let names = self.files.iter().map(|(name, _, _)| name.as_str()).chain(self.sums.iter().map(|(sum, _)| *sum));
        let width = names.chain([self.title]).map(|name| name.chars().count()).max().unwrap_or(0);
        let mut table = format!("{:width$}  {:>9}  {:>9}  {:>9}\n", self.title, "raw", "gzip", "brotli");
        let row = |table: &mut String, name: &str, size: Size| {
            let _ = writeln!(
                table,
                "{name:width$}  {:>9}  {:>9}  {:>9}",
                grouped(size.raw),
                grouped(size.gzip),
                grouped(size.brotli)
            );
        };
        for (name, size, _) in &self.files {
            row(&mut table, name, *size);
        }
        for (sum, budget) in &self.sums {
            row(&mut table, sum, self.total(sum));
            let _ = writeln!(table, "{:width$}  {:>9}  {:>9}", "budget", "", grouped(*budget));
        }
        table
    }

    /// Whether the budgets are kept.
    ///
    /// # Errors
    /// Says which are exceeded, and by how much.
    pub fn check(&self) -> Result<()> {
        let mut over = Vec::new();
        for (sum, budget) in &self.sums {
            let gzip = self.total(sum).gzip;
            if gzip > *budget {
                over.push(format!(
                    "{}: the {sum} is {} bytes gzipped, {} over its budget of {} (budgets.json)",
                    self.title,
                    grouped(gzip),
                    grouped(gzip - budget),
                    grouped(*budget)
                ));
            }
        }
        if over.is_empty() { Ok(()) } else { bail!("{}", over.join("\n")) }
    }
}

/// Gzip, as small as it gets: it is done once and downloaded often.  The same input gives the same bytes.
pub(crate) fn gzip(content: &[u8]) -> Result<Vec<u8>> {
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
        Report {
            title: "page",
            files: vec![
                ("a.js".to_owned(), size(1_000), Some("first load")),
                ("b.txt".to_owned(), size(700), None),
                ("c.wasm".to_owned(), size(500), Some("later")),
            ],
            sums: vec![("first load", budget), ("later", 400)],
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
        assert_eq!(report(1_000).total(), Size { raw: 3_000, gzip: 1_000, brotli: 999 });
    }

    #[test]
    fn the_table_has_a_row_for_everything() {
        let expected = "page              raw       gzip     brotli\n\
                        a.js            3 000      1 000        999\n\
                        b.txt           2 100        700        699\n\
                        first load      3 000      1 000        999\n\
                        budget                     2 000\n";
        assert_eq!(report(2_000).table(), expected);
    }

    #[test]
    fn a_budget_may_be_reached_but_not_exceeded() {
        assert!(report(1_000).check().is_ok());
        let error = report(600).check().expect_err("400 over");
        assert_eq!(
            error.to_string(),
            "page: the first load is 1 000 bytes gzipped, 400 over its budget of 600 (budgets.json)"
        );
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
