//! `postgresql.conf`, and what `ALTER SYSTEM` writes: read by the server's own grammar and rules.

use std::borrow::Cow;

use sizing::choice::PgVersion;
use sizing::decimal;
use sizing::input::{nearest, shown};
use sizing::memory::guc::Guc;
use sizing::quantity::Bytes;

use super::guc_line::{self, Line, Setting};
use super::guc_value::{self, GucValue};
use super::{Given, Imported};

/// How a setting's number becomes an input's text.
#[derive(Debug, Clone, Copy)]
enum Becomes {
    /// The number itself.
    Number,
    /// A size.
    Size,
    /// Whole minutes.
    Minutes,
    /// Milliseconds, where it is not 0, which is never.
    Millis,
}

/// The settings that are inputs.
const INPUTS: &[(&str, &str, Becomes)] = &[
    ("max_connections", "max_connections", Becomes::Number),
    ("superuser_reserved_connections", "superuser_reserved", Becomes::Number),
    ("reserved_connections", "reserved_connections", Becomes::Number),
    ("shared_buffers", "shared_buffers", Becomes::Size),
    ("effective_cache_size", "effective_cache_size", Becomes::Size),
    ("work_mem", "work_mem", Becomes::Size),
    ("hash_mem_multiplier", "hash_mem_multiplier", Becomes::Number),
    ("temp_buffers", "temp_buffers", Becomes::Size),
    ("maintenance_work_mem", "maintenance_work_mem", Becomes::Size),
    ("autovacuum_work_mem", "autovacuum_work_mem", Becomes::Size),
    ("logical_decoding_work_mem", "logical_decoding_work_mem", Becomes::Size),
    ("autovacuum_max_workers", "autovacuum_max_workers", Becomes::Number),
    ("autovacuum_worker_slots", "autovacuum_worker_slots", Becomes::Number),
    ("max_worker_processes", "max_worker_processes", Becomes::Number),
    ("max_parallel_workers", "max_parallel_workers", Becomes::Number),
    ("max_parallel_workers_per_gather", "max_parallel_workers_per_gather", Becomes::Number),
    ("checkpoint_timeout", "checkpoint_minutes", Becomes::Minutes),
    ("archive_timeout", "snapshot_interval_ms", Becomes::Millis),
];

/// The lines that name other files.
const INCLUDES: [&str; 3] = ["include", "include_if_exists", "include_dir"];

/// After so many broken lines the server gives a file up.
const MOST_BROKEN: usize = 100;

/// Reads a `postgresql.conf` by the rules of any version.
#[must_use]
pub fn postgresql_conf(text: &str) -> Imported {
    postgresql_conf_of(text, None)
}

/// Reads a `postgresql.conf` by the rules of one version, or of any.
#[must_use]
pub fn postgresql_conf_of(text: &str, version: Option<PgVersion>) -> Imported {
    let mut imported = Imported::default();
    let text = imported.without_mark(text, "which PostgreSQL takes for a part of the first line");
    let settings = lines(text, &mut imported);
    // A server knows a name in any letters, and the last one wins; those before it are not even looked at.
    let mut last: Vec<(String, usize)> =
        settings.iter().map(|s| canonical(&s.name).to_ascii_lowercase()).zip(0..).collect();
    last.sort();
    for (at, setting) in settings.iter().enumerate() {
        let name = canonical(&setting.name).to_ascii_lowercase();
        let same = last.partition_point(|(other, _)| *other <= name).checked_sub(1).and_then(|place| last.get(place));
        if let Some(winner) =
            same.and_then(|(_, winner)| settings.get(*winner)).filter(|_| same.is_some_and(|s| s.1 != at))
        {
            let line = winner.at.line.to_string();
            imported.note(setting.at, [&*setting.name, " is given again in line ", &line, ", which wins"].concat());
        } else {
            take(setting, version, &mut imported);
        }
    }
    imported.problems.sort_by_key(|problem| problem.at);
    imported
}

