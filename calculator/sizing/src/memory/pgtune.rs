//! `PGTune`'s rules for Linux, restated from its published source of July 2026.

use crate::Scenario;
use crate::choice::{Disk, PgVersion, Workload};
use crate::memory::machine::{GIB, MIB};
use crate::memory::published::Says::{By, Is};
use crate::memory::published::{AT_MOST_64, Published, rule};
use crate::memory::set::Set;
use crate::quantity::{approximate, floor};

fn is(scenario: &Scenario, workload: Workload) -> bool {
    scenario.workload == workload
}

/// It counts in kB.
fn kilobytes(scenario: &Scenario) -> u64 {
    scenario.server_memory() >> 10
}

fn shared_buffers(scenario: &Scenario) -> u64 {
    kilobytes(scenario) / if is(scenario, Workload::Desktop) { 16 } else { 4 }
}

fn worker_processes(scenario: &Scenario) -> Option<u64> {
    Some(scenario.cpus.get()).filter(|cpus| *cpus >= 4)
}

fn maintenance_work_mem(scenario: &Scenario) -> u64 {
    (kilobytes(scenario) / if is(scenario, Workload::Warehouse) { 8 } else { 16 }).min(8 << 20)
}

fn work_mem(scenario: &Scenario) -> u64 {
    let users = scenario.connection_limit().saturating_add(worker_processes(scenario).unwrap_or(8)).saturating_mul(3);
    let base = approximate(kilobytes(scenario).saturating_sub(shared_buffers(scenario))) / approximate(users);
    let by_workload = floor(match scenario.workload {
        Workload::Web | Workload::Oltp => base,
        Workload::Warehouse | Workload::Mixed => base / 2.0,
        Workload::Desktop => base / 6.0,
    });
    let by_size = match database_in_memories(scenario) {
        0 => by_workload.saturating_mul(13) / 10,
        4.. => by_workload.saturating_mul(9) / 10,
        _ => by_workload,
    };
    by_size.max(4 << 10)
}

/// 0 where the database is smaller than memory, 4 where it is more than three times as large, else 1.
fn database_in_memories(scenario: &Scenario) -> u64 {
    let memory = scenario.server_memory();
    match scenario.database_bytes.map(crate::quantity::Bytes::get) {
        Some(size) if size < memory => 0,
        Some(size) if size > memory.saturating_mul(3) => 4,
        _ => 1,
    }
}

fn wal_buffers(scenario: &Scenario) -> u64 {
    match shared_buffers(scenario).saturating_mul(3) / 100 {
        kilobytes if kilobytes > 14 << 10 => 16 << 10,
        kilobytes => kilobytes.max(32),
    }
}

fn halved_cores(scenario: &Scenario) -> u64 {
    scenario.cpus.get().div_ceil(2)
}

/// By workload: web, OLTP, warehouse, desktop, mixed.
fn by_workload(scenario: &Scenario, of: [u64; 5]) -> u64 {
    let [web, oltp, warehouse, desktop, mixed] = of;
    match scenario.workload {
        Workload::Web => web,
        Workload::Oltp => oltp,
        Workload::Warehouse => warehouse,
        Workload::Desktop => desktop,
        Workload::Mixed => mixed,
    }
}

fn kib(kilobytes: u64) -> Set {
    Set::Bytes(kilobytes << 10)
}

const WORKERS: &str = "From 4 to 7 cores it lowers the default of 8, and it leaves nothing for logical replication and \
    extensions. A standby needs at least its primary's number.";

fn concurrency(scenario: &Scenario) -> Set {
    Set::Count(match scenario.storage {
        Disk::Hdd => 2,
        Disk::Ssd => 200,
        Disk::San => 300,
        Disk::Nvme => 1_000,
    })
}

