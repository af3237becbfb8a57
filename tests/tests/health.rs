//! What clusters' health does to their traffic, in the real Workers runtime: probes, breakers, lag, drain.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::observe::{
    Answer, add_cluster, answer, breaker, cluster_in, events, failing, informed, known, metric, object, order, plan,
    read, write,
};
use tests::router::{Plan, Scripted};
use xtask::cluster::{Cluster, Condition, Script, State};
use xtask::demo::{City, FRANKFURT, SYDNEY, VIRGINIA};

/// What is done to a cluster before its health is asked for.
enum Is {
    State(State),
    Condition(Condition),
}

/// What its probes make of a cluster: whether it is up, what it is, and whether it gets the reads that are nearest to it.
type Row<'r> = (Is, bool, &'r str, bool, &'r str);

/// A cluster for each row, far from all others and each in a state of its own; then all of them get well.
async fn check(health: &Value, rows: Vec<Row<'_>>) {
    let place = |row: usize| {
        let (row, longitude) = (u8::try_from(row).unwrap(), [-150.0, -20.0, 60.0]);
        City { name: "row", latitude: 60.0 - 20.0 * f64::from(row / 3), longitude: longitude[usize::from(row % 3)] }
    };
    let mut plan = plan(&json!({ "health": health }));
    let mut clusters: Vec<Cluster> = Vec::new();
    for row in 0..rows.len() {
        let (with, cluster) = add_cluster(plan, &format!("row-{row}"), place(row));
        plan = with;
        clusters.push(cluster);
    }
    for (cluster, (is, ..)) in clusters.iter().zip(&rows) {
        match is {
            Is::State(state) => cluster.set_state(*state),
            Is::Condition(condition) => cluster.set(condition.clone()).unwrap(),
        }
    }
    let world = plan.start();
    let is_as_expected = |object: &Value, row: usize, up: bool, state: &str| {
        let cluster = cluster_in(object, &format!("row-{row}"));
        cluster["up"] == up && cluster["last_probe"]["state"] == state
    };
    for (row, (_, up, state, _, reason)) in rows.iter().enumerate() {
        let what = format!("{}: up {up}, {state} ({reason})", clusters[row].id());
        world.until(&what, async || is_as_expected(&object(&world).await, row, *up, state)).await;
    }
    informed(&world, 0).await;
    for (row, (.., gets_reads, reason)) in rows.iter().enumerate() {
        let went = read(&world.isolate(0), place(row)).await;
        let expected = if *gets_reads { (clusters[row].id(), "nearest") } else { ("us-east", "fallback-primary") };
        assert_eq!((went.cluster.as_str(), went.reason.as_str()), expected, "{reason}");
    }
    let counts: Vec<u64> = clusters.iter().map(Cluster::count).collect();
    let expected: Vec<u64> = rows.iter().map(|(.., gets_reads, _)| u64::from(*gets_reads)).collect();
    assert_eq!(counts, expected, "a cluster got what it should not");

    for cluster in &clusters {
        cluster.set_state(State::PerformanceSecondary);
        cluster.revive().unwrap();
    }
    for cluster in &clusters {
        let what = format!("{} is well", cluster.id());
        world
            .until(&what, async || {
                let known = known(&world, cluster.id()).await;
                known["up"] == true && known["last_probe"]["status"] == 200 && known["effective_role"] == "replica"
            })
            .await;
    }
    informed(&world, 0).await;
    for (row, cluster) in clusters.iter().enumerate() {
        assert_eq!(read(&world.isolate(0), place(row)).await, Answer::of(200, cluster.id(), "nearest"));
    }
}

/// What every dialect makes of no answer, and of the network's own.
fn silence<'r>() -> Vec<Row<'r>> {
    vec![
        (Is::Condition(failing(530, "error code: 1033")), false, "unreachable", false, "the network's 530"),
        (Is::Condition(failing(522, "")), false, "unreachable", false, "the network's own status"),
        (Is::Condition(Condition::Killed), false, "unreachable", false, "the connection is refused"),
        (Is::Condition(Condition::Hanging), false, "unreachable", false, "no answer in time"),
    ]
}

fn health(rules: Value) -> Value {
    let mut health = json!({ "interval_ms": 1000, "timeout_ms": 500, "unhealthy_threshold": 1, "healthy_threshold": 1,
                             "path": "/v1/sys/health" });
    health.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    health
}

