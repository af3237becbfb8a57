//! Laws of growth that hold for every scenario the table of inputs allows.  `PROPTEST_CASES` sets how many are tried.
#![cfg(not(target_arch = "wasm32"))]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::growth::forecast::Forecast;
use sizing::quantity::{Count, Number, Ratio, Share, Unit};
use sizing::{Plan, Quantity, Scenario, plan};

/// What stands for a number that is larger than anything there is.
const BEYOND: &str = "beyond all bounds";
/// Such a number, in bytes; of other things fewer are.
const MOST: f64 = 1e18;

/// The months in which the lines are crossed, in order.
fn crossings(plan: &Plan) -> Vec<u64> {
    ["first", "second", "third", "fourth"]
        .iter()
        .filter_map(|ordinal| month(plan, &format!("growth.{ordinal}_limit_month")))
        .collect()
}

fn month(plan: &Plan, id: &str) -> Option<u64> {
    match plan.value(id)?.quantity.number()? {
        Number::Whole(month) => Some(month),
        _ => None,
    }
}

fn without_forecast(scenario: Scenario) -> Scenario {
    Scenario { forecast: Forecast::default(), target: None, ..scenario }
}

proptest! {
    #[test]
    fn every_point_is_a_number(scenario in any_scenario()) {
        let plan = plan(&scenario);
        prop_assert!(!plan.series.is_empty());
        let months = usize::try_from(scenario.months.get()).unwrap();
        for series in &plan.series {
            prop_assert_eq!(series.points.len(), months + 1, "{}", series.id);
            for point in series.points.iter().chain(&series.limit) {
                let is_shown = match point {
                    Quantity::None(_, why) => *why == BEYOND,
                    point => point.approximately().is_some_and(|number| (0.0..MOST).contains(&number)),
                };
                prop_assert!(is_shown, "{}: {point:?}", series.id);
            }
            let limit = series.limit.as_ref().map(Quantity::unit);
            prop_assert!(limit.is_none_or(|unit| series.points.iter().all(|point| point.unit() == unit)));
        }
    }

    #[test]
    fn nothing_saturated_is_told_as_a_number(scenario in any_scenario(), months in 1..=120_u64) {
        let months = Count(months);
        let plan = plan(&Scenario { growth_rate: Share::new(10.0), months, ..without_forecast(scenario) });
        for value in plan.values.iter().filter(|value| value.id.starts_with("growth.")) {
            let is_bytes = matches!(value.quantity.unit(), Unit::Bytes | Unit::BytesPerSecond);
            let most = if is_bytes { MOST } else { 1e15 };
            let number = value.quantity.approximately();
            prop_assert!(number.is_none_or(|number| number < most), "{}: {:?}", value.id, value.quantity);
        }
    }

    #[test]
    fn a_line_is_crossed_where_its_series_is(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let mut crossed = Vec::new();
        for series in &plan.series {
            let Some(limit) = series.limit.as_ref().and_then(Quantity::approximately) else { continue };
            // Whole numbers are shown rounded up; the comparison is of what they were before.
            let above = |point: &Quantity| point.approximately().is_some_and(|point| point > limit * (1.0 + 1e-8) + 1.0);
            let said = month(&plan, &format!("{}.month", series.id));
            let first = series.points.iter().position(above).map(|month| u64::try_from(month).unwrap());
            prop_assert!(first.is_none() || said.is_some_and(|said| Some(said) <= first), "{}: {said:?} {first:?}", series.id);
            crossed.extend(said);
        }
        crossed.sort_unstable();
        crossed.truncate(4);
        prop_assert_eq!(crossings(&plan), crossed);
    }

    #[test]
    fn what_does_not_grow_crosses_nothing_new(scenario in any_scenario()) {
        let flat = Scenario { growth_rate: Share::new(0.0), ..without_forecast(scenario) };
        // A table fills even when its traffic does not grow.
        let flat = Scenario { rows_per_day: None, ..flat };
        let plan = plan(&flat);
        prop_assert!(crossings(&plan).iter().all(|month| *month == 0));
        prop_assert!(!plan.verdict.contains("As it grows"), "{}", plan.verdict);
    }

    #[test]
    fn faster_growth_never_breaks_later(scenario in any_scenario(), more in 0.0..2.0_f64) {
        let slow = without_forecast(scenario);
        let fast = Scenario { growth_rate: Share::new(slow.growth_rate.get() + more), ..slow.clone() };
        let (slow, fast) = (plan(&slow), plan(&fast));
        for series in &slow.series {
            // Pods that are added share the load, so that only without them more is never less.
            if series.id == "growth.waiting" {
                continue;
            }
            let (before, after) = (month(&slow, &format!("{}.month", series.id)), month(&fast, &format!("{}.month", series.id)));
            prop_assert!(before.is_none() || after.is_some_and(|after| Some(after) <= before), "{}: {before:?} {after:?}", series.id);
        }
    }

    #[test]
    fn a_target_is_reached_at_the_end(scenario in any_scenario(), target in 0.1..100.0_f64) {
        let scenario = Scenario { target: Some(Ratio::new(target)), ..without_forecast(scenario) };
        let scenario = Scenario { target: Some(Ratio::new(target)), ..scenario };
        let reached = plan(&scenario).value("growth.traffic").and_then(|value| value.quantity.approximately());
        prop_assert!(reached.is_some_and(|reached| (reached / target - 1.0).abs() < 1e-9), "{reached:?}");
    }

    #[test]
    fn the_start_is_the_crossing_less_the_lead_time(scenario in any_scenario()) {
        let plan = plan(&scenario);
        let Some(Quantity::Date(date)) = plan.value("growth.first_limit_date").map(|value| value.quantity.clone()) else {
            return Ok(());
        };
        let start = plan.value("growth.first_limit_start").map(|value| &value.quantity);
        let is_told = match start {
            Some(Quantity::Date(start)) => *start <= date && scenario.today.is_some_and(|today| *start >= today),
            Some(Quantity::None(_, why)) => *why == "late already",
            _ => false,
        };
        prop_assert!(is_told, "{start:?} {date}");
    }
}
