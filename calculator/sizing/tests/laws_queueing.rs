//! Laws of waiting that hold for every queue and every scenario.  `PROPTEST_CASES` sets how many are tried.
#![cfg(not(target_arch = "wasm32"))]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::choice::{Pooler, System};
use sizing::quantity::{Connections, Count, MeanConnections, Millis, Number, PerSecond, Ratio, Share};
use sizing::queueing::{MOST_CLIENTS, Population, Queue, erlang_b, erlang_c};
use sizing::{Plan, Scenario, plan};

fn number(plan: &Plan, id: &str) -> Option<f64> {
    match plan.value(id)?.quantity.number()? {
        Number::Real(real) => Some(real),
        Number::Whole(whole) => Some(f64::from(u32::try_from(whole).unwrap_or(u32::MAX))),
        Number::Signed(_) => None,
    }
}

/// Any scenario with a database.
fn any_database() -> impl Strategy<Value = Scenario> {
    any_scenario().prop_map(|scenario| Scenario { system: Some(System::Database), ..scenario })
}

fn any_queue() -> impl Strategy<Value = Queue> {
    let servers = prop_oneof![1_u64..50, 1_u64..=100_000];
    (servers, 0.0..0.999_f64, 0.001..10_000.0_f64, prop_oneof![Just(0.0), Just(1.0), 0.0..5.0_f64]).prop_map(
        |(servers, utilization, hold, cv)| {
            let load = f64::from(u32::try_from(servers).unwrap_or(u32::MAX)) * utilization;
            Queue {
                servers: Connections(servers),
                arrivals: PerSecond::new(load * 1_000.0 / hold),
                hold: Millis::new(hold),
                hold_cv: Ratio::new(cv),
            }
        },
    )
}

/// At least, but for rounding.
fn at_least(more: f64, less: f64) -> bool {
    more >= less - less.abs() * 1e-9
}

