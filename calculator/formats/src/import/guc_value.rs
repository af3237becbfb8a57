//! The value of a `PostgreSQL` setting, read as a server reads it: `guc.c`, `parse_int`, `parse_real`, `parse_bool`.

use sizing::choice::PgVersion;
use sizing::decimal;
use sizing::input::shown;
use sizing::memory::guc::{Guc, GucKind, GucUnit, OPTIONAL_WORDS};

/// What a setting was given, the same for every spelling of the same value.
#[derive(Debug, Clone, PartialEq)]
pub enum GucValue {
    /// `on` or `off`.
    Switch(bool),
    /// A number in the setting's own unit.
    Whole(i32),
    /// A number with decimals in the setting's own unit.
    Real(f64),
    /// One of the setting's words, in small letters.
    Word(String),
    /// Any text.
    Text(String),
}

/// Words that servers take and do not show: setting, word, the word it stands for.
const HIDDEN_WORDS: &[(&str, &str, &str)] = &[
    ("wal_level", "archive", "replica"),
    ("wal_level", "hot_standby", "replica"),
    ("client_min_messages", "info", "info"),
    // Shown, and the same as another: since it has more than on and off.
    ("wal_compression", "on", "pglz"),
];

/// Every spelling of a switch beside `on` and `off`, where a setting that has more words takes it.
const SWITCH_WORDS: [(&str, &str); 6] =
    [("true", "on"), ("yes", "on"), ("1", "on"), ("false", "off"), ("no", "off"), ("0", "off")];

/// Units of memory, largest first, in bytes.
const MEMORY: [(&str, f64); 5] =
    [("TB", 1_099_511_627_776.0), ("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("kB", 1_024.0), ("B", 1.0)];

/// Units of time, largest first, in milliseconds.
const TIME: [(&str, f64); 6] =
    [("d", 86_400_000.0), ("h", 3_600_000.0), ("min", 60_000.0), ("s", 1_000.0), ("ms", 1.0), ("us", 0.001)];

/// Reads what a setting is given, by the rules of one version or, without one, of the newest that takes it.
///
/// # Errors
/// What is allowed, as the end of a sentence.
pub fn read(guc: &Guc, version: Option<PgVersion>, text: &str) -> Result<GucValue, String> {
    if let Some(version) = version {
        let Some(span) = guc.in_version(version) else {
            return Err(["PostgreSQL ", version.word(), " does not know ", guc.name].concat());
        };
        return read_kind(guc, version, &span.kind, text);
    }
    let mut newest = None;
    for span in guc.spans.iter().rev() {
        match read_kind(guc, span.until, &span.kind, text) {
            Ok(value) => return Ok(value),
            Err(error) => newest = newest.or(Some(error)),
        }
    }
    Err(newest.unwrap_or_default())
}

fn read_kind(guc: &Guc, version: PgVersion, kind: &GucKind, text: &str) -> Result<GucValue, String> {
    let refused = |allowed: &str| [guc.name, ": read \"", &shown(text), "\", allowed is ", allowed].concat();
    match *kind {
        GucKind::Bool { .. } => {
            switch(text).map(GucValue::Switch).ok_or_else(|| refused("on or off (true, false, yes, no, 1, 0)"))
        }
        GucKind::Integer { min, max, .. } => {
            let allowed = || refused(&range("a whole number", &min.to_string(), &max.to_string(), guc.unit));
            let number = whole(text, guc.unit).map_err(|problem| refused_number(problem, guc.unit, text, &allowed))?;
            let inside = number >= f64::from(min) && number <= f64::from(max);
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and between two of these")]
            if inside { Ok(GucValue::Whole(number as i32)) } else { Err(allowed()) }
        }
        GucKind::Real { min, max, .. } => {
            let most = if max >= f64::MAX { "any".to_owned() } else { signed(max) };
            let allowed = || refused(&range("a number", &signed(min), &most, guc.unit));
            let number = real(text, guc.unit).map_err(|problem| refused_number(problem, guc.unit, text, &allowed))?;
            if number >= min && number <= max { Ok(GucValue::Real(number)) } else { Err(allowed()) }
        }
        GucKind::Enum { words, .. } => word(guc.name, version, words, text).map(GucValue::Word).ok_or_else(|| {
            let shown: Vec<&str> = words.iter().copied().filter(|word| !word.is_empty()).collect();
            refused(&["one of ", &shown.join(", ")].concat())
        }),
        GucKind::String { .. } => Ok(GucValue::Text(text.to_owned())),
    }
}

fn signed(number: f64) -> String {
    let digits = decimal::write(libm::fabs(number));
    if number < 0.0 { ["-", &digits].concat() } else { digits }
}

fn range(what: &str, min: &str, max: &str, unit: GucUnit) -> String {
    let units = match unit {
        GucUnit::None => "",
        GucUnit::Blocks => "blocks of 8kB",
        unit => unit.word(),
    };
    [what, " from ", min, " to ", max, if units.is_empty() { "" } else { " " }, units].concat()
}

/// Why a number was not read.
#[derive(Clone, Copy)]
enum NoNumber {
    /// There is none, or it is too large for any setting.
    Number,
    /// What follows it is no unit that the setting takes.
    Unit,
}

fn refused_number(problem: NoNumber, unit: GucUnit, text: &str, allowed: &dyn Fn() -> String) -> String {
    match problem {
        NoNumber::Number => allowed(),
        NoNumber::Unit => {
            let units = if unit.bytes().is_some() {
                "; units are B, kB, MB, GB and TB, in exactly these letters"
            } else if unit.millis().is_some() {
                "; units are us, ms, s, min, h and d, in exactly these letters"
            } else if text.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
                ", without a unit"
            } else {
                ""
            };
            allowed() + units
        }
    }
}

/// `parse_bool`: any beginning of a word that can only be meant as one.
fn switch(text: &str) -> Option<bool> {
    let begins = |word: &str, least: usize| {
        text.len() >= least && word.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
    };
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || text == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0" {
        Some(false)
    } else {
        None
    }
}

