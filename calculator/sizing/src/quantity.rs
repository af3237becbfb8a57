//! Numbers that carry their unit: the only numbers that cross this crate's boundary.

use std::fmt;

use crate::date::Date;
use crate::decimal::rounded;

macro_rules! whole_quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u64);

        impl $name {
            /// The bare number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl From<$name> for Quantity {
            fn from(quantity: $name) -> Self {
                Self::$name(quantity)
            }
        }
    };
}

macro_rules! real_quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
        pub struct $name(f64);

        impl $name {
            /// Takes any number; what is not a finite number of at least zero becomes zero.
            #[must_use]
            pub fn new(number: f64) -> Self {
                Self(finite(number))
            }

            /// The bare number, finite and at least zero.
            #[must_use]
            pub const fn get(self) -> f64 {
                self.0
            }
        }

        impl From<$name> for Quantity {
            fn from(quantity: $name) -> Self {
                Self::$name(quantity)
            }
        }
    };
}

whole_quantity! {
    /// A number of database or pooler connections.
    Connections
}
whole_quantity! {
    /// A number of things that are not connections: pods, instances, threads, file descriptors.
    Count
}
whole_quantity! {
    /// Memory or storage in bytes.
    Bytes
}
real_quantity! {
    /// Events per second.
    PerSecond
}
real_quantity! {
    /// A duration in milliseconds.
    Millis
}
real_quantity! {
    /// A part of a whole: 1 is all of it, and a demand above its limit is more than 1.
    Share
}
real_quantity! {
    /// How many of one thing there are for each of another.
    Ratio
}
real_quantity! {
    /// Connections in use at the same time, on average.
    MeanConnections
}
real_quantity! {
    /// Bytes that pass in a second.
    BytesPerSecond
}
whole_quantity! {
    /// Whole days.
    Days
}

/// Not written out at each of the many places that need it: every byte of the page is downloaded.
#[inline(never)]
fn finite(number: f64) -> f64 {
    if number.is_finite() && number > 0.0 { number } else { 0.0 }
}

impl Share {
    /// `part` of `whole`, and `None` where there is no whole to be a part of.
    #[must_use]
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        (whole > 0).then(|| Self::new(approximate(part) / approximate(whole)))
    }
}

impl Bytes {
    /// Whole gibibytes.
    #[must_use]
    pub const fn gib(gibibytes: u64) -> Self {
        Self(gibibytes.saturating_mul(1 << 30))
    }

    /// Whole mebibytes.
    #[must_use]
    pub const fn mib(mebibytes: u64) -> Self {
        Self(mebibytes.saturating_mul(1 << 20))
    }

    /// Whole kibibytes.
    #[must_use]
    pub const fn kib(kibibytes: u64) -> Self {
        Self(kibibytes.saturating_mul(1 << 10))
    }

    /// Exact where that is short, and otherwise rounded to a tenth of the largest unit: `2GiB`, `117.7MiB`.
    fn for_people(self) -> String {
        const SHORT: usize = "9999MiB".len();
        let exact = self.to_string();
        let unit = [("TiB", 40_u32), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
            .into_iter()
            .find(|(_, shift)| self.0 >> shift > 0)
            .filter(|_| exact.len() > SHORT);
        match unit {
            Some((name, shift)) => rounded(approximate(self.0) / approximate(1 << shift), 1) + name,
            None => exact,
        }
    }
}

/// Connections to spare: negative where a limit is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Margin(pub i64);

impl Margin {
    /// What `limit` leaves over `demand`.
    #[must_use]
    pub fn between(limit: u64, demand: u64) -> Self {
        let spare = i128::from(limit) - i128::from(demand);
        Self(i64::try_from(spare).unwrap_or(if spare < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl From<Margin> for Quantity {
    fn from(margin: Margin) -> Self {
        Self::Margin(margin)
    }
}

/// What is to spare as a share: negative where a limit is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct SpareShare(f64);

impl SpareShare {
    /// What `limit` leaves over `demand`, as a share of `whole`; `None` where there is no whole to be a part of.
    #[must_use]
    pub fn of(limit: u64, demand: u64, whole: u64) -> Option<Self> {
        let share = Share::of(limit.abs_diff(demand), whole)?.get();
        Some(Self(if demand > limit { -share } else { share }))
    }
}

impl From<SpareShare> for Quantity {
    fn from(share: SpareShare) -> Self {
        Self::SpareShare(share)
    }
}

/// The units a [`Quantity`] can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Connections.
    Connections,
    /// A count of something else.
    Count,
    /// Bytes.
    Bytes,
    /// Per second.
    PerSecond,
    /// Bytes per second.
    BytesPerSecond,
    /// Milliseconds.
    Millis,
    /// Days.
    Days,
    /// A share between 0 and 1; more where a limit is exceeded, and what is to spare is then below 0.
    Share,
    /// So many for each one.
    Ratio,
    /// The name of something, or a date.
    Name,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 10] = [
        Self::Connections,
        Self::Count,
        Self::Bytes,
        Self::PerSecond,
        Self::BytesPerSecond,
        Self::Millis,
        Self::Days,
        Self::Share,
        Self::Ratio,
        Self::Name,
    ];

    /// The word used in the plan's JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Count => "count",
            Self::Bytes => "bytes",
            Self::PerSecond => "per second",
            Self::BytesPerSecond => "bytes per second",
            Self::Days => "days",
            Self::Millis => "milliseconds",
            Self::Share => "share",
            Self::Ratio => "ratio",
            Self::Name => "name",
        }
    }
}

/// Any number the product can show, or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// Connections.
    Connections(Connections),
    /// Connections to spare.
    Margin(Margin),
    /// A count of something else.
    Count(Count),
    /// Bytes.
    Bytes(Bytes),
    /// Events per second.
    PerSecond(PerSecond),
    /// Bytes per second.
    BytesPerSecond(BytesPerSecond),
    /// Milliseconds.
    Millis(Millis),
    /// Days.
    Days(Days),
    /// A day of the calendar.
    Date(Date),
    /// A share of a limit.
    Share(Share),
    /// A share to spare.
    SpareShare(SpareShare),
    /// So many for each one.
    Ratio(Ratio),
    /// Connections, on average.
    MeanConnections(MeanConnections),
    /// A name: which of several things it is.
    Name(String),
    /// No number applies, and why: "no limit", "no capacity".
    None(Unit, &'static str),
}

/// The number of a [`Quantity`], in its base unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number, never below zero.
    Whole(u64),
    /// A whole number that may be negative.
    Signed(i64),
    /// A finite number.
    Real(f64),
}

