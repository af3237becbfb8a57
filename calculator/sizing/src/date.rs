//! A day of the calendar, for "when": the day comes in as an input, nothing here reads a clock.

use std::fmt;

use crate::input::{Field, Input, Kind};
use crate::quantity::Quantity;

/// A day of the Gregorian calendar, in the years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The last day there is here.
    const LAST: Self = Self { year: 9999, month: 12, day: 31 };

    /// A day that exists; `None` for one that does not.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_day = (1970..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
        (is_day && day <= days_of(year, month)).then_some(Self { year, month, day })
    }

    /// The same day so many months later, or the last day of that month where it is shorter.
    #[must_use]
    pub fn plus_months(self, months: u64) -> Self {
        let total = (u64::from(self.year) * 12 + u64::from(self.month) - 1).saturating_add(months);
        let (Ok(year), Ok(month)) = (u16::try_from(total / 12), u8::try_from(total % 12 + 1)) else {
            return Self::LAST;
        };
        if year > Self::LAST.year {
            return Self::LAST;
        }
        Self { year, month, day: self.day.min(days_of(year, month)) }
    }

    /// So many days earlier, not before the year 1970.
    #[must_use]
    pub fn minus_days(self, days: u64) -> Self {
        let mut date = self;
        let mut left = days;
        while left >= u64::from(date.day) {
            left -= u64::from(date.day);
            let (year, month) = if date.month == 1 { (date.year - 1, 12) } else { (date.year, date.month - 1) };
            if year < 1970 {
                return Self { year: 1970, month: 1, day: 1 };
            }
            date = Self { year, month, day: days_of(year, month) };
        }
        Self { day: date.day - u8::try_from(left).unwrap_or_default(), ..date }
    }
}

fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    /// `2026-03-01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<Date> for Quantity {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl Field for Date {
    fn read(text: &str, input: &Input) -> Option<Self> {
        let Kind::Date = input.kind else { return None };
        let mut parts = text.trim().splitn(3, '-');
        let mut part = |width| {
            let part: &str = parts.next()?;
            (part.len() == width && part.bytes().all(|byte| byte.is_ascii_digit())).then_some(part)
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    fn write(&self, _: &Input) -> String {
        self.to_string()
    }

    fn quantity(&self, _: &Input) -> Option<Quantity> {
        Some((*self).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_exist() {
        for (year, month, day, exists, reason) in [
            (2026, 2, 28, true, "the last of February"),
            (2026, 2, 29, false, "no leap year"),
            (2024, 2, 29, true, "a leap year"),
            (2000, 2, 29, true, "divisible by 400"),
            (2100, 2, 29, false, "divisible by 100 only"),
            (2026, 13, 1, false, "no such month"),
            (2026, 1, 0, false, "no such day"),
            (1969, 12, 31, false, "before there was time"),
        ] {
            assert_eq!(Date::new(year, month, day).is_some(), exists, "{reason}");
        }
    }

    #[test]
    fn arithmetic() {
        let date = |year, month, day| Date::new(year, month, day).unwrap();
        for (from, months, to, reason) in [
            (date(2026, 1, 31), 1, date(2026, 2, 28), "a shorter month ends earlier"),
            (date(2026, 11, 21), 2, date(2027, 1, 21), "over the turn of the year"),
            (date(2026, 11, 21), 0, date(2026, 11, 21), "now"),
            (date(2026, 11, 21), u64::MAX, Date::LAST, "saturates"),
        ] {
            assert_eq!(from.plus_months(months), to, "{reason}");
        }
        for (from, days, to, reason) in [
            (date(2026, 3, 1), 1, date(2026, 2, 28), "into a shorter month"),
            (date(2026, 1, 1), 1, date(2025, 12, 31), "over the turn of the year"),
            (date(2026, 11, 21), 84, date(2026, 8, 29), "twelve weeks"),
            (date(2026, 11, 21), u64::MAX, date(1970, 1, 1), "saturates"),
        ] {
            assert_eq!(from.minus_days(days), to, "{reason}");
        }
    }
}
