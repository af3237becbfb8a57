//! The router's loop with a simulated clock and simulated clusters: probes go through the registry, an isolate in each
//! part of the world holds what it knows, snapshots go from the one to the others, requests are decided and reported.
//!
//! Time and chance come from outside, so that the same seed and the same wishes give the same course of things.

use std::collections::BTreeMap;
use std::sync::Arc;

use routing::{
    Answer, BreakerState, Cluster, ClusterIndex, Colo, Coordinates, Decision, Event as Change, Explanation, Finding,
    Health, Milliseconds, Moment, Operation, Outcome, Place, PromotionOrder, Registry, Repeatable, RequestFacts, Role,
    Snapshot, Standing, Status, Ticket, Topology, decide, explain,
};

use crate::city::{CITIES, City};
use crate::condition::{Condition, Reply, Simulated};
use crate::link::round_trip;
use crate::random::Random;
use crate::tally::Tally;
use crate::timeline::{Breakers, Health as Seen, Line};

/// When the simulated clock starts.
pub(crate) const START: Moment = Moment::from_millis(1_000_000_000);
/// As long as the router waits for a response where nothing else is set up.
const UPSTREAM_TIMEOUT: Milliseconds = Milliseconds::new(30_000);
/// With less than this left of its lease an isolate sends no write, as in the worker, where 250 ms are enough.
const LEAST_LEASE: Milliseconds = Milliseconds::new(249);
/// Longer than any request can take: so many attempts of that length.
const PATIENCE: Milliseconds = Milliseconds::new(330_000);
/// Requests in a second while there is traffic, from everywhere together.
pub(crate) const RATE: u64 = 20;
/// Of a hundred requests, how many write.
pub(crate) const WRITES: u64 = 10;
/// Changes that are kept for people.
const KEPT_CHANGES: usize = 200;

/// An isolate of the router, and the part of the world that it serves.
#[derive(Debug, Clone)]
struct Region {
    place: Coordinates,
    health: Health,
}

/// Parts of the world by the codes of their continents.
pub(crate) const REGIONS: [&str; 6] = ["AF", "AS", "EU", "NA", "OC", "SA"];

/// What is to happen.
#[derive(Debug, Clone)]
enum Event {
    Probed {
        order: Order,
        reply: Reply,
        took: Milliseconds,
    },
    /// A region's question reaches the health object.
    Told {
        region: usize,
        asked_at: Moment,
        open: Vec<String>,
    },
    Heard {
        region: usize,
        asked_at: Moment,
        snapshot: Snapshot,
    },
    Ask {
        region: usize,
    },
    Ended {
        flight: u64,
        ticket: Ticket,
        outcome: Outcome,
        took: Milliseconds,
    },
    /// An isolate looks whether a write may still be on its way.
    Look(Way),
    Arrive,
}

#[derive(Debug, Clone)]
enum Order {
    Health(String),
    Promotion(PromotionOrder),
}

/// A write on its way to a cluster.
#[derive(Debug, Clone, Copy)]
struct Way {
    flight: u64,
    ticket: Ticket,
    cluster: ClusterIndex,
    began: Moment,
}

/// Who asks for what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Request {
    pub(crate) from: Coordinates,
    pub(crate) colo: Option<Colo>,
    pub(crate) is_write: bool,
    /// What tells the client from others; `None`: one of many, who comes once.
    pub(crate) client: Option<u64>,
}

/// A request that is under way.
#[derive(Debug, Clone)]
struct Flight {
    request: Request,
    region: usize,
    began: Moment,
    attempts: Vec<Attempt>,
}

/// One cluster that a request was sent to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) cluster: String,
    pub(crate) place: Coordinates,
    /// Why there: the router's own word.
    pub(crate) reason: &'static str,
    /// How it ended, and after how long; `None` while it is under way.
    pub(crate) ended: Option<(Outcome, Milliseconds)>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Journey {
    pub(crate) request: Request,
    pub(crate) attempts: Vec<Attempt>,
    /// What the decision stood on.
    pub(crate) explanation: Explanation,
    /// What a round trip and the work take where the request went first, if all is well.
    pub(crate) expected: Option<Milliseconds>,
    /// How long the client waited.
    pub(crate) took: Milliseconds,
}

