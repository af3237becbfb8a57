//! Laws that hold for every scenario the table of inputs allows.  `PROPTEST_CASES` sets how many are tried.
#![cfg(not(target_arch = "wasm32"))]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::pool::chain::{Chain, Fleet, Link, LinkKind, Situation};
use sizing::quantity::Number;
use sizing::{INPUTS, Plan, Quantity, Scenario, plan};

fn real(quantity: &Quantity) -> Option<f64> {
    match quantity.number() {
        Some(Number::Real(real)) => Some(real),
        _ => None,
    }
}

fn every_quantity(plan: &Plan) -> impl Iterator<Item = &Quantity> {
    plan.values.iter().flat_map(|value| {
        let operands = value.derivation.operands.iter().map(|(_, quantity)| quantity);
        [&value.quantity].into_iter().chain(operands).chain(value.rules.iter().map(|rule| &rule.quantity))
    })
}

/// Whether `left` is tighter than `right`, in whole numbers.
fn is_tighter(left: &Link, right: &Link) -> bool {
    match (left.limit, right.limit) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(0), Some(0)) => left.demand > right.demand,
        (Some(ours), Some(theirs)) => {
            u128::from(left.demand) * u128::from(theirs) > u128::from(right.demand) * u128::from(ours)
        }
    }
}

fn named(plan: &Plan, code: &str) -> bool {
    plan.findings.iter().any(|finding| finding.code == code)
}

/// The same scenario with a database, whatever else there is.
fn with_database(mut scenario: Scenario) -> Scenario {
    if !scenario.has_database() {
        assert_eq!(scenario.set("system", "both"), Ok(()));
    }
    scenario
}

proptest! {
    #[test]
    fn every_number_is_a_number(scenario in any_scenario()) {
        let plan = plan(&scenario);
        for quantity in every_quantity(&plan) {
            let may_be_negative = matches!(quantity, Quantity::SpareShare(_));
            let is_number = |real: f64| real.is_finite() && (real >= 0.0 || may_be_negative);
            prop_assert!(real(quantity).is_none_or(is_number), "{quantity:?}");
            let text = quantity.to_string();
            prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        }
        prop_assert!(!plan.verdict.is_empty());
    }

    #[test]
    fn ids_are_unique_and_evidence_exists(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let mut ids: Vec<&str> = plan.values.iter().map(|value| value.id.as_ref()).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        prop_assert_eq!(ids.len(), count);
        for finding in &plan.findings {
            prop_assert!(!finding.evidence.is_empty(), "{}: no evidence", finding.code);
            for id in &finding.evidence {
                prop_assert!(plan.value(id).is_some(), "{}: evidence {id} does not exist", finding.code);
            }
        }
        prop_assert!(plan.findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity)));
    }

    #[test]
    fn the_binding_link_is_the_tightest(scenario in any_scenario()) {
        let chain = Chain::of(&scenario, scenario.fleet());
        let binding = chain.binding();
        for link in chain.links() {
            prop_assert!(!is_tighter(link, binding), "{link:?} is tighter than {binding:?}");
        }
    }

    #[test]
    fn demand_never_falls_with_more_pods(scenario in any_scenario(), more in 0_u64..1_000) {
        let fleet = scenario.fleet();
        let (before, after) = (
            Chain::of(&scenario, fleet),
            Chain::of(&scenario, Fleet { pods: fleet.pods + more, ..fleet }),
        );
        for kind in LinkKind::ALL {
            let (before, after) = (before.link(kind), after.link(kind));
            prop_assert_eq!(before.map(|link| link.limit), after.map(|link| link.limit));
            prop_assert!(before.map(|link| link.demand) <= after.map(|link| link.demand));
        }
    }

    #[test]
    fn one_more_than_the_most_does_not_fit(scenario in any_scenario()) {
        let fleet = scenario.fleet();
        if let Some(most) = sizing::pool::solve::most_pods(&scenario, 100) {
            let fits = |pods| Chain::of(&scenario, Fleet { pods, ..fleet }).fits_within(100);
            prop_assert!(most == 0 || fits(most));
            prop_assert!(!fits(most + 1));
        }
        if let Some(most) = sizing::pool::solve::largest_pool(&scenario, 100) {
            let fits = |size: u64| {
                let trial = Scenario { pool_size: sizing::quantity::Connections(size), ..scenario.clone() };
                Chain::of(&trial, trial.fleet()).fits_within(100)
            };
            prop_assert!(most == 0 || fits(most));
            prop_assert!(!fits(most + 1));
        }
    }

    #[test]
    fn what_is_exceeded_is_named(scenario in any_scenario()) {
        let scenario = with_database(scenario);
        let plan = plan(&scenario);
        for situation in Situation::ALL {
            let Some(fleet) = situation.fleet(&scenario) else { continue };
            if situation == Situation::InstanceLost && scenario.instances() == 1 {
                prop_assert!(scenario.service.pooler().is_some() || named(&plan, "pool.single_pooler"));
                continue;
            }
            for link in Chain::of(&scenario, fleet).links().filter(|link| link.is_exceeded()) {
                let steady = Chain::of(&scenario, scenario.fleet());
                let is_steady = steady.link(link.kind).is_some_and(Link::is_exceeded);
                let evidence = match is_steady {
                    true => format!("pool.{}.limit", link.kind.word()),
                    false => format!("{}.{}.limit", situation.prefix(), link.kind.word()),
                };
                prop_assert!(
                    plan.findings.iter().any(|finding| finding.code.contains("exceeds") && finding.evidence.iter().any(|id| **id == *evidence)),
                    "{situation:?}: {link:?} is exceeded and not named",
                );
            }
        }
    }

    #[test]
    fn a_fix_ends_its_finding(scenario in any_scenario()) {
        for finding in plan(&scenario).findings.iter().filter(|finding| !finding.fix.is_empty()) {
            let mut fixed = scenario.clone();
            for (id, text) in &finding.fix {
                prop_assert_eq!(fixed.set(id, text), Ok(()), "{}: the fix is allowed", &finding.code);
            }
            let left = plan(&fixed);
            let left = left.findings.iter().find(|left| left.code == finding.code);
            prop_assert!(
                left.is_none_or(|left| left.severity < finding.severity),
                "{} is still there after {:?}: {:?}", finding.code, finding.fix, left
            );
        }
    }

    #[test]
    fn any_text_is_read_or_refused(index in 0..INPUTS.len(), text in ".{0,40}") {
        let id = INPUTS[index].id;
        let mut scenario = Scenario::default();
        if scenario.set(id, &text).is_ok() {
            let written = scenario.text(id).unwrap_or_default();
            let mut again = Scenario::default();
            prop_assert_eq!(again.set(id, &written), Ok(()));
            prop_assert_eq!(again, scenario, "{} reads back", written);
        } else {
            prop_assert_eq!(scenario, Scenario::default());
        }
    }

    #[test]
    fn what_is_written_reads_back(scenario in any_scenario()) {
        let mut again = Scenario::default();
        for input in INPUTS {
            prop_assert_eq!(again.set(input.id, &scenario.text(input.id).unwrap_or_default()), Ok(()));
        }
        prop_assert_eq!(again, scenario);
    }
}
