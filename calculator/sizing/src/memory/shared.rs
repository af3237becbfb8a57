//! How much shared memory the server asks for when it starts.
//!
//! The model follows the server's source and comes within 2 % of what `shared_memory_size` says on `PostgreSQL` 15 to
//! 18, from 32 MB to 1 TB of `shared_buffers` and up to 100,000 connections.

use crate::choice::PgVersion;
use crate::memory::config::Config;

/// A page of a table, of the WAL and of the transaction status caches.
pub(super) const BLOCK: u64 = 8_192;
/// A huge page of x86-64.
pub(super) const HUGE_PAGE: u64 = 2 << 20;
/// Locks a transaction may hold on average, by default.
const LOCKS_PER_TRANSACTION: u64 = 64;
/// Blocks one asynchronous read may combine, by default.
const IO_COMBINE: u64 = 16;
/// Helper processes beside the backends, the most I/O workers included.
const AUXILIARY: u64 = 38;
/// One WAL file, by default.
const WAL_SEGMENT: u64 = 16 << 20;

fn sum(parts: &[u64]) -> u64 {
    parts.iter().copied().fold(0, u64::saturating_add)
}

/// Processes that may exist at once: connections, autovacuum and background workers, WAL senders, and the launchers.
pub(super) fn most_backends(pg: PgVersion, connections: u64, config: &Config) -> u64 {
    let (autovacuum, launchers) =
        if pg >= PgVersion::V18 { (config.autovacuum_slots, 2) } else { (config.autovacuum_workers, 1) };
    sum(&[connections, autovacuum, config.worker_processes, config.wal_senders, launchers])
}

/// The buffers: a page each, its descriptor, lock and checkpoint entry, and its place in the lookup table.
pub(super) fn buffers(shared_buffers: u64) -> u64 {
    let buffers = shared_buffers / BLOCK;
    let buckets = buffers.saturating_add(128).next_power_of_two();
    sum(&[buffers.saturating_mul(BLOCK + 64 + 16 + 20 + 40), buckets.saturating_mul(8), buckets / 32])
}

/// The lock tables: a lock and two holders for each of the locks all transactions together may have.
pub(super) fn locks(most_backends: u64) -> u64 {
    most_backends.saturating_mul(LOCKS_PER_TRANSACTION * 412)
}

/// What `wal_buffers = -1` becomes: a thirty-second of the buffers, between 8 blocks and one WAL segment.
pub(super) fn automatic_wal_buffers(shared_buffers: u64) -> u64 {
    (shared_buffers / BLOCK / 32 * BLOCK).clamp(8 * BLOCK, WAL_SEGMENT)
}

/// The caches of transaction status: a share of the buffers from 17, of fixed sizes before.
fn transaction_status(pg: PgVersion, shared_buffers: u64) -> u64 {
    let blocks = shared_buffers / BLOCK;
    if pg >= PgVersion::V17 {
        4 * BLOCK * (blocks / 512 / 16 * 16).clamp(16, 1_024)
    } else {
        BLOCK * ((blocks / 512).clamp(4, 128) + (blocks / 256).clamp(4, 256))
    }
}

/// The requests the checkpointer can keep.
fn checkpointer(pg: PgVersion, shared_buffers: u64) -> u64 {
    (shared_buffers / BLOCK).min(10_000_000) * if pg >= PgVersion::V17 { 32 } else { 24 }
}

/// The handles of asynchronous I/O, from 18.
pub(super) fn asynchronous_io(pg: PgVersion, shared_buffers: u64, most_backends: u64) -> u64 {
    if pg < PgVersion::V18 {
        return 0;
    }
    let processes = most_backends.saturating_add(AUXILIARY);
    let each = (shared_buffers / BLOCK / processes).clamp(1, 64);
    processes.saturating_mul(each * (24 * IO_COMBINE + 252))
}

/// Bytes of each process that may exist, beside its locks: its entry, predicate locks, status and messages.
const PER_BACKEND: u64 = 23_100;
/// What is always there.
const FIXED: u64 = 2 << 20;

/// All of it.
pub(super) fn total(pg: PgVersion, connections: u64, config: &Config) -> u64 {
    let most_backends = most_backends(pg, connections, config);
    sum(&[
        buffers(config.shared_buffers),
        automatic_wal_buffers(config.shared_buffers),
        locks(most_backends),
        most_backends.saturating_mul(PER_BACKEND),
        transaction_status(pg, config.shared_buffers),
        checkpointer(pg, config.shared_buffers),
        asynchronous_io(pg, config.shared_buffers, most_backends),
        FIXED,
    ])
}

