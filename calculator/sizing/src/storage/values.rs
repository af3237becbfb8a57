//! The storage calculator's values.

use super::table::{MONTH, Table, bytes, count, interval_days};
use super::{LARGE, Storage, row};
use crate::choice::Partitioning;
use crate::quantity::{Bytes, BytesPerSecond, Count, Days, Millis, Quantity, Share, Unit, approximate, ceiling};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, POSTGRESQL, TIMESCALEDB};

/// Where the documents speak of hypertables.
const HYPERTABLES: source::Source = source::OPTIMIZATION_GUIDE.at("Hypertable Configuration");
/// Where the documents speak of partitions.
const PARTITIONS: source::Source = source::SCALING_STRATEGIES.at("Table Partitioning");
/// Months the documents keep partitions for, and create them ahead.
const MONTHS_AHEAD: u64 = 3;

/// All of them, in the order to show them.
pub(super) fn values(storage: &Storage<'_>, sheet: &mut Sheet<'_>) {
    if let Some(table) = &storage.table {
        rows(storage, sheet);
        size(storage, table, sheet);
        if storage.scenario.rows_per_day.is_some() {
            if storage.scenario.partitioning != Partitioning::Hypertable {
                partitions(storage, sheet);
            }
            if storage.scenario.partitioning != Partitioning::Monthly {
                chunks(storage, sheet);
            }
        }
    }
    wal(storage, sheet);
    disk(storage, sheet);
}

fn rows(storage: &Storage<'_>, sheet: &mut Sheet<'_>) {
    let scenario = storage.scenario;
    sheet
        .value("storage.row_on_page", "A row on its page", bytes(storage.heap).into())
        .is(
            "8192 ÷ floor(8168 ÷ (tuple + 4)), tuple = 24 + row_bytes, aligned to 8; above 2,032 bytes out of line",
            POSTGRESQL.at("Database Page Layout; TOAST"),
        )
        .inputs(&["row_bytes"])
        .with("tuple", bytes(approximate(row::tuple(scenario.row_bytes.get()))).into());
    for index in &storage.indexes {
        sheet
            .value(index.id, index.name, Bytes(ceiling(index.bytes)).into())
            .is(index.formula, POSTGRESQL.at("B-Tree, GiST, GIN, BRIN and Hash Indexes"))
            .inputs(&["index_key_bytes", "gin_keys"])
            .rule(
                source::OPTIMIZATION_GUIDE.at("Index Types Overview"),
                "storage cost",
                Quantity::Name(index.documented.to_owned()),
                index.why,
            );
    }
    sheet
        .value("storage.indexes_per_row", "A row in all indexes", bytes(storage.index).into())
        .is("indexes of each kind × their bytes a row", HEADROOM)
        .inputs(&["btree_indexes", "hash_indexes", "gin_indexes", "gist_indexes", "brin_indexes"]);
}