#[tokio::test]
async fn every_answer_of_vault() {
    let rows: Vec<Row> = vec![
        (Is::State(State::Active), true, "active", true, "200"),
        (Is::State(State::PerformanceSecondary), true, "performance-secondary", true, "200"),
        (Is::State(State::Standby), true, "standby", true, "429: it forwards"),
        (Is::State(State::PerformanceStandby), true, "performance-standby", true, "473: it serves reads"),
        (Is::State(State::DrSecondary), true, "disaster-recovery-secondary", false, "472: it serves nobody"),
        (Is::State(State::Cut), false, "cut", false, "474: it cannot reach the active node"),
        (Is::State(State::Uninitialised), false, "uninitialised", false, "501"),
        (Is::State(State::Sealed), false, "sealed", false, "503"),
        (Is::State(State::Removed), false, "removed", false, "530 of Vault itself"),
        (Is::Condition(Condition::Slow(50)), true, "performance-secondary", true, "slow, but in time"),
        (
            Is::Condition(failing(200, "<html>all is well</html>")),
            true,
            "active",
            true,
            "garbage with the right status",
        ),
        (Is::Condition(failing(503, "\u{0}{{{")), false, "sealed", false, "garbage with a bad one"),
        (Is::Condition(failing(302, "")), false, "unknown", false, "a redirection is not followed"),
        (Is::Condition(failing(500, "")), false, "unknown", false, "broken"),
    ];
    check(&health(json!({ "dialect": "vault" })), rows.into_iter().chain(silence()).collect()).await;
}

#[tokio::test]
async fn every_answer_of_openbao() {
    let rows: Vec<Row> = vec![
        (Is::State(State::Active), true, "active", true, "200"),
        (Is::State(State::Standby), true, "standby", true, "429: it forwards"),
        (Is::State(State::Uninitialised), false, "uninitialised", false, "501"),
        (Is::State(State::Sealed), false, "sealed", false, "503"),
        (Is::Condition(failing(473, "")), false, "unknown", false, "a status of Vault's"),
        (Is::Condition(failing(404, "")), false, "unknown", false, "the wrong path"),
    ];
    check(&health(json!({ "dialect": "openbao" })), rows.into_iter().chain(silence()).collect()).await;
}

#[tokio::test]
async fn every_answer_of_any_service() {
    let rows: Vec<Row> = vec![
        (Is::Condition(failing(200, "")), true, "active", true, "the first status of the range"),
        (Is::Condition(failing(404, "")), true, "active", true, "the last one"),
        (Is::Condition(failing(405, "")), false, "unknown", false, "the one after it"),
        (Is::Condition(failing(500, "")), false, "unknown", false, "broken"),
    ];
    let health = health(json!({ "dialect": "http", "status_min": 200, "status_max": 404 }));
    check(&health, rows.into_iter().chain(silence()).collect()).await;
}

