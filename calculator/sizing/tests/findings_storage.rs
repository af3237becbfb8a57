//! Which findings of storage, caches and replicas a scenario has and which it has not, one reason a row.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::panic, reason = "an input that is not allowed is a failed test")]

use sizing::{Plan, Scenario, Severity, plan};

/// The plan for `id=text` pairs separated by spaces.
fn plan_of(inputs: &str) -> Plan {
    let mut scenario = Scenario::default();
    for pair in inputs.split_whitespace() {
        let (id, text) = pair.split_once('=').unwrap_or((pair, ""));
        scenario.set(id, text).unwrap_or_else(|error| panic!("{inputs}: {error}"));
    }
    plan(&scenario)
}

/// Inputs, the finding, its severity or `None` where it must not be there, and why.
type Row = (&'static str, &'static str, Option<Severity>, &'static str);

const ROWS: &[Row] = &[
    ("disk=10GiB", "storage.disk", None, "no size is given: nothing is known of its use"),
    ("disk=10GiB database_bytes=10GiB", "storage.disk", Some(Severity::Error), "the WAL comes on top"),
    ("disk=100GiB database_bytes=10GiB", "storage.disk", None, "a tenth"),
    ("disk=100GiB database_bytes=75GiB", "storage.disk", Some(Severity::Info), "above 70 %"),
    (
        "disk=500GiB rows_per_day=10M retention_days=90",
        "storage.disk",
        None,
        "900M rows of 315 bytes are 264 GiB, and no more will come",
    ),
    (
        "disk=500GiB rows_per_day=10M retention_days=170",
        "storage.disk",
        Some(Severity::Error),
        "1.7G rows of 315 bytes are 499 GiB",
    ),
    ("disk=500GiB rows_per_day=10M", "storage.disk", Some(Severity::Error), "3.65G rows within a year do not fit"),
    ("rows_per_day=200k", "storage.not_partitioned", None, "73M rows in a year"),
    ("rows_per_day=2M", "storage.not_partitioned", Some(Severity::Info), "100M rows in 50 days"),
    ("rows_per_day=2M retention_days=40", "storage.not_partitioned", None, "80M rows and no more"),
    ("rows_today=200M", "storage.not_partitioned", Some(Severity::Warning), "large already"),
    ("rows_today=200M partitioning=monthly", "storage.not_partitioned", None, "divided"),
    (
        "rows_per_day=20M partitioning=hypertable",
        "storage.chunk_too_large",
        Some(Severity::Warning),
        "41 GiB in seven days, 2 GiB are a quarter of memory",
    ),
    ("rows_per_day=2M partitioning=hypertable chunk_hours=24", "storage.chunk_too_large", None, "0.6 GiB in a day"),
    (
        "rows_per_day=2M compression_after_days=7",
        "storage.compression_without_hypertable",
        Some(Severity::Info),
        "one table",
    ),
    ("compression_after_days=7", "storage.compression_without_hypertable", None, "no growing table at all"),
    (
        "rows_per_day=2M partitioning=hypertable compression_after_days=7 retention_days=7",
        "storage.never_compressed",
        Some(Severity::Info),
        "removed first",
    ),
    (
        "rows_per_day=2M partitioning=hypertable compression_after_days=7 retention_days=90",
        "storage.never_compressed",
        None,
        "compressed first",
    ),
    ("rate=1000 node_reads=1000", "replica.too_few", Some(Severity::Info), "800 reads of 1,000"),
    ("rate=1000 node_reads=850", "replica.too_few", Some(Severity::Error), "800 reads of 850"),
    ("rate=1000 node_reads=2000", "replica.too_few", None, "the primary bears them"),
    ("rate=1000 node_reads=850 replicas=2", "replica.too_few", Some(Severity::Error), "one is left when one is lost"),
    ("rate=1000 node_reads=850 replicas=3", "replica.too_few", None, "two are left"),
    (
        "rate=1000 node_reads=850 cache=yes cache_keys=1000",
        "replica.too_few",
        None,
        "a cache answers nearly everything",
    ),
    ("rate=1000 node_writes=210", "replica.write_capacity", Some(Severity::Error), "200 writes of 210"),
    ("rate=1000 node_writes=1000", "replica.write_capacity", None, "200 of 1,000"),
    (
        "rate=10000 replicas=3 replication_bandwidth=20MiB",
        "replica.bandwidth",
        Some(Severity::Error),
        "three times the WAL",
    ),
    ("rate=100 replicas=1 replication_bandwidth=100MiB", "replica.bandwidth", None, "little WAL"),
    ("rate=10000 replicas=1 apply_rate=10MiB", "replica.replay", Some(Severity::Error), "more WAL than is replayed"),
    ("rate=10000 replicas=1 apply_rate=10MiB", "replica.lag", Some(Severity::Error), "so the lag grows all hour"),
    ("replicas=1", "replica.lag", None, "1 s of 10 s"),
    ("replicas=1 lag_limit_ms=1000", "replica.lag", Some(Severity::Error), "1 s of 1 s"),
    ("replicas=1 read_your_writes=yes", "replica.read_your_writes", Some(Severity::Warning), "asynchronous"),
    ("read_your_writes=yes", "replica.read_your_writes", None, "no replica to read from"),
    ("client_distance=cross-continent", "replica.distant_reads", Some(Severity::Warning), "600 ms for a request"),
    ("client_distance=cross-continent replicas=1", "replica.distant_reads", None, "a replica answers there"),
    ("client_distance=cross-region", "replica.distant_reads", None, "acceptable for infrequent writes"),
    (
        "cache=yes cache_keys=1M cache_bytes=1MiB",
        "cache.too_small",
        Some(Severity::Warning),
        "a thousand values of a million keys",
    ),
    ("cache=yes", "cache.too_small", None, "as much memory as it takes"),
    ("cache_bytes=1MiB", "cache.too_small", None, "no cache"),
    (
        "rate=1000 node_reads=100 cache=yes cache_keys=10M",
        "cache.hit_ratio_too_low",
        Some(Severity::Warning),
        "91 % are needed",
    ),
    ("rate=1000 node_reads=2000 cache=yes", "cache.hit_ratio_too_low", None, "the database needs no help"),
];

#[test]
fn findings() {
    for (inputs, code, severity, reason) in ROWS {
        let plan = plan_of(inputs);
        let found = plan.findings.iter().find(|finding| finding.code == *code);
        assert_eq!(found.map(|finding| finding.severity), *severity, "{inputs}: {code}: {reason}: {found:?}");
    }
}

#[test]
fn the_default_is_quiet() {
    let quiet = |code: &str| !["storage.", "cache.", "replica."].iter().any(|part| code.starts_with(part));
    for inputs in ["", "replicas=2", "rows_per_day=100k", "cache=yes", "database_bytes=10GiB disk=100GiB"] {
        let plan = plan_of(inputs);
        let found: Vec<&str> = plan.findings.iter().map(|finding| finding.code.as_ref()).collect();
        assert!(found.iter().all(|code| quiet(code)), "{inputs}: {found:?}");
    }
}
