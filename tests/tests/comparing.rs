//! Two scenarios beside each other, and configuration files beside what they would replace.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::path::Path;
use std::process::Command;

use formats::export::{EXPORTS, Export, Subject, Takes};
use formats::import::{Given, How, compare, pgbouncer_ini, postgresql_conf};
use formats::scenario_json;
use serde_json::{Value, json};
use sizing::{Finding, Plan, Scenario};
use tests::browser::Browser;
use tests::command_line::headroom;
use tests::views::{BUSY, VIEWS, View, full, scenario};

/// The rows of the comparison: what differs, then, now.
const ROWS: &str = "return Array.from(document.querySelectorAll('.compared tbody tr'), (row) =>
    [row.dataset.changed, ...Array.from(row.querySelectorAll('td'), (cell) => cell.textContent)])";

/// What the comparison has to say of two scenarios in a view.
fn differences(view: &View, then: &Scenario, now: &Scenario) -> Value {
    let word = |scenario: &Scenario, id| scenario.text(id).filter(|text| !text.is_empty()).unwrap_or("nothing".into());
    let inputs = sizing::INPUTS.iter().map(|input| (input.id, word(then, input.id), word(now, input.id)));
    let mut rows: Vec<[String; 3]> =
        inputs.filter(|(_, then, now)| then != now).map(|(id, then, now)| [id.into(), then, now]).collect();
    let (then, now) = (sizing::plan(then), sizing::plan(now));
    for value in now.values.iter().filter(|value| view.has(&value.id)) {
        let before = then.value(&value.id).map_or("none".into(), |value| value.quantity.to_string());
        let after = value.quantity.to_string();
        if before != after {
            rows.push([value.id.clone().into_owned(), before, after]);
        }
    }
    for value in then.values.iter().filter(|value| view.has(&value.id) && now.value(&value.id).is_none()) {
        rows.push([value.id.clone().into_owned(), value.quantity.to_string(), "none".into()]);
    }
    let only = |one: &Plan, other: &Plan, then: &str, now: &str| {
        let is_new = |found: &&Finding| {
            other.findings.iter().all(|finding| (&finding.code, &finding.message) != (&found.code, &found.message))
        };
        let found = one.findings.iter().filter(is_new);
        found.map(|finding| [finding.code.to_string(), then.to_owned(), now.to_owned()]).collect::<Vec<_>>()
    };
    rows.extend(only(&then, &now, "found", "gone"));
    rows.extend(only(&now, &then, "none", "found"));
    json!(rows)
}

#[tokio::test]
async fn a_pinned_scenario_stands_beside_the_present_one() {
    let browser = Browser::start().await;
    let pinned = scenario(BUSY);
    browser.open(BUSY).await;
    assert_eq!(browser.script("return document.querySelector('.compared').hidden").await, json!(true));
    browser.press_button("Pin to compare").await;
    browser.wait_for(".compared:not([hidden])").await;
    assert_eq!(browser.script(ROWS).await, json!([]), "nothing differs yet");
    browser.until_text(".compared", "Nothing differs yet").await;

    browser.type_into("role_connection_limit", "190").await;
    browser.type_into("rate", "2000").await;
    let mut present = pinned.clone();
    for (id, text) in [("role_connection_limit", "190"), ("rate", "2000")] {
        present.set(id, text).expect("it is allowed");
    }
    for view in &VIEWS {
        browser.go(view.word).await;
        assert_eq!(browser.script(ROWS).await, differences(view, &pinned, &present), "{}", view.word);
    }
    assert!(browser.text(".compared").await.contains(&sizing::plan(&pinned).verdict), "what the pinned one comes to");

    browser.go("pool").await;
    browser.press(".compared-ways button:nth-of-type(1)").await;
    assert_eq!(browser.field("role_connection_limit").await, "120", "swapped");
    assert_eq!(browser.script(ROWS).await, differences(&VIEWS[0], &present, &pinned));
    browser.until("the address follows", &format!("location.hash === {}", json!(BUSY))).await;

    browser.press(".compared-ways button:nth-of-type(2)").await;
    assert_eq!(browser.script(ROWS).await, json!([]), "the present one is pinned");
    browser.press(".compared-ways button:nth-of-type(3)").await;
    assert_eq!(browser.script("return document.querySelector('.compared').hidden").await, json!(true));
    assert_eq!(browser.focus().await, "view-heading", "the focus is not lost with the button");
    browser.end().await;
}

