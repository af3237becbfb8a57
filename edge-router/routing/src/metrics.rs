//! Counters of one isolate, their total over all isolates, and the text in which Prometheus reads them.
//!
//! An isolate counts in a flat table of small numbers, without a look-up or an allocation a request.  From time to time
//! it hands what it counted to the health object as a [`Delta`], which knows clusters by their id and so outlives any
//! one topology.

use std::collections::{BTreeMap, btree_map::Entry};
use std::fmt::{Display, Write};

use serde::Serialize;
use smallvec::SmallVec;

use crate::decision::{Cause, Reason};
use crate::health::breaker::Transition;
use crate::health::probe::Finding;
use crate::json::Decimal;
use crate::time::Milliseconds;
use crate::topology::ClusterIndex;

/// What one isolate has counted since it last handed it over.  Counters stop at the largest number they can hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Ids in the configured order.
    ids: Vec<String>,
    /// [`SLOTS`] counters a cluster, in the configured order.
    clusters: Vec<u32>,
    /// One counter a [`Rejection`].
    rejections: [u32; Rejection::ALL.len()],
}

/// What was counted between two hand-overs: only counters that are not zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delta {
    /// Which version of the table of counters it was made with.
    layout: u32,
    /// Id of a cluster; place and value of its counters.
    clusters: Vec<(String, Vec<(u16, u32)>)>,
    /// Place and value of the counters of rejections.
    rejections: Vec<(u16, u32)>,
}

/// What all isolates have counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    clusters: BTreeMap<String, Vec<u64>>,
    rejections: [u64; Rejection::ALL.len()],
}

/// Why the router answered a request itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// It is not understood.
    BadRequest,
    /// Its path is denied.
    Denied,
    /// Its address is beyond the limit.
    UriTooLong,
    /// The router failed.
    InternalError,
    /// There is no valid topology.
    InvalidConfiguration,
    /// The cluster failed to answer, and may have received it.
    UpstreamFailed,
    /// The cluster did not answer in time, and may have received it.
    UpstreamTimeout,
    /// No cluster is usable for it.
    NoUsableCluster,
    /// A write, and no cluster takes writes at the moment.
    NoWriter,
    /// A write, and what the isolate knows is too old to send one.
    LeaseOver,
    /// Its group of paths has as many requests in flight as it may.
    BulkheadFull,
    /// It has passed this router before.
    Loop,
}

/// A value that goes up and down, as the health object knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gauge<'g> {
    /// What is measured.
    pub measure: Measure,
    /// Id of the cluster it is measured of, where it is one's.
    pub cluster: Option<&'g str>,
    /// The value: seconds, or 1 for yes and 0 for no.  One that is no finite number is left out.
    pub value: f64,
}

/// What a [`Gauge`] measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Whether a cluster is up, by its probes.
    Up,
    /// Whether a cluster takes writes.
    Writer,
    /// Whether a cluster gets nothing new.
    Draining,
    /// Whether a cluster is fenced.
    Fenced,
    /// Whether a cluster answers as a standby.
    Standby,
    /// Whether the breaker of a cluster is open in some isolate.
    BreakerOpen,
    /// Replication lag of a cluster, in seconds.
    Lag,
    /// Time since the last probe of a cluster, in seconds.
    ProbeAge,
    /// Age of what the answering isolate knows, in seconds.
    SnapshotAge,
    /// Whether the configured topology is valid.
    TopologyValid,
}

/// The most clusters of which totals are kept; those that come later are not counted.
const MAX_CLUSTERS: usize = 400;
/// A longer id is none: the topology allows 63 characters.
const MAX_ID: usize = 63;

/// Reasons of decisions, each at the place of its number.
const REASONS: &[&str] = &{
    let mut names = [""; Reason::ALL.len()];
    let (mut left, mut reasons): (&mut [&str], &[Reason]) = (&mut names, &Reason::ALL);
    while let ([name, names @ ..], [reason, rest @ ..]) = (left, reasons) {
        *name = reason.as_str();
        (left, reasons) = (names, rest);
    }
    names
};
/// Classes of statuses; the last one stands for no answer.
const CLASSES: &[&str] = &["1xx", "2xx", "3xx", "4xx", "5xx", "none"];
/// Upper bounds of the latency histogram, in milliseconds; a last bucket has no bound.
const BOUNDS: &[u16] = &[1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000];

