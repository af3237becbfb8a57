//! What the settings depend on: the machine and what is asked of it.

use crate::choice::{PgVersion, Workload};
use crate::quantity::{Bytes, approximate, ceiling};
use crate::scenario::{MOST_BACKENDS, Scenario};

pub(super) const MIB: u64 = 1 << 20;
pub(super) const GIB: u64 = 1 << 30;

/// What a workload is taken to do with memory.
pub(super) struct Habit {
    workload: Workload,
    /// Sorts and hashes of one query at the same time.
    nodes: u64,
    /// Share of its queries that run in parallel, of a hundred.
    parallel_percent: u64,
    /// Above this, more `work_mem` is worth less than what it takes from the page cache.
    pub(super) most_work_mem: u64,
    /// Parallel workers one query node may have at most.
    pub(super) most_per_gather: u64,
    /// `max_wal_size`.
    pub(super) wal: u64,
}

const fn habit(workload: Workload, nodes: u64, parallel: u64, work_mib: u64, gather: u64, wal_gib: u64) -> Habit {
    Habit {
        workload,
        nodes,
        parallel_percent: parallel,
        most_work_mem: work_mib * MIB,
        most_per_gather: gather,
        wal: wal_gib * GIB,
    }
}

const WEB: Habit = habit(Workload::Web, 2, 10, 64, 2, 4);
const HABITS: [Habit; 4] = [
    habit(Workload::Oltp, 2, 0, 64, 2, 8),
    habit(Workload::Warehouse, 4, 100, 2_048, 1_024, 16),
    habit(Workload::Desktop, 2, 50, 64, 2, 2),
    habit(Workload::Mixed, 3, 25, 256, 4, 4),
];

impl Scenario {
    /// Memory the server can have: the machine's, or the container's where that is less.
    #[must_use]
    pub fn server_memory(&self) -> u64 {
        self.ram.get().min(self.container_memory.map_or(u64::MAX, Bytes::get))
    }

    pub(super) fn habit(&self) -> &'static Habit {
        HABITS.iter().find(|habit| habit.workload == self.workload).unwrap_or(&WEB)
    }

    /// What everything else needs: half of a desktop, little inside a container, else a sixteenth within bounds.
    pub(super) fn os_memory(&self) -> u64 {
        let memory = self.server_memory();
        self.os_reserve.map_or_else(
            || match (self.workload, self.container_memory) {
                (Workload::Desktop, _) => memory / 2,
                (_, Some(_)) => memory / 32,
                (_, None) => (memory / 16).clamp(GIB / 4, 4 * GIB).min(memory / 4),
            },
            Bytes::get,
        )
    }

    pub(super) fn nodes(&self) -> u64 {
        self.nodes_per_query.map_or(self.habit().nodes, crate::quantity::Count::get)
    }

    /// Share of busy connections whose query runs in parallel.
    pub(super) fn parallel_share(&self) -> f64 {
        approximate(self.habit().parallel_percent) / 100.0
    }

    /// Connections the server can be set to accept: with everything else that runs, at most `MAX_BACKENDS`.
    pub(super) fn open_at_most(&self) -> u64 {
        self.connection_limit().clamp(1, MOST_BACKENDS)
    }

    /// Connections that can really be open: what the pools and the other tenants ask for, as far as it is accepted; at
    /// least one.
    #[must_use]
    pub fn open_connections(&self) -> u64 {
        let asked = self.database_demand(self.fleet()).saturating_add(self.other_connections.get());
        asked.clamp(1, self.open_at_most())
    }

    /// Connections busy at peak, in all but about two of a hundred moments: the offered load and twice its root.
    #[must_use]
    pub fn busy_at_peak(&self) -> u64 {
        let load = self.offered_load().get();
        ceiling(load + 2.0 * libm::sqrt(load)).clamp(1, self.open_connections())
    }

    /// All data fits into the memory the server can have.
    pub(super) fn is_in_memory(&self) -> bool {
        self.database_bytes.is_some_and(|size| size.get() <= self.server_memory())
    }

    /// WAL senders: one for each logical one and each replica, and room for backups.
    pub(super) fn wal_senders(&self) -> u64 {
        self.logical_senders.get().saturating_add(self.replicas.get()).saturating_add(4).clamp(10, 20_000)
    }

    /// Before 17, vacuum keeps the rows it removes in at most 1 GiB.
    pub(super) fn vacuum_is_bounded(&self) -> bool {
        self.pg < PgVersion::V17
    }
}
