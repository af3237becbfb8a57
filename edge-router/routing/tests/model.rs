//! The decision against a slow, obvious model of it: over random topologies, snapshots, requests, outcomes and pauses
//! both must do the same.
//!
//! The model is written from the rules alone, in the plainest way: lists, filters, and one function for each rule.  Two
//! things it is told: until when a breaker stays open, since that is drawn at random (the model checks the bounds), and
//! which ticket stands for which attempt.  All clusters stand on one meridian, so that the distance is a difference, and
//! all answers take the same time, so that measured round trips change no rank.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use routing::{
    BreakerState, Cause, ClusterSnapshot, Coordinates, Decision, Health, Milliseconds, Moment, Outcome, Reason,
    Repeatable, RequestFacts, Snapshot, Ticket, Topology, decide, explain,
};
use serde_json::json;

/// How long an attempt may take until it counts as lost.
const LIMIT: u64 = 5_000;
const START: u64 = 1_000_500;
const WINDOW: u64 = 60_000;

/// What a topology file says.
#[derive(Debug, Clone)]
struct File {
    affinity: bool,
    fallback_next: bool,
    fail: bool,
    clusters: Vec<Site>,
    primary: usize,
    failures: usize,
    cooldown: u64,
    half_open_requests: usize,
    successes: usize,
    max_lag: Option<u64>,
    read_your_writes: u64,
    bulkhead: Option<usize>,
    max_attempts: usize,
    lease: u64,
}

#[derive(Debug, Clone)]
struct Site {
    latitude: i8,
    is_standby: bool,
    forwards_writes: bool,
    max_in_flight: Option<usize>,
}

/// What happens.
#[derive(Debug, Clone)]
enum Step {
    Request(Ask),
    /// A report of one of the tickets that were ever given out.
    Report(prop::sample::Index, Outcome),
    Pause(u64),
    Adopt {
        writer: Option<usize>,
        told: Vec<Told>,
        sequence: u64,
        other_topology: bool,
        age: u64,
    },
}

#[derive(Debug, Clone)]
struct Ask {
    is_write: bool,
    in_group: bool,
    latitude: Option<i8>,
    repeatable: Repeatable,
    /// Milliseconds ago; negative: to come.
    wrote: Option<i64>,
    client: Option<u64>,
}

#[derive(Debug, Clone, Default)]
struct Told {
    is_missing: bool,
    is_down: bool,
    lag: Option<u64>,
    draining: bool,
    fenced: bool,
    standby: bool,
    suspect: bool,
}

// ---- the model ----

struct Model {
    file: File,
    now: u64,
    breakers: Vec<MBreaker>,
    told: Vec<Told>,
    /// Topology, sequence, asked at, writer.
    adopted: Option<(bool, u64, u64, Option<usize>)>,
    in_flight: Vec<Flight>,
    /// Client and moment.
    writes: Vec<(u64, u64)>,
}

#[derive(Default)]
struct MBreaker {
    state: MState,
    openings: usize,
    suspected: Option<u64>,
}

enum MState {
    Closed { failures: Vec<u64> },
    Open { until: u64 },
    HalfOpen { passed: usize },
}

impl Default for MState {
    fn default() -> Self {
        Self::Closed { failures: Vec::new() }
    }
}

#[derive(Clone, PartialEq, Debug)]
struct Flight {
    ticket: u32,
    cluster: usize,
    tried: Vec<usize>,
    permit: MPermit,
    expires: u64,
    ask: Asked,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum MPermit {
    Ordinary(usize),
    Test(usize),
    Forced,
}

#[derive(Clone, PartialEq, Debug)]
struct Asked {
    is_write: bool,
    in_group: bool,
    latitude: Option<i8>,
    is_repeatable: bool,
    follows_write: bool,
    client: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Usable,
    HalfOpen,
    Lagging,
    Broken,
    Full,
    Forbidden,
}

impl Model {
    fn writer(&self) -> Option<usize> {
        match self.adopted {
            None => Some(self.file.primary),
            Some((.., None)) => None,
            Some((.., Some(writer))) if writer < self.file.clusters.len() => Some(writer),
            Some(_) => None,
        }
    }

