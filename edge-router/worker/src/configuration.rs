//! What the worker was deployed with: the topology, the secrets it refers to, the time limit.

use std::collections::BTreeMap;

use js_sys::Reflect;
use routing::{Cluster, HeaderValue, Topology, TopologyError};
use wasm_bindgen::JsValue;

/// Variable that holds the topology file.
const TOPOLOGY: &str = "TOPOLOGY";

/// Variable that sets how long a cluster may take until its response begins.
const UPSTREAM_TIMEOUT_MS: &str = "UPSTREAM_TIMEOUT_MS";

/// Longer than any request that should be answered at all, shorter than most clients wait.
const DEFAULT_UPSTREAM_TIMEOUT_MS: u32 = 30_000;

/// A valid configuration.
pub(crate) struct Configuration {
    text: String,
    topology: Topology,
    /// The secrets that header values refer to, by name.
    secrets: BTreeMap<String, String>,
    upstream_timeout_ms: u32,
}

/// What makes a configuration unusable.
#[derive(Debug, thiserror::Error)]
enum ConfigurationError {
    #[error("the variable {TOPOLOGY} is missing or not a text")]
    NoTopology,
    #[error("{TOPOLOGY}: {0}")]
    Topology(TopologyError),
    #[error("cluster {cluster}: the value of header {header} is the secret {secret}, which is not set")]
    MissingSecret { cluster: String, header: String, secret: String },
    #[error("cluster {cluster}: the secret {secret} cannot be the value of a header: printable ASCII is needed")]
    UnprintableSecret { cluster: String, secret: String },
    #[error("{UPSTREAM_TIMEOUT_MS}: a whole number of milliseconds from 100 to 600000 is allowed")]
    UpstreamTimeout,
}

impl Configuration {
    /// Reads variables and secrets; `topology` stands in for the variable of that name where that is invalid.
    ///
    /// # Errors
    /// Everything that is wrong, in words for the log.
    pub(crate) fn load(env: &JsValue, topology: Option<&str>) -> Result<Self, Vec<String>> {
        let own = variable(env, TOPOLOGY).as_string();
        let text = topology.or(own.as_deref()).ok_or_else(|| vec![ConfigurationError::NoTopology.to_string()])?;
        let topology = Topology::parse(text).map_err(|errors| {
            errors.into_iter().map(|error| ConfigurationError::Topology(error).to_string()).collect::<Vec<_>>()
        })?;
        let mut errors = Vec::new();
        let mut secrets = BTreeMap::new();
        for cluster in topology.clusters() {
            for (header, value) in &cluster.headers {
                let HeaderValue::Secret(secret) = value else { continue };
                let (cluster, secret) = (cluster.id.to_string(), secret.clone());
                match variable(env, &secret).as_string() {
                    Some(value) if value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) => {
                        secrets.insert(secret, value);
                    }
                    Some(_) => errors.push(ConfigurationError::UnprintableSecret { cluster, secret }),
                    None => errors.push(ConfigurationError::MissingSecret { cluster, header: header.clone(), secret }),
                }
            }
        }
        let upstream_timeout_ms = upstream_timeout_ms(&variable(env, UPSTREAM_TIMEOUT_MS));
        if upstream_timeout_ms.is_none() {
            errors.push(ConfigurationError::UpstreamTimeout);
        }
        match upstream_timeout_ms {
            Some(upstream_timeout_ms) if errors.is_empty() => {
                Ok(Self { text: text.to_owned(), topology, secrets, upstream_timeout_ms })
            }
            _ => Err(errors.iter().map(ToString::to_string).collect()),
        }
    }

    /// The topology as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn topology(&self) -> &Topology {
        &self.topology
    }

    pub(crate) fn upstream_timeout_ms(&self) -> u32 {
        self.upstream_timeout_ms
    }

    /// Name and value of the headers to set on requests to a cluster.
    pub(crate) fn headers<'c>(&'c self, cluster: &'c Cluster) -> impl Iterator<Item = (&'c str, &'c str)> {
        cluster.headers.iter().filter_map(|(name, value)| {
            let value = match value {
                HeaderValue::Literal(value) => value,
                // Present for every name: a configuration without is invalid.
                HeaderValue::Secret(secret) => self.secrets.get(secret)?,
            };
            Some((name.as_str(), value.as_str()))
        })
    }
}

/// A variable or secret of the worker; undefined where there is none.
pub(crate) fn variable(env: &JsValue, name: &str) -> JsValue {
    Reflect::get(env, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn upstream_timeout_ms(variable: &JsValue) -> Option<u32> {
    if variable.is_undefined() {
        return Some(DEFAULT_UPSTREAM_TIMEOUT_MS);
    }
    // wrangler passes a number in `[vars]` on as a number, a quoted one as text.
    let limit = match variable.as_f64() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
        Some(number) => Some(number as u32).filter(|limit| f64::from(*limit) == number),
        None => variable.as_string()?.parse().ok(),
    };
    limit.filter(|limit| (100..=600_000).contains(limit))
}
