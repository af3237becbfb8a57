//! What the connections will need: when there are the most pods, during a rolling update, with a pooler lost.

use crate::Scenario;
use crate::pool::chain::{Link, LinkKind};
use crate::pool::documented::deadlock_floor;
use crate::pool::further::{FurtherPool, PRIMARY};
use crate::pool::solve::least_limit;
use crate::quantity::{Connections, MeanConnections, Millis, PerSecond, Share, approximate, ceiling};
use crate::queueing::Queue;

/// No limit should be used more than this, in percent: "pool utilization 60–80 %".
const BAND: u64 = 80;
/// What a limit that is raised should be used: nothing is left to say about it then, and a rolling update fits.
const ROOMY: u64 = 70;

/// The percentile that is compared with the wait target.
fn p95() -> Share {
    Share::new(0.95)
}

/// The connections at their highest.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// The most pods there will be: the autoscaler's maximum, or today's with the growth looked at.
    pub(super) pods: u64,
    /// Connections busy on average then.
    pub(super) load: f64,
    /// The link that is asked for too much and is used most, where there is one.
    pub(super) pressed: Option<Link>,
    /// Which links are asked for too much, by their place in [`LinkKind::ALL`].
    kinds: [bool; 4],
    /// Connections of the role.
    pub(super) role: u64,
    /// Connections at the database.
    pub(super) database: u64,
    /// Clients of the pooler.
    pub(super) clients: u64,
}

/// Every link of the chain, where the scenario has it.
fn links(scenario: &Scenario, pods: u64, instances: u64, load: f64) -> [Option<Link>; 4] {
    let app = scenario.app_connections(pods);
    let link = |kind, demand, limit| Some(Link { kind, demand, limit });
    let at_pooler = |link| if scenario.has_pooler() { link } else { None };
    let clients = link(LinkKind::Clients, app, Some(instances.saturating_mul(scenario.clients_per_pooler())));
    let busy = scenario.busy_connections_at(app, MeanConnections::new(load));
    let role = scenario.opened_by_role(instances).with(app).saturating_add(scenario.direct.get());
    let database = scenario.opened_at_database(instances).with(app);
    [
        at_pooler(clients),
        at_pooler(link(LinkKind::Server, busy, scenario.server_connections(instances))),
        link(LinkKind::Role, role, scenario.role_connection_limit.map(Connections::get)),
        link(LinkKind::Database, database, Some(scenario.usable_connections())),
    ]
}

/// A further pool whose database has too few connections, and the size with which it has enough.
pub(super) struct Further<'s> {
    pub(super) pool: &'s FurtherPool,
    pub(super) size: u64,
}

/// The further pools to shrink for so many pods: those to a database that is asked for more than it has, if it is set
/// up like the primary.  Each gives up its overflow, and the same share of its size.
pub(super) fn further(scenario: &Scenario, pods: u64) -> Vec<Further<'_>> {
    let mut found = Vec::new();
    let usable = scenario.connection_limit().saturating_sub(scenario.kept_connections());
    for database in scenario.pools.other_databases() {
        let processes = pods.saturating_mul(scenario.processes.get()).max(1);
        let most =
            |percent: u64| (usable.saturating_mul(percent) / 100).saturating_sub(scenario.reserved.get()) / processes;
        if scenario.further_per_process(database) <= most(100) {
            continue;
        }
        let pools = || scenario.pools.iter().filter(|pool| pool.database == database);
        let sizes = pools().fold(0_u64, |sum, pool| sum.saturating_add(pool.size.get())).max(1);
        let most = most(BAND).min(sizes);
        found.extend(pools().map(|pool| Further { pool, size: pool.size.get().saturating_mul(most) / sizes }));
    }
    found
}

impl Need {
    /// Where everything that follows the requests becomes `traffic` times today's.
    pub(super) fn of(scenario: &Scenario, traffic: f64) -> Self {
        let grown = ceiling(approximate(scenario.pods.get()) * traffic.max(1.0) * (1.0 - 1e-12));
        let pods = scenario.pods_max.map_or(grown, crate::quantity::Count::get).max(scenario.pods.get());
        let instances = scenario.instances();
        let load = scenario.offered_load().get() * traffic.max(1.0);
        let now = links(scenario, pods, instances, load);
        let mut need = Self {
            pods,
            load,
            pressed: None,
            kinds: [false; 4],
            role: now[2].map_or(0, |link| link.demand),
            database: now[3].map_or(0, |link| link.demand),
            clients: now[0].map_or(0, |link| link.demand),
        };
        need.press(&now, BAND);
        let surge = scenario.surge.of(scenario.pods.get());
        need.press(&links(scenario, scenario.pods.get().saturating_add(surge), instances, load), 100);
        if instances > 1 {
            need.press(&links(scenario, scenario.pods.get(), instances - 1, load), 100);
        }
        need
    }

