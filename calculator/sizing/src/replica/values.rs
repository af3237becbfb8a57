//! The values of replication and of relational nodes.

use super::Replicas;
use super::distance;
use crate::numbers::{Beside, Figure, Given, NumberRow, row};
use crate::quantity::{Unit, approximate};
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, POSTGRESQL, Source};

const STREAMING: Source = POSTGRESQL.at("Streaming Replication");

static ROWS: [NumberRow; 13] = [
    row(
        "replica.reads",
        "Reads that reach the database",
        Unit::PerSecond,
        "rate × queries_per_request × read_share, less what a cache answers",
        HEADROOM,
        &["rate", "queries_per_request", "read_share"],
    ),
    row(
        "replica.writes",
        "Write transactions at peak",
        Unit::PerSecond,
        "rate × queries_per_request × (1 − read_share)",
        HEADROOM,
        &["rate", "queries_per_request", "read_share"],
    ),
    row(
        "nodes.read_replicas",
        "Read replicas needed",
        Unit::Count,
        "replica.reads ÷ (node_reads × 70 %), rounded up, + 1 that may be lost; 0 where the primary bears it all",
        source::SCALING_STRATEGIES.at("Read Scaling (Replicas)"),
        &["replica.reads", "node_reads"],
    )
    .or("node_reads is not measured"),
    row(
        "nodes.shards",
        "Shards needed",
        Unit::Count,
        "larger of replica.writes ÷ (node_writes × 70 %) and data ÷ (disk × 70 %), rounded up",
        source::SCALING_STRATEGIES.at("Sharding (Horizontal Partitioning)"),
        &["replica.writes", "node_writes", "data", "disk"],
    )
    .or("neither node_writes nor disk and data are given"),
    row(
        "replica.read_capacity",
        "Reads borne with one node lost",
        Unit::PerSecond,
        "(replicas − 1) × node_reads; with none left, what writes leave of the primary",
        HEADROOM,
        &["replicas", "node_reads", "node_writes"],
    ),
    row(
        "replica.read_use",
        "Use by reads with one node lost",
        Unit::Share,
        "replica.reads ÷ ((replicas − 1) × node_reads); with none left, of the primary and its writes",
        HEADROOM,
        &["replica.reads", "replicas", "node_reads"],
    ),
    row(
        "replica.write_use",
        "Use of the primary by writes",
        Unit::Share,
        "replica.writes ÷ node_writes",
        HEADROOM,
        &["replica.writes", "node_writes"],
    ),
    row(
        "replica.bandwidth",
        "Network to the replicas",
        Unit::BytesPerSecond,
        "WAL × replicas: each gets all of it",
        STREAMING,
        &["WAL", "replicas"],
    ),
    row(
        "replica.bandwidth_use",
        "Use of that network",
        Unit::Share,
        "replica.bandwidth ÷ replication_bandwidth",
        HEADROOM,
        &["replica.bandwidth", "replication_bandwidth"],
    ),
    row(
        "replica.apply_use",
        "Use of a replica's replay",
        Unit::Share,
        "WAL ÷ apply_rate",
        HEADROOM,
        &["WAL", "apply_rate"],
    ),
    row(
        "replica.lag_ms",
        "Replication lag after an hour at peak",
        Unit::Millis,
        "larger of replication_lag_ms and 1 h × (1 − 1 ÷ use), where the use of network or replay is above 1",
        STREAMING,
        &["replication_lag_ms", "replication_bandwidth", "apply_rate"],
    )
    .beside(&[Beside {
        source: source::SECRET_MANAGEMENT.at("Replication Types"),
        formula: "about 1 s, about 2 s to another continent",
        figure: Figure::Given("documented lag"),
        why: "holds while network and replay keep up",
    }]),
    row(
        "replica.sync_commit_ms",
        "What a synchronous commit waits",
        Unit::Millis,
        "one round trip at replica_distance, at worst",
        POSTGRESQL.at("Synchronous Replication"),
        &[],
    ),
    row(
        "replica.sync_connections",
        "Connections held by that",
        Unit::Connections,
        "replica.writes × replica.sync_commit_ms ÷ 1000",
        source::LITTLE,
        &["replica.writes", "replica.sync_commit_ms"],
    ),
];

/// All of them, in the order to show them.
pub(super) fn values(replicas: &Replicas<'_>, sheet: &mut Sheet<'_>) {
    let scenario = replicas.scenario;
    let counted = |number: Option<u64>| Some(number.map_or(f64::INFINITY, approximate));
    let has_replicas = scenario.replicas.get() > 0;
    let streaming = |number: f64| has_replicas.then_some(number);
    let synchronous = |number: f64| (has_replicas || replicas.is_synchronous()).then_some(number);
    let round_trip = scenario.replica_distance.round_trip().1;
    let given: [Given; 2] = [
        ("WAL", Unit::BytesPerSecond, replicas.wal),
        ("documented lag", Unit::Millis, scenario.replica_distance.documented_lag()),
    ];
    let data = replicas.data.map(|data| ("data", Unit::Bytes, approximate(data.get())));
    let given: Vec<Given> = given.into_iter().chain(data).collect();
    let numbers = [
        Some(replicas.reads),
        Some(replicas.writes),
        counted(replicas.needed()),
        counted(replicas.shards()),
        replicas.read_capacity().map(crate::quantity::PerSecond::get),
        replicas.read_use(),
        replicas.write_use(),
        streaming(replicas.bandwidth()),
        replicas.bandwidth_use().and_then(streaming),
        replicas.apply_use().and_then(streaming),
        streaming(replicas.lag()),
        synchronous(round_trip),
        synchronous(replicas.writes * round_trip / 1_000.0),
    ];
    sheet.numbers(&ROWS, &numbers, &given);
    distance::values(sheet);
}