fn size(storage: &Storage<'_>, table: &Table, sheet: &mut Sheet<'_>) {
    let scenario = storage.scenario;
    let row = bytes(storage.heap + storage.index);
    let horizon = table.horizon();
    if let Some(per_day) = scenario.rows_per_day {
        let raw = approximate(per_day.get()) * approximate(scenario.row_bytes.get());
        sheet
            .value("storage.raw_per_day", "Data a day", bytes(raw).into())
            .is("rows_per_day × row_bytes", HEADROOM)
            .inputs(&["rows_per_day", "row_bytes"]);
        sheet
            .value("storage.per_day", "On disk a day", bytes(storage.bytes_per_day()).into())
            .is("rows_per_day × (storage.row_on_page + storage.indexes_per_row)", HEADROOM)
            .inputs(&["rows_per_day"])
            .with("storage.row_on_page", bytes(storage.heap).into())
            .with("storage.indexes_per_row", bytes(storage.index).into());
        sheet
            .value("storage.after_a_year", "Growing table after a year", bytes(table.bytes(12.0, 1.0)).into())
            .is("rows of a year, older ones removed and compressed as set up, × bytes a row", HEADROOM)
            .inputs(&["rows_per_day", "rows_today", "retention_days"])
            .with("bytes a row", row.into());
    }
    sheet
        .value("storage.rows", "Rows of the growing table", count(table.rows(horizon, 1.0)).into())
        .is(
            "rows_today + rows_per_day × days, at most those of retention_days and one partition more; a year without \
             retention",
            HEADROOM,
        )
        .inputs(&["rows_today", "rows_per_day", "retention_days"])
        .with("days", Days(ceiling(horizon * MONTH)).into());
    if scenario.compression_after_days.is_some() && scenario.partitioning == Partitioning::Hypertable {
        sheet
            .value("storage.compressed_rows", "Rows compressed", count(table.compressed_rows(horizon, 1.0)).into())
            .is("rows older than compression_after_days and one chunk", TIMESCALEDB.at("Compression"))
            .inputs(&["compression_after_days", "chunk_hours"]);
        let compressed = table.compressed_bytes(horizon);
        sheet
            .value("storage.compressed", "Size of the compressed chunks", bytes(compressed).into())
            .is("storage.compressed_rows × bytes a row × (1 − compression_share)", TIMESCALEDB.at("Compression"))
            .with("storage.compressed_rows", count(table.compressed_rows(horizon, 1.0)).into())
            .with("bytes a row", row.into())
            .inputs(&["compression_share"]);
        let raw = table.rows(horizon, 1.0) * (storage.heap + storage.index);
        let taken = if raw > 0.0 { 1.0 - table.bytes(horizon, 1.0) / raw } else { 0.0 };
        sheet
            .value("storage.compression", "Compression takes off the whole table", Share::new(taken).into())
            .is(
                "compression_share of the chunks older than compression_after_days; the newer ones stay as they are",
                TIMESCALEDB.at("Compression"),
            )
            .inputs(&["compression_share", "compression_after_days", "retention_days", "chunk_hours"]);
        for (share, formula) in [(0.9, "90 %, the least"), (0.95, "95 %, the most")] {
            sheet.rule(
                source::OPTIMIZATION_GUIDE.at("Compression"),
                formula,
                Share::new(share).into(),
                "said of a compressed chunk, not of the table",
            );
        }
    }
    sheet
        .value("storage.table", "Growing table with its indexes", bytes(table.bytes(horizon, 1.0)).into())
        .is("storage.rows × bytes a row, less what compression takes off", HEADROOM)
        .with("storage.rows", count(table.rows(horizon, 1.0)).into())
        .with("bytes a row", row.into());
}

fn partitions(storage: &Storage<'_>, sheet: &mut Sheet<'_>) {
    let scenario = storage.scenario;
    let per_day = approximate(scenario.rows_per_day.unwrap_or_default().get());
    let rows = per_day * MONTH;
    sheet
        .value("storage.partition_rows", "Rows of a month's partition", count(rows).into())
        .is("rows_per_day × 30.4375", PARTITIONS)
        .inputs(&["rows_per_day"]);
    sheet
        .value(
            "storage.partition",
            "A month's partition with its indexes",
            bytes(storage.bytes_per_day() * MONTH).into(),
        )
        .is("storage.per_day × 30.4375", PARTITIONS)
        .with("storage.per_day", bytes(storage.bytes_per_day()).into());
    let days = scenario.retention_days.unwrap_or(Days(365));
    let kept = ceiling(approximate(days.get()) / MONTH);
    sheet
        .value("storage.partitions", "Monthly partitions", Count(kept.saturating_add(1 + MONTHS_AHEAD)).into())
        .is("months kept + the current one + months ahead; of a year where nothing is removed", PARTITIONS)
        .with("months kept", Count(kept).into())
        .with("months ahead", Count(MONTHS_AHEAD).into())
        .rule(
            PARTITIONS,
            "12 months kept + 3 ahead",
            Count(15).into(),
            "leaves out the current month; its code drops after 365 × 24 h, in a leap year a day before 12 months",
        );
    let until = storage.days_until_large().map_or(Quantity::None(Unit::Days, "never"), |days| Days(days).into());
    sheet
        .value("storage.days_until_large", "Until partitioning is called for", until)
        .is("(large table − rows_today) ÷ rows_per_day, with what retention removes", PARTITIONS)
        .with("large table", count(LARGE).into())
        .inputs(&["rows_today", "rows_per_day", "retention_days"]);
}

