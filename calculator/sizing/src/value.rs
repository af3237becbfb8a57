//! A number the product shows, with everything needed to trust it.

use std::borrow::Cow;

use crate::memory::Setting;
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
    /// The line of `postgresql.conf` it is, where it is one.
    pub setting: Option<Setting>,
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

impl Derivation {
    /// The formula with the operands' numbers in their places: `4 × 1 × (20 + 10)`.  `None` where the formula names no
    /// operand.
    #[must_use]
    pub fn with_numbers(&self) -> Option<String> {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let formula = self.formula.as_bytes();
        // A dot joins the words of an id, and otherwise ends a sentence.
        let goes_on = |at: usize| match formula.get(at) {
            Some(b'.') => formula.get(at + 1).is_some_and(is_word),
            Some(byte) => is_word(byte),
            None => false,
        };
        let last_word = |name: &'_ str| name.rfind('.').map_or(0, |dot| dot + 1);
        let mut names: Vec<(&str, &Quantity)> = Vec::new();
        for (name, quantity) in &self.operands {
            names.push((name, quantity));
            // "demand" stands for `pool.role.demand` in an expression where no other operand ends like it.
            let short = name.get(last_word(name)..).unwrap_or_default();
            let is_alike = |(other, _): &&(Cow<'static, str>, Quantity)| other.get(last_word(other)..) == Some(short);
            if self.formula.contains(['+', '−', '×', '÷']) && self.operands.iter().filter(is_alike).count() == 1 {
                names.push((short, quantity));
            }
        }
        let mut text = String::with_capacity(self.formula.len());
        let mut replaced = false;
        let mut rest: &str = &self.formula;
        while let Some(character) = rest.chars().next() {
            let at = self.formula.len() - rest.len();
            let inside = at.checked_sub(1).and_then(|before| formula.get(before));
            let starts = !inside.is_some_and(|byte| is_word(byte) || *byte == b'.');
            let longest = (names.iter())
                .filter(|(name, _)| starts && rest.starts_with(name) && !goes_on(at + name.len()))
                .max_by_key(|(name, _)| name.len());
            if let Some((name, quantity)) = longest.filter(|(name, _)| !name.is_empty()) {
                text.push_str(&quantity.to_string());
                rest = rest.get(name.len()..).unwrap_or_default();
                replaced = true;
            } else {
                text.push(character);
                rest = rest.get(character.len_utf8()..).unwrap_or_default();
            }
        }
        replaced.then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::{Connections, Count};
    use crate::source::HEADROOM;

    #[test]
    fn a_formula_shows_its_numbers() {
        let rows: &[(&'static str, Option<&str>, &str)] = &[
            ("pods × (pool_size + 10)", Some("4 × (20 + 10)"), "every operand"),
            ("min_pool_size and pool_sizes, pool_size.", Some("min_pool_size and pool_sizes, 20."), "whole words only"),
            ("pool.pods ÷ pods", Some("7 ÷ 4"), "the longest name first"),
            ("x.pods + pods.x + pods", Some("x.pods + pods.x + 4"), "part of another id is another id"),
            ("least(pods, app connections)", Some("least(4, 80)"), "names of several words"),
            ("limit − demand", Some("200 − demand"), "the last word of an id, where only one ends like it"),
            ("within the limit", None, "but not in a sentence"),
            ("the tightest link", None, "nothing to replace"),
            ("", None, "nothing at all"),
        ];
        for (formula, numbers, reason) in rows {
            let operands: [(&str, Quantity); 7] = [
                ("pods", Count(4).into()),
                ("pool_size", Connections(20).into()),
                ("pool.pods", Count(7).into()),
                ("app connections", Connections(80).into()),
                ("pool.limit", Connections(200).into()),
                ("pool.a.demand", Connections(1).into()),
                ("pool.b.demand", Connections(2).into()),
            ];
            let operands = operands.map(|(name, quantity)| (Cow::Borrowed(name), quantity)).into();
            let derivation = Derivation { formula: Cow::Borrowed(formula), operands, source: HEADROOM };
            assert_eq!(derivation.with_numbers().as_deref(), *numbers, "{reason}");
        }
    }
}