/// Everything that is simulated.
#[derive(Debug, Clone)]
pub(crate) struct Simulation {
    topology: Arc<Topology>,
    registry: Registry,
    regions: Vec<Region>,
    /// In the order of the topology.
    clusters: Vec<Simulated>,
    /// Where the health object is: in the part of the world of the primary.
    home: Coordinates,
    now: Moment,
    /// What is to happen, and when; numbered, so that what was planned first comes first.
    planned: BTreeMap<(Moment, u64), Event>,
    next: u64,
    flights: BTreeMap<u64, Flight>,
    ended: Option<(u64, Vec<Attempt>)>,
    random: Random,
    is_busy: bool,
    pub(crate) tally: Tally,
    pub(crate) timeline: Vec<Line>,
    pub(crate) changes: Vec<Change>,
    told: u64,
    /// What writes were sent, for the laws.
    #[cfg(test)]
    writes: Vec<tests::Write>,
}

impl Simulation {
    pub(crate) fn new(topology: Topology, seed: u64) -> Self {
        let topology = Arc::new(topology);
        let mut simulation = Self {
            registry: Registry::new(Arc::clone(&topology), START),
            regions: Vec::new(),
            clusters: Vec::new(),
            home: topology.primary().coordinates,
            now: START,
            planned: BTreeMap::new(),
            next: 0,
            flights: BTreeMap::new(),
            ended: None,
            random: Random::new(seed),
            is_busy: false,
            tally: Tally::default(),
            timeline: Vec::new(),
            changes: Vec::new(),
            told: 0,
            topology,
            #[cfg(test)]
            writes: Vec::new(),
        };
        simulation.start(Vec::new());
        simulation
    }

    /// Puts another version of the topology into force, as a new deployment does: the health object restores what it
    /// stored, the isolates start anew, what was under way is forgotten.
    pub(crate) fn deploy(&mut self, topology: Topology) {
        let before: Vec<_> =
            self.topology.clusters().zip(&self.clusters).map(|(it, state)| (it.clone(), state.clone())).collect();
        self.topology = Arc::new(topology);
        self.registry = Registry::restore(Arc::clone(&self.topology), &self.registry.stored(), self.now);
        self.start(before);
    }

    fn start(&mut self, before: Vec<(Cluster, Simulated)>) {
        let topology = Arc::clone(&self.topology);
        let dialect = topology.probing().map(|probing| probing.dialect);
        let keep = |cluster: &Cluster| {
            let known = before.iter().find(|(known, _)| known.id == cluster.id);
            // Who changes its role says another thing of itself.
            known.filter(|(known, _)| known.role == cluster.role).map_or_else(
                || {
                    let fresh = Simulated::new(cluster.role, dialect);
                    known.map_or(fresh.clone(), |(_, state)| Simulated {
                        is_secondary: fresh.is_secondary,
                        ..state.clone()
                    })
                },
                |(_, state)| state.clone(),
            )
        };
        self.clusters = topology.clusters().map(keep).collect();
        let primary = topology.primary().coordinates;
        let places = REGIONS.iter().filter_map(|continent| Place { continent, ..Place::default() }.coordinates());
        self.regions =
            places.map(|place| Region { place, health: Health::new(&topology, self.random.next()) }).collect();
        self.home =
            self.region_of(primary).map_or(primary, |region| self.regions.get(region).map_or(primary, |it| it.place));
        // An isolate that starts waits for news before it decides about its first request.
        let snapshot = self.registry.snapshot().clone();
        for region in &mut self.regions {
            region.health.adopt(&topology, &snapshot, self.now);
        }
        self.planned.clear();
        self.flights.clear();
        for region in 0..self.regions.len() {
            self.plan(self.now, Event::Ask { region });
        }
        if self.is_busy {
            self.plan(self.now, Event::Arrive);
        }
        let mut lines: Vec<Line> = Vec::new();
        for cluster in topology.clusters() {
            let kept = self.timeline.iter().find(|line| line.cluster == cluster.id.as_str());
            lines.push(kept.cloned().unwrap_or_else(|| Line::new(cluster.id.as_str())));
        }
        self.timeline = lines;
        self.note();
    }

    pub(crate) fn topology(&self) -> &Topology {
        &self.topology
    }

    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    /// How long it has been running.
    pub(crate) fn elapsed(&self) -> Milliseconds {
        self.now.since(START)
    }

    pub(crate) fn status(&self) -> Status {
        self.registry.status(self.now)
    }

    pub(crate) fn simulated(&self, id: &str) -> Option<&Simulated> {
        self.clusters.get(self.topology.named(id)?.index.get())
    }

