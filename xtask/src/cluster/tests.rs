#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;

/// Status, head and body of the answer to a request; an error where there is none.
fn try_ask(cluster: &Cluster, request: &str, body: &str) -> std::io::Result<(u16, String, String)> {
    let mut connection = TcpStream::connect(cluster.address)?;
    connection.set_read_timeout(Some(Duration::from_millis(500)))?;
    let length = body.len();
    write!(connection, "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    Ok((head[9..12].parse().unwrap(), head.to_owned(), body.to_owned()))
}

#[track_caller]
fn ask(cluster: &Cluster, request: &str) -> (u16, Value) {
    let (status, _, body) = try_ask(cluster, request, "").unwrap();
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

#[test]
fn health_is_told_as_vault_tells_it() {
    let cluster = Cluster::start("us", None).unwrap();
    let plain = "";
    let pardon = "?standbyok=true&perfstandbyok=true";
    let rows = [
        (State::Active, plain, 200, "it takes writes"),
        (State::Standby, plain, 429, "it forwards"),
        (State::Standby, "?standbyok", 200, "a bare parameter is a yes"),
        (State::Standby, "?standbyok=false", 429, "and this is a no"),
        (State::PerformanceStandby, plain, 473, "it serves reads"),
        (State::PerformanceStandby, "?standbyok=true", 473, "the parameter for standbys does not count for this one"),
        (State::PerformanceStandby, pardon, 200, "its own does"),
        (State::PerformanceSecondary, plain, 200, "an active node, of another cluster"),
        (State::DrSecondary, pardon, 472, "nothing pardons it"),
        (State::DrSecondary, "?drsecondarycode=299", 299, "but the code can be chosen"),
        (State::Standby, "?standbyok=true&activecode=298", 298, "also of what counts as active"),
        (State::Sealed, pardon, 503, "no key"),
        (State::Uninitialised, pardon, 501, "no storage"),
        (State::Removed, pardon, 530, "out of its cluster"),
        (State::Cut, pardon, 474, "the active node cannot be reached"),
    ];
    assert!(State::ALL.iter().all(|state| rows.iter().any(|(row, ..)| row == state)), "a state without a row");
    for (state, query, expected, reason) in rows {
        cluster.set_state(state);
        for method in ["GET", "HEAD"] {
            let (status, _, body) = try_ask(&cluster, &format!("{method} /v1/sys/health{query}"), "").unwrap();
            assert_eq!(status, expected, "{state:?} {query}: {reason}");
            assert_eq!(body.is_empty(), method == "HEAD");
        }
    }
    assert_eq!((cluster.count(), cluster.probes()), (0, 2 * rows.len() as u64), "probes are counted apart");
}

#[test]
fn the_body_of_a_health_answer_has_the_roles_and_the_lag() {
    let cluster = Cluster::start("eu", None).unwrap();
    cluster.lag(12_000);
    let fields = ["standby", "performance_standby", "sealed", "replication_performance_mode", "replication_dr_mode"];
    for (state, expected, lag) in [
        (State::Active, json!([false, false, false, "primary", "primary"]), None),
        (State::PerformanceStandby, json!([true, true, false, "primary", "primary"]), Some(12_000)),
        (State::PerformanceSecondary, json!([false, false, false, "secondary", "primary"]), Some(12_000)),
        (State::DrSecondary, json!([false, false, false, "primary", "secondary"]), Some(12_000)),
        (State::Sealed, json!([false, false, true, "unknown", "unknown"]), None),
    ] {
        cluster.set_state(state);
        let (_, body) = ask(&cluster, "GET /v1/sys/health");
        assert_eq!(Value::from(fields.map(|field| body[field].clone()).to_vec()), expected, "{state:?}");
        assert_eq!(body["replication_primary_canary_age_ms"].as_u64(), lag, "{state:?}");
        assert_eq!(body["cluster_id"].as_str().map(str::len), (state != State::Sealed).then_some(36), "{state:?}");
    }
}

#[test]
fn a_state_that_serves_nobody_refuses_and_promotion_ends_that() {
    let cluster = Cluster::start("dr", None).unwrap();
    for (state, expected) in [(State::Sealed, 503), (State::Uninitialised, 503), (State::DrSecondary, 400)] {
        cluster.set_state(state);
        assert_eq!(ask(&cluster, "GET /v1/x").0, expected, "{state:?}");
    }
    cluster.promote();
    assert_eq!(ask(&cluster, "GET /v1/x").0, 200);
    cluster.set_state(State::Sealed);
    cluster.promote();
    assert_eq!(ask(&cluster, "GET /v1/x").0, 503, "a sealed one cannot be promoted");
}

#[test]
fn a_killed_cluster_refuses_and_comes_back_on_its_port() {
    let cluster = Cluster::start("us", None).unwrap();
    let mut open = TcpStream::connect(cluster.address).unwrap();
    open.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    for round in 1..=3 {
        assert_eq!(ask(&cluster, "GET /").0, 200);
        cluster.kill().unwrap();
        let refused = try_ask(&cluster, "GET /", "").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert!(Cluster::start("other", Some(cluster.address.port())).unwrap().address != cluster.address);
        cluster.revive().unwrap();
        assert_eq!(ask(&cluster, "GET /").0, 200, "in round {round}");
    }
    let ended = open.read(&mut [0; 16]);
    assert!(
        matches!(&ended, Ok(0)) || ended.as_ref().is_err_and(|e| e.kind() == ErrorKind::ConnectionReset),
        "{ended:?}"
    );
    assert_eq!(cluster.counts(), [("/".to_owned(), 6)].into(), "what had arrived is remembered");
}

#[tokio::test]
async fn a_cluster_can_be_killed_from_a_test_that_is_asynchronous() {
    let cluster = Cluster::start("us", None).unwrap();
    cluster.kill().unwrap();
    cluster.revive().unwrap();
}

#[test]
fn conditions_hold_for_everyone_or_spare_the_probes() {
    let cluster = Cluster::start("us", None).unwrap();
    let failing = Condition::Failing { status: 530, text: "error code: 1033".to_owned() };
    cluster.set(failing.clone()).unwrap();
    for target in ["/", "/v1/sys/health"] {
        let (status, _, body) = try_ask(&cluster, &format!("GET {target}"), "").unwrap();
        assert_eq!((status, body.as_str()), (530, "error code: 1033"), "{target}");
    }
    cluster.set_sparing_probes(failing).unwrap();
    assert_eq!((ask(&cluster, "GET /").0, ask(&cluster, "GET /v1/sys/health").0), (530, 200));

    cluster.set(Condition::Hanging).unwrap();
    let silent = try_ask(&cluster, "GET /", "").unwrap_err();
    assert!(matches!(silent.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silent:?}");

    cluster.set(Condition::Slow(100)).unwrap();
    let started = Instant::now();
    assert_eq!(ask(&cluster, "GET /").0, 200);
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[test]
fn values_are_seen_elsewhere_when_the_lag_has_passed() {
    let store = Arc::default();
    let us = Cluster::replicating("us", None, State::Active, &store).unwrap();
    let eu = Cluster::replicating("eu", None, State::PerformanceSecondary, &store).unwrap();
    let value = |cluster: &Cluster| ask(cluster, "GET /v1/kv/data/app").1["data"]["data"].clone();
    let write = |number: u32| {
        let body = json!({ "data": number }).to_string();
        assert_eq!(try_ask(&us, "POST /v1/kv/data/app HTTP/1.1\r\nDemo-Write: w\r\nX: ", &body).unwrap().0, 200);
    };
    write(1);
    assert_eq!((value(&us), value(&eu)), (json!(1), json!(1)));
    eu.lag(300);
    std::thread::sleep(Duration::from_millis(300));
    write(2);
    assert_eq!((value(&us), value(&eu)), (json!(2), json!(1)));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(value(&eu), json!(2));
    assert_eq!(us.writes(), [("w".to_owned(), 2)].into(), "a write that came twice shows");

    eu.lag(0);
    assert_eq!(try_ask(&us, "DELETE /v1/kv/data/app", "").unwrap().0, 204);
    assert_eq!(ask(&eu, "GET /v1/kv/data/app"), (404, json!({ "errors": [] })));
    assert_eq!(try_ask(&us, "POST /v1/kv/data/app", "{}").unwrap().0, 400);
}

#[test]
fn a_web_socket_is_echoed() {
    let cluster = Cluster::start("us", None).unwrap();
    let mut connection = TcpStream::connect(cluster.address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    connection
        .write_all(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
              Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 ") && head.contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    // A text of two bytes, masked with zeros as a client's has to be.
    connection.write_all(b"\x81\x82\0\0\0\0hi").unwrap();
    let mut echo = [0; 4];
    connection.read_exact(&mut echo).unwrap();
    assert_eq!(&echo, b"\x81\x02hi");
}
