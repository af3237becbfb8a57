//! What a client, or a cluster, may try to make the router do: go elsewhere, go in circles, say too much, keep things.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::observe::failing;
use tests::router::{Scripted, World};
use tests::traffic::{Manner, Upstream, Wire, header, problem_reason, report, route};
use xtask::cluster::{Cluster, Condition, Content, Script};
use xtask::demo::FRANKFURT;

/// The value of a header of a bare request.
fn value(request: &str, name: &str) -> Option<String> {
    request.lines().find_map(|line| {
        let (other, value) = line.split_once(':')?;
        other.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

#[test]
fn headers_of_the_connection_stay_on_it() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close, x-of-connection\r\nX-Of-Connection: 1\r\n\
                  Keep-Alive: timeout=5\r\nProxy-Connection: close\r\nX-Kept: 1\r\n\r\nok";
    let upstream = Upstream::start(Manner::Answer(answer.as_bytes().to_vec()));
    let world = World::with(|topology| topology["clusters"][0]["url"] = json!(upstream.url()), &[]);
    let response = world.raw(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, X-Of-Connection, te\r\nX-Of-Connection: 1\r\nTE: trailers\r\n\
         Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nX-Kept: 1\r\n\r\n",
    );
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    let request = upstream.requests().pop().unwrap();
    for name in ["te", "keep-alive", "upgrade", "proxy-connection", "proxy-authorization", "http2-settings"] {
        assert_eq!(value(&request, name), None, "{name} is of the connection to the router\n{request}");
    }
    // Which others are of the connection the platform knows, and no worker hears of it.
    assert_ne!(value(&request, "connection").as_deref(), Some("keep-alive, X-Of-Connection, te"));
    assert_eq!(value(&request, "x-kept").as_deref(), Some("1"));
    for name in ["keep-alive", "proxy-connection"] {
        assert_eq!(value(&response, name), None, "{name} is of the connection to the cluster\n{response}");
    }
    assert_eq!(value(&response, "x-kept").as_deref(), Some("1"));
}

#[tokio::test]
async fn nobody_else_speaks_for_the_router() {
    let names =
        ["x-headroom-cluster", "X-Headroom-Reason", "x-headroom-a", "x-headroom-b", "x-headroom-c", "x-headroom-"];
    let forged =
        Script { headers: names.map(|name| (name.to_lowercase(), "forged".to_owned())).to_vec(), ..Script::default() };
    for expose in [true, false] {
        let world = World::with(|topology| topology["headers"] = json!({ "expose": expose }), &[]);
        for script in [&forged, &Script::default()] {
            let request = names.iter().fold(world.from(FRANKFURT, "GET", "/").script(script), |request, name| {
                request.header(*name, "forged")
            });
            let response = request.send().await.unwrap();
            let own: Vec<_> =
                response.headers().keys().filter(|name| name.as_str().starts_with("x-headroom")).collect();
            let expected: &[&str] = if expose { &["x-headroom-cluster", "x-headroom-reason"] } else { &[] };
            assert!(
                own.len() == expected.len() && expected.iter().all(|name| own.iter().any(|own| own == name)),
                "{own:?}"
            );
            if expose {
                assert_eq!(route(&response), ("eu-central".to_owned(), "nearest".to_owned()));
            }
            let received = report(response).await;
            assert!(!received.headers.iter().any(|(_, value)| value == "forged"), "{received:?}");
        }
    }
}

#[test]
fn requests_go_to_the_configured_origins_and_nowhere_else() {
    let evil = Cluster::start("evil", None).unwrap();
    let authority = evil.url().replace("http://", "");
    let port = authority.split_once(':').unwrap().1.to_owned();
    let world = World::start();
    let own = world.clusters[0].url().replace("http://", "");
    let mut served = 0;
    for (line, host, more) in [
        ("GET /".to_owned(), authority.clone(), ""),
        (format!("GET http://{authority}/"), authority.clone(), ""),
        (format!("GET http://{authority}/"), "x".to_owned(), ""),
        (format!("GET https://{authority}/"), "x".to_owned(), ""),
        (format!("GET //{authority}/"), "x".to_owned(), ""),
        (format!("GET ///{authority}/"), "x".to_owned(), ""),
        (format!("GET /\\{authority}/"), "x".to_owned(), ""),
        (format!("GET \\\\{authority}\\"), "x".to_owned(), ""),
        (format!("GET /@{authority}/"), "x".to_owned(), ""),
        (format!("GET @{authority}/"), "x".to_owned(), ""),
        (format!("GET :{port}/"), "x".to_owned(), ""),
        (format!("GET .{authority}/"), "x".to_owned(), ""),
        (format!("GET {authority}"), "x".to_owned(), ""),
        (format!("GET http://x@{authority}/"), "x".to_owned(), ""),
        (format!("GET http://x/\\@{authority}/"), "x".to_owned(), ""),
        (format!("GET /?http://{authority}/"), "x".to_owned(), ""),
        (format!("GET /#@{authority}/"), "x".to_owned(), ""),
        (format!("GET /%2f%2f{authority}/"), "x".to_owned(), ""),
        (format!("CONNECT {authority}"), authority.clone(), ""),
        ("GET /".to_owned(), format!("x@{authority}"), ""),
        ("GET /".to_owned(), format!("x/@{authority}"), ""),
        ("GET /".to_owned(), format!("x#@{authority}"), ""),
        ("GET /".to_owned(), String::new(), ""),
        (
            "GET /".to_owned(),
            "x".to_owned(),
            "X-Forwarded-Host: HOST\r\nForwarded: host=HOST\r\nX-Original-URL: //HOST/\r\n",
        ),
        ("GET /".to_owned(), "x".to_owned(), "Host: HOST\r\n"),
    ] {
        let before = world.counts()[0];
        let more = more.replace("HOST", &authority);
        let mut client = Wire::open(world.workerd.address());
        client.send(format!("{line} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n"));
        client.expect("\r\n\r\n");
        let status = client.text()[..12].to_owned();
        let note = format!("{line}, host {host}, {more}: {}", client.text());
        if status == "HTTP/1.1 200" {
            served += 1;
            let received = world.clusters[0].received().pop().unwrap();
            assert_eq!(world.counts()[0], before + 1, "{note}");
            assert_eq!(received.header("host"), Some(own.as_str()), "{note}");
        } else {
            // The runtime refuses some by itself, and what is in no form of a request it cannot hand to a worker.
            assert!(["HTTP/1.1 400", "HTTP/1.1 500", "HTTP/1.1 501"].contains(&status.as_str()), "{note}");
        }
    }
    assert_eq!(evil.count(), 0);
    assert!(served >= 8, "{served} were served by the cluster they were to go to");
}

#[tokio::test]
async fn a_router_in_front_of_itself_notices() {
    let mut world =
        World::plan().rules(&json!({ "health": { "dialect": "http", "interval_ms": 3_600_000 } })).admin().start();
    let own = world.workerd.url();
    world.redeploy(|topology| {
        topology["clusters"][0]["url"] = json!(own);
        topology["clusters"].as_array_mut().unwrap().truncate(1);
    });
    for hops in ["", "0", "-1", "1e9", "garbage", "1, 1", "99999999999999999999"] {
        for method in ["GET", "POST"] {
            let started = Instant::now();
            let mut request = world.from(FRANKFURT, method, "/");
            if !hops.is_empty() {
                request = request.header("x-headroom-hop", hops);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 508, "{method}, hops {hops:?}: {response:?}");
            assert_eq!(problem_reason(response).await, "loop-detected");
            assert!(started.elapsed() < Duration::from_secs(10), "{method} {hops}");
        }
    }
    let status = world.status().await;
    assert_eq!(status["isolate"]["in_flight"], 0, "{status}");
}

#[tokio::test]
async fn what_comes_back_from_workers_goes_round_a_few_times_at_most() {
    let world = World::start();
    // The platform marks what a worker sends; so does the router, where it sends on what one sent.
    for (hops, expected) in
        [(None, Some("1")), (Some("1"), Some("2")), (Some("3"), Some("4")), (Some("4"), None), (Some("99"), None)]
    {
        let mut request = world.from(FRANKFURT, "GET", "/").header("cf-worker", "example.com");
        if let Some(hops) = hops {
            request = request.header("x-headroom-hop", hops);
        }
        let before = world.counts();
        let response = request.send().await.unwrap();
        match expected {
            Some(expected) => {
                assert_eq!(response.status(), 200, "{hops:?}");
                assert_eq!(report(response).await.header("x-headroom-hop"), Some(expected));
            }
            None => {
                assert_eq!(response.status(), 508, "{hops:?}");
                assert_eq!((problem_reason(response).await.as_str(), world.counts()), ("loop-detected", before));
            }
        }
    }
}

#[tokio::test]
async fn no_client_can_make_a_cluster_look_bad() {
    let world = World::plan().admin().start();
    let digest = serde_json::to_string(&Script { body: Content::Digest, ..Script::default() }).unwrap();
    let arrived = |bytes: usize| format!("\"bytes\": {bytes}");
    for (request, expected, why) in [
        ("GET / HTTP/1.1\r\nContent-Length: 0\r\n", arrived(0), "a GET with a length"),
        ("GET / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", arrived(4), "a GET with a body"),
        ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", arrived(4), "one in chunks"),
        ("OPTIONS / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", arrived(4), "an OPTIONS with a body"),
        ("TRACE / HTTP/1.1\r\n", arrived(0), "a method that no script may send"),
        ("POST / HTTP/1.1\r\nContent-Length: 0\r\n", arrived(0), "a POST without a body"),
        ("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody", arrived(4), "an expectation"),
        ("GET / HTTP/1.1\r\nExpect: 100-continue\r\n", arrived(0), "one without a body"),
        ("GET / HTTP/1.1\r\nExpect: the impossible\r\n", arrived(0), "one that nobody knows"),
        ("GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n", arrived(0), "an upgrade to HTTP/2"),
        (
            "POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody",
            arrived(4),
            "of a POST",
        ),
        ("GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: nonsense\r\n", arrived(0), "to nothing"),
        ("POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbody", arrived(4), "no gzip at all"),
        ("GET / HTTP/1.1\r\nRange: bytes=9-1\r\nIf-Modified-Since: never\r\nAccept: \u{e9}\r\n", arrived(0), "garbage"),
    ] {
        let (line, rest) = request.split_once("\r\n").unwrap();
        let request = format!("{line}\r\nHost: x\r\ndemo-response: {digest}\r\n{rest}\r\n");
        for _ in 0..6 {
            let response = world.raw(&request);
            assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.contains(&expected), "{why}: {response}");
        }
    }
    for _ in 0..6 {
        let mut client = Wire::open(world.workerd.address());
        client.send("HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
        client.expect("\r\n\r\n");
        assert!(client.text().starts_with("HTTP/1.1 200 OK\r\n"), "a HEAD with a body: {}", client.text());
    }
    let status = world.status().await;
    for cluster in status["isolate"]["clusters"].as_array().unwrap() {
        assert_eq!(cluster["breaker"], "closed", "{status}");
    }
}

#[tokio::test]
async fn addresses_and_headers_have_limits() {
    let world = World::start();
    let ask = async |length: usize, header: usize| {
        let path = format!("/{}", "a".repeat(length));
        let request = world.from(FRANKFURT, "GET", &path).header("x-long", "b".repeat(header));
        request.send().await.unwrap()
    };
    assert_eq!(ask(16_000, 0).await.status(), 200, "within the limit");
    let query = format!("/?{}", "a".repeat(16_000));
    assert_eq!(world.from(FRANKFURT, "GET", &query).send().await.unwrap().status(), 200);
    for target in [format!("/{}", "a".repeat(17_000)), format!("/?{}", "%41".repeat(6_000))] {
        let response = world.from(FRANKFURT, "GET", &target).send().await.unwrap();
        assert_eq!(response.status(), 414);
        assert_eq!(problem_reason(response).await, "uri-too-long");
    }
    assert_eq!(ask(1, 60_000).await.status(), 200, "headers within the limit");
    // More than that the runtime refuses before any worker sees it.
    let before = world.counts();
    assert_eq!(ask(1, 200_000).await.status(), 431, "headers beyond it");
    assert_eq!(world.counts(), before);
}

#[test]
fn bytes_that_no_request_has_reach_no_cluster() {
    let world = World::start();
    for (request, why) in [
        ("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", "NUL in the path"),
        ("GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n", "NUL in a header"),
        ("GET / HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n", "a bare CR in a header"),
        ("GET / HTTP/1.1\r\nHost: x\r\n X-Folded: a\r\n\r\n", "a folded line"),
        ("GET / HTTP/1.1\r\nHost: x\r\nX A: a\r\n\r\n", "a space in a name"),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "two lengths"),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "a negative length"),
        ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", "smuggling"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "an unknown encoding"),
        ("LIST /v1/secret HTTP/1.1\r\nHost: x\r\n\r\n", "a method that the runtime does not know"),
        ("garbage\r\n\r\n", "no request"),
    ] {
        let mut client = Wire::open(world.workerd.address());
        client.send(request);
        let answer = client.read_for(Duration::from_millis(300));
        let status = answer.get(..12).unwrap_or_default();
        let received = world.clusters[0].received();
        // What is refused is refused by the runtime; what it repairs arrives repaired.
        if status == "HTTP/1.1 200" {
            let received = received.last().unwrap();
            let is_clean = |text: &str| !text.contains(['\0', '\r', '\n']);
            assert!(received.headers.iter().all(|(_, value)| is_clean(value)) && is_clean(&received.target), "{why}");
        } else {
            assert!(["HTTP/1.1 400", "HTTP/1.1 501", "HTTP/1.1 500", ""].contains(&status), "{why}: {answer}");
        }
    }
    // Escaped, they are part of a path like any other.
    let response = world.raw("GET /a%0d%0aX-Injected:%201%00 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    let received = world.clusters[0].received().pop().unwrap();
    assert_eq!((received.target.as_str(), received.header("x-injected")), ("/a%0d%0aX-Injected:%201%00", None));
}

#[tokio::test]
async fn a_location_at_the_clusters_own_origin_is_the_routers() {
    let world = World::start();
    let origin = world.clusters[1].url();
    let other = world.clusters[0].url();
    let router = world.workerd.url();
    let ask = async |status: u16, location: &str| {
        let headers = vec![("location".to_owned(), location.to_owned())];
        let script = Script { status, headers, body: Content::Empty, ..Script::default() };
        let response = world.from(FRANKFURT, "GET", "/").script(&script).send().await.unwrap();
        assert_eq!(response.status(), status);
        header(&response, "location")
    };
    for (location, expected, why) in [
        (origin.clone(), router.clone(), "the bare origin"),
        (format!("{origin}/"), format!("{router}/"), "its root"),
        (format!("{origin}/a?b=c#d"), format!("{router}/a?b=c#d"), "a path below it"),
        (format!("{origin}?a"), format!("{router}/?a"), "a query"),
        (format!("{origin}#a"), format!("{router}/#a"), "a fragment"),
        (format!("{}/a", origin.to_uppercase()), format!("{router}/a"), "in capitals"),
        (format!("{origin}.evil.example/"), format!("{origin}.evil.example/"), "a longer host"),
        (format!("{origin}0/"), format!("{origin}0/"), "another port"),
        (format!("{origin}@evil.example/"), format!("{origin}@evil.example/"), "a user of that name"),
        (format!("{origin}\\a"), format!("{router}/a"), "a backslash, which clients take for a slash"),
        (format!("{other}/a"), format!("{other}/a"), "another cluster's"),
        ("https://login.example.com/".to_owned(), "https://login.example.com/".to_owned(), "elsewhere"),
        (format!("https://evil.example/{origin}/"), format!("https://evil.example/{origin}/"), "it is in the path"),
        ("/relative".to_owned(), "/relative".to_owned(), "relative"),
        ("../relative?x".to_owned(), "../relative?x".to_owned(), "relative"),
        ("".to_owned(), "".to_owned(), "empty"),
    ] {
        for status in [201, 301, 302, 303, 307, 308] {
            assert_eq!(ask(status, &location).await, expected, "{status} {location}: {why}");
        }
    }
    for status in [200, 202, 404, 503] {
        assert_eq!(ask(status, &format!("{origin}/a")).await, format!("{origin}/a"), "{status} is no redirect");
    }
}

#[tokio::test]
async fn what_the_router_says_itself_names_no_upstream() {
    let rules = json!({ "deny": ["/denied"], "headers": { "expose": false }, "retry": { "max_attempts": 1 },
                        "bulkheads": [{ "path": "/slow", "max_in_flight": 1 }] });
    let world = World::plan().rules(&rules).variable("UPSTREAM_TIMEOUT_MS", "1000").start();
    let hang = Script { hang: true, ..Script::default() };
    let ask = async |method: &str, target: &str| world.from(FRANKFURT, method, target).send().await.unwrap();
    let mut answers = vec![
        (403, ask("GET", "/denied").await),
        (404, ask("GET", "/_headroom/status").await),
        (414, ask("GET", &format!("/{}", "a".repeat(17_000))).await),
    ];
    let (silent, full) = tokio::join!(world.from(FRANKFURT, "GET", "/slow").script(&hang).send(), async {
        world.until("the first has arrived", async || world.clusters[1].count() == 1).await;
        ask("GET", "/slow").await
    });
    answers.extend([(504, silent.unwrap()), (503, full)]);
    world.clusters[0].set(Condition::Killed).unwrap();
    world.clusters[1].set(failing(521, "upstream eu-central")).unwrap();
    answers.extend([(502, ask("POST", "/").await), (502, ask("GET", "/").await)]);
    let secrets: Vec<String> = world
        .clusters
        .iter()
        .flat_map(|cluster| [cluster.id().to_owned(), cluster.url().replace("http://", "")])
        .chain(["127.0.0.1".to_owned(), "workerd".to_owned()])
        .collect();
    for (status, response) in answers {
        assert_eq!(response.status(), status);
        assert_eq!(header(&response, "content-type"), "application/problem+json");
        let headers = format!("{:?}", response.headers()).to_lowercase();
        let text = response.text().await.unwrap();
        for secret in &secrets {
            assert!(!headers.contains(secret) && !text.contains(secret), "{status}: {secret} in {headers} {text}");
        }
    }
}

#[tokio::test]
async fn nothing_is_kept_for_the_next_client() {
    let world = World::start();
    let headers: [(&str, &str); 4] = [
        ("cache-control", "public, max-age=3600, immutable"),
        ("etag", "\"v1\""),
        ("expires", "Thu, 31 Dec 2099 23:59:59 GMT"),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let script = Script { headers: headers.clone(), ..Script::default() };
    for number in 1..=3 {
        let response = world.from(FRANKFURT, "GET", "/cached").script(&script).send().await.unwrap();
        for (name, value) in &headers {
            assert_eq!(header(&response, name), *value);
        }
        let received = report(response).await;
        assert_eq!(received.header("if-none-match"), None);
        assert_eq!(world.counts(), [0, number, 0, 0], "each arrives");
    }
    let asked = world.from(FRANKFURT, "GET", "/cached").header("cache-control", "max-age=9").send().await.unwrap();
    assert_eq!(report(asked).await.header("cache-control"), Some("max-age=9"), "the client's own word passes");
}

#[test]
fn the_shape_of_a_topology_does_not_show() {
    // Whoever guesses at the router's own paths finds the same at all of them.
    let world = World::start();
    let ask = |path: &str| {
        let response = world.raw(&format!("GET /_headroom{path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), serde_json::from_str::<Value>(body).unwrap()["reason"].clone())
    };
    let expected = ("HTTP/1.1 404 Not Found".to_owned(), json!("not-found"));
    for path in ["", "/", "/status", "/metrics", "/explain?path=/", "/promote", "/x", "/status/", "/%73tatus"] {
        assert_eq!(ask(path), expected, "{path}");
    }
}