proptest! {
    #[test]
    fn erlang_c_is_above_erlang_b_and_below_one(queue in any_queue()) {
        let b = erlang_b(queue.servers, queue.load()).get();
        let c = erlang_c(queue.servers, queue.load()).map(Share::get);
        prop_assert!(c.is_some_and(|c| at_least(c, b) && at_least(1.0, c)), "{b} {c:?}");
    }

    #[test]
    fn the_recurrence_holds(servers in 1_u64..3_000, load in 0.01..3_000.0_f64) {
        let load = MeanConnections::new(load);
        let before = erlang_b(Connections(servers - 1), load).get();
        let step = load.get() * before;
        let expected = step / (f64::from(u32::try_from(servers).unwrap_or(u32::MAX)) + step);
        let computed = erlang_b(Connections(servers), load).get();
        prop_assert!((computed - expected).abs() <= expected * 1e-9 + 1e-290, "{computed} {expected}");
    }

    #[test]
    fn waits_grow_with_load_and_variation_and_shrink_with_servers(queue in any_queue()) {
        let wait = |queue: &Queue| {
            let wait = queue.wait()?;
            Some([wait.mean(), wait.quantile(Share::new(0.95)), wait.quantile(Share::new(0.99))].map(Millis::get))
        };
        let waits = wait(&queue);
        prop_assert!(waits.is_some(), "not saturated");
        let busier = Queue { arrivals: PerSecond::new(queue.arrivals.get() * 1.000_5), ..queue };
        let larger = Queue { servers: Connections(queue.servers.get() + 1), ..queue };
        let steadier = Queue { hold_cv: Ratio::new(queue.hold_cv.get() * 0.9), ..queue };
        for (more, less) in [(wait(&busier), waits), (waits, wait(&larger)), (waits, wait(&steadier))] {
            for (more, less) in more.into_iter().flatten().zip(less.into_iter().flatten()) {
                prop_assert!(at_least(more, less), "{queue:?}: {more} {less}");
            }
        }
    }

    #[test]
    fn a_quantile_is_the_inverse_of_its_probability(queue in any_queue(), share in 0.5..0.999_9_f64) {
        let wait = queue.wait().unwrap();
        let quantile = wait.quantile(Share::new(share));
        let beyond = wait.longer_than(quantile).get();
        let is_inverse = (beyond - (1.0 - share)).abs() < 1e-9;
        prop_assert!(is_inverse || (quantile.get() == 0.0 && beyond < 1.0 - share), "{beyond}");
    }

    #[test]
    fn the_fewest_servers_are_enough_and_one_fewer_are_not(queue in any_queue(), target in 0.0..50.0_f64) {
        let (share, target) = (Share::new(0.95), Millis::new(target));
        let fewest = queue.fewest_servers(share, target, Connections(200_000)).unwrap().get();
        let meets = |servers| {
            let queue = Queue { servers: Connections(servers), ..queue };
            queue.wait().is_some_and(|wait| wait.quantile(share).get() <= target.get() * (1.0 + 1e-9) + 1e-9)
        };
        let surely = |servers| {
            let queue = Queue { servers: Connections(servers), ..queue };
            queue.wait().is_some_and(|wait| wait.quantile(share).get() <= target.get() * (1.0 - 1e-9) - 1e-9)
        };
        prop_assert!(meets(fewest) && (fewest == 1 || !surely(fewest - 1)), "{fewest}");
    }

    #[test]
    fn few_clients_obey_little_and_their_bounds(queue in any_queue(), clients in 1_u64..=MOST_CLIENTS) {
        let Queue { servers, arrivals, hold, .. } = queue;
        let closed = Population::of(servers, Count(clients), arrivals, hold).unwrap();
        let clients = f64::from(u32::try_from(clients).unwrap());
        let servers = f64::from(u32::try_from(servers.get()).unwrap());
        let throughput = closed.throughput.get();
        let round_trip = (closed.think.get() + closed.wait.get() + hold.get()) / 1_000.0;
        prop_assert!(arrivals.get() == 0.0 || (throughput * round_trip - clients).abs() < clients * 1e-6);
        let hold = hold.get() / 1_000.0;
        prop_assert!(at_least(arrivals.get(), throughput) && at_least(servers / hold, throughput));
        prop_assert!(at_least(clients / hold, throughput));
        prop_assert!(at_least(1.0, closed.wait_probability.get()));
        // A client that waits cannot ask again: an open queue always waits longer.
        let open = Queue { hold_cv: Ratio::new(1.0), ..queue }.wait().unwrap();
        prop_assert!(open.mean().get() >= closed.wait.get() * (1.0 - 1e-6) - 1e-9, "{open:?} {closed:?}");
    }

    #[test]
    fn a_wait_stands_where_the_queue_is_not_saturated(scenario in any_database()) {
        let plan = plan(&scenario);
        let is_saturated = plan.findings.iter().any(|finding| finding.code == "queue.saturated");
        for id in ["queue.wait_probability", "queue.mean_wait_ms", "queue.p95_wait_ms", "queue.p99_wait_ms"] {
            prop_assert_eq!(number(&plan, id).is_none(), is_saturated, "{}", id);
        }
        if let Some(utilization) = number(&plan, "queue.utilization") {
            prop_assert_eq!(utilization >= 1.0, is_saturated);
        }
        let [mean, p95, p99] =
            ["queue.mean_wait_ms", "queue.p95_wait_ms", "queue.p99_wait_ms"].map(|id| number(&plan, id).unwrap_or(0.0));
        prop_assert!(p95 <= p99 && mean >= 0.0);
    }

    #[test]
    fn the_recommended_pool_meets_the_target(mut scenario in any_database()) {
        scenario.pooler = Pooler::None;
        let target = scenario.wait_target_ms.get();
        if let Some(size) = number(&plan(&scenario), "queue.recommended_pool_size") {
            scenario.set("pool_size", &size.to_string()).unwrap();
            scenario.set("max_overflow", "0").unwrap();
            let p95 = number(&plan(&scenario), "queue.p95_wait_ms");
            prop_assert!(p95.is_some_and(|p95| p95 <= target), "{p95:?} with {size}");
        }
    }
}
