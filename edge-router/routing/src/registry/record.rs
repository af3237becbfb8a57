//! What is known of one cluster, and when it is probed next.

use serde::Serialize;

use crate::health::probe::{Finding, State};
use crate::health::threshold::Threshold;
use crate::json::read_fields;
use crate::time::{Milliseconds, Moment};

/// What one cluster's probes and operators said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) threshold: Threshold,
    /// When it came to count as up or down.
    pub(super) since: Moment,
    /// Failed probes in a row.
    pub(super) failures: u32,
    /// Good probes in a row.
    pub(super) successes: u32,
    pub(super) last: Option<LastProbe>,
    pub(super) lag: Option<Milliseconds>,
    /// Whether it was said that it lags too much.
    is_told_to_lag: bool,
    /// What it said that it is when it last answered.
    pub(super) state: Option<State>,
    pub(super) cluster_id: Option<String>,
    /// Its own identifier before that one, which should never change.
    pub(super) former_cluster_id: Option<String>,
    pub(super) draining: bool,
    pub(super) suspect_until: Option<Moment>,
    next_probe: Moment,
    /// Probes ordered so far: what the jitter is drawn from.
    probes: u64,
}

/// The last probe of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastProbe {
    /// When its result came.
    pub at: Moment,
    /// How long it took.
    pub took: Milliseconds,
    /// Whether it was good.
    pub healthy: bool,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// What the answer says that the cluster is.
    pub state: State,
    /// The same in words.
    pub words: String,
}

read_fields!(LastProbe { at, took, healthy, status, state, words });
read_fields!(Record {
    id,
    threshold,
    since,
    failures,
    successes,
    last,
    lag,
    is_told_to_lag,
    state,
    cluster_id,
    former_cluster_id,
    draining,
    suspect_until,
    next_probe,
    probes,
});

impl Record {
    pub(super) fn new(id: &str, first_probe: Moment, now: Moment) -> Self {
        Self {
            id: id.to_owned(),
            threshold: Threshold::default(),
            since: now,
            failures: 0,
            successes: 0,
            last: None,
            lag: None,
            is_told_to_lag: false,
            state: None,
            cluster_id: None,
            former_cluster_id: None,
            draining: false,
            suspect_until: None,
            next_probe: first_probe,
            probes: 0,
        }
    }

    /// Takes in what an answer says of lag and role.  Silence says nothing about them: what was last heard stands.
    pub(super) fn hear(&mut self, finding: &Finding) {
        if finding.is_answering() {
            self.lag = finding.lag;
            self.state = Some(finding.state);
        }
    }

    /// Takes in whether a probe was good; the answer is whether the cluster came up or went down by it.
    pub(super) fn record(
        &mut self,
        finding: &Finding,
        took: Milliseconds,
        thresholds: (u32, u32),
        now: Moment,
    ) -> bool {
        let Finding { healthy, state, status, .. } = *finding;
        self.last = Some(LastProbe { at: now, took, healthy, status, state, words: finding.words() });
        (self.failures, self.successes) =
            if healthy { (0, self.successes.saturating_add(1)) } else { (self.failures.saturating_add(1), 0) };
        let (unhealthy_threshold, healthy_threshold) = thresholds;
        let changed = self.threshold.record(healthy, unhealthy_threshold, healthy_threshold);
        if changed {
            self.since = now;
        }
        changed
    }

    /// Whether the lag has come to exceed what is allowed, or has come down to half of that, with the lag: so that one
    /// that wavers about the limit does not fill the journal.
    pub(super) fn crosses(&mut self, max: Milliseconds) -> Option<(bool, Milliseconds)> {
        let lag = self.lag?;
        let lags = if self.is_told_to_lag { lag.get() > max.get() / 2 } else { lag > max };
        let crosses = lags != self.is_told_to_lag;
        self.is_told_to_lag = lags;
        crosses.then_some((lags, lag))
    }

    /// Remembers the cluster's own identifier; the answer is the one before, if it is another.
    pub(super) fn identify(&mut self, id: Option<&str>) -> Option<String> {
        let id = id?.to_owned();
        let former = self.cluster_id.take().filter(|former| *former != id);
        self.cluster_id = Some(id);
        if former.is_some() {
            self.former_cluster_id.clone_from(&former);
        }
        former
    }

    /// Whether it says itself that it serves nobody.
    pub(super) fn is_standby(&self) -> bool {
        self.state == Some(State::DisasterRecoverySecondary)
    }

    /// When the next probe is due.  A time further off than any interval comes from a clock that was set back, or from
    /// a longer interval that is none any more: then it is due.
    pub(super) fn probe_at(&self, interval: Milliseconds, now: Moment) -> Moment {
        let latest = now.after(longest(interval));
        if self.next_probe > latest { now } else { self.next_probe }
    }

    /// Counts a probe as ordered.  The next one keeps this cluster's place between the others, also after a pause:
    /// what was missed is not made up for.
    pub(super) fn order(&mut self, interval: Milliseconds, now: Moment) {
        self.probes = self.probes.saturating_add(1);
        let step = jittered(interval, &self.id, self.probes);
        let next = self.probe_at(interval, now).after(step);
        let earliest = now.after(Milliseconds::new(step.get() / 2));
        let late = earliest.since(next).get();
        let missed = late.div_ceil(step.get().max(1));
        self.next_probe = next.after(Milliseconds::new(missed.saturating_mul(step.get())));
    }
}

/// The longest that jitter makes of an interval.
fn longest(interval: Milliseconds) -> Milliseconds {
    Milliseconds::new(interval.get().saturating_add(interval.get() / 10))
}

/// The interval or up to a tenth more or less, so that clusters with the same one are not probed together for ever.
fn jittered(interval: Milliseconds, id: &str, number: u64) -> Milliseconds {
    let tenth = interval.get() / 10;
    let shortest = interval.get().saturating_sub(tenth);
    let spread = tenth.saturating_mul(2).saturating_add(1);
    let drawn = id.bytes().chain(number.to_le_bytes()).fold(FNV_OFFSET, fnv_1a) % spread;
    Milliseconds::new(shortest.saturating_add(drawn))
}

/// Fowler–Noll–Vo, 64 bits, variant 1a.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv_1a(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}
