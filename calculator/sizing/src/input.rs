//! What an input is: its row in the table, how its text is read, and the error when it is not allowed.

use crate::choice::{self, Choice};
use crate::decimal;
use crate::growth::forecast;
use crate::quantity::{
    Bytes, Connections, Count, Days, Millis, PerSecond, Quantity, Ratio, Share, Unit, approximate, ceiling, floor,
    grouped,
};
use crate::scenario::{self, Scenario};
use crate::source::Source;

pub use crate::scenario::INPUTS;

/// One input: a row of the table from which checks, error texts, fields, flags and schema derive.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// The id in scenarios and permalinks; the flag and the attribute are the same in kebab case.
    pub id: &'static str,
    /// Where it belongs among what the user knows.
    pub group: Group,
    /// What it is called, for people.
    pub name: &'static str,
    /// The unit a plain number is in; empty for words.
    pub unit: &'static str,
    /// What may be given.
    pub kind: Kind,
    /// The word for "none given", where that is allowed.
    pub none: Option<NoneWord>,
    /// What it means, in one or two sentences.
    pub help: &'static str,
    /// The query, command or place that tells what it is today.
    pub measure: &'static str,
    /// Where the default comes from.
    pub source: Source,
    /// Rarely needed: folded away until asked for.
    pub rare: bool,
    /// The way to its field of a scenario.
    pub(crate) access: Access,
}

/// How a row reaches its field of a scenario.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access {
    /// Sets the field from text; false, and nothing is set, where the row does not allow it.
    pub(crate) take: fn(&mut Scenario, &str, &Input) -> bool,
    /// The field as text.
    pub(crate) write: fn(&Scenario, &Input) -> String,
    /// The field as a quantity, where it is one.
    pub(crate) quantity: fn(&Scenario, &Input) -> Option<Quantity>,
}

/// What a user knows together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// What arrives.
    Traffic,
    /// The pods and their pools.
    Application,
    /// `PgBouncer`.
    Pooler,
    /// The database and its limits.
    Database,
    /// The machine the database runs on.
    Server,
    /// What is stored, and for how long.
    Data,
    /// The secret store and its nodes.
    SecretStore,
    /// How it all grows, and from when.
    Growth,
    /// What can be done and what must not happen.
    Advice,
}

impl Group {
    /// Every group, in the order a request passes them.
    pub const ALL: [Self; 9] = [
        Self::Traffic,
        Self::Application,
        Self::Pooler,
        Self::Database,
        Self::Server,
        Self::Data,
        Self::SecretStore,
        Self::Growth,
        Self::Advice,
    ];

    /// The heading for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traffic => "Traffic",
            Self::Application => "Application",
            Self::Pooler => "Pooler",
            Self::Database => "Database",
            Self::Server => "Database server",
            Self::Data => "Data",
            Self::SecretStore => "Secret store",
            Self::Growth => "Growth",
            Self::Advice => "Advice",
        }
    }
}

/// What may be given for an input.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A whole number.
    Whole {
        /// Smallest allowed.
        min: u64,
        /// Largest allowed.
        max: u64,
    },
    /// A number with decimals.
    Real {
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
    },
    /// A part of a whole: `0.8` or `80%`.
    Share {
        /// Smallest allowed.
        min: f64,
        /// Largest allowed.
        max: f64,
    },
    /// A day: `2026-03-01`.
    Date,
    /// A rate: `300`, `1.2k`, `10M/day`.
    Rate {
        /// Largest allowed, per second.
        max: f64,
    },
    /// A size: `8GiB`, `512MB`, or a plain number of `plain` bytes each.
    Size {
        /// Smallest allowed.
        min: Bytes,
        /// Largest allowed.
        max: Bytes,
        /// What a plain number counts.
        plain: Bytes,
    },
    /// Pods, or a share of them in percent.
    Surge {
        /// Most pods, and most percent.
        max: u64,
    },
    /// One of a few words.
    Choice(&'static [Choice]),
    /// A list of further pools.
    Pools {
        /// Most pools.
        max: usize,
    },
    /// A list of what is expected after so many months.
    Forecast {
        /// Most rows.
        max: usize,
    },
}

