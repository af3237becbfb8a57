//! Every demand that grows and its limit, one row a line.

use std::cell::Cell;

use crate::Scenario;
use crate::choice::{Partitioning, PoolMode};
use crate::growth::line::{Kind, Line};
use crate::growth::outlook::{Outlook, scaled};
use crate::model::Model;
use crate::node::formula::{self, Terms};
use crate::node::limits::{self, Dimension};
use crate::node::machine;
use crate::quantity::{Count, Days, MeanConnections, PerSecond, Share, Unit, approximate, ceiling};
use crate::source;

macro_rules! kinds {
    ($($name:ident = $word:literal, $what:literal, $limit:literal, $formula:literal, $remedy:literal, $days:literal, $source:expr;)+) => {
        $(static $name: Kind = Kind {
            word: $word,
            name: $what,
            limit: $limit,
            formula: $formula,
            remedy: $remedy,
            lead: Days($days),
            source: $source,
        };)+
    };
}

// Lead times are the documents' where they have one (smaller pools: two weeks with their canary), otherwise ours.
kinds! {
    CLIENTS = "clients", "Clients of the pooler", "pooler's client limit",
        "pods × traffic, rounded up, × connections of a pod",
        "Raise max_client_conn, and the file descriptors with it, or run another pooler instance.", 2,
        source::PGBOUNCER.at("max_client_conn");
    SERVER = "server", "Busy server connections", "pooler's server limit",
        "least(clients, rate × queries_per_request × hold_ms); all clients in session mode",
        "Shorten transactions, or raise default_pool_size as far as the database allows.", 14,
        source::PGBOUNCER.at("default_pool_size");
    ROLE = "role", "Connections of the role", "role limit",
        "connections at the database, with pods × traffic, rounded up",
        "Make the pools smaller, or have the role's limit raised.", 14,
        source::CONNECTION_SCALING.at("Part 4, Option A and Option B");
    DATABASE = "database", "Connections at the database", "database limit",
        "connections at the database, with pods × traffic, rounded up",
        "Make the pools smaller, put a pooler in front, or raise max_connections as far as memory allows.", 14,
        source::CONNECTION_SCALING.at("Part 4, Option A");
    UPDATE = "update", "Connections at the database during a rolling update",
        "database limit during a rolling update",
        "connections at the database, with pods × traffic, rounded up, and their surge",
        "Lower the surge (maxSurge: 0 with maxUnavailable: 1), make the pools smaller, or put a pooler in front.", 14,
        source::KUBERNETES.at("Deployments, max surge");
    FURTHER = "further", "Connections at the fullest further database", "limit of a further database",
        "pods × traffic, rounded up, × processes × further pools to it + reserved",
        "Shrink the further pools to it, or check what its own max_connections is.", 14,
        source::POSTGRESQL.at("Hot standby, administrator's overview");
    PODS = "pods", "Pods", "autoscaler's maximum",
        "pods × traffic, rounded up",
        "Raise the autoscaler's maximum, and check every limit behind it first.", 2,
        source::KUBERNETES.at("Horizontal Pod Autoscaling");
    WAITING = "waiting", "Requests of one pod", "request rate a pod takes within the wait target",
        "rate × traffic ÷ pods there may be; the limit: queueing.most_requests of one pod",
        "Allow more pods or larger pools, or hold connections for a shorter time.", 14,
        source::ERLANG;
    POOLER_WAITING = "pooler_waiting", "Requests through the pooler",
        "request rate the pooler takes within the wait target",
        "rate × traffic; the limit: requests with which 95 % wait no longer than wait_target_ms, without the reserve",
        "Shorten transactions, or raise default_pool_size as far as the database allows.", 14,
        source::ERLANG;
    CORES = "cores", "Busy cores of the database", "number of processor cores",
        "rate × queries_per_request × cpu_ms ÷ 1000",
        "Take a larger machine, move reads to replicas, or make the queries cheaper.", 28,
        source::SCALING_STRATEGIES.at("Vertical Scaling (Scale Up)");
    MEMORY = "memory", "Memory of the database server at worst", "memory for the worst case",
        "memory at worst with so many connections open; no limit where settings are recommended: they are made to fit",
        "Lower work_mem, open fewer connections, or take a larger machine.", 14,
        source::POSTGRESQL.at("Resource Consumption, work_mem");
    DISK = "disk", "Bytes on disk", "disk",
        "storage as forecast, or storage.disk after so many months of growth",
        "Enlarge the disk, shorten the retention, or compress earlier.", 7,
        source::SCALING_STRATEGIES.at("Alerting Thresholds");
    ROWS = "rows", "Rows of the largest table, counted from rows_today", "size from which tables are partitioned",
        "rows_today, from an empty table where that is 0, and those that come, less what the retention drops",
        "Partition the table by time: a table this large is moved in the background.", 28,
        source::SCALING_STRATEGIES.at("Table Partitioning");
    WAL = "wal", "WAL at peak", "network to the replicas",
        "WAL of the writes × traffic",
        "Widen the network, compress the WAL, or write less.", 28,
        source::POSTGRESQL.at("wal_compression");
    READS = "reads", "Reads at the database", "number of reads the nodes bear with one lost",
        "reads that no cache answers × traffic",
        "Add a read replica, or let a cache answer more.", 14,
        source::SCALING_STRATEGIES.at("Read Scaling (Replicas)");
    WRITES = "writes", "Writes at the primary", "number of writes the primary bears",
        "writes × traffic",
        "Take a larger machine first; shards when there is none.", 84,
        source::SCALING_STRATEGIES.at("Sharding (Horizontal Partitioning)");
    SECRETS = "secrets", "Secrets", "practical limit of secrets",
        "secrets × growth",
        "Split the secrets over several clusters.", 84,
        limits::LIMITS_SOURCE;
    LEASES = "leases", "Active leases", "practical limit of leases",
        "leases × growth",
        "Shorten lease times and use batch tokens; then split over several clusters.", 28,
        limits::LIMITS_SOURCE;
    POLICIES = "policies", "Policies", "practical limit of policies",
        "policies × secrets ÷ today's",
        "Use templated policies: one for all that differ only in a name.", 28,
        limits::LIMITS_SOURCE;
    STORE_CONNECTIONS = "store_connections", "Connections of a store's node", "practical limit of connections",
        "store_connections ÷ nodes × traffic",
        "Let agents or proxies share connections, or add nodes.", 14,
        limits::LIMITS_SOURCE;
    NODE_RATE = "node_rate", "Requests of a store's node", "practical limit of a node's requests",
        "rate ÷ nodes that answer",
        "Cache in agents, or divide the requests over clusters.", 28,
        limits::LIMITS_SOURCE;
    STORE_RATE = "store_rate", "Requests to the secret store", "rate the store answers with one node lost",
        "rate",
        "Let standbys serve reads and add some, cache in agents, or divide the requests over clusters.", 28,
        source::SECRET_MANAGEMENT.at("Scaling Milestones");
    NODE_MEMORY = "node_memory", "Memory of a store's node", "memory of the largest published class",
        "base_memory + leases × 500 B + policy_cache × 2",
        "Shorten lease times and use batch tokens, or take a larger machine.", 14,
        formula::FORMULA;
    NODE_CORES = "node_cores", "Cores of a store's node", "processor of the largest published class",
        "base_cpu + rate ÷ nodes that answer ÷ 500",
        "Cache in agents, or divide the requests over clusters.", 14,
        formula::FORMULA;
    NODES = "nodes", "Nodes by the documented formula", "number of nodes",
        "rate ÷ 2,000, leases ÷ 30,000 or secrets ÷ 300,000: the largest, rounded up, at least 3",
        "", 0,
        formula::FORMULA;
    STORE_STORAGE = "storage", "Storage", "disk",
        "storage as forecast",
        "", 0,
        source::SECRET_MANAGEMENT.at("Growth Projections");
}

