//! Every demand that grows as a share of its limit, so that all can be seen beside each other.

use crate::Date;
use crate::curve::crossed;
use crate::quantity::{Count, Quantity, Share};
use crate::{Plan, Scenario};

/// Every line that has a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthCurve {
    /// The last month that is looked at.
    pub months: Count,
    /// The lines, the most critical first: those crossed in the order in which they are, then by use at the end.
    pub lines: Vec<GrowthLine>,
}

/// A demand against its limit.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthLine {
    /// The id of the series: `growth.database`.
    pub id: String,
    /// What is demanded, for people.
    pub name: String,
    /// What it must not exceed.
    pub limit: Quantity,
    /// The demand today.
    pub now: Quantity,
    /// The demand in the last month.
    pub at_end: Quantity,
    /// The demand as a share of its limit: now and in every month, as long as it is a number.  Empty where the limit
    /// is nothing.
    pub shares: Vec<Share>,
    /// When the limit is exceeded.
    pub crossed: Option<Crossing>,
}

/// When a limit is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    /// The first month of it; 0 is now.
    pub month: Count,
    /// Its day, where today is known.
    pub date: Option<Date>,
}

impl GrowthLine {
    /// How much of the limit is used in the last month that is a number.
    #[must_use]
    pub fn use_at_end(&self) -> Share {
        self.shares.last().copied().unwrap_or_default()
    }
}

/// The lines of the scenario's plan; `None` where none has a limit.
#[must_use]
pub fn growth(scenario: &Scenario, plan: &Plan) -> Option<GrowthCurve> {
    let mut lines: Vec<GrowthLine> = plan
        .series
        .iter()
        .filter_map(|series| {
            let limit = series.limit.clone()?;
            let whole = limit.approximately().filter(|whole| *whole > 0.0);
            let shares =
                series.points.iter().map_while(|point| Some(Share::new(point.approximately()? / whole?))).collect();
            let crossing =
                |month: Count| Crossing { month, date: scenario.today.map(|day| day.plus_months(month.get())) };
            Some(GrowthLine {
                id: series.id.to_string(),
                name: series.name.to_string(),
                now: series.points.first()?.clone(),
                at_end: series.points.last()?.clone(),
                shares,
                crossed: crossed(plan, &series.id).map(crossing),
                limit,
            })
        })
        .collect();
    let month = |line: &GrowthLine| line.crossed.map_or(u64::MAX, |crossing| crossing.month.get());
    lines.sort_by(|one, other| {
        month(one).cmp(&month(other)).then(other.use_at_end().get().total_cmp(&one.use_at_end().get()))
    });
    (!lines.is_empty()).then_some(GrowthCurve { months: scenario.months, lines })
}
