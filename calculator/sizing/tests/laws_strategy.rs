//! Laws of the options: what is recommended helps, and what is said exists.  `PROPTEST_CASES` sets how many are tried.
#![cfg(not(target_arch = "wasm32"))]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::input::Surge;
use sizing::quantity::{Connections, Count, Number};
use sizing::strategy::documents::{DOCUMENTED, Outcome};
use sizing::strategy::statement::{Need, STATEMENTS};
use sizing::{Finding, Plan, Scenario, plan};

fn whole(plan: &Plan, id: &str) -> Option<u64> {
    match plan.value(id)?.quantity.number()? {
        Number::Whole(whole) => Some(whole),
        _ => None,
    }
}

proptest! {
    #[test]
    fn what_is_said_of_an_option_exists(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let mut codes: Vec<&str> = plan.actions.iter().map(|action| action.code).collect();
        codes.sort_unstable();
        codes.dedup();
        prop_assert_eq!(codes.len(), plan.actions.len(), "each option once");
        let is_said = |why: &str| plan.value(why).is_some() || plan.findings.iter().any(|finding| finding.code == why);
        for action in &plan.actions {
            prop_assert!(action.why.iter().all(|why| is_said(why)), "{}: {:?}", action.code, action.why);
            prop_assert!(!action.recommended || action.feasible, "{} cannot be done", action.code);
            prop_assert!(!action.outcome.is_empty() && !action.title.is_empty());
            prop_assert!(!action.feasible || !action.steps.is_empty(), "{}: no steps", action.code);
            let texts = action.steps.iter().chain(&action.rollback).flat_map(|step| [&step.what, &step.command]);
            for text in texts.map(AsRef::as_ref).chain([action.outcome.as_str()]) {
                prop_assert!(!text.contains(['#', '~']) && !text.contains("NaN") && !text.contains("inf "), "{text}");
            }
        }
        prop_assert!(plan.actions.is_sorted_by_key(|action| !action.recommended), "the recommended ones come first");
    }

    #[test]
    fn the_smaller_pool_fits(
        (pods, pool_size, overflow) in (1_u64..60, 2_u64..60, 0_u64..20),
        (limit, role) in (20_u64..800, proptest::option::of(10_u64..400)),
        (pods_max, surge) in (proptest::option::of(1_u64..90), 0_u64..100),
    ) {
        let scenario = Scenario {
            pods: Count(pods),
            pods_max: pods_max.map(Count),
            pool_size: Connections(pool_size),
            max_overflow: Some(Connections(overflow)),
            surge: Surge::Percent(surge),
            max_connections: Connections(limit),
            role_connection_limit: role.map(Connections),
            ..Scenario::default()
        };
        let before = plan(&scenario);
        let is_recommended =
            before.actions.iter().any(|action| action.code == "strategy.smaller_pools" && action.recommended);
        let Some(size) = whole(&before, "strategy.pool_size").filter(|_| is_recommended) else { return Ok(()) };
        prop_assert!(size > 0 && size <= pool_size && (size < pool_size || overflow > 0));
        let after = plan(&Scenario { pool_size: Connections(size), max_overflow: Some(Connections(0)), ..scenario });
        let exceeds = |finding: &Finding| finding.code.contains("exceeds_database") || finding.code.contains("exceeds_role");
        prop_assert!(!after.findings.iter().any(exceeds), "a pool of {size} does not fit: {:?}", after.findings);
        prop_assert_eq!(whole(&after, "strategy.pool_size"), Some(size));
        prop_assert!(!after.actions.iter().any(|action| action.code.starts_with("strategy.smaller") && action.recommended));
    }

    #[test]
    fn a_raised_role_limit_is_not_exceeded(scenario in any_scenario()) {
        let before = plan(&scenario);
        prop_assume!(scenario.role_connection_limit.is_some());
        let Some(limit) = whole(&before, "strategy.role_limit").filter(|limit| *limit <= 262_143) else { return Ok(()) };
        let raised = Scenario { role_connection_limit: Some(Connections(limit)), ..scenario.clone() };
        let after = plan(&raised);
        prop_assert!(!after.findings.iter().any(|finding| finding.code == "pool.exceeds_role_limit"), "{limit}");
    }

    #[test]
    fn more_connections_to_give_never_need_a_smaller_pool(scenario in any_scenario(), more in 1_u64..1_000) {
        let wider = Scenario {
            max_connections: Connections((scenario.max_connections.get() + more).min(262_143)),
            ..scenario.clone()
        };
        let size = |scenario: &Scenario| whole(&plan(scenario), "strategy.pool_size").unwrap_or(0);
        prop_assert!(size(&scenario) <= size(&wider));
    }
}

#[test]
fn statements_are_told_apart() {
    let mut ids: Vec<&str> = STATEMENTS.iter().map(|statement| statement.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "each statement has an id of its own");
    for statement in STATEMENTS {
        let sql = statement.sql;
        assert!(sql.ends_with(';') && sql.matches(';').count() == 1, "{}: one statement", statement.id);
        let alone = sql.contains(" CONCURRENTLY ") && !sql.starts_with("REFRESH") || sql.contains("PARTITION events_");
        assert_eq!(
            alone || sql.starts_with("VACUUM") || sql.starts_with("ALTER SYSTEM"),
            statement.needs.contains(&Need::OutsideTransaction),
            "{}: whether it can run in a transaction block",
            statement.id
        );
    }
}

#[test]
fn what_the_documents_say_is_told_apart() {
    let mut ids: Vec<&str> = DOCUMENTED.iter().map(|row| row.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for row in DOCUMENTED {
        assert!(!row.wrong.is_empty() && !row.right.is_empty(), "{}", row.id);
        assert!(
            row.outcome == Outcome::Other || row.text.ends_with(';') || row.outcome != Outcome::Differs,
            "{}",
            row.id
        );
    }
}
