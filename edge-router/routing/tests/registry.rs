//! What the health object knows and tells: probes on time, thresholds, drains, hints, what survives a restart.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use routing::{
    Change, EffectiveRole, Finding, Milliseconds, Moment, News, ReadmissionRefused, Registry, State, Topology,
};
use serde_json::{Value, json};

/// An hour after the beginning of time, so that nothing works only at zero.
const START: u64 = 3_600_000;

fn at(seconds: u64) -> Moment {
    Moment::from_millis(START + seconds * 1_000)
}

fn cluster(id: &str, role: &str) -> Value {
    json!({ "id": id, "role": role, "url": format!("https://{id}.example"), "latitude": 1, "longitude": 2 })
}

fn topology(clusters: &[Value], more: &Value) -> Topology {
    let mut file = json!({ "version": 1, "clusters": clusters, "health": { "dialect": "vault" } });
    file.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Topology::parse(&file.to_string()).unwrap()
}

/// A primary `us`, a replica `eu` and a standby `dr`.
fn three(more: &Value) -> Topology {
    topology(&[cluster("us", "primary"), cluster("eu", "replica"), cluster("dr", "standby")], more)
}

fn good(state: State) -> Finding {
    Finding { healthy: true, state, status: Some(200), lag: None, cluster_id: None }
}

fn bad(state: State, status: Option<u16>) -> Finding {
    Finding { healthy: false, state, status, lag: None, cluster_id: None }
}

fn silence() -> Finding {
    bad(State::Unreachable, None)
}

/// The object starts anew with another topology.
fn restart(registry: &mut Registry, topology: Topology, now: Moment) {
    *registry = Registry::restore(topology, &registry.stored(), now);
}

const TOOK: Milliseconds = Milliseconds::new(80);

fn words(registry: &Registry) -> Vec<&str> {
    registry.events_since(0).map(|event| event.words.as_str()).collect()
}

#[test]
fn three_bad_probes_take_a_cluster_down_and_two_good_ones_bring_it_back() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    let sealed = bad(State::Sealed, Some(503));
    let active = good(State::PerformanceSecondary);
    // Finding, and what it changes.
    let rows = [
        (&sealed, None),
        (&sealed, None),
        (&active, None), // one good probe forgets the bad ones
        (&sealed, None),
        (&sealed, None),
        (&sealed, Some(Change::Down)),
        (&sealed, None),
        (&active, None),
        (&sealed, None), // and the other way round
        (&active, None),
        (&active, Some(Change::Up)),
        (&active, None),
    ];
    for (row, (finding, expected)) in (0..).zip(rows) {
        assert_eq!(registry.record("eu", finding, TOOK, at(row * 5)), expected, "row {row}");
        let up = registry.snapshot().clusters[1].up;
        assert_eq!(up, !(5..10).contains(&row), "row {row}");
    }
    assert_eq!(
        words(&registry),
        [
            "us takes writes",
            "eu is down after 3 failed probes: 503 sealed",
            "eu is up again after 2 good probes, down for 25 s: 200 performance secondary"
        ]
    );
    assert_eq!(registry.record("nowhere", &active, TOOK, at(99)), None);
}

#[test]
fn lag_role_and_identifier_are_what_was_last_heard() {
    let mut registry = Registry::new(three(&json!({ "lag": { "max_ms": 10_000 } })), at(0));
    let heard = |lag: u64, id: &str| Finding {
        lag: Some(Milliseconds::new(lag)),
        cluster_id: Some(id.to_owned()),
        ..good(State::PerformanceSecondary)
    };
    let mut lag_after = |finding: &Finding| {
        registry.record("eu", finding, TOOK, at(1));
        registry.snapshot().clusters[1].lag_ms
    };
    assert_eq!(lag_after(&heard(12_000, "a")), Some(12_000));
    assert_eq!(lag_after(&silence()), Some(12_000), "silence says nothing of lag");
    assert_eq!(lag_after(&heard(9_000, "a")), Some(9_000));
    assert_eq!(lag_after(&heard(11_000, "a")), Some(11_000));
    assert_eq!(lag_after(&heard(800, "b")), Some(800));
    assert_eq!(lag_after(&good(State::Active)), None, "an answer without lag does");
    registry.record("eu", &good(State::DisasterRecoverySecondary), TOOK, at(2));
    assert!(registry.snapshot().clusters[1].is_standby);
    registry.record("eu", &silence(), TOOK, at(3));
    assert!(registry.snapshot().clusters[1].is_standby, "silence does not promote it");
    registry.record("eu", &good(State::Active), TOOK, at(4));
    assert!(!registry.snapshot().clusters[1].is_standby);
    assert_eq!(
        words(&registry)[1..],
        [
            "eu lags 12 s, more than it may to serve reads",
            // Back under the limit by a little, and over it again, is no news.
            "eu has caught up: it lags 800 ms",
            "eu is another cluster than before: its cluster id was a, now b",
            "eu answers as a disaster recovery secondary: it gets no traffic",
            "eu is no disaster recovery secondary any more: 200 active",
        ]
    );
    let status = registry.status(at(5));
    let eu = &status.clusters[1];
    assert_eq!((eu.cluster_id.as_deref(), eu.former_cluster_id.as_deref()), (Some("b"), Some("a")));
    assert_eq!(eu.last_probe.as_ref().map(|probe| (probe.at, probe.took)), Some((at(4), TOOK)));
}