/// A family of counters that every cluster has: one for each combination of the values of its labels.
struct Family {
    name: &'static str,
    help: &'static str,
    /// Labels beside the cluster's id, with their values.
    labels: &'static [(&'static str, &'static [&'static str])],
    /// Place of its first counter.
    first: usize,
    /// Whether counters that are zero are shown, so that a first event shows as an increase.
    shows_zeros: bool,
}

impl Family {
    const fn end(&self) -> usize {
        let mut size = 1;
        let mut labels = self.labels;
        while let [(_, values), rest @ ..] = labels {
            size *= values.len();
            labels = rest;
        }
        self.first + size
    }
}

const REQUESTS: Family = Family {
    name: "headroom_requests_total",
    help: "Requests sent to a cluster, by reason and class of the status.",
    labels: &[("reason", REASONS), ("class", CLASSES)],
    first: 0,
    shows_zeros: false,
};
const RETRIES: Family = Family {
    name: "headroom_retries_total",
    help: "Requests sent to a cluster after another one had failed to answer them.",
    labels: &[],
    first: REQUESTS.end(),
    shows_zeros: true,
};
const TRANSITIONS: Family = Family {
    name: "headroom_breaker_transitions_total",
    help: "Moves of the isolates' circuit breakers to a new state.",
    labels: &[("to", &["open", "half-open", "closed"])],
    first: RETRIES.end(),
    shows_zeros: true,
};
const PROBES: Family = Family {
    name: "headroom_probes_total",
    help: "Health probes of a cluster, by what they found.",
    labels: &[("result", &["healthy", "unhealthy", "unreachable"])],
    first: TRANSITIONS.end(),
    shows_zeros: true,
};
const FAMILIES: [Family; 4] = [REQUESTS, RETRIES, TRANSITIONS, PROBES];

/// The histogram: one counter a bucket, which counts what is in it and not in the one before.
const BUCKETS: usize = PROBES.end();
/// Sum of all latencies, in milliseconds.
const SUM: usize = BUCKETS + BOUNDS.len() + 1;
/// Counters of one cluster.
const SLOTS: usize = SUM + 1;

const SECONDS: (&str, &str) =
    ("headroom_upstream_seconds", "Time from sending a request to a cluster to the headers of its response.");
const REJECTIONS: (&str, &str) = ("headroom_rejections_total", "Requests that the router answered itself, by reason.");

crate::json::read_fields!(Delta { layout, clusters, rejections });

impl Rejection {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::BadRequest,
        Self::Denied,
        Self::UriTooLong,
        Self::InternalError,
        Self::InvalidConfiguration,
        Self::UpstreamFailed,
        Self::UpstreamTimeout,
        Self::NoUsableCluster,
        Self::NoWriter,
        Self::LeaseOver,
        Self::BulkheadFull,
        Self::Loop,
    ];

    /// The reason as metrics and error bodies name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Denied => "denied-path",
            Self::UriTooLong => "uri-too-long",
            Self::InternalError => "internal-error",
            Self::InvalidConfiguration => "invalid-configuration",
            Self::UpstreamFailed => "upstream-failed",
            Self::UpstreamTimeout => "upstream-timeout",
            Self::NoUsableCluster => Cause::NoUsableCluster.as_str(),
            Self::NoWriter => Cause::NoWriter.as_str(),
            Self::LeaseOver => Cause::LeaseOver.as_str(),
            Self::BulkheadFull => Cause::BulkheadFull.as_str(),
            Self::Loop => "loop-detected",
        }
    }

    /// The reason with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rejection| rejection.as_str() == name)
    }
}

impl From<Cause> for Rejection {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::NoUsableCluster => Self::NoUsableCluster,
            Cause::NoWriter => Self::NoWriter,
            Cause::LeaseOver => Self::LeaseOver,
            Cause::BulkheadFull => Self::BulkheadFull,
        }
    }
}

