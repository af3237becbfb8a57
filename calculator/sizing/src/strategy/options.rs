//! The options: what each costs, how long it takes, and the way there and back.

use crate::action::Level;
use crate::quantity::Days;
use crate::source::{self, Source};
use crate::strategy::statement as sql;

/// What to do, and the command for it; `#` in a command stands for the number this scenario needs, and `~` for the one
/// it has.
pub(super) type Instruction = (&'static str, &'static str);

/// One option, whatever the scenario.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) complexity: Level,
    pub(super) cost: Level,
    pub(super) risk: Level,
    pub(super) effort: &'static str,
    pub(super) lead: Days,
    pub(super) canary: &'static str,
    pub(super) steps: &'static [Instruction],
    pub(super) rollback: &'static [Instruction],
    /// Where it is described.
    pub(super) source: Source,
}

const SCALING: Source = source::SCALING_STRATEGIES;
const CONNECTIONS: Source = source::CONNECTION_SCALING;

/// Option A.
pub(super) static SMALLER_POOLS: Choice = Choice {
    code: "strategy.smaller_pools",
    title: "Option A: smaller pools",
    complexity: Level::Low,
    cost: Level::None,
    risk: Level::Low,
    effort: "1–2 hours, mostly testing",
    lead: Days(14),
    canary: "Pause the rollout once the first new pod is up, and watch it for 24 hours: no connection time-outs, p95 \
        below 200 ms, throughput at least 95 % of before.",
    steps: &[
        ("Test in development under the load of the peak.", ""),
        (
            "Set the pool size, and no overflow: HikariCP maximumPoolSize, SQLAlchemy pool_size and max_overflow, Go \
             SetMaxOpenConns. This starts a rollout by itself; minimum-idle must not be above it.",
            "#size",
        ),
        ("Let one pod run first.", "kubectl rollout pause deployment/NAME"),
        ("Then the others.", "kubectl rollout resume deployment/NAME\nkubectl rollout status deployment/NAME"),
        ("See what the role has open now.", sql::ROLE_LIMIT_SHOWN.sql),
        ("Alert on time-outs above 0.5 %, p95 above 250 ms, pool saturation above 80 %.", ""),
    ],
    rollback: &[("Set the old size, and the old overflow.", "~size")],
    source: CONNECTIONS.at("Part 4, Option A"),
};

const RELOAD: &str = "psql -p 6432 -U pgbouncer pgbouncer -c 'RELOAD'";

/// Fewer connections from the pooler to the database.
pub(super) static SMALLER_SERVER_POOLS: Choice = Choice {
    code: "strategy.smaller_server_pools",
    title: "Smaller server pools at the pooler",
    complexity: Level::Low,
    cost: Level::None,
    risk: Level::Low,
    effort: "an hour",
    lead: Days(1),
    canary: "One instance first: cl_waiting in SHOW POOLS stays at 0 through a peak.",
    steps: &[
        ("Set it in pgbouncer.ini of every instance: the limits of the instances add up.", "#pools"),
        ("Load it; a RELOAD breaks no connection, those beyond the limit close when they are given back.", RELOAD),
        ("Watch for clients that wait.", "SHOW POOLS;"),
        ("See what the role has open now.", sql::ROLE_LIMIT_SHOWN.sql),
    ],
    rollback: &[("Set the old size in pgbouncer.ini.", "~pools"), ("Load it.", RELOAD)],
    source: source::PGBOUNCER.at("default_pool_size, max_db_connections"),
};

/// More connections from the pooler to the database.
pub(super) static LARGER_SERVER_POOLS: Choice = Choice {
    code: "strategy.larger_server_pools",
    title: "Larger server pools at the pooler",
    complexity: Level::Low,
    cost: Level::None,
    risk: Level::Low,
    effort: "an hour",
    lead: Days(1),
    canary: "One instance first: watch the database's active sessions and its processor through a peak.",
    steps: &[
        ("Set it in pgbouncer.ini of every instance: the limits of the instances add up.", "#pools"),
        ("Load it; a RELOAD breaks no connection.", RELOAD),
        ("Watch that no client waits, and that the database's cores are not what is short now.", "SHOW POOLS;"),
        ("Make transactions shorter too: each ms less needs fewer connections.", ""),
    ],
    rollback: &[("Set the old size in pgbouncer.ini.", "~pools"), ("Load it.", RELOAD)],
    source: source::PGBOUNCER.at("default_pool_size"),
};

/// Settings that memory bears.
pub(super) static MEMORY_SETTINGS: Choice = Choice {
    code: "strategy.memory_settings",
    title: "Settings that fit the memory",
    complexity: Level::Low,
    cost: Level::None,
    risk: Level::Low,
    effort: "an hour",
    lead: Days(1),
    canary: "One role first: ALTER ROLE role_name SET work_mem; log_temp_files shows what then spills to disk.",
    steps: &[
        ("See which queries spill to disk: log_temp_files = 0 for a day, or temp_blks_written.", ""),
        (
            "Set it, for sessions to come and for those that are open.",
            "ALTER SYSTEM SET work_mem = '#kB';\nSELECT pg_reload_conf();",
        ),
        (
            "Give more to the few that need it: a role for reports, with few connections.",
            "ALTER ROLE reporting_role SET work_mem = '~kB';",
        ),
    ],
    rollback: &[(
        "Set the old value; RESET leads to what postgresql.conf has.",
        "ALTER SYSTEM RESET work_mem;\nSELECT pg_reload_conf();",
    )],
    source: source::POSTGRESQL.at("work_mem"),
};