/// All of them.
pub(super) const RULES: &[Published] = &[
    rule(
        "max_connections",
        "by workload",
        "Its number where none is given; ours is what the server is set to, which its other rules are given too.",
        By(|s| Some(Set::Count(by_workload(s, [200, 300, 40, 20, 100])))),
    ),
    rule(
        "shared_buffers",
        "ram ÷ 4, desktop ÷ 16",
        "The same share; ours is smaller below 1 GiB and where all data is smaller than the cache.",
        By(|s| Some(kib(shared_buffers(s)))),
    ),
    rule(
        "huge_pages",
        "try from 2 GB of shared_buffers, else off",
        "Off gains nothing over the server's own try. Neither does anything until vm.nr_hugepages is set.",
        By(|s| Some(Set::Word(if shared_buffers(s) >= 2 << 20 { "try" } else { "off" }))),
    ),
    rule(
        "effective_cache_size",
        "ram × 3 ÷ 4, desktop ÷ 4",
        "The share ignores what connections use at peak; ours is what the budget leaves to caches.",
        By(|s| Some(kib(if is(s, Workload::Desktop) { kilobytes(s) / 4 } else { kilobytes(s) * 3 / 4 }))),
    ),
    rule(
        "work_mem",
        "(ram − shared_buffers) ÷ ((max_connections + workers) × 3) by workload, at least 4 MB",
        "It counts neither hash_mem_multiplier nor what connections, vacuum and the system need, and its least of 4 MB \
         holds even where the budget does not.",
        By(|s| Some(kib(work_mem(s)))),
    ),
    rule(
        "maintenance_work_mem",
        "ram ÷ 16 (warehouse ÷ 8), at most 8 GB",
        "The same share; ours ends at 2 GB outside warehouses, and at 1 GB before 17, where vacuum uses no more.",
        By(|s| Some(kib(maintenance_work_mem(s)))),
    ),
    rule(
        "autovacuum_work_mem",
        "2 GB where maintenance_work_mem is as much",
        "Each worker takes it, and before 17 none can use more than 1 GB. Ours gives all workers a sixteenth of \
         memory.",
        By(|s| (maintenance_work_mem(s) >= 2 << 20).then_some(Set::Bytes(2 * GIB))),
    ),
    rule(
        "wal_level",
        "minimal on a desktop",
        "Without WAL for replicas neither pg_basebackup nor replication works.",
        By(|s| is(s, Workload::Desktop).then_some(Set::Word("minimal"))),
    ),
    rule(
        "wal_buffers",
        "3 % of shared_buffers, at most 16 MB",
        "The server's own rule is 1/32. Written down it stays when shared_buffers changes; -1 follows.",
        By(|s| Some(kib(wal_buffers(s)))),
    ),
    rule(
        "max_wal_size",
        "by workload",
        "Agrees, unless more is written between checkpoints.",
        By(|s| Some(Set::Bytes(by_workload(s, [4, 8, 16, 2, 4]) * GIB))),
    ),
    rule(
        "min_wal_size",
        "by workload",
        "A quarter of max_wal_size too, but for the desktop.",
        By(|s| Some(Set::Bytes(by_workload(s, [1_024, 2_048, 4_096, 100, 1_024]) * MIB))),
    ),
    rule("checkpoint_completion_target", "0.9", "Agrees.", Is(Set::Real(0.9))),
    rule(
        "wal_compression",
        "lz4 from 15, on before",
        "A server built without lz4 refuses it and does not start; on is pglz, which every server has.",
        By(|s| Some(Set::Word(if s.pg >= PgVersion::V15 { "lz4" } else { "on" }))),
    ),
    rule(
        "max_wal_senders",
        "0 on a desktop",
        "Without senders neither pg_basebackup nor replication works.",
        By(|s| is(s, Workload::Desktop).then_some(Set::Count(0))),
    ),
    rule(
        "random_page_cost",
        "1.1, hard disks and warehouses 4",
        "Ours goes by the storage alone: a warehouse on SSD reads at random nearly as fast as in order.",
        By(|s| {
            let slow = s.storage == Disk::Hdd || is(s, Workload::Warehouse);
            Some(Set::Real(if slow && database_in_memories(s) > 0 { 4.0 } else { 1.1 }))
        }),
    ),
    rule(
        "effective_io_concurrency",
        "hard disks 2, SSD 200, SAN 300, NVMe 1000",
        "Agrees.",
        By(|s| (s.pg < PgVersion::V18).then(|| concurrency(s))),
    ),
    rule(
        "effective_io_concurrency",
        "hard disks 2, SSD 200, SAN 300, NVMe 1000",
        AT_MOST_64,
        By(|s| (s.pg >= PgVersion::V18).then(|| concurrency(s))),
    ),
    rule(
        "io_method",
        "io_uring",
        "A server built without liburing refuses it and does not start, and many containers forbid it; worker runs \
         everywhere.",
        By(|s| (s.pg >= PgVersion::V18).then_some(Set::Word("io_uring"))),
    ),
    rule(
        "default_statistics_target",
        "100, warehouse 500",
        "Agrees.",
        By(|s| Some(Set::Count(by_workload(s, [100, 100, 500, 100, 100])))),
    ),
    rule(
        "jit",
        "off for web, OLTP and mixed",
        "Agrees; it leaves the server's default on a desktop.",
        By(|s| (!is(s, Workload::Warehouse) && !is(s, Workload::Desktop)).then_some(Set::Word("off"))),
    ),
    rule("max_worker_processes", "cores, from 4", WORKERS, By(|s| worker_processes(s).map(Set::Count))),
    rule("max_parallel_workers", "cores, from 4", "Agrees.", By(|s| worker_processes(s).map(Set::Count))),
    rule(
        "max_parallel_workers_per_gather",
        "cores ÷ 2, at most 4 outside warehouses",
        "Where many queries run at once, helpers are taken from other connections' work: ours ends at 2 there.",
        By(|s| {
            let most = if is(s, Workload::Warehouse) { u64::MAX } else { 4 };
            worker_processes(s).map(|_| Set::Count(halved_cores(s).min(most)))
        }),
    ),
    rule(
        "max_parallel_maintenance_workers",
        "cores ÷ 2, at most 4",
        "Agrees.",
        By(|s| worker_processes(s).map(|_| Set::Count(halved_cores(s).min(4)))),
    ),
    rule(
        "autovacuum_max_workers",
        "5 from 32 cores, 4 from 16",
        "Agrees.",
        By(|s| match s.cpus.get() {
            32.. => Some(Set::Count(5)),
            16.. => Some(Set::Count(4)),
            _ => None,
        }),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::published::says;

    fn scenario(inputs: &str) -> Scenario {
        let mut scenario = Scenario::default();
        for (id, text) in inputs.split_whitespace().filter_map(|pair| pair.split_once('=')) {
            assert_eq!(scenario.set(id, text), Ok(()));
        }
        scenario
    }

    #[test]
    fn its_own_examples() {
        let kib = |kilobytes| Some(super::kib(kilobytes));
        let rows: &[(&str, &str, Option<Set>, &str)] = &[
            ("work_mem", "ram=16GB cpus=4 max_connections=200", kib(20_560), "web, 16 GB, 4 cores"),
            ("work_mem", "ram=4GB cpus=4 max_connections=9999", kib(4_096), "never below 4 MB"),
            ("work_mem", "ram=256GB cpus=4 max_connections=20 pg=18", kib(2_796_202), "20 connections on 256 GB"),
            ("maintenance_work_mem", "ram=256GB", kib(8_388_608), "8 GB at most"),
            ("maintenance_work_mem", "ram=16GB", kib(1_048_576), "a sixteenth"),
            ("autovacuum_work_mem", "ram=256GB", kib(2_097_152), "2 GB"),
            ("autovacuum_work_mem", "ram=4GB", None, "left to the server"),
            ("wal_buffers", "ram=512MB", kib(3_932), "3 % of 128 MB"),
            ("wal_buffers", "ram=8GB", kib(16_384), "one segment"),
            ("huge_pages", "ram=4GB", Some(Set::Word("off")), "1 GB of shared_buffers"),
            ("huge_pages", "ram=16GB", Some(Set::Word("try")), "4 GB of shared_buffers"),
            ("max_connections", "workload=oltp", Some(Set::Count(300)), "by workload"),
            ("max_connections", "workload=warehouse", Some(Set::Count(40)), "by workload"),
            ("default_statistics_target", "workload=warehouse", Some(Set::Count(500)), "by workload"),
            ("random_page_cost", "storage=hdd", Some(Set::Real(4.0)), "hard disks"),
            ("random_page_cost", "storage=hdd database_bytes=1GB", Some(Set::Real(1.1)), "all in memory"),
            ("random_page_cost", "storage=nvme", Some(Set::Real(1.1)), "NVMe"),
            ("effective_io_concurrency", "storage=nvme", Some(Set::Count(1_000)), "NVMe"),
            ("effective_io_concurrency", "storage=hdd", Some(Set::Count(2)), "hard disks"),
            ("max_worker_processes", "cpus=1", None, "left to the server"),
            ("max_parallel_workers_per_gather", "cpus=12", Some(Set::Count(4)), "at most 4"),
            ("max_parallel_workers_per_gather", "cpus=31 workload=warehouse", Some(Set::Count(16)), "no bound"),
            ("max_parallel_maintenance_workers", "cpus=31", Some(Set::Count(4)), "at most 4"),
            ("wal_level", "workload=desktop", Some(Set::Word("minimal")), "a desktop"),
            ("wal_level", "", None, "left to the server"),
            ("jit", "workload=oltp", Some(Set::Word("off")), "short queries"),
            ("jit", "workload=warehouse", None, "left to the server"),
            ("wal_compression", "pg=14", Some(Set::Word("on")), "before 15"),
            ("wal_compression", "pg=17", Some(Set::Word("lz4")), "from 15"),
            ("autovacuum_max_workers", "cpus=32", Some(Set::Count(5)), "many cores"),
            ("autovacuum_max_workers", "cpus=8", None, "left to the server"),
            ("io_method", "pg=17", None, "from 18"),
        ];
        for (setting, inputs, expected, reason) in rows {
            assert_eq!(says(RULES, setting, &scenario(inputs)), *expected, "{setting} {inputs}: {reason}");
        }
    }
}
