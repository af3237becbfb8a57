//! How much of everything there will be, month by month.

use crate::Scenario;
use crate::growth::forecast::Expected;
use crate::quantity::{Bytes, Count, approximate, ceiling};

/// What is expected: now, and in every month that is looked at.
pub(crate) struct Outlook {
    /// How the requests grow, as a formula.
    pub(crate) pace: &'static str,
    /// Everything that follows the requests, as a multiple of today's.
    pub(crate) traffic: Vec<f64>,
    /// Concurrent users; empty where nobody said how many there are.
    pub(crate) users: Vec<f64>,
    /// Requests per second at peak.
    pub(crate) rate: Vec<f64>,
    /// Secrets in the store.
    pub(crate) secrets: Vec<f64>,
    /// Active leases.
    pub(crate) leases: Vec<f64>,
    /// Bytes on disk; empty where no row of the forecast says how many.
    pub(crate) storage: Vec<f64>,
}

/// One kind of thing that grows.
struct Column<'s> {
    scenario: &'s Scenario,
    /// How many there are today.
    now: f64,
    /// What a row of the forecast says of it.
    expected: fn(&Expected, &Scenario) -> Option<f64>,
}

impl Column<'_> {
    fn is_forecast(&self) -> bool {
        self.scenario.forecast.iter().any(|row| (self.expected)(row, self.scenario).is_some())
    }

    /// Now and in every month: evenly from row to row of the forecast, and by `monthly` after the last.
    fn grow(&self, monthly: f64) -> Vec<f64> {
        let months = self.scenario.months.get();
        let mut values = Vec::with_capacity(121);
        values.push(self.now);
        let (mut month, mut value) = (0_u64, self.now);
        for row in self.scenario.forecast.iter() {
            let Some(expected) = (self.expected)(row, self.scenario) else { continue };
            let steps = row.month.get().saturating_sub(month);
            let share = 1.0 / approximate(steps.max(1));
            // From nothing there is no even growth, only so much more each month.
            let is_even = value > 0.0 && expected > 0.0;
            let ratio = if is_even { libm::pow(expected / value, share) } else { 1.0 };
            let more = if is_even { 0.0 } else { (expected - value) * share };
            for step in 1..=steps {
                value = if step == steps { expected } else { value * ratio + more };
                month += 1;
                if month > months {
                    return values;
                }
                values.push(value);
            }
        }
        while month < months {
            value *= monthly;
            month += 1;
            values.push(value);
        }
        values
    }
}

impl Outlook {
    /// `users` and `storage` are today's, where they are known.
    pub(crate) fn of(scenario: &Scenario, users: Option<Count>, storage: Option<Bytes>) -> Self {
        let column = |now, expected| Column { scenario, now, expected };
        let user = column(users.map_or(0.0, count), |row, _| row.users.map(count));
        let rate = column(scenario.peak_rate().get(), |row, scenario| {
            row.rate.map(|rate| rate.at_peak(scenario.peak_factor).get())
        });
        let secrets = column(count(scenario.secrets), |row, _| row.secrets.map(count));
        let leases = column(count(scenario.leases), |row, _| row.leases.map(count));
        let bytes = |bytes: Bytes| approximate(bytes.get());
        let stored = column(storage.map_or(0.0, bytes), |row, _| row.storage.map(|bytes| approximate(bytes.get())));

        let monthly = libm::pow(1.0 + scenario.growth_rate.get(), 1.0 / 12.0);
        // Requests grow with the users where only those are forecast, and as they are said to where neither is.
        let paced = |monthly| column(1.0, |_, _| None).grow(monthly);
        let driver = [&rate, &user].into_iter().find(|column| column.now > 0.0 && column.is_forecast());
        let (pace, traffic): (_, Vec<f64>) = match (driver, scenario.target) {
            (Some(driver), _) => {
                let values = driver.grow(monthly).into_iter();
                ("rate, or else users, as forecast, ÷ today's", values.map(|value| value / driver.now).collect())
            }
            (None, Some(target)) => {
                let share = 1.0 / approximate(scenario.months.get().max(1));
                ("target", paced(libm::pow(target.get(), share)))
            }
            (None, None) => ("(1 + growth_rate) ^ (months ÷ 12)", paced(monthly)),
        };
        let values = |column: &Column<'_>| {
            if column.is_forecast() {
                column.grow(monthly)
            } else {
                traffic.iter().map(|multiple| column.now * multiple).collect()
            }
        };
        Self {
            pace,
            users: if users.is_some() { values(&user) } else { Vec::new() },
            rate: values(&rate),
            secrets: values(&secrets),
            leases: values(&leases),
            storage: if stored.is_forecast() { stored.grow(monthly) } else { Vec::new() },
            traffic,
        }
    }
}

fn count(count: Count) -> f64 {
    approximate(count.get())
}

/// A whole number of things after growth: no more than are needed where the arithmetic is a hair above.
pub(crate) fn scaled(whole: u64, multiple: f64) -> u64 {
    ceiling(approximate(whole) * multiple * (1.0 - 1e-12))
}
