//! The documents' milestones: what is reached when, and by when its action must have begun.

use crate::Scenario;
use crate::growth::outlook::Outlook;
use crate::quantity::{Count, Days, PerSecond, Quantity, approximate};
use crate::source::{self, Source};

/// What a milestone counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Concurrent users of the database's application.
    Users,
    /// Secrets in the store.
    Secrets,
    /// Active leases.
    Leases,
    /// Requests per second to the secret store.
    Rate,
}

/// A documented milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// The word in value ids and finding codes.
    pub word: &'static str,
    /// What it counts.
    pub metric: Metric,
    /// From how many on.
    pub threshold: Count,
    /// What it is, for people: "500 users".
    pub name: &'static str,
    /// What is to be done, without a full stop.
    pub action: &'static str,
    /// From the beginning until it is done.
    pub lead: Days,
    /// Where the milestone stands.
    pub source: Source,
    /// Whether the document tells the lead time; otherwise it is our estimate.
    pub lead_is_documented: bool,
}

const OPTIONS: Source = source::CONNECTION_SCALING.at("Part 6, Decision Timeline");
const TIERS: Source = source::SCALING_STRATEGIES.at("Scaling Checklist by Traffic Level");
const SECRETS: Source = source::SECRET_MANAGEMENT.at("Scaling Milestones");

macro_rules! milestones {
    ($($word:literal, $metric:ident $threshold:literal, $name:literal, $action:literal, $days:literal $documented:literal, $source:expr;)+) => {
        [$(Milestone {
            word: $word,
            metric: Metric::$metric,
            threshold: Count($threshold),
            name: $name,
            action: $action,
            lead: Days($days),
            source: $source,
            lead_is_documented: $documented,
        }),+]
    };
}

/// Every documented milestone, those of the same metric in order.
pub static MILESTONES: [Milestone; 11] = milestones! {
    "users_500", Users 500, "500 users", "Option A, smaller pools, as the timeline has it; the flowchart needs nothing \
        yet", 14 true, OPTIONS;
    "users_1000", Users 1_000, "1,000 users", "Option A, smaller pools, or Option B, a higher role limit", 14 true,
        OPTIONS;
    "tier_medium", Users 1_000, "1,000 concurrent users", "PgBouncer, a read replica for analytics, a cache, \
        materialized views", 56 false, TIERS;
    "users_5000", Users 5_000, "5,000 users", "Option C, events outside the database", 84 true, OPTIONS;
    "tier_large", Users 10_000, "10,000 concurrent users", "several read replicas, table partitioning, sharding \
        prepared, several regions", 168 false, TIERS;
    "tier_enterprise", Users 100_000, "100,000 concurrent users", "full sharding, geo-routing, read/write routing, a \
        cluster for analytics", 365 false, TIERS;
    "secrets_50k", Secrets 50_000, "50,000 secrets", "monitoring of storage growth", 7 false, SECRETS;
    "leases_100k", Leases 100_000, "100,000 leases", "a review of lease times, batch tokens", 28 false, SECRETS;
    "rate_1k", Rate 1_000, "1,000 requests/s", "performance replicas, or standbys that serve reads", 28 false, SECRETS;
    "rate_5k", Rate 5_000, "5,000 requests/s", "better policy caching, more nodes that serve reads", 28 false, SECRETS;
    "rate_10k", Rate 10_000, "10,000 requests/s", "several clusters, policies from a content network", 168 false,
        SECRETS;
};

/// A milestone and when it is reached.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) milestone: &'static Milestone,
    /// What there is today.
    pub(crate) now: f64,
    /// The first month with so many; 0 is now, `None` is later than what is looked at.
    pub(crate) month: Option<u64>,
    /// Its action can be of use here.
    pub(crate) applies: bool,
}

impl Reached {
    /// What there is today, as what it is.
    pub(crate) fn today(&self) -> Quantity {
        match self.milestone.metric {
            Metric::Rate => PerSecond::new(self.now).into(),
            _ => Count(crate::quantity::ceiling(self.now)).into(),
        }
    }
}

/// Every milestone that a scenario can reach.
pub(crate) fn reached(scenario: &Scenario, outlook: &Outlook) -> Vec<Reached> {
    let mut reached = Vec::with_capacity(MILESTONES.len());
    for milestone in &MILESTONES {
        let (values, counts) = match milestone.metric {
            Metric::Users => (&outlook.users, scenario.has_database()),
            Metric::Secrets => (&outlook.secrets, scenario.has_secret_store()),
            Metric::Leases => (&outlook.leases, scenario.has_secret_store()),
            Metric::Rate => (&outlook.rate, scenario.has_secret_store()),
        };
        let Some(now) = values.first().copied().filter(|_| counts) else { continue };
        // What is a hair below a round number is the arithmetic's doing.
        let threshold = approximate(milestone.threshold.get()) * (1.0 - 1e-9);
        let month = (0..).zip(values).find(|(_, value)| **value >= threshold).map(|(month, _)| month);
        // The options A to C are about a role's limit on a shared cluster.
        let applies = milestone.source != OPTIONS || scenario.role_connection_limit.is_some();
        reached.push(Reached { milestone, now, month, applies });
    }
    reached
}
