//! The chain a connection passes, from the pods to the database, and what each of its links allows.

use std::cmp::Ordering;

use crate::Scenario;
use crate::choice::{PoolMode, Pooler, PoolerVersion};
use crate::finding::Severity;
use crate::pool::further::PRIMARY;
use crate::quantity::{Connections, MeanConnections, PerSecond, Quantity, Share, Unit, ceiling};

/// A link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// What the pooler accepts from the application.
    Clients,
    /// What the pooler has to serve its clients with.
    Server,
    /// What the application's role may open.
    Role,
    /// What the database leaves to this application.
    Database,
}

impl LinkKind {
    /// Every link, in the order a connection passes them.
    pub const ALL: [Self; 4] = [Self::Clients, Self::Server, Self::Role, Self::Database];

    /// The word in value ids and finding codes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Server => "server",
            Self::Role => "role",
            Self::Database => "database",
        }
    }

    /// The name of what limits this link.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clients => "pooler's client limit",
            Self::Server => "pooler's server limit",
            Self::Role => "role limit",
            Self::Database => "database limit",
        }
    }

    /// The connections this link has to give, after their number: "197 usable database connections".
    #[must_use]
    pub const fn connections(self) -> &'static str {
        match self {
            Self::Clients => "client connections the pooler accepts",
            Self::Server => "server connections the pooler may open",
            Self::Role => "connections the role may open",
            Self::Database => "usable database connections",
        }
    }
}

/// When the chain is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Situation {
    /// The scenario as it is.
    Steady,
    /// The autoscaler has added all the pods it may.
    Autoscaled,
    /// A rolling update runs its surge pods.
    RollingUpdate,
    /// One pooler instance is gone.
    InstanceLost,
}

impl Situation {
    /// Every situation.
    pub const ALL: [Self; 4] = [Self::Steady, Self::Autoscaled, Self::RollingUpdate, Self::InstanceLost];

    /// The word in value ids and finding codes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Autoscaled => "autoscaled",
            Self::RollingUpdate => "rolling_update",
            Self::InstanceLost => "instance_lost",
        }
    }

    /// The name for people, as the end of a sentence.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steady => "as configured",
            Self::Autoscaled => "at the autoscaler's maximum",
            Self::RollingUpdate => "during a rolling update",
            Self::InstanceLost => "with one pooler instance lost",
        }
    }

    /// The prefix of the value ids of this situation's links.
    #[must_use]
    pub fn prefix(self) -> String {
        match self {
            Self::Steady => "pool".to_owned(),
            other => format!("pool.{}", other.word()),
        }
    }

    /// What runs in this situation; `None` where it cannot occur.
    #[must_use]
    pub fn fleet(self, scenario: &Scenario) -> Option<Fleet> {
        let steady = scenario.fleet();
        let fleet = match self {
            Self::Steady => steady,
            Self::Autoscaled => Fleet { pods: scenario.pods_max?.get(), ..steady },
            Self::RollingUpdate => Fleet { pods: steady.pods.saturating_add(scenario.surge.of(steady.pods)), ..steady },
            Self::InstanceLost => Fleet { instances: steady.instances.checked_sub(1)?, ..steady },
        };
        Some(fleet)
    }
}

/// How many of each there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fleet {
    /// Pods.
    pub pods: u64,
    /// Pooler instances; none where there is no pooler.
    pub instances: u64,
}

/// Up to this utilization there is nothing to say about a link.
pub(super) const UNREMARKABLE_PERCENT: u64 = 70;

/// One link: what is asked of it and what it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which one.
    pub kind: LinkKind,
    /// Connections asked for.
    pub demand: u64,
    /// Connections allowed; `None` for no limit.
    pub limit: Option<u64>,
}

impl Link {
    /// Demand as a share of the limit.
    #[must_use]
    pub fn utilization(&self) -> Quantity {
        match self.limit {
            None => Quantity::None(Unit::Share, "no limit"),
            Some(0) if self.demand == 0 => Share::default().into(),
            Some(limit) => {
                Share::of(self.demand, limit).map_or(Quantity::None(Unit::Share, "no capacity"), Quantity::from)
            }
        }
    }

