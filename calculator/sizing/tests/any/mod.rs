//! Generators of scenarios, from the table of inputs.
#![expect(clippy::indexing_slicing, clippy::panic, reason = "a generator that fails is a failed test")]

use proptest::prelude::*;
use sizing::input::Kind;
use sizing::{INPUTS, Input, Scenario};

/// A text the input allows: its bounds, something small, or anything in between.
fn allowed(input: &'static Input) -> BoxedStrategy<String> {
    let given = match input.kind {
        Kind::Whole { min, max } => prop_oneof![
            Just(min),
            Just(max),
            min..=max.min(min.saturating_add(50)),
            min..=max.min(min.saturating_add(2_000)),
            min..=max
        ]
        .prop_map(|number| number.to_string())
        .boxed(),
        Kind::Date => {
            (1970_u16..=9999, 1_u8..=12, 1_u8..=28).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}")).boxed()
        }
        Kind::Real { min, max } | Kind::Share { min, max } => {
            prop_oneof![Just(min), Just(max), min..=max.min(min + 100.0)].prop_map(|number| number.to_string()).boxed()
        }
        Kind::Rate { max } => prop_oneof![
            Just("0".to_owned()),
            Just(max.to_string()),
            (0.0..5_000.0).prop_map(|number: f64| number.to_string()),
            (1_u64..500).prop_map(|millions| format!("{millions}M/day"))
        ]
        .boxed(),
        Kind::Size { min, max, .. } => prop_oneof![Just(min.get()), Just(max.get()), min.get()..=max.get()]
            .prop_map(|bytes| format!("{bytes}B"))
            .boxed(),
        Kind::Surge { max } => prop_oneof![
            (0..=max).prop_map(|pods| pods.to_string()),
            (0..=max).prop_map(|percent| format!("{percent}%"))
        ]
        .boxed(),
        Kind::Choice(choices) => (0..choices.len()).prop_map(|index| choices[index].word.to_owned()).boxed(),
        Kind::Pools { max } => {
            let pool = (0_u64..200, -1_i64..200, prop_oneof![Just("primary"), Just("replica"), Just("audit")]);
            proptest::collection::vec(pool, 0..=max.min(4))
                .prop_map(|pools| {
                    let pools: Vec<String> = pools
                        .into_iter()
                        .map(|(size, overflow, database)| format!("pool:{size}:{overflow}:{database}"))
                        .collect();
                    pools.join(",")
                })
                .boxed()
        }
        Kind::Forecast { max } => {
            let count =
                || prop_oneof![Just(String::new()), (0_u64..=1_000_000_000).prop_map(|count| count.to_string())];
            let rate = prop_oneof![Just(""), Just("0"), Just("1200"), Just("50M/day"), Just("1000000000")];
            let storage = prop_oneof![Just(""), Just("0B"), Just("10TiB"), Just("1048576TiB")];
            let row = (1_u64..=10, count(), rate, count(), count(), storage);
            proptest::collection::vec(row, 0..=max.min(12))
                .prop_map(|rows| {
                    let mut month = 0;
                    let rows: Vec<String> = rows
                        .into_iter()
                        .map(|(more, users, rate, secrets, leases, storage)| {
                            month += more;
                            format!("{month}:{users}:{rate}:{secrets}:{leases}:{storage}")
                        })
                        .collect();
                    rows.join(",")
                })
                .boxed()
        }
    };
    let default = Just(Scenario::default().text(input.id).unwrap_or_default());
    match input.none {
        Some(none) => prop_oneof![2 => default, 1 => Just(none.word.to_owned()), 3 => given].boxed(),
        None => prop_oneof![2 => default, 3 => given].boxed(),
    }
}

/// Any scenario the table allows, its bounds included.
pub(crate) fn any_scenario() -> impl Strategy<Value = Scenario> {
    let texts: Vec<BoxedStrategy<String>> = INPUTS.iter().map(allowed).collect();
    texts.prop_map(|texts| {
        let mut scenario = Scenario::default();
        for (input, text) in INPUTS.iter().zip(&texts) {
            scenario.set(input.id, text).unwrap_or_else(|error| panic!("{error}"));
        }
        scenario
    })
}