#[tokio::test]
async fn a_service_tells_its_lag_where_the_topology_says() {
    let health = health(json!({ "dialect": "http", "lag_pointer": "/replication/0/lag~1ms" }));
    let world = plan(&json!({ "health": health, "lag": { "max_ms": 5000 } })).start();
    for (body, lag_ms, cluster, reason) in [
        (r#"{"replication":[{"lag/ms":5001}]}"#, json!(5001), "us-east", "lagging"),
        (r#"{"replication":[{"lag/ms":"5000"}]}"#, json!(5000), "eu-central", "nearest"),
        (r#"{"replication":[{"lag/ms":60000}]}"#, json!(60000), "us-east", "lagging"),
        ("no JSON", Value::Null, "eu-central", "nearest"),
    ] {
        world.clusters[1].set(failing(200, body)).unwrap();
        world.until(body, async || known(&world, "eu-central").await["lag_ms"] == lag_ms).await;
        informed(&world, 0).await;
        let went = read(&world.isolate(0), FRANKFURT).await;
        assert_eq!((went.cluster.as_str(), went.reason.as_str()), (cluster, reason), "{body}");
    }
}

#[tokio::test]
async fn three_failed_probes_are_down_and_two_good_ones_up() {
    let health = json!({ "dialect": "vault", "interval_ms": 1000, "timeout_ms": 500 });
    let world = plan(&json!({ "health": health })).start();
    let cluster = &world.clusters[1];
    world.until("it was probed", async || known(&world, "eu-central").await["last_probe"]["healthy"] == true).await;

    // One lost probe.
    let before = cluster.probes();
    cluster.set(failing(500, "")).unwrap();
    world.until("a probe failed", async || cluster.probes() > before).await;
    cluster.revive().unwrap();
    world.until("a good one came after", async || cluster.probes() > before + 1).await;
    let lost = events(&object(&world).await);
    assert!(!lost.iter().any(|words| words.starts_with("eu-central is ")), "{lost:?}");

    let before = cluster.probes();
    cluster.set(failing(500, "")).unwrap();
    world
        .until("it is down", async || {
            let known = known(&world, "eu-central").await;
            let (up, failures) = (known["up"].as_bool().unwrap(), known["consecutive_failures"].as_u64().unwrap());
            assert_eq!(up, failures < 3, "{known:#}");
            !up
        })
        .await;
    assert!(cluster.probes() >= before + 3, "it was asked {} times only", cluster.probes() - before);
    informed(&world, 0).await;
    assert_eq!(read(&world.isolate(0), FRANKFURT).await, Answer::of(200, "us-east", "fallback-primary"));
    assert_eq!(cluster.count(), 0);

    let before = cluster.probes();
    cluster.revive().unwrap();
    world.until("it is up", async || known(&world, "eu-central").await["up"] == true).await;
    assert!(cluster.probes() >= before + 2, "it was asked {} times only", cluster.probes() - before);
    informed(&world, 0).await;
    assert_eq!(read(&world.isolate(0), FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));

    let events: Vec<String> = events(&object(&world).await);
    let told: Vec<&String> = events.iter().filter(|words| words.starts_with("eu-central is ")).collect();
    assert_eq!(told.len(), 2, "{events:?}");
    assert_eq!(told[0], "eu-central is down after 3 failed probes: 500");
    assert!(told[1].starts_with("eu-central is up again after 2 good probes, down for "), "{told:?}");
    for words in told {
        assert!(world.workerd.log().contains(words), "{words} in {}", world.workerd.log());
    }
}

fn breaking(cooldown_ms: u64) -> Plan {
    let breaker = json!({ "failures": 3, "window_ms": 60_000, "cooldown_ms": cooldown_ms, "half_open_requests": 2,
                          "successes": 2 });
    plan(&json!({ "breaker": breaker }))
}

#[tokio::test]
async fn a_breaker_opens_is_tested_and_closes() {
    let world = breaking(2_500).start();
    let (isolate, cluster) = (world.isolate(0), &world.clusters[1]);
    let half_open =
        async || world.until("half-open", async || breaker(&isolate, "eu-central").await == "half_open").await;

    // The probes see nothing of it.
    cluster.set_sparing_probes(failing(500, "")).unwrap();
    for _ in 0..3 {
        assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(500, "eu-central", "nearest"));
    }
    assert_eq!(breaker(&isolate, "eu-central").await, "open_until");
    for _ in 0..3 {
        assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "us-east", "fallback-primary"));
    }
    assert_eq!(cluster.count(), 3, "exactly the failures that open it");

    // A test that fails opens it again, and the client of one that may be repeated does not notice.
    cluster.set_sparing_probes(failing(503, "")).unwrap();
    half_open().await;
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "us-east", "retry"));
    assert_eq!(breaker(&isolate, "eu-central").await, "open_until");
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "us-east", "fallback-primary"));
    assert_eq!(cluster.count(), 4, "one test was enough");

    // Tests that last: no more of them at a time than allowed, and everybody else goes elsewhere meanwhile.
    cluster.set_sparing_probes(Condition::Slow(3_000)).unwrap();
    half_open().await;
    let answers = join_all((0..12).map(|_| read(&isolate, FRANKFURT))).await;
    let tests = answers.iter().filter(|answer| **answer == Answer::of(200, "eu-central", "half-open")).count();
    let others = answers.iter().filter(|answer| **answer == Answer::of(200, "us-east", "fallback-primary")).count();
    assert_eq!((tests, others, cluster.count()), (2, 10, 6), "{answers:?}");

    // Both were good, which closes it.
    assert_eq!(breaker(&isolate, "eu-central").await, "closed");
    cluster.revive().unwrap();
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));

    let count = |metrics: &str, to: &str| {
        metric(metrics, &format!("headroom_breaker_transitions_total{{cluster=\"eu-central\",to=\"{to}\"}}"))
    };
    world
        .until("the transitions are counted", async || {
            informed(&world, 0).await;
            let metrics = world.metrics().await;
            [("open", 2.0), ("half-open", 2.0), ("closed", 1.0)].iter().all(|(to, n)| count(&metrics, to) == *n)
        })
        .await;
    let known = known(&world, "eu-central").await;
    assert!(known["up"] == true && known["consecutive_failures"] == 0, "{known:#}");
}

