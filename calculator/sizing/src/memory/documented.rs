//! What the documents recommend, scaled from their one machine to any: a size as a share of its memory, all else as it
//! is written.

use crate::Scenario;
use crate::choice::{Disk, PgVersion};
use crate::memory::machine::{GIB, MIB};
use crate::memory::published::Says::{By, Is, Of};
use crate::memory::published::{AT_MOST_64, Published, rule};
use crate::memory::set::Set;

const SAME_SHARE: &str =
    "The same share. Ours is smaller below 1 GiB, on a desktop, and where all data is smaller than the cache.";
const CACHE: &str = "The share ignores what connections use at peak; ours is what the budget leaves to caches.";
const WORKERS: &str =
    "Fixed, whatever the cores. Ours follows them: more workers than cores only share the same processors.";
const SPREAD: &str = "Agrees: checkpoints spread over nearly all the time to the next.";

/// Database Scaling Strategies, for 64 GB.
pub(super) const STRATEGIES: &[Published] = &[
    rule("shared_buffers", "ram ÷ 4", SAME_SHARE, Of(1, 4)),
    rule("effective_cache_size", "ram × 3 ÷ 4", CACHE, Of(3, 4)),
    rule(
        "work_mem",
        "256 MB of 64 GB: ram ÷ 256",
        "A share of memory that knows no connections. Each may take it several times, and hashes take twice as much.",
        Of(1, 256),
    ),
    rule(
        "maintenance_work_mem",
        "2 GB of 64 GB: ram ÷ 32",
        "Ours is a sixteenth up to 2 GB, where this rule ends on its own machine; before 17 vacuum uses 1 GB at most.",
        Of(1, 32),
    ),
    rule(
        "wal_buffers",
        "64 MB",
        "The server's own choice is one WAL segment; a larger buffer is flushed at every commit all the same.",
        Is(Set::Bytes(64 * MIB)),
    ),
    rule("max_wal_size", "4 GB", "One size for all; ours grows with how much is written.", Is(Set::Bytes(4 * GIB))),
    rule("checkpoint_completion_target", "0.9", SPREAD, Is(Set::Real(0.9))),
    rule("max_parallel_workers", "8", WORKERS, Is(Set::Count(8))),
    rule("max_parallel_workers_per_gather", "4", WORKERS, Is(Set::Count(4))),
    rule("max_parallel_maintenance_workers", "4", WORKERS, Is(Set::Count(4))),
];

const AS_DOCUMENTED: &str = "Agrees.";
const VACUUM_EARLIER: &str = "Agrees up to 100 GiB of data; beyond, even a tenth of a table is too much to wait for.";

fn concurrency(scenario: &Scenario) -> Set {
    Set::Count(if scenario.storage == Disk::Hdd { 2 } else { 200 })
}

