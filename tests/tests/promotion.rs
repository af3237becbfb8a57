//! Promotion of the standby in the real Workers runtime: what it asks for, what it refuses, and that no write goes to
//! two primaries, whatever is cut off or restarted meanwhile.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::observe::{
    Answer, cluster_in, events, failing, informed, known, metric, now, object, order, plan, read, write,
};
use tests::router::{Plan, STANDBY, World};
use xtask::cluster::{Condition, State};
use xtask::demo::{City, FRANKFURT, VIRGINIA};

/// Milliseconds of a lease, and between two checks.
const LEASE: u64 = 3_000;
const INTERVAL: u64 = 200;

fn promoting() -> Plan {
    plan(&json!({ "promotion": { "checks": 3, "interval_ms": INTERVAL, "lease_ms": LEASE } }))
}

async fn promote(world: &World, id: &str) {
    let (status, answer) = order(world, "promote", &json!({ "cluster": id })).await;
    assert_eq!(status, 202, "{answer:#}");
}

async fn promotion(world: &World) -> Value {
    object(world).await["promotion"].take()
}

async fn until_promotion_is(world: &World, state: &str) -> Value {
    world
        .until(&format!("the promotion is {state}"), async || {
            let promotion = promotion(world).await;
            let is = promotion["state"].as_str().unwrap().to_owned();
            let is_over = ["active", "refused", "ended"].contains(&is.as_str());
            assert!(is == state || !is_over, "{promotion:#}");
            is == state
        })
        .await;
    promotion(world).await
}

/// The steps with their times, the oldest first.
fn steps(promotion: &Value) -> Vec<(u64, String)> {
    let steps = promotion["steps"].as_array().into_iter().flatten();
    steps.map(|step| (step["at"].as_u64().unwrap(), step["words"].as_str().unwrap().to_owned())).collect()
}

fn time_of(promotion: &Value, beginning: &str) -> u64 {
    let steps = steps(promotion);
    let step = steps.iter().find(|(_, words)| words.starts_with(beginning));
    step.unwrap_or_else(|| panic!("no step {beginning} in {steps:#?}")).0
}

/// Ends the primary, and waits until it is known: the answer to a probe from before could come in late.
async fn primary_ends(world: &World, condition: Condition) {
    world.clusters[0].set(condition).unwrap();
    world.until("the primary is down", async || known(world, "us-east").await["up"] == false).await;
}

/// Promotes the standby, which its own operator has promoted already; the primary is dead.
async fn promoted(world: &World) {
    primary_ends(world, Condition::Killed).await;
    world.clusters[3].promote();
    promote(world, STANDBY).await;
    until_promotion_is(world, "active").await;
    world
        .until("the object has seen that it is no standby any more", async || {
            known(world, STANDBY).await["effective_role"] == "writer"
        })
        .await;
    informed(world, 0).await;
}

#[tokio::test]
async fn a_primary_that_answers_anything_is_not_replaced() {
    let world = promoting().start();
    world.clusters[3].promote();
    for (state, condition, words) in [
        (State::Active, Condition::Alive, "200 active"),
        (State::Sealed, Condition::Alive, "503 sealed"),
        (State::Removed, Condition::Alive, "530 removed from its cluster"),
        (State::Active, failing(500, "broken"), "500"),
        (State::Active, failing(404, ""), "404"),
        (State::Active, Condition::Slow(100), "200 active"),
    ] {
        world.clusters[0].set_state(state);
        world.clusters[0].set(condition).unwrap();
        promote(&world, STANDBY).await;
        let refused = until_promotion_is(&world, "refused").await;
        let why = format!("us-east still answers: {words}");
        assert_eq!((&refused["fenced"], &refused["why"]), (&json!(false), &json!(why)));
        let object = object(&world).await;
        assert_eq!((&object["writer"], &object["fences"]), (&json!("us-east"), &json!([])), "{words}");
    }
    world.clusters[0].reset().unwrap();
    world.until("it is up", async || known(&world, "us-east").await["up"] == true).await;
    informed(&world, 0).await;
    assert_eq!(write(&world.isolate(0), "w").await, Answer::of(200, "us-east", "write-primary"));

    // Also when it answers again before the last check.
    primary_ends(&world, failing(530, "error code: 1033")).await;
    promote(&world, STANDBY).await;
    world.until("a check was done", async || steps(&promotion(&world).await).len() > 1).await;
    world.clusters[0].revive().unwrap();
    let refused = until_promotion_is(&world, "refused").await;
    assert_eq!(refused["fenced"], false, "{refused:#}");
    assert_eq!(world.clusters[3].count(), 0);
}

