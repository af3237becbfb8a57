//! Promotion of a standby: every way through it, and the laws that hold whatever happens meanwhile.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::cell::Cell;

use routing::{
    EffectiveRole, Finding, Milliseconds, Moment, PromotionOrder, PromotionRefused, PromotionState, Registry, State,
    Subject, Topology,
};
use serde_json::{Value, json};

const TOOK: Milliseconds = Milliseconds::new(80);

fn at(seconds: u64) -> Moment {
    Moment::from_millis(3_600_000 + seconds * 1_000)
}

fn topology(roles: &[(&str, &str)]) -> Topology {
    let cluster = |(id, role): &(&str, &str)| {
        let url = format!("https://{id}.example");
        json!({ "id": id, "role": role, "url": url, "latitude": 1, "longitude": 2 })
    };
    let clusters: Vec<Value> = roles.iter().map(cluster).collect();
    let file = json!({ "version": 1, "clusters": clusters, "health": { "dialect": "vault" },
                       "promotion": { "checks": 3, "interval_ms": 10_000, "lease_ms": 30_000 } });
    Topology::parse(&file.to_string()).unwrap()
}

const ROLES: [(&str, &str); 4] = [("us", "primary"), ("eu", "replica"), ("dr", "standby"), ("dr2", "standby")];

fn registry() -> Registry {
    Registry::new(topology(&ROLES), at(0))
}

fn finding(state: State, status: Option<u16>, healthy: bool) -> Finding {
    Finding { healthy, state, status, lag: None, cluster_id: None }
}

fn active() -> Finding {
    finding(State::Active, Some(200), true)
}

fn silence() -> Finding {
    finding(State::Unreachable, None, false)
}

fn secondary() -> Finding {
    finding(State::DisasterRecoverySecondary, Some(472), true)
}

/// The object starts anew with another topology.
fn restart(registry: &mut Registry, topology: Topology, now: Moment) {
    *registry = Registry::restore(topology, &registry.stored(), now);
}

fn writer(registry: &Registry) -> Option<&str> {
    registry.snapshot().writer.as_deref()
}

/// What one wake-up of the object does for a promotion.
fn wake(registry: &mut Registry, now: Moment, answers: &dyn Fn(&PromotionOrder) -> Finding) {
    registry.advance(now);
    if let Some(order) = registry.order(now) {
        let finding = answers(&order);
        registry.answered(&order, &finding, now);
    }
}

/// Wakes every second.
fn run(registry: &mut Registry, seconds: std::ops::Range<u64>, answers: &dyn Fn(&PromotionOrder) -> Finding) {
    for second in seconds {
        wake(registry, at(second), answers);
    }
}

/// The old primary is gone, the target takes writes.
fn gone(order: &PromotionOrder) -> Finding {
    if order.subject == Subject::OldPrimary { silence() } else { active() }
}

/// The old primary is gone, the target is still a secondary.
fn not_promoted(order: &PromotionOrder) -> Finding {
    if order.subject == Subject::OldPrimary { silence() } else { secondary() }
}

fn fenced(registry: &Registry) -> Vec<String> {
    registry.status(at(0)).fences.into_iter().map(|fence| fence.id).collect()
}

