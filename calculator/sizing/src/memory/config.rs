//! The settings that decide how much memory the server uses.

use crate::choice::Workload;
use crate::memory::budget::{Budget, Case};
use crate::memory::machine::{GIB, MIB};
use crate::quantity::{Bytes, Count, Ratio, approximate, floor};
use crate::scenario::{MOST_BLOCKS, Scenario};

/// Vacuum keeps the rows it removes in at most so much before 17.
pub(super) const VACUUM_MOST: u64 = GIB;
/// The least `work_mem` worth having for every connection: the server's own default.
pub(super) const DECENT_WORK_MEM: u64 = 4 * MIB;
/// The least `work_mem` the server takes.
pub(super) const LEAST_WORK_MEM: u64 = 64 << 10;
/// Of the memory, what the expected case may use: the rest is left to the page cache.
pub(super) const EXPECTED_PERCENT: u64 = 70;

/// Each in bytes or as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Config {
    pub(super) shared_buffers: u64,
    pub(super) effective_cache_size: u64,
    pub(super) work_mem: u64,
    pub(super) hash_mem_multiplier: f64,
    pub(super) temp_buffers: u64,
    pub(super) maintenance_work_mem: u64,
    pub(super) autovacuum_work_mem: u64,
    pub(super) logical_decoding_work_mem: u64,
    pub(super) autovacuum_workers: u64,
    pub(super) autovacuum_slots: u64,
    pub(super) worker_processes: u64,
    pub(super) parallel_workers: u64,
    pub(super) per_gather: u64,
    pub(super) wal_senders: u64,
}

/// What decides how large `work_mem` can be, and the room that leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Room {
    /// Who has to fit, for people.
    pub(super) basis: &'static str,
    /// What is left for sorts and hashes.
    pub(super) left: u64,
    /// Who uses it, how many times.
    pub(super) case: Case,
    /// How `work_mem` follows from the two.
    pub(super) formula: &'static str,
}

const FITS: &str = "memory.work_mem_budget ÷ memory.work_mem_multiplicity, rounded down";
const BY_WORKLOAD: &str = "64 MB (mixed 256 MB, warehouse 2 GB), because more is worth less than what it takes from the \
    page cache; memory.work_mem_budget ÷ memory.work_mem_multiplicity would be more";
const DEFAULT: &str = "4 MB, the server's default, because even that does not fit at worst with every connection the \
    server accepts; memory.work_mem_budget ÷ memory.work_mem_multiplicity is at least as much";
const LEAST: &str = "64 kB, the least the server takes, because memory.work_mem_budget ÷ memory.work_mem_multiplicity is \
    less";

const AT_PEAK: &str = "connections busy at peak, with 30 % of memory left to caches";

impl Room {
    /// The largest `work_mem` that fits.
    pub(super) fn fits(&self) -> u64 {
        floor(approximate(self.left) / self.case.multiplicity)
    }
}

/// A whole number of MiB, at least one.
fn whole_mib(bytes: u64) -> u64 {
    (bytes / MIB).max(1) * MIB
}

/// Rounded down to a number that is easy to read.
fn rounded_down(bytes: u64) -> u64 {
    let step = match bytes {
        bytes if bytes >= 16 * MIB => MIB,
        bytes if bytes >= MIB => MIB / 4,
        _ => 1 << 10,
    };
    bytes / step * step
}