/// Option B.
pub(super) static HIGHER_LIMIT: Choice = Choice {
    code: "strategy.higher_limit",
    title: "Option B: a higher role or server limit",
    complexity: Level::Low,
    cost: Level::None,
    risk: Level::Medium,
    effort: "2–3 days with coordination and approval",
    lead: Days(14),
    canary: "",
    steps: &[
        ("Have the change approved by those who share the server: what one role may open, others cannot.", ""),
        ("Note the limit that is set: it is the way back.", sql::ROLE_LIMIT_SHOWN.sql),
        (
            "Raise it outside the busy hours. The role's limit holds at once, max_connections after a restart, replicas \
          first.",
            "#limits",
        ),
        ("See what is used, and alert from 80 % of the server's connections on.", sql::CONNECTION_USE.sql),
    ],
    rollback: &[("Set the old limit.", "~limits")],
    source: CONNECTIONS.at("Part 4, Option B"),
};

/// Option C.
pub(super) static EXTERNAL_EVENTS: Choice = Choice {
    code: "strategy.external_events",
    title: "Option C: events outside the database (Kafka)",
    complexity: Level::High,
    cost: Level::High,
    risk: Level::Medium,
    effort: "40–60 hours of engineering, 6–8 of 8–12 weeks in active development",
    lead: Days(84),
    canary: "One event type first, published to both sides until nobody reads the old one.",
    steps: &[
        ("Week 1: design topics, keys and schemas.", ""),
        ("Weeks 2–3: set up a cluster of three to five brokers, with monitoring.", ""),
        (
            "Weeks 3–6: publish events: add spring-modulith-events-kafka, mark the events @Externalized.",
            "spring.kafka.bootstrap-servers=kafka:9092",
        ),
        ("Weeks 6–8: deploy the consumers, each able to see an event twice.", ""),
        (
            "Weeks 8–10: test: a broker lost, a consumer that lags.",
            "kafka-console-consumer.sh --bootstrap-server kafka:9092 --topic TOPIC --from-beginning",
        ),
        ("Weeks 10–12: end the in-process listeners, then shrink the pools: that is what frees connections.", ""),
    ],
    rollback: &[("Stop publishing; the in-process listeners still run until the last step.", "")],
    source: CONNECTIONS.at("Part 4, Option C"),
};

/// A pooler between the pods and the database.
pub(super) static POOLER: Choice = Choice {
    code: "strategy.pooler",
    title: "PgBouncer in transaction mode",
    complexity: Level::Low,
    cost: Level::Low,
    risk: Level::Low,
    effort: "1–3 days",
    lead: Days(7),
    canary: "One pod connects to port 6432 first; compare its errors and latency for a day.",
    steps: &[
        (
            "Run two instances, so that one can be lost; each with half of the server connections.",
            "[pgbouncer]\n\
            pool_mode = transaction\ndefault_pool_size = #\nmax_client_conn = 1000\nmax_prepared_statements = 200",
        ),
        ("Do without what needs a session: SET, LISTEN, session advisory locks, temporary tables.", ""),
        ("Point the application at port 6432, with small pools of its own: 5 connections, overflow 2.", ""),
        ("Watch for clients that wait.", "SHOW POOLS;"),
    ],
    rollback: &[("Point the application at the database again, with the pools it had.", "")],
    source: SCALING.at("Connection Pooling"),
};

/// Reads from replicas.
pub(super) static REPLICAS: Choice = Choice {
    code: "strategy.replicas",
    title: "Read replicas",
    complexity: Level::Medium,
    cost: Level::Medium,
    risk: Level::Medium,
    effort: "1–2 weeks",
    lead: Days(28),
    canary: "Reports and statistics first: they bear to be a second late.",
    steps: &[
        ("A role for replication, and a line for it in pg_hba.conf.", sql::REPLICATION_ROLE.sql),
        ("A slot for each replica, bounded by max_slot_wal_keep_size.", sql::REPLICATION_SLOT.sql),
        (
            "Copy the primary.",
            "pg_basebackup -h PRIMARY -U replication_user -D /var/lib/postgresql/data -R -S replica_1 -X stream -P",
        ),
        ("Send what may be stale to a read pool of its own; what was just written is read from the primary.", ""),
        ("Watch the lag.", sql::LAG_PRIMARY.sql),
    ],
    rollback: &[
        ("Send the reads to the primary again.", ""),
        ("Give up the slot, or it fills the disk.", sql::REPLICATION_SLOT_DROPPED.sql),
    ],
    source: SCALING.at("Read Scaling (Replicas)"),
};

