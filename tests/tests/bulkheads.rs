//! Limits of requests in flight: who is let through, who is turned away, and when a place is free again.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Response;
use serde_json::json;
use tests::router::{Plan, Scripted, World};
use tests::traffic::{Manner, Upstream, Wire, header, problem_reason, route};
use tokio::task::JoinSet;
use xtask::cluster::{Condition, Content, Script};
use xtask::demo::{CF_HEADER, FRANKFURT};

/// Five requests of a group, and breakers that never open.
fn plan(limit: u64) -> Plan {
    World::plan().rules(&json!({
        "breaker": { "failures": 10_000 },
        "retry": { "max_attempts": 1 },
        "bulkheads": [{ "path": "/slow/*", "max_in_flight": limit }, { "path": "/*", "max_in_flight": 1_000 }] }))
}

/// Sends so many requests at once, and does not wait for them.
fn flood(world: &World, requests: usize, method: &str, target: &str, script: &Script) -> JoinSet<Response> {
    let mut flood = JoinSet::new();
    for _ in 0..requests {
        let request = world.from(FRANKFURT, method, target).script(script).send();
        flood.spawn(async { request.await.unwrap() });
    }
    flood
}

/// The next so many answers, each of which turns its request away.
async fn rejections(flood: &mut JoinSet<Response>, expected: usize) {
    for _ in 0..expected {
        let response = flood.join_next().await.unwrap().unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "retry-after").as_str()), (503, "1"));
        assert_eq!(problem_reason(response).await, "bulkhead-full");
    }
}

async fn is_free(world: &World, method: &str, target: &str) -> bool {
    let response = world.from(FRANKFURT, method, target).send().await.unwrap();
    match response.status().as_u16() {
        200 => true,
        503 => false,
        other => panic!("{other}"),
    }
}

fn hang() -> Script {
    Script { hang: true, ..Script::default() }
}

/// The answers to all that still wait, each of which has waited in vain.
async fn time_outs(flood: JoinSet<Response>, expected: usize) {
    let answers = flood.join_all().await;
    assert!(answers.len() == expected && answers.iter().all(|response| response.status() == 504), "{answers:?}");
}

#[tokio::test]
async fn a_group_of_paths_has_so_many_requests_in_flight_and_no_more() {
    let world = plan(5).variable("UPSTREAM_TIMEOUT_MS", "3000").start();
    let mut slow = flood(&world, 20, "GET", "/slow/x", &hang());
    rejections(&mut slow, 15).await;
    assert_eq!(world.counts(), [0, 5, 0, 0]);
    for (method, target) in [("GET", "/slow"), ("POST", "/slow/y"), ("GET", "/%73low/x"), ("GET", "/x/..%2fslow/x")] {
        assert!(!is_free(&world, method, target).await, "{method} {target} is of the group");
    }
    for (method, target) in [("GET", "/"), ("POST", "/slowly"), ("GET", "/x?/slow/")] {
        assert!(is_free(&world, method, target).await, "{method} {target} is of another");
    }
    time_outs(slow, 5).await;
    let script = Script { delay_ms: 500, ..Script::default() };
    let mut statuses = BTreeMap::new();
    for response in flood(&world, 8, "GET", "/slow/x", &script).join_all().await {
        *statuses.entry(response.status().as_u16()).or_default() += 1;
    }
    assert_eq!(statuses, BTreeMap::from([(200, 5), (503, 3)]), "as many as before");
}

#[tokio::test]
async fn reads_go_elsewhere_when_a_cluster_is_full_and_writes_do_not() {
    let world = World::plan()
        .topology(|topology| {
            topology["clusters"][0]["max_in_flight"] = json!(4);
            topology["clusters"][1]["max_in_flight"] = json!(3);
            topology["clusters"][2]["max_in_flight"] = json!(2);
            topology["breaker"] = json!({ "failures": 10_000 });
            topology["retry"] = json!({ "max_attempts": 1 });
        })
        .variable("UPSTREAM_TIMEOUT_MS", "3000")
        .start();
    let mut reads = flood(&world, 15, "GET", "/", &hang());
    rejections(&mut reads, 6).await;
    assert_eq!(world.counts(), [4, 3, 2, 0], "each as many as it may have");
    let mut writes = flood(&world, 5, "POST", "/", &hang());
    rejections(&mut writes, 5).await;
    time_outs(reads, 9).await;
    let mut writes = flood(&world, 10, "POST", "/", &hang());
    rejections(&mut writes, 6).await;
    assert_eq!(world.counts(), [8, 3, 2, 0], "writes go to the primary or nowhere");
    let read = world.from(FRANKFURT, "GET", "/").send().await.unwrap();
    assert_eq!(route(&read), ("eu-central".to_owned(), "nearest".to_owned()), "the others have places");
    time_outs(writes, 4).await;
}