    fn press(&mut self, links: &[Option<Link>; 4], percent: u64) {
        for (link, is_pressed) in links.iter().zip(&mut self.kinds) {
            let Some(link) = link.filter(|link| link.is_above(percent)) else { continue };
            *is_pressed = true;
            if self.pressed.is_none_or(|worst| link.compare_tightness(&worst).is_gt()) {
                self.pressed = Some(link);
            }
        }
    }

    /// Whether only links of these kinds are asked for too much.
    pub(super) fn only(&self, kinds: &[LinkKind]) -> bool {
        LinkKind::ALL.iter().zip(self.kinds).all(|(kind, is_pressed)| !is_pressed || kinds.contains(kind))
    }

    /// Whether a link is asked for too much.
    pub(super) fn presses(&self, kind: LinkKind) -> bool {
        LinkKind::ALL.iter().zip(self.kinds).any(|(other, is_pressed)| *other == kind && is_pressed)
    }

    /// Whether `max_connections` is short: for the connections there are, or for the role's limit to be raised.
    pub(super) fn server_is_short(&self, scenario: &Scenario) -> bool {
        let role = scenario.role_connection_limit.is_some() && self.presses(LinkKind::Role);
        self.presses(LinkKind::Database) || role && self.role_limit() > scenario.usable_connections()
    }

    /// The largest pool size, not above today's, with which everything fits when there are the most pods, and the
    /// connections of a process it makes; `None` where none does.  Overflow goes first: it is opened when load is high.
    pub(super) fn smaller_pool(&self, scenario: &Scenario) -> Option<(u64, u64)> {
        let now = scenario.pool_size.get();
        let further = scenario.further_per_process(PRIMARY);
        let instances = scenario.instances();
        let (role, database) = (scenario.opened_by_role(instances), scenario.opened_at_database(instances));
        let at_most =
            |demand: u64, limit: u64, percent: u64| u128::from(demand) * 100 <= u128::from(limit) * u128::from(percent);
        let fits_with = |size: u64, pods: u64, percent: u64| {
            let each = size.saturating_add(further);
            let app = pods.saturating_mul(scenario.processes.get()).saturating_mul(each);
            let clients = instances.saturating_mul(scenario.clients_per_pooler());
            (!scenario.has_pooler() || at_most(app, clients, percent))
                && scenario.role_connection_limit.is_none_or(|limit| {
                    at_most(role.with(app).saturating_add(scenario.direct.get()), limit.get(), percent)
                })
                && at_most(database.with(app), scenario.usable_connections(), percent)
        };
        let pods = scenario.pods.get();
        let surge = pods.saturating_add(scenario.surge.of(pods));
        let fits = |size: u64| fits_with(size, self.pods, BAND) && fits_with(size, surge, 100);
        let each = scenario.connections_per_process();
        if fits(each) {
            return Some((now, each));
        }
        if fits(now) {
            return Some((now, now));
        }
        let (mut fitting, mut too_large) = (0, now);
        while too_large - fitting > 1 {
            let middle = u64::midpoint(fitting, too_large);
            if fits(middle) { fitting = middle } else { too_large = middle }
        }
        (fitting > 0).then_some((fitting, fitting))
    }

    /// What the application opens at the database: through a pooler what that may open, else what its pools are.
    pub(super) fn opened(&self, scenario: &Scenario) -> u64 {
        if !scenario.has_pooler() {
            return scenario.app_connections(self.pods);
        }
        self.database.saturating_sub(scenario.direct.get()).saturating_sub(scenario.reserved.get())
    }

    /// The role limit with which its connections are 70 % of it.
    pub(super) fn role_limit(&self) -> u64 {
        least_limit(self.role, ROOMY)
    }

    /// The `max_connections` with which everything at the database is 70 % of what it leaves.
    pub(super) fn max_connections(&self, scenario: &Scenario) -> u64 {
        least_limit(self.database, ROOMY)
            .saturating_add(scenario.kept_connections())
            .saturating_add(scenario.other_connections.get())
    }