/// Every line of a scenario, those of the database first.
pub(crate) fn lines(model: &Model<'_>, outlook: &Outlook) -> Vec<Line> {
    let scenario = model.scenario;
    let mut lines = Lines { outlook, lines: Vec::with_capacity(16) };
    if scenario.has_database() {
        connections(model, &mut lines);
        storage(model, &mut lines);
    }
    if scenario.has_secret_store() {
        secret_store(model, &mut lines);
    }
    lines.lines
}

/// The lines as they are drawn.
struct Lines<'o> {
    outlook: &'o Outlook,
    lines: Vec<Line>,
}

impl Lines<'_> {
    /// A line that follows the requests.
    fn by_traffic(&mut self, kind: &'static Kind, unit: Unit, limit: Option<f64>, demand: &dyn Fn(f64) -> f64) {
        let points = self.outlook.traffic.iter().map(|multiple| demand(*multiple)).collect();
        self.push(kind, unit, limit, points);
    }

    /// The same where the month counts as well.
    fn by_month(&mut self, kind: &'static Kind, unit: Unit, limit: Option<f64>, demand: &dyn Fn(f64, f64) -> f64) {
        let months = (0_u32..).map(f64::from).zip(&self.outlook.traffic);
        let points = months.map(|(month, multiple)| demand(month, *multiple)).collect();
        self.push(kind, unit, limit, points);
    }

    fn push(&mut self, kind: &'static Kind, unit: Unit, limit: Option<f64>, points: Vec<f64>) {
        self.lines.push(Line::of(kind, unit, limit, points));
    }

    /// A line that is expected as it is.
    fn as_is(&mut self, kind: &'static Kind, unit: Unit, limit: Option<f64>, points: &[f64]) {
        self.push(kind, unit, limit, points.to_vec());
    }
}

