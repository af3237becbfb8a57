//! The router without its health object, and the object through loss of its alarm, restarts and topologies that are
//! none, in the real Workers runtime.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::time::Duration;

use serde_json::{Value, json};
use tests::observe::{
    Answer, answer, breaker, cluster_in, events, informed, known, metric, now, object, order, plan, read, write,
};
use tests::router::World;
use xtask::cluster::Condition;
use xtask::demo::{City, FRANKFURT, SYDNEY, VIRGINIA};

/// Rules with a short lease, and a breaker that opens soon.
fn rules() -> Value {
    json!({ "promotion": { "lease_ms": 2_000 }, "breaker": { "failures": 3, "cooldown_ms": 60_000 } })
}

async fn without_news(world: &World) -> bool {
    let status = world.status().await;
    status["object"].is_null()
}

#[tokio::test]
async fn cut_off_from_the_first_request_on_reads_follow_what_is_seen() {
    let world = plan(&rules()).cut().start();
    let isolate = world.isolate(0);
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
    assert_eq!(write(&isolate, "w").await, Answer::refused("lease-over"));

    // No probe tells it; its own failures do, and no client sees one.
    world.clusters[1].kill().unwrap();
    for _ in 0..3 {
        assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "us-east", "retry"));
    }
    assert_eq!(breaker(&isolate, "eu-central").await, "open_until");
    for _ in 0..3 {
        assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "us-east", "fallback-primary"));
    }
    assert_eq!(world.counts(), [6, 1, 0, 0]);

    // What needs the object says so.
    assert!(without_news(&world).await);
    assert_eq!(answer(isolate.admin("GET", "metrics")).await, Answer::refused("health-object"));
    let (status, problem) = order(&world, "drain", &json!({ "cluster": "eu-central", "drain": true })).await;
    assert_eq!((status, &problem["reason"]), (503, &json!("health-object")));
    assert!(world.workerd.log().contains("health-object-unreachable"), "{}", world.workerd.log());

    world.harness().mend(0).await;
    world.until("it writes again", async || write(&isolate, "w").await.status == 200).await;
    assert_eq!(world.clusters[0].writes()["w"], 1);
}

#[tokio::test]
async fn cut_off_later_writes_go_on_until_the_lease_ends() {
    let world = plan(&rules()).harness().start();
    let isolate = world.isolate(0);
    assert_eq!(write(&isolate, "0").await, Answer::of(200, "us-east", "write-primary"));
    world.harness().cut(0).await;
    let cut_at = now();
    let (mut sent, mut last_write) = (1, 0);
    world
        .until("the lease is over", async || {
            let at = now();
            let answer = write(&isolate, &sent.to_string()).await;
            if answer.status == 200 {
                assert_eq!(answer, Answer::of(200, "us-east", "write-primary"));
                (sent, last_write) = (sent + 1, at);
                return false;
            }
            assert_eq!(answer, Answer::refused("lease-over"));
            true
        })
        .await;
    assert!(last_write > cut_at, "it did not go on");
    assert!(last_write < cut_at + 2_000, "it wrote {} ms after", last_write - cut_at);
    assert_eq!(world.clusters[0].writes().len(), sent, "what was refused did arrive");
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
    // What would be ended on its way is refused a little before.
    world.until("the status says so", async || isolate.status().await["isolate"]["lease_over"] == true).await;
    world.harness().mend(0).await;
    world.until("it writes again", async || write(&isolate, "after").await.status == 200).await;
}

#[tokio::test]
async fn a_write_on_its_way_ends_with_the_lease() {
    let world = plan(&rules()).harness().start();
    let isolate = world.isolate(0);
    assert_eq!(write(&isolate, "0").await, Answer::of(200, "us-east", "write-primary"));
    world.clusters[0].set(Condition::Hanging).unwrap();
    world.harness().cut(0).await;
    let begun = now();
    let answer = write(&isolate, "1").await;
    assert_eq!((answer.status, answer.cluster.as_str()), (504, "us-east"), "{answer:?}");
    assert!(now() < begun + 5_000, "long before the time limit of a request");
    assert_eq!(write(&isolate, "2").await, Answer::refused("lease-over"));
}

#[tokio::test]
async fn a_path_that_looks_like_the_sign_of_life_is_a_request_like_any_other() {
    for target in ["/v1/a?x=/_headroom/healthz", "/v1/_headroom/healthz"] {
        let world = World::start();
        let response = world.from(FRANKFURT, "GET", target).send().await.unwrap();
        assert_eq!(response.status(), 200, "{target}");
        assert_eq!(response.headers()["x-headroom-cluster"], "eu-central", "{target}");
    }
}

