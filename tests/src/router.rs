//! The built worker in the real runtime, in front of clusters that report what reaches them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use xtask::cluster::{Cluster, RESPONSE_HEADER, Script};
use xtask::demo::{self, ADMIN_TOKEN, CF_HEADER, City, Ports};
use xtask::workerd::{Options, Workerd};

pub use xtask::demo::{PORTLAND, STANDBY};

use crate::harness::Harness;

/// Longest wait for something to become true.
const PATIENCE: Duration = Duration::from_secs(30);

/// A router in front of the demo's clusters.
pub struct World {
    /// The router.
    pub workerd: Workerd,
    /// The clusters in the configured order: `us-east` (the primary), `eu-central`, `ap-southeast`, [`STANDBY`].
    pub clusters: Vec<Cluster>,
    topology: Value,
    variables: Vec<(String, String)>,
    client: Client,
}

/// A world before its router starts; the clusters run already.
pub struct Plan {
    /// The clusters, as in [`World`].
    pub clusters: Vec<Cluster>,
    topology: Value,
    options: Options,
}

/// One of the isolates that run the router.
pub struct Isolate<'w> {
    url: String,
    client: &'w Client,
}

impl Plan {
    /// Changes the topology, which has the clusters and mode `split` and nothing else at first.
    #[must_use]
    pub fn topology(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.topology);
        self
    }

    /// Adds these keys to the topology, in place of those of the same name.
    ///
    /// # Panics
    /// When `keys` is no object.
    #[must_use]
    pub fn rules(self, keys: &Value) -> Self {
        let keys = keys.as_object().expect("an object").clone();
        self.topology(|topology| topology.as_object_mut().expect("an object").extend(keys))
    }

    /// Sets a variable or a secret.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.options.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Turns the admin interface on.
    #[must_use]
    pub fn admin(self) -> Self {
        self.variable("ADMIN_TOKEN", ADMIN_TOKEN)
    }

    /// Has so many isolates run the router.
    #[must_use]
    pub fn isolates(mut self, isolates: usize) -> Self {
        self.options.isolates = isolates;
        self
    }

    /// Puts the health object into the harness: see [`World::harness`].
    #[must_use]
    pub fn harness(mut self) -> Self {
        self.options.harness = true;
        self
    }

    /// As [`Self::harness`], with every isolate cut off from the health object from the start.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.options.cut = true;
        self.harness()
    }

    /// Starts the router.
    ///
    /// # Panics
    /// When it does not start; the message says what is missing and how to get it.
    #[must_use]
    pub fn start(self) -> World {
        let Self { clusters, topology, mut options } = self;
        let variables = options.variables.clone();
        options.variables = with_topology(&variables, &topology);
        let workerd = Workerd::start(&options).unwrap_or_else(|error| panic!("{error:#}"));
        World { workerd, clusters, topology, variables, client: client() }
    }
}

impl World {
    /// Starts the clusters, and lets the router be set up.
    ///
    /// # Panics
    /// When a cluster does not start.
    #[must_use]
    pub fn plan() -> Plan {
        let clusters = demo::start(Ports::Free).expect("the clusters start");
        let urls: Vec<String> = clusters.iter().map(Cluster::url).collect();
        let topology = demo::bare_topology(urls.iter().map(String::as_str));
        Plan { clusters, topology, options: Options::default() }
    }

    /// Starts everything, with the topology as it is.
    ///
    /// # Panics
    /// When it does not start; the message says what is missing and how to get it.
    #[must_use]
    pub fn start() -> Self {
        Self::plan().start()
    }

