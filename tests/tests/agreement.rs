//! The page, the command line and its JSON say the same, and numbers are written as the browser would write them.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::process::Command;

use formats::{permalink, scenario_json};
use serde_json::{Value, json};
use sizing::preset::PRESETS;
use tests::browser::Browser;
use tests::command_line::headroom;
use tests::views::{VIEWS, View, full};
use xtask::paths;

/// Every known point of the pools, and every preset: a name and a scenario.
fn scenarios() -> Vec<(String, String)> {
    let points = fs::read_to_string(paths::root().join("tests/known_points/pool.json")).expect("the known points");
    let points: Vec<Value> = serde_json::from_str(&points).expect("JSON");
    assert!(!points.is_empty());
    let points =
        points.iter().map(|point| (point["name"].as_str().expect("a name").to_owned(), point["scenario"].to_string()));
    let presets = PRESETS.iter().map(|preset| (preset.id.to_owned(), scenario_json::write(&preset.scenario())));
    points.chain(presets).collect()
}

#[tokio::test]
async fn the_page_the_command_line_and_its_json_agree() {
    let headroom = headroom();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start().await;
    browser.open("").await;
    for (name, text) in scenarios() {
        let file = folder.path().join("scenario.json");
        fs::write(&file, &text).expect("writable");
        let answer = |format: &str| {
            let arguments = ["plan", "--explain", "--format", format];
            Command::new(&headroom).args(arguments).arg(&file).output().expect("it runs").stdout
        };
        let plan: Value = serde_json::from_slice(&answer("json")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let report = String::from_utf8(answer("markdown")).expect("UTF-8");

        let scenario = scenario_json::read(&text).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let verdict = &plan["verdict"];
        browser.script(&format!("location.hash = {}", json!(permalink::write(&scenario)))).await;
        browser.until(&name, &format!("document.getElementById('verdict').textContent === {verdict}")).await;

        let page = browser.values().await;
        let page = page.as_object().expect("the page's values");
        let values = plan["values"].as_object().expect("the plan's values");
        assert_eq!(page.keys().collect::<Vec<_>>(), values.keys().collect::<Vec<_>>(), "{name}: the same values");
        for (id, value) in values {
            let on_page = page[id].as_str().expect("a text");
            match &value["value"] {
                Value::Null => assert_eq!(on_page, "", "{name}: {id}"),
                Value::String(word) => assert_eq!(on_page, word, "{name}: {id}"),
                Value::Number(number) if number.is_f64() => {
                    assert_eq!(on_page.parse::<f64>().ok(), number.as_f64(), "{name}: {id}");
                }
                number => assert_eq!(on_page, number.to_string(), "{name}: {id}"),
            }
            agrees_with_report(&name, id, value["text"].as_str().expect("a text"), &report);
        }
        browser.draw_everything(true).await;
        let codes =
            browser.script("return Array.from(document.querySelectorAll('[data-code]'), (e) => e.dataset.code)").await;
        let findings = || plan["findings"].as_array().expect("findings").iter().map(|finding| &finding["code"]);
        let of_view = |view: &'static View| findings().filter(|code| view.has(code.as_str().expect("a code")));
        let expected: Vec<&Value> = VIEWS.iter().flat_map(of_view).collect();
        assert_eq!(expected.len(), findings().count(), "{name}: every finding belongs to a view");
        assert_eq!(codes, json!(expected), "{name}: the same findings");
        let codes = browser
            .script("return Array.from(document.querySelectorAll('[data-action]'), (e) => e.dataset.action)")
            .await;
        let expected: Vec<&Value> = plan["actions"].as_array().expect("actions").iter().map(|a| &a["code"]).collect();
        assert_eq!(codes, json!(expected), "{name}: the same options");
        browser.draw_everything(false).await;
    }
    browser.end().await;
}

/// The report has a row with the value's text before its id.
#[track_caller]
fn agrees_with_report(name: &str, id: &str, text: &str, report: &str) {
    let about = format!("`{id}`");
    let shown = report.lines().find_map(|line| {
        let (before, last) = line.strip_suffix(" |")?.rsplit_once(" | ")?;
        let (_, shown) = before.rsplit_once(" | ").filter(|_| last.starts_with(&about))?;
        Some(shown.replace('\\', ""))
    });
    assert_eq!(shown.as_deref(), Some(text), "{name}: {id} in the report");
}

/// Every number that is written with digits: what stands there, and what the browser's own formatter makes of the same
/// number with as many decimals.
const WRITTEN: &str = "const form = (number, digits) => new Intl.NumberFormat(document.documentElement.lang,
        { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(number);
    return Array.from(document.querySelectorAll('button.number'), (e) => e.innerText).flatMap((text) =>
        (text.match(/(?<![\\w.,-])\\d+(?:,\\d{3})*(\\.\\d+)?(?![\\w,.-])/g) ?? []).map((number) =>
            [number, form(number.replaceAll(',', ''), number.split('.')[1]?.length ?? 0)]))";

#[tokio::test]
async fn numbers_are_grouped_as_the_browser_groups_them() {
    let browser = Browser::start().await;
    let mut long = 0;
    for link in [&full(), "#v=1&pods=100000&pool_size=10000&rate=1000000", "#v=1&pods=1&pool_size=1&rate=0.001"] {
        browser.open(link).await;
        browser.draw_everything(true).await;
        let written = browser.script(WRITTEN).await;
        let written = written.as_array().expect("a list");
        assert!(written.len() > 100, "{link}: {} numbers", written.len());
        for number in written {
            assert_eq!(number[0], number[1], "{link}");
        }
        long += written.iter().filter(|number| number[0].as_str().is_some_and(|text| text.contains(','))).count();
    }
    assert!(long > 20, "{long} numbers have more than three digits");

    let counts = [0, 7, 999, 1_000, 12_345, 999_999, 1_000_000, 9_007_199_254_740_991_u64];
    let format = format!("return {}.map((n) => new Intl.NumberFormat('en').format(n))", json!(counts));
    assert_eq!(browser.script(&format).await, json!(counts.map(sizing::quantity::grouped)));
    browser.end().await;
}
