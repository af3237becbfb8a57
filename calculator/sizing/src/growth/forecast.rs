//! The forecast: what is expected after so many months, as a capacity plan's table gives it.

use crate::input::{Field, Input, Kind, Rate};
use crate::quantity::{Bytes, Count};
use crate::scenario::{MOST_COUNTED, MOST_RATE};

/// Most rows a forecast can have.
pub const MOST_ROWS: usize = 24;
/// The last month that is looked at.
pub const MOST_MONTHS: u64 = 120;

/// The columns of a row, in the order they are written.
pub const COLUMNS: [&str; 6] = ["month", "users", "rate", "secrets", "leases", "storage"];

/// What is expected after so many months.  What a row does not say is taken from the rows around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Months from now.
    pub month: Count,
    /// Concurrent users.
    pub users: Option<Count>,
    /// Requests.
    pub rate: Option<Rate>,
    /// Secrets in the store.
    pub secrets: Option<Count>,
    /// Active leases.
    pub leases: Option<Count>,
    /// Data on disk.
    pub storage: Option<Bytes>,
}

/// The rows of a forecast, by month.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forecast(Vec<Expected>);

impl Forecast {
    /// Every row, the nearest month first.
    pub fn iter(&self) -> impl Iterator<Item = &Expected> {
        self.0.iter()
    }

    /// Adds a row.  `None`, and nothing is added, where it is not allowed or its month does not come after the last.
    fn add(&mut self, text: &str, most: usize, input: &Input) -> Option<()> {
        let part = |index| text.split(':').nth(index).map(str::trim).filter(|part| !part.is_empty());
        let like = |kind| Input { kind, ..*input };
        let count = like(Kind::Whole { min: 0, max: MOST_COUNTED });
        let count = |index| read_part(part(index), |text| Count::read(text, &count));
        let rate = like(Kind::Rate { max: MOST_RATE });
        let size = like(Kind::Size { min: Bytes(0), max: Bytes(1 << 60), plain: Bytes(1) });
        let row = Expected {
            month: count(0)??,
            users: count(1)?,
            rate: read_part(part(2), |text| Rate::read(text, &rate))?,
            secrets: count(3)?,
            leases: count(4)?,
            storage: read_part(part(5), |text| Bytes::read(text, &size))?,
        };
        let month = row.month.get();
        let is_later = month > self.0.last().map_or(0, |last| last.month.get()) && month <= MOST_MONTHS;
        (is_later && self.0.len() < most && text.split(':').count() <= COLUMNS.len()).then(|| self.0.push(row))
    }
}

/// What a part says, if it says something; `None` where that is not allowed.
#[expect(clippy::option_option, reason = "not allowed is something other than not said")]
fn read_part<T>(part: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    part.map_or(Some(None), |text| read(text).map(Some))
}

impl Field for Forecast {
    fn read(text: &str, input: &Input) -> Option<Self> {
        let Kind::Forecast { max } = input.kind else { return None };
        let mut forecast = Self::default();
        if !text.trim().is_empty() {
            for row in text.split(',') {
                forecast.add(row, max, input)?;
            }
        }
        Some(forecast)
    }

    fn write(&self, input: &Input) -> String {
        let mut text = String::new();
        for row in self.iter() {
            if !text.is_empty() {
                text.push(',');
            }
            let count = |count: Option<Count>| count.map_or_else(String::new, |count| count.get().to_string());
            let parts = [
                count(Some(row.month)),
                count(row.users),
                row.rate.map_or_else(String::new, |rate| rate.write(input)),
                count(row.secrets),
                count(row.leases),
                row.storage.map_or_else(String::new, |bytes| bytes.to_string()),
            ];
            text.push_str(parts.join(":").trim_end_matches(':'));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use crate::Scenario;

    #[test]
    fn texts_that_are_read() {
        for (text, written, reason) in [
            ("", "", "no forecast"),
            ("12:500", "12:500", "users only"),
            ("12:500:::: , 24:1K", "12:500,24:1000", "two rows, one with empty ends"),
            ("12::50M/day:250K:150K:10TiB", "12::50000000/day:250000:150000:10TiB", "a row of a secret store"),
            ("120::1.2k", "120::1200", "the last month, a rate at peak"),
            ("1:::::0", "1:::::0B", "nothing stored"),
        ] {
            let mut scenario = Scenario::default();
            assert_eq!(scenario.set("forecast", text), Ok(()), "{text}: {reason}");
            assert_eq!(scenario.text("forecast").as_deref(), Some(written), "{text}: {reason}");
        }
    }

    #[test]
    fn texts_that_are_refused() {
        for (text, reason) in [
            (":500", "no month"),
            ("0:500", "today is what the other inputs say"),
            ("121:500", "beyond what is looked at"),
            ("12:500,12:600", "the same month twice"),
            ("24:500,12:600", "not in order"),
            ("12:0.5", "half a user"),
            ("12:-1", "fewer than none"),
            ("12:1::::1:1", "more parts than there are"),
            ("12:2G", "more users than there are bounds for"),
            ("12:::::8 parsecs", "no such unit"),
            ("12:500,", "a row of nothing"),
        ] {
            assert!(Scenario::default().set("forecast", text).is_err(), "{text}: {reason}");
        }
    }
}