    fn flights_to(&self, cluster: usize) -> usize {
        self.in_flight.iter().filter(|flight| flight.cluster == cluster).count()
    }

    fn flights_in_group(&self) -> usize {
        self.in_flight.iter().filter(|flight| flight.ask.in_group).count()
    }

    fn tests_of(&self, cluster: usize) -> usize {
        let opening = self.breakers[cluster].openings;
        let is_test = |flight: &&Flight| flight.cluster == cluster && flight.permit == MPermit::Test(opening);
        self.in_flight.iter().filter(is_test).count()
    }

    /// How many more tests a half-open breaker lets through; `None` where it is not half-open.
    fn free_tests(&self, cluster: usize) -> Option<usize> {
        match self.breakers[cluster].state {
            MState::Open { until } if self.now >= until => Some(self.file.half_open_requests),
            MState::HalfOpen { .. } => Some(self.file.half_open_requests - self.tests_of(cluster)),
            _ => None,
        }
    }

    fn is_open(&self, cluster: usize) -> bool {
        matches!(self.breakers[cluster].state, MState::Open { until } if self.now < until)
    }

    fn kind(&self, cluster: usize) -> Kind {
        let (site, told) = (&self.file.clusters[cluster], &self.told[cluster]);
        let is_writer = self.writer() == Some(cluster);
        let is_standby = told.standby || site.is_standby && !is_writer;
        let lags = !is_writer && matches!((told.lag, self.file.max_lag), (Some(lag), Some(most)) if lag > most);
        if told.fenced || is_standby || told.draining {
            Kind::Forbidden
        } else if site.max_in_flight.is_some_and(|most| self.flights_to(cluster) >= most) {
            Kind::Full
        } else if told.is_down || self.is_open(cluster) || self.free_tests(cluster) == Some(0) {
            Kind::Broken
        } else if lags {
            Kind::Lagging
        } else if self.free_tests(cluster).is_some() {
            Kind::HalfOpen
        } else {
            Kind::Usable
        }
    }

    /// The clusters that serve such requests, nearest first.
    fn by_distance(&self, ask: &Asked) -> Vec<usize> {
        let serves = |cluster: &usize| {
            let site = &self.file.clusters[*cluster];
            self.writer() == Some(*cluster) || !site.is_standby && (!self.file.affinity || site.forwards_writes)
        };
        let mut order: Vec<usize> = (0..self.file.clusters.len()).filter(serves).collect();
        if let Some(latitude) = ask.latitude {
            let distance = |cluster: &usize| {
                ((f64::from(latitude) + 0.3 - f64::from(self.file.clusters[*cluster].latitude)).abs() * 10.0) as u64
            };
            order.sort_by_key(distance);
        }
        order
    }

    fn understand(&self, ask: &Ask) -> Asked {
        let window = self.file.read_your_writes;
        let is_recent = |at: u64| at <= self.now && self.now - at < window;
        let by_cookie = ask.wrote.is_some_and(|ago| is_recent(self.now.saturating_add_signed(-ago)));
        let by_token = self.writes.iter().any(|(client, at)| Some(*client) == ask.client && is_recent(*at));
        let body_allows = match ask.repeatable {
            Repeatable::Never => false,
            Repeatable::Now => true,
            Repeatable::IfBuffered(bytes) => bytes <= 65_536,
        };
        Asked {
            is_write: ask.is_write,
            in_group: ask.in_group && self.file.bulkhead.is_some(),
            latitude: ask.latitude,
            is_repeatable: !ask.is_write && body_allows && self.file.max_attempts > 1,
            follows_write: !ask.is_write && !self.file.affinity && (by_cookie || by_token),
            client: ask.client,
        }
    }

