//! Managed services and the connection limits they publish.

use crate::choice::Choice;
use crate::input::{Field, Input};
use crate::quantity::Bytes;
use crate::source::{self, Source};

/// A managed service and plan, or none: one row of the table of plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service(&'static ServicePlan);

/// What a provider publishes about a plan.
#[derive(Debug, PartialEq, Eq)]
pub struct ServicePlan {
    word: &'static str,
    meaning: &'static str,
    /// Connections in all.
    limit: Limit,
    /// What the provider keeps of them; `None` where the server's own settings tell.
    kept: Option<u64>,
    /// The pooler that comes with the plan.
    pooler: Option<BuiltInPooler>,
    source: Source,
}

/// How a plan's connection limit comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// What `max_connections` says.
    Own,
    /// A number.
    Fixed(u64),
    /// `LEAST(DBInstanceClassMemory / 9531392, 5000)`.
    ByMemory,
}

/// The pooler a service brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltInPooler {
    /// Client connections it accepts.
    pub clients: u64,
    /// Its server pool as a percentage of the plan's connections; `None` where it can be set.
    pub pool_percent: Option<u64>,
}

const RDS_BYTES_PER_CONNECTION: u64 = 9_531_392;
const RDS_MOST: u64 = 5_000;

const fn row(
    word: &'static str,
    meaning: &'static str,
    limit: u64,
    kept: Option<u64>,
    pooler: Option<BuiltInPooler>,
    source: Source,
) -> ServicePlan {
    ServicePlan { word, meaning, limit: Limit::Fixed(limit), kept, pooler, source }
}

/// Neon keeps seven connections, and its pooler may use 90 % of them for each user and database, for 10,000 clients.
const fn neon(word: &'static str, meaning: &'static str, limit: u64) -> ServicePlan {
    let pooler = BuiltInPooler { clients: 10_000, pool_percent: Some(90) };
    row(word, meaning, limit, Some(7), Some(pooler), source::NEON.at("Connection pooling"))
}

const fn supabase(word: &'static str, meaning: &'static str, limit: u64, clients: u64) -> ServicePlan {
    let pooler = BuiltInPooler { clients, pool_percent: None };
    row(word, meaning, limit, None, Some(pooler), source::SUPABASE.at("Compute and disk"))
}

const fn heroku(word: &'static str, meaning: &'static str, limit: u64) -> ServicePlan {
    row(word, meaning, limit, None, None, source::HEROKU.at("Postgres connection limits"))
}

/// The table of plans.
const PLANS: &[ServicePlan] = &[
    ServicePlan {
        word: "self-managed",
        meaning: "self-managed",
        limit: Limit::Own,
        kept: None,
        pooler: None,
        source: source::POSTGRESQL.at("max_connections"),
    },
    ServicePlan {
        word: "rds",
        meaning: "Amazon RDS, by memory",
        limit: Limit::ByMemory,
        kept: None,
        pooler: None,
        source: source::AMAZON_RDS.at("Maximum number of database connections"),
    },
    neon("neon-0.25", "Neon, 0.25 CU", 104),
    neon("neon-0.5", "Neon, 0.5 CU", 209),
    neon("neon-1", "Neon, 1 CU", 419),
    neon("neon-2", "Neon, 2 CU", 839),
    neon("neon-3", "Neon, 3 CU", 1_258),
    neon("neon-4", "Neon, 4 CU", 1_678),
    neon("neon-5", "Neon, 5 CU", 2_098),
    neon("neon-6", "Neon, 6 CU", 2_517),
    neon("neon-7", "Neon, 7 CU", 2_937),
    neon("neon-8", "Neon, 8 CU", 3_357),
    neon("neon-9", "Neon, 9 CU or more", 4_000),
    supabase("supabase-nano", "Supabase, Nano", 60, 200),
    supabase("supabase-micro", "Supabase, Micro", 60, 200),
    supabase("supabase-small", "Supabase, Small", 90, 400),
    supabase("supabase-medium", "Supabase, Medium", 120, 600),
    supabase("supabase-large", "Supabase, Large", 160, 800),
    supabase("supabase-xl", "Supabase, XL", 240, 1_000),
    supabase("supabase-2xl", "Supabase, 2XL", 380, 1_500),
    supabase("supabase-4xl", "Supabase, 4XL", 480, 3_000),
    supabase("supabase-8xl", "Supabase, 8XL", 490, 6_000),
    supabase("supabase-12xl", "Supabase, 12XL", 500, 9_000),
    supabase("supabase-16xl", "Supabase, 16XL", 500, 12_000),
    heroku("heroku-essential-0", "Heroku, Essential-0", 20),
    heroku("heroku-essential-1", "Heroku, Essential-1", 20),
    heroku("heroku-essential-2", "Heroku, Essential-2", 40),
    heroku("heroku-standard-0", "Heroku, Standard-0", 120),
    heroku("heroku-standard-2", "Heroku, Standard-2", 400),
    heroku("heroku-advanced-4g", "Heroku, Advanced 4 GB", 380),
    heroku("heroku-advanced-8g", "Heroku, Advanced 8 GB", 800),
    heroku("heroku-advanced-16g", "Heroku, Advanced 16 GB", 1_600),
    heroku("heroku-advanced-32g", "Heroku, Advanced 32 GB", 3_200),
    heroku("heroku-advanced-64g", "Heroku, Advanced 64 GB or more", 5_000),
];

/// The plans as choices.
pub const CHOICES: &[Choice] = &choices();

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time, where a wrong index is an error")]
const fn choices() -> [Choice; PLANS.len()] {
    let mut choices = [Choice { word: "", meaning: "" }; PLANS.len()];
    let mut index = 0;
    while index < PLANS.len() {
        choices[index] = Choice { word: PLANS[index].word, meaning: PLANS[index].meaning };
        index += 1;
    }
    choices
}

impl Service {
    /// No managed service.
    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time, where a wrong index is an error")]
    pub const SELF_MANAGED: Self = Self(&PLANS[0]);

    /// The name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.meaning
    }

    /// Connections the plan publishes for a server with so much memory; `None` where `max_connections` decides.
    #[must_use]
    pub const fn max_connections(self, ram: Bytes) -> Option<u64> {
        match self.0.limit {
            Limit::Own => None,
            Limit::Fixed(limit) => Some(limit),
            Limit::ByMemory => {
                let by_memory = ram.0 / RDS_BYTES_PER_CONNECTION;
                Some(if by_memory < RDS_MOST { by_memory } else { RDS_MOST })
            }
        }
    }

    /// The formula behind [`Service::max_connections`].
    #[must_use]
    pub const fn formula(self) -> &'static str {
        match self.0.limit {
            Limit::Own => "max_connections",
            Limit::Fixed(_) => "published for the plan",
            Limit::ByMemory => "least(DBInstanceClassMemory ÷ 9,531,392 bytes, 5,000), at most with all of ram",
        }
    }

    /// Connections the provider keeps for itself; `None` where the server's settings tell.
    #[must_use]
    pub const fn kept(self) -> Option<u64> {
        self.0.kept
    }

    /// The pooler that comes with the plan.
    #[must_use]
    pub const fn pooler(self) -> Option<BuiltInPooler> {
        self.0.pooler
    }

    /// Who publishes the limits.
    #[must_use]
    pub const fn source(self) -> Source {
        self.0.source
    }
}

impl Field for Service {
    fn read(text: &str, _: &Input) -> Option<Self> {
        PLANS.iter().find(|plan| plan.word == text.trim()).map(Self)
    }

    fn write(&self, _: &Input) -> String {
        self.0.word.to_owned()
    }
}
