//! The settings that decide how much memory the server uses.

use crate::choice::Workload;
use crate::memory::budget::Budget;
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
    /// How many times `work_mem` has to fit into that.
    pub(super) multiplicity: f64,
}

const AT_PEAK: &str = "connections busy at peak, with 30 % of memory left to caches";

impl Room {
    /// The largest `work_mem` that fits.
    pub(super) fn fits(&self) -> u64 {
        floor(approximate(self.left) / self.multiplicity)
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
    /// What is recommended, and what `work_mem` was made to fit.  What is given of the other settings is taken into
    /// account.
    pub(super) fn with_room(scenario: &Scenario) -> (Self, Room) {
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
            // Slots cost little, and with fewer than workers none of the rest would ever run.
            autovacuum_slots: scenario.autovacuum_max_workers.map_or(autovacuum_workers, Count::get).clamp(16, 1_000),
            worker_processes: (cpus + 4).max(8),
            parallel_workers,
            per_gather: (cpus / 2).min(scenario.habit().most_per_gather),
            wal_senders: scenario.wal_senders(),
        };
        let workers = scenario.autovacuum_max_workers.map_or(autovacuum_workers, Count::get);
        let of_maintenance = scenario.maintenance_work_mem.map_or(maintenance, Bytes::get);
        let most_autovacuum = if scenario.vacuum_is_bounded() { VACUUM_MOST } else { u64::MAX };
        ours.autovacuum_work_mem = whole_mib((memory / 16 / workers.max(1)).min(of_maintenance).min(most_autovacuum));

        let budget = Budget::of(scenario, &ours.or_given(scenario));
        let room = |basis, case, percent| Room { basis, ..budget.room(case, percent) };
        let expected = room(AT_PEAK, &budget.expected, EXPECTED_PERCENT);
        let accepted = room("every connection the server accepts", &budget.accepted, 100);
        let open = room("every connection that can be open", &budget.open, 100);
        // The worst case decides where it leaves a decent work_mem, and otherwise only what is expected can.
        let is_decent = |room: &&Room| room.fits() >= DECENT_WORK_MEM && expected.fits() >= DECENT_WORK_MEM;
        let (decides, most) = match [&accepted, &open].into_iter().find(is_decent) {
            Some(room) if room.fits() <= expected.fits() => (*room, u64::MAX),
            Some(_) => (expected, u64::MAX),
            None => (expected, DECENT_WORK_MEM),
        };
        let most = most.min(scenario.habit().most_work_mem);
        ours.work_mem = rounded_down(decides.fits().min(most)).max(LEAST_WORK_MEM);

        let in_use = ours.or_given(scenario);
        let free = memory.saturating_sub(Budget::of(scenario, &in_use).expected.total);
        ours.effective_cache_size = whole_mib(in_use.shared_buffers.saturating_add(free).min(memory));
        (ours, decides)
    }

    /// The same, with what the user says is set today.
    pub(super) fn or_given(self, scenario: &Scenario) -> Self {
        let bytes = |given: Option<Bytes>, ours| given.map_or(ours, Bytes::get);
        let count = |given: Option<Count>, ours| given.map_or(ours, Count::get);
        Self {
            shared_buffers: bytes(scenario.shared_buffers, self.shared_buffers),
            effective_cache_size: bytes(scenario.effective_cache_size, self.effective_cache_size),
            work_mem: bytes(scenario.work_mem, self.work_mem),
            hash_mem_multiplier: scenario.hash_mem_multiplier.map_or(self.hash_mem_multiplier, Ratio::get),
            temp_buffers: bytes(scenario.temp_buffers, self.temp_buffers),
            maintenance_work_mem: bytes(scenario.maintenance_work_mem, self.maintenance_work_mem),
            autovacuum_work_mem: bytes(scenario.autovacuum_work_mem, self.autovacuum_work_mem),
            logical_decoding_work_mem: bytes(scenario.logical_decoding_work_mem, self.logical_decoding_work_mem),
            autovacuum_workers: count(scenario.autovacuum_max_workers, self.autovacuum_workers),
            autovacuum_slots: count(scenario.autovacuum_worker_slots, self.autovacuum_slots),
            worker_processes: count(scenario.max_worker_processes, self.worker_processes),
            parallel_workers: count(scenario.max_parallel_workers, self.parallel_workers),
            per_gather: count(scenario.max_parallel_workers_per_gather, self.per_gather),
            ..self
        }
    }
}
