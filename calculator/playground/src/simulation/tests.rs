use proptest::prelude::*;
use routing::PromotionState;

use super::*;
use crate::city::named;
use crate::preset::PRESETS;

/// A write that was sent.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub(super) flight: u64,
    pub(super) began: Moment,
    pub(super) cluster: String,
    /// Who took writes then, as the health object knows it.
    pub(super) writer: Option<String>,
    pub(super) ended: Option<Moment>,
}

/// Only the writer gets writes, and between those of two writers there is one lease; how often the writer changed.
///
/// An isolate hears of a fence when it asks the next time, so the lease is counted from there.
#[track_caller]
fn check_writes(it: &Simulation) -> usize {
    // The interval is 5 s, and nothing is further away than half the world.
    let unheard = Milliseconds::new(2_500 + 2 * 310);
    let lease = it.topology.promoting().lease;
    let mut changes = 0;
    for write in &it.writes {
        let is_taken = write.writer.as_ref().is_none_or(|writer| *writer == write.cluster);
        assert!(is_taken, "sent to another than the writer: {write:?}");
    }
    for pair in it.writes.windows(2).filter(|pair| pair[0].cluster != pair[1].cluster) {
        let next = &pair[1];
        let before = it.writes.iter().filter(|write| write.began < next.began && write.cluster != next.cluster);
        for write in before {
            assert!(write.ended.is_some_and(|ended| ended <= next.began), "{write:?} is under way at {next:?}");
            let gap = next.began.since(write.began).get() + unheard.get();
            assert!(gap >= lease.get(), "{write:?} is less than a lease before {next:?}");
        }
        changes += 1;
    }
    changes
}

/// The preset with three regions, an hour of nothing not yet passed.
fn world() -> Simulation {
    Simulation::new(Topology::parse(PRESETS[0].text).unwrap(), 1)
}

fn with(edit: impl Fn(&mut serde_json::Value)) -> Simulation {
    let mut document: serde_json::Value = serde_json::from_str(PRESETS[0].text).unwrap();
    edit(&mut document);
    Simulation::new(Topology::parse(&document.to_string()).unwrap(), 1)
}

fn seconds(seconds: u64) -> Milliseconds {
    Milliseconds::new(seconds * 1_000)
}

fn read(simulation: &mut Simulation, city: &str) -> Journey {
    simulation.send(Request::of(named(city).unwrap(), false).unwrap())
}

fn write(simulation: &mut Simulation, city: &str) -> Journey {
    simulation.send(Request::of(named(city).unwrap(), true).unwrap())
}

/// The clusters that it was sent to, with their reasons.
fn way(journey: &Journey) -> Vec<(&str, &str)> {
    journey.attempts.iter().map(|attempt| (attempt.cluster.as_str(), attempt.reason)).collect()
}

fn state(simulation: &mut Simulation, id: &str, condition: Condition) {
    simulation.change(id, |cluster| cluster.condition = condition);
}

fn says(simulation: &Simulation, words: &str) -> bool {
    simulation.changes.iter().any(|change| change.words.contains(words))
}

#[test]
fn a_read_goes_to_the_nearest_and_a_write_to_the_primary() {
    let mut it = world();
    it.pass(seconds(10));
    let journey = read(&mut it, "Paris");
    assert_eq!(way(&journey), [("eu-west", "nearest")]);
    assert!(journey.took.get().abs_diff(journey.expected.unwrap().get()) < 5, "{journey:?}");
    assert_eq!(way(&read(&mut it, "Jakarta")), [("ap-southeast", "nearest")]);
    assert_eq!(way(&write(&mut it, "Paris")), [("us-east", "write-primary")]);
    assert_eq!(way(&read(&mut it, "Paris")), [("us-east", "read-your-writes")], "its own write is followed");
    it.pass(seconds(6));
    assert_eq!(way(&read(&mut it, "Paris")), [("eu-west", "nearest")], "until the window has passed");
}

#[test]
fn the_nearest_is_killed_and_comes_back() {
    let mut it = world();
    it.pass(seconds(10));
    state(&mut it, "eu-west", Condition::Killed);
    let journey = read(&mut it, "Paris");
    assert_eq!(way(&journey), [("eu-west", "nearest"), ("us-east", "retry")], "at first each read finds out itself");
    assert_eq!(journey.attempts[0].ended.map(|ended| ended.0), Some(Outcome::Failed));
    it.pass(seconds(20));
    assert_eq!(way(&read(&mut it, "Paris")), [("us-east", "fallback-primary")], "three failed probes later");
    assert_eq!(it.timeline[1].now().0, Seen::Down);
    state(&mut it, "eu-west", Condition::Alive);
    it.pass(seconds(4));
    assert_eq!(way(&read(&mut it, "Paris"))[0].0, "us-east", "not at once");
    it.pass(seconds(15));
    assert_eq!(way(&read(&mut it, "Paris")), [("eu-west", "nearest")], "two good probes later");
    assert!(says(&it, "eu-west is down after 3 failed probes") && says(&it, "eu-west is up again after 2 good probes"));
}