#[test]
fn the_whole_way() {
    let mut registry = registry();
    registry.promote("dr", at(100)).unwrap();
    // Checks at 100, 110 and 120 s; then the fence, and a lease until 150 s.
    for (second, expected) in [(100, Some("us")), (119, Some("us")), (120, None), (149, None), (150, Some("dr"))] {
        run(&mut registry, second..second + 1, &gone);
        assert_eq!(writer(&registry), expected, "{second} s");
        if second == 100 {
            run(&mut registry, 101..119, &gone);
        }
    }
    assert_eq!(registry.promotion().unwrap().state(), &PromotionState::Active { since: at(150) });
    let steps: Vec<(u64, &str)> = registry
        .promotion()
        .unwrap()
        .steps()
        .iter()
        .map(|step| (step.at.since(at(0)).get() / 1_000, step.words.as_str()))
        .collect();
    assert_eq!(
        steps,
        [
            (100, "promotion of dr in place of us was asked for"),
            (100, "check 1 of 3: us does not answer"),
            (110, "check 2 of 3: us does not answer"),
            (120, "check 3 of 3: us does not answer"),
            (120, "us is fenced: it gets nothing until it is readmitted"),
            (120, "waiting 30 s, until no isolate sends it writes any more"),
            (150, "one lease is over: no isolate sends writes to the old primary any more"),
            (150, "dr takes writes (200 active): it is the writer"),
        ]
    );
    let status = registry.status(at(151));
    let roles: Vec<EffectiveRole> = status.clusters.iter().map(|cluster| cluster.effective_role).collect();
    assert_eq!(roles, [EffectiveRole::Fenced, EffectiveRole::Replica, EffectiveRole::Writer, EffectiveRole::Standby]);
    assert_eq!(status.no_writer, None);

    // The old primary comes back, as a replica; the promotion stays in force.
    registry.readmit("us", at(200)).unwrap();
    assert_eq!((writer(&registry), registry.snapshot().clusters[0].fenced), (Some("dr"), false));
    assert_eq!(registry.status(at(201)).clusters[0].effective_role, EffectiveRole::Replica);
    assert!(registry.readmit("us", at(202)).is_err(), "it is not fenced any more");
    assert_eq!(registry.promote("dr", at(203)), Err(PromotionRefused::AlreadyTheWriter { id: "dr".to_owned() }));
}

#[test]
fn any_answer_of_the_old_primary_refuses() {
    #[track_caller]
    fn check(at_check: u32, finding: &Finding, why: &str) {
        let mut registry = registry();
        registry.promote("dr", at(0)).unwrap();
        let checks = Cell::new(0);
        run(&mut registry, 0..200, &|order| {
            checks.set(checks.get() + 1);
            if checks.get() == at_check { finding.clone() } else { gone(order) }
        });
        let promotion = registry.promotion().unwrap();
        assert_eq!((checks.get(), promotion.refusal()), (at_check, Some(why)));
        assert_eq!((writer(&registry), fenced(&registry)), (Some("us"), vec![]), "nothing has changed");
    }
    check(1, &active(), "us still answers: 200 active");
    check(2, &finding(State::Sealed, Some(503), false), "us still answers: 503 sealed");
    check(3, &finding(State::Unknown, Some(404), false), "us still answers: 404");
}

#[test]
fn an_ordinary_probe_of_the_old_primary_between_the_checks_counts_too() {
    let mut registry = registry();
    registry.promote("dr", at(0)).unwrap();
    run(&mut registry, 0..15, &gone);
    registry.record("us", &silence(), TOOK, at(15));
    assert!(registry.promotion().unwrap().is_under_way());
    registry.record("us", &active(), TOOK, at(16));
    assert_eq!(registry.promotion().unwrap().refusal(), Some("us still answers: 200 active"));
    run(&mut registry, 17..200, &gone);
    assert_eq!(writer(&registry), Some("us"));
    // Asked for again, it begins anew.
    registry.promote("dr", at(200)).unwrap();
    run(&mut registry, 200..251, &gone);
    assert_eq!(writer(&registry), Some("dr"));
    assert_eq!(registry.promotion().unwrap().number(), 2);
}

#[test]
fn an_old_primary_that_comes_back_after_the_fence_stays_fenced() {
    let mut registry = registry();
    registry.promote("dr", at(0)).unwrap();
    run(&mut registry, 0..30, &gone);
    for second in 30..35 {
        registry.record("us", &active(), TOOK, at(second));
    }
    run(&mut registry, 35..60, &gone);
    assert_eq!((writer(&registry), fenced(&registry)), (Some("dr"), vec!["us".to_owned()]));
    let told = registry.promotion().unwrap().steps().iter().filter(|step| step.words.contains("answers again"));
    assert_eq!(
        told.map(|step| step.words.as_str()).collect::<Vec<_>>(),
        ["us answers again: 200 active; it stays fenced"]
    );
}

