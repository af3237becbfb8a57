//! Which findings and which recommendations a scenario has, one reason a row.
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

#[test]
fn findings() {
    let rows: &[(&str, &str, bool, &str)] = &[
        ("", "strategy.documents_disagree", false, "nobody said how many users there are"),
        ("users=500", "strategy.documents_disagree", true, "Option A in phase 1, or no action"),
        ("users=250 target=4", "strategy.documents_disagree", false, "Option B is among the flowchart's two"),
        ("users=250 target=4 coordination=no", "strategy.documents_disagree", true, "Option B, or Option A"),
        ("users=5000", "strategy.documents_disagree", true, "Option C, or B and A without external consumers"),
        ("users=5000 external_consumers=yes", "strategy.documents_disagree", false, "both say Option C"),
        ("users=250 forecast=12:5000", "strategy.documents_disagree", true, "the forecast's users are the target"),
        (
            "pods=10 pool_size=15 max_connections=200 role_connection_limit=50",
            "strategy.cluster_hides_role_limit",
            true,
            "150 of 200 look safe; the role may open 50",
        ),
        (
            "pods=10 pool_size=15 max_connections=200 role_connection_limit=300",
            "strategy.cluster_hides_role_limit",
            false,
            "the role may open more than it is asked for",
        ),
        (
            "pods=14 pool_size=15 max_connections=200 role_connection_limit=50",
            "strategy.cluster_hides_role_limit",
            false,
            "210 of 200 look safe to nobody",
        ),
        ("", "alert.documents_disagree", false, "35 % are fine by every document"),
        ("pods=7", "alert.documents_disagree", true, "75 % are a warning from 70 %, and fine up to 80 %"),
        ("pods=10", "alert.documents_disagree", false, "more than all: every document alarms"),
        ("system=secret-store secrets=1k", "alert.documents_disagree", false, "there is no database"),
    ];
    for (inputs, code, is_there, reason) in rows {
        let plan = plan_of(inputs);
        let finding = plan.findings.iter().find(|finding| finding.code == *code);
        assert_eq!(finding.is_some(), *is_there, "{inputs}: {code}: {reason}");
        assert!(finding.is_none_or(|finding| finding.severity == Severity::Info), "{inputs}: worth knowing, no more");
    }
}

#[test]
fn recommendations() {
    let rows: &[(&str, &[&str], &str)] = &[
        ("", &[], "nothing is wrong"),
        (
            "pods=10 pool_size=20 max_connections=200 reserved=0",
            &["strategy.smaller_pools"],
            "200 of 197: pools of 15 cost nothing",
        ),
        (
            "pods=3 pods_max=10 pool_size=20 max_connections=200 reserved=0",
            &["strategy.smaller_pools"],
            "the same once the autoscaler has added its pods",
        ),
        (
            "pods=3 pool_size=20 max_connections=200 reserved=0 target=4",
            &["strategy.smaller_pools"],
            "the same once the users are four times as many",
        ),
        (
            "pods=10 pool_size=5 role_connection_limit=40 max_connections=200 rate=1500",
            &["strategy.higher_limit"],
            "pools of 3 would be saturated by a load of 3",
        ),
        (
            "pods=10 pool_size=5 role_connection_limit=40 max_connections=200 rate=1500 coordination=no",
            &[],
            "30 busy connections need more than 80 % of 40 behind a pooler too",
        ),
        (
            "pods=10 pool_size=20 max_connections=200 connections_per_thread=2 threads=18",
            &["strategy.pooler"],
            "below a pool of 19 threads can deadlock",
        ),
        (
            "pods=10 pool_size=20 max_connections=200 connections_per_thread=2 threads=18 session_features=yes",
            &["strategy.higher_limit"],
            "nor does a pooler in session mode help",
        ),
        (
            "pods=10 pool_size=20 service=heroku-standard-0 session_features=yes connections_per_thread=2 threads=18",
            &[],
            "the provider's limit cannot be raised either",
        ),
        (
            "pooler=pgbouncer pooler_instances=2 pods=20",
            &["strategy.smaller_pools"],
            "200 clients of 200: smaller pools open fewer",
        ),
        ("pooler=pgbouncer pooler_instances=2 pods=20 pool_size=1", &[], "20 clients of 200"),
        (
            "pooler=pgbouncer pooler_instances=2 default_pool_size=5 max_client_conn=1000 pods=10 rate=500",
            &["strategy.larger_server_pools"],
            "10 busy connections need more than ten server connections",
        ),
        (
            "pooler=pgbouncer pooler_instances=3 default_pool_size=50 max_db_connections=50 max_client_conn=1000 pods=12 \
             pool_size=20 max_connections=200 role_connection_limit=50",
            &["strategy.smaller_server_pools"],
            "150 of 50: the pooler's pools are what the role's limit meets, not the application's",
        ),
        (
            "pooler=pgbouncer pooler_instances=3 default_pool_size=50 max_client_conn=1000 pods=12 pool_size=20 \
             max_connections=200 role_connection_limit=50 pool_mode=session",
            &["strategy.pooler"],
            "in session mode a client keeps its server connection: transaction mode is what helps",
        ),
        (
            "pods=4 pool_size=5 pools=read:30:20:replica max_connections=200 reserved=20",
            &["strategy.smaller_pools"],
            "220 of 197 at the replica: no option at the primary ends that",
        ),
        (
            "ram=8GiB work_mem=256MB pods=2 pool_size=20",
            &["strategy.memory_settings"],
            "what 40 connections do at worst does not fit with such a work_mem",
        ),
        (
            "pooler=pgbouncer default_pool_size=50 max_client_conn=1000 pods=3 pool_size=100 rate=2600 \
             max_connections=200 ram=64GiB",
            &["strategy.larger_server_pools"],
            "52 are busy at peak, and the pooler may open 50: the database has room",
        ),
        ("rows_per_day=2M", &["strategy.partitioning"], "730M rows in a year"),
        ("rows_per_day=2M partitioning=monthly", &[], "divided already"),
        ("rate=1000 node_reads=1000", &["strategy.cache"], "a cache costs as much as replicas and comes first"),
        ("rate=1000 node_reads=800 cache=yes cache_ttl_s=1", &["strategy.replicas"], "the cache is there already"),
        (
            "rate=10000 read_share=0 node_writes=1000 pool_size=50 max_connections=500",
            &["strategy.sharding"],
            "ten times what a primary bears",
        ),
        ("system=secret-store secrets=1k", &[], "there is no database"),
        ("system=secret-store leases=60k target=2", &["strategy.lease_times"], "120,000 of 100,000 leases"),
    ];
    for (inputs, codes, reason) in rows {
        let plan = plan_of(inputs);
        let recommended: Vec<&str> =
            plan.actions.iter().filter(|action| action.recommended).map(|action| action.code).collect();
        assert_eq!(
            recommended,
            *codes,
            "{inputs}: {reason}\n{:#?}",
            plan.actions.iter().map(|action| (action.code, action.feasible, &action.outcome)).collect::<Vec<_>>()
        );
    }
}

