//! The documents' systems as complete scenarios: one for each of the four.
//!
//! What a document tells is taken as it stands, mistakes included; what it leaves out is assumed, and said so.

use crate::Scenario;
use crate::source::{self, Source};

/// A scenario that can be loaded by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// The word for commands and links.
    pub id: &'static str,
    /// What it is called, for people.
    pub title: &'static str,
    /// What it is, in one sentence.
    pub what: &'static str,
    /// What the document does not tell and is assumed, in one sentence.
    pub assumed: &'static str,
    /// The document it is from.
    pub source: Source,
    /// The inputs that are known or assumed, as text; every other has its default.
    pub inputs: &'static [(&'static str, &'static str)],
}

impl Preset {
    /// The preset of this name.
    #[must_use]
    pub fn get(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.id == id)
    }

    /// The whole scenario.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        let mut scenario = Scenario::default();
        for (id, text) in self.inputs {
            let set = scenario.set(id, text);
            debug_assert!(set.is_ok(), "{id}: {set:?}");
        }
        scenario
    }
}

/// Every preset.
pub static PRESETS: [Preset; 4] = [
    Preset {
        id: "ticketing",
        title: "Ticketing platform on 64 GB",
        what: "A festival's sales and payments: three application servers, PgBouncer, a primary with two replicas, \
            transactions in monthly partitions.",
        assumed: "1,000 requests/s and 5,000 users at the peak of an evening, 16 cores, 200 connections, a million \
            transactions a day, three times as much in two years.",
        source: source::SCALING_STRATEGIES,
        inputs: TICKETING,
    },
    Preset {
        id: "growing-service",
        title: "Service growing from 250 to 1,000 users",
        what: "Three pods with pools of 20 behind three instances of PgBouncer, on a shared cluster whose role may open \
            50 of 200 connections.",
        assumed: "A request every ten seconds from each user, 20 ms of hold time, no other tenant on the cluster.",
        source: source::CONNECTION_SCALING,
        inputs: GROWING_SERVICE,
    },
    Preset {
        id: "audit-api",
        title: "API with an audit log on 8 GB",
        what: "Four pods with pools of 20 + 10 to PostgreSQL, with further pools to a read replica and to TimescaleDB, \
            which keeps audit events for 90 days.",
        assumed: "400 requests/s, each with an audit event of 300 bytes, B-trees without random order, 4 \
            cores, 40 % more a year.",
        source: source::OPTIMIZATION_GUIDE,
        inputs: AUDIT_API,
    },
    Preset {
        id: "secret-store",
        title: "Secret store over five years",
        what: "Five Vault nodes with performance and disaster-recovery replicas, from 100,000 secrets and 10 million \
            requests a day to 1 million and 200 million.",
        assumed: "The busiest minute at three times the day's average, four of five requests reads, three zones.",
        source: source::SECRET_MANAGEMENT,
        inputs: SECRET_STORE,
    },
];

const TICKETING: &[(&str, &str)] = &[
    ("rate", "1000"),
    ("users", "5000"),
    ("requests_per_user", "0.2"),
    ("pods", "3"),
    ("pool_size", "100"),
    ("min_idle", "10"),
    ("pooler", "pgbouncer"),
    ("pool_mode", "transaction"),
    ("max_client_conn", "1000"),
    ("default_pool_size", "50"),
    ("min_pool_size", "10"),
    ("reserve_pool_size", "5"),
    ("max_connections", "200"),
    ("cpus", "16"),
    ("ram", "64GiB"),
    ("storage", "nvme"),
    ("shared_buffers", "16GB"),
    ("effective_cache_size", "48GB"),
    ("work_mem", "256MB"),
    ("maintenance_work_mem", "2GB"),
    ("max_parallel_workers_per_gather", "4"),
    ("max_parallel_workers", "8"),
    ("database_bytes", "200GiB"),
    ("disk", "1TiB"),
    ("rows_per_day", "1M"),
    ("rows_today", "120M"),
    ("partitioning", "monthly"),
    ("retention_days", "365"),
    ("replicas", "2"),
    ("replication", "async"),
    ("cache", "yes"),
    ("cache_ttl_s", "300"),
    ("cache_invalidation", "yes"),
    ("target", "3"),
];

const GROWING_SERVICE: &[(&str, &str)] = &[
    ("rate", "25"),
    ("users", "250"),
    ("pods", "3"),
    ("pool_size", "20"),
    ("min_idle", "10"),
    ("pooler", "pgbouncer"),
    ("pooler_instances", "3"),
    ("pool_mode", "transaction"),
    ("max_client_conn", "1000"),
    ("default_pool_size", "50"),
    ("max_db_connections", "50"),
    ("max_connections", "200"),
    ("role_connection_limit", "50"),
    ("compare_pool_size", "15"),
    ("reserved", "10"),
    ("forecast", "6:500,12:1000"),
];

const AUDIT_API: &[(&str, &str)] = &[
    ("rate", "400"),
    ("pods", "4"),
    ("pool_size", "20"),
    ("max_overflow", "10"),
    ("pools", "read:30:20:replica,audit:10:5:audit"),
    ("max_connections", "200"),
    ("superuser_reserved", "3"),
    ("reserved", "20"),
    ("pg", "14"),
    ("ram", "8GiB"),
    ("storage", "ssd"),
    ("shared_buffers", "2GB"),
    ("effective_cache_size", "6GB"),
    ("work_mem", "16MB"),
    ("maintenance_work_mem", "512MB"),
    ("temp_buffers", "8MB"),
    ("autovacuum_max_workers", "3"),
    ("max_worker_processes", "8"),
    ("max_parallel_workers_per_gather", "4"),
    ("max_parallel_workers", "8"),
    ("rows_per_day", "10M"),
    ("row_bytes", "300B"),
    ("btree_indexes", "5"),
    // The primary key and every B-tree order by time: each value's newest entries share a page.
    ("random_keys", "no"),
    ("gin_indexes", "1"),
    ("partitioning", "hypertable"),
    ("chunk_hours", "24"),
    ("retention_days", "90"),
    ("compression_after_days", "7"),
    ("replicas", "1"),
    ("growth_rate", "40%"),
];

const SECRET_STORE: &[(&str, &str)] = &[
    ("system", "secret-store"),
    ("rate", "10M/day"),
    ("secrets", "100K"),
    ("leases", "60K"),
    ("secret_storage", "4TB"),
    ("edition", "vault-enterprise"),
    ("nodes", "5"),
    ("nodes_max", "7"),
    ("zones", "3"),
    ("replication_clusters", "2"),
    ("replication", "async"),
    ("standby_place", "other-region"),
    ("promotion", "manual"),
    ("months", "48"),
    ("forecast", "12::50M/day:250K:150K:10TB,24::100M/day:500K:300K:20TB,48::200M/day:1M:500K:50TB"),
];
