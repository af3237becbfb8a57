//! What an export would change: its settings against those of an imported file, or against the software's defaults.

use sizing::memory::guc::Guc;

use super::guc_value::{self, GucValue};
use super::{Given, Position};
use crate::export::{Document, Takes};

/// A setting of either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// How the sides differ.
    pub how: How,
    /// What it is in the imported file, or the software's default where the file does not have it.
    pub from: Option<String>,
    /// What the export gives it.
    pub to: Option<String>,
    /// What it takes for a change to have an effect, where that is known.
    pub takes: Option<Takes>,
    /// Where the imported file has it.
    pub at: Option<Position>,
}

/// How two files differ in a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Both mean the same.
    Same,
    /// They mean different things.
    Changed,
    /// The export alone has it, and it differs from the default, or that is not known.
    Added,
    /// The imported file alone has it.
    OnlyImported,
}

/// The settings of an export in its order, then those that the imported file alone has.
///
/// Without an imported setting, the export is compared with the defaults.
#[must_use]
pub fn compare(document: &Document, imported: &[Given]) -> Vec<Difference> {
    let mut differences = Vec::new();
    let exported = || document.lines.iter().filter_map(|line| line.setting.as_ref());
    for setting in exported() {
        let old = imported.iter().rev().find(|given| is_same_name(&given.name, &setting.name));
        let from = old.map(|given| given.text.clone()).or_else(|| setting.default.clone());
        let is_same = from.as_deref().is_some_and(|from| means_the_same(&setting.name, from, &setting.value));
        let is_there = old.is_some() || (imported.is_empty() && from.is_some());
        let how = match (is_same, is_there) {
            (true, _) => How::Same,
            (false, true) => How::Changed,
            (false, false) => How::Added,
        };
        let to = Some(setting.value.clone());
        let at = old.map(|given| given.at);
        differences.push(Difference { name: setting.name.clone(), how, from, to, takes: setting.takes, at });
    }
    for given in imported {
        if !exported().any(|setting| is_same_name(&given.name, &setting.name)) {
            let (name, from, at) = (given.name.to_string(), Some(given.text.clone()), Some(given.at));
            differences.push(Difference { name, how: How::OnlyImported, from, to: None, takes: None, at });
        }
    }
    differences
}

fn is_same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether two texts of a setting mean the same: by `PostgreSQL`'s rules where it is one of its settings, else by the
/// letters.
fn means_the_same(name: &str, one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let Some(guc) = Guc::find_any_case(name) else { return one.eq_ignore_ascii_case(other) };
    let read = |text| guc_value::read(guc, None, text).ok();
    match (read(one), read(other)) {
        (Some(GucValue::Real(one)), Some(GucValue::Real(other))) => one.to_bits() == other.to_bits(),
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::export::{Assigned, Line};

    fn document(settings: &[(&str, &str, Option<&str>)]) -> Document {
        let line = |(name, value, default): &(&str, &str, Option<&str>)| Line {
            text: format!("{name} = {value}"),
            setting: Some(Assigned {
                name: (*name).to_owned(),
                value: (*value).to_owned(),
                default: default.map(str::to_owned),
                takes: Some(Takes::Reload),
            }),
        };
        Document { lines: settings.iter().map(line).collect() }
    }

    fn given(name: &'static str, text: &str) -> Given {
        Given { name: Cow::Borrowed(name), text: text.to_owned(), at: Position { line: 3, column: 1 } }
    }

    #[track_caller]
    fn check(
        name: &'static str,
        exported: &str,
        imported: Option<&str>,
        default: Option<&str>,
        how: How,
        reason: &str,
    ) {
        let imported: Vec<Given> = imported.iter().map(|text| given(name, text)).collect();
        let found = compare(&document(&[(name, exported, default)]), &imported);
        assert_eq!(found.iter().map(|difference| difference.how).collect::<Vec<_>>(), [how], "{reason}");
    }

    #[test]
    fn values() {
        check("shared_buffers", "1GB", Some("1024MB"), None, How::Same, "two units");
        check("shared_buffers", "1GB", Some("131072"), None, How::Same, "blocks");
        check("shared_buffers", "1GB", Some("131073"), None, How::Changed, "a block more");
        check("jit", "on", Some("true"), None, How::Same, "two words for a switch");
        check("jit", "off", None, Some("on"), How::Changed, "against the default");
        check("jit", "on", None, Some("on"), How::Same, "the default");
        check("random_page_cost", "1.10", Some("1.1"), None, How::Same, "decimals");
        check("wal_compression", "lz4", Some("LZ4"), None, How::Same, "letters of a word");
        check("log_line_prefix", "%m", Some("%M"), None, How::Changed, "letters of a text");
        check("pool_mode", "transaction", Some("Transaction"), None, How::Same, "PgBouncer's words");
        check("default_pool_size", "20", Some("25"), None, How::Changed, "PgBouncer's numbers");
    }

    #[test]
    fn what_one_side_lacks() {
        let document =
            document(&[("work_mem", "4MB", Some("4MB")), ("jit", "off", Some("on")), ("port", "5433", None)]);
        let found = compare(&document, &[given("wal_level", "logical")]);
        let hows: Vec<(&str, How)> = found.iter().map(|difference| (&*difference.name, difference.how)).collect();
        let expected =
            [("work_mem", How::Same), ("jit", How::Added), ("port", How::Added), ("wal_level", How::OnlyImported)];
        assert_eq!(hows, expected);
        assert_eq!(found[1].from.as_deref(), Some("on"));
        assert_eq!(found[3].at, Some(Position { line: 3, column: 1 }));
    }
}
