//! The demo: three clusters on this machine that stand for three places in the world, and cities to ask from.

use anyhow::Result;
use serde_json::{Value, json};

use crate::cluster::Cluster;

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
    /// Where it claims to be.
    pub city: City,
    /// The port it takes when that is free; the development configuration of the worker names it.
    pub port: u16,
}

/// The clusters of the demo.
pub const SITES: [Site; 3] = [
    Site { id: "us-east", role: "primary", city: VIRGINIA, port: 9101 },
    Site { id: "eu-central", role: "replica", city: FRANKFURT, port: 9102 },
    Site { id: "ap-southeast", role: "replica", city: SYDNEY, port: 9103 },
];

/// Starts the clusters of the demo, in the order of [`SITES`], each on its own port or, where that is taken, on a free
/// one.
///
/// # Errors
/// When no port can be had.
pub fn start() -> Result<Vec<Cluster>> {
    SITES.iter().map(|site| Cluster::start(site.id, Some(site.port))).collect()
}

/// The topology of the demo with its clusters at these origins, in the order of [`SITES`].
#[must_use]
pub fn topology<'u>(urls: impl IntoIterator<Item = &'u str>) -> Value {
    let cluster = |(site, url): (&Site, &str)| {
        json!({ "id": site.id, "role": site.role, "url": url,
                "latitude": site.city.latitude, "longitude": site.city.longitude })
    };
    let clusters: Vec<Value> = SITES.iter().zip(urls).map(cluster).collect();
    json!({ "version": 1, "mode": "split", "clusters": clusters })
}