#[test]
fn a_target_that_cannot_take_writes_refuses_and_the_fence_stays() {
    #[track_caller]
    fn check(answer: &Finding, why: &str) {
        let mut registry = registry();
        registry.promote("dr", at(0)).unwrap();
        run(&mut registry, 0..100, &|order| if order.subject == Subject::Target { answer.clone() } else { silence() });
        assert_eq!(registry.promotion().unwrap().refusal(), Some(why));
        assert_eq!((writer(&registry), fenced(&registry)), (None, vec!["us".to_owned()]));
        // The lease has passed: asked for again, it goes on at the target, at once.
        registry.promote("dr", at(100)).unwrap();
        wake(&mut registry, at(100), &gone);
        assert_eq!(writer(&registry), Some("dr"));
    }
    check(
        &secondary(),
        "dr still answers as a secondary (472 disaster recovery secondary): promote it there first, then ask again",
    );
    check(
        &finding(State::PerformanceSecondary, Some(200), true),
        "dr still answers as a secondary (200 performance secondary): promote it there first, then ask again",
    );
    check(
        &finding(State::Standby, Some(429), true),
        "dr answers as a standby (429 standby): promote it there first, or ask again",
    );
    check(&finding(State::Sealed, Some(503), false), "dr cannot take writes (503 sealed)");
    check(&silence(), "dr does not answer (no answer): nothing can be promoted to it");
}

#[test]
fn the_operator_may_change_their_mind_between_the_fence_and_the_end() {
    for (seconds, reason) in [(5, "checking"), (25, "waiting"), (100, "refused")] {
        let mut registry = registry();
        registry.promote("dr", at(0)).unwrap();
        run(&mut registry, 0..seconds, &not_promoted);
        registry.readmit("us", at(seconds)).unwrap();
        assert_eq!((writer(&registry), fenced(&registry)), (Some("us"), vec![]), "{reason}: the same writer, at once");
        assert_eq!(
            registry.promotion().unwrap().state(),
            &PromotionState::Ended { why: "us was readmitted".to_owned() },
            "{reason}"
        );
        run(&mut registry, seconds..seconds + 100, &gone);
        assert_eq!(writer(&registry), Some("us"), "{reason}");
    }
}

#[test]
fn what_cannot_be_promoted() {
    #[track_caller]
    fn check(registry: &mut Registry, id: &str, now: Moment, words: &str) {
        assert_eq!(registry.promote(id, now).unwrap_err().to_string(), words);
    }
    let mut registry = registry();
    check(&mut registry, "nowhere", at(0), "no cluster is called \"nowhere\"");
    check(&mut registry, "us", at(0), "us is the writer already");
    check(
        &mut registry,
        "eu",
        at(0),
        "eu is a replica: only a standby, or the configured primary after a promotion, can be promoted; change its \
         role in the topology first",
    );
    registry.promote("dr", at(0)).unwrap();
    registry.promote("dr", at(1)).unwrap(); // asked twice is asked once
    assert_eq!(registry.promotion().unwrap().number(), 1);
    check(&mut registry, "dr2", at(1), "the promotion of dr is under way; readmit us to call it off");
    run(&mut registry, 1..60, &gone);
    check(&mut registry, "us", at(60), "us is fenced: it was replaced by a promotion; readmit it first");
}

#[test]
fn the_target_gets_traffic_at_once_though_its_last_ordinary_probe_found_a_standby() {
    let mut registry = registry();
    let before = Finding { lag: Some(Milliseconds::new(5_000)), ..secondary() };
    registry.record("dr", &before, TOOK, at(90));
    assert!(registry.snapshot().clusters[2].is_standby);
    registry.promote("dr", at(100)).unwrap();
    run(&mut registry, 100..151, &gone);
    let told = &registry.snapshot().clusters[2];
    assert_eq!((writer(&registry), told.is_standby, told.lag_ms), (Some("dr"), false, None));
    let status = &registry.status(at(151)).clusters[2];
    assert_eq!((status.effective_role, status.state), (EffectiveRole::Writer, Some(State::Active)));
    let words: Vec<&str> = registry.events_since(0).map(|event| event.words.as_str()).collect();
    assert_eq!(
        words[words.len() - 3..],
        [
            "dr is no disaster recovery secondary any more: 200 active",
            "promotion of dr: dr takes writes (200 active): it is the writer",
            "dr takes writes",
        ]
    );
}

