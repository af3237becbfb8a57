//! Which findings a scenario has and which it has not, one reason a row.
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

/// Inputs, the codes that must be found, the codes that must not, and why.
type Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

const ROWS: &[Row] = &[
    (
        "",
        &["pool.utilization_outside_band"],
        &["pool.near_database_limit"],
        "36 % is below the band, and nothing else is wrong",
    ),
    (
        "pods=7",
        &["pool.near_database_limit"],
        &["pool.exceeds_database_limit", "pool.utilization_outside_band"],
        "75 of 97: inside the band, worth knowing",
    ),
    (
        "pods=9",
        &["pool.near_database_limit", "pool.utilization_outside_band"],
        &["pool.exceeds_database_limit"],
        "95 of 97: nearly used up",
    ),
    ("pods=10", &["pool.exceeds_database_limit"], &["pool.near_database_limit"], "105 of 97"),
    ("role_connection_limit=25", &["pool.exceeds_role_limit"], &[], "30 of 25"),
    ("role_connection_limit=5", &["pool.larger_than_role_limit"], &[], "one pool of 10 is more than the role may open"),
    (
        "role_connection_limit=98",
        &["pool.role_limit_never_reached"],
        &["pool.near_role_limit"],
        "the database leaves 97",
    ),
    ("pods=12 pool_size=5", &["pool.many_pods_without_pooler"], &[], "more than ten pods"),
    ("pods=10 pool_size=5", &[], &["pool.many_pods_without_pooler"], "ten are not more than ten"),
    ("pods=3 pods_max=11 pool_size=2", &["pool.many_pods_without_pooler"], &[], "the autoscaler will make them more"),
    ("pods=5 pods_max=4", &["pool.pods_above_maximum"], &[], "more pods than there may be"),
    (
        "pods=5 pods_max=20",
        &["pool.autoscaled_exceeds_database_limit"],
        &["pool.exceeds_database_limit"],
        "fits today, not on the day it scales",
    ),
    (
        "pods=9 pool_size=20 max_connections=200",
        &["pool.near_database_limit", "pool.rolling_update_exceeds_database_limit"],
        &[],
        "nearly used up today, exceeded by the surge: both are said",
    ),
    (
        "max_overflow=-1",
        &["pool.overflow_unlimited"],
        &["pool.further_overflow_unlimited"],
        "no limit for the main pool",
    ),
    (
        "pools=jobs:5:-1:primary",
        &["pool.further_overflow_unlimited"],
        &["pool.overflow_unlimited"],
        "no limit for another pool",
    ),
    (
        "pools=read:30:20:replica",
        &["pool.exceeds_further_database_limit"],
        &["pool.exceeds_database_limit"],
        "155 for a replica that is set up like the primary",
    ),
    (
        "threads=8 connections_per_thread=3",
        &["pool.deadlock_possible"],
        &[],
        "a pool of 10 is below 8 × (3 − 1) + 1 = 17",
    ),
    ("threads=3 connections_per_thread=4", &[], &["pool.deadlock_possible"], "a pool of 10 is 3 × (4 − 1) + 1"),
    ("min_idle=11", &["pool.min_idle_above_pool_size"], &[], "more idle than there can be"),
    (
        "superuser_reserved=100",
        &["pool.no_usable_connections", "pool.exceeds_database_limit"],
        &[],
        "everything is reserved",
    ),
    ("reserved_connections=2 pg=15", &["pool.reserved_connections_unknown"], &[], "the setting came with 16"),
    ("reserved_connections=2 pg=16", &[], &["pool.reserved_connections_unknown"], "known"),
    ("service=neon-1", &["pool.service_limit_applies"], &[], "419, and not the 100 that was given"),
    (
        "pooler=pgbouncer",
        &["pool.single_pooler"],
        &["pool.prepared_statements_unsupported"],
        "one pooler; 1.25 keeps 200 statements by default",
    ),
    ("pooler=pgbouncer pooler_instances=2", &[], &["pool.single_pooler"], "two poolers"),
    (
        "pooler=pgbouncer pooler_instances=2 pods=11",
        &["pool.instance_lost_exceeds_client_limit"],
        &["pool.exceeds_client_limit"],
        "110 clients fit two poolers, not one",
    ),
    ("pooler=pgbouncer pods=11", &["pool.exceeds_client_limit"], &[], "110 clients of 100"),
    (
        "pooler=pgbouncer pool_mode=session",
        &["pool.session_mode_shares_nothing", "pool.exceeds_server_connections"],
        &[],
        "30 clients keep 20 server connections",
    ),
    ("pooler=pgbouncer pool_mode=statement", &["pool.statement_mode_forbids_transactions"], &[], "as its name says"),
    (
        "pooler=pgbouncer session_features=yes",
        &["pool.session_features_in_transaction_mode"],
        &[],
        "SET is lost after the transaction",
    ),
    (
        "pooler=pgbouncer pool_mode=session session_features=yes",
        &[],
        &["pool.session_features_in_transaction_mode"],
        "a session keeps them",
    ),
    (
        "pooler=pgbouncer pooler_version=1.23",
        &["pool.prepared_statements_unsupported"],
        &[],
        "0 by default before 1.24",
    ),
    ("pooler=pgbouncer pooler_version=1.20", &["pool.prepared_statements_unsupported"], &[], "unknown before 1.21"),
    (
        "pooler=pgbouncer pooler_version=1.23 max_prepared_statements=100",
        &[],
        &["pool.prepared_statements_unsupported"],
        "turned on",
    ),
    ("pooler=pgbouncer max_prepared_statements=0", &["pool.prepared_statements_unsupported"], &[], "turned off"),
    (
        "pooler=pgbouncer prepared_statements=sql",
        &["pool.sql_prepare_in_transaction_mode"],
        &[],
        "SQL PREPARE passes through",
    ),
    ("pooler=pgbouncer min_pool_size=30", &["pool.min_pool_above_default"], &[], "more than the pool can have"),
    (
        "pooler=pgbouncer reserve_pool_size=5 max_db_connections=20",
        &["pool.reserve_never_reached"],
        &[],
        "the database limit comes first",
    ),
    (
        "pooler=pgbouncer reserve_pool_size=5 pods=1",
        &["pool.reserve_never_reached"],
        &[],
        "10 clients never fill a pool of 20",
    ),
    ("pooler=pgbouncer reserve_pool_size=5 pods=9", &[], &["pool.reserve_never_reached"], "90 clients can"),
    (
        "pooler=pgbouncer pooler_instances=2 pool_users=3 reserve_pool_size=5 max_db_connections=50 pods=10 max_connections=300",
        &[],
        &["pool.reserve_never_reached"],
        "one busy pool of 25 stays below 50, whatever three would be",
    ),
    (
        "pooler=pgbouncer service=neon-1 reserve_pool_size=5",
        &[],
        &["pool.reserve_never_reached"],
        "the pools are the provider's",
    ),
    (
        "pooler=pgbouncer max_client_conn=1000 default_pool_size=50 reserve_pool_size=5",
        &["pool.file_descriptors_exceeded"],
        &[],
        "1,055 descriptors of 1,024",
    ),
    (
        "pooler=pgbouncer max_client_conn=1000 default_pool_size=24",
        &[],
        &["pool.file_descriptors_exceeded"],
        "1,024 of 1,024",
    ),
    (
        "pooler=pgbouncer default_pool_size=0 max_client_conn=50000",
        &["pool.file_descriptors_exceeded"],
        &[],
        "the clients alone are too many",
    ),
    (
        "pooler=pgbouncer default_pool_size=0 pooler_version=1.20",
        &["pool.unlimited_pool_size_unknown", "pool.exceeds_server_connections"],
        &[],
        "a pool of none before 1.24",
    ),
    (
        "pooler=pgbouncer role_connection_limit=10",
        &["pool.larger_than_role_limit"],
        &[],
        "one pool of 20 is more than the role may open",
    ),
];