    /// The clusters in the order in which they are preferred, whatever their state; each once.
    fn preference(&self, asked: &Asked) -> Vec<usize> {
        let mut preference = Vec::new();
        let order = self.by_distance(asked);
        let Some(nearest) = order.first() else { return preference };
        if asked.follows_write {
            preference.extend(self.writer());
        }
        preference.push(*nearest);
        if !self.file.fallback_next || self.kind(*nearest) == Kind::Lagging {
            preference.extend(self.writer());
        }
        preference.extend(&order);
        let mut seen = Vec::new();
        preference.retain(|cluster| {
            !seen.contains(cluster) && {
                seen.push(*cluster);
                true
            }
        });
        preference
    }

    /// Target and its kind.
    fn choose(&self, asked: &Asked, tried: &[usize], may_test: bool) -> Option<(usize, Kind)> {
        let preference = self.preference(asked);
        let left: Vec<(usize, Kind)> =
            preference.iter().filter(|c| !tried.contains(c)).map(|c| (*c, self.kind(*c))).collect();
        let first = |kind: Kind| left.iter().position(|(_, own)| *own == kind);
        let (usable, test, stale) = (first(Kind::Usable), first(Kind::HalfOpen), first(Kind::Lagging));
        let place = match (usable, test) {
            (Some(usable), Some(test)) if may_test && test < usable => Some(test),
            (Some(usable), _) => Some(usable),
            (None, Some(test)) if may_test => Some(test),
            (None, test) => stale.or(test),
        };
        place.map(|place| left[place])
    }

    fn reason(&self, asked: &Asked, cluster: usize) -> &'static str {
        let nearest = self.by_distance(asked)[0];
        let is_writer = self.writer() == Some(cluster);
        match () {
            () if asked.follows_write && is_writer => "read-your-writes",
            () if cluster == nearest && self.file.affinity => "affinity",
            () if cluster == nearest => "nearest",
            () if self.kind(nearest) == Kind::Lagging => "lagging",
            () if is_writer => "fallback-primary",
            () => "fallback-next",
        }
    }

    /// Target and reason, or the cause of the refusal and seconds.
    fn decide(&self, asked: &Asked) -> Result<(usize, &'static str), (&'static str, u64)> {
        if asked.in_group && self.flights_in_group() >= self.file.bulkhead.unwrap() {
            return Err(("bulkhead-full", 1));
        }
        if asked.is_write {
            let has_standby = self.file.clusters.iter().any(|site| site.is_standby);
            let age = self.adopted.map(|(_, _, asked_at, _)| self.now.saturating_sub(asked_at));
            if has_standby && age.is_none_or(|age| age >= self.file.lease) {
                return Err(("lease-over", 5));
            }
            let Some(writer) = self.writer() else { return Err(("no-writer", 5)) };
            if !self.file.affinity {
                return match self.kind(writer) {
                    Kind::Usable => Ok((writer, "write-primary")),
                    Kind::HalfOpen => Ok((writer, "half-open")),
                    _ => self.nothing_left(&[writer]),
                };
            }
        }
        match self.choose(asked, &[], asked.is_repeatable) {
            Some((cluster, Kind::Usable)) => Ok((cluster, self.reason(asked, cluster))),
            Some((cluster, Kind::HalfOpen)) => Ok((cluster, "half-open")),
            Some((cluster, _)) => Ok((cluster, "last-resort")),
            None => self.nothing_left(&self.by_distance(asked)),
        }
    }

    fn nothing_left(&self, candidates: &[usize]) -> Result<(usize, &'static str), (&'static str, u64)> {
        let writer = self.writer().filter(|writer| !self.file.fail && self.kind(*writer) == Kind::Broken);
        if let Some(writer) = writer {
            return Ok((writer, "last-resort"));
        }
        if candidates.iter().any(|cluster| self.kind(*cluster) == Kind::Full) {
            return Err(("bulkhead-full", 1));
        }
        // Only of what waits for its breaker and for nothing else.
        let opens = candidates.iter().filter(|c| self.kind(**c) == Kind::Broken && !self.told[**c].is_down);
        let opens = opens.filter_map(|cluster| match self.breakers[*cluster].state {
            MState::Open { until } if self.now < until => Some((until - self.now).div_ceil(1_000).clamp(1, 30)),
            _ => None,
        });
        Err(("no-usable-cluster", opens.min().unwrap_or(5)))
    }

