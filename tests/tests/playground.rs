//! The routing playground as people use it: in a real browser, from the built site.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::process::Command;

use fantoccini::key::Key;
use routing::Topology;
use serde_json::json;
use tests::browser::{Browser, Theme};
use xtask::paths;

/// The script of the playground, whose name carries a hash of its content.
fn script() -> String {
    let names = fs::read_dir(paths::site()).expect("a built site").flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let mut scripts: Vec<String> =
        names.filter(|name| name.starts_with("playground-") && name.ends_with(".js")).collect();
    assert_eq!(scripts.len(), 1, "{scripts:?}");
    scripts.remove(0)
}

/// A page of the site with nothing but the playground, as whoever embeds it opens it.
async fn playground() -> Browser {
    let browser = Browser::start().await;
    browser.open("").await;
    let loaded = "performance.getEntriesByType('resource').filter((it) => it.name.includes('playground')).length";
    assert_eq!(browser.script(&format!("return {loaded}")).await, json!(0), "nothing of it before it is opened");
    open(&browser).await;
    assert_ne!(browser.script(&format!("return {loaded}")).await, json!(0));
    browser
}

async fn open(browser: &Browser) {
    let name = json!(format!("./{}", script()));
    let open = format!(
        "const main = document.createElement('main');
         main.innerHTML = '<h1>Routing</h1><h2>Playground</h2><div id=\"playground\"></div>';
         document.body.replaceChildren(main);
         import(new URL({name}, document.baseURI)).then((it) => it.open(document.getElementById('playground')))"
    );
    browser.script(&open).await;
    browser.wait_for(".pg-map").await;
}

async fn choose(browser: &Browser, id: &str, value: &str) {
    let (id, value) = (json!(id), json!(value));
    let choose = format!(
        "const it = document.getElementById({id}); it.value = {value};
         it.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    browser.script(&choose).await;
}

/// What a field says.
async fn field(browser: &Browser, id: &str) -> String {
    let text = browser.script(&format!("return document.getElementById({}).value", json!(id))).await;
    text.as_str().expect("a field").to_owned()
}

async fn steps(browser: &Browser, tens: usize) {
    for _ in 0..tens {
        press(browser, "+10 s").await;
    }
}

/// Presses the button with that text, or that name.
async fn press(browser: &Browser, label: &str) {
    let label = json!(label);
    let find = format!(
        "const it = [...document.querySelectorAll('.playground button')].filter((it) =>
            (it.getAttribute('aria-label') ?? it.textContent) === {label});
         if (it.length !== 1) throw new Error(it.length + ' buttons are called ' + {label});
         it[0].click()"
    );
    browser.script(&find).await;
}

async fn send_read(browser: &Browser) -> (String, String) {
    press(browser, "Send a read").await;
    browser.wait_for("#pg-target").await;
    (browser.text("#pg-target strong").await, browser.text("#pg-reason").await)
}

#[tokio::test]
async fn the_nearest_is_killed_and_the_next_takes_over() {
    let browser = playground().await;
    choose(&browser, "pg-city", "Paris").await;
    assert_eq!(send_read(&browser).await, ("eu-west".to_owned(), "nearest".to_owned()));
    assert!(browser.text("#pg-sentence").await.contains("eu-west: the nearest cluster"));

    press(&browser, "Kill eu-west").await;
    let (target, reason) = send_read(&browser).await;
    assert_eq!((target.as_str(), reason.as_str()), ("us-east", "nearest"), "it finds out by itself, and goes on");
    let attempts = browser.text(".pg-attempts").await;
    assert!(attempts.contains("eu-west (nearest) refused") && attempts.contains("us-east (retry) answered 200"));

    steps(&browser, 2).await;
    let (target, reason) = send_read(&browser).await;
    assert_eq!((target.as_str(), reason.as_str()), ("us-east", "fallback-primary"), "its probes failed");
    assert!(browser.text("#pg-card-eu-west .pg-tag-down").await.contains("down"));
    browser.script("document.querySelector('.pg-answer details').open = true").await;
    assert!(browser.text(".pg-answer table").await.contains("its probes fail"));
    browser.until_text(".pg-journal", "eu-west is down after 3 failed probes").await;
    browser.until("it is spoken", "document.querySelector('.playground [role=status]').textContent !== ''").await;

    press(&browser, "Revive eu-west").await;
    steps(&browser, 2).await;
    assert_eq!(send_read(&browser).await.0, "eu-west", "after its good probes");
    browser.end().await;
}