fn connections(model: &Model<'_>, lines: &mut Lines<'_>) {
    let scenario = model.scenario;
    let most = scenario.pods_max.map(Count::get);
    let pods = scenario.pods.get();
    // Pods grow with the requests, as far as the autoscaler may go, or as it has gone already.
    let pods_at = move |multiple: f64| {
        let wanted = scaled(pods, multiple).max(1);
        most.map_or(wanted, |most| wanted.min(most.max(pods)))
    };
    let instances = scenario.instances();
    let each = scenario.app_connections(1);
    let clients_at = move |multiple: f64| pods_at(multiple).saturating_mul(each);
    let load = scenario.offered_load().get();
    if scenario.has_pooler() {
        let limit = instances.saturating_mul(scenario.clients_per_pooler());
        lines.by_traffic(&CLIENTS, Unit::Connections, Some(approximate(limit)), &|multiple| {
            approximate(clients_at(multiple))
        });
        // The reserve opens only to those who have waited for seconds: what needs it is saturated.
        let limit = match scenario.pool_mode {
            PoolMode::Session => scenario.server_connections(instances),
            PoolMode::Transaction | PoolMode::Statement => scenario.server_connections_without_reserve(instances),
        };
        let limit = limit.map(approximate);
        lines.by_traffic(&SERVER, Unit::Connections, limit, &|multiple| {
            approximate(scenario.busy_connections_at(clients_at(multiple), MeanConnections::new(load * multiple)))
        });
    }
    if let Some(limit) = scenario.role_connection_limit {
        let opened = scenario.opened_by_role(instances);
        let direct = scenario.direct.get();
        lines.by_traffic(&ROLE, Unit::Connections, Some(approximate(limit.get())), &|multiple| {
            approximate(opened.with(clients_at(multiple)).saturating_add(direct))
        });
    }
    let opened = scenario.opened_at_database(instances);
    let limit = Some(approximate(scenario.usable_connections()));
    lines.by_traffic(&DATABASE, Unit::Connections, limit, &|multiple| approximate(opened.with(clients_at(multiple))));
    if scenario.surge.of(1) > 0 {
        lines.by_traffic(&UPDATE, Unit::Connections, limit, &|multiple| {
            let pods = pods_at(multiple);
            approximate(opened.with(pods.saturating_add(scenario.surge.of(pods)).saturating_mul(each)))
        });
    }
    further(scenario, lines, &pods_at);
    let others = scenario.other_connections.get();
    let memory = scenario.work_mem.map(|_| approximate(model.memory.available().get()));
    // Pods come one by one, so that many months have the same connections.
    let last = Cell::new((u64::MAX, 0.0));
    lines.by_traffic(&MEMORY, Unit::Bytes, memory, &|multiple| {
        let open = opened.with(clients_at(multiple)).saturating_add(others);
        if last.get().0 != open {
            last.set((open, approximate(model.memory.worst_with(open).get())));
        }
        last.get().1
    });
    lines.by_traffic(&PODS, Unit::Count, most.map(approximate), &|multiple| approximate(scaled(pods, multiple).max(1)));
    let rate = scenario.peak_rate().get();
    if let Some(most) = model.waiting.most_per_pod() {
        lines.by_traffic(&WAITING, Unit::PerSecond, Some(most.get()), &|multiple| {
            rate * multiple / approximate(pods_at(multiple))
        });
    }
    let highest = lines.outlook.traffic.iter().copied().fold(1.0, f64::max);
    if let Some(most) = most_through_pooler(scenario, pods_at(highest)) {
        lines.by_traffic(&POOLER_WAITING, Unit::PerSecond, Some(most), &|multiple| rate * multiple);
    }
    if let Some(each) = scenario.cpu_ms {
        let busy = rate * scenario.queries_per_request.get() * each.get() / 1_000.0;
        let cores = Some(approximate(scenario.cpus.get()));
        lines.by_traffic(&CORES, Unit::Ratio, cores, &|multiple| busy * multiple);
    }
}

