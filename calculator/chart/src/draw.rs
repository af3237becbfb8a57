//! A chart as elements.

use drawing::{Act, Drawing};

use crate::path::{self, percent, pieces, place};
use crate::{Axis, Chart, Key, Point, Reading, Shape, Style, Table};

/// Least distance between two texts, one above the other, as a share of the height.
const TEXT: f64 = 0.075;
/// Fewest shares of the height a bar must have for a letter in it.
const ROOM: f64 = 0.06;
/// A text right of here stands left of its place.
const RIGHT: f64 = 0.6;

fn joined(parts: &[&str]) -> String {
    parts.concat()
}

/// Draws a chart: its title and message, the picture, what its shapes are called, and its numbers as a table.
pub fn draw<A: Act>(chart: &Chart, to: &mut Drawing<A>) {
    let id = |what: &str| joined(&[chart.id, "-", what]);
    let (title, message) = (id("picture-title"), id("picture-message"));
    to.element("figure", &[("class", &joined(&["chart chart-", chart.id]))], |to| {
        to.element("figcaption", &[], |to| {
            to.words("h3", &[("id", &title)], &chart.title);
            to.words("p", &[("id", &message)], &chart.message);
        });
        to.element("div", &[("class", "chart-body")], |to| {
            to.element("div", &[("class", "chart-picture")], |to| {
                to.words("p", &[("class", "chart-up"), ("aria-hidden", "true")], &chart.y.title);
                to.element("div", &[("class", "chart-frame")], |to| {
                    let named = joined(&[&title, " ", &message]);
                    to.element(
                        "svg",
                        &[("class", "chart-canvas"), ("role", "img"), ("aria-labelledby", &named)],
                        |to| {
                            canvas(chart, to);
                        },
                    );
                    readings(chart, &title, to);
                });
                to.words("p", &[("class", "chart-across"), ("aria-hidden", "true")], &chart.x.title);
            });
            key(&chart.key, to);
        });
        table(&chart.table, &chart.title, to);
    });
}

/// Everything between the axes, and what stands beside them.
fn canvas<A: Act>(chart: &Chart, to: &mut Drawing<A>) {
    let (x, y) = (&chart.x, &chart.y);
    let hatch = joined(&[chart.id, "-hatch"]);
    pattern(&hatch, to);
    let fill = joined(&["url(#", &hatch, ")"]);
    axes(x, y, to);
    for shape in &chart.shapes {
        if let Shape::Bar { x: across, y: up, style, .. } = shape {
            bar(x, y, (*across, *up), style, &fill, to);
        }
    }
    let stretched = [("class", "chart-paths"), ("viewBox", "0 0 10000 10000"), ("preserveAspectRatio", "none")];
    to.element("svg", &stretched, |to| {
        to.set("width", "100%");
        to.set("height", "100%");
        for shape in &chart.shapes {
            let (path, class, style) = match shape {
                Shape::Area { upper, lower, style, .. } => (path::area(x, y, upper, lower), "area ", style),
                Shape::Line { points, style, .. } => (path::line(x, y, points), "line ", style),
                _ => continue,
            };
            to.element("path", &[("class", &joined(&[class, style])), ("d", &path)], |_| {});
        }
    });
    // Labels of neighbours do not meet: those of limits change sides, beginning where lines end
    // and seldom cross; those of marks stand below each other.
    let has_lines = chart.shapes.iter().any(|shape| matches!(shape, Shape::Line { .. }));
    let (mut is_left, mut row) = (!has_lines, 0_u32);
    for shape in &chart.shapes {
        match shape {
            Shape::Limit { at, style, label } => {
                limit(y, (*at, label), style, is_left, to);
                is_left = !is_left;
            }
            Shape::Mark { at, style, label } => {
                mark(x, (*at, label), style, row, to);
                row += 1;
            }
            _ => {}
        }
    }
    for shape in &chart.shapes {
        match shape {
            Shape::Bar { x: across, y: up, style, label } => in_bar(x, y, (*across, *up), style, label, to),
            Shape::Area { upper, lower, style, label } => in_area(x, y, (upper, lower), style, label, to),
            Shape::Dot { at, style, label } => dot(place(x, y, *at), style, label, to),
            _ => {}
        }
    }
    line_ends(chart, to);
}

