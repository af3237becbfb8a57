//! The edge router in the real Workers runtime: what reaches which cluster, and what comes back.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use reqwest::{Body, Response};
use routing::{Topology, TopologyWarning};
use serde_json::{Value, json};
use tests::router::{PORTLAND, STANDBY, Scripted, World, client, own, start};
use tests::traffic::{problem, report, route, sha256};
use xtask::cluster::{BodyDigest, Cluster, Content, Script, pattern};
use xtask::demo::{self, City, FRANKFURT, SITES, SYDNEY, VIRGINIA};
use xtask::paths;

const MIB: u64 = 1024 * 1024;

#[track_caller]
fn assert_route(response: &Response, cluster: &str, reason: &str) {
    assert_eq!(route(response), (cluster.to_owned(), reason.to_owned()), "{response:?}");
}

#[tokio::test]
async fn reads_go_to_the_nearest_cluster() {
    let world = World::start();
    for (city, cluster) in [(FRANKFURT, "eu-central"), (VIRGINIA, "us-east"), (SYDNEY, "ap-southeast")] {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let response = world.from(city, method, "/v1/secret/data/app").send().await.unwrap();
            assert_eq!(response.status(), 200);
            assert_route(&response, cluster, "nearest");
        }
        let report = report(world.from(city, "GET", "/v1/secret?version=2&x=%20").send().await.unwrap()).await;
        assert_eq!((report.cluster.as_str(), report.method.as_str()), (cluster, "GET"), "from {}", city.name);
        assert_eq!(report.target, "/v1/secret?version=2&x=%20");
    }
    assert_eq!(world.counts(), [4, 4, 4, 0]);
}

#[tokio::test]
async fn writes_go_to_the_primary_from_anywhere() {
    let world = World::start();
    let methods = ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "PURGE"];
    for city in [FRANKFURT, VIRGINIA, SYDNEY] {
        for method in methods {
            let response = world.from(city, method, "/v1/secret/data/app").body("x").send().await.unwrap();
            assert_route(&response, "us-east", "write-primary");
            assert_eq!(report(response).await.method, method, "another method than the client's arrived");
        }
    }
    assert_eq!(world.counts(), [3 * methods.len() as u64, 0, 0, 0]);
}

#[tokio::test]
async fn the_standby_gets_nothing() {
    let world = World::start();
    for method in ["GET", "HEAD", "POST", "DELETE", "PROPFIND"] {
        let response = world.from(PORTLAND, method, "/").send().await.unwrap();
        assert_eq!(route(&response).0, "us-east", "{method}");
    }
    assert_eq!(world.counts(), [5, 0, 0, 0], "the last is {STANDBY}, a few kilometres from the client");
}

#[tokio::test]
async fn affinity_keeps_reads_and_writes_together() {
    let world = World::with(
        |topology| {
            topology["mode"] = json!("affinity");
            topology["clusters"][1]["forwards_writes"] = json!(true);
            topology["clusters"][3]["forwards_writes"] = json!(true);
        },
        &[],
    );
    for method in ["GET", "POST"] {
        let frankfurt = world.from(FRANKFURT, method, "/").send().await.unwrap();
        assert_route(&frankfurt, "eu-central", "affinity"); // it forwards writes
        let portland = world.from(PORTLAND, method, "/").send().await.unwrap();
        assert_route(&portland, "us-east", "affinity"); // not the standby
    }
    assert_eq!(world.counts(), [2, 2, 0, 0]);
}

#[tokio::test]
async fn operations_follow_the_rules() {
    let rules = json!([{ "method": "POST", "path": "/v1/transit/*", "operation": "read" },
                       { "method": "GET", "path": "/v1/database/creds/*", "operation": "write" }]);
    let world = World::with(|topology| topology["operations"] = rules, &[]);
    let encrypt = world.from(FRANKFURT, "POST", "/v1/transit/encrypt/app").body("x").send().await.unwrap();
    assert_route(&encrypt, "eu-central", "nearest");
    let credential = world.from(FRANKFURT, "GET", "/v1/database/creds/app").send().await.unwrap();
    assert_route(&credential, "us-east", "write-primary");
}