    /// The target's fallbacks, as far as attempts go.
    fn fallbacks(&self, asked: &Asked, target: usize) -> Vec<usize> {
        let mut tried = vec![target];
        while asked.is_repeatable && tried.len() < self.file.max_attempts {
            let Some((other, _)) = self.choose(asked, &tried, false) else { break };
            tried.push(other);
        }
        tried.split_off(1)
    }

    fn reap(&mut self) {
        let now = self.now;
        self.in_flight.retain(|flight| flight.expires > now);
    }

    fn begin(&mut self, asked: &Asked, cluster: usize, tried: Vec<usize>, ticket: u32) {
        let permit = match self.free_tests(cluster) {
            Some(0) => MPermit::Forced,
            Some(_) => MPermit::Test(self.breakers[cluster].openings),
            None if self.is_open(cluster) => MPermit::Forced,
            None => MPermit::Ordinary(self.breakers[cluster].openings),
        };
        if matches!((&self.breakers[cluster].state, permit), (MState::Open { .. }, MPermit::Test(_))) {
            self.breakers[cluster].state = MState::HalfOpen { passed: 0 };
        }
        let expires = (self.now + LIMIT).div_ceil(1_000) * 1_000;
        self.in_flight.push(Flight { ticket, cluster, tried, permit, expires, ask: asked.clone() });
    }

    /// Counts an outcome; whether the breaker opened.
    fn count(&mut self, cluster: usize, permit: MPermit, success: bool) -> bool {
        let (now, file, breaker) = (self.now, &self.file, &mut self.breakers[cluster]);
        let opens = match (&mut breaker.state, permit) {
            (MState::Closed { failures }, MPermit::Ordinary(opening)) if opening == breaker.openings && !success => {
                failures.push(now);
                let recent = failures.iter().filter(|at| now - **at < WINDOW).count();
                recent >= file.failures || breaker.suspected.is_some_and(|at| now - at < file.cooldown)
            }
            (MState::HalfOpen { passed }, MPermit::Test(opening)) if opening == breaker.openings => {
                *passed += 1;
                if success && *passed >= file.successes {
                    breaker.state = MState::default();
                }
                !success
            }
            _ => false,
        };
        if opens {
            breaker.openings += 1;
            breaker.suspected = None;
            // The end is told later.
            breaker.state = MState::Open { until: u64::MAX };
        }
        opens
    }

    fn adopt(&mut self, writer: Option<usize>, told: &[Told], sequence: u64, other: bool, asked_at: u64) {
        if let Some((own_other, own_sequence, own_asked_at, _)) = self.adopted {
            let is_older = if own_other == other { sequence < own_sequence } else { asked_at < own_asked_at };
            if is_older {
                return;
            }
        }
        for (cluster, told) in told.iter().enumerate() {
            self.told[cluster] = if told.is_missing { Told::default() } else { told.clone() };
            let breaker = &mut self.breakers[cluster];
            if self.told[cluster].suspect && matches!(breaker.state, MState::Closed { .. }) {
                breaker.suspected = Some(asked_at);
            }
        }
        self.adopted = Some((other, sequence, asked_at, writer));
    }
}

// ---- both side by side ----

struct Pair {
    topology: Topology,
    health: Health,
    model: Model,
    tickets: Vec<u32>,
    /// How often each reason and cause was met.
    seen: BTreeMap<&'static str, usize>,
}

impl Pair {
    fn new(file: &File) -> Self {
        let topology = Topology::parse(&file.text()).unwrap_or_else(|errors| panic!("{errors:?}"));
        let count = file.clusters.len();
        let model = Model {
            file: file.clone(),
            now: START,
            breakers: (0..count).map(|_| MBreaker::default()).collect(),
            told: vec![Told::default(); count],
            adopted: None,
            in_flight: Vec::new(),
            writes: Vec::new(),
        };
        Self { health: Health::new(&topology, 7), topology, model, tickets: Vec::new(), seen: BTreeMap::new() }
    }