#[tokio::test]
async fn another_isolate_hears_of_an_open_breaker() {
    let world = breaking(60_000).isolates(2).start();
    let (first, second, cluster) = (world.isolate(0), world.isolate(1), &world.clusters[1]);
    assert_eq!(read(&second, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
    cluster.set_sparing_probes(failing(500, "")).unwrap();
    for _ in 0..3 {
        assert_eq!(read(&first, FRANKFURT).await.status, 500);
    }
    world
        .until("the object knows it", async || {
            read(&first, FRANKFURT).await;
            known(&world, "eu-central").await["suspect"] == true
        })
        .await;
    informed(&world, 1).await;
    // The hint alone keeps nothing away; with it, the first failure is enough.
    assert_eq!(breaker(&second, "eu-central").await, "closed");
    assert_eq!(read(&second, FRANKFURT).await, Answer::of(500, "eu-central", "nearest"));
    assert_eq!(breaker(&second, "eu-central").await, "open_until");
    assert_eq!(read(&second, FRANKFURT).await, Answer::of(200, "us-east", "fallback-primary"));
    assert_eq!(cluster.count(), 5, "one good read, three failures, and one");
}

#[tokio::test]
async fn writes_to_an_open_primary_follow_the_policy() {
    for (policy, expected) in
        [("try", Answer::of(500, "us-east", "last-resort")), ("fail", Answer::refused("no-usable-cluster"))]
    {
        let world = breaking(60_000).rules(&json!({ "all_unhealthy": policy })).start();
        world.clusters[0].set_sparing_probes(failing(500, "")).unwrap();
        for number in 0..3 {
            let answer = write(&world.isolate(0), &format!("w{number}")).await;
            assert_eq!(answer, Answer::of(500, "us-east", "write-primary"));
        }
        assert_eq!(write(&world.isolate(0), "w3").await, expected);
        assert_eq!(read(&world.isolate(0), VIRGINIA).await, Answer::of(200, "eu-central", "fallback-next"));
        let sent = world.clusters[0].writes();
        assert!(sent.values().all(|times| *times == 1), "{sent:?}");
        assert_eq!(sent.len(), if policy == "try" { 4 } else { 3 });
        assert_eq!(world.counts()[1..], [1, 0, 0], "{policy}: no write went elsewhere");
    }
}

#[tokio::test]
async fn lagging_replicas_serve_nobody_while_the_primary_does() {
    let world = plan(&json!({ "lag": { "max_ms": 5000 } })).start();
    let isolate = world.isolate(0);
    let lags = async |id: &str, lag_ms: u64| {
        let what = format!("{id} lags {lag_ms} ms");
        world.until(&what, async || known(&world, id).await["lag_ms"] == lag_ms).await;
        informed(&world, 0).await;
    };
    world.clusters[1].lag(5_000);
    lags("eu-central", 5_000).await;
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"), "as much as is allowed");
    world.clusters[1].lag(5_001);
    lags("eu-central", 5_001).await;
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "us-east", "lagging"));
    assert_eq!(read(&isolate, SYDNEY).await, Answer::of(200, "ap-southeast", "nearest"), "it does not lag");
    let metrics = world.metrics().await;
    assert_eq!(metric(&metrics, "headroom_replication_lag_seconds{cluster=\"eu-central\"}"), 5.001);

    // With the primary dead they all lag, and stale is better than nothing.
    world.clusters[2].lag(60_000);
    world.clusters[0].kill().unwrap();
    world.until("the primary is down", async || known(&world, "us-east").await["up"] == false).await;
    lags("ap-southeast", 60_000).await;
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "last-resort"));
    assert_eq!(read(&isolate, SYDNEY).await, Answer::of(200, "ap-southeast", "last-resort"));
    assert_eq!(read(&isolate, VIRGINIA).await.status, 200);

    world.clusters[0].revive().unwrap();
    world.clusters[1].lag(0);
    lags("eu-central", 0).await;
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"), "it has caught up");
    let events = events(&object(&world).await);
    for words in ["eu-central lags 5 s, more than it may to serve reads", "eu-central has caught up: it lags 0 ms"] {
        assert!(events.iter().any(|event| event == words), "{words} in {events:?}");
    }
}

