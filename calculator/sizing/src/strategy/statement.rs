//! Every SQL statement the product hands out.  Each runs as it stands against `tests/documents/schema.sql`.

use crate::source::{self, Source};

/// What a statement needs from the server or the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// `CREATE EXTENSION` of this name has run.
    Extension(&'static str),
    /// This library is in `shared_preload_libraries`, and the extension of its name is created.
    Preloaded(&'static str),
    /// It cannot run inside a transaction block.
    OutsideTransaction,
    /// The right to create roles, to change the system's settings, or to end other sessions.
    Superuser,
    /// The server must be restarted before it has an effect.
    Restart,
}

/// A statement with a purpose.
///
/// The names in it stand for the reader's own: `table_name`, `column_name`, `text_column`, `json_column`, `role_name`,
/// `database_name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The stable id: `index_equality`.
    pub id: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// The statement, ready to be run.
    pub sql: &'static str,
    /// What it needs.
    pub needs: &'static [Need],
    /// Why it is written like this; empty where it goes without saying.
    pub why: &'static str,
    /// Where it comes from.
    pub source: Source,
}

impl Statement {
    /// The statement of a limit, its number being this one: it stands at the end.
    #[must_use]
    pub fn with_number(&self, number: u64) -> String {
        let words = self.sql.trim_end_matches(|end: char| end == ';' || end.is_ascii_digit());
        [words, &number.to_string(), ";"].concat()
    }
}

const ONLINE: &[Need] = &[Need::OutsideTransaction];
const TRIGRAMS: &[Need] = &[Need::OutsideTransaction, Need::Extension("pg_trgm")];
const SUPERUSER: &[Need] = &[Need::Superuser];
const GUIDE: Source = source::OPTIMIZATION_GUIDE;

macro_rules! statements {
    ($($name:ident { $id:literal, $purpose:literal, $sql:expr, $needs:expr, $why:literal, $source:expr })+) => {
        $(
            #[doc = $purpose]
            pub const $name: Statement =
                Statement { id: $id, purpose: $purpose, sql: $sql, needs: $needs, why: $why, source: $source };
        )+

        /// All of them, in an order in which they can run one after the other.
        pub static STATEMENTS: &[Statement] = &[$($name),+];
    };
}

