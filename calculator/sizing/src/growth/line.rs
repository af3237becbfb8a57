//! The lines of the growth chart: a demand, month by month, what it must not exceed, and what moves that limit.

use crate::quantity::{
    Bytes, BytesPerSecond, Connections, Count, Days, Millis, PerSecond, Quantity, Ratio, Share, Unit, approximate,
    ceiling, floor,
};
use crate::source::Source;

/// What a line is about.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The word in ids and codes.
    pub(crate) word: &'static str,
    /// What is demanded, for people.
    pub(crate) name: &'static str,
    /// What is exceeded, as the end of "the …".
    pub(crate) limit: &'static str,
    /// How the demand grows.
    pub(crate) formula: &'static str,
    /// What moves the limit, as a sentence.
    pub(crate) remedy: &'static str,
    /// From the decision until that helps.
    pub(crate) lead: Days,
    /// Where the limit or its remedy comes from.
    pub(crate) source: Source,
}

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) kind: &'static Kind,
    pub(crate) unit: Unit,
    pub(crate) limit: Option<f64>,
    /// Now, and in every month.
    pub(crate) points: Vec<f64>,
    /// The first month in which the demand is above its limit; 0 is now.
    pub(crate) crossed: Option<u64>,
}

/// A number of whole things: rounded up, unless it is only the arithmetic that is a hair above.
pub(crate) fn whole(number: f64) -> u64 {
    let nearest = floor(number + 0.5);
    let is_near = libm::fabs(number - approximate(nearest)) <= number * 1e-12;
    if is_near { nearest } else { ceiling(number) }
}

/// More than this grew beyond anything that could be built.
const MOST: f64 = 1e15;
/// The same in bytes: an exabyte.
const MOST_BYTES: f64 = 1e18;

/// A number as what it is, or the words for there being too much of it to be a number.
pub(crate) fn quantity(unit: Unit, number: f64) -> Quantity {
    let most = if matches!(unit, Unit::Bytes | Unit::BytesPerSecond) { MOST_BYTES } else { MOST };
    // What is not a number grew too far as well.
    if number.is_nan() || number >= most {
        return Quantity::None(unit, "beyond all bounds");
    }
    let whole = whole(number);
    match unit {
        Unit::Connections => Connections(whole).into(),
        Unit::Bytes => Bytes(whole).into(),
        Unit::PerSecond => PerSecond::new(number).into(),
        Unit::BytesPerSecond => BytesPerSecond::new(number).into(),
        Unit::Millis => Millis::new(number).into(),
        Unit::Days => Days(whole).into(),
        Unit::Share => Share::new(number).into(),
        Unit::Ratio => Ratio::new(number).into(),
        Unit::Count => Count(whole).into(),
        Unit::Name => Quantity::None(unit, "no number"),
    }
}

/// So much above a limit is the arithmetic's, not the demand's.
const HAIR: f64 = 1.0 + 1e-9;

impl Line {
    pub(crate) fn of(kind: &'static Kind, unit: Unit, limit: Option<f64>, points: Vec<f64>) -> Self {
        let is_above = |demand: f64| limit.is_some_and(|limit| demand > limit * HAIR);
        let crossed = (0..).zip(&points).find(|(_, demand)| is_above(**demand)).map(|(month, _)| month);
        Self { kind, unit, limit, points, crossed }
    }

    /// A demand or the limit as what it is.
    pub(crate) fn quantity(&self, number: f64) -> Quantity {
        quantity(self.unit, number)
    }

    /// The limit, or the words for there being none.
    pub(crate) fn limit(&self) -> Quantity {
        self.limit.map_or(Quantity::None(self.unit, "no limit"), |limit| self.quantity(limit))
    }

    /// The demand in a month; the last one's for those after it.
    pub(crate) fn demand(&self, month: u64) -> Quantity {
        let month = usize::try_from(month).unwrap_or(usize::MAX);
        self.quantity(self.points.get(month).or(self.points.last()).copied().unwrap_or_default())
    }

    /// The demand changes.
    pub(crate) fn grows(&self) -> bool {
        self.points.windows(2).any(|pair| matches!(pair, [before, after] if before.to_bits() != after.to_bits()))
    }

    /// How much of the limit is used in the last month: what tells lines apart that are crossed in the same month.
    pub(crate) fn use_at_end(&self) -> f64 {
        self.points.last().copied().unwrap_or_default() / self.limit.unwrap_or_default().max(1e-9)
    }
}
