//! The wait against the size of the pools.

use chart::{Axis, Chart, Reading, Round, Scale, Shape, Table};
use sizing::curve::{WaitingCurve, WaitingPoint, Waits};
use sizing::quantity::{Connections, Millis};

use super::{NOW, OVER, TARGET, line_key, real, text};
use crate::view::counted;

/// Waits above so many targets are cut off.
const MOST_TARGETS: f64 = 12.0;
/// Waits up to so many targets are always shown.
const LEAST_TARGETS: f64 = 3.0;

/// One of the waits.
type Wait = fn(&Waits) -> Millis;

/// What is drawn of the waits: the word in a reading, the name, the look, the number.
const LINES: [(&str, &str, chart::Style, Wait); 3] = [
    ("p99", "p99: 99 % wait at most", "s3", |waits| waits.p99),
    ("p95", "p95: 95 % wait at most, as the target says", "s1", |waits| waits.p95),
    ("mean", "mean wait", "s2", |waits| waits.mean),
];

pub(super) fn chart(curve: &WaitingCurve) -> Chart {
    let sizes = || curve.points.iter().map(|point| real(point.size.get()));
    let (least, most) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    let scale = if curve.is_wide { Scale::log(least.max(1.0), most) } else { Scale::linear(least, most) };
    let target = curve.target.get();
    let now = curve.current.waits.map_or(0.0, |waits| waits.p99.get() * 1.15);
    let top = now.min(target * MOST_TARGETS).max(target * LEAST_TARGETS);
    let lines = LINES.map(|(word, _, style, wait)| Shape::Line {
        points: curve
            .points
            .iter()
            .filter_map(|point| Some((real(point.size.get()), wait(&point.waits?).get())))
            .collect(),
        style,
        label: word.to_owned(),
    });
    let mut shapes = Vec::new();
    if real(curve.stable.get()) > least {
        let end = real(curve.stable.get()) - 0.5;
        shapes.push(Shape::Bar {
            x: (least, end.max(least)),
            y: (0.0, top),
            style: OVER,
            label: "saturated".to_owned(),
        });
    }
    shapes.push(Shape::Limit { at: target, style: TARGET, label: ["target ", &text(curve.target)].concat() });
    shapes.extend(lines);
    let current = curve.current.size;
    let mark = |size: Connections, style, word: &str| Shape::Mark {
        at: real(size.get()),
        style,
        label: [word, " ", &text(size)].concat(),
    };
    shapes.push(mark(current, NOW, "today"));
    shapes.extend(curve.knee.map(|knee| mark(knee, "knee", "knee")));
    shapes.extend(curve.recommended.map(|size| mark(size, TARGET, "meets the target")));
    Chart {
        id: "waiting",
        title: "Wait against pool size".to_owned(),
        message: message(curve),
        x: Axis::round("connections of a pool", scale, 8, Round::Whole, &|size| {
            text(sizing::quantity::Ratio::new(size))
        }),
        y: Axis::round("wait for a connection", Scale::linear(0.0, top), 5, Round::Tens, &|wait| {
            text(Millis::new(wait))
        }),
        shapes,
        readings: curve.points.iter().map(|point| reading(curve, point)).collect(),
        key: LINES.map(|(_, name, style, wait)| line_key(style, "", name, of(&curve.current, wait))).into(),
        table: table(curve),
    }
}

/// A wait, or the word for there being no end to it.
fn of(point: &WaitingPoint, wait: Wait) -> String {
    point.waits.map_or_else(|| "no end".to_owned(), |waits| text(wait(&waits)))
}

fn message(curve: &WaitingCurve) -> String {
    let current = counted(curve.current.size.get(), "connection");
    let target = text(curve.target);
    let today = match curve.current.waits {
        None => [
            "With ",
            &current,
            " ",
            curve.pools,
            " are saturated: the wait grows without end below ",
            &text(curve.stable),
            ".",
        ]
        .concat(),
        Some(waits) if waits.p95 <= Millis::default() => {
            ["With ", &current, " in ", curve.pools, ", at least 95 % do not wait at all."].concat()
        }
        Some(waits) => {
            let is_met = if waits.p95 <= curve.target { ", within the target of " } else { ", above the target of " };
            ["With ", &current, " in ", curve.pools, ", 95 % wait at most ", &text(waits.p95), is_met, &target, "."]
                .concat()
        }
    };
    let enough = match curve.recommended {
        Some(size) if size == curve.current.size => " It is the smallest pool that meets it.".to_owned(),
        Some(size) => [" The smallest pool that meets it has ", &text(size), "."].concat(),
        None => " No pool meets it.".to_owned(),
    };
    let knee = curve.knee.map_or_else(String::new, |knee| {
        [
            " The knee is at ",
            &text(knee),
            ": from there on, one more connection shortens the mean wait by less than a twentieth of the hold time.",
        ]
        .concat()
    });
    [today, enough, knee].concat()
}

/// What is special about a size.
fn names(curve: &WaitingCurve, size: Connections) -> Vec<&'static str> {
    let all = [
        (Some(curve.current.size), "today"),
        (curve.knee, "the knee"),
        (curve.recommended, "meets the target"),
        (Some(curve.stable), "no longer saturated"),
    ];
    all.into_iter().filter(|(at, _)| *at == Some(size)).map(|(_, name)| name).collect()
}

fn reading(curve: &WaitingCurve, point: &WaitingPoint) -> Reading {
    let names = names(curve, point.size);
    let mut lines = vec![counted(point.size.get(), "connection")];
    lines.extend(names.iter().map(|name| (*name).to_owned()));
    match point.waits {
        Some(waits) => lines.extend(LINES.map(|(word, _, _, wait)| [word, " ", &text(wait(&waits))].concat())),
        None => lines.push("saturated".to_owned()),
    }
    Reading::new(real(point.size.get()), lines, !names.is_empty())
}

fn table(curve: &WaitingCurve) -> Table {
    let row = |point: &WaitingPoint| {
        let mut name = text(point.size);
        for what in names(curve, point.size) {
            name.push_str(", ");
            name.push_str(what);
        }
        [name].into_iter().chain(LINES.iter().rev().map(|(_, _, _, wait)| of(point, *wait))).collect()
    };
    Table {
        caption: ["Wait for a connection of ", curve.pools, ", by their size"].concat(),
        head: ["Connections", "Mean", "95 % wait at most", "99 % wait at most"].map(str::to_owned).into(),
        rows: curve.points.iter().map(row).collect(),
    }
}
