//! Every setting that is recommended: what it is set to, and how that comes about.

use crate::choice::{Disk, Partitioning, PgVersion, Workload};
use crate::memory::Memory;
use crate::memory::machine::{GIB, MIB};
use crate::memory::set::Set;
use crate::memory::shared;
use crate::quantity::Quantity;
use crate::scenario::{INPUTS, MOST_BACKENDS, RECOMMENDED, Scenario};
use crate::source::{HEADROOM, OPTIMIZATION_GUIDE, PGTUNE, POSTGRESQL, Source};
use Choice::{By, Is};

/// One setting.
pub(super) struct Row {
    /// The id of its value: `memory.` and the setting's name.
    pub(super) id: &'static str,
    /// Where its formula comes from, the setting itself being the place.
    pub(super) from: Source,
    pub(super) formula: &'static str,
    /// What the formula names.
    pub(super) operands: &'static [&'static str],
    pub(super) set: Choice,
}

/// What a setting is set to.
#[derive(Clone, Copy)]
pub(super) enum Choice {
    /// The same everywhere.
    Is(Set),
    /// What follows from the budget and the machine.
    By(fn(&Memory<'_>) -> Set),
}

impl Choice {
    pub(super) fn of(self, memory: &Memory<'_>) -> Set {
        match self {
            Self::Is(set) => set,
            Self::By(set) => set(memory),
        }
    }
}

impl Row {
    pub(super) fn name(&self) -> &'static str {
        self.id.strip_prefix("memory.").unwrap_or(self.id)
    }
}

const fn row(
    id: &'static str,
    from: Source,
    formula: &'static str,
    operands: &'static [&'static str],
    set: Choice,
) -> Row {
    Row { id, from, formula, operands, set }
}

/// Data beyond which a share of a table is too much to wait for.
const LARGE_DATABASE: u64 = 100 * GIB;

impl Memory<'_> {
    fn is_large(&self) -> bool {
        self.scenario.database_bytes.is_some_and(|size| size.get() > LARGE_DATABASE)
    }

    fn is_warehouse(&self) -> bool {
        self.scenario.workload == Workload::Warehouse
    }

    fn io_concurrency(&self) -> u64 {
        match (self.scenario.pg >= PgVersion::V18, self.scenario.storage) {
            (false, Disk::Hdd) => 2,
            (false, Disk::Ssd) => 200,
            (false, Disk::San) => 300,
            (false, Disk::Nvme) => 1_000,
            (true, Disk::Hdd) => 16,
            (true, _) => 64,
        }
    }

    pub(super) fn max_wal_size(&self) -> u64 {
        self.scenario.habit().wal.max(self.wal.div_ceil(GIB).saturating_mul(GIB))
    }

    /// What the server accepts beside all other processes: 17 takes no more than one below `MAX_BACKENDS` for all.
    fn most_connections(&self) -> u64 {
        let others = shared::most_backends(self.scenario.pg, 0, &self.ours);
        self.scenario.open_at_most().min((MOST_BACKENDS - 1).saturating_sub(others)).max(1)
    }

    fn superuser_reserved(&self) -> u64 {
        self.scenario.superuser_reserved.get().min(self.most_connections() - 1)
    }
}

/// A quarter of the cores, within what the server takes, and never fewer than by default.
pub(super) fn io_workers(scenario: &Scenario) -> u64 {
    (scenario.cpus.get() / 4).clamp(3, 32)
}

const READS: &str = "by storage: hard disks 2, SSD 200, SAN 300, NVMe 1000; from 18 hard disks 16, all else 64, the \
    most a process can have under way";
const EARLIER: &str = "half of the default, so that vacuum comes earlier and has less to do; a tenth above 100 GiB";
const SENDERS: &str = "logical_senders + replicas + 4, at least 10";
const IDLE: &str = "the server's default";
const LOG: &str = "what an investigation will ask for";

