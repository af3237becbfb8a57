//! The pictures of the presets.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use chart::{Chart, Shape};
use sizing::{PRESETS, Scenario, curve, plan};

/// Every picture of a scenario.
fn charts(scenario: &Scenario) -> Vec<Chart> {
    let plan = plan(scenario);
    let mut charts = Vec::new();
    charts.extend(curve::waiting(scenario).map(|curve| super::waiting::chart(&curve)));
    charts.extend(curve::memory(scenario).map(|stacks| super::memory::chart(&stacks)));
    charts.extend(curve::nodes(scenario, &plan).iter().map(super::nodes::chart));
    charts.extend(curve::storage(scenario, &plan).map(|curve| super::storage::chart(&curve, scenario.today)));
    charts
        .extend(curve::growth(scenario, &plan).map(|curve| super::growth::chart(&curve, &plan.series, scenario.today)));
    charts
}

#[track_caller]
fn check(scenario: &Scenario, ids: &[&str], reason: &str) {
    let charts = charts(scenario);
    assert_eq!(charts.iter().map(|chart| chart.id).collect::<Vec<_>>(), ids, "{reason}");
    for chart in &charts {
        let id = chart.id;
        assert!(chart.message.ends_with('.') && chart.message.len() < 400, "{id}: {}", chart.message);
        assert!(!chart.table.rows.is_empty(), "{id}: a table behind it");
        assert!(chart.table.rows.iter().all(|row| row.len() == chart.table.head.len()), "{id}: no gaps");
        let stops = chart.readings.iter().filter(|reading| reading.is_stop).count();
        assert!((1..=9).contains(&stops), "{id}: {stops} stops of the keyboard");
        assert!(chart.readings.windows(2).all(|pair| pair[0].at < pair[1].at), "{id}: from left to right");
        assert!(!chart.shapes.is_empty() && !chart.key.is_empty(), "{id}: something to see");
    }
}

#[test]
fn pictures_of_each_kind_of_scenario() {
    check(&Scenario::default(), &["waiting", "memory", "growth"], "what is known without a word");
    for (preset, ids) in [
        ("ticketing", &["waiting", "memory", "storage", "growth"][..]),
        ("growing-service", &["waiting", "memory", "growth"]),
        ("audit-api", &["waiting", "memory", "storage", "growth"]),
        ("secret-store", &["nodes", "storage", "growth"]),
    ] {
        let preset = PRESETS.iter().find(|each| each.id == preset).unwrap();
        check(&preset.scenario(), ids, preset.title);
    }
}

#[test]
fn messages() {
    let mut busy = Scenario::default();
    for (id, text) in [("rate", "320"), ("pods", "1"), ("pool_size", "8"), ("max_overflow", "0"), ("ram", "16GiB")] {
        busy.set(id, text).unwrap();
    }
    let message =
        |scenario: &Scenario, id: &str| charts(scenario).into_iter().find(|chart| chart.id == id).unwrap().message;
    assert_eq!(
        message(&busy, "waiting"),
        "With 8 connections in the application's pools, 95 % wait at most 27.68 ms, above the target of 5 ms. The \
         smallest pool that meets it has 11. The knee is at 10: from there on, one more connection shortens the mean \
         wait by less than a twentieth of the hold time."
    );
    busy.set("pool_size", "20").unwrap();
    assert!(
        message(&busy, "waiting").starts_with("With 20 connections in the application's pools, at least 95 % do not")
    );
    busy.set("pool_size", "6").unwrap();
    assert!(message(&busy, "waiting").starts_with("With 6 connections the application's pools are saturated"));
}

/// The picture of the growth after changes to the default scenario.
fn growing(changes: &[(&str, &str)]) -> Chart {
    let mut scenario = Scenario::default();
    for (id, text) in changes {
        scenario.set(id, text).unwrap();
    }
    charts(&scenario).into_iter().find(|chart| chart.id == "growth").unwrap()
}

#[test]
fn a_sign_stands_on_its_line() {
    for months in ["12", "60"] {
        let chart = growing(&[("growth_rate", "2"), ("months", months)]);
        let (_, top) = chart.y.scale.ends();
        let mut signs = 0;
        for shape in &chart.shapes {
            let Shape::Dot { at, label, style } = shape else { continue };
            let on_it = chart.shapes.iter().any(|line| {
                matches!(line, Shape::Line { points, style: look, .. } if look == style
                    && points.iter().any(|point| point.0 == at.0 && point.1.min(top) == at.1))
            });
            assert!(on_it && at.1 > 1.0, "{label} at {at:?}");
            signs += 1;
        }
        assert!(signs > 0, "a growth of 200 % a year exceeds something within {months} months");
    }
}

#[test]
fn what_is_cut_off_says_so() {
    let cut = growing(&[("growth_rate", "2"), ("months", "60")]);
    assert_eq!(cut.y.title, "share of the limit, cut off at 160 %");
    let ends: Vec<&str> = labels(&cut).collect();
    assert!(ends.iter().any(|label| label.ends_with('↑')), "{ends:?}");
    let whole = growing(&[("growth_rate", "0"), ("months", "12")]);
    assert_eq!(whole.y.title, "share of the limit");
    assert!(!labels(&whole).any(|label| label.contains('↑')));
    let preset = PRESETS.iter().find(|preset| preset.id == "secret-store").unwrap();
    let scenario = preset.scenario();
    let mut nodes = curve::nodes(&scenario, &plan(&scenario)).remove(0);
    for (asked, is_beyond) in [(1.5, false), (1e3, true)] {
        nodes.demand_at_end = sizing::quantity::PerSecond::new(nodes.demand.get() * asked);
        let chart = super::nodes::chart(&nodes);
        assert_eq!(labels(&chart).any(|label| label.ends_with(" ↑")), is_beyond, "{asked} times as many requests");
    }
}

/// What stands at the ends of lines and on limits.
fn labels(chart: &Chart) -> impl Iterator<Item = &str> {
    chart.shapes.iter().filter_map(|shape| match shape {
        Shape::Line { label, .. } | Shape::Limit { label, .. } => Some(label.as_str()),
        _ => None,
    })
}

#[test]
fn lines_that_are_not_drawn_are_counted() {
    let most = |preset: &sizing::Preset| {
        let scenario = preset.scenario();
        let lines = curve::growth(&scenario, &plan(&scenario)).map_or(0, |curve| curve.lines.len());
        let chart = charts(&scenario).into_iter().find(|chart| chart.id == "growth");
        assert_eq!(chart.is_some_and(|chart| chart.message.contains("The first 6 of ")), lines > 6, "{}", preset.title);
        lines
    };
    assert!(PRESETS.iter().map(most).max().unwrap() > 6, "one of the presets has more lines than are drawn");
}