fn pattern<A: Act>(id: &str, to: &mut Drawing<A>) {
    let attributes =
        [("id", id), ("width", "7"), ("height", "7"), ("patternUnits", "userSpaceOnUse"), ("class", "chart-hatch")];
    to.element("pattern", &attributes, |to| {
        to.element("rect", &[("width", "7"), ("height", "7")], |_| {});
        to.element("path", &[("d", "M-2 9L9 -2M-2 2L2 -2M5 9L9 5")], |_| {});
    });
}

fn line<A: Act>(class: &str, from: (&str, &str), until: (&str, &str), to: &mut Drawing<A>) {
    let ends = [("class", class), ("x1", from.0), ("y1", from.1), ("x2", until.0), ("y2", until.1)];
    to.element("line", &ends, |_| {});
}

/// A text at a place, so many pixels off it.
fn text<A: Act>(class: &str, at: (&str, &str), off: (&str, &str), words: &str, to: &mut Drawing<A>) {
    to.words("text", &[("class", class), ("x", at.0), ("y", at.1), ("dx", off.0), ("dy", off.1)], words);
}

fn axes<A: Act>(x: &Axis, y: &Axis, to: &mut Drawing<A>) {
    for tick in &y.ticks {
        let at = percent(1.0 - y.scale.place(tick.at));
        line("grid", ("0", &at), ("100%", &at), to);
        text("tick-y", ("0", &at), ("-8", "4"), &tick.label, to);
    }
    line("base", ("0", "100%"), ("100%", "100%"), to);
    for (number, tick) in (0_u32..).zip(&x.ticks) {
        let at = percent(x.scale.place(tick.at));
        // Where there is little room, every other one is left out.
        let class = if number % 2 == 1 && x.ticks.len() > 4 { "tick-x odd" } else { "tick-x" };
        line("notch", (&at, "100%"), (&at, "100%"), to);
        text(class, (&at, "100%"), ("0", "20"), &tick.label, to);
    }
}

/// From the left, from the top, width and height, as shares.
fn rectangle(x: &Axis, y: &Axis, (across, up): (Point, Point)) -> [f64; 4] {
    let (left, bottom) = place(x, y, (across.0, up.0));
    let (right, top) = place(x, y, (across.1, up.1));
    [left, top, (right - left).max(0.0), (bottom - top).max(0.0)]
}

fn bar<A: Act>(x: &Axis, y: &Axis, sides: (Point, Point), style: Style, fill: &str, to: &mut Drawing<A>) {
    let [left, top, width, height] = rectangle(x, y, sides).map(percent);
    let class = joined(&["bar ", style]);
    to.element("rect", &[("class", &class), ("x", &left), ("y", &top), ("width", &width), ("height", &height)], |to| {
        to.set("fill", fill);
    });
}

/// The letter of a bar, in its middle.
fn in_bar<A: Act>(x: &Axis, y: &Axis, sides: (Point, Point), style: Style, label: &str, to: &mut Drawing<A>) {
    let [left, top, width, height] = rectangle(x, y, sides);
    if height < ROOM || label.is_empty() {
        return;
    }
    let class = joined(&["in-bar on-", style]);
    text(&class, (&percent(left + width / 2.0), &percent(top + height / 2.0)), ("0", "4"), label, to);
}

/// The letter of an area, where it is thickest, but not at its ends.
fn in_area<A: Act>(
    x: &Axis,
    y: &Axis,
    (upper, lower): (&[Point], &[Point]),
    style: Style,
    label: &str,
    to: &mut Drawing<A>,
) {
    let mut thickest = (ROOM, None);
    let inner = upper.len().saturating_sub(2);
    for (above, below) in upper.iter().zip(lower).skip(1).take(inner) {
        let ((across, top), (_, bottom)) = (place(x, y, *above), place(x, y, *below));
        if bottom - top > thickest.0 && across < 0.97 {
            thickest = (bottom - top, Some((across, f64::midpoint(top, bottom))));
        }
    }
    if let (_, Some((across, down))) = thickest {
        text(&joined(&["in-bar on-", style]), (&percent(across), &percent(down)), ("0", "4"), label, to);
    }
}

