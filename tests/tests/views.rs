//! The eight views of one scenario: by their tabs, by the address, by the browser's history, and what each shows.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sizing::{Input, Plan};
use tests::browser::Browser;
use tests::views::{BUSY, VIEWS, full, scenario};

/// The view that is shown: by the tabs, by the heading, by the address.
const SHOWN: &str = "return [document.querySelector('[data-tab][aria-current=page]').dataset.tab,
    document.querySelectorAll('[data-tab][aria-current]').length,
    document.getElementById('view-heading').innerText,
    Array.from(document.querySelectorAll('.view[data-view]'), (e) => e.dataset.view).join(),
    new URLSearchParams(location.search).get('view') ?? 'pool']";

#[tokio::test]
async fn every_view_opens_by_its_tab_and_by_its_address() {
    let browser = Browser::start().await;
    browser.open(BUSY).await;
    let verdict = browser.verdict().await;
    for view in VIEWS.iter().rev() {
        browser.go(view.word).await;
        assert_eq!(browser.script(SHOWN).await, json!([view.word, 1, view.name, view.word, view.word]));
        assert_eq!(browser.focus().await, "view-heading", "{}: the focus follows", view.word);
        assert_eq!(browser.script("return location.hash").await, json!(BUSY), "{}: one scenario", view.word);
        assert_eq!(browser.verdict().await, verdict, "{}: the summary stays", view.word);
    }
    // Two steps at once, so that each entry is on its own.
    for word in ["queue", "memory"] {
        browser.client.back().await.expect("back");
        browser.wait_for(&format!(".view[data-view={word}]")).await;
        assert_eq!(browser.script("return location.hash").await, json!(BUSY));
    }
    browser.client.forward().await.expect("forward");
    browser.wait_for(".view[data-view=queue]").await;
    assert_eq!(browser.verdict().await, verdict);

    for view in &VIEWS {
        browser.open(&format!("?view={}{BUSY}", view.word)).await;
        assert_eq!(browser.script(SHOWN).await, json!([view.word, 1, view.name, view.word, view.word]));
        assert_eq!(browser.verdict().await, verdict, "{}", view.word);
    }
    browser.end().await;
}

#[tokio::test]
async fn a_tab_opens_elsewhere_where_that_is_asked_for() {
    let browser = Browser::start().await;
    browser.open(BUSY).await;
    let links = "return Array.from(document.querySelectorAll('[data-tab]'), (e) => [e.dataset.tab, e.href])";
    let links = browser.script(links).await;
    for (view, link) in VIEWS.iter().zip(links.as_array().expect("links")) {
        let query = if view.word == "pool" { String::new() } else { format!("?view={}", view.word) };
        assert_eq!(*link, json!([view.word, format!("{}/{query}{BUSY}", browser.origin())]));
    }
    let is_left = "const e = new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey: true });
        addEventListener('click', (e) => e.preventDefault(), { once: true });
        const tab = document.querySelector('[data-tab=memory]');
        tab.dispatchEvent(e); return document.querySelector('.view[data-view]').dataset.view";
    assert_eq!(browser.script(is_left).await, json!("pool"), "this page stays where it is");
    browser.end().await;
}

#[tokio::test]
async fn a_view_that_does_not_exist_is_named() {
    let browser = Browser::start().await;
    browser.open(&format!("?view=nonsense{BUSY}")).await;
    browser.until_text(".notices", "There is no view called “nonsense”: these are the connections.").await;
    assert_eq!(browser.text("#view-heading").await, "Connections");
    assert_eq!(browser.field("pods").await, "12", "the scenario is there all the same");
    browser.press(".notices button").await;
    assert_eq!(browser.focus().await, "form-heading", "the focus is not lost with the notice");
    browser.end().await;
}

