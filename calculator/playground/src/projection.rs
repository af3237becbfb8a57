//! The map's projection: Equal Earth, which shows areas as large as they are (Šavrič, Patterson and Jenny, *The Equal
//! Earth map projection*, International Journal of Geographical Information Science, 2018).

use routing::{Coordinates, WORLD_OUTLINE};

const A1: f64 = 1.340_264;
const A2: f64 = -0.081_106;
const A3: f64 = 0.000_893;
const A4: f64 = 0.003_796;
/// Half the square root of three.
const M: f64 = 0.866_025_403_784_438_6;

/// The map is as wide as this; the unit of everything drawn on it.
pub(crate) const WIDTH: f64 = 400.0;
/// And as high: the far south, where nobody has a cluster, is cut off.
pub(crate) const HEIGHT: f64 = 180.0;
/// Units for each unit of the formulas, by which the equator is as long as the map is wide.
const SCALE: f64 = WIDTH / (2.0 * 2.706_629_83);
/// Where the north pole is.
const TOP: f64 = 1.317_362_76;

fn slope(theta: f64) -> f64 {
    let square = theta * theta;
    let sixth = square * square * square;
    A1 + 3.0 * A2 * square + sixth * (7.0 * A3 + 9.0 * A4 * square)
}

fn height(theta: f64) -> f64 {
    let square = theta * theta;
    let sixth = square * square * square;
    theta * (A1 + A2 * square + sixth * (A3 + A4 * square))
}

/// Where on the map a place is: to the right, and down.
pub(crate) fn project(latitude: f64, longitude: f64) -> (f64, f64) {
    let theta = libm::asin(M * libm::sin(latitude.to_radians()));
    let x = longitude.to_radians() * libm::cos(theta) / (M * slope(theta));
    (WIDTH / 2.0 + x * SCALE, (TOP - height(theta)) * SCALE)
}

/// The place of a cluster or a client on the map.
pub(crate) fn place(at: Coordinates) -> (f64, f64) {
    project(at.latitude(), at.longitude())
}

/// The place at a point of the map; `None` beside the globe, and where the map does not go.
pub(crate) fn unproject(x: f64, y: f64) -> Option<Coordinates> {
    if !(0.0..=HEIGHT).contains(&y) {
        return None;
    }
    let wanted = TOP - y / SCALE;
    let mut theta = wanted / A1;
    // Newton's method; the slope is never near zero.
    for _ in 0..8 {
        theta -= (height(theta) - wanted) / slope(theta);
    }
    let sine = libm::sin(theta) / M;
    if !(-1.0..=1.0).contains(&sine) {
        return None;
    }
    let longitude = M * (x - WIDTH / 2.0) / SCALE * slope(theta) / libm::cos(theta);
    Coordinates::from_degrees(libm::asin(sine).to_degrees(), longitude.to_degrees())
}

/// The great circle between two places as the data of a path.
pub(crate) fn arc(from: Coordinates, to: Coordinates) -> String {
    const STEPS: u32 = 32;
    let (a, b) = (vector(from), vector(to));
    let dot = a.iter().zip(b).map(|(one, other)| one * other).sum::<f64>().clamp(-1.0, 1.0);
    let angle = libm::acos(dot);
    let mut path = String::new();
    let mut before: Option<f64> = None;
    for step in 0..=STEPS {
        let share = f64::from(step) / f64::from(STEPS);
        let sine = libm::sin(angle);
        // Of two places at the same point, or at opposite ones, any way is as good.
        let (one, other) = if sine.abs() < 1e-9 {
            (1.0 - share, share)
        } else {
            (libm::sin((1.0 - share) * angle) / sine, libm::sin(share * angle) / sine)
        };
        let [x, y, z] = [0, 1, 2].map(|axis| part(&a, axis) * one + part(&b, axis) * other);
        let longitude = libm::atan2(y, x).to_degrees();
        let latitude = libm::atan2(z, libm::sqrt(x * x + y * y)).to_degrees();
        // It leaves the map on one side and comes back on the other.
        let is_new = before.is_none_or(|before| (before - longitude).abs() > 180.0);
        add(&mut path, is_new, project(latitude, longitude));
        before = Some(longitude);
    }
    path
}

fn part(vector: &[f64; 3], axis: usize) -> f64 {
    vector.get(axis).copied().unwrap_or_default()
}

fn vector(at: Coordinates) -> [f64; 3] {
    let (latitude, longitude) = (at.latitude().to_radians(), at.longitude().to_radians());
    let cosine = libm::cos(latitude);
    [cosine * libm::cos(longitude), cosine * libm::sin(longitude), libm::sin(latitude)]
}

fn add(path: &mut String, is_new: bool, (x, y): (f64, f64)) {
    path.push(if is_new { 'M' } else { 'L' });
    path.push_str(&number(x));
    path.push(' ');
    path.push_str(&number(y));
}

