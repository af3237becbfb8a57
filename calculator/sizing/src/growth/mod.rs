//! Growth: every demand against every limit, month by month, and what is crossed first.

mod demands;
mod findings;
pub mod forecast;
mod line;
pub mod milestone;
mod outlook;
mod values;
mod when;

use crate::date::Date;
use crate::model::Model;
use crate::quantity::Days;
use crate::sheet::Sheet;
use crate::storage::Storage;
use crate::{Finding, Scenario, Series};
use line::Line;
use milestone::Reached;
use outlook::Outlook;
use when::Calendar;

pub(crate) use demands::a_month;

/// What this calculator computed.
#[derive(Default)]
pub(crate) struct Growth {
    calendar: Calendar,
    /// Users in the last month, where they are known.
    users_at_end: Option<f64>,
    /// How the requests grow, as a formula.
    pace: &'static str,
    /// Requests in the last month, as a multiple of today's.
    traffic_at_end: f64,
    lines: Vec<Line>,
    /// The places of the lines that are crossed, the first crossed first.
    order: Vec<usize>,
    milestones: Vec<Reached>,
}

impl Growth {
    pub(crate) fn of(model: &Model<'_>) -> Self {
        let scenario = model.scenario;
        let outlook = outlook(scenario, &model.storage);
        let lines = demands::lines(model, &outlook);
        let key = |place: &usize| lines.get(*place).map(|line| (line.crossed, line.use_at_end()));
        let mut order: Vec<usize> =
            (0..lines.len()).filter(|place| key(place).is_some_and(|(crossed, _)| crossed.is_some())).collect();
        order.sort_by(|left, right| match (key(left), key(right)) {
            (Some((month, used)), Some((other_month, other_used))) => {
                month.cmp(&other_month).then(other_used.total_cmp(&used))
            }
            _ => std::cmp::Ordering::Equal,
        });
        Self {
            calendar: Calendar { today: scenario.today },
            traffic_at_end: outlook.traffic.last().copied().unwrap_or(1.0),
            users_at_end: outlook.users.last().copied(),
            pace: outlook.pace,
            order,
            milestones: milestone::reached(scenario, &outlook),
            lines,
        }
    }

    /// Requests in the last month looked at, as a multiple of today's.
    pub(crate) fn traffic_at_end(&self) -> f64 {
        self.traffic_at_end
    }

    /// The day on which what takes `lead` must begin to help before any of these lines is crossed: today where that is
    /// late already, `None` where none is crossed or today is not known.
    pub(crate) fn start_by(&self, words: &[&str], lead: Days) -> Option<Date> {
        let (_, month) = self.crossed().find(|(line, _)| words.contains(&line.kind.word))?;
        self.calendar.start(month, lead).date
    }

    /// A line's demand in the last month, and the month in which its limit is crossed.
    pub(crate) fn line(&self, word: &str) -> Option<(f64, Option<u64>)> {
        let line = self.lines.iter().find(|line| line.kind.word == word)?;
        Some((line.points.last().copied().unwrap_or_default(), line.crossed))
    }

    /// How far ahead is looked.
    fn months(&self) -> usize {
        self.lines.first().map_or(0, |line| line.points.len().saturating_sub(1))
    }

    /// The lines that are crossed, the first crossed first.
    fn crossed(&self) -> impl Iterator<Item = (&Line, u64)> {
        self.order.iter().filter_map(|place| {
            let line = self.lines.get(*place)?;
            Some((line, line.crossed?))
        })
    }
}

/// How much of everything there will be.
pub(crate) fn outlook(scenario: &Scenario, storage: &Storage<'_>) -> Outlook {
    let stored = if scenario.has_database() { storage.disk_after(0.0, 1.0) } else { scenario.secret_storage };
    Outlook::of(scenario, scenario.users, stored)
}

/// What breaks first as it grows, when, and what to do; `None` where nothing grows.
pub(crate) fn sentence(growth: &Growth) -> Option<String> {
    if !growth.lines.iter().any(Line::grows) {
        return None;
    }
    let mut crossed = growth.crossed().filter(|(_, month)| *month > 0);
    let Some((line, month)) = crossed.next() else {
        return Some(format!("As it grows, no further limit is exceeded in the {} months looked at.", growth.months()));
    };
    let is_first = growth.crossed().all(|(_, month)| month > 0);
    let then = crossed.next().map_or_else(String::new, |(next, month)| {
        [", then the ", next.kind.limit, " ", &growth.calendar.when(month)].concat()
    });
    let advice = growth.calendar.start(month, line.kind.lead).advice();
    let mut letters = advice.chars();
    let first_letter = letters.next().map(|letter| letter.to_ascii_uppercase());
    let advice: String = first_letter.into_iter().chain(letters).collect();
    let order = if is_first { "first" } else { "next" };
    let when = growth.calendar.when(month);
    let remedy = line.kind.remedy;
    Some(format!("As it grows, the {} is exceeded {order}, {when}{then}. {advice}: {remedy}", line.kind.limit))
}

pub(crate) fn values(model: &Model<'_>, sheet: &mut Sheet<'_>) {
    values::values(&model.growth, sheet);
}

pub(crate) fn findings(model: &Model<'_>) -> Vec<Finding> {
    findings::findings(&model.growth)
}

/// Every demand over the months to come.
pub(crate) fn series(model: &Model<'_>) -> Vec<Series> {
    let growth = &model.growth;
    let series = growth.lines.iter().map(|line| Series {
        id: ["growth.", line.kind.word].concat().into(),
        name: line.kind.name.into(),
        limit: line.limit.map(|limit| line.quantity(limit)),
        points: line.points.iter().map(|point| line.quantity(*point)).collect(),
    });
    series.collect()
}
