//! The storage calculator's values.

use super::table::{MONTH, interval_days};
use super::{Storage, row};
use crate::choice::Partitioning;
use crate::input::DAY;
use crate::node::Cluster;
use crate::numbers::{Beside, Figure, Given, NumberRow, row as says};
use crate::quantity::{Days, Unit, approximate};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, POSTGRESQL, Source, TIMESCALEDB};

const HYPERTABLES: Source = source::OPTIMIZATION_GUIDE.at("Hypertable Configuration");
const COMPRESSION: Source = TIMESCALEDB.at("Compression");
const CHUNKS: Source = TIMESCALEDB.at("Sizing hypertable chunks");
const PARTITIONS: Source = source::SCALING_STRATEGIES.at("Table Partitioning");
const INDEXES: Source = POSTGRESQL.at("B-Tree, GiST, GIN, BRIN and Hash Indexes");
const WAL: Source = POSTGRESQL.at("WAL Configuration");
const SNAPSHOTS: Source = source::SECRET_MANAGEMENT.at("Backup and Restore");
/// Months the documents create partitions ahead.
const MONTHS_AHEAD: f64 = 3.0;

/// The documented storage cost of an index, and why it agrees or does not.
const fn cost(word: &'static str, why: &'static str) -> Beside {
    Beside {
        source: source::OPTIMIZATION_GUIDE.at("Index Types Overview"),
        formula: "storage cost",
        figure: Figure::Word(word),
        why,
    }
}

/// What compression is documented to take off.
const fn documented(share: f64, formula: &'static str) -> Beside {
    Beside {
        source: source::OPTIMIZATION_GUIDE.at("Compression"),
        formula,
        figure: Figure::Number(share),
        why: "said of a compressed chunk, not of the table",
    }
}