#[tokio::test]
async fn a_view_without_anything_to_say_says_so() {
    let browser = Browser::start().await;
    browser.open("?view=memory#v=1&system=secret-store").await;
    browser.until_text(".view[data-view=memory]", "This is about a database, which the scenario does not have.").await;
    browser.press(".view[data-view=memory] .nothing button").await;
    assert_eq!(browser.focus().await, "input-system", "and leads to what would change it");
    browser.choose("input-system", "both").await;
    let is_gone = "!document.querySelector('.view[data-view=memory]').innerText.includes('This is about a database')";
    browser.until("it has something to say", is_gone).await;
    browser.end().await;
}

/// A page with something to say in every view, and the plan it shows.
async fn opened() -> (Browser, Plan) {
    let browser = Browser::start().await;
    let link = full();
    browser.open(&link).await;
    (browser, sizing::plan(&scenario(&link)))
}

#[tokio::test]
async fn a_view_shows_its_own_values_and_findings() {
    let (browser, plan) = opened().await;
    for view in &VIEWS {
        browser.go(view.word).await;
        browser.unfold_values().await;
        let ids = "return Array.from(document.querySelectorAll('.values [data-value-id]'), (e) => e.dataset.valueId)";
        let expected: Vec<&str> = plan.values.iter().map(|value| &*value.id).filter(|id| view.has(id)).collect();
        assert!(!expected.is_empty(), "{}", view.word);
        assert_eq!(sorted(browser.script(ids).await), sorted(json!(expected)), "{}", view.word);
        let codes = "return Array.from(document.querySelectorAll('[data-code]'), (e) => e.dataset.code)";
        let expected: Vec<&str> =
            plan.findings.iter().map(|found| &*found.code).filter(|code| view.has(code)).collect();
        assert_eq!(browser.script(codes).await, json!(expected), "{}", view.word);
        let sign = format!("return Boolean(document.querySelector('[data-tab={}] svg'))", view.word);
        let is_bad =
            plan.findings.iter().any(|found| view.has(&found.code) && found.severity != sizing::Severity::Info);
        assert_eq!(browser.script(&sign).await, json!(is_bad), "{}: the tab says whether anything is wrong", view.word);
    }
    browser.end().await;
}

fn sorted(list: Value) -> Vec<String> {
    let mut list: Vec<String> = serde_json::from_value(list).expect("texts");
    list.sort();
    list
}

/// Opens every number of the view on its own, and answers with what its panel says: the formula with the numbers, the
/// source, the operands, and those of them that lead on.
const OPENED: &str = "const done = arguments[arguments.length - 1];
    const until = async (is) => {
        for (let times = 0; times < 200 && !is(); times++) await new Promise((resolve) => setTimeout(resolve));
    };
    (async () => {
        const opened = [];
        const ids = Array.from(document.querySelectorAll('.view[data-view] button.number'), (e) => e.id);
        for (const id of ids) {
            const number = document.getElementById(id);
            const panel = document.getElementById(number.getAttribute('aria-controls'));
            number.click();
            await until(() => !panel.hidden && number.ariaExpanded === 'true');
            const names = Array.from(panel.querySelectorAll('.operands dt code'), (e) => e.innerText);
            const plain = Array.from(panel.querySelectorAll('.operands dt:not(:has(button))'), (e) => e.innerText);
            opened.push([number.dataset.valueId, number.ariaExpanded === 'true' && panel.checkVisibility(),
                panel.querySelector('.derivation-name code')?.innerText, panel.querySelector('.formula')?.innerText,
                panel.querySelector('.result-line strong')?.innerText, panel.querySelector('.source')?.innerText, names, plain]);
            number.click();
            await until(() => panel.hidden);
            if (!panel.hidden) opened.push([id, 'does not close']);
        }
        done(opened);
    })()";

