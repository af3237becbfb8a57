//! Where clients are taken to be, by what the platform knows of them, and which cluster that makes theirs.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use serde_json::{Value, json};
use tests::observe::failing;
use tests::router::{STANDBY, World};
use tests::traffic::route;
use xtask::cluster::Condition;

/// What the platform knows of a client, and the clusters that are its own: in `split` mode with clusters in Virginia,
/// Frankfurt and Sydney; in `affinity` mode, where Frankfurt takes no writes; and with a standby in London and clusters
/// in Virginia, Tokyo and Johannesburg.
type Row = (&'static str, &'static str, [&'static str; 3], &'static str);

const US: &str = "us-east";
const EU: &str = "eu-central";
const AP: &str = "ap-southeast";

const CLIENTS: &[Row] = &[
    // Coordinates, as text.
    ("Berlin", r#"{"latitude":"52.52","longitude":"13.41"}"#, [EU, US, US], "nearest by a thousand kilometres"),
    ("Reykjavik", r#"{"latitude":"64.15","longitude":"-21.94"}"#, [EU, US, US], "nearer to Europe by half"),
    ("Cape Town", r#"{"latitude":"-33.92","longitude":"18.42"}"#, [EU, AP, AP], "Sydney is nearer than Virginia"),
    ("Lagos", r#"{"latitude":"6.52","longitude":"3.38"}"#, [EU, US, AP], "far from everything but Frankfurt"),
    ("Dubai", r#"{"latitude":"25.20","longitude":"55.27"}"#, [EU, US, AP], "Johannesburg is nearer than Tokyo"),
    ("Mumbai", r#"{"latitude":"19.08","longitude":"72.88"}"#, [EU, AP, EU], "Tokyo and Johannesburg are about as far"),
    ("Singapore", r#"{"latitude":"1.35","longitude":"103.82"}"#, [AP, AP, EU], "the equator"),
    ("Auckland", r#"{"latitude":"-36.85","longitude":"174.76"}"#, [AP, AP, EU], "near the date line"),
    ("Suva", r#"{"latitude":"-18.14","longitude":"178.44"}"#, [AP, AP, EU], "nearer to it still"),
    ("Apia", r#"{"latitude":"-13.83","longitude":"-171.77"}"#, [AP, AP, EU], "on its other side"),
    ("Honolulu", r#"{"latitude":"21.31","longitude":"-157.86"}"#, [US, US, EU], "the Pacific is wide"),
    ("Anchorage", r#"{"latitude":"61.22","longitude":"-149.90"}"#, [US, US, US], "a great circle, not a map"),
    ("Lima", r#"{"latitude":"-12.05","longitude":"-77.04"}"#, [US, US, US], "due south of the primary"),
    ("Buenos Aires", r#"{"latitude":"-34.60","longitude":"-58.38"}"#, [US, US, AP], "Johannesburg over the ocean"),
    ("Portland", r#"{"latitude":"45.52","longitude":"-122.68"}"#, [US, US, US], "beside the standby"),
    ("London", r#"{"latitude":"51.51","longitude":"-0.13"}"#, [EU, US, US], "beside the other standby"),
    ("The South Pole", r#"{"latitude":"-90","longitude":"0"}"#, [AP, AP, AP], "where every longitude is one"),
    ("Null Island", r#"{"latitude":"0","longitude":"0"}"#, [EU, US, AP], "valid coordinates like any"),
    ("Chicago", r#"{"latitude":41.88,"longitude":-87.63}"#, [US, US, US], "numbers where the platform writes text"),
    // The data centre, where the client's coordinates are not known.
    ("Warsaw", r#"{"colo":"WAW","country":"US","continent":"NA"}"#, [EU, US, US], "it counts before the country"),
    ("Melbourne", r#"{"colo":"MEL"}"#, [AP, AP, EU], "alone"),
    ("Toronto", r#"{"colo":"yyz"}"#, [US, US, US], "in lower case"),
    ("Madrid", r#"{"latitude":"40.42","longitude":"-3.70","colo":"SYD"}"#, [EU, US, US], "coordinates count before it"),
    ("Perth", r#"{"latitude":"-31.95","longitude":"east","colo":"PER"}"#, [AP, AP, EU], "half a place is none"),
    ("Denver", r#"{"latitude":"139.74","longitude":"-104.99","colo":"DEN"}"#, [US, US, US], "no such latitude"),
    // The country, where the data centre is not known either.
    ("France", r#"{"country":"FR"}"#, [EU, US, US], "alone"),
    (
        "New Zealand",
        r#"{"colo":"???","country":"NZ","continent":"EU"}"#,
        [AP, AP, EU],
        "it counts before the continent",
    ),
    ("Canada", r#"{"colo":"","country":"CA"}"#, [US, US, US], "no data centre"),
    // The continent, where nothing else is known.
    ("Europe", r#"{"continent":"EU"}"#, [EU, US, US], "alone"),
    ("Oceania", r#"{"country":"XX","continent":"OC"}"#, [AP, AP, EU], "XX is no country"),
    ("North America", r#"{"country":"T1","continent":"NA"}"#, [US, US, US], "T1 is the Tor network"),
    ("Tor in Amsterdam", r#"{"country":"T1","continent":"T1","colo":"LHR"}"#, [EU, US, US], "the data centre is real"),
    // Nothing: the configured order.
    ("Tor", r#"{"country":"T1","continent":"T1"}"#, [US, US, US], "in no place at all"),
    ("XX", r#"{"country":"XX","continent":"XX","colo":"XXX"}"#, [US, US, US], "in no place at all"),
    ("nowhere", "{}", [US, US, US], "the platform says nothing"),
    (
        "null",
        r#"{"latitude":null,"longitude":null,"colo":null,"country":null,"continent":null}"#,
        [US, US, US],
        "no texts",
    ),
    ("objects", r#"{"latitude":{},"colo":[1],"country":{"a":1},"continent":true}"#, [US, US, US], "no texts"),
];

/// Asks from everywhere; in every place the methods go to the same cluster.
async fn ask_from_everywhere(world: &World, methods: &[&str], column: usize, reason: &str) {
    for (number, (client, cf, expected, why)) in CLIENTS.iter().enumerate() {
        // Round trips are measured by data centre: with one of its own, which no table has, a client is measured alone.
        let is_alone = *cf == "{}" || cf.contains("colo");
        let letter = char::from(b'A' + u8::try_from(number % 26).unwrap());
        let colo = format!(",\"colo\":\"{}Q{letter}\"}}", if number < 26 { 'Q' } else { 'X' });
        let cf = if is_alone { (*cf).to_owned() } else { cf.replace('}', &colo) };
        for method in methods {
            let response = world.from_cf(&cf, method, "/v1/secret/data/app").send().await.unwrap();
            assert_eq!(response.status(), 200, "{client}");
            assert_eq!(route(&response), (expected[column].to_owned(), reason.to_owned()), "{method} {client}: {why}");
        }
    }
    let standby = world.clusters.iter().find(|cluster| cluster.id() == STANDBY).unwrap();
    assert_eq!(standby.count(), 0, "the standby serves nobody");
    assert_eq!(world.counts().iter().sum::<u64>(), (CLIENTS.len() * methods.len()) as u64);
}

fn place(topology: &mut Value, cluster: usize, latitude: f64, longitude: f64) {
    topology["clusters"][cluster]["latitude"] = json!(latitude);
    topology["clusters"][cluster]["longitude"] = json!(longitude);
}

#[tokio::test]
async fn reads_go_to_the_nearest_cluster_from_everywhere() {
    let world = World::start();
    ask_from_everywhere(&world, &["GET", "HEAD"], 0, "nearest").await;
}

#[tokio::test]
async fn everything_goes_to_the_nearest_cluster_that_takes_writes() {
    let world = World::with(
        |topology| {
            topology["mode"] = json!("affinity");
            topology["clusters"][2]["forwards_writes"] = json!(true);
            topology["clusters"][3]["forwards_writes"] = json!(true);
        },
        &[],
    );
    ask_from_everywhere(&world, &["GET", "POST"], 1, "affinity").await;
}

#[tokio::test]
async fn a_standby_next_door_is_passed_over() {
    let world = World::with(
        |topology| {
            place(topology, 1, 35.68, 139.69);
            place(topology, 2, -26.20, 28.05);
            place(topology, 3, 51.51, -0.13);
        },
        &[],
    );
    ask_from_everywhere(&world, &["GET"], 2, "nearest").await;
}

#[tokio::test]
async fn writes_go_to_the_primary_from_everywhere() {
    let world = World::start();
    for (client, cf, _, why) in CLIENTS {
        let response = world.from_cf(cf, "POST", "/v1/secret/data/app").body("x").send().await.unwrap();
        assert_eq!(route(&response), (US.to_owned(), "write-primary".to_owned()), "{client}: {why}");
    }
    assert_eq!(world.counts(), [CLIENTS.len() as u64, 0, 0, 0]);
}

#[tokio::test]
async fn a_cluster_that_is_measured_to_be_much_faster_moves_ahead() {
    // Two replicas as far from the client as each other, but for a few kilometres; the nearer one is slow.
    let world = World::with(
        |topology| {
            place(topology, 1, 50.0, 8.0);
            place(topology, 2, 50.5, 8.0);
            topology["fallback"] = json!("next");
            topology["breaker"] = json!({ "failures": 10_000 });
        },
        &[],
    );
    let cf = r#"{"latitude":"49.9","longitude":"8.0","colo":"FRA"}"#;
    let ask = async || route(&world.from_cf(cf, "GET", "/").send().await.unwrap()).0;
    let [_, slow, fast, _] = &world.clusters[..] else { panic!("four clusters") };
    slow.set(failing(503, "")).unwrap();
    for _ in 0..4 {
        assert_eq!(ask().await, fast.id(), "the other one answers, and is measured by that");
    }
    slow.set(Condition::Slow(250)).unwrap();
    assert_eq!(ask().await, slow.id(), "not yet measured");
    world.until("the faster one is preferred", async || ask().await == fast.id()).await;
    for _ in 0..4 {
        assert_eq!(ask().await, fast.id(), "and stays so");
    }
    // Who comes in elsewhere is measured on its own.
    let elsewhere = cf.replace("FRA", "MUC");
    let response = world.from_cf(&elsewhere, "GET", "/").send().await.unwrap();
    assert_eq!(route(&response).0, slow.id());
}
