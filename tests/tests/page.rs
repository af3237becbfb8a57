//! The page as people use it: in a real browser, from the built site.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::process::Command;

use fantoccini::key::Key;
use formats::{permalink, scenario_json};
use serde_json::{Value, json};
use sizing::INPUTS;
use sizing::input::Kind;
use sizing::preset::PRESETS;
use tests::browser::{Browser, Theme};
use tests::command_line::headroom;
use xtask::paths;

/// Four pods with pools of 20 + 10, an allowance of 20, and 200 connections.
const FOUR_PODS: &str = "#v=1&pods=4&pool_size=20&max_overflow=10&max_connections=200&reserved=20";

/// Something of everything: a pooler, an exceeded limit, an autoscaler, a finding with a fix.
const BUSY: &str = "#v=1&pods=12&pods_max=30&pool_size=20&max_overflow=10&pooler=pgbouncer&pooler_instances=3&\
                    default_pool_size=50&max_client_conn=400&max_connections=200&role_connection_limit=120&reserved=20";

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
    assert_eq!(browser.text("#figures-pool\\.total_connections").await, "140");
    assert!(browser.text("#verdict").await.contains("140 of the 197 usable database connections"));
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
    let verdict = browser.text("#verdict").await;
    browser.type_into("pods", "fuor").await;
    assert_eq!(browser.text("#verdict").await, verdict, "the last valid result stays");
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
    assert!(address.contains("/?view=pool#v=1&pods=1200&pools=audit:10:5:audit&pooler=pgbouncer"), "{address}");
    browser.client.refresh().await.expect("a reload");
    browser.wait_for("#verdict").await;
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

    browser.press(".form-head .quiet:not(:disabled)").await;
    assert_eq!(browser.field("pods").await, "3", "everything is reset");
    assert_eq!(browser.focus().await, "form-heading", "the focus is not lost with the button");
    browser.until("the address follows", "location.hash === ''").await;
    browser.end().await;
}

