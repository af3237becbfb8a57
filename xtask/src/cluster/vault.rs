//! Vault's view of a cluster: its state, what `/v1/sys/health` says of it, and which requests it refuses.
//!
//! Codes, parameters and fields are those of Vault's documentation of `/sys/health`; which of them go with a state
//! follows the order in which Vault looks: uninitialised, sealed, removed, secondary for disaster recovery, standby.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::answer::{empty, json};
use super::received::Received;

/// Where the health state is asked for.
pub(super) const HEALTH: &str = "/v1/sys/health";

/// The state of the node that answers for a cluster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Takes writes.
    #[default]
    Active,
    /// Waits to become active, and forwards everything.
    Standby,
    /// Waits to become active, and serves reads.
    PerformanceStandby,
    /// The active node of a cluster that follows another one, serves reads and forwards writes.
    PerformanceSecondary,
    /// The active node of a cluster that follows another one and serves nobody until it is promoted.
    DrSecondary,
    /// Cannot decrypt what it stores.
    Sealed,
    /// Stores nothing yet.
    Uninitialised,
    /// Was taken out of its cluster.
    Removed,
    /// A standby that cannot reach the active node.
    Cut,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Active,
        Self::Standby,
        Self::PerformanceStandby,
        Self::PerformanceSecondary,
        Self::DrSecondary,
        Self::Sealed,
        Self::Uninitialised,
        Self::Removed,
        Self::Cut,
    ];

    /// The status of the health answer, the parameter that replaces it, and the one that turns it into that of an
    /// active node.
    fn code(self) -> (u16, &'static str, Option<&'static str>) {
        match self {
            Self::Active | Self::PerformanceSecondary => (200, "activecode", None),
            Self::Standby => (429, "standbycode", Some("standbyok")),
            Self::PerformanceStandby => (473, "performancestandbycode", Some("perfstandbyok")),
            Self::DrSecondary => (472, "drsecondarycode", None),
            Self::Sealed => (503, "sealedcode", None),
            Self::Uninitialised => (501, "uninitcode", None),
            Self::Removed => (530, "removedcode", None),
            Self::Cut => (474, "haunhealthycode", None),
        }
    }

    /// Status of the health answer to a request with this query.
    fn status(self, query: &str) -> StatusCode {
        let value = |name: &str| {
            let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let (code, parameter, pardon) = self.code();
        let is_pardoned = pardon.and_then(value).is_some_and(|value| value != "false");
        let (code, parameter) = if is_pardoned { (200, "activecode") } else { (code, parameter) };
        let code = value(parameter).and_then(|value| value.parse().ok()).unwrap_or(code);
        StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST)
    }

    /// Whether it is so far behind another cluster as it is said to be.
    pub(super) fn has_lag(self) -> bool {
        matches!(self, Self::PerformanceSecondary | Self::PerformanceStandby | Self::DrSecondary)
    }

    /// The answer to `/v1/sys/health`.
    pub(super) fn health(self, cluster: &str, lag: Duration, received: &Received) -> Response {
        let status = self.status(received.query());
        if received.method == "HEAD" {
            return empty(status);
        }
        let is_closed = matches!(self, Self::Sealed | Self::Uninitialised);
        let is_standby = matches!(self, Self::Standby | Self::PerformanceStandby | Self::Cut);
        let mode = |is_secondary: bool| match (is_closed, is_secondary) {
            (true, _) => "unknown",
            (false, true) => "secondary",
            (false, false) => "primary",
        };
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut body = json!({
            "initialized": self != Self::Uninitialised,
            "sealed": is_closed,
            "standby": is_standby,
            "performance_standby": self == Self::PerformanceStandby,
            "replication_performance_mode": mode(self == Self::PerformanceSecondary),
            "replication_dr_mode": mode(self == Self::DrSecondary),
            "server_time_utc": seconds,
            "version": "1.21.0",
            "enterprise": true,
            "echo_duration_ms": 0,
            "clock_skew_ms": 0,
        });
        let mut add = |field: &str, value: serde_json::Value| {
            if let Some(fields) = body.as_object_mut() {
                fields.insert(field.to_owned(), value);
            }
        };
        if !is_closed {
            add("cluster_name", json!(cluster));
            add("cluster_id", json!(cluster_id(cluster)));
        }
        if self.has_lag() {
            add("replication_primary_canary_age_ms", json!(u64::try_from(lag.as_millis()).unwrap_or(u64::MAX)));
        }
        if is_standby {
            add("ha_connection_healthy", json!(self != Self::Cut));
        }
        if self == Self::Removed {
            add("removed_from_cluster", json!(true));
        }
        json(status, &body)
    }

    /// The answer to any other request, where this state refuses it.
    pub(super) fn refusal(self) -> Option<Response> {
        let (status, error) = match self {
            Self::Active | Self::Standby | Self::PerformanceStandby | Self::PerformanceSecondary => return None,
            Self::DrSecondary => (StatusCode::BAD_REQUEST, "path disabled in replication DR secondary mode"),
            Self::Sealed | Self::Uninitialised => (StatusCode::SERVICE_UNAVAILABLE, "Vault is sealed"),
            Self::Removed => (StatusCode::SERVICE_UNAVAILABLE, "this node was removed from its cluster"),
            Self::Cut => (StatusCode::INTERNAL_SERVER_ERROR, "the active node cannot be reached"),
        };
        Some(json(status, &json!({ "errors": [error] })))
    }
}

/// A UUID that belongs to the cluster's name.
fn cluster_id(cluster: &str) -> String {
    let digits: String = Sha256::digest(cluster).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut at = 0;
    let groups = [8, 4, 4, 4, 12].map(|length| {
        let group = digits.get(at..at + length).unwrap_or_default();
        at += length;
        group
    });
    groups.join("-")
}