fn word(name: &str, version: PgVersion, words: &[&str], text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let is_shown = |text: &str| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    let hidden = |text: &str| HIDDEN_WORDS.iter().find(|row| row.0 == name && row.1 == text).map(|row| row.2);
    let optional = || {
        OPTIONAL_WORDS.iter().any(|(setting, word, since, _)| *setting == name && *word == text && version >= *since)
    };
    let switch = SWITCH_WORDS.iter().find(|(word, stands_for)| *word == text && is_shown(stands_for));
    let word = match switch {
        Some((_, word)) => *word,
        None if text == "debug" && is_shown("debug2") => "debug2",
        None => &*text,
    };
    let stands_for = hidden(word).or_else(|| (is_shown(word) || optional()).then_some(word))?;
    Some(stands_for.to_owned())
}

/// `parse_int`: decimal, octal after 0 and hexadecimal after 0x, or a number with decimals that is rounded.
fn whole(text: &str, unit: GucUnit) -> Result<f64, NoNumber> {
    let (number, rest) = integer(text).or_else(|| float(text)).ok_or(NoNumber::Number)?;
    // rint, as the server's C library has it: half to even.
    let number = libm::rint(with_unit(number, rest, unit)?);
    if number > f64::from(i32::MAX) || number < f64::from(i32::MIN) { Err(NoNumber::Number) } else { Ok(number) }
}

fn real(text: &str, unit: GucUnit) -> Result<f64, NoNumber> {
    let (number, rest) = float(text).or_else(|| integer(text)).ok_or(NoNumber::Number)?;
    with_unit(number, rest, unit)
}

/// What C's `isspace` calls space.
const SPACE: [char; 6] = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];

fn sign(text: &str) -> (f64, &str) {
    let text = text.trim_start_matches(SPACE);
    match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A leading whole number as `strtol` takes it, and what follows; `None` where `strtod` is asked instead.
pub(super) fn integer(text: &str) -> Option<(f64, &str)> {
    let (sign, digits) = sign(text);
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (radix, digits) = match hexadecimal.filter(|rest| rest.starts_with(|c: char| c.is_ascii_hexdigit())) {
        Some(rest) => (16, rest),
        None if digits.starts_with('0') => (8, digits),
        None => (10, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    let number = i64::from_str_radix(digits, radix).ok()?;
    if rest.starts_with(['.', 'e', 'E']) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "the server does the same")]
    Some((sign * number as f64, rest))
}

/// A leading number with decimals as `strtod` takes it, and what follows.
pub(super) fn float(text: &str) -> Option<(f64, &str)> {
    let (sign, text) = sign(text);
    if text.starts_with("0x") || text.starts_with("0X") {
        return None;
    }
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let mut end = digits(text);
    if let Some(fraction) = text.get(end..).and_then(|rest| rest.strip_prefix('.')) {
        end += 1 + digits(fraction);
    }
    if let Some(exponent) = text.get(end..).and_then(|rest| rest.strip_prefix(['e', 'E'])) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits(unsigned) > 0 {
            end += 1 + (exponent.len() - unsigned.len()) + digits(unsigned);
        }
    }
    let (number, rest) = text.split_at_checked(end)?;
    Some((sign * decimal::read(number)?, rest))
}