impl Quantity {
    /// The unit.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        match self {
            Self::Connections(_) | Self::Margin(_) | Self::MeanConnections(_) => Unit::Connections,
            Self::Count(_) => Unit::Count,
            Self::Bytes(_) => Unit::Bytes,
            Self::PerSecond(_) => Unit::PerSecond,
            Self::BytesPerSecond(_) => Unit::BytesPerSecond,
            Self::Millis(_) => Unit::Millis,
            Self::Days(_) => Unit::Days,
            Self::Share(_) | Self::SpareShare(_) => Unit::Share,
            Self::Ratio(_) => Unit::Ratio,
            Self::Name(_) | Self::Date(_) => Unit::Name,
            Self::None(unit, _) => *unit,
        }
    }

    /// The number in the base unit; `None` for names and where no number applies.
    #[must_use]
    pub const fn number(&self) -> Option<Number> {
        match self {
            Self::Connections(Connections(whole))
            | Self::Count(Count(whole))
            | Self::Bytes(Bytes(whole))
            | Self::Days(Days(whole)) => Some(Number::Whole(*whole)),
            Self::Margin(Margin(signed)) => Some(Number::Signed(*signed)),
            Self::PerSecond(PerSecond(real))
            | Self::BytesPerSecond(BytesPerSecond(real))
            | Self::Millis(Millis(real))
            | Self::Share(Share(real))
            | Self::SpareShare(SpareShare(real))
            | Self::Ratio(Ratio(real))
            | Self::MeanConnections(MeanConnections(real)) => Some(Number::Real(*real)),
            Self::Name(_) | Self::Date(_) | Self::None(..) => None,
        }
    }

    /// The number as the nearest floating-point number, to compare it with another of its unit.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the nearest is meant")]
    pub const fn approximately(&self) -> Option<f64> {
        match self.number() {
            Some(Number::Whole(whole)) => Some(whole as f64),
            Some(Number::Signed(signed)) => Some(signed as f64),
            Some(Number::Real(real)) => Some(real),
            None => None,
        }
    }
}

