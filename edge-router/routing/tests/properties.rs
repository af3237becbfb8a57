//! Laws of the decision that hold for every topology and every request.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use routing::{
    Coordinates, Decision, Health, Moment, Operation, Reason, RequestFacts, Role, Route, Snapshot, Topology, decide,
    explain,
};
use serde_json::{Value, json};

/// A valid topology as JSON: 1 to 12 clusters, one of them the primary, the others replicas and standbys.
fn topologies() -> impl Strategy<Value = Value> {
    let place = (-90.0..=90.0_f64, -180.0..=180.0_f64);
    // A few round places beside arbitrary ones, so that equal distances occur.
    let place = prop_oneof![3 => place, 1 => (prop::sample::select(vec![-90.0, 0.0, 10.0, 90.0]), prop::sample::select(vec![-180.0, 0.0, 180.0]))];
    let cluster = (place, any::<bool>(), any::<bool>());
    let mode = prop::sample::select(vec!["split", "affinity"]);
    let fallback = prop::sample::select(vec!["primary", "next"]);
    (prop::collection::vec(cluster, 1..=12), any::<prop::sample::Index>(), mode, fallback).prop_map(
        |(clusters, primary, mode, fallback)| {
            let primary = primary.index(clusters.len());
            let clusters: Vec<Value> = clusters
                .iter()
                .enumerate()
                .map(|(index, ((latitude, longitude), is_standby, forwards_writes))| {
                    let role = match (index == primary, is_standby) {
                        (true, _) => "primary",
                        (false, true) => "standby",
                        (false, false) => "replica",
                    };
                    json!({ "id": format!("c{index}"), "role": role, "url": format!("https://c{index}.example"),
                            "latitude": latitude, "longitude": longitude, "forwards_writes": forwards_writes })
                })
                .collect();
            json!({ "version": 1, "mode": mode, "fallback": fallback, "clusters": clusters })
        },
    )
}

fn locations() -> impl Strategy<Value = Option<Coordinates>> {
    let place = (-90.0..=90.0_f64, -180.0..=180.0_f64);
    prop::option::weighted(
        0.9,
        place.prop_map(|(latitude, longitude)| Coordinates::from_degrees(latitude, longitude).unwrap()),
    )
}

fn methods() -> impl Strategy<Value = String> {
    prop_oneof!["GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE|PROPFIND", any::<String>()]
}

const NOW: Moment = Moment::from_millis(1_000_000);

/// What is known where all is well.
fn healthy(topology: &Topology) -> Health {
    let mut health = Health::new(topology, 1);
    let writer = Some(topology.primary().id.to_string());
    health.adopt(
        topology,
        &Snapshot { topology: String::new(), sequence: 1, writer, lease_ms: None, clusters: Vec::new() },
        NOW,
    );
    health
}

fn route<'t>(topology: &'t Topology, health: &Health, request: &RequestFacts<'_>) -> Route<'t> {
    match decide(topology, health, request, NOW) {
        Decision::Forward(route) => route,
        other => panic!("nothing is denied or refused here: {other:?}"),
    }
}

/// The haversine formula as the textbooks have it, in kilometres.
#[allow(clippy::disallowed_methods)] // the reference need not give the same bits everywhere
fn reference_distance(a: Coordinates, b: Coordinates) -> f64 {
    let (phi_1, phi_2) = (a.latitude().to_radians(), b.latitude().to_radians());
    let (d_phi, d_lambda) = (phi_2 - phi_1, (b.longitude() - a.longitude()).to_radians());
    let h = (d_phi / 2.0).sin().powi(2) + phi_1.cos() * phi_2.cos() * (d_lambda / 2.0).sin().powi(2);
    2.0 * 6371.0088 * h.min(1.0).sqrt().asin()
}