/// `convert_to_base_unit`: a fraction of a unit is rounded to the next smaller one.
fn with_unit(number: f64, rest: &str, unit: GucUnit) -> Result<f64, NoNumber> {
    let word = rest.trim_matches(SPACE);
    if word.is_empty() {
        return Ok(number);
    }
    #[expect(clippy::cast_precision_loss, reason = "these are small powers of two and whole seconds")]
    let (units, base): (&[(&str, f64)], f64) = match (unit.bytes(), unit.millis()) {
        (Some(bytes), _) => (&MEMORY, bytes as f64),
        (None, Some(millis)) => (&TIME, millis as f64),
        (None, None) => return Err(NoNumber::Unit),
    };
    let mut from = units.iter().skip_while(|(name, _)| *name != word);
    let Some((_, each)) = from.next() else { return Err(NoNumber::Unit) };
    let number = number * (each / base);
    Ok(match from.next() {
        Some((_, smaller)) => libm::rint(number / (smaller / base)) * (smaller / base),
        None => number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[(&str, &str, &str, &str)]) {
        for (name, text, expected, reason) in rows {
            let found = match read(Guc::find(name).unwrap(), Some(PgVersion::V15), text) {
                Ok(GucValue::Switch(is_on)) => if is_on { "on" } else { "off" }.to_owned(),
                Ok(GucValue::Whole(number)) => number.to_string(),
                Ok(GucValue::Real(number)) => signed(number),
                Ok(GucValue::Word(word) | GucValue::Text(word)) => word,
                Err(_) => "refused".to_owned(),
            };
            assert_eq!(found, *expected, "{name} = {text}: {reason}");
        }
    }

    #[test]
    fn numbers_and_units() {
        check(&[
            ("shared_buffers", "1GB", "131072", "blocks of 8 kB"),
            ("shared_buffers", "131072", "131072", "a plain number is in the setting's unit"),
            ("shared_buffers", " 1024 MB ", "131072", "space around the unit"),
            ("shared_buffers", "1gb", "refused", "units are case-sensitive"),
            ("shared_buffers", "1GiB", "refused", "not one of PostgreSQL's units"),
            ("shared_buffers", "1min", "refused", "a unit of time"),
            ("work_mem", "1.5GB", "1572864", "a fraction"),
            ("work_mem", "30.1GB", "31561728", "a fraction is rounded to the next smaller unit, MB: 30822.4 to 30822"),
            ("work_mem", "0x1000", "4096", "hexadecimal"),
            ("work_mem", "0100", "64", "octal"),
            ("work_mem", "0199", "refused", "8 and 9 are no octal digits"),
            ("work_mem", "1e3", "1000", "an exponent"),
            ("work_mem", "63", "refused", "below the least"),
            ("work_mem", "65536B", "64", "bytes"),
            ("work_mem", "99999999999999999999", "refused", "too large for any number"),
            ("work_mem", "", "refused", "nothing"),
            ("checkpoint_timeout", "5min", "300", "minutes"),
            ("checkpoint_timeout", "5 m", "refused", "no such unit"),
            ("checkpoint_timeout", "90000ms", "90", "milliseconds on a setting in seconds"),
            ("checkpoint_timeout", "1GB", "refused", "memory on a setting of time"),
            ("max_connections", "100s", "refused", "a unit where there is none"),
            ("max_connections", "99.5", "100", "half to even"),
            ("max_connections", "98.5", "98", "half to even"),
            ("max_connections", "-1", "refused", "below the least"),
            ("random_page_cost", "1.1", "1.1", "decimals"),
            ("random_page_cost", ".5", "0.5", "without a digit before the point"),
            ("vacuum_cost_delay", "2000us", "2", "microseconds"),
            ("vacuum_cost_delay", "1e1", "10", "an exponent"),
        ]);
    }

    #[test]
    fn words() {
        check(&[
            ("fsync", "TRUE", "on", "any letters"),
            ("fsync", "y", "on", "the beginning of yes"),
            ("fsync", "of", "off", "the beginning of off"),
            ("fsync", "o", "refused", "on or off"),
            ("fsync", "10", "refused", "1 alone"),
            ("fsync", "", "refused", "nothing"),
            ("huge_pages", "True", "on", "a switch's word where on is one"),
            ("huge_pages", "t", "refused", "the beginning of a word is not enough in a list"),
            ("wal_level", "hot_standby", "replica", "an old word"),
            ("wal_level", "Logical", "logical", "any letters"),
            ("wal_compression", "yes", "pglz", "two words for the same"),
            ("wal_compression", "lz4", "lz4", "an optional library's"),
            ("log_min_messages", "debug", "debug2", "one word of many levels"),
            ("reserved_connections", "3", "refused", "unknown in 15"),
        ]);
    }
}
