//! The documents' own decisions as rules: the matrix by growth, the flowchart, the timeline and the path of migration.

use crate::Scenario;
use crate::action::Level;
use crate::choice::{Flag, Partitioning};
use crate::quantity::{Count, Days};

/// One of the documents' options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pick {
    /// Nothing changes.
    Keep,
    /// Option A.
    SmallerPools,
    /// Option B.
    HigherLimit,
    /// Option B or Option A.
    HigherLimitOrSmallerPools,
    /// Option C.
    ExternalEvents,
    /// What was done before is enough.
    Done,
}

impl Pick {
    /// The words of the documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep as is",
            Self::SmallerPools => "Option A",
            Self::HigherLimit => "Option B",
            Self::HigherLimitOrSmallerPools => "Option B or Option A",
            Self::ExternalEvents => "Option C",
            Self::Done => "done",
        }
    }
}

/// A row of the matrix by growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// The scenario's name.
    pub name: &'static str,
    /// Users it starts from.
    pub from: Count,
    /// Users it leads to.
    pub to: Count,
    /// What to do in each phase.
    pub current: Pick,
    /// What to do in phase 1.
    pub phase_1: Pick,
    /// What to do in phase 2.
    pub phase_2: Pick,
    /// The row's steps in words.
    pub steps: &'static str,
    /// The document's reason.
    pub why: &'static str,
}

/// "Recommended Path by Growth Scenario", Database Connection Scaling Strategy, Part 3.
pub static MATRIX: [Growth; 3] = [
    Growth {
        name: "conservative",
        from: Count(250),
        to: Count(500),
        current: Pick::Keep,
        phase_1: Pick::SmallerPools,
        phase_2: Pick::Done,
        steps: "conservative: now keep as is, in phase 1 Option A, in phase 2 done",
        why: "minimal risk, simple",
    },
    Growth {
        name: "aggressive",
        from: Count(250),
        to: Count(1_000),
        current: Pick::Keep,
        phase_1: Pick::SmallerPools,
        phase_2: Pick::HigherLimit,
        steps: "aggressive: now keep as is, in phase 1 Option A, in phase 2 Option B",
        why: "phased approach",
    },
    Growth {
        name: "high growth",
        from: Count(1_000),
        to: Count(5_000),
        current: Pick::Keep,
        phase_1: Pick::SmallerPools,
        phase_2: Pick::ExternalEvents,
        steps: "high growth: now keep as is, in phase 1 Option A, in phase 2 Option C",
        why: "Kafka enables unlimited scale",
    },
];

/// The matrix's row for a number of users to reach: the first that leads so far, or the last.
#[must_use]
pub fn matrix(target: Count) -> &'static Growth {
    let [conservative, aggressive, high] = &MATRIX;
    [conservative, aggressive].into_iter().find(|row| target <= row.to).unwrap_or(high)
}

impl Growth {
    /// What the row comes down to once its target is reached.
    #[must_use]
    pub const fn outcome(&self) -> Pick {
        match self.phase_2 {
            Pick::Done => self.phase_1,
            last => last,
        }
    }
}

/// "Decision Flowchart", Database Connection Scaling Strategy, Part 3.
#[must_use]
pub const fn flow(target: Count, external_consumers: bool, coordination: bool) -> Pick {
    match (target.get(), external_consumers, coordination) {
        (0..=500, ..) => Pick::Keep,
        (_, true, _) => Pick::ExternalEvents,
        (_, false, true) => Pick::HigherLimitOrSmallerPools,
        (_, false, false) => Pick::SmallerPools,
    }
}

/// "Decision Timeline", Database Connection Scaling Strategy, Part 6.
#[must_use]
pub const fn timeline(target: Count, external_consumers: bool) -> Pick {
    match (target.get(), external_consumers) {
        (5_000.., _) | (_, true) => Pick::ExternalEvents,
        (1_000.., _) => Pick::HigherLimitOrSmallerPools,
        (500.., _) => Pick::SmallerPools,
        _ => Pick::Keep,
    }
}

