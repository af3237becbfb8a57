//! What the entry script calls for every request: plain functions of texts and numbers.

use routing::{
    Begun, ClusterIndex, Colo, Decision, Metrics, Milliseconds, Mode, Moment, News, Operation, Outcome, Place, Reason,
    Refusal, Rejection, Repeatable, RequestFacts, Standing, Ticket, Told, decide as choose,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Response;

use crate::isolate::Isolate;
use crate::platform::moment;
use crate::problem::Problem;

/// What the entry script keeps of the configuration.
#[derive(Serialize)]
struct Setup<'c> {
    clusters: Vec<SetupCluster<'c>>,
    reasons: [&'static str; Reason::ALL.len()],
    exposes: bool,
    /// Milliseconds in which a response has to begin, and in which it has where another cluster may be tried.
    timeout: u32,
    attempt_timeout: u64,
    /// Milliseconds that a body may take to arrive, beyond that.
    longest_upload: u64,
    /// Milliseconds after which news of the health object are asked for, and waited for.
    refresh: u64,
    stale: u64,
    /// Milliseconds for which a client's reads follow its writes; 0 where they do not.
    reads_own_writes: u64,
    /// Milliseconds for which a write may be sent on what was heard last; 0 where it always may.
    lease: u64,
}

#[derive(Serialize)]
struct SetupCluster<'c> {
    id: &'c str,
    origin: &'c str,
    headers: Vec<(&'c str, &'c str)>,
}

/// Takes a configuration into force: the variables' own, or that with another topology.  Answers with what the entry
/// script needs of it, as JSON; nothing where it is invalid.
#[wasm_bindgen]
#[must_use]
pub fn load(env: &JsValue, topology: Option<String>) -> Option<String> {
    Isolate::load(env, topology.as_deref())?;
    Isolate::with(|isolate| {
        let (configuration, topology) = (&isolate.configuration, isolate.topology());
        let timeout = configuration.upstream_timeout_ms();
        let interval = topology.probing().map_or(5_000, |probing| probing.interval.get());
        let setup = Setup {
            clusters: topology
                .clusters()
                .map(|cluster| SetupCluster {
                    id: cluster.id.as_str(),
                    origin: cluster.origin.as_str(),
                    headers: configuration.headers(cluster).collect(),
                })
                .collect(),
            reasons: Reason::ALL.map(Reason::as_str),
            exposes: topology.exposes_headers(),
            timeout,
            attempt_timeout: topology.retrying().attempt_timeout.map_or(timeout.into(), Milliseconds::get),
            longest_upload: Isolate::LONGEST_UPLOAD,
            // Twice as often as anything can change, and well before a lease ends.
            refresh: (interval / 2).min(topology.promoting().lease.get() / 4).clamp(250, 5_000),
            stale: (topology.promoting().lease.get() / 2).min(30_000),
            // In affinity mode they do by themselves.
            lease: if topology.has_standby() { topology.promoting().lease.get() } else { 0 },
            reads_own_writes: match topology.mode() {
                Mode::Split => topology.read_your_writes().map_or(0, Milliseconds::get),
                Mode::Affinity => 0,
            },
        };
        serde_json::to_string(&setup).ok()
    })?
}

/// Above the ticket of an attempt: see `TICKETS` in the entry script.
const TICKETS: f64 = 4_294_967_296.0;
const IS_WRITE: u32 = 1 << 12;
const IS_REPEATABLE: u32 = 1 << 13;
const KEEPS_BODY: u32 = 1 << 14;

