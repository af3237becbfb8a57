//! The page in parts: what is loaded when, and that nothing done to it meanwhile is lost.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::time::Duration;

use serde_json::json;
use tests::browser::Browser;
use tokio::time::sleep;

const FIRST: &str = "calculator_bg.wasm";
const SECOND: &str = "calculator_later.wasm";

/// How often each part was loaded.
async fn parts(browser: &Browser) -> (usize, usize) {
    let loaded = browser.loaded().await;
    let count = |part: &str| loaded.iter().filter(|name| *name == part).count();
    (count(FIRST), count(SECOND))
}

#[tokio::test]
async fn the_second_part_waits_for_a_sign() {
    let browser = Browser::start().await;
    browser.open_until("", "#verdict").await;
    browser.until_marked("started").await;
    let verdict = browser.verdict().await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(parts(&browser).await, (1, 0), "nobody did anything");
    for sign in ["pointermove", "pointermove", "keydown"] {
        browser.script(&format!("dispatchEvent(new Event({}))", json!(sign))).await;
    }
    browser.until_marked("complete").await;
    assert_eq!(parts(&browser).await, (1, 1), "one sign is enough, and more of them change nothing");
    assert_eq!(browser.verdict().await, verdict, "what stood there is what the program says");
    browser.end().await;
}

#[tokio::test]
async fn the_focus_stays_where_it_was_the_first_sign() {
    let browser = Browser::start().await;
    for place in ["[data-tab=memory]", "#input-pods", ".beginnings button"] {
        browser.open_until("", "#verdict").await;
        browser.until_marked("started").await;
        browser.script(&format!("(window.sign = document.querySelector('{place}')).focus()")).await;
        browser.until_marked("complete").await;
        assert_eq!(browser.script("return document.activeElement === sign").await, json!(true), "{place}");
    }
    browser.end().await;
}

#[tokio::test]
async fn an_address_that_asks_for_its_own_result_gets_it_at_once() {
    let browser = Browser::start().await;
    for rest in ["#v=1&pods=9", "?view=memory", "?embed=1"] {
        browser.open_until(rest, "#verdict").await;
        browser.until_marked("complete").await;
        assert_eq!(parts(&browser).await, (1, 1), "{rest}");
    }
    browser.end().await;
}

#[tokio::test]
async fn the_page_is_painted_before_the_program_is_fetched() {
    let browser = Browser::start().await;
    browser.open("").await;
    let is_first = "performance.getEntriesByName('first-contentful-paint')[0].startTime < \
                    performance.getEntriesByType('resource').find((e) => e.name.includes('_bg-')).startTime";
    assert_eq!(browser.script(&format!("return {is_first}")).await, json!(true));
    browser.end().await;
}

#[tokio::test]
async fn what_is_done_before_the_program_starts_is_not_lost() {
    let browser = Browser::start().await;
    browser.devtools("Network.enable", json!({})).await;
    let slow = json!({ "offline": false, "latency": 2_000, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser.devtools("Network.emulateNetworkConditions", slow).await;
    browser.open_until("", "#input-pods").await;
    let group = "document.querySelector('.group:first-of-type details')";
    browser.script(&format!("window.before = document.getElementById('input-pods'); {group}.open = true")).await;
    browser.script("const f = document.getElementById('input-pods'); f.focus(); f.select()").await;
    browser.keys("12").await;
    browser.script("document.getElementById('input-pods').setSelectionRange(1, 1); scrollTo(0, 40)").await;
    assert_eq!(browser.script("return before.isConnected").await, json!(true), "the program has not started");
    assert_eq!(parts(&browser).await.1, 0, "the second part is not here");

    browser.until_marked("started").await;
    let now = "const f = document.activeElement; return [f.id, f.value, f.selectionStart, f !== before, scrollY]";
    assert_eq!(browser.script(now).await, json!(["input-pods", "12", 1, true, 40]));
    assert_eq!(browser.script(&format!("return {group}.open")).await, json!(true), "what was unfolded");
    browser.wait_for("[data-input=pods].changed").await;
    browser.until_marked("complete").await;
    browser.until("the address follows", "location.hash === '#v=1&pods=12'").await;
    let typed = browser.verdict().await;
    browser.open("#v=1&pods=12").await;
    assert_eq!(browser.verdict().await, typed, "the result is that of what was typed");
    browser.end().await;
}

#[tokio::test]
async fn a_second_part_that_cannot_be_had_can_be_asked_for_again() {
    let browser = Browser::start().await;
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setBlockedURLs", json!({ "urls": ["*calculator_later*"] })).await;
    browser.open_until("#v=1&pods=9", "#result .failure").await;
    assert_eq!(browser.text("#result .failure a").await, browser.address().await, "the scenario is in the link");
    browser.type_into("pods", "12").await;
    browser.wait_for("[data-input=pods].changed").await;
    browser.devtools("Network.setBlockedURLs", json!({ "urls": [] })).await;
    browser.press("#result .failure button").await;
    browser.until_marked("complete").await;
    assert_eq!(
        browser.value("pool.app_connections").await,
        browser
            .script(
                "return String(12 * (Number(document.getElementById('input-pool_size').value) + \
         Number(document.getElementById('input-max_overflow').value)))"
            )
            .await
            .as_str()
            .unwrap()
    );
    // The browser reports the blocked request, so that the session ends without asking it what went wrong.
    browser.client.clone().close().await.unwrap();
}