/// All of them, in the order to show them.
pub(super) const SETTINGS: &[Row] = &[
    row(
        "memory.max_connections",
        POSTGRESQL,
        "given, and with all other processes at most 262,142",
        &["max_connections"],
        By(|m| Set::Count(m.most_connections())),
    ),
    row(
        "memory.superuser_reserved_connections",
        POSTGRESQL,
        "given, and less than max_connections",
        &["superuser_reserved"],
        By(|m| Set::Count(m.superuser_reserved())),
    ),
    row(
        "memory.reserved_connections",
        POSTGRESQL,
        "given, and with superuser_reserved_connections less than max_connections",
        &["reserved_connections"],
        By(|m| {
            let most = m.most_connections() - 1 - m.superuser_reserved();
            Set::Count(m.scenario.reserved_connections.get().min(most))
        }),
    ),
    row(
        "memory.shared_buffers",
        POSTGRESQL,
        "memory.available ÷ 4 (÷ 8 below 1 GiB, ÷ 16 on a desktop), at most 2 × database_bytes",
        &["memory.available", "database_bytes"],
        By(|m| Set::Bytes(m.ours.shared_buffers)),
    ),
    row(
        "memory.huge_pages",
        POSTGRESQL,
        "try: huge pages where vm.nr_hugepages has reserved enough, and a server that starts where it has not",
        &[],
        Is(Set::Word("try")),
    ),
    row(
        "memory.effective_cache_size",
        POSTGRESQL,
        "shared_buffers + what the recommended settings leave to the page cache at peak, in whole MiB",
        &["shared_buffers", "left to the page cache"],
        By(|m| Set::Bytes(m.ours.effective_cache_size)),
    ),
    row(
        "memory.work_mem",
        HEADROOM,
        "",
        &["memory.work_mem_budget", "memory.work_mem_multiplicity"],
        By(|m| Set::Bytes(m.ours.work_mem)),
    ),
    row(
        "memory.hash_mem_multiplier",
        POSTGRESQL,
        "2, the default from 15",
        &[],
        By(|m| Set::Real(m.ours.hash_mem_multiplier)),
    ),
    row("memory.temp_buffers", POSTGRESQL, IDLE, &[], By(|m| Set::Bytes(m.ours.temp_buffers))),
    row(
        "memory.maintenance_work_mem",
        HEADROOM,
        "memory.available ÷ 16 (warehouse ÷ 8), at most 2 GB (warehouse 8 GB, before 17 1 GB)",
        &["memory.available", "workload"],
        By(|m| Set::Bytes(m.ours.maintenance_work_mem)),
    ),
    row(
        "memory.autovacuum_work_mem",
        HEADROOM,
        "memory.available ÷ 16 ÷ autovacuum_max_workers, at most maintenance_work_mem, before 17 at most 1 GB",
        &["memory.available", "autovacuum_max_workers", "maintenance_work_mem"],
        By(|m| Set::Bytes(m.ours.autovacuum_work_mem)),
    ),
    row(
        "memory.logical_decoding_work_mem",
        POSTGRESQL,
        IDLE,
        &[],
        By(|m| Set::Bytes(m.ours.logical_decoding_work_mem)),
    ),
    row(
        "memory.vacuum_buffer_usage_limit",
        POSTGRESQL,
        "the default from 17, eight times that of 16",
        &[],
        Is(Set::Bytes(2 * MIB)),
    ),
    row(
        "memory.wal_level",
        POSTGRESQL,
        "what replicas, backups and recovery need",
        &[],
        By(|m| Set::Word(if m.scenario.logical_senders.get() > 0 { "logical" } else { "replica" })),
    ),
    row(
        "memory.wal_buffers",
        POSTGRESQL,
        "-1, the server's own choice: shared_buffers ÷ 32, at least 64 kB, at most 16 MB",
        &["shared_buffers"],
        By(|m| Set::Auto(shared::automatic_wal_buffers(m.ours.shared_buffers))),
    ),
    row(
        "memory.max_wal_size",
        HEADROOM,
        "by workload (web and mixed 4 GB, OLTP 8 GB, warehouse 16 GB, desktop 2 GB), at least storage.wal_kept, so that \
         checkpoints begin by the clock",
        &["storage.wal_kept"],
        By(|m| Set::Bytes(m.max_wal_size())),
    ),
    row("memory.min_wal_size", PGTUNE, "max_wal_size ÷ 4", &["max_wal_size"], By(|m| Set::Bytes(m.max_wal_size() / 4))),
    row(
        "memory.checkpoint_timeout",
        POSTGRESQL,
        "checkpoint_minutes",
        &["checkpoint_minutes"],
        By(|m| Set::Millis(m.scenario.checkpoint_minutes.get() * 60_000)),
    ),
    row("memory.checkpoint_completion_target", POSTGRESQL, IDLE, &[], Is(Set::Real(0.9))),
    row("memory.wal_compression", POSTGRESQL, "on: pglz, which every server has", &[], Is(Set::Word("on"))),
    row(
        "memory.max_wal_senders",
        HEADROOM,
        SENDERS,
        &["logical_senders", "replicas"],
        By(|m| Set::Count(m.ours.wal_senders)),
    ),
    row(
        "memory.max_replication_slots",
        HEADROOM,
        SENDERS,
        &["logical_senders", "replicas"],
        By(|m| Set::Count(m.ours.wal_senders)),
    ),
    row(
        "memory.random_page_cost",
        POSTGRESQL,
        "1.1; on hard disks 4, unless all data fits into memory",
        &["storage", "database_bytes"],
        By(|m| Set::Real(if m.scenario.storage == Disk::Hdd && !m.scenario.is_in_memory() { 4.0 } else { 1.1 })),
    ),
    row(
        "memory.effective_io_concurrency",
        POSTGRESQL,
        READS,
        &["storage", "pg"],
        By(|m| Set::Count(m.io_concurrency())),
    ),
    row(
        "memory.maintenance_io_concurrency",
        POSTGRESQL,
        READS,
        &["storage", "pg"],
        By(|m| Set::Count(m.io_concurrency().max(10))),
    ),
    row(
        "memory.io_method",
        POSTGRESQL,
        "worker: it runs everywhere, io_uring needs a library and a kernel that allows it",
        &[],
        Is(Set::Word("worker")),
    ),
    row(
        "memory.io_workers",
        POSTGRESQL,
        "cpus ÷ 4, at least 3, at most 32. PostgreSQL 19 refuses to start with this line: it has io_min_workers and \
         io_max_workers",
        &["cpus"],
        By(|m| Set::Count(io_workers(m.scenario))),
    ),
    row(
        "memory.default_statistics_target",
        POSTGRESQL,
        "100, the default; 500 in a warehouse",
        &["workload"],
        By(|m| Set::Count(if m.is_warehouse() { 500 } else { 100 })),
    ),
    row(
        "memory.jit",
        POSTGRESQL,
        "off: compiling costs short queries more than it saves; on in a warehouse",
        &["workload"],
        By(|m| Set::Word(if m.is_warehouse() { "on" } else { "off" })),
    ),
    row(
        "memory.max_worker_processes",
        HEADROOM,
        "cpus + 4, at least 8, the default: room for logical replication and extensions",
        &["cpus"],
        By(|m| Set::Count(m.ours.worker_processes)),
    ),
    row("memory.max_parallel_workers", HEADROOM, "cpus", &["cpus"], By(|m| Set::Count(m.ours.parallel_workers))),
    row(
        "memory.max_parallel_workers_per_gather",
        HEADROOM,
        "cpus ÷ 2, at most 2 (mixed 4, warehouse without bound)",
        &["cpus", "workload"],
        By(|m| Set::Count(m.ours.per_gather)),
    ),
    row(
        "memory.max_parallel_maintenance_workers",
        HEADROOM,
        "cpus ÷ 2, rounded up, at most 4",
        &["cpus"],
        By(|m| Set::Count(m.scenario.cpus.get().div_ceil(2).min(4))),
    ),
    row("memory.autovacuum", POSTGRESQL, IDLE, &[], Is(Set::Word("on"))),
    row(
        "memory.autovacuum_max_workers",
        HEADROOM,
        "3, from 16 cores 4, from 32 cores 5",
        &["cpus"],
        By(|m| Set::Count(m.ours.autovacuum_workers)),
    ),
    row(
        "memory.autovacuum_worker_slots",
        POSTGRESQL,
        "the default, at least autovacuum_max_workers",
        &["autovacuum_max_workers"],
        By(|m| Set::Count(m.ours.autovacuum_slots)),
    ),
    row("memory.autovacuum_naptime", POSTGRESQL, IDLE, &[], Is(Set::Millis(60_000))),
    row(
        "memory.autovacuum_vacuum_scale_factor",
        HEADROOM,
        EARLIER,
        &["database_bytes"],
        By(|m| Set::Real(if m.is_large() { 0.02 } else { 0.1 })),
    ),
    row(
        "memory.autovacuum_vacuum_insert_scale_factor",
        HEADROOM,
        EARLIER,
        &["database_bytes"],
        By(|m| Set::Real(if m.is_large() { 0.02 } else { 0.1 })),
    ),
    row(
        "memory.autovacuum_analyze_scale_factor",
        HEADROOM,
        EARLIER,
        &["database_bytes"],
        By(|m| Set::Real(if m.is_large() { 0.01 } else { 0.05 })),
    ),
    row(
        "memory.autovacuum_vacuum_cost_limit",
        HEADROOM,
        "by storage: hard disks 200 as by default, NVMe 2000, all else 1000",
        &["storage"],
        By(|m| {
            Set::Count(match m.scenario.storage {
                Disk::Hdd => 200,
                Disk::Ssd | Disk::San => 1_000,
                Disk::Nvme => 2_000,
            })
        }),
    ),
    row(
        "memory.logging_collector",
        POSTGRESQL,
        "on, in a container off",
        &["container_memory"],
        By(|m| Set::Word(if m.scenario.container_memory.is_some() { "off" } else { "on" })),
    ),
    row("memory.log_directory", POSTGRESQL, "the default, in the data directory", &[], Is(Set::Word("log"))),
    row("memory.log_filename", OPTIMIZATION_GUIDE, "a file a day", &[], Is(Set::Word("postgresql-%Y-%m-%d.log"))),
    row("memory.log_rotation_age", POSTGRESQL, IDLE, &[], Is(Set::Millis(86_400_000))),
    row("memory.log_rotation_size", OPTIMIZATION_GUIDE, "large enough for a day", &[], Is(Set::Bytes(100 * MIB))),
    row(
        "memory.log_line_prefix",
        POSTGRESQL,
        LOG,
        &[],
        Is(Set::Word("%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ")),
    ),
    row("memory.log_min_duration_statement", OPTIMIZATION_GUIDE, LOG, &[], Is(Set::Millis(1_000))),
    row("memory.log_checkpoints", POSTGRESQL, LOG, &[], Is(Set::Word("on"))),
    row("memory.log_connections", POSTGRESQL, LOG, &[], Is(Set::Word("on"))),
    row("memory.log_disconnections", POSTGRESQL, LOG, &[], Is(Set::Word("on"))),
    row("memory.log_lock_waits", POSTGRESQL, LOG, &[], Is(Set::Word("on"))),
    row(
        "memory.log_temp_files",
        POSTGRESQL,
        "every file: each is a sort or hash that work_mem did not hold",
        &[],
        Is(Set::Bytes(0)),
    ),
    row("memory.log_autovacuum_min_duration", HEADROOM, "runs of more than a second", &[], Is(Set::Millis(1_000))),
    row(
        "memory.shared_preload_libraries",
        POSTGRESQL,
        "which queries take the time, from the contrib package; timescaledb, first, where there is a hypertable",
        &[],
        By(|m| match m.scenario.partitioning {
            Partitioning::Hypertable => Set::Word("timescaledb, pg_stat_statements"),
            Partitioning::None | Partitioning::Monthly => Set::Word("pg_stat_statements"),
        }),
    ),
    row("memory.track_io_timing", POSTGRESQL, LOG, &[], Is(Set::Word("on"))),
    row(
        "memory.max_locks_per_transaction",
        POSTGRESQL,
        "the server's default; more where a query touches hundreds of partitions",
        &[],
        Is(Set::Count(64)),
    ),
    row(
        "memory.default_toast_compression",
        POSTGRESQL,
        "the server's default: pglz, which every server has",
        &[],
        Is(Set::Word("pglz")),
    ),
];

/// Settings of which the user says what they are set to today.
pub(super) fn today(scenario: &Scenario) -> Vec<(&'static str, Quantity)> {
    let settings = INPUTS.iter().filter(|input| input.none == RECOMMENDED);
    let given = settings.filter_map(|input| Some((input.id, (input.access.quantity)(scenario, input)?)));
    given.filter(|(_, quantity)| !matches!(quantity, Quantity::None(..))).collect()
}