/// Decides where a request goes and takes the places it needs.
///
/// `facts` are lines: method, path, latitude, longitude, data centre, country, continent, length of the body, moment of
/// the client's last write, token; see `facts` in the entry script.  The answer is a place and a ticket, or, below zero,
/// a refusal.
#[wasm_bindgen]
#[must_use]
pub fn decide(facts: &str, has_body: bool, now: f64) -> f64 {
    Isolate::with(|isolate| {
        let now = moment(now);
        let mut lines = facts.split('\n');
        let mut line = || lines.next().unwrap_or_default();
        let (method, path) = (line(), line());
        let place = Place { latitude: line(), longitude: line(), colo: line(), country: line(), continent: line() };
        let repeatable = match (has_body, line().parse()) {
            (false, _) => Repeatable::Now,
            (true, Ok(length)) => Repeatable::IfBuffered(length),
            (true, Err(_)) => Repeatable::Never,
        };
        let wrote = u64::from_str_radix(line(), 36).ok().map(Moment::from_millis);
        let client = isolate.client(line());
        let (location, colo) = (place.coordinates(), Colo::parse(place.colo));
        let facts = RequestFacts { method, path, location, colo, repeatable, wrote, client };

        let limit = isolate.limit(has_body);
        let Isolate { configuration, health, metrics, .. } = isolate;
        let topology = configuration.topology();
        health.reap(now);
        match choose(topology, health, &facts, now) {
            Decision::Forward(route) => {
                let begun = health.begin(topology, &route, limit, now);
                Isolate::moved(metrics, route.target.cluster, begun.transition);
                let mut bits = 0;
                bits |= if route.operation == Operation::Write { IS_WRITE } else { 0 };
                bits |= if route.is_repeatable { IS_REPEATABLE } else { 0 };
                bits |= if route.is_repeatable && has_body { KEEPS_BODY } else { 0 };
                attempt(&begun, bits)
            }
            Decision::Deny(_) => refuse(metrics, Rejection::Denied, Milliseconds::new(0)),
            Decision::Refuse(Refusal { cause, retry_after }) => refuse(metrics, cause.into(), retry_after),
        }
    })
    .unwrap_or(f64::NAN)
}

/// Hears how an attempt ended: a status from 100, that and 1000 where the network answered in the cluster's place, 0 when
/// it failed, -1 when it took too long, -2 when the client went away.  The answer is the attempt to make in its place,
/// or, below zero, that there is none.
#[wasm_bindgen]
#[must_use]
pub fn report(ticket: u32, ended: i32, took: f64, now: f64) -> f64 {
    let outcome = match (ended, u16::try_from(ended)) {
        (_, Ok(status @ 100..=999)) => Outcome::Answered(status),
        (_, Ok(status @ 1_100..=1_999)) => Outcome::Unreachable(status - 1_000),
        (-1, _) => Outcome::TimedOut,
        (-2, _) => Outcome::Cancelled,
        _ => Outcome::Failed,
    };
    Isolate::with(|isolate| {
        let took = Milliseconds::new(moment(took).millis());
        let Isolate { configuration, health, metrics, .. } = isolate;
        let topology = configuration.topology();
        let reported = health.report(topology, Ticket::from_bits(ticket), outcome, took, moment(now));
        if let Some(ended) = reported.ended {
            let status = if let Outcome::Answered(status) = outcome { Some(status) } else { None };
            metrics.count_request(ended.cluster, ended.reason, status);
            if status.is_some() {
                metrics.count_latency(ended.cluster, took);
            }
            if let Some(cluster) = topology.cluster(ended.cluster) {
                Isolate::moved(metrics, cluster, ended.transition);
            }
        }
        let next = reported.next?;
        metrics.count_retry(next.cluster);
        if let Some(cluster) = topology.cluster(next.cluster) {
            Isolate::moved(metrics, cluster, next.transition);
        }
        Some(attempt(&next, IS_REPEATABLE))
    })
    .flatten()
    .unwrap_or(-1.0)
}

/// The response to a refused request, by the number that `decide` gave.
#[wasm_bindgen]
pub fn refusal(decision: f64) -> Result<Response, JsValue> {
    let number = moment(-decision - 1.0).millis();
    let rejection = usize::try_from(number % 16).ok().and_then(|index| Rejection::ALL.get(index));
    let retry_after = u32::try_from(number / 16).ok().filter(|seconds| *seconds > 0);
    Problem::named(rejection.map_or("internal-error", |rejection| rejection.as_str())).response(retry_after)
}