/// How "none" is written, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoneWord {
    /// What is written, in the convention of the software the input belongs to: `-1`, `0`, `default`.
    pub word: &'static str,
    /// What it means: "no limit".
    pub meaning: &'static str,
}

/// Why an input was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The text is not one the input allows.
    #[error("{id}: read \"{}\", allowed is {allowed}", shown(read))]
    NotAllowed {
        /// The input.
        id: &'static str,
        /// What was read.
        read: String,
        /// What is allowed.
        allowed: String,
    },
    /// There is no such input.
    #[error("unknown input \"{}\"{}", shown(read), nearest.map(|id| format!(": did you mean \
        \"{id}\"?")).unwrap_or_default())]
    Unknown {
        /// What was read.
        read: String,
        /// The input whose id is most like it, if any is.
        nearest: Option<&'static str>,
    },
}

/// The name that a misspelt one was meant to be, if any is like it.
#[must_use]
pub fn nearest(read: &str, names: &mut dyn Iterator<Item = &'static str>) -> Option<&'static str> {
    let most = 1 + read.chars().count() / 4;
    let near = names.map(|name| (strsim::levenshtein(name, read), name)).filter(|(distance, _)| *distance <= most);
    near.min().map(|(_, name)| name)
}

/// Enough of a text to recognise it, on one line.
#[must_use]
pub fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let printable = text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character });
    let mut short: String = printable.take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

impl Input {
    /// The row for an id.
    ///
    /// # Errors
    /// [`InputError::Unknown`], with the most similar id.
    pub fn find(id: &str) -> Result<&'static Self, InputError> {
        Self::get(id).ok_or_else(|| InputError::Unknown {
            read: id.to_owned(),
            nearest: nearest(id, &mut INPUTS.iter().map(|input| input.id)),
        })
    }

    /// The row for an id that is expected to exist.
    pub(crate) fn get(id: &str) -> Option<&'static Self> {
        scenario::input(id)
    }

    /// The id as a command-line flag or an attribute: `pool-size`.
    #[must_use]
    pub fn kebab(&self) -> String {
        self.id.replace('_', "-")
    }

    /// What is allowed, as the end of a sentence: "a whole number from 1 to 100,000, or -1 for no limit".
    #[must_use]
    pub fn allowed(&self) -> String {
        let kind = match self.kind {
            Kind::Whole { min, max } if max < SUFFIXES_FROM => {
                format!("a whole number from {} to {}", grouped(min), grouped(max))
            }
            Kind::Whole { min, max } => {
                format!("a whole number from {} to {}, such as 1.2k or 2M", grouped(min), grouped(max))
            }
            Kind::Real { min, max } => {
                format!("a number from {} to {}", decimal::rounded(min, 3), decimal::rounded(max, 3))
            }
            Kind::Share { min, max } => {
                format!("a share from {} to {}, such as 0.8 or 80%", decimal::rounded(min, 3), decimal::rounded(max, 3))
            }
            Kind::Date => "a day, such as 2026-03-01".to_owned(),
            Kind::Rate { max } => {
                format!("a rate from 0 to {} a second, such as 300, 1.2k or 10M/day", decimal::rounded(max, 0))
            }
            Kind::Size { min, max, .. } => format!("a size from {min} to {max}, such as 8GiB or 512MB"),
            Kind::Surge { max } => format!("a whole number of pods from 0 to {max}, or 0% to {max}%"),
            Kind::Choice(choices) => {
                let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
                format!("one of {}", words.join(", "))
            }
            Kind::Pools { max } => format!("up to {max} pools, each name:size:overflow:database, separated by commas"),
            Kind::Forecast { max } => format!(
                "up to {max} rows, each {} with what is not known left empty, separated by commas, later months later",
                forecast::COLUMNS.join(":")
            ),
        };
        match self.none {
            Some(none) => format!("{kind}, or {} for {}", none.word, none.meaning),
            None => kind,
        }
    }

    pub(crate) fn not_allowed(&self, read: &str) -> InputError {
        InputError::NotAllowed { id: self.id, read: read.to_owned(), allowed: self.allowed() }
    }
}