impl fmt::Display for Quantity {
    /// For people: grouped digits, a percent sign, the largest unit that stays exact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connections(Connections(whole)) | Self::Count(Count(whole)) => f.write_str(&grouped(*whole)),
            Self::Margin(Margin(signed)) if *signed < 0 => write!(f, "−{}", grouped(signed.unsigned_abs())),
            Self::Margin(Margin(signed)) => f.write_str(&grouped(signed.unsigned_abs())),
            Self::Bytes(bytes) => f.write_str(&bytes.for_people()),
            Self::BytesPerSecond(BytesPerSecond(real)) => write!(f, "{}/s", Bytes(ceiling(*real)).for_people()),
            Self::Days(Days(1)) => f.write_str("1 day"),
            Self::Days(Days(whole)) => write!(f, "{} days", grouped(*whole)),
            Self::Date(date) => date.fmt(f),
            Self::PerSecond(PerSecond(real)) => write!(f, "{}/s", rounded(*real, 2)),
            Self::Millis(Millis(real)) => {
                let (unit, each) = match *real {
                    real if real >= 7_200_000.0 => ("h", 3_600_000.0),
                    real if real >= 120_000.0 => ("min", 60_000.0),
                    real if real >= 10_000.0 => ("s", 1_000.0),
                    _ => ("ms", 1.0),
                };
                write!(f, "{} {unit}", rounded(real / each, 2))
            }
            // What would round to nothing keeps its first digits.
            Self::Share(Share(real)) => {
                write!(f, "{} %", rounded(real * 100.0, if *real < 0.001 { 4 } else { 1 }))
            }
            Self::SpareShare(SpareShare(real)) => {
                let sign = if *real < 0.0 { "−" } else { "" };
                write!(f, "{sign}{}", Self::from(Share::new(libm::fabs(*real))))
            }
            Self::Ratio(Ratio(real)) | Self::MeanConnections(MeanConnections(real)) => f.write_str(&rounded(*real, 2)),
            Self::Name(name) => f.write_str(name),
            Self::None(_, why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Bytes {
    /// The largest binary unit that shows the size exactly: `8GiB`, `1536MiB`, `100B`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
            .into_iter()
            .find(|(_, shift)| self.0 != 0 && self.0.trailing_zeros() >= *shift);
        match unit {
            Some((name, shift)) => write!(f, "{}{name}", self.0 >> shift),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// A whole number as the nearest floating-point number: exact up to 2^53, far above any bound of an input.
#[expect(clippy::cast_precision_loss, reason = "bounds keep what is exact below 2^53; above it the nearest is meant")]
pub(crate) fn approximate(whole: u64) -> f64 {
    whole as f64
}

/// The largest whole number that is not above `real`; zero for what is below zero, saturating at the top.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
pub(crate) fn floor(real: f64) -> u64 {
    real as u64
}

/// The smallest whole number that is not below `real`; zero for what is below zero, saturating at the top.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
pub(crate) fn ceiling(real: f64) -> u64 {
    libm::ceil(real) as u64
}

/// A whole number with its digits in groups of three: `1,234,567`.
#[must_use]
pub fn grouped(whole: u64) -> String {
    let digits = whole.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_for_people() {
        let rows: &[(Quantity, &str, &str)] = &[
            (Connections(0).into(), "0", "nothing is a number too"),
            (Connections(999).into(), "999", "no group below a thousand"),
            (Connections(1_234_567).into(), "1,234,567", "groups of three"),
            (Margin::between(120, 150).into(), "−30", "exceeded: a real minus sign"),
            (Margin::between(u64::MAX, 0).into(), "9,223,372,036,854,775,807", "saturates"),
            (Share::of(150, 197).unwrap().into(), "76.1 %", "one decimal"),
            (Share::of(150, 200).unwrap().into(), "75 %", "no trailing zero"),
            (SpareShare::of(250, 300, 250).unwrap().into(), "−20 %", "exceeded: a real minus sign"),
            (SpareShare::of(200, 140, 140).unwrap().into(), "42.9 %", "to spare"),
            (SpareShare::of(10, 10, 10).unwrap().into(), "0 %", "nothing to spare has no sign"),
            (Share::new(0.000_083_3).into(), "0.0083 %", "little is not nothing"),
            (Ratio::new(20.0).into(), "20", "a ratio"),
            (MeanConnections::new(6.4).into(), "6.4", "an average is no whole number"),
            (Bytes::gib(8).into(), "8GiB", "largest exact unit"),
            (Bytes(1536 << 20).into(), "1536MiB", "1.5 GiB is not a whole number of GiB"),
            (Bytes(0).into(), "0B", "zero has no largest unit"),
            (Bytes(123_456_789).into(), "117.7MiB", "long sizes are rounded for people"),
            (BytesPerSecond::new(1_048_576.0).into(), "1MiB/s", "a throughput"),
            (Days(1).into(), "1 day", "one"),
            (Days(90).into(), "90 days", "several"),
            (Millis::new(f64::NAN).into(), "0 ms", "never NaN"),
            (Millis::new(9_999.0).into(), "9,999 ms", "what is short is in milliseconds"),
            (Millis::new(17_000.0).into(), "17 s", "longer in seconds"),
            (Millis::new(193_000.0).into(), "3.22 min", "longer in minutes"),
            (Millis::new(36_000_000.0).into(), "10 h", "longer in hours"),
            (PerSecond::new(f64::INFINITY).into(), "0/s", "never infinite"),
            (PerSecond::new(1234.5).into(), "1,234.5/s", "grouped before the point"),
            (Quantity::None(Unit::Connections, "no limit"), "no limit", "the reason stands for the number"),
        ];
        for (quantity, text, reason) in rows {
            assert_eq!(quantity.to_string(), *text, "{reason}");
        }
    }

    #[test]
    fn a_share_needs_a_whole() {
        assert_eq!(Share::of(1, 0), None);
        assert_eq!(SpareShare::of(0, 1, 0), None);
        assert_eq!(Share::of(0, 1), Some(Share::new(0.0)));
    }
}
