//! What is sent again when a cluster fails, and what never is: counted where it arrives.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Body, Response};
use serde_json::{Value, json};
use tests::observe::failing;
use tests::router::{Scripted, World};
use tests::traffic::{Manner, Upstream, problem_reason, report, route, sha256};
use xtask::cluster::{BodyDigest, Condition, Content, Script};
use xtask::demo::FRANKFURT;

const EU: usize = 1;

/// From Frankfurt, `eu-central` is the nearest, then `us-east`, then `ap-southeast`.  Breakers never open, so that every
/// row finds every cluster as the one before did.
fn plan(retry: Value) -> tests::router::Plan {
    World::plan().rules(&json!({ "breaker": { "failures": 10_000 }, "retry": retry }))
}

/// What each cluster has received since, and the standby nothing.
fn since(world: &World, before: &[u64]) -> [u64; 3] {
    let mut counts = world.counts().into_iter().zip(before).map(|(now, before)| now - before);
    let counts = [(); 4].map(|()| counts.next().unwrap());
    assert_eq!(counts[3], 0, "the standby");
    [counts[0], counts[1], counts[2]]
}

async fn send(world: &World, method: &str, target: &str) -> Response {
    world.from(FRANKFURT, method, target).send().await.unwrap()
}

#[tokio::test]
async fn reads_are_sent_to_the_next_cluster_when_one_fails() {
    let world = plan(json!({ "attempt_timeout_ms": 400 })).start();
    // The condition of the nearest, how many requests it receives, whether the next one gets the request, and why.
    let mut rows = vec![
        (Condition::Killed, 0, true, "it refuses connections"),
        (Condition::Hanging, 1, true, "it is silent"),
        (failing(502, "cluster fails"), 1, true, "something behind it failed"),
        (failing(503, "cluster fails"), 1, true, "it is overloaded"),
        (failing(504, "cluster fails"), 1, true, "something behind it is silent"),
        (failing(530, "cluster fails"), 1, true, "the network has no address for it"),
        (failing(530, r#"{"removed":true}"#), 1, false, "it answered itself"),
        (failing(500, "cluster fails"), 1, false, "who knows what it did"),
        (failing(501, "cluster fails"), 1, false, "it would be the same elsewhere"),
        (failing(505, "cluster fails"), 1, false, "it would be the same elsewhere"),
        (failing(404, "cluster fails"), 1, false, "an answer"),
        (failing(412, "cluster fails"), 1, false, "an answer"),
        (failing(429, "cluster fails"), 1, false, "its own limit"),
        (failing(472, "cluster fails"), 1, false, "an answer of Vault"),
    ];
    rows.extend(
        (520..=527).map(|status| (failing(status, "cluster fails"), 1, true, "the network's word for a failure")),
    );
    for (condition, received, is_repeated, why) in rows {
        world.clusters[EU].set(condition.clone()).unwrap();
        for method in ["GET", "OPTIONS"] {
            let before = world.counts();
            let response = send(&world, method, "/v1/secret/data/app?a=b").await;
            let (cluster, reason) = route(&response);
            let note = format!("{method} {condition:?}: {why}");
            assert_eq!(since(&world, &before), [u64::from(is_repeated), received, 0], "{note}");
            if is_repeated {
                assert_eq!((cluster.as_str(), reason.as_str()), ("us-east", "retry"), "{note}");
                assert_eq!(response.status(), 200, "{note}");
                let received = report(response).await;
                assert_eq!((received.method.as_str(), received.target.as_str()), (method, "/v1/secret/data/app?a=b"));
            } else {
                assert_eq!((cluster.as_str(), reason.as_str()), ("eu-central", "nearest"), "{note}");
                let Condition::Failing { status, text } = &condition else { panic!("{note}") };
                assert_eq!(response.status(), *status, "{note}");
                assert_eq!(response.text().await.unwrap(), *text, "{note}");
            }
        }
        world.clusters[EU].revive().unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_is_a_failure() {
    let abrupt = Upstream::start(Manner::Close);
    let world = plan(json!({})).topology(|topology| topology["clusters"][1]["url"] = json!(abrupt.url())).start();
    let answer = |status: &str| Manner::Answer(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes());
    let manners = [
        Manner::Close,
        Manner::Answer(b"garbage\r\n\r\n".to_vec()),
        Manner::Answer(b"HTTP/1.1 2".to_vec()),
        // Statuses that are no answer to any request, or none that the platform lets a worker give.
        answer("100 Continue"),
        answer("101 Switching Protocols"),
        answer("103 Early Hints"),
        answer("600 Beyond"),
        answer("999 Denied"),
    ];
    for manner in manners {
        let before = abrupt.requests().len();
        abrupt.set(manner.clone());
        let response = send(&world, "GET", "/").await;
        assert_eq!(route(&response), ("us-east".to_owned(), "retry".to_owned()), "{manner:?}");
        assert_eq!(abrupt.requests().len(), before + 1, "{manner:?}");
    }
}

#[tokio::test]
async fn a_write_is_never_sent_twice() {
    let rules = json!([{ "method": "GET", "path": "/creds/*", "operation": "write" }]);
    let world = plan(json!({ "attempt_timeout_ms": 300 }))
        .rules(&json!({ "operations": rules }))
        .variable("UPSTREAM_TIMEOUT_MS", "500")
        .start();
    let conditions = [
        (Condition::Killed, 0, 502),
        (Condition::Hanging, 1, 504),
        (failing(500, "cluster fails"), 1, 500),
        (failing(502, "cluster fails"), 1, 502),
        (failing(503, "cluster fails"), 1, 503),
        (failing(504, "cluster fails"), 1, 504),
        (failing(520, "cluster fails"), 1, 502),
        (failing(522, "cluster fails"), 1, 504),
        (failing(524, "cluster fails"), 1, 504),
        (failing(530, "cluster fails"), 1, 502),
    ];
    for (condition, received, status) in conditions {
        world.clusters[0].set(condition.clone()).unwrap();
        for (method, target, body) in [
            ("POST", "/x", "body"),
            ("PUT", "/x", ""),
            ("PATCH", "/x", "body"),
            ("DELETE", "/x", ""),
            ("PROPFIND", "/x", "body"),
            ("GET", "/creds/x", ""),
        ] {
            let before = world.counts();
            let request = world.from(FRANKFURT, method, target).body(body);
            let response = request.send().await.unwrap();
            let note = format!("{method} {target} {condition:?}");
            assert_eq!(since(&world, &before), [received, 0, 0], "{note}");
            assert_eq!(response.status(), status, "{note}");
            assert_eq!(route(&response), ("us-east".to_owned(), "write-primary".to_owned()), "{note}");
            assert!(!response.headers().contains_key("retry-after"), "{note}: it may have been done");
        }
        world.clusters[0].revive().unwrap();
    }
}

#[tokio::test]
async fn a_write_to_a_cluster_that_forwards_is_never_sent_twice() {
    let abrupt = Upstream::start(Manner::Close);
    let world = plan(json!({}))
        .topology(|topology| {
            topology["mode"] = json!("affinity");
            topology["clusters"][1]["forwards_writes"] = json!(true);
            topology["clusters"][1]["url"] = json!(abrupt.url());
        })
        .start();
    let write = world.from(FRANKFURT, "POST", "/x").body("body").send().await.unwrap();
    assert_eq!((write.status().as_u16(), route(&write).0.as_str()), (502, "eu-central"));
    assert_eq!(problem_reason(write).await, "upstream-failed");
    assert_eq!((abrupt.requests().len(), world.counts()), (1, vec![0; 4]));
    let read = send(&world, "GET", "/x").await;
    assert_eq!(route(&read), ("us-east".to_owned(), "retry".to_owned()), "a read is");
}

#[tokio::test]
async fn bodies_of_reads_are_kept_up_to_a_size() {
    let rules = json!([{ "method": "POST", "path": "/v1/transit/*", "operation": "read" }]);
    let world = plan(json!({ "max_body_bytes": 10_000 })).rules(&json!({ "operations": rules })).start();
    world.clusters[EU].set(failing(503, "cluster fails")).unwrap();
    let digest = Script { body: Content::Digest, ..Script::default() };
    let bytes = |length: usize| -> Vec<u8> { (0..length).map(|index| (index * 7 + index / 256) as u8).collect() };
    let streamed = |length| {
        let pieces: Vec<_> = bytes(length).chunks(100).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
        Body::wrap_stream(futures_util::stream::iter(pieces))
    };
    for (length, body, is_repeated, why) in [
        (0, Body::from(Vec::new()), true, "nothing"),
        (1, Body::from(bytes(1)), true, "a byte"),
        (10_000, Body::from(bytes(10_000)), true, "as much as is kept"),
        (10_001, Body::from(bytes(10_001)), false, "more than is kept"),
        (100, streamed(100), false, "of unknown length"),
    ] {
        let before = world.counts();
        let request = world.from(FRANKFURT, "POST", "/v1/transit/encrypt/app").script(&digest).body(body);
        let response = request.send().await.unwrap();
        assert_eq!(since(&world, &before), [u64::from(is_repeated), 1, 0], "{length} bytes: {why}");
        if is_repeated {
            assert_eq!(route(&response).1, "retry");
            let arrived: BodyDigest = serde_json::from_str(&response.text().await.unwrap()).unwrap();
            assert_eq!(arrived, BodyDigest { bytes: length, sha256: sha256(&bytes(length as usize)) }, "{why}");
            let received = world.clusters[0].received().pop().unwrap();
            assert_eq!(received.header("content-length"), Some(length.to_string().as_str()), "{why}");
        } else {
            assert_eq!((response.status().as_u16(), route(&response).1.as_str()), (503, "nearest"), "{why}");
        }
    }
}

#[tokio::test]
async fn attempts_are_limited_and_the_last_answer_is_passed_on() {
    for (max_attempts, expected, last) in [
        (1, [0, 1, 0], "eu-central"),
        (2, [1, 1, 0], "us-east"),
        (3, [1, 1, 1], "ap-southeast"),
        (10, [1, 1, 1], "ap-southeast"),
    ] {
        let world = plan(json!({ "max_attempts": max_attempts })).start();
        for cluster in &world.clusters {
            cluster.set(failing(503, &format!("{} is busy", cluster.id()))).unwrap();
        }
        let response = send(&world, "GET", "/").await;
        assert_eq!(since(&world, &[0; 4]), expected, "{max_attempts}");
        assert_eq!((response.status().as_u16(), route(&response).0.as_str()), (503, last), "{max_attempts}");
        assert_eq!(response.text().await.unwrap(), format!("{last} is busy"), "{max_attempts}");
    }
}

#[tokio::test]
async fn repetitions_cannot_multiply_a_storm() {
    // The isolate's reserve, and a tenth of what is asked.
    let (requests, reserve, share) = (400, 100, 0.1);
    let world = plan(json!({ "budget_share": share })).start();
    for cluster in &world.clusters {
        cluster.set(failing(503, "cluster fails")).unwrap();
    }
    for _ in 0..requests / 20 {
        for response in join_all((0..20).map(|_| send(&world, "GET", "/"))).await {
            assert_eq!(response.status(), 503, "a cluster's own");
            assert_eq!(response.text().await.unwrap(), "cluster fails");
        }
    }
    let repeated = since(&world, &[0; 4]).iter().sum::<u64>() - requests;
    let most = reserve + (requests as f64 * share) as u64;
    assert!((reserve..=most).contains(&repeated), "{repeated} of at most {most}");
    // Calm again: what is asked earns repetitions again.
    world.clusters[0].revive().unwrap();
    world.clusters[2].revive().unwrap();
    for _ in 0..20 {
        send(&world, "POST", "/").await;
    }
    assert_eq!(send(&world, "GET", "/").await.status(), 200);
}

#[tokio::test]
async fn an_attempt_that_can_be_repeated_is_given_up_sooner() {
    let world = plan(json!({ "attempt_timeout_ms": 200 })).variable("UPSTREAM_TIMEOUT_MS", "1500").start();
    world.clusters[EU].set(Condition::Hanging).unwrap();
    let started = Instant::now();
    assert_eq!(route(&send(&world, "GET", "/").await).0, "us-east");
    let waited = started.elapsed();
    assert!((200..1_400).contains(&waited.as_millis()), "{waited:?}");

    // What cannot be repeated has all the time there is.
    let slow = Script { delay_ms: 600, ..Script::default() };
    let write = world.from(FRANKFURT, "POST", "/").script(&slow).body("x").send().await.unwrap();
    assert_eq!(write.status(), 200);
    world.clusters[0].set(Condition::Hanging).unwrap();
    let started = Instant::now();
    assert_eq!(world.from(FRANKFURT, "POST", "/").body("x").send().await.unwrap().status(), 504);
    assert!(started.elapsed() >= Duration::from_millis(1_500));
}

#[tokio::test]
async fn the_headers_of_one_cluster_reach_no_other() {
    let world = plan(json!({}))
        .variable("EU_SECRET", "s3cret-of-eu")
        .variable("US_SECRET", "s3cret-of-us")
        .topology(|topology| {
            topology["clusters"][1]["headers"] =
                json!({ "X-Key": "$EU_SECRET", "X-Only-Eu": "$EU_SECRET", "Authorization": "Bearer of-eu" });
            topology["clusters"][0]["headers"] = json!({ "X-Key": "$US_SECRET" });
        })
        .start();
    let ask = || world.from(FRANKFURT, "GET", "/").header("authorization", "Bearer of-the-client").send();
    let nearest = report(ask().await.unwrap()).await;
    assert_eq!(nearest.header("x-only-eu"), Some("s3cret-of-eu"));
    assert_eq!(nearest.header("authorization"), Some("Bearer of-eu"));
    world.clusters[EU].set(failing(503, "cluster fails")).unwrap();
    let repeated = report(ask().await.unwrap()).await;
    assert_eq!((repeated.cluster.as_str(), repeated.header("x-key")), ("us-east", Some("s3cret-of-us")));
    assert_eq!(repeated.header("x-only-eu"), None);
    assert_eq!(repeated.header("authorization"), Some("Bearer of-the-client"));
    assert!(repeated.headers.iter().all(|(_, value)| !value.contains("of-eu")), "{repeated:?}");
    world.clusters[0].set(failing(503, "cluster fails")).unwrap();
    let again = report(ask().await.unwrap()).await;
    assert_eq!((again.cluster.as_str(), again.header("x-key")), ("ap-southeast", None));
}