#[tokio::test]
async fn a_place_is_free_again_however_a_request_ended() {
    let world = plan(1).variable("UPSTREAM_TIMEOUT_MS", "500").start();
    let status = |status| Script { status, body: Content::Empty, ..Script::default() };
    let drip = Script { body: Content::Drip { bytes: 1_000, pause_ms: 20 }, ..Script::default() };
    let ask = async |method: &str, script: &Script| {
        world.from(FRANKFURT, method, "/slow/x").script(script).send().await.unwrap()
    };
    for (script, expected, why) in [
        (Script::default(), 200, "answered"),
        (status(404), 404, "answered otherwise"),
        (status(503), 503, "failed by its own word"),
        (status(520), 502, "failed by the network's"),
        (hang(), 504, "timed out"),
    ] {
        for method in ["GET", "POST"] {
            assert_eq!(ask(method, &script).await.status(), expected, "{method}: {why}");
            assert!(is_free(&world, "GET", "/slow/x").await, "{method}: {why}");
        }
    }
    let index = |method| usize::from(method == "GET");
    for method in ["GET", "POST"] {
        world.clusters[index(method)].set(Condition::Killed).unwrap();
        assert_eq!(ask(method, &Script::default()).await.status(), 502);
        world.clusters[index(method)].revive().unwrap();
        assert!(is_free(&world, "GET", "/slow/x").await, "{method}: refused");
    }
    // A response that has begun holds no place, however long it takes.
    let response = ask("GET", &drip).await;
    assert!(is_free(&world, "GET", "/slow/x").await);
    drop(response);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_request_along() {
    let upstream = Upstream::start(Manner::Wait);
    let url = upstream.url();
    let world = plan(1).variable("UPSTREAM_TIMEOUT_MS", "25000").topology(|topology| {
        topology["clusters"][0]["url"] = json!(url);
        topology["operations"] = json!([{ "method": "PUT", "path": "/slow/*", "operation": "read" }]);
        topology["retry"] = json!({ "max_attempts": 3 });
        topology["clusters"].as_array_mut().unwrap().remove(1);
    });
    let world = world.start();
    let cf = FRANKFURT.cf();
    for (request, why) in [
        ("GET /slow/x HTTP/1.1\r\nHost: x\r\n", "without a body"),
        ("POST /slow/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n", "with a body that is passed on"),
        ("PUT /slow/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n", "with a body that is kept"),
    ] {
        let body = if request.contains("Content-Length") { "body" } else { "" };
        let mut client = Wire::open(world.workerd.address());
        client.send(format!("{request}{CF_HEADER}: {cf}\r\n\r\n{body}"));
        world.until("the request waits", async || upstream.waiting() == 1).await;
        let turned_away = world.from(FRANKFURT, "GET", "/slow/x").send().await.unwrap();
        assert_eq!(turned_away.status(), 503, "{why}: the place is taken");
        client.abort();
        world.until("its connection to the cluster is closed", async || upstream.waiting() == 0).await;
        upstream.set(Manner::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()));
        world.until(why, async || is_free(&world, "GET", "/slow/x").await).await;
        upstream.set(Manner::Wait);
    }
    // The requests of this file's own client say what they accept.
    let requests = upstream.requests();
    let of_clients = requests.iter().filter(|request| !request.contains("Accept: */*")).count();
    assert_eq!(of_clients, 3, "each arrived once: {requests:#?}");

    // Before all of a body that is to be kept has arrived.
    let mut client = Wire::open(world.workerd.address());
    client.send(format!("PUT /slow/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n{CF_HEADER}: {cf}\r\n\r\nbo"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    client.abort();
    upstream.set(Manner::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()));
    world.until("half a body holds no place", async || is_free(&world, "GET", "/slow/x").await).await;
}