    fn now(&self) -> Moment {
        Moment::from_millis(self.model.now)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Pause(millis) => self.model.now += millis,
            Step::Request(ask) => self.request(ask),
            Step::Report(which, outcome) => {
                if !self.tickets.is_empty() {
                    self.report(*which.get(&self.tickets), *outcome);
                }
            }
            Step::Adopt { writer, told, sequence, other_topology, age } => {
                let asked_at = self.model.now - age;
                self.model.adopt(*writer, told, *sequence, *other_topology, asked_at);
                let clusters = told.iter().enumerate().filter(|(_, told)| !told.is_missing);
                let snapshot = Snapshot {
                    topology: if *other_topology { "other" } else { "own" }.to_owned(),
                    sequence: *sequence,
                    writer: writer.map(|writer| format!("c{writer}")),
                    lease_ms: None,
                    clusters: clusters.map(|(index, told)| told.snapshot(index)).collect(),
                };
                self.health.adopt(&self.topology, &snapshot, Moment::from_millis(asked_at));
            }
        }
        self.check();
    }

    fn request(&mut self, ask: &Ask) {
        let now = self.now();
        self.model.reap();
        self.health.reap(now);
        let location = ask.latitude.map(|latitude| Coordinates::from_degrees(f64::from(latitude) + 0.3, 0.0).unwrap());
        let facts = RequestFacts {
            method: if ask.is_write { "POST" } else { "GET" },
            path: if ask.in_group { "/group/x" } else { "/" },
            location,
            colo: None,
            repeatable: ask.repeatable,
            wrote: ask.wrote.map(|ago| Moment::from_millis(self.model.now.saturating_add_signed(-ago))),
            client: ask.client,
        };
        let asked = self.model.understand(ask);
        let expected = self.model.decide(&asked);
        let explanation = explain(&self.topology, &self.health, &facts, now);
        let fallbacks = |place: usize| {
            let is_it = |verdict: &str| verdict == format!("fallback {place}");
            explanation.candidates.iter().find(|candidate| is_it(&candidate.verdict)).map(|c| c.cluster.clone())
        };
        let fallbacks: Vec<String> = (1..).map_while(fallbacks).collect();
        match (decide(&self.topology, &self.health, &facts, now), expected) {
            (Decision::Forward(route), Ok((target, reason))) => {
                let found = (route.target.cluster.index.get(), route.reason.as_str(), route.is_repeatable);
                assert_eq!(found, (target, reason, asked.is_repeatable));
                let expected = self.model.fallbacks(&asked, target);
                assert_eq!(fallbacks, expected.iter().map(|c| format!("c{c}")).collect::<Vec<_>>());
                assert_eq!(explanation.cluster.as_deref(), Some(route.target.cluster.id.as_str()));
                self.laws(&asked, target, reason, expected.first().copied());
                *self.seen.entry(reason).or_default() += 1;
                let begun = self.health.begin(&self.topology, &route, Milliseconds::new(LIMIT), now);
                self.model.begin(&asked, target, Vec::new(), begun.ticket.bits());
                self.tickets.push(begun.ticket.bits());
            }
            (Decision::Refuse(refusal), Err(expected)) => {
                let found = (refusal.cause.as_str(), refusal.retry_after.get() / 1_000);
                assert_eq!(found, expected);
                *self.seen.entry(found.0).or_default() += 1;
                assert_eq!(fallbacks, [""; 0]);
                let usable = |c: &usize| self.model.kind(*c) == Kind::Usable;
                assert!(
                    asked.is_write || found.0 == "bulkhead-full" || !self.model.by_distance(&asked).iter().any(usable),
                    "refused, though usable"
                );
            }
            (found, expected) => panic!("{found:?}\nexpected {expected:?}"),
        }
    }

    /// What holds whatever the rules of preference are.
    fn laws(&self, asked: &Asked, target: usize, reason: &str, fallback: Option<usize>) {
        let (model, is_writer) = (&self.model, self.model.writer() == Some(target));
        let (site, told) = (&model.file.clusters[target], &model.told[target]);
        assert!(!site.is_standby || is_writer, "a standby");
        assert!(!told.fenced && !told.draining && !told.standby, "one that gets nothing");
        assert!(!asked.is_write || is_writer || model.file.affinity && site.forwards_writes, "a write astray");
        let is_usable = |cluster: &usize| model.kind(*cluster) == Kind::Usable;
        if (!asked.is_write || model.file.affinity) && model.by_distance(asked).iter().any(is_usable) {
            let is_covered = reason == "half-open" && asked.is_repeatable && fallback.is_some_and(|c| is_usable(&c));
            assert!(is_usable(&target) || is_covered, "a usable cluster is there");
        }
    }

    fn report(&mut self, ticket: u32, outcome: Outcome) {
        let now = self.now();
        let reported =
            self.health.report(&self.topology, Ticket::from_bits(ticket), outcome, Milliseconds::new(10), now);
        let Some(place) = self.model.in_flight.iter().position(|flight| flight.ticket == ticket) else {
            assert_eq!(reported, routing::Reported::default(), "nobody was waiting for it");
            return;
        };
        let flight = self.model.in_flight.remove(place);
        assert_eq!(reported.ended.unwrap().cluster.get(), flight.cluster);
        let success = match outcome {
            Outcome::Answered(status) => Some(status < 500 || status == 501),
            Outcome::Cancelled => None,
            _ => Some(false),
        };
        let opened = success.is_some_and(|success| self.model.count(flight.cluster, flight.permit, success));
        assert_eq!(opened, reported.ended.unwrap().transition == Some(routing::Transition::Opened));
        if opened {
            self.note_end(flight.cluster);
        }
        if let (true, Outcome::Answered(..500), Some(client)) = (flight.ask.is_write, outcome, flight.ask.client)
            && !self.model.file.affinity
        {
            self.model.writes.push((client, self.model.now));
        }
        let may_help = matches!(
            outcome,
            Outcome::Answered(502..=504) | Outcome::Unreachable(_) | Outcome::Failed | Outcome::TimedOut
        );
        let mut tried = flight.tried.clone();
        tried.push(flight.cluster);
        let goes_on = flight.ask.is_repeatable && may_help && tried.len() < self.model.file.max_attempts;
        let expected = goes_on.then(|| self.model.choose(&flight.ask, &tried, false)).flatten();
        assert_eq!(reported.next.map(|next| next.cluster.get()), expected.map(|(cluster, _)| cluster));
        if let (Some(next), Some((cluster, _))) = (reported.next, expected) {
            assert!(!flight.ask.is_write, "a write twice");
            assert_eq!(next.reason.as_str(), "retry");
            *self.seen.entry("retry").or_default() += 1;
            self.model.begin(&flight.ask, cluster, tried, next.ticket.bits());
            self.tickets.push(next.ticket.bits());
        }
    }

    /// Tells the model until when a breaker stays open, within the bounds of the jitter.
    fn note_end(&mut self, cluster: usize) {
        let index = routing::ClusterIndex::new(cluster).unwrap();
        let BreakerState::Open { until } = self.health.breaker(&self.topology, index, self.now()) else {
            panic!("it has just opened");
        };
        let span = until.millis() - self.model.now;
        let cooldown = self.model.file.cooldown;
        assert!((cooldown..=cooldown + cooldown / 10).contains(&span), "{span} ms of {cooldown}");
        self.model.breakers[cluster].state = MState::Open { until: until.millis() };
    }

    /// What is counted is what is there, and never more than allowed.
    fn check(&self) {
        assert_eq!(self.health.in_flight_in_all(), self.model.in_flight.len());
        for (cluster, index) in self.topology.clusters().zip(0..) {
            let in_flight = self.health.in_flight(cluster.index) as usize;
            assert_eq!(in_flight, self.model.flights_to(index));
            assert!(cluster.max_in_flight.is_none_or(|most| in_flight <= most as usize));
            assert!(self.model.tests_of(index) <= self.model.file.half_open_requests);
        }
        if let Some(most) = self.model.file.bulkhead {
            assert_eq!(self.health.in_flight_of_group(0) as usize, self.model.flights_in_group());
            assert!(self.model.flights_in_group() <= most);
        }
    }
}