#[tokio::test]
async fn without_a_location_the_configured_order_holds() {
    let world = World::with(
        |topology| {
            let clusters = topology["clusters"].as_array_mut().unwrap();
            clusters.rotate_left(1); // the primary is not the first
        },
        &[],
    );
    let nowhere = world.from_nowhere("GET", "/").send().await.unwrap();
    assert_route(&nowhere, "eu-central", "nearest");
    for cf in [
        "{}",
        r#"{"latitude":"50.11"}"#,                     // half a place
        r#"{"latitude":"fifty","longitude":"eight"}"#, // no numbers
        r#"{"latitude":"91","longitude":"8.68"}"#,     // out of range
        r#"{"latitude":"NaN","longitude":"8.68"}"#,
        r#"{"latitude":null,"longitude":null}"#,
        r#"{"latitude":{},"longitude":[]}"#,
    ] {
        let response = world.from_cf(cf, "GET", "/").send().await.unwrap();
        assert_eq!(route(&response), ("eu-central".to_owned(), "nearest".to_owned()), "{cf}");
    }
    for cf in [r#"{"latitude":-33.87,"longitude":151.21}"#, r#"{"latitude":"-33.87","longitude":151.21}"#] {
        let numbers = world.from_cf(cf, "GET", "/").send().await.unwrap();
        assert_route(&numbers, "ap-southeast", "nearest");
    }
    let write = world.from_nowhere("POST", "/").send().await.unwrap();
    assert_route(&write, "us-east", "write-primary");
}

