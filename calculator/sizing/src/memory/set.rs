//! What a setting is set to, and how that is written for a server of a version.

use std::borrow::Cow;

use crate::choice::PgVersion;
use crate::decimal;
use crate::memory::guc::{Context, Guc, GucKind, GucUnit, Span};
use crate::quantity::{Bytes, Count, Millis, Quantity, Ratio, approximate};

/// What a setting is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Set {
    /// So many bytes.
    Bytes(u64),
    /// -1: the server's own choice, which comes to so many bytes.
    Auto(u64),
    /// A whole number.
    Count(u64),
    /// A number.
    Real(f64),
    /// A time.
    Millis(u64),
    /// A word, `on` and `off` included, or a text.
    Word(&'static str),
}

impl Set {
    /// As a quantity, whatever a server would take.
    pub(super) fn quantity(self) -> Quantity {
        match self {
            Self::Bytes(bytes) | Self::Auto(bytes) => Bytes(bytes).into(),
            Self::Count(count) => Count(count).into(),
            Self::Real(real) => Ratio::new(real).into(),
            Self::Millis(millis) => Millis::new(approximate(millis)).into(),
            Self::Word(word) => Quantity::Name(word.to_owned()),
        }
    }

    /// The same within what a server takes, and the line for it; `None` where the version does not know the setting or
    /// the word.
    pub(super) fn written(self, name: &str, version: PgVersion) -> Option<(Self, Setting)> {
        let guc = Guc::find(name)?;
        let span = guc.in_version(version)?;
        let (set, text) = match (self, span.kind) {
            (Self::Word(word), GucKind::Bool { .. }) => (self, word.into()),
            (Self::Word(word), GucKind::Enum { words, .. }) if words.contains(&word) => (self, word.into()),
            (Self::Word(word), GucKind::String { .. }) => (self, quoted(word).into()),
            (Self::Real(real), GucKind::Real { min, max, .. }) => {
                let real = real.max(min).min(max);
                (Self::Real(real), decimal::write(real).into())
            }
            (Self::Auto(_), GucKind::Integer { .. }) => (self, "-1".into()),
            (Self::Bytes(number) | Self::Count(number) | Self::Millis(number), GucKind::Integer { min, max, .. }) => {
                let each = guc.unit.bytes().or(guc.unit.millis()).unwrap_or(1);
                let whole = i32::try_from(number / each).unwrap_or(i32::MAX).max(min).min(max);
                let number = u64::try_from(whole).unwrap_or(0).saturating_mul(each);
                let set = match self {
                    Self::Bytes(_) => Self::Bytes(number),
                    Self::Millis(_) => Self::Millis(number),
                    _ => Self::Count(number),
                };
                (set, with_unit(whole, guc.unit).into())
            }
            _ => return None,
        };
        Some((set, Setting { guc, span, text }))
    }
}

/// A line of `postgresql.conf`, with what the server's own table says about the setting.
#[derive(Debug, Clone)]
pub struct Setting {
    guc: &'static Guc,
    span: &'static Span,
    text: Cow<'static, str>,
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.text == other.text
    }
}

impl Setting {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.guc.name
    }

    /// The value as it is written in `postgresql.conf`: `2GB`, `5376kB`, `on`, `'%m '`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What applying it takes.
    #[must_use]
    pub const fn context(&self) -> Context {
        self.span.context
    }

    /// What a newly made server of the version has.
    #[must_use]
    pub fn default_text(&self) -> String {
        match self.span.kind {
            GucKind::Bool { default } => if default { "on" } else { "off" }.to_owned(),
            GucKind::Integer { default, .. } => with_unit(default, self.guc.unit),
            GucKind::Real { default, .. } => decimal::write(default),
            GucKind::Enum { default, .. } => default.to_owned(),
            GucKind::String { default } => quoted(default),
        }
    }

    /// The smallest and the largest value the version takes; `None` where it is no number.
    #[must_use]
    pub fn range(&self) -> Option<(String, String)> {
        match self.span.kind {
            GucKind::Integer { min, max, .. } => Some((with_unit(min, self.guc.unit), with_unit(max, self.guc.unit))),
            // Without a bound the server shows the largest number there is.
            GucKind::Real { min, max, .. } if max >= f64::MAX => Some((decimal::write(min), "1.79769e+308".to_owned())),
            GucKind::Real { min, max, .. } => Some((decimal::write(min), decimal::write(max))),
            GucKind::Bool { .. } | GucKind::Enum { .. } | GucKind::String { .. } => None,
        }
    }

    /// It is not what a newly made server has.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.text != self.default_text()
    }
}