    /// The client limit of one pooler instance with which its clients are 70 % of it.
    pub(super) fn client_limit(&self, scenario: &Scenario) -> u64 {
        least_limit(self.clients.div_ceil(scenario.instances().max(1)), ROOMY)
    }

    /// What 95 % of the transactions wait for a connection at most, where each process has so many; `None` where they
    /// are saturated.
    pub(super) fn p95_wait(&self, scenario: &Scenario, each: u64) -> Option<Millis> {
        let processes = approximate(self.pods.saturating_mul(scenario.processes.get()).max(1));
        let queue = self.queue(scenario, processes);
        Some(Queue { servers: Connections(each), ..queue }.wait()?.quantile(p95()))
    }

    /// Server connections with which 95 % of all transactions wait no longer than the target, taken together; `None`
    /// where that is more than the database leaves.
    pub(super) fn servers(&self, scenario: &Scenario) -> Option<u64> {
        let most = Connections(scenario.usable_connections());
        self.queue(scenario, 1.0).fewest_servers(p95(), scenario.wait_target_ms, most).map(Connections::get)
    }

    /// The server pools of the pooler, each for a pair of database and user.
    pub(super) fn server_pools(scenario: &Scenario) -> u64 {
        let pairs = scenario.pool_databases.get().saturating_mul(scenario.pool_users.get());
        scenario.instances().saturating_mul(pairs).max(1)
    }

    /// The server pool with which the role's and the database's limits that are pressed are used at most 70 %; `None`
    /// where none is.
    pub(super) fn server_pool_that_fits(&self, scenario: &Scenario) -> Option<u64> {
        let (direct, users) = (scenario.direct.get(), scenario.pool_users.get().max(1));
        let role = scenario.role_connection_limit.map(|limit| (LinkKind::Role, limit.get(), 1, direct));
        let others = direct.saturating_add(scenario.reserved.get());
        let database = Some((LinkKind::Database, scenario.usable_connections(), users, others));
        let rooms = [role, database].into_iter().flatten().filter(|(kind, ..)| self.presses(*kind));
        let each = rooms.map(|(_, limit, users, others)| {
            let pools = scenario.instances().saturating_mul(scenario.pool_databases.get()).saturating_mul(users).max(1);
            (limit.saturating_mul(ROOMY) / 100).saturating_sub(others) / pools
        });
        each.min()?.checked_sub(scenario.reserve_pool_size.get()).filter(|size| *size > 0)
    }

    /// The scenario with server pools of this size, and `max_db_connections` no larger than they are.
    pub(super) fn with_server_pools(scenario: &Scenario, size: u64) -> Scenario {
        let most = size.saturating_add(scenario.reserve_pool_size.get()).saturating_mul(scenario.pool_users.get());
        Scenario {
            default_pool_size: Some(Connections(size)),
            max_db_connections: scenario.max_db_connections.map(|_| Connections(most)),
            ..scenario.clone()
        }
    }

    /// What 95 % of the transactions wait for a server connection at most, where each pool of the pooler has so many;
    /// `None` where they are saturated.
    pub(super) fn p95_wait_at_pooler(&self, scenario: &Scenario, each: u64) -> Option<Millis> {
        let queue = self.queue(scenario, approximate(Self::server_pools(scenario)));
        Some(Queue { servers: Connections(each), ..queue }.wait()?.quantile(p95()))
    }

    /// One of so many pools that share what arrives.
    fn queue(&self, scenario: &Scenario, pools: f64) -> Queue {
        let hold = scenario.hold_ms;
        let arrivals = if hold.get() > 0.0 { self.load * 1_000.0 / hold.get() / pools } else { 0.0 };
        Queue { servers: Connections(0), arrivals: PerSecond::new(arrivals), hold, hold_cv: scenario.hold_cv }
    }

    /// Connections of a process that are busy on average.
    pub(super) fn load_of_a_process(&self, scenario: &Scenario) -> f64 {
        self.load / approximate(self.pods.saturating_mul(scenario.processes.get()).max(1))
    }
}

impl Scenario {
    /// The smallest pool in which the process's threads cannot deadlock.
    pub(super) fn deadlock_floor(&self) -> u64 {
        deadlock_floor(self.threads.get(), self.connections_per_thread.get())
    }
}
