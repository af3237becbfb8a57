//! What `cargo xtask bench sizing` measures: here on the host, and compiled for wasm32 in a browser.
//!
//! Every case has a baseline beside it, measured in the same way in the same run, so that a figure means something on
//! any machine.
#![expect(clippy::expect_used, reason = "what cannot be set up cannot be measured")]

use std::hint::black_box;

use formats::plan_json;
use sizing::Scenario;
use sizing::preset::{PRESETS, Preset};
use sizing::quantity::{Connections, MeanConnections};
use sizing::queueing::erlang_c;

/// Servers of the exchange that is measured.
const SERVERS: u64 = 100_000;
/// What they are offered: 99 % of what they can do.
const LOAD: f64 = 99_000.0;
/// Ten years.
const MONTHS: &str = "120";

/// A case and its baseline; both answer with a number that depends on all they did.
struct Case {
    name: &'static str,
    measured: Box<dyn Fn() -> usize>,
    baseline: Box<dyn Fn() -> usize>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = PRESETS.iter().map(plan_of).collect();
    cases.push(Case { name: "Erlang-C, c = 100,000", measured: Box::new(waiting), baseline: Box::new(recurrence) });
    cases
}

/// The whole plan of a preset over ten years, beside writing that plan as JSON.
fn plan_of(preset: &Preset) -> Case {
    let mut scenario: Scenario = preset.scenario();
    scenario.set("months", MONTHS).expect("ten years are allowed");
    let plan = sizing::plan(&scenario);
    Case {
        name: preset.id,
        measured: Box::new(move || sizing::plan(black_box(&scenario)).values.len()),
        baseline: Box::new(move || plan_json::write(black_box(&plan)).len()),
    }
}

/// The probability to wait.
fn waiting() -> usize {
    let probability = erlang_c(black_box(Connections(SERVERS)), black_box(MeanConnections::new(LOAD)));
    usize::from(probability.is_some_and(|share| share.get() > 0.5))
}

/// The textbook's recurrence alone: a multiplication, an addition and a division a server.
fn recurrence() -> usize {
    let load = black_box(LOAD);
    let mut blocking = 1.0_f64;
    let mut servers = 0.0_f64;
    for _ in 0..black_box(SERVERS) {
        servers += 1.0;
        blocking = load * blocking / (servers + load * blocking);
    }
    usize::from(blocking > 0.5)
}

#[cfg(target_arch = "wasm32")]
mod browser {
    //! The same cases for a script.

    use wasm_bindgen::prelude::wasm_bindgen;

    use super::{Case, cases};

    /// The page's allocator.
    #[global_allocator]
    static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

    /// The cases, made once.
    #[wasm_bindgen]
    pub struct Bench(Vec<Case>);

    #[wasm_bindgen]
    impl Bench {
        #[wasm_bindgen(constructor)]
        #[expect(clippy::new_without_default, reason = "a script makes it")]
        pub fn new() -> Self {
            Self(cases())
        }

        /// The name of a case; empty after the last.
        pub fn name(&self, case: usize) -> String {
            self.0.get(case).map_or_else(String::new, |case| case.name.to_owned())
        }

        /// Does what is measured so many times.
        pub fn measured(&self, case: usize, times: usize) -> usize {
            self.0.get(case).map_or(0, |case| (0..times).map(|_| (case.measured)()).sum())
        }

        /// Does its baseline so many times.
        pub fn baseline(&self, case: usize, times: usize) -> usize {
            self.0.get(case).map_or(0, |case| (0..times).map(|_| (case.baseline)()).sum())
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    for case in cases() {
        println!("bench\t{}\t{}\t{}", case.name, host::median(&*case.measured), host::median(&*case.baseline));
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod host {
    //! The clock of the host.

    use std::hint::black_box;
    use std::time::{Duration, Instant};

    /// A sample takes at least this long: much more than the clock's resolution, and so short that on a busy machine
    /// few samples are interrupted.
    const SAMPLE: Duration = Duration::from_micros(50);
    /// How many samples the median is of.
    const SAMPLES: usize = 2_001;

    /// The median time of one run, in nanoseconds.
    pub(super) fn median(run: &dyn Fn() -> usize) -> u128 {
        let mut times = 1;
        while sample(run, times) < SAMPLE {
            times *= 2;
        }
        let mut samples: Vec<u128> = (0..SAMPLES).map(|_| sample(run, times).as_nanos() / u128::from(times)).collect();
        samples.sort_unstable();
        samples.get(SAMPLES / 2).copied().unwrap_or_default()
    }

    fn sample(run: &dyn Fn() -> usize, times: u32) -> Duration {
        let started = Instant::now();
        for _ in 0..times {
            black_box(run());
        }
        started.elapsed()
    }
}
