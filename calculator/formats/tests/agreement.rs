//! The host and wasm32 compute the same plan, byte for byte: both are compared with the same recorded text.
//!
//! `UPDATE_GOLDEN=1 cargo test -p formats --test agreement` records it anew on the host, for a change that means to
//! change it.
#![expect(clippy::panic, reason = "a scenario that cannot be read is a failed test")]

use formats::{plan_json, scenario_json};

/// Scenarios that between them use every link, every situation and every kind of number.
const SCENARIOS: [(&str, &str); 4] = [
    ("defaults", "{}"),
    (
        "three poolers",
        r#"{ "rate": "31M/day", "hold_ms": 7.3, "pods": 7, "pods_max": 13, "pool_size": 20, "max_overflow": 10,
             "pooler": "pgbouncer", "pooler_instances": 3, "reserve_pool_size": 5, "max_client_conn": 1000,
             "role_connection_limit": 50, "max_connections": 200 }"#,
    ),
    (
        "unlimited overflow and further pools",
        r#"{ "max_overflow": -1, "processes": 4, "surge": 3,
             "pools": [ { "name": "read", "size": 30, "overflow": 20, "database": "replica" } ] }"#,
    ),
    ("a managed service", r#"{ "service": "rds", "ram": "61GiB", "pods": 30, "queries_per_request": 2.7 }"#),
];

const GOLDEN: &str = include_str!("agreement.golden");

fn computed() -> String {
    let mut text = String::new();
    for (name, scenario) in SCENARIOS {
        let scenario = scenario_json::read(scenario).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        text.push_str(name);
        text.push('\n');
        text.push_str(&plan_json::write(&sizing::plan(&scenario)));
    }
    text
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_same_bytes_everywhere() {
    let computed = computed();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agreement.golden"), &computed).unwrap();
        return;
    }
    for (number, (ours, recorded)) in computed.lines().zip(GOLDEN.lines()).enumerate() {
        assert_eq!(ours, recorded, "line {}", number + 1);
    }
    assert_eq!(computed.len(), GOLDEN.len());
}
