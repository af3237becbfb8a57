//! A decision in words: every candidate with its rank, and why it was or was not taken.

use serde::Serialize;

use crate::decision::{Asked, Cause, Choosing, Decision, Denial, Reason, RequestFacts, decide};
use crate::geo::Kilometres;
use crate::health::{Health, Standing};
use crate::operation::Operation;
use crate::path::Readings;
use crate::ranking::Candidate;
use crate::time::{Milliseconds, Moment};
use crate::topology::{Cluster, ClusterIndex, Mode, Topology};

/// A decision and everything it stands on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// `forward`, `deny` or `refuse`.
    pub decision: &'static str,
    /// Where the request goes: a cluster's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Why there, or why nowhere.
    pub reason: &'static str,
    /// The same as a sentence.
    pub detail: String,
    /// When to come again, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// What the request was taken for: `read` or `write`; nothing where it is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static str>,
    /// What of the topology says so; without, the method did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Where the client is taken to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The cluster that takes writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<String>,
    /// The group of paths that counts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulkhead: Option<ExplainedBulkhead>,
    /// Every cluster: the ranked ones by rank, the others behind them in the configured order.
    pub candidates: Vec<ExplainedCandidate>,
}

/// A place in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// How full a group of paths is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedBulkhead {
    /// The pattern of its paths.
    pub path: String,
    /// Requests in flight.
    pub in_flight: u32,
    /// Most of them.
    pub max_in_flight: u32,
}

/// A cluster as the decision saw it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedCandidate {
    /// Its id.
    pub cluster: String,
    /// Its rank for this client, from 1; none where it does not serve such requests at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
    /// Distance from the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// What a round trip takes, as measured from the client's data centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<u64>,
    /// Requests in flight to it.
    pub in_flight: u32,
    /// `usable`, `half-open`, `lagging`, `down`, `open`, `full`, `draining`, `fenced` or `standby`.
    pub standing: &'static str,
    /// What became of it: `chosen`, `fallback 1`, ..., `not taken`.
    pub verdict: String,
    /// Why.
    pub why: String,
}

/// Decides as [`decide`] does, and says why.
#[must_use]
pub fn explain(topology: &Topology, health: &Health, request: &RequestFacts<'_>, now: Moment) -> Explanation {
    let decision = decide(topology, health, request, now);
    let asked = Asked::understand(topology, health, request, now).ok();
    let mut explanation = Explanation {
        decision: "",
        cluster: None,
        reason: "",
        detail: String::new(),
        retry_after_s: None,
        operation: asked.map(|asked| asked.operation.as_str()),
        rule: rule(topology, request),
        location: request.location.map(|place| Location { latitude: place.latitude(), longitude: place.longitude() }),
        writer: health.writer(topology).map(|writer| writer.id.to_string()),
        bulkhead: asked.and_then(|asked| bulkhead(topology, health, asked.group)),
        candidates: Vec::new(),
    };
    let mut taken = Vec::new();
    match &decision {
        Decision::Forward(route) => {
            explanation.decision = "forward";
            explanation.cluster = Some(route.target.cluster.id.to_string());
            (explanation.reason, explanation.detail) = (route.reason.as_str(), why_there(route.reason).to_owned());
            taken.push(route.target.cluster.index);
        }
        Decision::Deny(denial) => {
            explanation.decision = "deny";
            (explanation.reason, explanation.detail) = ("denied-path", why_denied(*denial));
        }
        Decision::Refuse(refusal) => {
            explanation.decision = "refuse";
            explanation.retry_after_s = Some(refusal.retry_after.get() / 1_000);
            (explanation.reason, explanation.detail) = (refusal.cause.as_str(), why_nowhere(refusal.cause).to_owned());
        }
    }
    if let Some(asked) = &asked {
        let choosing = Choosing::new(topology, health, asked, now);
        let attempts = if asked.is_repeatable { topology.retrying().max_attempts as usize } else { 1 };
        while !taken.is_empty() && taken.len() < attempts {
            let Some(other) = choosing.another(&taken) else { break };
            taken.push(other.index);
        }
        explanation.candidates = Candidates { topology, health, request, now, asked, taken }.explained(&choosing);
    }
    explanation
}

/// What the candidates are explained by.
struct Candidates<'a> {
    topology: &'a Topology,
    health: &'a Health,
    request: &'a RequestFacts<'a>,
    now: Moment,
    asked: &'a Asked,
    /// The target and its fallbacks.
    taken: Vec<ClusterIndex>,
}