#[test]
fn a_breaker_sees_what_probes_do_not() {
    let mut it = world();
    it.set_busy(true);
    it.pass(seconds(10));
    state(&mut it, "eu-west", Condition::Failing);
    it.pass(seconds(30));
    let (health, breakers) = it.timeline[1].now();
    assert_eq!(health, Seen::Up, "its health check is well");
    assert!(matches!(breakers, Breakers::Open(_)), "{breakers:?}");
    assert!(says(&it, "an isolate has opened its circuit breaker for eu-west"));
    assert_eq!(way(&read(&mut it, "Paris"))[0].0, "us-east");
    state(&mut it, "eu-west", Condition::Alive);
    it.pass(seconds(90));
    assert_eq!(it.timeline[1].now().1, Breakers::Closed, "tests closed it again");
    let states: Vec<&str> = it.timeline[1].breakers.iter().map(|span| span.what.state()).collect();
    assert!(states.starts_with(&["closed", "open"]) && states.contains(&"half-open"), "{states:?}");
}

#[test]
fn one_that_hangs_costs_an_attempt_and_no_more() {
    let mut it = world();
    it.pass(seconds(10));
    state(&mut it, "eu-west", Condition::Hanging);
    let journey = read(&mut it, "Paris");
    assert_eq!(journey.attempts[0].ended, Some((Outcome::TimedOut, seconds(3))), "as long as an attempt may take");
    assert_eq!(way(&journey)[1], ("us-east", "retry"));
    state(&mut it, "eu-west", Condition::Slow);
    it.pass(seconds(30));
    assert_eq!(way(&read(&mut it, "Paris"))[0].0, "eu-west", "slow, but its probes are answered in time");
    assert!(read(&mut it, "Paris").took > seconds(1));
}

#[test]
fn a_drained_one_gets_nothing_and_a_lagging_one_no_reads() {
    let mut it = world();
    it.pass(seconds(10));
    it.drain("eu-west", true).unwrap();
    it.pass(seconds(5));
    assert_eq!(way(&read(&mut it, "Paris")), [("us-east", "fallback-primary")]);
    it.drain("eu-west", false).unwrap();
    it.change("eu-west", |cluster| cluster.lag = seconds(60));
    it.pass(seconds(10));
    assert_eq!(way(&read(&mut it, "Paris")), [("us-east", "lagging")]);
    assert_eq!(it.timeline[1].now().0, Seen::Lagging);
    it.change("eu-west", |cluster| cluster.lag = seconds(1));
    it.pass(seconds(10));
    assert_eq!(way(&read(&mut it, "Paris")), [("eu-west", "nearest")]);
    assert!(it.drain("nowhere", true).is_err());
}

#[test]
fn a_promotion_takes_its_checks_and_one_lease() {
    let mut it = world();
    it.pass(seconds(10));
    assert!(it.promote("eu-west").unwrap_err().contains("is a replica"));
    it.promote("us-west").unwrap();
    it.pass(seconds(5));
    assert!(says(&it, "us-east"), "the old primary answers");
    assert!(matches!(it.status().promotion.map(|it| it.state), Some(PromotionState::Refused { fenced: false, .. })));
    assert_eq!(it.status().writer.as_deref(), Some("us-east"));

    state(&mut it, "us-east", Condition::Killed);
    it.pass(seconds(1));
    let asked = it.now();
    it.promote("us-west").unwrap();
    while it.status().writer.as_deref() != Some("us-west") {
        it.pass(Milliseconds::new(200));
        assert!(it.now().since(asked) < seconds(120), "{:?}", it.changes);
        if it.status().writer.is_none() {
            assert!(it.status().fences.iter().any(|fence| fence.id == "us-east"), "fenced before anything else");
        }
    }
    // Three checks are two intervals of 10 s, and a lease lasts 30 s.
    assert!(it.now().since(asked) >= seconds(50), "{:?}", it.now().since(asked));
    it.pass(seconds(5));
    assert_eq!(way(&write(&mut it, "Paris")), [("us-west", "write-primary")]);
    state(&mut it, "us-east", Condition::Alive);
    it.pass(seconds(60));
    assert_eq!(way(&write(&mut it, "Paris")), [("us-west", "write-primary")], "the old one stays fenced");
    assert_eq!(it.timeline[0].now().0, Seen::Fenced);
    it.readmit("us-east").unwrap();
    it.pass(seconds(10));
    assert_eq!(way(&write(&mut it, "Chicago")), [("us-west", "write-primary")]);
    assert_eq!(way(&read(&mut it, "Toronto")), [("us-east", "nearest")], "readmitted as a replica");
}

