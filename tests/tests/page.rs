//! The page as a whole: its link, what it may do, and what is left of it when it stops.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use serde_json::{Value, json};
use tests::browser::Browser;
use tests::views::{BUSY, VIEWS, full};

/// Four pods with pools of 20 + 10, an allowance of 20, and 200 connections.
const FOUR_PODS: &str = "#v=1&pods=4&pool_size=20&max_overflow=10&max_connections=200&reserved=20";

#[tokio::test]
async fn a_link_brings_everything_back() {
    let browser = Browser::start().await;
    browser.open("?view=pool").await;
    browser.type_into("pods", " 1,200 ").await;
    browser
        .script(
            "const s = document.getElementById('input-pooler'); s.value = 'pgbouncer'; \
                    s.dispatchEvent(new Event('change', { bubbles: true }))",
        )
        .await;
    browser.wait_for("#input-pooler_instances").await;
    browser.type_into("pooler_instances", "3").await;
    browser.type_into("pools", "audit:10:5:audit").await;
    browser.until("the address follows", "location.hash.includes('audit')").await;
    let (address, values) = (browser.address().await, browser.values().await);
    assert!(address.contains("/#v=1&pods=1200&pools=audit:10:5:audit&pooler=pgbouncer"), "{address}");
    browser.client.refresh().await.expect("a reload");
    browser.until_marked("complete").await;
    assert_eq!(browser.values().await, values);
    for (id, text) in
        [("pods", "1200"), ("pooler", "pgbouncer"), ("pooler_instances", "3"), ("pools", "audit:10:5:audit")]
    {
        assert_eq!(browser.field(id).await, text);
    }
    assert_eq!(browser.address().await, address, "reading a link does not change it");

    browser.script("location.hash = '#v=1&pods=7'").await;
    browser.until("the page follows its address", "document.getElementById('input-pods').value === '7'").await;
    assert_eq!(browser.field("pooler").await, "none");
    browser.client.back().await.expect("back");
    browser.until("the page follows its history", "document.getElementById('input-pods').value === '1200'").await;

    browser.press_button("Reset all").await;
    assert_eq!(browser.field("pods").await, "3", "everything is reset");
    assert_eq!(browser.focus().await, "form-heading", "the focus is not lost with the button");
    browser.until("the address follows", "location.hash === ''").await;
    browser.end().await;
}

#[tokio::test]
async fn a_shared_link_opens_elsewhere() {
    let browser = Browser::start().await;
    browser.allow_clipboard().await;
    browser.open("").await;
    browser.preset("growing-service").await;
    browser.type_into("pods", "9").await;
    browser.go("growth").await;
    browser.press_button("Copy link").await;
    browser.until_text(".copied", "Link copied").await;
    let link = browser.address().await;
    browser.until_copied(&link).await;
    let (verdict, values) = (browser.verdict().await, browser.values().await);

    // Somebody else's browser, which knows nothing but the link.
    let other = Browser::at(browser.origin()).await;
    other.open(link.strip_prefix(browser.origin()).expect("a link to this site").trim_start_matches('/')).await;
    assert_eq!(other.text("#view-heading").await, "Growth");
    assert_eq!(other.verdict().await, verdict);
    assert_eq!(other.values().await, values);
    assert_eq!(other.address().await, link);
    other.end().await;
    browser.end().await;
}

#[tokio::test]
async fn the_link_is_copied() {
    let browser = Browser::start().await;
    browser.open(FOUR_PODS).await;
    browser.allow_clipboard().await;
    browser.press_button("Copy link").await;
    browser.until_text(".copied", "Link copied").await;
    browser.until("the message goes", "document.querySelector('.copied').innerText === ''").await;

    browser.script("Object.defineProperty(navigator, 'clipboard', { value: undefined })").await;
    browser.press_button("Copy link").await;
    browser.until("the link has the focus", "document.activeElement.id === 'link'").await;
    let selected = browser
        .script("const link = document.activeElement; return link.value.slice(link.selectionStart, link.selectionEnd)")
        .await;
    assert_eq!(
        selected,
        json!(browser.address().await),
        "where copying is not allowed, the link is there to be copied"
    );
    browser.end().await;
}

#[tokio::test]
async fn the_report_is_copied_as_markdown() {
    let browser = Browser::start().await;
    browser.allow_clipboard().await;
    browser.open(BUSY).await;
    browser.press_button("Copy as Markdown").await;
    browser.until_text(".copied", "Report copied").await;
    let plan = sizing::plan(&tests::views::scenario(BUSY));
    browser.until_copied(&formats::report::markdown(&plan, formats::report::Detail::Explained)).await;
    browser.end().await;
}

#[tokio::test]
async fn the_policy_of_the_site_holds() {
    let browser = Browser::start().await;
    browser.open(FOUR_PODS).await;
    let blocked = "const done = arguments[arguments.length - 1];
        addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
        const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.body.append(script);";
    let directive = browser.client.execute_async(blocked, Vec::new()).await.expect("a script");
    assert_eq!(directive, json!("script-src-elem"), "a script in the page does not run");
    let reached = "const done = arguments[arguments.length - 1];
        addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
        fetch('https://example.com/').catch(() => {});";
    let directive = browser.client.execute_async(reached, Vec::new()).await.expect("a script");
    assert_eq!(directive, json!("connect-src"), "it is the policy that keeps requests here, not the network");
    let stored = browser.script("return [document.cookie, localStorage.length, sessionStorage.length]").await;
    assert_eq!(stored, json!(["", 0, 0]), "nothing is kept in the browser");
    // The two attempts were reported; nothing but them may be.
    browser.client.close().await.expect("the session closes");
}

/// What a page could leave behind in the browser.
const LEFT: &str = "const done = arguments[arguments.length - 1];
    indexedDB.databases().then((bases) => done([document.cookie, localStorage.length, sessionStorage.length, bases.length]))";

#[tokio::test]
async fn a_visit_breaks_no_rule_and_leaves_nothing_behind() {
    let browser = Browser::start().await;
    // Before anything of the page runs, so that nothing is missed.
    let watch = "window.violations = []; addEventListener('securitypolicyviolation',
        (e) => violations.push([e.effectiveDirective, e.blockedURI, e.sample]))";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": watch })).await;
    browser.open(&full()).await;
    for view in &VIEWS {
        browser.go(view.word).await;
        browser.unfold_everything().await;
        browser.script("document.querySelector('.view[data-view] button.number')?.click()").await;
    }
    browser.begin("configuration").await;
    browser.begin("questions").await;
    browser.press_button("Pin to compare").await;
    browser.draw_everything(true).await;
    browser.draw_everything(false).await;
    assert_eq!(browser.script("return violations").await, json!([]), "no rule of the policy is broken");
    let left: Value = browser.client.execute_async(LEFT, Vec::new()).await.expect("a script");
    assert_eq!(left, json!(["", 0, 0, 0]), "no cookie, no storage");
    // That no request left the origin, the end looks after.
    browser.end().await;
}

#[tokio::test]
async fn a_stopped_page_keeps_its_link() {
    let browser = Browser::start().await;
    browser.open(FOUR_PODS).await;
    browser
        .script("dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') }))")
        .await;
    let message = browser.text(".failure").await;
    assert!(message.contains("The calculator has stopped") && message.contains(FOUR_PODS), "{message}");
    browser.script("window.is_stopped = true").await;
    browser.press(".failure button").await;
    browser.until("it is loaded anew", "!window.is_stopped && performance.getEntriesByName('complete').length").await;
    assert_eq!(browser.field("pods").await, "4");
    browser.end().await;
}
