//! A number the product shows, with everything needed to trust it.

use std::borrow::Cow;

use crate::quantity::Quantity;
use crate::source::Source;

/// A computed number with a stable id.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The stable id, such as `pool.app_connections`.
    pub id: Cow<'static, str>,
    /// What it is called, for people.
    pub name: Cow<'static, str>,
    /// The number.
    pub quantity: Quantity,
    /// How it came about.
    pub derivation: Derivation,
    /// What other published rules say for the same scenario, where they say something.
    pub rules: Vec<Rule>,
}

/// How a value came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivation {
    /// The formula in the words of its operands.
    pub formula: Cow<'static, str>,
    /// Every operand of the formula: an input id or a value id, and what it was.
    pub operands: Vec<(Cow<'static, str>, Quantity)>,
    /// Where the formula comes from.
    pub source: Source,
}

/// Another published rule for the same number, and why its answer differs from ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Who publishes the rule.
    pub source: Source,
    /// The rule's formula.
    pub formula: &'static str,
    /// What the rule says here.
    pub quantity: Quantity,
    /// Why it differs, or why it agrees.
    pub why: &'static str,
}

impl Value {
    /// A value with its derivation and no other rule beside it.
    pub(crate) fn new(
        id: impl Into<Cow<'static, str>>,
        name: impl Into<Cow<'static, str>>,
        quantity: impl Into<Quantity>,
        derivation: Derivation,
    ) -> Self {
        Self { id: id.into(), name: name.into(), quantity: quantity.into(), derivation, rules: Vec::new() }
    }

    /// The same value with another published rule beside it.
    #[must_use]
    pub(crate) fn beside(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}

impl Derivation {
    /// A formula without operands yet.
    pub(crate) fn new(formula: impl Into<Cow<'static, str>>, source: Source) -> Self {
        Self { formula: formula.into(), operands: Vec::new(), source }
    }

    /// The same derivation with one more operand.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<Cow<'static, str>>, quantity: impl Into<Quantity>) -> Self {
        self.operands.push((name.into(), quantity.into()));
        self
    }
}