impl Told {
    fn snapshot(&self, index: usize) -> ClusterSnapshot {
        ClusterSnapshot {
            id: format!("c{index}"),
            up: !self.is_down,
            lag_ms: self.lag,
            draining: self.draining,
            fenced: self.fenced,
            is_standby: self.standby,
            suspect: self.suspect,
        }
    }
}

impl File {
    fn text(&self) -> String {
        let clusters: Vec<serde_json::Value> = self.clusters.iter().enumerate().map(|(index, site)| {
            let role = match (index == self.primary, site.is_standby) {
                (true, _) => "primary",
                (false, true) => "standby",
                (false, false) => "replica",
            };
            let mut cluster = json!({ "id": format!("c{index}"), "role": role, "url": format!("https://c{index}.example"),
                "latitude": site.latitude, "longitude": 0, "forwards_writes": site.forwards_writes });
            if let Some(most) = site.max_in_flight {
                cluster["max_in_flight"] = most.into();
            }
            cluster
        }).collect();
        let mut file = json!({ "version": 1, "mode": if self.affinity { "affinity" } else { "split" },
            "clusters": clusters,
            "fallback": if self.fallback_next { "next" } else { "primary" },
            "all_unhealthy": if self.fail { "fail" } else { "try" },
            "breaker": { "failures": self.failures, "window_ms": WINDOW, "cooldown_ms": self.cooldown,
                         "half_open_requests": self.half_open_requests, "successes": self.successes },
            "consistency": { "read_your_writes_ms": self.read_your_writes },
            "retry": { "max_attempts": self.max_attempts },
            "promotion": { "lease_ms": self.lease } });
        if let Some(most) = self.max_lag {
            file["lag"] = json!({ "max_ms": most });
        }
        if let Some(most) = self.bulkhead {
            file["bulkheads"] = json!([{ "path": "/group/*", "max_in_flight": most }]);
        }
        file.to_string()
    }
}

