//! The growing table: its rows and bytes from today on.

use crate::choice::Partitioning;
use crate::quantity::{Bytes, Count, approximate};
use crate::scenario::Scenario;

/// Days of an average month.
pub(crate) const MONTH: f64 = 30.4375;
/// More than any table has, so that nothing computed from it overflows.
const MOST: f64 = 1e18;

/// What decides how the table grows.
pub(crate) struct Table {
    /// Rows a month, as they come today.
    per_month: f64,
    /// Rows today.
    today: f64,
    /// Months a row is kept; `None` for ever.
    kept: Option<f64>,
    /// Months a row stays uncompressed; `None` for ever.
    uncompressed: Option<f64>,
    /// What compression leaves of a byte.
    left: f64,
    /// Bytes of a row with its indexes.
    row: f64,
}

/// Days of rows that are dropped or compressed together.
pub(super) fn interval_days(scenario: &Scenario) -> f64 {
    match scenario.partitioning {
        Partitioning::None => 0.0,
        Partitioning::Monthly => MONTH,
        Partitioning::Hypertable => approximate(scenario.chunk_hours.get()) / 24.0,
    }
}

impl Table {
    /// `None` where the scenario has no such table.
    pub(super) fn of(scenario: &Scenario, row: f64) -> Option<Self> {
        let per_day = scenario.rows_per_day;
        if per_day.is_none() && scenario.rows_today.get() == 0 {
            return None;
        }
        let is_hypertable = scenario.partitioning == Partitioning::Hypertable;
        let months = |days: u64| (approximate(days) + interval_days(scenario)) / MONTH;
        Some(Self {
            per_month: approximate(per_day.unwrap_or_default().get()) * MONTH,
            today: approximate(scenario.rows_today.get()),
            // Without rows that come, none has an age.
            kept: scenario.retention_days.filter(|_| per_day.is_some()).map(|days| months(days.get())),
            uncompressed: scenario.compression_after_days.filter(|_| is_hypertable).map(|days| months(days.get())),
            left: 1.0 - scenario.compression_share.get(),
            row,
        })
    }

    /// Months until as many rows leave as come; a year where none ever leaves.
    pub(super) fn horizon(&self) -> f64 {
        self.kept.unwrap_or(12.0)
    }

    /// Rows younger than `age` months, `months` from now, where a month brings e^`growth` times the rows of the
    /// one before.
    fn younger_than(&self, age: Option<f64>, months: f64, growth: f64) -> f64 {
        let from = age.map(|age| months - age);
        let before = match from {
            None => self.today,
            Some(from) if from < 0.0 => self.today.min(self.per_month * -from),
            Some(_) => 0.0,
        };
        let from = from.unwrap_or(0.0).max(0.0);
        let since = if libm::fabs(growth) < 1e-9 {
            months - from
        } else {
            (libm::exp(growth * months) - libm::exp(growth * from)) / growth
        };
        let rows = before + self.per_month * since;
        if rows < MOST { rows } else { MOST }
    }

    /// Rows `months` from now.
    pub(super) fn rows(&self, months: f64, growth: f64) -> f64 {
        self.younger_than(self.kept, months, growth)
    }

    /// Rows among them that are compressed.
    pub(super) fn compressed_rows(&self, months: f64, growth: f64) -> f64 {
        self.compressed_of(self.rows(months, growth), months, growth)
    }

    fn compressed_of(&self, rows: f64, months: f64, growth: f64) -> f64 {
        match (self.uncompressed, self.kept) {
            (None, _) => 0.0,
            (Some(age), Some(kept)) if age >= kept => 0.0,
            (age, _) => (rows - self.younger_than(age, months, growth)).max(0.0),
        }
    }

    /// Bytes of the table and its indexes, `months` from now.
    pub(super) fn bytes(&self, months: f64, growth: f64) -> f64 {
        let rows = self.rows(months, growth);
        (rows - self.compressed_of(rows, months, growth) * (1.0 - self.left)) * self.row
    }

    /// Bytes of the rows that are compressed, as they are then.
    pub(super) fn compressed_bytes(&self, months: f64) -> f64 {
        self.compressed_rows(months, 0.0) * self.left * self.row
    }
}

/// As a quantity.
pub(super) fn count(rows: f64) -> Count {
    Count(crate::quantity::floor(rows + 0.5))
}

/// As a quantity, to the nearest byte.
pub(super) fn bytes(bytes: f64) -> Bytes {
    Bytes(crate::quantity::floor(bytes + 0.5))
}
