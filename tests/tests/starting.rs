//! The ways to a scenario: a preset, six questions, files that exist already.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeSet;
use std::fs;

use formats::permalink;
use serde_json::json;
use sizing::preset::PRESETS;
use tests::browser::Browser;
use tests::views::scenario;

#[tokio::test]
async fn a_preset_leads_to_its_result() {
    let browser = Browser::start().await;
    for preset in &PRESETS {
        browser.open("").await;
        browser.begin("preset").await;
        let offered = "return Array.from(document.querySelectorAll('[data-preset]'), (e) => e.innerText)";
        assert_eq!(browser.script(offered).await, json!(PRESETS.each_ref().map(|preset| preset.title)));
        browser.press(&format!("[data-preset={}]", preset.id)).await;
        assert_eq!(browser.focus().await, "applied", "the focus is where it is said what was loaded");
        let applied = browser.text("#applied").await;
        assert!(applied.contains(preset.title) && applied.contains(preset.assumed), "{applied}");
        let expected = sizing::plan(&preset.scenario());
        assert_eq!(browser.verdict().await, expected.verdict, "{}", preset.id);
        let address = format!("location.hash === {}", json!(format!("#{}", permalink::write(&preset.scenario()))));
        browser.until("the address follows", &address).await;
        assert!(browser.script("return document.getElementById('beginning').hidden").await == json!(true), "it closes");
        browser.press("#applied button").await;
        assert_eq!(browser.focus().await, "view-heading", "the focus is not lost with the button");
        browser.until("undone", "location.hash === ''").await;
        assert_eq!(browser.verdict().await, sizing::plan(&scenario("")).verdict);
    }
    browser.end().await;
}

#[tokio::test]
async fn six_questions_are_enough() {
    let browser = Browser::start().await;
    browser.open("").await;
    browser.begin("questions").await;
    assert_eq!(browser.script("return document.querySelectorAll('.questions > li').length").await, json!(6));
    let expanded = "return Array.from(document.querySelectorAll('.beginnings button'), (e) => e.ariaExpanded)";
    assert_eq!(browser.script(expanded).await, json!(["false", "false", "true"]));
    browser.choose("answer-system", "database").await;
    browser.choose("answer-pooler", "pgbouncer").await;
    let answers = [
        ("rate", "800"),
        ("hold_ms", "25"),
        ("pods", "6"),
        ("pool_size", "15"),
        ("max_overflow", "5"),
        ("pooler_instances", "2"),
        ("ram", "32GiB"),
        ("cpus", "8"),
        ("max_connections", "300"),
        ("growth_rate", "20%"),
        ("months", "24"),
    ];
    for (id, text) in answers {
        browser.script(&format!("const f = document.getElementById('answer-{id}'); f.focus(); f.select()")).await;
        browser.keys(text).await;
    }
    let link = answers.map(|(id, text)| format!("{id}={}", text.replace('%', "%25"))).join("&");
    let expected = sizing::plan(&scenario(&format!("#v=1&system=database&pooler=pgbouncer&{link}")));
    browser
        .until(
            "the result follows",
            &format!("document.getElementById('verdict').textContent === {}", json!(expected.verdict)),
        )
        .await;
    for (id, text) in answers.iter().chain(&[("pooler", "pgbouncer")]) {
        assert_eq!(browser.field(id).await, *text, "the form says the same");
    }
    // What is typed in the form is what the questions say, and the other way round.
    browser.choose("input-pooler", "none").await;
    assert_eq!(browser.script("return document.getElementById('answer-pooler').value").await, json!("none"));
    browser
        .script("document.getElementById('answer-pods').select(); document.getElementById('answer-pods').focus()")
        .await;
    browser.keys("six").await;
    browser.until_text("[data-answer=pods] .problem", "“six” is not allowed.").await;
    let described = "const f = document.getElementById('answer-pods'); return [f.ariaInvalid,
        ...f.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).closest('[data-answer]')?.dataset.answer)]";
    assert_eq!(browser.script(described).await, json!(["true", "pods", "pods"]), "its own hint and its own problem");
    browser.press("#beginning .primary").await;
    assert_eq!(browser.focus().await, "view-heading", "“Show the result” leads there");
    assert!(browser.script("return document.getElementById('beginning').hidden").await == json!(true), "it closes");
    browser.end().await;
}

