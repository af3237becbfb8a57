//! Storage: rows, indexes, partitions, chunks, retention, WAL and backups.

mod findings;
mod row;
pub(crate) mod table;
mod values;
mod wal;

use crate::input::DAY;
use crate::quantity::{Bytes, Count, approximate, floor};
use crate::sheet::Sheet;
use crate::{Finding, Scenario};
use row::Index;
use table::{MONTH, Table};
use wal::{Wal, Writing};

pub(crate) use values::{snapshot, snapshots};

/// Rows from which the documents divide a table: "large tables (> 100M rows)".
pub(crate) const LARGE: f64 = 100e6;

/// What this calculator computed.
pub(crate) struct Storage<'s> {
    scenario: &'s Scenario,
    /// Bytes a row takes of the table's pages.
    heap: f64,
    /// Every kind of index.
    indexes: [Index; 5],
    /// Bytes a row takes of all indexes.
    index: f64,
    /// The growing table, where there is one.
    table: Option<Table>,
    writing: Writing,
    /// The WAL at peak.
    pub(crate) peak_wal: Wal,
    /// The WAL of an average second.
    mean_wal: Wal,
    /// Bytes of WAL kept on disk.
    pub(crate) wal_kept: f64,
}

impl<'s> Storage<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        let heap = row::heap(scenario.row_bytes.get());
        let indexes = row::indexes(scenario);
        let index = indexes.iter().map(|index| approximate(index.count) * index.bytes).sum();
        let table = Table::of(scenario, heap + index);
        let kept = table.as_ref().map_or(0.0, |table| table.rows(table.horizon(), 0.0));
        let writing = Writing::of(scenario, &indexes, kept);
        let peak_wal = writing.wal(1.0);
        let mean_wal = writing.wal(1.0 / scenario.peak_factor.get());
        // From a checkpoint's start the WAL is kept until the next one is complete, nine tenths of an interval later.
        let wal_kept = peak_wal.rate * writing.interval * 1.9;
        Self { scenario, heap, indexes, index, table, writing, peak_wal, mean_wal, wal_kept }
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        values::values(self, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        findings::findings(self)
    }

    /// Rows of the growing table so many months from now, where each month brings e^`growth` times the rows of the one
    /// before; 0 where there is no such table.
    pub(crate) fn rows_after(&self, months: f64, growth: f64) -> Count {
        table::count(self.table.as_ref().map_or(0.0, |table| table.rows(months, growth)))
    }

    /// Bytes on disk so many months from now: the growing table as above, everything else as it is today, and the WAL.
    /// `None` where neither the database's size nor a growing table is given.
    pub(crate) fn disk_after(&self, months: f64, growth: f64) -> Option<Bytes> {
        self.data(months, growth).map(|data| table::bytes(data + self.wal_kept))
    }

    /// Bytes of data so many months from now, where they are known.
    fn data(&self, months: f64, growth: f64) -> Option<f64> {
        self.parts(months, growth).map(|(rest, table)| rest + table)
    }

    /// The same in two parts: everything but the growing table, and that with its indexes.
    pub(crate) fn parts(&self, months: f64, growth: f64) -> Option<(f64, f64)> {
        let database = self.scenario.database_bytes.map(|bytes| approximate(bytes.get()));
        let Some(table) = &self.table else { return Some((database?, 0.0)) };
        let rest = (database.unwrap_or_default() - table.bytes(0.0, 0.0)).max(0.0);
        Some((rest, table.bytes(months, growth)))
    }

    /// The share of the growing table that is its indexes.
    pub(crate) fn index_share(&self) -> f64 {
        self.index / (self.heap + self.index)
    }

    /// Bytes of the backups kept of so much data, before compression.
    pub(crate) fn backups(&self, data: f64) -> f64 {
        let archived = self.scenario.recovery_days.get().saturating_add(self.scenario.base_backup_days.get());
        data * approximate(self.base_backups()) + approximate(archived) * self.wal_per_day()
    }

    /// Base backups it takes to go back as far as is asked for.
    fn base_backups(&self) -> u64 {
        self.scenario.recovery_days.get().div_ceil(self.scenario.base_backup_days.get()).saturating_add(1)
    }

    /// Bytes of WAL of an average day.
    fn wal_per_day(&self) -> f64 {
        self.mean_wal.rate * DAY
    }

    /// Months after which the growing table grows no more, or a year; 0 where there is no such table.
    pub(crate) fn horizon(&self) -> f64 {
        self.table.as_ref().map_or(0.0, Table::horizon)
    }

    /// Bytes of data once the growing table grows no more, or after a year.
    pub(crate) fn data_needed(&self) -> Option<Bytes> {
        self.data(self.horizon(), 1.0).map(table::bytes)
    }

    /// Bytes on disk once the growing table grows no more, or after a year.
    pub(crate) fn disk_needed(&self) -> Option<Bytes> {
        self.disk_after(self.horizon(), 0.0)
    }

    /// Bytes of a day's rows with their indexes, uncompressed.
    fn bytes_per_day(&self) -> f64 {
        approximate(self.scenario.rows_per_day.unwrap_or_default().get()) * (self.heap + self.index)
    }

    /// The most bytes a chunk may have: a quarter of memory.
    fn quarter(&self) -> f64 {
        approximate(self.scenario.ram.get()) / 4.0
    }

    /// Hours of rows that fit a quarter of memory with their indexes.
    fn chunk_hours(&self) -> u64 {
        floor(self.quarter() / (self.bytes_per_day() / 24.0))
    }

    /// Bytes of a chunk as it is set up.
    fn chunk_bytes(&self) -> f64 {
        self.bytes_per_day() / 24.0 * approximate(self.scenario.chunk_hours.get())
    }

    /// Days until the growing table has as many rows as the documents call large; `None` where it never has.
    fn days_until_large(&self) -> Option<u64> {
        let table = self.table.as_ref()?;
        first_day(|months| table.rows(months, 0.0) >= LARGE)
    }

    /// Days until the disk is full; `None` where it never is.
    fn days_until_full(&self, disk: Bytes) -> Option<u64> {
        first_day(|months| self.disk_after(months, 0.0).is_some_and(|bytes| bytes > disk))
    }

    /// Bytes of WAL a second at so many times today's peak.
    pub(crate) fn wal_at(&self, multiple: f64) -> f64 {
        self.writing.wal(multiple).rate
    }
}

/// The first day, within a hundred years, of what stays true once it is.
fn first_day(is_true: impl Fn(f64) -> bool) -> Option<u64> {
    let (mut before, mut at) = (0, 36_525);
    let holds = |day: u64| is_true(approximate(day) / MONTH);
    if !holds(at) {
        return None;
    }
    while before < at {
        let middle = u64::midpoint(before, at);
        if holds(middle) { at = middle } else { before = middle + 1 }
    }
    Some(at)
}
