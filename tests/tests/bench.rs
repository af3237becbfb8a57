//! Measurements in the browser, which `cargo xtask bench` makes, prints and judges.

#![allow(clippy::expect_used, clippy::panic)] // how a test says that it failed

use serde_json::Value;
use sizing::preset::PRESETS;
use tests::browser::Browser;
use xtask::bench::PLANS;
use xtask::paths;

/// The median of every case and of its baseline in nanoseconds, once the browser has compiled them for good.  A sample
/// is long for the clock, and so short that on a busy machine few are interrupted.
const MEASURE: &str = "
    const WARM_UP = 300, SAMPLE = 0.25, SAMPLES = 1001;
    const sample = (run, times) => { const start = performance.now(); run(times); return performance.now() - start; };
    const median = (run) => {
        for (const start = performance.now(); performance.now() - start < WARM_UP;) run(1);
        let times = 1;
        while (sample(run, times) < SAMPLE) times *= 2;
        const samples = Array.from({ length: SAMPLES }, () => sample(run, times) / times);
        return samples.sort((a, b) => a - b)[(SAMPLES - 1) / 2] * 1e6;
    };
    if (!crossOriginIsolated) throw new Error('the clock is too coarse');
    const rows = [];
    for (let i = 0; bench.name(i); i++) {
        rows.push([bench.name(i), median((n) => bench.measured(i, n)), median((n) => bench.baseline(i, n))]);
    }
    return rows;";

#[test]
fn every_preset_has_to_be_measured() {
    assert!(PRESETS.iter().map(|preset| preset.id).eq(PLANS), "xtask names the presets that it expects figures of");
}

#[tokio::test]
#[ignore = "a measurement proves nothing by itself: cargo xtask bench holds it to a limit"]
async fn sizing() {
    let browser = Browser::start_with(&paths::bench(), "bench sizing").await;
    browser.open_until("", "#ready").await;
    let Value::Array(rows) = browser.script(MEASURE).await else { panic!("no rows") };
    assert!(!rows.is_empty(), "there is something to measure");
    for row in &rows {
        let name = row.get(0).and_then(Value::as_str).expect("a name");
        let nanos = |at: usize| row.get(at).and_then(Value::as_f64).expect("a time");
        println!("bench\t{name}\t{:.0}\t{:.0}", nanos(1), nanos(2));
    }
    browser.end().await;
}
