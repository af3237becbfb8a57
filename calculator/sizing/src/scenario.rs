//! The scenario and the one table that declares each of its inputs.

use crate::choice::{
    Disk, Distance, Edition, Flag, Partitioning, PgVersion, Place, PoolMode, Pooler, PoolerVersion, PreparedStatements,
    Promotion, QueryPattern, Replication, System, Workload,
};
use crate::date::Date;
use crate::growth::forecast::{self, Forecast};
use crate::input::{Access, Field, Group, Input, InputError, Kind, NoneWord, Rate, Surge};
use crate::pool::further::{self, FurtherPools};
use crate::pool::service::{self, Service};
use crate::quantity::{Bytes, Connections, Count, Days, Millis, PerSecond, Quantity, Ratio, Share};
use crate::source;

macro_rules! inputs {
    ($($id:ident: $type:ty = $default:expr, { $($field:ident: $row:expr),+ $(,)? };)+) => {
        /// Everything the user can say.  Every field is an input of the same id; [`INPUTS`] describes it.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "every field is described by its row in `INPUTS`, for people and for machines")]
        pub struct Scenario {
            $(pub $id: $type,)+
        }

        impl Default for Scenario {
            fn default() -> Self {
                Self { $($id: $default,)+ }
            }
        }

        /// The table of inputs, in the order to show them.
        #[expect(clippy::needless_update, reason = "a row that says everything needs no rest, most do")]
        pub static INPUTS: &[Input] = &[$(Input {
            id: stringify!($id),
            access: Access {
                take: |scenario, text, input| scenario.$id.set_from(text, input),
                write: |scenario, input| scenario.$id.write(input),
                quantity: |scenario, input| scenario.$id.quantity(input),
            },
            $($field: $row,)+
            ..BLANK
        },)+];
    };
}

/// What a row has where it says nothing else.
const BLANK: Input = Input {
    id: "",
    group: Group::Application,
    name: "",
    unit: "",
    kind: Kind::Choice(&[]),
    none: None,
    help: "",
    measure: "",
    source: source::HEADROOM,
    rare: false,
    access: Access { take: |_, _, _| false, write: |_, _| String::new(), quantity: |_, _| None },
};

const fn whole(min: u64, max: u64) -> Kind {
    Kind::Whole { min, max }
}

/// Far above any real pool, and low enough that every product of inputs stays below 2^63.
pub(crate) const MOST_CONNECTIONS: u64 = 100_000;
/// Most users, secrets or leases, now and in a forecast.
pub(crate) const MOST_COUNTED: u64 = 1_000_000_000;
/// Most requests, now and in a forecast.
pub(crate) const MOST_RATE: f64 = 1e9;
/// Far above any real deployment.
pub(crate) const MOST_PODS: u64 = 100_000;
/// `PostgreSQL`'s own bound for `max_connections` and its relatives: `MAX_BACKENDS`, 2^18 − 1.
pub(crate) const MOST_BACKENDS: u64 = 262_143;
/// `PostgreSQL`'s own bounds for memory counted in kB (`MAX_KILOBYTES`), in blocks of 8 kB, and for parallel workers.
pub(crate) const MOST_KILOBYTES: Bytes = Bytes((i32::MAX as u64) << 10);
pub(crate) const MOST_BLOCKS: Bytes = Bytes((i32::MAX as u64 / 2) << 13);
const MOST_PARALLEL: u64 = 1_024;
/// A setting that is not given is taken to be what is recommended.
pub(crate) const RECOMMENDED: Option<NoneWord> = Some(NoneWord { word: "auto", meaning: "what Headroom recommends" });

const fn size(min: Bytes, max: Bytes, plain: Bytes) -> Kind {
    Kind::Size { min, max, plain }
}