/// A type an input can have: read from text within the bounds of its row, and written so that it reads back the same.
pub(crate) trait Field: Sized {
    /// The unit of the quantity.
    const UNIT: Unit = Unit::Name;

    /// `None` where the row does not allow the text.
    fn read(text: &str, input: &Input) -> Option<Self>;
    /// The text that reads back to this.
    fn write(&self, input: &Input) -> String;
    /// The quantity this is, if it is one.
    fn quantity(&self, _: &Input) -> Option<Quantity> {
        None
    }

    /// Sets this from text, if the row allows the text.
    fn set_from(&mut self, text: &str, input: &Input) -> bool {
        Self::read(text, input).map(|field| *self = field).is_some()
    }
}

macro_rules! whole_field {
    ($($name:ident),+) => {$(
        impl Field for $name {
            const UNIT: Unit = Unit::$name;

            fn read(text: &str, input: &Input) -> Option<Self> {
                let Kind::Whole { min, max } = input.kind else { return None };
                let number = if max < SUFFIXES_FROM { whole(text) } else { whole_with_suffix(text) };
                number.filter(|number| (min..=max).contains(number)).map(Self)
            }

            fn write(&self, _: &Input) -> String {
                self.0.to_string()
            }

            fn quantity(&self, _: &Input) -> Option<Quantity> {
                Some((*self).into())
            }
        }
    )+};
}
whole_field!(Connections, Count, Days);

macro_rules! real_field {
    ($($name:ident),+) => {$(
        impl Field for $name {
            const UNIT: Unit = Unit::$name;

            fn read(text: &str, input: &Input) -> Option<Self> {
                let Kind::Real { min, max } = input.kind else { return None };
                decimal::read(text).filter(|number| (min..=max).contains(number)).map(Self::new)
            }

            fn write(&self, _: &Input) -> String {
                decimal::write(self.get())
            }

            fn quantity(&self, _: &Input) -> Option<Quantity> {
                Some((*self).into())
            }
        }
    )+};
}
real_field!(Millis, Ratio, PerSecond);

impl Field for Share {
    const UNIT: Unit = Unit::Share;

    fn read(text: &str, input: &Input) -> Option<Self> {
        let Kind::Share { min, max } = input.kind else { return None };
        let text = text.trim();
        let share = match text.strip_suffix('%') {
            Some(percent) => decimal::read(percent.trim_end())? / 100.0,
            None => decimal::read(text)?,
        };
        (min..=max).contains(&share).then(|| Self::new(share))
    }

    fn write(&self, _: &Input) -> String {
        decimal::write(self.get())
    }

    fn quantity(&self, _: &Input) -> Option<Quantity> {
        Some((*self).into())
    }
}

macro_rules! choice_field {
    ($($name:ident),+) => {$(
        impl Field for choice::$name {
            fn read(text: &str, _: &Input) -> Option<Self> {
                Self::from_word(text.trim())
            }

            fn write(&self, _: &Input) -> String {
                self.word().to_owned()
            }
        }
    )+};
}
choice_field!(
    Pooler,
    PoolMode,
    PoolerVersion,
    PreparedStatements,
    PgVersion,
    Flag,
    System,
    Edition,
    Replication,
    Place,
    Promotion,
    Partitioning,
    Distance,
    QueryPattern,
    Disk,
    Workload
);