    /// The cluster that takes writes.
    pub(crate) fn writer(&self) -> Option<&str> {
        self.registry.snapshot().writer.as_deref()
    }

    /// Whether a cluster is being drained.
    pub(crate) fn is_drained(&self, id: &str) -> bool {
        self.registry.snapshot().clusters.iter().any(|cluster| cluster.id == id && cluster.draining)
    }

    /// Changes what a cluster does.
    pub(crate) fn change(&mut self, id: &str, change: impl FnOnce(&mut Simulated)) {
        let index = self.topology.named(id).map(|cluster| cluster.index.get());
        if let Some(simulated) = index.and_then(|index| self.clusters.get_mut(index)) {
            change(simulated);
        }
    }

    pub(crate) fn drain(&mut self, id: &str, draining: bool) -> Result<(), String> {
        let done = self.registry.drain(id, draining, self.now).map_err(|why| why.to_string());
        self.note();
        done
    }

    pub(crate) fn promote(&mut self, id: &str) -> Result<(), String> {
        let done = self.registry.promote(id, self.now).map_err(|why| why.to_string());
        self.note();
        done
    }

    pub(crate) fn readmit(&mut self, id: &str) -> Result<(), String> {
        let done = self.registry.readmit(id, self.now).map_err(|why| why.to_string());
        self.note();
        done
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// Lets requests come from the cities all the time, or no more.
    pub(crate) fn set_busy(&mut self, is_busy: bool) {
        self.is_busy = is_busy;
        self.planned.retain(|_, event| !matches!(event, Event::Arrive));
        if is_busy {
            self.plan(self.now, Event::Arrive);
        }
    }

    /// Lets so much time pass.
    pub(crate) fn pass(&mut self, span: Milliseconds) {
        self.advance(self.now.after(span), |_| false);
    }

    /// Sends a request and lets the time pass until it has ended.
    pub(crate) fn send(&mut self, request: Request) -> Journey {
        let began = self.now;
        let explanation = self.explain(request);
        let target = explanation.cluster.as_deref().and_then(|id| self.topology.named(id));
        let expected = target.map(|cluster| {
            let trip = round_trip(request.from, cluster.coordinates).get();
            Milliseconds::new(trip.saturating_add(crate::condition::SERVICE.get()))
        });
        let mut attempts = Vec::new();
        if let Some(flight) = self.begin(request) {
            self.advance(began.after(PATIENCE), |simulation| {
                simulation.ended.as_ref().is_some_and(|(ended, _)| *ended == flight)
            });
            let ended = self.ended.take().filter(|(ended, _)| *ended == flight).map(|(_, attempts)| attempts);
            let under_way = || self.flights.get(&flight).map(|it| it.attempts.clone());
            attempts = ended.or_else(under_way).unwrap_or_default();
        }
        Journey { request, attempts, explanation, expected, took: self.now.since(began) }
    }

    /// What the decision about a request stands on.
    pub(crate) fn explain(&mut self, request: Request) -> Explanation {
        let topology = Arc::clone(&self.topology);
        let now = self.now;
        let Some(region) = self.region_of(request.from).and_then(|region| self.regions.get_mut(region)) else {
            return explain(&topology, &Health::new(&topology, 0), &facts(&request), now);
        };
        region.health.reap(now);
        let explanation = explain(&topology, &region.health, &facts(&request), now);
        let soon = now.after(LEAST_LEASE);
        let is_write = explanation.operation == Some(Operation::Write.as_str());
        if is_write && explanation.cluster.is_some() && region.health.is_lease_over(&topology, soon) {
            return explain(&topology, &region.health, &facts(&request), soon);
        }
        explanation
    }

    fn region_of(&self, place: Coordinates) -> Option<usize> {
        let distances = self.regions.iter().map(|region| region.place.distance(place).get());
        distances.enumerate().min_by(|one, other| one.1.total_cmp(&other.1)).map(|(index, _)| index)
    }

    fn plan(&mut self, at: Moment, event: Event) {
        self.next = self.next.saturating_add(1);
        self.planned.insert((at, self.next), event);
    }

    /// Lets the time pass until `end`, or until something has happened.
    fn advance(&mut self, end: Moment, has_happened: impl Fn(&Self) -> bool) {
        let mut last_wake = None;
        loop {
            let planned = self.planned.keys().next().copied();
            // What is due after it was done is due a moment later.
            let after = last_wake.map_or(self.now, |at: Moment| at.after(Milliseconds::new(1)).max(self.now));
            let wake = self.registry.next_wake(after);
            let at = planned.map(|(at, _)| at).into_iter().chain(wake).min();
            let Some(at) = at.filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            match planned.filter(|planned| planned.0 <= at).and_then(|key| self.planned.remove(&key)) {
                Some(event) => self.happen(event),
                None => {
                    last_wake = Some(self.now);
                    self.wake();
                }
            }
            self.note();
            if has_happened(self) {
                return;
            }
        }
        self.now = end;
        self.note();
    }

    /// What the health object does when its alarm rings.
    fn wake(&mut self) {
        let now = self.now;
        self.registry.advance(now);
        let due = self.registry.due(now);
        let promotion = self.registry.order(now);
        let orders = due.into_iter().map(|order| (order.cluster, Order::Health(order.id)));
        let orders = orders.chain(promotion.map(|order| (order.cluster, Order::Promotion(order))));
        for (cluster, order) in orders.collect::<Vec<_>>() {
            // One probe of a cluster at a time.
            let is_out = |event: &Event| match (event, &order) {
                (Event::Probed { order: Order::Health(out), .. }, Order::Health(id)) => out == id,
                _ => false,
            };
            if self.planned.values().any(is_out) {
                continue;
            }
            let probing = self.registry.probing().into_owned();
            let topology = Arc::clone(&self.topology);
            let Some((cluster, simulated)) = topology.cluster(cluster).zip(self.clusters.get(cluster.get())) else {
                continue;
            };
            let trip = round_trip(self.home, cluster.coordinates);
            let (reply, took) = simulated.reply(trip, probing.timeout, || simulated.health(&probing, cluster.role));
            self.plan(now.after(took), Event::Probed { order, reply, took });
        }
    }

    fn happen(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Probed { order, reply, took } => {
                let answer = match &reply {
                    Reply::Answer(status, body) => Answer::Response { status: *status, body },
                    Reply::Failed => Answer::Failed,
                    Reply::TimedOut => Answer::TimedOut,
                };
                let finding = Finding::of(&self.registry.probing(), answer);
                match order {
                    Order::Health(id) => drop(self.registry.record(&id, &finding, took, now)),
                    Order::Promotion(order) => self.registry.answered(&order, &finding, now),
                }
            }
            Event::Ask { region } => {
                let Some(isolate) = self.regions.get(region) else { return };
                let open = isolate.health.open_breakers(&self.topology, now);
                let open = open.map(|cluster| cluster.id.to_string()).collect();
                let half = Milliseconds::new(round_trip(isolate.place, self.home).get() / 2);
                self.plan(now.after(half), Event::Told { region, asked_at: now, open });
                // As often as the router's own isolates ask.
                let interval = self.topology.probing().map_or(5_000, |probing| probing.interval.get());
                let lease = self.topology.promoting().lease.get();
                let refresh = (interval / 2).min(lease / 4).clamp(250, 5_000);
                self.plan(now.after(Milliseconds::new(refresh)), Event::Ask { region });
            }
            Event::Told { region, asked_at, open } => {
                for id in &open {
                    self.registry.suspect(id, now);
                }
                let snapshot = self.registry.snapshot().clone();
                self.plan(now.after(now.since(asked_at)), Event::Heard { region, asked_at, snapshot });
            }
            Event::Heard { region, asked_at, snapshot } => {
                if let Some(region) = self.regions.get_mut(region) {
                    region.health.adopt(&self.topology, &snapshot, asked_at);
                }
            }
            Event::Ended { flight, ticket, outcome, took } => self.end(flight, ticket, outcome, took),
            Event::Look(way) => self.look(way),
            Event::Arrive => {
                if let Some(request) = self.any_request() {
                    self.begin(request);
                }
                let mean = 1_000 / RATE;
                let pause = self.random.below(mean * 2).max(1);
                self.plan(now.after(Milliseconds::new(pause)), Event::Arrive);
            }
        }
    }