impl Measure {
    /// Its name and what it means.
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Up => ("headroom_cluster_up", "1 if the cluster is up, by its probes."),
            Self::Writer => ("headroom_cluster_writer", "1 if the cluster takes writes."),
            Self::Draining => ("headroom_cluster_draining", "1 if the cluster gets nothing new."),
            Self::Fenced => {
                ("headroom_cluster_fenced", "1 if the cluster was replaced by a promotion and not readmitted.")
            }
            Self::Standby => {
                ("headroom_cluster_standby", "1 if the cluster answers as a standby, which serves nobody.")
            }
            Self::BreakerOpen => ("headroom_breaker_open", "1 if the cluster's breaker is open in some isolate."),
            Self::Lag => {
                ("headroom_replication_lag_seconds", "Replication lag of the cluster, as its last probe said.")
            }
            Self::ProbeAge => ("headroom_probe_age_seconds", "Time since the last probe of the cluster."),
            Self::SnapshotAge => ("headroom_snapshot_age_seconds", "Age of what the isolate that answered knows."),
            Self::TopologyValid => ("headroom_topology_valid", "1 if the configured topology is valid."),
        }
    }
}

impl Metrics {
    /// Nothing counted yet, for clusters with these ids in the configured order.
    #[must_use]
    pub fn new<'i>(ids: impl IntoIterator<Item = &'i str>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
        Self { clusters: vec![0; ids.len() * SLOTS], ids, rejections: [0; Rejection::ALL.len()] }
    }

    /// Counts a request that was sent to a cluster, and its status; `None`: there was no answer.
    pub fn count_request(&mut self, cluster: ClusterIndex, reason: Reason, status: Option<u16>) {
        let class = match status.map(|status| usize::from(status / 100)) {
            Some(hundreds @ 1..=5) => hundreds - 1,
            _ => CLASSES.len() - 1,
        };
        self.add(cluster, REQUESTS.first + reason as usize * CLASSES.len() + class, 1);
    }

    /// Counts how long a cluster took to answer.
    pub fn count_latency(&mut self, cluster: ClusterIndex, took: Milliseconds) {
        let bucket = BOUNDS.iter().position(|&bound| took.get() <= bound.into()).unwrap_or(BOUNDS.len());
        self.add(cluster, BUCKETS + bucket, 1);
        self.add(cluster, SUM, u32::try_from(took.get()).unwrap_or(u32::MAX));
    }

    /// Counts a repetition that was sent to a cluster.
    pub fn count_retry(&mut self, cluster: ClusterIndex) {
        self.add(cluster, RETRIES.first, 1);
    }

    /// Counts a move of the breaker of a cluster.
    pub fn count_transition(&mut self, cluster: ClusterIndex, transition: Transition) {
        let to = match transition {
            Transition::Opened => 0,
            Transition::HalfOpened => 1,
            Transition::Closed => 2,
        };
        self.add(cluster, TRANSITIONS.first + to, 1);
    }

    /// Counts a probe of a cluster.
    pub fn count_probe(&mut self, cluster: ClusterIndex, finding: &Finding) {
        let result = match (finding.healthy, finding.is_answering()) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        };
        self.add(cluster, PROBES.first + result, 1);
    }

    /// Counts a request that the router answered itself.
    pub fn count_rejection(&mut self, rejection: Rejection) {
        if let Some(count) = self.rejections.get_mut(rejection as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Hands over what was counted and begins anew; `None` where nothing was.
    #[must_use]
    pub fn take_delta(&mut self) -> Option<Delta> {
        let counted = self.ids.iter().zip(self.clusters.chunks_exact_mut(SLOTS));
        let clusters: Vec<_> = counted
            .map(|(id, counters)| (id.clone(), take_sparse(counters)))
            .filter(|(_, counters)| !counters.is_empty())
            .collect();
        let rejections = take_sparse(&mut self.rejections);
        let any = !clusters.is_empty() || !rejections.is_empty();
        any.then(|| Delta { layout: layout(), clusters, rejections })
    }

    /// Takes back what could not be handed over.  What was counted of clusters that are no more is lost.
    pub fn restore(&mut self, delta: &Delta) {
        if delta.layout != layout() {
            return;
        }
        for (id, counters) in &delta.clusters {
            let row = self.ids.iter().position(|own| own == id);
            if let Some(row) = row.and_then(|row| self.clusters.chunks_exact_mut(SLOTS).nth(row)) {
                add_sparse(row, counters, u32::saturating_add);
            }
        }
        add_sparse(&mut self.rejections, &delta.rejections, u32::saturating_add);
    }

    /// `slot` is below [`SLOTS`].
    fn add(&mut self, cluster: ClusterIndex, slot: usize, by: u32) {
        if let Some(counter) = self.clusters.get_mut(cluster.get() * SLOTS + slot) {
            *counter = counter.saturating_add(by);
        }
    }
}

impl Gauge<'_> {
    /// These alone, in Prometheus' text format.  Of several of the same thing the last one counts.
    #[must_use]
    pub fn prometheus(gauges: &[Self]) -> String {
        let gauges: BTreeMap<_, _> = gauges
            .iter()
            .filter(|gauge| gauge.value.is_finite())
            .map(|gauge| ((gauge.measure, gauge.cluster), gauge.value))
            .collect();
        let (mut text, mut family) = (String::new(), None);
        for (&(measure, cluster), value) in &gauges {
            if family.replace(measure) != Some(measure) {
                write_head(&mut text, measure.text(), "gauge");
            }
            let labels: SmallVec<[_; 1]> = cluster.map(|id| ("cluster", id)).into_iter().collect();
            write_sample(&mut text, measure.text().0, "", &labels, Decimal(*value));
        }
        text
    }
}