impl Candidates<'_> {
    fn explained(&self, choosing: &Choosing<'_, '_>) -> Vec<ExplainedCandidate> {
        let ranked = choosing.ranked();
        let is_ranked = |cluster: &&Cluster| ranked.iter().any(|ranked| ranked.cluster.index == cluster.index);
        let others = self.topology.clusters().filter(|cluster| !is_ranked(cluster));
        let others = others.map(|cluster| (None, choosing.candidate(cluster)));
        let ranked = ranked.iter().zip(1..).map(|(candidate, rank)| (Some(rank), *candidate));
        ranked.chain(others).map(|(rank, candidate)| self.explain(rank, candidate)).collect()
    }

    fn explain(&self, rank: Option<usize>, candidate: Candidate<'_>) -> ExplainedCandidate {
        let cluster = candidate.cluster;
        let standing = self.health.standing(self.topology, cluster, self.now);
        let (verdict, why) = match self.taken.iter().position(|taken| *taken == cluster.index) {
            Some(0) => ("chosen".to_owned(), standing.words(self.now)),
            Some(place) => (format!("fallback {place}"), standing.words(self.now)),
            None => ("not taken".to_owned(), self.why_not(cluster, rank, standing)),
        };
        ExplainedCandidate {
            cluster: cluster.id.to_string(),
            rank,
            distance_km: candidate.distance().map(Kilometres::get),
            round_trip_ms: self
                .health
                .round_trips()
                .estimate(self.request.colo, cluster.index, self.now)
                .map(Milliseconds::get),
            in_flight: self.health.in_flight(cluster.index),
            standing: standing.as_str(),
            verdict,
            why,
        }
    }

    fn why_not(&self, cluster: &Cluster, rank: Option<usize>, standing: Standing) -> String {
        let is_writer = self.health.writer(self.topology).is_some_and(|writer| writer.index == cluster.index);
        let has_one_place = self.topology.mode() == Mode::Split && self.asked.operation == Operation::Write;
        match standing {
            Standing::Usable if rank.is_none() || has_one_place && !is_writer => {
                "does not take writes itself".to_owned()
            }
            Standing::Usable if self.taken.is_empty() => "usable, but the request was refused before".to_owned(),
            Standing::Usable => "usable, but others come first".to_owned(),
            _ => standing.words(self.now),
        }
    }
}

impl Standing {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::HalfOpen { .. } => "half-open",
            Self::Lagging { .. } => "lagging",
            Self::Down => "down",
            Self::Open { .. } => "open",
            Self::Full { .. } => "full",
            Self::Draining => "draining",
            Self::Fenced => "fenced",
            Self::Standby => "standby",
        }
    }

    /// What it means, with its numbers.
    fn words(self, now: Moment) -> String {
        match self {
            Self::Usable => "usable".to_owned(),
            Self::HalfOpen { free } => {
                format!("its breaker is half-open and lets {free} more requests through as a test")
            }
            Self::Lagging { lag, limit } => format!("it lags {} ms behind; {} ms are allowed", lag.get(), limit.get()),
            Self::Down => "its probes fail".to_owned(),
            Self::Open { until: Some(until) } => format!("its breaker is open for {} ms more", until.since(now).get()),
            Self::Open { until: None } => "its breaker is half-open and the test requests are in flight".to_owned(),
            Self::Full { limit } => format!("{limit} requests are in flight to it, as many as it may have"),
            Self::Draining => "it is being drained".to_owned(),
            Self::Fenced => "it was the writer before a promotion and has not been readmitted".to_owned(),
            Self::Standby => "it is a standby".to_owned(),
        }
    }
}

/// The rule, of the file or of the dialect, that the request matches.
fn rule(topology: &Topology, request: &RequestFacts<'_>) -> Option<String> {
    let path = Readings::of(request.path);
    let by = |path: &[u8]| topology.operations().iter().find(|rule| rule.is_about(request.method, path));
    by(path.strict()).or_else(|| by(path.lenient())).map(ToString::to_string)
}

fn bulkhead(topology: &Topology, health: &Health, group: Option<u8>) -> Option<ExplainedBulkhead> {
    let group = usize::from(group?);
    let bulkhead = topology.bulkheads().get(group)?;
    Some(ExplainedBulkhead {
        path: bulkhead.path.as_str().to_owned(),
        in_flight: health.in_flight_of_group(group),
        max_in_flight: bulkhead.max_in_flight,
    })
}

fn why_there(reason: Reason) -> &'static str {
    match reason {
        Reason::Nearest => "the nearest cluster that serves reads",
        Reason::WritePrimary => "a write, and this cluster takes writes",
        Reason::FallbackPrimary => "the nearest cluster cannot serve it; this one takes writes and can",
        Reason::FallbackNext => "the nearest cluster cannot serve it; this is the next that can",
        Reason::Lagging => "the nearest cluster lags too far behind",
        Reason::ReadYourWrites => "the client wrote a moment ago, and its reads follow",
        Reason::Affinity => "the nearest cluster that takes reads and writes, for all of the client's traffic",
        Reason::HalfOpen => "a test of the cluster, whose breaker is half-open",
        Reason::LastResort => "no cluster is usable, and this one is the best that is left",
        Reason::Retry => "another cluster failed before",
    }
}

fn why_nowhere(cause: Cause) -> &'static str {
    match cause {
        Cause::NoUsableCluster => "no cluster may or can serve it",
        Cause::LeaseOver => "a write, and what is known of who takes writes is too old",
        Cause::NoWriter => "a write, and no cluster takes writes now: a promotion is under way or has stopped",
        Cause::BulkheadFull => "as many requests are in flight as the topology allows",
    }
}

fn why_denied(denial: Denial<'_>) -> String {
    match denial {
        Denial::Pattern(pattern) => format!("its path matches {} of deny", pattern.as_str()),
        Denial::HiddenDots => "its path hides dot segments, and there are paths to deny".to_owned(),
    }
}
