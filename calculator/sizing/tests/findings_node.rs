//! Which findings a secret store's cluster and a recovery have and which they have not, one reason a row.
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

use Severity::{Error, Info, Warning};

/// Inputs, a code, its severity or `None` where it must not be found, and why.
type Row = (&'static str, &'static str, Option<Severity>, &'static str);

const ROWS: &[Row] = &[
    ("leases=1 nodes=1", "nodes.no_fault_tolerance", Some(Error), "the only one"),
    ("leases=1 nodes=2", "nodes.no_fault_tolerance", Some(Error), "both must agree"),
    ("leases=1 nodes=2", "nodes.even_voters", None, "said worse already"),
    ("leases=1 nodes=3", "nodes.no_fault_tolerance", None, "one may be lost"),
    ("leases=1 nodes=3", "nodes.below_recommended", Some(Info), "none while one is repaired"),
    ("leases=1 nodes=5", "nodes.below_recommended", None, "recommended"),
    ("leases=1", "nodes.below_recommended", None, "nothing runs yet"),
    ("leases=1 nodes=4", "nodes.even_voters", Some(Warning), "survives one, as three do"),
    ("leases=1 nodes=7", "nodes.even_voters", None, "odd"),
    ("leases=1 nodes=7", "nodes.too_many_voters", None, "the most"),
    ("leases=1 nodes=9", "nodes.too_many_voters", Some(Warning), "more than the most"),
    ("leases=60000", "nodes.fewer_than_formula", None, "three of three"),
    ("leases=500000", "nodes.fewer_than_formula", Some(Info), "17, which do not help"),
    ("secrets=2000000", "nodes.fewer_than_formula", Some(Info), "7, which do not help"),
    ("leases=1 rate=12000", "nodes.fewer_than_formula", Some(Info), "6, of which one answers"),
    ("leases=1 rate=12000 edition=openbao", "nodes.fewer_than_formula", None, "seven are recommended"),
    ("leases=1 rate=12000 edition=openbao nodes=5", "nodes.fewer_than_formula", Some(Warning), "and they do help"),
    ("leases=1 rate=1350", "nodes.near_capacity", None, "69 % of 1,957, what one node answers"),
    ("leases=1 rate=1500", "nodes.near_capacity", Some(Info), "75 %"),
    ("leases=1 rate=1900", "nodes.near_capacity", Some(Error), "95 %"),
    ("leases=1 rate=2001", "nodes.exceeds_capacity", Some(Error), "one node answers everything"),
    ("leases=1 rate=2001 edition=openbao", "nodes.exceeds_capacity", None, "standbys answer reads"),
    (
        "leases=1 rate=4000 edition=openbao nodes=3",
        "nodes.node_lost_exceeds_capacity",
        Some(Error),
        "three answer 4,286, two 3,333",
    ),
    (
        "leases=1 rate=4000 edition=openbao nodes=3 non_voters=1",
        "nodes.node_lost_exceeds_capacity",
        None,
        "three are left",
    ),
    (
        "leases=1 rate=4000 read_share=0.2 edition=openbao",
        "nodes.exceeds_capacity",
        Some(Error),
        "the leader writes 1,800 of 3,200",
    ),
    ("leases=1 rate=1900", "nodes.standbys_serve_no_reads", None, "one node is enough"),
    ("leases=1 rate=2100", "nodes.standbys_serve_no_reads", Some(Warning), "more are expected to help"),
    ("leases=1 non_voters=2", "nodes.standbys_serve_no_reads", Some(Warning), "readers that do not read"),
    ("leases=1 rate=2100 edition=vault-enterprise", "nodes.standbys_serve_no_reads", None, "they do serve"),
    ("leases=1 replication_clusters=1", "nodes.edition_without_replication", Some(Error), "not in this edition"),
    ("secrets=1000000 secret_storage=4TB", "storage.snapshots_implausible", Some(Warning), "1.1 GB/s, hour by hour"),
    ("secrets=100000 secret_storage=4TB", "storage.snapshots_implausible", None, "no secret weighs that: 1 TB at most"),
    (
        "leases=1 replication_clusters=1 edition=vault-enterprise",
        "nodes.edition_without_replication",
        None,
        "it has it",
    ),
    ("leases=1 zones=1", "nodes.one_zone", Some(Warning), "all of them at once"),
    ("leases=1 zones=2", "nodes.zone_loss_stops", Some(Warning), "two of five are left"),
    ("leases=1 zones=3", "nodes.zone_loss_stops", None, "three of five are left"),
    ("leases=1 node_rtt_ms=8", "nodes.round_trip_slow", None, "as the reference architecture allows"),
    ("leases=1 node_rtt_ms=20", "nodes.round_trip_slow", Some(Warning), "slow, and stable"),
    ("leases=1 node_rtt_ms=600 performance_multiplier=1", "nodes.round_trip_slow", Some(Error), "leaders give up"),
    ("leases=70000", "nodes.near_leases_limit", None, "70 %"),
    ("leases=75000", "nodes.near_leases_limit", Some(Info), "above 70 %"),
    ("leases=85000", "nodes.near_leases_limit", Some(Warning), "above 80 %"),
    ("leases=95000", "nodes.near_leases_limit", Some(Error), "above 90 %"),
    ("leases=150000", "nodes.exceeds_leases_limit", Some(Error), "year 2 of the growth table"),
    ("secrets=1000000", "nodes.near_secrets_limit", Some(Error), "year 5 of the growth table: the last one"),
    ("leases=1 policies=12k", "nodes.exceeds_policies_limit", Some(Error), "of 10,000"),
    ("leases=1 store_connections=200k", "nodes.near_connections_limit", Some(Info), "40,000 of 50,000 on each of five"),
    ("leases=1 store_connections=225k", "nodes.near_connections_limit", Some(Warning), "45,000 of 50,000"),
    ("leases=1 edition=vault-enterprise replication_clusters=31", "nodes.exceeds_clusters_limit", Some(Error), "of 30"),
    ("secrets=100000 secret_storage=4TB", "nodes.storage_implausible", Some(Warning), "year 1: 42 MiB each"),
    ("secrets=100000 secret_storage=900GB", "nodes.storage_implausible", None, "nine versions of a full entry"),
    ("leases=1 nodes_max=7", "nodes.autoscaled_voters", Some(Error), "down from seven, four must agree and three run"),
    ("leases=1 nodes=3 nodes_max=5", "nodes.autoscaled_voters", Some(Warning), "three of five still agree"),
    ("leases=1", "nodes.autoscaled_voters", None, "no autoscaler"),
    ("", "resilience.rto_missed", None, "nothing is said of replication"),
    ("", "resilience.rpo_missed", None, "nothing is said of replication"),
    ("replication=none", "resilience.rpo_missed", Some(Info), "an hour of changes, and no objective given"),
    ("replication=none rpo_target_ms=29000", "resilience.rpo_missed", Some(Error), "an hour of changes"),
    ("replication=none", "resilience.rto_missed", None, "nobody knows how long a restore takes"),
    ("replication=none restore_ms=3600000", "resilience.rto_missed", Some(Info), "an hour, and no objective given"),
    ("replication=none restore_ms=3600000 rto_target_ms=299000", "resilience.rto_missed", Some(Error), "an hour"),
    ("replication=async", "resilience.rpo_missed", None, "a second of thirty"),
    (
        "replication=async replication_lag_ms=25000 rpo_target_ms=30001",
        "resilience.rpo_at_risk",
        Some(Warning),
        "25 s of 30 s",
    ),
    (
        "replication=async replication_lag_ms=31000 rpo_target_ms=30001",
        "resilience.rpo_missed",
        Some(Error),
        "31 s of 30 s",
    ),
    ("replication=sync rpo_target_ms=0", "resilience.rpo_missed", None, "nothing may be lost, and nothing is"),
    (
        "replication=async rpo_target_ms=0",
        "resilience.rpo_missed",
        Some(Error),
        "nothing may be lost, and something is",
    ),
    ("replication=async", "resilience.rto_missed", Some(Info), "a store's objective, which nobody gave"),
    ("replication=async rto_target_ms=240000", "resilience.rto_missed", Some(Warning), "people take longer: assumed"),
    ("replication=async promotion_ms=900000 rto_target_ms=240000", "resilience.rto_missed", Some(Error), "measured"),
    ("replication=async promotion=automatic", "resilience.rto_missed", None, "107 s"),
    ("replication=sync", "resilience.synchronous_standby_stops_writes", Some(Warning), "one standby"),
    ("replication=sync replicas=2", "resilience.synchronous_standby_stops_writes", None, "the other stands in"),
    ("replication=quorum", "resilience.synchronous_standby_stops_writes", None, "any of several"),
    ("replication=async standby_place=same-zone", "resilience.standby_in_same_zone", Some(Warning), "lost with it"),
    ("standby_place=same-zone", "resilience.standby_in_same_zone", None, "no standby is given"),
    ("leases=1 replication=async", "resilience.no_dr_replication", Some(Error), "Community has none"),
    ("leases=1 replication=async edition=vault-enterprise", "resilience.no_dr_replication", None, "it has"),
    (
        "leases=1 replication=sync edition=vault-enterprise",
        "resilience.no_synchronous_dr",
        Some(Warning),
        "asynchronous",
    ),
    ("health_timeout_ms=6000", "resilience.health_checks_overlap", Some(Warning), "6 s every 5 s"),
    ("leases=1", "resilience.queue_outlives_requests", None, "5 s of 90 s"),
    ("leases=1 backend_ms=1500", "resilience.queue_outlives_requests", Some(Warning), "75 s of 90 s"),
    ("leases=1 backend_ms=2000", "resilience.queue_outlives_requests", Some(Error), "100 s of 90 s"),
    ("backend_ms=2000", "resilience.queue_outlives_requests", None, "a database alone has no such queue"),
    ("rate=10000", "resilience.breaker_opens_on_noise", None, "a database alone has no such breaker"),
    ("leases=1 rate=50", "resilience.breaker_opens_on_noise", None, "one in 600 is more than normal"),
    ("leases=1 rate=1000", "resilience.breaker_opens_on_noise", Some(Info), "one in 12,000 is normal"),
    ("leases=1 rate=1000 error_share=0.01%", "resilience.breaker_opens_on_noise", Some(Error), "six failures a minute"),
    ("leases=1 rate=10 error_share=0.1%", "resilience.breaker_opens_on_noise", None, "less than one a minute"),
    ("leases=1 rate=30 error_share=0.1%", "resilience.breaker_opens_on_noise", Some(Warning), "3.6 % of the minutes"),
];

#[test]
fn findings() {
    for (inputs, code, severity, reason) in ROWS {
        let plan = plan_of(inputs);
        let found = plan.findings.iter().find(|finding| finding.code == *code).map(|finding| finding.severity);
        assert_eq!(found, *severity, "{inputs}: {code}: {reason}");
    }
}

#[test]
fn a_small_store_is_quiet() {
    let plan = plan_of("secrets=50000 leases=20000 rate=50");
    let found: Vec<&str> = (plan.findings.iter().map(|finding| finding.code.as_ref()))
        .filter(|code| code.starts_with("nodes.") || code.starts_with("resilience."))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
