//! The host and wasm32 decide alike, to the last bit of a distance: both are held against the same table.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
use routing::{
    Coordinates, Decision, Health, Milliseconds, Moment, Outcome, Place, Repeatable, RequestFacts, Snapshot, Topology,
    decide,
};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

const TOPOLOGY: &str = r#"{ "version": 1, "fallback": "next", "clusters": [
    { "id": "virginia", "role": "primary", "url": "https://va.example", "latitude": 38.95, "longitude": -77.45 },
    { "id": "frankfurt", "role": "replica", "url": "https://fra.example", "latitude": 50.11, "longitude": 8.68 },
    { "id": "sydney", "role": "replica", "url": "https://syd.example", "latitude": -33.87, "longitude": 151.21 },
    { "id": "oregon", "role": "standby", "url": "https://or.example", "latitude": 45.5, "longitude": -122.7 } ] }"#;

/// Place, latitude, longitude, method; cluster, reason, distance in kilometres as the bits of a double.
type Row = (&'static str, f64, f64, &'static str, &'static str, &'static str, u64);

const CITIES: [Row; 20] = [
    ("Frankfurt", 50.11, 8.68, "GET", "frankfurt", "nearest", 0x0000_0000_0000_0000),
    ("Ashburn", 39.04, -77.49, "GET", "virginia", "nearest", 0x4025_2cf0_6f01_55ac),
    ("Sydney", -33.87, 151.21, "GET", "sydney", "nearest", 0x0000_0000_0000_0000),
    ("London", 51.51, -0.13, "GET", "frankfurt", "nearest", 0x4083_eedd_5f23_6503),
    ("Reykjavik", 64.15, -21.94, "GET", "frankfurt", "nearest", 0x40a2_9450_70a6_7bb5),
    ("Lagos", 6.52, 3.38, "GET", "frankfurt", "nearest", 0x40b3_081c_cd17_2088),
    ("Cairo", 30.04, 31.24, "GET", "frankfurt", "nearest", 0x40a6_d015_e6dc_200b),
    ("Mumbai", 19.08, 72.88, "GET", "frankfurt", "nearest", 0x40b9_a3c3_7dc3_39f4),
    ("Singapore", 1.35, 103.82, "GET", "sydney", "nearest", 0x40b8_a234_3ccb_c336),
    ("Tokyo", 35.68, 139.69, "GET", "sydney", "nearest", 0x40be_91c1_6f46_4af7),
    ("Auckland", -36.85, 174.76, "GET", "sydney", "nearest", 0x40a0_d707_af5f_3589),
    ("Honolulu", 21.31, -157.86, "GET", "virginia", "nearest", 0x40be_372d_f79b_8b9d),
    ("Portland", 45.52, -122.68, "GET", "virginia", "nearest", 0x40ad_3eef_2725_6cee),
    ("Bogota", 4.71, -74.07, "GET", "virginia", "nearest", 0x40ad_dd1e_4109_1ffa),
    ("Sao Paulo", -23.55, -46.63, "GET", "virginia", "nearest", 0x40bd_e601_c54e_d89a),
    ("Cape Town", -33.92, 18.42, "GET", "frankfurt", "nearest", 0x40c2_586b_bc40_99d4),
    ("Suva, by the date line", -18.12, 178.45, "GET", "sydney", "nearest", 0x40a9_28ec_f4aa_a4cf),
    ("the North Pole", 90.0, 0.0, "GET", "frankfurt", "nearest", 0x40b1_5392_5e3d_e616),
    ("Frankfurt, writing", 50.11, 8.68, "POST", "virginia", "write-primary", 0x40b9_9952_f554_7426),
    ("Sydney, writing", -33.87, 151.21, "DELETE", "virginia", "write-primary", 0x40ce_9dd5_ceba_e279),
];

const NOW: Moment = Moment::from_millis(1_000_000);

