//! The settings of `PostgreSQL` by version: what each one is, what it may be, and what applying it takes.

use super::guc_table::TABLE;
use crate::choice::PgVersion;

/// A setting, as `pg_settings` of the five majors describes it.
#[derive(Debug)]
pub struct Guc {
    /// Its name.
    pub name: &'static str,
    /// The unit of a number without one.
    pub unit: GucUnit,
    /// What it is, by version; versions that know it and agree share a row.
    pub spans: &'static [Span],
}

/// What a setting is from one version to another, both included.
#[derive(Debug)]
pub struct Span {
    /// The first version of which it is true.
    pub since: PgVersion,
    /// The last one.
    pub until: PgVersion,
    /// What applying it takes.
    pub context: Context,
    /// What it may be, and what it is where nobody set it.
    pub kind: GucKind,
}

/// What it takes to apply a changed setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// A restart of the server.
    Restart,
    /// A reload of the configuration; no session can have it otherwise.
    Reload,
    /// A reload of the configuration; a session, a role or a database can also have it otherwise.
    Session,
}

/// What a setting may be, and `default`: what a newly made server has.
///
/// Numbers are in the setting's unit.  Words are those that a server built without optional libraries takes: see
/// [`OPTIONAL_WORDS`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GucKind {
    /// `on` or `off`.
    Bool {
        /// Without being set.
        default: bool,
    },
    /// A whole number.
    Integer {
        /// Smallest.
        min: i32,
        /// Largest.
        max: i32,
        /// Without being set.
        default: i32,
    },
    /// A number.
    Real {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
        /// Without being set.
        default: f64,
    },
    /// One of these words.
    Enum {
        /// All of them that the server shows.
        words: &'static [&'static str],
        /// Without being set.
        default: &'static str,
    },
    /// Any text.
    String {
        /// Without being set.
        default: &'static str,
    },
}

/// The unit of a setting's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GucUnit {
    /// A plain number, or no number.
    None,
    /// B.
    Bytes,
    /// kB of 1024 bytes.
    Kilobytes,
    /// Blocks of 8 kB.
    Blocks,
    /// MB of 1024 kB.
    Megabytes,
    /// ms.
    Millis,
    /// s.
    Seconds,
    /// min.
    Minutes,
}

/// The range of a number and its default, in the setting's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Smallest; -1 where that stands for something else than a number.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// What a newly made server has.
    pub default: f64,
}

/// Words that a server takes since a version if it was built with a library, as those of the usual packages are:
/// setting, word, first version, option of `configure`.
pub const OPTIONAL_WORDS: &[(&str, &str, PgVersion, &str)] = &[
    ("default_toast_compression", "lz4", PgVersion::V14, "--with-lz4"),
    ("io_method", "io_uring", PgVersion::V18, "--with-liburing"),
    ("wal_compression", "lz4", PgVersion::V15, "--with-lz4"),
    ("wal_compression", "zstd", PgVersion::V15, "--with-zstd"),
];

/// Names that servers of every version take for another: `map_old_guc_names` of their source.
const RENAMED: [(&str, &str); 2] = [("sort_mem", "work_mem"), ("vacuum_mem", "maintenance_work_mem")];

impl Guc {
    /// Every setting in the table, by name.
    pub const ALL: &'static [Self] = TABLE;

    /// The setting of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let at = TABLE.binary_search_by(|guc| guc.name.cmp(name)).ok()?;
        TABLE.get(at)
    }

    /// The setting of that name in any letters, as a server finds it, old names of it included; `None` where no version
    /// knows it.
    #[must_use]
    pub fn find_any_case(name: &str) -> Option<&'static Self> {
        let named = |name: &str| TABLE.iter().find(|guc| guc.name.eq_ignore_ascii_case(name));
        let renamed = || RENAMED.iter().find(|(old, _)| old.eq_ignore_ascii_case(name));
        named(name).or_else(|| named(renamed()?.1))
    }

    /// What it is in a version; `None` where that version does not know it.
    #[must_use]
    pub fn in_version(&self, version: PgVersion) -> Option<&'static Span> {
        self.spans.iter().find(|span| span.since <= version && version <= span.until)
    }

    /// What applying it takes in a version; `None` where that version does not know it.
    #[must_use]
    pub fn context(&self, version: PgVersion) -> Option<Context> {
        self.in_version(version).map(|span| span.context)
    }

    /// The range of its number in a version; `None` where that version does not know it or it is no number.
    #[must_use]
    pub fn bounds(&self, version: PgVersion) -> Option<Bounds> {
        match self.in_version(version)?.kind {
            GucKind::Integer { min, max, default } => {
                Some(Bounds { min: min.into(), max: max.into(), default: default.into() })
            }
            GucKind::Real { min, max, default } => Some(Bounds { min, max, default }),
            GucKind::Bool { .. } | GucKind::Enum { .. } | GucKind::String { .. } => None,
        }
    }
}