    /// The limit as a quantity.
    #[must_use]
    pub fn limit(&self) -> Quantity {
        or_no_limit(self.limit)
    }

    /// More is asked for than allowed.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.limit.is_some_and(|limit| self.demand > limit)
    }

    /// Demand is more than `percent` of the limit.
    #[must_use]
    pub fn is_above(&self, percent: u64) -> bool {
        let hundredth = |part: u64, percent: u64| u128::from(part) * u128::from(percent);
        self.limit.is_some_and(|limit| hundredth(self.demand, 100) > hundredth(limit, percent))
    }

    /// The severity by utilization: above 70 % info, above 80 % warning, above 90 % or exceeded error.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        [(90, Severity::Error), (80, Severity::Warning), (UNREMARKABLE_PERCENT, Severity::Info)]
            .into_iter()
            .find_map(|(percent, severity)| self.is_above(percent).then_some(severity))
    }

    /// Compares by utilization, exactly: demand ÷ limit, without a limit least of all, without capacity most.
    pub(crate) fn compare_tightness(&self, other: &Self) -> Ordering {
        match (self.limit, other.limit) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(0), Some(0)) => self.demand.cmp(&other.demand),
            (Some(ours), Some(theirs)) => {
                let left = u128::from(self.demand) * u128::from(theirs);
                left.cmp(&(u128::from(other.demand) * u128::from(ours)))
            }
        }
    }
}

/// A number of connections, or the words for there being no limit.
pub(crate) fn or_no_limit(limit: Option<u64>) -> Quantity {
    limit.map_or(Quantity::None(Unit::Connections, "no limit"), |limit| Connections(limit).into())
}

/// The links a connection passes in one situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    links: Vec<Link>,
    database: Link,
}

impl Chain {
    /// The chain of a scenario with so many pods and pooler instances.
    #[must_use]
    pub fn of(scenario: &Scenario, fleet: Fleet) -> Self {
        let app = scenario.app_connections(fleet.pods);
        let direct = scenario.direct.get();
        let mut links = Vec::with_capacity(4);
        if scenario.has_pooler() {
            links.push(Link {
                kind: LinkKind::Clients,
                demand: app,
                limit: Some(fleet.instances.saturating_mul(scenario.clients_per_pooler())),
            });
            links.push(Link {
                kind: LinkKind::Server,
                demand: scenario.busy_connections(app),
                limit: scenario.server_connections(fleet.instances),
            });
        }
        links.push(Link {
            kind: LinkKind::Role,
            demand: scenario.role_connections(fleet).saturating_add(direct),
            limit: scenario.role_connection_limit.map(Connections::get),
        });
        let database = Link {
            kind: LinkKind::Database,
            demand: scenario.database_demand(fleet),
            limit: Some(scenario.usable_connections()),
        };
        Self { links, database }
    }

    /// Every link, in the order a connection passes them.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().chain([&self.database])
    }

    /// One link; `None` where the chain does not have it.
    #[must_use]
    pub fn link(&self, kind: LinkKind) -> Option<&Link> {
        self.links().find(|link| link.kind == kind)
    }

    /// The tightest link; of two equally tight ones the first.
    #[must_use]
    pub fn binding(&self) -> &Link {
        self.links().fold(&self.database, |tightest, link| match link.compare_tightness(tightest) {
            Ordering::Greater => link,
            Ordering::Equal if tightest.kind == LinkKind::Database => link,
            _ => tightest,
        })
    }

    /// No link is asked for more than `percent` of its limit.
    #[must_use]
    pub fn fits_within(&self, percent: u64) -> bool {
        !self.links().any(|link| link.is_above(percent))
    }
}

/// What connections at the database are made of, whatever the application opens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened {
    /// Kept by the poolers for one user.
    kept_for_one: u64,
    /// Kept by the poolers for the other users.
    kept_for_others: u64,
    /// What the poolers may open; `None` for no limit.
    may_open: Option<u64>,
    /// Opened past pools and poolers.
    others: u64,
}

