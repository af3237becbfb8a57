//! What so many nodes bear with one of them lost, against what is asked of them.

use chart::{Axis, Chart, Reading, Round, Scale, Shape, Table, Tick};
use sizing::curve::{NodesCurve, NodesKind, NodesPoint};
use sizing::quantity::PerSecond;

use super::{BEYOND, LIMIT, NOW, OVER, block_key, real, text};
use crate::view::counted;

/// Half the width of a bar.
const HALF: f64 = 0.36;
/// A demand so many times what the most nodes bear is beyond the picture.
const MOST: f64 = 2.0;

pub(super) fn chart(curve: &NodesCurve) -> Chart {
    let (id, title, noun, what) = match curve.kind {
        NodesKind::SecretStore => {
            ("nodes", "Nodes against load, with one lost", "nodes of the secret store", "requests")
        }
        NodesKind::Replicas => ("replicas", "Read replicas against load, with one lost", "read replicas", "reads"),
    };
    let ends = || curve.points.iter().map(|point| real(point.nodes.get()));
    let (least, most) = (ends().fold(f64::INFINITY, f64::min), ends().fold(0.0, f64::max));
    let borne = curve
        .points
        .iter()
        .map(|point| point.all.unwrap_or(point.one_lost).get().max(point.one_lost.get()))
        .fold(0.0, f64::max);
    let demands = [curve.demand.get(), curve.demand_at_end.get()];
    let asked = demands.into_iter().filter(|demand| borne <= 0.0 || *demand <= borne * MOST).fold(0.0, f64::max);
    let top = borne.max(asked).max(demands[0]) * 1.1;
    let mut shapes = Vec::new();
    let stops = curve.points.iter().take_while(|point| point.one_lost.get() <= 0.0).count();
    if let Some(last) = stops.checked_sub(1).and_then(|last| curve.points.get(last)).filter(|_| curve.quorum.is_some())
    {
        let x = (least - 0.5, real(last.nodes.get()) + 0.5);
        shapes.push(Shape::Bar { x, y: (0.0, top), style: OVER, label: "no quorum".to_owned() });
    }
    for point in &curve.points {
        let at = real(point.nodes.get());
        let x = (at - HALF, at + HALF);
        if let Some(all) = point.all {
            shapes.push(Shape::Bar { x, y: (0.0, all.get()), style: "ghost", label: String::new() });
        }
        let style = if point.nodes == curve.now { "s1" } else { "s2" };
        shapes.push(Shape::Bar { x, y: (0.0, point.one_lost.get()), style, label: String::new() });
    }
    shapes.push(Shape::Limit { at: demands[0], style: NOW, label: ["asked today ", &text(curve.demand)].concat() });
    if is_growing(curve) {
        let beyond = if demands[1] > top { BEYOND } else { "" };
        let label = ["in ", &*counted(curve.months.get(), "month"), " ", &text(curve.demand_at_end), beyond].concat();
        shapes.push(Shape::Limit { at: demands[1], style: LIMIT, label });
    }
    let ticks = curve.points.iter().map(|point| Tick { at: real(point.nodes.get()), label: text(point.nodes) });
    let mut key = vec![
        block_key("s1", "", "borne with one lost, today", now(curve)),
        block_key("s2", "", "with another number of nodes", String::new()),
    ];
    if curve.points.iter().any(|point| point.all.is_some()) {
        let all = curve.current().and_then(|point| point.all).map_or_else(String::new, text);
        key.push(block_key("ghost", "", "borne with all of them up", all));
    }
    if let Some(quorum) = curve.quorum {
        key.push(block_key(OVER, "", "the loss of one stops the store; quorum today", text(quorum)));
    }
    Chart {
        id,
        title: title.to_owned(),
        message: message(curve, noun, what),
        x: Axis { title: noun.to_owned(), scale: Scale::linear(least - 0.5, most + 0.5), ticks: ticks.collect() },
        y: Axis::round(&[what, " a second at peak"].concat(), Scale::linear(0.0, top), 5, Round::Tens, &|rate| {
            text(PerSecond::new(rate))
        }),
        shapes,
        readings: curve.points.iter().map(|point| reading(curve, point)).collect(),
        key,
        table: table(curve, noun, what),
    }
}

