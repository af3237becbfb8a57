//! Pictures show what the plan says: laws over all scenarios, and known points.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::curve::{self, MemoryStack, NodesKind};
use sizing::quantity::{Bytes, Connections, Count, Millis, PerSecond};
use sizing::{Date, Plan, Quantity, Scenario, plan};

fn scenario(inputs: &[(&str, &str)]) -> Scenario {
    let mut scenario = Scenario::default();
    for (id, text) in inputs {
        scenario.set(id, text).unwrap_or_else(|error| panic!("{error}"));
    }
    scenario
}

fn quantity<'p>(plan: &'p Plan, id: &str) -> &'p Quantity {
    &plan.value(id).unwrap_or_else(|| panic!("{id}")).quantity
}

/// Where a value is a number, the picture has the same, to as many digits as such a number has.
fn is_same(plan: &Plan, id: &str, drawn: Option<impl Into<Quantity>>) -> bool {
    let (said, drawn) = (quantity(plan, id).approximately(), drawn.and_then(|drawn| drawn.into().approximately()));
    match (said, drawn) {
        (Some(said), Some(drawn)) => (said - drawn).abs() <= said.abs() * 1e-15,
        (said, drawn) => said.is_none() && drawn.is_none(),
    }
}

fn sum(stack: &MemoryStack) -> u64 {
    stack.parts.iter().fold(0, |sum, part| part.bytes.get().saturating_add(sum))
}

proptest! {
    #[test]
    fn the_wait_at_the_current_size_is_the_plans(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let Some(curve) = curve::waiting(&scenario) else {
            prop_assert!(!scenario.has_database());
            return Ok(());
        };
        let waits = curve.current.waits;
        prop_assert!(is_same(&plan, "queue.mean_wait_ms", waits.map(|waits| waits.mean)));
        prop_assert!(is_same(&plan, "queue.p95_wait_ms", waits.map(|waits| waits.p95)));
        prop_assert!(is_same(&plan, "queue.p99_wait_ms", waits.map(|waits| waits.p99)));
        prop_assert!(curve.points.contains(&curve.current), "what there is stands on the curve");
        prop_assert!(curve.points.len() <= 45, "{}", curve.points.len());
        prop_assert!(curve.points.windows(2).all(|pair| pair[0].size < pair[1].size));
        for point in &curve.points {
            prop_assert_eq!(point.waits.is_some(), point.size >= curve.stable, "{:?}", point);
            if let (Some(waits), Some(enough)) = (point.waits, curve.recommended) {
                prop_assert_eq!(waits.p95 <= curve.target, point.size >= enough, "{:?}", point);
            }
        }
        let wait = |waits: Option<curve::Waits>| waits.map_or(f64::INFINITY, |waits| waits.mean.get());
        let falls = curve.points.windows(2).all(|pair| wait(pair[0].waits) >= wait(pair[1].waits) * (1.0 - 1e-9));
        prop_assert!(falls, "more connections, less wait");
    }

    #[test]
    fn the_stacks_are_the_plans(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let Some(stacks) = curve::memory(&scenario) else {
            prop_assert!(!scenario.has_database());
            return Ok(());
        };
        prop_assert!(is_same(&plan, "memory.available", Some(stacks.available)));
        for (stack, id) in [(&stacks.expected, "memory.expected"), (&stacks.worst, "memory.worst_case")] {
            prop_assert!(is_same(&plan, id, Some(stack.total)), "{}", id);
            // A total that is beyond all numbers stops at the largest.
            prop_assert!(sum(stack) == stack.total.get() || stack.total.get() == u64::MAX, "{}", id);
            prop_assert!(stacks.left(stack) == Bytes(0) || stacks.over(stack) == Bytes(0));
        }
    }

    #[test]
    fn what_nodes_bear_is_the_plans(scenario in any_scenario()) {
        let plan = plan(&scenario);
        for curve in curve::nodes(&scenario, &plan) {
            let current = curve.current().expect("the nodes there are are among those looked at");
            match curve.kind {
                NodesKind::SecretStore => {
                    prop_assert!(is_same(&plan, "nodes.capacity_one_lost", Some(current.one_lost)));
                    prop_assert!(is_same(&plan, "nodes.capacity", current.all));
                    prop_assert!(is_same(&plan, "nodes.quorum", curve.quorum));
                }
                NodesKind::Replicas => {
                    prop_assert!(is_same(&plan, "replica.read_capacity", Some(current.one_lost)));
                    prop_assert!(is_same(&plan, "replica.reads", Some(curve.demand)));
                }
            }
            prop_assert!(!curve.points.is_empty() && curve.points.len() <= 15);
        }
    }

    #[test]
    fn lines_are_crossed_when_the_plan_says(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let Some(curve) = curve::growth(&scenario, &plan) else {
            prop_assert!(plan.series.iter().all(|series| series.limit.is_none()));
            return Ok(());
        };
        let first = curve.lines[0].crossed;
        prop_assert!(is_same(&plan, "growth.first_limit_month", first.map(|crossing| crossing.month)));
        if let Some(date) = plan.value("growth.first_limit_date") {
            let drawn = first.and_then(|first| first.date).map(Quantity::from);
            prop_assert_eq!(Some(&date.quantity), drawn.as_ref());
        }
        for line in &curve.lines {
            prop_assert!(line.shares.iter().all(|share| share.get().is_finite()));
            let Some(crossing) = line.crossed else { continue };
            let month = usize::try_from(crossing.month.get()).unwrap();
            // Whole things are rounded up, limits that are nothing have no shares.
            if let (Some(at), true) = (line.shares.get(month), month > 0) {
                prop_assert!(at.get() > 1.0 - 1e-6, "{}: {:?}", line.id, at);
            }
        }
    }

    #[test]
    fn what_is_stored_is_the_plans(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let Some(curve) = curve::storage(&scenario, &plan) else { return Ok(()) };
        let Some(series) = plan.series.iter().find(|series| series.id == "growth.disk") else { return Ok(()) };
        prop_assert_eq!(series.points.len(), curve.points.len());
        for (point, said) in curve.points.iter().zip(&series.points) {
            let Some(said) = said.approximately() else { continue };
            #[expect(clippy::cast_precision_loss, reason = "compared to within a few bytes")]
            let drawn = point.on_disk().get() as f64;
            prop_assert!((drawn - said).abs() <= 4.0 + said * 1e-12, "{drawn} is not {said}");
        }
    }
}