#[test]
fn a_suspicion_lasts_one_cooldown() {
    let mut registry = Registry::new(three(&json!({ "breaker": { "cooldown_ms": 30_000 } })), at(0));
    let suspected = |registry: &Registry| registry.snapshot().clusters[1].suspect;
    registry.suspect("eu", at(0));
    registry.suspect("nowhere", at(0));
    registry.suspect("eu", at(10)); // another isolate
    for (second, expected) in [(10, true), (39, true), (40, false), (50, false)] {
        registry.advance(at(second));
        assert_eq!(suspected(&registry), expected, "{second} s");
    }
    assert_eq!(words(&registry)[1..], ["an isolate has opened its circuit breaker for eu"]);
}

#[test]
fn drains() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    assert_eq!(registry.drain("nowhere", true, at(1)).unwrap_err().to_string(), "no cluster is called \"nowhere\"");
    registry.drain("eu", true, at(1)).unwrap();
    registry.drain("eu", true, at(2)).unwrap(); // again
    assert!(registry.snapshot().clusters[1].draining);
    registry.drain("eu", false, at(3)).unwrap();
    assert!(!registry.snapshot().clusters[1].draining);
    assert_eq!(words(&registry)[1..], ["eu is drained: it gets nothing new", "eu is drained no more"]);
    let refused = registry.readmit("eu", at(4)).unwrap_err();
    assert_eq!(refused, ReadmissionRefused::NotFenced { id: "eu".to_owned() });
    assert!(matches!(registry.readmit("nowhere", at(4)), Err(ReadmissionRefused::UnknownCluster(_))));
}

/// Probes over a span, as the object would make them: it wakes when asked to, and every probe is good.
fn probes(registry: &mut Registry, from: u64, until: u64) -> Vec<(u64, String)> {
    let mut probes = Vec::new();
    let mut now = Moment::from_millis(from);
    while now.millis() < until {
        registry.advance(now);
        for order in registry.due(now) {
            registry.record(&order.id, &good(State::Active), TOOK, now);
            probes.push((now.millis(), order.id));
        }
        let next = registry.next_wake(now).expect("there are probes to make");
        assert!(next >= now);
        now = next;
    }
    probes
}

#[test]
fn probes_come_at_their_interval_and_not_in_lockstep() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    let made = probes(&mut registry, START, START + 600_000);
    for id in ["us", "eu", "dr"] {
        let times: Vec<u64> = made.iter().filter(|(_, of)| of == id).map(|(at, _)| *at).collect();
        let steps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| (4_500..=5_500).contains(step)), "{id}: {steps:?}");
        assert!((110..=130).contains(&times.len()), "{id}: {} probes in 10 minutes", times.len());
        assert!(steps.iter().any(|step| *step < 4_900) && steps.iter().any(|step| *step > 5_100), "{id}: {steps:?}");
    }
    let firsts: Vec<u64> = made.iter().take(3).map(|(at, _)| at - START).collect();
    assert_eq!(firsts, [0, 1_666, 3_333], "the first probes are spread over an interval");
}

#[test]
fn a_pause_is_not_made_up_for() {
    let clusters: Vec<Value> =
        (0..20).map(|n| cluster(&format!("c{n}"), if n == 0 { "primary" } else { "replica" })).collect();
    let mut registry = Registry::new(topology(&clusters, &json!({})), at(0));
    probes(&mut registry, START, START + 60_000);
    // The object was gone for an hour, then wakes late.
    let back = at(3_660);
    let first = registry.due(back);
    assert_eq!(first.len(), 5, "few at a time");
    assert_eq!(registry.next_wake(back), Some(back), "the others follow at once");
    let made = probes(&mut registry, back.millis(), back.millis() + 10_000);
    for n in 5..20 {
        let count = made.iter().filter(|(_, id)| *id == format!("c{n}")).count();
        assert!((2..=4).contains(&count), "c{n} was probed {count} times in two intervals");
    }
    assert!(registry.due(Moment::from_millis(back.millis() + 1)).len() <= 5);
}