/// The further database that is asked for most: all are taken to have the settings of the sized one.
fn further(scenario: &Scenario, lines: &mut Lines<'_>, pods_at: &dyn Fn(f64) -> u64) {
    let pools = |name| scenario.further_per_process(name);
    let Some(each) = scenario.pools.other_databases().into_iter().map(pools).max() else { return };
    let limit = scenario.connection_limit().saturating_sub(scenario.kept_connections());
    lines.by_traffic(&FURTHER, Unit::Connections, Some(approximate(limit)), &|multiple| {
        let opened = pods_at(multiple).saturating_mul(scenario.processes.get()).saturating_mul(each);
        approximate(opened.saturating_add(scenario.reserved.get()))
    });
}

/// Requests per second with which the wait at the pooler stays within its target; `None` where none of the clients that
/// so many pods have ever waits there.
fn most_through_pooler(scenario: &Scenario, pods: u64) -> Option<f64> {
    if !scenario.has_pooler() {
        return None;
    }
    let stage = Scenario { pods: Count(pods), ..scenario.clone() }.pooler_stage()?;
    let most = stage.queue.most_arrivals(Share::new(0.95), scenario.wait_target_ms)?;
    let each = scenario.queries_per_request.get();
    (each > 0.0).then(|| most.get() * approximate(stage.pools) / each)
}

/// What a month brings, as the exponent of its growth, where so many months brought `multiple`: as if all growth so far
/// had come evenly.
pub(crate) fn a_month(month: f64, multiple: f64) -> f64 {
    if month > 0.0 { libm::log(multiple) / month } else { 0.0 }
}

