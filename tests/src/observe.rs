//! What the tests of health, promotion and the health object ask, and what they read out of the answers.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use xtask::cluster::{Cluster, Condition, State, WRITE_HEADER};
use xtask::demo::City;

use crate::router::{Isolate, Plan, World};

/// How the router answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The cluster that it names.
    pub cluster: String,
    /// Why that one; of an error that names none, the reason of the error.
    pub reason: String,
}

impl Answer {
    /// The answer with these in it.
    #[must_use]
    pub fn of(status: u16, cluster: &str, reason: &str) -> Self {
        Self { status, cluster: cluster.to_owned(), reason: reason.to_owned() }
    }

    /// An error of the router itself, about no cluster.
    #[must_use]
    pub fn refused(reason: &str) -> Self {
        Self::of(503, "", reason)
    }
}

/// Milliseconds since 1970, as the runtime on the same machine counts them.
///
/// # Panics
/// When the clock is before 1970.
#[must_use]
pub fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis()).expect("this epoch")
}

/// Every answer has this status and this text.
#[must_use]
pub fn failing(status: u16, text: &str) -> Condition {
    Condition::Failing { status, text: text.to_owned() }
}

/// Sends a request and reads the answer to its end.
///
/// # Panics
/// When there is no answer.
pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let header = |name| response.headers().get(name).map_or("", |value| value.to_str().expect("text")).to_owned();
    let (status, cluster, reason) =
        (response.status().as_u16(), header("x-headroom-cluster"), header("x-headroom-reason"));
    let body = response.text().await.expect("a whole answer");
    let problem = || serde_json::from_str::<Value>(&body).unwrap_or_default()["reason"].as_str().map(str::to_owned);
    let reason = if reason.is_empty() { problem().unwrap_or_default() } else { reason };
    Answer { status, cluster, reason }
}

/// A read through an isolate, from a city.
pub async fn read(isolate: &Isolate<'_>, city: City) -> Answer {
    answer(isolate.from(city, "GET", "/v1/secret/data/app")).await
}

/// A write through an isolate, with an id by which clusters count it.
pub async fn write(isolate: &Isolate<'_>, id: &str) -> Answer {
    answer(isolate.from_nowhere("POST", "/v1/secret/data/app").header(WRITE_HEADER, id).body("x")).await
}

/// The status and the JSON of the answer to an order.
///
/// # Panics
/// When the answer is no JSON.
pub async fn order(world: &World, order: &str, body: &Value) -> (u16, Value) {
    let response = world.order(order, body).await;
    let status = response.status().as_u16();
    let text = response.text().await.expect("a whole answer");
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// What the health object knows, by the status.
pub async fn object(world: &World) -> Value {
    world.status().await["object"].take()
}

/// What the health object knows of a cluster.
pub async fn known(world: &World, id: &str) -> Value {
    cluster_in(&object(world).await, id)
}

/// What is said of a cluster in a list of them.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn cluster_in(status: &Value, id: &str) -> Value {
    let clusters = status["clusters"].as_array().expect("a list of clusters");
    clusters.iter().find(|cluster| cluster["id"] == id).unwrap_or_else(|| panic!("no {id} in {status:#}")).clone()
}

/// The breaker of a cluster in an isolate: `closed`, `open_until` or `half_open`.
///
/// # Panics
/// When the status does not tell it.
pub async fn breaker(isolate: &Isolate<'_>, id: &str) -> String {
    let breaker = cluster_in(&isolate.status().await["isolate"], id)["breaker"].take();
    let name = breaker.as_object().and_then(|state| state.keys().next().cloned());
    name.or_else(|| breaker.as_str().map(str::to_owned)).unwrap_or_else(|| panic!("{breaker}"))
}

/// The words of the last changes, oldest first.
///
/// # Panics
/// When the status has none.
#[must_use]
pub fn events(object: &Value) -> Vec<String> {
    let events = object["events"].as_array().expect("a list of events").iter().rev();
    events.map(|event| event["words"].as_str().expect("words").to_owned()).collect()
}

/// The value of a metric, with its labels as they are written; 0 where there is none.
///
/// # Panics
/// When it is no number.
#[must_use]
pub fn metric(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().expect("a number"))
}

/// Waits until an isolate knows what the health object knows by now.
pub async fn informed(world: &World, isolate: usize) {
    let from = object(world).await["at"].as_u64().unwrap_or_default();
    world
        .until("the isolate has heard the news", async || {
            let isolate = world.isolate(isolate);
            // Any request makes it ask, where what it knows is old enough; this one goes to no cluster.
            let _ = answer(isolate.from_nowhere("GET", "/denied-to-all")).await;
            let status = isolate.status().await;
            let (at, age) = (status["object"]["at"].as_u64(), status["isolate"]["snapshot_age_ms"].as_u64());
            // The age was taken a little later, so that it asked at that moment at the earliest.
            age.is_some_and(|age| at.unwrap_or_default().saturating_sub(age) > from)
        })
        .await;
}

/// What a plan for these tests begins with: probes as often as may be, and one path that no cluster gets.
#[must_use]
pub fn plan(rules: &Value) -> Plan {
    let health = json!({ "dialect": "vault", "interval_ms": 1000, "timeout_ms": 500,
                         "unhealthy_threshold": 1, "healthy_threshold": 1 });
    World::plan().rules(&json!({ "health": health, "deny": ["/denied-to-all"] })).rules(rules).admin()
}

/// A further cluster of the plan, a replica at this place.
///
/// # Panics
/// When it does not start.
#[must_use]
pub fn add_cluster(plan: Plan, id: &str, place: City) -> (Plan, Cluster) {
    let cluster = Cluster::replicating(id, None, State::PerformanceSecondary, &std::sync::Arc::default());
    let cluster = cluster.expect("the cluster starts");
    let entry = json!({ "id": id, "role": "replica", "url": cluster.url(),
                        "latitude": place.latitude, "longitude": place.longitude });
    let plan = plan.topology(|topology| topology["clusters"].as_array_mut().expect("a list").push(entry));
    (plan, cluster)
}
