//! What is on disk, month by month, in parts, and what is kept of it elsewhere.

use crate::curve::crossed;
use crate::growth::{a_month, outlook};
use crate::quantity::{Bytes, Count, floor};
use crate::storage::Storage;
use crate::{Plan, Scenario};

/// What is stored over the months to come.
#[derive(Debug, Clone, PartialEq)]
pub struct StorageCurve {
    /// What the disk holds, where that is given.
    pub disk: Option<Bytes>,
    /// The month in which it is full.
    pub full: Option<Count>,
    /// The month in which the largest table, which is not partitioned, has so many rows that tables are.
    pub large: Option<Count>,
    /// The month from which on as many rows are dropped as come.
    pub dropped: Option<Count>,
    /// A forecast says how much is stored: it is not known what of.
    pub is_forecast: bool,
    /// Now, and in every month.
    pub points: Vec<StoragePoint>,
}

/// What is stored in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoragePoint {
    /// Everything but the growing table; everything there is, where only that is known.
    pub rest: Bytes,
    /// Pages of the growing table.
    pub table: Bytes,
    /// Its indexes.
    pub indexes: Bytes,
    /// WAL kept on disk.
    pub wal: Bytes,
    /// Backups kept, which are not on this disk.
    pub backups: Option<Bytes>,
}

impl StoragePoint {
    /// What the disk has to hold.
    #[must_use]
    pub fn on_disk(&self) -> Bytes {
        let parts = [self.table, self.indexes, self.wal];
        Bytes(parts.iter().fold(self.rest.get(), |sum, part| sum.saturating_add(part.get())))
    }
}

/// What is stored, month by month; `None` where it is not known.  `plan` is the scenario's.
#[must_use]
pub fn storage(scenario: &Scenario, plan: &Plan) -> Option<StorageCurve> {
    let storage = Storage::of(scenario);
    let outlook = outlook(scenario, &storage);
    let bytes = |real: f64| Bytes(floor(real + 0.5));
    let is_forecast = !outlook.storage.is_empty();
    let has_parts = scenario.has_database();
    let point = |(month, multiple): (f64, &f64)| {
        let (rest, table) = storage.parts(month, a_month(month, *multiple))?;
        let indexes = table * storage.index_share();
        Some(StoragePoint {
            rest: bytes(rest),
            table: bytes(table - indexes),
            indexes: bytes(indexes),
            wal: bytes(storage.wal_kept),
            backups: Some(bytes(storage.backups(rest + table))),
        })
    };
    let points: Vec<StoragePoint> = if is_forecast {
        outlook.storage.iter().map(|stored| StoragePoint { rest: bytes(*stored), ..StoragePoint::default() }).collect()
    } else if has_parts {
        (0_u32..).map(f64::from).zip(&outlook.traffic).map_while(point).collect()
    } else {
        Vec::new()
    };
    let dropped = scenario.retention_days.filter(|_| scenario.rows_per_day.is_some() && !is_forecast);
    (!points.is_empty()).then(|| StorageCurve {
        disk: scenario.disk.filter(|_| has_parts),
        full: crossed(plan, "growth.disk"),
        large: crossed(plan, "growth.rows"),
        dropped: dropped.map(|_| Count(floor(libm::ceil(storage.horizon())))),
        is_forecast,
        points,
    })
}