fn limit<A: Act>(y: &Axis, (at, label): (f64, &str), style: Style, is_left: bool, to: &mut Drawing<A>) {
    let down = 1.0 - y.scale.place(at);
    let height = percent(down);
    line(&joined(&["limit ", style]), ("0", &height), ("100%", &height), to);
    let (side, class, off) = if is_left { ("0", "on-limit", "4") } else { ("100%", "on-limit end", "-4") };
    // At the very top there is no room above it.
    text(class, (side, &height), (off, if down < TEXT { "15" } else { "-5" }), label, to);
}

fn mark<A: Act>(x: &Axis, (at, label): (f64, &str), style: Style, row: u32, to: &mut Drawing<A>) {
    let across = x.scale.place(at);
    let at = percent(across);
    line(&joined(&["mark ", style]), (&at, "0"), (&at, "100%"), to);
    let (class, off) = if across > RIGHT { ("on-mark end", "-5") } else { ("on-mark", "5") };
    text(class, (&at, "0"), (off, &(12 + 16 * row).to_string()), label, to);
}

/// A sign with a letter in it.
fn dot<A: Act>((across, down): (f64, f64), style: Style, label: &str, to: &mut Drawing<A>) {
    let (x, y) = (percent(across), percent(down));
    let class = joined(&["dot ", style]);
    to.element(
        "circle",
        &[("class", &class), ("cx", &x), ("cy", &y), ("r", if label.is_empty() { "5" } else { "9" })],
        |_| {},
    );
    text(&joined(&["in-dot on-", style]), (&x, &y), ("0", "4"), label, to);
}

/// A word at the right end of each line, none above another.
fn line_ends<A: Act>(chart: &Chart, to: &mut Drawing<A>) {
    let mut ends: Vec<(f64, f64, Style, &str)> = Vec::new();
    for shape in &chart.shapes {
        if let Shape::Line { points, style, label } = shape
            && !label.is_empty()
            && let Some(end) = pieces(&chart.y, points).last().and_then(|piece| piece.last())
        {
            let (across, down) = place(&chart.x, &chart.y, *end);
            ends.push((across, down, style, label));
        }
    }
    // Those that end at about the same place stay in the order in which they are drawn.
    ends.sort_by(|one, other| libm::floor(one.1 / TEXT).total_cmp(&libm::floor(other.1 / TEXT)));
    spread(&mut ends);
    for (across, down, style, label) in ends {
        text(&joined(&["line-end on-", style]), (&percent(across), &percent(down)), ("7", "4"), label, to);
    }
}

/// Moves places, the highest first, so far apart that texts beside each other do not meet, and none beyond the bottom.
fn spread<T>(ends: &mut [(f64, f64, T, &str)]) {
    let is_beside = |one: f64, other: f64| libm::fabs(one - other) < 2.0 * TEXT;
    for place in 0..ends.len() {
        let (before, rest) = ends.split_at_mut(place);
        let Some(end) = rest.first_mut() else { return };
        let above = before.iter().filter(|above| is_beside(above.0, end.0)).map(|above| above.1 + TEXT);
        end.1 = above.fold(end.1, f64::max);
    }
    for place in (0..ends.len()).rev() {
        let (rest, after) = ends.split_at_mut(place + 1);
        let Some(end) = rest.last_mut() else { return };
        let below = after.iter().filter(|below| is_beside(below.0, end.0)).map(|below| below.1 - TEXT);
        end.1 = below.fold(end.1.min(1.0), f64::min).max(0.0);
    }
}

/// What places say, over the picture: each is as wide as it is from the middle between it and the one before.
fn readings<A: Act>(chart: &Chart, title: &str, to: &mut Drawing<A>) {
    to.element("svg", &[("class", "chart-readings"), ("role", "group"), ("aria-labelledby", title)], |to| {
        let places: Vec<f64> = chart.readings.iter().map(|reading| chart.x.scale.place(reading.at)).collect();
        let mut left = 0.0;
        for (number, (reading, at)) in chart.readings.iter().zip(&places).enumerate() {
            let right = places.get(number + 1).map_or(1.0, |next| f64::midpoint(*at, *next));
            one_reading(reading, *at, (left, right), to);
            left = right;
        }
    });
}

