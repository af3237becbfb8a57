//! What one isolate has in memory: the configuration, what it knows of its clusters, what it has counted.

use std::cell::RefCell;

use routing::{BreakerState, Cluster, Health, Metrics, Milliseconds, Moment, Topology, Transition};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::configuration::Configuration;
use crate::log;

/// How much longer than it may take an attempt may go unreported before its place is free again, in milliseconds.
const GRACE: u64 = 60_000;

pub(crate) struct Isolate {
    pub(crate) configuration: Configuration,
    pub(crate) health: Health,
    /// Counted since the health object was told last.
    pub(crate) metrics: Metrics,
    /// Tells the tokens of clients apart, differently in every isolate.
    salt: u64,
}

/// What an isolate knows, for the status page.
#[derive(Serialize)]
pub(crate) struct IsolateStatus<'i> {
    snapshot_age_ms: Option<Milliseconds>,
    lease_ms: Option<Milliseconds>,
    lease_over: bool,
    max_lag_ms: Option<Milliseconds>,
    in_flight: usize,
    clusters: Vec<IsolateCluster<'i>>,
}

#[derive(Serialize)]
struct IsolateCluster<'i> {
    id: &'i str,
    breaker: IsolateBreaker,
    in_flight: u32,
    latitude: f64,
    longitude: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum IsolateBreaker {
    Closed,
    OpenUntil(Moment),
    HalfOpen(u32),
}

thread_local! {
    static ISOLATE: RefCell<Option<Isolate>> = const { RefCell::new(None) };
}

impl Isolate {
    /// Longest time that a body may take to arrive, in milliseconds.
    pub(crate) const LONGEST_UPLOAD: u64 = 600_000;

    /// Takes a configuration into force; `None` where it is invalid, which is logged.
    pub(crate) fn load(env: &JsValue, topology: Option<&str>) -> Option<()> {
        let configuration = match Configuration::load(env, topology) {
            Ok(configuration) => configuration,
            Err(errors) => {
                for error in errors {
                    log::error("invalid-configuration", &error);
                }
                return None;
            }
        };
        for warning in configuration.topology().warnings() {
            log::warning("configuration", &warning.to_string());
        }
        let seed = seed();
        let health = Health::new(configuration.topology(), seed);
        let metrics = Metrics::new(configuration.topology().clusters().map(|cluster| cluster.id.as_str()));
        ISOLATE.set(Some(Self { configuration, health, metrics, salt: seed.rotate_left(32) }));
        Some(())
    }

    /// Does something with the isolate's state; `None` where no configuration is in force.
    ///
    /// Nothing that is passed here waits, so that nobody else can want the state meanwhile.
    pub(crate) fn with<T>(work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        ISOLATE.with(|isolate| isolate.try_borrow_mut().ok()?.as_mut().map(work))
    }

    pub(crate) fn topology(&self) -> &Topology {
        self.configuration.topology()
    }

    /// How long an attempt may go unreported.
    pub(crate) fn limit(&self, has_body: bool) -> Milliseconds {
        let upload = if has_body { Self::LONGEST_UPLOAD } else { 0 };
        Milliseconds::new(u64::from(self.configuration.upstream_timeout_ms()) + upload + GRACE)
    }

    /// A number for a token, from which the token cannot be had (FNV-1a, 64 bits, salted).
    pub(crate) fn client(&self, token: &str) -> Option<u64> {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        (!token.is_empty()).then(|| token.bytes().fold(0xcbf2_9ce4_8422_2325 ^ self.salt, hash))
    }

    /// What it knows, for the status page.
    pub(crate) fn status(&self, now: Moment) -> IsolateStatus<'_> {
        let topology = self.topology();
        let clusters = topology.clusters().map(|cluster| IsolateCluster {
            id: cluster.id.as_str(),
            breaker: match self.health.breaker(topology, cluster.index, now) {
                BreakerState::Closed => IsolateBreaker::Closed,
                BreakerState::Open { until } => IsolateBreaker::OpenUntil(until),
                BreakerState::HalfOpen { free } => IsolateBreaker::HalfOpen(free),
            },
            in_flight: self.health.in_flight(cluster.index),
            latitude: cluster.coordinates.latitude(),
            longitude: cluster.coordinates.longitude(),
        });
        IsolateStatus {
            snapshot_age_ms: self.health.snapshot_age(now),
            lease_ms: topology.has_standby().then(|| topology.promoting().lease),
            lease_over: self.health.is_lease_over(topology, now),
            max_lag_ms: topology.max_lag(),
            in_flight: self.health.in_flight_in_all(),
            clusters: clusters.collect(),
        }
    }

    /// Notes that a breaker has moved.
    pub(crate) fn moved(metrics: &mut Metrics, cluster: &Cluster, transition: Option<Transition>) {
        let Some(transition) = transition else { return };
        metrics.count_transition(cluster.index, transition);
        let state = match transition {
            Transition::Opened => "open",
            Transition::HalfOpened => "half-open",
            Transition::Closed => "closed",
        };
        log::cluster("breaker", &cluster.id, state);
    }
}

/// A seed of 52 bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the platform's numbers are from 0 to 1")]
fn seed() -> u64 {
    (js_sys::Math::random() * (1_u64 << 52) as f64) as u64
}
