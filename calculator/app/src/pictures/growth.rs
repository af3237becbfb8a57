//! Every demand as a share of its limit, month by month.

use chart::{Axis, Chart, Key, Reading, Round, Scale, Shape, Table};
use sizing::curve::{GrowthCurve, GrowthLine};
use sizing::quantity::Share;
use sizing::{Date, Quantity, Series};

use super::{BEYOND, LETTERS, LIMIT, STYLES, line_key, months, real, text};
use crate::view::counted;

/// Most lines that can be told apart; the others are in the table.
const MOST_LINES: usize = 6;
/// Shares above this are cut off.
const MOST: f64 = 1.6;
/// Shares up to this are always shown.
const LEAST: f64 = 1.15;
/// Months between two columns of the table.
const STEP: usize = 12;

pub(super) fn chart(curve: &GrowthCurve, series: &[Series], today: Option<Date>) -> Chart {
    let drawn = || drawable(curve).take(MOST_LINES);
    let highest = drawn().flat_map(|line| &line.shares).map(|share| share.get()).fold(0.0, f64::max);
    let top = (highest * 1.05).clamp(LEAST, MOST);
    let looks = || drawn().zip(STYLES).zip(LETTERS);
    let mut shapes = vec![Shape::Limit { at: 1.0, style: LIMIT, label: "limit".to_owned() }];
    for ((line, style), letter) in looks() {
        let points = (0_u32..).map(f64::from).zip(line.shares.iter().map(|share| share.get())).collect();
        let beyond = if line.use_at_end().get() > top { BEYOND } else { "" };
        shapes.push(Shape::Line { points, style, label: [letter, beyond].concat() });
    }
    for ((line, style), letter) in looks() {
        if let Some(crossed) = line.crossed {
            let month = crossed.month.get();
            // What is no number any more is beyond the picture, as what is above it: the sign stands at its edge.
            let share = line.shares.get(place(month)).map_or(top, |share| share.get().min(top));
            shapes.push(Shape::Dot { at: (real(month), share), style, label: letter.to_owned() });
        }
    }
    let cut = if highest > top { [", cut off at ", &text(Share::new(top))].concat() } else { String::new() };
    let title = ["share of the limit", &*cut].concat();
    Chart {
        id: "growth",
        title: "Growth against the limits".to_owned(),
        message: message(curve, today),
        x: months::axis(curve.months.get(), today),
        y: Axis::round(&title, Scale::linear(0.0, top), 6, Round::Tens, &|share| text(Share::new(share))),
        shapes,
        readings: readings(curve, &looks().map(|((line, _), letter)| (line, letter)).collect::<Vec<_>>(), today),
        key: looks().map(|((line, style), letter)| key(line, style, letter, today)).collect(),
        table: table(curve, series, today),
    }
}

/// Lines that have a place in the picture: what has no room at all has no share.
fn drawable(curve: &GrowthCurve) -> impl Iterator<Item = &GrowthLine> {
    curve.lines.iter().filter(|line| !line.shares.is_empty())
}

/// Where a month stands in a line.
fn place(month: u64) -> usize {
    usize::try_from(month).unwrap_or(usize::MAX)
}

fn key(line: &GrowthLine, style: chart::Style, letter: &str, today: Option<Date>) -> Key {
    let value = match line.crossed {
        Some(crossed) if crossed.month.get() == 0 => ["over ", &text(line.limit.clone()), " now"].concat(),
        Some(crossed) => ["over ", &text(line.limit.clone()), " ", &months::when(crossed.month.get(), today)].concat(),
        None => [&text(line.use_at_end()), " of ", &*text(line.limit.clone()), " at the end"].concat(),
    };
    line_key(style, letter, &line.name, value)
}

fn message(curve: &GrowthCurve, today: Option<Date>) -> String {
    let mut crossed = curve.lines.iter().filter_map(|line| Some((line, line.crossed?)));
    let all = crossed.clone().count();
    let ahead = counted(curve.months.get(), "month");
    let limits = drawable(curve).count();
    let rest = if limits > MOST_LINES {
        let (first, all) = (MOST_LINES.to_string(), limits.to_string());
        [" The first ", &*first, " of ", &all, " lines are drawn; all are in the table."].concat()
    } else {
        String::new()
    };
    let Some((line, first)) = crossed.next() else {
        return ["No limit is exceeded in the ", &ahead, " looked at.", &rest].concat();
    };
    let when = months::when(first.month.get(), today);
    let of = if all == 1 { " limit is exceeded within " } else { " limits are exceeded within " };
    let end = if all == 1 { ": that of “" } else { ": first that of “" };
    [&*all.to_string(), of, &ahead, end, &line.name, "”, ", &when, ".", &rest].concat()
}

/// A reading for each month there is room for, and stops where a limit is crossed and at the end.
fn readings(curve: &GrowthCurve, lines: &[(&GrowthLine, &str)], today: Option<Date>) -> Vec<Reading> {
    let last = curve.months.get();
    let step = (last / 24).max(1);
    let is_crossed =
        |month: u64| lines.iter().any(|(line, _)| line.crossed.is_some_and(|crossed| crossed.month.get() == month));
    let is_stop = |month: u64| month == 0 || month == last || is_crossed(month);
    let shown = (0..=last).filter(|month| month.is_multiple_of(step) || is_stop(*month));
    shown
        .map(|month| {
            let head = if month == 0 { "now".to_owned() } else { months::when(month, today) };
            let share = |line: &GrowthLine, name: &str| {
                let over = line.crossed.is_some_and(|crossed| crossed.month.get() == month);
                let share =
                    line.shares.get(place(month)).map_or_else(|| "beyond all bounds".to_owned(), |share| text(*share));
                [name, " ", &share, if over { ", over" } else { "" }].concat()
            };
            let mut said = head.clone();
            for (line, _) in lines {
                said.push_str(", ");
                said.push_str(&share(line, &line.name));
            }
            let lines = [head].into_iter().chain(lines.iter().map(|(line, letter)| share(line, letter))).collect();
            Reading { at: real(month), lines, said, is_stop: is_stop(month) }
        })
        .collect()
}

/// Every line, those without a limit last: its limit, when it is crossed, now and each year.
fn table(curve: &GrowthCurve, series: &[Series], today: Option<Date>) -> Table {
    let columns = || (0..=place(curve.months.get())).step_by(STEP);
    let mut head = vec!["Demand".to_owned(), "Limit".to_owned(), "Exceeded".to_owned()];
    head.extend(columns().map(|month| {
        let month = u64::try_from(month).unwrap_or_default();
        if month == 0 { "Now".to_owned() } else { months::label(real(month), today) }
    }));
    let cells = |points: &[Quantity]| -> Vec<String> {
        columns()
            .map(|month| points.get(month).or(points.last()).map_or_else(String::new, Quantity::to_string))
            .collect()
    };
    let limited = curve.lines.iter().filter_map(|line| {
        let points = &series.iter().find(|series| series.id == line.id)?.points;
        let crossed = line.crossed.map_or_else(|| "no".to_owned(), |crossed| months::when(crossed.month.get(), today));
        Some([vec![line.name.clone(), text(line.limit.clone()), crossed], cells(points)].concat())
    });
    let others = series.iter().filter(|series| series.limit.is_none());
    let others = others.map(|series| {
        [vec![series.name.to_string(), "none".to_owned(), "no".to_owned()], cells(&series.points)].concat()
    });
    let unit = if today.is_some() { "" } else { ", in months from now" };
    Table {
        caption: ["Every demand that grows, its limit, and when it is exceeded", unit].concat(),
        head,
        rows: limited.chain(others).collect(),
    }
}
