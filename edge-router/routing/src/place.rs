//! Where a client is, by what the platform knows of it.

mod outline;
mod row;
mod table;

pub use outline::WORLD_OUTLINE;

use crate::geo::Coordinates;
use row::find;

/// A data centre by its code of three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Colo([u8; 3]);

/// What the platform knows of a client's place; empty where it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place<'p> {
    /// Degrees north as decimal text.
    pub latitude: &'p str,
    /// Degrees east as decimal text.
    pub longitude: &'p str,
    /// Code of the data centre the request came in at.
    pub colo: &'p str,
    /// Country, ISO 3166-1 alpha-2; `T1` and `XX` stand for none.
    pub country: &'p str,
    /// Continent: AF, AN, AS, EU, NA, OC or SA.
    pub continent: &'p str,
}

impl Colo {
    /// Reads a code: three letters, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        letters(text).map(Self)
    }
}

impl Place<'_> {
    /// The best that is known: the client's coordinates, else its data centre's, its country's, its continent's;
    /// `None` where nothing is known.
    ///
    /// A data centre is where the airport is whose code it has.  A country and a continent are where their large
    /// airports are on average, which is nearer to their people than the middle of their area.  What is missing,
    /// malformed or in no table counts as not known, `T1` (the Tor network) and `XX` (no country) among them.
    /// Coordinates that are valid count whatever the country, 0 and 0 included: the platform leaves out what it does
    /// not know, and guessing which valid ones are wrong would be another rule to explain.
    #[must_use]
    pub fn coordinates(&self) -> Option<Coordinates> {
        Coordinates::from_text(self.latitude, self.longitude)
            .or_else(|| find(table::COLOS, letters(self.colo)?))
            .or_else(|| find(table::COUNTRIES, letters(self.country)?))
            .or_else(|| find(table::CONTINENTS, letters(self.continent)?))
    }
}