#[tokio::test]
async fn a_standby_is_promoted_by_its_steps() {
    let browser = playground().await;
    press(&browser, "Promote eu-west").await;
    browser.until_text("#pg-refused", "only a standby").await;
    press(&browser, "Promote us-west").await;
    steps(&browser, 1).await;
    browser.until_text("#pg-promotion", "refused: ").await;

    press(&browser, "Kill us-east").await;
    press(&browser, "Promote us-west").await;
    browser.until_text("#pg-promotion", "checks").await;
    steps(&browser, 3).await;
    browser.until_text("#pg-promotion", "one lease passes").await;
    browser.until_text(".pg-alarm", "Nobody takes writes").await;
    press(&browser, "Send a write").await;
    browser.until_text("#pg-reason", "no-writer").await;
    steps(&browser, 5).await;
    browser.until_text("#pg-promotion", "us-west is active").await;
    press(&browser, "Send a write").await;
    browser.until_text("#pg-reason", "write-primary").await;
    assert_eq!(browser.text("#pg-target strong").await, "us-west");
    press(&browser, "Revive us-east").await;
    press(&browser, "Readmit us-east").await;
    browser.until_text(".pg-journal", "us-east is readmitted").await;
    browser.end().await;
}

#[tokio::test]
async fn the_file_goes_out_and_in() {
    let browser = playground().await;
    press(&browser, "Add a cluster here").await;
    browser.wait_for("#pg-card-new-1").await;
    choose(&browser, "pg-role-new-1", "primary").await;
    choose(&browser, "pg--fallback", "primary").await;
    let text = browser.script("return document.getElementById('pg-export').textContent").await;
    let text = text.as_str().expect("a text");
    let topology = Topology::parse(text).expect("what is handed out is valid");
    assert_eq!((topology.len(), topology.primary().id.as_str()), (5, "new-1"));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("topology.json");
    fs::write(&path, text).expect("a file");
    let check = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "headroom", "--", "check"])
        .arg(&path)
        .current_dir(paths::root())
        .output()
        .expect("cargo runs");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));

    let paste = async |text: &str| {
        let text = json!(text);
        let paste = format!(
            "const it = document.getElementById('pg-import'); it.value = {text};
             it.dispatchEvent(new InputEvent('input', {{ bubbles: true }}))"
        );
        browser.script(&paste).await;
        press(&browser, "Take it").await;
    };
    paste(&text.replace("\"version\": 1", "\"version\": 2").replace("\"latitude\": 53.35", "\"latitude\": 153")).await;
    browser.until_text("#pg-import-errors", "version: ").await;
    browser.until_text("#pg-import-errors", "clusters[1].latitude: 153 is out of range").await;
    let after = browser.script("return document.getElementById('pg-export').textContent").await;
    assert_eq!(after.as_str(), Some(text), "nothing is lost");
    paste("{ not json").await;
    browser.until_text("#pg-import-errors", "not JSON").await;
    paste(&text.replace("new-1", "oslo")).await;
    browser.wait_for("#pg-card-oslo").await;
    browser.until("no error is left", "document.querySelector('#pg-import-errors').textContent === ''").await;
    press(&browser, "Undo").await;
    browser.wait_for("#pg-card-new-1").await;
    press(&browser, "Undo").await;
    browser.wait_for("#pg-card-oslo").await;
    browser.end().await;
}

#[tokio::test]
async fn fields_say_what_was_read_and_what_is_allowed() {
    let browser = playground().await;
    browser.script("document.getElementById('pg-settings').open = true").await;
    choose(&browser, "pg-breaker-failures", "many").await;
    browser.until_text("#pg-breaker-failures-about", "breaker.failures: the text \"many\" was read").await;
    browser.until_text("#pg-breaker-failures-about", "allowed").await;
    assert_eq!(field(&browser, "pg-breaker-failures").await, "many", "what was typed stays");
    choose(&browser, "pg-breaker-failures", "2").await;
    browser.until_text("#pg-export", "\"failures\": 2").await;
    choose(&browser, "pg-lag-eu-west", "soon").await;
    browser.until_text("#pg-lag-eu-west-about", "“soon” was read; a number of seconds from 0 to 86400").await;
    choose(&browser, "pg-lag-eu-west", "60").await;
    steps(&browser, 1).await;
    choose(&browser, "pg-city", "Paris").await;
    assert_eq!(send_read(&browser).await, ("us-east".to_owned(), "lagging".to_owned()));
    browser.end().await;
}

#[tokio::test]
async fn traffic_is_shared_and_counted() {
    let browser = playground().await;
    press(&browser, "Replay one minute").await;
    browser.until_text("#pg-traffic", "requests: half of them").await;
    let shares = browser
        .script(
            "return [...document.querySelectorAll('.pg-share')].slice(0, -1)
                .reduce((sum, it) => sum + Number(it.firstChild.getAttribute('width')), 0)",
        )
        .await;
    assert!((shares.as_f64().expect("a number") - 100.0).abs() < 0.5, "{shares}");
    press(&browser, "×10").await;
    press(&browser, "Play").await;
    let before = browser.text(".pg-now").await;
    browser.until("the clock runs", &format!("document.querySelector('.pg-now').textContent !== '{before}'")).await;
    press(&browser, "Pause").await;
    press(&browser, "Reset everything").await;
    browser.until_text(".pg-now", "0:10").await;
    browser.end().await;
}