impl<T: Field> Field for Option<T> {
    fn read(text: &str, input: &Input) -> Option<Self> {
        match input.none {
            Some(none) if text.trim() == none.word => Some(None),
            _ => T::read(text, input).map(Some),
        }
    }

    fn write(&self, input: &Input) -> String {
        match self {
            Some(field) => field.write(input),
            None => input.none.map_or_else(String::new, |none| none.word.to_owned()),
        }
    }

    fn quantity(&self, input: &Input) -> Option<Quantity> {
        match self {
            Some(field) => field.quantity(input),
            None => input.none.map(|none| Quantity::None(T::UNIT, none.meaning)),
        }
    }
}

impl Field for Bytes {
    fn read(text: &str, input: &Input) -> Option<Self> {
        /// `PostgreSQL`'s meaning: the multiplier is 1024, with and without the `i`.
        const UNITS: [(&[&str], u32); 5] =
            [(&["tib", "tb"], 40), (&["gib", "gb"], 30), (&["mib", "mb"], 20), (&["kib", "kb"], 10), (&["b"], 0)];
        let Kind::Size { min, max, plain } = input.kind else { return None };
        let text = text.trim().to_ascii_lowercase();
        let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
        let unit = text.get(digits.len()..)?;
        let each = if unit.is_empty() {
            plain.0
        } else {
            UNITS.iter().find(|(names, _)| names.contains(&unit)).map(|(_, shift)| 1_u64 << shift)?
        };
        let bytes = if let Some(number) = whole(digits) {
            number.checked_mul(each)?
        } else {
            // A fraction of a unit is taken where it comes out as whole bytes: 1.5GiB is, 0.3B is not.
            let bytes = decimal::read(digits)? * approximate(each);
            let rounded = ceiling(bytes);
            (approximate(rounded).to_bits() == bytes.to_bits()).then_some(rounded)?
        };
        (min.0..=max.0).contains(&bytes).then_some(Self(bytes))
    }

    fn write(&self, _: &Input) -> String {
        self.to_string()
    }

    fn quantity(&self, _: &Input) -> Option<Quantity> {
        Some((*self).into())
    }
}

/// How fast something arrives, as it was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Measured at peak, per second.
    AtPeak(PerSecond),
    /// Counted per day: an average that hides the peak.
    PerDay(PerSecond),
}

/// Seconds in a day.
pub(crate) const DAY: f64 = 86_400.0;

impl Rate {
    /// Per second at peak; a daily count is spread over the day and multiplied by the peak factor.
    #[must_use]
    pub fn at_peak(self, peak_factor: Ratio) -> PerSecond {
        match self {
            Self::AtPeak(rate) => rate,
            Self::PerDay(count) => PerSecond::new(count.get() / DAY * peak_factor.get()),
        }
    }
}

impl Field for Rate {
    fn read(text: &str, input: &Input) -> Option<Self> {
        let Kind::Rate { max } = input.kind else { return None };
        let text = text.trim();
        let (amount, daily) = match text.strip_suffix("/day").or_else(|| text.strip_suffix("/d")) {
            Some(amount) => (amount, true),
            None => (text.strip_suffix("/s").unwrap_or(text), false),
        };
        let (digits, multiplier) = suffix(amount);
        let number = decimal::read(digits)? * approximate(multiplier);
        let limit = if daily { max * DAY } else { max };
        (0.0..=limit).contains(&number).then(|| {
            let number = PerSecond::new(number);
            if daily { Self::PerDay(number) } else { Self::AtPeak(number) }
        })
    }

    fn write(&self, _: &Input) -> String {
        match self {
            Self::AtPeak(rate) => decimal::write(rate.get()),
            Self::PerDay(count) => decimal::write(count.get()) + "/day",
        }
    }
}

/// The pods a rolling update runs beyond the usual number, as Kubernetes' `maxSurge` takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surge {
    /// So many pods.
    Pods(u64),
    /// A share of the pods in percent, rounded up.
    Percent(u64),
}

