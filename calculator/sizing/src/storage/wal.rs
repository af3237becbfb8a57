//! How much WAL is written.
//!
//! Record sizes follow from `PostgreSQL`'s record layouts; they and the page images were compared with what
//! `pg_current_wal_insert_lsn()` tells on `PostgreSQL` 15.

use super::row::{HEADER, Index, PAGE, tuple};
use super::table::interval_days;
use crate::input::DAY;
use crate::quantity::approximate;
use crate::scenario::Scenario;

/// Bytes of a commit's record, aligned.
const COMMIT: f64 = 40.0;
/// Bytes of an insert's record beside the row: headers of record, block and tuple.
const INSERT: u64 = 54;
/// What `wal_compression`, which is recommended on, leaves of a page's image: an assumption. Rows and keys of a page
/// repeat much of each other; random bytes among them do not shrink.
const COMPRESSED: f64 = 0.5;
/// How full a page of the database is on average: of a page that is written whole, the gap in it is left out.
const FILL: f64 = 0.69;

/// Pages of a database of unknown size: so many that hardly one is met twice, and few enough to be counted exactly.
const MANY: f64 = 1e12;

/// Pages a write beside the growing table changes: the row's, and those of its entries in two indexes.
const OTHER_CHANGES: f64 = 3.0;

/// The WAL of one rate of writing.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wal {
    /// Bytes a second.
    pub(crate) rate: f64,
    /// Bytes a second that are images of whole pages.
    pub(super) images: f64,
}

/// What decides how much WAL a write makes.
pub(super) struct Writing {
    /// Write transactions a second at peak.
    pub(super) transactions: f64,
    /// Rows the growing table gains a second at peak.
    pub(super) rows: f64,
    /// Bytes of records a row makes.
    pub(super) record: f64,
    /// What rows of the growing table fall on: the pages of each kind of index.
    table: [Target; 5],
    /// What every other write falls on.
    other: Target,
    /// Seconds between checkpoints.
    pub(super) interval: f64,
}

/// The pages that changes fall on.
struct Target {
    pages: f64,
    /// Changes of a row.
    changes: f64,
    /// Bytes of a page's image.
    image: f64,
}

impl Writing {
    /// `kept` are the rows of the growing table.
    pub(super) fn of(scenario: &Scenario, indexes: &[Index; 5], kept: f64) -> Self {
        let per_day = approximate(scenario.rows_per_day.unwrap_or_default().get());
        let record: f64 = indexes.iter().map(|index| approximate(index.count) * index.wal).sum();
        // Only the partition that is written to counts.
        let active = match interval_days(scenario) {
            days if days > 0.0 => kept.min(per_day * days),
            _ => kept,
        };
        // Of a database of unknown size, every page that is touched counts.
        let database = scenario.database_bytes.map_or(MANY, |bytes| approximate(bytes.get()) / PAGE);
        Self {
            transactions: scenario.writes_at_peak().get(),
            rows: per_day / DAY * scenario.peak_factor.get(),
            record: approximate((tuple(scenario.row_bytes.get()) - HEADER + INSERT).next_multiple_of(8)) + record,
            table: indexes.each_ref().map(|index| {
                let number = approximate(index.count);
                Target {
                    pages: active * number * index.bytes / PAGE,
                    changes: number * index.entries,
                    image: index.fill * PAGE,
                }
            }),
            other: Target { pages: database, changes: OTHER_CHANGES, image: FILL * PAGE },
            interval: approximate(scenario.checkpoint_minutes.get()) * 60.0,
        }
    }

    /// Rows written a second at peak: those of the growing table, and one for every other transaction.
    pub(super) fn rate(&self) -> f64 {
        self.rows.max(self.transactions)
    }

    /// The WAL at `share` of the peak.
    pub(super) fn wal(&self, share: f64) -> Wal {
        let rows = self.rows * share;
        let others = (self.transactions - self.rows).max(0.0) * share;
        // A page is written whole at its first change after a checkpoint: of P pages, n changes that fall anywhere
        // meet P × (1 − e^(−n ÷ P)).
        let images = |rate: f64, target: &Target| {
            if target.pages < 1.0 {
                return 0.0;
            }
            let met = target.pages * (1.0 - libm::exp(-rate * target.changes * self.interval / target.pages));
            met * target.image * COMPRESSED / self.interval
        };
        let of_table: f64 = self.table.iter().map(|target| images(rows, target)).sum();
        let images = of_table + images(others, &self.other);
        let records = (rows + others) * self.record + self.transactions * share * COMMIT;
        Wal { rate: records + images, images }
    }
}

impl Scenario {
    /// Read transactions a second at peak.
    pub(crate) fn reads_at_peak(&self) -> crate::quantity::PerSecond {
        let all = self.peak_rate().get() * self.queries_per_request.get();
        crate::quantity::PerSecond::new(all * self.read_share.get())
    }

    /// Write transactions a second at peak.
    pub(crate) fn writes_at_peak(&self) -> crate::quantity::PerSecond {
        let all = self.peak_rate().get() * self.queries_per_request.get();
        crate::quantity::PerSecond::new(all * (1.0 - self.read_share.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::indexes;
    use super::*;

    /// Inputs, what was measured without and with page images, and what it was.
    type Measured = (&'static [(&'static str, &'static str)], f64, f64, &'static str);

    /// Bytes of WAL a row makes, without and with page images, at `rate` rows a second.
    fn per_row(inputs: &[(&str, &str)], kept: f64) -> (f64, f64) {
        let mut scenario = Scenario::default();
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        let mut writing = Writing::of(&scenario, &indexes(&scenario), kept);
        // 20,000 rows between two checkpoints, each its own transaction.
        writing.rows = 20_000.0 / writing.interval;
        writing.transactions = writing.rows;
        let wal = writing.wal(1.0);
        let records = wal.rate - wal.images;
        // Measured without wal_compression.
        (records / writing.rows, (records + wal.images / COMPRESSED) / writing.rows)
    }

    #[test]
    fn as_the_server_writes_it() {
        let rows: &[Measured] = &[
            (&[("btree_indexes", "0")], 304.9, 305.2, "no index: rows are appended, no page is written whole"),
            (&[("btree_indexes", "1")], 387.2, 963.6, "a random uuid"),
            (&[("btree_indexes", "1"), ("random_keys", "no")], 387.4, 372.0, "a time that rises"),
            (&[("btree_indexes", "0"), ("hash_indexes", "1")], 401.8, 739.2, "hash"),
            (&[("btree_indexes", "0"), ("gist_indexes", "1")], 474.4, 1358.1, "a point"),
            (&[("btree_indexes", "0"), ("brin_indexes", "1")], 304.9, 305.2, "BRIN"),
        ];
        for (inputs, without, with, reason) in rows {
            let inputs = [&[("row_bytes", "204")], *inputs].concat();
            let (ours, ours_with) = per_row(&inputs, 430_000.0);
            assert!((ours / without - 1.0).abs() < 0.05, "{reason}: {ours} is not about {without}");
            assert!((ours_with / with - 1.0).abs() < 0.25, "{reason}: {ours_with} is not about {with}");
        }
    }
}