/// Whether two of them can be followed at once.
#[must_use]
pub fn agree(left: Pick, right: Pick) -> bool {
    let both = Pick::HigherLimitOrSmallerPools;
    let among = |one, other| one == both && matches!(other, Pick::HigherLimit | Pick::SmallerPools);
    left == right || among(left, right) || among(right, left)
}

/// "Migration Path", Database Scaling Strategies: six steps, each with its reason.
pub static MIGRATION: [(&str, &str, Check); 6] = [
    ("optimize queries and add indexes", "start simple", Check::Unknown),
    ("add caching", "reduces the database's load for frequent reads", Check::Cache),
    ("scale vertically", "upgrades the hardware", Check::Unknown),
    ("add read replicas", "separates read and write traffic", Check::Replicas(1)),
    ("implement partitioning", "manages large tables", Check::Partitioning),
    ("consider sharding", "only when truly necessary", Check::Unknown),
];

/// What the documents say of an option's complexity, cost and use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Considered {
    /// The strategy's name in the document.
    pub strategy: &'static str,
    /// Its complexity.
    pub complexity: &'static str,
    /// Its impact on cost.
    pub cost: &'static str,
    /// When to use it.
    pub when: &'static str,
}

const fn considered(
    strategy: &'static str,
    complexity: &'static str,
    cost: &'static str,
    when: &'static str,
) -> Considered {
    Considered { strategy, complexity, cost, when }
}

/// "Cost Considerations", Database Scaling Strategies.
pub static CONSIDERED: [Considered; 6] = [
    considered("Vertical scaling", "Low", "High", "Quick fix"),
    considered("Read replicas", "Medium", "Medium", "Read-heavy"),
    considered("Connection pooling", "Low", "Low", "Always"),
    considered("Caching", "Medium", "Medium", "High read volume"),
    considered("Partitioning", "Medium", "Low", "Large tables"),
    considered("Sharding", "High", "Variable", "Massive scale"),
];

/// What the scenario says of an item of a checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Nothing.
    Unknown,
    /// A pooler.
    Pooler,
    /// So many read replicas at least.
    Replicas(u64),
    /// A cache.
    Cache,
    /// A table divided by time.
    Partitioning,
}

impl Check {
    /// Whether the scenario has it already.
    #[must_use]
    pub fn is_there(self, scenario: &Scenario) -> bool {
        match self {
            Self::Unknown => false,
            Self::Pooler => scenario.has_pooler(),
            Self::Replicas(least) => scenario.replicas.get() >= least,
            Self::Cache => scenario.cache == Flag::Yes,
            Self::Partitioning => scenario.partitioning != Partitioning::None,
        }
    }
}

/// A tier of traffic and its checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The tier's name.
    pub name: &'static str,
    /// The checklist's heading.
    pub title: &'static str,
    /// Concurrent users from which on it applies.
    pub from: Count,
    /// How much it is, in complexity, cost and risk: ours.
    pub level: Level,
    /// From the beginning until it is done: ours.
    pub lead: Days,
    /// The effort in words: ours.
    pub effort: &'static str,
    /// What should be there.
    pub items: &'static [(&'static str, Check)],
}

