//! Which option helps here, and why: from what was computed, with the numbers.

use crate::action::Level;
use crate::choice::{Distance, Flag, Partitioning};
use crate::model::Model;
use crate::pool::chain::LinkKind;
use crate::pool::documented::hikaricp_connections;
use crate::quantity::{
    Bytes, Connections, Count, MeanConnections, Millis, PerSecond, Quantity, Share, approximate, grouped,
};
use crate::replica;
use crate::scenario::MOST_BACKENDS;
use crate::strategy::need::Need;
use crate::strategy::options::{self, Choice};

/// What an option can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A limit of connections is exceeded, or nearly.
    Connections = 1,
    /// The primary, or its replicas, cannot bear what is read.
    Reads = 2,
    /// One primary cannot bear what is written or stored.
    Writes = 4,
    /// A table is too large for one piece.
    Rows = 8,
    /// What is expected at peak does not fit memory.
    Memory = 16,
}

impl Problem {
    /// Every problem, the most pressing first.
    pub(super) const ALL: [Self; 5] = [Self::Connections, Self::Memory, Self::Writes, Self::Reads, Self::Rows];

    /// What is the matter, for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Connections => "a connection limit",
            Self::Reads => "reads beyond what the nodes bear",
            Self::Writes => "writes or data beyond one primary",
            Self::Rows => "the size of one table",
            Self::Memory => "memory",
        }
    }
}

/// What is to be said of an option.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    pub(super) option: &'static Choice,
    pub(super) feasible: bool,
    /// What it ends, as a sum of [`Problem`]s.
    ends: u8,
    pub(super) outcome: String,
    /// The values that prove it.
    pub(super) why: &'static [&'static str],
    /// The number its commands need, and the one there is.
    pub(super) numbers: (u64, u64),
    /// What it costs here.
    pub(super) cost: Level,
}

impl Judgement {
    pub(super) fn ends(&self, problem: Problem) -> bool {
        self.feasible && self.ends & problem as u8 != 0
    }

    /// The cheapest and least risky comes first.
    pub(super) fn price(&self) -> impl Ord {
        let Choice { risk, complexity, lead, .. } = self.option;
        (self.cost, risk, complexity, lead)
    }
}

/// Collects what is said of each option.
struct Judge<'m, 's> {
    model: &'m Model<'s>,
    need: &'m Need,
}

/// Every option, in the documents' order.
pub(super) fn judge(model: &Model<'_>, need: &Need) -> Vec<Judgement> {
    let judge = Judge { model, need };
    vec![
        judge.smaller_pools(),
        judge.higher_limit(),
        judge.external_events(),
        judge.pooler(),
        judge.cache(),
        judge.vertical(),
        judge.replicas(),
        judge.partitioning(),
        judge.sharding(),
        judge.multi_region(),
    ]
}

const CONNECTIONS: u8 = Problem::Connections as u8;
const READS: u8 = Problem::Reads as u8;
const WRITES: u8 = Problem::Writes as u8;
const ROWS: u8 = Problem::Rows as u8;
const MEMORY: u8 = Problem::Memory as u8;

impl Problem {
    /// Whether the scenario has it.
    pub(super) fn is_found(self, model: &Model<'_>, need: &Need) -> bool {
        let scenario = model.scenario;
        match self {
            Self::Connections => need.pressed.is_some(),
            Self::Memory => model.memory.expected_with(scenario.open_connections()) > model.memory.available(),
            Self::Reads => model.replicas.needed().is_some_and(|needed| needed > scenario.replicas.get()),
            Self::Writes => model.replicas.shards().is_some_and(|shards| shards > 1),
            Self::Rows => {
                scenario.partitioning == Partitioning::None
                    && model.storage.rows_after(model.storage.horizon(), 1.0) >= LARGE
            }
        }
    }
}

fn text(quantity: impl Into<Quantity>) -> String {
    quantity.into().to_string()
}

fn share(part: u64, whole: u64) -> String {
    Share::of(part, whole).map_or_else(|| "more than all".to_owned(), text)
}