#[test]
fn a_standby_that_is_still_one_is_not_promoted() {
    let mut it = Simulation::new(Topology::parse(PRESETS[1].text).unwrap(), 1);
    it.pass(seconds(10));
    assert_eq!(
        it.status().clusters[2].state.map(|state| format!("{state:?}")).as_deref(),
        Some("DisasterRecoverySecondary")
    );
    assert_eq!(way(&write(&mut it, "Paris")), [("eu-west", "affinity")], "it forwards writes itself");
    state(&mut it, "us-east", Condition::Killed);
    it.pass(seconds(20));
    it.promote("us-west-dr").unwrap();
    it.pass(seconds(90));
    assert!(matches!(it.status().promotion.map(|it| it.state), Some(PromotionState::Refused { fenced: true, .. })));
    assert_eq!(write(&mut it, "Paris").explanation.reason, "no-writer");
    it.change("us-west-dr", |cluster| cluster.is_secondary = false);
    it.promote("us-west-dr").unwrap();
    it.pass(seconds(60));
    assert_eq!(it.status().writer.as_deref(), Some("us-west-dr"));
}

#[test]
fn a_new_topology_keeps_what_is_known() {
    let mut it = world();
    it.pass(seconds(10));
    state(&mut it, "eu-west", Condition::Killed);
    it.pass(seconds(30));
    it.deploy(Topology::parse(&PRESETS[0].text.replace("53.35", "48.0")).unwrap());
    assert_eq!(way(&read(&mut it, "Paris")), [("us-east", "fallback-primary")], "at once");
    it.deploy(Topology::parse(PRESETS[0].text).unwrap());
    assert_eq!(way(&write(&mut it, "Paris")), [("us-east", "write-primary")], "at once");
    it.pass(seconds(5));
    assert_eq!(it.simulated("eu-west").map(|cluster| cluster.condition), Some(Condition::Killed));
    assert_eq!(it.timeline[1].now().0, Seen::Down);
}

/// Nothing of what the health object knows comes to the isolates any more.
fn cut_off(it: &mut Simulation) {
    it.planned.retain(|_, event| !matches!(event, Event::Ask { .. } | Event::Told { .. } | Event::Heard { .. }));
}

#[test]
fn no_write_outlives_the_lease() {
    let mut it = world();
    it.pass(seconds(10));
    state(&mut it, "us-east", Condition::Hanging);
    let journey = write(&mut it, "Paris");
    assert_eq!(journey.attempts[0].ended, Some((Outcome::TimedOut, seconds(30))), "leases are renewed meanwhile");

    it.pass(seconds(10));
    cut_off(&mut it);
    let paris = it.region_of(named("Paris").unwrap().coordinates().unwrap()).unwrap();
    let age = it.regions[paris].health.snapshot_age(it.now()).unwrap();
    let journey = write(&mut it, "Paris");
    assert_eq!(journey.took.get(), 30_000 - age.get(), "it ends with the lease");
    assert_eq!(journey.attempts[0].ended, Some((Outcome::TimedOut, journey.took)));
    assert_eq!(write(&mut it, "Paris").explanation.reason, "lease-over");
}

#[test]
fn no_write_is_sent_near_the_end_of_the_lease() {
    for (left, is_sent) in [(250, true), (249, false)] {
        let mut it = world();
        it.pass(seconds(10));
        cut_off(&mut it);
        let paris = it.region_of(named("Paris").unwrap().coordinates().unwrap()).unwrap();
        let age = it.regions[paris].health.snapshot_age(it.now()).unwrap();
        it.pass(Milliseconds::new(30_000 - left - age.get()));
        let journey = write(&mut it, "Paris");
        let reason = if is_sent { "write-primary" } else { "lease-over" };
        assert_eq!((journey.attempts.len(), journey.explanation.reason), (usize::from(is_sent), reason), "{left} ms");
    }
}

