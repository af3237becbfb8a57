//! Which findings of the memory calculator a scenario has and which it has not, one reason a row.
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

/// The documented machine of 64 GB behind a pooler of 50 + 5 and with 200 connections.
const LARGE: &str = "ram=64GB cpus=8 max_connections=200 pooler=pgbouncer default_pool_size=50 reserve_pool_size=5 \
    max_client_conn=1000 pods=10 pool_size=100 reserved=0";

/// Inputs, what must be found, what must not, and why.
type Row = (&'static str, &'static [(&'static str, Severity)], &'static [&'static str], &'static str);

const ROWS: &[Row] = &[
    ("", &[], &["memory."], "the default has nothing to say"),
    ("LARGE", &[], &["memory."], "what is recommended fits"),
    (
        "LARGE work_mem=256MB shared_buffers=16GB maintenance_work_mem=2GB",
        &[("memory.worst_case_exceeds_ram", Severity::Warning)],
        &["memory.expected_exceeds_ram", "memory.max_connections_exceed_ram"],
        "55 connections could take 55 GiB for hashes alone, and 200 could take 200",
    ),
    (
        "LARGE pooler_instances=2 work_mem=64MB",
        &[("memory.max_connections_exceed_ram", Severity::Info)],
        &["memory.worst_case_exceeds_ram"],
        "110 fit, 200 do not",
    ),
    (
        "ram=8GB cpus=4 max_connections=200",
        &[("memory.max_connections_exceed_ram", Severity::Info)],
        &["memory.worst_case_exceeds_ram", "memory.expected"],
        "35 fit with the 4 MB that 200 leave no room for",
    ),
    (
        "ram=8GB max_connections=200 work_mem=16MB pods=4 pool_size=20 max_overflow=10 reserved=20",
        &[("memory.worst_case_exceeds_ram", Severity::Warning)],
        &["memory.expected_exceeds_ram"],
        "the documented 8 GB: 140 connections with 64 MiB each",
    ),
    (
        "rate=2000 hold_ms=100 pods=50 max_connections=600 work_mem=64MB",
        &[("memory.expected_exceeds_ram", Severity::Error)],
        &["memory.expected_near_ram"],
        "228 connections that are busy at peak",
    ),
    (
        "ram=8GB rate=500 hold_ms=100 pods=8 work_mem=8MB",
        &[("memory.expected_near_ram", Severity::Warning)],
        &["memory.expected_exceeds_ram"],
        "65 busy connections leave a seventh to the page cache",
    ),
    (
        "ram=2GB max_connections=2000 pods=100 pool_size=10 rate=10",
        &[("memory.worst_case_exceeds_ram", Severity::Warning)],
        &[],
        "a thousand connections of 10 MiB on 2 GiB, whatever work_mem is",
    ),
    (
        "shared_buffers=8GB",
        &[("memory.fixed_exceeds_ram", Severity::Error), ("memory.shared_buffers_above_40_percent", Severity::Info)],
        &["memory.expected_exceeds_ram"],
        "all of the memory",
    ),
    (
        "ram=64GB container_memory=4GB shared_buffers=4GB",
        &[("memory.fixed_exceeds_ram", Severity::Error), ("memory.container_limit_applies", Severity::Info)],
        &["memory.container_limit_above_ram"],
        "the container is smaller than its shared memory",
    ),
    (
        "container_memory=16GB",
        &[("memory.container_limit_above_ram", Severity::Warning)],
        &["memory.container_limit_applies"],
        "the machine has 8",
    ),
    ("container_memory=8GB", &[], &["memory."], "the same as the machine"),
    ("shared_buffers=3GB", &[], &["memory.shared_buffers_above_40_percent"], "37.5 %"),
    ("shared_buffers=4GB", &[("memory.shared_buffers_above_40_percent", Severity::Info)], &[], "half"),
    (
        "effective_cache_size=9GB",
        &[("memory.effective_cache_size_above_ram", Severity::Warning)],
        &[],
        "more than there is",
    ),
    (
        "ram=256GB max_connections=1000 pods=90",
        &[("memory.page_tables", Severity::Info)],
        &[],
        "905 connections with tables for 64 GiB each",
    ),
    ("ram=256GB max_connections=1000 pods=90 huge_pages_reserved=yes", &[], &["memory.page_tables"], "huge pages"),
    (
        "max_parallel_workers=16",
        &[("memory.parallel_workers_unusable", Severity::Warning)],
        &["memory.parallel_workers_per_gather_unusable"],
        "of 8 worker processes",
    ),
    (
        "max_parallel_workers_per_gather=6",
        &[("memory.parallel_workers_per_gather_unusable", Severity::Warning)],
        &[],
        "of 4 parallel workers",
    ),
    (
        "pg=18 autovacuum_max_workers=20",
        &[],
        &["memory.autovacuum_workers_unusable"],
        "20 slots are what is recommended then",
    ),
    (
        "pg=18 autovacuum_max_workers=20 autovacuum_worker_slots=16",
        &[("memory.autovacuum_workers_unusable", Severity::Warning)],
        &[],
        "of 16 slots",
    ),
    (
        "pg=17 autovacuum_worker_slots=16",
        &[("memory.unknown_autovacuum_worker_slots", Severity::Error)],
        &["memory.autovacuum_workers_unusable"],
        "came with 18",
    ),
    (
        "pg=16 ram=64GB maintenance_work_mem=2GB",
        &[("memory.vacuum_memory_unusable", Severity::Info)],
        &[],
        "vacuum uses half of it",
    ),
    ("pg=17 ram=64GB maintenance_work_mem=2GB", &[], &["memory.vacuum_memory_unusable"], "no bound from 17 on"),
    ("pg=18 cpus=16", &[("memory.io_workers_gone_in_19", Severity::Info)], &[], "4 workers are not the default"),
    ("pg=18", &[], &["memory."], "3 workers are"),
    ("replicas=1", &[("memory.standby_settings", Severity::Info)], &[], "a standby that must keep up"),
];

#[test]
fn findings() {
    for (inputs, present, absent, reason) in ROWS {
        let plan = plan_of(&inputs.replace("LARGE", LARGE));
        let found: Vec<_> = plan.findings.iter().map(|finding| (finding.code.as_ref(), finding.severity)).collect();
        for finding in *present {
            assert!(found.contains(finding), "{inputs}: {finding:?} is missing from {found:?}: {reason}");
        }
        for prefix in *absent {
            let is_absent = !found.iter().any(|(code, _)| code.starts_with(prefix));
            assert!(is_absent, "{inputs}: {prefix} is in {found:?}: {reason}");
        }
    }
}
