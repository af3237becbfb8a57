//! The page without a pointer and without eyes: the order of the focus, where it goes, and what is spoken.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::time::Duration;

use fantoccini::key::Key;
use serde_json::json;
use tests::browser::Browser;
use tests::views::{BUSY, VIEWS};
use tokio::time::sleep;

/// Where the focus goes by so many presses of the tab key.
async fn stops(browser: &Browser, times: usize) -> Vec<String> {
    let mut stops = Vec::new();
    for _ in 0..times {
        browser.key(Key::Tab, 1).await;
        stops.push(browser.focus().await);
    }
    stops
}

#[tokio::test]
async fn the_focus_goes_from_the_views_over_the_fields_to_the_result() {
    let browser = Browser::start().await;
    browser.open("").await;
    let views = VIEWS.iter().map(|view| view.name);
    let ways = ["Pin to compare", "a preset", "your configuration", "six questions"];
    let fields = [
        "About What is sized",
        "input-system",
        "About Requests at peak",
        "input-rate",
        "About Hold time",
        "input-hold_ms",
        "About Users",
        "input-users",
        "6 more inputs",
        "About Pods",
        "input-pods",
    ];
    let expected: Vec<&str> =
        ["Skip to the result", "Guide"].into_iter().chain(views).chain(ways).chain(fields).collect();
    assert_eq!(stops(&browser, expected.len()).await, expected);
    browser.keys("6").await;
    assert_eq!(browser.field("pods").await, "6", "the text is selected on arrival");
    assert_eq!(stops(&browser, 1).await, ["Reset Pods to 3"]);
    browser.key(Key::Enter, 1).await;
    assert_eq!((browser.field("pods").await.as_str(), browser.focus().await.as_str()), ("3", "input-pods"));

    // Through everything that is left, and out of the page at its end.
    let mut rest = Vec::new();
    while rest.last().is_none_or(|stop| stop != "BODY" && stop != "Skip to the result") && rest.len() < 150 {
        rest.extend(stops(&browser, 1).await);
    }
    let place = |stop: &str| rest.iter().position(|each| each == stop).unwrap_or_else(|| panic!("{stop}: {rest:#?}"));
    let order = ["input-max_connections", "Copy link", "Print", "figures-pool-pool.total_connections"].map(place);
    assert!(order.is_sorted(), "fields, what can be done with the answer, the answer: {rest:#?}");
    browser.end().await;
}

#[tokio::test]
async fn whatever_has_the_focus_is_seen() {
    let browser = Browser::start().await;
    for (rest, width, height) in [(BUSY, 1280, 720), ("#v=1", 360, 640)] {
        browser.look(width, height, tests::browser::Theme::Light).await;
        browser.open(rest).await;
        browser.unfold_values().await;
        let mut hidden = Vec::new();
        for _ in 0..90 {
            browser.key(Key::Tab, 1).await;
            // Some of it is on the screen with nothing above it, and it is marked.
            let seen = "const e = document.activeElement; if (e === document.body) return true;
                const shown = e.matches('input[type=radio]') ? e.closest('label') : e;
                const box = shown.getBoundingClientRect();
                const points = [0.1, 0.5, 0.9].flatMap((x) => [0.2, 0.5, 0.8].map((y) =>
                    [box.left + x * box.width, box.top + y * box.height]));
                return points.some(([x, y]) => { const at = document.elementFromPoint(x, y); return at && (shown.contains(at) || at.contains(shown)); })";
            if browser.script(seen).await == json!(false) {
                hidden.push(browser.focus().await);
            }
        }
        assert_eq!(hidden, Vec::<String>::new(), "{width} × {height}");
    }
    browser.end().await;
}

#[tokio::test]
async fn everything_is_done_by_keys() {
    let browser = Browser::start().await;
    browser.open("").await;
    let focus = async |css: &str| {
        browser.script(&format!("document.querySelector({}).focus()", json!(css))).await;
    };
    focus("[data-input=pods] .about").await;
    browser.key(Key::Enter, 1).await;
    browser.until_text("#about-pods", "How to measure it: kubectl get deployment").await;

    focus(".skip").await;
    browser.key(Key::Enter, 1).await;
    assert_eq!(browser.focus().await, "result");
    assert_eq!(browser.script("return location.hash").await, json!(""), "skipping is no scenario");

    focus("[data-tab=growth]").await;
    browser.key(Key::Enter, 1).await;
    assert_eq!((browser.text("#view-heading").await, browser.focus().await), ("Growth".into(), "view-heading".into()));
    assert_eq!(stops(&browser, 1).await, ["figures-growth-growth.first_limit"], "the next stop is inside the view");

    // A preset: open, choose, undo.
    focus(".beginnings button").await;
    browser.key(Key::Enter, 1).await;
    assert_eq!(stops(&browser, 3).await[2], "Ticketing platform on 64 GB", "what opened comes next");
    browser.key(Key::Enter, 1).await;
    assert_eq!(browser.focus().await, "applied");
    assert_eq!(stops(&browser, 1).await, ["Undo"]);
    browser.key(Key::Enter, 1).await;
    assert_eq!(browser.focus().await, "view-heading");

    // The chain in another situation, by the arrows.
    browser.open(BUSY).await;
    focus("[name=situation]:checked").await;
    browser.key(Key::Right, 1).await;
    browser.until("at the autoscaler's maximum", "document.querySelector('[value=autoscaled]').checked").await;
    assert!(browser.text(".origin").await.starts_with("30 pods"), "{}", browser.text(".origin").await);

    // A derivation: open, go on, close with Escape.
    focus("#figures-pool-pool\\.total_connections").await;
    browser.key(Key::Enter, 1).await;
    browser.until_text("#figures-pool", "pool.app_connections + direct + reserved").await;
    focus("#figures-pool .operands button").await;
    browser.key(Key::Enter, 1).await;
    assert_eq!(browser.focus().await, "figures-pool");
    assert_eq!(stops(&browser, 2).await, ["‹ Back", "Close"]);
    focus("#figures-pool").await;
    browser.key(Key::Escape, 1).await;
    assert_eq!(browser.text("#figures-pool").await, "", "closed");
    assert_eq!(browser.focus().await, "figures-pool-pool.total_connections", "the focus is back at the number");

    // Enter in a field sends nothing anywhere.
    browser.type_into("pods", "fuor").await;
    browser.key(Key::Enter, 1).await;
    browser.until_text("#problem-pods", "“fuor” is not allowed.").await;
    assert_eq!(browser.focus().await, "input-pods");
    browser.end().await;
}

#[tokio::test]
async fn the_verdict_is_spoken_once_after_typing_pauses() {
    let browser = Browser::start().await;
    browser.open("").await;
    let watch = "window.spoken = []; const region = document.querySelector('.verdict [role=status]');
        new MutationObserver(() => spoken.push(region.textContent)).observe(region,
            { childList: true, characterData: true, subtree: true }); return region.textContent";
    assert_eq!(browser.script(watch).await, json!(""), "what stands there from the start is nothing new");
    for pods in ["4", "14", "9"] {
        browser.type_into("pods", pods).await;
    }
    let verdict = browser.verdict().await;
    browser.until("it is spoken", "spoken.length > 0").await;
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(browser.script("return spoken").await, json!([verdict]), "once, and the last one alone");
    browser.end().await;
}
