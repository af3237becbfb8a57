//! Waiting: how long a transaction waits for a connection and then for a core.
//!
//! In scope: the wait for a connection of a pool (its hold time counts, not query time), the wait for a processor core
//! of the database, the pools and rates with which both stay short, and what more active connections do to throughput.
//! The models take arrivals to be independent of each other and the load to be spread evenly over the pods.
//!
//! Known uncertainty: measured at a real `PgBouncer` with exponential hold times and 73 to 93 % of its connections
//! busy, a fifth to a third more mean wait is computed than there was.  The answer is on the safe side.

mod claim;
mod erlang;
mod findings;
mod population;
mod scalability;
mod stage;
mod users;
mod values;
mod wait;

use crate::quantity::{Connections, Millis, PerSecond, Share, approximate};
use crate::sheet::Sheet;
use crate::{Finding, Scenario};

pub use erlang::{erlang_b, erlang_c};
pub use population::{MOST_CLIENTS, Population};
pub use scalability::Scalability;
pub(crate) use stage::Stage;
pub(crate) use users::documented_pods;
pub use wait::{Queue, Wait};

/// The documented wait for a connection is critical from twice its target on: 5 and 10 ms.
const CRITICAL: f64 = 2.0;
/// Above this share of the cores or connections there is something to say.
const UNREMARKABLE: f64 = 0.7;

/// What this calculator computed.
pub(crate) struct Waiting<'s> {
    scenario: &'s Scenario,
    /// The pools of the application.
    application: Stage,
    /// The pools of the pooler, where it has fewer connections than clients.
    pooler: Option<Stage>,
    /// The limiting pools' as a closed system, where their clients are few enough.
    closed: Option<Population>,
    /// The cores of the database, where the processor time is known.
    cores: Option<Stage>,
    /// The smallest pool of a process with which 95 % wait no longer than the target, overflow included.
    pub(crate) recommended: Option<Connections>,
    /// The same for 99 %.
    pub(crate) recommended_p99: Option<Connections>,
    /// Transactions per second one process can take with 95 % within the target.
    most_per_process: Option<PerSecond>,
}

/// The percentile that is compared with the target.
pub(crate) fn p95() -> Share {
    Share::new(0.95)
}

pub(crate) fn p99() -> Share {
    Share::new(0.99)
}

/// The pools where a transaction waits longer.
fn limiting(application: Stage, pooler: Option<Stage>) -> Stage {
    pooler.filter(|pooler| pooler.is_slower_than(&application)).unwrap_or(application)
}

impl<'s> Waiting<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        let target = scenario.wait_target_ms;
        let application = scenario.application_stage();
        let pooler = scenario.pooler_stage();
        let limiting = limiting(application, pooler);
        let Queue { servers, arrivals, hold, .. } = limiting.queue;
        Self {
            scenario,
            application,
            pooler,
            closed: Population::of(servers, limiting.clients, arrivals, hold),
            cores: scenario.cores(),
            recommended: scenario.fewest(p95(), &application.queue),
            recommended_p99: scenario.fewest(p99(), &application.queue),
            most_per_process: application.queue.most_arrivals(p95(), target),
        }
    }

    /// The pools that decide: those where a transaction waits longer.
    pub(crate) fn limiting(&self) -> Stage {
        limiting(self.application, self.pooler)
    }

    /// What 95 % wait at most where they wait longest; `None` where that is saturated.
    pub(crate) fn p95_wait(&self) -> Option<Millis> {
        self.limiting().wait.map(|wait| wait.quantile(p95()))
    }

    /// The limiting pools are the pooler's.
    fn is_limited_by_pooler(&self) -> bool {
        self.pooler.is_some_and(|pooler| pooler.is_slower_than(&self.application))
    }

    /// Requests per second at peak with which 95 % still wait no longer than the target, at every pool; `None` where
    /// nothing limits them.
    #[must_use]
    pub(crate) fn most_requests(&self) -> Option<PerSecond> {
        let of_pods = self.most_per_process.map(|most| most.get() * approximate(self.scenario.process_count()));
        let of_poolers = self.pooler.and_then(|stage| {
            let most = stage.queue.most_arrivals(p95(), self.scenario.wait_target_ms)?;
            Some(most.get() * approximate(stage.pools))
        });
        let most = of_poolers.map_or(of_pods, |poolers| of_pods.map(|pods| pods.min(poolers)))?;
        self.scenario.requests(most)
    }

    /// Requests per second at peak that the pools of one pod can take within the target.
    pub(crate) fn most_per_pod(&self) -> Option<PerSecond> {
        self.scenario.requests(self.most_per_process?.get() * approximate(self.scenario.processes.get()))
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        values::values(self, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        findings::findings(self)
    }
}

impl Scenario {
    /// Requests that make so many transactions; `None` where requests make none.
    fn requests(&self, transactions: f64) -> Option<PerSecond> {
        let each = self.queries_per_request.get();
        (each > 0.0).then(|| PerSecond::new(transactions / each))
    }

    /// Connections that may be active at the database at the same time.
    fn active_connections(&self) -> Connections {
        let app = self.app_connections(self.pods.get());
        let through = self.has_pooler().then(|| self.server_connections(self.instances())).flatten();
        Connections(through.map_or(app, |through| through.min(app)))
    }

    /// The measured scalability, where it was measured.
    fn scalability(&self) -> Option<Scalability> {
        Some(Scalability { contention: self.contention?, coherence: self.coherence? })
    }

    /// Connections of a pool of this size, overflow included.
    fn servers_of(&self, size: Connections) -> Connections {
        Connections(match self.max_overflow {
            Some(overflow) => size.get().saturating_add(overflow.get()),
            None => self.connections_per_process().max(size.get()),
        })
    }
}
