//! Which option helps here, and why: from what was computed, with the numbers.

use crate::choice::{Distance, Flag, Partitioning};
use crate::model::Model;
use crate::pool::chain::{Link, LinkKind};
use crate::quantity::{Bytes, Connections, Count, Quantity, Share, approximate, ceiling, grouped};
use crate::strategy::need::Need;
use crate::strategy::options::{self, Choice};

/// What an option can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A limit of connections is exceeded, or nearly.
    Connections = 1,
    /// A table is too large for one piece.
    Rows = 2,
}

impl Problem {
    pub(super) const ALL: [Self; 2] = [Self::Connections, Self::Rows];

    /// What is the matter, for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Connections => "a connection limit",
            Self::Rows => "the size of one table",
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
}

impl Judgement {
    pub(super) fn ends(&self, problem: Problem) -> bool {
        self.feasible && self.ends & problem as u8 != 0
    }

    /// The cheapest and least risky comes first.
    pub(super) fn price(&self) -> impl Ord {
        let Choice { cost, risk, complexity, lead, .. } = self.option;
        (cost, risk, complexity, lead)
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

fn text(quantity: impl Into<Quantity>) -> String {
    quantity.into().to_string()
}

fn share(part: u64, whole: u64) -> String {
    Share::of(part, whole).map_or_else(|| "more than all".to_owned(), text)
}

fn of_link(link: &Link) -> String {
    let limit = link.limit.unwrap_or_default();
    [&grouped(link.demand), " of ", &grouped(limit), " ", link.kind.connections()].concat()
}

fn no(option: &'static Choice, outcome: impl Into<String>, why: &'static [&'static str]) -> Judgement {
    Judgement { option, feasible: false, ends: 0, outcome: outcome.into(), why, numbers: (0, 0) }
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
            let outcome = format!(
                "Nothing to shrink: pools of {} fit, with {} pods too.",
                grouped(now),
                grouped(need.pods)
            );
            return no(option, outcome, WHY);
        }
        if load >= approximate(each) {
            let outcome = format!(
                "Only pools of {} would fit, and {} connections of a process are busy at peak: they would be \
                 saturated.",
                grouped(size),
                text(crate::quantity::MeanConnections::new(load))
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
        let outcome = format!(
            "Pools of {} instead of {}: {} pods open {} connections instead of {}, and {} of them are busy at peak.",
            grouped(size),
            grouped(now),
            grouped(need.pods),
            grouped(after),
            grouped(before),
            text(busy)
        );
        // A smaller pool opens fewer connections; it does nothing for a pooler that has too few for its clients.
        let ends = if need.presses(LinkKind::Server) { 0 } else { CONNECTIONS };
        Judgement { numbers: (size, now), ..yes(option, ends, outcome, WHY) }
    }

    fn higher_limit(&self) -> Judgement {
        const WHY: &[&str] = &["strategy.role_limit", "strategy.max_connections", "pool.usable_connections"];
        let (scenario, need) = (self.model.scenario, self.need);
        let option = &options::HIGHER_LIMIT;
        let role = scenario.role_connection_limit.map(Connections::get).filter(|_| need.presses(LinkKind::Role));
        let server = need.presses(LinkKind::Database) || role.is_some_and(|_| need.role_limit() > scenario.usable_connections());
        if role.is_none() && !server {
            return no(option, "Neither the role's limit nor the server's is what is short.", WHY);
        }
        if server && scenario.service.max_connections(scenario.ram).is_some() {
            return no(option, "The server's limit is the provider's: only a larger plan raises it.", WHY);
        }
        if scenario.coordination == Flag::No {
            return no(option, "Shared limits cannot be changed: those who run the server are not to be had for it.", WHY);
        }
        let (raised, old) = match role {
            Some(old) => (need.role_limit(), old),
            None => (need.max_connections(scenario), scenario.max_connections.get()),
        };
        let of_role = role.map(|old| {
            format!("The role limit becomes {} instead of {}", grouped(need.role_limit()), grouped(old))
        });
        let of_server = server.then(|| {
            format!(
                "max_connections becomes {} instead of {}, with a restart and the memory it takes",
                grouped(need.max_connections(scenario)),
                grouped(scenario.max_connections.get())
            )
        });
        let what = match (of_role, of_server) {
            (Some(role), Some(server)) => [role, server].join("; "),
            (Some(role), None) => {
                format!("{role}, within the {} connections the server leaves", grouped(scenario.usable_connections()))
            }
            (None, server) => server.unwrap_or_default(),
        };
        let ends = if need.only(&[LinkKind::Role, LinkKind::Database]) { CONNECTIONS } else { 0 };
        Judgement { numbers: (raised, old), ..yes(option, ends, [&what, "."].concat(), WHY) }
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
        let servers = self.servers();
        let others = scenario.direct.get().saturating_add(scenario.reserved.get());
        let usable = scenario.usable_connections();
        let demand = servers.saturating_add(others);
        let fits = |demand: u64, limit: u64| demand.saturating_mul(5) <= limit.saturating_mul(4);
        let of_role = scenario.role_connection_limit.is_none_or(|limit| {
            fits(servers.saturating_add(scenario.direct.get()), limit.get())
        });
        let outcome = format!(
            "{} server connections carry the {} that are busy at peak; with direct ones and the allowance {} of {} \
             ({}), however many pods there are.",
            grouped(servers),
            text(crate::quantity::MeanConnections::new(need.load)),
            grouped(demand),
            grouped(usable),
            share(demand, usable)
        );
        if !fits(demand, usable) || !of_role {
            return no(option, [&outcome, " That does not fit either."].concat(), WHY);
        }
        Judgement { numbers: (servers.div_ceil(2), 0), ..yes(option, CONNECTIONS, outcome, WHY) }
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
        let servers = self.servers();
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
            text(crate::quantity::MeanConnections::new(need.load))
        );
        if !fits || !of_role {
            return no(option, [&outcome, " What is behind it does not leave so many."].concat(), WHY);
        }
        Judgement { numbers: (each, 0), ..yes(option, CONNECTIONS, outcome, WHY) }
    }

    /// Server connections all poolers together need.
    fn servers(&self) -> u64 {
        servers(self.need.load)
    }

    fn cache(&self) -> Judgement {
        const WHY: &[&str] = &["pool.offered_load"];
        let reads = self.model.scenario.read_share;
        let option = &options::CACHE;
        if reads.get() <= 0.0 {
            return no(option, "Nothing is read.", WHY);
        }
        let outcome = format!("{} of the transactions read: a cache takes its hit ratio of them off.", text(reads));
        yes(option, 0, outcome, WHY)
    }

    fn vertical(&self) -> Judgement {
        const WHY: &[&str] = &["pool.offered_load", "pool.hikaricp_connections"];
        let scenario = self.model.scenario;
        let ram = Bytes(scenario.ram.get().saturating_mul(2));
        let outcome = format!(
            "The next size has {} and {} cores, for {} connections busy at peak.",
            text(ram),
            grouped(scenario.cpus.get().saturating_mul(2)),
            text(crate::quantity::MeanConnections::new(self.need.load))
        );
        yes(&options::VERTICAL, 0, outcome, WHY)
    }

    fn replicas(&self) -> Judgement {
        const WHY: &[&str] = &["pool.offered_load"];
        let reads = self.model.scenario.read_share;
        let option = &options::REPLICAS;
        if reads.get() <= 0.0 {
            return no(option, "Nothing is read: every transaction needs the primary.", WHY);
        }
        let outcome =
            format!("{} of the transactions read, and can leave the primary where they may be stale.", text(reads));
        yes(option, 0, outcome, WHY)
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
        yes(option, Problem::Rows as u8, [&has, ": a month at a time is vacuumed, and dropped."].concat(), WHY)
    }

    fn sharding(&self) -> Judgement {
        const WHY: &[&str] = &["pool.offered_load"];
        let scenario = self.model.scenario;
        let option = &options::SHARDING;
        let writes = scenario.peak_rate().get() * scenario.queries_per_request.get() * (1.0 - scenario.read_share.get());
        let writes = crate::quantity::PerSecond::new(writes);
        match scenario.node_writes {
            None => {
                let outcome = ["Nobody measured what one primary can write; ", &text(writes), " is asked of it."];
                no(option, outcome.concat(), WHY)
            }
            Some(most) if writes <= most => {
                let outcome = format!("One primary bears {} writes, and {} are asked of it.", text(most), text(writes));
                no(option, outcome, WHY)
            }
            Some(most) => {
                let shards = ceiling(writes.get() / most.get().max(1e-9));
                let outcome = format!(
                    "{} writes are more than the {} one primary bears: {} shards.",
                    text(writes),
                    text(most),
                    text(Count(shards))
                );
                yes(option, 0, outcome, WHY)
            }
        }
    }

    fn multi_region(&self) -> Judgement {
        const WHY: &[&str] = &["pool.offered_load"];
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

/// Server connections that carry so many busy ones with little waiting: the load and twice its square root, Erlang's
/// rule of thumb.
pub(super) fn servers(load: f64) -> u64 {
    ceiling(load + 2.0 * libm::sqrt(load)).max(1)
}