#[tokio::test]
async fn twenty_megabytes_arrive_unchanged_in_both_directions() {
    let world = World::start();
    let length = 20 * MIB;
    let content = pattern(0, length);
    let digest = sha256(&content);

    // Up, of known length and streamed.
    let known = Body::from(content.clone());
    let pieces: Vec<_> = content.chunks(100_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let streamed = Body::wrap_stream(futures_util::stream::iter(pieces));
    for (body, expected_length) in [(known, Some(length.to_string())), (streamed, None)] {
        let script = Script { body: Content::Digest, ..Script::default() };
        let response = world.from(SYDNEY, "PUT", "/upload").script(&script).body(body).send().await.unwrap();
        assert_route(&response, "us-east", "write-primary");
        let arrived: BodyDigest = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(arrived, BodyDigest { bytes: length, sha256: digest.clone() });
        let received = world.clusters[0].received().pop().unwrap();
        assert_eq!(received.header("content-length").map(str::to_owned), expected_length);
    }

    // Down.
    let script = Script { body: Content::Bytes(length), ..Script::default() };
    let response = world.from(SYDNEY, "GET", "/download").script(&script).send().await.unwrap();
    assert_route(&response, "ap-southeast", "nearest");
    assert!(sha256(&response.bytes().await.unwrap()) == digest, "the download differs");

    // Both at once.
    let script = Script { body: Content::Echo, ..Script::default() };
    let response = world.from(SYDNEY, "POST", "/echo").script(&script).body(content).send().await.unwrap();
    assert!(sha256(&response.bytes().await.unwrap()) == digest, "the echo differs");
}

#[test]
fn bodies_stream_in_both_directions_at_once() {
    let world = World::start();
    let mut connection = TcpStream::connect(world.workerd.address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let script = serde_json::to_string(&Script { body: Content::Echo, ..Script::default() }).unwrap();
    write!(connection, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\ndemo-response: {script}\r\n\r\n")
        .unwrap();
    let mut seen = String::new();
    let mut buffer = [0; 4096];
    for piece in ["first", "second", "third"] {
        write!(connection, "{:x}\r\n{piece}\r\n", piece.len()).unwrap();
        // The next piece is sent only after this one has come back.
        while !seen.contains(piece) {
            let length = connection.read(&mut buffer).unwrap_or_else(|error| panic!("{piece}: {error}; {seen}"));
            assert!(length > 0, "closed before {piece}: {seen}");
            seen.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    }
    connection.write_all(b"0\r\n\r\n").unwrap();
    assert!(seen.starts_with("HTTP/1.1 200 OK\r\n"), "{seen}");
}

#[tokio::test]
async fn redirects_are_passed_on_and_not_followed() {
    let world = World::start();
    for status in [301, 302, 303, 307, 308] {
        let headers = vec![("location".to_owned(), "/elsewhere?x=1".to_owned())];
        let script = Script { status, headers, body: Content::Empty, ..Script::default() };
        let response = world.from(FRANKFURT, "GET", "/").script(&script).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["location"]),
            (status, &"/elsewhere?x=1".parse().unwrap())
        );
        assert_route(&response, "eu-central", "nearest");
    }
    assert_eq!(world.counts(), [0, 5, 0, 0]);
}

#[tokio::test]
async fn requests_keep_their_headers_and_gain_the_clusters_own() {
    let headers = json!({ "CF-Access-Client-Id": "$ACCESS_ID", "X-Region": "eu" });
    let change = |topology: &mut Value| topology["clusters"][1]["headers"] = headers;
    let world = World::with(change, &[("ACCESS_ID", "s3cret \"quoted\"")]);
    let ask = |city: City| {
        world
            .from(city, "GET", "/")
            .header("authorization", "Bearer t")
            .header("x-vault-token", "hvs.x")
            .header("cookie", "a=1; b=2")
            .header("x-region", "forged")
            .header("x-headroom-cluster", "forged")
            .header("X-Headroom-Anything", "forged")
            .send()
    };
    let frankfurt = report(ask(FRANKFURT).await.unwrap()).await;
    let sydney = report(ask(SYDNEY).await.unwrap()).await;
    for received in [&frankfurt, &sydney] {
        assert_eq!(received.header("authorization"), Some("Bearer t"));
        assert_eq!(received.header("x-vault-token"), Some("hvs.x"));
        assert_eq!(received.header("cookie"), Some("a=1; b=2"));
        assert!(!received.headers.iter().any(|(name, _)| name.starts_with("x-headroom-")), "{received:?}");
    }
    assert_eq!(frankfurt.header("cf-access-client-id"), Some("s3cret \"quoted\""));
    assert_eq!(frankfurt.header("x-region"), Some("eu"), "the configured value replaces the client's");
    assert_eq!(sydney.header("cf-access-client-id"), None, "another cluster's secret");
    assert_eq!(sydney.header("x-region"), Some("forged"));
    let host = world.clusters[1].url().replace("http://", "");
    assert_eq!(frankfurt.header("host"), Some(host.as_str()), "the cluster is addressed by its own name");
}

#[tokio::test]
async fn only_the_router_sets_its_headers_on_responses() {
    let forged = || {
        let headers = ["x-headroom-cluster", "x-headroom-reason", "x-headroom-other", "x-other"];
        Script { headers: headers.map(|name| (name.to_owned(), "forged".to_owned())).to_vec(), ..Script::default() }
    };
    let exposing = World::start();
    let response = exposing.from(FRANKFURT, "GET", "/").script(&forged()).send().await.unwrap();
    assert_route(&response, "eu-central", "nearest");
    assert!(!response.headers().contains_key("x-headroom-other"));
    assert_eq!(response.headers()["x-other"], "forged");

    let discreet = World::with(|topology| topology["headers"] = json!({ "expose": false }), &[]);
    for script in [forged(), Script::default()] {
        let response = discreet.from(FRANKFURT, "GET", "/").script(&script).send().await.unwrap();
        let own = response.headers().keys().find(|name| name.as_str().starts_with("x-headroom"));
        assert_eq!(own, None);
        assert_eq!(response.status(), 200);
    }
    assert_eq!(discreet.counts(), [0, 2, 0, 0]);
}

#[tokio::test]
async fn responses_arrive_as_they_were_sent() {
    let world = World::start();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let ask =
        async |method: &str, script: Script| world.from(FRANKFURT, method, "/").script(&script).send().await.unwrap();

    let cookies = vec![
        header("set-cookie", "a=1; Path=/"),
        header("set-cookie", "b=2, with a comma"),
        header("set-cookie", "c=3"),
    ];
    let response = ask("GET", Script { headers: cookies, ..Script::default() }).await;
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/", "b=2, with a comma", "c=3"]);

    let response = ask("DELETE", Script { status: 204, body: Content::Empty, ..Script::default() }).await;
    assert_eq!(response.status(), 204);
    assert_route(&response, "us-east", "write-primary");
    assert_eq!(response.text().await.unwrap(), "");

    let etag = vec![header("etag", "\"v1\"")];
    let response = ask("GET", Script { status: 304, headers: etag, body: Content::Empty, ..Script::default() }).await;
    assert_eq!((response.status().as_u16(), &response.headers()["etag"]), (304, &"\"v1\"".parse().unwrap()));

    let range = vec![header("content-range", "bytes 0-4/10")];
    let response = ask(
        "GET",
        Script { status: 206, headers: range, body: Content::Text("01234".to_owned()), ..Script::default() },
    )
    .await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-range"]),
        (206, &"bytes 0-4/10".parse().unwrap())
    );
    assert_eq!(response.text().await.unwrap(), "01234");

    let response = ask("HEAD", Script { body: Content::Text("0123456789".to_owned()), ..Script::default() }).await;
    assert_eq!(&response.headers()["content-length"], "10");
    assert_eq!(response.text().await.unwrap(), "");

    // An error of the cluster is the cluster's, body and all: the router makes nothing else of it.
    for status in [400, 404, 429, 472, 473, 500, 502, 503, 504, 530] {
        // Of a 530, the body tells whose it is: this one is of a Vault node that was removed from its cluster.
        let text = format!(r#"{{"initialized":true,"sealed":false,"standby":true,"says":{status}}}"#);
        let headers = vec![header("retry-after", "7"), header("content-type", "application/json")];
        let response =
            ask("GET", Script { status, headers, body: Content::Text(text.clone()), ..Script::default() }).await;
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (status, &"7".parse().unwrap()));
        assert_eq!(response.text().await.unwrap(), text);
    }

    // Compressed bodies stay compressed, byte by byte: these bytes are no gzip at all, and nobody minds.
    let gzip = vec![header("content-encoding", "gzip"), header("content-type", "text/plain")];
    let response = ask("GET", Script { headers: gzip, body: Content::Bytes(100_000), ..Script::default() }).await;
    assert_eq!(&response.headers()["content-encoding"], "gzip");
    assert!(response.bytes().await.unwrap() == pattern(0, 100_000), "the compressed body differs");
}

#[test]
fn status_texts_are_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let upstream = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        assert!(connection.read(&mut buffer).unwrap() > 0);
        connection.write_all(b"HTTP/1.1 299 Fine By Me\r\nContent-Length: 2\r\n\r\nok").unwrap();
    });
    let world = World::with(|topology| topology["clusters"][0]["url"] = json!(url), &[]);
    let response = world.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    upstream.join().unwrap();
    assert!(response.starts_with("HTTP/1.1 299 Fine By Me\r\n"), "{response}");
}

