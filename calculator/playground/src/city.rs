//! Where the people are: the largest cities, and some that fill the gaps between them.

use routing::{Colo, Coordinates, Place};

/// A city from which requests come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct City {
    /// Its name in English.
    pub(crate) name: &'static str,
    /// Its airport, which is also where a data centre near it is named after.
    code: &'static str,
    /// People in its urban agglomeration, in hundreds of thousands.
    pub(crate) weight: u32,
}

const fn city(name: &'static str, code: &'static str, weight: u32) -> City {
    City { name, code, weight }
}

/// By name.  People in 2018: United Nations, *World Urbanization Prospects, the 2018 Revision*, rounded.  Places are those of
/// the airports in `routing`'s own table.
pub(crate) const CITIES: &[City] = &[
    city("Bangkok", "BKK", 102),
    city("Beijing", "PEK", 196),
    city("Bengaluru", "BLR", 114),
    city("Berlin", "BER", 36),
    city("Bogotá", "BOG", 106),
    city("Buenos Aires", "EZE", 150),
    city("Cairo", "CAI", 201),
    city("Chicago", "ORD", 89),
    city("Delhi", "DEL", 285),
    city("Dhaka", "DAC", 196),
    city("Guangzhou", "CAN", 126),
    city("Hong Kong", "HKG", 74),
    city("Istanbul", "IST", 148),
    city("Jakarta", "CGK", 105),
    city("Johannesburg", "JNB", 55),
    city("Karachi", "KHI", 154),
    city("Kinshasa", "FIH", 132),
    city("Lagos", "LOS", 135),
    city("Lima", "LIM", 104),
    city("London", "LHR", 90),
    city("Los Angeles", "LAX", 125),
    city("Madrid", "MAD", 65),
    city("Manila", "MNL", 135),
    city("Mexico City", "MEX", 216),
    city("Moscow", "SVO", 124),
    city("Mumbai", "BOM", 200),
    city("Nairobi", "NBO", 44),
    city("New York", "JFK", 188),
    city("Osaka", "KIX", 193),
    city("Paris", "CDG", 109),
    city("Riyadh", "RUH", 69),
    city("Santiago", "SCL", 67),
    city("São Paulo", "GRU", 217),
    city("Seoul", "ICN", 100),
    city("Shanghai", "PVG", 256),
    city("Singapore", "SIN", 58),
    city("Sydney", "SYD", 48),
    city("Tokyo", "NRT", 375),
    city("Toronto", "YYZ", 61),
    city("Vancouver", "YVR", 25),
];

impl City {
    /// Where it is.
    pub(crate) fn coordinates(&self) -> Option<Coordinates> {
        Place { colo: self.code, ..Place::default() }.coordinates()
    }

    /// The data centre that its people come in at.
    pub(crate) fn colo(&self) -> Option<Colo> {
        Colo::parse(self.code)
    }
}

/// The city with that name.
pub(crate) fn named(name: &str) -> Option<&'static City> {
    CITIES.iter().find(|city| city.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_city_is_somewhere() {
        assert!(
            CITIES.is_sorted_by(|a, b| a.name.replace('ã', "a") < b.name.replace('ã', "a")),
            "a list is read by name"
        );
        for city in CITIES {
            assert!(city.coordinates().is_some() && city.colo().is_some(), "{} is in no table", city.name);
        }
        let paris = named("Paris").and_then(City::coordinates).unwrap();
        assert!((paris.latitude() - 49.0).abs() < 0.5 && (paris.longitude() - 2.5).abs() < 0.5);
    }
}
