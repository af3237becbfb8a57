//! What can be done: an option with its numbers, its price and the way there and back.

use std::borrow::Cow;

use crate::date::Date;
use crate::quantity::Days;
use crate::source::Source;

/// How much of something there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// None to speak of.
    None,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

impl Level {
    /// The word used in the plan's JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One thing to do, and the command that does it where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do, as a sentence.
    pub what: Cow<'static, str>,
    /// The command, the statement or the lines of configuration, ready to be used; empty where there are none.
    pub command: Cow<'static, str>,
}

/// Something that can be done about what was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The stable code, such as `strategy.smaller_pools`.
    pub code: &'static str,
    /// What it is, as a heading.
    pub title: Cow<'static, str>,
    /// Whether it helps in this scenario.
    pub feasible: bool,
    /// Whether it is what should be done first.
    pub recommended: bool,
    /// Why it helps or why it does not, with the numbers.
    pub outcome: String,
    /// The codes of the findings it answers and the ids of the values that prove what is said.
    pub why: Vec<Cow<'static, str>>,
    /// How hard it is to build and to run.
    pub complexity: Level,
    /// What it costs in money.
    pub cost: Level,
    /// What can go wrong.
    pub risk: Level,
    /// The work it takes: "1–2 hours".
    pub effort: Cow<'static, str>,
    /// Days from the decision until it helps.
    pub lead_time: Days,
    /// The day on which it must begin so that it helps in time; `None` where nothing presses or no day is given.
    pub start_by: Option<Date>,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// How to try it on a part first; empty where it cannot be tried on a part.
    pub canary: Cow<'static, str>,
    /// How to go back.
    pub rollback: Vec<Step>,
    /// Where it is described.
    pub source: Source,
}