impl GucUnit {
    /// How many bytes one is; `None` where it is no unit of memory.
    #[must_use]
    pub const fn bytes(self) -> Option<u64> {
        match self {
            Self::Bytes => Some(1),
            Self::Kilobytes => Some(1 << 10),
            Self::Blocks => Some(8 << 10),
            Self::Megabytes => Some(1 << 20),
            Self::None | Self::Millis | Self::Seconds | Self::Minutes => None,
        }
    }

    /// How many milliseconds one is; `None` where it is no unit of time.
    #[must_use]
    pub const fn millis(self) -> Option<u64> {
        match self {
            Self::Millis => Some(1),
            Self::Seconds => Some(1_000),
            Self::Minutes => Some(60_000),
            Self::None | Self::Bytes | Self::Kilobytes | Self::Blocks | Self::Megabytes => None,
        }
    }

    /// How a configuration file spells it after a number; blocks and plain numbers stand without one.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None | Self::Blocks => "",
            Self::Bytes => "B",
            Self::Kilobytes => "kB",
            Self::Megabytes => "MB",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::Minutes => "min",
        }
    }
}

// The table's own words, short enough for a setting a line.

pub(super) const fn guc(name: &'static str, unit: GucUnit, spans: &'static [Span]) -> Guc {
    Guc { name, unit, spans }
}

pub(super) const fn span(since: PgVersion, until: PgVersion, context: Context, kind: GucKind) -> Span {
    Span { since, until, context, kind }
}

pub(super) const fn bool(default: bool) -> GucKind {
    GucKind::Bool { default }
}

pub(super) const fn integer(min: i32, max: i32, default: i32) -> GucKind {
    GucKind::Integer { min, max, default }
}

pub(super) const fn real(min: f64, max: f64, default: f64) -> GucKind {
    GucKind::Real { min, max, default }
}

pub(super) const fn word(words: &'static [&'static str], default: &'static str) -> GucKind {
    GucKind::Enum { words, default }
}

pub(super) const fn text(default: &'static str) -> GucKind {
    GucKind::String { default }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_what_the_manuals_of_their_versions_say() {
        use PgVersion::{V14, V15, V17, V18};
        let integer = |min, max, default| Some(GucKind::Integer { min, max, default });
        let words = |words, default| Some(GucKind::Enum { words, default });
        let rows: &[(&str, PgVersion, Option<GucKind>, &str)] = &[
            ("work_mem", V14, integer(64, i32::MAX, 4096), "the same everywhere"),
            ("shared_buffers", V14, integer(16, 1_073_741_823, 16_384), "128 MB, as initdb writes it"),
            ("reserved_connections", V15, None, "not yet known"),
            ("reserved_connections", V18, integer(0, 262_143, 0), "since 16"),
            ("hash_mem_multiplier", V14, Some(GucKind::Real { min: 1.0, max: 1000.0, default: 1.0 }), "2 since 15"),
            ("wal_compression", V14, Some(GucKind::Bool { default: false }), "a switch before it was a word"),
            ("wal_compression", V15, words(&["pglz", "on", "off"], "off"), "a word since 15"),
            ("io_combine_limit", V17, integer(1, 32, 16), "256 kB"),
            ("io_combine_limit", V18, integer(1, 128, 16), "1 MB"),
            ("log_connections", V18, Some(GucKind::String { default: "" }), "a list of aspects since 18"),
        ];
        for (name, version, expected, reason) in rows {
            let kind = Guc::find(name).unwrap().in_version(*version).map(|span| span.kind);
            assert_eq!(kind, *expected, "{name}: {reason}");
        }
        let workers = Guc::find("autovacuum_max_workers").unwrap();
        assert_eq!((workers.context(V17), workers.context(V18)), (Some(Context::Restart), Some(Context::Reload)));
        assert!(Guc::find("checkpoint_segments").is_none());
    }

    #[test]
    fn the_table_can_be_searched_and_its_rows_follow_one_another() {
        assert!(TABLE.is_sorted_by(|one, next| one.name < next.name));
        for guc in TABLE {
            assert!(guc.spans.is_sorted_by(|one, next| one.until < next.since), "{}", guc.name);
            for version in guc.spans.iter().flat_map(|span| [span.since, span.until]) {
                let Some(bounds) = guc.bounds(version) else { continue };
                assert!(bounds.min <= bounds.default && bounds.default <= bounds.max, "{}: {bounds:?}", guc.name);
            }
        }
        for (name, word, since, _) in OPTIONAL_WORDS {
            let kind = Guc::find(name).unwrap().in_version(*since).unwrap().kind;
            assert!(matches!(kind, GucKind::Enum { words, .. } if !words.contains(word)), "{name}: {word}");
        }
    }
}