#[test]
fn a_second_promotion_replaces_the_promoted_one_and_the_first_primary_can_come_back() {
    let mut registry = registry();
    registry.promote("dr", at(0)).unwrap();
    run(&mut registry, 0..60, &gone);
    registry.readmit("us", at(60)).unwrap();
    // dr answers: it is not replaced.
    registry.promote("dr2", at(61)).unwrap();
    run(&mut registry, 61..62, &|_| active());
    assert_eq!(registry.promotion().unwrap().refusal(), Some("dr still answers: 200 active"));
    assert_eq!(writer(&registry), Some("dr"), "the first promotion stays in force");
    // It goes silent; the target is not ready.
    registry.promote("dr2", at(70)).unwrap();
    run(&mut registry, 70..150, &not_promoted);
    assert_eq!((writer(&registry), fenced(&registry)), (None, vec!["dr".to_owned()]));
    // The first primary was readmitted as a replica: it is not the writer merely because the file says so.
    run(&mut registry, 150..300, &gone);
    assert_eq!(writer(&registry), None);
    // Calling it off gives the writes back to dr.
    registry.readmit("dr", at(300)).unwrap();
    assert_eq!(writer(&registry), Some("dr"));
    // Failing back: the configured primary takes the place of the promoted one.
    registry.promote("us", at(310)).unwrap();
    run(&mut registry, 310..361, &gone);
    assert_eq!((writer(&registry), fenced(&registry)), (Some("us"), vec!["dr".to_owned()]));
}

#[test]
fn another_target_after_a_refusal_needs_no_second_fence() {
    let mut registry = registry();
    registry.promote("dr", at(0)).unwrap();
    run(&mut registry, 0..100, &not_promoted);
    registry.promote("dr2", at(100)).unwrap();
    wake(&mut registry, at(100), &gone);
    assert_eq!((writer(&registry), fenced(&registry)), (Some("dr2"), vec!["us".to_owned()]));
    assert_eq!(registry.promotion().unwrap().old_primary(), "us");
}

#[test]
fn a_promotion_survives_a_restart_at_every_step() {
    for restart in 0..60 {
        let mut registry = registry();
        registry.promote("dr", at(0)).unwrap();
        for second in 0..60 {
            if second == restart {
                let order = registry.order(at(second)); // given, and lost with the object
                registry = Registry::restore(topology(&ROLES), &registry.stored(), at(second));
                assert!(order.is_none() || registry.order(at(second)).is_none(), "not twice at once");
            }
            wake(&mut registry, at(second), &gone);
            assert!(second >= 50 || writer(&registry) != Some("dr"), "restart at {restart} s");
        }
        run(&mut registry, 60..80, &gone);
        assert_eq!(writer(&registry), Some("dr"), "restart at {restart} s");
    }
}

#[test]
fn answers_that_come_late_or_twice_change_nothing() {
    let mut registry = registry();
    registry.promote("dr", at(0)).unwrap();
    let first = registry.order(at(0)).unwrap();
    assert_eq!(registry.order(at(0)), None, "one order at a time");
    registry.answered(&first, &silence(), at(1));
    registry.answered(&first, &silence(), at(1));
    registry.answered(&first, &silence(), at(2));
    assert!(matches!(registry.promotion().unwrap().state(), PromotionState::Checking { done: 1, .. }));
    // An order without an answer is given again, and then only the new one counts.
    let second = registry.order(at(10)).unwrap();
    let again = registry.order(at(30)).unwrap();
    registry.answered(&second, &silence(), at(31));
    assert!(matches!(registry.promotion().unwrap().state(), PromotionState::Checking { done: 1, .. }));
    registry.answered(&again, &silence(), at(31));
    assert!(matches!(registry.promotion().unwrap().state(), PromotionState::Checking { done: 2, .. }));
    // One of a promotion that was called off.
    registry.readmit("us", at(32)).unwrap();
    registry.promote("dr", at(33)).unwrap();
    registry.answered(&again, &silence(), at(34));
    assert!(matches!(registry.promotion().unwrap().state(), PromotionState::Checking { done: 0, .. }));
}