#[tokio::test]
async fn cut_off_where_nothing_can_be_promoted_writes_go_on() {
    let no_standby = |topology: &mut Value| drop(topology["clusters"].as_array_mut().unwrap().remove(3));
    let world = plan(&json!({ "promotion": { "lease_ms": 1_000 } })).topology(no_standby).cut().isolates(2).start();
    for isolate in 0..2 {
        assert_eq!(write(&world.isolate(isolate), "never heard").await, Answer::of(200, "us-east", "write-primary"));
    }
    world.harness().mend(1).await;
    informed(&world, 1).await;
    world.harness().cut(1).await;
    let isolate = world.isolate(1);
    world
        .until("what it knows is two leases old", async || {
            isolate.status().await["isolate"]["snapshot_age_ms"].as_u64().unwrap() > 2_000
        })
        .await;
    assert_eq!(write(&isolate, "long ago").await, Answer::of(200, "us-east", "write-primary"));
    assert_eq!(isolate.status().await["isolate"]["lease_over"], false);
}

#[tokio::test]
async fn a_dead_alarm_is_revived_by_the_cron() {
    let world = plan(&json!({})).harness().start();
    let (harness, cluster) = (world.harness(), &world.clusters[1]);
    read(&world.isolate(0), FRANKFURT).await;
    world.until("it is probed", async || cluster.probes() > 1).await;
    // A far-off alarm is as dead as none.
    for set in [None, Some(4_000_000_000_000), Some(now() + 600_000)] {
        match set {
            None => harness.delete_alarm().await,
            Some(at) => harness.set_alarm(at).await,
        }
        // A handler that was under way sets it once more.
        world
            .until("nobody sets it any more", async || {
                if harness.alarm().await != set {
                    match set {
                        None => harness.delete_alarm().await,
                        Some(at) => harness.set_alarm(at).await,
                    }
                    return false;
                }
                let probes = cluster.probes();
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                harness.alarm().await == set && cluster.probes() == probes
            })
            .await;
        let probes = cluster.probes();
        harness.cron().await;
        let alarm = harness.alarm().await.unwrap();
        assert!(alarm < now() + 5_000, "{set:?}: it is {} ms off", alarm - now());
        world.until("it is probed again, and again", async || cluster.probes() > probes + 1).await;
    }
    assert!(world.workerd.log().contains("alarm-dead"), "{}", world.workerd.log());

    // One that is alive is left alone.
    let told = world.workerd.log().matches("alarm-dead").count();
    harness.cron().await;
    assert_eq!(world.workerd.log().matches("alarm-dead").count(), told);
}

#[tokio::test]
async fn the_cron_starts_an_object_that_nobody_has_called() {
    let world = plan(&json!({})).cut().start();
    world.harness().mend(0).await;
    assert!(world.clusters.iter().all(|cluster| cluster.probes() == 0));
    world.harness().cron().await;
    world.until("it is probed, and again", async || world.clusters[1].probes() > 1).await;
}

#[tokio::test]
async fn what_is_known_survives_a_restart_of_the_object() {
    let world = plan(&json!({})).harness().start();
    world.clusters[2].kill().unwrap();
    order(&world, "drain", &json!({ "cluster": "eu-central", "drain": true })).await;
    world.until("it is down", async || known(&world, "ap-southeast").await["up"] == false).await;
    let before = object(&world).await;
    // Nothing that comes after can be what says that it is down.
    world.clusters[2].set(Condition::Hanging).unwrap();
    let probes = world.clusters[0].probes();
    world.harness().restart_object().await;
    let after = object(&world).await;
    assert!(after["sequence"].as_u64() >= before["sequence"].as_u64());
    assert_eq!(cluster_in(&after, "eu-central")["draining"], true);
    let (was, is) = (cluster_in(&before, "ap-southeast"), cluster_in(&after, "ap-southeast"));
    assert_eq!((&is["up"], &is["since"]), (&json!(false), &was["since"]));
    assert_eq!(after["writer"], "us-east");
    let told = events(&before);
    assert!(events(&after).starts_with(&told), "{told:?} before {:?}", events(&after));
    world.until("it goes on probing", async || world.clusters[0].probes() > probes + 1).await;
    informed(&world, 0).await;
    assert_eq!(read(&world.isolate(0), FRANKFURT).await, Answer::of(200, "us-east", "fallback-primary"));
    assert_eq!(read(&world.isolate(0), SYDNEY).await.cluster, "us-east");
}