fn no(option: &'static Choice, outcome: impl Into<String>, why: &'static [&'static str]) -> Judgement {
    Judgement { option, feasible: false, ends: 0, outcome: outcome.into(), why, numbers: (0, 0), cost: option.cost }
}

fn yes(option: &'static Choice, ends: u8, outcome: impl Into<String>, why: &'static [&'static str]) -> Judgement {
    Judgement { feasible: true, ends, ..no(option, outcome, why) }
}

impl Judge<'_, '_> {
    fn smaller_pools(&self) -> Judgement {
        const WHY: &[&str] = &["strategy.pool_size", "pool.utilization"];
        let (scenario, need) = (self.model.scenario, self.need);
        let option = &options::SMALLER_POOLS;
        let now = scenario.pool_size.get();
        let Some(size) = need.smaller_pool(scenario) else {
            return no(option, "No pool size fits: what comes beside the pools already takes too much.", WHY);
        };
        let each = scenario.connections_with(Connections(size));
        let load = need.load_of_a_process(scenario);
        if need.pressed.is_none() || size == now {
            let outcome = format!("Nothing to shrink: pools of {} fit with {} pods.", grouped(now), grouped(need.pods));
            return no(option, outcome, WHY);
        }
        if load >= approximate(each) {
            let outcome = format!(
                "Only pools of {} would fit, and {} connections of a process are busy at peak: they would be \
                 saturated.",
                grouped(size),
                text(MeanConnections::new(load))
            );
            return no(option, outcome, WHY);
        }
        if each < scenario.deadlock_floor() {
            let outcome = format!(
                "Only pools of {} would fit: threads that hold several connections could deadlock below {}.",
                grouped(size),
                grouped(scenario.deadlock_floor())
            );
            return no(option, outcome, WHY);
        }
        let before = scenario.app_connections(need.pods);
        let after = before.saturating_sub(
            need.pods
                .saturating_mul(scenario.processes.get())
                .saturating_mul(scenario.connections_with(scenario.pool_size).saturating_sub(each)),
        );
        let busy = Share::new(load / approximate(each));
        let target = scenario.wait_target_ms.get();
        let p95 = |each| need.p95_wait(scenario, each);
        let (old_wait, wait) = (p95(scenario.connections_per_process()), p95(each));
        let waits = |wait: Option<Millis>| wait.map_or_else(|| "saturated".to_owned(), text);
        let outcome = format!(
            "Pools of {} instead of {}: {} pods open {} connections instead of {}; {} of them are busy at peak, and the \
             p95 wait for one is {} instead of {}.",
            grouped(size),
            grouped(now),
            grouped(need.pods),
            grouped(after),
            grouped(before),
            text(busy),
            waits(wait),
            waits(old_wait)
        );
        // The documents' critical threshold is twice their target.
        if wait.is_none_or(|wait| wait.get() > 2.0 * target) && wait != old_wait {
            return no(option, [&outcome, " That is too long."].concat(), WHY);
        }
        // A smaller pool opens fewer connections; it does nothing for a pooler that has too few for its clients.
        let ends = if need.presses(LinkKind::Server) { 0 } else { CONNECTIONS };
        Judgement { numbers: (size, now), ..yes(option, ends, outcome, WHY) }
    }

    fn higher_limit(&self) -> Judgement {
        const WHY: &[&str] = &["strategy.role_limit", "strategy.max_connections", "pool.usable_connections"];
        let (scenario, need) = (self.model.scenario, self.need);
        let option = &options::HIGHER_LIMIT;
        let role = scenario.role_connection_limit.map(Connections::get).filter(|_| need.presses(LinkKind::Role));
        let server =
            need.presses(LinkKind::Database) || role.is_some_and(|_| need.role_limit() > scenario.usable_connections());
        if role.is_none() && !server {
            return no(option, "Neither the role's limit nor the server's is what is short.", WHY);
        }
        if server && scenario.service.max_connections(scenario.ram).is_some() {
            return no(option, "The server's limit is the provider's: only a larger plan raises it.", WHY);
        }
        if scenario.coordination == Flag::No {
            return no(
                option,
                "Shared limits cannot be changed: those who run the server are not to be had for it.",
                WHY,
            );
        }
        let of_role = role
            .map(|old| format!("The role limit becomes {} instead of {}", grouped(need.role_limit()), grouped(old)));
        let raised = need.max_connections(scenario);
        let memory = &self.model.memory;
        let expected = memory.expected_with(raised);
        let of_server = server.then(|| {
            format!(
                "max_connections becomes {} instead of {}, with a restart: {} of {} are expected at peak, and work_mem \
                 has to be shared by more",
                grouped(raised),
                grouped(scenario.max_connections.get()),
                text(expected),
                text(memory.available())
            )
        });
        let what = match (of_role, of_server) {
            (Some(role), Some(server)) => [role, server].join("; "),
            (Some(role), None) => {
                format!("{role}, within the {} connections the server leaves", grouped(scenario.usable_connections()))
            }
            (None, server) => server.unwrap_or_default(),
        };
        if server && (expected > memory.available() || raised > MOST_BACKENDS) {
            return no(option, [&what, ". The server does not bear that."].concat(), WHY);
        }
        let ends = if need.only(&[LinkKind::Role, LinkKind::Database]) { CONNECTIONS } else { 0 };
        // Connections of the server cost memory, and a restart; the role's limit is a number.
        let cost = if server { Level::Medium } else { option.cost };
        Judgement { cost, ..yes(option, ends, [&what, "."].concat(), WHY) }
    }

    fn external_events(&self) -> Judgement {
        const WHY: &[&str] = &["strategy.flow", "pool.offered_load"];
        let (scenario, need) = (self.model.scenario, self.need);
        let option = &options::EXTERNAL_EVENTS;
        let still = format!(
            "{} pods still open {} connections until their pools shrink too",
            grouped(need.pods),
            grouped(scenario.app_connections(need.pods))
        );
        if scenario.external_consumers == Flag::No {
            let outcome = ["Nobody else needs the events, and they free no connection: ", &still, "."].concat();
            return no(option, outcome, WHY);
        }
        let outcome = ["Other systems get the events without the database. It ends no limit by itself: ", &still, "."];
        yes(option, 0, outcome.concat(), WHY)
    }

    fn pooler(&self) -> Judgement {
        const WHY: &[&str] = &["strategy.pooler_connections", "pool.offered_load"];
        let (scenario, need) = (self.model.scenario, self.need);
        let option = &options::POOLER;
        if scenario.has_pooler() {
            return self.present_pooler();
        }
        if scenario.session_features == Flag::Yes {
            let outcome = "The application uses session features: in session mode a pooler saves no connections.";
            return no(option, outcome, WHY);
        }
        let Some(servers) = need.servers(scenario) else {
            let outcome = format!(
                "{} connections are busy at peak: more server connections would be needed than the {} the database \
                 leaves.",
                text(MeanConnections::new(need.load)),
                grouped(scenario.usable_connections())
            );
            return no(option, outcome, WHY);
        };
        let others = scenario.direct.get().saturating_add(scenario.reserved.get());
        let usable = scenario.usable_connections();
        let demand = servers.saturating_add(others);
        let fits = |demand: u64, limit: u64| demand.saturating_mul(5) <= limit.saturating_mul(4);
        let of_role = scenario
            .role_connection_limit
            .is_none_or(|limit| fits(servers.saturating_add(scenario.direct.get()), limit.get()));
        let outcome = format!(
            "{} server connections carry the {} that are busy at peak; with direct ones and the allowance {} of {} \
             ({}), however many pods there are.",
            grouped(servers),
            text(MeanConnections::new(need.load)),
            grouped(demand),
            grouped(usable),
            share(demand, usable)
        );
        if !fits(demand, usable) || !of_role {
            return no(option, [&outcome, " That does not fit either."].concat(), WHY);
        }
        let memory = &self.model.memory;
        let fits_memory = memory.expected_with(demand.saturating_add(scenario.other_connections.get()));
        let ends = CONNECTIONS | if fits_memory <= memory.available() { MEMORY } else { 0 };
        Judgement { numbers: (servers.div_ceil(2), 0), ..yes(option, ends, outcome, WHY) }
    }

    /// What a pooler that is there already can change.
    fn present_pooler(&self) -> Judgement {
        const WHY: &[&str] = &["pool.server_connections", "pool.utilization"];
        let (scenario, need) = (self.model.scenario, self.need);
        let option = &options::POOLER;
        if need.pressed.is_none() {
            return no(option, "It is there already, and its limits hold.", WHY);
        }
        if scenario.service.pooler().is_some() {
            return no(option, "It comes with the plan, and so do its limits.", WHY);
        }
        if need.presses(LinkKind::Clients) {
            let limit = need.client_limit(scenario);
            let outcome = format!(
                "It is there already: raise max_client_conn to {}, and the file descriptors with it.",
                grouped(limit)
            );
            let ends = if need.only(&[LinkKind::Clients]) { CONNECTIONS } else { 0 };
            return yes(option, ends, outcome, WHY);
        }
        let Some(servers) = need.servers(scenario) else {
            return no(option, "It is there already; the database does not leave what its clients need at peak.", WHY);
        };
        let pools = scenario
            .instances()
            .saturating_mul(scenario.pool_databases.get())
            .saturating_mul(scenario.pool_users.get())
            .max(1);
        let each = servers.div_ceil(pools).max(1);
        let total = each.saturating_mul(pools);
        let others = scenario.direct.get().saturating_add(scenario.reserved.get());
        let fits = total.saturating_add(others).saturating_mul(5) <= scenario.usable_connections().saturating_mul(4);
        let of_role = scenario.role_connection_limit.is_none_or(|limit| {
            total.saturating_add(scenario.direct.get()).saturating_mul(5) <= limit.get().saturating_mul(4)
        });
        let outcome = format!(
            "It is there already: default_pool_size {} in each of {} pools carries the {} connections busy at peak.",
            grouped(each),
            grouped(pools),
            text(MeanConnections::new(need.load))
        );
        if !fits || !of_role {
            return no(option, [&outcome, " What is behind it does not leave so many."].concat(), WHY);
        }
        Judgement { numbers: (each, 0), ..yes(option, CONNECTIONS, outcome, WHY) }
    }

    fn cache(&self) -> Judgement {
        const WHY: &[&str] = &["cache.hit_ratio", "replica.reads"];
        let scenario = self.model.scenario;
        let option = &options::CACHE;
        if scenario.cache == Flag::Yes {
            return no(option, "It is there already.", WHY);
        }
        let reads = scenario.reads_at_peak();
        let hit = self.model.cache.hit_ratio();
        let left = PerSecond::new(reads.get() * (1.0 - hit.get()));
        let outcome = format!(
            "With {} keys and a TTL of {} s it answers {} of the reads: {} of {} still reach the database.",
            text(scenario.cache_keys),
            text(scenario.cache_ttl_s),
            text(hit),
            text(left),
            text(reads)
        );
        if hit.get() <= 0.0 || reads.get() <= 0.0 {
            return no(option, outcome, WHY);
        }
        let is_borne = replica::reads_borne(scenario).is_some_and(|borne| left.get() <= borne);
        yes(option, if is_borne { READS } else { 0 }, outcome, WHY)
    }

    fn vertical(&self) -> Judgement {
        const WHY: &[&str] = &["pool.hikaricp_connections", "nodes.shards"];
        let scenario = self.model.scenario;
        let replicas = &self.model.replicas;
        let outcome = format!(
            "The next size has {} and {} cores: twice the reads and writes, and HikariCP's starting point of {} \
             connections in place of {}.",
            text(Bytes(scenario.ram.get().saturating_mul(2))),
            grouped(scenario.cpus.get().saturating_mul(2)),
            grouped(hikaricp_connections(scenario.cpus.get().saturating_mul(2), scenario.spindles.get())),
            grouped(hikaricp_connections(scenario.cpus.get(), scenario.spindles.get()))
        );
        // Twice the server does what two do, where it is the server that is short.
        let writes = if replicas.shards().is_some_and(|shards| shards == 2) { WRITES } else { 0 };
        let reads = if replicas.needed().is_some_and(|needed| needed <= 2) { READS } else { 0 };
        let memory = &self.model.memory;
        let twice = memory.available().get().saturating_mul(2);
        let fits = memory.expected_with(scenario.open_connections()).get() <= twice;
        yes(&options::VERTICAL, writes | reads | if fits { MEMORY } else { 0 }, outcome, WHY)
    }

    fn replicas(&self) -> Judgement {
        const WHY: &[&str] = &["nodes.read_replicas", "replica.reads"];
        let scenario = self.model.scenario;
        let option = &options::REPLICAS;
        let reads = scenario.reads_at_peak();
        if reads.get() <= 0.0 {
            return no(option, "Nothing is read: every transaction needs the primary.", WHY);
        }
        let share = text(scenario.read_share);
        match self.model.replicas.needed() {
            None => {
                let outcome = [
                    &share,
                    " of the transactions (",
                    &text(reads),
                    ") read, and could leave the primary; how \
                    many replicas they need depends on what one bears, which is not measured.",
                ];
                yes(option, 0, outcome.concat(), WHY)
            }
            Some(0) => no(option, ["The primary bears the ", &text(reads), " that are read."].concat(), WHY),
            Some(needed) => {
                let outcome = format!(
                    "{share} of the transactions read: {} replicas bear them with one lost, and there are {}.",
                    grouped(needed),
                    grouped(scenario.replicas.get())
                );
                yes(option, READS, outcome, WHY)
            }
        }
    }

    fn partitioning(&self) -> Judgement {
        const WHY: &[&str] = &["storage.rows"];
        let scenario = self.model.scenario;
        let option = &options::PARTITIONING;
        let storage = &self.model.storage;
        if scenario.rows_per_day.is_none() {
            return no(option, "No table is said to grow.", &[]);
        }
        let rows = storage.rows_after(storage.horizon(), 1.0);
        let has = format!("The growing table comes to {} rows", grouped(rows.get()));
        if scenario.partitioning != Partitioning::None {
            return no(option, [&has, ", and is divided by time already."].concat(), WHY);
        }
        if rows < LARGE {
            return no(option, [&has, ": below 100M one table is simpler."].concat(), WHY);
        }
        yes(option, ROWS, [&has, ": a month at a time is vacuumed, and dropped."].concat(), WHY)
    }

    fn sharding(&self) -> Judgement {
        const WHY: &[&str] = &["nodes.shards", "replica.writes"];
        let option = &options::SHARDING;
        let writes = text(self.model.scenario.writes_at_peak());
        match self.model.replicas.shards() {
            None => no(option, [&writes, " are written; what one primary bears is not measured."].concat(), WHY),
            Some(1) => no(option, ["One primary bears what is stored and the ", &writes, " of writes."].concat(), WHY),
            Some(shards) => {
                let outcome = format!("{writes} of writes and the data need {} primaries.", grouped(shards));
                yes(option, WRITES, outcome, WHY)
            }
        }
    }

    fn multi_region(&self) -> Judgement {
        const WHY: &[&str] = &["replica.reads"];
        let scenario = self.model.scenario;
        let option = &options::MULTI_REGION;
        let trip = match scenario.client_distance {
            Distance::SameRegion => return no(option, "The application is in the primary's region.", WHY),
            Distance::CrossRegion => "20–50 ms",
            Distance::CrossContinent => "100–200 ms",
        };
        let outcome = format!(
            "Each of {} round trips of a transaction takes {trip}; a replica in the region spares the {} that read.",
            grouped(scenario.round_trips.get()),
            text(scenario.read_share)
        );
        yes(option, 0, outcome, WHY)
    }
}

/// "Large tables (> 100M rows)".
const LARGE: Count = Count(100_000_000);