/// Every setting of the file that is none of an earlier grammar's error.
fn lines(text: &str, imported: &mut Imported) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut broken = 0;
    for (number, line) in (1..).zip(text.split('\n')) {
        match guc_line::read(number, line) {
            Line::Empty => {}
            Line::Setting(setting) if INCLUDES.iter().any(|name| name.eq_ignore_ascii_case(&setting.name)) => {
                let file = shown(&setting.text);
                imported.note(setting.at, [&*setting.name, " is not followed: read \"", &file, "\" as well"].concat());
            }
            Line::Setting(setting) => settings.push(setting),
            Line::Broken(at, found) => {
                broken += 1;
                let read = if found.is_empty() {
                    "the line ends too early".to_owned()
                } else {
                    ["read \"", &shown(&found), "\""].concat()
                };
                imported.error(
                    at,
                    read + ", allowed is name = value, with the value in single quotes where it is not \
                    one word or number",
                );
                if broken == MOST_BROKEN {
                    imported.error(at, "too many broken lines: what follows was not read".to_owned());
                    break;
                }
            }
        }
    }
    settings
}

/// The name a server shows.
fn canonical(name: &str) -> &str {
    Guc::find_any_case(name).map_or(name, |guc| guc.name)
}

fn take(setting: &Setting, version: Option<PgVersion>, imported: &mut Imported) {
    let Setting { name, at, text, text_at } = setting;
    let Some(guc) = Guc::find_any_case(name) else {
        if name.contains('.') {
            // An extension's; what it may be, only the extension knows.
            imported.settings.push(Given { name: Cow::Owned(name.clone()), text: text.clone(), at: *at });
        } else {
            imported.error(*at, unknown(name));
        }
        return;
    };
    if let Some(version) = version.filter(|version| guc.in_version(*version).is_none()) {
        let known: Vec<&str> =
            guc.spans.iter().map(|span| [span.since.word(), span.until.word()]).collect::<Vec<_>>().concat();
        let known =
            [known.first().copied().unwrap_or_default(), " to ", known.last().copied().unwrap_or_default()].concat();
        imported.error(*at, [guc.name, ": PostgreSQL ", version.word(), " does not know it, ", &known, " do"].concat());
        return;
    }
    match guc_value::read(guc, version, text) {
        Ok(value) => {
            imported.settings.push(Given { name: Cow::Borrowed(guc.name), text: text.clone(), at: *at });
            if let Some((_, input, becomes)) = INPUTS.iter().find(|(name, ..)| *name == guc.name) {
                match input_text(guc, &value, *becomes) {
                    Ok(Some(text)) => imported.give(input, text, *text_at),
                    Ok(None) => {}
                    Err(allowed) => imported.note(*text_at, [guc.name, " is not used: ", allowed].concat()),
                }
            }
        }
        Err(message) => imported.error(*text_at, message),
    }
}

fn unknown(name: &str) -> String {
    let mut names = Guc::ALL.iter().map(|guc| guc.name);
    let hint = nearest(&name.to_ascii_lowercase(), &mut names);
    let hint = hint.map_or(String::new(), |hint| [": did you mean \"", hint, "\"?"].concat());
    ["unknown setting \"", &shown(name), "\"", &hint].concat()
}