impl Surge {
    /// The further pods for a number of pods.
    #[must_use]
    pub fn of(self, pods: u64) -> u64 {
        match self {
            Self::Pods(pods) => pods,
            Self::Percent(percent) => pods.saturating_mul(percent).div_ceil(100),
        }
    }
}

impl Field for Surge {
    fn read(text: &str, input: &Input) -> Option<Self> {
        let Kind::Surge { max } = input.kind else { return None };
        let text = text.trim();
        let surge = match text.strip_suffix('%') {
            Some(percent) => Self::Percent(whole(percent.trim_end())?),
            None => Self::Pods(whole(text)?),
        };
        match surge {
            Self::Pods(number) | Self::Percent(number) => (number <= max).then_some(surge),
        }
    }

    fn write(&self, _: &Input) -> String {
        match self {
            Self::Pods(pods) => pods.to_string(),
            Self::Percent(percent) => format!("{percent}%"),
        }
    }
}

/// The largest value from which a whole number may be given with a suffix.
pub const SUFFIXES_FROM: u64 = 1_000_000;

/// Splits `1.2k` into `1.2` and 1,000.
fn suffix(text: &str) -> (&str, u64) {
    let text = text.trim();
    [("k", 1_000), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)]
        .into_iter()
        .find_map(|(suffix, multiplier)| Some((text.strip_suffix(suffix)?, multiplier)))
        .unwrap_or((text, 1))
}

/// A whole number, with a suffix if one likes: `2M`, and `1.2k` because that comes out whole.
fn whole_with_suffix(text: &str) -> Option<u64> {
    let (digits, multiplier) = suffix(text);
    if let Some(number) = whole(digits) {
        return number.checked_mul(multiplier);
    }
    let product = decimal::read(digits)? * approximate(multiplier);
    let nearest = floor(product + 0.5);
    // 2.3 has no exact form, and neither has the product; what is meant is as near as that.
    let is_near = libm::fabs(product - approximate(nearest)) <= product * f64::EPSILON;
    (multiplier > 1 && is_near).then_some(nearest)
}

