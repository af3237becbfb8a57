//! What is wrong with a secret store's cluster, why, and what to do.

use std::borrow::Cow;

use crate::choice::Edition;
use crate::finding::{Finding, Row, Severity, filled};
use crate::node::limits::{Dimension, LIMITS, Limit, severity};
use crate::node::raft::{self, MOST_VOTERS, quorum};
use crate::node::{Cluster, autoscaler, formula};
use crate::quantity::{Bytes, BytesPerSecond, Connections, Count, PerSecond, Quantity, Share, ceiling, floor};
use crate::storage::snapshot;

/// Round trips between nodes for which the reference architecture is made, in milliseconds.
const MOST_ROUND_TRIP_MS: f64 = 8.0;
const VOTERS: &[&str] = &["nodes.voters", "nodes.quorum", "nodes.fault_tolerance"];
const ZONES: &[&str] = &["nodes.voters_after_zone_loss", "nodes.quorum"];
const CAPACITY: &[&str] = &["nodes.capacity", "nodes.capacity_one_lost", "nodes.utilization"];

static NO_TOLERANCE: Row = Row {
    code: "nodes.no_fault_tolerance",
    message: "Voters: #. The loss of any one stops the store.",
    evidence: VOTERS,
    remedy: "Run five voters, three at least.",
};
static EVEN: Row = Row {
    code: "nodes.even_voters",
    message: "# voters survive the loss of #, as # do: the even one only makes the quorum larger.",
    evidence: VOTERS,
    remedy: "Run an odd number of voters.",
};
static THREE: Row = Row {
    code: "nodes.below_recommended",
    message: "Three voters survive one loss: during an upgrade or a repair, none.",
    evidence: VOTERS,
    remedy: "Run five voters in production.",
};
static TOO_MANY: Row = Row {
    code: "nodes.too_many_voters",
    message: "Every write goes to all # voters and waits for #.",
    evidence: &["nodes.voters", "nodes.write_performance"],
    remedy: "Keep seven voters at most and make the others non-voters.",
};
/// What the documented formula asks for beyond what there is: where nodes share it, and where they do not.
static FORMULA: [Row; 2] = [
    formula(
        "The documented formula asks for # nodes instead of #.",
        "Add readers without a vote, or measure node_rate.",
    ),
    formula(
        "The documented formula asks for # nodes instead of #, for what nodes do not share.",
        "Do not add nodes for it: every node keeps all leases and secrets, and without reads from standbys one answers \
         everything. See nodes.beyond.",
    ),
];
static EXCEEDED: Row = capacity("nodes.exceeds_capacity", "# requests arrive, the cluster answers #.");
static EXCEEDED_ONE_LOST: Row =
    capacity("nodes.node_lost_exceeds_capacity", "# requests arrive; with one node lost the cluster answers #.");
static NEARLY_EXCEEDED: Row = capacity("nodes.near_capacity", "# requests arrive of the # the cluster answers.");
static NO_READS: Row = Row {
    code: "nodes.standbys_serve_no_reads",
    message: "Standbys of this edition forward every request: # nodes answer what one does, #.",
    evidence: &["nodes.answering", "nodes.capacity"],
    remedy: "Reads grow with nodes in Vault Enterprise and from OpenBao 2.5 on.",
};
static NO_REPLICATION: Row = Row {
    code: "nodes.edition_without_replication",
    message: "Performance and DR replication exist in Vault Enterprise only.",
    evidence: &["nodes.clusters_utilization"],
    remedy: "Use Vault Enterprise, or restore snapshots in the other region and send no reads there.",
};
static ONE_ZONE: Row = Row {
    code: "nodes.one_zone",
    message: "All voters stand in one zone: its loss stops the store.",
    evidence: ZONES,
    remedy: SPREAD,
};
static ZONE_LOSS: Row = Row {
    code: "nodes.zone_loss_stops",
    message: "The loss of a zone leaves # of # voters, and # must agree.",
    evidence: ZONES,
    remedy: SPREAD,
};
const SPREAD: &str = "Spread five voters over three zones: that survives two nodes or a zone.";
static ROUND_TRIP: Row = Row {
    code: "nodes.round_trip_slow",
    message: "Every write waits a round trip of #; the reference architecture allows 8 ms, and a leader gives up after #.",
    evidence: &["nodes.leader_lease_ms"],
    remedy: "Keep the voters in the zones of one region, and replicate to others.",
};
static STORAGE: Row = Row {
    code: "nodes.storage_implausible",
    message: "The planned storage makes # of every secret; ten versions of 1 MiB are the most there can be.",
    evidence: &["nodes.bytes_per_secret", "nodes.heaviest_secret"],
    remedy: "Plan the disk by what a secret weighs, and audit logs and snapshots apart.",
};
static SNAPSHOTS: Row = Row {
    code: "storage.snapshots_implausible",
    message: "A snapshot of # every # takes # without a pause.",
    evidence: &["storage.snapshots", "storage.snapshot_bytes"],
    remedy: "Take snapshots less often, or divide the secrets over several clusters.",
};
/// What a snapshot may be written with, in bytes a second: a fast network or disk, all of it.
const MOST_SNAPSHOT_RATE: f64 = 1_000_000_000.0;
/// Whether the quorum is lost on the way down, and where it is not.
static AUTOSCALED: [Row; 2] = [
    autoscaled("Scaled down from # voters to #, the quorum stays at # until the others are removed: the store stops."),
    autoscaled(
        "An autoscaler moves the voters between # and #, through even numbers; what it stops stays in the quorum until it \
         is removed as a peer.",
    ),
];