static ROWS: [NumberRow; 33] = [
    says(
        "storage.row_on_page",
        "A row on its page",
        Unit::Bytes,
        "8192 ÷ floor(8168 ÷ (tuple + 4)), tuple = 24 + row_bytes, aligned to 8; above 2,032 bytes out of line",
        POSTGRESQL.at("Database Page Layout; TOAST"),
        &["row_bytes", "tuple"],
    ),
    says(
        "storage.index.btree",
        "B-tree index, a row",
        Unit::Bytes,
        "(8 + index_key_bytes, aligned to 8, + 4) ÷ 0.69 for keys in random order, ÷ 0.9 in order",
        INDEXES,
        &["index_key_bytes"],
    )
    .beside(&[cost("Medium", "the key decides; equal keys share an entry and take less")]),
    says("storage.index.hash", "Hash index, a row", Unit::Bytes, "(16 + 4) ÷ 0.52", INDEXES, &[])
        .beside(&[cost("Low", "no less than a B-tree of uuids: only keys wider than 16 bytes are smaller as hashes")]),
    says(
        "storage.index.gin",
        "GIN index, a row",
        Unit::Bytes,
        "gin_keys × 11, measured on JSON of five fields, one of them unique",
        INDEXES,
        &["gin_keys"],
    )
    .beside(&[cost("High", "it grows with the keys of a row; those that repeat take 4 bytes, unique ones 80")]),
    says(
        "storage.index.gist",
        "GiST index, a row",
        Unit::Bytes,
        "(8 + 2 × index_key_bytes + 4) ÷ 0.66: an entry is a box around the key",
        INDEXES,
        &["index_key_bytes"],
    )
    .beside(&[cost("Medium", "half as much again as a B-tree: boxes are twice as wide as keys")]),
    says(
        "storage.index.brin",
        "BRIN index, a row",
        Unit::Bytes,
        "(8 + 2 × index_key_bytes + 4) for 128 pages of the table",
        INDEXES,
        &["index_key_bytes"],
    )
    .beside(&[cost("Very low", "one entry for 1 MiB of the table")]),
    says(
        "storage.indexes_per_row",
        "A row in all indexes",
        Unit::Bytes,
        "indexes of each kind × their bytes a row",
        HEADROOM,
        &["btree_indexes", "hash_indexes", "gin_indexes", "gist_indexes", "brin_indexes"],
    ),
    says(
        "storage.raw_per_day",
        "Data a day",
        Unit::Bytes,
        "rows_per_day × row_bytes",
        HEADROOM,
        &["rows_per_day", "row_bytes"],
    ),
    says(
        "storage.per_day",
        "On disk a day",
        Unit::Bytes,
        "rows_per_day × (storage.row_on_page + storage.indexes_per_row)",
        HEADROOM,
        &["rows_per_day", "storage.row_on_page", "storage.indexes_per_row"],
    ),
    says(
        "storage.after_a_year",
        "Growing table after a year",
        Unit::Bytes,
        "rows of a year × bytes a row, less what is removed and what compression takes off",
        HEADROOM,
        &["rows_per_day", "rows_today", "retention_days", "bytes a row"],
    ),
    says(
        "storage.rows",
        "Rows of the growing table",
        Unit::Count,
        "rows_today + rows_per_day × days, at most those of retention_days and one partition more; a year without \
         retention",
        HEADROOM,
        &["rows_today", "rows_per_day", "retention_days", "days"],
    ),
    says(
        "storage.compressed_rows",
        "Rows compressed",
        Unit::Count,
        "rows older than compression_after_days and one chunk",
        COMPRESSION,
        &["compression_after_days", "chunk_hours"],
    ),
    says(
        "storage.compressed",
        "Size of the compressed chunks",
        Unit::Bytes,
        "storage.compressed_rows × bytes a row × (1 − compression_share)",
        COMPRESSION,
        &["storage.compressed_rows", "bytes a row", "compression_share"],
    ),
    says(
        "storage.compression",
        "Compression takes off the whole table",
        Unit::Share,
        "compression_share of the chunks older than compression_after_days; the newer ones stay as they are",
        COMPRESSION,
        &["compression_share", "compression_after_days", "retention_days", "chunk_hours"],
    )
    .beside(&[documented(0.9, "90 %, the least"), documented(0.95, "95 %, the most")]),
    says(
        "storage.table",
        "Growing table with its indexes",
        Unit::Bytes,
        "storage.rows × bytes a row, less what compression takes off",
        HEADROOM,
        &["storage.rows", "bytes a row"],
    ),
    says(
        "storage.partition_rows",
        "Rows of a month's partition",
        Unit::Count,
        "rows_per_day × 30.4375",
        PARTITIONS,
        &["rows_per_day"],
    ),
    says(
        "storage.partition",
        "A month's partition with its indexes",
        Unit::Bytes,
        "storage.per_day × 30.4375",
        PARTITIONS,
        &["storage.per_day"],
    ),
    says(
        "storage.partitions",
        "Monthly partitions",
        Unit::Count,
        "months kept + the current one + 3 ahead; of a year where nothing is removed",
        PARTITIONS,
        &["months kept"],
    )
    .beside(&[Beside {
        source: PARTITIONS,
        formula: "12 months kept + 3 ahead",
        figure: Figure::Number(15.0),
        why: "leaves out the current month; its code drops after 365 × 24 h, in a leap year a day before 12 months",
    }]),
    says(
        "storage.days_until_large",
        "Until partitioning is called for",
        Unit::Days,
        "(100M − rows_today) ÷ rows_per_day, with what retention removes",
        PARTITIONS,
        &["rows_today", "rows_per_day", "retention_days"],
    )
    .or("never"),
    says(
        "storage.chunk_interval",
        "Chunk interval, in hours",
        Unit::Count,
        "the longest of 168, 24 and 1 whose rows and indexes fit ram ÷ 4",
        HYPERTABLES,
        &["ram", "storage.per_day"],
    )
    .or("not even an hour fits")
    .beside(&[
        Beside {
            source: HYPERTABLES,
            formula: "1 day for moderate, 1 hour for high, 7 days for low volume",
            figure: Figure::Number(24.0),
            why: "names no volumes: memory decides what is high",
        },
        Beside {
            source: CHUNKS,
            formula: "indexes of the newest chunk within a quarter of memory",
            figure: Figure::Given("interval of the indexes"),
            why: "counts the indexes alone: rows are appended and need not stay in memory to be written",
        },
    ]),
    says(
        "storage.chunk_hours_at_most",
        "Hours that fit",
        Unit::Count,
        "ram ÷ 4 ÷ (storage.per_day ÷ 24), rounded down",
        CHUNKS,
        &["ram", "storage.per_day"],
    ),
    says(
        "storage.chunk",
        "A chunk with its indexes",
        Unit::Bytes,
        "storage.per_day ÷ 24 × chunk_hours",
        CHUNKS,
        &["storage.per_day", "chunk_hours"],
    ),
    says("storage.chunk_limit", "A quarter of memory", Unit::Bytes, "ram ÷ 4", CHUNKS, &["ram"]),
    says(
        "storage.chunks",
        "Chunks",
        Unit::Count,
        "days kept × 24 ÷ chunk_hours, rounded up, + the one that is older in part",
        CHUNKS,
        &["days kept", "chunk_hours"],
    ),
    says(
        "storage.rows_written",
        "Rows written at peak",
        Unit::PerSecond,
        "larger of rate × queries_per_request × (1 − read_share) and rows_per_day ÷ 86,400 × peak_factor",
        HEADROOM,
        &["rate", "queries_per_request", "read_share", "rows_per_day", "peak_factor"],
    ),
    says(
        "storage.wal_rate",
        "WAL at peak",
        Unit::BytesPerSecond,
        "storage.rows_written × record + 40 a commit + page images",
        WAL,
        &["storage.rows_written", "record", "page images"],
    ),
    says(
        "storage.wal_images",
        "Page images among it",
        Unit::Share,
        "pages × (1 − e^(−changes ÷ pages)) × content × 50 %, every checkpoint interval: a page of the current \
         partition is written whole at its first change after a checkpoint, and wal_compression leaves half: assumed",
        POSTGRESQL.at("full_page_writes"),
        &["checkpoint interval", "random_keys", "database_bytes"],
    ),
    says(
        "storage.wal_kept",
        "WAL kept on disk, and the max_wal_size it takes",
        Unit::Bytes,
        "storage.wal_rate × checkpoint interval × 1.9",
        WAL,
        &["storage.wal_rate", "checkpoint interval"],
    )
    .beside(&[Beside {
        source: source::OPTIMIZATION_GUIDE.at("Critical Settings"),
        formula: "max_wal_size = 4GB",
        figure: Figure::Number(4_294_967_296.0),
        why: "the same for every rate of writing; below what is needed, checkpoints come sooner and write more images",
    }]),
    says(
        "storage.wal_per_day",
        "WAL a day",
        Unit::Bytes,
        "WAL at the day's average rate × 86,400",
        WAL,
        &["peak_factor"],
    ),
    says(
        "storage.backups",
        "Backups kept",
        Unit::Bytes,
        "base backups × data + (recovery_days + base_backup_days) × storage.wal_per_day, before compression",
        POSTGRESQL.at("Continuous Archiving and Point-in-Time Recovery"),
        &["base backups", "data", "recovery_days", "base_backup_days", "storage.wal_per_day"],
    )
    .beside(&[Beside {
        source: source::OPTIMIZATION_GUIDE.at("Backup Strategy"),
        formula: "one pg_dump: the data without its indexes",
        figure: Figure::Given("dump"),
        why: "restores the moment it began and no other point in time, and builds every index anew",
    }]),
    says(
        "storage.disk_needed",
        "Disk needed",
        Unit::Bytes,
        "data + storage.wal_kept",
        HEADROOM,
        &["data", "storage.wal_kept"],
    ),
    says(
        "storage.disk_use",
        "Use of the disk",
        Unit::Share,
        "storage.disk_needed ÷ disk",
        HEADROOM,
        &["storage.disk_needed", "disk"],
    ),
    says(
        "storage.days_until_full",
        "Until the disk is full",
        Unit::Days,
        "the first day on which data and storage.wal_kept exceed it",
        HEADROOM,
        &["disk", "rows_per_day", "retention_days"],
    )
    .or("never"),
];