impl Delta {
    /// What it counted of requests to clusters: id, reason, class of the status, how many.
    pub fn requests(&self) -> impl Iterator<Item = (&str, &'static str, &'static str, u32)> {
        self.clusters.iter().flat_map(|(id, counters)| {
            counters.iter().filter_map(move |(place, count)| {
                let place = usize::from(*place).checked_sub(REQUESTS.first)?;
                let reason = REASONS.get(place / CLASSES.len())?;
                Some((id.as_str(), *reason, *CLASSES.get(place % CLASSES.len())?, *count))
            })
        })
    }
}

impl Totals {
    /// Adds what one isolate counted.  A delta of another version of the router, as long as a new one is being rolled
    /// out, is left out, and so are clusters beyond the 400th and places that do not exist.
    pub fn merge(&mut self, delta: &Delta) {
        if delta.layout != layout() {
            return;
        }
        let mut room = MAX_CLUSTERS.saturating_sub(self.clusters.len());
        for (id, counters) in &delta.clusters {
            let row = match self.clusters.entry(id.clone()) {
                Entry::Occupied(row) => row.into_mut(),
                Entry::Vacant(row) if room > 0 && id.len() <= MAX_ID => {
                    room -= 1;
                    row.insert(vec![0; SLOTS])
                }
                Entry::Vacant(_) => continue,
            };
            add_sparse(row, counters, u64::saturating_add);
        }
        add_sparse(&mut self.rejections, &delta.rejections, u64::saturating_add);
    }

