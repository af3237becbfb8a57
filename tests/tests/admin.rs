//! The router's own paths: who may see them, what they say, and what the router writes down.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tests::observe::failing;
use tests::router::{Plan, Scripted, World, client, own, start};
use tests::traffic::{header, problem_reason};
use xtask::cluster::{Condition, Content, Script};
use xtask::demo::{self, ADMIN_TOKEN, FRANKFURT};

/// With an isolate that tells the health object what it counted as often as it may.
fn plan() -> Plan {
    World::plan().admin().rules(&json!({
        "health": { "dialect": "vault", "interval_ms": 1_000 },
        "breaker": { "failures": 10_000 },
        "deny": ["/v1/sys/seal"],
        "bulkheads": [{ "path": "/slow/*", "max_in_flight": 7 }] }))
}

#[tokio::test]
async fn only_the_token_opens_the_admin_pages() {
    let world = plan().start();
    let pages = [
        ("GET", ""),
        ("GET", "/status"),
        ("GET", "/metrics"),
        ("GET", "/explain?path=/"),
        ("POST", "/drain"),
        ("GET", "/x"),
    ];
    let long = "d".repeat(8_000);
    let refused = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(ADMIN_TOKEN.to_owned()),
        Some("Bearer wrong".to_owned()),
        Some("Bearer dem".to_owned()),
        Some("Bearer demodemo".to_owned()),
        Some("Bearer DEMO".to_owned()),
        Some("Bearer demo\u{e9}".to_owned()),
        Some(format!("Bearer {long}")),
        Some(format!("Token {ADMIN_TOKEN}")),
        Some("Basic".to_owned()),
        Some("Basic !!!".to_owned()),
        Some(format!("Basic {}", BASE64_STANDARD.encode(ADMIN_TOKEN))),
        Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{ADMIN_TOKEN}:")))),
        Some(format!("Basic {}", BASE64_STANDARD.encode("anna:wrong"))),
        Some(format!("Basic {}", BASE64_STANDARD.encode(format!("anna:{ADMIN_TOKEN}:")))),
        Some(format!("Basic {}", BASE64_STANDARD.encode(format!("anna:{long}")))),
    ];
    for credentials in refused {
        for (method, page) in pages {
            let mut request = world.from_nowhere(method, &format!("/_headroom{page}"));
            if let Some(credentials) = &credentials {
                request = request.header("authorization", HeaderValue::from_bytes(credentials.as_bytes()).unwrap());
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 401, "{method} {page} with {credentials:?}");
            assert!(header(&response, "www-authenticate").contains("realm=\"headroom\""), "{response:?}");
            assert_eq!(problem_reason(response).await, "unauthorized");
        }
    }
    for credentials in [
        format!("Bearer {ADMIN_TOKEN}"),
        format!("bearer  {ADMIN_TOKEN} "),
        format!("Basic {}", BASE64_STANDARD.encode(format!("anna:{ADMIN_TOKEN}"))),
        format!("basic {}", BASE64_STANDARD.encode(format!(":{ADMIN_TOKEN}"))),
    ] {
        let request = world.from_nowhere("GET", "/_headroom/status").header("authorization", &credentials);
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), header(&response, "cache-control").as_str()),
            (200, "no-store"),
            "{credentials}"
        );
    }
    assert_eq!(world.counts(), [0, 0, 0, 0], "none of them is a cluster's");
}

#[tokio::test]
async fn without_a_token_there_are_no_admin_pages() {
    for world in [World::start(), World::plan().variable("ADMIN_TOKEN", "").start()] {
        for credentials in ["", "Bearer ", "Bearer undefined", "Bearer demo", "Basic Og=="] {
            for page in ["status", "metrics", "explain?path=/", "promote"] {
                let request = world.from_nowhere("GET", &format!("/_headroom/{page}"));
                let response = request.header("authorization", credentials).send().await.unwrap();
                assert_eq!(response.status(), 404, "{page} with {credentials:?}");
                assert_eq!(problem_reason(response).await, "not-found");
            }
        }
        let health = world.from_nowhere("GET", "/_headroom/healthz").send().await.unwrap();
        assert_eq!((health.status().as_u16(), health.text().await.unwrap()), (200, "ok\n".to_owned()));
    }
}