inputs! {
    system: Option<System> = None, {
        group: Group::Traffic,
        name: "What is sized",
        unit: "",
        kind: Kind::Choice(System::CHOICES),
        none: Some(NoneWord { word: "auto", meaning: "a database, unless secrets or leases are given" }),
        help: "A PostgreSQL database, a Vault-like secret store, or both.",
        measure: "what the traffic below reaches",
    };
    rate: Rate = Rate::AtPeak(PerSecond::new(100.0)), {
        group: Group::Traffic,
        name: "Requests at peak",
        unit: "requests/s",
        kind: Kind::Rate { max: MOST_RATE },
        help: "Requests per second in the busiest minute. A daily count, such as 10M/day, is spread over the day and \
            multiplied by the peak factor.",
        measure: "rate(http_requests_total[1m]) at its maximum over the last weeks, or the access log of the busiest \
            minute ÷ 60",
    };
    peak_factor: Ratio = Ratio::new(3.0), {
        group: Group::Traffic,
        name: "Peak factor",
        unit: "× the daily average",
        kind: Kind::Real { min: 1.0, max: 1000.0 },
        help: "How many times the daily average the busiest minute is. Only used where the rate is given per day. 3 \
            means that an eighth of the day's requests arrive in its busiest hour.",
        measure: "the busiest minute's rate ÷ (the day's requests ÷ 86,400)",
        rare: true,
    };
    queries_per_request: Ratio = Ratio::new(1.0), {
        group: Group::Traffic,
        name: "Transactions per request",
        unit: "per request",
        kind: Kind::Real { min: 0.0, max: 10_000.0 },
        help: "How often a request takes a connection from its pool. Several queries in one transaction count once.",
        measure: "the growth of xact_commit + xact_rollback in pg_stat_database ÷ requests in the same minute",
        rare: true,
    };
    hold_ms: Millis = Millis::new(20.0), {
        group: Group::Traffic,
        name: "Hold time",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 3_600_000.0 },
        help: "How long a transaction holds its connection: queries, round trips and the application's own work in \
            between. Not query time alone.",
        measure: "HikariCP: hikaricp_connections_usage_seconds (sum ÷ count); PgBouncer: avg_xact_time in SHOW STATS",
    };
    read_share: Share = Share::new(0.8), {
        group: Group::Traffic,
        name: "Share of reads",
        unit: "of the transactions",
        kind: Kind::Share { min: 0.0, max: 1.0 },
        help: "Transactions that only read: what replicas and a cache can take off the primary. The rest write. The \
            default is an assumption; measure yours.",
        measure: "pg_stat_statements: calls of statements that begin with SELECT ÷ all calls; or the share of GET \
            requests in the access log",
        rare: true,
    };
    users: Option<Count> = None, {
        group: Group::Traffic,
        name: "Users",
        unit: "users",
        kind: whole(1, MOST_COUNTED),
        none: Some(NoneWord { word: "none", meaning: "not given: the rate says it all" }),
        help: "Users who are active at the same time at peak. What they ask for is shown beside the rate, which \
            everything else is computed from. The documents' milestones are told in users.",
        measure: "different users in the access log of the busiest minute",
        source: source::CONNECTION_SCALING.at("Executive Summary"),
    };
    requests_per_user: PerSecond = PerSecond::new(0.1), {
        group: Group::Traffic,
        name: "Requests of a user",
        unit: "requests/s per active user",
        kind: Kind::Real { min: 0.0, max: 1_000.0 },
        help: "How often an active user asks for something: 0.1 is a click every ten seconds. Only used with a number \
            of users.",
        measure: "requests of the busiest minute ÷ 60 ÷ different users in it",
        rare: true,
    };
    hold_cv: Ratio = Ratio::new(1.0), {
        group: Group::Traffic,
        name: "Variation of the hold time",
        unit: "standard deviation ÷ mean",
        kind: Kind::Real { min: 0.0, max: 100.0 },
        help: "0 where all transactions take equally long, 1 where most are short and some long (exponential), 2 and \
            more where reports share the pool with short queries. Waiting grows with its square.",
        measure: "the application's histogram of transaction times; for single queries SELECT sqrt(sum(calls * \
            (stddev_exec_time ^ 2 + mean_exec_time ^ 2)) * sum(calls) / sum(calls * mean_exec_time) ^ 2 - 1) FROM \
            pg_stat_statements",
        source: source::ALLEN_CUNNEEN,
        rare: true,
    };
    wait_target_ms: Millis = Millis::new(5.0), {
        group: Group::Traffic,
        name: "Wait target",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 60_000.0 },
        help: "How long 95 % of all transactions may wait for a connection. Twice as long is critical.",
        measure: "HikariCP: hikaricp_connections_acquire_seconds; PgBouncer: avg_wait_time in SHOW STATS (a mean)",
        source: source::OPTIMIZATION_GUIDE.at("Performance Goals, Connection Acquisition"),
        rare: true,
    };

    pods: Count = Count(3), {
        name: "Pods",
        unit: "pods",
        kind: whole(1, MOST_PODS),
        help: "Running copies of the application: pods, containers or servers.",
        measure: "kubectl get deployment NAME -o jsonpath='{.status.replicas}'",
    };
    pods_max: Option<Count> = None, {
        name: "Pods at most",
        unit: "pods",
        kind: whole(1, MOST_PODS),
        none: Some(NoneWord { word: "none", meaning: "no autoscaler" }),
        help: "What the autoscaler may scale to: the number of pods on the day the limits matter.",
        measure: "kubectl get hpa NAME -o jsonpath='{.spec.maxReplicas}'",
        source: source::KUBERNETES.at("Horizontal Pod Autoscaling"),
    };
    processes: Count = Count(1), {
        name: "Processes per pod",
        unit: "processes",
        kind: whole(1, 1_000),
        help: "Every worker process has a pool of its own: Gunicorn and Uvicorn workers, Puma workers, PHP-FPM \
            children.",
        measure: "kubectl exec POD -- pgrep -c -f NAME, or the server's workers setting",
        source: source::SQLALCHEMY.at("QueuePool"),
    };
    pool_size: Connections = Connections(10), {
        name: "Pool size",
        unit: "connections per process",
        kind: whole(1, MOST_CONNECTIONS),
        help: "Connections a pool keeps: HikariCP's maximumPoolSize, SQLAlchemy's pool_size, Go's SetMaxOpenConns.",
        measure: "HikariCP: hikaricp_connections_max; SQLAlchemy: engine.pool.size()",
        source: source::HIKARICP.at("maximumPoolSize"),
    };
    max_overflow: Option<Connections> = Some(Connections(0)), {
        name: "Overflow",
        unit: "connections per process",
        kind: whole(0, MOST_CONNECTIONS),
        none: Some(NoneWord { word: "-1", meaning: "no limit" }),
        help: "Connections a pool opens beyond its size and closes again: SQLAlchemy's max_overflow. HikariCP and Go \
            have none: 0.",
        measure: "SQLAlchemy: the max_overflow argument of create_engine; engine.pool.overflow() tells what is open \
            now",
        source: source::SQLALCHEMY.at("QueuePool"),
    };
    min_idle: Option<Connections> = None, {
        name: "Minimum idle",
        unit: "connections per process",
        kind: whole(0, MOST_CONNECTIONS),
        none: Some(NoneWord { word: "default", meaning: "the pool size" }),
        help: "Connections a pool keeps open when nothing happens: HikariCP's minimumIdle, Go's SetMaxIdleConns.",
        measure: "HikariCP: hikaricp_connections_min, and hikaricp_connections_idle at night",
        source: source::HIKARICP.at("minimumIdle"),
        rare: true,
    };
    threads: Count = Count(200), {
        name: "Threads per process",
        unit: "threads",
        kind: whole(1, MOST_CONNECTIONS),
        help: "Threads or tasks of one process that may want a connection at the same time. They decide whether a \
            pool can deadlock, and how far an unlimited overflow goes.",
        measure: "Tomcat: server.tomcat.threads.max (200); Puma: the threads setting; AnyIO: 40",
        source: source::HIKARICP.at("About Pool Sizing, pool-locking"),
        rare: true,
    };
    connections_per_thread: Count = Count(1), {
        name: "Connections a thread holds at once",
        unit: "connections per thread",
        kind: whole(1, 1_000),
        help: "How many connections one thread needs at the same time: 2 where a transaction starts a second one, as \
            REQUIRES_NEW does.",
        measure: "the code: nested transactions, an audit write on a connection of its own",
        source: source::HIKARICP.at("About Pool Sizing, pool-locking"),
        rare: true,
    };
    surge: Surge = Surge::Percent(25), {
        name: "Rolling-update surge",
        unit: "pods or %",
        kind: Kind::Surge { max: 1_000 },
        help: "Pods a rolling update runs beyond the usual number, as a number or in percent, rounded up. Pods that \
            are shutting down still hold their connections and come on top.",
        measure: "kubectl get deployment NAME -o jsonpath='{.spec.strategy.rollingUpdate.maxSurge}'",
        source: source::KUBERNETES.at("Deployments, max surge"),
        rare: true,
    };
    pools: FurtherPools = FurtherPools::default(), {
        name: "Further pools",
        unit: "",
        kind: Kind::Pools { max: further::MOST_POOLS },
        help: "Other pools each process opens, as name:size:overflow:database. A database called primary is the one \
            sized here; any other name is a server of its own, to which the pool connects directly.",
        measure: "the application's configuration: every create_engine, DataSource or sql.Open",
        source: source::OPTIMIZATION_GUIDE.at("Application-Level Connection Pooling"),
        rare: true,
    };
    session_features: Flag = Flag::No, {
        name: "Uses session features",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "SET, LISTEN, session advisory locks, temporary tables, WITH HOLD cursors: whatever must find the same \
            server connection again after a commit.",
        measure: "search the code for SET, LISTEN, pg_advisory_lock, CREATE TEMP and WITH HOLD",
        source: source::PGBOUNCER.at("Features, SQL feature map for pooling modes"),
        rare: true,
    };
    prepared_statements: PreparedStatements = PreparedStatements::Protocol, {
        name: "Prepared statements",
        unit: "",
        kind: Kind::Choice(PreparedStatements::CHOICES),
        help: "Most drivers prepare statements in the protocol, many without being asked.",
        measure: "the driver's settings: prepareThreshold (JDBC), statement_cache_size (asyncpg), \
            default_query_exec_mode (pgx)",
        source: source::PGBOUNCER.at("max_prepared_statements"),
        rare: true,
    };
    compare_pool_size: Option<Connections> = None, {
        name: "Pool size to compare",
        unit: "connections per process",
        kind: whole(1, MOST_CONNECTIONS),
        none: Some(NoneWord { word: "none", meaning: "nothing to compare" }),
        help: "Another pool size: what the smaller of the two adds to the wait and takes from the throughput.",
        measure: "the size you think of",
        source: source::CONNECTION_SCALING.at("Part 2, Option A"),
        rare: true,
    };

    pooler: Pooler = Pooler::None, {
        group: Group::Pooler,
        name: "Pooler",
        unit: "",
        kind: Kind::Choice(Pooler::CHOICES),
        help: "What stands between the application and the database.",
        measure: "the host and port in the application's DATABASE_URL: 6432 is PgBouncer's",
        source: source::PGBOUNCER,
    };
    pooler_instances: Count = Count(1), {
        group: Group::Pooler,
        name: "Instances",
        unit: "processes",
        kind: whole(1, 1_000),
        help: "PgBouncer processes. Every limit below holds for one process: two processes open twice the connections.",
        measure: "kubectl get pods -l app=pgbouncer, times the processes that share a port by so_reuseport",
        source: source::PGBOUNCER.at("so_reuseport"),
    };
    pooler_version: PoolerVersion = PoolerVersion::V1_25, {
        group: Group::Pooler,
        name: "PgBouncer version",
        unit: "",
        kind: Kind::Choice(PoolerVersion::CHOICES),
        help: "Decides what the pooler can do with prepared statements, and whether 0 means no limit for the pool \
            size.",
        measure: "SHOW VERSION on the admin console",
        source: source::PGBOUNCER.at("Changelog"),
        rare: true,
    };
    pool_mode: PoolMode = PoolMode::Transaction, {
        group: Group::Pooler,
        name: "Pool mode",
        unit: "",
        kind: Kind::Choice(PoolMode::CHOICES),
        help: "When a server connection goes back to the pool. PgBouncer's own default is session, which shares \
            nothing while clients stay connected.",
        measure: "SHOW CONFIG on the admin console: pool_mode",
        source: source::PGBOUNCER.at("pool_mode"),
    };
    default_pool_size: Option<Connections> = Some(Connections(20)), {
        group: Group::Pooler,
        name: "Server pool size",
        unit: "connections per database and user",
        kind: whole(1, MOST_CONNECTIONS),
        none: Some(NoneWord { word: "0", meaning: "no limit (from 1.24)" }),
        help: "default_pool_size: server connections for each pair of database and user, in each process.",
        measure: "SHOW CONFIG: default_pool_size; SHOW POOLS tells sv_active and cl_waiting",
        source: source::PGBOUNCER.at("default_pool_size"),
    };
    min_pool_size: Connections = Connections(0), {
        group: Group::Pooler,
        name: "Minimum pool size",
        unit: "connections per database and user",
        kind: whole(0, MOST_CONNECTIONS),
        help: "min_pool_size: server connections a pool keeps open even when there are fewer clients.",
        measure: "SHOW CONFIG: min_pool_size",
        source: source::PGBOUNCER.at("min_pool_size"),
        rare: true,
    };
    reserve_pool_size: Connections = Connections(0), {
        group: Group::Pooler,
        name: "Reserve pool size",
        unit: "connections per database and user",
        kind: whole(0, MOST_CONNECTIONS),
        help: "reserve_pool_size: further server connections for clients that have waited longer than \
            reserve_pool_timeout.",
        measure: "SHOW CONFIG: reserve_pool_size",
        source: source::PGBOUNCER.at("reserve_pool_size"),
        rare: true,
    };
    max_client_conn: Connections = Connections(100), {
        group: Group::Pooler,
        name: "Client limit",
        unit: "connections per process",
        kind: whole(1, 1_000_000),
        help: "max_client_conn: client connections one PgBouncer process accepts.",
        measure: "SHOW CONFIG: max_client_conn; SHOW LISTS: used_clients",
        source: source::PGBOUNCER.at("max_client_conn"),
    };
    max_db_connections: Option<Connections> = None, {
        group: Group::Pooler,
        name: "Database limit",
        unit: "connections per database and process",
        kind: whole(1, MOST_CONNECTIONS),
        none: Some(NoneWord { word: "0", meaning: "no limit" }),
        help: "max_db_connections: server connections for one database entry, whatever the user, in each process.",
        measure: "SHOW DATABASES: max_connections, current_connections",
        source: source::PGBOUNCER.at("max_db_connections"),
        rare: true,
    };
    max_user_connections: Option<Connections> = None, {
        group: Group::Pooler,
        name: "User limit",
        unit: "connections per user and process",
        kind: whole(1, MOST_CONNECTIONS),
        none: Some(NoneWord { word: "0", meaning: "no limit" }),
        help: "max_user_connections: server connections for one user, whatever the database, in each process.",
        measure: "SHOW USERS: max_user_connections, current_connections",
        source: source::PGBOUNCER.at("max_user_connections"),
        rare: true,
    };
    pool_databases: Count = Count(1), {
        group: Group::Pooler,
        name: "Databases behind the pooler",
        unit: "databases",
        kind: whole(1, 10_000),
        help: "Database entries of this pooler that lead to the server sized here. Each has pools of its own.",
        measure: "SHOW DATABASES, without pgbouncer itself",
        source: source::PGBOUNCER.at("default_pool_size"),
        rare: true,
    };
    pool_users: Count = Count(1), {
        group: Group::Pooler,
        name: "Users behind the pooler",
        unit: "users",
        kind: whole(1, 10_000),
        help: "Database users that connect through the pooler. Each has pools of its own; 1 where user= is set in \
            [databases].",
        measure: "SHOW POOLS: the different users",
        source: source::PGBOUNCER.at("default_pool_size"),
        rare: true,
    };
    max_prepared_statements: Option<Count> = None, {
        group: Group::Pooler,
        name: "Prepared statements kept",
        unit: "statements per connection",
        kind: whole(0, 10_000),
        none: Some(NoneWord { word: "default", meaning: "the version's default" }),
        help: "max_prepared_statements: 0 turns support in transaction mode off. 200 by default from 1.24, 0 before, \
            and unknown before 1.21.",
        measure: "SHOW CONFIG: max_prepared_statements",
        source: source::PGBOUNCER.at("max_prepared_statements"),
        rare: true,
    };
    file_descriptors: Count = Count(1024), {
        group: Group::Pooler,
        name: "File descriptors",
        unit: "per process",
        kind: whole(64, 1_073_741_816),
        help: "What one PgBouncer process may open: a descriptor for each client and each server connection.",
        measure: "the line \"kernel file descriptor limit\" in PgBouncer's log when it starts, or grep 'open files' \
                  /proc/$(pgrep -o pgbouncer)/limits (the soft limit)",
        source: source::LINUX.at("getrlimit(2), RLIMIT_NOFILE"),
        rare: true,
    };

    service: Service = Service::SELF_MANAGED, {
        group: Group::Database,
        name: "Service",
        unit: "",
        kind: Kind::Choice(service::CHOICES),
        help: "A managed service and its plan. Its published limits then stand in for max_connections and what is \
            reserved of it.",
        measure: "the provider's console",
    };
    max_connections: Connections = Connections(100), {
        group: Group::Database,
        name: "max_connections",
        unit: "connections",
        kind: whole(1, MOST_BACKENDS),
        help: "What the server accepts in all, the reserved ones included.",
        measure: "SHOW max_connections",
        source: source::POSTGRESQL.at("max_connections"),
    };
    superuser_reserved: Connections = Connections(3), {
        group: Group::Database,
        name: "Reserved for superusers",
        unit: "connections",
        kind: whole(0, MOST_BACKENDS),
        help: "superuser_reserved_connections: an application cannot have these.",
        measure: "SHOW superuser_reserved_connections",
        source: source::POSTGRESQL.at("superuser_reserved_connections"),
        rare: true,
    };
    reserved_connections: Connections = Connections(0), {
        group: Group::Database,
        name: "Reserved for roles",
        unit: "connections",
        kind: whole(0, MOST_BACKENDS),
        help: "reserved_connections: only roles granted pg_use_reserved_connections can have these. From PostgreSQL \
            16.",
        measure: "SHOW reserved_connections",
        source: source::POSTGRESQL.at("reserved_connections"),
        rare: true,
    };
    role_connection_limit: Option<Connections> = None, {
        group: Group::Database,
        name: "Role limit",
        unit: "connections",
        kind: whole(0, MOST_BACKENDS),
        none: Some(NoneWord { word: "-1", meaning: "no limit" }),
        help: "What the application's role may open: ALTER ROLE … CONNECTION LIMIT.",
        measure: "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'NAME'",
        source: source::POSTGRESQL.at("CREATE ROLE, CONNECTION LIMIT"),
    };
    other_connections: Connections = Connections(0), {
        group: Group::Database,
        name: "Other tenants",
        unit: "connections",
        kind: whole(0, MOST_BACKENDS),
        help: "What other applications on the same server may open. It is theirs, so it is taken from the limit.",
        measure: "SELECT usename, count(*) FROM pg_stat_activity GROUP BY usename, at peak",
        source: source::CONNECTION_SCALING.at("Part 5, query to monitor connection usage"),
    };
    reserved: Connections = Connections(5), {
        group: Group::Database,
        name: "Admin and monitoring",
        unit: "connections",
        kind: whole(0, MOST_BACKENDS),
        help: "Connections for administration, monitoring, backups and migrations. Counted as demand.",
        measure: "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> 'NAME'",
        source: source::OPTIMIZATION_GUIDE.at("Connection Pool Sizing"),
    };
    direct: Connections = Connections(0), {
        group: Group::Database,
        name: "Direct connections",
        unit: "connections",
        kind: whole(0, MOST_BACKENDS),
        help: "Connections the application's role opens past its pools and past the pooler: jobs, queue workers, \
            LISTEN.",
        measure: "SELECT application_name, count(*) FROM pg_stat_activity WHERE usename = 'NAME' GROUP BY 1",
        rare: true,
    };
    pg: PgVersion = PgVersion::V17, {
        group: Group::Database,
        name: "PostgreSQL version",
        unit: "",
        kind: Kind::Choice(PgVersion::CHOICES),
        help: "The major version.",
        measure: "SHOW server_version",
        source: source::POSTGRESQL.at("Versioning"),
        rare: true,
    };
    cpus: Count = Count(4), {
        group: Group::Server,
        name: "Processor cores",
        unit: "cores",
        kind: whole(1, 4_096),
        help: "Cores of the database server, without hyper-threads.",
        measure: "lscpu: cores per socket × sockets",
        source: source::HIKARICP.at("About Pool Sizing"),
        rare: true,
    };
    spindles: Count = Count(1), {
        group: Group::Server,
        name: "Effective spindles",
        unit: "disks",
        kind: whole(0, 10_000),
        help: "Disks that can seek at the same time: 0 where all active data is in memory, 1 for a single disk or SSD.",
        measure: "lsblk -d -o NAME,ROTA",
        source: source::HIKARICP.at("About Pool Sizing"),
        rare: true,
    };
    ram: Bytes = Bytes::gib(8), {
        group: Group::Server,
        name: "Memory",
        unit: "GiB",
        kind: Kind::Size { min: Bytes(128 << 20), max: Bytes(64 << 40), plain: Bytes::gib(1) },
        help: "Memory of the database server. Amazon RDS derives max_connections from DBInstanceClassMemory, about a \
               tenth less than the instance has: SHOW max_connections is exact.",
        measure: "free -h, or the instance class",
        source: source::AMAZON_RDS.at("Quotas and constraints, maximum number of database connections"),
        rare: true,
    };
    cpu_ms: Option<Millis> = None, {
        group: Group::Server,
        name: "Processor time of a transaction",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 3_600_000.0 },
        none: Some(NoneWord { word: "none", meaning: "not measured" }),
        help: "Time a transaction keeps a core of the database busy: without waiting for disks, locks, the network or \
            the application.",
        measure: "busy cores at peak (utilization × cores) × 1000 ÷ transactions per second, from pg_stat_database's \
            xact_commit + xact_rollback",
        rare: true,
    };
    contention: Option<Share> = None, {
        group: Group::Server,
        name: "Contention",
        unit: "share of the work",
        kind: Kind::Share { min: 0.0, max: 1.0 },
        none: Some(NoneWord { word: "none", meaning: "not measured" }),
        help: "σ of the Universal Scalability Law: the share of the work that only one transaction can do at a time.",
        measure: "throughput with 1, 2, 4, 8, … connections (pgbench -c), fitted to the law by least squares",
        source: source::GUNTHER,
        rare: true,
    };
    coherence: Option<Ratio> = None, {
        group: Group::Server,
        name: "Coherence",
        unit: "per pair of connections",
        kind: Kind::Real { min: 0.0, max: 1.0 },
        none: Some(NoneWord { word: "none", meaning: "not measured" }),
        help: "κ of the Universal Scalability Law: what each pair of active connections costs to keep in agreement, such \
            as 0.0002. It is why more connections get less done.",
        measure: "the same fit as for contention",
        source: source::GUNTHER,
        rare: true,
    };

    storage: Disk = Disk::Ssd, {
        group: Group::Server,
        name: "Storage",
        unit: "",
        kind: Kind::Choice(Disk::CHOICES),
        help: "What the database's files lie on.",
        measure: "lsblk -d -o NAME,ROTA,TRAN: ROTA 1 is a hard disk",
    };
    workload: Workload = Workload::Web, {
        group: Group::Server,
        name: "Workload",
        unit: "",
        kind: Kind::Choice(Workload::CHOICES),
        help: "What the database mostly does. It decides how many sorts and hashes run at once and whether queries \
            run in parallel.",
        measure: "pg_stat_statements: calls and mean_exec_time of the queries that take most time",
    };
    database_bytes: Option<Bytes> = None, {
        group: Group::Server,
        name: "Database size",
        unit: "GiB",
        kind: size(Bytes(0), Bytes(1 << 50), Bytes::gib(1)),
        none: Some(NoneWord { word: "unknown", meaning: "no known size" }),
        help: "All databases of the server, indexes included. Unknown, it is taken to be larger than memory.",
        measure: "SELECT pg_size_pretty(sum(pg_database_size(oid))) FROM pg_database",
    };
    container_memory: Option<Bytes> = None, {
        group: Group::Server,
        name: "Container memory limit",
        unit: "GiB",
        kind: size(Bytes(128 << 20), Bytes(64 << 40), Bytes::gib(1)),
        none: Some(NoneWord { word: "none", meaning: "no limit" }),
        help: "What the server's container may use. Above it the kernel ends a process, and with it all connections.",
        measure: "kubectl get pod NAME -o jsonpath='{.spec.containers[*].resources.limits.memory}'",
        source: source::KUBERNETES.at("Resource Management for Pods and Containers"),
        rare: true,
    };
    os_reserve: Option<Bytes> = None, {
        group: Group::Server,
        name: "Memory for everything else",
        unit: "GiB",
        kind: size(Bytes(0), Bytes(64 << 40), Bytes::gib(1)),
        none: Some(NoneWord { word: "auto", meaning: "a share of memory" }),
        help: "What the kernel, agents and other programs on the machine need.",
        measure: "free -h with the database stopped: used",
        rare: true,
    };
    huge_pages_reserved: Flag = Flag::No, {
        group: Group::Server,
        name: "Huge pages reserved",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "Whether vm.nr_hugepages is set so that shared memory lies in huge pages. Otherwise every connection \
            needs page tables of up to 1/512 of shared_buffers.",
        measure: "SHOW huge_pages_status (from 17), or grep HugePages_ /proc/meminfo",
        source: source::POSTGRESQL.at("Linux Huge Pages"),
        rare: true,
    };
    nodes_per_query: Option<Count> = None, {
        group: Group::Server,
        name: "Sorts and hashes at once",
        unit: "per query",
        kind: whole(1, 100),
        none: Some(NoneWord { word: "auto", meaning: "2, in mixed workloads 3, in warehouses 4" }),
        help: "Nodes of a larger query that each use work_mem at the same time.",
        measure: "EXPLAIN (ANALYZE) of the largest frequent queries: Sort, Hash, HashAggregate, Memoize",
        source: source::POSTGRESQL.at("work_mem"),
        rare: true,
    };
    backend_memory: Bytes = Bytes::mib(10), {
        group: Group::Server,
        name: "Memory of a busy connection",
        unit: "MiB",
        kind: size(Bytes::mib(1), Bytes::gib(10), Bytes::mib(1)),
        help: "Private memory of a server process beside work_mem and temp_buffers: its caches of the catalog, plans \
            and prepared statements.",
        measure: "Private_Dirty in /proc/PID/smaps_rollup of a connection that has worked for hours",
        source: source::HEROKU.at("Postgres connections, about 10 MB each"),
        rare: true,
    };
    maintenance_sessions: Count = Count(1), {
        group: Group::Server,
        name: "Maintenance at once",
        unit: "sessions",
        kind: whole(0, 1_000),
        help: "Sessions that run VACUUM, CREATE INDEX or a restore at the same time, beside autovacuum.",
        measure: "pg_restore's --jobs, or SELECT count(*) FROM pg_stat_progress_create_index",
        source: source::POSTGRESQL.at("maintenance_work_mem"),
        rare: true,
    };
    logical_senders: Count = Count(0), {
        group: Group::Server,
        name: "Logical WAL senders",
        unit: "senders",
        kind: whole(0, 10_000),
        help: "Subscriptions and change-data-capture streams: each decodes WAL with memory of its own.",
        measure: "SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'logical'",
        source: source::POSTGRESQL.at("logical_decoding_work_mem"),
        rare: true,
    };
    shared_buffers: Option<Bytes> = None, {
        group: Group::Server,
        name: "shared_buffers",
        unit: "GiB",
        kind: size(Bytes::kib(128), MOST_BLOCKS, Bytes::gib(1)),
        none: RECOMMENDED,
        help: "The server's cache, as it is set today.",
        measure: "SHOW shared_buffers",
        source: source::POSTGRESQL.at("shared_buffers"),
        rare: true,
    };
    effective_cache_size: Option<Bytes> = None, {
        group: Group::Server,
        name: "effective_cache_size",
        unit: "GiB",
        kind: size(Bytes::kib(8), Bytes((i32::MAX as u64) << 13), Bytes::gib(1)),
        none: RECOMMENDED,
        help: "What the planner takes to be cached, as it is set today.",
        measure: "SHOW effective_cache_size",
        source: source::POSTGRESQL.at("effective_cache_size"),
        rare: true,
    };
    work_mem: Option<Bytes> = None, {
        group: Group::Server,
        name: "work_mem",
        unit: "MiB",
        kind: size(Bytes::kib(64), MOST_KILOBYTES, Bytes::mib(1)),
        none: RECOMMENDED,
        help: "Memory of each sort or hash, as it is set today.",
        measure: "SHOW work_mem",
        source: source::POSTGRESQL.at("work_mem"),
        rare: true,
    };
    hash_mem_multiplier: Option<Ratio> = None, {
        group: Group::Server,
        name: "hash_mem_multiplier",
        unit: "× work_mem",
        kind: Kind::Real { min: 1.0, max: 1_000.0 },
        none: RECOMMENDED,
        help: "How many times work_mem a hash may use, as it is set today.",
        measure: "SHOW hash_mem_multiplier",
        source: source::POSTGRESQL.at("hash_mem_multiplier"),
        rare: true,
    };
    temp_buffers: Option<Bytes> = None, {
        group: Group::Server,
        name: "temp_buffers",
        unit: "MiB",
        kind: size(Bytes::kib(800), MOST_BLOCKS, Bytes::mib(1)),
        none: RECOMMENDED,
        help: "Memory of each session for temporary tables, as it is set today.",
        measure: "SHOW temp_buffers",
        source: source::POSTGRESQL.at("temp_buffers"),
        rare: true,
    };
    maintenance_work_mem: Option<Bytes> = None, {
        group: Group::Server,
        name: "maintenance_work_mem",
        unit: "MiB",
        kind: size(Bytes::kib(64), MOST_KILOBYTES, Bytes::mib(1)),
        none: RECOMMENDED,
        help: "Memory of VACUUM and CREATE INDEX, as it is set today.",
        measure: "SHOW maintenance_work_mem",
        source: source::POSTGRESQL.at("maintenance_work_mem"),
        rare: true,
    };
    autovacuum_work_mem: Option<Bytes> = None, {
        group: Group::Server,
        name: "autovacuum_work_mem",
        unit: "MiB",
        kind: size(Bytes::kib(64), MOST_KILOBYTES, Bytes::mib(1)),
        none: RECOMMENDED,
        help: "Memory of each autovacuum worker, as it is set today. Where it is -1, give maintenance_work_mem's \
            value.",
        measure: "SHOW autovacuum_work_mem",
        source: source::POSTGRESQL.at("autovacuum_work_mem"),
        rare: true,
    };
    logical_decoding_work_mem: Option<Bytes> = None, {
        group: Group::Server,
        name: "logical_decoding_work_mem",
        unit: "MiB",
        kind: size(Bytes::kib(64), MOST_KILOBYTES, Bytes::mib(1)),
        none: RECOMMENDED,
        help: "Memory of each logical WAL sender, as it is set today.",
        measure: "SHOW logical_decoding_work_mem",
        source: source::POSTGRESQL.at("logical_decoding_work_mem"),
        rare: true,
    };
    autovacuum_max_workers: Option<Count> = None, {
        group: Group::Server,
        name: "autovacuum_max_workers",
        unit: "workers",
        kind: whole(1, MOST_BACKENDS),
        none: RECOMMENDED,
        help: "Autovacuum workers at once, as it is set today.",
        measure: "SHOW autovacuum_max_workers",
        source: source::POSTGRESQL.at("autovacuum_max_workers"),
        rare: true,
    };
    autovacuum_worker_slots: Option<Count> = None, {
        group: Group::Server,
        name: "autovacuum_worker_slots",
        unit: "slots",
        kind: whole(1, MOST_BACKENDS),
        none: RECOMMENDED,
        help: "What autovacuum_max_workers can be raised to without a restart, as it is set today. From PostgreSQL \
            18.",
        measure: "SHOW autovacuum_worker_slots",
        source: source::POSTGRESQL.at("autovacuum_worker_slots"),
        rare: true,
    };
    max_worker_processes: Option<Count> = None, {
        group: Group::Server,
        name: "max_worker_processes",
        unit: "processes",
        kind: whole(0, MOST_BACKENDS),
        none: RECOMMENDED,
        help: "Background processes in all, as it is set today.",
        measure: "SHOW max_worker_processes",
        source: source::POSTGRESQL.at("max_worker_processes"),
        rare: true,
    };
    max_parallel_workers: Option<Count> = None, {
        group: Group::Server,
        name: "max_parallel_workers",
        unit: "workers",
        kind: whole(0, MOST_PARALLEL),
        none: RECOMMENDED,
        help: "Parallel workers in all, as it is set today.",
        measure: "SHOW max_parallel_workers",
        source: source::POSTGRESQL.at("max_parallel_workers"),
        rare: true,
    };
    max_parallel_workers_per_gather: Option<Count> = None, {
        group: Group::Server,
        name: "max_parallel_workers_per_gather",
        unit: "workers",
        kind: whole(0, MOST_PARALLEL),
        none: RECOMMENDED,
        help: "Parallel workers of one query node, as it is set today.",
        measure: "SHOW max_parallel_workers_per_gather",
        source: source::POSTGRESQL.at("max_parallel_workers_per_gather"),
        rare: true,
    };

    rows_per_day: Option<Count> = None, {
        group: Group::Data,
        name: "Rows a day",
        unit: "rows",
        kind: whole(1, 1_000_000_000_000),
        none: Some(NoneWord { word: "none", meaning: "no table that grows with time" }),
        help: "Rows the growing table gains in a day: audit log, transactions, measurements.",
        measure: "the growth of n_tup_ins in pg_stat_user_tables over a day",
    };
    row_bytes: Bytes = Bytes(200), {
        group: Group::Data,
        name: "Row width",
        unit: "B",
        kind: Kind::Size { min: Bytes(1), max: Bytes::mib(1), plain: Bytes(1) },
        help: "Data of an average row, without its header of 24 bytes.",
        measure: "SELECT avg(pg_column_size(t)) - 24 FROM NAME t TABLESAMPLE SYSTEM (1)",
    };
    rows_today: Count = Count(0), {
        group: Group::Data,
        name: "Rows today",
        unit: "rows",
        kind: whole(0, 10_000_000_000_000),
        help: "Rows the growing table has already. They are part of the database size.",
        measure: "SELECT reltuples::bigint FROM pg_class WHERE oid = 'NAME'::regclass",
    };
    btree_indexes: Count = Count(2), {
        group: Group::Data,
        name: "B-tree indexes",
        unit: "indexes",
        kind: whole(0, 100),
        help: "B-tree indexes of the growing table, its primary key included.",
        measure: "\\d NAME in psql",
    };
    index_key_bytes: Bytes = Bytes(16), {
        group: Group::Data,
        name: "Index key width",
        unit: "B",
        kind: Kind::Size { min: Bytes(1), max: Bytes(2_704), plain: Bytes(1) },
        help: "All columns of an average index key. A uuid has 16 bytes, a timestamp 8.",
        measure: "\\d NAME in psql; avg(pg_column_size(COLUMN))",
        source: source::POSTGRESQL.at("UUID Type"),
        rare: true,
    };
    random_keys: Flag = Flag::Yes, {
        group: Group::Data,
        name: "Keys in random order",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "Random UUIDs fall anywhere in an index: pages stay two thirds full, and each page's first change after \
            a checkpoint is written to the WAL whole. Serial numbers, times and UUIDv7 come in order.",
        measure: "the column's default: gen_random_uuid() and uuid_generate_v4() are random",
        source: source::OPTIMIZATION_GUIDE.at("Primary Database Indexes"),
        rare: true,
    };
    hash_indexes: Count = Count(0), {
        group: Group::Data,
        name: "Hash indexes",
        unit: "indexes",
        kind: whole(0, 100),
        help: "Hash indexes of the growing table.",
        measure: "\\d NAME in psql",
        rare: true,
    };
    gin_indexes: Count = Count(0), {
        group: Group::Data,
        name: "GIN indexes",
        unit: "indexes",
        kind: whole(0, 100),
        help: "GIN indexes of the growing table.",
        measure: "\\d NAME in psql",
        rare: true,
    };
    gin_keys: Count = Count(10), {
        group: Group::Data,
        name: "GIN keys per row",
        unit: "keys per row",
        kind: whole(1, 10_000),
        help: "Keys and values of a JSON document, words of a text, trigrams of a name: each is an entry.",
        measure: "a JSON document of five fields has ten; length(to_tsvector(COLUMN)); \
            array_length(show_trgm(COLUMN), 1)",
        rare: true,
    };
    gist_indexes: Count = Count(0), {
        group: Group::Data,
        name: "GiST indexes",
        unit: "indexes",
        kind: whole(0, 100),
        help: "GiST indexes of the growing table.",
        measure: "\\d NAME in psql",
        rare: true,
    };
    brin_indexes: Count = Count(0), {
        group: Group::Data,
        name: "BRIN indexes",
        unit: "indexes",
        kind: whole(0, 100),
        help: "BRIN indexes of the growing table.",
        measure: "\\d NAME in psql",
        rare: true,
    };
    retention_days: Option<Days> = None, {
        group: Group::Data,
        name: "Retention",
        unit: "days",
        kind: whole(1, 36_500),
        none: Some(NoneWord { word: "none", meaning: "rows are kept for ever" }),
        help: "Days after which rows of the growing table are removed.",
        measure: "SELECT config FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention', or the job \
            that drops partitions",
        source: source::OPTIMIZATION_GUIDE.at("Data Retention"),
    };
    partitioning: Partitioning = Partitioning::None, {
        group: Group::Data,
        name: "Partitioning",
        unit: "",
        kind: Kind::Choice(Partitioning::CHOICES),
        help: "How the growing table is divided by time.",
        measure: "\\d+ NAME in psql; SELECT * FROM timescaledb_information.hypertables",
        source: source::SCALING_STRATEGIES.at("Table Partitioning"),
    };
    chunk_hours: Count = Count(168), {
        group: Group::Data,
        name: "Chunk interval",
        unit: "hours",
        kind: whole(1, 8_760),
        help: "Hours of data in a chunk of the hypertable. TimescaleDB's default is 7 days.",
        measure: "SELECT time_interval FROM timescaledb_information.dimensions",
        source: source::TIMESCALEDB.at("create_hypertable, chunk_time_interval"),
        rare: true,
    };
    compression_after_days: Option<Days> = None, {
        group: Group::Data,
        name: "Compressed after",
        unit: "days",
        kind: whole(0, 36_500),
        none: Some(NoneWord { word: "none", meaning: "nothing is compressed" }),
        help: "Age at which a chunk of the hypertable is compressed. Documented: 7 days.",
        measure: "SELECT config FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'",
        source: source::OPTIMIZATION_GUIDE.at("Compression"),
        rare: true,
    };
    compression_share: Share = Share::new(0.9), {
        group: Group::Data,
        name: "Compression takes off",
        unit: "of the size",
        kind: Kind::Share { min: 0.0, max: 0.99 },
        help: "Documented: 90 to 95 %. Random identifiers and JSON compress less: measure it.",
        measure: "SELECT 1 - sum(after_compression_total_bytes) / sum(before_compression_total_bytes) FROM \
            hypertable_compression_stats('NAME')",
        source: source::OPTIMIZATION_GUIDE.at("Compression"),
        rare: true,
    };
    disk: Option<Bytes> = None, {
        group: Group::Data,
        name: "Disk",
        unit: "GiB",
        kind: Kind::Size { min: Bytes::gib(1), max: Bytes(1 << 50), plain: Bytes::gib(1) },
        none: Some(NoneWord { word: "none", meaning: "not given" }),
        help: "Size of the file system the database and its WAL are on.",
        measure: "df -h on the data directory",
    };
    checkpoint_minutes: Count = Count(5), {
        group: Group::Data,
        name: "Checkpoint interval",
        unit: "minutes",
        kind: whole(1, 1_440),
        help: "checkpoint_timeout. Checkpoints come sooner where max_wal_size is too small for the WAL of this time.",
        measure: "SHOW checkpoint_timeout",
        source: source::POSTGRESQL.at("checkpoint_timeout"),
        rare: true,
    };
    base_backup_days: Days = Days(1), {
        group: Group::Data,
        name: "Base backup every",
        unit: "days",
        kind: whole(1, 365),
        help: "Days between two full backups.",
        measure: "the schedule of pg_basebackup, pgBackRest or the provider",
        source: source::OPTIMIZATION_GUIDE.at("Backup Strategy, daily full backup"),
        rare: true,
    };
    recovery_days: Days = Days(7), {
        group: Group::Data,
        name: "Recovery window",
        unit: "days",
        kind: whole(1, 3_650),
        help: "How far back the database can be restored to any point in time.",
        measure: "the retention of the backup tool",
        source: source::SECRET_MANAGEMENT.at("Backup and Restore, retention of 7 days"),
        rare: true,
    };
    snapshot_days: Days = Days(7), {
        group: Group::Data,
        name: "Snapshots kept",
        unit: "days",
        kind: whole(1, 3_650),
        help: "Days a snapshot of the secret store is kept.",
        measure: "the retention of the bucket they are in",
        source: source::SECRET_MANAGEMENT.at("Backup and Restore"),
        rare: true,
    };
    replicas: Count = Count(0), {
        group: Group::Data,
        name: "Replicas today",
        unit: "replicas",
        kind: whole(0, 1_000),
        help: "Streaming replicas that serve reads.",
        measure: "SELECT count(*) FROM pg_stat_replication",
        source: source::SCALING_STRATEGIES.at("Read Scaling (Replicas)"),
    };
    node_reads: Option<PerSecond> = None, {
        group: Group::Data,
        name: "Reads a node bears",
        unit: "transactions/s",
        kind: Kind::Real { min: 1.0, max: 1e9 },
        none: Some(NoneWord { word: "none", meaning: "not measured" }),
        help: "Read transactions a second one server answers in time. Without it no replicas can be counted.",
        measure: "pgbench -S or a replay of the log, with the load raised until the p95 leaves its target",
        rare: true,
    };
    node_writes: Option<PerSecond> = None, {
        group: Group::Data,
        name: "Writes a primary bears",
        unit: "transactions/s",
        kind: Kind::Real { min: 1.0, max: 1e9 },
        none: Some(NoneWord { word: "none", meaning: "not measured" }),
        help: "Write transactions a second one primary commits in time. Without it no shards can be counted.",
        measure: "pgbench -N, with the load raised until the p95 leaves its target",
        rare: true,
    };
    round_trips: Count = Count(3), {
        group: Group::Data,
        name: "Round trips per transaction",
        unit: "round trips",
        kind: whole(1, 10_000),
        help: "Messages a transaction waits for, one after the other: BEGIN, a statement and COMMIT are three.",
        measure: "log_statement = all for one request, lines ÷ transactions",
        rare: true,
    };
    client_distance: Distance = Distance::SameRegion, {
        group: Group::Data,
        name: "Application to primary",
        unit: "",
        kind: Kind::Choice(Distance::CHOICES),
        help: "How far the farthest pods are from the primary.",
        measure: "ping from a pod: below 5 ms, 20–50 ms, 100–200 ms",
        source: source::SECRET_MANAGEMENT.at("Cross-Region Latency Considerations"),
        rare: true,
    };
    replica_distance: Distance = Distance::SameRegion, {
        group: Group::Data,
        name: "Replicas to primary",
        unit: "",
        kind: Kind::Choice(Distance::CHOICES),
        help: "How far the farthest replica is from the primary.",
        measure: "ping from the primary: below 5 ms, 20–50 ms, 100–200 ms",
        source: source::SECRET_MANAGEMENT.at("Cross-Region Latency Considerations"),
        rare: true,
    };
    read_your_writes: Flag = Flag::No, {
        group: Group::Data,
        name: "Reads its own writes",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "Whether the application reads from replicas what it has just written.",
        measure: "the code: a redirect or a reload right after a write",
        rare: true,
    };
    lag_limit_ms: Millis = Millis::new(10_000.0), {
        group: Group::Data,
        name: "Replication lag allowed",
        unit: "ms",
        kind: Kind::Real { min: 1.0, max: 86_400_000.0 },
        help: "How old what a replica answers may be. Documented: a warning from 1 s, critical from 10 s.",
        measure: "the application's requirement",
        source: source::SCALING_STRATEGIES.at("Alerting Thresholds"),
        rare: true,
    };
    replication_bandwidth: Option<Bytes> = None, {
        group: Group::Data,
        name: "Network to the replicas",
        unit: "MiB/s",
        kind: Kind::Size { min: Bytes::kib(1), max: Bytes::gib(1_024), plain: Bytes::mib(1) },
        none: Some(NoneWord { word: "none", meaning: "not measured" }),
        help: "Bytes a second the primary can send to all replicas together. 1 Gbit/s is 119 MiB/s.",
        measure: "iperf3 from the primary",
        rare: true,
    };
    apply_rate: Option<Bytes> = None, {
        group: Group::Data,
        name: "Replay rate",
        unit: "MiB/s",
        kind: Kind::Size { min: Bytes::kib(1), max: Bytes::gib(1_024), plain: Bytes::mib(1) },
        none: Some(NoneWord { word: "none", meaning: "not measured" }),
        help: "WAL a second one replica replays, with its one process.",
        measure: "pause replay for a minute, resume, and watch pg_last_wal_replay_lsn() catch up",
        rare: true,
    };
    cache: Flag = Flag::No, {
        group: Group::Data,
        name: "Cache in front of reads",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "Whether reads ask a cache such as Redis first.",
        measure: "the code: a get before the query",
        source: source::SCALING_STRATEGIES.at("Caching Layer"),
    };
    cache_ttl_s: Count = Count(300), {
        group: Group::Data,
        name: "Time to live",
        unit: "s",
        kind: whole(1, 31_536_000),
        help: "Seconds a value stays in the cache. Documented: 5 minutes for wallets, 1 hour for festivals.",
        measure: "the code: the last argument of Set",
        source: source::SCALING_STRATEGIES.at("Cache Strategies"),
        rare: true,
    };
    cache_keys: Count = Count(100_000), {
        group: Group::Data,
        name: "Different keys",
        unit: "keys",
        kind: whole(1, 1_000_000_000_000),
        help: "Things that are read: wallets, festivals. An assumption: count yours.",
        measure: "SELECT count(*) FROM what is cached",
        rare: true,
    };
    cache_value_bytes: Bytes = Bytes::kib(1), {
        group: Group::Data,
        name: "Key and value",
        unit: "B",
        kind: Kind::Size { min: Bytes(1), max: Bytes::mib(512), plain: Bytes(1) },
        help: "Bytes of an average key with its value.",
        measure: "redis-cli MEMORY USAGE KEY",
        rare: true,
    };
    cache_bytes: Option<Bytes> = None, {
        group: Group::Data,
        name: "Cache memory",
        unit: "GiB",
        kind: Kind::Size { min: Bytes::mib(1), max: Bytes(1 << 50), plain: Bytes::gib(1) },
        none: Some(NoneWord { word: "none", meaning: "as much as it takes" }),
        help: "Memory the cache may use.",
        measure: "redis-cli CONFIG GET maxmemory",
        rare: true,
    };
    cache_skew: Ratio = Ratio::new(0.8), {
        group: Group::Data,
        name: "Skew of the keys",
        unit: "exponent",
        kind: Kind::Real { min: 0.0, max: 2.0 },
        help: "How much more often the popular keys are read: 0 is all alike. For web pages, 0.64 to 0.83 was measured.",
        measure: "reads of the most popular key against those of the tenth: log10 of the quotient",
        source: source::ZIPF,
        rare: true,
    };
    cache_hit_ms: Millis = Millis::new(1.0), {
        group: Group::Data,
        name: "Cache round trip",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 10_000.0 },
        help: "How long the cache takes to answer, in the same region.",
        measure: "redis-cli --latency",
        rare: true,
    };
    cache_invalidation: Flag = Flag::No, {
        group: Group::Data,
        name: "Writes delete the key",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "Whether a write deletes what it makes stale. The documented write-through example does that.",
        measure: "the code: a delete after the update",
        source: source::SCALING_STRATEGIES.at("Write-Through Cache"),
        rare: true,
    };

    secrets: Count = Count(0), {
        group: Group::SecretStore,
        name: "Secrets",
        unit: "secrets",
        kind: whole(0, MOST_COUNTED),
        help: "Secrets the store keeps, versions not counted.",
        measure: "vault.kv.secret.count, or vault operator usage",
        source: source::SECRET_MANAGEMENT.at("Growth Projections"),
    };
    leases: Count = Count(0), {
        group: Group::SecretStore,
        name: "Active leases",
        unit: "leases",
        kind: whole(0, MOST_COUNTED),
        help: "Leases that are active at the same time: dynamic credentials and tokens with a time to live.",
        measure: "vault.expire.num_leases",
        source: source::SECRET_MANAGEMENT.at("Growth Projections"),
    };
    policies: Count = Count(2), {
        group: Group::SecretStore,
        name: "Policies",
        unit: "policies",
        kind: whole(0, 1_000_000_000),
        help: "Policies the store keeps. A new one has two: default and root.",
        measure: "vault policy list | wc -l, in every namespace",
        source: source::SECRET_MANAGEMENT.at("Scaling Limits"),
        rare: true,
    };
    policy_cache: Bytes = Bytes::mib(16), {
        group: Group::SecretStore,
        name: "Policy cache",
        unit: "MiB",
        kind: Kind::Size { min: Bytes(0), max: Bytes(1 << 40), plain: Bytes::mib(1) },
        help: "What parsed policies take in a node's memory. The default is an assumption: a thousand policies of \
            16 KiB.",
        measure: "the policies' size: vault policy read NAME | wc -c, summed",
        source: source::SECRET_MANAGEMENT.at("Resource Planning Formula"),
        rare: true,
    };
    base_memory: Bytes = Bytes::gib(1), {
        group: Group::SecretStore,
        name: "Base memory of a node",
        unit: "GiB",
        kind: Kind::Size { min: Bytes(0), max: Bytes(64 << 40), plain: Bytes::gib(1) },
        help: "What a node takes before the first lease, operating system included. The default is an assumption.",
        measure: "vault.runtime.sys_bytes on a node without load, and what the operating system takes",
        source: source::SECRET_MANAGEMENT.at("Resource Planning Formula"),
        rare: true,
    };
    base_cpu: Ratio = Ratio::new(2.0), {
        group: Group::SecretStore,
        name: "Base cores of a node",
        unit: "cores",
        kind: Kind::Real { min: 0.0, max: 4_096.0 },
        help: "Cores a node needs before the first request. The default is what the smallest published class begins \
            with.",
        measure: "the CPU use of a node without load",
        source: source::VAULT.at("Validated designs, sizing"),
        rare: true,
    };
    edition: Edition = Edition::VaultCommunity, {
        group: Group::SecretStore,
        name: "Edition",
        unit: "",
        kind: Kind::Choice(Edition::CHOICES),
        help: "Whether standbys answer reads themselves. Where they forward everything, one node answers all requests.",
        measure: "vault version, or bao version; disable_standby_reads in the configuration",
        source: source::OPENBAO.at("Horizontal scalability"),
    };
    nodes: Option<Count> = None, {
        group: Group::SecretStore,
        name: "Voting nodes",
        unit: "nodes",
        kind: whole(1, 1_000),
        none: Some(NoneWord { word: "recommended", meaning: "as many as are recommended" }),
        help: "Voters of the Raft cluster that runs today.",
        measure: "vault operator raft list-peers: the rows with Voter true",
        source: source::SECRET_MANAGEMENT.at("Raft Cluster Scaling"),
    };
    non_voters: Count = Count(0), {
        group: Group::SecretStore,
        name: "Non-voting nodes",
        unit: "nodes",
        kind: whole(0, 1_000),
        help: "Nodes that replicate and serve reads, and do not count for the quorum.",
        measure: "vault operator raft list-peers: the rows with Voter false",
        source: source::OPENBAO.at("Raft storage, non-voting nodes"),
        rare: true,
    };
    nodes_max: Option<Count> = None, {
        group: Group::SecretStore,
        name: "Nodes at most",
        unit: "nodes",
        kind: whole(1, 1_000),
        none: Some(NoneWord { word: "none", meaning: "no autoscaler" }),
        help: "What an autoscaler of the voting nodes may scale to.",
        measure: "kubectl get hpa NAME -o jsonpath='{.spec.maxReplicas}'",
        source: source::SECRET_MANAGEMENT.at("Horizontal Pod Autoscaler"),
        rare: true,
    };
    node_rate: PerSecond = PerSecond::new(2_000.0), {
        group: Group::SecretStore,
        name: "Requests one node answers",
        unit: "requests/s",
        kind: Kind::Real { min: 1.0, max: 1e9 },
        help: "What a node answers well. The documented planning figure; measure yours, it depends on what is asked.",
        measure: "vault-benchmark against a test cluster, with your mix of requests",
        source: source::SECRET_MANAGEMENT.at("Resource Planning Formula"),
        rare: true,
    };
    zones: Count = Count(3), {
        group: Group::SecretStore,
        name: "Zones",
        unit: "zones",
        kind: whole(1, 1_000),
        help: "Failure domains the voting nodes are spread over evenly.",
        measure: "kubectl get nodes -L topology.kubernetes.io/zone",
        source: source::VAULT.at("Raft reference architecture"),
    };
    node_rtt_ms: Millis = Millis::new(1.0), {
        group: Group::SecretStore,
        name: "Round trip between nodes",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 60_000.0 },
        help: "Every write waits for a quorum: for one round trip at least.",
        measure: "ping from the leader to the followers; vault.raft.replication.appendEntries.rpc",
        source: source::VAULT.at("Raft reference architecture"),
        rare: true,
    };
    performance_multiplier: Count = Count(5), {
        group: Group::SecretStore,
        name: "Raft performance multiplier",
        unit: "×",
        kind: whole(1, 10),
        help: "Scales Raft's timeouts. 5 where nothing is set; 1 is meant for production.",
        measure: "performance_multiplier in the storage \"raft\" stanza; 0 means 5",
        source: source::OPENBAO.at("Raft storage, performance_multiplier"),
        rare: true,
    };
    store_connections: Option<Connections> = None, {
        group: Group::SecretStore,
        name: "Client connections",
        unit: "connections",
        kind: whole(0, 1_000_000_000),
        none: Some(NoneWord { word: "unknown", meaning: "unknown" }),
        help: "Connections clients hold open to all nodes together.",
        measure: "ss -Htn state established '( sport = :8200 )' | wc -l on every node, summed",
        source: source::SECRET_MANAGEMENT.at("Scaling Limits"),
        rare: true,
    };
    replication_clusters: Count = Count(0), {
        group: Group::SecretStore,
        name: "Replication clusters",
        unit: "clusters",
        kind: whole(0, 10_000),
        help: "Performance and disaster-recovery clusters that replicate from this one.",
        measure: "vault read sys/replication/status: known_secondaries",
        source: source::SECRET_MANAGEMENT.at("Scaling Limits"),
        rare: true,
    };
    secret_storage: Option<Bytes> = None, {
        group: Group::SecretStore,
        name: "Storage planned",
        unit: "GiB",
        kind: Kind::Size { min: Bytes(0), max: Bytes(1 << 50), plain: Bytes::gib(1) },
        none: Some(NoneWord { word: "unknown", meaning: "unknown" }),
        help: "What the secrets are planned to take on disk; checked against what a secret can weigh.",
        measure: "du -sh of the raft directory on one node",
        source: source::SECRET_MANAGEMENT.at("Growth Projections"),
        rare: true,
    };
    backend_ms: Millis = Millis::new(100.0), {
        group: Group::SecretStore,
        name: "Time to create a credential",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 3_600_000.0 },
        help: "How long a backend's connection is held to create or revoke one dynamic credential. An assumption.",
        measure: "vault.database.NewUser, mean",
        source: source::SECRET_MANAGEMENT.at("Bulkhead Pattern"),
        rare: true,
    };
    error_share: Option<Share> = None, {
        group: Group::SecretStore,
        name: "Share of failing calls",
        unit: "of the calls",
        kind: Kind::Share { min: 0.0, max: 1.0 },
        none: Some(NoneWord { word: "unknown", meaning: "unknown" }),
        help: "Calls to a backend that fail on a normal day: what a circuit breaker must not open for.",
        measure: "the backend's error metrics: failures ÷ calls over a quiet week",
        source: source::SECRET_MANAGEMENT.at("Circuit Breaker for External Backends"),
        rare: true,
    };
    breaker_failures: Count = Count(5), {
        group: Group::SecretStore,
        name: "Failures that open the breaker",
        unit: "failures",
        kind: whole(1, 100),
        help: "A circuit breaker opens at so many failures within its window.",
        measure: "the circuit breaker's configuration",
        source: source::SECRET_MANAGEMENT.at("Circuit Breaker for External Backends"),
        rare: true,
    };
    breaker_window_ms: Millis = Millis::new(60_000.0), {
        group: Group::SecretStore,
        name: "Breaker's window",
        unit: "ms",
        kind: Kind::Real { min: 1.0, max: 86_400_000.0 },
        help: "The time over which failures are counted.",
        measure: "the circuit breaker's configuration",
        source: source::SECRET_MANAGEMENT.at("Circuit Breaker for External Backends"),
        rare: true,
    };
    breaker_cooldown_ms: Millis = Millis::new(30_000.0), {
        group: Group::SecretStore,
        name: "Breaker's cooldown",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 86_400_000.0 },
        help: "How long an open breaker refuses everything before it lets one request try.",
        measure: "the circuit breaker's configuration",
        source: source::SECRET_MANAGEMENT.at("Circuit Breaker for External Backends"),
        rare: true,
    };

    replication: Option<Replication> = None, {
        group: Group::Advice,
        name: "Replication",
        unit: "",
        kind: Kind::Choice(Replication::CHOICES),
        none: Some(NoneWord { word: "unknown", meaning: "not said" }),
        help: "How changes reach the standby that takes over when the primary, or the store's whole cluster, is lost.",
        measure: "SELECT application_name, sync_state FROM pg_stat_replication; vault read sys/replication/status",
        source: source::SECRET_MANAGEMENT.at("Recovery Objectives"),
    };
    standby_place: Place = Place::OtherZone, {
        group: Group::Advice,
        name: "Place of the standby",
        unit: "",
        kind: Kind::Choice(Place::CHOICES),
        help: "What it shares with the primary is lost with it.",
        measure: "the zones and regions of both servers",
        source: source::SECRET_MANAGEMENT.at("Replication Types"),
        rare: true,
    };
    replication_lag_ms: Millis = Millis::new(1_000.0), {
        group: Group::Advice,
        name: "Replication lag",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 604_800_000.0 },
        help: "How far an asynchronous standby is behind at worst: what is lost with the primary.",
        measure: "SELECT max(replay_lag) FROM pg_stat_replication at peak; replication_primary_canary_age_ms",
        source: source::SECRET_MANAGEMENT.at("Replication Types"),
        rare: true,
    };
    promotion: Promotion = Promotion::Manual, {
        group: Group::Advice,
        name: "Promotion",
        unit: "",
        kind: Kind::Choice(Promotion::CHOICES),
        help: "Who decides that the standby takes over.",
        measure: "the failover software's configuration, or the emergency plan",
        source: source::SECRET_MANAGEMENT.at("Performance vs DR Replication"),
        rare: true,
    };
    promotion_ms: Option<Millis> = None, {
        group: Group::Advice,
        name: "Time to promote",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 604_800_000.0 },
        none: Some(NoneWord { word: "default", meaning: "30 s automatic, 15 min manual" }),
        help: "From the moment the loss is certain until the standby takes writes: people are called, decide and act. \
            The defaults are assumptions.",
        measure: "the last exercise",
        rare: true,
    };
    dns_ttl_ms: Millis = Millis::new(60_000.0), {
        group: Group::Advice,
        name: "Time until clients follow",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 604_800_000.0 },
        help: "How long clients go on to the old address: the DNS record's time to live; 0 behind a proxy that \
            switches.",
        measure: "dig NAME: the second column",
        source: source::SECRET_MANAGEMENT.at("DR Promotion Procedure"),
        rare: true,
    };
    health_interval_ms: Millis = Millis::new(5_000.0), {
        group: Group::Advice,
        name: "Health check interval",
        unit: "ms",
        kind: Kind::Real { min: 1.0, max: 3_600_000.0 },
        help: "From the beginning of a health check to the beginning of the next.",
        measure: "the load balancer's configuration",
        source: source::SECRET_MANAGEMENT.at("Node Health Checks"),
        rare: true,
    };
    health_timeout_ms: Millis = Millis::new(2_000.0), {
        group: Group::Advice,
        name: "Health check timeout",
        unit: "ms",
        kind: Kind::Real { min: 1.0, max: 3_600_000.0 },
        help: "How long a check waits for an answer before it has failed.",
        measure: "the load balancer's configuration",
        source: source::SECRET_MANAGEMENT.at("Node Health Checks"),
        rare: true,
    };
    unhealthy_threshold: Count = Count(3), {
        group: Group::Advice,
        name: "Failed checks until unhealthy",
        unit: "checks",
        kind: whole(1, 1_000),
        help: "So many checks in a row must fail before traffic goes elsewhere.",
        measure: "the load balancer's configuration",
        source: source::SECRET_MANAGEMENT.at("Node Health Checks"),
        rare: true,
    };
    healthy_threshold: Count = Count(2), {
        group: Group::Advice,
        name: "Good checks until healthy",
        unit: "checks",
        kind: whole(1, 1_000),
        help: "So many checks in a row must succeed before traffic comes back.",
        measure: "the load balancer's configuration",
        source: source::SECRET_MANAGEMENT.at("Node Health Checks"),
        rare: true,
    };
    snapshot_interval_ms: Millis = Millis::new(3_600_000.0), {
        group: Group::Advice,
        name: "Time between snapshots",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 31_536_000_000.0 },
        help: "From one snapshot that survives the loss to the next. For a database that archives its log: \
            archive_timeout.",
        measure: "the schedule of vault operator raft snapshot save; SHOW archive_timeout",
        source: source::SECRET_MANAGEMENT.at("Backup and Restore"),
        rare: true,
    };
    restore_ms: Option<Millis> = None, {
        group: Group::Advice,
        name: "Time to restore",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 31_536_000_000.0 },
        none: Some(NoneWord { word: "unknown", meaning: "never measured" }),
        help: "From an empty server to one that answers, out of the latest snapshot or backup.",
        measure: "restore one, with a clock",
        source: source::SECRET_MANAGEMENT.at("Backup and Restore"),
        rare: true,
    };
    rto_target_ms: Millis = Millis::new(300_000.0), {
        group: Group::Advice,
        name: "Recovery time objective",
        unit: "ms",
        kind: Kind::Real { min: 1.0, max: 31_536_000_000.0 },
        help: "How long the service may be away. The documented target is five minutes.",
        measure: "what was promised to the users",
        source: source::SECRET_MANAGEMENT.at("Recovery Objectives"),
        rare: true,
    };
    rpo_target_ms: Millis = Millis::new(30_000.0), {
        group: Group::Advice,
        name: "Recovery point objective",
        unit: "ms",
        kind: Kind::Real { min: 0.0, max: 31_536_000_000.0 },
        help: "How much of the latest changes may be lost. The documented target is 30 seconds.",
        measure: "what was promised to the users",
        source: source::SECRET_MANAGEMENT.at("Recovery Objectives"),
        rare: true,
    };
    external_consumers: Flag = Flag::No, {
        group: Group::Advice,
        name: "Others need the events",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "Whether systems outside the application need its events. It decides between a higher limit and events \
            outside the database (Kafka).",
        measure: "ask the teams that integrate with the application",
        source: source::CONNECTION_SCALING.at("Part 3, Decision Flowchart"),
        rare: true,
    };
    coordination: Flag = Flag::Yes, {
        group: Group::Advice,
        name: "Shared limits can be changed",
        unit: "",
        kind: Kind::Choice(Flag::CHOICES),
        help: "Whether those who run the database can be had to raise the role's limit or max_connections.",
        measure: "ask the platform team",
        source: source::CONNECTION_SCALING.at("Part 3, Decision Flowchart"),
        rare: true,
    };
    query_pattern: Option<QueryPattern> = None, {
        group: Group::Advice,
        name: "Query pattern",
        unit: "",
        kind: Kind::Choice(QueryPattern::CHOICES),
        none: Some(NoneWord { word: "none", meaning: "no query to advise on" }),
        help: "What a slow query looks for: the plan then names the index and the way to write it.",
        measure: "the WHERE and ORDER BY of the slowest statements in pg_stat_statements",
        source: source::OPTIMIZATION_GUIDE.at("Indexing Strategy"),
        rare: true,
    };

    growth_rate: Share = Share::new(0.0), {
        group: Group::Growth,
        name: "Growth a year",
        unit: "share a year",
        kind: Kind::Share { min: 0.0, max: 10.0 },
        help: "How much more there is after a year: 0.6 or 60% more users, requests, secrets, leases and data. Used \
            where neither a target nor a forecast says something else, and after the forecast's last row.",
        measure: "this month's peak ÷ the same month's peak a year ago − 1",
    };
    target: Option<Ratio> = None, {
        group: Group::Growth,
        name: "Target",
        unit: "× today",
        kind: Kind::Real { min: 0.01, max: 10_000.0 },
        none: Some(NoneWord { word: "none", meaning: "the growth a year" }),
        help: "How many times today's size everything will be at the end of the months looked at: 4 where 250 users \
            become 1,000. Takes the place of the growth a year.",
        measure: "the business plan",
        source: source::CONNECTION_SCALING.at("Executive Summary"),
    };
    months: Count = Count(24), {
        group: Group::Growth,
        name: "Months looked at",
        unit: "months",
        kind: whole(1, forecast::MOST_MONTHS),
        help: "How far ahead to look.",
        measure: "the budget's horizon: longer than the longest lead time of anything that may be needed",
        rare: true,
    };
    today: Option<Date> = None, {
        group: Group::Growth,
        name: "Today",
        unit: "",
        kind: Kind::Date,
        none: Some(NoneWord { word: "none", meaning: "months are counted, without dates" }),
        help: "The day from which months are counted. With it, every month has a date.",
        measure: "date +%F",
        rare: true,
    };
    forecast: Forecast = Forecast::default(), {
        group: Group::Growth,
        name: "Forecast",
        unit: "",
        kind: Kind::Forecast { max: forecast::MOST_ROWS },
        help: "What is expected after so many months, as month:users:rate:secrets:leases:storage, later months later. \
            In between, the growth is even. What no row says grows with the requests, or with the users.",
        measure: "the capacity plan's table, its first year being today's inputs",
        source: source::SECRET_MANAGEMENT.at("Growth Projections"),
        rare: true,
    };
}

