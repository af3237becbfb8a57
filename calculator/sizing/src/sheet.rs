//! The sheet on which a calculator writes down its values, one after the other.

use std::borrow::Cow;

use crate::memory::Setting;
use crate::quantity::Quantity;
use crate::scenario::Scenario;
use crate::source::{HEADROOM, Source};
use crate::value::{Derivation, Rule, Value};

/// Values as they are written: what follows [`Sheet::value`] says more about it.
pub(crate) struct Sheet<'s> {
    pub(crate) scenario: &'s Scenario,
    values: Vec<Value>,
}

/// A value whose words are the same in every scenario: only its number is computed.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) formula: &'static str,
    pub(crate) source: Source,
    /// Ids of inputs, and of values that stand before it on the sheet.
    pub(crate) operands: &'static [&'static str],
    pub(crate) rules: &'static [RuleRow],
}

/// A published rule whose words are the same in every scenario: source, formula, and why it differs.
pub(crate) type RuleRow = (Source, &'static str, &'static str);

impl<'s> Sheet<'s> {
    pub(crate) fn new(scenario: &'s Scenario) -> Self {
        Self { scenario, values: Vec::with_capacity(192) }
    }

    pub(crate) fn finish(self) -> Vec<Value> {
        self.values
    }

    /// What a value written before is.
    fn quantity_of(&self, id: &str) -> Option<Quantity> {
        self.values.iter().rev().find(|value| value.id == id).map(|value| value.quantity.clone())
    }

    /// Begins a value.
    pub(crate) fn value(&mut self, id: &'static str, name: &'static str, quantity: Quantity) -> &mut Self {
        self.begin(id.into(), name.into(), quantity)
    }

    /// Begins a value whose id and name are made for this scenario.
    pub(crate) fn made(&mut self, id: String, name: String, quantity: Quantity) -> &mut Self {
        self.begin(id.into(), name.into(), quantity)
    }

    fn begin(&mut self, id: Cow<'static, str>, name: Cow<'static, str>, quantity: Quantity) -> &mut Self {
        let derivation = Derivation { formula: Cow::Borrowed(""), operands: Vec::new(), source: HEADROOM };
        self.values.push(Value { id, name, quantity, derivation, rules: Vec::new(), setting: None });
        self
    }

    fn last(&mut self, change: impl FnOnce(&mut Value)) -> &mut Self {
        if let Some(value) = self.values.last_mut() {
            change(value);
        }
        self
    }

    /// Its formula, in the words of its operands, and where that comes from.
    pub(crate) fn is(&mut self, formula: &'static str, source: Source) -> &mut Self {
        self.last(|value| {
            value.derivation.formula = formula.into();
            value.derivation.source = source;
        })
    }

    /// Its formula, made for this scenario.
    pub(crate) fn is_made(&mut self, formula: String, source: Source) -> &mut Self {
        self.last(|value| {
            value.derivation.formula = formula.into();
            value.derivation.source = source;
        })
    }

    /// An operand.
    pub(crate) fn with(&mut self, name: &'static str, quantity: Quantity) -> &mut Self {
        self.last(|value| value.derivation.operands.push((name.into(), quantity)))
    }

    /// An operand whose name is made for this scenario.
    pub(crate) fn with_made(&mut self, name: String, quantity: Quantity) -> &mut Self {
        self.last(|value| value.derivation.operands.push((name.into(), quantity)))
    }

    /// Operands that are inputs.
    pub(crate) fn inputs(&mut self, ids: &[&'static str]) -> &mut Self {
        for id in ids {
            if let Some(quantity) = self.scenario.quantity(id) {
                self.with(id, quantity);
            }
        }
        self
    }

    /// The line of `postgresql.conf` it is.
    pub(crate) fn setting(&mut self, setting: Setting) -> &mut Self {
        self.last(|value| value.setting = Some(setting))
    }

    /// What another published rule says for it.
    pub(crate) fn rule(
        &mut self,
        source: Source,
        formula: &'static str,
        quantity: Quantity,
        why: &'static str,
    ) -> &mut Self {
        self.last(|value| value.rules.push(Rule { source, formula, quantity, why }))
    }

    /// Writes the values of a table: of each its number, then those of its rules.
    pub(crate) fn table(&mut self, rows: &'static [Row], quantities: Vec<Quantity>) {
        debug_assert_eq!(quantities.len(), rows.iter().map(|row| 1 + row.rules.len()).sum::<usize>());
        let mut quantities = quantities.into_iter();
        for row in rows {
            let Some(quantity) = quantities.next() else { return };
            self.value(row.id, row.name, quantity).is(row.formula, row.source);
            for id in row.operands {
                if let Some(operand) = self.operand(id) {
                    self.with(id, operand);
                }
            }
            for (source, formula, why) in row.rules {
                let Some(quantity) = quantities.next() else { return };
                self.rule(*source, formula, quantity, why);
            }
        }
    }

    /// An input, or a value that stands on the sheet.  A rate is what it is at peak.
    pub(crate) fn operand(&self, id: &str) -> Option<Quantity> {
        if id == "rate" {
            return Some(self.scenario.peak_rate().into());
        }
        if id.contains('.') { self.quantity_of(id) } else { self.scenario.quantity(id) }
    }
}