/// "Scaling Checklist by Traffic Level", Database Scaling Strategies.
pub static TIERS: [Tier; 4] = [
    Tier {
        name: "small",
        title: "Checklist for less than 1,000 concurrent users",
        from: Count(0),
        level: Level::Low,
        lead: Days(14),
        effort: "days",
        items: &[
            ("Proper indexing", Check::Unknown),
            ("Connection pooling (application-level)", Check::Unknown),
            ("Query optimization", Check::Unknown),
        ],
    },
    Tier {
        name: "medium",
        title: "Checklist for 1,000 to 10,000 concurrent users",
        from: Count(1_000),
        level: Level::Medium,
        lead: Days(56),
        effort: "weeks",
        items: &[
            ("PgBouncer connection pooling", Check::Pooler),
            ("Read replica for analytics", Check::Replicas(1)),
            ("Redis caching layer", Check::Cache),
            ("Materialized views", Check::Unknown),
        ],
    },
    Tier {
        name: "large",
        title: "Checklist for 10,000 to 100,000 concurrent users",
        from: Count(10_000),
        level: Level::High,
        lead: Days(168),
        effort: "months",
        items: &[
            ("Multiple read replicas", Check::Replicas(2)),
            ("Table partitioning", Check::Partitioning),
            ("Sharding preparation", Check::Unknown),
            ("Multi-region deployment", Check::Unknown),
        ],
    },
    Tier {
        name: "enterprise",
        title: "Checklist for more than 100,000 concurrent users",
        from: Count(100_001),
        level: Level::High,
        lead: Days(365),
        effort: "a year",
        items: &[
            ("Full sharding (Citus or custom)", Check::Unknown),
            ("Multi-region with geo-routing", Check::Unknown),
            ("Custom read/write routing", Check::Unknown),
            ("Dedicated analytics cluster", Check::Unknown),
        ],
    },
];

/// The tier of so many concurrent users: the bound belongs to the upper one, and the last is for more than its bound.
#[must_use]
pub fn tier(users: Count) -> &'static Tier {
    let [small, ..] = &TIERS;
    TIERS.iter().rev().find(|tier| users >= tier.from).unwrap_or(small)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix() {
        for (target, name, outcome, reason) in [
            (250, "conservative", Pick::SmallerPools, "no row is for less"),
            (500, "conservative", Pick::SmallerPools, "250 to 500"),
            (501, "aggressive", Pick::HigherLimit, "beyond the first row"),
            (1_000, "aggressive", Pick::HigherLimit, "250 to 1,000"),
            (5_000, "high growth", Pick::ExternalEvents, "1,000 to 5,000"),
            (1_000_000, "high growth", Pick::ExternalEvents, "no row is for more"),
        ] {
            let row = matrix(Count(target));
            assert_eq!((row.name, row.outcome()), (name, outcome), "{target}: {reason}");
        }
        for row in &MATRIX {
            let words = |pick: Pick| row.steps.contains(pick.name());
            assert!(words(row.current) && words(row.phase_1) && words(row.phase_2), "{}", row.name);
            assert!(row.steps.starts_with(row.name));
        }
    }

    #[test]
    fn the_flowchart() {
        for (target, consumers, coordination, pick, reason) in [
            (500, true, true, Pick::Keep, "500 users need nothing, whatever else"),
            (501, false, false, Pick::SmallerPools, "neither yes nor no at 1,000: on to phase 2"),
            (1_000, true, false, Pick::ExternalEvents, "the first question of phase 2"),
            (1_000, false, true, Pick::HigherLimitOrSmallerPools, "the second"),
            (5_000, false, false, Pick::SmallerPools, "the chart knows no upper end"),
        ] {
            assert_eq!(flow(Count(target), consumers, coordination), pick, "{target}: {reason}");
        }
    }

    #[test]
    fn where_they_agree() {
        for (target, coordination, same, reason) in [
            (500, true, false, "Option A in phase 1, or no action"),
            (1_000, true, true, "Option B is among the flowchart's two"),
            (1_000, false, false, "Option B needs the coordination that the flowchart says there is not"),
            (5_000, true, false, "Option C, or Options B and A without external consumers"),
        ] {
            let target = Count(target);
            assert_eq!(agree(matrix(target).outcome(), flow(target, false, coordination)), same, "{reason}");
        }
        assert!(agree(matrix(Count(5_000)).outcome(), flow(Count(5_000), true, true)));
    }

    #[test]
    fn the_tiers() {
        for (users, name) in [
            (0, "small"),
            (999, "small"),
            (1_000, "medium"),
            (10_000, "large"),
            (100_000, "large"),
            (100_001, "enterprise"),
        ] {
            assert_eq!(tier(Count(users)).name, name, "{users}");
        }
    }
}