fn storage(model: &Model<'_>, lines: &mut Lines<'_>) {
    let (scenario, storage) = (model.scenario, &model.storage);
    let outlook = lines.outlook;
    if let Some(disk) = scenario.disk {
        let limit = Some(approximate(disk.get()));
        if outlook.storage.is_empty() {
            lines.by_month(&DISK, Unit::Bytes, limit, &|month, multiple| {
                storage.disk_after(month, a_month(month, multiple)).map_or(0.0, |bytes| approximate(bytes.get()))
            });
        } else {
            lines.as_is(&DISK, Unit::Bytes, limit, &outlook.storage);
        }
    }
    if storage.rows_after(0.0, 0.0).get() > 0 || scenario.rows_per_day.is_some() {
        let limit = (scenario.partitioning == Partitioning::None).then_some(crate::storage::LARGE);
        lines.by_month(&ROWS, Unit::Count, limit, &|month, multiple| {
            approximate(storage.rows_after(month, a_month(month, multiple)).get())
        });
    }
    if let Some(network) = scenario.replication_bandwidth.filter(|_| scenario.replicas.get() > 0) {
        let replicas = approximate(scenario.replicas.get());
        lines.by_traffic(&WAL, Unit::BytesPerSecond, Some(approximate(network.get())), &|multiple| {
            storage.wal_at(multiple) * replicas
        });
    }
    let nodes = [
        (&READS, model.replicas.read_capacity(), model.cache.database_reads()),
        (&WRITES, model.replicas.write_capacity(), scenario.writes_at_peak()),
    ];
    for (kind, capacity, now) in nodes {
        if let Some(capacity) = capacity {
            lines.by_traffic(kind, Unit::PerSecond, Some(capacity.get()), &|multiple| now.get() * multiple);
        }
    }
}

fn secret_store(model: &Model<'_>, lines: &mut Lines<'_>) {
    let (scenario, cluster, outlook) = (model.scenario, &model.cluster, lines.outlook);
    for (kind, dimension, unit) in [
        (&SECRETS, Dimension::Secrets, Unit::Count),
        (&LEASES, Dimension::Leases, Unit::Count),
        (&POLICIES, Dimension::Policies, Unit::Count),
        (&STORE_CONNECTIONS, Dimension::Connections, Unit::Connections),
        (&NODE_RATE, Dimension::Rate, Unit::PerSecond),
    ] {
        let limit = limits::practical(dimension);
        let Some(now) = cluster.demand(limit) else { continue };
        // A store has two policies of its own.
        if dimension == Dimension::Policies && scenario.policies.get() <= 2 {
            continue;
        }
        let values = match dimension {
            Dimension::Secrets | Dimension::Policies => &outlook.secrets,
            Dimension::Leases => &outlook.leases,
            _ => &outlook.rate,
        };
        // What nothing is known of grows with the requests.
        let values = if values.first().is_some_and(|first| *first > 0.0) { values } else { &outlook.traffic };
        let each = values.first().map_or(0.0, |first| now / first);
        lines.push(kind, unit, Some(approximate(limit.most.get())), values.iter().map(|value| value * each).collect());
    }
    let capacity = Some(cluster.capacity(1).get());
    lines.as_is(&STORE_RATE, Unit::PerSecond, capacity, &outlook.rate);
    let largest = machine::CLASSES.last();
    let leases = outlook.leases.iter().map(|leases| {
        let memory = formula::memory_per_node(scenario.base_memory, Count(ceiling(*leases)), scenario.policy_cache);
        approximate(memory.get())
    });
    let memory = largest.map(|class| approximate(class.memory.get()));
    lines.push(&NODE_MEMORY, Unit::Bytes, memory, leases.collect());
    // The documented formula gives every node all requests; those that answer share them.
    let answering = cluster.answering(0).get().max(1);
    let rate = outlook
        .rate
        .iter()
        .map(|rate| formula::cpu_per_node(scenario.base_cpu, PerSecond::new(rate / approximate(answering))).get());
    let cores = largest.map(|class| approximate(class.cores.get()));
    lines.push(&NODE_CORES, Unit::Ratio, cores, rate.collect());
    let demands = outlook.rate.iter().zip(&outlook.leases).zip(&outlook.secrets);
    let nodes = demands.map(|((rate, leases), secrets)| {
        let terms = Terms::of(PerSecond::new(*rate), Count(ceiling(*leases)), Count(ceiling(*secrets)));
        approximate(terms.required().get())
    });
    lines.push(&NODES, Unit::Count, None, nodes.collect());
    if !scenario.has_database() && !outlook.storage.is_empty() {
        lines.as_is(&STORE_STORAGE, Unit::Bytes, None, &outlook.storage);
    }
}