#[tokio::test]
async fn every_number_of_every_view_opens_how_it_came_about() {
    let (browser, plan) = opened().await;
    for view in &VIEWS {
        browser.go(view.word).await;
        browser.unfold_values().await;
        let opened = browser.client.execute_async(OPENED, Vec::new()).await.expect("a script");
        let opened = opened.as_array().expect("a list");
        let all = plan.values.iter().filter(|value| view.has(&value.id)).count();
        assert!(opened.len() >= all, "{}: {} numbers for {all} values", view.word, opened.len());
        for number in opened {
            let id = number[0].as_str().expect("an id");
            let value = plan.value(id).unwrap_or_else(|| panic!("{number}"));
            let leads_on = |id: &str| plan.value(id).is_some() || Input::find(id).is_ok();
            let operands = || value.derivation.operands.iter().map(|(id, _)| &**id);
            assert_eq!(number[1], json!(true), "it opens: {number}");
            assert_eq!(number[2], json!(id), "{number}");
            assert_eq!(number[3], json!(value.derivation.formula), "{number}");
            assert!(
                number[4].as_str().is_some_and(|text| text.starts_with(value.quantity.to_string().trim_end())),
                "{number}"
            );
            assert_eq!(number[5], json!(format!("Source: {}", value.derivation.source)), "{number}");
            assert_eq!(number[6], json!(operands().filter(|id| leads_on(id)).collect::<Vec<_>>()), "{number}");
            assert_eq!(number[7], json!(operands().filter(|id| !leads_on(id)).collect::<Vec<_>>()), "{number}");
        }
    }
    browser.end().await;
}

#[tokio::test]
async fn a_derivation_leads_on_and_back() {
    let browser = Browser::start().await;
    browser.open("#v=1&pods=4&pool_size=20&max_overflow=10&max_connections=200&reserved=20").await;
    let number = "#figures-pool-pool\\.total_connections";
    let panel = "#figures-pool";
    browser.press(number).await;
    browser.until_text(panel, "pool.app_connections + direct + reserved").await;
    browser.until_text(panel, "= 120 + 0 + 20 = 140 connections").await;
    browser.press(&format!("{panel} .operands button")).await;
    browser.until_text(panel, "= 4 × 1 × (20 + 10) = 120 connections").await;
    assert_eq!(browser.focus().await, "figures-pool", "the focus follows");
    browser.press(&format!("{panel} .derivation-head button")).await;
    browser.until_text(panel, "= 120 + 0 + 20 = 140 connections").await;
    assert_eq!(browser.focus().await, "figures-pool");
    browser.press(&format!("{panel} .operands > div:nth-of-type(3) button")).await;
    assert_eq!(browser.focus().await, "input-reserved", "an input leads to its field, wherever it is folded away");
    browser.press(&format!("{panel} .close")).await;
    assert_eq!(browser.focus().await, "figures-pool-pool.total_connections", "the focus is back at the number");

    browser.press("#figures-pool-pool\\.headroom").await;
    browser.until_text(panel, "Documented: 60 connections").await;
    browser.until_text(panel, "= 197 − 140 = 57 connections").await;
    browser.end().await;
}

#[tokio::test]
async fn the_summary_is_the_plans() {
    let (browser, plan) = opened().await;
    assert_eq!(browser.verdict().await, plan.verdict);
    let bar = browser.text(".verdict .bar-text").await;
    for id in ["growth.first_limit", "growth.first_limit_date"] {
        let text = plan.value(id).expect("a value").quantity.to_string();
        assert!(bar.contains(&text), "{id}: {text}: {bar}");
    }
    let wrong = plan.findings.iter().filter(|finding| finding.severity != sizing::Severity::Info);
    let expected: Vec<&str> = wrong.take(3).map(|finding| &*finding.remedy).collect();
    let deeds =
        browser.script("return Array.from(document.querySelectorAll('.deeds .deed'), (e) => e.innerText)").await;
    assert_eq!(deeds, json!(expected), "the three most important actions");
    let led: BTreeMap<String, String> =
        VIEWS.iter().map(|view| (format!("See {}", view.name), view.name.to_owned())).collect();
    let ways = browser
        .script("return Array.from(document.querySelectorAll('.deeds [aria-label^=See]'), (e) => e.ariaLabel)")
        .await;
    for way in ways.as_array().expect("a list").iter().filter_map(Value::as_str) {
        browser.press(&format!(".deeds [aria-label='{way}']")).await;
        assert_eq!(Some(&browser.text("#view-heading").await), led.get(way), "{way}");
    }
    browser.end().await;
}
