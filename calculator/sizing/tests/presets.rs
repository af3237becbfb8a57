//! Each document's system: its own figures, and what the document itself missed.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::panic, reason = "a preset that is not there is a failed test")]

use std::collections::BTreeSet;

use sizing::{PRESETS, Plan, Preset, Quantity, Scenario, Severity, plan};

fn plan_of(id: &str) -> Plan {
    let preset = Preset::get(id).unwrap_or_else(|| panic!("{id}: no such preset"));
    plan(&preset.scenario())
}

#[test]
fn every_input_is_taken() {
    for preset in &PRESETS {
        let mut scenario = Scenario::default();
        for (id, text) in preset.inputs {
            assert_eq!(scenario.set(id, text), Ok(()), "{}: {id}", preset.id);
            assert_eq!(preset.inputs.iter().filter(|(other, _)| other == id).count(), 1, "{}: {id} twice", preset.id);
        }
        assert_eq!(preset.scenario(), scenario, "{}", preset.id);
        assert!(!preset.title.is_empty() && preset.what.ends_with('.') && preset.assumed.ends_with('.'));
    }
    let ids: BTreeSet<&str> = PRESETS.iter().map(|preset| preset.id).collect();
    assert_eq!(ids.len(), 4, "one for each document");
    assert!(Preset::get("nothing").is_none());
}

const GIB: f64 = 1_073_741_824.0;

/// Preset, value, the figure it is or that stands beside it as a rule, and where the document says so.
const FIGURES: &[(&str, &str, f64, &str)] = &[
    ("ticketing", "pool.clients.limit", 1_000.0, "max_client_conn"),
    ("ticketing", "pool.server.limit", 55.0, "default_pool_size 50 and reserve_pool_size 5"),
    ("ticketing", "pool.app_connections", 300.0, "SetMaxOpenConns(100) on three servers"),
    ("ticketing", "memory.shared_buffers", 16.0 * GIB, "25 % of RAM"),
    ("ticketing", "memory.effective_cache_size", 48.0 * GIB, "75 % of RAM"),
    ("growing-service", "pool.server_connections", 150.0, "three instances of 50; the document adds them up to 50"),
    ("growing-service", "pool.app_connections", 60.0, "3 replicas × 20 connections = 60"),
    ("growing-service", "pool.total_connections", 70.0, "60 + overhead = about 70"),
    ("growing-service", "pool.idle_connections", 30.0, "30 to 60 connections in all"),
    ("growing-service", "pool.headroom", 130.0, "about 130 connections"),
    ("growing-service", "pool.headroom_share", 0.65, "65 % of cluster capacity"),
    ("growing-service", "growth.pods.demand", 10.0, "phase 2: 10 replicas for 1,000 users"),
    ("growing-service", "pool.multiplexing", 20.0, "1000 client connections to 50: 20:1"),
    ("growing-service", "growth.milestones.users_500", 6.0, "phase 1, month 3 to 6"),
    ("growing-service", "growth.milestones.users_1000", 12.0, "phase 2, month 6 to 12"),
    ("audit-api", "pool.app_connections", 120.0, "(4 × 20) + (4 × 10)"),
    ("audit-api", "pool.total_connections", 140.0, "the same + 20"),
    ("audit-api", "pool.headroom_share", 60.0 / 140.0, "provides 43 % headroom"),
    ("audit-api", "pool.usable_connections", 200.0, "max_connections = 200"),
    ("audit-api", "pool.documented_pool_size", 20.0, "medium, 100 to 500 requests/s"),
    ("audit-api", "memory.shared_buffers", 2.0 * GIB, "25 % of RAM"),
    ("audit-api", "memory.effective_cache_size", 6.0 * GIB, "75 % of RAM"),
    ("audit-api", "pool.databases.audit.demand", 80.0, "audit pools of 10 + 5 on 4 pods, and 20: never added up"),
    ("secret-store", "nodes.required", 3.0, "60,000 leases ÷ 30,000 are 2, at least 3"),
    ("secret-store", "nodes.fault_tolerance", 2.0, "five nodes: two failures"),
    ("secret-store", "nodes.write_performance", 0.9, "five nodes: −10 %"),
    ("secret-store", "growth.secrets.demand", 1_000_000.0, "year 5"),
    ("secret-store", "growth.leases.demand", 500_000.0, "year 5"),
    ("secret-store", "growth.storage.demand", 50.0 * 1_024.0 * GIB, "year 5"),
    ("secret-store", "growth.leases.limit", 100_000.0, "the practical limit"),
];

