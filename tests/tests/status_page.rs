//! The status page as an operator uses it: in a real browser, from the real worker, while clusters die.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use serde_json::json;
use tests::browser::{Browser, Theme};
use tests::router::{Plan, STANDBY, World};
use xtask::cluster::{Condition, State};
use xtask::demo::ADMIN_TOKEN;

fn plan() -> Plan {
    World::plan().admin().rules(&json!({
        "health": { "dialect": "vault", "interval_ms": 1000, "timeout_ms": 1000, "unhealthy_threshold": 2 },
        "lag": { "max_ms": 10000 },
        "promotion": { "checks": 2, "interval_ms": 1000, "lease_ms": 2000 },
    }))
}

/// Opens the page as whoever types the password does.
async fn open(world: &World) -> Browser {
    let origin = world.workerd.url();
    let browser = Browser::at(&origin).await;
    let with_password = origin.replace("://", &format!("://operator:{ADMIN_TOKEN}@"));
    browser.client.goto(&format!("{with_password}/_headroom/status")).await.expect("the page opens");
    browser.wait_for("#clusters tr").await;
    browser
}

fn row(id: &str) -> String {
    format!("#cluster-{id}")
}

fn button(label: &str, id: &str) -> String {
    format!("button[aria-label='{label} {id}']")
}

/// Types what the page asks for before it does something that is hard to take back.
async fn confirm(browser: &Browser, id: &str) {
    browser.until("the question is asked", "document.activeElement.id === 'typed'").await;
    browser.keys(id).await;
    browser.press("#yes").await;
}

#[tokio::test]
async fn it_tells_the_story_of_a_night() {
    let world = plan().start();
    let browser = open(&world).await;
    browser.until_text("#headline", "OK: us-east takes writes.").await;

    world.clusters[1].set(Condition::Killed).unwrap();
    browser.until_text(&row("eu-central"), "down").await;
    browser.until_text("#headline", "Warning: us-east takes writes; down: eu-central.").await;
    browser.until_text("#events", "eu-central is down after 2 failed probes").await;
    browser.until_text("#problems", "eu-central is down since").await;

    world.clusters[2].lag(20_000);
    browser.until_text(&row("ap-southeast"), "lagging").await;
    browser.until_text("#problems", "ap-southeast lags 20 s, more than 10 s").await;

    world.clusters[1].set(Condition::Alive).unwrap();
    world.clusters[2].lag(0);
    browser.until_text("#headline", "OK: us-east takes writes.").await;
    browser.until_text("#events", "eu-central is up again").await;
    browser.end().await;
}

#[tokio::test]
async fn its_buttons_drain_and_undrain() {
    let world = plan().start();
    let browser = open(&world).await;
    browser.press(&button("Drain", "eu-central")).await;
    browser.until_text("#said", "eu-central is drained.").await;
    browser.until_text(&row("eu-central"), "draining").await;
    assert_eq!(world.status().await["object"]["clusters"][1]["draining"], true);
    browser.press(&button("Undrain", "eu-central")).await;
    browser.until_text("#said", "eu-central is drained no more.").await;
    assert_eq!(world.status().await["object"]["clusters"][1]["draining"], false);

    // Without the writer nobody writes: that is asked twice, and not done for anything but the right word.
    browser.press(&button("Drain", "us-east")).await;
    confirm(&browser, "us-eest").await;
    browser.key(fantoccini::key::Key::Escape, 1).await;
    browser.until("the question is gone", "!document.getElementById('ask').open").await;
    assert_eq!(world.status().await["object"]["clusters"][0]["draining"], false);
    browser.end().await;
}