impl Context {
    /// The word used in the plan's JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Reload => "reload",
            Self::Session => "session",
        }
    }
}

fn quoted(text: &str) -> String {
    ["'", &text.replace('\'', "''"), "'"].concat()
}

/// A number in the largest unit in which it is whole, as the server shows it.
fn with_unit(number: i32, unit: GucUnit) -> String {
    const SIZES: &[(&str, u64)] = &[("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10), ("B", 1)];
    const TIMES: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];
    let (units, each) = match (unit.bytes(), unit.millis()) {
        (Some(each), _) => (SIZES, each),
        (_, Some(each)) => (TIMES, each),
        (None, None) => (&[][..], 1),
    };
    // Zero and -1 have no unit: they stand for something else.
    let number = match u64::try_from(number) {
        Ok(number) if number > 0 => number.saturating_mul(each),
        _ => return number.to_string(),
    };
    match units.iter().find(|(_, size)| number.is_multiple_of(*size)) {
        Some((word, size)) => [&(number / size).to_string(), *word].concat(),
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_server_takes_it() {
        use PgVersion::{V14, V15, V17, V18};
        let rows: &[(&str, PgVersion, Set, Option<&str>, &str)] = &[
            ("shared_buffers", V17, Set::Bytes(2 << 30), Some("2GB"), "the largest unit"),
            ("shared_buffers", V17, Set::Bytes(1), Some("128kB"), "the least there is"),
            ("shared_buffers", V17, Set::Bytes(u64::MAX), Some("8589934584kB"), "the most there is"),
            ("work_mem", V17, Set::Bytes(20_560 << 10), Some("20560kB"), "no whole MB"),
            ("wal_buffers", V17, Set::Auto(16 << 20), Some("-1"), "the server's own choice"),
            ("log_temp_files", V17, Set::Bytes(0), Some("0"), "zero has no unit"),
            ("checkpoint_timeout", V17, Set::Millis(900_000), Some("15min"), "minutes"),
            ("log_rotation_age", V17, Set::Millis(86_400_000), Some("1d"), "a day"),
            ("random_page_cost", V17, Set::Real(1.1), Some("1.1"), "a fraction"),
            ("hash_mem_multiplier", V17, Set::Real(0.5), Some("1"), "never below 1"),
            ("max_parallel_workers", V17, Set::Count(5_000), Some("1024"), "never above 1,024"),
            ("jit", V17, Set::Word("off"), Some("off"), "a switch"),
            ("log_line_prefix", V17, Set::Word("%m "), Some("'%m '"), "a text stands in quotes"),
            ("wal_compression", V14, Set::Word("on"), Some("on"), "a switch before 15"),
            ("wal_compression", V15, Set::Word("lz4"), None, "not every server was built with it"),
            ("io_method", V17, Set::Word("worker"), None, "unknown before 18"),
            ("io_method", V18, Set::Word("worker"), Some("worker"), "known"),
            ("no_such_setting", V18, Set::Count(1), None, "never heard of"),
            ("work_mem", V18, Set::Word("big"), None, "no number"),
        ];
        for (name, version, set, text, reason) in rows {
            let written = set.written(name, *version);
            assert_eq!(written.as_ref().map(|(_, setting)| setting.text()), *text, "{name}: {reason}");
        }
        let (_, setting) = Set::Bytes(8 << 20).written("work_mem", V18).unwrap();
        assert_eq!(setting.default_text(), "4MB");
        assert_eq!(setting.range(), Some(("64kB".to_owned(), "2147483647kB".to_owned())));
        let (_, cost) = Set::Real(1.1).written("random_page_cost", V18).unwrap();
        assert_eq!(cost.range(), Some(("0".to_owned(), "1.79769e+308".to_owned())));
        assert_eq!(setting.context(), Context::Session);
        assert!(setting.is_changed());
    }
}