#[tokio::test]
async fn a_drained_cluster_finishes_and_gets_nothing_new() {
    let world = plan(&json!({})).start();
    let (isolate, cluster) = (world.isolate(0), &world.clusters[1]);
    let late = Script { delay_ms: 2_500, ..Script::default() };
    let finishes = async {
        let request = isolate.from(FRANKFURT, "GET", "/slow").script(&late);
        assert_eq!(answer(request).await, Answer::of(200, "eu-central", "nearest"));
    };
    let drains = async {
        world.until("the slow one is there", async || cluster.count() == 1).await;
        let (status, object) = order(&world, "drain", &json!({ "cluster": "eu-central", "drain": true })).await;
        assert_eq!((status, &cluster_in(&object, "eu-central")["draining"]), (200, &json!(true)));
        informed(&world, 0).await;
        for _ in 0..5 {
            assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "us-east", "fallback-primary"));
        }
    };
    tokio::join!(finishes, drains);
    assert_eq!(cluster.count(), 1, "nothing new");
    assert_eq!(metric(&world.metrics().await, "headroom_cluster_draining{cluster=\"eu-central\"}"), 1.0);

    let (status, _) = order(&world, "drain", &json!({ "cluster": "eu-central", "drain": false })).await;
    assert_eq!(status, 200);
    informed(&world, 0).await;
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
    let events = events(&object(&world).await);
    for words in ["eu-central is drained: it gets nothing new", "eu-central is drained no more"] {
        assert!(events.iter().any(|event| event == words), "{words} in {events:?}");
    }
}

#[tokio::test]
async fn a_drained_primary_takes_no_writes() {
    let world = plan(&json!({})).start();
    let isolate = world.isolate(0);
    assert_eq!(write(&isolate, "before").await, Answer::of(200, "us-east", "write-primary"));
    order(&world, "drain", &json!({ "cluster": "us-east", "drain": true })).await;
    informed(&world, 0).await;
    assert_eq!(write(&isolate, "meanwhile").await, Answer::refused("no-usable-cluster"));
    assert_eq!(read(&isolate, VIRGINIA).await, Answer::of(200, "eu-central", "fallback-next"));
    order(&world, "drain", &json!({ "cluster": "us-east", "drain": false })).await;
    informed(&world, 0).await;
    assert_eq!(write(&isolate, "after").await, Answer::of(200, "us-east", "write-primary"));
    assert_eq!(world.clusters[0].writes().keys().collect::<Vec<_>>(), ["after", "before"]);
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused() {
    let world = plan(&json!({})).start();
    for (action, body, expected) in [
        ("drain", json!({ "cluster": "nowhere", "drain": true }), 404),
        ("drain", json!({ "cluster": "eu-central" }), 400),
        ("drain", json!({ "drain": true }), 400),
        ("drain", json!("eu-central"), 400),
        ("readmit", json!({ "cluster": "nowhere" }), 404),
        ("readmit", json!({ "cluster": "us-east" }), 409),
        ("readmit", json!({ "cluster": "us-east", "drain": true }), 400),
        ("promote", json!({ "cluster": "nowhere" }), 404),
        ("promote", json!({ "cluster": "eu-central" }), 409),
        ("promote", json!({ "cluster": "us-east" }), 409),
    ] {
        let (status, answer) = order(&world, action, &body).await;
        assert_eq!(status, expected, "{action} {body}: {answer}");
        assert!(answer["detail"].as_str().is_some_and(|why| !why.is_empty()), "{action} {body}: {answer}");
    }
    let object = object(&world).await;
    assert!(object["promotion"].is_null() && object["writer"] == "us-east", "{object:#}");
}