statements! {
    INDEX_EQUALITY {
        "index_equality", "Index for rows with one value",
        "CREATE INDEX CONCURRENTLY equality_idx ON table_name (column_name);", ONLINE,
        "A B-tree. A hash index serves nothing but =, cannot be unique, and saves space only where keys are long.",
        GUIDE.at("Index Types Overview")
    }
    QUERY_EQUALITY {
        "query_equality", "Rows with one value",
        "SELECT id, column_name FROM table_name WHERE column_name = 4711;", &[],
        "Compare the bare column with a value of its own type: a function or a cast on the column hides it from the \
         index.", GUIDE.at("Use Indexes Effectively")
    }
    INDEX_RANGE {
        "index_range", "Index for a range within one category",
        "CREATE INDEX CONCURRENTLY range_idx ON table_name (category, column_name);", ONLINE,
        "Columns compared by = come first, the one with the range last: what follows a range does not narrow the scan.",
        source::POSTGRESQL.at("Multicolumn Indexes")
    }
    QUERY_RANGE {
        "query_range", "A range within one category",
        "SELECT id FROM table_name WHERE category = 7 AND column_name >= 100 AND column_name < 200;", &[],
        "Half-open, so that neighbouring ranges neither overlap nor leave a gap; BETWEEN includes both ends.",
        source::POSTGRESQL.at("Multicolumn Indexes")
    }
    INDEX_PREFIX {
        "index_prefix", "Index for the beginning of a text",
        "CREATE INDEX CONCURRENTLY prefix_idx ON table_name (text_column text_pattern_ops);", ONLINE,
        "Without text_pattern_ops a B-tree serves LIKE 'abc%' in the C collation only.",
        source::POSTGRESQL.at("Operator Classes and Operator Families")
    }
    QUERY_PREFIX {
        "query_prefix", "Rows whose text begins with something",
        "SELECT id FROM table_name WHERE text_column LIKE 'name-00a%';", &[],
        "Escape % and _ in what users type.", source::POSTGRESQL.at("LIKE")
    }
    INDEX_SUBSTRING {
        "index_substring", "Index for a part of a text",
        "CREATE INDEX CONCURRENTLY substring_idx ON table_name USING gin (text_column gin_trgm_ops);", TRIGRAMS,
        "Trigrams find any part of three characters or more. Full-text search is no substitute: it finds words.",
        GUIDE.at("Use Indexes Effectively")
    }
    QUERY_SUBSTRING {
        "query_substring", "Rows whose text contains something",
        "SELECT id FROM table_name WHERE text_column LIKE '%00abc%';", &[],
        "Unchanged: the trigram index serves LIKE, ILIKE and regular expressions as they are.",
        source::POSTGRESQL.at("pg_trgm")
    }
    INDEX_CASE {
        "index_case_insensitive", "Index for a text in any case",
        "CREATE INDEX CONCURRENTLY lower_idx ON table_name (lower(text_column));", ONLINE,
        "An index on the expression; UNIQUE INDEX makes it a rule, as for e-mail addresses.",
        GUIDE.at("Use Indexes Effectively")
    }
    QUERY_CASE {
        "query_case_insensitive", "Rows with a text in any case",
        "SELECT id FROM table_name WHERE lower(text_column) = lower('Name-4711');", &[],
        "The same expression as in the index, on both sides.", GUIDE.at("User Authentication Query")
    }
    INDEX_WORDS {
        "index_full_text", "Index for words of a text",
        "CREATE INDEX CONCURRENTLY words_idx ON table_name USING gin (to_tsvector('english', text_column));", ONLINE,
        "The language is spelled out: with one argument the expression depends on a setting and cannot be indexed.",
        GUIDE.at("Server Search Query")
    }
    QUERY_WORDS {
        "query_full_text", "Rows with words of a text",
        "SELECT id FROM table_name\n\
         WHERE to_tsvector('english', text_column) @@ websearch_to_tsquery('english', 'blue server');", &[],
        "websearch_to_tsquery takes what users type; to_tsquery fails on two words without an operator.",
        GUIDE.at("Server Search Query")
    }
    INDEX_JSON {
        "index_json_containment", "Index for what a JSON document contains",
        "CREATE INDEX CONCURRENTLY json_idx ON table_name USING gin (json_column jsonb_path_ops);", ONLINE,
        "jsonb_path_ops is smaller and faster than the default, and serves @>; the default also serves ? for keys.",
        GUIDE.at("Optimize JSONB Queries")
    }
    QUERY_JSON {
        "query_json_containment", "Rows whose JSON document contains something",
        "SELECT id FROM table_name WHERE json_column @> '{\"environment\": \"production\"}';", &[],
        "@> compares types too: the text \"5\" is not the number 5, while ->> makes both the text 5.",
        GUIDE.at("Optimize JSONB Queries")
    }
    INDEX_JSON_KEY {
        "index_json_key", "Index for one key of a JSON document",
        "CREATE INDEX CONCURRENTLY json_key_idx ON table_name ((json_column ->> 'environment'));", ONLINE,
        "A B-tree on the one key is a fraction of a GIN index on the whole document, in space and in the cost of \
         writes.", source::POSTGRESQL.at("jsonb Indexing")
    }
    QUERY_JSON_KEY {
        "query_json_key", "Rows with one value of a key",
        "SELECT id FROM table_name WHERE json_column ->> 'environment' = 'production';", &[],
        "The expression of the index, unchanged.", source::POSTGRESQL.at("jsonb Indexing")
    }
    INDEX_PARTIAL {
        "index_partial", "Index for the few rows in a state",
        "CREATE INDEX CONCURRENTLY partial_idx ON table_name (created_at) WHERE is_active;", ONLINE,
        "The state belongs in the predicate, another column of the query in the index: an index on is_active WHERE \
         is_active holds one value only. A predicate cannot use now().", GUIDE.at("Use Partial Indexes")
    }
    QUERY_PARTIAL {
        "query_partial", "The few rows in a state",
        "SELECT id FROM table_name WHERE is_active AND created_at < '2026-01-08 00:00:00+00';", &[],
        "The query must say the predicate.", source::POSTGRESQL.at("Partial Indexes")
    }
    INDEX_TIME {
        "index_time_range", "Index for a time range of a table written in order of time",
        "CREATE INDEX CONCURRENTLY time_idx ON table_name USING brin (created_at) WITH (autosummarize = on);", ONLINE,
        "BRIN keeps the least and the greatest time of each 128 pages: thousands of times smaller than a B-tree, and \
         good only where rows lie in the order of the column. Otherwise, or for a few rows, a B-tree.",
        GUIDE.at("Index Types Overview")
    }
    QUERY_TIME {
        "query_time_range", "A day",
        "SELECT id FROM table_name\n\
         WHERE created_at >= '2026-01-31 00:00:00+00' AND created_at < '2026-02-01 00:00:00+00';", &[],
        "date(created_at) = … hides the column from the index, and its day depends on the session's time zone.",
        source::SCALING_STRATEGIES.at("Use Materialized Views for Analytics")
    }
    INDEX_SORT {
        "index_sort_limit", "Index for the newest rows of a category",
        "CREATE INDEX CONCURRENTLY sort_idx ON table_name (category, created_at DESC, id DESC);", ONLINE,
        "What is compared by =, then the order of ORDER BY, so that LIMIT stops the scan. Its directions and NULLS \
         FIRST or LAST must be those of the query.", source::POSTGRESQL.at("Indexes and ORDER BY")
    }
    QUERY_SORT {
        "query_sort_limit", "The newest rows of a category",
        "SELECT id, created_at FROM table_name WHERE category = 7 ORDER BY created_at DESC, id DESC LIMIT 20;", &[],
        "id breaks ties, so that the order is the same every time.", source::POSTGRESQL.at("Indexes and ORDER BY")
    }
    QUERY_PAGE {
        "query_pagination", "The next page",
        "SELECT id, created_at FROM table_name\n\
         WHERE category = 7 AND (created_at, id) < ('2026-02-01 00:00:00+00', 4711)\n\
         ORDER BY created_at DESC, id DESC LIMIT 20;", &[],
        "Both columns of the last row shown: without the id, rows of the same time are left out at the page's end.",
        GUIDE.at("Optimize LIMIT and OFFSET")
    }
    QUERY_ESTIMATE {
        "query_estimate", "About how many rows a table has",
        "SELECT CASE WHEN reltuples >= 0 THEN reltuples::bigint END AS estimated_rows\n\
         FROM pg_class WHERE oid = 'table_name'::regclass;", &[],
        "An estimate as of the last VACUUM or ANALYZE, unknown (−1) before the first. By oid: the same name may exist \
         in several schemas.", GUIDE.at("Optimize Aggregations")
    }
    QUERY_COUNT {
        "query_count", "Exactly how many rows a table has",
        "SELECT count(*) FROM table_name;", &[],
        "Reads the smallest index where VACUUM has kept the visibility map; otherwise the whole table.",
        source::POSTGRESQL.at("Index-Only Scans and Covering Indexes")
    }
    INDEX_JOIN {
        "index_foreign_key", "Index for a foreign key",
        "CREATE INDEX CONCURRENTLY foreign_key_idx ON child_table (table_id);", ONLINE,
        "PostgreSQL indexes the referenced key, never the referencing column: joins, and each DELETE of a parent, scan \
         the child.", GUIDE.at("Optimize Joins")
    }
    QUERY_JOIN {
        "query_foreign_key", "Rows that have children, each once",
        "SELECT t.id FROM table_name t WHERE EXISTS (SELECT FROM child_table c WHERE c.table_id = t.id);", &[],
        "EXISTS stops at the first child. A join returns a row for each of them: that is another answer, not only a \
         slower one.", GUIDE.at("Optimize Joins")
    }
    QUERY_TOTALS {
        "query_totals", "A total from each of two child tables",
        "SELECT t.id, coalesce(c.children, 0) AS children, coalesce(o.others, 0) AS others\n\
         FROM table_name t\n\
         LEFT JOIN (SELECT table_id, count(*) AS children FROM child_table GROUP BY table_id) c ON c.table_id = t.id\n\
         LEFT JOIN (SELECT table_id, count(*) AS others FROM other_child GROUP BY table_id) o ON o.table_id = t.id;", &[],
        "Each child table is added up before it is joined. Joined first, every row of one meets every row of the \
         other.", GUIDE.at("Optimize Aggregations")
    }
    VIEW_CREATE {
        "view_create", "A materialized view for daily numbers",
        "CREATE MATERIALIZED VIEW daily_totals AS\n\
         SELECT category, (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS entries\n\
         FROM table_name GROUP BY category, day;", &[],
        "The time zone is spelled out: a day is not the same for every session.",
        source::SCALING_STRATEGIES.at("Use Materialized Views for Analytics")
    }
    VIEW_INDEX {
        "view_index", "The unique index that lets the view be refreshed while it is read",
        "CREATE UNIQUE INDEX daily_totals_idx ON daily_totals (category, day);", &[],
        "REFRESH … CONCURRENTLY needs a unique index on columns, without WHERE, before its first use.",
        source::POSTGRESQL.at("REFRESH MATERIALIZED VIEW")
    }
    VIEW_REFRESH {
        "view_refresh", "Refresh it while it is read",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY daily_totals;", &[], "",
        source::SCALING_STRATEGIES.at("Use Materialized Views for Analytics")
    }
    ROLE_LIMIT {
        "role_limit", "The role's connection limit",
        "ALTER ROLE role_name CONNECTION LIMIT 300;", SUPERUSER,
        "Holds for new connections at once, without a restart; those that are open stay.",
        source::CONNECTION_SCALING.at("Part 2, Option B")
    }
    ROLE_LIMIT_SHOWN {
        "role_limit_shown", "The role's connection limit and how much of it is used",
        "SELECT r.rolname, r.rolconnlimit, count(a.pid) AS connections\n\
         FROM pg_roles r\n\
         LEFT JOIN pg_stat_activity a ON a.usesysid = r.oid AND a.backend_type = 'client backend'\n\
         WHERE r.rolname = 'role_name' GROUP BY r.oid, r.rolname, r.rolconnlimit;", &[],
        "pg_user does not show the limit; −1 is none.", source::CONNECTION_SCALING.at("Part 4, Option B")
    }
    DATABASE_LIMIT {
        "database_limit", "The database's connection limit",
        "ALTER DATABASE database_name CONNECTION LIMIT 300;", SUPERUSER,
        "Counts the sessions of every role, whatever pooler or pod they come from; superusers are let in beyond it.",
        source::POSTGRESQL.at("ALTER DATABASE, CONNECTION LIMIT")
    }
    DATABASE_LIMIT_SHOWN {
        "database_limit_shown", "The database's connection limit and how much of it is used",
        "SELECT d.datname, d.datconnlimit, count(a.pid) AS connections\n\
         FROM pg_database d\n\
         LEFT JOIN pg_stat_activity a ON a.datid = d.oid AND a.backend_type = 'client backend'\n\
         WHERE d.datname = 'database_name' GROUP BY d.oid, d.datname, d.datconnlimit;", &[],
        "−1 is no limit.", source::POSTGRESQL.at("pg_database")
    }
    MAX_CONNECTIONS {
        "max_connections", "The server's connection limit",
        "ALTER SYSTEM SET max_connections = 300;", &[Need::Superuser, Need::OutsideTransaction, Need::Restart],
        "Raise it on the replicas first: one with less than its primary does not start.",
        source::POSTGRESQL.at("Hot Standby, administrator's overview")
    }
    REPLICATION_ROLE {
        "replication_role", "The role a replica connects with",
        "CREATE ROLE replication_user REPLICATION LOGIN PASSWORD 'change-me';", SUPERUSER,
        "The password is stored as SCRAM hash; \\password in psql keeps it out of the log. pg_hba.conf gets a line of \
         its own.", source::SCALING_STRATEGIES.at("Setup Streaming Replication")
    }
    REPLICATION_SLOT {
        "replication_slot", "The slot that keeps WAL for a replica",
        "SELECT pg_create_physical_replication_slot('replica_1');", SUPERUSER,
        "A slot whose replica is gone fills the disk: max_slot_wal_keep_size bounds it.",
        source::POSTGRESQL.at("Replication Slots")
    }
    REPLICATION_SLOT_DROPPED {
        "replication_slot_dropped", "The slot is given up",
        "SELECT pg_drop_replication_slot('replica_1');", SUPERUSER, "", source::POSTGRESQL.at("Replication Slots")
    }
    LAG_PRIMARY {
        "lag_primary", "Replication lag, asked at the primary",
        "SELECT application_name, client_addr, state, replay_lag,\n       \
                pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) AS behind\n\
         FROM pg_stat_replication;", &[], "", source::SCALING_STRATEGIES.at("Key Metrics to Track")
    }
    LAG_REPLICA {
        "lag_replica", "Replication lag in seconds, asked at the replica",
        "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0\n            \
                ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END AS lag_seconds;", &[],
        "Where everything received is replayed the lag is 0, however long ago the last transaction was.",
        source::SCALING_STRATEGIES.at("Key Metrics to Track")
    }
    PARTITIONED_TABLE {
        "partitioned_table", "A table partitioned by month",
        "CREATE TABLE events_partitioned (\n    \
             id bigint GENERATED ALWAYS AS IDENTITY,\n    \
             created_at timestamptz NOT NULL,\n    \
             amount bigint NOT NULL,\n    \
             PRIMARY KEY (id, created_at)\n\
         ) PARTITION BY RANGE (created_at);", &[],
        "The key contains the time, so the server no longer guarantees that an id is unique on its own.",
        source::SCALING_STRATEGIES.at("Table Partitioning")
    }
    PARTITION {
        "partition", "The partition of a month",
        "CREATE TABLE events_2026_01 PARTITION OF events_partitioned\n    \
             FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00');", &[],
        "Three months ahead: a row no partition takes is an error. The bounds carry a time zone, or the session's is \
         taken.", source::SCALING_STRATEGIES.at("Range Partitioning")
    }
    PARTITION_COPY {
        "partition_copy", "Rows of a month are copied",
        "INSERT INTO events_partitioned (id, created_at, amount) OVERRIDING SYSTEM VALUE\n\
         SELECT id, created_at, amount FROM events\n\
         WHERE created_at >= '2026-01-01 00:00:00+00' AND created_at < '2026-02-01 00:00:00+00';", &[],
        "A month at a time, so that no transaction lasts long; afterwards the new table takes the old one's name.",
        source::POSTGRESQL.at("Table Partitioning")
    }
    PARTITION_DETACH {
        "partition_detach", "A month is taken out",
        "ALTER TABLE events_partitioned DETACH PARTITION events_2026_01 CONCURRENTLY;", ONLINE,
        "Readers and writers go on. Not possible where there is a default partition.",
        source::POSTGRESQL.at("ALTER TABLE, DETACH PARTITION")
    }
    PARTITION_DROP {
        "partition_drop", "A month is removed", "DROP TABLE events_2026_01;", &[],
        "At once, with nothing left to vacuum: a DELETE of as many rows takes hours.",
        source::SCALING_STRATEGIES.at("Table Partitioning, benefits")
    }
    ROWS {
        "rows", "The largest tables and their rows",
        "SELECT c.oid::regclass AS \"table\", greatest(c.reltuples, 0)::bigint AS estimated_rows,\n       \
                pg_size_pretty(pg_total_relation_size(c.oid)) AS total,\n       \
                pg_size_pretty(pg_table_size(c.oid)) AS data,\n       \
                pg_size_pretty(pg_indexes_size(c.oid)) AS indexes\n\
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n\
         WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')\n\
         ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 20;", &[],
        "By oid, so that names in mixed case are no error; data includes TOAST, which is no index.",
        GUIDE.at("Key Metrics Dashboard")
    }
    CONNECTION_USE {
        "connection_use", "How much of what applications can have is used",
        "SELECT count(*) AS connections, max(l.usable) AS usable,\n       \
                round(100.0 * count(*) / max(l.usable), 1) AS percent\n\
         FROM pg_stat_activity a,\n     \
             (SELECT current_setting('max_connections')::int\n            \
                     - current_setting('superuser_reserved_connections')::int\n            \
                     - coalesce(current_setting('reserved_connections', true)::int, 0) AS usable) l\n\
         WHERE a.backend_type = 'client backend';", &[],
        "The server's own processes are in pg_stat_activity too, but take no connection.",
        GUIDE.at("Connection Pool Monitoring")
    }
    CONNECTIONS_BY_STATE {
        "connections_by_state", "Connections by role, application and state, each with its newest query",
        "SELECT usename, application_name, state, count(*) AS connections,\n       \
                (array_agg(query ORDER BY query_start DESC NULLS LAST))[1] AS newest_query\n\
         FROM pg_stat_activity WHERE backend_type = 'client backend'\n\
         GROUP BY usename, application_name, state ORDER BY connections DESC;", &[],
        "An aggregate takes ORDER BY but no LIMIT: the first element of the ordered array is the newest.",
        source::CONNECTION_SCALING.at("Part 5")
    }
    LONG_RUNNING {
        "long_running", "Transactions open for more than 30 seconds",
        "SELECT pid, usename, application_name, state, now() - xact_start AS open_for, query\n\
         FROM pg_stat_activity\n\
         WHERE backend_type = 'client backend' AND xact_start < now() - interval '30 seconds'\n\
         ORDER BY xact_start;", &[],
        "By the transaction's start, so that what is idle in a transaction is found too.",
        GUIDE.at("Performance Goals, long-running queries")
    }
    CANCEL_LONG_RUNNING {
        "cancel_long_running", "Queries running for more than five minutes are cancelled",
        "SELECT pid, pg_cancel_backend(pid) FROM pg_stat_activity\n\
         WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid()\n  \
           AND usename = 'role_name' AND query_start < now() - interval '5 minutes';", SUPERUSER,
        "Cancels the statement and keeps the connection in its pool; pg_terminate_backend is the last resort.",
        GUIDE.at("Connection Pool Monitoring")
    }
    IDLE_TRANSACTIONS {
        "idle_transactions", "A forgotten transaction ends by itself",
        "ALTER ROLE role_name SET idle_in_transaction_session_timeout = '60s';", SUPERUSER,
        "Idle connections are a pool's stock: its own settings close them (idleTimeout, pool_recycle, \
         server_idle_timeout). What blocks VACUUM is idle inside a transaction.",
        source::POSTGRESQL.at("idle_in_transaction_session_timeout")
    }
    STATEMENT_TIMEOUT {
        "statement_timeout", "No statement of the application runs for more than 30 seconds",
        "ALTER ROLE role_name SET statement_timeout = '30s';", SUPERUSER,
        "For the role, so that it holds behind a pooler too.", GUIDE.at("Application-Level Connection Pooling")
    }
    CACHE_HIT {
        "cache_hit", "How many blocks the server had in memory already",
        "SELECT round(100.0 * sum(blks_hit) / nullif(sum(blks_hit + blks_read), 0), 2) AS percent\n\
         FROM pg_stat_database;", &[],
        "Summed before it is divided. What shared_buffers lacks may still come from the operating system's cache.",
        GUIDE.at("Key Metrics Dashboard")
    }
    THROUGHPUT {
        "throughput", "Transactions a second since the statistics began",
        "SELECT datname, (xact_commit + xact_rollback)\n       \
                / extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time())) AS per_second\n\
         FROM pg_stat_database WHERE datname = current_database();", &[],
        "An average: for the peak, take two samples a minute apart and divide the difference by 60.",
        GUIDE.at("Key Metrics Dashboard")
    }
    UNUSED_INDEXES {
        "unused_indexes", "Indexes nobody has used",
        "SELECT s.schemaname, s.relname, s.indexrelname, pg_size_pretty(pg_relation_size(s.indexrelid)) AS size\n\
         FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid)\n\
         WHERE s.idx_scan = 0 AND NOT i.indisunique AND NOT i.indisreplident\n\
         ORDER BY pg_relation_size(s.indexrelid) DESC;", &[],
        "Unique indexes are rules, used or not. Ask every replica as well, and after a month: the counters are of this \
         server, since its last reset.", GUIDE.at("Index Health Monitoring")
    }
    DUPLICATE_INDEXES {
        "duplicate_indexes", "Indexes with the same columns",
        "SELECT indrelid::regclass AS \"table\", array_agg(indexrelid::regclass) AS indexes\n\
         FROM pg_index\n\
         GROUP BY indrelid, indkey::text, indclass::text, indoption::text, coalesce(indexprs::text, ''),\n         \
             coalesce(indpred::text, '')\n\
         HAVING count(*) > 1;", &[],
        "A UNIQUE or PRIMARY KEY column has its index already.", GUIDE.at("Primary Database Indexes")
    }
    TOP_STATEMENTS {
        "top_statements", "The statements that take the most time",
        "SELECT queryid, calls, round(total_exec_time::numeric) AS total_ms,\n       \
                round(mean_exec_time::numeric, 2) AS mean_ms, round(stddev_exec_time::numeric, 2) AS stddev_ms, query\n\
         FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 10;",
        &[Need::Preloaded("pg_stat_statements")],
        "It knows means and deviations but no percentiles: a p95 comes from the application's own histogram.",
        GUIDE.at("Identify Slow Queries")
    }
    EXPLAIN {
        "explain", "How a query is executed",
        "EXPLAIN (ANALYZE, BUFFERS) SELECT id FROM table_name WHERE column_name = 4711;", &[],
        "It runs the query. A sequential scan of a small table, or of most of a large one, is right.",
        GUIDE.at("Query Plan Analysis")
    }
    REINDEX {
        "reindex", "A bloated index is built anew", "REINDEX INDEX CONCURRENTLY equality_idx;", ONLINE,
        "Readers and writers go on. Only where it has grown: a monthly REINDEX of everything locks every table in turn.",
        GUIDE.at("Manual Index Maintenance")
    }
    DROP_INDEX {
        "drop_index", "An index is removed", "DROP INDEX CONCURRENTLY equality_idx;", ONLINE,
        "The way back from every index above.", GUIDE.at("Index Health Monitoring")
    }
    VACUUM {
        "vacuum", "A table is vacuumed and its statistics are taken", "VACUUM (ANALYZE) table_name;", ONLINE,
        "After a bulk load; otherwise autovacuum does it.", GUIDE.at("Manual Index Maintenance")
    }
    AUTOVACUUM {
        "autovacuum", "A table with many writes is vacuumed sooner",
        "ALTER TABLE table_name SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);",
        &[], "autovacuum_enabled = true says nothing new: it is the default.",
        GUIDE.at("Automatic Index Maintenance")
    }
}