#[test]
fn what_a_new_topology_makes_of_a_promotion() {
    let promoted = || {
        let mut registry = registry();
        registry.promote("dr", at(0)).unwrap();
        run(&mut registry, 0..60, &gone);
        registry
    };
    // Roles in the new topology, whether us was readmitted, who takes writes at once and a lease later; why.
    type Row =
        (&'static [(&'static str, &'static str)], bool, Option<&'static str>, Option<&'static str>, &'static str);
    let rows: [Row; 7] = [
        (&ROLES, false, Some("dr"), Some("dr"), "the same clusters"),
        (&[("dr", "primary"), ("us", "replica")], false, Some("dr"), Some("dr"), "it takes over what was done by hand"),
        (&[("dr", "primary")], false, Some("dr"), Some("dr"), "the fenced one is not even there"),
        (&[("us", "primary"), ("dr", "standby")], false, None, None, "it calls the fenced one the primary"),
        (&[("us", "primary"), ("dr", "standby")], true, None, None, "it calls the replaced one the primary"),
        (&[("eu", "primary"), ("us", "replica"), ("dr", "replica")], false, None, Some("eu"), "a third one"),
        (&[("us", "primary")], false, None, None, "the promoted one is not there any more"),
    ];
    for (roles, readmitted, at_once, later, reason) in rows {
        let mut registry = promoted();
        if readmitted {
            registry.readmit("us", at(60)).unwrap();
        }
        restart(&mut registry, topology(roles), at(100));
        assert_eq!(writer(&registry), at_once, "{reason}");
        registry.advance(at(130));
        assert_eq!(writer(&registry), later, "{reason}");
        assert_eq!(registry.status(at(130)).no_writer.is_some(), later.is_none(), "{reason}");
        assert_eq!(fenced(&registry).is_empty(), readmitted, "{reason}: fences stay by id");
    }
    // The ways out.
    let edited = topology(&[("us", "primary"), ("dr", "standby")]);
    let mut registry = promoted();
    restart(&mut registry, edited.clone(), at(100));
    assert_eq!(
        registry.status(at(101)).no_writer.unwrap(),
        "a promotion had replaced us, and the new topology still calls it the primary; change the topology, readmit us \
         if it is up to date, or promote a standby"
    );
    registry.promote("dr", at(101)).unwrap();
    wake(&mut registry, at(101), &gone);
    assert_eq!(writer(&registry), Some("dr"), "nobody else has written since: no check, no lease");
    let mut registry = promoted();
    restart(&mut registry, edited, at(100));
    registry.readmit("us", at(101)).unwrap();
    assert_eq!(writer(&registry), None);
    registry.advance(at(130));
    assert_eq!(writer(&registry), Some("us"), "one lease after dr");
}

#[test]
fn a_new_topology_ends_a_promotion_under_way() {
    for (seconds, now, reason) in [(5, Some("us"), "checking: nothing was done yet"), (25, None, "fenced")] {
        let mut registry = registry();
        registry.promote("dr", at(0)).unwrap();
        run(&mut registry, 0..seconds, &gone);
        restart(&mut registry, topology(&[("us", "primary"), ("dr", "standby")]), at(seconds));
        assert_eq!(writer(&registry), now, "{reason}");
        run(&mut registry, seconds..200, &gone);
        assert_eq!(writer(&registry), now, "{reason}");
        let ended = PromotionState::Ended { why: "a new topology came into force".to_owned() };
        assert_eq!(registry.promotion().unwrap().state(), &ended, "{reason}");
    }
}