#[tokio::test]
async fn the_whole_way() {
    let world = promoting().start();
    let isolate = world.isolate(0);
    assert_eq!(write(&isolate, "before").await, Answer::of(200, "us-east", "write-primary"));
    primary_ends(&world, Condition::Killed).await;

    // The target is a standby still: the fence stays, and nobody takes writes.
    promote(&world, STANDBY).await;
    let refused = until_promotion_is(&world, "refused").await;
    assert_eq!(refused["fenced"], true, "{refused:#}");
    assert!(
        refused["why"].as_str().unwrap().starts_with("us-west-dr still answers as a secondary (472 "),
        "{refused:#}"
    );
    informed(&world, 0).await;
    assert_eq!(write(&isolate, "between").await, Answer::refused("no-writer"));
    assert_eq!(read(&isolate, FRANKFURT).await, Answer::of(200, "eu-central", "nearest"));
    let status = object(&world).await;
    assert!(status["writer"].is_null() && status["fences"][0]["id"] == "us-east", "{status:#}");
    let advice = status["no_writer"].as_str().unwrap();
    assert!(advice.contains("promote it again to go on, or readmit us-east to call it off"), "{advice}");

    // Asked again, it goes on there.
    world.clusters[3].promote();
    promote(&world, STANDBY).await;
    let active = until_promotion_is(&world, "active").await;
    let words: Vec<String> = steps(&active).into_iter().map(|(_, words)| words).collect();
    for (step, beginning) in [
        "promotion of us-west-dr in place of us-east was asked for",
        "check 1 of 3: us-east does not answer",
        "check 2 of 3: us-east does not answer",
        "check 3 of 3: us-east does not answer",
        "us-east is fenced: it gets nothing until it is readmitted",
        "waiting 3 s, until no isolate sends it writes any more",
        "one lease is over",
        "refused: us-west-dr still answers as a secondary",
        "asked for again: the old primary is fenced already",
        "us-west-dr takes writes (200 active): it is the writer",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(words.get(step).is_some_and(|words| words.starts_with(beginning)), "{beginning}: {words:#?}");
        assert!(world.workerd.log().contains(&words[step]), "the log has not: {}", words[step]);
    }
    assert_eq!(words.len(), 10, "{words:#?}");
    let times: Vec<u64> = steps(&active).iter().map(|(at, _)| *at).collect();
    assert!(times.is_sorted() && now() >= times[9], "{times:?}");
    // Steps are told when a check is done; the checks begin an interval after each other.
    assert!(times[2] >= times[0] + INTERVAL && times[3] >= times[0] + 2 * INTERVAL, "{times:?}");
    assert!(times[6] >= times[4] + LEASE, "{times:?}");

    world
        .until("the object has seen that it is no standby any more", async || {
            known(&world, STANDBY).await["effective_role"] == "writer"
        })
        .await;
    informed(&world, 0).await;
    assert_eq!(write(&isolate, "after").await, Answer::of(200, STANDBY, "write-primary"));
    let metrics = world.metrics().await;
    for (name, value) in [
        ("headroom_cluster_writer{cluster=\"us-west-dr\"}", 1.0),
        ("headroom_cluster_writer{cluster=\"us-east\"}", 0.0),
        ("headroom_cluster_fenced{cluster=\"us-east\"}", 1.0),
    ] {
        assert_eq!(metric(&metrics, name), value, "{name}");
    }

    // The old primary comes back, and gets nothing but probes.
    world.clusters[0].revive().unwrap();
    world.until("the old primary is up", async || known(&world, "us-east").await["up"] == true).await;
    informed(&world, 0).await;
    let before = world.clusters[0].count();
    assert_eq!(read(&isolate, VIRGINIA).await, Answer::of(200, STANDBY, "fallback-primary"));
    assert_eq!(write(&isolate, "later").await, Answer::of(200, STANDBY, "write-primary"));
    assert_eq!(world.clusters[0].count(), before);
    let (status, _) = order(&world, "promote", &json!({ "cluster": "us-east" })).await;
    assert_eq!(status, 409, "a fenced cluster is not promoted");

    // Readmitted, it serves reads, and no writes.
    let (status, readmitted) = order(&world, "readmit", &json!({ "cluster": "us-east" })).await;
    assert_eq!((status, &readmitted["fences"], &readmitted["writer"]), (200, &json!([]), &json!(STANDBY)));
    informed(&world, 0).await;
    assert_eq!(read(&isolate, VIRGINIA).await, Answer::of(200, "us-east", "nearest"));
    assert_eq!(write(&isolate, "last").await, Answer::of(200, STANDBY, "write-primary"));
    let writes = |cluster: usize| world.clusters[cluster].writes().into_keys().collect::<Vec<_>>();
    assert_eq!(
        (writes(0), writes(3)),
        (vec!["before".to_owned()], ["after", "last", "later"].map(str::to_owned).to_vec())
    );
}