/// The file that is shown, without the marks beside its lines; those with their line's number.
const FILE: &str = "const lines = Array.from(document.querySelectorAll('.exports pre .line'));
    const marks = lines.flatMap((line, at) => Array.from(line.querySelectorAll('.takes'), (mark) => [at, mark.innerText]));
    const text = lines.map((line) => Array.from(line.childNodes)
        .filter((node) => node.className !== 'takes').map((node) => node.textContent).join(''));
    return [text.join(''), marks]";

/// What the command line writes, or why it does not.
fn exported(headroom: &Path, kind: &str, file: &Path) -> Result<String, String> {
    let output = Command::new(headroom).args(["export", kind]).arg(file).output().expect("it runs");
    let said = |bytes| String::from_utf8(bytes).expect("UTF-8");
    if output.status.success() { Ok(said(output.stdout)) } else { Err(said(output.stderr)) }
}

/// Shows a kind of file.
async fn show(browser: &Browser, export: &Export) {
    browser.script(&format!("document.querySelector('[name=export][value={}]').click()", export.kind)).await;
    browser
        .until(export.kind, &format!("document.querySelector('[name=export][value={}]').checked", export.kind))
        .await;
}

#[tokio::test]
async fn every_exported_file_is_the_command_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("scenario.json");
    let headroom = headroom();
    let browser = Browser::start().await;
    browser.allow_clipboard().await;
    let mut written = 0;
    for link in ["", BUSY, &full(), "#v=1&system=secret-store&nodes=5"] {
        let scenario = scenario(link);
        let plan = sizing::plan(&scenario);
        fs::write(&file, scenario_json::write(&scenario)).expect("writable");
        browser.open(&format!("?view=advisor{link}")).await;
        let kinds = "return Array.from(document.querySelectorAll('[name=export]'), (e) => e.value)";
        let expected: Vec<&str> = EXPORTS.iter().map(|export| export.kind).collect();
        assert_eq!(browser.script(kinds).await, json!(expected));
        for export in EXPORTS {
            show(&browser, export).await;
            let about = browser.text(".exports .hint").await;
            assert_eq!(about, export.about);
            match exported(&headroom, export.kind, &file) {
                Err(why) => {
                    let shown = browser.text(".exports > .nothing").await;
                    assert!(why.contains(&shown), "{}: {why}: {shown}", export.kind);
                }
                Ok(text) => {
                    let document = (export.write)(Subject { scenario: &scenario, plan: &plan }).expect("it is written");
                    let takes = document.lines.iter().zip(0..).filter_map(|(line, at)| {
                        let word = match line.setting.as_ref()?.takes? {
                            Takes::Restart => "restart",
                            Takes::Reload => "reload",
                        };
                        Some((at, word))
                    });
                    let marks: Vec<(i32, &str)> = takes.collect();
                    assert_eq!(browser.script(FILE).await, json!([text, marks]), "{}", export.kind);
                    browser.press(".exports .takings .primary").await;
                    browser.until_copied(&text).await;
                    written += 1;
                }
            }
        }
    }
    assert!(written > EXPORTS.len(), "most kinds are written for most scenarios");
    browser.end().await;
}