fn sites() -> impl Strategy<Value = Site> {
    let limit = prop::option::weighted(0.3, 1..4_usize);
    (-60..60_i8, prop::bool::weighted(0.2), any::<bool>(), limit).prop_map(
        |(latitude, is_standby, forwards_writes, max_in_flight)| Site {
            latitude,
            is_standby,
            forwards_writes,
            max_in_flight,
        },
    )
}

fn files() -> impl Strategy<Value = File> {
    let clusters = (prop::collection::vec(sites(), 1..6), any::<prop::sample::Index>());
    let modes = (prop::bool::weighted(0.3), any::<bool>(), any::<bool>());
    let breaker = (1..4_usize, 200..5_000_u64, 1..3_usize, 1..3_usize);
    let limits = (prop::option::of(0..3_000_u64), prop_oneof![Just(0), 1..5_000_u64], prop::option::of(1..4_usize));
    (clusters, modes, breaker, limits, 1..5_usize, 1_000..20_000_u64).prop_map(
        |((mut clusters, primary), modes, breaker, limits, max_attempts, lease)| {
            let primary = primary.index(clusters.len());
            clusters[primary].is_standby = false;
            File {
                affinity: modes.0,
                fallback_next: modes.1,
                fail: modes.2,
                clusters,
                primary,
                failures: breaker.0,
                cooldown: breaker.1,
                half_open_requests: breaker.2,
                successes: breaker.3,
                max_lag: limits.0,
                read_your_writes: limits.1,
                bulkhead: limits.2,
                max_attempts,
                lease,
            }
        },
    )
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => prop::sample::select(vec![200_u16, 404, 429, 501]).prop_map(Outcome::Answered),
        2 => prop::sample::select(vec![500_u16, 502, 503, 504, 505]).prop_map(Outcome::Answered),
        2 => Just(Outcome::Failed),
        1 => Just(Outcome::TimedOut),
        1 => Just(Outcome::Unreachable(522)),
        1 => Just(Outcome::Cancelled),
    ]
}