/// A number of the map as SVG takes it, to a tenth.
pub(crate) fn number(value: f64) -> String {
    let tenths = libm::round(value * 10.0) / 10.0;
    if tenths.is_finite() { tenths.to_string() } else { "0".to_owned() }
}

/// The land.
pub(crate) fn land() -> String {
    let mut path = String::new();
    for ring in WORLD_OUTLINE.split('z') {
        let ring = ring.trim().trim_start_matches('M');
        let numbers: Vec<f64> = numbers(ring);
        let (mut x, mut y) = (0.0, 0.0);
        let mut points = Vec::new();
        for pair in numbers.chunks_exact(2) {
            let [dx, dy] = *pair else { continue };
            (x, y) = (x + dx, y + dy);
            points.push((90.0 - y, x - 180.0));
        }
        // The Antarctic is below the edge of the map.
        if points.iter().all(|(latitude, _)| *latitude < -60.0) {
            continue;
        }
        for (index, (latitude, longitude)) in points.iter().enumerate() {
            add(&mut path, index == 0, project(*latitude, *longitude));
        }
        if !points.is_empty() {
            path.push('Z');
        }
    }
    path
}

/// The numbers of path data, separated by anything that is not part of one.
fn numbers(data: &str) -> Vec<f64> {
    let mut numbers = Vec::new();
    let mut word = String::new();
    for character in data.chars().chain(" ".chars()) {
        if !character.is_ascii_digit() && !word.is_empty() {
            numbers.extend(word.parse::<f64>());
            word.clear();
        }
        if character.is_ascii_digit() || character == '-' {
            word.push(character);
        }
    }
    numbers
}

/// Every thirtieth meridian and parallel.
pub(crate) fn graticule() -> String {
    let mut path = String::new();
    for meridian in (-150..=150).step_by(30) {
        for latitude in (-60..=90).step_by(5) {
            add(&mut path, latitude == -60, project(latitude.into(), meridian.into()));
        }
    }
    for parallel in (-30..=60).step_by(30) {
        add(&mut path, true, project(parallel.into(), -180.0));
        add(&mut path, false, project(parallel.into(), 180.0));
    }
    path
}

/// The edge of the globe, as far as the map goes.
pub(crate) fn globe() -> String {
    let mut path = String::new();
    let parallel = |step: i32| f64::from(step * 5 - 60);
    for step in 0..=30 {
        add(&mut path, step == 0, project(parallel(step), -180.0));
    }
    for step in (0..=30).rev() {
        add(&mut path, false, project(parallel(step), 180.0));
    }
    path.push('Z');
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_equator_is_as_wide_as_the_map() {
        let near = |one: (f64, f64), other: (f64, f64)| (one.0 - other.0).abs() < 0.1 && (one.1 - other.1).abs() < 0.1;
        assert!(near(project(0.0, -180.0), (0.0, 97.3)), "{:?}", project(0.0, -180.0));
        assert!(near(project(0.0, 180.0), (WIDTH, 97.3)));
        assert!(near(project(90.0, 0.0), (WIDTH / 2.0, 0.0)));
        assert!(project(-56.0, 0.0).1 < HEIGHT, "the south of America is on the map");
    }

    #[test]
    fn a_point_is_the_place_that_it_shows() {
        for (latitude, longitude) in [(0.0, 0.0), (48.9, 2.4), (-33.9, 151.2), (71.0, -156.8), (-54.0, -68.0)] {
            let (x, y) = project(latitude, longitude);
            let back = unproject(x, y).unwrap();
            assert!((back.latitude() - latitude).abs() < 1e-6 && (back.longitude() - longitude).abs() < 1e-6);
        }
        assert_eq!(unproject(2.0, 2.0), None, "beside the globe");
        assert_eq!(unproject(200.0, HEIGHT + 1.0), None, "below the edge");
        assert_eq!(unproject(200.0, -1.0), None, "above the pole");
    }

    #[test]
    fn arcs_go_round_the_world() {
        let at = |latitude, longitude| Coordinates::from_degrees(latitude, longitude).unwrap();
        assert_eq!(arc(at(48.9, 2.4), at(40.7, -74.0)).matches('M').count(), 1);
        assert_eq!(arc(at(35.7, 139.7), at(37.8, -122.4)).matches('M').count(), 2, "across the date line");
        assert!(!arc(at(1.0, 2.0), at(1.0, 2.0)).contains("NaN"), "from a place to itself");
    }

    #[test]
    fn the_land_is_on_the_map() {
        let land = land();
        assert!(land.starts_with('M') && land.ends_with('Z') && land.len() > 5_000 && !land.contains("NaN"));
        assert_eq!(numbers("135 168l2 2-11 1"), [135.0, 168.0, 2.0, 2.0, -11.0, 1.0]);
    }
}