fn is_growing(curve: &NodesCurve) -> bool {
    curve.demand_at_end > curve.demand
}

fn now(curve: &NodesCurve) -> String {
    curve.current().map_or_else(String::new, |point| text(point.one_lost))
}

fn message(curve: &NodesCurve, noun: &str, what: &str) -> String {
    let bears = curve.current().map(|point| point.one_lost).unwrap_or_default();
    let does = if bears >= curve.demand { "enough for the " } else { "too little for the " };
    let today = [
        "With one lost, ",
        &text(curve.now),
        " ",
        noun,
        " bear ",
        &text(bears),
        " ",
        what,
        ": ",
        does,
        &*text(curve.demand),
        " of today.",
    ]
    .concat();
    let needed = |demand, when: &str| match curve.needed(demand) {
        Some(nodes) if nodes == curve.now => String::new(),
        Some(nodes) if nodes < curve.now => String::new(),
        Some(nodes) => [when, " takes ", &text(nodes), "."].concat(),
        None => [when, " is more than any number of them shown here bears."].concat(),
    };
    let first = needed(curve.demand, " Today’s load");
    let then = if is_growing(curve) {
        let when =
            [" What is asked in ", &*counted(curve.months.get(), "month"), ", ", &text(curve.demand_at_end), ","]
                .concat();
        let says = needed(curve.demand_at_end, &when);
        if says.is_empty() { [&*when, " is borne as well."].concat() } else { says }
    } else {
        String::new()
    };
    [today, first, then].concat()
}

fn reading(curve: &NodesCurve, point: &NodesPoint) -> Reading {
    let mut lines = vec![text(point.nodes)];
    let is_now = point.nodes == curve.now;
    let is_needed = [curve.demand, curve.demand_at_end].iter().any(|demand| curve.needed(*demand) == Some(point.nodes));
    if is_now {
        lines.push("today".to_owned());
    }
    if curve.needed(curve.demand) == Some(point.nodes) {
        lines.push("enough for today".to_owned());
    }
    if is_growing(curve) && curve.needed(curve.demand_at_end) == Some(point.nodes) {
        lines.push(["enough in ", &*counted(curve.months.get(), "month")].concat());
    }
    lines.push(["one lost: ", &text(point.one_lost)].concat());
    lines.extend(point.all.map(|all| ["all up: ", &text(all)].concat()));
    Reading::new(real(point.nodes.get()), lines, is_now || is_needed)
}

fn table(curve: &NodesCurve, noun: &str, what: &str) -> Table {
    let has_all = curve.points.iter().any(|point| point.all.is_some());
    let mut head = vec!["Nodes".to_owned(), "With one lost".to_owned()];
    if has_all {
        head.push("With all up".to_owned());
    }
    head.push("Enough".to_owned());
    let row = |point: &NodesPoint| {
        let name = if point.nodes == curve.now { [&text(point.nodes), ", today"].concat() } else { text(point.nodes) };
        let enough = match (point.one_lost >= curve.demand, point.one_lost >= curve.demand_at_end) {
            (true, true) => "today and at the end",
            (true, false) => "today",
            (false, _) => "no",
        };
        let mut row = vec![name, text(point.one_lost)];
        if has_all {
            row.push(point.all.map_or_else(String::new, text));
        }
        row.push(enough.to_owned());
        row
    };
    let asked = [
        "; ",
        &*text(curve.demand),
        " are asked for today, ",
        &*text(curve.demand_at_end),
        " in ",
        &*counted(curve.months.get(), "month"),
    ]
    .concat();
    Table {
        caption: [what, " a second at peak that ", noun, " bear", &asked].concat(),
        head,
        rows: curve.points.iter().map(row).collect(),
    }
}
