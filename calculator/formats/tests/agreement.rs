//! The host and wasm32 compute the same plan, byte for byte: both are compared with the same record.
//!
//! Of the smallest scenario the record has the whole plan, for people to read; of each it has the length and a hash.
//! `UPDATE_GOLDEN=1 cargo test -p formats --test agreement` records it anew on the host, for a change that means to
//! change it.
#![expect(clippy::panic, reason = "a scenario that cannot be read is a failed test")]

use formats::{plan_json, scenario_json};
use sizing::Scenario;
use sizing::preset::PRESETS;

/// The scenario whose plan is recorded as it is.
const READABLE: &str = "defaults";

/// Scenarios beside the presets.  Together they reach every link of the pool, every section of the plan, dates, and
/// numbers whole, exact, real and absent.
const SCENARIOS: [(&str, &str); 5] = [
    (READABLE, "{}"),
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
    (
        "growth with dates and a forecast",
        r#"{ "rate": "3.3M/day", "users": 500, "ram": "61GiB", "rows_per_day": "2M", "database_bytes": "200GiB",
             "disk": "1TiB", "growth_rate": 0.37, "months": 61, "today": "2027-02-28",
             "forecast": [ { "month": 12, "users": 900, "storage": "310GiB" }, { "month": 31, "rate": "11M/day" } ] }"#,
    ),
];

const GOLDEN: &str = include_str!("agreement.golden");

/// The name of a scenario whose plan is to be shown, given when the test is compiled, as wasm32 has no other time.
const SHOWN: Option<&str> = option_env!("SHOW_PLAN");

/// Every scenario and its plan.
fn plans() -> Vec<(String, String)> {
    let written = |scenario: &Scenario| plan_json::write(&sizing::plan(scenario));
    let own = SCENARIOS.iter().map(|(name, text)| {
        let scenario = scenario_json::read(text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        ((*name).to_owned(), written(&scenario))
    });
    own.chain(PRESETS.iter().map(|preset| (format!("preset {}", preset.id), written(&preset.scenario())))).collect()
}

/// FNV-1a of 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What is recorded of a plan in one line.
fn line(name: &str, plan: &str) -> String {
    format!("{name}: {} bytes, FNV-1a {:016x}", plan.len(), hash(plan))
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_same_bytes_everywhere() {
    let plans = plans();
    if let Some((name, plan)) = plans.iter().find(|(name, _)| SHOWN == Some(name)) {
        panic!("{name}\n{plan}");
    }
    let lines: Vec<String> = plans.iter().map(|(name, plan)| line(name, plan)).collect();
    let readable = plans.iter().find(|(name, _)| name == READABLE).map_or("", |(_, plan)| plan);
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let golden = format!("{}\n\n{readable}", lines.join("\n"));
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agreement.golden"), golden).unwrap();
        return;
    }
    let (recorded_lines, recorded_plan) = GOLDEN.split_once("\n\n").unwrap_or_default();
    for (number, (ours, recorded)) in readable.lines().zip(recorded_plan.lines()).enumerate() {
        assert_eq!(ours, recorded, "{READABLE}, line {} of the plan", number + 1);
    }
    let recorded_lines: Vec<&str> = recorded_lines.lines().collect();
    for ((name, _), ours) in plans.iter().zip(&lines) {
        assert!(
            recorded_lines.contains(&ours.as_str()),
            "the plan of \"{name}\" is not the recorded one: {ours}\n\
             to see the difference, run this test with SHOW_PLAN=\"{name}\" in its environment here and where it \
             agrees (on the host, or at the commit before), and compare what the two print"
        );
    }
    assert_eq!(recorded_lines.len(), lines.len(), "scenarios are recorded that are no more");
    assert_eq!(readable, recorded_plan);
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_hash_is_the_published_one() {
    for (text, expected) in
        [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
    {
        assert_eq!(hash(text), expected, "{text}");
    }
}
