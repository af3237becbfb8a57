//! A client's reads after its own writes: by a cookie in any isolate, by its token in one.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tests::observe::now;
use tests::router::{Scripted, World};
use tests::traffic::{report, route};
use xtask::cluster::{Condition, Content, Script};
use xtask::demo::FRANKFURT;

/// Longer than a busy machine takes for the tests that stay within it.
const WINDOW_MS: u64 = 20_000;

fn window(milliseconds: u64) -> impl FnOnce(&mut Value) {
    move |topology| topology["consistency"] = json!({ "read_your_writes_ms": milliseconds })
}

async fn read(request: RequestBuilder) -> (String, String) {
    route(&request.send().await.unwrap())
}

fn nearest() -> (String, String) {
    ("eu-central".to_owned(), "nearest".to_owned())
}

fn own() -> (String, String) {
    ("us-east".to_owned(), "read-your-writes".to_owned())
}

/// The router's cookie: its value, and its attributes with theirs.
fn cookie(response: &Response) -> Option<(String, BTreeMap<String, String>)> {
    let mut cookies = response.headers().get_all("set-cookie").iter().filter_map(|cookie| {
        let mut parts = cookie.to_str().unwrap().split("; ");
        let value = parts.next()?.strip_prefix("headroom-wrote=")?.to_owned();
        let attribute = |part: &str| {
            part.split_once('=')
                .map_or((part.to_owned(), String::new()), |(name, value)| (name.to_owned(), value.to_owned()))
        };
        Some((value, parts.map(attribute).collect()))
    });
    let cookie = cookies.next();
    assert!(cookies.next().is_none(), "one cookie at most: {response:?}");
    cookie
}

fn moment(milliseconds_ago: i64) -> String {
    let at = i64::try_from(now()).unwrap();
    let mut rest = u64::try_from(at - milliseconds_ago).unwrap();
    let mut digits = Vec::new();
    while rest > 0 {
        digits.push(char::from_digit(u32::try_from(rest % 36).unwrap(), 36).unwrap());
        rest /= 36;
    }
    digits.iter().rev().collect()
}

#[tokio::test]
async fn a_write_gives_a_cookie_that_brings_reads_to_the_primary() {
    let world = World::with(window(WINDOW_MS), &[]);
    assert_eq!(read(world.from(FRANKFURT, "GET", "/")).await, nearest());
    let write = world.from(FRANKFURT, "POST", "/").body("x").send().await.unwrap();
    let (value, attributes) = cookie(&write).expect("a cookie");
    let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = BTreeMap::from([
        attribute("Max-Age", "20"),
        attribute("Path", "/"),
        attribute("HttpOnly", ""),
        attribute("SameSite", "Lax"),
    ]);
    assert_eq!(attributes, expected, "over plain http it cannot be Secure");
    assert!(!value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{value}");

    let with = |header: String| world.from(FRANKFURT, "GET", "/").header("cookie", header);
    for header in [
        format!("headroom-wrote={value}"),
        format!("a=1; headroom-wrote={value}"),
        format!("headroom-wrote={value}; b=2"),
        format!("a=1; headroom-wrote={value}; b=2"),
        format!("a=1;headroom-wrote={value};b=2"),
    ] {
        assert_eq!(read(with(header.clone())).await, own(), "{header}");
    }
    let head = world.from(FRANKFURT, "HEAD", "/").header("cookie", format!("headroom-wrote={value}"));
    assert_eq!(read(head).await, own());
    // Another client, who brings nothing along.
    assert_eq!(read(world.from(FRANKFURT, "GET", "/")).await, nearest());
    // A read gives no cookie, and the cluster's own cookies stay.
    let script = Script { headers: vec![("set-cookie".to_owned(), "own=1".to_owned())], ..Script::default() };
    let read = world.from(FRANKFURT, "GET", "/").script(&script).send().await.unwrap();
    assert_eq!(cookie(&read), None);
    let write = world.from(FRANKFURT, "PUT", "/").script(&script).body("x").send().await.unwrap();
    let cookies: Vec<_> = write.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 2);
    assert_eq!(cookies[0], "own=1");
    assert!(cookie(&write).is_some());
}