    /// Starts everything, with the topology changed and further variables set.
    ///
    /// # Panics
    /// When it does not start; the message says what is missing and how to get it.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut Value), variables: &[(&str, &str)]) -> Self {
        let plan = Self::plan().topology(change);
        variables.iter().fold(plan, |plan, (name, value)| plan.variable(name, value)).start()
    }

    /// Starts the router again with the topology changed, as a deployment would; what the health object stored stays.
    ///
    /// # Panics
    /// When it does not start.
    pub fn redeploy(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.topology);
        let variables = with_topology(&self.variables, &self.topology);
        self.workerd.restart_with(variables).unwrap_or_else(|error| panic!("{error:#}"));
        self.client = client();
    }

    /// Ends the runtime and starts it again; what the health object stored stays.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&mut self) {
        self.workerd.restart().unwrap_or_else(|error| panic!("{error:#}"));
        // The connections of the one before are dead.
        self.client = client();
    }

    /// One of the isolates; the other functions mean the first.
    ///
    /// # Panics
    /// When there are fewer.
    #[must_use]
    pub fn isolate(&self, isolate: usize) -> Isolate<'_> {
        let url = self.workerd.urls().into_iter().nth(isolate).expect("the plan says how many isolates there are");
        Isolate { url, client: &self.client }
    }

    /// A request to the router from a city.
    pub fn from(&self, city: City, method: &str, target: &str) -> RequestBuilder {
        self.isolate(0).from(city, method, target)
    }

    /// A request to the router with this as what the platform knows of the client.
    pub fn from_cf(&self, cf: &str, method: &str, target: &str) -> RequestBuilder {
        self.isolate(0).from_cf(cf, method, target)
    }

    /// A request to the router of which the platform knows nothing.
    pub fn from_nowhere(&self, method: &str, target: &str) -> RequestBuilder {
        self.isolate(0).from_nowhere(method, target)
    }

    /// A request of the administrator, such as `POST` to `promote`.
    pub fn admin(&self, method: &str, page: &str) -> RequestBuilder {
        self.isolate(0).admin(method, page)
    }

    /// The router's status.
    pub async fn status(&self) -> Value {
        self.isolate(0).status().await
    }

    /// The router's metrics, as Prometheus reads them.
    pub async fn metrics(&self) -> String {
        self.isolate(0).metrics().await
    }

    /// Why the router would send a request from a city where it would.
    pub async fn explain(&self, city: City, method: &str, path: &str) -> Value {
        self.isolate(0).explain(city, method, path).await
    }

    /// Asks for something of a cluster: `promote`, `readmit`, `drain`.
    pub async fn order(&self, order: &str, body: &Value) -> Response {
        self.isolate(0).order(order, body).await
    }

    /// What stands between the router and its health object, in a world that was planned with a harness.
    #[must_use]
    pub fn harness(&self) -> Harness<'_> {
        Harness::new(&self.workerd, &self.client)
    }

    /// Sends exactly these bytes to the router and reads one response.
    #[must_use]
    pub fn raw(&self, request: &str) -> String {
        raw(self.workerd.address(), request)
    }

    /// How many requests each cluster has received, in the configured order; probes of their health are not counted.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        self.clusters.iter().map(Cluster::count).collect()
    }

    /// Waits until something is so.
    ///
    /// # Panics
    /// When it does not become so; the message has the router's log.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
        let started = Instant::now();
        while !is_so().await {
            assert!(started.elapsed() < PATIENCE, "not after {PATIENCE:?}: {what}\n{}", self.workerd.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Isolate<'_> {
    /// A request to it from a city.
    pub fn from(&self, city: City, method: &str, target: &str) -> RequestBuilder {
        self.from_cf(&city.cf(), method, target)
    }

    /// A request to it with this as what the platform knows of the client.
    pub fn from_cf(&self, cf: &str, method: &str, target: &str) -> RequestBuilder {
        self.from_nowhere(method, target).header(CF_HEADER, cf)
    }

    /// A request to it of which the platform knows nothing.
    ///
    /// # Panics
    /// When `method` is no method.
    pub fn from_nowhere(&self, method: &str, target: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, format!("{}{target}", self.url))
    }

    /// A request of the administrator.
    pub fn admin(&self, method: &str, page: &str) -> RequestBuilder {
        self.from_nowhere(method, &format!("/_headroom/{page}")).bearer_auth(ADMIN_TOKEN)
    }

    /// Its status.
    ///
    /// # Panics
    /// When it does not tell it.
    pub async fn status(&self) -> Value {
        read(self.admin("GET", "status").header("accept", "application/json")).await
    }

    /// Its metrics, as Prometheus reads them.
    ///
    /// # Panics
    /// When it does not tell them.
    pub async fn metrics(&self) -> String {
        text(self.admin("GET", "metrics")).await
    }

    /// Why it would send a request from a city where it would.
    ///
    /// # Panics
    /// When it does not tell.
    pub async fn explain(&self, city: City, method: &str, path: &str) -> Value {
        let City { latitude, longitude, .. } = city;
        let query = format!("explain?method={method}&path={path}&lat={latitude}&lon={longitude}");
        read(self.admin("GET", &query)).await
    }

    /// Asks for something of a cluster: `promote`, `readmit`, `drain`.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn order(&self, order: &str, body: &Value) -> Response {
        let request = self.admin("POST", order).header("content-type", "application/json");
        request.body(body.to_string()).send().await.expect("an answer")
    }
}

async fn read(request: RequestBuilder) -> Value {
    let text = text(request).await;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn text(request: RequestBuilder) -> String {
    let response = request.send().await.expect("an answer");
    let status = response.status();
    let text = response.text().await.expect("a whole answer");
    assert!(status.is_success(), "{status}: {text}");
    text
}

fn with_topology(variables: &[(String, String)], topology: &Value) -> Vec<(String, String)> {
    [variables, &[("TOPOLOGY".to_owned(), topology.to_string())]].concat()
}

/// What a test adds to a request.
pub trait Scripted {
    /// Asks the cluster for a certain response.
    #[must_use]
    fn script(self, script: &Script) -> Self;
}

impl Scripted for RequestBuilder {
    fn script(self, script: &Script) -> Self {
        self.header(RESPONSE_HEADER, serde_json::to_string(script).expect("a script is JSON"))
    }
}

/// Starts a worker with these variables and nothing else.
///
/// # Panics
/// When it does not start; the message says what is missing and how to get it.
#[must_use]
pub fn start(variables: Vec<(String, String)>) -> Workerd {
    Workerd::start(&Options { variables, ..Options::default() }).unwrap_or_else(|error| panic!("{error:#}"))
}

/// Owned variables.
#[must_use]
pub fn own(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A client that follows no redirect and asks no proxy.
///
/// # Panics
/// When there is none to be had.
#[must_use]
pub fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().timeout(Duration::from_secs(60)).build().expect("a client")
}

/// Sends exactly these bytes and reads one response.
///
/// # Panics
/// When there is no answer within a minute.
#[must_use]
pub fn raw(address: SocketAddr, request: &str) -> String {
    let mut connection = TcpStream::connect(address).expect("it listens");
    connection.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    connection.write_all(request.as_bytes()).expect("it reads");
    let mut response = String::new();
    let mut buffer = [0; 16 * 1024];
    // Not until the end of the connection: the runtime lingers for seconds before it closes one.
    while !is_complete(&response) {
        let length = connection.read(&mut buffer).expect("it answers");
        assert!(length > 0, "closed early: {response}");
        response.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    response
}

/// Whether a response has arrived with all of its body.
fn is_complete(response: &str) -> bool {
    let Some((head, body)) = response.split_once("\r\n\r\n") else { return false };
    let head = head.to_ascii_lowercase();
    match head.split_once("\r\ncontent-length: ").and_then(|(_, rest)| rest.lines().next()) {
        Some(length) => body.len() >= length.parse().expect("a length"),
        None => body.ends_with("0\r\n\r\n"),
    }
}
