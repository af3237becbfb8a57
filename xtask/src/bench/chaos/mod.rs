//! Chaos: faults by a fixed schedule, under load, with every request accounted for on both sides.

mod account;
mod schedule;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::machine;
use crate::build::Part;
use crate::cluster::{self, Cluster, State};
use crate::demo::{self, CF_HEADER, City, FRANKFURT, PORTLAND, Ports, SITES, SYDNEY, VIRGINIA};
use crate::load::{Answer, Connection};
use crate::paths;
use crate::setup;
use crate::workerd::{Options, Workerd};
use account::{Account, Arrived, Asked, Outcome};
use schedule::{Condition, Event, History, Schedule};

/// Clients, each with one request at a time, and their pause between two.
const CLIENTS: u64 = 24;
const PAUSE: Duration = Duration::from_millis(100);
/// One request of so many is a write.
const WRITES: u64 = 5;
/// How long a client waits for an answer; the router gives up long before.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the schedule is looked at, and the status of a promotion.
const GLANCE: Duration = Duration::from_millis(100);

/// The path of a request, before its number.
const PATH: &str = "/v1/numbered/";
/// How long a cluster takes when it is well: on one machine all are equally near, and what the machine adds by chance
/// must not make one of them look nearer than its place says.
const DISTANCE_MS: u64 = 20;
/// How long a slow cluster takes, and how far one is behind that lags, in milliseconds.
const SLOWNESS_MS: u64 = 150;
const LAG_MS: u64 = 60_000;

/// How long the router waits for a cluster where it may not ask another one.
const UPSTREAM_TIMEOUT_MS: &str = "2000";
const ADMIN_TOKEN: &str = "chaos";

/// Where the clients are: each moves on with each request.
const CITIES: [City; 8] = [
    FRANKFURT,
    VIRGINIA,
    SYDNEY,
    PORTLAND,
    City { name: "London", latitude: 51.51, longitude: -0.13 },
    City { name: "Tokyo", latitude: 35.68, longitude: 139.69 },
    City { name: "São Paulo", latitude: -23.55, longitude: -46.63 },
    City { name: "Lagos", latitude: 6.52, longitude: 3.38 },
];

/// Runs the long schedule and prints its story; the answer is whether everything is as it must be.
pub(super) fn run() -> Result<bool> {
    setup::ensure(Part::Worker.needs())?;
    Part::Worker.ensure()?;
    println!("\n{}\n", machine(&[&paths::workerd()?]));
    let (story, is_kept) = rehearse(&Schedule::LONG)?;
    println!("{story}");
    Ok(is_kept)
}

/// Runs the short schedule, on the worker as it was built.
///
/// # Errors
/// When a write was misplaced or sent twice, or a read failed that could have been answered; the error tells the story.
pub fn short() -> Result<()> {
    let (story, is_kept) = rehearse(&Schedule::SHORT)?;
    ensure!(is_kept, "{story}");
    Ok(())
}

/// Runs a schedule; the answer is its story, and whether everything is as it must be.
fn rehearse(schedule: &Schedule) -> Result<(String, bool)> {
    let world = World::start()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (account, history) = runtime.block_on(world.run(schedule))?;
    let totals = account.totals(&history);
    Ok((format!("{}\n{}", account.timeline(schedule), totals.words()), totals.violations.is_empty()))
}

/// The router, and the clusters in the order of the topology.
struct World {
    workerd: Workerd,
    clusters: Vec<Cluster>,
}

impl World {
    fn start() -> Result<Self> {
        let clusters = demo::start(Ports::Free)?;
        for cluster in &clusters {
            cluster.set(cluster::Condition::Slow(DISTANCE_MS))?;
        }
        let options = Options {
            variables: vec![
                ("TOPOLOGY".to_owned(), topology(&clusters).to_string()),
                ("ADMIN_TOKEN".to_owned(), ADMIN_TOKEN.to_owned()),
                ("UPSTREAM_TIMEOUT_MS".to_owned(), UPSTREAM_TIMEOUT_MS.to_owned()),
            ],
            harness: true,
            ..Options::default()
        };
        Ok(Self { workerd: Workerd::start(&options)?, clusters })
    }

