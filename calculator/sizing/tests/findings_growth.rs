//! What growth finds and what it leaves alone, one reason a row.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::panic, reason = "an input that is not allowed is a failed test")]

use sizing::Severity::{self, Error, Info, Warning};
use sizing::{Plan, Scenario, plan};

/// The plan for `id=text` pairs separated by spaces.
fn plan_of(inputs: &str) -> Plan {
    let mut scenario = Scenario::default();
    for pair in inputs.split_whitespace() {
        let (id, text) = pair.split_once('=').unwrap_or((pair, ""));
        scenario.set(id, text).unwrap_or_else(|error| panic!("{inputs}: {error}"));
    }
    plan(&scenario)
}

/// Inputs, the findings of growth with their severities, and why.
type Row = (&'static str, &'static [(&'static str, Severity)], &'static str);

const ROWS: &[Row] = &[
    ("", &[], "nothing grows"),
    ("users=250", &[], "users who do not become more"),
    ("pods=10", &[], "exceeded now: said where it is computed"),
    (
        "growth_rate=100%",
        &[("growth.exceeds_database", Info), ("growth.exceeds_update", Info)],
        "six pods in a year, twelve in two: ten are too many",
    ),
    (
        "growth_rate=100% surge=0",
        &[("growth.exceeds_database", Info)],
        "an update that stops a pod before it starts another",
    ),
    (
        "growth_rate=40% pools=read:30:0:replica",
        &[("growth.exceeds_further", Warning)],
        "a further database is asked for more with every pod: the fourth comes next month",
    ),
    ("growth_rate=20%", &[], "five pods in two years"),
    (
        "target=4 months=12",
        &[("growth.exceeds_database", Info), ("growth.exceeds_update", Info)],
        "ten pods in the eleventh month",
    ),
    ("target=4 months=6", &[("growth.exceeds_database", Info), ("growth.exceeds_update", Info)], "in the fifth month"),
    (
        "target=4 months=3",
        &[("growth.exceeds_database", Warning), ("growth.exceeds_update", Warning)],
        "in the third: two weeks before that is soon",
    ),
    (
        "target=100 months=3 pods_max=3",
        &[("growth.exceeds_pods", Warning), ("growth.exceeds_waiting", Warning)],
        "pods that may not be added leave the load to those there are",
    ),
    (
        "target=4 pooler=pgbouncer pool_size=30 default_pool_size=5",
        &[
            ("growth.exceeds_clients", Warning),
            ("growth.exceeds_pooler_waiting", Warning),
            ("growth.exceeds_server", Info),
        ],
        "one pod more is more than a hundred clients",
    ),
    (
        "rate=1000 pool_size=100 pooler=pgbouncer default_pool_size=50 reserve_pool_size=5 target=3 max_client_conn=1000",
        &[("growth.exceeds_pooler_waiting", Info), ("growth.exceeds_server", Info)],
        "pods become more and the pooler does not: its wait comes before it is saturated, and the reserve is no help",
    ),
    (
        "users=250 role_connection_limit=200 forecast=6:500,12:1000,24:5000",
        &[
            ("growth.exceeds_database", Info),
            ("growth.exceeds_update", Info),
            ("growth.exceeds_role", Info),
            ("growth.milestone_users_500", Info),
            ("growth.milestone_users_1000", Info),
            ("growth.milestone_tier_medium", Info),
        ],
        "what begins within a year; 5,000 users are two years away",
    ),
    ("users=5000", &[("growth.milestones_passed", Info)], "what ought to be done already"),
    (
        "system=secret-store nodes=5 rate=10M/day secrets=100K leases=60K forecast=12::50M/day:250K:150K",
        &[
            ("growth.exceeds_leases", Info),
            ("growth.milestone_leases_100k", Info),
            ("growth.milestone_rate_1k", Info),
            ("growth.milestones_passed", Info),
        ],
        "documented growth: more than 100,000 leases in the seventh month",
    ),
    (
        "system=secret-store nodes=5 leases=99000 secrets=1 growth_rate=20%",
        &[("growth.exceeds_leases", Warning), ("growth.milestone_leases_100k", Warning)],
        "next month, and four weeks of work",
    ),
    ("rows_per_day=1M rows_today=50M", &[("growth.exceeds_rows", Warning)], "a table grows although nobody does"),
    ("rows_per_day=1M rows_today=50M partitioning=monthly", &[], "in partitions already"),
    (
        "rows_per_day=1M row_bytes=1KiB disk=200GiB rows_today=1M",
        &[("growth.exceeds_disk", Info), ("growth.exceeds_rows", Info)],
        "a disk that fills",
    ),
];

#[test]
fn findings_of_growth() {
    let mut wrong = Vec::new();
    for (inputs, expected, reason) in ROWS {
        let plan = plan_of(inputs);
        let of_growth = plan.findings.iter().filter(|finding| finding.code.starts_with("growth."));
        let found: Vec<_> = of_growth.map(|finding| (finding.code.as_ref(), finding.severity)).collect();
        let mut sorted = found.clone();
        sorted.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        if sorted != expected {
            wrong.push(format!("{inputs}: {reason}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_exceeded_now_breaks_first() {
    for (inputs, limit, reason) in [
        ("pods=10", "database limit during a rolling update", "of two that are exceeded now the one exceeded more"),
        ("pods=8", "database limit during a rolling update", "only while it is updated"),
        ("pods=4 pools=read:30:20:replica growth_rate=40%", "limit of a further database", "200 of 97 there"),
    ] {
        let plan = plan_of(inputs);
        let shown = |id: &str| plan.value(id).map(|value| value.quantity.to_string());
        assert_eq!(shown("growth.first_limit").as_deref(), Some(limit), "{inputs}: {reason}");
        assert_eq!(shown("growth.first_limit_month").as_deref(), Some("0"), "{inputs}: {reason}");
    }
}

#[test]
fn what_is_late_has_no_day() {
    for today in ["", " today=2026-11-21"] {
        let plan = plan_of(&format!("system=secret-store nodes=5 secrets=900K target=1.2 months=1{today}"));
        let start = plan.value("growth.first_limit_start").map(|value| value.quantity.to_string());
        assert_eq!(start.as_deref(), Some("late already"), "{today}");
    }
}

#[test]
fn severity_follows_the_lead_time() {
    for (months, severity, reason) in [
        ("1", Error, "twelve weeks of work, and one month left"),
        ("4", Warning, "within three months"),
        ("12", Info, "later"),
    ] {
        let plan = plan_of(&format!("system=secret-store nodes=5 secrets=900K target=1.2 months={months}"));
        let finding = plan.findings.iter().find(|finding| finding.code == "growth.exceeds_secrets");
        assert_eq!(finding.map(|finding| finding.severity), Some(severity), "{months}: {reason}");
    }
}

#[test]
fn the_verdict_tells_what_breaks_first() {
    let rows: &[(&str, &str, &str)] = &[
        (
            "",
            "It fits: 35 of the 97 usable database connections are taken (36.1 %), and up to 9 pods fit.",
            "no growth to tell",
        ),
        (
            "growth_rate=10%",
            "It fits: 35 of the 97 usable database connections are taken (36.1 %), and up to 9 pods fit. As it grows, no \
             further limit is exceeded in the 24 months looked at.",
            "growth without consequences",
        ),
        (
            "target=4 months=12 today=2026-11-21",
            "It fits: 35 of the 97 usable database connections are taken (36.1 %), and up to 9 pods fit. As it grows, the \
             database limit during a rolling update is exceeded first, in 8 months (2027-07-21), then the database limit in \
             10 months (2027-09-21). Start by 2027-07-07: Lower the surge (maxSurge: 0 with maxUnavailable: 1), make \
             the pools smaller, or put a pooler in front.",
            "what breaks first, when, and what to do",
        ),
    ];
    for (inputs, verdict, reason) in rows {
        assert_eq!(plan_of(inputs).verdict, *verdict, "{inputs}: {reason}");
    }
}