/// A cache for reads.
pub(super) static CACHE: Choice = Choice {
    code: "strategy.cache",
    title: "A cache in front of reads",
    complexity: Level::Medium,
    cost: Level::Medium,
    risk: Level::Medium,
    effort: "1–2 weeks",
    lead: Days(28),
    canary: "One kind of object first, the most read and least changed, with a short TTL.",
    steps: &[
        ("Find what is read most.", sql::TOP_STATEMENTS.sql),
        ("Read through the cache, with a TTL: 5 minutes for balances, an hour for what hardly changes.", ""),
        ("Delete the entry after the commit that changes it, and let one process at a time fill it again.", ""),
        ("Measure the hit ratio, and the database's load with the cache cold: it must bear that.", ""),
    ],
    rollback: &[("Read from the database again; the cache holds nothing of its own.", "")],
    source: SCALING.at("Caching Layer"),
};

/// Partitions by time.
pub(super) static PARTITIONING: Choice = Choice {
    code: "strategy.partitioning",
    title: "Partitioning by month",
    complexity: Level::Medium,
    cost: Level::Low,
    risk: Level::Medium,
    effort: "1–2 weeks",
    lead: Days(42),
    canary: "A copy of the table in staging: the plans of the ten most frequent queries must show partition pruning.",
    steps: &[
        ("Find the tables it is about.", sql::ROWS.sql),
        ("A partitioned table; its key contains the time.", sql::PARTITIONED_TABLE.sql),
        ("Partitions for every month, and three months ahead.", sql::PARTITION.sql),
        ("Copy month by month, write to both meanwhile, then exchange the names.", sql::PARTITION_COPY.sql),
        ("Each month: create one ahead, take out the one past its retention.", sql::PARTITION_DETACH.sql),
        ("Drop it when it is archived.", sql::PARTITION_DROP.sql),
    ],
    rollback: &[("Until the names are exchanged: drop the copy. Afterwards: exchange them again.", "")],
    source: SCALING.at("Table Partitioning"),
};

/// Several primaries.
pub(super) static SHARDING: Choice = Choice {
    code: "strategy.sharding",
    title: "Sharding",
    complexity: Level::High,
    cost: Level::High,
    risk: Level::High,
    effort: "3–6 months",
    lead: Days(180),
    canary: "One small tenant on a shard of its own first.",
    steps: &[
        (
            "Choose the key every query has: the tenant, the festival. What spans keys becomes slow and loses its \
          transaction.",
            "",
        ),
        ("Put the key into every table's primary key; small shared tables are copied to every shard.", ""),
        ("Choose Citus, or one database a shard and routing in the application.", ""),
        ("Move tenant by tenant, with logical replication.", ""),
    ],
    rollback: &[("Tenant by tenant, back to the first shard.", "")],
    source: SCALING.at("Sharding (Horizontal Partitioning)"),
};

/// A larger server.
pub(super) static VERTICAL: Choice = Choice {
    code: "strategy.vertical",
    title: "A larger server",
    complexity: Level::Low,
    cost: Level::High,
    risk: Level::Low,
    effort: "1–2 days",
    lead: Days(7),
    canary: "A replica of the new size first; then a switchover to it.",
    steps: &[
        ("Bring up a replica of the new size.", ""),
        ("Compute the settings anew for it: shared_buffers and its relatives do not grow by themselves.", ""),
        ("Switch over to it outside the busy hours.", ""),
    ],
    rollback: &[("Switch back: the old server follows as a replica until then.", "")],
    source: SCALING.at("Vertical Scaling (Scale Up)"),
};

/// Several regions.
pub(super) static MULTI_REGION: Choice = Choice {
    code: "strategy.multi_region",
    title: "Several regions",
    complexity: Level::High,
    cost: Level::High,
    risk: Level::High,
    effort: "3–6 months",
    lead: Days(180),
    canary: "Reads of one region first.",
    steps: &[
        ("A replica in each region that reads; writes go to one primary.", ""),
        ("Route by location and health; what was just written is read from the primary.", ""),
        ("Practise the promotion of another region before it is needed.", ""),
    ],
    rollback: &[("Route every region to the primary's again.", "")],
    source: SCALING.at("Scaling Checklist by Traffic Level"),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy::matrix::CONSIDERED;

    #[test]
    fn the_options_have_the_documented_price() {
        let options = [&VERTICAL, &REPLICAS, &POOLER, &CACHE, &PARTITIONING, &SHARDING];
        for (option, row) in options.into_iter().zip(CONSIDERED) {
            let word = |level: Level| level.word();
            assert_eq!(word(option.complexity), row.complexity.to_lowercase(), "{}", row.strategy);
            // "Variable" is taken for high: nobody plans with the lucky case.
            let cost = row.cost.to_lowercase().replace("variable", "high");
            assert_eq!(word(option.cost), cost, "{}", row.strategy);
        }
    }
}
