//! Where a transaction waits for a connection: in the pool of its process, and in the pooler's.
//!
//! A transaction holds a connection of both at the same time, and each is looked at as if the other were large enough.
//! What one waits in all is then at least the longer of the two waits and at most their sum: simulated for 3 to 10 pods
//! before a pooler of 20 to 50 connections, it is near the longer one unless both are equally scarce.

use crate::Scenario;
use crate::choice::PoolMode;
use crate::quantity::{Connections, Count, Millis, PerSecond, approximate};
use crate::queueing::wait::{Queue, Wait};

/// Far more connections than any pool has; an unlimited overflow is taken to end here.
const MOST_SERVERS: u64 = 1_000_000;

/// A kind of pool at which transactions wait, all pools of the kind alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stage {
    /// One of the pools and its share of what arrives.
    pub(crate) queue: Queue,
    /// How many of them there are.
    pub(crate) pools: u64,
    /// Who can wait at one of them: threads, or clients of the pooler.
    pub(crate) clients: Count,
    /// How long one waits there; `None` where it is saturated.
    pub(crate) wait: Option<Wait>,
}

impl Stage {
    fn new(servers: u64, pools: u64, clients: u64, transactions: PerSecond, scenario: &Scenario) -> Self {
        let queue = Queue {
            servers: Connections(servers.min(MOST_SERVERS)),
            arrivals: PerSecond::new(transactions.get() / approximate(pools.max(1))),
            hold: scenario.hold_ms,
            hold_cv: scenario.hold_cv,
        };
        Self { queue, pools, clients: Count(clients), wait: queue.wait() }
    }

    pub(crate) fn mean(&self) -> Option<Millis> {
        self.wait.map(|wait| wait.mean())
    }

    /// One waits longer here than at the other; at saturated pools without end.
    pub(crate) fn is_slower_than(&self, other: &Self) -> bool {
        let wait = |stage: &Self| stage.mean().map_or(f64::INFINITY, Millis::get);
        self.wait.is_none() || wait(self) > wait(other)
    }
}

impl Scenario {
    /// Transactions per second at peak: each takes a connection once.
    #[must_use]
    pub fn transactions(&self) -> PerSecond {
        PerSecond::new(self.peak_rate().get() * self.queries_per_request.get())
    }

    /// Processes, each with a pool of its own.
    pub(crate) fn process_count(&self) -> u64 {
        self.pods.get().saturating_mul(self.processes.get())
    }

    /// The pools of the application: a process's transactions wait for that process's connections only, so many small
    /// pools wait longer than one large one.  The load is taken to be spread evenly over them.
    pub(crate) fn application_stage(&self) -> Stage {
        let servers = self.connections_per_process();
        Stage::new(servers, self.process_count(), self.threads.get(), self.transactions(), self)
    }

    /// The pools of the pooler, one for each pair of database and user in each instance; `None` where nobody ever waits
    /// there: without a pooler, where it keeps a server connection for each client (session mode), and where it has as
    /// many server connections as clients.
    ///
    /// The load is taken to be spread evenly over them.  The reserve does not count: it opens only to those who have
    /// waited for seconds.
    pub(crate) fn pooler_stage(&self) -> Option<Stage> {
        if !self.has_pooler() || self.pool_mode == PoolMode::Session {
            return None;
        }
        let pairs = self.pool_databases.get().saturating_mul(self.pool_users.get());
        let pools = self.instances().saturating_mul(pairs);
        let servers = self.server_connections_without_reserve(1)?.checked_div(pairs)?;
        let clients = self.app_connections(self.pods.get()).div_ceil(pools.max(1));
        (clients > servers).then(|| Stage::new(servers, pools, clients, self.transactions(), self))
    }

    /// So many transactions at a single pool that is yet to be sized.
    pub(super) fn as_one_stage(&self, transactions: PerSecond) -> Stage {
        Stage::new(0, 1, 0, transactions, self)
    }

    /// The cores of the database: each transaction needs one for its processor time; `None` where that is not known.
    pub(super) fn cores(&self) -> Option<Stage> {
        let of_pool = self.as_one_stage(self.transactions());
        let queue = Queue { servers: Connections(self.cpus.get()), hold: self.cpu_ms?, ..of_pool.queue };
        Some(Stage { queue, wait: queue.wait(), ..of_pool })
    }
}
