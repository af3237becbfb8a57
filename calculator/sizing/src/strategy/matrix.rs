//! The documents' own decisions as rules: the matrix by growth, the flowchart, the timeline and the path of migration.

use crate::quantity::Count;

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

/// "Migration Path", Database Scaling Strategies.
pub static MIGRATION: [(&str, &str); 6] = [
    ("Start simple", "optimize queries and add indexes"),
    ("Add caching", "reduce the database's load for frequent reads"),
    ("Scale vertically", "upgrade the hardware"),
    ("Add read replicas", "separate read and write traffic"),
    ("Implement partitioning", "manage large tables"),
    ("Consider sharding", "only when truly necessary"),
];

/// A tier of traffic and its checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The tier's name.
    pub name: &'static str,
    /// Concurrent users from which on it applies.
    pub from: Count,
    /// What should be there.
    pub items: &'static [&'static str],
}

/// "Scaling Checklist by Traffic Level", Database Scaling Strategies.
pub static TIERS: [Tier; 4] = [
    Tier {
        name: "small",
        from: Count(0),
        items: &["Proper indexing", "Connection pooling (application-level)", "Query optimization"],
    },
    Tier {
        name: "medium",
        from: Count(1_000),
        items: &[
            "PgBouncer connection pooling",
            "Read replica for analytics",
            "Redis caching layer",
            "Materialized views",
        ],
    },
    Tier {
        name: "large",
        from: Count(10_000),
        items: &["Multiple read replicas", "Table partitioning", "Sharding preparation", "Multi-region deployment"],
    },
    Tier {
        name: "enterprise",
        from: Count(100_000),
        items: &[
            "Full sharding (Citus or custom)",
            "Multi-region with geo-routing",
            "Custom read/write routing",
            "Dedicated analytics cluster",
        ],
    },
];

/// The tier of so many concurrent users: the bound belongs to the upper one, and the last is for more than its bound.
#[must_use]
pub fn tier(users: Count) -> &'static Tier {
    let [small, medium, large, enterprise] = &TIERS;
    match users.get() {
        100_001.. => enterprise,
        10_000.. => large,
        1_000.. => medium,
        _ => small,
    }
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
        for (users, name) in
            [(0, "small"), (999, "small"), (1_000, "medium"), (10_000, "large"), (100_000, "large"), (100_001, "enterprise")]
        {
            assert_eq!(tier(Count(users)).name, name, "{users}");
        }
    }
}