/// Whatever happens, in whatever order.
#[cfg(not(target_arch = "wasm32"))]
mod laws {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Event {
        /// Time passes, and the object sleeps through it.
        Wait(u64),
        /// Time passes, and the object wakes every so many milliseconds; what its orders find.
        Wake {
            times: u64,
            every: u64,
            old_primary: Finding,
            target: Finding,
        },
        Probe(&'static str, Finding),
        Promote(&'static str),
        Readmit(&'static str),
        Drain(&'static str, bool),
        Suspect(&'static str),
        Restart,
        Topology(usize),
    }

    const LEASE: u64 = 30_000;
    const TOPOLOGIES: [&[(&str, &str)]; 4] = [
        &ROLES,
        &[("dr", "primary"), ("us", "standby"), ("eu", "replica")],
        &[("us", "primary"), ("dr", "standby")],
        &[("eu", "primary"), ("us", "replica"), ("dr", "standby"), ("dr2", "standby")],
    ];

    fn findings() -> impl Strategy<Value = Finding> {
        prop_oneof![
            3 => Just(silence()),
            3 => Just(active()),
            1 => Just(secondary()),
            1 => Just(finding(State::Standby, Some(429), true)),
            1 => Just(finding(State::Sealed, Some(503), false)),
        ]
    }

    fn ids() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["us", "eu", "dr", "dr2", "nowhere"])
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let wake = |old_primary: BoxedStrategy<Finding>, target: BoxedStrategy<Finding>| {
            (1..80_u64, 500..2_000_u64, old_primary, target)
                .prop_map(|(times, every, old_primary, target)| Event::Wake { times, every, old_primary, target })
        };
        let event = prop_oneof![
            2 => (0..100_000_u64).prop_map(Event::Wait),
            3 => wake(findings().boxed(), findings().boxed()),
            3 => wake(Just(silence()).boxed(), Just(active()).boxed()),
            3 => (ids(), findings()).prop_map(|(id, finding)| Event::Probe(id, finding)),
            4 => ids().prop_map(Event::Promote),
            2 => ids().prop_map(Event::Readmit),
            1 => (ids(), any::<bool>()).prop_map(|(id, draining)| Event::Drain(id, draining)),
            1 => ids().prop_map(Event::Suspect),
            2 => Just(Event::Restart),
            1 => (0..TOPOLOGIES.len()).prop_map(Event::Topology),
        ];
        prop::collection::vec(event, 1..40)
    }

    /// The registry, one beside it that restarts only with another topology, and what was seen of writers.
    struct Watched {
        registry: Registry,
        steady: Registry,
        topology: usize,
        now: Moment,
        /// Who wrote last, and until when a snapshot said so.
        last: Option<(String, Moment)>,
        /// Whether somebody was the writer when it was last looked.
        is_written: bool,
        /// The promotion that an answer of the old primary has forbidden.
        forbidden: Option<u64>,
    }

    impl Watched {
        fn new() -> Self {
            let (registry, steady) = (registry(), registry());
            Self { registry, steady, topology: 0, now: at(0), last: None, is_written: false, forbidden: None }
        }

        fn each(&mut self, change: impl Fn(&mut Registry, Moment)) -> Result<(), TestCaseError> {
            change(&mut self.registry, self.now);
            change(&mut self.steady, self.now);
            self.check()
        }

        /// An answer of the old primary during the checks, wherever it comes from.
        fn note(&mut self, id: &str, finding: &Finding) {
            let Some(promotion) = self.registry.promotion() else { return };
            let is_checking = matches!(promotion.state(), PromotionState::Checking { .. });
            if is_checking && promotion.old_primary() == id && finding.is_answering() {
                self.forbidden = Some(promotion.number());
            }
        }

        fn happens(&mut self, event: &Event) -> Result<(), TestCaseError> {
            match event {
                Event::Wait(span) => {
                    self.now = self.now.after(Milliseconds::new(*span));
                    Ok(())
                }
                Event::Wake { times, every, old_primary, target } => {
                    for _ in 0..*times {
                        self.now = self.now.after(Milliseconds::new(*every));
                        self.each(Registry::advance)?;
                        prop_assert_eq!(self.registry.due(self.now), self.steady.due(self.now));
                        let order = self.registry.order(self.now);
                        prop_assert_eq!(&order, &self.steady.order(self.now));
                        if let Some(order) = order {
                            let finding = if order.subject == Subject::OldPrimary { old_primary } else { target };
                            if order.subject == Subject::OldPrimary {
                                self.note(&order.id, finding);
                            }
                            self.each(|registry, now| registry.answered(&order, finding, now))?;
                        }
                    }
                    Ok(())
                }
                Event::Probe(id, finding) => {
                    self.note(id, finding);
                    self.each(|registry, now| {
                        registry.record(id, finding, TOOK, now);
                    })
                }
                Event::Promote(id) => self.each(|registry, now| drop(registry.promote(id, now))),
                Event::Readmit(id) => self.each(|registry, now| drop(registry.readmit(id, now))),
                Event::Drain(id, draining) => self.each(|registry, now| drop(registry.drain(id, *draining, now))),
                Event::Suspect(id) => self.each(|registry, now| registry.suspect(id, now)),
                Event::Restart => {
                    let stored = self.registry.stored();
                    let before = self.registry.snapshot().sequence;
                    self.registry = Registry::restore(topology(TOPOLOGIES[self.topology]), &stored, self.now);
                    prop_assert!(self.registry.snapshot().sequence >= before);
                    self.steady.advance(self.now); // as a restart does
                    self.check()
                }
                Event::Topology(index) => {
                    self.topology = *index;
                    self.each(|registry, now| restart(registry, topology(TOPOLOGIES[*index]), now))
                }
            }
        }

        fn check(&mut self) -> Result<(), TestCaseError> {
            let (snapshot, now) = (self.registry.snapshot(), self.now);
            if let Some(writer) = &snapshot.writer {
                let told = snapshot.clusters.iter().find(|cluster| cluster.id == *writer);
                prop_assert!(told.is_some_and(|cluster| !cluster.fenced), "the writer is in the topology, not fenced");
                if let Some((last, until)) = self.last.as_ref().filter(|(last, _)| last != writer) {
                    let until = if self.is_written { now } else { *until };
                    let gap = now.since(until).get();
                    prop_assert!(gap >= LEASE, "{gap} ms between the writers {last} and {writer}");
                }
                self.last = Some((writer.clone(), now));
            } else if let Some((_, until)) = self.last.as_mut().filter(|_| self.is_written) {
                *until = now; // it was the writer until this very moment
            }
            self.is_written = snapshot.writer.is_some();
            let promotion = self.registry.promotion();
            if let Some(promotion) = promotion.filter(|promotion| Some(promotion.number()) == self.forbidden) {
                prop_assert!(!promotion.is_between_writers(), "the old primary answered: {promotion:?}");
                let is_active = matches!(promotion.state(), PromotionState::Active { .. });
                prop_assert!(!is_active, "the old primary answered: {promotion:?}");
            }
            let (mut status, steady) = (self.registry.status(now), self.steady.status(now));
            status.sequence = steady.sequence;
            prop_assert_eq!(status, steady, "a restart changes nothing");
            prop_assert_eq!(self.registry.next_wake(now), self.steady.next_wake(now));
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn one_writer_at_a_time_a_lease_between_two_and_restarts_change_nothing(events in events()) {
            let mut watched = Watched::new();
            for event in &events {
                watched.happens(event)?;
            }
        }

        /// Whatever is stored, reading it does not panic, and a fenced cluster is not the writer.
        #[test]
        fn damage_to_what_is_stored_never_makes_a_fenced_cluster_the_writer(
            events in events(), at_byte in any::<prop::sample::Index>(), with in any::<char>(),
        ) {
            let mut watched = Watched::new();
            for event in &events {
                watched.happens(event)?;
            }
            let stored: Vec<char> = watched.registry.stored().chars().collect();
            let mut damaged = stored.clone();
            damaged[at_byte.index(stored.len())] = with;
            let text: String = damaged.into_iter().collect();
            let mut restored = Registry::restore(topology(TOPOLOGIES[watched.topology]), &text, watched.now);
            for _ in 0..3 {
                let snapshot = restored.snapshot();
                prop_assert!(!snapshot.clusters.iter().any(|c| c.fenced && snapshot.writer.as_deref() == Some(&c.id)));
                restored.advance(watched.now.after(Milliseconds::new(LEASE)));
                prop_assert!(!restored.stored().is_empty());
            }
        }
    }
}