fn told() -> impl Strategy<Value = Told> {
    let rare = || prop::bool::weighted(0.1);
    (rare(), rare(), prop::option::weighted(0.4, 0..4_000_u64), rare(), rare(), rare(), rare()).prop_map(
        |(is_missing, is_down, lag, draining, fenced, standby, suspect)| Told {
            is_missing,
            is_down,
            lag,
            draining,
            fenced,
            standby,
            suspect,
        },
    )
}

fn steps(clusters: usize, primary: usize) -> impl Strategy<Value = Step> {
    let repeatable = prop_oneof![
        4 => Just(Repeatable::Now),
        1 => Just(Repeatable::Never),
        1 => prop::sample::select(vec![1_000, 65_536, 65_537_u64]).prop_map(Repeatable::IfBuffered),
    ];
    let who = (prop::option::weighted(0.3, -2_000..6_000_i64), prop::option::of(0..3_u64));
    let ask = (prop::bool::weighted(0.3), any::<bool>(), prop::option::weighted(0.9, -60..60_i8), repeatable, who);
    let ask = ask.prop_map(|(is_write, in_group, latitude, repeatable, (wrote, client))| {
        Step::Request(Ask { is_write, in_group, latitude, repeatable, wrote, client })
    });
    let writer = prop_oneof![
        6 => Just(Some(primary)),
        2 => (0..clusters).prop_map(Some),
        1 => Just(Some(clusters)),
        1 => Just(None),
    ];
    let adopt = (writer, prop::collection::vec(told(), clusters), 0..4_u64, prop::bool::weighted(0.1), 0..3_000_u64);
    let adopt = adopt.prop_map(|(writer, told, sequence, other_topology, age)| Step::Adopt {
        writer,
        told,
        sequence,
        other_topology,
        age,
    });
    prop_oneof![
        8 => ask,
        6 => (any::<prop::sample::Index>(), outcomes()).prop_map(|(which, outcome)| Step::Report(which, outcome)),
        2 => prop_oneof![1..50_u64, 50..3_000_u64, 3_000..12_000_u64].prop_map(Step::Pause),
        1 => adopt,
    ]
}

fn histories() -> impl Strategy<Value = (File, Vec<Step>)> {
    files().prop_flat_map(|file| {
        let steps = prop::collection::vec(steps(file.clusters.len(), file.primary), 1..80);
        (Just(file), steps)
    })
}

proptest! {
    #[test]
    fn both_do_the_same((file, history) in histories()) {
        let mut pair = Pair::new(&file);
        for step in &history {
            pair.step(step);
        }
        // In the end nothing is left: what was never reported expires.
        pair.model.now += LIMIT + 1_000;
        pair.health.reap(pair.now());
        prop_assert_eq!(pair.health.in_flight_in_all(), 0);
        for cluster in pair.topology.clusters() {
            prop_assert_eq!(pair.health.in_flight(cluster.index), 0);
        }
        prop_assert_eq!(pair.health.in_flight_of_group(0), 0);
    }
}

/// The histories are worth something: they meet every reason and every cause.
#[test]
fn every_word_is_met() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for _ in 0..1_000 {
        let (file, history) = histories().new_tree(&mut runner).unwrap().current();
        let mut pair = Pair::new(&file);
        history.iter().for_each(|step| pair.step(step));
        for (word, count) in pair.seen {
            *seen.entry(word).or_insert(0) += count;
        }
    }
    for word in Reason::ALL.map(Reason::as_str).into_iter().chain(Cause::ALL.map(Cause::as_str)) {
        assert!(seen.get(word).is_some_and(|count| *count >= 20), "{word} is too rare: {seen:?}");
    }
    println!("{seen:?}");
}