    /// Everything in Prometheus' text format, version 0.0.4, in an order that depends on nothing but the ids.
    /// Of several gauges of the same thing the last one counts.
    #[must_use]
    pub fn prometheus(&self, gauges: &[Gauge<'_>]) -> String {
        let mut text = String::new();
        for family in &FAMILIES {
            let samples = self.family(family);
            write_family(&mut text, (family.name, family.help), "counter", &samples);
        }
        write_family(&mut text, SECONDS, "histogram", &self.histogram());
        let mut samples = String::new();
        for (rejection, count) in Rejection::ALL.iter().zip(self.rejections) {
            write_sample(&mut samples, REJECTIONS.0, "", &[("reason", rejection.as_str())], count);
        }
        write_family(&mut text, REJECTIONS, "counter", &samples);
        text + &Gauge::prometheus(gauges)
    }

    fn family(&self, family: &Family) -> String {
        let mut samples = String::new();
        for (id, counters) in &self.clusters {
            for (offset, &count) in counters.iter().take(family.end()).skip(family.first).enumerate() {
                if count == 0 && !family.shows_zeros {
                    continue;
                }
                let mut labels: SmallVec<[_; 3]> = SmallVec::new();
                let mut rest = offset;
                for &(name, values) in family.labels.iter().rev() {
                    labels.push((name, values.get(rest % values.len()).copied().unwrap_or_default()));
                    rest /= values.len();
                }
                labels.push(("cluster", id.as_str()));
                labels.reverse();
                write_sample(&mut samples, family.name, "", &labels, count);
            }
        }
        samples
    }

    fn histogram(&self) -> String {
        let mut samples = String::new();
        for (id, counters) in &self.clusters {
            let buckets = counters.iter().take(SUM).skip(BUCKETS);
            let count = buckets.clone().fold(0, |sum: u64, &count| sum.saturating_add(count));
            if count == 0 {
                continue;
            }
            let bounds =
                BOUNDS.iter().map(|&bound| Decimal(seconds(bound.into())).to_string()).chain(["+Inf".to_owned()]);
            let mut cumulative = 0_u64;
            for (bound, &count) in bounds.zip(buckets) {
                cumulative = cumulative.saturating_add(count);
                let labels = [("cluster", id.as_str()), ("le", bound.as_str())];
                write_sample(&mut samples, SECONDS.0, "_bucket", &labels, cumulative);
            }
            let sum = Decimal(seconds(counters.get(SUM).copied().unwrap_or_default()));
            write_sample(&mut samples, SECONDS.0, "_sum", &[("cluster", id)], sum);
            write_sample(&mut samples, SECONDS.0, "_count", &[("cluster", id)], count);
        }
        samples
    }
}

/// The counters that are not zero, by their place; all are zero afterwards.
fn take_sparse(counters: &mut [u32]) -> Vec<(u16, u32)> {
    (0..)
        .zip(counters)
        .filter(|(_, counter)| **counter > 0)
        .map(|(place, counter)| (place, std::mem::take(counter)))
        .collect()
}

fn add_sparse<N: Copy + From<u32>>(counters: &mut [N], sparse: &[(u16, u32)], add: impl Fn(N, N) -> N) {
    for &(place, count) in sparse {
        if let Some(counter) = counters.get_mut(usize::from(place)) {
            *counter = add(*counter, count.into());
        }
    }
}

/// A number that changes whenever a place comes to mean something else: FNV-1a over the names of all counters.
fn layout() -> u32 {
    let families = FAMILIES.iter().flat_map(|family| {
        let labels = family.labels.iter().flat_map(|(name, values)| std::iter::once(name).chain(*values));
        std::iter::once(&family.name).chain(labels)
    });
    let rejections = Rejection::ALL.map(Rejection::as_str);
    let names = families.chain(&rejections).flat_map(|name| name.bytes().chain([0]));
    let bounds = BOUNDS.iter().flat_map(|bound| bound.to_le_bytes());
    names.chain(bounds).fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[expect(clippy::cast_precision_loss, reason = "a sum beyond 2^53 ms need not be exact")]
fn seconds(millis: u64) -> f64 {
    millis as f64 / 1_000.0
}

/// A family without samples is left out.
fn write_family(text: &mut String, name_and_help: (&str, &str), kind: &str, samples: &str) {
    if !samples.is_empty() {
        write_head(text, name_and_help, kind);
        text.push_str(samples);
    }
}

fn write_head(text: &mut String, (name, help): (&str, &str), kind: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn write_sample(text: &mut String, name: &str, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
    text.push_str(name);
    text.push_str(suffix);
    for (nth, (label, value)) in labels.iter().enumerate() {
        text.push(if nth == 0 { '{' } else { ',' });
        text.push_str(label);
        text.push_str("=\"");
        for character in value.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    if !labels.is_empty() {
        text.push('}');
    }
    let _ = writeln!(text, " {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbers() {
        for (place, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!((reason as usize, REASONS.get(place)), (place, Some(&reason.as_str())));
        }
        for (place, rejection) in Rejection::ALL.into_iter().enumerate() {
            assert_eq!((rejection as usize, Rejection::named(rejection.as_str())), (place, Some(rejection)));
        }
        for cause in Cause::ALL {
            assert_eq!(Rejection::from(cause).as_str(), cause.as_str());
        }
        assert_eq!(Rejection::named("nearest"), None);
    }
}