/// The longest documented chunk interval, in hours, in which so many bytes a day fit: 7 days, 1 day or 1 hour.
fn documented_interval(quarter: f64, per_day: f64) -> Quantity {
    let hours = [168, 24, 1].into_iter().find(|hours| per_day / 24.0 * approximate(*hours) <= quarter);
    hours.map_or(Quantity::None(Unit::Count, "not even an hour fits"), |hours| Count(hours).into())
}

fn chunks(storage: &Storage<'_>, sheet: &mut Sheet<'_>) {
    let scenario = storage.scenario;
    let per_day = bytes(storage.bytes_per_day());
    let quarter = storage.quarter();
    let share = TIMESCALEDB.at("Sizing hypertable chunks");
    sheet
        .value(
            "storage.chunk_interval",
            "Chunk interval, in hours",
            documented_interval(quarter, storage.bytes_per_day()),
        )
        .is("the longest of 168, 24 and 1 whose rows and indexes fit ram ÷ 4", HYPERTABLES)
        .inputs(&["ram"])
        .with("storage.per_day", per_day.into())
        .rule(
            HYPERTABLES,
            "1 day for moderate, 1 hour for high, 7 days for low volume",
            Count(24).into(),
            "names no volumes: memory decides what is high",
        )
        .rule(
            share,
            "indexes of the newest chunk within a quarter of memory",
            documented_interval(quarter, storage.index * approximate(scenario.rows_per_day.unwrap_or_default().get())),
            "counts the indexes alone: rows are appended and need not stay in memory to be written",
        );
    sheet
        .value("storage.chunk_hours_at_most", "Hours that fit", Count(storage.chunk_hours()).into())
        .is("ram ÷ 4 ÷ (storage.per_day ÷ 24), rounded down", share)
        .inputs(&["ram"])
        .with("storage.per_day", per_day.into());
    if scenario.partitioning == Partitioning::Hypertable {
        sheet
            .value("storage.chunk", "A chunk with its indexes", bytes(storage.chunk_bytes()).into())
            .is("storage.per_day ÷ 24 × chunk_hours", share)
            .with("storage.per_day", per_day.into())
            .inputs(&["chunk_hours"]);
        sheet
            .value("storage.chunk_limit", "A quarter of memory", bytes(quarter).into())
            .is("ram ÷ 4", share)
            .inputs(&["ram"]);
        let days = scenario.retention_days.unwrap_or(Days(365));
        let chunks = ceiling(approximate(days.get()) / interval_days(scenario)).saturating_add(1);
        sheet
            .value("storage.chunks", "Chunks", Count(chunks).into())
            .is("retention_days × 24 ÷ chunk_hours, rounded up, + the one that is older in part", share)
            .with("retention_days", days.into())
            .inputs(&["chunk_hours"]);
    }
}

fn wal(storage: &Storage<'_>, sheet: &mut Sheet<'_>) {
    let wal = storage.peak_wal;
    let writing = &storage.writing;
    let rate: Quantity = BytesPerSecond::new(wal.rate).into();
    let configuration = POSTGRESQL.at("WAL Configuration");
    sheet
        .value("storage.rows_written", "Rows written at peak", storage.rows_written().into())
        .is("larger of rate × queries_per_request × (1 − read_share) and rows_per_day ÷ 86,400 × peak_factor", HEADROOM)
        .with("rate", storage.scenario.peak_rate().into())
        .inputs(&["queries_per_request", "read_share", "rows_per_day", "peak_factor"]);
    sheet
        .value("storage.wal_rate", "WAL at peak", rate.clone())
        .is("storage.rows_written × record + 40 a commit + page images", configuration)
        .with("storage.rows_written", storage.rows_written().into())
        .with("record", bytes(writing.record).into())
        .with("page images", BytesPerSecond::new(wal.images).into());
    let images = if wal.rate > 0.0 { wal.images / wal.rate } else { 0.0 };
    sheet
        .value("storage.wal_images", "Page images among it", Share::new(images).into())
        .is(
            "pages × (1 − e^(−changes ÷ pages)) × content, every checkpoint interval: a page is written whole at its first \
             change after a checkpoint",
            POSTGRESQL.at("full_page_writes"),
        )
        .inputs(&["checkpoint_minutes", "random_keys", "database_bytes"]);
    let kept = bytes(storage.wal_kept);
    sheet
        .value("storage.wal_kept", "WAL kept on disk, and the max_wal_size it takes", kept.into())
        .is("storage.wal_rate × checkpoint interval × 1.9", configuration)
        .with("storage.wal_rate", rate)
        .with("checkpoint interval", Millis::new(writing.interval * 1_000.0).into())
        .rule(
            source::OPTIMIZATION_GUIDE.at("Critical Settings"),
            "max_wal_size = 4GB",
            Bytes::gib(4).into(),
            "the same for every rate of writing; below what is needed, checkpoints come sooner and write more images",
        );
    sheet
        .value("storage.wal_per_day", "WAL a day", wal_per_day(storage).into())
        .is("WAL at the day's average rate × 86,400", configuration)
        .inputs(&["peak_factor"]);
}