#[test]
fn documented_figures_are_shown() {
    for (id, value, figure, place) in FIGURES {
        let plan = plan_of(id);
        let found = plan.value(value).unwrap_or_else(|| panic!("{id}: {value} is not there"));
        let is = |quantity: &Quantity| {
            quantity.approximately().is_some_and(|number| (number - figure).abs() <= 1e-9 * figure.abs().max(1.0))
        };
        let shown = is(&found.quantity) || found.rules.iter().any(|rule| is(&rule.quantity));
        assert!(shown, "{id}: {value}: {place}: {figure} is not {:?}", found.quantity);
    }
}

/// Preset, what is found, how bad it is at least, a number its message tells, and what the document says instead.
const MISSED: &[(&str, &str, Severity, &str, &str)] = &[
    (
        "ticketing",
        "pool.file_descriptors_exceeded",
        Severity::Info,
        "1,055",
        "max_client_conn 1000, without a word on descriptors",
    ),
    (
        "ticketing",
        "memory.worst_case_exceeds_ram",
        Severity::Warning,
        "work_mem 256MiB",
        "work_mem = 256MB per operation, for any number of connections",
    ),
    ("ticketing", "pool.single_pooler", Severity::Warning, "one", "one box in the drawing: PgBouncer"),
    (
        "growing-service",
        "pool.exceeds_role_limit",
        Severity::Error,
        "60 of 50",
        "safe: 130 connections of the cluster are free; but the role has 50, and three poolers may open 50 each",
    ),
    (
        "audit-api",
        "pool.exceeds_further_database_limit",
        Severity::Error,
        "220 of 197",
        "a larger pool for read replicas, never added up",
    ),
    ("audit-api", "memory.worst_case_exceeds_ram", Severity::Warning, "140 connections", "16 MB each, 200 connections"),
    ("audit-api", "pool.rolling_update_near_database_limit", Severity::Warning, "170 of 197", "no rolling update"),
    ("audit-api", "storage.chunk_too_large", Severity::Warning, "2GiB", "one-day chunks, whatever the rows"),
    ("audit-api", "growth.exceeds_database", Severity::Info, "197", "no growth"),
    (
        "secret-store",
        "growth.exceeds_leases",
        Severity::Info,
        "7 months",
        "150,000 leases in year 2 and a limit of 100,000",
    ),
    ("secret-store", "nodes.storage_implausible", Severity::Warning, "41.9MiB", "4 TB for 100,000 secrets"),
    ("secret-store", "nodes.autoscaled_voters", Severity::Warning, "between 5 and 7", "an autoscaler for Raft voters"),
    ("secret-store", "resilience.rto_missed", Severity::Warning, "5 min", "RTO below 5 minutes, promoted by hand"),
];

#[test]
fn what_the_documents_missed_is_found() {
    let mut wrong = Vec::new();
    for (id, code, least, number, document) in MISSED {
        let plan = plan_of(id);
        match plan.findings.iter().find(|finding| finding.code == *code) {
            Some(finding) if finding.severity >= *least && finding.message.contains(number) => {}
            other => wrong.push(format!("{id}: {code}: the document says: {document}: found {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_verdict_comes_first() {
    for (id, parts, reason) in [
        (
            "ticketing",
            &["fit", "the pooler takes within the wait target is exceeded next, in 17 months"][..],
            "whether it fits, and what growth changes",
        ),
        ("growing-service", &["role limit of 50 is exceeded by 10", "As it grows"], "what is wrong now"),
        (
            "audit-api",
            &[
                "220 of 197",
                "during a rolling update is exceeded next, in 1 month, then the database limit in 8 months",
            ],
            "both",
        ),
        (
            "secret-store",
            &["The secret store fits", "leases is exceeded first, in 7 months", "batch tokens"],
            "the plan",
        ),
    ] {
        let verdict = plan_of(id).verdict;
        for part in parts {
            assert!(verdict.contains(part), "{id}: {reason}: {part:?} is not in {verdict:?}");
        }
    }
}