/// The response to a request that failed for this reason; a read may be repeated after a while.
#[wasm_bindgen]
pub fn problem(reason: &str, is_write: Option<bool>) -> Result<Response, JsValue> {
    /// Seconds: about what a restart or an election of a leader takes.
    const AWHILE: u32 = 5;
    if let Some(rejection) = Rejection::named(reason) {
        Isolate::with(|isolate| isolate.metrics.count_rejection(rejection));
    }
    Problem::named(reason).response((is_write == Some(false)).then_some(AWHILE))
}

/// Whether a response is the network's own, in the place of a cluster it cannot reach.
#[wasm_bindgen]
#[must_use]
pub fn is_network_error(status: u16, content_type: Option<String>, body: &str) -> bool {
    routing::is_network_error(status, content_type.as_deref(), body)
}

/// What this isolate has to tell the health object, as JSON: open breakers, and what it has counted since it told last.
#[wasm_bindgen]
#[must_use]
pub fn tell(now: f64) -> String {
    let told = Isolate::with(|isolate| {
        let open = isolate.health.open_breakers(isolate.topology(), moment(now));
        let open = open.map(|cluster| cluster.id.to_string()).collect();
        Told { open, counted: isolate.metrics.take_delta(), needs_topology: false }
    });
    serde_json::to_string(&told.unwrap_or(Told { needs_topology: true, ..Told::default() })).unwrap_or_default()
}

/// What was told of requests, as data points of Analytics Engine: a cluster's id as index; the id, reason and class of the
/// status as blobs; how many as double.
#[wasm_bindgen]
#[must_use]
pub fn data_points(told: &str) -> String {
    let Some(Told { counted: Some(counted), .. }) = Told::read(told) else { return "[]".to_owned() };
    // Ids and names need no escaping.
    let point = |(id, reason, class, count)| {
        format!(r#"{{"indexes":["{id}"],"blobs":["{id}","{reason}","{class}"],"doubles":[{count}]}}"#)
    };
    let points: Vec<String> = counted.requests().map(point).collect();
    format!("[{}]", points.join(","))
}

/// Takes back what was told and not heard.
#[wasm_bindgen]
pub fn untell(told: &str) {
    let Some(Told { counted: Some(counted), .. }) = Told::read(told) else { return };
    Isolate::with(|isolate| isolate.metrics.restore(&counted));
}

/// Hears what the health object knows, asked for at that moment; whether that was understood.
#[wasm_bindgen]
#[must_use]
pub fn hear(news: &str, asked_at: f64) -> bool {
    let Some(News { snapshot, .. }) = News::read(news) else { return false };
    Isolate::with(|isolate| {
        let Isolate { configuration, health, .. } = isolate;
        health.adopt(configuration.topology(), &snapshot, moment(asked_at));
    });
    true
}

/// Whether a write that is on its way to a cluster may still arrive there.
#[wasm_bindgen]
#[must_use]
pub fn may_write(cluster: u8, now: f64) -> bool {
    Isolate::with(|isolate| {
        let (topology, now) = (isolate.topology(), moment(now));
        let cluster = ClusterIndex::new(cluster.into()).and_then(|index| topology.cluster(index));
        let standing = cluster.map(|cluster| isolate.health.standing(topology, cluster, now));
        !matches!(standing, None | Some(Standing::Fenced | Standing::Standby))
            && isolate.health.writer(topology).is_some()
            && !isolate.health.is_lease_over(topology, now)
    })
    .unwrap_or(false)
}

fn attempt(begun: &Begun, bits: u32) -> f64 {
    let reason = Reason::ALL.iter().position(|reason| *reason == begun.reason).unwrap_or_default();
    let place = begun.cluster.get() | (reason << 8);
    let place = u32::try_from(place).unwrap_or_default() | bits;
    f64::from(place) * TICKETS + f64::from(begun.ticket.bits())
}

fn refuse(metrics: &mut Metrics, rejection: Rejection, retry_after: Milliseconds) -> f64 {
    metrics.count_rejection(rejection);
    let number = Rejection::ALL.iter().position(|other| *other == rejection).unwrap_or_default();
    let seconds = u32::try_from(retry_after.get().div_ceil(1_000)).unwrap_or(u32::MAX).min(3_600);
    -1.0 - f64::from(u32::try_from(number).unwrap_or_default() + 16 * seconds)
}