/// The longest documented chunk interval, in hours, in which so many bytes a day fit: 7 days, 1 day or 1 hour.
fn documented_interval(quarter: f64, per_day: f64) -> f64 {
    [168.0, 24.0, 1.0].into_iter().find(|hours| per_day / 24.0 * hours <= quarter).unwrap_or(f64::INFINITY)
}

/// All of them, in the order to show them.
pub(super) fn values(storage: &Storage<'_>, sheet: &mut Sheet<'_>) {
    let scenario = storage.scenario;
    let table = storage.table.as_ref();
    let per_day = scenario.rows_per_day.map(|rows| approximate(rows.get()));
    // What is said of the table, of its growth, of partitions, of chunks, of a hypertable and of its compression.
    let of_table = |number: f64| table.map(|_| number);
    let growing = |number: f64| per_day.map(|_| number);
    let monthly = |number: f64| growing(number).filter(|_| scenario.partitioning != Partitioning::Hypertable);
    let chunk = |number: f64| growing(number).filter(|_| scenario.partitioning != Partitioning::Monthly);
    let hyper = |number: f64| growing(number).filter(|_| scenario.partitioning == Partitioning::Hypertable);
    let compressed = |number: f64| {
        let is_compressed = scenario.compression_after_days.is_some();
        of_table(number).filter(|_| is_compressed && scenario.partitioning == Partitioning::Hypertable)
    };
    let day = |day: Option<u64>| day.map_or(f64::INFINITY, approximate);

    let horizon = storage.horizon();
    let of = |what: fn(&super::Table, f64) -> f64, months: f64| table.map_or(0.0, |table| what(table, months));
    let rows = of(|table, months| table.rows(months, 0.0), horizon);
    let compressed_rows = of(|table, months| table.compressed_rows(months, 0.0), horizon);
    let bytes = |months| of(|table, months| table.bytes(months, 0.0), months);
    let each = storage.heap + storage.index;
    let taken = if rows > 0.0 { 1.0 - bytes(horizon) / (rows * each) } else { 0.0 };
    let written = storage.bytes_per_day();
    let quarter = storage.quarter();
    let kept = approximate(scenario.retention_days.unwrap_or(Days(365)).get());
    let months = libm::ceil(kept / MONTH);

    let wal = storage.peak_wal;
    let data = storage.data_needed().map(|bytes| approximate(bytes.get()));
    let needed = storage.disk_needed().map(|bytes| approximate(bytes.get()));
    let disk = needed.and(scenario.disk);

    let given: [Given; 12] = [
        ("tuple", Unit::Bytes, approximate(row::tuple(scenario.row_bytes.get()))),
        ("bytes a row", Unit::Bytes, each),
        ("days", Unit::Days, libm::ceil(horizon * MONTH)),
        ("months kept", Unit::Count, months),
        ("days kept", Unit::Days, kept),
        ("interval of the indexes", Unit::Count, documented_interval(quarter, storage.index * per_day.unwrap_or(0.0))),
        ("record", Unit::Bytes, storage.writing.record),
        ("page images", Unit::BytesPerSecond, wal.images),
        ("checkpoint interval", Unit::Millis, storage.writing.interval * 1_000.0),
        ("base backups", Unit::Count, approximate(storage.base_backups())),
        ("data", Unit::Bytes, data.unwrap_or_default()),
        ("dump", Unit::Bytes, data.unwrap_or_default() * storage.heap / each),
    ];
    let [btree, hash, gin, gist, brin] = &storage.indexes;
    let index = |index: &row::Index| of_table(libm::ceil(index.bytes));
    let numbers = [
        of_table(storage.heap),
        index(btree),
        index(hash),
        index(gin),
        index(gist),
        index(brin),
        of_table(storage.index),
        growing(per_day.unwrap_or_default() * approximate(scenario.row_bytes.get())),
        growing(written),
        growing(bytes(12.0)),
        of_table(rows),
        compressed(compressed_rows),
        compressed(table.map_or(0.0, |table| table.compressed_bytes(horizon))),
        compressed(taken),
        of_table(bytes(horizon)),
        monthly(per_day.unwrap_or_default() * MONTH),
        monthly(written * MONTH),
        monthly(months + 1.0 + MONTHS_AHEAD),
        monthly(day(storage.days_until_large())),
        chunk(documented_interval(quarter, written)),
        chunk(approximate(storage.chunk_hours())),
        hyper(storage.chunk_bytes()),
        hyper(quarter),
        hyper(libm::ceil(kept / interval_days(scenario)) + 1.0),
        Some(storage.writing.rate()),
        Some(wal.rate),
        Some(if wal.rate > 0.0 { wal.images / wal.rate } else { 0.0 }),
        Some(storage.wal_kept),
        Some(storage.wal_per_day()),
        data.map(|data| storage.backups(data)),
        needed,
        disk.zip(needed).map(|(disk, needed)| needed / approximate(disk.get())),
        disk.map(|disk| day(storage.days_until_full(disk))),
    ];
    sheet.numbers(&ROWS, &numbers, &given);
}