#[test]
fn a_clock_set_back_does_not_stop_the_probes() {
    let mut registry = Registry::new(three(&json!({})), at(86_400));
    registry.due(at(86_400));
    assert_eq!(registry.next_wake(at(0)), Some(at(0)));
    assert_eq!(registry.due(at(0)).len(), 3);
    assert!(registry.next_wake(at(0)).unwrap() > at(0));
}

#[test]
fn without_probing_nothing_is_due() {
    let file = json!({ "version": 1, "clusters": [cluster("us", "primary"), cluster("dr", "standby")] });
    let mut registry = Registry::new(Topology::parse(&file.to_string()).unwrap(), at(0));
    assert!(registry.due(at(0)).is_empty());
    assert_eq!(registry.next_wake(at(0)), None);
    registry.suspect("us", at(0));
    assert_eq!(registry.next_wake(at(0)), Some(at(30)), "a suspicion ends");
    registry.advance(at(30));
    registry.promote("dr", at(31)).unwrap();
    assert_eq!(registry.next_wake(at(31)), Some(at(31)), "a promotion has its checks");
    assert_eq!(registry.probing().status, (100, 599), "every answer is an answer");
}

#[test]
fn the_sequence_grows_with_what_isolates_must_know_and_with_nothing_else() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    let mut grows = |what: &str, expected: bool, change: &dyn Fn(&mut Registry)| {
        let before = registry.snapshot().sequence;
        change(&mut registry);
        assert_eq!(registry.snapshot().sequence > before, expected, "{what}");
        assert!(registry.snapshot().sequence >= before);
    };
    let active = good(State::Active);
    let lagging = Finding { lag: Some(Milliseconds::new(5)), ..active.clone() };
    grows("a good probe", false, &|r| assert_eq!(r.record("eu", &active, TOOK, at(1)), None));
    grows("a first bad probe", false, &|r| assert_eq!(r.record("eu", &silence(), TOOK, at(2)), None));
    grows("lag", true, &|r| assert_eq!(r.record("eu", &lagging, TOOK, at(3)), None));
    grows("the same lag", false, &|r| assert_eq!(r.record("eu", &lagging, TOOK, at(4)), None));
    grows("a drain", true, &|r| r.drain("eu", true, at(5)).unwrap());
    grows("the same drain", false, &|r| r.drain("eu", true, at(6)).unwrap());
    grows("a suspicion", true, &|r| r.suspect("us", at(7)));
    grows("its end", true, &|r| r.advance(at(60)));
    grows("time", false, &|r| r.advance(at(61)));
    grows("two changes at one moment", true, &|r| r.drain("us", true, at(0)).unwrap());
    grows("the second of them", true, &|r| r.drain("us", false, at(0)).unwrap());
    grows("a restart", true, &|r| *r = Registry::restore(three(&json!({})), &r.stored(), at(62)));
    grows("the loss of everything", true, &|r| *r = Registry::new(three(&json!({})), at(63)));
}

