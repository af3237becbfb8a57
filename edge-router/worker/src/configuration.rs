//! What the worker was deployed with: the topology, the secrets it refers to, the time limit.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Reflect;
use routing::{Cluster, HeaderValue, Topology, TopologyError};
use wasm_bindgen::JsValue;
use worker::{Env, console_error, console_warn};

/// Variable that holds the topology file.
const TOPOLOGY: &str = "TOPOLOGY";

/// Variable that sets how long a cluster may take until its response begins.
const UPSTREAM_TIMEOUT_MS: &str = "UPSTREAM_TIMEOUT_MS";

/// Longer than any request that should be answered at all, shorter than most clients wait.
const DEFAULT_UPSTREAM_TIMEOUT_MS: u32 = 30_000;

/// A valid configuration.
pub(crate) struct Configuration {
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

/// The outcome for one text of the topology; it is valid for every request of an isolate, so it is made once.
struct Loaded {
    text: JsValue,
    configuration: Option<Rc<Configuration>>,
}

thread_local! {
    static LOADED: RefCell<Option<Loaded>> = const { RefCell::new(None) };
}

impl Configuration {
    /// The configuration in force, or `None` when it is invalid; what is wrong with it is logged once.
    pub(crate) fn current(env: &Env) -> Option<Rc<Self>> {
        let text = variable(env, TOPOLOGY);
        LOADED.with_borrow_mut(|loaded| {
            if let Some(loaded) = loaded.as_ref().filter(|loaded| loaded.text == text) {
                return loaded.configuration.clone();
            }
            let configuration = match Self::load(env, &text) {
                Ok(configuration) => {
                    for warning in configuration.topology.warnings() {
                        console_warn!("{TOPOLOGY}: {warning}");
                    }
                    Some(Rc::new(configuration))
                }
                Err(errors) => {
                    for error in errors {
                        console_error!("invalid configuration: {error}");
                    }
                    None
                }
            };
            *loaded = Some(Loaded { text, configuration: configuration.clone() });
            configuration
        })
    }

    fn load(env: &Env, text: &JsValue) -> Result<Self, Vec<ConfigurationError>> {
        let text = text.as_string().ok_or_else(|| vec![ConfigurationError::NoTopology])?;
        let topology = Topology::parse(&text)
            .map_err(|errors| errors.into_iter().map(ConfigurationError::Topology).collect::<Vec<_>>())?;
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
        match upstream_timeout_ms {
            Some(upstream_timeout_ms) if errors.is_empty() => Ok(Self { topology, secrets, upstream_timeout_ms }),
            Some(_) => Err(errors),
            None => {
                errors.push(ConfigurationError::UpstreamTimeout);
                Err(errors)
            }
        }
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
fn variable(env: &Env, name: &str) -> JsValue {
    Reflect::get(env, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn upstream_timeout_ms(variable: &JsValue) -> Option<u32> {
    if variable.is_undefined() {
        return Some(DEFAULT_UPSTREAM_TIMEOUT_MS);
    }
    // wrangler passes a number in `[vars]` on as a number, a quoted one as text.
    let text = variable.as_string().or_else(|| variable.as_f64().map(|number| number.to_string()))?;
    text.parse().ok().filter(|limit| (100..=600_000).contains(limit))
}