#[tokio::test]
async fn every_page_has_its_methods() {
    let world = plan().start();
    for (page, methods) in [
        ("healthz", &["GET", "HEAD"][..]),
        ("", &["GET", "HEAD"]),
        ("status", &["GET", "HEAD"]),
        ("metrics", &["GET", "HEAD"]),
        ("explain?path=/", &["GET", "HEAD"]),
        ("promote", &["POST"]),
        ("readmit", &["POST"]),
        ("drain", &["POST"]),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PROPFIND"] {
            let response = world.admin(method, page).send().await.unwrap();
            let is_allowed = methods.contains(&method);
            // What is wanted of nothing is a bad request.
            let expected = if is_allowed && method == "POST" {
                400
            } else if is_allowed {
                200
            } else {
                405
            };
            assert_eq!(response.status(), expected, "{method} {page}");
            if !is_allowed && method != "HEAD" {
                assert_eq!(problem_reason(response).await, "method-not-allowed");
            }
        }
    }
    for page in ["x", "status/x", "Status", "metrics%2f"] {
        let response = world.admin("GET", page).send().await.unwrap();
        assert_eq!(response.status(), 404, "{page}");
    }
    assert_eq!(world.counts(), [0, 0, 0, 0]);
}

#[tokio::test]
async fn a_decision_is_explained_candidate_by_candidate() {
    let world = plan().start();
    let explain = async |query: &str| {
        let response = world.admin("GET", &format!("explain?{query}")).send().await.unwrap();
        assert_eq!(response.status(), 200, "{query}");
        serde_json::from_str::<Value>(&response.text().await.unwrap()).unwrap()
    };
    // The verdicts by cluster.
    let verdicts = |explanation: &Value| -> BTreeMap<String, String> {
        let text = |candidate: &Value, key: &str| candidate[key].as_str().unwrap().to_owned();
        let candidates = explanation["candidates"].as_array().unwrap();
        assert!(candidates.iter().all(|candidate| !text(candidate, "why").is_empty()), "{explanation}");
        candidates.iter().map(|candidate| (text(candidate, "cluster"), text(candidate, "verdict"))).collect()
    };
    let of =
        |rows: [(&str, &str); 4]| rows.map(|(id, verdict)| (id.to_owned(), verdict.to_owned())).into_iter().collect();
    let standby = ("us-west-dr", "not taken");

    let read = explain("method=GET&path=/v1/secret&lat=50.11&lon=8.68").await;
    assert_eq!(
        (&read["decision"], &read["cluster"], &read["reason"]),
        (&json!("forward"), &json!("eu-central"), &json!("nearest"))
    );
    assert_eq!((&read["operation"], &read["writer"]), (&json!("read"), &json!("us-east")));
    let expected: BTreeMap<_, _> =
        of([("eu-central", "chosen"), ("us-east", "fallback 1"), ("ap-southeast", "fallback 2"), standby]);
    assert_eq!(verdicts(&read), expected);
    let nearest = &read["candidates"][0];
    assert_eq!((&nearest["rank"], &nearest["standing"]), (&json!(1), &json!("usable")));
    assert!(nearest["distance_km"].as_f64().unwrap() < 10.0, "{nearest}");

    for (query, expected, why) in [
        ("path=/v1/secret&colo=SYD", ("forward", "ap-southeast", "nearest"), "a data centre; GET is what is not said"),
        ("path=/v1/secret&country=DE", ("forward", "eu-central", "nearest"), "a country"),
        ("path=/v1/secret&continent=OC", ("forward", "ap-southeast", "nearest"), "a continent"),
        ("path=/v1/secret", ("forward", "us-east", "nearest"), "nowhere"),
        ("path=/v1/secret&lat=91&lon=x", ("forward", "us-east", "nearest"), "no such place"),
        ("method=POST&path=/v1/secret&lat=50&lon=8", ("forward", "us-east", "write-primary"), "a write"),
        ("method=GET&path=/v1/database/creds/a&lat=50&lon=8", ("forward", "us-east", "write-primary"), "a rule"),
        ("method=POST&path=/v1/transit/encrypt/a&lat=50&lon=8", ("forward", "eu-central", "nearest"), "a rule"),
        ("method=LIST&path=/v1/secret&lat=50&lon=8", ("forward", "us-east", "write-primary"), "an unknown method"),
        ("path=/v1/sys/seal", ("deny", "", "denied-path"), "a denied path"),
        ("path=/v1/x/..%252fsys/seal", ("deny", "", "denied-path"), "in disguise"),
    ] {
        let explained = explain(query).await;
        let text = |key: &str| explained[key].as_str().unwrap_or_default();
        assert_eq!((text("decision"), text("cluster"), text("reason")), expected, "{query}: {why}");
        assert!(!text("detail").is_empty(), "{query}");
    }
    assert_eq!(explain("path=/slow/x").await["bulkhead"]["max_in_flight"], 7);
    for query in ["", "method=GET", "path=", "path=v1/secret", "path=http://x/"] {
        let response = world.admin("GET", &format!("explain?{query}")).send().await.unwrap();
        assert_eq!(response.status(), 400, "{query}");
        assert_eq!(problem_reason(response).await, "bad-request");
    }
    // What is explained is what happens.
    world.clusters[1].set(failing(503, "")).unwrap();
    world
        .until("the nearest is down", async || {
            explain("path=/&lat=50.11&lon=8.68").await["candidates"][0]["standing"] == "down"
        })
        .await;
    let explained = explain("path=/&lat=50.11&lon=8.68").await;
    assert_eq!((&explained["cluster"], &explained["reason"]), (&json!("us-east"), &json!("fallback-primary")));
    let before = world.counts();
    let response = world.from(FRANKFURT, "GET", "/").send().await.unwrap();
    assert_eq!(header(&response, "x-headroom-cluster"), "us-east");
    assert_eq!(world.counts().iter().sum::<u64>(), before.iter().sum::<u64>() + 1, "explaining sends nothing");
}