#[test]
fn two_hundred_clusters_stay_below_20_kilobytes() {
    let clusters: Vec<Value> = (0..200)
        .map(|n| cluster(&format!("ap-southeast-{n:03}-secondary"), if n == 0 { "primary" } else { "replica" }))
        .collect();
    let mut registry = Registry::new(topology(&clusters, &json!({})), at(0));
    for cluster in registry.snapshot().clusters.clone() {
        let finding = Finding { lag: Some(Milliseconds::new(12_345)), ..bad(State::Cut, Some(474)) };
        for _ in 0..3 {
            registry.record(&cluster.id, &finding, TOOK, at(1));
        }
        registry.suspect(&cluster.id, at(1));
    }
    let text = serde_json::to_string(registry.snapshot()).unwrap();
    assert!(text.len() < 20_000, "{} bytes", text.len());
    let news = News::read(&format!(r#"{{ "snapshot": {text} }}"#)).unwrap();
    assert_eq!(&news.snapshot, registry.snapshot());
}

#[test]
fn what_is_known_survives_a_restart() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    for _ in 0..3 {
        registry.record("eu", &bad(State::Sealed, Some(503)), TOOK, at(1));
    }
    registry.record("us", &silence(), TOOK, at(1));
    registry.drain("dr", true, at(2)).unwrap();
    registry.suspect("us", at(2));
    registry.due(at(2));
    let mut restored = Registry::restore(three(&json!({})), &registry.stored(), at(3));
    let (mut before, after) = (registry.status(at(3)), restored.status(at(3)));
    before.sequence = after.sequence;
    assert_eq!(before, after);
    assert_eq!(registry.next_wake(at(3)), restored.next_wake(at(3)));
    // The count of bad probes goes on.
    restored.record("us", &silence(), TOOK, at(4));
    assert_eq!(restored.record("us", &silence(), TOOK, at(5)), Some(Change::Down));
}

#[test]
fn what_cannot_be_read_fails_closed_where_it_matters() {
    let stored = Registry::new(three(&json!({})), at(0)).stored();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&stored).unwrap();
        change(&mut value);
        value.to_string()
    };
    let set = |pointer: &'static str, to: Value| with(&|value| *value.pointer_mut(pointer).unwrap() = to.clone());
    // What is stored, and who takes writes then.
    let rows = [
        (stored.clone(), Some("us"), "all of it is there"),
        (set("/clusters", json!("?")), Some("us"), "probes find out again"),
        (set("/clusters/0/threshold", json!(7)), Some("us"), "probes find out again"),
        (set("/journal", json!([1])), Some("us"), "a story lost"),
        (String::new(), None, "nothing is there"),
        ("{".to_owned(), None, "cut off"),
        (stored[..stored.len() - 5].to_owned(), None, "cut off later"),
        (set("/version", json!(2)), None, "by a later version"),
        (set("/authority", Value::Null), None, "the writer"),
        (set("/authority/fences", json!({ "us": "yesterday" })), None, "a fence"),
        (set("/authority/mandate", json!("everybody")), None, "the mandate"),
        (set("/promotion", json!({ "state": "active" })), None, "a promotion"),
        (
            with(&|value| drop(value.as_object_mut().unwrap().remove("promotion"))),
            Some("us"),
            "how far a promotion is, but the mandate is there, and stays what it was",
        ),
    ];
    for (text, writer, reason) in rows {
        let mut registry = Registry::restore(three(&json!({})), &text, at(10));
        assert_eq!(registry.snapshot().writer.as_deref(), writer, "{reason}");
        registry.advance(at(1_000));
        assert_eq!(registry.snapshot().writer.as_deref(), writer, "{reason}: time does not heal it");
        let status = registry.status(at(1_000));
        assert_eq!(status.no_writer.is_some(), writer.is_none(), "{reason}");
        assert!(registry.snapshot().clusters.iter().all(|cluster| cluster.up), "{reason}: reads go on");
    }
}

#[test]
fn after_a_loss_the_operator_says_who_writes() {
    let lost = || Registry::restore(three(&json!({})), "?", at(0));
    let mut registry = lost();
    assert_eq!(
        words(&registry),
        ["the stored state cannot be read (expected value at line 1 column 1): nobody takes writes until us is \
          readmitted or a standby promoted"]
    );
    assert_eq!(
        registry.status(at(0)).no_writer.unwrap(),
        "the stored state could not be read, so it is not known who may take writes; readmit us if it is the right \
         one, or promote a standby"
    );
    registry.readmit("us", at(1)).unwrap();
    assert_eq!(registry.snapshot().writer, None, "another cluster may have been the writer a moment ago");
    assert_eq!(
        registry.status(at(1)).no_writer.unwrap(),
        "us takes writes in 29 s, when no isolate sends them to the writer before any more"
    );
    assert!(registry.next_wake(at(29)).unwrap() <= at(30));
    registry.advance(at(30));
    assert_eq!(registry.snapshot().writer.as_deref(), Some("us"));
    // It stays lost over restarts and topologies until then.
    let mut again = Registry::restore(three(&json!({})), &lost().stored(), at(50));
    restart(&mut again, topology(&[cluster("eu", "primary")], &json!({})), at(60));
    again.advance(at(500));
    assert_eq!(again.snapshot().writer, None);
    assert!(again.readmit("us", at(501)).is_err(), "us is not in this topology");
    again.readmit("eu", at(501)).unwrap();
    assert_eq!(again.snapshot().writer.as_deref(), Some("eu"));
}

