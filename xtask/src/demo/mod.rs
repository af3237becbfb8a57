//! The demo: clusters on this machine that stand for places in the world, and cities to ask from.

mod control;

use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};

pub use self::control::Control;
use crate::cluster::{Cluster, State};

/// The header from which the runtime reads `request.cf`, the client's location among it, on this machine.
pub const CF_HEADER: &str = "cf-blob";

/// A city, as the place of a client or of a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct City {
    /// Its name.
    pub name: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// Frankfurt am Main.
pub const FRANKFURT: City = City { name: "Frankfurt", latitude: 50.11, longitude: 8.68 };
/// Ashburn, Virginia.
pub const VIRGINIA: City = City { name: "Virginia", latitude: 38.95, longitude: -77.45 };
/// Portland, Oregon.
pub const PORTLAND: City = City { name: "Portland", latitude: 45.52, longitude: -122.68 };
/// Sydney.
pub const SYDNEY: City = City { name: "Sydney", latitude: -33.87, longitude: 151.21 };

impl City {
    /// The value of [`CF_HEADER`] that makes a request come from here; the platform writes coordinates as text.
    #[must_use]
    pub fn cf(self) -> String {
        json!({ "latitude": self.latitude.to_string(), "longitude": self.longitude.to_string() }).to_string()
    }
}

/// A cluster of the demo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Site {
    /// Its id in the topology.
    pub id: &'static str,
    /// Its role in the topology.
    pub role: &'static str,
    /// Vault's view of it at the start.
    pub state: State,
    /// Where it claims to be.
    pub city: City,
    /// The port it takes when that is free; the development configuration of the worker names it.
    pub port: u16,
}

/// The id of the standby.
pub const STANDBY: &str = "us-west-dr";

/// The clusters of the demo.
pub const SITES: [Site; 4] = [
    Site { id: "us-east", role: "primary", state: State::Active, city: VIRGINIA, port: 9101 },
    Site { id: "eu-central", role: "replica", state: State::PerformanceSecondary, city: FRANKFURT, port: 9102 },
    Site { id: "ap-southeast", role: "replica", state: State::PerformanceSecondary, city: SYDNEY, port: 9103 },
    Site { id: STANDBY, role: "standby", state: State::DrSecondary, city: PORTLAND, port: 9104 },
];

/// The port of the demo's control when that is free.
pub const CONTROL_PORT: u16 = 9100;

/// The demo's admin token; everything here is on loopback, and nothing of it is worth a secret.
pub const ADMIN_TOKEN: &str = "demo";

/// Which ports clusters take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Each its own of [`SITES`] or, where that is taken, a free one.
    Usual,
    /// Free ones.
    Free,
}

/// Starts the clusters of the demo, in the order of [`SITES`]; they replicate each other's values.
///
/// # Errors
/// When no port can be had.
pub fn start(ports: Ports) -> Result<Vec<Cluster>> {
    let store = Arc::default();
    let port = |site: &Site| (ports == Ports::Usual).then_some(site.port);
    SITES.iter().map(|site| Cluster::replicating(site.id, port(site), site.state, &store)).collect()
}

/// A topology of the demo's clusters at these origins, in the order of [`SITES`], with nothing else in it.
#[must_use]
pub fn bare_topology<'u>(urls: impl IntoIterator<Item = &'u str>) -> Value {
    let cluster = |(site, url): (&Site, &str)| {
        json!({ "id": site.id, "role": site.role, "url": url,
                "latitude": site.city.latitude, "longitude": site.city.longitude })
    };
    let clusters: Vec<Value> = SITES.iter().zip(urls).map(cluster).collect();
    json!({ "version": 1, "mode": "split", "clusters": clusters })
}

/// The topology of the demo: with everything the router can do, and so fast that one can watch it.
#[must_use]
pub fn topology<'u>(urls: impl IntoIterator<Item = &'u str>) -> Value {
    let mut topology = bare_topology(urls);
    let rules = json!({
        "health": { "dialect": "vault", "interval_ms": 2000 },
        "lag": { "max_ms": 10000 },
        "consistency": { "read_your_writes_ms": 5000 },
        "retry": { "max_attempts": 3 },
        "promotion": { "checks": 3, "interval_ms": 2000, "lease_ms": 10000 },
    });
    if let (Value::Object(topology), Value::Object(rules)) = (&mut topology, rules) {
        topology.extend(rules);
    }
    topology
}
