//! Lines and areas as paths, cut off where they leave the picture.

use crate::{Axis, Point};

/// Units of a path across the picture, which is as wide and as high as it likes.
pub(crate) const UNITS: f64 = 10_000.0;

/// A share as a whole number of units.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is between 0 and 1")]
fn units(share: f64) -> u32 {
    (share * UNITS + 0.5) as u32
}

/// A share as a percentage with two decimals.
pub(crate) fn percent(share: f64) -> String {
    let units = units(share.clamp(0.0, 1.0));
    let (whole, rest) = (units / 100, units % 100);
    let mut text = whole.to_string();
    if rest > 0 {
        text.push('.');
        if rest < 10 {
            text.push('0');
        }
        text.push_str(&rest.to_string());
    }
    text.push('%');
    text
}

/// Where a point stands: shares from the left and from the top.
pub(crate) fn place(x: &Axis, y: &Axis, (across, up): Point) -> (f64, f64) {
    (x.scale.place(across), 1.0 - y.scale.place(up))
}

fn push(path: &mut String, command: char, (across, down): (f64, f64)) {
    path.push(command);
    path.push_str(&units(across).to_string());
    path.push(' ');
    path.push_str(&units(down).to_string());
}

/// The part of a line that is in the picture, in pieces: above the picture it is cut off where it leaves.
pub(crate) fn pieces(y: &Axis, points: &[Point]) -> Vec<Vec<Point>> {
    let (_, top) = y.scale.ends();
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut piece: Vec<Point> = Vec::new();
    let mut before: Option<Point> = None;
    for point in points {
        let is_in = point.1 <= top;
        if let Some(before) = before
            && (before.1 <= top) != is_in
            && (before.1 - point.1).is_finite()
        {
            let share = (top - before.1) / (point.1 - before.1);
            piece.push((before.0 + (point.0 - before.0) * share, top));
        }
        if is_in {
            piece.push(*point);
        } else if !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
        before = Some(*point);
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// A line through points.
pub(crate) fn line(x: &Axis, y: &Axis, points: &[Point]) -> String {
    let mut path = String::new();
    for piece in pieces(y, points) {
        let mut command = 'M';
        for point in &piece {
            push(&mut path, command, place(x, y, *point));
            command = 'L';
        }
        // A line of one point is a dot, which round ends make visible.
        if piece.len() == 1 {
            path.push_str("h0");
        }
    }
    path
}

/// What lies between two lines.
pub(crate) fn area(x: &Axis, y: &Axis, upper: &[Point], lower: &[Point]) -> String {
    let mut path = String::new();
    let mut command = 'M';
    for point in upper.iter().chain(lower.iter().rev()) {
        push(&mut path, command, place(x, y, *point));
        command = 'L';
    }
    if !path.is_empty() {
        path.push('z');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;

    fn axis(most: f64) -> Axis {
        Axis { title: String::new(), scale: Scale::linear(0.0, most), ticks: Vec::new() }
    }

    #[test]
    fn paths() {
        let (x, y) = (axis(10.0), axis(100.0));
        for (points, expected, reason) in [
            (&[(0.0, 0.0), (10.0, 100.0)][..], "M0 10000L10000 0", "from the lower left"),
            (&[], "", "nothing"),
            (&[(5.0, 50.0)], "M5000 5000h0", "one point is a dot"),
            (&[(0.0, 200.0), (10.0, 0.0)], "M5000 0L10000 10000", "cut off where it comes in"),
            (&[(0.0, 0.0), (5.0, 200.0), (10.0, 0.0)], "M0 10000L2500 0M7500 0L10000 10000", "out and in again"),
            (&[(0.0, f64::INFINITY), (10.0, 0.0)], "M10000 10000h0", "no end is not drawn"),
        ] {
            assert_eq!(line(&x, &y, points), expected, "{reason}");
        }
        let band = area(&x, &y, &[(0.0, 50.0), (10.0, 500.0)], &[(0.0, 0.0), (10.0, 0.0)]);
        assert_eq!(band, "M0 5000L10000 0L10000 10000L0 10000z");
        assert_eq!(area(&x, &y, &[], &[]), "");
    }

    #[test]
    fn percentages() {
        for (share, text) in [(0.0, "0%"), (0.5, "50%"), (0.123_4, "12.34%"), (0.000_5, "0.05%"), (7.0, "100%")] {
            assert_eq!(percent(share), text);
        }
    }
}
