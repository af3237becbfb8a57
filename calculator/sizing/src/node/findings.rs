//! What is wrong with a secret store's cluster, why, and what to do.

use std::borrow::Cow;

use crate::choice::Edition;
use crate::finding::{Finding, Severity};
use crate::node::limits::{Dimension, LIMITS, Limit, severity};
use crate::node::raft::{self, MOST_VOTERS, quorum};
use crate::node::values::{in_unit, utilization_id};
use crate::node::{Cluster, autoscaler, formula};
use crate::quantity::{Bytes, Count, Quantity, Share, grouped};

/// Round trips between nodes for which the reference architecture is made, in milliseconds.
const MOST_ROUND_TRIP_MS: f64 = 8.0;

pub(super) fn findings(cluster: &Cluster<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if cluster.scenario.nodes.is_some() {
        voters(cluster, &mut findings);
    }
    formula_and_truth(cluster, &mut findings);
    capacity(cluster, &mut findings);
    places(cluster, &mut findings);
    limits(cluster, &mut findings);
    if let Some(most) = cluster.scenario.nodes_max {
        findings.push(autoscaled(cluster, most));
    }
    findings
}

fn voters(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let voters = cluster.voters.get();
    let survived = raft::fault_tolerance(cluster.voters).get();
    let evidence = ["nodes.voters", "nodes.quorum", "nodes.fault_tolerance"];
    if survived == 0 {
        findings.push(
            Finding::new(
                "nodes.no_fault_tolerance",
                Severity::Error,
                ["The loss of any one of ", &of_voters(voters), " stops the store."].concat(),
                &evidence,
                "Run five voters, three at least.",
            )
            .fixed_by(&[("nodes", "5")]),
        );
    } else if voters.is_multiple_of(2) {
        let odd = if voters < MOST_VOTERS { voters + 1 } else { MOST_VOTERS };
        findings.push(
            Finding::new(
                "nodes.even_voters",
                Severity::Warning,
                format!(
                    "{voters} voters survive {survived} losses, as {} do: the even one only makes the quorum larger.",
                    voters - 1
                ),
                &evidence,
                "Run an odd number of voters.",
            )
            .fixed_by(&[("nodes", &odd.to_string())]),
        );
    } else if voters == 3 {
        findings.push(
            Finding::new(
                "nodes.below_recommended",
                Severity::Info,
                "Three voters survive one loss: during an upgrade or a repair, none.",
                &["nodes.voters", "nodes.fault_tolerance", "nodes.recommended"],
                "Run five voters in production.",
            )
            .fixed_by(&[("nodes", "5")]),
        );
    }
    if voters > MOST_VOTERS {
        let readers = cluster.scenario.non_voters.get().saturating_add(voters - MOST_VOTERS);
        findings.push(
            Finding::new(
                "nodes.too_many_voters",
                Severity::Warning,
                format!(
                    "Every write goes to all {} voters and waits for {}.",
                    grouped(voters),
                    quorum(cluster.voters).get()
                ),
                &["nodes.voters", "nodes.write_performance"],
                "Keep seven voters at most and make the others non-voters.",
            )
            .fixed_by(&[("nodes", "7"), ("non_voters", &readers.to_string())]),
        );
    }
}

fn of_voters(voters: u64) -> String {
    if voters == 1 { "one voter".to_owned() } else { [grouped(voters).as_str(), " voters"].concat() }
}

/// What the documented formula asks for, where it is more than there is or would be recommended.
fn formula_and_truth(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let (required, nodes) = (cluster.required.get(), cluster.nodes().get());
    // Fewer than three are a finding of their own.
    if required <= nodes.max(formula::LEAST_NODES) {
        return;
    }
    let terms = cluster.terms;
    let serves = cluster.scenario.edition.serves_reads();
    let (severity, why, remedy) = if terms.is_rate_bound() && serves {
        (Severity::Warning, "for the requests", "Add readers without a vote, or measure what one node answers.")
    } else if terms.is_rate_bound() {
        (
            Severity::Info,
            "for the requests, which the leader answers alone in this edition",
            "Do not add nodes for it: see nodes.capacity for what one node answers.",
        )
    } else if terms.leases >= terms.secrets {
        (
            Severity::Info,
            "for the leases, which every node keeps all of",
            "Do not add nodes for it: shorten times to live, use batch tokens, or divide the leases over clusters.",
        )
    } else {
        (
            Severity::Info,
            "for the secrets, which every node stores all of",
            "Do not add nodes for it: give the nodes faster disks, or divide the secrets over clusters.",
        )
    };
    findings.push(Finding::new(
        "nodes.fewer_than_formula",
        severity,
        format!("The documented formula asks for {} nodes instead of {}: {why}.", grouped(required), grouped(nodes)),
        &["nodes.required", "nodes.recommended", "nodes.voters"],
        remedy,
    ));
}

