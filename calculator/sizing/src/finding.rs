//! A warning with its proof and its remedy.

use std::borrow::Cow;

use crate::quantity::Share;
use crate::{Quantity, Scenario};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will break under growth or in an incident.
    Warning,
    /// Is broken, or about to be.
    Error,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// The severity by the use of a limit: above 70 % info, above 80 % warning, above 90 % or exceeded error.
    pub(crate) fn of_use(used: Share) -> Option<Self> {
        [(0.9, Self::Error), (0.8, Self::Warning), (0.7, Self::Info)]
            .into_iter()
            .find_map(|(share, severity)| (used.get() > share).then_some(severity))
    }

    /// The word used in the plan's JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something the engineer should know about the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The stable code, such as `pool.exceeds_role_limit`.
    pub code: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter, in one sentence with the numbers.
    pub message: String,
    /// The ids of the values that prove it.
    pub evidence: Vec<Cow<'static, str>>,
    /// What to do about it.
    pub remedy: String,
    /// Inputs that, set together, end it: the input's id and its new value as text.  Empty where no single answer is
    /// right.
    pub fix: Vec<(&'static str, String)>,
}

/// A finding whose words are the same in every scenario: a `#` in its message stands for a number.
pub(crate) struct Row {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) evidence: &'static [&'static str],
    pub(crate) remedy: &'static str,
}

impl Row {
    /// The finding with its numbers.
    pub(crate) fn found(&self, severity: Severity, numbers: &[Quantity]) -> Finding {
        Finding::new(self.code, severity, filled(self.message, numbers), self.evidence, self.remedy)
    }
}

/// A text with numbers in the places of its `#`.
pub(crate) fn filled(text: &str, numbers: &[Quantity]) -> String {
    let mut numbers = numbers.iter();
    let mut filled = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match (character, numbers.as_slice()) {
            ('#', [number, ..]) => {
                filled.push_str(&number.to_string());
                numbers.next();
            }
            _ => filled.push(character),
        }
    }
    filled
}

impl Finding {
    /// A finding that nothing single ends.
    pub(crate) fn new(
        code: impl Into<Cow<'static, str>>,
        severity: Severity,
        message: impl Into<String>,
        evidence: &[&'static str],
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            severity,
            message: message.into(),
            evidence: evidence.iter().map(|id| Cow::Borrowed(*id)).collect(),
            remedy: remedy.into(),
            fix: Vec::new(),
        }
    }

    /// The same finding with what ends it, unless that is beyond what the inputs allow.
    pub(crate) fn fixed_by(mut self, fix: &[(&'static str, &str)]) -> Self {
        if fix.iter().all(|(id, text)| Scenario::default().set(id, text).is_ok()) {
            self.fix = fix.iter().map(|(id, text)| (*id, (*text).to_owned())).collect();
        }
        self
    }
}