fn one_reading<A: Act>(reading: &Reading, at: f64, (left, right): (f64, f64), to: &mut Drawing<A>) {
    to.element("g", &[("class", "reading")], |to| {
        if reading.is_stop {
            to.set("tabindex", "0");
            to.set("role", "img");
            to.set("aria-label", &reading.said);
        } else {
            to.set("aria-hidden", "true");
        }
        let (x, width) = (percent(left), percent((right - left).max(0.0)));
        let slot = [("class", "slot"), ("x", &*x), ("y", "0"), ("width", &*width), ("height", "100%")];
        to.element("rect", &slot, |_| {});
        let at_text = percent(at);
        line("guide", (&at_text, "0"), (&at_text, "100%"), to);
        let (class, off) = if at > RIGHT { ("tip end", "-8") } else { ("tip", "8") };
        to.element("g", &[("class", class)], |to| {
            for (number, words) in (0_u32..).zip(&reading.lines) {
                let down = (14 + 17 * number).to_string();
                text("tip-line", (&at_text, "0"), (off, &down), words, to);
            }
        });
    });
}

/// The look of a shape, small, with its letter.
pub fn swatch<A: Act>(key: &Key, to: &mut Drawing<A>) {
    let svg = [("class", "swatch"), ("viewBox", "0 0 28 18"), ("aria-hidden", "true")];
    to.element("svg", &svg, |to| {
        if key.is_line {
            to.element("path", &[("class", &joined(&["line ", key.style])), ("d", "M1 9H27")], |_| {});
        } else {
            let rect = [("x", "1"), ("y", "1"), ("width", "26"), ("height", "16"), ("rx", "2")];
            to.element("rect", &[("class", &joined(&["bar ", key.style]))], |to| {
                for (name, value) in rect {
                    to.set(name, value);
                }
            });
        }
        if key.label.is_empty() {
            return;
        }
        if key.is_line {
            to.element(
                "circle",
                &[("class", &joined(&["dot ", key.style])), ("cx", "14"), ("cy", "9"), ("r", "8")],
                |_| {},
            );
            text(&joined(&["in-dot on-", key.style]), ("14", "9"), ("0", "4"), &key.label, to);
        } else {
            text(&joined(&["in-bar on-", key.style]), ("14", "9"), ("0", "4"), &key.label, to);
        }
    });
}

fn key<A: Act>(keys: &[Key], to: &mut Drawing<A>) {
    to.element("ul", &[("class", "chart-key")], |to| {
        to.flag("hidden", keys.is_empty());
        for key in keys {
            to.element("li", &[], |to| {
                swatch(key, to);
                to.words("span", &[("class", "key-name")], &key.name);
                to.text(" ");
                to.words("span", &[("class", "key-value")], &key.value);
            });
        }
    });
}

fn table<A: Act>(table: &Table, title: &str, to: &mut Drawing<A>) {
    to.element("details", &[("class", "chart-table")], |to| {
        to.element("summary", &[], |to| {
            to.text("As a table");
            to.words("span", &[("class", "visually-hidden")], &joined(&[": ", title]));
        });
        let region = [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", title)];
        to.element("div", &region, |to| {
            to.element("table", &[], |to| {
                to.words("caption", &[], &table.caption);
                to.element("thead", &[], |to| {
                    to.element("tr", &[], |to| {
                        for (number, head) in table.head.iter().enumerate() {
                            let class = if number > 0 { "quantity" } else { "" };
                            to.words("th", &[("scope", "col"), ("class", class)], head);
                        }
                    });
                });
                to.element("tbody", &[], |to| {
                    for row in &table.rows {
                        to.element("tr", &[], |to| {
                            for (number, cell) in row.iter().enumerate() {
                                if number == 0 {
                                    to.words("th", &[("scope", "row")], cell);
                                } else {
                                    to.words("td", &[("class", "quantity")], cell);
                                }
                            }
                        });
                    }
                });
            });
        });
    });
}