#[tokio::test]
async fn a_target_that_cannot_take_writes_is_not_activated_and_readmission_calls_it_off() {
    let world = promoting().start();
    let isolate = world.isolate(0);
    primary_ends(&world, failing(530, "error code: 1033")).await;
    for (state, condition, why) in [
        (State::DrSecondary, Condition::Alive, "us-west-dr still answers as a secondary"),
        (State::Standby, Condition::Alive, "us-west-dr answers as a standby"),
        (State::Sealed, Condition::Alive, "us-west-dr cannot take writes (503 sealed)"),
        (State::Active, Condition::Killed, "us-west-dr does not answer"),
        (State::Active, Condition::Hanging, "us-west-dr does not answer"),
    ] {
        world.clusters[3].set_state(state);
        world.clusters[3].set(condition).unwrap();
        let asked = steps(&promotion(&world).await).len();
        promote(&world, STANDBY).await;
        world
            .until(why, async || {
                let promotion = promotion(&world).await;
                promotion["state"] == "refused" && steps(&promotion).len() > asked
            })
            .await;
        let refused = promotion(&world).await;
        assert!(refused["fenced"] == true && refused["why"].as_str().unwrap().starts_with(why), "{why}: {refused:#}");
    }
    world.clusters[0].revive().unwrap();
    world.until("the old primary is up", async || known(&world, "us-east").await["up"] == true).await;
    informed(&world, 0).await;
    assert_eq!(write(&isolate, "fenced").await, Answer::refused("no-writer"));

    let (status, called_off) = order(&world, "readmit", &json!({ "cluster": "us-east" })).await;
    assert_eq!((status, &called_off["promotion"]["state"]), (200, &json!("ended")));
    informed(&world, 0).await;
    assert_eq!(write(&isolate, "w").await, Answer::of(200, "us-east", "write-primary"));
    assert_eq!(world.clusters[0].writes().into_keys().collect::<Vec<_>>(), ["w"]);
    assert_eq!(world.clusters[3].count(), 0);
}

/// How a restart happens.
#[derive(Clone, Copy)]
enum Restart {
    Object,
    Runtime,
}

async fn restarts_do_not_matter(how: Restart) {
    let mut world = promoting().topology(|topology| topology["health"]["timeout_ms"] = json!(3_000)).harness().start();
    primary_ends(&world, Condition::Killed).await;
    world.clusters[3].promote();
    promote(&world, STANDBY).await;
    // Checks that take long enough to be met.
    world.clusters[3].set(Condition::Slow(1_500)).unwrap();
    for state in ["checking", "fenced", "target-check", "active"] {
        until_promotion_is(&world, state).await;
        match how {
            Restart::Object => world.harness().restart_object().await,
            Restart::Runtime => world.restart(),
        }
    }
    let active = until_promotion_is(&world, "active").await;
    world.clusters[3].revive().unwrap();
    let words: Vec<String> = steps(&active).into_iter().map(|(_, words)| words).collect();
    for (beginning, count) in [("check ", 3), ("us-east is fenced", 1), ("one lease is over", 1), (STANDBY, 1)] {
        assert_eq!(words.iter().filter(|words| words.starts_with(beginning)).count(), count, "{beginning}: {words:#?}");
    }
    let lease = time_of(&active, "one lease is over") - time_of(&active, "us-east is fenced");
    assert!(lease >= LEASE, "a lease of {lease} ms");
    world.until("it is the writer", async || known(&world, STANDBY).await["effective_role"] == "writer").await;
    informed(&world, 0).await;
    assert_eq!(write(&world.isolate(0), "w").await, Answer::of(200, STANDBY, "write-primary"));
    let events = events(&object(&world).await);
    assert_eq!(events.iter().filter(|words| words.contains("us-east is fenced")).count(), 1, "{events:#?}");
}

#[tokio::test]
async fn the_object_may_restart_in_every_phase() {
    restarts_do_not_matter(Restart::Object).await;
}