/// The marks of the rows of [`INPUTS`] and their places, in the order of the marks.
static BY_MARK: [(u32, u16); INPUTS.len()] = by_mark();

/// A number for an id: hundreds of inputs are told apart faster by numbers than by texts.
const fn mark(id: &str) -> u32 {
    let id = id.as_bytes();
    let mut mark = 0_u32;
    let mut rest = id;
    while let [byte, others @ ..] = rest {
        mark = mark.wrapping_mul(31).wrapping_add(*byte as u32);
        rest = others;
    }
    mark
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time, where a wrong index is an error")]
#[expect(clippy::cast_possible_truncation, reason = "there are not so many inputs")]
const fn by_mark() -> [(u32, u16); INPUTS.len()] {
    let mut order = [(0, 0); INPUTS.len()];
    let mut sorted = 0;
    while sorted < INPUTS.len() {
        let row = (mark(INPUTS[sorted].id), sorted as u16);
        let mut place = sorted;
        while place > 0 && row.0 < order[place - 1].0 {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = row;
        sorted += 1;
    }
    order
}

/// The row for an id.
pub(crate) fn input(id: &str) -> Option<&'static Input> {
    let mark = mark(id);
    let first = BY_MARK.partition_point(|row| row.0 < mark);
    let alike = BY_MARK.iter().skip(first).take_while(|row| row.0 == mark);
    alike.filter_map(|row| INPUTS.get(usize::from(row.1))).find(|input| input.id == id)
}

impl Scenario {
    /// Sets one input from text.
    ///
    /// # Errors
    /// What was read and what is allowed; the scenario is then unchanged.
    pub fn set(&mut self, id: &str, text: &str) -> Result<(), InputError> {
        let input = Input::find(id)?;
        if (input.access.take)(self, text, input) { Ok(()) } else { Err(input.not_allowed(text)) }
    }

    /// One input as the text that reads back the same; `None` where there is no such input.
    #[must_use]
    pub fn text(&self, id: &str) -> Option<String> {
        let input = Input::find(id).ok()?;
        Some((input.access.write)(self, input))
    }

    /// One input as a quantity; `None` where there is no such input, or it is no quantity.
    pub(crate) fn quantity(&self, id: &str) -> Option<Quantity> {
        let input = Input::get(id)?;
        (input.access.quantity)(self, input)
    }

    /// Whether a database is sized.
    #[must_use]
    pub fn has_database(&self) -> bool {
        match self.system {
            None => !self.has_secret_store(),
            Some(system) => system != System::SecretStore,
        }
    }

    /// Whether a secret store is sized.
    #[must_use]
    pub fn has_secret_store(&self) -> bool {
        match self.system {
            None => self.secrets.get() > 0 || self.leases.get() > 0,
            Some(system) => system != System::Database,
        }
    }

    /// The inputs that differ from their defaults, as text.
    #[must_use]
    pub fn changed(&self) -> Vec<(&'static Input, String)> {
        let default = Self::default();
        INPUTS
            .iter()
            .filter_map(|input| {
                let text = self.text(input.id)?;
                (Some(&text) != default.text(input.id).as_ref()).then_some((input, text))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_complete() {
        let default = Scenario::default();
        for input in INPUTS {
            assert!(!input.name.is_empty() && !input.help.is_empty() && !input.measure.is_empty(), "{}", input.id);
            let text = default.text(input.id).unwrap();
            let mut scenario = default.clone();
            assert_eq!(scenario.set(input.id, &text), Ok(()), "{}: the default is allowed", input.id);
            assert_eq!(scenario, default, "{}: the default reads back", input.id);
            assert!(
                matches!(input.kind, Kind::Choice(_) | Kind::Pools { .. } | Kind::Forecast { .. } | Kind::Date)
                    == input.unit.is_empty(),
                "{}: numbers have a unit, words have none",
                input.id
            );
        }
    }

    #[test]
    fn only_what_changed_is_listed() {
        let mut scenario = Scenario::default();
        assert_eq!(scenario.changed().len(), 0);
        scenario.set("pods", "7").unwrap();
        let changed: Vec<_> = scenario.changed().into_iter().map(|(input, text)| (input.id, text)).collect();
        assert_eq!(changed, [("pods", "7".to_owned())]);
    }
}
