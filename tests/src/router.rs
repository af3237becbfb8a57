//! The built worker in the real runtime, in front of clusters that report what reaches them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use xtask::cluster::{Cluster, RESPONSE_HEADER, Script};
use xtask::demo::{self, CF_HEADER, City, SITES};
use xtask::workerd::{Options, Workerd};

/// Portland, Oregon: beside the standby, far from everything else.
pub const PORTLAND: City = City { name: "Portland", latitude: 45.52, longitude: -122.68 };

/// The id of the standby in Portland.
pub const STANDBY: &str = "us-west-dr";

/// A router in front of the demo's clusters and a standby.
pub struct World {
    /// The router.
    pub workerd: Workerd,
    /// The clusters in the configured order: `us-east` (the primary), `eu-central`, `ap-southeast`, [`STANDBY`].
    pub clusters: Vec<Cluster>,
    client: Client,
}

impl World {
    /// Starts everything, with the topology as it is.
    ///
    /// # Panics
    /// When it does not start; the message says what is missing and how to get it.
    #[must_use]
    pub fn start() -> Self {
        Self::with(|_| {}, &[])
    }

    /// Starts everything, with the topology changed and further variables set.
    ///
    /// # Panics
    /// When it does not start; the message says what is missing and how to get it.
    #[must_use]
    pub fn with(change: impl FnOnce(&mut Value), variables: &[(&str, &str)]) -> Self {
        let ids = SITES.iter().map(|site| site.id).chain([STANDBY]);
        let clusters: Vec<Cluster> = ids.map(|id| Cluster::start(id, None).expect("a cluster starts")).collect();
        let urls: Vec<String> = clusters.iter().map(Cluster::url).collect();
        let mut topology = demo::topology(urls.iter().map(String::as_str));
        let standby = json!({ "id": STANDBY, "role": "standby", "url": urls[3],
                              "latitude": PORTLAND.latitude, "longitude": PORTLAND.longitude });
        topology["clusters"].as_array_mut().expect("a list").push(standby);
        change(&mut topology);
        let mut variables = own(variables);
        variables.push(("TOPOLOGY".to_owned(), topology.to_string()));
        Self { workerd: start(variables), clusters, client: client() }
    }

    /// A request to the router from a city.
    pub fn from(&self, city: City, method: &str, target: &str) -> RequestBuilder {
        self.from_cf(&city.cf(), method, target)
    }

    /// A request to the router with this as what the platform knows of the client.
    pub fn from_cf(&self, cf: &str, method: &str, target: &str) -> RequestBuilder {
        self.from_nowhere(method, target).header(CF_HEADER, cf)
    }

    /// A request to the router of which the platform knows nothing.
    ///
    /// # Panics
    /// When `method` is no method.
    pub fn from_nowhere(&self, method: &str, target: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, format!("{}{target}", self.workerd.url()))
    }

    /// Sends exactly these bytes to the router and reads one response.
    #[must_use]
    pub fn raw(&self, request: &str) -> String {
        raw(self.workerd.address(), request)
    }

    /// How many requests each cluster has received, in the configured order.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        self.clusters.iter().map(Cluster::count).collect()
    }
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
