//! Laws of what probes say, and of how many of them it takes.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use routing::{Answer, Dialect, Finding, Milliseconds, Probing, State, Threshold, is_network_error};
use serde_json::{Value, json};

fn probings() -> impl Strategy<Value = Probing> {
    let dialect = prop::sample::select(vec![Dialect::Vault, Dialect::OpenBao, Dialect::Http]);
    (dialect, any::<(u16, u16)>(), prop::option::of("/[a-z]{0,3}|[~/0-9]{0,5}|\\PC{0,5}")).prop_map(
        |(dialect, status, lag_pointer)| Probing {
            dialect,
            target: "/".to_owned(),
            interval: Milliseconds::new(5_000),
            timeout: Milliseconds::new(2_000),
            unhealthy_threshold: 3,
            healthy_threshold: 2,
            status,
            lag_pointer,
        },
    )
}

/// Bodies of a health answer with right and wrong values in its fields, whole or cut short, and any text.
fn bodies() -> impl Strategy<Value = String> {
    let texts = prop::sample::select(vec!["primary", "secondary", "disabled", "true", "NaN", "-1", "1e400"]);
    let value = prop_oneof![
        4 => any::<bool>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        2 => texts.prop_map(Value::from),
        1 => Just(json!([{}])),
        1 => Just(Value::Null),
    ];
    let name = prop::sample::select(vec![
        "initialized",
        "sealed",
        "standby",
        "performance_standby",
        "replication_performance_mode",
        "replication_dr_mode",
        "replication_primary_canary_age_ms",
        "cluster_id",
        "removed_from_cluster",
        "ha_connection_healthy",
    ]);
    let health = prop::collection::btree_map(name, value, 0..=10).prop_map(|fields| json!(fields).to_string());
    let cut =
        (health.clone(), any::<prop::sample::Index>()).prop_map(|(text, at)| text[..at.index(text.len())].to_owned());
    prop_oneof![6 => health, 1 => cut, 2 => any::<String>()]
}

fn statuses() -> impl Strategy<Value = u16> {
    prop_oneof![3 => prop::sample::select(vec![200, 429, 472, 473, 474, 501, 503, 520, 527, 530]), 1 => any::<u16>()]
}

proptest! {
    #[test]
    fn any_answer_is_understood(probing in probings(), status in statuses(), body in bodies()) {
        let finding = Finding::of(&probing, Answer::Response { status, body: &body });
        prop_assert_eq!(finding.status, Some(status));
        prop_assert_eq!(finding.is_answering(), !is_network_error(status, None, &body));
        if matches!(finding.state, State::Unreachable | State::Unknown | State::Sealed | State::Cut) {
            prop_assert!(!finding.healthy);
        }
        if let Some(id) = &finding.cluster_id {
            prop_assert!((1..=64).contains(&id.len()));
        }
    }

    #[test]
    fn any_answer_is_told_from_the_networks(status: u16, content_type: Option<String>, body: String) {
        let networks = is_network_error(status, content_type.as_deref(), &body);
        prop_assert!(!networks || (520..=530).contains(&status));
        prop_assert!(networks || !(520..=527).contains(&status));
    }

    /// The model looks at the last probes of all there were.
    #[test]
    fn so_many_probes_in_a_row_turn_it(
        probes in prop::collection::vec(prop::bool::weighted(0.5), 0..60),
        unhealthy in 1..=5_u32,
        healthy in 1..=5_u32,
    ) {
        let mut threshold = Threshold::default();
        let mut up = true;
        for count in 1..=probes.len() {
            let so_far = &probes[..count];
            let needed = if up { unhealthy } else { healthy } as usize;
            let turns = count >= needed && so_far[count - needed..].iter().all(|&success| success != up);
            prop_assert_eq!(threshold.record(so_far[count - 1], unhealthy, healthy), turns);
            up ^= turns;
            prop_assert_eq!(threshold.is_up(), up);
        }
    }
}
