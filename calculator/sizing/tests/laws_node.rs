//! Laws of a secret store's nodes and of recovery, for every scenario the table of inputs allows.
#![cfg(not(target_arch = "wasm32"))]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::choice::System;
use sizing::node::autoscaler;
use sizing::node::formula::{Terms, cpu_per_node, memory_per_node};
use sizing::node::raft::{fault_tolerance, joinable, quorum, write_performance};
use sizing::quantity::{Bytes, Count, Millis, PerSecond, Ratio};
use sizing::resilience::breaker::{Breaker, share_to_open_at};
use sizing::resilience::recovery::Recovery;
use sizing::{Plan, Scenario, plan};

/// The number of a value; `None` where the plan has none.
fn number(plan: &Plan, id: &str) -> Option<f64> {
    plan.value(id)?.quantity.approximately()
}

/// A scenario of one system.
fn any_of(system: System) -> impl Strategy<Value = Scenario> {
    any_scenario().prop_map(move |scenario| Scenario { system: Some(system), ..scenario })
}

proptest! {
    #[test]
    fn a_cluster_is_a_legal_one(scenario in any_of(System::SecretStore)) {
        let plan = plan(&scenario);
        let value = |id| number(&plan, id).unwrap_or(f64::NAN);
        let recommended = value("nodes.recommended");
        prop_assert!([5.0, 7.0].contains(&recommended), "odd, five for production, at most seven");
        prop_assert!(value("nodes.required") >= 3.0);
        for term in ["nodes.for_rate", "nodes.for_leases", "nodes.for_secrets"] {
            prop_assert!(value("nodes.required") >= value(term), "{term}");
        }
        let voters = value("nodes.voters");
        prop_assert_eq!(value("nodes.quorum") + value("nodes.fault_tolerance"), voters);
        prop_assert!(2.0 * value("nodes.quorum") > voters, "two quorums share a voter");
        prop_assert!(value("nodes.capacity_one_lost") <= value("nodes.capacity"));
        prop_assert!(value("nodes.lease_ttl_share") <= 1.0);
    }

    #[test]
    fn nothing_is_found_of_a_store_where_there_is_none(scenario in any_of(System::Database)) {
        let plan = plan(&scenario);
        prop_assert!(plan.findings.iter().all(|finding| !finding.code.starts_with("nodes.")));
        // Read replicas and shards are nodes too: of the database.
        let of_database = ["nodes.read_replicas", "nodes.shards"];
        let is_store = |id: &str| id.starts_with("nodes.") && !of_database.contains(&id);
        prop_assert!(plan.values.iter().all(|value| !is_store(&value.id)));
    }

    #[test]
    fn more_never_needs_less(
        rate in 0.0..1e6, leases in 0_u64..10_000_000, secrets in 0_u64..10_000_000,
        more_rate in 0.0..1e6, more_leases in 0_u64..10_000_000, more_secrets in 0_u64..10_000_000,
    ) {
        let terms = |rate, leases, secrets| Terms::of(PerSecond::new(rate), Count(leases), Count(secrets)).required();
        let more = terms(rate + more_rate, leases + more_leases, secrets + more_secrets);
        prop_assert!(terms(rate, leases, secrets) <= more);
        let memory = |leases| memory_per_node(Bytes::gib(1), Count(leases), Bytes::mib(16));
        prop_assert!(memory(leases) <= memory(leases + more_leases));
        let cores = |rate| cpu_per_node(Ratio::new(2.0), PerSecond::new(rate)).get();
        prop_assert!(cores(rate) <= cores(rate + more_rate));
    }

    #[test]
    fn voters_buy_safety_and_cost_writes(voters in 1_u64..1_000) {
        let (fewer, more) = (Count(voters), Count(voters + 1));
        prop_assert!(fault_tolerance(fewer) <= fault_tolerance(more));
        prop_assert!(write_performance(fewer) >= write_performance(more));
        prop_assert!(quorum(fewer).get() > voters / 2);
        prop_assert!(joinable(fewer, 1) <= joinable(fewer, 0));
    }

    #[test]
    fn the_autoscaler_takes_longer_for_more(pods in 0_u64..1_000) {
        for step in [autoscaler::UP, autoscaler::DOWN] {
            prop_assert!(step.takes(Count(pods)).get() <= step.takes(Count(pods + 1)).get());
        }
    }

    #[test]
    fn recovery_is_the_sum_of_its_parts(scenario in any_scenario()) {
        let recovery = Recovery::of(&scenario);
        prop_assert!(recovery.detection_least <= recovery.detection);
        if let Some(rto) = recovery.rto {
            prop_assert!(rto >= recovery.detection && rto.get() >= recovery.switch.get());
        }
        if let (Some(rto), Some(promotion)) = (recovery.rto, recovery.promotion) {
            let target = Millis::new(rto.get() + 1.0);
            let left = recovery.promotion_budget(target).map_or(0.0, Millis::get);
            prop_assert!((left - promotion.get() - 1.0).abs() <= 1e-6 * target.get(), "solved backwards");
        }
    }

    #[test]
    fn a_breaker_opens_sooner_for_more_noise(
        failures in 1_u64..=100, expected in 0.0..1e4, more in 0.0..1e4, errors in 0.0..=1.0, calls in 0.0..1e9,
    ) {
        let breaker =
            Breaker { failures: Count(failures), window: Millis::new(60_000.0), cooldown: Millis::new(30_000.0) };
        let chance = |expected| breaker.opens_by_chance(Ratio::new(expected)).get();
        prop_assert!((0.0..=1.0).contains(&chance(expected)));
        prop_assert!(chance(expected) <= chance(expected + more) + 1e-12);
        let share = share_to_open_at(sizing::quantity::Share::new(errors), Ratio::new(calls)).get();
        prop_assert!(share >= errors && (0.05..=1.0).contains(&share));
    }
}
