//! The same scenarios every time, wide enough to meet everything there is.

use formats::scenario_json;
use serde_json::Value as Json;
use sizing::input::Kind;
use sizing::preset::{PRESETS, Preset};
use sizing::quantity::Bytes;
use sizing::{INPUTS, Input, Scenario};

use crate::sources;

/// How many scenarios are drawn in which many inputs differ from their defaults at once.
const DRAWN: usize = 2_000;

/// What each input is tried in: a database and a secret store, with and without a pooler and growth.
const BASES: &[Texts] = &[
    &[],
    &[("system", "both"), ("leases", "60000"), ("secrets", "100000")],
    &[("pooler", "pgbouncer"), ("pooler_instances", "2"), ("pods_max", "12"), ("max_connections", "200")],
];

/// Chains of which every link is met closely by one limit or another.
const CHAINS: &[Texts] = &[
    &[("pods", "8"), ("pods_max", "12"), ("pools", "a:5:0:other")],
    &[("pods", "8"), ("pods_max", "12"), ("pooler", "pgbouncer"), ("pooler_instances", "3"), ("max_client_conn", "60")],
    &[
        ("pods", "8"),
        ("pods_max", "10"),
        ("pooler", "pgbouncer"),
        ("pooler_instances", "3"),
        ("pool_mode", "session"),
        ("max_client_conn", "1000"),
        ("max_connections", "500"),
    ],
];

/// The inputs by which a chain is swept, each from 1 to [`SWEPT_TO`].
const SWEPT: [&str; 7] = [
    "pods",
    "pods_max",
    "pool_size",
    "max_connections",
    "role_connection_limit",
    "max_client_conn",
    "default_pool_size",
];

/// Inputs and their texts.
type Texts = &'static [(&'static str, &'static str)];

/// What grows towards limits and milestones in small steps, and beside what.
const GROWN: &[(Texts, &[&str])] = &[
    (
        &[("system", "both"), ("growth_rate", "0.5"), ("months", "60")],
        &[
            "users",
            "rate",
            "secrets",
            "leases",
            "policies",
            "store_connections",
            "replication_clusters",
            "rows_per_day",
        ],
    ),
    (&[("system", "both"), ("growth_rate", "3")], &["users", "rate", "secrets", "leases", "rows_per_day"]),
];

/// How many steps of a tenth, from ten on.
const GROWN_STEPS: usize = 150;

/// Where a sweep ends.
const SWEPT_TO: usize = 300;

pub(crate) fn all() -> Vec<Scenario> {
    let mut scenarios = vec![Scenario::default()];
    scenarios.extend(PRESETS.iter().map(Preset::scenario));
    scenarios.extend(told());
    let bases: Vec<Scenario> = BASES.iter().map(|texts| with(&Scenario::default(), texts)).collect();
    for base in &bases {
        for input in INPUTS {
            scenarios.extend(points(input).iter().map(|text| with(base, &[(input.id, text)])));
        }
    }
    for (base, ids) in GROWN {
        let base = with(&Scenario::default(), base);
        for id in *ids {
            let steps = std::iter::successors(Some(10.0_f64), |number| Some(number * 1.1)).take(GROWN_STEPS);
            let texts = steps.map(|number| number.round().to_string());
            scenarios.extend(texts.filter_map(|text| {
                let mut scenario = base.clone();
                scenario.set(id, &text).is_ok().then_some(scenario)
            }));
        }
    }
    let bases: Vec<Scenario> = bases.into_iter().chain(PRESETS.iter().map(Preset::scenario)).collect();
    for chain in CHAINS {
        let chain = with(&Scenario::default(), chain);
        for id in SWEPT {
            scenarios.extend((1..=SWEPT_TO).map(|number| with(&chain, &[(id, &number.to_string())])));
        }
    }
    scenarios.extend(drawn(&bases));
    scenarios
}