impl Opened {
    /// Connections when the application opens so many.
    pub(crate) fn with(self, app: u64) -> u64 {
        let wanted = app.max(self.kept_for_one).saturating_add(self.kept_for_others);
        self.may_open.map_or(wanted, |may_open| may_open.min(wanted)).saturating_add(self.others)
    }
}

/// What the chain's demands and limits are made of.
impl Scenario {
    /// There is a pooler between the application and the database.
    #[must_use]
    pub fn has_pooler(&self) -> bool {
        self.pooler == Pooler::PgBouncer
    }

    /// Pooler instances: none without a pooler, and one that the provider runs where a managed service brings its own.
    #[must_use]
    pub fn instances(&self) -> u64 {
        match (self.pooler, self.service.pooler()) {
            (Pooler::None, _) => 0,
            (Pooler::PgBouncer, Some(_)) => 1,
            (Pooler::PgBouncer, None) => self.pooler_instances.get(),
        }
    }

    /// What runs when nothing special happens.
    #[must_use]
    pub fn fleet(&self) -> Fleet {
        Fleet { pods: self.pods.get(), instances: self.instances() }
    }

    /// Connections one pool of so many, with so much overflow, can have.  Where the overflow has no limit, only the
    /// process's threads are one.
    #[must_use]
    pub fn ceiling_of(&self, size: Connections, overflow: Option<Connections>) -> u64 {
        match overflow {
            Some(overflow) => size.get().saturating_add(overflow.get()),
            None => size.get().max(self.threads.get().saturating_mul(self.connections_per_thread.get())),
        }
    }

    /// Connections one process can open to the sized database with its main pool.
    #[must_use]
    pub fn connections_per_process(&self) -> u64 {
        self.ceiling_of(self.pool_size, self.max_overflow)
    }

    /// Connections one process can open to `database` with its further pools.
    #[must_use]
    pub fn further_per_process(&self, database: &str) -> u64 {
        let pools = self.pools.iter().filter(|pool| pool.database == database);
        pools.fold(0, |sum, pool| sum.saturating_add(self.ceiling_of(pool.size, pool.overflow)))
    }

    /// Connections so many pods can open to the sized database.
    #[must_use]
    pub fn app_connections(&self, pods: u64) -> u64 {
        let each = self.connections_per_process().saturating_add(self.further_per_process(PRIMARY));
        pods.saturating_mul(self.processes.get()).saturating_mul(each)
    }

    /// Client connections one pooler instance accepts.
    #[must_use]
    pub fn clients_per_pooler(&self) -> u64 {
        self.service.pooler().map_or(self.max_client_conn.get(), |pooler| pooler.clients)
    }

    /// Connections of one pool of the pooler, reserve included; `None` for no limit.
    fn server_pool(&self, reserve: u64) -> Option<u64> {
        match self.service.pooler().and_then(|pooler| pooler.pool_percent) {
            Some(percent) => Some(self.connection_limit().saturating_mul(percent) / 100),
            // Before 1.24 a pool of 0 was a pool of none.
            None if self.pooler_version < PoolerVersion::V1_24 => {
                Some(self.default_pool_size.map_or(0, Connections::get).saturating_add(reserve))
            }
            None => Some(self.default_pool_size?.get().saturating_add(reserve)),
        }
    }

    /// Server connections one pooler instance may open for `users` users, each pool of so many connections.
    fn server_connections_for(&self, users: u64, pool: Option<u64>) -> Option<u64> {
        let databases = self.pool_databases.get();
        let by_pools = pool.map(|pool| pool.saturating_mul(databases).saturating_mul(users));
        let by_databases = self.max_db_connections.map(|limit| limit.get().saturating_mul(databases));
        let by_users = self.max_user_connections.map(|limit| limit.get().saturating_mul(users));
        [by_pools, by_databases, by_users].into_iter().flatten().min()
    }

    /// Server connections so many pooler instances may open in all; `None` for no limit.
    #[must_use]
    pub fn server_connections(&self, instances: u64) -> Option<u64> {
        let pool = self.server_pool(self.reserve_pool_size.get());
        self.server_connections_for(self.pool_users.get(), pool).map(|each| each.saturating_mul(instances))
    }

