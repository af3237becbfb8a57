//! Fields: what is typed, what becomes of it, and what is said where it cannot be read.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use serde_json::json;
use sizing::INPUTS;
use sizing::input::Kind;
use tests::browser::Browser;
use tests::views::BUSY;

/// Four pods with pools of 20 + 10, an allowance of 20, and 200 connections.
const FOUR_PODS: &str = "#v=1&pods=4&pool_size=20&max_overflow=10&max_connections=200&reserved=20";

#[tokio::test]
async fn a_newcomer_sizes_a_pool() {
    let browser = Browser::start().await;
    browser.open("").await;
    for (id, text) in
        [("pods", "4"), ("pool_size", "20"), ("max_overflow", "10"), ("reserved", "20"), ("max_connections", "200")]
    {
        browser.type_into(id, text).await;
    }
    assert_eq!(browser.value("pool.total_connections").await, "140");
    assert_eq!(browser.text("#figures-pool-pool\\.total_connections").await, "140");
    assert!(browser.verdict().await.contains("140 of the 197 usable database connections"));
    assert_eq!(browser.text("[data-link=database] .link-share").await, "71.1 %");
    assert_eq!(browser.text("[data-link=database] .tag").await, "tightest");
    browser.until("the address follows", "location.hash.includes('max_connections=200')").await;
    assert!(browser.address().await.ends_with(&format!("/{FOUR_PODS}")), "{}", browser.address().await);
    browser
        .until("the verdict is spoken", "document.querySelector('.verdict [role=status]').innerText.includes('140')")
        .await;
    browser.end().await;
}

#[tokio::test]
async fn a_field_that_cannot_be_read_changes_nothing_else() {
    let browser = Browser::start().await;
    browser.open(FOUR_PODS).await;
    let verdict = browser.verdict().await;
    browser.type_into("pods", "fuor").await;
    assert_eq!(browser.verdict().await, verdict, "the last valid result stays");
    browser.until_text("#problem-pods", "“fuor” is not allowed. Give a whole number from 1 to 100,000.").await;
    browser.until_text(".stale", "Pods cannot be read: the result stands for the last valid input, 4.").await;
    assert_eq!(browser.field("pods").await, "fuor", "what was typed stays");
    let invalid = "document.getElementById('input-pods').getAttribute('aria-invalid')";
    assert_eq!(browser.script(&format!("return {invalid}")).await, json!("true"));

    browser.type_into("pool_size", "15").await;
    assert_eq!(browser.value("pool.app_connections").await, "100", "the other fields go on with 4 pods");
    assert_eq!(browser.field("pods").await, "fuor");

    browser.type_into("pods", "5").await;
    assert_eq!(browser.script(&format!("return {invalid}")).await, json!("false"));
    assert_eq!(browser.text("#problem-pods").await, "", "the message goes as soon as it is mended");
    assert_eq!(browser.value("pool.app_connections").await, "125");

    browser.type_into("hold_ms", "").await;
    browser.until_text("#problem-hold_ms", "Give a number from 0 to 3,600,000.").await;
    assert_eq!(browser.field("hold_ms").await, "", "an empty field stays empty");
    browser.press(".stale button").await;
    assert_eq!(browser.focus().await, "input-hold_ms", "the message leads to its field");
    browser.press("[data-input=hold_ms] .reset").await;
    assert_eq!(browser.field("hold_ms").await, "20");
    browser.end().await;
}

#[tokio::test]
async fn a_link_with_garbage_in_every_field_opens() {
    let browser = Browser::start().await;
    let garbage: Vec<String> = INPUTS.iter().map(|input| format!("{}=x%3Cb%3Ey", input.id)).collect();
    browser.open(&format!("?view=nonsense#v=9&podz=4&{}", garbage.join("&"))).await;
    let problems = "return Object.fromEntries(Array.from(document.querySelectorAll('[data-input]'), (e) => \
                    [e.dataset.input, e.querySelector('.problem').innerText]))";
    let problems = browser.script(problems).await;
    for input in INPUTS {
        let message = problems[input.id].as_str().expect("a message");
        assert!(message.starts_with("“x<b>y” is not allowed. Give "), "{}: {message}", input.id);
        assert_eq!(browser.field(input.id).await, "x<b>y", "{}: what the link said is to be seen", input.id);
    }
    let notices = browser.text(".notices").await;
    for part in ["version \"9\"", "did you mean \"pods\"?", "no view called “nonsense”"] {
        assert!(notices.contains(part), "{part}: {notices}");
    }
    assert_eq!(browser.value("pool.app_connections").await, "30", "every input has its default");
    browser.type_into("pods", "4").await;
    assert_eq!(browser.value("pool.app_connections").await, "40", "the page works all the same");
    browser.end().await;
}

