//! Which findings about waiting a scenario has and which it has not, one reason a row.
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

/// Inputs, the code and the severity it must be found with, and why.
type Found = (&'static str, &'static str, Severity, &'static str);

const FOUND: &[Found] = &[
    ("pods=1 rate=320 pool_size=6", "queue.saturated", Severity::Error, "6.4 busy of 6"),
    ("pods=1 rate=300 pool_size=6", "queue.saturated", Severity::Error, "just as much as there is"),
    ("pods=1 rate=320 pool_size=8", "queue.wait_above_target", Severity::Error, "5 % wait longer than 10 ms"),
    ("pods=1 rate=320 pool_size=10", "queue.wait_above_target", Severity::Warning, "5.8 ms of 5"),
    (
        "pods=1 rate=320 pool_size=10 wait_target_ms=2",
        "queue.wait_above_target",
        Severity::Error,
        "critical from twice the target on",
    ),
    ("pods=1 rate=3000 pool_size=80", "queue.near_saturation", Severity::Info, "75 %, and a large pool does not wait"),
    ("pods=1 rate=6800 pool_size=160", "queue.near_saturation", Severity::Warning, "85 %"),
    ("pods=1 rate=46000 pool_size=1000", "queue.near_saturation", Severity::Error, "92 %"),
    (
        "pooler=pgbouncer rate=950 default_pool_size=20",
        "queue.wait_above_target",
        Severity::Error,
        "19 of the pooler's 20",
    ),
    ("pooler=pgbouncer rate=1100 default_pool_size=20", "queue.saturated", Severity::Error, "22 of the pooler's 20"),
    (
        "pooler=pgbouncer pooler_instances=2 rate=1100 default_pool_size=10",
        "queue.saturated",
        Severity::Error,
        "two pools of 10 are no more than one of 20",
    ),
    ("threads=2 rate=400", "queue.threads_saturated", Severity::Error, "2.7 of 2 threads hold a connection"),
    ("pods=9", "queue.pool_larger_than_needed", Severity::Info, "10 where 3 do, and the limit is nearly used up"),
    ("cpu_ms=29", "queue.cores_near_saturation", Severity::Info, "72.5 % of four cores"),
    ("cpu_ms=33", "queue.cores_near_saturation", Severity::Warning, "82.5 %"),
    ("cpu_ms=38", "queue.cores_near_saturation", Severity::Error, "95 %"),
    ("cpu_ms=40", "queue.cores_saturated", Severity::Error, "100 %"),
    ("rate=600 compare_pool_size=5", "queue.compared_pool_too_small", Severity::Info, "80 % of 5"),
    ("rate=600 compare_pool_size=4", "queue.compared_pool_too_small", Severity::Warning, "all of 4"),
    (
        "contention=0.05 coherence=0.01",
        "queue.beyond_best_concurrency",
        Severity::Warning,
        "best with 10, and 30 may be active",
    ),
    ("users=1000000", "queue.users_make_another_rate", Severity::Info, "100,000 a second are not 100"),
    ("users=100", "queue.users_make_another_rate", Severity::Info, "nor are 10"),
];

/// Inputs, a code that must not be found, and why.
type Absent = (&'static str, &'static str, &'static str);

const ABSENT: &[Absent] = &[
    ("", "queue.", "nobody waits, and there is room"),
    ("rate=0", "queue.", "nothing arrives"),
    ("hold_ms=0", "queue.", "nothing is held"),
    ("rate=0/day", "queue.", "nothing arrives all day"),
    ("pods=1 rate=320 pool_size=11", "queue.wait_above_target", "1.6 ms"),
    ("pods=1 rate=320 pool_size=8", "queue.near_saturation", "the longer wait is said already"),
    ("pods=1 rate=320 pool_size=6 max_overflow=10", "queue.saturated", "16 connections with overflow"),
    ("pods=1 rate=320 pool_size=6 max_overflow=-1", "queue.saturated", "as many as threads"),
    ("pooler=pgbouncer rate=400", "queue.", "8 of 20, and 2.7 of 10"),
    (
        "pooler=pgbouncer rate=1100 default_pool_size=20 pooler_instances=2",
        "queue.saturated",
        "two pools of 20 have room",
    ),
    (
        "pooler=pgbouncer rate=1100 default_pool_size=30",
        "queue.saturated",
        "a server connection for each of 30 clients",
    ),
    ("pooler=pgbouncer pool_mode=session rate=1100", "queue.saturated", "clients that keep a connection do not queue"),
    ("pods=7 min_idle=10 pool_size=3", "queue.pool_larger_than_needed", "3 are needed"),
    ("pool_size=30 max_connections=1000", "queue.pool_larger_than_needed", "connections are not scarce"),
    ("pods=9 threads=10 connections_per_thread=2", "queue.pool_larger_than_needed", "fewer could deadlock"),
    ("cpu_ms=28", "queue.cores_near_saturation", "70 % is nothing to speak of"),
    ("rate=600 compare_pool_size=9", "queue.compared_pool_too_small", "9 would do"),
    ("contention=0.05 coherence=0.0001", "queue.beyond_best_concurrency", "best with 97, and 30 may be active"),
    ("contention=0.05 coherence=0", "queue.beyond_best_concurrency", "more never get less done"),
    ("users=1500", "queue.users_make_another_rate", "150 and 100 are alike"),
    ("users=1000", "queue.users_make_another_rate", "the same"),
];

#[test]
fn found() {
    for (inputs, code, severity, reason) in FOUND {
        let plan = plan_of(inputs);
        let found = plan.findings.iter().find(|finding| finding.code == *code);
        let Some(found) = found else { panic!("{inputs}: {code} is missing: {reason}") };
        assert_eq!(found.severity, *severity, "{inputs}: {}: {reason}", found.message);
    }
}

#[test]
fn absent() {
    for (inputs, code, reason) in ABSENT {
        let plan = plan_of(inputs);
        let found = plan.findings.iter().find(|finding| finding.code.starts_with(code));
        assert!(found.is_none(), "{inputs}: {found:?}: {reason}");
    }
}
