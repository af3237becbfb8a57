//! The values of replication and of relational nodes.

use super::{Replicas, distance};
use crate::quantity::{BytesPerSecond, Count, MeanConnections, Millis, PerSecond, Quantity, Share, Unit};
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, POSTGRESQL};

/// All of them, in the order to show them.
pub(super) fn values(replicas: &Replicas<'_>, sheet: &mut Sheet<'_>) {
    nodes(replicas, sheet);
    if replicas.scenario.replicas.get() > 0 {
        streaming(replicas, sheet);
    }
    if replicas.scenario.replicas.get() > 0 || replicas.is_synchronous() {
        synchronous(replicas, sheet);
    }
    distance::values(sheet);
}

fn count(number: Option<u64>, why: &'static str) -> Quantity {
    number.map_or(Quantity::None(Unit::Count, why), |number| Count(number).into())
}

fn nodes(replicas: &Replicas<'_>, sheet: &mut Sheet<'_>) {
    let (reads, writes) = (PerSecond::new(replicas.reads), PerSecond::new(replicas.writes));
    sheet
        .value("replica.reads", "Reads that reach the database", reads.into())
        .is("rate × queries_per_request × read_share, less what a cache answers", HEADROOM)
        .with("rate", replicas.scenario.peak_rate().into())
        .inputs(&["queries_per_request", "read_share", "cache"]);
    sheet
        .value("replica.writes", "Write transactions at peak", writes.into())
        .is("rate × queries_per_request × (1 − read_share)", HEADROOM)
        .with("rate", replicas.scenario.peak_rate().into())
        .inputs(&["queries_per_request", "read_share"]);
    sheet
        .value("nodes.read_replicas", "Read replicas needed", count(replicas.needed(), "node_reads is not measured"))
        .is(
            "replica.reads ÷ (node_reads × 70 %), rounded up, + 1 that may be lost; 0 where the primary bears it all",
            source::SCALING_STRATEGIES.at("Read Scaling (Replicas)"),
        )
        .with("replica.reads", reads.into())
        .inputs(&["node_reads"]);
    let limits = "neither node_writes nor disk and data are given";
    sheet
        .value("nodes.shards", "Shards needed", count(replicas.shards(), limits))
        .is(
            "larger of replica.writes ÷ (node_writes × 70 %) and data ÷ (disk × 70 %), rounded up",
            source::SCALING_STRATEGIES.at("Sharding (Horizontal Partitioning)"),
        )
        .with("replica.writes", writes.into())
        .inputs(&["node_writes", "disk"]);
    if let Some(data) = replicas.data {
        sheet.with("data", data.into());
    }
    if let Some(capacity) = replicas.read_capacity() {
        sheet
            .value("replica.read_capacity", "Reads borne with one node lost", capacity.into())
            .is("(replicas − 1) × node_reads; with none left, what writes leave of the primary", HEADROOM)
            .inputs(&["replicas", "node_reads", "node_writes"]);
    }
    if let Some(used) = replicas.read_use() {
        sheet
            .value("replica.read_use", "Use by reads with one node lost", Share::new(used).into())
            .is(
                "replica.reads ÷ ((replicas − 1) × node_reads); with none left, of the primary and its writes",
                HEADROOM,
            )
            .with("replica.reads", reads.into())
            .inputs(&["replicas", "node_reads"]);
    }
    if let Some((used, capacity)) = replicas.write_use().zip(replicas.write_capacity()) {
        sheet
            .value("replica.write_use", "Use of the primary by writes", Share::new(used).into())
            .is("replica.writes ÷ node_writes", HEADROOM)
            .with("replica.writes", writes.into())
            .with("node_writes", capacity.into());
    }
}

fn streaming(replicas: &Replicas<'_>, sheet: &mut Sheet<'_>) {
    let wal: Quantity = BytesPerSecond::new(replicas.wal).into();
    let streaming = POSTGRESQL.at("Streaming Replication");
    sheet
        .value("replica.bandwidth", "Network to the replicas", BytesPerSecond::new(replicas.bandwidth()).into())
        .is("storage.wal_rate × replicas: each gets all of it", streaming)
        .with("storage.wal_rate", wal.clone())
        .inputs(&["replicas"]);
    if let Some(used) = replicas.bandwidth_use() {
        sheet
            .value("replica.bandwidth_use", "Use of that network", Share::new(used).into())
            .is("replica.bandwidth ÷ replication_bandwidth", HEADROOM)
            .with("replica.bandwidth", BytesPerSecond::new(replicas.bandwidth()).into())
            .inputs(&["replication_bandwidth"]);
    }
    if let Some(used) = replicas.apply_use() {
        sheet
            .value("replica.apply_use", "Use of a replica's replay", Share::new(used).into())
            .is("storage.wal_rate ÷ apply_rate", HEADROOM)
            .with("storage.wal_rate", wal)
            .inputs(&["apply_rate"]);
    }
    let distance = replicas.scenario.replica_distance;
    sheet
        .value("replica.lag_ms", "Replication lag after an hour at peak", Millis::new(replicas.lag()).into())
        .is(
            "larger of replication_lag_ms and 1 h × (1 − 1 ÷ use), where the use of network or replay is above 1",
            streaming,
        )
        .inputs(&["replication_lag_ms", "replication_bandwidth", "apply_rate"])
        .rule(
            source::SECRET_MANAGEMENT.at("Replication Types"),
            "about 1 s, about 2 s to another continent",
            Millis::new(distance.documented_lag()).into(),
            "holds while network and replay keep up",
        );
}

fn synchronous(replicas: &Replicas<'_>, sheet: &mut Sheet<'_>) {
    let round_trip = replicas.scenario.replica_distance.round_trip().1;
    let synchronous = POSTGRESQL.at("Synchronous Replication");
    let writes: Quantity = PerSecond::new(replicas.writes).into();
    sheet
        .value("replica.sync_commit_ms", "What a synchronous commit waits", Millis::new(round_trip).into())
        .is("one round trip at replica_distance, at worst", synchronous);
    sheet
        .value(
            "replica.sync_connections",
            "Connections held by that",
            MeanConnections::new(replicas.writes * round_trip / 1_000.0).into(),
        )
        .is("replica.writes × replica.sync_commit_ms ÷ 1000", source::LITTLE)
        .with("replica.writes", writes)
        .with("replica.sync_commit_ms", Millis::new(round_trip).into());
}