    /// A request of anybody.
    fn any_request(&mut self) -> Option<Request> {
        let all = CITIES.iter().map(|city| u64::from(city.weight)).sum();
        let mut place = self.random.below(all);
        let city = CITIES.iter().find(|city| {
            let is_here = place < u64::from(city.weight);
            place = place.saturating_sub(u64::from(city.weight));
            is_here
        })?;
        let is_write = self.random.below(100) < WRITES;
        Some(Request { client: None, ..Request::of(city, is_write)? })
    }

    /// Decides about a request and sends it; `None`: it was refused.
    fn begin(&mut self, request: Request) -> Option<u64> {
        let now = self.now;
        let index = self.region_of(request.from)?;
        let region = self.regions.get_mut(index)?;
        region.health.reap(now);
        let facts = facts(&request);
        let decision = decide(&self.topology, &region.health, &facts, now);
        let is_sent = |operation| {
            operation != Operation::Write || !region.health.is_lease_over(&self.topology, now.after(LEAST_LEASE))
        };
        let route = match decision {
            Decision::Forward(route) if is_sent(route.operation) => route,
            _ => {
                self.tally.refuse(request.is_write);
                return None;
            }
        };
        let begun = region.health.begin(&self.topology, &route, PATIENCE, now);
        let is_repeatable = route.is_repeatable;
        let operation = route.operation;
        self.next = self.next.saturating_add(1);
        let flight = self.next;
        #[cfg(test)]
        if operation == Operation::Write {
            let cluster = route.target.cluster.id.to_string();
            let writer = self.registry.snapshot().writer.clone();
            self.writes.push(tests::Write { flight, began: now, cluster, writer, ended: None });
        }
        // By the rules of the file a request may be another thing than its method says.
        let request = Request { is_write: operation == Operation::Write, ..request };
        self.flights.insert(flight, Flight { request, region: index, began: now, attempts: Vec::new() });
        self.attempt(flight, begun.cluster, begun.reason.as_str(), begun.ticket, is_repeatable);
        Some(flight)
    }