static OF_SECRETS: [NumberRow; 2] = [
    says(
        "storage.snapshots",
        "Snapshots kept",
        Unit::Count,
        "snapshot_days ÷ snapshot_interval_ms",
        SNAPSHOTS,
        &["snapshot_days", "snapshot_interval_ms"],
    )
    .or("no interval"),
    says(
        "storage.snapshot_bytes",
        "Snapshots in all",
        Unit::Bytes,
        "storage.snapshots × secret_storage, at most what the secrets can weigh, secrets × 10 MiB: each is a full copy",
        SNAPSHOTS,
        &["storage.snapshots", "secret_storage", "secrets"],
    )
    .or("no interval"),
];

/// Bytes of one snapshot of the secret store: the planned storage, but no more than its secrets can weigh.
pub(crate) fn snapshot(scenario: &Scenario) -> Option<f64> {
    let planned = approximate(scenario.secret_storage?.get());
    let heaviest = approximate(scenario.secrets.get()) * approximate(Cluster::heaviest_secret().get());
    Some(if heaviest > 0.0 { planned.min(heaviest) } else { planned })
}

/// Snapshots of the secret store.
pub(crate) fn snapshots(scenario: &Scenario, sheet: &mut Sheet<'_>) {
    let kept = approximate(scenario.snapshot_days.get()) * DAY * 1_000.0 / scenario.snapshot_interval_ms.get();
    let kept = libm::ceil(kept);
    let size = snapshot(scenario).map(|size| size * kept);
    sheet.numbers(&OF_SECRETS, &[Some(kept), size], &[]);
}