#[tokio::test]
async fn pointers_and_keys_do_the_same() {
    let browser = playground().await;
    browser.look(1280, 900, Theme::Light).await;
    // A press on the map, at the far south of Africa.
    let press_at = "const map = document.querySelector('.pg-map'), at = map.getBoundingClientRect();
        const event = (kind, target, x, y) => target.dispatchEvent(new PointerEvent(kind, { bubbles: true,
            cancelable: true, pointerId: 1, clientX: at.left + x * at.width, clientY: at.top + y * at.height }));";
    browser
        .script(&format!("{press_at} event('pointerdown', map, 0.55, 0.8); event('pointerup', map, 0.55, 0.8)"))
        .await;
    browser.wait_for("#pg-target").await;
    assert!(browser.text(".pg-from").await.contains("° S"), "{}", browser.text(".pg-from").await);

    // By keys alone: to the cluster on the map, a degree to the north, into its controls.
    browser.script("document.querySelector('[data-cluster=eu-west]').focus()").await;
    browser.key(Key::Up, 2).await;
    browser.until_text("#pg-export", "\"latitude\": 55.35").await;
    assert_eq!(field(&browser, "pg-latitude-eu-west").await, "55.35");
    browser.keys(&char::from(Key::Enter).to_string()).await;
    browser.until("its controls have the focus", "document.activeElement.id === 'pg-card-eu-west'").await;
    let reached = browser
        .script(
            "const all = [...document.querySelectorAll(`.playground button, .playground select, .playground input,
                .playground textarea, .playground summary, .playground [data-cluster]`)];
             return all.filter((it) => it.tabIndex < 0).map((it) => it.outerHTML.slice(0, 80))",
        )
        .await;
    assert_eq!(reached, json!([]), "everything is reached by keys");
    browser.end().await;
}

#[tokio::test]
async fn nothing_stands_in_the_way_of_anyone() {
    let browser = playground().await;
    press(&browser, "Kill eu-west").await;
    press(&browser, "Promote us-west").await;
    press(&browser, "Replay one minute").await;
    press(&browser, "Send a read").await;
    browser.script("document.querySelectorAll('.playground details').forEach((it) => { it.open = true })").await;
    choose(&browser, "pg-lag-eu-west", "soon").await;
    for theme in Theme::ALL {
        for width in [360, 1280] {
            browser.look(width, 800, theme).await;
            // The arc has arrived.
            browser.until("nothing moves", "document.getAnimations().every((it) => it.playState === 'finished')").await;
            assert_eq!(browser.axe().await, json!([]), "{width} px, {theme}");
            let too_wide = browser
                .script(
                    "return [...document.querySelectorAll('.playground *')].filter((it) =>
                        it.getBoundingClientRect().right > innerWidth + 1 && !it.closest('.pg-wide, pre, .visually-hidden, svg'))
                        .map((it) => it.outerHTML.slice(0, 120))",
                )
                .await;
            assert_eq!(too_wide, json!([]), "{width} px");
            let small = browser
                .script(
                    "return [...document.querySelectorAll('.playground :is(button, select, summary, textarea, .pg-tap, .pg-map .pg-hit)')]
                        .filter((it) => { const at = it.getBoundingClientRect();
                            return at.height > 0 && (at.height < 24 || at.width < 24) })
                        .map((it) => it.outerHTML.slice(0, 120))",
                )
                .await;
            assert_eq!(small, json!([]), "{width} px");
        }
    }
    browser.end().await;
}

#[tokio::test]
#[ignore = "a picture proves nothing by itself: it is for people to look at"]
async fn pictures() {
    let folder = std::env::var_os("SCREENSHOTS").map(std::path::PathBuf::from).expect("SCREENSHOTS names a folder");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    let browser = playground().await;
    let look = async |name: &str, sizes: &[u32]| {
        for theme in Theme::ALL {
            for width in sizes {
                browser.look(*width, 800, theme).await;
                browser
                    .until("nothing moves", "document.getAnimations().every((it) => it.playState === 'finished')")
                    .await;
                let path = folder.join(format!("playground-{name}-{width}-{theme}.png"));
                fs::write(path, browser.picture().await).expect("a picture");
            }
        }
    };
    look("opened", &[1280]).await;
    choose(&browser, "pg-city", "Paris").await;
    press(&browser, "Replay one minute").await;
    press(&browser, "Kill eu-west").await;
    steps(&browser, 3).await;
    choose(&browser, "pg-condition-ap-southeast", "failing").await;
    press(&browser, "Replay one minute").await;
    press(&browser, "Send a read").await;
    look("killed", &[360, 1280]).await;
    press(&browser, "Kill us-east").await;
    press(&browser, "Promote us-west").await;
    steps(&browser, 3).await;
    press(&browser, "Send a read").await;
    look("promotion", &[360, 1280]).await;
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    browser.devtools("Emulation.setEmulatedMedia", forced).await;
    fs::write(folder.join("playground-forced-colors.png"), browser.picture().await).expect("a picture");
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print", "features": [] })).await;
    fs::write(folder.join("playground-print.png"), browser.picture().await).expect("a picture");
    browser.end().await;
}