/// A code of that many letters, as capitals.
fn letters<const N: usize>(text: &str) -> Option<[u8; N]> {
    let code: [u8; N] = text.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|letter| letter.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(client: [&str; 2], colo: &str, country: &str, continent: &str, expected: Option<(f64, f64)>) {
        let [latitude, longitude] = client;
        let place = Place { latitude, longitude, colo, country, continent };
        let found = place.coordinates().map(|found| (found.latitude(), found.longitude()));
        let near = |found: (f64, f64), expected: (f64, f64)| {
            (found.0 - expected.0).abs() < 0.5 && (found.1 - expected.1).abs() < 0.5
        };
        let agree = match (found, expected) {
            (Some(found), Some(expected)) => near(found, expected),
            (None, None) => true,
            _ => false,
        };
        assert!(agree, "{place:?} is at {found:?}, expected {expected:?}");
    }

    #[test]
    fn the_best_that_is_known() {
        let unknown = ["", ""];
        let frankfurt = Some((50.03, 8.57));
        let germany = Some((50.9, 10.0));
        let europe = Some((50.2, 14.3));
        check(["48.86", "2.35"], "FRA", "DE", "EU", Some((48.86, 2.35))); // the client's own place
        check(["0", "0"], "FRA", "DE", "EU", Some((0.0, 0.0))); // valid, so taken
        check(["48.86", ""], "FRA", "DE", "EU", frankfurt); // half a place is none
        check(["91", "2.35"], "FRA", "DE", "EU", frankfurt); // no such latitude
        check(["NaN", "inf"], "FRA", "DE", "EU", frankfurt); // numbers to the parser alone
        check(["unknown", "unknown"], "FRA", "DE", "EU", frankfurt); // words
        check(unknown, "fra", "DE", "EU", frankfurt); // lower case
        check(unknown, "", "DE", "EU", germany); // no data centre, as in development
        check(unknown, "FR", "DE", "EU", germany); // too short
        check(unknown, "FRAN", "DE", "EU", germany); // too long
        check(unknown, "F\u{e9}", "DE", "EU", germany); // three bytes, but not three letters
        check(unknown, "F-A", "DE", "EU", germany); // not letters alone
        check(unknown, "ZZZ", "DE", "EU", germany); // no such data centre
        check(unknown, "", "de", "eu", germany); // lower case
        check(unknown, "AMS", "T1", "T1", Some((52.3, 4.8))); // Tor: the data centre is real
        check(unknown, "", "T1", "EU", europe); // Tor is no country
        check(unknown, "", "XX", "EU", europe); // no country is known
        check(unknown, "", "", "EU", europe); // no country
        check(unknown, "", "DEU", "EU", europe); // the wrong kind of code
        check(unknown, "", "XX", "T1", None); // nothing is known
        check(unknown, "", "XX", "XX", None); // in other words
        check(unknown, "", "", "", None); // no words
        check(unknown, " FRA", " DE", " EU", None); // not trimmed: the platform sends no spaces
        check(unknown, "\0\0\0", "\0\0", "\0\0", None); // bytes that are no letters
    }

    #[test]
    fn data_centres() {
        for (colo, latitude, longitude) in [
            ("AAE", 36.82, 7.81),    // the first row
            ("ZRH", 47.46, 8.55),    // among the last ones
            ("SJC", 37.36, -121.93), // west of Greenwich
            ("SYD", -33.95, 151.18), // south of the equator
            ("AKL", -37.01, 174.79), // by the date line
            ("KEF", 63.99, -22.62),
            ("SIN", 1.35, 103.99),
            ("NQZ", 51.02, 71.47),  // renamed in 2020
            ("TXL", 52.56, 13.29),  // a closed airport
            ("ZDM", 32.27, 35.02),  // never was an airport
            ("ACE", 28.95, -13.61), // no data centre by now, but a large airport
        ] {
            check(["", ""], colo, "", "", Some((latitude, longitude)));
        }
    }

    #[test]
    fn countries_and_continents() {
        for (code, latitude, longitude) in [
            ("AE", 25.0, 55.1),   // the second row
            ("US", 39.0, -93.6),  // not pulled to Alaska
            ("CA", 51.2, -93.8),  // where people live, not the middle of the ice
            ("RU", 56.2, 53.4),   // spans eleven time zones
            ("KI", -0.2, -175.3), // on both sides of the date line and of the equator
            ("VA", 41.9, 12.45),  // without an airport
            ("XK", 42.5, 21.1),   // not of ISO 3166, but what the platform says
        ] {
            check(["", ""], "", code, "", Some((latitude, longitude)));
        }
        for (code, latitude, longitude) in [
            ("AF", 4.5, 17.8),
            ("AN", -80.2, 141.4),
            ("AS", 31.0, 93.6),
            ("EU", 50.2, 14.3),
            ("NA", 34.1, -90.0),
            ("OC", -23.4, 159.5),
            ("SA", -14.5, -59.1),
        ] {
            check(["", ""], "", "", code, Some((latitude, longitude)));
        }
    }

    #[test]
    fn the_tables_are_sorted_and_on_the_globe() {
        #[track_caller]
        fn check<const N: usize>(table: &[row::Row<N>], len: usize) {
            assert!(table.is_sorted_by(|a, b| a.code < b.code), "not sorted, or a code twice");
            assert_eq!(table.len(), len);
            for row in table {
                assert_eq!(find(table, row.code).map(|_| ()), Some(()), "{row:?}");
                assert_eq!(letters(str::from_utf8(&row.code).unwrap()), Some(row.code), "{row:?}");
            }
        }
        check(table::COLOS, 568); // 339 data centres, the others large airports
        check(table::COUNTRIES, 250); // the 249 of ISO 3166-1, and Kosovo
        check(table::CONTINENTS, 7);
    }

    #[test]
    fn the_outline_is_a_short_path() {
        assert!(WORLD_OUTLINE.len() <= 4096, "{} bytes", WORLD_OUTLINE.len());
        assert!(WORLD_OUTLINE.starts_with('M') && WORLD_OUTLINE.ends_with('z'));
        assert!(WORLD_OUTLINE.bytes().all(|byte| b"0123456789- Mlz".contains(&byte)));
    }
}
