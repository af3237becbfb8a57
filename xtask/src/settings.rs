//! The table of `PostgreSQL`'s settings in crate `sizing`, written from what servers of every major say themselves.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::paths;
use crate::postgres::{Cluster, MAJORS};
use crate::setup::{self, Need};

/// What a newly made server says of every setting that a file can give.  What `initdb` writes into its configuration is
/// its default, too; it writes `shared_buffers`, for one, which the program itself would leave at 8 MB before version 15.
/// The time zone it writes is the machine's, and no default.
const QUERY: &str = "
    SELECT string_agg(concat_ws('|', name, coalesce(unit, ''), context, vartype,
                      coalesce(min_val, ''), coalesce(max_val, ''),
                      array_to_string(coalesce(enumvals, '{}'), ','),
                      coalesce(CASE WHEN source = 'configuration file' AND name NOT IN ('TimeZone', 'log_timezone')
                                    THEN reset_val ELSE boot_val END, '')), '~' ORDER BY name) AS answer
    FROM pg_settings WHERE context <> 'internal' AND category <> 'Customized Options'";

/// A setting as one major describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    unit: &'static str,
    context: &'static str,
    /// The call that makes a `GucKind`.
    kind: String,
}

/// Where the table is.
#[must_use]
pub fn path() -> PathBuf {
    ["calculator", "sizing", "src", "memory", "guc_table.rs"]
        .iter()
        .fold(paths::root().to_owned(), |at, name| at.join(name))
}

/// Installs the servers where they are missing, and writes the table.
///
/// # Errors
/// When a server is missing, says what is not understood, or the file cannot be written.
pub fn write() -> Result<()> {
    setup::ensure(&[Need::Node, Need::Npm, Need::Postgres])?;
    let path = path();
    fs::write(&path, generate()?).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

/// The table's text, from servers of every major.
///
/// # Errors
/// When a server is missing or says what is not understood.
pub fn generate() -> Result<String> {
    let mut settings: BTreeMap<String, Vec<(u32, Setting)>> = BTreeMap::new();
    for major in MAJORS {
        let answer = Cluster::make(major)?.ask(QUERY)?;
        for row in answer.split('~') {
            let name = row.split('|').next().unwrap_or_default();
            let setting = understand(row).with_context(|| format!("PostgreSQL {major}: {row}"))?;
            settings.entry(name.to_owned()).or_default().push((major, setting));
        }
    }
    format(&source(&settings)?)
}

fn understand(row: &str) -> Result<Setting> {
    let fields: Vec<&str> = row.splitn(8, '|').collect();
    let &[_, unit, context, kind, min, max, words, default] = fields.as_slice() else { bail!("not eight fields") };
    let unit = match unit {
        "" => "None",
        "B" => "Bytes",
        "kB" => "Kilobytes",
        "8kB" => "Blocks",
        "MB" => "Megabytes",
        "ms" => "Millis",
        "s" => "Seconds",
        "min" => "Minutes",
        _ => bail!("a unit of its own"),
    };
    let context = match context {
        "postmaster" => "Restart",
        "sighup" => "Reload",
        "user" | "superuser" | "backend" | "superuser-backend" => "Session",
        _ => bail!("a context of its own"),
    };
    let kind = match kind {
        "bool" => format!("bool({})", default == "on"),
        "integer" => format!("integer({}, {}, {})", grouped(min), grouped(max), grouped(default)),
        "real" => format!("real({}, {}, {})", real(min)?, real(max)?, real(default)?),
        "enum" => format!("word(&{:?}, {default:?})", words.split(',').collect::<Vec<_>>()),
        "string" => format!("text({default:?})"),
        _ => bail!("a kind of its own"),
    };
    Ok(Setting { unit, context, kind })
}

/// Digits in groups of three: 2147483647 → 2_147_483_647.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.split_at(number.len() - number.trim_start_matches('-').len());
    if digits.len() < 5 {
        return number.to_owned();
    }
    let mut text = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A number with a point.  The largest there is has six digits in what the server prints.
fn real(number: &str) -> Result<String> {
    Ok(match number {
        "1.79769e+308" => "f64::MAX".to_owned(),
        number => {
            let text = format!("{:?}", number.parse::<f64>().context("no number")?);
            text.split_once('.').map_or(text.clone(), |(whole, rest)| [&grouped(whole), rest].join("."))
        }
    })
}

/// The table, not yet laid out.
fn source(settings: &BTreeMap<String, Vec<(u32, Setting)>>) -> Result<String> {
    let mut rows = String::new();
    for (name, versions) in settings {
        let unit = versions.first().map(|(_, setting)| setting.unit).unwrap_or_default();
        ensure!(versions.iter().all(|(_, setting)| setting.unit == unit), "{name} changed its unit");
        let same = |one: &(u32, Setting), next: &(u32, Setting)| one.0 + 1 == next.0 && one.1 == next.1;
        let mut spans = Vec::new();
        for run in versions.chunk_by(same) {
            if let [(since, setting), ..] = run {
                let until = since + u32::try_from(run.len())? - 1;
                spans.push(format!("span(V{since}, V{until}, {}, {})", setting.context, setting.kind));
            }
        }
        let _ = writeln!(rows, "guc({name:?}, {unit}, &[{}]),", spans.join(", "));
    }
    Ok(format!(
        "//! `PostgreSQL`'s settings, from servers of every major: `cargo xtask settings` writes this file.\n\n\
         use super::guc::Context::{{Reload, Restart, Session}};\n\
         use super::guc::GucUnit::{{Blocks, Bytes, Kilobytes, Megabytes, Millis, Minutes, None, Seconds}};\n\
         use super::guc::{{Guc, bool, guc, integer, real, span, text, word}};\n\
         use crate::choice::PgVersion::{{V14, V15, V16, V17, V18}};\n\n\
         /// Sorted by name.\n\
         pub(super) const TABLE: &[Guc] = &[\n{rows}];\n"
    ))
}

/// Lays out Rust source as the rest of the workspace.
pub(crate) fn format(source: &str) -> Result<String> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024", "--config-path"]).arg(paths::root().join("rustfmt.toml"));
    let mut process = rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot run rustfmt")?;
    process.stdin.take().context("no standard input")?.write_all(source.as_bytes())?;
    let output = process.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt refuses:\n{source}");
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_calls() {
        for (row, expected) in [
            (
                "work_mem|kB|user|integer|64|2147483647||4096",
                ("Kilobytes", "Session", "integer(64, 2_147_483_647, 4096)"),
            ),
            ("seq_page_cost||user|real|0|1.79769e+308||1", ("None", "Session", "real(0.0, f64::MAX, 1.0)")),
            ("jit||user|bool||||on", ("None", "Session", "bool(true)")),
            (
                "huge_pages||postmaster|enum|||off,on,try|try",
                ("None", "Restart", "word(&[\"off\", \"on\", \"try\"], \"try\")"),
            ),
            ("log_line_prefix||sighup|string||||%m [%p] | ", ("None", "Reload", "text(\"%m [%p] | \")")),
        ] {
            let setting = understand(row).expect("understood");
            assert_eq!((setting.unit, setting.context, setting.kind.as_str()), expected, "{row}");
        }
        assert!(understand("x|acre|user|integer|0|1||0").is_err());
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in [("-1", "-1"), ("4096", "4096"), ("16384", "16_384"), ("-1000000", "-1_000_000")] {
            assert_eq!(grouped(number), expected);
        }
    }
}