#[tokio::test]
async fn every_input_has_a_field_with_its_default() {
    let browser = Browser::start().await;
    browser.open("").await;
    browser.unfold_fields().await;
    let default = sizing::Scenario::default();
    for input in INPUTS {
        // Without a pooler its inputs are not asked for.
        if browser.script(&format!("return Boolean(document.getElementById('input-{}'))", input.id)).await
            == json!(false)
        {
            assert_eq!(input.group, sizing::input::Group::Pooler, "{}", input.id);
            continue;
        }
        assert_eq!(Some(browser.field(input.id).await), default.text(input.id), "{}", input.id);
        let tag = browser.script(&format!("return document.getElementById('input-{}').tagName", input.id)).await;
        let is_choice = matches!(input.kind, Kind::Choice(_));
        assert_eq!(tag, json!(if is_choice { "SELECT" } else { "INPUT" }), "{}", input.id);
    }
    browser.end().await;
}

#[tokio::test]
async fn a_fix_is_applied_by_its_button() {
    let browser = Browser::start().await;
    browser.open(BUSY).await;
    let finding = "[data-code='pool.exceeds_role_limit']";
    let label = browser.text(&format!("{finding} .fix button")).await;
    let size = label.strip_prefix("Set Server pool size to ").expect("what it sets").to_owned();
    browser.press(&format!("{finding} .fix button")).await;
    browser.until("the finding is gone", &format!("!document.querySelector(\"{finding}\")")).await;
    assert_eq!(browser.field("default_pool_size").await, size);
    assert_eq!(browser.focus().await, "applied", "the focus is where the fix is described");
    assert!(browser.text("#applied").await.contains(&format!("Applied: Server pool size to {size}.")));
    browser.press("#applied button").await;
    browser.wait_for(finding).await;
    assert_eq!(browser.field("default_pool_size").await, "50", "undone");
    browser.end().await;
}

#[tokio::test]
async fn the_summarys_first_action_is_applied_where_it_stands() {
    let browser = Browser::start().await;
    browser.open(&format!("?view=queue{BUSY}")).await;
    let finding = sizing::plan(&tests::views::scenario(BUSY)).findings.remove(0);
    let (id, text) = finding.fix.first().expect("the worst finding has a fix").clone();
    let apply = ".deeds > li:first-child button";
    assert_eq!(browser.text(apply).await, "Apply");
    browser.press(apply).await;
    assert_eq!(browser.field(id).await, text);
    assert_eq!(browser.focus().await, "applied");
    browser.press("#applied button").await;
    browser.until("undone", &format!("location.hash === {}", json!(BUSY))).await;
    browser.end().await;
}

#[tokio::test]
async fn a_changed_field_is_marked_and_can_be_reset() {
    let browser = Browser::start().await;
    browser.open("").await;
    browser.unfold_fields().await;
    let marked = "return [document.querySelectorAll('.field.changed').length,
        Array.from(document.querySelectorAll('.changed-count:not([hidden])'), (e) => e.innerText),
        Array.from(document.querySelectorAll('.reset:not([hidden])'), (e) => e.ariaLabel)]";
    assert_eq!(browser.script(marked).await, json!([0, [], []]));
    browser.type_into("pods", "5").await;
    browser.type_into("ram", "16GiB").await;
    browser.until("the address follows", "location.hash === '#v=1&pods=5&ram=16GiB'").await;
    let default = sizing::Scenario::default().text("ram").expect("a default");
    let resets =
        ["Reset Pods to 3".to_owned(), format!("Reset {} to {default}", sizing::Input::find("ram").expect("it").name)];
    assert_eq!(browser.script(marked).await, json!([2, ["1 changed"], resets]));
    browser.type_into("pods", "3").await;
    browser.press("[data-input=ram] .reset").await;
    assert_eq!(browser.focus().await, "input-ram", "the focus is not lost with the button");
    assert_eq!(browser.script(marked).await, json!([0, [], []]));
    browser.until("the address follows", "location.hash === ''").await;
    browser.end().await;
}

#[tokio::test]
async fn every_group_has_fields_or_unfolds() {
    let browser = Browser::start().await;
    for rest in ["", "#v=1&system=secret-store", "#v=1&system=both&pooler=pgbouncer"] {
        browser.open(rest).await;
        let empty = "return Array.from(document.querySelectorAll('.group'))
            .filter((group) => !Array.from(group.querySelectorAll('input, select, summary'))
                .some((e) => e.checkVisibility()))
            .map((group) => group.innerText)";
        assert_eq!(browser.script(empty).await, json!([]), "{rest}");
    }
    browser.end().await;
}