const fn formula(message: &'static str, remedy: &'static str) -> Row {
    Row {
        code: "nodes.fewer_than_formula",
        message,
        evidence: &["nodes.required", "nodes.recommended", "nodes.voters"],
        remedy,
    }
}

const fn capacity(code: &'static str, message: &'static str) -> Row {
    Row {
        code,
        message,
        evidence: CAPACITY,
        remedy: "Where standbys serve reads, keep reads from the leader and add nodes; for writes, batch tokens and longer times to live. Where \
                 they do not: cache in agents, change the edition, or run separate clusters.",
    }
}

const fn autoscaled(message: &'static str) -> Row {
    Row {
        code: "nodes.autoscaled_voters",
        message,
        evidence: &["nodes.autoscaler_quorum", "nodes.joinable_voters", "nodes.joinable_voters_one_lost"],
        remedy: "Fix the number of voters and scale readers without a vote. Memory is no trigger: every node keeps every \
                 lease, so another one lowers nothing.",
    }
}

pub(super) fn findings(cluster: &Cluster<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if cluster.scenario.nodes.is_some() {
        voters(cluster, &mut findings);
    }
    demand(cluster, &mut findings);
    places(cluster, &mut findings);
    let exceeds_capacity = cluster.utilization() > 1.0;
    for limit in &LIMITS {
        // Too many requests are said once.
        if limit.dimension != Dimension::Rate || !exceeds_capacity {
            findings.extend(near_limit(cluster, limit));
        }
    }
    if let Some(most) = cluster.scenario.nodes_max {
        let left = cluster.scenario.nodes.unwrap_or(autoscaler::LEAST);
        let (asked, [stops, moves]) = (quorum(most), &AUTOSCALED);
        let finding = if asked > left {
            stops.found(Severity::Error, &[most.into(), left.into(), asked.into()])
        } else {
            moves.found(Severity::Warning, &[left.into(), most.into()])
        };
        findings.push(finding.fixed_by(&[("nodes_max", "none")]));
    }
    findings
}

fn voters(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let count = cluster.voters;
    let voters = count.get();
    let survived = raft::fault_tolerance(count);
    let five = [("nodes", "5")];
    if survived.get() == 0 {
        findings.push(NO_TOLERANCE.found(Severity::Error, &[count.into()]).fixed_by(&five));
    } else if voters.is_multiple_of(2) {
        let odd = (voters + 1).min(MOST_VOTERS).to_string();
        let numbers = [count.into(), survived.into(), Count(voters - 1).into()];
        findings.push(EVEN.found(Severity::Warning, &numbers).fixed_by(&[("nodes", &odd)]));
    } else if voters == 3 {
        findings.push(THREE.found(Severity::Info, &[]).fixed_by(&five));
    }
    if voters > MOST_VOTERS {
        let readers = cluster.scenario.non_voters.get().saturating_add(voters - MOST_VOTERS).to_string();
        let finding = TOO_MANY.found(Severity::Warning, &[count.into(), quorum(count).into()]);
        findings.push(finding.fixed_by(&[("nodes", "7"), ("non_voters", &readers)]));
    }
}