    async fn run(&self, schedule: &Schedule) -> Result<(Account, History)> {
        let started = Instant::now();
        let end = Duration::from_secs(schedule.seconds);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let client = Client {
                number,
                address: self.workerd.address(),
                started,
                asked: Arc::clone(&asked),
                connection: None,
            };
            clients.spawn(client.run(end));
        }
        let (mut account, mut history) = (Account::default(), History::default());
        let (mut promoted, mut writer) = (None, None);
        let mut events = schedule.events.iter().peekable();
        while started.elapsed() < end {
            while let Some((_, event)) = events.next_if(|(at, _)| started.elapsed().as_secs() >= *at) {
                let before = started.elapsed();
                self.bring_about(*event).await.with_context(|| format!("{event:?}"))?;
                // What is bad begins before the cluster knows of it, what is good when it has happened.
                history.note(if event.is_bad() { before } else { started.elapsed() }, *event);
                if let Event::Promote(id) = *event {
                    promoted = Some(id);
                    history.activate(before, id);
                }
            }
            if let Some(id) = promoted.filter(|id| writer.as_deref() != Some(*id)) {
                let before = started.elapsed();
                writer = self.writer().await?;
                if writer.as_deref() != Some(id) {
                    history.activate(before, id);
                }
            }
            sleep(GLANCE).await;
        }
        while let Some(client) = clients.join_next().await {
            client?;
        }
        account.arrived = self.arrived();
        account.asked = std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner));
        ensure!(promoted.is_none() || promoted == writer.as_deref(), "the promotion came to no end");
        Ok((account, history))
    }

    /// What the clusters have received of what the clients sent.
    fn arrived(&self) -> Vec<Arrived> {
        let mut arrived = Vec::new();
        for cluster in &self.clusters {
            for (path, count) in cluster.counts() {
                let id = path.strip_prefix(PATH).and_then(|number| number.parse().ok());
                for id in std::iter::repeat_n(id, usize::try_from(count).unwrap_or(0)).flatten() {
                    arrived.push(Arrived { id, cluster: cluster.id().to_owned() });
                }
            }
        }
        arrived
    }

    async fn bring_about(&self, event: Event) -> Result<()> {
        match event {
            Event::Become(id, condition) => self.put(id, condition),
            Event::Promote(id) => self.admin("promote", &json!({ "cluster": id })).await,
            Event::Readmit(id) => self.admin("readmit", &json!({ "cluster": id })).await,
            Event::Drain(id, drain) => self.admin("drain", &json!({ "cluster": id, "drain": drain })).await,
            Event::CutOff(is_cut_off) => {
                let link = self.workerd.link_url(0).context("no way to the health object")?;
                let address = link.trim_start_matches("http://").parse().context("the address of a link")?;
                ask(address, "POST", if is_cut_off { "/cut" } else { "/mend" }, "").await.map(drop)
            }
        }
    }

    fn put(&self, id: &str, condition: Condition) -> Result<()> {
        let cluster = self.clusters.iter().find(|cluster| cluster.id() == id).context("no such cluster")?;
        match condition {
            Condition::Healthy => {
                cluster.set_state(state(id));
                cluster.lag(0);
                cluster.set(cluster::Condition::Slow(DISTANCE_MS))
            }
            Condition::Killed => cluster.kill(),
            Condition::Hung => cluster.set(cluster::Condition::Hanging),
            Condition::Slow => cluster.set(cluster::Condition::Slow(SLOWNESS_MS)),
            Condition::Failing => {
                cluster.set_sparing_probes(cluster::Condition::Failing { status: 500, text: String::new() })
            }
            Condition::Lagging => {
                cluster.lag(LAG_MS);
                Ok(())
            }
            Condition::Sealed => {
                cluster.set_state(State::Sealed);
                Ok(())
            }
            Condition::Active => {
                cluster.set_state(State::Active);
                Ok(())
            }
        }
    }

    /// Asks the router to do something.
    async fn admin(&self, what: &str, body: &Value) -> Result<()> {
        let body = body.to_string();
        let answer = ask(self.workerd.address(), "POST", &format!("/_headroom/{what}"), &body).await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!((200..300).contains(&answer.status), "{what} {body}: {} {text}", answer.status);
        Ok(())
    }

    /// Who takes writes, as the router says.
    async fn writer(&self) -> Result<Option<String>> {
        let answer = ask(self.workerd.address(), "GET", "/_headroom/status", "").await?;
        let status: Value = serde_json::from_slice(&answer.body)
            .with_context(|| format!("the status is no JSON: {}", String::from_utf8_lossy(&answer.body)))?;
        Ok(status.pointer("/object/writer").and_then(Value::as_str).map(str::to_owned))
    }
}

