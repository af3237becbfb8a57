//! What the topology says of probing, breaking, repeating and promoting, with the defaults for what it does not say.

use crate::pattern::PathPattern;
use crate::time::Milliseconds;

use super::document::Node;

/// How health answers are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `HashiCorp` Vault's `/v1/sys/health`.
    Vault,
    /// `OpenBao`'s `/v1/sys/health`.
    OpenBao,
    /// Any HTTP service: a range of statuses.
    Http,
}

/// Active probes.
#[derive(Debug, Clone, PartialEq)]
pub struct Probing {
    /// How answers are understood.
    pub dialect: Dialect,
    /// Path and query of a probe.
    pub target: String,
    /// Time between probes of a cluster.
    pub interval: Milliseconds,
    /// Time limit of a probe.
    pub timeout: Milliseconds,
    /// Failed probes in a row until a cluster counts as down.
    pub unhealthy_threshold: u32,
    /// Good probes in a row until it counts as up again.
    pub healthy_threshold: u32,
    /// Lowest and highest status of a good answer; for the dialect `http` only.
    pub status: (u16, u16),
    /// Where in a JSON answer the replication lag stands, in milliseconds (RFC 6901); for the dialect `http` only.
    pub lag_pointer: Option<String>,
}

/// Circuit breaker, per cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breaking {
    /// Failures within the window that open it.
    pub failures: u32,
    /// Length of the sliding window.
    pub window: Milliseconds,
    /// Time until an open one lets a test request through.
    pub cooldown: Milliseconds,
    /// Requests let through at a time while it is half-open.
    pub half_open_requests: u32,
    /// Successes in a row that close it.
    pub successes: u32,
}

/// Repetition of reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retrying {
    /// Attempts in all, the first included.
    pub max_attempts: u32,
    /// Share of requests that may be repetitions, 0 to 1.
    pub budget_share: f64,
    /// Largest body that is kept so that it can be sent again, in bytes.
    pub max_body: u32,
    /// How long an attempt may take before the next cluster is tried; `None`: as long as any request.
    pub attempt_timeout: Option<Milliseconds>,
}

/// Limit of requests in flight of a group of paths.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulkhead {
    /// The paths of the group.
    pub path: PathPattern,
    /// Requests in flight, in one isolate.
    pub max_in_flight: u32,
}

/// Promotion of a standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promoting {
    /// Checks that the old primary is gone.
    pub checks: u32,
    /// Time between the checks.
    pub interval: Milliseconds,
    /// How long an isolate sends writes on what it knows.
    pub lease: Milliseconds,
}

/// What to do when no cluster is usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AllUnhealthy {
    /// Send to the primary all the same.
    Try,
    /// Answer 503.
    Fail,
}

impl Dialect {
    /// Whether it is one of the two dialects of Vault's API.
    #[must_use]
    pub fn is_vault_like(self) -> bool {
        self != Self::Http
    }
}

impl Probing {
    /// `None` where the file has no `health`: then nothing is probed.
    pub(super) fn read(document: &Node) -> Option<Self> {
        let health = document.get("health")?;
        let dialect = match text(health, "dialect") {
            Some("vault") => Dialect::Vault,
            Some("openbao") => Dialect::OpenBao,
            _ => Dialect::Http,
        };
        let target = match dialect {
            Dialect::Vault => "/v1/sys/health?standbyok=true&perfstandbyok=true",
            Dialect::OpenBao => "/v1/sys/health?standbyok=true",
            Dialect::Http => "/",
        };
        let status = |key: &str, default: u16| u16::try_from(whole(health, key, default.into())).unwrap_or(default);
        Some(Self {
            dialect,
            target: text(health, "path").unwrap_or(target).to_owned(),
            interval: span(health, "interval_ms", 5_000),
            timeout: span(health, "timeout_ms", 2_000),
            unhealthy_threshold: whole(health, "unhealthy_threshold", 3),
            healthy_threshold: whole(health, "healthy_threshold", 2),
            status: (status("status_min", 200), status("status_max", 299)),
            lag_pointer: text(health, "lag_pointer").map(str::to_owned),
        })
    }
}

impl Breaking {
    pub(super) fn read(document: &Node) -> Self {
        let breaker = document.get("breaker").unwrap_or(&Node::Null);
        Self {
            failures: whole(breaker, "failures", 5),
            window: span(breaker, "window_ms", 60_000),
            cooldown: span(breaker, "cooldown_ms", 30_000),
            half_open_requests: whole(breaker, "half_open_requests", 1),
            successes: whole(breaker, "successes", 3),
        }
    }
}

impl Retrying {
    pub(super) fn read(document: &Node) -> Self {
        let retry = document.get("retry").unwrap_or(&Node::Null);
        Self {
            max_attempts: whole(retry, "max_attempts", 3),
            budget_share: retry.get("budget_share").and_then(Node::number).unwrap_or(0.2),
            max_body: whole(retry, "max_body_bytes", 65_536),
            attempt_timeout: retry.get("attempt_timeout_ms").map(|_| span(retry, "attempt_timeout_ms", 0)),
        }
    }
}

impl Bulkhead {
    pub(super) fn read(node: &Node) -> Option<Self> {
        let path = PathPattern::parse(node.get("path")?.text()?).ok()?;
        Some(Self { path, max_in_flight: whole(node, "max_in_flight", u32::MAX) })
    }
}

impl Promoting {
    pub(super) fn read(document: &Node) -> Self {
        let promotion = document.get("promotion").unwrap_or(&Node::Null);
        Self {
            checks: whole(promotion, "checks", 3),
            interval: span(promotion, "interval_ms", 10_000),
            lease: span(promotion, "lease_ms", 30_000),
        }
    }
}

impl AllUnhealthy {
    pub(super) fn read(document: &Node) -> Self {
        if text(document, "all_unhealthy") == Some("fail") { Self::Fail } else { Self::Try }
    }
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::text)
}

/// A whole number that the table of fields has checked already.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
pub(super) fn whole(node: &Node, key: &str, default: u32) -> u32 {
    node.get(key).and_then(Node::number).map_or(default, |number| number as u32)
}

pub(super) fn span(node: &Node, key: &str, default: u32) -> Milliseconds {
    Milliseconds::new(whole(node, key, default).into())
}