    /// The same with no reserve: where it makes no difference, the reserve is never reached.
    #[must_use]
    pub fn server_connections_without_reserve(&self, instances: u64) -> Option<u64> {
        self.server_connections_for(self.pool_users.get(), self.server_pool(0))
            .map(|each| each.saturating_mul(instances))
    }

    /// Server connections the poolers keep open for so many users without any client asking.
    fn kept_by_poolers(&self, instances: u64, users: u64) -> u64 {
        let pools = self.pool_databases.get().saturating_mul(users);
        self.min_pool_size.get().saturating_mul(pools).saturating_mul(instances)
    }

    /// What the application opens at the database, through the pooler or directly, when it has all it can get.
    ///
    /// All clients may be of one user, while the poolers keep what the other users' pools keep.
    fn opened_by(&self, instances: u64, users: u64, may_open: Option<u64>) -> Opened {
        if !self.has_pooler() {
            return Opened { kept_for_one: 0, kept_for_others: 0, may_open: None, others: 0 };
        }
        Opened {
            kept_for_one: self.kept_by_poolers(instances, 1),
            kept_for_others: self.kept_by_poolers(instances, users.saturating_sub(1)),
            may_open,
            others: 0,
        }
    }

    /// What the application's role opens: that of one user, where the pooler serves several.
    pub(crate) fn opened_by_role(&self, instances: u64) -> Opened {
        let pool = self.server_pool(self.reserve_pool_size.get());
        let one_user = self.server_connections_for(1, pool).map(|each| each.saturating_mul(instances));
        self.opened_by(instances, 1, one_user)
    }

    /// What the database must accept: the application's connections, the direct ones, and the allowance.
    pub(crate) fn opened_at_database(&self, instances: u64) -> Opened {
        let opened = self.opened_by(instances, self.pool_users.get(), self.server_connections(instances));
        Opened { others: self.direct.get().saturating_add(self.reserved.get()), ..opened }
    }

    /// Connections the application's role has: those of one user, where the pooler serves several.
    #[must_use]
    pub fn role_connections(&self, fleet: Fleet) -> u64 {
        self.opened_by_role(fleet.instances).with(self.app_connections(fleet.pods))
    }

    /// Connections the database must accept: the application's, the direct ones, and the allowance.
    #[must_use]
    pub fn database_demand(&self, fleet: Fleet) -> u64 {
        self.opened_at_database(fleet.instances).with(self.app_connections(fleet.pods))
    }

    /// Requests per second at peak.
    #[must_use]
    pub fn peak_rate(&self) -> PerSecond {
        self.rate.at_peak(self.peak_factor)
    }

    /// Connections in use at the same time on average at peak, by Little's law: arrivals × hold time.
    #[must_use]
    pub fn offered_load(&self) -> MeanConnections {
        MeanConnections::new(self.peak_rate().get() * self.queries_per_request.get() * self.hold_ms.get() / 1_000.0)
    }

    /// Server connections `app` clients occupy at the same time: each its own in session mode, otherwise as many as
    /// transactions run.
    #[must_use]
    pub fn busy_connections(&self, app: u64) -> u64 {
        self.busy_connections_at(app, self.offered_load())
    }

    /// The same at another load.
    #[must_use]
    pub fn busy_connections_at(&self, app: u64, load: MeanConnections) -> u64 {
        match self.pool_mode {
            PoolMode::Session => app,
            PoolMode::Transaction | PoolMode::Statement => app.min(ceiling(load.get())),
        }
    }

    /// Connections the server accepts in all.
    #[must_use]
    pub fn connection_limit(&self) -> u64 {
        self.service.max_connections(self.ram).unwrap_or(self.max_connections.get())
    }

    /// Connections nobody but superusers, reserved roles and the provider can have.
    #[must_use]
    pub fn kept_connections(&self) -> u64 {
        self.service
            .kept()
            .unwrap_or_else(|| self.superuser_reserved.get().saturating_add(self.reserved_connections.get()))
    }

    /// Connections the database leaves to this application and to those who look after it.
    #[must_use]
    pub fn usable_connections(&self) -> u64 {
        self.connection_limit().saturating_sub(self.kept_connections()).saturating_sub(self.other_connections.get())
    }
}