fn wal_per_day(storage: &Storage<'_>) -> Bytes {
    bytes(storage.mean_wal.rate * crate::input::DAY)
}

fn disk(storage: &Storage<'_>, sheet: &mut Sheet<'_>) {
    let scenario = storage.scenario;
    let (Some(data), Some(needed)) = (storage.data_needed(), storage.disk_needed()) else { return };
    let bases = scenario.recovery_days.get().div_ceil(scenario.base_backup_days.get()).saturating_add(1);
    let days = scenario.recovery_days.get().saturating_add(scenario.base_backup_days.get());
    let archived = wal_per_day(storage);
    let kept = data.get().saturating_mul(bases).saturating_add(archived.get().saturating_mul(days));
    let dumped = approximate(data.get()) * storage.heap / (storage.heap + storage.index);
    sheet
        .value("storage.backups", "Backups kept", Bytes(kept).into())
        .is(
            "base backups × data + (recovery_days + base_backup_days) × storage.wal_per_day, before compression",
            POSTGRESQL.at("Continuous Archiving and Point-in-Time Recovery"),
        )
        .with("base backups", Count(bases).into())
        .with("data", data.into())
        .inputs(&["recovery_days", "base_backup_days"])
        .with("storage.wal_per_day", archived.into())
        .rule(
            source::OPTIMIZATION_GUIDE.at("Backup Strategy"),
            "one pg_dump: the data without its indexes",
            bytes(dumped).into(),
            "restores the moment it began and no other point in time, and builds every index anew",
        );
    sheet
        .value("storage.disk_needed", "Disk needed", needed.into())
        .is("data + storage.wal_kept", HEADROOM)
        .with("data", data.into())
        .with("storage.wal_kept", bytes(storage.wal_kept).into());
    let Some(disk) = scenario.disk else { return };
    sheet
        .value("storage.disk_use", "Use of the disk", Share::of(needed.get(), disk.get()).unwrap_or_default().into())
        .is("storage.disk_needed ÷ disk", HEADROOM)
        .with("storage.disk_needed", needed.into())
        .inputs(&["disk"]);
    let full = storage.days_until_full(disk).map_or(Quantity::None(Unit::Days, "never"), |days| Days(days).into());
    sheet
        .value("storage.days_until_full", "Until the disk is full", full)
        .is("the first day on which data and storage.wal_kept exceed the disk", HEADROOM)
        .inputs(&["disk", "rows_per_day", "retention_days"]);
}

/// Snapshots of the secret store.
pub(crate) fn snapshots(scenario: &Scenario, sheet: &mut Sheet<'_>) {
    let backup = source::SECRET_MANAGEMENT.at("Backup and Restore");
    let interval = scenario.snapshot_interval_ms.get();
    let number = approximate(scenario.snapshot_days.get()) * crate::input::DAY * 1_000.0 / interval;
    let kept = (interval > 0.0).then(|| ceiling(number));
    let count = kept.map_or(Quantity::None(Unit::Count, "no interval"), |kept| Count(kept).into());
    sheet
        .value("storage.snapshots", "Snapshots kept", count.clone())
        .is("snapshot_days ÷ snapshot_interval_ms", backup)
        .inputs(&["snapshot_days", "snapshot_interval_ms"]);
    if let (Some(kept), Some(size)) = (kept, scenario.secret_storage) {
        sheet
            .value(
                "storage.snapshot_bytes",
                "Snapshots in all",
                bytes(approximate(kept) * approximate(size.get())).into(),
            )
            .is("storage.snapshots × secret_storage: each is a full copy", backup)
            .with("storage.snapshots", count)
            .inputs(&["secret_storage"]);
    }
}