/// What is asked of the cluster, by the documented formula and in truth.
fn demand(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let scenario = cluster.scenario;
    let serves = scenario.edition.serves_reads();
    let (required, nodes) = (cluster.required, cluster.nodes());
    // Fewer than three are a finding of their own.
    if required > nodes && required.get() > formula::LEAST_NODES {
        let [shared, kept] = &FORMULA;
        let numbers = [required.into(), nodes.into()];
        findings.push(if cluster.terms.is_rate_bound() && serves {
            shared.found(Severity::Warning, &numbers)
        } else {
            kept.found(Severity::Info, &numbers)
        });
    }
    let (rate, one_lost) = (cluster.rate, cluster.capacity(1));
    let used = cluster.utilization();
    let (row, severity, answered) = if used > 1.0 {
        (&EXCEEDED, Some(Severity::Error), cluster.capacity(0))
    } else if one_lost.get() > 0.0 && rate > one_lost {
        (&EXCEEDED_ONE_LOST, Some(Severity::Error), one_lost)
    } else {
        (&NEARLY_EXCEEDED, severity(used), cluster.capacity(0))
    };
    findings.extend(severity.map(|severity| row.found(severity, &[rate.into(), answered.into()])));
    if !serves && (rate > scenario.node_rate || scenario.non_voters.get() > 0) {
        findings.push(NO_READS.found(Severity::Warning, &[nodes.into(), scenario.node_rate.into()]));
    }
    if scenario.replication_clusters.get() > 0 && !scenario.edition.replicates() {
        let enterprise = [("edition", Edition::VaultEnterprise.word())];
        findings.push(NO_REPLICATION.found(Severity::Error, &[]).fixed_by(&enterprise));
    }
}

fn places(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let scenario = cluster.scenario;
    let (voters, needed) = (cluster.voters, quorum(cluster.voters));
    let left = raft::left_after_zone_loss(voters, scenario.zones);
    if voters.get() >= 3 && left < needed {
        let row = if scenario.zones.get() == 1 { &ONE_ZONE } else { &ZONE_LOSS };
        let three = raft::left_after_zone_loss(voters, Count(3)) >= needed;
        let fix: &[_] = if three { &[("zones", "3")] } else { &[] };
        findings.push(row.found(Severity::Warning, &[left.into(), voters.into(), needed.into()]).fixed_by(fix));
    }
    let (trip, lease) = (scenario.node_rtt_ms, raft::leader_lease(scenario.performance_multiplier));
    if trip.get() > MOST_ROUND_TRIP_MS {
        let severity = if trip >= lease { Severity::Error } else { Severity::Warning };
        findings.push(ROUND_TRIP.found(severity, &[trip.into(), lease.into()]));
    }
    if let Some(each) = cluster.bytes_per_secret().filter(|each| *each > Cluster::heaviest_secret()) {
        findings.push(STORAGE.found(Severity::Warning, &[each.into()]));
    }
    let interval = scenario.snapshot_interval_ms;
    if let Some(size) = snapshot(scenario).filter(|_| interval.get() > 0.0) {
        let rate = size / interval.get() * 1_000.0;
        if rate > MOST_SNAPSHOT_RATE {
            let numbers = [Bytes(floor(size)).into(), interval.into(), BytesPerSecond::new(rate).into()];
            findings.push(SNAPSHOTS.found(Severity::Warning, &numbers));
        }
    }
}

/// What to do about a practical limit.
const fn remedy(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Secrets => "Every node stores all secrets: divide them over separate clusters, or delete old ones.",
        Dimension::Leases => {
            "Every node keeps all leases, so nodes do not help: shorten times to live, use batch tokens, or divide them \
             over clusters (nodes.beyond)."
        }
        Dimension::Policies => "Use templated policies: one for all that differ only in a name.",
        Dimension::Connections => "Let agents or proxies share connections, or add nodes.",
        Dimension::Rate => "Cache in agents, or divide the requests over clusters.",
        Dimension::Clusters => "Chain replicas to replicas, or merge regions.",
    }
}

fn near_limit(cluster: &Cluster<'_>, limit: &Limit) -> Option<Finding> {
    let demand = cluster.demand(limit)?;
    let used = limit.utilization(demand);
    let severity = severity(used)?;
    let exceeds = used > 1.0;
    let asked: Quantity = match limit.dimension {
        Dimension::Connections => Connections(ceiling(demand)).into(),
        Dimension::Rate => PerSecond::new(demand).into(),
        _ => Count(ceiling(demand)).into(),
    };
    let name = |text: &str| Quantity::Name(text.to_owned());
    let numbers = [asked, limit.quantity(), name(limit.name), Share::new(used).into(), name(limit.bottleneck)];
    Some(Finding {
        code: Cow::Owned(["nodes.", if exceeds { "exceeds_" } else { "near_" }, limit.word, "_limit"].concat()),
        severity,
        message: filled("# of at most # # (#); first to give way: #.", &numbers),
        evidence: vec![Cow::Owned(["nodes.", limit.word, "_utilization"].concat())],
        remedy: remedy(limit.dimension).to_owned(),
        fix: Vec::new(),
    })
}