#[test]
fn commands_have_the_numbers() {
    let rows: &[(&str, &str, &str, &str)] = &[
        (
            "pods=10 pool_size=20 max_connections=200 reserved=0",
            "strategy.smaller_pools",
            "MAXIMUMPOOLSIZE=15",
            "MAXIMUMPOOLSIZE=20",
        ),
        (
            "pods=10 pool_size=20 max_overflow=10 max_connections=200 reserved=0",
            "strategy.smaller_pools",
            "DATABASE_POOL_SIZE=15 DATABASE_MAX_OVERFLOW=0",
            "DATABASE_POOL_SIZE=20 DATABASE_MAX_OVERFLOW=10",
        ),
        (
            "pods=4 pool_size=5 pools=read:30:20:replica max_connections=200 reserved=20",
            "strategy.smaller_pools",
            "READ_POOL_SIZE=30 READ_MAX_OVERFLOW=0",
            "READ_POOL_SIZE=30 READ_MAX_OVERFLOW=20",
        ),
        (
            "pooler=pgbouncer pooler_instances=3 default_pool_size=50 max_db_connections=40 max_client_conn=1000 pods=12 \
             pool_size=20 max_connections=200 role_connection_limit=50",
            "strategy.smaller_server_pools",
            "default_pool_size = 11\nmax_db_connections = 11",
            "default_pool_size = 50\nmax_db_connections = 40",
        ),
        (
            "pods=10 pool_size=20 role_connection_limit=150 max_connections=500 reserved=0",
            "strategy.higher_limit",
            "ALTER ROLE role_name CONNECTION LIMIT 286;",
            "ALTER ROLE role_name CONNECTION LIMIT 150;",
        ),
        (
            "pods=10 pool_size=20 max_connections=200 reserved=0",
            "strategy.higher_limit",
            "ALTER SYSTEM SET max_connections = 289;",
            "ALTER SYSTEM SET max_connections = 200;",
        ),
    ];
    for (inputs, code, forth, back) in rows {
        let plan = plan_of(inputs);
        let action = plan.actions.iter().find(|action| action.code == *code).unwrap();
        assert!(action.steps.iter().any(|step| step.command.contains(forth)), "{inputs}: {forth}: {:?}", action.steps);
        assert!(action.rollback.iter().any(|step| step.command.contains(back)), "{inputs}: {back}");
    }
}

#[test]
fn the_checklist_knows_what_is_there() {
    let plan = plan_of("users=5000 pooler=pgbouncer pooler_instances=2 replicas=1");
    let action = plan.actions.iter().find(|action| action.code == "strategy.checklist").unwrap();
    let steps: Vec<&str> = action.steps.iter().map(|step| step.what.as_ref()).collect();
    assert_eq!(
        steps,
        [
            "PgBouncer connection pooling (there already)",
            "Read replica for analytics (there already)",
            "Redis caching layer",
            "Materialized views"
        ]
    );
}
