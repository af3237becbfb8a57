//! What is wrong with replicas, writes and distances, and what to do.

use super::{Replicas, distance};
use crate::choice::{Distance, Flag};
use crate::finding::{Finding, Severity};
use crate::quantity::{BytesPerSecond, Millis, PerSecond, Quantity, Share, grouped};

pub(super) fn findings(replicas: &Replicas<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(too_few(replicas));
    findings.extend(write_capacity(replicas));
    if replicas.scenario.replicas.get() > 0 {
        findings.extend(streaming(replicas));
    }
    findings.extend(distant(replicas));
    findings
}

/// A quantity as text.
fn text(quantity: impl Into<Quantity>) -> String {
    quantity.into().to_string()
}

fn too_few(replicas: &Replicas<'_>) -> Option<Finding> {
    let used = Share::new(replicas.read_use()?);
    let severity = Severity::of_use(used)?;
    let needed = replicas.needed()?;
    let have = replicas.scenario.replicas.get();
    let reads = text(PerSecond::new(replicas.reads));
    let who = match have {
        0 => "the primary".to_owned(),
        1 => "the primary, once its replica is lost,".to_owned(),
        have => format!("{} of {} replicas, with one lost,", grouped(have - 1), grouped(have)),
    };
    let finding = Finding::new(
        "replica.too_few",
        severity,
        format!("Reads of {reads} use {who} to {}.", text(used)),
        &["replica.read_use", "nodes.read_replicas"],
        format!(
            "{} replicas bear the reads with one lost; a cache, or cheaper queries, may do with fewer.",
            grouped(needed)
        ),
    );
    Some(finding.fixed_by(&[("replicas", &needed.to_string())]))
}

fn write_capacity(replicas: &Replicas<'_>) -> Option<Finding> {
    let used = Share::new(replicas.write_use()?);
    let severity = Severity::of_use(used)?;
    Some(Finding::new(
        "replica.write_capacity",
        severity,
        format!("Writes of {} use the primary to {}.", text(PerSecond::new(replicas.writes)), text(used)),
        &["replica.write_use", "nodes.shards"],
        "Replicas do not help writes: batch them, drop unused indexes, move events out of the database, take a larger \
         server; shard last.",
    ))
}

fn streaming(replicas: &Replicas<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let scenario = replicas.scenario;
    let mut near = |code: &'static str, used: Option<f64>, what: String, evidence: &[&'static str], remedy| {
        let Some(used) = used.map(Share::new) else { return };
        let Some(severity) = Severity::of_use(used) else { return };
        let message = [&what, " (", &text(used), ")."].concat();
        findings.push(Finding::new(code, severity, message, evidence, remedy));
    };
    let wal = text(BytesPerSecond::new(replicas.wal));
    near(
        "replica.bandwidth",
        replicas.bandwidth_use(),
        format!("WAL of {wal} to each of {} replicas fills the network", grouped(scenario.replicas.get())),
        &["replica.bandwidth", "replica.bandwidth_use"],
        "Checkpoint less often, let replicas feed replicas, or use a faster network.",
    );
    near(
        "replica.replay",
        replicas.apply_use(),
        format!("A replica can hardly replay WAL of {wal}"),
        &["replica.apply_use"],
        "Replay is one process: faster disks and memory for its pages, or less WAL.",
    );
    let (lag, limit) = (Millis::new(replicas.lag()), scenario.lag_limit_ms);
    near(
        "replica.lag",
        Some(lag.get() / limit.get()),
        format!("Replicas may be {} behind, {} is allowed", text(lag), text(limit)),
        &["replica.lag_ms"],
        "Take a replica out of the pool above that lag, or read from the primary what must be fresh.",
    );
    if scenario.read_your_writes == Flag::Yes {
        findings.push(Finding::new(
            "replica.read_your_writes",
            Severity::Warning,
            format!("A read from a replica may miss what was written up to {} before.", text(lag)),
            &["replica.lag_ms"],
            "After a write, read from the primary until the replica has replayed its position \
             (pg_last_wal_replay_lsn()), or commit with synchronous_commit = remote_apply.",
        ));
    }
    findings
}

fn distant(replicas: &Replicas<'_>) -> Option<Finding> {
    let scenario = replicas.scenario;
    let is_local = scenario.replicas.get() > 0 || scenario.cache == Flag::Yes;
    if scenario.client_distance != Distance::CrossContinent || is_local {
        return None;
    }
    Some(Finding::new(
        "replica.distant_reads",
        Severity::Warning,
        format!(
            "Requests from another continent spend up to {} on their way, reads among them.",
            text(distance::to_primary(scenario))
        ),
        &["replica.cross_continent.primary_ms"],
        "Serve reads from a replica or a cache in their region; only writes go to the primary.",
    ))
}
