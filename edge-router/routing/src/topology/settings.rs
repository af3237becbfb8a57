//! What the topology says of probing, breaking, repeating and promoting.

use crate::pattern::PathPattern;
use crate::time::Milliseconds;

use super::section::Section;
use crate::json::Node;

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

    /// The dialect that the file speaks of, or the default.
    pub(super) fn read(file: &Section<'_>) -> Self {
        match file.section("health").text("dialect") {
            "vault" => Self::Vault,
            "openbao" => Self::OpenBao,
            _ => Self::Http,
        }
    }
}

impl Probing {
    /// `None` where the file has no `health`: then nothing is probed.
    pub(super) fn read(file: &Section<'_>) -> Option<Self> {
        let health = file.section("health");
        let status = |key: &str| u16::try_from(health.whole(key)).unwrap_or(u16::MAX);
        health.is_given().then(|| Self {
            dialect: Dialect::read(file),
            target: health.text_by("path", Dialect::read(file)).to_owned(),
            interval: health.span("interval_ms"),
            timeout: health.span("timeout_ms"),
            unhealthy_threshold: health.whole("unhealthy_threshold"),
            healthy_threshold: health.whole("healthy_threshold"),
            status: (status("status_min"), status("status_max")),
            lag_pointer: health.given("lag_pointer").and_then(Node::text).map(str::to_owned),
        })
    }
}

impl Breaking {
    pub(super) fn read(file: &Section<'_>) -> Self {
        let breaker = file.section("breaker");
        Self {
            failures: breaker.whole("failures"),
            window: breaker.span("window_ms"),
            cooldown: breaker.span("cooldown_ms"),
            half_open_requests: breaker.whole("half_open_requests"),
            successes: breaker.whole("successes"),
        }
    }
}

impl Retrying {
    pub(super) fn read(file: &Section<'_>) -> Self {
        let retry = file.section("retry");
        Self {
            max_attempts: retry.whole("max_attempts"),
            budget_share: retry.number("budget_share"),
            max_body: retry.whole("max_body_bytes"),
            attempt_timeout: retry.given_span("attempt_timeout_ms"),
        }
    }
}

impl Bulkhead {
    pub(super) fn read(bulkhead: &Section<'_>) -> Option<Self> {
        let path = PathPattern::parse(bulkhead.given("path")?.text()?).ok()?;
        Some(Self { path, max_in_flight: bulkhead.whole("max_in_flight") })
    }
}

impl Promoting {
    pub(super) fn read(file: &Section<'_>) -> Self {
        let promotion = file.section("promotion");
        Self {
            checks: promotion.whole("checks"),
            interval: promotion.span("interval_ms"),
            lease: promotion.span("lease_ms"),
        }
    }
}

impl AllUnhealthy {
    pub(super) fn read(file: &Section<'_>) -> Self {
        if file.text("all_unhealthy") == "fail" { Self::Fail } else { Self::Try }
    }
}
