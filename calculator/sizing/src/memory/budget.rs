//! The budget: everything that needs memory, added up, as it is expected and at worst.

use crate::Scenario;
use crate::choice::Flag;
use crate::memory::config::{Config, Room, VACUUM_MOST};
use crate::memory::machine::MIB;
use crate::memory::shared::{self, HUGE_PAGE};
use crate::quantity::{approximate, ceiling, floor};

/// Private memory of a connection that has nothing to do.
pub(super) const IDLE_BACKEND: u64 = 2 * MIB;

/// Connections in one situation, and the memory that is theirs alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Case {
    /// Connections open.
    pub(super) connections: u64,
    /// Those that run a query.
    pub(super) busy: u64,
    /// Parallel workers that help them.
    pub(super) parallel: u64,
    /// How many times `work_mem` they use, all together.
    pub(super) multiplicity: f64,
    /// Page tables for the shared memory.
    pub(super) page_tables: u64,
    /// Private memory and temporary tables.
    pub(super) backends: u64,
    /// Sorts and hashes.
    pub(super) work_mem: u64,
    /// With what does not depend on connections.
    pub(super) total: u64,
}

/// Share of the nodes that are taken to be hashes at peak; at worst all are.
const HASHES: f64 = 0.5;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Budget {
    /// What there is.
    pub(super) available: u64,
    /// Everything that is not the database server.
    pub(super) os: u64,
    /// Shared memory.
    pub(super) shared: u64,
    /// All autovacuum workers.
    pub(super) autovacuum: u64,
    /// All maintenance sessions.
    pub(super) maintenance: u64,
    /// All logical WAL senders.
    pub(super) senders: u64,
    /// At peak: the connections that are busy then, the others idle.
    pub(super) expected: Case,
    /// Every connection that can really be open does its worst.
    pub(super) open: Case,
    /// Every connection the server accepts does its worst.
    pub(super) accepted: Case,
}

impl Budget {
    pub(super) fn of(scenario: &Scenario, config: &Config) -> Self {
        let accepted = scenario.open_at_most();
        let shared = shared::total(scenario.pg, accepted, config);
        let backend = scenario.backend_memory.get();
        let vacuum = |each: u64| if scenario.vacuum_is_bounded() { each.min(VACUUM_MOST) } else { each };
        let times = |number: u64, each: u64| number.saturating_mul(each.saturating_add(backend));
        let mut budget = Self {
            available: scenario.server_memory(),
            os: scenario.os_memory(),
            shared,
            autovacuum: times(config.autovacuum_workers, vacuum(config.autovacuum_work_mem)),
            maintenance: times(scenario.maintenance_sessions.get(), config.maintenance_work_mem),
            senders: times(scenario.logical_senders.get(), config.logical_decoding_work_mem),
            expected: Case::expected(scenario, config, shared),
            open: Case::worst(scenario, config, shared, scenario.open_connections()),
            accepted: Case::worst(scenario, config, shared, accepted),
        };
        let fixed = budget.fixed();
        for case in [&mut budget.expected, &mut budget.open, &mut budget.accepted] {
            case.work_mem = floor(approximate(config.work_mem) * case.multiplicity);
            case.total =
                fixed.saturating_add(case.page_tables).saturating_add(case.backends).saturating_add(case.work_mem);
        }
        budget
    }

    /// What does not depend on connections.
    pub(super) fn fixed(&self) -> u64 {
        [self.os, self.shared, self.autovacuum, self.maintenance, self.senders].into_iter().fold(0, u64::saturating_add)
    }

    /// What so many percent of the memory leave for sorts and hashes of a case.
    pub(super) fn room(&self, case: &Case, percent: u64) -> Room {
        let left = (self.available / 100 * percent)
            .saturating_sub(self.fixed())
            .saturating_sub(case.page_tables)
            .saturating_sub(case.backends);
        Room { basis: "", left, case: *case, formula: "" }
    }

