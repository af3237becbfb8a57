//! How much of everything there will be, month by month.

use crate::Scenario;
use crate::growth::forecast::Expected;
use crate::growth::line::whole;
use crate::quantity::{Bytes, Count, approximate};

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
        let mut values = Vec::with_capacity(usize::try_from(months).map_or(0, |months| months + 1));
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

/// A number of whole things after growth.
pub(crate) fn scaled(things: u64, multiple: f64) -> u64 {
    whole(approximate(things) * multiple)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook(inputs: &[(&str, &str)]) -> Outlook {
        let mut scenario = Scenario::default();
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        Outlook::of(&scenario, scenario.users, None)
    }

    fn is(value: Option<&f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() <= expected * 1e-12)
    }

    #[test]
    fn growth_is_even() {
        type Row<'a> = (&'a [(&'a str, &'a str)], usize, f64, &'a str);
        let rows: &[Row<'_>] = &[
            (&[], 24, 1.0, "nothing grows"),
            (&[("growth_rate", "100%")], 12, 2.0, "doubled in a year"),
            (&[("growth_rate", "100%")], 24, 4.0, "and again in the next"),
            (&[("growth_rate", "44%")], 6, 1.2, "half a year is the root of a year"),
            (&[("target", "4")], 24, 4.0, "the target at the end"),
            (&[("target", "4")], 12, 2.0, "its root in the middle"),
            (&[("target", "0.25"), ("growth_rate", "50%")], 12, 0.5, "a target below today's, whatever the rate"),
            (&[("rate", "100"), ("forecast", "12::400")], 6, 2.0, "between now and a row"),
            (&[("rate", "100"), ("forecast", "12::400")], 24, 4.0, "nothing is said after the last row"),
            (&[("rate", "100"), ("forecast", "12::400"), ("growth_rate", "50%")], 24, 6.0, "or a rate is"),
            (&[("users", "250"), ("forecast", "12:500,24:1000")], 18, 8.0_f64.sqrt(), "between two rows of users"),
            (&[("users", "250"), ("rate", "1"), ("forecast", "12:500:3")], 12, 3.0, "requests, where both are said"),
            (&[("forecast", "12:500"), ("growth_rate", "100%")], 12, 2.0, "nobody knows how many users there are"),
            (&[("rate", "0"), ("forecast", "12::5"), ("target", "3")], 24, 3.0, "nothing is no part of anything"),
        ];
        for (inputs, month, expected, reason) in rows {
            let traffic = outlook(inputs).traffic;
            assert!(is(traffic.get(*month), *expected), "{inputs:?}: {reason}: {:?}", traffic.get(*month));
        }
    }

    #[test]
    fn each_column_has_its_own_rows() {
        let store = [
            ("rate", "10M/day"),
            ("secrets", "100K"),
            ("leases", "60K"),
            ("months", "60"),
            ("forecast", "12::50M/day:250K:150K,24::100M/day:500K:300K,48::200M/day:1M:500K"),
        ];
        let outlook = outlook(&store);
        for (values, month, expected, reason) in [
            (&outlook.secrets, 0, 100_000.0, "today"),
            (&outlook.secrets, 48, 1_000_000.0, "the last row"),
            (&outlook.leases, 12, 150_000.0, "the second year"),
            (&outlook.leases, 36, 387_298.334_620_741_7, "the year the table leaves out: √(300,000 × 500,000)"),
            (&outlook.leases, 60, 500_000.0, "after the last row"),
            (&outlook.rate, 24, 100e6 / 86_400.0 * 3.0, "the day's requests at their peak"),
        ] {
            assert!(is(values.get(month), expected), "{reason}: {:?}", values.get(month));
        }
        assert_eq!(outlook.users.len() + outlook.storage.len(), 0, "nobody said how many");
    }

    #[test]
    fn from_nothing_it_grows_by_steps() {
        let outlook = outlook(&[("leases", "0"), ("forecast", "10::::100"), ("months", "10")]);
        assert!(is(outlook.leases.get(3), 30.0));
    }

    #[test]
    fn what_is_scaled_is_rounded_up() {
        for (whole, multiple, expected, reason) in [
            (3, 1.0, 3, "as it is"),
            (3, 4.0, 12, "whole"),
            (3, 1.01, 4, "a part of a pod is a pod"),
            (10, 1.1 + 2.0 * f64::EPSILON, 11, "a hair above is the arithmetic's"),
            (3, 0.0, 0, "nothing"),
        ] {
            assert_eq!(scaled(whole, multiple), expected, "{reason}");
        }
    }
}
