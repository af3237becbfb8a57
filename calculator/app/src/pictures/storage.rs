//! What is on disk over the months to come, up to what the disk holds.

use chart::{Axis, Chart, Key, Reading, Round, Scale, Shape, Style, Table};
use sizing::Date;
use sizing::curve::{StorageCurve, StoragePoint};
use sizing::quantity::{Bytes, Count};

use super::{LIMIT, block_key, line_key, months, real, size, text};
use crate::view::counted;

/// Backups are drawn where they are at most so many times what is on disk.
const MOST_BACKUPS: f64 = 1.5;
/// A disk is drawn where it is at most so many times what is on it.
const MOST_DISK: f64 = 4.0;

type Part = (&'static str, &'static str, Style, fn(&StoragePoint) -> Bytes);

/// From the bottom up.
const PARTS: [Part; 4] = [
    ("A", "Everything else", "s1", |point| point.rest),
    ("B", "The growing table", "s2", |point| point.table),
    ("C", "Its indexes", "s3", |point| point.indexes),
    ("D", "WAL kept", "s4", |point| point.wal),
];
const ALL: Part = ("A", "Everything", "s1", |point| point.rest);

pub(super) fn chart(curve: &StorageCurve, today: Option<Date>) -> Chart {
    let last = real(months(curve));
    let used: Vec<f64> = curve.points.iter().map(|point| real(point.on_disk().get())).collect();
    let most = used.iter().copied().fold(0.0, f64::max);
    let disk = curve.disk.map(|disk| real(disk.get())).filter(|disk| *disk <= most * MOST_DISK);
    let backups: Vec<(f64, f64)> =
        along(curve).filter_map(|(month, point)| Some((month, real(point.backups?.get())))).collect();
    let has_backups = backups.iter().all(|(_, bytes)| *bytes <= most * MOST_BACKUPS) && !backups.is_empty();
    let highest_backup = backups.iter().map(|(_, bytes)| *bytes).filter(|_| has_backups).fold(0.0, f64::max);
    let top = most.max(disk.unwrap_or_default()).max(highest_backup).max(1.0)
        * if milestones(curve).is_empty() { 1.1 } else { 1.3 };
    let mut shapes = Vec::new();
    let mut lower: Vec<(f64, f64)> = along(curve).map(|(month, _)| (month, 0.0)).collect();
    for (letter, _, style, bytes) in parts(curve) {
        let upper: Vec<(f64, f64)> = lower
            .iter()
            .zip(&curve.points)
            .map(|((month, below), point)| (*month, below + real(bytes(point).get())))
            .collect();
        shapes.push(Shape::Area { upper: upper.clone(), lower, style, label: letter.to_owned() });
        lower = upper;
    }
    if has_backups {
        shapes.push(Shape::Line { points: backups, style: "s6", label: "backups".to_owned() });
    }
    shapes.extend(disk.map(|at| Shape::Limit { at, style: LIMIT, label: ["disk ", &size(at)].concat() }));
    for (month, name) in milestones(curve) {
        if real(month.get()) <= last {
            shapes.push(Shape::Mark { at: real(month.get()), style: "knee", label: name.to_owned() });
        }
    }
    Chart {
        id: "storage",
        title: "Storage over time".to_owned(),
        message: message(curve, today),
        x: months::axis(months(curve), today),
        y: Axis::round("bytes on disk", Scale::linear(0.0, top), 6, Round::Twos, &size),
        shapes,
        readings: readings(curve, today),
        key: key(curve, has_backups),
        table: table(curve, today),
    }
}

fn along(curve: &StorageCurve) -> impl Iterator<Item = (f64, &StoragePoint)> {
    (0_u32..).map(f64::from).zip(&curve.points)
}

fn months(curve: &StorageCurve) -> u64 {
    u64::try_from(curve.points.len().saturating_sub(1)).unwrap_or(u64::MAX)
}

/// The parts that are there.
fn parts(curve: &StorageCurve) -> Vec<Part> {
    if curve.is_forecast {
        return vec![ALL];
    }
    PARTS.into_iter().filter(|(_, _, _, bytes)| curve.points.iter().any(|point| bytes(point).get() > 0)).collect()
}

