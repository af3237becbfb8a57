//! What the source documents tell their readers to run that fails, or that means something other than they say.
//!
//! Each statement was run against `tests/documents/schema.sql` on `PostgreSQL`.

use crate::source::{self, Source};
use crate::strategy::statement::{self, Statement};

/// What running it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// `PostgreSQL` refuses it with a message that contains this.
    Fails(&'static str),
    /// `PostgreSQL` runs it, but it does not do what the document says.
    Differs,
    /// It is no SQL: configuration, a shell's command, or another server's.
    Other,
}

/// Something a document says to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Documented {
    /// The stable id.
    pub id: &'static str,
    /// Where it stands.
    pub source: Source,
    /// The document's own text, shortened to what matters.
    pub text: &'static str,
    /// What happens.
    pub outcome: Outcome,
    /// What is wrong with it.
    pub wrong: &'static str,
    /// What is right instead.
    pub right: &'static str,
    /// The statement that does it, where it is one.
    pub instead: Option<&'static Statement>,
}

const SCALING: Source = source::SCALING_STRATEGIES;
const CONNECTIONS: Source = source::CONNECTION_SCALING;
const GUIDE: Source = source::OPTIMIZATION_GUIDE;

const fn row(
    id: &'static str,
    source: Source,
    text: &'static str,
    outcome: Outcome,
    wrong: &'static str,
    right: &'static str,
    instead: Option<&'static Statement>,
) -> Documented {
    Documented { id, source, text, outcome, wrong, right, instead }
}

