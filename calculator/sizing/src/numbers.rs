//! Values that are written from a table by their bare numbers: units, words and documented figures are data, and rows
//! without a number are left out.

use crate::quantity::{
    Bytes, BytesPerSecond, Count, Days, MeanConnections, Millis, PerSecond, Quantity, Ratio, Share, Unit, floor,
};
use crate::sheet::Sheet;
use crate::source::Source;

/// What is said of a value.
pub(crate) struct NumberRow {
    id: &'static str,
    name: &'static str,
    unit: Unit,
    formula: &'static str,
    source: Source,
    operands: &'static [&'static str],
    none: &'static str,
    rules: &'static [Beside],
}

/// What another rule says for it.
pub(crate) struct Beside {
    pub(crate) source: Source,
    pub(crate) formula: &'static str,
    pub(crate) figure: Figure,
    pub(crate) why: &'static str,
}

/// The figure of a rule.
pub(crate) enum Figure {
    /// The same in every scenario, in the value's unit.
    Number(f64),
    /// No number at all.
    Word(&'static str),
    /// One of the given numbers.
    Given(&'static str),
}

/// A number that a table names but that is neither an input nor a value on the sheet.
pub(crate) type Given = (&'static str, Unit, f64);

/// A row: id, name, unit, formula, source and operands.  An operand is a given number, an input or a value written
/// before.
pub(crate) const fn row(
    id: &'static str,
    name: &'static str,
    unit: Unit,
    formula: &'static str,
    source: Source,
    operands: &'static [&'static str],
) -> NumberRow {
    NumberRow { id, name, unit, formula, source, operands, none: "", rules: &[] }
}

impl NumberRow {
    /// What stands for the number where there is none.
    pub(crate) const fn or(self, none: &'static str) -> Self {
        Self { none, ..self }
    }

    /// What other rules say.
    pub(crate) const fn beside(self, rules: &'static [Beside]) -> Self {
        Self { rules, ..self }
    }
}

/// A number with its unit, rounded where the unit counts whole things; `none` where it is not finite.
fn quantity(unit: Unit, number: f64, none: &'static str) -> Quantity {
    let nearest = floor(number + 0.5);
    match unit {
        _ if !number.is_finite() => Quantity::None(unit, none),
        Unit::Connections => MeanConnections::new(number).into(),
        Unit::Count | Unit::Name => Count(nearest).into(),
        Unit::Bytes => Bytes(nearest).into(),
        Unit::PerSecond => PerSecond::new(number).into(),
        Unit::BytesPerSecond => BytesPerSecond::new(number).into(),
        Unit::Millis => Millis::new(number).into(),
        Unit::Days => Days(nearest).into(),
        Unit::Share => Share::new(number).into(),
        Unit::Ratio => Ratio::new(number).into(),
    }
}

impl Sheet<'_> {
    /// Writes a table with its numbers, one a row: none is written where there is none, and the row's own words where
    /// the number is not finite.
    pub(crate) fn numbers(&mut self, rows: &'static [NumberRow], numbers: &[Option<f64>], given: &[Given]) {
        debug_assert_eq!(rows.len(), numbers.len());
        let find = |name: &str| given.iter().find(|given| given.0 == name);
        for (row, number) in rows.iter().zip(numbers) {
            let Some(number) = *number else { continue };
            self.value(row.id, row.name, quantity(row.unit, number, row.none)).is(row.formula, row.source);
            self.operands(row.operands, given);
            for rule in row.rules {
                let figure = match rule.figure {
                    Figure::Number(number) => quantity(row.unit, number, ""),
                    Figure::Word(word) => Quantity::Name(word.to_owned()),
                    Figure::Given(name) => match find(name) {
                        Some((_, unit, number)) => quantity(*unit, *number, row.none),
                        None => continue,
                    },
                };
                self.rule(rule.source, rule.formula, figure, rule.why);
            }
        }
    }

    /// Operands of the value: given numbers, inputs or values written before, looked for in this order.
    pub(crate) fn operands(&mut self, names: &[&'static str], given: &[Given]) {
        for name in names {
            let operand = match given.iter().find(|given| given.0 == *name) {
                Some((_, unit, number)) => Some(quantity(*unit, *number, "")),
                None => self.operand(name),
            };
            if let Some(operand) = operand {
                self.with(name, operand);
            }
        }
    }
}