/// A whole number: digits, in groups of three if one likes (`1,000`, `1 000`, `1_000`).
pub(crate) fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    let mut groups = text.split([',', ' ', '_']);
    let first = groups.next()?;
    let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let mut digits = String::with_capacity(text.len());
    if !is_digits(first) || (first.len() > 3 && first.len() != text.len()) {
        return None;
    }
    digits.push_str(first);
    for group in groups {
        if group.len() != 3 || !is_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::Scenario;

    #[test]
    fn texts_that_are_read() {
        let rows: &[(&str, &str, &str, &str)] = &[
            ("pods", "4", "4", "plain"),
            ("pods", " 4 ", "4", "pasted with spaces"),
            ("pods", "1,000", "1000", "grouped with commas, as the page shows it"),
            ("pods", "1 000", "1000", "grouped with spaces"),
            ("pods", "1_000", "1000", "grouped with underscores"),
            ("max_overflow", "-1", "-1", "SQLAlchemy's word for no limit"),
            ("role_connection_limit", "-1", "-1", "PostgreSQL's word for no limit"),
            ("max_db_connections", "0", "0", "PgBouncer's word for no limit"),
            ("surge", "25%", "25%", "a share, as Kubernetes takes it"),
            ("surge", "3", "3", "a number of pods"),
            ("rate", "1.2k", "1200", "thousands"),
            ("rate", "320/s", "320", "the unit spelled out"),
            ("rate", "10M/day", "10000000/day", "a daily count stays one"),
            ("secrets", "2M", "2000000", "millions of things"),
            ("secrets", "1.2k", "1200", "a fraction that comes out whole"),
            ("secrets", "10,000k", "10000000", "grouped before the suffix"),
            ("hold_ms", "0.5", "0.5", "half a millisecond"),
            ("ram", "8GiB", "8GiB", "binary unit"),
            ("ram", "8 GB", "8GiB", "PostgreSQL's GB is 1024 MB"),
            ("ram", "8", "8GiB", "a plain number is in the field's unit"),
            ("ram", "1.5GiB", "1536MiB", "a fraction that comes out whole"),
            ("pool_mode", "transaction", "transaction", "a word"),
            ("service", "neon-0.25", "neon-0.25", "a plan of a managed service"),
            ("pools", "", "", "no further pools"),
            ("pools", "replica:30:20:replica", "replica:30:20:replica", "one pool"),
            ("pools", " a:1:0:primary , b:2:-1:x ", "a:1:0:primary,b:2:-1:x", "two pools, one without a limit"),
        ];
        for (id, text, written, reason) in rows {
            let mut scenario = Scenario::default();
            assert_eq!(scenario.set(id, text), Ok(()), "{id}={text}: {reason}");
            assert_eq!(scenario.text(id).as_deref(), Some(*written), "{id}={text}: {reason}");
        }
    }

    #[test]
    fn texts_that_are_refused() {
        let rows: &[(&str, &str, &str, &str)] = &[
            ("pods", "-1", r#"pods: read "-1", allowed is a whole number from 1 to 100,000"#, "below the minimum"),
            ("pods", "1e99", r#"pods: read "1e99", allowed is a whole number from 1 to 100,000"#, "not a whole number"),
            ("pods", "", r#"pods: read "", allowed is a whole number from 1 to 100,000"#, "nothing"),
            ("pods", "4.5", r#"pods: read "4.5", allowed is a whole number from 1 to 100,000"#, "a fraction of a pod"),
            ("pods", "1,00", r#"pods: read "1,00", allowed is a whole number from 1 to 100,000"#, "no group of three"),
            (
                "pods",
                "4\n5",
                "pods: read \"4\u{fffd}5\", allowed is a whole number from 1 to 100,000",
                "one line an error",
            ),
            ("pods", "1k", r#"pods: read "1k", allowed is a whole number from 1 to 100,000"#, "nobody has so many"),
            (
                "secrets",
                "1.2345k",
                r#"secrets: read "1.2345k", allowed is a whole number from 0 to 1,000,000,000, such as 1.2k or 2M"#,
                "not whole",
            ),
            (
                "secrets",
                "4.5",
                r#"secrets: read "4.5", allowed is a whole number from 0 to 1,000,000,000, such as 1.2k or 2M"#,
                "half a secret",
            ),
            (
                "max_overflow",
                "-2",
                r#"max_overflow: read "-2", allowed is a whole number from 0 to 100,000, or -1 for no limit"#,
                "only -1 means no limit",
            ),
            ("hold_ms", "NaN", r#"hold_ms: read "NaN", allowed is a number from 0 to 3,600,000"#, "not a number"),
            ("hold_ms", "inf", r#"hold_ms: read "inf", allowed is a number from 0 to 3,600,000"#, "no end"),
            (
                "ram",
                "8 parsecs",
                r#"ram: read "8 parsecs", allowed is a size from 128MiB to 64TiB, such as 8GiB or 512MB"#,
                "no such unit",
            ),
            (
                "pool_mode",
                "trans",
                r#"pool_mode: read "trans", allowed is one of session, transaction, statement"#,
                "no such word",
            ),
            ("podz", "4", r#"unknown input "podz": did you mean "pods"?"#, "a slip"),
            ("completely_else", "4", r#"unknown input "completely_else""#, "nothing is like it"),
        ];
        for (id, text, error, reason) in rows {
            let mut scenario = Scenario::default();
            let before = scenario.clone();
            assert_eq!(scenario.set(id, text).map_err(|error| error.to_string()), Err((*error).to_owned()), "{reason}");
            assert_eq!(scenario, before, "{id}={text}: a refused text changes nothing");
        }
    }
}