/// Samples of a text in Prometheus' format by name and labels, after checking its form.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut types = BTreeMap::new();
    let mut helped = BTreeSet::new();
    let mut samples = BTreeMap::new();
    assert!(text.ends_with('\n'), "the last line ends, too");
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(helped.insert(rest.split_once(' ').unwrap().0), "twice: {line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(types.insert(name, kind).is_none(), "twice: {line}");
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .filter_map(|suffix| name.strip_suffix(suffix))
                .find(|family| types.get(family) == Some(&"histogram"))
                .unwrap_or(name);
            assert!(types.contains_key(family) && helped.contains(family), "before its type and help: {line}");
            assert!(family.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
            if let Some((_, labels)) = series.split_once('{') {
                for label in labels.strip_suffix('}').unwrap().split(',') {
                    let (name, value) = label.split_once('=').unwrap();
                    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                    assert!(is_name && value.len() >= 2 && value.starts_with('"') && value.ends_with('"'), "{line}");
                }
            }
            let value: f64 = value.parse().unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(value.is_finite() && value >= 0.0, "{line}");
            assert!(samples.insert(series.to_owned(), value).is_none(), "twice: {line}");
        }
    }
    samples
}

#[tokio::test]
async fn metrics_count_what_was_sent() {
    let world = plan().variable("UPSTREAM_TIMEOUT_MS", "1000").start();
    let script = |status| Script { status, body: Content::Empty, ..Script::default() };
    let hang = Script { hang: true, ..Script::default() };
    let ask = async |method: &str, target: &str, script: &Script, times: usize| {
        for _ in 0..times {
            world.from(FRANKFURT, method, target).script(script).body("").send().await.unwrap();
        }
    };
    ask("GET", "/a", &script(200), 5).await;
    ask("GET", "/a", &script(404), 2).await;
    ask("GET", "/a", &script(302), 1).await;
    ask("POST", "/a", &script(201), 4).await;
    ask("POST", "/a", &script(500), 3).await;
    ask("POST", "/a", &script(521), 2).await;
    ask("POST", "/a", &hang, 1).await;
    ask("GET", "/v1/sys/seal", &script(200), 6).await;
    ask("GET", &format!("/{}", "a".repeat(17_000)), &script(200), 2).await;
    world.clusters[1].set_sparing_probes(failing(503, "")).unwrap();
    ask("GET", "/a", &script(200), 3).await;
    world.clusters[1].revive().unwrap();

    let request = |cluster: &str, reason: &str, class: &str| {
        format!("headroom_requests_total{{cluster=\"{cluster}\",reason=\"{reason}\",class=\"{class}\"}}")
    };
    let rejection = |reason: &str| format!("headroom_rejections_total{{reason=\"{reason}\"}}");
    let expected = BTreeMap::from([
        (request("eu-central", "nearest", "2xx"), 5.0),
        (request("eu-central", "nearest", "3xx"), 1.0),
        (request("eu-central", "nearest", "4xx"), 2.0),
        (request("eu-central", "nearest", "5xx"), 3.0),
        (request("us-east", "retry", "2xx"), 3.0),
        (request("us-east", "write-primary", "2xx"), 4.0),
        (request("us-east", "write-primary", "5xx"), 3.0),
        (request("us-east", "write-primary", "none"), 3.0),
        ("headroom_retries_total{cluster=\"us-east\"}".to_owned(), 3.0),
        ("headroom_retries_total{cluster=\"eu-central\"}".to_owned(), 0.0),
        (rejection("denied-path"), 6.0),
        (rejection("uri-too-long"), 2.0),
        (rejection("upstream-failed"), 2.0),
        (rejection("upstream-timeout"), 1.0),
        (rejection("bulkhead-full"), 0.0),
        ("headroom_upstream_seconds_count{cluster=\"eu-central\"}".to_owned(), 11.0),
        ("headroom_upstream_seconds_count{cluster=\"us-east\"}".to_owned(), 10.0),
        ("headroom_topology_valid".to_owned(), 1.0),
        ("headroom_cluster_writer{cluster=\"us-east\"}".to_owned(), 1.0),
        ("headroom_cluster_writer{cluster=\"us-west-dr\"}".to_owned(), 0.0),
        ("headroom_cluster_standby{cluster=\"us-west-dr\"}".to_owned(), 1.0),
        ("headroom_cluster_up{cluster=\"eu-central\"}".to_owned(), 1.0),
    ]);
    let mut metrics = BTreeMap::new();
    world
        .until("everything is counted", async || {
            metrics = samples(&world.metrics().await);
            let probed = metrics.get("headroom_probes_total{cluster=\"eu-central\",result=\"healthy\"}");
            let is_counted = metrics.get(&rejection("uri-too-long")) == Some(&2.0);
            let is_told = metrics.get(&request("us-east", "retry", "2xx")) == Some(&3.0);
            is_counted && is_told && probed.is_some_and(|probes| *probes >= 2.0)
        })
        .await;
    for (series, value) in &expected {
        assert_eq!(metrics.get(series), Some(value), "{series} in {metrics:#?}");
    }
    let counted: BTreeSet<&String> =
        metrics.keys().filter(|series| series.starts_with("headroom_requests_total")).collect();
    assert!(counted.iter().all(|series| expected.contains_key(*series)), "nothing else was: {counted:#?}");
    // The histogram: each bucket holds those before it.
    for cluster in ["eu-central", "us-east"] {
        let prefix = format!("headroom_upstream_seconds_bucket{{cluster=\"{cluster}\",le=\"");
        let bound = |series: &str| series.strip_prefix(&prefix).map(|rest| rest.trim_end_matches("\"}").to_owned());
        let mut buckets: Vec<(f64, f64)> = metrics
            .iter()
            .filter_map(|(series, value)| Some((bound(series)?.replace("+Inf", "inf").parse().unwrap(), *value)))
            .collect();
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(buckets.len() > 10 && buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{buckets:?}");
        let count = metrics[&format!("headroom_upstream_seconds_count{{cluster=\"{cluster}\"}}")];
        assert_eq!(buckets.last().unwrap(), &(f64::INFINITY, count));
        assert!(metrics[&format!("headroom_upstream_seconds_sum{{cluster=\"{cluster}\"}}")] < 60.0);
    }
    let response = world.admin("GET", "metrics").send().await.unwrap();
    assert_eq!(header(&response, "content-type"), "text/plain; version=0.0.4");
}

#[tokio::test]
async fn the_status_says_how_everything_is() {
    let world = plan().start();
    world
        .until("everything is probed", async || {
            let status = world.status().await;
            let clusters = status["object"]["clusters"].as_array().unwrap();
            clusters.iter().all(|cluster| !cluster["state"].is_null())
        })
        .await;
    let status = world.status().await;
    let ids = |of: &Value| -> Vec<String> {
        let clusters = of["clusters"].as_array().unwrap();
        clusters.iter().map(|cluster| cluster["id"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["us-east", "eu-central", "ap-southeast", "us-west-dr"];
    assert_eq!(
        (ids(&status["object"]), ids(&status["isolate"])),
        (expected.map(str::to_owned).to_vec(), expected.map(str::to_owned).to_vec())
    );
    assert_eq!((&status["object"]["writer"], &status["isolate"]["in_flight"]), (&json!("us-east"), &json!(0)));
    assert_eq!(status["object"]["topology"]["is_current"], true);
    for url in world.clusters.iter().map(|cluster| cluster.url()) {
        assert!(!status.to_string().contains(&url), "an origin is nobody's business: {url}");
    }
}

#[tokio::test]
async fn nothing_of_a_client_is_written_down() {
    const MARK: &str = "MARKED";
    let world = plan()
        .variable("UPSTREAM_TIMEOUT_MS", "500")
        .variable("KEY", "MARKED-key-of-a-cluster")
        .topology(|topology| {
            for cluster in topology["clusters"].as_array_mut().unwrap() {
                cluster["headers"] = json!({ "X-Key": "$KEY" });
            }
            topology["consistency"] = json!({ "read_your_writes_ms": 1_000 });
        })
        .start();
    let hang = Script { hang: true, ..Script::default() };
    let ask = async |method: &str, path: &str, script: &Script| {
        let request = world.from(FRANKFURT, method, &format!("{path}?token=MARKED-query#MARKED-fragment"));
        let request = request
            .script(script)
            .header("authorization", "Bearer MARKED-bearer")
            .header("x-vault-token", "hvs.MARKED-token")
            .header("cookie", "session=MARKED-cookie")
            .header("x-api-key", "MARKED-header")
            .header("user-agent", "MARKED-agent");
        request.body("MARKED-body").send().await.unwrap().text().await.unwrap()
    };
    let mut said = String::new();
    for (index, condition) in
        [Condition::Alive, failing(500, ""), failing(521, "MARKED-answer"), Condition::Killed].into_iter().enumerate()
    {
        for cluster in &world.clusters {
            cluster.set(condition.clone()).unwrap();
        }
        for method in ["GET", "POST", "PURGE"] {
            for path in ["/v1/secret/MARKED-path", "/v1/sys/seal", "/_headroom/status", "/_headroom/promote"] {
                let answer = ask(method, path, &Script::default()).await;
                if index > 0 {
                    said += &answer;
                }
            }
        }
    }
    for cluster in &world.clusters {
        cluster.revive().unwrap();
    }
    said += &ask("POST", "/", &hang).await;
    for page in ["explain?path=/x&token=MARKED-query", "metrics?MARKED-query", "status?MARKED-query"] {
        said += &world.admin("GET", page).send().await.unwrap().text().await.unwrap();
    }
    said += &world.admin("POST", "drain").body("{\"cluster\": MARKED-body").send().await.unwrap().text().await.unwrap();
    assert!(!said.contains(MARK), "the router repeats it: {said}");
    let log = world.workerd.log();
    assert!(log.contains("upstream-error"), "there is something to look at: {log}");
    assert!(!log.contains(MARK), "{log}");
    assert!(!log.contains(ADMIN_TOKEN), "{log}");
    let own = |line: &&str| line.starts_with('{');
    for line in log.lines().filter(own) {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(line["event"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn the_time_limit_has_bounds() {
    let topology =
        demo::bare_topology(["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3", "http://127.0.0.1:4"]);
    let topology = topology.to_string();
    for (limit, is_valid) in [
        ("100", true),
        ("600000", true),
        ("0030000", true),
        ("99", false),
        ("600001", false),
        ("0", false),
        ("-1000", false),
        ("1e3", false),
        ("1000.5", false),
        ("30s", false),
        ("0x1000", false),
        ("", false),
        ("99999999999999999999", false),
    ] {
        let workerd = start(own(&[("TOPOLOGY", &topology), ("UPSTREAM_TIMEOUT_MS", limit)]));
        let status = client().get(format!("{}/", workerd.url())).send().await.unwrap().status();
        // Nobody listens at these clusters.
        assert_eq!(status, if is_valid { 502 } else { 500 }, "{limit:?}");
        assert_eq!(workerd.log().contains("UPSTREAM_TIMEOUT_MS: a whole number"), !is_valid, "{limit:?}");
    }
}

#[tokio::test]
async fn a_missing_secret_is_named_in_the_log_alone() {
    let mut topology = demo::bare_topology(["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"]);
    topology["clusters"][0]["headers"] = json!({ "X-A": "$SET", "X-B": "$FORGOTTEN" });
    topology["clusters"][2]["headers"] = json!({ "X-C": "$EMPTIED" });
    let topology = topology.to_string();
    let variables = [("TOPOLOGY", topology.as_str()), ("SET", "x"), ("ADMIN_TOKEN", ADMIN_TOKEN)];
    let workerd = start(own(&variables));
    let ask = async |path: &str| {
        client().get(format!("{}{path}", workerd.url())).bearer_auth(ADMIN_TOKEN).send().await.unwrap()
    };
    for path in ["/", "/v1/secret", "/_headroom/explain?path=/"] {
        let response = ask(path).await;
        assert_eq!(response.status(), 500, "{path}");
        assert!(!header(&response, "content-type").is_empty());
        let text = response.text().await.unwrap();
        assert!(text.contains("invalid-configuration") && !text.contains("FORGOTTEN"), "{text}");
    }
    let log = workerd.log();
    for line in ["cluster us-east: the value of header X-B is the secret FORGOTTEN", "header X-C is the secret EMPTIED"]
    {
        assert!(log.contains(line), "{line} in {log}");
    }
    // Nothing is known, and nothing is made up.
    assert_eq!(ask("/_headroom/healthz").await.status(), 200);
    assert_eq!(ask("/_headroom/metrics").await.status(), 503);
    let status: Value = serde_json::from_str(&ask("/_headroom/status").await.text().await.unwrap()).unwrap();
    assert_eq!(status, json!({ "object": null, "isolate": null }));
}