/// The table, by document.
pub static DOCUMENTED: &[Documented] = &[
    row(
        "hba_as_sql",
        SCALING.at("Setup Streaming Replication"),
        "host replication replication_user replica_ip/32 scram-sha-256",
        Outcome::Fails("syntax error at or near \"host\""),
        "A line of pg_hba.conf among SQL statements.",
        "Put it into pg_hba.conf and reload the server.",
        None,
    ),
    row(
        "encrypted_password",
        SCALING.at("Setup Streaming Replication"),
        "CREATE USER replication_user REPLICATION LOGIN ENCRYPTED PASSWORD 'xxx';",
        Outcome::Differs,
        "ENCRYPTED changes nothing since PostgreSQL 10; the password still goes to the server in plain text, and into its \
         log where statements are logged.",
        "Leave it out, and set the password with \\password in psql, which sends the hash only.",
        Some(&statement::REPLICATION_ROLE),
    ),
    row(
        "refresh_before_index",
        SCALING.at("Use Materialized Views for Analytics"),
        "REFRESH MATERIALIZED VIEW CONCURRENTLY festival_daily_stats;",
        Outcome::Fails("cannot refresh materialized view \"public.festival_daily_stats\" concurrently"),
        "CONCURRENTLY needs a unique index; the document creates one afterwards, and not a unique one.",
        "Create a unique index on the grouping columns first.",
        Some(&statement::VIEW_INDEX),
    ),
    row(
        "day_by_session",
        SCALING.at("Use Materialized Views for Analytics"),
        "SELECT festival_id, DATE(created_at) AS date, COUNT(*) FROM transactions GROUP BY festival_id, \
         DATE(created_at);",
        Outcome::Differs,
        "DATE() of a timestamptz depends on the session's time zone: 23:30 UTC is the next day in Berlin. It cannot be \
         indexed for the same reason.",
        "Name the time zone: (created_at AT TIME ZONE 'UTC')::date.",
        Some(&statement::VIEW_CREATE),
    ),
    row(
        "partition_key",
        SCALING.at("Range Partitioning"),
        "CREATE TABLE transactions_by_month (id UUID, created_at TIMESTAMPTZ, PRIMARY KEY (id, created_at)) PARTITION \
         BY RANGE (created_at);",
        Outcome::Differs,
        "The same id can exist once for each time, foreign keys to it need both columns, and a row beyond the last \
         partition is an error.",
        "Make ids unique by the way they are made, and create partitions three months ahead.",
        Some(&statement::PARTITIONED_TABLE),
    ),
    row(
        "tcp_check",
        SCALING.at("HAProxy Configuration"),
        "server primary 10.0.0.1:5432 check",
        Outcome::Other,
        "A check that connects cannot tell a primary from a replica: after a failover writes go to the wrong server.",
        "Ask the cluster manager for the role: option httpchk with Patroni's /primary and /replica.",
        None,
    ),
    row(
        "milliseconds",
        CONNECTIONS.at("Part 1, Connection Pooling Math"),
        "spring.datasource.hikari.connection-timeout: 5000ms",
        Outcome::Other,
        "HikariCP's times are plain numbers of milliseconds; Spring cannot turn 5000ms into one, and the application \
         does not start.",
        "connection-timeout: 5000",
        None,
    ),
    row(
        "role_limit_hidden",
        CONNECTIONS.at("Part 2, Option B"),
        "SELECT * FROM pg_user WHERE usename = 'synergyflow_app';",
        Outcome::Differs,
        "pg_user has no column for the connection limit: the check shows nothing.",
        "pg_roles.rolconnlimit.",
        Some(&statement::ROLE_LIMIT_SHOWN),
    ),
    row(
        "role_limit_above_server",
        CONNECTIONS.at("Part 2, Option B"),
        "ALTER ROLE synergyflow_app CONNECTION LIMIT 300;",
        Outcome::Differs,
        "Accepted, whatever max_connections is: on the documented cluster of 200 the limit is never met, and one \
         application can take what all the others need.",
        "Raise max_connections first where the sum of all roles needs it; then the role's limit, below what it leaves.",
        Some(&statement::MAX_CONNECTIONS),
    ),
    row(
        "restart_twice",
        CONNECTIONS.at("Part 4, Option A"),
        "kubectl set env deployment/NAME …; kubectl rollout restart deployment/NAME",
        Outcome::Other,
        "set env changes the pod template, which starts a rollout of all pods: the restart is a second one, and no \
         single pod was tried first.",
        "Pause the rollout when the first new pod is up, and resume it after the watch.",
        None,
    ),
    row(
        "backup_as_sql",
        CONNECTIONS.at("Part 4, Option B"),
        "pg_basebackup -h shared-postgres-primary -D ./backup",
        Outcome::Fails("syntax error at or near \"pg_basebackup\""),
        "A shell's command among SQL statements. ALTER ROLE changes one catalog row and needs no base backup.",
        "Note the old limit: it is the way back.",
        Some(&statement::ROLE_LIMIT_SHOWN),
    ),
    row(
        "modulith_property",
        CONNECTIONS.at("Part 2, Option C"),
        "spring.modulith.events.external: kafka",
        Outcome::Other,
        "Spring Modulith has no such property: nothing is published.",
        "Add spring-modulith-events-kafka, mark the events @Externalized, and set spring.kafka.bootstrap-servers.",
        None,
    ),
    row(
        "aggregate_limit",
        CONNECTIONS.at("Part 5"),
        "SELECT usename, STRING_AGG(query, '; ' ORDER BY backend_start DESC LIMIT 1) FROM pg_stat_activity GROUP BY \
         usename;",
        Outcome::Fails("syntax error at or near \"LIMIT\""),
        "An aggregate takes ORDER BY, but no LIMIT.",
        "(array_agg(query ORDER BY query_start DESC))[1]",
        Some(&statement::CONNECTIONS_BY_STATE),
    ),
    row(
        "peak_by_hour",
        CONNECTIONS.at("Part 5"),
        "SELECT DATE_TRUNC('hour', NOW()) AS hour, COUNT(DISTINCT backend_pid), \
         MAX(pg_total_relation_size(schemaname||'.'||tablename)) FROM pg_stat_activity GROUP BY hour;",
        Outcome::Fails("column \"backend_pid\" does not exist"),
        "The column is pid, and a session has no schema or table. Mended it would still show the present hour only: \
         the view keeps no history.",
        "Record the number of connections every minute, and take the maximum of each hour there.",
        Some(&statement::CONNECTION_USE),
    ),
    row(
        "index_of_unique_column",
        GUIDE.at("Users Table, Sessions Table, Policies Table"),
        "CREATE UNIQUE INDEX idx_users_username ON users(username);",
        Outcome::Differs,
        "username is UNIQUE and has that index already: every write now keeps two. The same holds for email, \
         access_token_jti, refresh_token_hash and the policies' name.",
        "Leave it out.",
        Some(&statement::DUPLICATE_INDEXES),
    ),
    row(
        "index_of_a_constant",
        GUIDE.at("Use Partial Indexes"),
        "CREATE INDEX idx_servers_is_active ON servers(is_active) WHERE is_active = true;",
        Outcome::Differs,
        "Every entry of the index has the same value: it finds nothing that the predicate has not found.",
        "Index the column the query sorts or filters by, with is_active in the predicate.",
        Some(&statement::INDEX_PARTIAL),
    ),
    row(
        "one_version",
        GUIDE.at("Policies Table"),
        "CREATE TABLE policies (name VARCHAR(255) UNIQUE NOT NULL, version INTEGER NOT NULL DEFAULT 1);",
        Outcome::Differs,
        "A name is there once, so a policy has one version, and the index on (name, version DESC) has nothing to sort.",
        "UNIQUE (name, version): its index serves the newest version of a name, too.",
        None,
    ),
    row(
        "predicate_with_now",
        GUIDE.at("Sessions Table"),
        "CREATE INDEX idx_sessions_expires ON sessions(expires_at) WHERE expires_at > NOW();",
        Outcome::Fails("functions in index predicate must be marked IMMUTABLE"),
        "The predicate decides when a row is written, and would be wrong a moment later.",
        "A plain index on expires_at serves both: what is valid, and what has expired.",
        Some(&statement::INDEX_EQUALITY),
    ),
    row(
        "nulls_last",
        GUIDE.at("Servers Table"),
        "SELECT * FROM servers ORDER BY last_seen_at DESC LIMIT 20;",
        Outcome::Differs,
        "The index is DESC NULLS LAST, the query's DESC means NULLS FIRST: it sorts the whole table.",
        "Say NULLS LAST in the query too.",
        Some(&statement::INDEX_SORT),
    ),
    row(
        "tablename_of_an_index",
        GUIDE.at("Index Health Monitoring"),
        "SELECT schemaname, tablename, indexname, idx_scan FROM pg_stat_user_indexes;",
        Outcome::Fails("column \"tablename\" does not exist"),
        "The columns are relname and indexrelname. The first of the three queries also shows sizes and scans, not \
         bloat.",
        "relname, indexrelname; bloat is measured by pgstattuple.",
        Some(&statement::UNUSED_INDEXES),
    ),
    row(
        "unused_unique_indexes",
        GUIDE.at("Index Health Monitoring"),
        "SELECT indexrelname FROM pg_stat_user_indexes WHERE idx_scan = 0 AND indexrelname NOT LIKE '%pkey%';",
        Outcome::Differs,
        "Lists the indexes of UNIQUE constraints as candidates for removal: they are rules, used or not. Replicas \
         count their own scans.",
        "Leave out pg_index.indisunique, and ask every replica.",
        Some(&statement::UNUSED_INDEXES),
    ),
    row(
        "exists_for_join",
        GUIDE.at("Optimize Joins"),
        "SELECT u.* FROM users u JOIN sessions s ON s.user_id = u.id;",
        Outcome::Differs,
        "The join returns a user once for each session, EXISTS once: the rewrite is right, but not the same question \
         answered faster.",
        "EXISTS, after asking which of the two is meant.",
        Some(&statement::QUERY_JOIN),
    ),
    row(
        "estimated_count",
        GUIDE.at("Optimize Aggregations"),
        "SELECT reltuples::bigint FROM pg_class WHERE relname = 'audit_events';",
        Outcome::Differs,
        "An estimate instead of the number; −1 before the first ANALYZE, which a partitioned parent never gets by itself; \
         one row for each schema that has such a table.",
        "Where an estimate will do, ask by oid; otherwise count.",
        Some(&statement::QUERY_ESTIMATE),
    ),
    row(
        "multiplied_rows",
        GUIDE.at("Optimize Aggregations"),
        "SELECT u.username, COUNT(DISTINCT s.id), COUNT(DISTINCT x.id) FROM users u LEFT JOIN servers s ON s.owner_id \
         = u.id LEFT JOIN sessions x ON x.user_id = u.id GROUP BY u.id, u.username;",
        Outcome::Differs,
        "The numbers are right, the cost is not: 1,000 servers and 1,000 sessions of one user become a million rows to \
         sort. SUM in place of COUNT(DISTINCT) would be wrong.",
        "Add up each child table before joining it.",
        Some(&statement::QUERY_TOTALS),
    ),
    row(
        "page_by_time_alone",
        GUIDE.at("Optimize LIMIT and OFFSET"),
        "SELECT * FROM servers WHERE created_at < '2025-11-01' ORDER BY created_at DESC LIMIT 20;",
        Outcome::Differs,
        "Rows with the same time as the last one shown are left out, and the date stands for midnight in the session's \
         time zone.",
        "Compare the whole sort key, (created_at, id), with that of the last row shown.",
        Some(&statement::QUERY_PAGE),
    ),
    row(
        "containment",
        GUIDE.at("Optimize JSONB Queries"),
        "SELECT * FROM servers WHERE metadata @> '{\"environment\": \"1\"}'::jsonb;",
        Outcome::Differs,
        "->> turns every value into text, @> compares types: where environment is the number 1, ->> = '1' finds it and \
         this does not.",
        "@> where the type is known, or an index on the expression with ->>.",
        Some(&statement::INDEX_JSON_KEY),
    ),
    row(
        "name_taken",
        GUIDE.at("User Authentication Query"),
        "CREATE INDEX idx_users_username_lower ON users(username);",
        Outcome::Fails("relation \"idx_users_username_lower\" already exists"),
        "The example gives two indexes the same name, one after the other.",
        "One of the two is enough: the index on lower(username).",
        Some(&statement::INDEX_CASE),
    ),
    row(
        "words_for_substrings",
        GUIDE.at("Server Search Query"),
        "SELECT * FROM servers WHERE to_tsvector('english', COALESCE(name, '') || ' ' || COALESCE(endpoint, '')) @@ \
         to_tsquery('english', 'production');",
        Outcome::Differs,
        "LIKE '%production%' finds reproduction-1 and https://production.example.com; the search finds neither, but \
         finds product: it compares stems of whole words, and a host name is one word.",
        "A trigram index, which serves the LIKE as it is.",
        Some(&statement::INDEX_SUBSTRING),
    ),
    row(
        "uuid_literal",
        GUIDE.at("Audit Log Query"),
        "SELECT * FROM audit_events WHERE user_id = 'abc-123' AND time >= NOW() - INTERVAL '7 days';",
        Outcome::Fails("invalid input syntax for type uuid"),
        "user_id is a uuid. The index offered above it repeats one the table has, with the user first and not the time \
         as its comment says.",
        "The user first, then the time, once.",
        Some(&statement::INDEX_SORT),
    ),
    row(
        "server_processes",
        GUIDE.at("Connection Pool Monitoring"),
        "SELECT COUNT(*) AS active_connections FROM pg_stat_activity;",
        Outcome::Differs,
        "Counts idle connections as active, and the server's own five or more processes as connections; the reserved \
         ones are no capacity.",
        "Client backends only, against what applications can have.",
        Some(&statement::CONNECTION_USE),
    ),
    row(
        "kill_idle",
        GUIDE.at("Connection Pool Monitoring"),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'sark' AND state = 'idle' AND NOW() - \
         state_change > INTERVAL '10 minutes';",
        Outcome::Differs,
        "Idle connections are what a pool keeps, an application's or PgBouncer's: they are ended under it, and opened \
         anew at once.",
        "Let the pool close them; end what is idle inside a transaction.",
        Some(&statement::IDLE_TRANSACTIONS),
    ),
    row(
        "kill_active",
        GUIDE.at("Connection Pool Monitoring"),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'sark' AND state = 'active' AND NOW() \
         - query_start > INTERVAL '5 minutes';",
        Outcome::Differs,
        "Ends pg_dump, migrations, autovacuum and logical replication as well, and takes the connection from its pool.",
        "Cancel the statements of one role, or give the role a statement_timeout.",
        Some(&statement::CANCEL_LONG_RUNNING),
    ),
    row(
        "sizes_by_name",
        GUIDE.at("Key Metrics Dashboard"),
        "SELECT pg_total_relation_size(schemaname||'.'||tablename) FROM pg_tables WHERE schemaname = 'public';",
        Outcome::Fails("relation \"public.orders\" does not exist"),
        "Fails as soon as one table's name needs quotes, such as \"Orders\"; what it calls index size contains TOAST.",
        "Ask by oid.",
        Some(&statement::ROWS),
    ),
    row(
        "ratio_of_each",
        GUIDE.at("Key Metrics Dashboard"),
        "SELECT 'Index Hit Rate' AS metric, ROUND(100.0 * idx_blks_hit / NULLIF(idx_blks_hit + idx_blks_read, 0), 2) \
         FROM pg_statio_user_indexes;",
        Outcome::Differs,
        "A line for each index, all with the same name, in place of one ratio.",
        "Sum before dividing.",
        Some(&statement::CACHE_HIT),
    ),
    row(
        "percentile_of_means",
        GUIDE.at("Prometheus Metrics"),
        "histogram_quantile(0.95, rate(pg_stat_statements_mean_time_bucket[5m]))",
        Outcome::Other,
        "There is no such metric: pg_stat_statements knows means, not a histogram, and a percentile of means is none.",
        "Take the p95 from a histogram the application keeps.",
        Some(&statement::TOP_STATEMENTS),
    ),
    row(
        "compression_view",
        GUIDE.at("Compression"),
        "SELECT * FROM timescaledb_information.chunk_compression_stats",
        Outcome::Other,
        "By TimescaleDB's manual it is a function of the hypertable, not a view; not run, as the statements here run on \
         plain PostgreSQL.",
        "SELECT * FROM chunk_compression_stats('audit_events')",
        None,
    ),
    row(
        "archive_overwrites",
        GUIDE.at("Backup Strategy"),
        "archive_command = 'cp %p /var/lib/postgresql/wal_archive/%f'",
        Outcome::Other,
        "Overwrites a segment that exists, forces nothing to disk, and keeps the archive on the server it is to save.",
        "pgBackRest or WAL-G; at least 'test ! -f ARCHIVE/%f && cp %p ARCHIVE/%f' on another machine.",
        None,
    ),
    row(
        "reindex_database",
        GUIDE.at("Routine Maintenance"),
        "REINDEX DATABASE sark;",
        Outcome::Differs,
        "Keeps writers out of one table after the other; monthly, it mostly rebuilds what is not bloated. It runs only in \
         the database it names.",
        "REINDEX INDEX CONCURRENTLY for what has grown.",
        Some(&statement::REINDEX),
    ),
];