#[tokio::test]
async fn a_file_and_the_json_are_saved() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let browser = Browser::start().await;
    let behaviour = json!({ "behavior": "allow", "downloadPath": folder.path() });
    browser.devtools("Browser.setDownloadBehavior", behaviour).await;
    browser.open(&format!("?view=advisor{BUSY}")).await;
    let scenario = scenario(BUSY);
    let plan = sizing::plan(&scenario);
    let saved = async |name: &str| {
        let path = folder.path().join(name);
        for _ in 0..200 {
            if let Ok(text) = fs::read_to_string(&path)
                && !text.is_empty()
            {
                return text;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{name} was not saved");
    };
    let export = Export::named("pgbouncer").expect("the kind");
    show(&browser, export).await;
    browser.press(".exports .takings .quiet").await;
    let document = (export.write)(Subject { scenario: &scenario, plan: &plan }).expect("it is written");
    assert_eq!(saved("pgbouncer.ini").await, document.text());

    browser.press_button("Save as JSON").await;
    browser.until_text(".copied", "Saved").await;
    let json: Value = serde_json::from_str(&saved("headroom.json").await).expect("JSON");
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(json["scenario"], read(&scenario_json::write(&scenario)));
    assert_eq!(json["plan"], read(&formats::plan_json::write(&plan)));
    browser.end().await;
}

/// The settings that differ: name, before, after, what it takes.
const DIFFERENCES: &str = "return Array.from(document.querySelectorAll('.differences tbody tr'), (row) =>
    Array.from(row.children, (cell) => cell.textContent))";

/// What differs between an export and what was read.
fn settings(export: &Export, scenario: &Scenario, imported: &[Given]) -> Value {
    let plan = sizing::plan(scenario);
    let document = (export.write)(Subject { scenario, plan: &plan }).expect("it is written");
    let rows = compare(&document, imported).into_iter().filter(|difference| difference.how != How::Same);
    let rows = rows.map(|difference| {
        let takes = match difference.takes {
            Some(Takes::Restart) => "restart",
            Some(Takes::Reload) => "reload",
            None => "",
        };
        let (from, to) = (difference.from.unwrap_or("not set".into()), difference.to.unwrap_or("left as it is".into()));
        [difference.name, from, to, takes.to_owned()]
    });
    json!(rows.collect::<Vec<_>>())
}

#[tokio::test]
async fn a_file_stands_beside_the_defaults_and_beside_what_was_read() {
    let server = "max_connections = 250\nwork_mem = '4096kB'\nlog_statement = all\n";
    let pooler = "[pgbouncer]\ndefault_pool_size = 40\nmax_client_conn = 900\n";
    let browser = Browser::start().await;
    browser.open(&format!("?view=advisor{BUSY}")).await;
    let (conf, ini) = (Export::named("postgresql-conf").expect("it"), Export::named("pgbouncer").expect("it"));
    let against = async |label: &str| {
        browser.script(&format!("document.querySelector(\"[name=against][value='{label}']\").click()")).await;
    };
    assert_eq!(browser.script("return document.querySelectorAll('[name=against]').length").await, json!(2));
    for export in [conf, ini] {
        show(&browser, export).await;
        against("Against the defaults").await;
        assert_eq!(browser.script(DIFFERENCES).await, settings(export, &scenario(BUSY), &[]), "{}", export.kind);
    }
    // A file without settings is not compared with anything.
    show(&browser, Export::named("runbook").expect("the kind")).await;
    assert_eq!(browser.script("return Boolean(document.querySelector('.differences'))").await, json!(false));

    browser.begin("configuration").await;
    let mut present = scenario(BUSY);
    for (export, text, imported) in [(conf, server, postgresql_conf(server)), (ini, pooler, pgbouncer_ini(pooler))] {
        browser.script("document.getElementById('paste').focus()").await;
        browser.script(&format!("document.execCommand('insertText', false, {})", json!(text))).await;
        browser.press("#beginning .drop .primary").await;
        browser.until("it is read", "document.getElementById('paste').value === ''").await;
        for given in &imported.inputs {
            present.set(&given.name, &given.text).expect("it is allowed");
        }
        show(&browser, export).await;
        against("Against what was read").await;
        let rows = browser.script(DIFFERENCES).await;
        assert_eq!(rows, settings(export, &present, &imported.settings), "{}", export.kind);
        assert!(rows.as_array().is_some_and(|rows| !rows.is_empty()), "{}: {rows}", export.kind);
    }
    browser.end().await;
}