fn capacity(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let scenario = cluster.scenario;
    let serves = scenario.edition.serves_reads();
    let rate = cluster.rate.get();
    let remedy = if !serves {
        "More nodes do not help: use an edition whose standbys serve reads, cache in Vault Agent, or run separate \
         clusters."
    } else if cluster.writes().get() > cluster.most_writes().get() {
        "The leader commits every write: write less (batch tokens, longer times to live), or run separate clusters."
    } else {
        "Add nodes that serve reads, without a vote beyond seven voters."
    };
    let evidence = ["nodes.capacity", "nodes.capacity_one_lost", "nodes.utilization"];
    let mut near = |code: &'static str, severity, lost: u64, tail: &str| {
        let message = format!(
            "{} requests arrive, the cluster answers {}{tail}.",
            Quantity::from(cluster.rate),
            Quantity::from(cluster.capacity(lost))
        );
        findings.push(Finding::new(code, severity, message, &evidence, remedy));
    };
    let used = rate / cluster.capacity(0).get().max(1e-9);
    let one_lost = cluster.capacity(1).get();
    if used > 1.0 {
        near("nodes.exceeds_capacity", Severity::Error, 0, "");
    } else if one_lost > 0.0 && rate > one_lost {
        near("nodes.node_lost_exceeds_capacity", Severity::Error, 1, " with one lost");
    } else if let Some(severity) = severity(used) {
        near("nodes.near_capacity", severity, 0, "");
    }
    let expected = rate > scenario.node_rate.get() || scenario.non_voters.get() > 0;
    if !serves && expected {
        let message = format!(
            "Standbys of this edition forward every request: {} nodes answer what one does, {}.",
            grouped(cluster.nodes().get()),
            Quantity::from(scenario.node_rate)
        );
        findings.push(Finding::new(
            "nodes.standbys_serve_no_reads",
            Severity::Warning,
            message,
            &["nodes.answering", "nodes.capacity"],
            "Reads grow with nodes in Vault Enterprise (performance standbys) and from OpenBao 2.5 on.",
        ));
    }
    if scenario.replication_clusters.get() > 0 && !scenario.edition.replicates() {
        findings.push(
            Finding::new(
                "nodes.edition_without_replication",
                Severity::Error,
                "Performance and DR replication exist in Vault Enterprise only: this edition has one cluster.",
                &["nodes.clusters_utilization"],
                "Use Vault Enterprise, or restore snapshots in the other region and send no reads there.",
            )
            .fixed_by(&[("edition", Edition::VaultEnterprise.word())]),
        );
    }
}

fn places(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let scenario = cluster.scenario;
    let (voters, zones) = (cluster.voters, scenario.zones);
    let left = raft::left_after_zone_loss(voters, zones);
    if voters.get() >= 3 && left < quorum(voters) {
        let message = if zones.get() == 1 {
            [&of_voters(voters.get()), " in one zone: its loss stops the store."].concat()
        } else {
            format!(
                "{} voters over {} zones: the loss of one leaves {}, and {} must agree.",
                grouped(voters.get()),
                zones.get(),
                left.get(),
                quorum(voters).get()
            )
        };
        let three = raft::left_after_zone_loss(voters, Count(3)) >= quorum(voters);
        let fix: &[_] = if three { &[("zones", "3")] } else { &[] };
        let code = if zones.get() == 1 { "nodes.one_zone" } else { "nodes.zone_loss_stops" };
        let evidence = ["nodes.voters_after_zone_loss", "nodes.quorum"];
        let remedy = "Spread five voters over three zones: that survives two nodes or a zone.";
        findings.push(Finding::new(code, Severity::Warning, message, &evidence, remedy).fixed_by(fix));
    }
    let (trip, lease) = (scenario.node_rtt_ms, raft::leader_lease(scenario.performance_multiplier));
    if trip.get() > MOST_ROUND_TRIP_MS {
        let (severity, message, remedy) = if trip >= lease {
            (
                Severity::Error,
                format!(
                    "A round trip takes {}, and a leader gives up after {} without a quorum: there is never one.",
                    Quantity::from(trip),
                    Quantity::from(lease)
                ),
                "Keep the voters in one region.",
            )
        } else {
            (
                Severity::Warning,
                format!(
                    "Every write waits {} for a quorum; the reference architecture allows 8 ms.",
                    Quantity::from(trip)
                ),
                "Keep the voters in the zones of one region, and replicate to others.",
            )
        };
        findings.push(Finding::new("nodes.round_trip_slow", severity, message, &["nodes.leader_lease_ms"], remedy));
    }
    if let Some(each) = cluster.bytes_per_secret().filter(|each| *each > Cluster::heaviest_secret()) {
        let message = format!(
            "The planned storage makes {} of every secret, and ten versions of 1 MiB are the most there can be.",
            rounded_up(each)
        );
        findings.push(Finding::new(
            "nodes.storage_implausible",
            Severity::Warning,
            message,
            &["nodes.bytes_per_secret", "nodes.heaviest_secret"],
            "Plan the disk by what a secret weighs, and audit logs and snapshots on their own.",
        ));
    }
}