    fn attempt(
        &mut self,
        number: u64,
        cluster: ClusterIndex,
        reason: &'static str,
        ticket: Ticket,
        is_repeatable: bool,
    ) {
        let index = cluster;
        let Some(flight) = self.flights.get_mut(&number) else { return };
        let Some((cluster, simulated)) = self.topology.cluster(cluster).zip(self.clusters.get(cluster.get())) else {
            return;
        };
        let limit = self.topology.retrying().attempt_timeout.filter(|_| is_repeatable).unwrap_or(UPSTREAM_TIMEOUT);
        let jitter = Milliseconds::new(self.random.below(5));
        let trip = round_trip(flight.request.from, cluster.coordinates);
        let trip = Milliseconds::new(trip.get().saturating_add(jitter.get()));
        let (reply, took) = simulated.reply(trip, limit, || {
            let status = match simulated.condition {
                Condition::Sealed => 503,
                Condition::Failing => 500,
                _ => 200,
            };
            (status, String::new())
        });
        let outcome = match reply {
            Reply::Answer(status, _) => Outcome::Answered(status),
            Reply::Failed => Outcome::Failed,
            Reply::TimedOut => Outcome::TimedOut,
        };
        let (id, place) = (cluster.id.to_string(), cluster.coordinates);
        flight.attempts.push(Attempt { cluster: id, place, reason, ended: None });
        let is_leased = flight.request.is_write && self.topology.has_standby();
        self.plan(self.now.after(took), Event::Ended { flight: number, ticket, outcome, took });
        if is_leased {
            self.look_later(Way { flight: number, ticket, cluster: index, began: self.now });
        }
    }

    /// The isolate that a request came to.
    fn isolate_of(&self, flight: u64) -> Option<&Health> {
        let flight = self.flights.get(&flight)?;
        self.regions.get(flight.region).map(|region| &region.health)
    }

    /// Looks again when the lease ends that the isolate knows of now.
    fn look_later(&mut self, way: Way) {
        let Some(age) = self.isolate_of(way.flight).and_then(|health| health.snapshot_age(self.now)) else { return };
        let left = self.topology.promoting().lease.get().saturating_sub(age.get()).max(1);
        self.plan(self.now.after(Milliseconds::new(left)), Event::Look(way));
    }