#[test]
fn a_topology_keeps_what_is_known_by_id() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    for _ in 0..3 {
        registry.record("eu", &silence(), TOOK, at(1));
    }
    registry.drain("us", true, at(1)).unwrap();
    let four = [cluster("ap", "replica"), cluster("eu", "replica"), cluster("us", "primary")];
    restart(&mut registry, topology(&four, &json!({})), at(2));
    let told: Vec<_> = registry.snapshot().clusters.iter().map(|c| (c.id.as_str(), c.up, c.draining)).collect();
    assert_eq!(told, [("ap", true, false), ("eu", false, false), ("us", true, true)]);
    assert_eq!(registry.snapshot().writer.as_deref(), Some("us"));
    assert_eq!(registry.snapshot().topology, registry.status(at(2)).topology.fingerprint);
}

#[test]
fn another_primary_takes_over_one_lease_later() {
    let mut registry = Registry::new(three(&json!({ "promotion": { "lease_ms": 60_000 } })), at(0));
    let other = [cluster("us", "replica"), cluster("eu", "primary"), cluster("dr", "standby")];
    restart(&mut registry, topology(&other, &json!({ "promotion": { "lease_ms": 10_000 } })), at(100));
    assert!(words(&registry).contains(&"a lease of the writer lasts 10 s, not 60 s as before"));
    for (second, writer) in [(100, None), (111, None), (159, None), (160, Some("eu"))] {
        registry.advance(at(second));
        assert_eq!(registry.snapshot().writer.as_deref(), writer, "{second} s: isolates may hold the longer lease");
    }
    assert_eq!(words(&registry)[3..], ["nobody takes writes: us is the writer no more", "eu takes writes"]);
    // Back before the lease is over is back at once: it is the same writer.
    restart(&mut registry, three(&json!({})), at(200));
    assert_eq!(registry.snapshot().writer, None);
    restart(&mut registry, topology(&other, &json!({})), at(201));
    assert_eq!(registry.snapshot().writer.as_deref(), Some("eu"));
}

#[test]
fn an_invalid_topology_leaves_the_last_valid_one_in_force() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    let why = vec!["clusters: missing".to_owned(), "version: missing".to_owned()];
    registry.reject_topology(why.clone(), at(1));
    registry.reject_topology(why.clone(), at(2)); // every isolate hands it in
    let status = registry.status(at(3));
    assert!(!status.topology.is_current);
    assert_eq!(status.topology.errors, why);
    assert_eq!(
        words(&registry)[1..],
        ["the new topology is invalid, the last valid one stays in force: clusters: missing"]
    );
    restart(&mut registry, three(&json!({})), at(4));
    assert!(registry.status(at(5)).topology.is_current);
}

#[test]
fn the_status_says_what_each_cluster_is_used_as() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    let roles = |registry: &Registry| -> Vec<EffectiveRole> {
        registry.status(at(9)).clusters.iter().map(|cluster| cluster.effective_role).collect()
    };
    assert_eq!(roles(&registry), [EffectiveRole::Writer, EffectiveRole::Replica, EffectiveRole::Standby]);
    let told: Vec<bool> = registry.snapshot().clusters.iter().map(|cluster| cluster.is_standby).collect();
    assert_eq!(told, [false, false, true], "also for isolates whose topology calls it something else");
    assert_eq!(registry.snapshot().lease_ms, Some(30_000));
    registry.record("eu", &good(State::DisasterRecoverySecondary), TOOK, at(1));
    assert_eq!(roles(&registry)[1], EffectiveRole::Standby);
    let json = serde_json::to_value(registry.status(at(9))).unwrap();
    assert_eq!(json.pointer("/clusters/1/effective_role"), Some(&json!("standby")));
    assert_eq!(json.pointer("/clusters/1/state"), Some(&json!("disaster-recovery-secondary")));
    assert_eq!(json.pointer("/writer"), Some(&json!("us")));
    assert_eq!(
        json.pointer("/events/0/words"),
        Some(&json!("eu answers as a disaster recovery secondary: it gets no traffic"))
    );
}

#[test]
fn the_journal_keeps_the_last_hundred_changes() {
    let mut registry = Registry::new(three(&json!({})), at(0));
    let revision = registry.revision();
    for n in 0..300 {
        registry.drain("eu", n % 2 == 0, at(n)).unwrap();
    }
    assert_eq!(registry.revision(), revision + 300);
    assert_eq!(registry.events_since(0).count(), 100);
    assert_eq!(registry.events_since(revision + 290).count(), 10);
    assert_eq!(registry.status(at(300)).events[0].number, revision + 299, "newest first");
}