fn with(base: &Scenario, texts: &[(&str, &str)]) -> Scenario {
    let mut scenario = base.clone();
    for (id, text) in texts {
        scenario.set(id, text).unwrap_or_else(|error| panic!("{error}"));
    }
    scenario
}

/// The scenarios that the tables of other tests tell: texts of `id=text` pairs, and files of known points.
fn told() -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for text in sources::literals("sizing/tests") {
        let mut scenario = Scenario::default();
        let is_told = text.contains('=')
            && text
                .split_whitespace()
                .all(|pair| pair.split_once('=').is_some_and(|(id, text)| scenario.set(id, text).is_ok()));
        if is_told {
            scenarios.push(scenario);
        }
    }
    assert!(scenarios.len() > 40, "only {} scenarios are read from the tables of findings", scenarios.len());
    for (path, text) in sources::files("../tests/known_points", "json") {
        let points: Vec<Json> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        for scenario in points.iter().filter_map(|point| point.get("scenario")) {
            scenarios.push(scenario_json::read(&scenario.to_string()).unwrap());
        }
    }
    scenarios
}

/// Texts that an input is tried with: its bounds, its words, and steps in between.
fn points(input: &Input) -> Vec<String> {
    let mut texts: Vec<String> = match input.kind {
        Kind::Whole { min, max } => {
            let steps = (0..18)
                .flat_map(|power| [10, 12, 15, 20, 30, 50, 75, 85, 95].map(|digits| digits * 10_u64.pow(power) / 10));
            [min, min + 1, max].into_iter().chain(steps).map(|number| number.to_string()).collect()
        }
        Kind::Real { min, max } | Kind::Share { min, max } => {
            let steps = (0..10).flat_map(|power| [1.0, 2.5, 5.0, 9.5].map(|digit| digit * 10_f64.powi(power) / 1000.0));
            [min, max].into_iter().chain(steps).map(|number| number.to_string()).collect()
        }
        Kind::Date => ["1970-01-01", "2026-03-01", "9999-12-31"].map(str::to_owned).into(),
        Kind::Rate { max } => {
            let texts = ["0", "1", "100", "999", "1001", "5k", "10k", "100k", "1M", "10M/day", "10G/day"];
            texts.into_iter().map(str::to_owned).chain([max.to_string()]).collect()
        }
        Kind::Size { min, max, .. } => {
            let steps = (0..50).map(|shift| Bytes(1 << shift));
            [min, max].into_iter().chain(steps).map(|size| size.to_string()).collect()
        }
        Kind::Surge { max } => vec!["0".to_owned(), "3".to_owned(), "25%".to_owned(), max.to_string()],
        Kind::Choice(choices) => choices.iter().map(|choice| choice.word.to_owned()).collect(),
        Kind::Pools { .. } => {
            ["", "a:5:0:primary", "a:30:20:other", "a:5:-1:primary", "a:300:0:other"].map(str::to_owned).into()
        }
        // Whatever else there is has no steps of its own.
        #[allow(unreachable_patterns)]
        _ => Vec::new(),
    };
    texts.extend(input.none.map(|none| none.word.to_owned()));
    texts.retain(|text| Scenario::default().set(input.id, text).is_ok());
    texts
}

/// Scenarios in which a few or many inputs are somewhere else, drawn from a generator that always draws the same.
fn drawn(bases: &[Scenario]) -> Vec<Scenario> {
    let points: Vec<(&str, Vec<String>)> = INPUTS.iter().map(|input| (input.id, points(input))).collect();
    let mut state = 0_u64;
    let mut draw = |below: usize| {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % below.max(1) as u64).unwrap()
    };
    let bases = bases.iter().cycle().zip([2, 4, 10].into_iter().cycle());
    let from = |(base, one_in): (&Scenario, usize)| {
        let mut scenario = base.clone();
        for (id, texts) in &points {
            if draw(one_in) == 0
                && let Some(text) = texts.get(draw(texts.len()))
            {
                scenario.set(id, text).unwrap();
            }
        }
        scenario
    };
    bases.map(from).take(DRAWN).collect()
}