    /// Ends a write when the lease is over, or when its cluster may no longer be the one that takes writes: the rule of
    /// the worker.
    fn look(&mut self, way: Way) {
        let now = self.now;
        let is_its_end = |event: &Event| matches!(event, Event::Ended { flight, ticket, .. } if (*flight, *ticket) == (way.flight, way.ticket));
        if !self.planned.values().any(is_its_end) {
            return;
        }
        let Some((health, cluster)) = self.isolate_of(way.flight).zip(self.topology.cluster(way.cluster)) else {
            return;
        };
        let may_write = !matches!(health.standing(&self.topology, cluster, now), Standing::Fenced | Standing::Standby)
            && health.writer(&self.topology).is_some()
            && !health.is_lease_over(&self.topology, now);
        if may_write {
            return self.look_later(way);
        }
        self.planned.retain(|_, event| !is_its_end(event));
        self.end(way.flight, way.ticket, Outcome::TimedOut, now.since(way.began));
    }

    fn end(&mut self, number: u64, ticket: Ticket, outcome: Outcome, took: Milliseconds) {
        let now = self.now;
        let Some(flight) = self.flights.get_mut(&number) else { return };
        if let Some(attempt) = flight.attempts.last_mut() {
            attempt.ended = Some((outcome, took));
        }
        let Some(region) = self.regions.get_mut(flight.region) else { return };
        let reported = region.health.report(&self.topology, ticket, outcome, took, now);
        if let Some(next) = reported.next {
            self.attempt(number, next.cluster, next.reason.as_str(), next.ticket, true);
            return;
        }
        let Some(Flight { request, began, attempts, .. }) = self.flights.remove(&number) else { return };
        #[cfg(test)]
        if let Some(write) = self.writes.iter_mut().find(|write| write.flight == number) {
            write.ended = Some(now);
        }
        let is_error = !matches!(outcome, Outcome::Answered(..500));
        if let Some(last) = attempts.last() {
            self.tally.count(&last.cluster, request.is_write, is_error, now.since(began));
        }
        if attempts.len() > 1 {
            self.tally.repeated = self.tally.repeated.saturating_add(1);
        }
        self.ended = Some((number, attempts));
    }

    /// Writes down what has changed.
    fn note(&mut self) {
        for event in self.registry.events_since(self.told) {
            self.changes.push(event.clone());
        }
        self.told = self.registry.revision();
        let surplus = self.changes.len().saturating_sub(KEPT_CHANGES);
        self.changes.drain(..surplus);

        let snapshot = self.registry.snapshot();
        let writer = snapshot.writer.as_deref();
        let (topology, now) = (&self.topology, self.now);
        for ((cluster, line), told) in topology.clusters().zip(&mut self.timeline).zip(&snapshot.clusters) {
            let is_writer = writer == Some(cluster.id.as_str());
            let lags = || told.lag_ms.zip(topology.max_lag()).is_some_and(|(lag, max)| lag > max.get());
            let seen = if told.fenced {
                Seen::Fenced
            } else if told.is_standby || cluster.role == Role::Standby && !is_writer {
                Seen::Standby
            } else if told.draining {
                Seen::Draining
            } else if !told.up {
                Seen::Down
            } else if !is_writer && lags() {
                Seen::Lagging
            } else {
                Seen::Up
            };
            let (mut open, mut half_open) = (0, 0);
            for region in &self.regions {
                match region.health.breaker(topology, cluster.index, now) {
                    BreakerState::Open { .. } => open += 1,
                    BreakerState::HalfOpen { .. } => half_open += 1,
                    BreakerState::Closed => {}
                }
            }
            let breakers = match (open, half_open) {
                (0, 0) => Breakers::Closed,
                (0, tests) => Breakers::HalfOpen(tests),
                (open, _) => Breakers::Open(open),
            };
            line.note(seen, breakers, now);
        }
    }
}

impl Request {
    /// A request from a place, always by the same client there.
    pub(crate) fn at(from: Coordinates, colo: Option<Colo>, is_write: bool) -> Self {
        let client = from.latitude().to_bits() ^ from.longitude().to_bits().rotate_left(32);
        Self { from, colo, is_write, client: Some(client) }
    }

    /// A request from a city.
    pub(crate) fn of(city: &City, is_write: bool) -> Option<Self> {
        Some(Self::at(city.coordinates()?, city.colo(), is_write))
    }
}

/// What the router sees of a request.
fn facts(request: &Request) -> RequestFacts<'static> {
    let place = request.from;
    RequestFacts {
        method: if request.is_write { "PUT" } else { "GET" },
        path: "/v1/secret/data/app",
        location: Some(place),
        colo: request.colo,
        repeatable: if request.is_write { Repeatable::IfBuffered(200) } else { Repeatable::Now },
        wrote: None,
        client: request.client,
    }
}

#[cfg(test)]
mod tests;