#[test]
fn findings() {
    for (inputs, present, absent, reason) in ROWS {
        let plan = plan_of(inputs);
        let found: Vec<&str> = plan.findings.iter().map(|finding| finding.code.as_ref()).collect();
        for code in *present {
            assert!(found.contains(code), "{inputs}: {code} is missing from {found:?}: {reason}");
        }
        for code in *absent {
            assert!(!found.contains(code), "{inputs}: {code} is in {found:?}: {reason}");
        }
    }
}

#[test]
fn the_verdict_tells_the_worst_first() {
    let ticketing_at = |rate: &str| {
        let mut scenario = sizing::Preset::get("ticketing").map(sizing::Preset::scenario).unwrap_or_default();
        assert_eq!(scenario.set("rate", rate), Ok(()));
        sizing::plan(&scenario)
    };
    let rows = [
        (plan_of(""), "It fits: 35 of the 97 usable database connections are taken (36.1 %)", "", "nothing is wrong"),
        (plan_of("pods=9 surge=0"), "It fits, but tightly: 95 of the 97", "", "only the limit is near"),
        (
            plan_of("pods=10 surge=0"),
            "The database limit of 97 is exceeded by 8 connections: ",
            "",
            "a limit comes first",
        ),
        (
            plan_of("pods=10 max_overflow=-1 threads=10 surge=0"),
            "The database limit of 97 is exceeded by 8 connections: ",
            " And 1 more error.",
            "what else is wrong is counted",
        ),
        (
            plan_of("pods=9 connections_per_thread=9 surge=0"),
            "The connections fit, but: ",
            " more error",
            "a deadlock is worse than a limit that is near",
        ),
        (
            ticketing_at("2600"),
            "The connections fit, but: Saturated: 52 of ",
            " more error",
            "the line never ends, which a tight limit does not hide",
        ),
    ];
    for (plan, start, more, reason) in rows {
        assert!(plan.verdict.starts_with(start), "{reason}: {}", plan.verdict);
        assert!(plan.verdict.contains(more), "{reason}: {}", plan.verdict);
        assert_eq!(more.is_empty(), !plan.verdict.contains(" more error"), "{reason}: {}", plan.verdict);
    }
}

#[test]
fn descriptors_matter_when_clients_come_for_them() {
    let configured = "pooler=pgbouncer max_client_conn=1000 default_pool_size=50 pool_size=10 surge=0 pods=";
    for (pods, severity, reason) in [
        ("5", Severity::Info, "50 clients and 50 servers of 1,024"),
        ("66", Severity::Info, "660 and 50 are below 70 %"),
        ("67", Severity::Warning, "670 and 50 are above 70 %"),
        ("97", Severity::Warning, "970 and 50 are still below 1,024"),
        ("98", Severity::Error, "980 and 50 are more"),
        ("5 pods_max=98", Severity::Error, "the autoscaler will make them more"),
    ] {
        let plan = plan_of(&[configured, pods].concat());
        let found = plan.findings.iter().find(|finding| finding.code == "pool.file_descriptors_exceeded");
        assert_eq!(found.map(|finding| finding.severity), Some(severity), "{pods}: {reason}");
    }
}