#[tokio::test]
async fn the_runtime_may_restart_in_every_phase() {
    restarts_do_not_matter(Restart::Runtime).await;
}

/// Sends an isolate a request every few milliseconds, each with the time in its id, until told to stop; the answers by
/// the time of the request.
async fn steadily<A>(stop: &AtomicBool, mut send: impl AsyncFnMut(u64) -> A) -> Vec<(u64, A)> {
    let mut answers = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let at = now();
        answers.push((at, send(at).await));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    answers
}

#[tokio::test]
async fn no_write_reaches_the_old_primary_after_a_promotion_though_an_isolate_is_cut_off() {
    let world = promoting().isolates(2).harness().start();
    let (first, second) = (world.isolate(0), world.isolate(1));
    for isolate in [&first, &second] {
        assert_eq!(write(isolate, "0-0").await, Answer::of(200, "us-east", "write-primary"));
    }
    let stop = AtomicBool::new(false);
    let writes = |isolate, number| {
        let world = &world;
        steadily(&stop, async move |at| write(&world.isolate(isolate), &format!("{number}-{at}")).await)
    };
    let reads = |isolate, city: City| {
        let world = &world;
        steadily(&stop, async move |_| read(&world.isolate(isolate), city).await)
    };

    let story = async {
        // To its probes it is silent, as if the tunnel to it were down; whatever is sent to it is counted all the same.
        primary_ends(&world, failing(530, "error code: 1033")).await;
        world.clusters[3].promote();
        world.harness().cut(1).await;
        let cut_at = now();
        promote(&world, STANDBY).await;
        let active = until_promotion_is(&world, "active").await;
        let at_old_primary = world.clusters[0].writes();
        world
            .until("the first isolate writes to the new primary", async || {
                world.clusters[3].writes().keys().any(|id| id.starts_with("1-"))
            })
            .await;
        assert_eq!(second.status().await["isolate"]["lease_over"], true);
        world.harness().mend(1).await;
        world
            .until("the second isolate follows", async || {
                world.clusters[3].writes().keys().any(|id| id.starts_with("2-"))
            })
            .await;
        // Were it not fenced, the old primary would be welcome now.
        world.clusters[0].revive().unwrap();
        world.until("the old primary is up", async || known(&world, "us-east").await["up"] == true).await;
        informed(&world, 1).await;
        let to = world.clusters[3].count() + 20;
        world.until("writes go on", async || world.clusters[3].count() > to).await;
        stop.store(true, Ordering::Relaxed);
        (cut_at, active, at_old_primary)
    };
    let (first_writes, second_writes, first_reads, second_reads, (cut_at, active, at_old_primary)) =
        tokio::join!(writes(0, 1), writes(1, 2), reads(0, FRANKFURT), reads(1, FRANKFURT), story);
    let (fenced_at, active_at) = (time_of(&active, "us-east is fenced"), active["since"].as_u64().unwrap());

    // At the clusters: none twice, none in two of them, none at the old primary that was sent after a lease.
    let mut arrived: BTreeMap<String, u64> = BTreeMap::new();
    for cluster in &world.clusters {
        for (id, times) in cluster.writes() {
            *arrived.entry(id).or_default() += times;
        }
    }
    arrived.remove("0-0");
    assert!(arrived.values().all(|times| *times == 1), "{arrived:?}");
    let (old, new) = (world.clusters[0].writes(), world.clusters[3].writes());
    assert_eq!(old, at_old_primary, "writes arrived after the promotion");
    let sent_at = |id: &String| id.split_once('-').unwrap().1.parse::<u64>().unwrap();
    let last = old.keys().map(sent_at).max().unwrap();
    assert!(last < fenced_at + LEASE && last < active_at, "fenced {fenced_at}, last {last}, active {active_at}");
    assert!(old.keys().any(|id| id.starts_with("2-") && sent_at(id) > fenced_at), "the one cut off did not go on");
    assert!(old.keys().filter(|id| id.starts_with("1-")).all(|id| sent_at(id) < fenced_at + LEASE));
    assert!(world.clusters[1].writes().is_empty() && world.clusters[2].writes().is_empty());

    // For the clients: each write went where it was said to go, or was refused for the right reason.
    for (number, answers) in [(1, &first_writes), (2, &second_writes)] {
        for (at, answer) in answers {
            let id = format!("{number}-{at}");
            let place = (old.contains_key(&id), new.contains_key(&id));
            match (answer.status, answer.cluster.as_str()) {
                (200 | 502, "us-east") => assert_eq!(place, (true, false), "{id}: {answer:?}"),
                (200, STANDBY) => assert_eq!(place, (false, true), "{id}: {answer:?}"),
                (503, "") => assert_eq!(place, (false, false), "{id}: {answer:?}"),
                _ => panic!("{id}: {answer:?}"),
            }
        }
    }
    let refusals = |answers: &[(u64, Answer)]| -> BTreeMap<String, usize> {
        let refused = answers.iter().filter(|(_, answer)| answer.status == 503);
        refused.fold(BTreeMap::new(), |mut reasons, (_, answer)| {
            *reasons.entry(answer.reason.clone()).or_default() += 1;
            reasons
        })
    };
    let (first_refusals, second_refusals) = (refusals(&first_writes), refusals(&second_writes));
    assert!(first_refusals["no-writer"] > 0 && !first_refusals.contains_key("lease-over"), "{first_refusals:?}");
    assert!(second_refusals["lease-over"] > 0, "{second_refusals:?}");
    let went_on = second_writes.iter().filter(|(at, answer)| *at > cut_at && answer.cluster == "us-east").count();
    assert!(went_on > 0, "the one cut off writes until its lease is over");

    // Reads went on all the time.
    for reads in [first_reads, second_reads] {
        assert!(reads.len() > 50, "{} reads", reads.len());
        for (at, read) in reads {
            assert_eq!(read, Answer::of(200, "eu-central", "nearest"), "at {at}");
        }
    }
}

