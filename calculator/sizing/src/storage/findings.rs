//! What is wrong with what is stored, why, and what to do.

use super::table::bytes;
use super::{LARGE, Storage};
use crate::choice::Partitioning;
use crate::finding::{Finding, Severity};
use crate::quantity::{Bytes, Days, Quantity, Share, approximate, ceiling};

pub(super) fn findings(storage: &Storage<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(disk(storage));
    findings.extend(not_partitioned(storage));
    findings.extend(chunk_too_large(storage));
    findings.extend(compression(storage));
    findings
}

/// A quantity as text.
fn text(quantity: impl Into<Quantity>) -> String {
    quantity.into().to_string()
}

fn disk(storage: &Storage<'_>) -> Option<Finding> {
    let scenario = storage.scenario;
    let (needed, disk) = (storage.disk_needed()?, scenario.disk?);
    let used = Share::of(needed.get(), disk.get())?;
    let severity = Severity::of_use(used)?;
    let when = match storage.days_until_full(disk) {
        Some(0) => "; it is full today".to_owned(),
        Some(days) => ["; it is full in ", &text(Days(days))].concat(),
        None => String::new(),
    };
    let until = match (&storage.table, scenario.retention_days) {
        (None, _) => "today",
        (_, Some(_)) => "once the retention is reached",
        (_, None) => "within a year",
    };
    let enough = ceiling(approximate(needed.get()) / 0.7 / approximate(1 << 30));
    Some(
        Finding::new(
            "storage.disk",
            severity,
            format!("{} of the disk's {} are needed {until} ({}){when}.", text(needed), text(disk), text(used)),
            &["storage.disk_needed", "storage.disk_use"],
            "Keep rows for a shorter time, compress old chunks, drop indexes nobody uses, or enlarge the disk.",
        )
        .fixed_by(&[("disk", &Bytes::gib(enough).to_string())]),
    )
}

fn not_partitioned(storage: &Storage<'_>) -> Option<Finding> {
    let table = storage.table.as_ref()?;
    let rows = table.rows(table.horizon(), 0.0);
    if storage.scenario.partitioning != Partitioning::None || rows < LARGE {
        return None;
    }
    let today = storage.rows_after(0.0, 0.0);
    let is_large = approximate(today.get()) >= LARGE;
    let message = match storage.days_until_large() {
        Some(days) if !is_large => {
            format!("One table will have more than 100M rows in {}.", text(Days(days)))
        }
        _ => format!("One table has {} rows.", text(today)),
    };
    Some(
        Finding::new(
            "storage.not_partitioned",
            if is_large { Severity::Warning } else { Severity::Info },
            message,
            &["storage.rows"],
            "Divide it by month: old months are dropped instead of deleted, vacuum and reindex run on one month. It \
             is easiest before the table is large.",
        )
        .fixed_by(&[("partitioning", Partitioning::Monthly.word())]),
    )
}

fn chunk_too_large(storage: &Storage<'_>) -> Option<Finding> {
    let (chunk, quarter) = (storage.chunk_bytes(), storage.quarter());
    if storage.scenario.partitioning != Partitioning::Hypertable || chunk <= quarter * (1.0 + 1e-12) {
        return None;
    }
    let hours = storage.chunk_hours();
    let finding = Finding::new(
        "storage.chunk_too_large",
        Severity::Warning,
        format!(
            "A chunk and its indexes take {}, a quarter of memory is {}.",
            text(bytes(chunk)),
            text(bytes(quarter))
        ),
        &["storage.chunk", "storage.chunk_limit"],
        if hours > 0 {
            "Shorten the interval with set_chunk_time_interval(): it holds for chunks to come."
        } else {
            "Not even an hour fits: more memory, fewer indexes, or the table on several servers."
        },
    );
    Some(if hours > 0 { finding.fixed_by(&[("chunk_hours", &hours.to_string())]) } else { finding })
}

fn compression(storage: &Storage<'_>) -> Option<Finding> {
    let scenario = storage.scenario;
    let after = scenario.compression_after_days.filter(|_| storage.table.is_some())?;
    if scenario.partitioning != Partitioning::Hypertable {
        return Some(
            Finding::new(
                "storage.compression_without_hypertable",
                Severity::Info,
                "Only hypertables are compressed; this table is none.",
                &["storage.table"],
                "Make it a hypertable, or do not count on compression.",
            )
            .fixed_by(&[("partitioning", Partitioning::Hypertable.word())]),
        );
    }
    let kept = scenario.retention_days.filter(|kept| *kept <= after)?;
    Some(Finding::new(
        "storage.never_compressed",
        Severity::Info,
        format!("Rows are removed after {} and compressed after {}: never.", text(kept), text(after)),
        &["storage.table"],
        "Compress earlier, or keep rows longer.",
    ))
}