#[test]
fn the_knee_is_where_more_hardly_helps() {
    let one_pool = [("pods", "1"), ("hold_ms", "20"), ("max_overflow", "0"), ("pool_size", "8")];
    for (rate, knee, recommended, stable, reason) in [
        ("320", 10, Some(11), 7, "6.4 busy: 9 to 10 saves 1.2 ms, 10 to 11 half a millisecond"),
        ("33.3", 3, Some(3), 1, "0.67 busy: 2 to 3 saves 2.2 ms, 3 to 4 a quarter of one"),
        ("0", 1, Some(1), 1, "nothing waits, and nothing is shorter"),
        ("1e7", 100_000, None, 200_001, "beyond any pool"),
    ] {
        let curve = curve::waiting(&scenario(&[&one_pool[..], &[("rate", rate)]].concat())).unwrap();
        assert_eq!(curve.stable, Connections(stable), "{rate}: {reason}");
        assert_eq!(curve.recommended, recommended.map(Connections), "{rate}: {reason}");
        if recommended.is_some() {
            assert_eq!(curve.knee, Some(Connections(knee)), "{rate}: {reason}");
        }
    }
}

/// What one more connection saves is at least a twentieth of the hold time before the knee, and less from there on.
#[test]
fn a_load_beyond_any_pool_is_saturated_at_every_size() {
    let curve = curve::waiting(&scenario(&[("rate", "1000000000"), ("hold_ms", "3600000")])).expect("a database");
    assert!(curve.points.iter().all(|point| point.waits.is_none()), "{:?}", curve.points);
    assert!(curve.points.iter().all(|point| point.size <= Connections(100_000)), "{:?}", curve.points);
    assert_eq!((curve.recommended, curve.knee), (None, None));
    assert!(curve.stable > Connections(1_000_000_000_000), "{:?}", curve.stable);
}