fn milestones(curve: &StorageCurve) -> Vec<(Count, &'static str)> {
    let all = [(curve.dropped, "retention reached"), (curve.large, "worth partitioning"), (curve.full, "disk full")];
    all.into_iter().filter_map(|(month, name)| Some((month?, name))).collect()
}

fn message(curve: &StorageCurve, today: Option<Date>) -> String {
    let (first, last) = (curve.points.first(), curve.points.last());
    let [now, end] = [first, last].map(|point| text(point.map(StoragePoint::on_disk).unwrap_or_default()));
    let grows = [&now, " on disk now, ", &end, " in ", &*counted(months(curve), "month")].concat();
    let disk = match (curve.disk, curve.full) {
        (Some(disk), Some(month)) if month.get() == 0 => ["; the disk of ", &text(disk), " is too small now"].concat(),
        (Some(disk), Some(month)) => {
            ["; the disk of ", &text(disk), " is full ", &months::when(month.get(), today)].concat()
        }
        (Some(disk), None) => ["; the disk of ", &text(disk), " is large enough"].concat(),
        (None, _) => String::new(),
    };
    let backups = last
        .and_then(|point| point.backups)
        .map_or_else(String::new, |backups| [" Backups take ", &*text(backups), " then, elsewhere."].concat());
    [grows, disk, ".".to_owned(), backups].concat()
}

fn key(curve: &StorageCurve, has_backups: bool) -> Vec<Key> {
    let last = curve.points.last().copied().unwrap_or_default();
    let mut key: Vec<Key> = parts(curve)
        .into_iter()
        .map(|(letter, name, style, bytes)| block_key(style, letter, name, text(bytes(&last))))
        .collect();
    key.reverse();
    if let Some(backups) = last.backups.filter(|_| has_backups) {
        key.insert(0, line_key("s6", "", "Backups, elsewhere", text(backups)));
    }
    key
}

fn readings(curve: &StorageCurve, today: Option<Date>) -> Vec<Reading> {
    let last = months(curve);
    let step = (last / 24).max(1);
    let milestones = milestones(curve);
    let mut readings = Vec::new();
    for (month, point) in (0_u64..).zip(&curve.points) {
        let names: Vec<&str> = milestones.iter().filter(|(at, _)| at.get() == month).map(|(_, name)| *name).collect();
        let is_stop = month == 0 || month == last || !names.is_empty();
        if !is_stop && !month.is_multiple_of(step) {
            continue;
        }
        let mut lines = vec![if month == 0 { "now".to_owned() } else { months::when(month, today) }];
        lines.extend(names.iter().map(|name| (*name).to_owned()));
        lines.push([&text(point.on_disk()), " on disk"].concat());
        lines.extend(parts(curve).iter().rev().map(|(_, name, _, bytes)| [&text(bytes(point)), " ", name].concat()));
        lines.extend(point.backups.map(|backups| [&text(backups), " backups"].concat()));
        readings.push(Reading::new(real(month), lines, is_stop));
    }
    readings
}

fn table(curve: &StorageCurve, today: Option<Date>) -> Table {
    let parts = parts(curve);
    let has_backups = curve.points.iter().any(|point| point.backups.is_some());
    let mut head = vec!["Month".to_owned()];
    head.extend(parts.iter().map(|(_, name, _, _)| (*name).to_owned()));
    head.push("On disk".to_owned());
    if has_backups {
        head.push("Backups, elsewhere".to_owned());
    }
    let row = |(month, point): (f64, &StoragePoint)| {
        let mut row = vec![if month > 0.0 { months::label(month, today) } else { "Now".to_owned() }];
        row.extend(parts.iter().map(|(_, _, _, bytes)| text(bytes(point))));
        row.push(text(point.on_disk()));
        row.extend(point.backups.map(text));
        row
    };
    let disk = curve.disk.map_or_else(String::new, |disk| ["; the disk holds ", &*text(disk)].concat());
    Table { caption: ["What is stored, month by month", &disk].concat(), head, rows: along(curve).map(row).collect() }
}