/// Database Optimization Guide, for 8 GB.
pub(super) const GUIDE: &[Published] = &[
    rule("max_connections", "200", "For its own four pods; ours is what the server is set to.", Is(Set::Count(200))),
    rule("superuser_reserved_connections", "3", AS_DOCUMENTED, Is(Set::Count(3))),
    rule("shared_buffers", "ram ÷ 4", SAME_SHARE, Of(1, 4)),
    rule("effective_cache_size", "ram × 3 ÷ 4", CACHE, Of(3, 4)),
    rule(
        "work_mem",
        "16 MB of 8 GB: ram ÷ 512",
        "A share of memory that knows no connections: its 200 could take 12.5 GiB with two hashes each, of 8.",
        Of(1, 512),
    ),
    rule("temp_buffers", "8 MB", AS_DOCUMENTED, Is(Set::Bytes(8 * MIB))),
    rule(
        "maintenance_work_mem",
        "512 MB of 8 GB: ram ÷ 16",
        "The same share; ours ends at 2 GB (8 GB in a warehouse, 1 GB before 17).",
        Of(1, 16),
    ),
    rule("wal_level", "replica", AS_DOCUMENTED, Is(Set::Word("replica"))),
    rule(
        "wal_buffers",
        "16 MB",
        "Agrees from 512 MB of shared_buffers on. Written down it stays when shared_buffers changes; -1 follows.",
        Is(Set::Bytes(16 * MIB)),
    ),
    rule("max_wal_size", "4 GB", "One size for all; ours grows with how much is written.", Is(Set::Bytes(4 * GIB))),
    rule("min_wal_size", "1 GB", "A quarter of max_wal_size too.", Is(Set::Bytes(GIB))),
    rule("checkpoint_completion_target", "0.9", SPREAD, Is(Set::Real(0.9))),
    rule(
        "random_page_cost",
        "1.1, on hard disks 4",
        "Agrees, unless all data fits into memory: then no disk is asked.",
        By(|s| Some(Set::Real(if s.storage == Disk::Hdd { 4.0 } else { 1.1 }))),
    ),
    rule(
        "effective_io_concurrency",
        "200, on hard disks 2",
        "Agrees with SSD and hard disks; NVMe and a SAN can serve more at once.",
        By(|s| (s.pg < PgVersion::V18).then(|| concurrency(s))),
    ),
    rule(
        "effective_io_concurrency",
        "200, on hard disks 2",
        AT_MOST_64,
        By(|s| (s.pg >= PgVersion::V18).then(|| concurrency(s))),
    ),
    rule("default_statistics_target", "100", "Agrees, except for warehouses.", Is(Set::Count(100))),
    rule(
        "jit",
        "on",
        "Compiling costs short queries more than it saves; ours is on in warehouses only.",
        Is(Set::Word("on")),
    ),
    rule(
        "max_worker_processes",
        "8",
        "As many as parallel workers: nothing is left for logical replication and extensions. Ours adds 4.",
        Is(Set::Count(8)),
    ),
    rule("max_parallel_workers", "8", WORKERS, Is(Set::Count(8))),
    rule("max_parallel_workers_per_gather", "4", WORKERS, Is(Set::Count(4))),
    rule("autovacuum", "on", AS_DOCUMENTED, Is(Set::Word("on"))),
    rule("autovacuum_max_workers", "3", "Agrees below 16 cores.", Is(Set::Count(3))),
    rule("autovacuum_naptime", "1 min", AS_DOCUMENTED, Is(Set::Millis(60_000))),
    rule("autovacuum_vacuum_scale_factor", "0.1", VACUUM_EARLIER, Is(Set::Real(0.1))),
    rule("autovacuum_analyze_scale_factor", "0.05", VACUUM_EARLIER, Is(Set::Real(0.05))),
    rule(
        "logging_collector",
        "on",
        "Agrees; in a container the runtime collects what is written to stderr.",
        Is(Set::Word("on")),
    ),
    rule(
        "log_directory",
        "/var/log/postgresql",
        "A directory the server may not write to keeps it from starting; ours lies in the data directory.",
        Is(Set::Word("/var/log/postgresql")),
    ),
    rule("log_filename", "one file a day", AS_DOCUMENTED, Is(Set::Word("postgresql-%Y-%m-%d.log"))),
    rule("log_rotation_age", "1 day", AS_DOCUMENTED, Is(Set::Millis(86_400_000))),
    rule("log_rotation_size", "100 MB", AS_DOCUMENTED, Is(Set::Bytes(100 * MIB))),
    rule(
        "log_line_prefix",
        "with %t",
        "%m has the milliseconds that %t leaves out.",
        Is(Set::Word("%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ")),
    ),
    rule("log_min_duration_statement", "1 s", AS_DOCUMENTED, Is(Set::Millis(1_000))),
    rule("log_checkpoints", "on", AS_DOCUMENTED, Is(Set::Word("on"))),
    rule("log_connections", "on", AS_DOCUMENTED, Is(Set::Word("on"))),
    rule("log_disconnections", "on", AS_DOCUMENTED, Is(Set::Word("on"))),
    rule("log_lock_waits", "on", AS_DOCUMENTED, Is(Set::Word("on"))),
    rule("log_temp_files", "0", AS_DOCUMENTED, Is(Set::Bytes(0))),
    rule(
        "log_autovacuum_min_duration",
        "0",
        "Every run is noise; those of more than a second are news.",
        Is(Set::Millis(0)),
    ),
    rule(
        "shared_preload_libraries",
        "pg_stat_statements",
        "It comes with the contrib package: without it the server does not start. A hypertable needs timescaledb, too.",
        Is(Set::Word("pg_stat_statements")),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::published::says;
    use crate::quantity::Bytes;

    #[test]
    fn on_their_own_machines() {
        let strategies = Scenario { ram: Bytes::gib(64), ..Scenario::default() };
        let guide = Scenario { ram: Bytes::gib(8), ..Scenario::default() };
        for (setting, document, set) in [
            ("shared_buffers", STRATEGIES, Set::Bytes(16 * GIB)),
            ("effective_cache_size", STRATEGIES, Set::Bytes(48 * GIB)),
            ("work_mem", STRATEGIES, Set::Bytes(256 * MIB)),
            ("maintenance_work_mem", STRATEGIES, Set::Bytes(2 * GIB)),
            ("shared_buffers", GUIDE, Set::Bytes(2 * GIB)),
            ("effective_cache_size", GUIDE, Set::Bytes(6 * GIB)),
            ("work_mem", GUIDE, Set::Bytes(16 * MIB)),
            ("maintenance_work_mem", GUIDE, Set::Bytes(512 * MIB)),
        ] {
            let scenario = if std::ptr::eq(document, STRATEGIES) { &strategies } else { &guide };
            assert_eq!(says(document, setting, scenario), Some(set), "{setting}");
        }
    }
}