#[test]
fn the_knee_keeps_its_word() {
    for (rate, hold, cv) in [("320", 20.0, "1"), ("900", 20.0, "0"), ("2000", 5.0, "4"), ("5000", 100.0, "1")] {
        let hold_ms = hold.to_string();
        let inputs = [("pods", "1"), ("rate", rate), ("hold_ms", &*hold_ms), ("hold_cv", cv), ("pool_size", "1")];
        let curve = curve::waiting(&scenario(&inputs)).unwrap();
        let knee = curve.knee.unwrap().get();
        let mean = |size: u64| {
            let size = size.to_string();
            let at = scenario(&[&inputs[..4], &[("pool_size", &*size), ("max_overflow", "0")]].concat());
            curve::waiting(&at).unwrap().current.waits.map_or(Millis::new(1e9), |waits| waits.mean).get()
        };
        assert!(mean(knee) - mean(knee + 1) < hold * 0.05, "{rate}: from the knee on");
        assert!(mean(knee - 1) - mean(knee) >= hold * 0.05, "{rate}: before it");
    }
}

#[test]
fn fewer_nodes_bear_less() {
    let store = scenario(&[("system", "secret-store"), ("rate", "3000"), ("nodes", "5"), ("target", "2")]);
    let curve = curve::nodes(&store, &plan(&store)).remove(0);
    assert_eq!((curve.now, curve.quorum), (Count(5), Some(Count(3))));
    let lost = |nodes: usize| curve.points[nodes - 1].one_lost;
    assert_eq!([lost(1), lost(2)], [PerSecond::default(); 2], "one of two is no quorum");
    assert!(lost(3) > PerSecond::default(), "two of three are");
    let end = (curve.demand_at_end.get() / curve.demand.get() - 2.0).abs();
    assert!(end < 1e-9, "the demand at the end is the target");

    let reads = [("node_reads", "300"), ("rate", "1000"), ("queries_per_request", "1"), ("replicas", "2")];
    let reads = scenario(&reads);
    let curve = curve::nodes(&reads, &plan(&reads)).remove(0);
    let borne: Vec<f64> = curve.points.iter().take(4).map(|point| point.one_lost.get()).collect();
    assert_eq!(borne, [300.0, 300.0, 300.0, 600.0], "with none left the primary bears them");
}

#[test]
fn dates_of_crossings() {
    let growing = scenario(&[
        ("today", "2026-11-21"),
        ("role_connection_limit", "100"),
        ("pods", "4"),
        ("pool_size", "20"),
        ("max_overflow", "0"),
        ("growth_rate", "100%"),
    ]);
    let plan = plan(&growing);
    let curve = curve::growth(&growing, &plan).unwrap();
    let role = curve.lines.iter().find(|line| line.id == "growth.role").unwrap();
    let crossing = role.crossed.unwrap();
    assert_eq!(crossing.date, Date::new(2026, 11, 21).map(|today| today.plus_months(crossing.month.get())));
    let order: Vec<u64> = curve.lines.iter().map(|line| line.crossed.map_or(999, |at| at.month.get())).collect();
    assert!(order.is_sorted(), "the first crossed first: {order:?}");
}

#[test]
fn storage_in_parts() {
    let table = [("rows_per_day", "1M"), ("database_bytes", "10GiB"), ("disk", "100GiB"), ("retention_days", "90")];
    let partitioned = scenario(&[&table[..], &[("partitioning", "monthly")]].concat());
    let curve = curve::storage(&partitioned, &plan(&partitioned)).unwrap();
    let last = curve.points.last().unwrap();
    assert_eq!(curve.points[0].table, Bytes(0), "an empty table");
    assert!(last.table > Bytes(0) && last.indexes > Bytes(0) && last.wal > Bytes(0));
    assert_eq!(last.rest, Bytes::gib(10), "the rest stays");
    assert_eq!(curve.dropped, Some(Count(4)), "90 days and the month they are dropped in");
    assert_eq!(curve.large, None, "it is partitioned");
    let forecast = scenario(&[("disk", "2TiB"), ("forecast", "12:::::1TiB"), ("database_bytes", "100GiB")]);
    let curve = curve::storage(&forecast, &plan(&forecast)).unwrap();
    assert!(curve.is_forecast && curve.points[12].on_disk() == Bytes::gib(1024), "as it is said");
    assert_eq!(curve::storage(&Scenario::default(), &plan(&Scenario::default())), None, "nothing is known");
}