/// Whole mebibytes.
fn rounded_up(bytes: Bytes) -> Quantity {
    Bytes::mib(bytes.get().div_ceil(1 << 20)).into()
}

/// What to do about a practical limit.
const fn remedy(cluster: &Cluster<'_>, dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Secrets => "Every node stores all secrets: divide them over separate clusters, or delete old ones.",
        Dimension::Leases if cluster.scenario.edition.replicates() => {
            "Every node keeps all leases, so nodes do not help: shorten times to live, use batch tokens, or divide \
             them over performance replicas."
        }
        Dimension::Leases => {
            "Every node keeps all leases, so nodes do not help: shorten times to live, use batch tokens, or divide \
             them over separate clusters."
        }
        Dimension::Policies => "Use templated policies: one for all that differ only in a name.",
        Dimension::Connections => "Let agents or proxies share connections, or add nodes.",
        Dimension::Rate => "Cache in agents, or divide the requests over clusters.",
        Dimension::Clusters => "Chain replicas to replicas, or merge regions.",
    }
}

fn limits(cluster: &Cluster<'_>, findings: &mut Vec<Finding>) {
    let exceeds_capacity = cluster.rate.get() > cluster.capacity(0).get();
    for limit in &LIMITS {
        let Some(demand) = cluster.demand(limit) else { continue };
        let used = limit.utilization(demand);
        let Some(severity) = severity(used) else { continue };
        // Too many requests are said once.
        if limit.dimension == Dimension::Rate && exceeds_capacity {
            continue;
        }
        findings.push(near_limit(cluster, limit, demand, used, severity));
    }
}

fn near_limit(cluster: &Cluster<'_>, limit: &Limit, demand: f64, used: f64, severity: Severity) -> Finding {
    let (code, how) = match used {
        used if used > 1.0 => ("exceeds", "above"),
        used if used < 1.0 => ("near", "near"),
        _ => ("near", "at"),
    };
    Finding {
        code: Cow::Owned(["nodes.", code, "_", limit.word, "_limit"].concat()),
        severity,
        message: format!(
            "{} {} are {how} the practical limit of {} ({}); first to give way: {}.",
            in_unit(limit, demand),
            limit.name,
            limit.quantity(),
            Quantity::from(Share::new(used)),
            limit.bottleneck
        ),
        evidence: vec![Cow::Owned(utilization_id(limit))],
        remedy: remedy(cluster, limit.dimension).to_owned(),
        fix: Vec::new(),
    }
}

fn autoscaled(cluster: &Cluster<'_>, most: Count) -> Finding {
    let asked = quorum(most);
    let left = cluster.scenario.nodes.unwrap_or(autoscaler::LEAST);
    let (severity, message) = if asked > left {
        (
            Severity::Error,
            format!(
                "Scaled down from {} voters to {}, the quorum stays at {} until the others are removed: the store \
                 stops.",
                grouped(most.get()),
                grouped(left.get()),
                grouped(asked.get())
            ),
        )
    } else {
        (
            Severity::Warning,
            format!(
                "An autoscaler moves the voters between {} and {}, through even numbers, and what it stops counts for the \
                 quorum until it is removed as a peer.",
                grouped(left.get()),
                grouped(most.get())
            ),
        )
    };
    Finding::new(
        "nodes.autoscaled_voters",
        severity,
        message,
        &["nodes.autoscaler_quorum", "nodes.joinable_voters", "nodes.joinable_voters_one_lost"],
        "Fix the number of voters and scale readers without a vote. Memory is no trigger: every node keeps every \
         lease, so another one lowers nothing.",
    )
    .fixed_by(&[("nodes_max", "none")])
}
