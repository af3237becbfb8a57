//! Pictures of the page for people to look at: `SCREENSHOTS=FOLDER cargo test -p tests --test screenshots -- --ignored`.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // how a test says that it failed

use std::env;
use std::fs;
use std::path::PathBuf;

use formats::permalink;
use serde_json::json;
use sizing::preset::{PRESETS, Preset};
use tests::browser::{Browser, Theme};
use tests::router::World;
use xtask::cluster::{Condition, State};

/// What is worth a picture: a name, and what follows the address.
const SCENARIOS: &[(&str, &str)] = &[
    ("fits", "#v=1&pods=4&pool_size=20&max_overflow=10&max_connections=200&reserved=20"),
    (
        "exceeded",
        "#v=1&rate=900&pods=12&pods_max=30&pool_size=20&max_overflow=10&pooler=pgbouncer&pooler_instances=3&\
         default_pool_size=50&max_client_conn=400&max_connections=200&role_connection_limit=120&reserved=20",
    ),
];

#[tokio::test]
#[ignore = "a picture proves nothing by itself: it is for people to look at"]
async fn pictures() {
    let folder = env::var_os("SCREENSHOTS").map(PathBuf::from).expect("SCREENSHOTS names the folder for the pictures");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    let browser = Browser::start().await;
    for (name, rest) in SCENARIOS {
        browser.open(rest).await;
        for theme in Theme::ALL {
            for width in [360, 768, 1280] {
                browser.look(width, 800, theme).await;
                let path = folder.join(format!("{name}-{width}-{theme}.png"));
                fs::write(&path, browser.picture().await).expect("a picture");
            }
        }
        browser.look(1280, 800, Theme::Light).await;
        browser.press("#figures-pool-pool\\.headroom").await;
        browser.press("[data-input=pods] .about").await;
        fs::write(folder.join(format!("{name}-open.png")), browser.picture().await).expect("a picture");
        browser.open(rest).await;
        let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
        browser.devtools("Emulation.setEmulatedMedia", forced).await;
        fs::write(folder.join(format!("{name}-forced-colors.png")), browser.picture().await).expect("a picture");
        browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
        browser.script("dispatchEvent(new Event('beforeprint'))").await;
        fs::write(folder.join(format!("{name}-print.png")), browser.picture().await).expect("a picture");
        browser.script("dispatchEvent(new Event('afterprint'))").await;
    }
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "", "features": [] })).await;
    for preset in &PRESETS {
        browser.open("").await;
        browser.press("[aria-controls=beginning]").await;
        browser.press(&format!("[data-preset={}]", preset.id)).await;
        for (width, theme) in [(360, Theme::Dark), (1280, Theme::Light)] {
            browser.look(width, 800, theme).await;
            let path = folder.join(format!("{}-{width}-{theme}.png", preset.id));
            fs::write(&path, browser.picture().await).expect("a picture");
        }
    }
    browser.end().await;
}

/// The views with what each is shown for.
const VIEWS: &[(&str, &str)] = &[
    ("pool", "growing-service"),
    ("queue", "audit-api"),
    ("memory", "ticketing"),
    ("nodes", "secret-store"),
    ("storage", "ticketing"),
    ("growth", "growing-service"),
    ("routing", "ticketing"),
    ("advisor", "growing-service"),
];

/// Every view of the page, for the documentation, and a page that shows them.
#[tokio::test]
#[ignore = "a picture proves nothing by itself: it is for people to look at"]
async fn views() {
    let folder = env::var_os("SCREENSHOTS").map(PathBuf::from).expect("SCREENSHOTS names the folder for the pictures");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    let mut page = "# The page\n\nTaken by `cargo xtask pictures`.\n".to_owned();
    let browser = Browser::start().await;
    for (view, preset) in VIEWS {
        let preset = Preset::get(preset).expect("a preset");
        browser.open(&format!("?view={view}#{}", permalink::write(&preset.scenario()))).await;
        if *view == "routing" {
            browser.press("#open-playground").await;
            browser.wait_for(".playground svg").await;
        }
        page.push_str(&format!("\n## `?view={view}`, {}\n\n", preset.title));
        for width in [360, 768, 1280] {
            for theme in Theme::ALL {
                browser.look(width, 800, theme).await;
                let name = format!("{view}-{width}-{theme}.webp");
                fs::write(folder.join(&name), browser.small_picture().await).expect("a picture");
                page.push_str(&format!("![{view}, {width} pixels wide, {theme}]({name})\n"));
            }
        }
    }
    fs::write(folder.join("README.md"), page).expect("a page");
    browser.end().await;
}

#[tokio::test]
#[ignore = "a picture proves nothing by itself: it is for people to look at"]
async fn guide_pictures() {
    let folder = env::var_os("SCREENSHOTS").map(PathBuf::from).expect("SCREENSHOTS names the folder for the pictures");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    let browser = Browser::start().await;
    for page in ["index", "connections", "routing", "reference-inputs", "router-deploy"] {
        browser.open_until(&format!("guide/{page}.html"), "main h1").await;
        for (width, theme) in [(360, Theme::Light), (360, Theme::Dark), (1280, Theme::Light), (1280, Theme::Dark)] {
            browser.look(width, 800, theme).await;
            let path = folder.join(format!("guide-{page}-{width}-{theme}.png"));
            fs::write(&path, browser.picture().await).expect("a picture");
        }
    }
    browser.end().await;
}

#[tokio::test]
#[ignore = "a picture proves nothing by itself: it is for people to look at"]
async fn status_pictures() {
    let folder = env::var_os("SCREENSHOTS").map(PathBuf::from).expect("SCREENSHOTS names the folder for the pictures");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    let rules = json!({
        "health": { "dialect": "vault", "interval_ms": 1000, "timeout_ms": 1000, "unhealthy_threshold": 2 },
        "lag": { "max_ms": 10000 },
        "promotion": { "checks": 2, "interval_ms": 2000, "lease_ms": 20000 },
    });
    let world = World::plan().admin().rules(&rules).start();
    let url = world.workerd.url();
    let browser = Browser::at(&url).await;
    let address = url.replace("://", "://operator:demo@") + "/_headroom/status";
    browser.client.goto(&address).await.expect("the page opens");
    let look = async |name: &str| {
        for theme in Theme::ALL {
            for width in [360, 1280] {
                browser.look(width, 800, theme).await;
                let path = folder.join(format!("status-{name}-{width}-{theme}.png"));
                fs::write(&path, browser.picture().await).expect("a picture");
            }
        }
    };
    browser.wait_for("#clusters tr").await;
    look("calm").await;
    world.clusters[1].set(Condition::Killed).expect("it ends");
    world.clusters[2].lag(20_000);
    browser.press("button[aria-label='Drain us-west-dr']").await;
    browser.until_text("#headline", "down: eu-central").await;
    browser.until_text("#problems", "lags").await;
    browser.until_text("#problems", "drained").await;
    look("trouble").await;
    browser.press("button[aria-label='Promote us-west-dr']").await;
    look("question").await;
    browser.keys("us-west-dr").await;
    world.clusters[0].set(Condition::Killed).expect("it ends");
    world.clusters[3].set_state(State::Active);
    browser.press("#yes").await;
    browser.until_text("#headline", "nobody takes writes").await;
    look("promotion").await;
    browser.end().await;
}