#[tokio::test]
async fn a_cookie_counts_for_its_window_and_for_nothing_else() {
    let world = World::with(window(WINDOW_MS), &[]);
    let now = moment(0);
    let rows = [
        (format!("headroom-wrote={now}"), own(), "of now"),
        (format!("headroom-wrote={}", moment(5_000)), own(), "within the window"),
        (format!("headroom-wrote={}", moment(21_000)), nearest(), "after the window"),
        (format!("headroom-wrote={}", moment(-60_000)), nearest(), "of the future"),
        ("headroom-wrote=0".to_owned(), nearest(), "of 1970"),
        ("headroom-wrote=zzzzzzzzzzzz".to_owned(), nearest(), "of the far future"),
        ("headroom-wrote=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(), nearest(), "beyond every number"),
        ("headroom-wrote=".to_owned(), nearest(), "empty"),
        ("headroom-wrote".to_owned(), nearest(), "no value"),
        ("headroom-wrote=-1".to_owned(), nearest(), "below every number"),
        ("headroom-wrote=%00%0a".to_owned(), nearest(), "garbage"),
        ("headroom-wrote=🦀".to_owned(), nearest(), "not even text"),
        (format!("headroom-wrote=\"{now}\""), nearest(), "in quotation marks, which it never has"),
        (format!("headroom-wrote={now}00000"), nearest(), "with more behind it"),
        (format!("other-headroom-wrote={now}"), nearest(), "another cookie whose name ends alike"),
        (format!("note=headroom-wrote={now}"), nearest(), "within another's value"),
        (format!("Headroom-Wrote={now}"), nearest(), "the case of a name counts"),
    ];
    for (header, expected, why) in rows {
        let request = world.from(FRANKFURT, "GET", "/").header("cookie", header.as_bytes());
        assert_eq!(read(request).await, expected, "{header}: {why}");
    }
}

#[tokio::test]
async fn the_window_ends_by_the_clock() {
    let world = World::with(window(1_000), &[]);
    let write = world.from(FRANKFURT, "POST", "/").header("x-vault-token", "t1").body("x").send().await.unwrap();
    let (value, _) = cookie(&write).expect("a cookie");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let by_cookie = world.from(FRANKFURT, "GET", "/").header("cookie", format!("headroom-wrote={value}"));
    assert_eq!(read(by_cookie).await, nearest());
    assert_eq!(read(world.from(FRANKFURT, "GET", "/").header("x-vault-token", "t1")).await, nearest());
}

#[tokio::test]
async fn tokens_are_told_apart_within_an_isolate() {
    let world = World::plan().topology(window(WINDOW_MS)).isolates(2).start();
    let by = |isolate: usize, method: &str, header: &str, value: &str| {
        world.isolate(isolate).from(FRANKFURT, method, "/").header(header.to_owned(), value.to_owned())
    };
    let write = by(0, "PUT", "x-vault-token", "hvs.one").body("x").send().await.unwrap();
    let (value, _) = cookie(&write).expect("a cookie");
    by(0, "DELETE", "authorization", "Bearer two").send().await.unwrap();
    for (isolate, header, token, expected, why) in [
        (0, "x-vault-token", "hvs.one", own(), "it wrote"),
        (0, "authorization", "Bearer two", own(), "it wrote, with a token in another header"),
        (0, "x-vault-token", "hvs.three", nearest(), "it did not"),
        (0, "authorization", "Bearer three", nearest(), "it did not"),
        (0, "x-vault-token", "", nearest(), "nobody"),
        (1, "x-vault-token", "hvs.one", nearest(), "another isolate knows nothing of it"),
    ] {
        assert_eq!(read(by(isolate, "GET", header, token)).await, expected, "{header}: {token}: {why}");
    }
    let with_cookie = by(1, "GET", "cookie", &format!("headroom-wrote={value}"));
    assert_eq!(read(with_cookie).await, own(), "but the cookie is known everywhere");
}

#[tokio::test]
async fn only_writes_that_were_done_are_followed() {
    let world = World::with(
        |topology| {
            window(WINDOW_MS)(topology);
            topology["breaker"] = json!({ "failures": 10_000 });
        },
        &[("UPSTREAM_TIMEOUT_MS", "500")],
    );
    let script = |status| Script { status, body: Content::Empty, ..Script::default() };
    let hang = Script { hang: true, ..Script::default() };
    for (name, script, is_followed) in [
        ("created", script(201), true),
        ("no content", script(204), true),
        ("see other", script(303), true),
        ("internal error", script(500), false),
        ("unavailable", script(503), false),
        ("a network's error", script(522), false),
        ("silence", hang, false),
    ] {
        let token = format!("token of {name}");
        let write = world.from(FRANKFURT, "POST", "/").header("x-vault-token", &token).script(&script).body("x");
        let write = write.send().await.unwrap();
        assert_eq!(cookie(&write).is_some(), is_followed, "{name}");
        let expected = if is_followed { own() } else { nearest() };
        assert_eq!(read(world.from(FRANKFURT, "GET", "/").header("x-vault-token", &token)).await, expected, "{name}");
    }
}

#[tokio::test]
async fn without_the_primary_reads_go_on() {
    let world = World::with(
        |topology| {
            window(WINDOW_MS)(topology);
            topology["fallback"] = json!("next");
        },
        &[],
    );
    world.clusters[0].set(Condition::Killed).unwrap();
    let cookie = format!("headroom-wrote={}", moment(0));
    let response = world.from(FRANKFURT, "GET", "/").header("cookie", cookie).send().await.unwrap();
    assert_eq!(route(&response), ("eu-central".to_owned(), "retry".to_owned()));
}

#[tokio::test]
async fn affinity_needs_no_cookie_and_zero_is_off() {
    let affinity = |topology: &mut Value| {
        window(WINDOW_MS)(topology);
        topology["mode"] = json!("affinity");
        topology["clusters"][1]["forwards_writes"] = json!(true);
    };
    for (world, reason, why) in [
        (World::with(affinity, &[]), "affinity", "reads and writes go to one cluster"),
        (World::with(window(0), &[]), "nearest", "a window of nothing"),
        (World::start(), "nearest", "no window"),
    ] {
        let write = world.from(FRANKFURT, "POST", "/").header("x-vault-token", "t").body("x").send().await.unwrap();
        assert_eq!(cookie(&write), None, "{why}");
        let request = world.from(FRANKFURT, "GET", "/").header("x-vault-token", "t");
        let response = request.header("cookie", format!("headroom-wrote={}", moment(0))).send().await.unwrap();
        assert_eq!(route(&response), ("eu-central".to_owned(), reason.to_owned()), "{why}");
        assert!(report(response).await.header("cookie").is_some(), "the client's cookies pass");
    }
}
