//! The scenario and the one table that declares each of its inputs.

use crate::choice::{Flag, PgVersion, PoolMode, Pooler, PoolerVersion, PreparedStatements, System};
use crate::input::{Access, Field, Group, Input, InputError, Kind, NoneWord, Rate, Surge};
use crate::pool::further::{self, FurtherPools};
use crate::pool::service::{self, Service};
use crate::quantity::{Bytes, Connections, Count, Millis, PerSecond, Quantity, Ratio, Share};
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
/// Far above any real deployment.
pub(crate) const MOST_PODS: u64 = 100_000;
/// `PostgreSQL`'s own bound for `max_connections` and its relatives: `MAX_BACKENDS`, 2^18 − 1.
const MOST_BACKENDS: u64 = 262_143;

inputs! {
    system: Option<System> = None, {
        group: Group::Traffic,
        name: "What is sized",
        unit: "",
        kind: Kind::Choice(System::CHOICES),
        none: Some(NoneWord { word: "auto", meaning: "a secret store where secrets or leases are given, else a database" }),
        help: "A PostgreSQL database, a Vault-like secret store, or both.",
        measure: "what the traffic below reaches",
    };
    rate: Rate = Rate::AtPeak(PerSecond::new(100.0)), {
        group: Group::Traffic,
        name: "Requests at peak",
        unit: "requests/s",
        kind: Kind::Rate { max: 1e9 },
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
    users: Option<Count> = None, {
        group: Group::Traffic,
        name: "Users",
        unit: "users",
        kind: whole(1, 1_000_000_000),
        none: Some(NoneWord { word: "none", meaning: "not given: the rate says it all" }),
        help: "Users who are active at the same time at peak. What they ask for is shown beside the rate, which \
            everything else is computed from.",
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

    secrets: Count = Count(0), {
        group: Group::SecretStore,
        name: "Secrets",
        unit: "secrets",
        kind: whole(0, 1_000_000_000),
        help: "Secrets the store keeps, versions not counted.",
        measure: "vault.kv.secret.count, or vault operator usage",
        source: source::SECRET_MANAGEMENT.at("Growth Projections"),
    };
    leases: Count = Count(0), {
        group: Group::SecretStore,
        name: "Active leases",
        unit: "leases",
        kind: whole(0, 1_000_000_000),
        help: "Leases that are active at the same time: dynamic credentials and tokens with a time to live.",
        measure: "vault.expire.num_leases",
        source: source::SECRET_MANAGEMENT.at("Growth Projections"),
    };
}

/// The places of the rows of [`INPUTS`], in the order of their ids.
pub(crate) static BY_ID: [u16; INPUTS.len()] = by_id();

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time, where a wrong index is an error")]
#[expect(clippy::cast_possible_truncation, reason = "there are not so many inputs")]
const fn by_id() -> [u16; INPUTS.len()] {
    let mut order = [0_u16; INPUTS.len()];
    let mut sorted = 0;
    while sorted < INPUTS.len() {
        let mut place = sorted;
        while place > 0 && comes_before(INPUTS[sorted].id, INPUTS[order[place - 1] as usize].id) {
            order[place] = order[place - 1];
            place -= 1;
        }
        order[place] = sorted as u16;
        sorted += 1;
    }
    order
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time, where a wrong index is an error")]
const fn comes_before(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    while at < left.len() && at < right.len() {
        if left[at] != right[at] {
            return left[at] < right[at];
        }
        at += 1;
    }
    left.len() < right.len()
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
                matches!(input.kind, Kind::Choice(_) | Kind::Pools { .. } | Kind::Date) == input.unit.is_empty(),
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
