//! `timescaledb-tune`'s rules for Linux, restated from its published source of release 0.19.

use crate::Scenario;
use crate::choice::PgVersion;
use crate::memory::machine::{GIB, MIB};
use crate::memory::published::Says::{By, Is, Of};
use crate::memory::published::{AT_MOST_64, Published, rule};
use crate::memory::set::Set;
use crate::quantity::{approximate, floor};

/// What its own background workers need.
const BACKGROUND_WORKERS: u64 = 16;

fn gibibytes(scenario: &Scenario) -> f64 {
    approximate(scenario.server_memory()) / approximate(GIB)
}

/// Half of the cores, half away from zero.
fn halved_cores(scenario: &Scenario) -> u64 {
    scenario.cpus.get().div_ceil(2)
}

/// From two cores on.
fn parallel(scenario: &Scenario, count: u64) -> Option<Set> {
    (scenario.cpus.get() > 1).then_some(Set::Count(count))
}

/// Whole kB.
fn whole_kib(bytes: f64) -> Set {
    Set::Bytes(floor(bytes) >> 10 << 10)
}

const WAL_DISK: &str =
    "Without the size of a WAL disk it stays at the server's default; ours goes by how much is written.";

/// All of them, without the profiles for one product.
pub(super) const RULES: &[Published] = &[
    rule("shared_buffers", "ram ÷ 4", "The same share; ours is smaller below 1 GiB and on a desktop.", Of(1, 4)),
    rule(
        "effective_cache_size",
        "ram × 3 ÷ 4",
        "The share ignores what connections use at peak; ours is what the budget leaves to caches.",
        Of(3, 4),
    ),
    rule(
        "work_mem",
        "GiB × (400 MB ÷ max_connections) ÷ (cpus ÷ 2, rounded)",
        "It divides by cores, because parallel workers take it too, but counts neither several nodes of a query nor \
         hash_mem_multiplier.",
        By(|s| {
            let each = 400.0 * approximate(MIB) / approximate(s.connection_limit().max(1));
            Some(whole_kib((gibibytes(s) * each / approximate(halved_cores(s).max(1))).max(65_536.0)))
        }),
    ),
    rule(
        "maintenance_work_mem",
        "128 MB a GiB, at most 2047 MB",
        "Twice our share: an eighth of memory for one session, and each autovacuum worker takes it too.",
        By(|s| Some(Set::Bytes((s.server_memory() / 8).min(2_047 * MIB)))),
    ),
    rule(
        "wal_buffers",
        "7864 kB a GiB below 2 GiB, else 16 MB",
        "The server's own rule is 1/32 of shared_buffers. Written down it stays when they change; -1 follows.",
        By(|s| {
            let kib = gibibytes(s) * 7_864.0;
            Some(if s.server_memory() < 2 * GIB { whole_kib(kib * 1_024.0) } else { Set::Bytes(16 * MIB) })
        }),
    ),
    rule("max_wal_size", "1 GB without a WAL disk's size", WAL_DISK, Is(Set::Bytes(GIB))),
    rule("min_wal_size", "max_wal_size ÷ 2", WAL_DISK, Is(Set::Bytes(GIB / 2))),
    rule("checkpoint_completion_target", "0.9", "Agrees.", Is(Set::Real(0.9))),
    rule("random_page_cost", "1.1", "It knows no hard disks.", Is(Set::Real(1.1))),
    rule(
        "effective_io_concurrency",
        "256",
        "One number for all storage. Ours goes by what the storage serves at once.",
        By(|s| (s.pg < PgVersion::V18).then_some(Set::Count(256))),
    ),
    rule("effective_io_concurrency", "256", AT_MOST_64, By(|s| (s.pg >= PgVersion::V18).then_some(Set::Count(256)))),
    rule("default_statistics_target", "100", "Agrees, except for warehouses.", Is(Set::Count(100))),
    rule("jit", "off", "Agrees, except for warehouses.", Is(Set::Word("off"))),
    rule(
        "max_worker_processes",
        "3 + 16 background workers + cpus",
        "TimescaleDB's jobs need 16 of them; ours counts none of its jobs.",
        By(|s| parallel(s, s.cpus.get() + 3 + BACKGROUND_WORKERS)),
    ),
    rule("max_parallel_workers", "cpus", "Agrees.", By(|s| parallel(s, s.cpus.get()))),
    rule(
        "max_parallel_workers_per_gather",
        "cpus ÷ 2, rounded",
        "For few large queries. Where many run at once, helpers are taken from other connections' work.",
        By(|s| parallel(s, halved_cores(s))),
    ),
    rule(
        "autovacuum_max_workers",
        "10",
        "For a hypertable's many chunks. All workers share one cost limit: more of them are not faster.",
        Is(Set::Count(10)),
    ),
    rule(
        "autovacuum_naptime",
        "10 s",
        "For tables that grow all the time, with chunks that come and go.",
        Is(Set::Millis(10_000)),
    ),
    rule(
        "max_locks_per_transaction",
        "128; from 8 GiB 256, 16 GiB 512, 32 GiB 1024",
        "Every chunk a query touches is locked. Ours knows no hypertables.",
        By(|s| {
            Some(Set::Count(match s.server_memory() / GIB {
                32.. => 1_024,
                16.. => 512,
                8.. => 256,
                _ => 128,
            }))
        }),
    ),
    rule(
        "default_toast_compression",
        "lz4",
        "A server built without lz4 refuses it and does not start.",
        Is(Set::Word("lz4")),
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
        let rows: &[(&str, &str, Option<Set>, &str)] = &[
            ("shared_buffers", "ram=10GB", Some(Set::Bytes(2_560 * MIB)), "a quarter"),
            ("effective_cache_size", "ram=12GB", Some(Set::Bytes(9 * GIB)), "three quarters"),
            ("maintenance_work_mem", "ram=6GB", Some(Set::Bytes(768 * MIB)), "an eighth"),
            ("maintenance_work_mem", "ram=32GB", Some(Set::Bytes(2_047 * MIB)), "at most"),
            ("work_mem", "ram=8GB cpus=4 max_connections=100", Some(Set::Bytes(16 * MIB)), "8 GiB and 4 cores"),
            ("work_mem", "ram=8GB cpus=1 max_connections=100", Some(Set::Bytes(32 * MIB)), "one core"),
            ("work_mem", "ram=1GB cpus=64 max_connections=20000", Some(Set::Bytes(64 << 10)), "never below 64 kB"),
            ("max_worker_processes", "cpus=4", Some(Set::Count(23)), "3 + 16 + 4"),
            ("max_worker_processes", "cpus=1", None, "from two cores on"),
            ("max_parallel_workers_per_gather", "cpus=5", Some(Set::Count(3)), "half away from zero"),
            ("wal_buffers", "ram=1GB", Some(Set::Bytes(7_864 << 10)), "below 2 GiB"),
            ("wal_buffers", "ram=2GB", Some(Set::Bytes(16 * MIB)), "from 2 GiB on"),
            ("max_locks_per_transaction", "ram=4GB", Some(Set::Count(128)), "below 8 GiB"),
            ("max_locks_per_transaction", "ram=16GB", Some(Set::Count(512)), "from 16 GiB on"),
        ];
        for (setting, inputs, expected, reason) in rows {
            assert_eq!(says(RULES, setting, &scenario(inputs)), *expected, "{setting} {inputs}: {reason}");
        }
    }
}