#[tokio::test]
async fn an_unreachable_cluster_is_502() {
    // A port on which nobody listens any more.
    let dead = Cluster::start("dead", None).unwrap().url();
    let change = |topology: &mut Value| {
        topology["clusters"][1]["url"] = json!(dead);
        topology["retry"] = json!({ "max_attempts": 1 });
    };
    let world = World::with(change, &[]);
    let read = world.from(FRANKFURT, "GET", "/v1/secret").send().await.unwrap();
    assert_eq!(read.status(), 502);
    assert_route(&read, "eu-central", "nearest");
    assert_eq!(&read.headers()["retry-after"], "5");
    let problem = problem(read).await;
    assert_eq!((&problem["title"], &problem["reason"]), (&json!("Bad Gateway"), &json!("upstream-failed")));
    let text = format!("{problem:?}");
    assert!(!text.contains("eu-central") && !text.contains("127.0.0.1"), "{text} names the cluster");
    assert!(
        world.workerd.log().contains(r#""event":"upstream-error","cluster":"eu-central""#),
        "{}",
        world.workerd.log()
    );

    let world = World::with(|topology| topology["clusters"][0]["url"] = json!(dead), &[]);
    let write = world.from(FRANKFURT, "POST", "/v1/secret").body("x").send().await.unwrap();
    assert_eq!(write.status(), 502);
    assert!(!write.headers().contains_key("retry-after"), "a write that may have been done is not to be repeated");
    assert_eq!(world.counts(), [0, 0, 0, 0], "nobody else got it");
}

#[tokio::test]
async fn what_the_network_answers_for_a_cluster_is_a_failure() {
    let world = World::start();
    for (status, expected) in [(520, 502), (521, 502), (522, 504), (523, 502), (524, 504), (525, 502), (526, 502)] {
        let script = Script { status, ..Script::default() };
        let read = world.from(FRANKFURT, "GET", "/").script(&script).send().await.unwrap();
        assert_eq!(read.status(), expected, "{status}");
        assert_eq!(problem(read).await["status"], expected, "{status}");
    }
}

#[tokio::test]
async fn a_silent_cluster_is_504() {
    let once = |topology: &mut Value| topology["retry"] = json!({ "max_attempts": 1 });
    let world = World::with(once, &[("UPSTREAM_TIMEOUT_MS", "400")]);
    let hang = Script { hang: true, ..Script::default() };
    let started = Instant::now();
    let read = world.from(FRANKFURT, "GET", "/").script(&hang).send().await.unwrap();
    let waited = started.elapsed();
    assert!(waited >= Duration::from_millis(400) && waited < Duration::from_secs(10), "after {waited:?}");
    assert_eq!((read.status().as_u16(), &read.headers()["retry-after"]), (504, &"5".parse().unwrap()));
    assert_eq!(problem(read).await["reason"], "upstream-timeout");

    let write = world.from(FRANKFURT, "POST", "/").script(&hang).body("x").send().await.unwrap();
    assert_eq!(write.status(), 504);
    assert!(!write.headers().contains_key("retry-after"));
    assert_eq!(world.counts(), [1, 1, 0, 0], "each was sent once");

    let late = Script { delay_ms: 200, ..Script::default() };
    let response = world.from(FRANKFURT, "GET", "/").script(&late).send().await.unwrap();
    assert_eq!(response.status(), 200, "late, but in time");
}

#[tokio::test]
async fn the_time_limit_ends_with_the_first_byte_and_spares_uploads() {
    let world = World::with(|_| {}, &[("UPSTREAM_TIMEOUT_MS", "400")]);
    let drip = Script { body: Content::Drip { bytes: 12, pause_ms: 100 }, ..Script::default() };
    let started = Instant::now();
    let response = world.from(FRANKFURT, "GET", "/").script(&drip).send().await.unwrap();
    assert_eq!(response.bytes().await.unwrap(), pattern(0, 12));
    assert!(started.elapsed() >= Duration::from_millis(1200), "it was to take three times the limit");

    let pieces = futures_util::stream::unfold(0, |sent| async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        (sent < 12).then_some((Ok::<_, std::io::Error>(vec![sent]), sent + 1))
    });
    let digest = Script { body: Content::Digest, ..Script::default() };
    let upload = world.from(FRANKFURT, "PUT", "/").script(&digest).body(Body::wrap_stream(pieces));
    let arrived: BodyDigest = serde_json::from_str(&upload.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(arrived.bytes, 12);
}

#[test]
fn denied_paths_reach_no_cluster_in_any_disguise() {
    let world = World::with(|topology| topology["deny"] = json!(["/v1/sys/seal", "/admin/*"]), &[]);
    for target in [
        "/v1/sys/seal",
        "/v1/sys/seal?x=/v1/secret",
        "/v1/sys/seal/",
        "//v1/sys/seal",
        "/v1//sys/seal",
        "/v1/./sys/seal",
        "/v1/x/../sys/seal",
        "/v1/x/%2e%2e/sys/seal",
        "/v1/x/%2E./sys/seal",
        "/v1/sys/%73eal",
        "/v1/sys%2fseal",
        "/v1/sys%252Fseal",
        "/v1/sys/%2573eal",
        "/v1\\sys\\seal",
        "/v1/sys%5cseal",
        "/v1/sys/seal;x",
        "/v1/x/..;/sys/seal",
        "/v1/sys/seal#x",
        "/admin",
        "/admin/users",
        "/x/..%2fadmin/users",
    ] {
        for method in ["GET", "PUT"] {
            let response = world.raw(&format!("{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
            assert!(response.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{method} {target}: {response}");
            assert!(response.contains("application/problem+json") && response.contains("denied-path"), "{response}");
        }
    }
    assert_eq!(world.counts(), [0, 0, 0, 0]);
    for target in ["/v1/sys/seal-status", "/v1/sys", "/v1/x?p=/v1/sys/seal", "/administrator"] {
        let response = world.raw(&format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {response}");
    }
    assert_eq!(world.counts(), [4, 0, 0, 0]);
}

#[test]
fn the_path_goes_on_as_it_came() {
    let world = World::start();
    for target in [
        "/v1/a%2Fb",
        "/v1//c",
        "/v1/%7euser/%E4%F6",
        "/v1/x;y=1",
        "/?",
        "/v1/*",
        "/%",
        "/a?b=%2F..%2f&c=?d",
        "/a/..%2fb",
    ] {
        let response = world.raw(&format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {response}");
        assert_eq!(world.clusters[0].received().pop().unwrap().target, target);
    }
}

#[test]
fn a_client_cannot_name_another_host() {
    let other = Cluster::start("other", None).unwrap();
    let authority = other.url().replace("http://", "");
    let world = World::start();
    for request in [
        format!("GET / HTTP/1.1\r\nHost: {authority}"),
        format!("GET http://{authority}/ HTTP/1.1\r\nHost: {authority}"),
        format!("GET http://{authority}/ HTTP/1.1\r\nHost: x"),
        format!("GET //{authority}/ HTTP/1.1\r\nHost: x"),
        format!("GET /\\{authority}/ HTTP/1.1\r\nHost: x"),
        format!("GET /@{authority}/ HTTP/1.1\r\nHost: x"),
        format!("GET / HTTP/1.1\r\nHost: user@{authority}"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: {authority}\r\nForwarded: host={authority}"),
    ] {
        let response = world.raw(&format!("{request}\r\n\r\n"));
        // Some of these the runtime itself refuses, before the worker sees them; none may come from the other host.
        let is_refused = ["HTTP/1.1 400 ", "HTTP/1.1 500 "].iter().any(|status| response.starts_with(status));
        assert!(is_refused || response.contains("\"cluster\": \"us-east\""), "{request}: {response}");
    }
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn an_invalid_configuration_is_500_and_only_the_log_says_why() {
    let two_primaries = json!({ "version": 1, "clusters": [
        { "id": "us-east", "role": "primary", "url": "https://hidden-us.example.com", "latitude": 38.95, "longitude": -77.45 },
        { "id": "eu-west", "role": "primary", "url": "https://hidden-eu.example.com", "latitude": 91, "longitude": -6.26 } ] });
    let secret = json!({ "version": 1, "clusters": [
        { "id": "us-east", "role": "primary", "url": "https://hidden-us.example.com", "latitude": 38.95, "longitude": -77.45,
          "headers": { "X-Key": "$HIDDEN_KEY" } } ] });
    let valid = demo::topology(["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"]);
    let (two_primaries, secret, valid) = (two_primaries.to_string(), secret.to_string(), valid.to_string());
    /// Variables, and the lines of the log about them.
    type Case<'c> = (&'c [(&'c str, &'c str)], &'c [&'c str]);
    let cases: [Case; 6] = [
        (
            &[("TOPOLOGY", &two_primaries)],
            &["clusters[1].latitude: 91 is out of range", "clusters[1].role: clusters[0] is the primary already"],
        ),
        (&[("TOPOLOGY", "{ \"version\": 1,")], &["line 1, column 15: not JSON"]),
        (&[], &["the variable TOPOLOGY is missing"]),
        (&[("TOPOLOGY", &secret)], &["the value of header X-Key is the secret HIDDEN_KEY, which is not set"]),
        (
            &[("TOPOLOGY", &secret), ("HIDDEN_KEY", "two\nlines")],
            &["the secret HIDDEN_KEY cannot be the value of a header"],
        ),
        (&[("TOPOLOGY", &valid), ("UPSTREAM_TIMEOUT_MS", "soon")], &["UPSTREAM_TIMEOUT_MS: a whole number"]),
    ];
    for (variables, logged) in cases {
        let workerd = start(own(variables));
        for _ in 0..2 {
            let response = client().get(format!("{}/v1/secret", workerd.url())).send().await.unwrap();
            assert_eq!(response.status(), 500);
            assert!(!response.headers().contains_key("x-headroom-cluster"));
            let problem = problem(response).await;
            assert_eq!(problem["reason"], "invalid-configuration");
            assert_eq!(problem["detail"], "The router's configuration is invalid.");
        }
        for line in logged {
            assert_eq!(workerd.log().matches(line).count(), 1, "{line} in {}", workerd.log());
        }
        let health = client().get(format!("{}/_headroom/healthz", workerd.url())).send().await.unwrap();
        assert_eq!(health.status(), 200, "the worker itself is alive");
    }
}

#[tokio::test]
async fn the_routers_own_paths_reach_no_cluster() {
    let world = World::start();
    let health = world.from(FRANKFURT, "GET", "/_headroom/healthz").send().await.unwrap();
    assert_eq!((health.status().as_u16(), health.text().await.unwrap()), (200, "ok\n".to_owned()));
    for (method, target) in [
        ("GET", "/_headroom"),
        ("GET", "/_headroom/"),
        ("GET", "/_headroom/status"),
        ("GET", "/_headroom/healthz/x"),
        ("POST", "/_headroom/promote"),
    ] {
        let response = world.from(FRANKFURT, method, target).send().await.unwrap();
        assert_eq!(response.status(), 404, "{method} {target}");
        assert_eq!(problem(response).await["reason"], "not-found");
    }
    let response = world.from(FRANKFURT, "POST", "/_headroom/healthz").send().await.unwrap();
    assert_eq!((response.status().as_u16(), &problem(response).await["reason"]), (405, &json!("method-not-allowed")));
    assert_eq!(world.counts(), [0, 0, 0, 0]);
    let response = world.from(FRANKFURT, "GET", "/_headroomy").send().await.unwrap();
    assert_route(&response, "eu-central", "nearest");
}

#[test]
fn the_configurations_that_are_shipped_are_valid() {
    let text = std::fs::read_to_string(paths::worker().join("wrangler.toml")).unwrap();
    let wrangler: toml::Table = toml::from_str(&text).unwrap();
    let topology = |vars: &toml::Value| vars["TOPOLOGY"].as_str().unwrap().to_owned();
    assert_ne!(wrangler["name"], wrangler["env"]["production"]["name"], "development must not replace production");
    let development = topology(&wrangler["vars"]);
    let production = topology(&wrangler["env"]["production"]["vars"]);
    // The demo's clusters look at no token, so what the warning says of tokens does not concern them.
    for (text, warnings) in [(&development, &[TopologyWarning::SplitWithVaultDialect][..]), (&production, &[])] {
        let topology = Topology::parse(text).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(topology.warnings(), warnings);
    }
    let urls = SITES.map(|site| format!("http://127.0.0.1:{}", site.port));
    let demo = demo::topology(urls.iter().map(String::as_str));
    assert_eq!(serde_json::from_str::<Value>(&development).unwrap(), demo, "development is the demo");
}
