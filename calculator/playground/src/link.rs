//! How long a message takes over the network, from the distance alone.

use routing::{Coordinates, Milliseconds};

/// Kilometres that light travels in glass in a millisecond: 299,792.458 km/s divided by 1.468, the index of refraction of
/// the fibre of long lines (ITU-T G.652 fibres at 1,550 nm).
const FIBRE_KM_PER_MS: f64 = 299.792_458 / 1.468;
/// Cables are longer than great circles, and routers stand between them.  An assumption, about what pings between large
/// data centres show: London to New York 82 ms here.
const DETOUR: f64 = 1.5;
/// The client's own line and the router, there and back: an assumption.
const ACCESS_MS: f64 = 3.0;

/// The formula in words, for people.
pub(crate) fn formula() -> String {
    [
        "round trip = 2 × great-circle distance × ",
        &DETOUR.to_string(),
        " (cables are no great circles) ÷ ",
        &whole(FIBRE_KM_PER_MS).to_string(),
        " km per millisecond (light in fibre) + ",
        &ACCESS_MS.to_string(),
        " ms",
    ]
    .concat()
}

/// A round trip between two places.
pub(crate) fn round_trip(from: Coordinates, to: Coordinates) -> Milliseconds {
    let millis = 2.0 * from.distance(to).get() * DETOUR / FIBRE_KM_PER_MS + ACCESS_MS;
    Milliseconds::new(whole(millis))
}

/// A number of milliseconds as a whole one; what is not one is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
pub(crate) fn whole(millis: f64) -> u64 {
    libm::round(millis) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city;

    #[track_caller]
    fn check(from: &str, to: &str, expected: std::ops::RangeInclusive<u64>, reason: &str) {
        let place = |name| city::named(name).and_then(city::City::coordinates).unwrap();
        let took = round_trip(place(from), place(to)).get();
        assert!(expected.contains(&took), "{from} to {to}: {took} ms; {reason}");
    }

    #[test]
    fn the_formula_has_its_numbers() {
        let expected = "round trip = 2 × great-circle distance × 1.5 (cables are no great circles) ÷ 204 km per \
                        millisecond (light in fibre) + 3 ms";
        assert_eq!(formula(), expected);
    }

    #[test]
    fn round_trips() {
        check("Paris", "Paris", 3..=3, "the access alone");
        check("London", "New York", 70..=90, "pings show 70 to 80 ms");
        check("Los Angeles", "Tokyo", 100..=135, "pings show 100 to 115 ms");
        check("New York", "Sydney", 200..=245, "pings show 200 to 220 ms");
    }
}