/// Huge pages that hold so much: 2 % more than the model says, because with one too few none is used.
pub(super) fn huge_pages(total: u64) -> u64 {
    total.saturating_add(total / 50).div_ceil(HUGE_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;

    fn config(pg: PgVersion, shared_mib: u64) -> Config {
        let scenario = Scenario { pg, ..Scenario::default() };
        Config {
            shared_buffers: shared_mib << 20,
            worker_processes: 8,
            autovacuum_workers: 3,
            autovacuum_slots: 16,
            ..Config::with_room(&scenario).0
        }
    }

    #[test]
    fn parts_whose_bytes_are_known() {
        let near = |ours: u64, bytes: u64, percent: u64, reason: &str| {
            assert!(ours.abs_diff(bytes) * 100 <= bytes * percent, "{reason}: {ours} is not {bytes}");
        };
        assert_eq!(most_backends(PgVersion::V18, 100, &config(PgVersion::V18, 128)), 136, "100 + 16 + 8 + 10 + 2");
        near(buffers(128 << 20), 136_786_512, 1, "the buffer manager of 128 MB");
        near(locks(136), 3_588_217, 1, "the lock tables at the defaults");
        near(
            transaction_status(PgVersion::V17, 128 << 20) / 4,
            529_568 / 2,
            1,
            "the pages of CLOG, without their LSNs",
        );
        assert_eq!(24 * 16 * 64 * 174, 4_276_224, "I/O vectors and data at the defaults: 4.1 MiB");
        for (shared, wal, reason) in [
            (128 << 20, 4 << 20, "a thirty-second"),
            (512 << 20, 16 << 20, "one segment"),
            (16 << 30, 16 << 20, "never more than one segment"),
            (128 << 10, 8 * BLOCK, "never less than 8 blocks"),
        ] {
            assert_eq!(automatic_wal_buffers(shared), wal, "{reason}");
        }
    }

    /// `postgres -C shared_memory_size` and `-C shared_memory_size_in_huge_pages`, asked of real servers.
    #[test]
    fn what_servers_say() {
        use PgVersion::{V15, V16, V17, V18};
        let rows: &[(PgVersion, u64, u64, u64, u64)] = &[
            (V15, 128, 100, 143, 72),
            (V15, 32, 100, 41, 21),
            (V15, 512, 100, 551, 276),
            (V15, 2_048, 200, 2_125, 1_063),
            (V15, 16_384, 200, 16_776, 8_388),
            (V15, 16_384, 10_000, 17_245, 8_623),
            (V15, 131_072, 500, 133_845, 66_923),
            (V15, 1_048_576, 500, 1_068_828, 534_414),
            (V15, 128, 1_000, 184, 92),
            (V15, 128, 100_000, 4_813, 2_407),
            (V16, 16_384, 200, 16_776, 8_388),
            (V16, 128, 100_000, 4_807, 2_404),
            (V17, 128, 100, 143, 72),
            (V17, 32, 100, 42, 21),
            (V17, 512, 100, 551, 276),
            (V17, 2_048, 200, 2_139, 1_070),
            (V17, 16_384, 200, 16_821, 8_411),
            (V17, 16_384, 1_000, 16_857, 8_429),
            (V17, 131_072, 500, 133_950, 66_975),
            (V17, 1_048_576, 500, 1_068_933, 534_467),
            (V17, 128, 10_000, 617, 309),
            (V18, 128, 100, 150, 75),
            (V18, 32, 100, 45, 23),
            (V18, 512, 100, 558, 279),
            (V18, 2_048, 200, 2_149, 1_075),
            (V18, 16_384, 200, 16_830, 8_415),
            (V18, 16_384, 1_000, 16_896, 8_448),
            (V18, 16_384, 10_000, 17_620, 8_810),
            (V18, 131_072, 500, 133_970, 66_985),
            (V18, 128, 1_000, 197, 99),
            (V18, 128, 100_000, 4_918, 2_459),
        ];
        for (pg, shared, connections, megabytes, pages) in rows {
            let total = total(*pg, *connections, &config(*pg, *shared));
            let ours = total.div_ceil(1 << 20);
            let row = format!("{pg:?}, {shared} MB, {connections} connections");
            assert!(ours.abs_diff(*megabytes) <= (megabytes / 50).max(1), "{row}: {ours} is not {megabytes} MB");
            let huge = huge_pages(total);
            assert!(huge >= *pages && huge <= pages * 104 / 100 + 2, "{row}: {huge} huge pages for {pages}");
        }
    }
}