#[tokio::test]
async fn the_link_is_copied() {
    let browser = Browser::start().await;
    browser.open(FOUR_PODS).await;
    let allowed = json!({ "permission": { "name": "clipboard-write" }, "setting": "granted" });
    browser.devtools("Browser.setPermission", allowed).await;
    let copy = ".form-head .quiet:nth-of-type(2)";
    browser.press(copy).await;
    browser.until_text(".copied", "Link copied").await;
    browser.until("the message goes", "document.querySelector('.copied').innerText === ''").await;

    browser.script("Object.defineProperty(navigator, 'clipboard', { value: undefined })").await;
    browser.press(copy).await;
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
async fn numbers_open_how_they_came_about() {
    let browser = Browser::start().await;
    browser.open(FOUR_PODS).await;
    let number = "#figures-pool\\.total_connections";
    browser.script("document.getElementById('figures-pool.total_connections').focus()").await;
    browser.key(Key::Enter, 1).await;
    browser.until_text("#figures", "pool.app_connections + direct + reserved").await;
    let panel = browser.text("#figures").await;
    assert!(panel.contains("= 120 + 0 + 20 = 140 connections"), "the user's numbers: {panel}");
    assert!(panel.contains("Source: Database Optimization Guide, Connection Pool Sizing"), "{panel}");

    // From an operand to its own derivation, and on to the field behind it.
    browser.key(Key::Tab, 6).await;
    assert_eq!(browser.focus().await, "Connections the application can open", "behind the other figures and Close");
    browser.key(Key::Enter, 1).await;
    browser.until_text("#figures", "= 4 × 1 × (20 + 10) = 120 connections").await;
    assert_eq!(browser.focus().await, "figures");
    browser.key(Key::Tab, 3).await;
    assert_eq!(browser.focus().await, "Pods");
    browser.key(Key::Enter, 1).await;
    assert_eq!(browser.focus().await, "input-pods");

    browser.script("document.querySelector('#figures .close').focus()").await;
    browser.key(Key::Escape, 1).await;
    assert_eq!(browser.text("#figures").await, "", "closed");
    assert_eq!(browser.focus().await, "figures-pool.total_connections", "the focus is back at the number");
    assert_eq!(browser.wait_for(number).await.attr("aria-expanded").await.expect("it"), Some("false".to_owned()));

    browser.press("#figures-pool\\.headroom").await;
    browser.until_text("#figures", "Documented: 60 connections").await;
    browser.until_text("#figures", "= 197 − 140 = 57 connections").await;
    browser.end().await;
}

#[tokio::test]
async fn the_keyboard_alone_is_enough() {
    let browser = Browser::start().await;
    browser.open("").await;
    let mut stops = Vec::new();
    while stops.last().is_none_or(|stop| stop != "input-pods") && stops.len() < 30 {
        browser.key(Key::Tab, 1).await;
        stops.push(browser.focus().await);
    }
    let presets = PRESETS.iter().map(|preset| preset.title);
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
    let expected: Vec<&str> = ["Skip to the result", "Copy link"].into_iter().chain(presets).chain(fields).collect();
    assert_eq!(stops, expected);
    browser.keys("6").await;
    assert_eq!(browser.field("pods").await, "6", "the text is selected on arrival");
    browser.key(Key::Tab, 1).await;
    assert_eq!(browser.focus().await, "Reset Pods to 3");
    browser.key(Key::Enter, 1).await;
    assert_eq!((browser.field("pods").await.as_str(), browser.focus().await.as_str()), ("3", "input-pods"));

    browser.script("document.querySelector('[data-input=pods] .about').focus()").await;
    browser.key(Key::Enter, 1).await;
    browser.until_text("#about-pods", "How to measure it: kubectl get deployment").await;

    browser.script("document.querySelector('.skip').focus()").await;
    browser.key(Key::Enter, 1).await;
    assert_eq!(browser.focus().await, "result");
    assert_eq!(browser.script("return location.hash").await, json!(""), "skipping is no scenario");

    browser.open(BUSY).await;
    browser.script("document.querySelector('[name=situation]:checked').focus()").await;
    browser.key(Key::Right, 1).await;
    browser
        .until("the chain at the autoscaler's maximum", "document.querySelector('[value=autoscaled]').checked")
        .await;
    assert!(browser.text(".origin").await.starts_with("30 pods"), "{}", browser.text(".origin").await);
    browser.end().await;
}

#[tokio::test]
async fn it_fits_wherever_it_is_shown() {
    let browser = Browser::start().await;
    browser.open(BUSY).await;
    for theme in Theme::ALL {
        for width in [360, 768, 1280, 1920] {
            browser.look(width, 800, theme).await;
            let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(browser.script(overflow).await, json!(0), "{width} px, {theme}: no horizontal scrolling");
            let small = browser.script(SMALL_TARGETS).await;
            assert_eq!(small, json!([]), "{width} px: every target is at least 24 px high and wide");
        }
        let ground = browser.script("return getComputedStyle(document.body).backgroundColor").await;
        let is_dark = ground.as_str().is_some_and(|colour| colour.starts_with("rgb(1"));
        assert_eq!(is_dark, theme == Theme::Dark, "{theme}: {ground}");
    }
    browser.end().await;
}

/// Everything that can be pressed and is smaller than 24 px, links in sentences aside.
const SMALL_TARGETS: &str =
    "return Array.from(document.querySelectorAll('button, summary, select, input, .switch label'))
    .map((e) => [e, e.getBoundingClientRect()])
    .filter(([e, box]) => box.width > 0 && (box.height < 24 || box.width < 8) && !e.matches('.switch input, .link'))
    .map(([e, box]) => `${e.outerHTML.slice(0, 120)} ${box.width} × ${box.height}`)";

#[tokio::test]
async fn nothing_stands_in_the_way_of_anyone() {
    let browser = Browser::start().await;
    for (state, rest) in [("plain", FOUR_PODS), ("busy", BUSY), ("garbage", "#v=1&pods=x&hold_ms=y&pooler=z&podz=4")] {
        browser.open(rest).await;
        browser.press("[data-input=pods] .about").await;
        browser.press("#figures-pool\\.headroom").await;
        browser.unfold_values().await;
        browser.unfold_fields().await;
        for theme in Theme::ALL {
            for width in [360, 1280] {
                browser.look(width, 800, theme).await;
                let violations = browser.axe().await;
                assert_eq!(violations, json!([]), "{state}, {width} px, {theme}");
            }
        }
    }
    browser.end().await;
}

/// What is wider than the screen although nothing around it scrolls.
const TOO_WIDE: &str = "return Array.from(document.querySelectorAll('body *'))
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, pre, .visually-hidden'))
    .map((e) => e.outerHTML.slice(0, 160))";

#[tokio::test]
async fn a_preset_shows_everything_on_the_smallest_screen() {
    let browser = Browser::start().await;
    browser.look(360, 800, Theme::Light).await;
    for preset in &PRESETS {
        browser.open("").await;
        browser.press(&format!("[data-preset={}]", preset.id)).await;
        assert_eq!(browser.focus().await, "applied", "the focus is where it is said what was loaded");
        browser.unfold_values().await;
        browser.unfold_fields().await;
        assert_eq!(browser.script(TOO_WIDE).await, json!([]), "{}", preset.id);
        let sections = "return Array.from(document.querySelectorAll('.values details:not([hidden])'), (e) => e.id)";
        let shown = browser.script(sections).await;
        assert!(shown.as_array().is_some_and(|shown| shown.len() >= 4), "{}: {shown}", preset.id);
    }
    browser.press(".applied button").await;
    assert_eq!(browser.field("secrets").await, "0", "undone");
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

#[tokio::test]
async fn a_stopped_page_keeps_its_link() {
    let browser = Browser::start().await;
    browser.open(FOUR_PODS).await;
    browser
        .script("dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') }))")
        .await;
    let message = browser.text(".failure").await;
    assert!(message.contains("The calculator has stopped") && message.contains(FOUR_PODS), "{message}");
    browser.press(".failure button").await;
    browser.wait_for("#verdict").await;
    assert_eq!(browser.field("pods").await, "4");
    browser.end().await;
}

#[tokio::test]
async fn a_printed_report_is_complete() {
    let browser = Browser::start().await;
    browser.open(BUSY).await;
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    browser.script("dispatchEvent(new Event('beforeprint'))").await;
    let text = browser.text("body").await;
    for part in [
        "The role limit of 120 is exceeded",
        "Inputs that differ",
        "Connection chain",
        "Findings",
        "pool.max_pods",
        "v=1&pods=12",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for part in ["Reset all", "Copy link", "Set Server pool size"] {
        assert!(!text.contains(part), "{part} is of no use on paper");
    }
    browser.end().await;
}

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
        let codes =
            browser.script("return Array.from(document.querySelectorAll('[data-code]'), (e) => e.dataset.code)").await;
        let expected: Vec<&Value> = plan["findings"].as_array().expect("findings").iter().map(|f| &f["code"]).collect();
        assert_eq!(codes, json!(expected), "{name}: the same findings");
        let codes = browser
            .script("return Array.from(document.querySelectorAll('[data-action]'), (e) => e.dataset.action)")
            .await;
        let expected: Vec<&Value> = plan["actions"].as_array().expect("actions").iter().map(|a| &a["code"]).collect();
        assert_eq!(codes, json!(expected), "{name}: the same options");
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