#[tokio::test]
async fn the_questions_are_about_what_is_sized() {
    let browser = Browser::start().await;
    browser.open("").await;
    browser.begin("questions").await;
    let answers = "Array.from(document.querySelectorAll('.questions [data-answer]'), (e) => e.dataset.answer).join()";
    for (system, asked) in [
        ("secret-store", "system,rate,read_share,secrets,leases,nodes,zones,edition,growth_rate,months"),
        (
            "both",
            "system,rate,read_share,pods,pool_size,max_overflow,ram,cpus,max_connections,secrets,leases,nodes,\
             growth_rate,months",
        ),
        (
            "database",
            "system,rate,hold_ms,pods,pool_size,max_overflow,pooler,pooler_instances,ram,cpus,max_connections,\
             growth_rate,months",
        ),
    ] {
        browser.choose("answer-system", system).await;
        let asked: BTreeSet<&str> = asked.split(',').collect();
        let same = format!(
            "({answers}).split(',').sort().join() === {}",
            json!(asked.into_iter().collect::<Vec<_>>().join(","))
        );
        browser.until(&format!("{system}: its own questions"), &same).await;
        assert_eq!(browser.script("return document.querySelectorAll('.questions > li').length").await, json!(6));
        assert_eq!(browser.script("return document.getElementById('answer-system').value").await, json!(system));
    }
    browser.end().await;
}

const POSTGRESQL: &str = "\
# The server as it is.
max_connections = 400            # (change requires restart)
shared_buffers = '8GB'
work_mem = 64MB
max_connections = 250
maintenance_work_mem = lots
superuser_reserved_connections = 5
";

const PGBOUNCER: &str = "\
[databases]
app = host=10.0.0.5 dbname=app

[pgbouncer]
pool_mode = transaction
default_pool_size = 40
max_client_conn = 900
reserve_pool_size = many
";

/// Pastes a text and has it read.
async fn paste(browser: &Browser, text: &str) {
    browser.begin("configuration").await;
    // As pasting does it, in one go; keys would be indented by no editor, but take a minute.
    let paste = format!(
        "const field = document.getElementById('paste'); field.focus(); document.execCommand('insertText', false, {})",
        json!(text)
    );
    browser.script(&paste).await;
    browser.press("#beginning .drop .primary").await;
    browser.wait_for("#files-read > li").await;
}

#[tokio::test]
async fn a_pasted_postgresql_conf_is_taken_and_its_errors_are_shown() {
    let browser = Browser::start().await;
    browser.open("#v=1&pods=7").await;
    paste(&browser, POSTGRESQL).await;
    assert_eq!(browser.focus().await, "files-read", "the focus is where it is said what was read");
    for (id, text) in [
        ("max_connections", "250"),
        ("shared_buffers", "8GiB"),
        ("work_mem", "64MiB"),
        ("superuser_reserved", "5"),
        ("pods", "7"),
    ] {
        assert_eq!(browser.field(id).await, text, "{id}");
    }
    let said = browser.text("#files-read").await;
    assert!(said.contains("Pasted text: 4 settings read, 4 inputs taken."), "{said}");
    for line in ["line 2, column 1: max_connections is given again in line 5", "line 6, column 24: "] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let errors = "return Array.from(document.querySelectorAll('#files-read .problem'), (e) => e.innerText)";
    let errors = browser.script(errors).await;
    assert!(errors.as_array().is_some_and(|errors| errors.len() == 1), "{errors}");
    assert!(errors[0].as_str().is_some_and(|error| error.contains("lots")), "{errors}");
    let applied = browser.text("#applied").await;
    assert!(applied.contains("Read Pasted text: 4 inputs taken."), "{applied}");
    browser.press("#applied button").await;
    assert_eq!((browser.field("max_connections").await, browser.field("pods").await), ("100".into(), "7".into()));
    browser.end().await;
}