/// A request of the operator's.
async fn ask(address: SocketAddr, method: &str, target: &str, body: &str) -> Result<Answer> {
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
         Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = Connection::open(address).await.context("cannot connect")?;
    let answer = timeout(PATIENCE, connection.exchange(request.as_bytes())).await;
    answer.context("no answer in time")?.with_context(|| format!("{method} {target}"))
}

/// What a cluster says that it is, as long as it is well; the old primary believes in itself to the end.
fn state(id: &str) -> State {
    SITES.iter().find(|site| site.id == id).map_or(State::Active, |site| site.state)
}

/// Somebody who asks on and on, each time from another city.
struct Client {
    number: u64,
    address: SocketAddr,
    started: Instant,
    asked: Arc<Mutex<Vec<Asked>>>,
    connection: Option<Connection>,
}

impl Client {
    async fn run(mut self, end: Duration) {
        // Not all at once.
        sleep(PAUSE / u32::try_from(CLIENTS).unwrap_or(1) * u32::try_from(self.number).unwrap_or(0)).await;
        let cities = CITIES.into_iter().cycle().skip(usize::try_from(self.number).unwrap_or(0));
        for (count, city) in (self.number..).zip(cities) {
            if self.started.elapsed() >= end {
                return;
            }
            let is_write = count.is_multiple_of(WRITES);
            let (id, sent) = (self.number * 1_000_000 + count, self.started.elapsed());
            let outcome = self.ask(id, is_write, city).await;
            let ended = self.started.elapsed();
            let asked = Asked { id, is_write, city: city.name, sent, ended, outcome };
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
            sleep(PAUSE).await;
        }
    }

    async fn ask(&mut self, id: u64, is_write: bool, city: City) -> Outcome {
        let method = if is_write { "POST" } else { "GET" };
        let body = if is_write { "Content-Length: 2\r\n\r\n{}" } else { "\r\n" };
        let request =
            format!("{method} {PATH}{id} HTTP/1.1\r\nHost: localhost\r\n{CF_HEADER}: {}\r\n{body}", city.cf());
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => match Connection::open(self.address).await {
                Ok(connection) => connection,
                Err(error) => return Outcome::Nothing(error.to_string()),
            },
        };
        match timeout(PATIENCE, connection.exchange(request.as_bytes())).await {
            Err(_) => Outcome::Nothing("no answer in time".to_owned()),
            Ok(Err(error)) => Outcome::Nothing(error.to_string()),
            Ok(Ok(answer)) => {
                self.connection = Some(connection);
                let header = |name| answer.header(name).unwrap_or_default().to_owned();
                let cluster = header("x-headroom-cluster");
                let reason = problem(&answer).unwrap_or_else(|| header("x-headroom-reason"));
                Outcome::Answered { status: answer.status, cluster, reason }
            }
        }
    }
}

/// Why the router answered in the place of a cluster.
fn problem(answer: &Answer) -> Option<String> {
    answer.header("content-type").filter(|kind| *kind == "application/problem+json")?;
    let problem: Value = serde_json::from_slice(&answer.body).ok()?;
    problem.get("reason").and_then(Value::as_str).map(str::to_owned)
}

/// Everything that routes is on, and as quick as it may be set.
fn topology(clusters: &[Cluster]) -> Value {
    let urls: Vec<String> = clusters.iter().map(Cluster::url).collect();
    let mut topology = demo::bare_topology(urls.iter().map(String::as_str));
    let rules = json!({
        "fallback": "next",
        "health": { "dialect": "vault", "interval_ms": 1000, "timeout_ms": 300, "unhealthy_threshold": 2,
                    "healthy_threshold": 1 },
        "breaker": { "failures": 3, "window_ms": 10000, "cooldown_ms": 1000, "successes": 2 },
        "lag": { "max_ms": 5000 },
        "retry": { "max_attempts": 4, "budget_share": 0.2, "attempt_timeout_ms": 300 },
        "promotion": { "checks": 3, "interval_ms": 500, "lease_ms": 2000 },
    });
    if let (Some(topology), Value::Object(rules)) = (topology.as_object_mut(), rules) {
        topology.extend(rules);
    }
    topology
}
