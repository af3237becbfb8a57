//! What `cargo xtask bench routing` measures.
//!
//! The baseline of each case is the least that any router by distance does: the great-circle distance to every cluster,
//! by the textbook, and the smallest of them.  It is measured in the same way in the same run.
#![expect(clippy::expect_used, clippy::panic, reason = "what cannot be set up cannot be measured")]
#![expect(clippy::disallowed_methods, reason = "it reads a clock to measure")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use routing::{
    Cluster, ClusterSnapshot, Colo, Coordinates, Decision, Health, Milliseconds, Moment, Outcome, Repeatable,
    RequestFacts, Route, Snapshot, Topology, decide,
};

const NOW: Moment = Moment::from_millis(1_000_000);
const LIMIT: Milliseconds = Milliseconds::new(30_000);

/// An isolate that has seen some traffic.
struct Isolate {
    topology: Topology,
    health: Health,
}

impl Isolate {
    /// So many clusters all over the globe, as a snapshot and live traffic show them: every fifth lags, every seventh is
    /// drained, the breaker of every ninth is open, and the round trips to every third are known.
    fn new(clusters: usize) -> Self {
        let topology = Topology::parse(&file(clusters)).expect("a valid topology");
        let mut isolate = Self { health: Health::new(&topology, 1), topology };
        let told = isolate.topology.clusters().zip(0..).map(|(cluster, index)| ClusterSnapshot {
            id: cluster.id.to_string(),
            up: true,
            lag_ms: Some(if index % 5 == 4 { 60_000 } else { 100 }),
            draining: index % 7 == 6,
            fenced: false,
            is_standby: false,
            suspect: false,
        });
        let snapshot = Snapshot {
            topology: isolate.topology.fingerprint(),
            sequence: 1,
            writer: Some("c0".to_owned()),
            lease_ms: None,
            clusters: told.collect(),
        };
        isolate.health.adopt(&isolate.topology, &snapshot, NOW);
        isolate.traffic();
        isolate
    }

    /// Requests from where each cluster stands, with outcomes by its number.
    fn traffic(&mut self) {
        let topology = self.topology.clone();
        for (cluster, index) in topology.clusters().zip(0..) {
            for _ in 0..5 {
                let request = RequestFacts { repeatable: Repeatable::Never, ..read(cluster.coordinates) };
                let Decision::Forward(route) = decide(&topology, &self.health, &request, NOW) else { continue };
                let outcome = match index {
                    index if index % 9 == 8 => Outcome::Failed,
                    index if index % 3 == 2 => Outcome::Answered(200),
                    _ => Outcome::Cancelled,
                };
                self.send(&route, outcome);
            }
        }
    }

    fn send(&mut self, route: &Route<'_>, outcome: Outcome) -> bool {
        let begun = self.health.begin(&self.topology, route, LIMIT, NOW);
        let took = Milliseconds::new(40);
        self.health.report(&self.topology, begun.ticket, outcome, took, NOW).next.is_some()
    }
}

fn file(clusters: usize) -> String {
    // The golden angle spreads them; three decimals are a hundred metres.
    let cluster = |index: usize| {
        let latitude = (index * 37) % 120;
        let longitude = (index * 222_492) % 360_000;
        format!(
            r#"{{ "id": "c{index}", "role": "{}", "url": "https://c{index}.example",
                  "latitude": {}, "longitude": {}.{:03} }}"#,
            if index == 0 { "primary" } else { "replica" },
            i64::try_from(latitude).unwrap_or_default() - 60,
            i64::try_from(longitude / 1_000).unwrap_or_default() - 180,
            longitude % 1_000,
        )
    };
    let clusters: Vec<String> = (0..clusters).map(cluster).collect();
    format!(
        r#"{{ "version": 1, "fallback": "next", "lag": {{ "max_ms": 10000 }}, "deny": [ "/v1/sys/seal" ],
              "consistency": {{ "read_your_writes_ms": 5000 }},
              "bulkheads": [ {{ "path": "/v1/database/*", "max_in_flight": 500 }} ],
              "operations": [ {{ "method": "POST", "path": "/v1/transit/*", "operation": "read" }},
                              {{ "method": "GET", "path": "/v1/database/creds/*", "operation": "write" }} ],
              "clusters": [ {} ] }}"#,
        clusters.join(",")
    )
}

fn read(from: Coordinates) -> RequestFacts<'static> {
    RequestFacts {
        method: "GET",
        path: "/v1/secret/data/team/application",
        location: Some(from),
        colo: Colo::parse("FRA"),
        repeatable: Repeatable::Now,
        wrote: None,
        client: Some(42),
    }
}

/// Great-circle distance by the textbook.
fn distance(from: Coordinates, to: Coordinates) -> f64 {
    let (phi_1, phi_2) = (from.latitude().to_radians(), to.latitude().to_radians());
    let (d_phi, d_lambda) = (phi_2 - phi_1, (to.longitude() - from.longitude()).to_radians());
    let (a, b) = (libm::sin(d_phi / 2.0), libm::sin(d_lambda / 2.0));
    let haversine = a * a + libm::cos(phi_1) * libm::cos(phi_2) * b * b;
    12_742.0 * libm::asin(libm::sqrt(haversine.min(1.0)))
}

fn nearest(topology: &Topology, from: Coordinates) -> usize {
    let by_distance =
        |a: &&Cluster, b: &&Cluster| distance(from, a.coordinates).total_cmp(&distance(from, b.coordinates));
    topology.clusters().min_by(by_distance).map_or(0, |cluster| cluster.index.get())
}

fn main() {
    let frankfurt = Coordinates::from_degrees(50.11, 8.68).expect("a place");
    for clusters in [5, 50] {
        let mut isolate = Isolate::new(clusters);
        let baseline = median(|| nearest(&isolate.topology, black_box(frankfurt)));
        let print = |name: &str, nanoseconds| println!("bench\t{name}, {clusters} clusters\t{nanoseconds}\t{baseline}");
        print(
            "decide",
            median(|| match decide(&isolate.topology, &isolate.health, black_box(&read(frankfurt)), NOW) {
                Decision::Forward(route) => route.target.cluster.index.get(),
                other => panic!("{other:?}"),
            }),
        );
        let topology = isolate.topology.clone();
        print(
            "decide, begin and report",
            median(|| match decide(&topology, &isolate.health, black_box(&read(frankfurt)), NOW) {
                Decision::Forward(route) => usize::from(isolate.send(&route, Outcome::Answered(200))),
                other => panic!("{other:?}"),
            }),
        );
    }
}

/// A sample takes at least this long: much more than the clock's resolution, and so short that on a busy machine few
/// samples are interrupted.
const SAMPLE: Duration = Duration::from_micros(50);
/// How many samples the median is of.
const SAMPLES: usize = 2_001;

/// The median time of one run, in nanoseconds.
fn median(mut run: impl FnMut() -> usize) -> u128 {
    let mut times = 1;
    while sample(&mut run, times) < SAMPLE {
        times *= 2;
    }
    let mut samples: Vec<u128> = (0..SAMPLES).map(|_| sample(&mut run, times).as_nanos() / u128::from(times)).collect();
    samples.sort_unstable();
    samples.get(SAMPLES / 2).copied().unwrap_or_default()
}

fn sample(run: &mut impl FnMut() -> usize, times: u32) -> Duration {
    let started = Instant::now();
    for _ in 0..times {
        black_box(run());
    }
    started.elapsed()
}