    /// What so many processes need to find their way about shared memory.
    pub(super) fn page_tables(&self, scenario: &Scenario, processes: u64) -> u64 {
        page_tables(scenario, self.shared, processes)
    }

    /// Connections whose worst case fits, with as many parallel workers as they can have.
    pub(super) fn connections_that_fit(&self, scenario: &Scenario, config: &Config) -> u64 {
        let left = self.available.saturating_sub(self.fixed());
        let [each, helper] = [true, false].map(|is_session| self.per_process(scenario, config, is_session).max(1));
        let most = config.parallel_workers.min(config.worker_processes);
        // With few connections each has all its helpers; with many they share the most there can be.
        let few = left / each.saturating_add(config.per_gather.saturating_mul(helper));
        let few = few.min(most.checked_div(config.per_gather).unwrap_or(u64::MAX));
        few.max(left.saturating_sub(most.saturating_mul(helper)) / each)
    }

    /// Everything at worst with so many connections open.
    pub(super) fn worst(&self, scenario: &Scenario, config: &Config, connections: u64) -> u64 {
        let case = Case::worst(scenario, config, self.shared, connections);
        let work_mem = floor(approximate(config.work_mem) * case.multiplicity);
        self.fixed().saturating_add(case.page_tables).saturating_add(case.backends).saturating_add(work_mem)
    }

    /// What one more connection adds at worst, or one more parallel worker, which has no temporary tables.
    pub(super) fn per_process(&self, scenario: &Scenario, config: &Config, is_session: bool) -> u64 {
        let counts = if is_session { [1, 1, 0] } else { [0, 0, 1] };
        let one = Case::new(scenario, config, self.shared, counts, config.hash_mem_multiplier);
        let work_mem = floor(approximate(config.work_mem) * one.multiplicity);
        one.page_tables.saturating_add(one.backends).saturating_add(work_mem)
    }
}

/// An entry of 8 bytes in each process for each page: of 4 KiB, or of 2 MiB.
fn page_tables(scenario: &Scenario, shared: u64, processes: u64) -> u64 {
    let page = if scenario.huge_pages_reserved == Flag::Yes { HUGE_PAGE } else { 4 << 10 };
    (shared / page).saturating_mul(8).saturating_mul(processes)
}

impl Case {
    fn worst(scenario: &Scenario, config: &Config, shared: u64, connections: u64) -> Self {
        let most = config.parallel_workers.min(config.worker_processes);
        let parallel = connections.saturating_mul(config.per_gather).min(most);
        Self::new(scenario, config, shared, [connections, connections, parallel], config.hash_mem_multiplier)
    }

    fn expected(scenario: &Scenario, config: &Config, shared: u64) -> Self {
        let busy = scenario.busy_at_peak();
        let most = config.parallel_workers.min(config.worker_processes);
        let wanted = approximate(busy) * approximate(config.per_gather) * scenario.parallel_share();
        let parallel = ceiling(wanted).min(most);
        let each = 1.0 + (config.hash_mem_multiplier - 1.0) * HASHES;
        Self::new(scenario, config, shared, [scenario.open_connections().max(busy), busy, parallel], each)
    }

    fn new(scenario: &Scenario, config: &Config, shared: u64, counts: [u64; 3], each: f64) -> Self {
        let [connections, busy, parallel] = counts;
        let backend = scenario.backend_memory.get();
        let idle = connections.saturating_sub(busy).saturating_mul(IDLE_BACKEND.min(backend));
        Self {
            connections,
            busy,
            parallel,
            multiplicity: approximate(busy.saturating_add(parallel)) * approximate(scenario.nodes()) * each,
            page_tables: page_tables(scenario, shared, connections.saturating_add(parallel)),
            backends: (busy.saturating_add(parallel).saturating_mul(backend))
                .saturating_add(busy.saturating_mul(config.temp_buffers))
                .saturating_add(idle),
            work_mem: 0,
            total: 0,
        }
    }
}