#[tokio::test]
async fn a_cluster_that_hangs_does_not_hold_up_the_probes_of_the_others() {
    let health = json!({ "dialect": "vault", "interval_ms": 1_000, "timeout_ms": 20_000 });
    let world = plan(&json!({ "health": health })).start();
    world.clusters[2].set(Condition::Hanging).unwrap();
    read(&world.isolate(0), FRANKFURT).await;
    world.until("the one that hangs was asked", async || world.clusters[2].probes() > 0).await;
    let probes = || [0, 1, 3].map(|cluster| world.clusters[cluster].probes());
    let before = probes();
    // The alarm alone does it: no request, which would set it anew.
    world
        .until("the others were asked four times more", async || {
            probes().iter().zip(before).all(|(probes, before)| *probes >= before + 4)
        })
        .await;
    let known = known(&world, "ap-southeast").await;
    assert!(known["last_probe"].is_null(), "the first probe is out still: {known:#}");
}

#[tokio::test]
async fn an_invalid_topology_after_a_valid_one_changes_nothing() {
    let mut world = plan(&json!({})).start();
    assert_eq!(write(&world.isolate(0), "1").await, Answer::of(200, "us-east", "write-primary"));
    order(&world, "drain", &json!({ "cluster": "ap-southeast", "drain": true })).await;
    let says = async |world: &World, is_current: bool| {
        let topology = object(world).await["topology"].take();
        assert_eq!(topology["is_current"], is_current, "{topology:#}");
        let metrics = world.metrics().await;
        assert_eq!(metric(&metrics, "headroom_topology_valid"), f64::from(u8::from(is_current)), "{metrics}");
        topology
    };
    let valid = says(&world, true).await;

    world.redeploy(|topology| topology["clusters"][1]["latitude"] = json!(91));
    assert_eq!(write(&world.isolate(0), "2").await, Answer::of(200, "us-east", "write-primary"));
    assert_eq!(read(&world.isolate(0), FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
    assert_eq!(read(&world.isolate(0), SYDNEY).await.cluster, "us-east", "still drained");
    let invalid = says(&world, false).await;
    assert_eq!(invalid["fingerprint"], valid["fingerprint"]);
    let why = "clusters[1].latitude: 91 is out of range";
    assert!(invalid["errors"][0].as_str().unwrap().contains(why), "{invalid:#}");
    let told = events(&object(&world).await);
    assert!(told.iter().any(|words| words.contains("the last valid one stays in force")), "{told:?}");
    assert!(world.workerd.log().contains(why), "{}", world.workerd.log());

    // Also the next time.
    world.restart();
    assert_eq!(write(&world.isolate(0), "3").await, Answer::of(200, "us-east", "write-primary"));
    says(&world, false).await;

    let tokyo = City { name: "Tokyo", latitude: 35.68, longitude: 139.69 };
    world.redeploy(|topology| {
        topology["clusters"][1]["latitude"] = json!(tokyo.latitude);
        topology["clusters"][1]["longitude"] = json!(tokyo.longitude);
    });
    assert_eq!(write(&world.isolate(0), "4").await, Answer::of(200, "us-east", "write-primary"));
    assert_eq!(read(&world.isolate(0), tokyo).await, Answer::of(200, "eu-central", "nearest"), "the new place");
    assert_eq!(says(&world, true).await["errors"], json!([]));
    assert_eq!(world.clusters[0].writes().len(), 4);
}

#[tokio::test]
async fn an_invalid_topology_with_none_before_is_500_until_it_is_mended() {
    let broken = |topology: &mut Value| topology["clusters"][1]["latitude"] = json!(91);
    let mut world = plan(&json!({})).topology(broken).start();
    for _ in 0..2 {
        let invalid = Answer::of(500, "", "invalid-configuration");
        assert_eq!(read(&world.isolate(0), VIRGINIA).await, invalid);
        assert_eq!(write(&world.isolate(0), "w").await, invalid);
    }
    assert_eq!(world.counts(), [0, 0, 0, 0]);
    world.redeploy(|topology| topology["clusters"][1]["latitude"] = json!(50));
    assert_eq!(write(&world.isolate(0), "w").await, Answer::of(200, "us-east", "write-primary"));
    assert_eq!(read(&world.isolate(0), FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
}

#[tokio::test]
async fn restarts_of_the_object_are_noticed_by_nobody() {
    let world = plan(&rules()).harness().start();
    let isolate = world.isolate(0);
    assert_eq!(write(&isolate, "0").await, Answer::of(200, "us-east", "write-primary"));
    for number in 1..=5 {
        world.harness().restart_object().await;
        assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
        assert_eq!(write(&isolate, &number.to_string()).await, Answer::of(200, "us-east", "write-primary"));
    }
    assert_eq!(world.clusters[0].writes().len(), 6);
}