/// The text of the input; nothing where the value stands for something else than a number.
fn input_text(guc: &Guc, value: &GucValue, becomes: Becomes) -> Result<Option<String>, &'static str> {
    let number = match *value {
        GucValue::Whole(number) => match u64::try_from(number) {
            Ok(number) => number,
            // -1: another setting's value, or the server's choice.
            Err(_) => return Ok(None),
        },
        GucValue::Real(number) => return Ok(Some(decimal::write(number))),
        GucValue::Switch(_) | GucValue::Word(_) | GucValue::Text(_) => return Ok(None),
    };
    let millis = number.saturating_mul(guc.unit.millis().unwrap_or(1));
    Ok(match becomes {
        Becomes::Number => Some(number.to_string()),
        Becomes::Size => Some(Bytes(number.saturating_mul(guc.unit.bytes().unwrap_or(1))).to_string()),
        Becomes::Minutes if millis.is_multiple_of(60_000) => Some((millis / 60_000).to_string()),
        Becomes::Minutes => return Err("the calculator has whole minutes"),
        Becomes::Millis => (millis > 0).then(|| millis.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs, settings and problems, one a line.
    fn told(imported: &Imported) -> String {
        let given = |given: &Given| format!("{}={}@{}:{}", given.name, given.text, given.at.line, given.at.column);
        let mut lines: Vec<String> = imported.inputs.iter().map(given).collect();
        lines.extend(imported.settings.iter().map(|setting| format!("set {}", given(setting))));
        lines.extend(imported.problems.iter().map(|problem| {
            let kind = if problem.is_error { "error" } else { "note" };
            format!("{kind} {}:{}: {}", problem.at.line, problem.at.column, problem.message)
        }));
        lines.join("\n")
    }

    #[test]
    fn files() {
        let rows: &[(&str, &str, &str)] = &[
            ("", "", "an empty file"),
            (
                "max_connections = 200",
                "max_connections=200@1:19\nset max_connections=200@1:1",
                "no line end at the end",
            ),
            ("WORK_MEM '64MB'\r\n", "work_mem=64MiB@1:10\nset work_mem=64MB@1:1", "any letters, quotes, Windows"),
            ("sort_mem = 8192", "work_mem=8MiB@1:12\nset work_mem=8192@1:1", "an old name, kB"),
            (
                "work_mem = 1\nwork_mem = 8MB\n",
                "work_mem=8MiB@2:12\nset work_mem=8MB@2:1\nnote 1:1: work_mem is given again in line 2, which wins",
                "the last one wins, and what is overridden is not looked at",
            ),
            ("autovacuum_work_mem = -1", "set autovacuum_work_mem=-1@1:1", "another setting's value"),
            ("checkpoint_timeout = 15min", "checkpoint_minutes=15@1:22\nset checkpoint_timeout=15min@1:1", "minutes"),
            (
                "checkpoint_timeout = 90s",
                "set checkpoint_timeout=90s@1:1\nnote 1:22: checkpoint_timeout is not used: the calculator has whole minutes",
                "no whole minutes",
            ),
            ("archive_timeout = 0", "set archive_timeout=0@1:1", "never"),
            (
                "checkpoint_timeout = 1GB",
                "error 1:22: checkpoint_timeout: read \"1GB\", allowed is a whole number from 30 to 86400 s; units are \
                 us, ms, s, min, h and d, in exactly these letters",
                "a unit of memory on a time",
            ),
            ("pg_stat_statements.max = 10", "set pg_stat_statements.max=10@1:1", "an extension's setting"),
            (
                "max_conections = 5\nwork_mem = 1MB",
                "work_mem=1MiB@2:12\nset work_mem=1MB@2:1\n\
                 error 1:1: unknown setting \"max_conections\": did you mean \"max_connections\"?",
                "a slip, and what else there is applies",
            ),
            ("include 'a.conf'", "note 1:1: include is not followed: read \"a.conf\" as well", "another file"),
            (
                "\u{feff}max_connections = 7",
                "max_connections=7@1:19\nset max_connections=7@1:1\n\
                 error 1:1: a byte order mark, which PostgreSQL takes for a part of the first line: save the file \
                 without one",
                "a byte order mark",
            ),
            (
                "max_connections =",
                "error 1:18: the line ends too early, allowed is name = value, with the value in single quotes where \
                 it is not one word or number",
                "no value",
            ),
            ("wal_level = minimal\nport = 5433", "set wal_level=minimal@1:1\nset port=5433@2:1", "no inputs"),
        ];
        for (text, expected, reason) in rows {
            assert_eq!(told(&postgresql_conf(text)), *expected, "{text:?}: {reason}");
        }
    }

    #[test]
    fn versions() {
        let rows: &[(&str, PgVersion, &str)] = &[
            (
                "reserved_connections = 3",
                PgVersion::V15,
                "reserved_connections: PostgreSQL 15 does not know it, 16 to 18 do",
            ),
            ("reserved_connections = 3", PgVersion::V16, ""),
            (
                "wal_compression = pglz",
                PgVersion::V14,
                "wal_compression: read \"pglz\", allowed is on or off (true, \
                false, yes, no, 1, 0)",
            ),
            ("wal_compression = pglz", PgVersion::V15, ""),
        ];
        for (text, version, expected) in rows {
            let problems = postgresql_conf_of(text, Some(*version)).problems;
            let found: Vec<&str> = problems.iter().map(|problem| &*problem.message).collect();
            assert_eq!(found.join("\n"), *expected, "{text}");
        }
    }

    #[test]
    fn every_row_names_a_setting_and_an_input() {
        for (setting, input, _) in INPUTS {
            assert!(Guc::find(setting).is_some() && sizing::Input::find(input).is_ok(), "{setting}: {input}");
        }
    }
}
