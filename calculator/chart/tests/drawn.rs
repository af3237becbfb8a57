//! Whatever the numbers are, everything that is drawn is inside the picture, and every number is in the table.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use chart::{Axis, Chart, Key, Reading, Round, Scale, Shape, Table, draw};
use drawing::{Act, Drawing, html};
use proptest::prelude::*;

#[derive(Clone, PartialEq)]
struct Nothing;
impl Act for Nothing {}

fn drawn(chart: &Chart) -> String {
    let mut to: Drawing<Nothing> = Drawing::still();
    draw(chart, &mut to);
    html::of(&to)
}

/// A chart with a shape of each kind.
fn chart(points: &[(f64, f64)], (x, y): (Scale, Scale), limit: f64) -> Chart {
    let name = |number: f64| if number.is_finite() { "n" } else { "" }.to_owned();
    let lower: Vec<_> = points.iter().map(|(across, _)| (*across, 0.0)).collect();
    let (first, last) = (points.first().copied().unwrap_or_default(), points.last().copied().unwrap_or_default());
    Chart {
        id: "any",
        title: "Any".to_owned(),
        message: "Any numbers.".to_owned(),
        x: Axis::round("x", x, 6, Round::Whole, &name),
        y: Axis::round("y", y, 5, Round::Tens, &name),
        shapes: vec![
            Shape::Area { upper: points.to_vec(), lower, style: "s2", label: "A".to_owned() },
            Shape::Bar { x: (first.0, last.0), y: (first.1, last.1), style: "over", label: "B".to_owned() },
            Shape::Line { points: points.to_vec(), style: "s1", label: "C".to_owned() },
            Shape::Line { points: points.to_vec(), style: "s3", label: "D".to_owned() },
            Shape::Limit { at: limit, style: "most", label: "limit".to_owned() },
            Shape::Mark { at: limit, style: "now", label: "today".to_owned() },
            Shape::Dot { at: last, style: "s1", label: "C".to_owned() },
        ],
        readings: points.iter().map(|(at, _)| Reading::new(*at, vec!["here".to_owned()], true)).collect(),
        key: vec![Key {
            style: "s1",
            is_line: true,
            label: "C".to_owned(),
            name: "See".to_owned(),
            value: "1".to_owned(),
        }],
        table: Table { caption: "All".to_owned(), head: vec!["At".to_owned()], rows: vec![vec!["row".to_owned()]] },
    }
}

/// Every value of an attribute.
fn values<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let start = [" ", name, "=\""].concat();
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[track_caller]
fn inside(html: &str) {
    let lower = html.to_lowercase();
    assert!(!lower.contains("nan") && !lower.contains("inf"), "no such number: {html}");
    let picture = html.split("class=\"swatch\"").next().unwrap();
    for name in ["x", "y", "cx", "cy", "x1", "x2", "y1", "y2", "width", "height"] {
        for value in values(picture, name) {
            let number: f64 = value.trim_end_matches('%').parse().unwrap_or_else(|_| panic!("{name}={value}"));
            assert!((0.0..=100.0).contains(&number), "{name}={value}");
        }
    }
    for (from, length) in [("x", "width"), ("y", "height")] {
        let rects: Vec<&str> =
            picture.split("<rect class=\"").skip(1).filter_map(|rest| rest.split('>').next()).collect();
        for rect in rects {
            let number = |name| values(rect, name)[0].trim_end_matches('%').parse::<f64>().unwrap();
            assert!(number(from) + number(length) <= 100.02, "{rect}");
        }
    }
    let paths: Vec<&str> =
        picture.split("chart-paths").skip(1).filter_map(|rest| rest.split("</svg>").next()).collect();
    for path in paths.iter().flat_map(|paths| values(paths, "d")) {
        for number in path.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').filter(|text| !text.is_empty())
        {
            let number: f64 = number.parse().unwrap_or_else(|_| panic!("{path}"));
            assert!((0.0..=10_000.0).contains(&number), "{path}");
        }
    }
}

#[test]
fn degenerate_numbers() {
    let linear = (Scale::linear(0.0, 0.0), Scale::linear(0.0, 0.0));
    for (points, scales, limit, reason) in [
        (&[][..], linear, 0.0, "nothing at all"),
        (&[(3.0, 4.0)], linear, 1e300, "one point"),
        (&[(0.0, 0.0), (1.0, 0.0)], linear, 0.0, "all zero"),
        (&[(0.0, 1e-300), (1e300, 1e300)], (Scale::linear(0.0, 1e300), Scale::log(0.0, 1e300)), 1.0, "a huge range"),
        (&[(0.0, f64::INFINITY), (1.0, f64::NAN), (2.0, 1.0)], linear, f64::NAN, "no numbers"),
    ] {
        let html = drawn(&chart(points, scales, limit));
        inside(&html);
        assert!(html.contains("<caption>All</caption>"), "{reason}");
    }
}

#[test]
fn what_is_read_and_heard() {
    let scales = (Scale::linear(0.0, 2.0), Scale::linear(0.0, 10.0));
    let html = drawn(&chart(&[(0.0, 1.0), (1.0, 5.0), (2.0, 9.0)], scales, 8.0));
    for (part, reason) in [
        ("role=\"img\" aria-labelledby=\"any-picture-title any-picture-message\"", "the picture says its message"),
        ("<p id=\"any-picture-message\">Any numbers.</p>", "and so does the page"),
        ("tabindex=\"0\" role=\"img\" aria-label=\"here\"", "a place has the focus and says what it is"),
        ("<th scope=\"col\" class>At</th>", "columns have heads"),
        ("<th scope=\"row\">row</th>", "rows have heads"),
        ("d=\"M0 9000L5000 5000L10000 1000\"", "a line"),
        ("<span class=\"key-name\">See</span>", "what shapes are called"),
    ] {
        assert!(html.contains(part), "{reason}: {html}");
    }
    assert!(!html.contains("style="), "the policy allows no styles in elements");
}

proptest! {
    #[test]
    fn everything_is_inside(
        points in proptest::collection::vec((any::<f64>(), any::<f64>()), 0..12),
        ends in [any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>()],
        limit in any::<f64>(),
        is_log in any::<bool>(),
    ) {
        let scale = if is_log { Scale::log } else { Scale::linear };
        inside(&drawn(&chart(&points, (scale(ends[0], ends[1]), scale(ends[2], ends[3])), limit)));
    }
}
