//! When something happens, in months and, where today is known, as a day.

use crate::Severity;
use crate::date::Date;
use crate::quantity::{Days, approximate};
use crate::storage::table::MONTH;

/// What begins within so many months is near.
const NEAR: f64 = 3.0;

/// Counts months from today.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Calendar {
    /// Today, where it is known.
    pub(crate) today: Option<Date>,
}

/// When what takes `lead` must begin to be done in time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Start {
    /// Months from now; below zero is too late.
    pub(crate) months: f64,
    /// The day, where today is known.
    pub(crate) date: Option<Date>,
}

impl Calendar {
    /// The day so many months from now.
    pub(crate) fn date(self, month: u64) -> Option<Date> {
        self.today.map(|today| today.plus_months(month))
    }

    /// When what takes `lead` must begin to be done by a month, on no day that is past.
    pub(crate) fn start(self, month: u64, lead: Days) -> Start {
        Start {
            months: approximate(month) - approximate(lead.get()) / MONTH,
            date: self.date(month).map(|date| date.minus_days(lead.get())).max(self.today),
        }
    }

    /// "now", "in 7 months", "in 7 months (2027-06-21)".
    pub(crate) fn when(self, month: u64) -> String {
        if month == 0 {
            return "now".to_owned();
        }
        let plural = if month == 1 { "" } else { "s" };
        match self.date(month) {
            Some(date) => format!("in {month} month{plural} ({date})"),
            None => format!("in {month} month{plural}"),
        }
    }
}

impl Start {
    /// Too late is an error, soon a warning, later worth knowing.
    pub(crate) fn severity(self) -> Severity {
        match self.months {
            months if months < 0.0 => Severity::Error,
            months if months <= NEAR => Severity::Warning,
            _ => Severity::Info,
        }
    }

    /// Whole months from now until it must begin; none where that is past.
    pub(crate) fn whole_months(self) -> Option<u64> {
        (self.months >= 0.0).then(|| crate::quantity::floor(self.months))
    }

    /// "start by 2027-06-07", "start within 6 months", "start now", "that is late already: start now".
    pub(crate) fn advice(self) -> String {
        match (self.whole_months(), self.date) {
            (None, _) => "that is late already: start now".to_owned(),
            (Some(0), _) => "start now".to_owned(),
            (Some(_), Some(date)) => format!("start by {date}"),
            (Some(1), None) => "start within a month".to_owned(),
            (Some(months), None) => format!("start within {months} months"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_start() {
        let today = Date::new(2026, 11, 21);
        for (month, lead, severity, with_date, without, reason) in [
            (1, 84, Severity::Error, "that is late already: start now", "that is late already: start now", "too late"),
            (1, 14, Severity::Warning, "start now", "start now", "less than a month is left"),
            (2, 14, Severity::Warning, "start by 2027-01-07", "start within a month", "one month is left"),
            (3, 0, Severity::Warning, "start by 2027-02-21", "start within 3 months", "three months are near"),
            (5, 14, Severity::Info, "start by 2027-04-07", "start within 4 months", "four are not"),
        ] {
            let start = Calendar { today }.start(month, Days(lead));
            assert_eq!((start.severity(), start.advice().as_str()), (severity, with_date), "{reason}");
            assert_eq!(Calendar { today: None }.start(month, Days(lead)).advice(), without, "{reason}");
        }
        assert_eq!(Calendar { today }.when(0), "now");
        assert_eq!(Calendar { today }.when(1), "in 1 month (2026-12-21)");
        assert_eq!(Calendar { today: None }.when(7), "in 7 months");
    }
}