#[tokio::test]
async fn a_pasted_pgbouncer_ini_is_taken_and_its_errors_are_shown() {
    let browser = Browser::start().await;
    browser.open("").await;
    paste(&browser, PGBOUNCER).await;
    for (id, text) in [
        ("pooler", "pgbouncer"),
        ("pool_mode", "transaction"),
        ("default_pool_size", "40"),
        ("max_client_conn", "900"),
        ("reserve_pool_size", "0"),
    ] {
        assert_eq!(browser.field(id).await, text, "{id}");
    }
    browser.until_text("#files-read .problem", "line 8, column 21: ").await;
    browser.end().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_not_lost() {
    let browser = Browser::start().await;
    browser.open("#v=1&pods=7").await;
    for (text, why) in [
        ("a letter to a friend", "neither postgresql.conf, nor pgbouncer.ini, nor a scenario"),
        (r#"{"version": 1, "pods": "many"}"#, "many"),
        (r#"{"version": 1, "clusters": []}"#, "routing playground"),
    ] {
        browser.script("document.getElementById('paste')?.select()").await;
        if browser.script("return Boolean(document.getElementById('paste'))").await == json!(false) {
            browser.begin("configuration").await;
        }
        let fill = format!(
            "const f = document.getElementById('paste'); f.focus(); f.select(); document.execCommand('insertText', false, {})",
            json!(text)
        );
        browser.script(&fill).await;
        browser.press("#beginning .drop .primary").await;
        browser.until_text("#files-read .problem", why).await;
        assert_eq!(browser.script("return document.getElementById('paste').value").await, json!(text), "it stays");
        assert_eq!(browser.field("pods").await, "7", "nothing is changed");
    }
    browser.end().await;
}

#[tokio::test]
async fn files_are_chosen_and_dropped() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("writable");
        path.display().to_string()
    };
    let (server, pooler) = (path("postgresql.conf", POSTGRESQL), path("pgbouncer.ini", PGBOUNCER));
    let browser = Browser::start().await;
    browser.open("").await;
    browser.begin("configuration").await;
    let files = browser.wait_for("#files").await;
    files.send_keys(&format!("{server}\n{pooler}")).await.expect("both are chosen");
    browser.until("both are read", "document.querySelectorAll('#files-read > li').length === 2").await;
    for (id, text) in [("max_connections", "250"), ("default_pool_size", "40"), ("shared_buffers", "8GiB")] {
        assert_eq!(browser.field(id).await, text, "{id}");
    }

    let drop = |name: &str, text: &str| {
        format!(
            "const data = new DataTransfer(); data.items.add(new File([{}], {}));
             const at = document.querySelector('.drop');
             const tell = (kind) => at.dispatchEvent(new DragEvent(kind, {{ dataTransfer: data, bubbles: true, cancelable: true }}));
             return [tell('dragover'), tell('drop')]",
            json!(text),
            json!(name)
        )
    };
    // The browser would open the file in the place of the page.
    assert_eq!(browser.script(&drop("scenario.json", r#"{"version": 1, "pods": 9}"#)).await, json!([false, false]));
    browser.until("the dropped one is read", "document.querySelectorAll('#files-read > li').length === 3").await;
    assert_eq!(browser.field("pods").await, "9");
    assert_eq!(browser.field("max_connections").await, "100", "what it leaves out has its default");
    browser.script(&drop("huge.conf", &"work_mem = 64MB\n".repeat(300_000))).await;
    browser.until_text("#files-read .problem", "larger than 4 MiB").await;
    browser.end().await;
}