#[tokio::test]
async fn fences_and_drains_go_with_the_ids_over_topologies() {
    let mut world = promoting().start();
    promoted(&world).await;
    world.clusters[0].revive().unwrap();
    order(&world, "drain", &json!({ "cluster": "eu-central", "drain": true })).await;
    assert_eq!(write(&world.isolate(0), "1").await, Answer::of(200, STANDBY, "write-primary"));
    let is_kept = async |world: &World| {
        let object = object(world).await;
        assert_eq!((&object["fences"][0]["id"], &object["fences"].as_array().unwrap().len()), (&json!("us-east"), &1));
        assert_eq!(cluster_in(&object, "eu-central")["draining"], true, "{object:#}");
        object
    };

    // What does not concern clusters, roles and origins leaves the promotion as it is.
    world.redeploy(|topology| topology["lag"] = json!({ "max_ms": 9_000 }));
    let status = is_kept(&world).await;
    assert_eq!((&status["writer"], &status["promotion"]["state"]), (&json!(STANDBY), &json!("active")));
    assert_eq!(write(&world.isolate(0), "2").await, Answer::of(200, STANDBY, "write-primary"));

    // Another topology that still calls the fenced one the primary: nobody takes writes, and the status says why.
    world.redeploy(|topology| drop(topology["clusters"].as_array_mut().unwrap().remove(2)));
    let status = is_kept(&world).await;
    assert!(status["writer"].is_null(), "{status:#}");
    assert!(status["no_writer"].as_str().unwrap().contains("still calls it the primary"), "{status:#}");
    assert_eq!(write(&world.isolate(0), "3").await, Answer::refused("no-writer"));
    assert_eq!(read(&world.isolate(0), VIRGINIA).await.status, 503, "one is fenced, one drained, one a standby");

    // One that calls the promoted one the primary, in another order: it takes over.
    world.redeploy(|topology| {
        let clusters = topology["clusters"].as_array_mut().unwrap();
        clusters[0]["role"] = json!("replica");
        clusters[2]["role"] = json!("primary");
        clusters.reverse();
    });
    world.until("the new primary takes writes", async || is_kept(&world).await["writer"] == STANDBY).await;
    informed(&world, 0).await;
    assert_eq!(write(&world.isolate(0), "4").await, Answer::of(200, STANDBY, "write-primary"));
    assert_eq!(read(&world.isolate(0), FRANKFURT).await, Answer::of(200, STANDBY, "fallback-primary"));
    assert_eq!(world.clusters[0].count(), 0, "the fenced one got something");

    let (status, _) = order(&world, "readmit", &json!({ "cluster": "us-east" })).await;
    assert_eq!(status, 200);
    world.until("it is up", async || known(&world, "us-east").await["up"] == true).await;
    informed(&world, 0).await;
    assert_eq!(read(&world.isolate(0), VIRGINIA).await, Answer::of(200, "us-east", "nearest"));
}