proptest! {
    #[test]
    fn a_standby_never_and_writes_where_they_are_taken(
        topology in topologies(), method in methods(), path in "(/|\\.\\.|[a-z%;]){0,12}", location in locations(),
    ) {
        let topology = Topology::parse(&topology.to_string()).unwrap();
        let request = RequestFacts { method: &method, path: &path, location, ..RequestFacts::default() };
        let route = route(&topology, &healthy(&topology), &request);
        let cluster = route.target.cluster;
        prop_assert!(cluster.role != Role::Standby);
        prop_assert_eq!(route.operation == Operation::Read, matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS"));
        if route.operation == Operation::Write || route.reason == Reason::Affinity {
            prop_assert!(cluster.role == Role::Primary || cluster.forwards_writes);
        }
        if route.reason == Reason::WritePrimary {
            prop_assert_eq!(cluster, topology.primary());
        }
    }

    #[test]
    fn a_read_goes_to_the_minimum_distance(topology in topologies(), location in locations()) {
        let topology = Topology::parse(&topology.to_string()).unwrap();
        let request = RequestFacts { method: "GET", path: "/", location, ..RequestFacts::default() };
        let health = healthy(&topology);
        let route = route(&topology, &health, &request);
        let affinity = route.reason == Reason::Affinity;
        let eligible = || topology.clusters().filter(|cluster| {
            cluster.role != Role::Standby && (!affinity || cluster.role == Role::Primary || cluster.forwards_writes)
        });
        if let Some(location) = location {
            let nearest = eligible().map(|c| reference_distance(location, c.coordinates)).fold(f64::INFINITY, f64::min);
            let chosen = route.target.distance().unwrap().get();
            // Within a metre at the antipodes, where the formula's rounding is coarsest.
            prop_assert!((chosen - nearest).abs() < 1e-3, "{} km chosen, {} km is the minimum", chosen, nearest);
            let candidates = explain(&topology, &health, &request, NOW).candidates;
            let ranked = candidates.iter().filter(|candidate| candidate.rank.is_some());
            prop_assert!(ranked.map(|candidate| candidate.distance_km.unwrap()).is_sorted());
            let first_as_near = eligible().find(|c| c.coordinates == route.target.cluster.coordinates).unwrap();
            prop_assert_eq!(first_as_near, route.target.cluster, "equal distances keep the configured order");
        } else {
            prop_assert_eq!(route.target.cluster, eligible().next().unwrap());
        }
    }

    #[test]
    fn parsing_any_text_ends_in_a_topology_or_in_errors(text in any::<String>()) {
        prop_assert!(Topology::parse(&text).err().is_none_or(|errors| !errors.is_empty()));
    }

    #[test]
    fn parsing_any_json_ends_in_a_topology_or_in_errors(document in documents()) {
        let parsed = Topology::parse(&document.to_string());
        for error in parsed.err().iter().flatten() {
            let line = error.to_string();
            prop_assert!(!line.is_empty() && !line.contains('\n'), "{:?}", line);
        }
        prop_assert!(Topology::parse(&document.to_string()).err().is_none_or(|errors| !errors.is_empty()));
    }

    #[test]
    fn a_topology_with_one_value_replaced_is_valid_or_says_why(
        mut topology in topologies(), field in "[a-z_]{1,12}", value in documents(), index in any::<prop::sample::Index>(),
    ) {
        let keys = ["id", "role", "url", "latitude", "longitude", "headers", "forwards_writes", &field];
        topology["clusters"][0][*index.get(&keys)] = value;
        prop_assert!(Topology::parse(&topology.to_string()).err().is_none_or(|errors| !errors.is_empty()));
    }

    #[test]
    fn a_denied_path_stays_denied_in_every_disguise(
        segments in prop::collection::vec("[a-z0-9-]{1,6}", 1..5), disguises in prop::collection::vec(0..12_u8, 64),
    ) {
        let plain = format!("/{}", segments.join("/"));
        let topology = json!({ "version": 1, "deny": [plain], "clusters": [
            { "id": "a", "role": "primary", "url": "https://a.example", "latitude": 0, "longitude": 0 } ] });
        let topology = Topology::parse(&topology.to_string()).unwrap();
        let disguised = disguise(&plain, &disguises);
        let request = RequestFacts { method: "GET", path: &disguised, ..RequestFacts::default() };
        let decision = decide(&topology, &healthy(&topology), &request, NOW);
        prop_assert!(matches!(decision, Decision::Deny(_)), "{} as {}", plain, disguised);
    }
}

/// The same path, written so that only its normal form shows it.
fn disguise(path: &str, disguises: &[u8]) -> String {
    let mut disguised = String::new();
    for (byte, how) in path.bytes().zip(disguises.iter().cycle()) {
        let plain = char::from(byte);
        match (plain, how) {
            ('/', 0) => disguised.push_str("//"),
            ('/', 1) => disguised.push_str("/./"),
            ('/', 2) => disguised.push_str("/x/../"),
            ('/', 3) => disguised.push_str("/%2e/"),
            ('/', 4) => disguised.push_str("/x/%2E%2e/"),
            ('/', 5) => disguised.push_str("%2f"),
            ('/', 6) => disguised.push_str("%252F"),
            ('/', 7) => disguised.push('\\'),
            ('/', 8) => disguised.push_str("%5c"),
            ('/', 9) => disguised.push_str(";a=b/"),
            ('/', 10) => disguised.push_str("/x/..;/"),
            ('/', 11) => disguised.push_str("/x/%252e%252e%2f"),
            (_, 0) => disguised.push_str(&format!("%{byte:02x}")),
            (_, 1) => disguised.push_str(&format!("%{byte:02X}")),
            (_, 2) => disguised.push_str(&format!("%25{byte:02x}")),
            (_, 3) => disguised.push_str(&format!("%2525{byte:02x}")),
            _ => disguised.push(plain),
        }
    }
    // Dots that take away what some servers do not see there to be taken away.
    match disguises.first() {
        Some(0) => disguised.push_str("/..;%2f.."),
        Some(1) => disguised.push_str("/%252e%252e%2f.."),
        Some(2) => disguised.push_str("/..%5cx%2f.."),
        _ => {}
    }
    disguised
}

/// Arbitrary JSON whose keys and words are often those of a topology.
fn documents() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        "version|mode|clusters|id|role|url|latitude|longitude|headers|deny|operations|health|lag|max_ms|retry",
        "primary|replica|standby|split|read|write|https://a.example|/v1/[*]|[$]NAME",
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2..200_i64).prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}