#[test]
fn a_write_to_one_that_is_fenced_ends_before_the_next_one_writes() {
    let mut it = world();
    it.set_busy(true);
    it.pass(seconds(10));
    state(&mut it, "us-east", Condition::Hanging);
    it.pass(seconds(20));
    it.promote("us-west").unwrap();
    it.pass(seconds(120));
    assert_eq!(it.status().writer.as_deref(), Some("us-west"));
    assert_eq!(check_writes(&it), 1);
    let is_cut = |write: &&Write| write.ended.is_some_and(|ended| ended.since(write.began) < UPSTREAM_TIMEOUT);
    let cut = it.writes.iter().filter(|write| write.cluster == "us-east" && write.began > START.after(seconds(12)));
    assert!(cut.filter(is_cut).count() > 0, "some were ended early");
}

#[test]
fn a_request_that_has_not_ended_shows_its_attempts() {
    let mut it = world();
    it.pass(seconds(10));
    it.ended = Some((u64::MAX, Vec::new()));
    assert_eq!(way(&read(&mut it, "Paris")), [("eu-west", "nearest")]);
}

#[test]
fn the_same_seed_gives_the_same_course() {
    let run = |seed| {
        let mut it = Simulation::new(Topology::parse(PRESETS[0].text).unwrap(), seed);
        it.set_busy(true);
        it.pass(seconds(15));
        state(&mut it, "ap-southeast", Condition::Failing);
        it.pass(seconds(45));
        (it.tally.clone(), it.timeline.clone(), it.changes.len())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).0, run(8).0);
}

#[test]
fn without_probes_breakers_judge_alone() {
    let mut it = with(|document| {
        let document = document.as_object_mut().unwrap();
        document.remove("health");
        document.remove("lag");
    });
    it.set_busy(true);
    state(&mut it, "ap-southeast", Condition::Killed);
    it.pass(seconds(30));
    assert_eq!(it.timeline[2].now().0, Seen::Up);
    assert!(matches!(it.timeline[2].now().1, Breakers::Open(_)));
}

/// Something that happens to the clusters.
#[derive(Debug, Clone)]
enum Trouble {
    Condition(usize, usize),
    Lag(usize, u64),
    Drain(usize, bool),
    Promote(usize),
    Readmit(usize),
    Pass(u64),
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        (0..4_usize, 0..Condition::ALL.len()).prop_map(|(cluster, condition)| Trouble::Condition(cluster, condition)),
        (0..4_usize, 0..30_000_u64).prop_map(|(cluster, lag)| Trouble::Lag(cluster, lag)),
        (0..4_usize, any::<bool>()).prop_map(|(cluster, draining)| Trouble::Drain(cluster, draining)),
        (0..4_usize).prop_map(Trouble::Promote),
        (0..4_usize).prop_map(Trouble::Readmit),
        (1..60_u64).prop_map(Trouble::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Between two writers there is a lease of nobody, whatever happens: never does a write go to one cluster while
    /// another one may still get it.
    #[test]
    fn nobody_but_the_writer_gets_writes(
        seed in any::<u64>(),
        before in prop::collection::vec(trouble(), 0..12),
        silence in 0..2_usize,
        after in prop::collection::vec(trouble(), 0..12),
    ) {
        // Chance alone hardly ever promotes anybody.
        let silent = [Condition::Killed, Condition::Hanging][silence];
        let promotion = [
            Trouble::Condition(0, Condition::ALL.iter().position(|row| row.0 == silent).unwrap()),
            Trouble::Condition(3, 0),
            Trouble::Pass(20),
            Trouble::Promote(3),
            Trouble::Pass(90),
        ];
        let troubles = before.into_iter().chain(promotion).chain(after);
        let mut it = Simulation::new(Topology::parse(PRESETS[0].text).unwrap(), seed);
        it.set_busy(true);
        let ids: Vec<String> = it.topology().clusters().map(|cluster| cluster.id.to_string()).collect();
        for trouble in troubles {
            match trouble {
                Trouble::Condition(cluster, condition) => state(&mut it, &ids[cluster], Condition::ALL[condition].0),
                Trouble::Lag(cluster, lag) => it.change(&ids[cluster], |it| it.lag = Milliseconds::new(lag)),
                Trouble::Drain(cluster, draining) => it.drain(&ids[cluster], draining).unwrap(),
                Trouble::Promote(cluster) => drop(it.promote(&ids[cluster])),
                Trouble::Readmit(cluster) => drop(it.readmit(&ids[cluster])),
                Trouble::Pass(span) => it.pass(seconds(span)),
            }
        }
        it.pass(seconds(30));
        check_writes(&it);

        let all = it.tally.all().requests();
        let parts: u64 = ids.iter().map(|id| it.tally.of(id).requests()).sum();
        prop_assert_eq!(all, parts, "the shares are of the whole");
        prop_assert_eq!(it.tally.requests(), all + it.tally.refused_reads + it.tally.refused_writes);
    }
}
