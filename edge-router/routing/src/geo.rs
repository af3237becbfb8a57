//! Places on the globe and the great-circle distance between them.

use crate::json;

/// Mean radius of the Earth, R₁ = (2a + b) / 3 of the reference ellipsoid (IUGG; Moritz, *Geodetic Reference System 1980*).
pub const EARTH_RADIUS: Kilometres = Kilometres(6371.0088);

/// A length along the surface, never negative and always finite.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Kilometres(f64);

impl Kilometres {
    /// The length as a plain number of kilometres.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A place: latitude from -90 to 90 and longitude from -180 to 180, in degrees, finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    latitude: f64,
    longitude: f64,
}

impl Coordinates {
    /// A place from degrees, or `None` where either is out of range or not a number.
    #[must_use]
    pub fn from_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let valid = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        valid.then_some(Self { latitude, longitude })
    }

    /// A place from degrees written as decimal text, the way the platform reports a client's location.
    #[must_use]
    pub fn from_text(latitude: &str, longitude: &str) -> Option<Self> {
        Self::from_degrees(json::number(latitude)?, json::number(longitude)?)
    }

    /// Degrees north of the equator.
    #[must_use]
    pub fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east of Greenwich.
    #[must_use]
    pub fn longitude(self) -> f64 {
        self.longitude
    }

    /// Great-circle distance to another place.
    #[must_use]
    pub fn distance(self, other: Self) -> Kilometres {
        Direction::of(self).haversine(Direction::of(other)).distance()
    }
}

/// A place as a unit vector from the Earth's centre: computed once a cluster and once a request, so that comparing a
/// candidate costs a few multiplications and no trigonometry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Direction {
    x: f64,
    y: f64,
    z: f64,
}

impl Direction {
    pub(crate) fn of(place: Coordinates) -> Self {
        let (sin_latitude, cos_latitude) = libm::sincos(place.latitude.to_radians());
        let (sin_longitude, cos_longitude) = libm::sincos(place.longitude.to_radians());
        Self { x: cos_latitude * cos_longitude, y: cos_latitude * sin_longitude, z: sin_latitude }
    }

    /// The haversine of the central angle.  It is a quarter of the squared chord between the unit vectors, which equals
    /// sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2) (Sinnott, *Virtues of the Haversine*, 1984) and stays exact for near places.
    pub(crate) fn haversine(self, other: Self) -> Haversine {
        let (x, y, z) = (self.x - other.x, self.y - other.y, self.z - other.z);
        Haversine(((x * x + y * y + z * z) / 4.0).min(1.0))
    }
}

/// Haversine of a central angle, 0 (the same place) to 1 (antipodes): grows with the distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Haversine(f64);

impl Haversine {
    pub(crate) fn distance(self) -> Kilometres {
        Kilometres(2.0 * EARTH_RADIUS.0 * libm::asin(libm::sqrt(self.0)))
    }

    /// Its bits, which as a whole number grow with it: it is never negative.
    pub(crate) fn bits(self) -> u64 {
        self.0.to_bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: (f64, f64), to: (f64, f64), expected: f64, tolerance: f64) {
        let place = |(latitude, longitude)| Coordinates::from_degrees(latitude, longitude).unwrap();
        let distance = place(from).distance(place(to)).get();
        assert!((distance - expected).abs() <= tolerance, "{from:?} to {to:?}: {distance} km, expected {expected}");
        assert_eq!(distance.to_bits(), place(to).distance(place(from)).get().to_bits(), "not symmetric");
    }

    #[test]
    fn known_distances() {
        let quarter = EARTH_RADIUS.0 * std::f64::consts::FRAC_PI_2;
        check((50.11, 8.68), (50.11, 8.68), 0.0, 0.0); // the same place
        check((0.0, 0.0), (0.0, 90.0), quarter, 1e-9); // a quarter of the equator
        check((90.0, 0.0), (-90.0, 0.0), 2.0 * quarter, 1e-9); // pole to pole
        check((0.0, 180.0), (0.0, -180.0), 0.0, 1e-9); // both sides of the date line
        check((0.0, 179.5), (0.0, -179.5), quarter / 90.0, 1e-9); // across the date line, not around the globe
        check((51.4775, -0.461_389), (40.639_751, -73.778_925), 5540.0, 15.0); // Heathrow to JFK, about 5 540 km
        check((50.0, 8.0), (50.000_009, 8.0), 0.001, 1e-6); // one metre is still told apart
    }

    #[test]
    fn coordinates_from_text() {
        #[track_caller]
        fn check(latitude: &str, longitude: &str, expected: Option<(f64, f64)>) {
            let read = Coordinates::from_text(latitude, longitude).map(|c| (c.latitude(), c.longitude()));
            assert_eq!(read, expected, "{latitude:?}, {longitude:?}");
        }
        check("50.11552", "8.68417", Some((50.115_52, 8.684_17))); // as the platform writes it
        check("-90", "180", Some((-90.0, 180.0))); // the borders belong to it
        check("90.1", "0", None);
        check("0", "-180.5", None);
        check("", "8", None); // missing
        check("NaN", "8", None);
        check("inf", "8", None);
        check("50,1", "8", None); // a decimal comma
        check("50\u{b0}", "8", None);
    }
}