#[tokio::test]
async fn it_promotes_only_where_the_primary_is_silent() {
    let world = plan().start();
    let browser = open(&world).await;
    browser.press(&button("Promote", STANDBY)).await;
    confirm(&browser, STANDBY).await;
    browser.until_text("#steps", "refused: us-east still answers: 200 active").await;

    world.clusters[0].set(Condition::Killed).unwrap();
    world.clusters[3].set_state(State::Active);
    browser.until_text("#headline", "Critical: us-east takes writes, but is down").await;
    browser.press(&button("Promote", STANDBY)).await;
    confirm(&browser, STANDBY).await;
    browser.until_text("#headline", &format!("the promotion of {STANDBY} is under way")).await;
    browser.until_text("#steps", "us-east is fenced").await;
    browser.until_text("#headline", &format!("{STANDBY} takes writes")).await;
    browser.until_text(&row("us-east"), "down").await;

    world.clusters[0].set(Condition::Alive).unwrap();
    browser.until_text(&row("us-east"), "fenced").await;
    browser.press(&button("Readmit", "us-east")).await;
    confirm(&browser, "us-east").await;
    browser.until_text("#said", "us-east is readmitted.").await;
    browser.until_text(&row("us-east"), "serves reads").await;
    browser.end().await;
}

#[tokio::test]
async fn it_says_what_it_cannot_know() {
    let world = plan().harness().start();
    let browser = open(&world).await;
    browser.until_text("#headline", "OK: us-east takes writes.").await;
    world.harness().cut(0).await;
    browser.until_text("#headline", "Critical: the health object does not answer.").await;
    browser.until_text("#problems", "Reads go on without it").await;
    browser.until_text(&row("eu-central"), "not known").await;
    browser.until_text("#problems", "it refuses writes until").await;
    world.harness().mend(0).await;
    browser.until_text("#headline", "OK: us-east takes writes.").await;
    browser.client.close().await.unwrap();
}

#[tokio::test]
async fn an_invalid_deployment_does_not_go_unseen() {
    let mut world = plan().start();
    let browser = open(&world).await;
    browser.until_text("#headline", "OK: us-east takes writes.").await;
    world.redeploy(|topology| topology["mode"] = json!("sideways"));
    browser.until_text("#headline", "Warning: us-east takes writes; the topology deployed last is invalid.").await;
    browser.until_text("#problems", "the last valid one stays in force:\nTOPOLOGY: mode").await;
    browser.client.close().await.unwrap();
}

#[tokio::test]
async fn nothing_stands_in_the_way_of_anyone() {
    let world = plan().start();
    world.clusters[1].set(Condition::Killed).unwrap();
    world.clusters[2].lag(20_000);
    let browser = open(&world).await;
    browser.until_text(&row("eu-central"), "down").await;
    browser.until_text(&row("ap-southeast"), "lagging").await;
    for theme in Theme::ALL {
        for width in [360, 1280] {
            browser.look(width, 800, theme).await;
            assert_eq!(browser.axe().await, json!([]), "{width} px, {theme}");
            let wide = "return Array.from(document.querySelectorAll('body *'))
                .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('svg, thead'))
                .map((e) => e.outerHTML.slice(0, 160))";
            assert_eq!(browser.script(wide).await, json!([]), "{width} px, {theme}");
        }
    }
    browser.end().await;
}

#[tokio::test]
async fn a_program_and_a_stranger_are_not_shown_the_page() {
    let world = plan().start();
    for (accept, query, kind) in [
        ("text/html,*/*;q=0.8", "", "text/html; charset=utf-8"),
        ("text/html,*/*;q=0.8", "?format=json", "application/json"),
        ("*/*", "", "application/json"),
    ] {
        let response = world.admin("GET", &format!("status{query}")).header("accept", accept).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], kind, "{accept} {query}");
    }
    let page = world.admin("GET", "status").header("accept", "text/html").send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(!page.contains("127.0.0.1") && !page.contains("http://1"), "no upstream's address");

    // A browser that knows the password sends it with another site's form, too.
    let body = json!({ "cluster": "eu-central", "drain": true }).to_string();
    for (origin, expected) in [("https://elsewhere.example", 403), ("null", 403), (world.workerd.url().as_str(), 200)] {
        let drain = world.admin("POST", "drain").header("origin", origin).body(body.clone());
        assert_eq!(drain.send().await.unwrap().status(), expected, "{origin}");
    }
    let stranger = world.from_nowhere("GET", "/_headroom/status").header("accept", "text/html").send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    let challenge = stranger.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Basic "), "what browsers understand: {challenge}");
}