impl Config {
    /// What is recommended, what `work_mem` was made to fit, and the budget with all of that.  What is set today does
    /// not count: each recommendation is for a server that has the others too.
    pub(super) fn with_room(scenario: &Scenario) -> (Self, Room, Budget) {
        let memory = scenario.server_memory();
        let cpus = scenario.cpus.get();
        let is_warehouse = scenario.workload == Workload::Warehouse;
        let share = match scenario.workload {
            Workload::Desktop => 16,
            _ if memory < GIB => 8,
            _ => 4,
        };
        // A cache of twice the data leaves it room to grow; more would hold nothing.
        let most_useful = scenario.database_bytes.map_or(u64::MAX, |size| size.get().saturating_mul(2).max(128 * MIB));
        let most_maintenance = match (scenario.vacuum_is_bounded(), is_warehouse) {
            (true, _) => VACUUM_MOST,
            (false, true) => 8 * GIB,
            (false, false) => 2 * GIB,
        };
        let maintenance = whole_mib((memory / if is_warehouse { 8 } else { 16 }).min(most_maintenance));
        let autovacuum_workers = match cpus {
            0..16 => 3,
            16..32 => 4,
            _ => 5,
        };
        let parallel_workers = cpus.min(1_024);
        let mut ours = Self {
            shared_buffers: whole_mib((memory / share).min(most_useful).min(MOST_BLOCKS.get())),
            effective_cache_size: 0,
            work_mem: 0,
            hash_mem_multiplier: 2.0,
            temp_buffers: 8 * MIB,
            maintenance_work_mem: maintenance,
            autovacuum_work_mem: 0,
            logical_decoding_work_mem: 64 * MIB,
            autovacuum_workers,
            autovacuum_slots: 16,
            worker_processes: (cpus + 4).max(8),
            parallel_workers,
            per_gather: (cpus / 2).min(scenario.habit().most_per_gather),
            wal_senders: scenario.wal_senders(),
        };
        ours.autovacuum_work_mem = whole_mib((memory / 16 / autovacuum_workers).min(maintenance));

        let mut budget = Budget::of(scenario, &ours);
        let room = |basis, case, percent| Room { basis, ..budget.room(case, percent) };
        let expected = room(AT_PEAK, &budget.expected, EXPECTED_PERCENT);
        let accepted = room("every connection the server accepts", &budget.accepted, 100);
        let open = room("every connection that can be open", &budget.open, 100);
        // Where every connection the server accepts leaves no decent work_mem, it is not made larger for the few that
        // happen to be open: it is the default, where that fits what can be open or at least what is expected.
        let is_decent = |room: &Room| room.fits() >= DECENT_WORK_MEM && expected.fits() >= DECENT_WORK_MEM;
        let (worst, decent) = match [accepted, open].map(|room| is_decent(&room)) {
            [true, _] => (accepted, u64::MAX),
            [false, true] => (open, DECENT_WORK_MEM),
            [false, false] => (expected, DECENT_WORK_MEM),
        };
        let mut decides = if worst.fits() <= expected.fits() { worst } else { expected };
        let by_workload = scenario.habit().most_work_mem;
        let fits = rounded_down(decides.fits());
        ours.work_mem = fits.min(decent).min(by_workload).max(LEAST_WORK_MEM);
        decides.formula = match ours.work_mem {
            work_mem if work_mem == fits => FITS,
            work_mem if work_mem > fits => LEAST,
            work_mem if work_mem == by_workload => BY_WORKLOAD,
            _ => DEFAULT,
        };

        budget = Budget::of(scenario, &ours);
        let free = memory.saturating_sub(budget.expected.total);
        ours.effective_cache_size = whole_mib(ours.shared_buffers.saturating_add(free).min(memory));
        (ours, decides, budget)
    }

    /// The same, with what the user says is set today.
    pub(super) fn or_given(self, scenario: &Scenario) -> Self {
        let bytes = |given: Option<Bytes>, ours| given.map_or(ours, Bytes::get);
        let count = |given: Option<Count>, ours| given.map_or(ours, Count::get);
        let autovacuum_workers = count(scenario.autovacuum_max_workers, self.autovacuum_workers);
        // Slots cost little, and with fewer than workers none of the rest would ever run.
        let slots = self.autovacuum_slots.max(autovacuum_workers).min(1_000);
        Self {
            shared_buffers: bytes(scenario.shared_buffers, self.shared_buffers),
            effective_cache_size: bytes(scenario.effective_cache_size, self.effective_cache_size),
            work_mem: bytes(scenario.work_mem, self.work_mem),
            hash_mem_multiplier: scenario.hash_mem_multiplier.map_or(self.hash_mem_multiplier, Ratio::get),
            temp_buffers: bytes(scenario.temp_buffers, self.temp_buffers),
            maintenance_work_mem: bytes(scenario.maintenance_work_mem, self.maintenance_work_mem),
            autovacuum_work_mem: bytes(scenario.autovacuum_work_mem, self.autovacuum_work_mem),
            logical_decoding_work_mem: bytes(scenario.logical_decoding_work_mem, self.logical_decoding_work_mem),
            autovacuum_workers,
            autovacuum_slots: count(scenario.autovacuum_worker_slots, slots),
            worker_processes: count(scenario.max_worker_processes, self.worker_processes),
            parallel_workers: count(scenario.max_parallel_workers, self.parallel_workers),
            per_gather: count(scenario.max_parallel_workers_per_gather, self.per_gather),
            ..self
        }
    }
}