/// What is known where all is well.
fn healthy(topology: &Topology) -> Health {
    let mut health = Health::new(topology, 1);
    let writer = Some("virginia".to_owned());
    health.adopt(
        topology,
        &Snapshot { topology: String::new(), sequence: 1, writer, lease_ms: None, clusters: Vec::new() },
        NOW,
    );
    health
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn twenty_cities() {
    let topology = Topology::parse(TOPOLOGY).expect("the topology is valid");
    let health = healthy(&topology);
    let decided = CITIES.map(|(place, latitude, longitude, method, ..)| {
        let location = Coordinates::from_degrees(latitude, longitude);
        let request = RequestFacts { method, path: "/", location, ..RequestFacts::default() };
        let Decision::Forward(route) = decide(&topology, &health, &request, NOW) else {
            panic!("nothing is denied here");
        };
        let distance = route.target.distance().expect("the location is known").get().to_bits();
        let cluster = topology.clusters().find(|c| c.id == route.target.cluster.id).expect("a cluster of the topology");
        (place, latitude, longitude, method, cluster.id.to_string(), route.reason.as_str(), distance)
    });
    for (decided, expected) in decided.into_iter().zip(CITIES) {
        let (place, latitude, longitude, method, cluster, reason, distance) = decided;
        assert_eq!(
            (place, latitude, longitude, method, cluster.as_str(), reason, distance),
            expected,
            "{distance:#018x} is {} km",
            f64::from_bits(distance)
        );
    }
}

/// What becomes of a thousand requests, folded into one number: whoever gets it has decided each as everybody else.
const HISTORY: u64 = 0x6fa3_2552_9224_5ca6;

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn a_history() {
    let text =
        TOPOLOGY.replacen("\"fallback\"", "\"breaker\": { \"failures\": 3, \"cooldown_ms\": 700 }, \"fallback\"", 1);
    let topology = Topology::parse(&text).expect("the topology is valid");
    let mut health = healthy(&topology);
    let (mut now, mut hash, mut number) = (NOW, 0xcbf2_9ce4_8422_2325_u64, 1_u32);
    let mut fold = |value: u64| hash = (hash ^ value).wrapping_mul(0x0100_0000_01b3);
    for _ in 0..1_000 {
        // The sequence of Park and Miller's generator, in the place of chance.
        number = u32::try_from(u64::from(number) * 48_271 % 0x7fff_ffff).expect("less than the modulus");
        let (_, latitude, longitude, method, ..) = CITIES[number as usize % CITIES.len()];
        let location = Coordinates::from_degrees(latitude, longitude);
        let request =
            RequestFacts { method, path: "/", location, repeatable: Repeatable::Now, ..RequestFacts::default() };
        now = now.after(Milliseconds::new(u64::from(number % 29)));
        let route = match decide(&topology, &health, &request, now) {
            Decision::Forward(route) => route,
            Decision::Refuse(refusal) => {
                fold(refusal.retry_after.get());
                continue;
            }
            Decision::Deny(_) => panic!("nothing is denied here"),
        };
        fold(route.target.distance().expect("the location is known").get().to_bits());
        let mut begun = Some(health.begin(&topology, &route, Milliseconds::new(30_000), now));
        while let Some(attempt) = begun {
            route.reason.as_str().bytes().for_each(|byte| fold(byte.into()));
            fold(u64::from(attempt.ticket.bits()) << 8 | attempt.cluster.get() as u64);
            let outcome = if number % 7 < 3 { Outcome::Failed } else { Outcome::Answered(200) };
            let took = Milliseconds::new(u64::from(number >> 8) % 300);
            begun = health.report(&topology, attempt.ticket, outcome, took, now).next;
        }
    }
    assert_eq!(hash, HISTORY, "{hash:#018x}");
}

/// Where the client's coordinates are not known: data centre, country, continent; cluster, distance in kilometres as the
/// bits of a double.
type PlaceRow = (&'static str, &'static str, &'static str, &'static str, u64);

const PLACES: [PlaceRow; 14] = [
    ("FRA", "", "", "frankfurt", 0x4027_2510_ed0a_2192),
    ("IAD", "", "", "virginia", 0x3ff6_89e8_1321_9931),
    ("SYD", "", "", "sydney", 0x4022_a205_d9f9_b0bc),
    ("NRT", "US", "NA", "sydney", 0x40be_8fba_8b36_1a1d), // the data centre counts, not where the address is registered
    ("lhr", "", "", "frankfurt", 0x4084_9c7e_2d25_82d5),
    ("", "JP", "", "sydney", 0x40be_4c7f_3c7b_dd71),
    ("", "BR", "", "virginia", 0x40ba_d2bb_3487_90ef),
    ("", "ke", "", "frankfurt", 0x40b9_7246_143b_34b6),
    ("", "VA", "", "frankfurt", 0x408d_ef2a_01d8_e5b4), // without an airport
    ("ZZZ", "CL", "", "virginia", 0x40bf_8920_b924_8189), // no such data centre
    ("", "T1", "OC", "sydney", 0x4096_07ab_b396_d46f),  // Tor
    ("", "XX", "SA", "virginia", 0x40b8_640e_1a9e_7b53), // no country
    ("", "", "AF", "frankfurt", 0x40b4_1929_720f_6edf),
    ("", "", "as", "frankfurt", 0x40bb_a33c_2f3a_9978),
];

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn places_without_coordinates() {
    let topology = Topology::parse(TOPOLOGY).expect("the topology is valid");
    let health = healthy(&topology);
    let decided = PLACES.map(|(colo, country, continent, ..)| {
        let location = Place { colo, country, continent, ..Place::default() }.coordinates();
        let request = RequestFacts { method: "GET", path: "/", location, ..RequestFacts::default() };
        let Decision::Forward(route) = decide(&topology, &health, &request, NOW) else {
            panic!("nothing is denied here");
        };
        let distance = route.target.distance().expect("the location is known").get().to_bits();
        (colo, country, continent, route.target.cluster.id.to_string(), distance)
    });
    for (decided, expected) in decided.iter().zip(PLACES) {
        let (colo, country, continent, cluster, distance) = decided;
        assert_eq!(
            (*colo, *country, *continent, cluster.as_str(), *distance),
            expected,
            "{distance:#018x} is {} km",
            f64::from_bits(*distance)
        );
    }
}
