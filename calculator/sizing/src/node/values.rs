//! The values of a secret store's cluster, each with its derivation and the documented rule beside it.

use crate::node::limits::{Dimension, LIMITS, LIMITS_SOURCE, Limit, reached_by};
use crate::node::projection::{PROJECTIONS, PROJECTIONS_SOURCE};
use crate::node::{Cluster, VERSIONS_KEPT, autoscaler, formula, machine, raft};
use crate::quantity::{Connections, Count, Millis, PerSecond, Quantity, Ratio, Share, Unit, approximate, ceiling};
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, OPENBAO, SECRET_MANAGEMENT, VAULT};

pub(super) fn values(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    required(cluster, sheet);
    survived(cluster, sheet);
    capacity(cluster, sheet);
    machines(cluster, sheet);
    limits(cluster, sheet);
    beyond(cluster, sheet);
    storage(cluster, sheet);
    if let Some(most) = cluster.scenario.nodes_max {
        autoscaled(cluster, most, sheet);
    }
}

fn required(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    let terms = cluster.terms;
    sheet
        .value("nodes.for_rate", "Nodes for the requests, as documented", terms.rate.into())
        .is("rate ÷ 2000", formula::FORMULA)
        .with("rate", cluster.rate.into());
    sheet.value("nodes.for_leases", "Nodes for the leases, as documented", terms.leases.into());
    sheet.is("leases ÷ 30000", formula::FORMULA).inputs(&["leases"]);
    sheet.value("nodes.for_secrets", "Nodes for the secrets, as documented", terms.secrets.into());
    sheet.is("secrets ÷ 300000", formula::FORMULA).inputs(&["secrets"]);
    let shared = if terms.is_rate_bound() && cluster.scenario.edition.serves_reads() {
        "Standbys of this edition answer reads, so the requests do divide; writes do not, and voters must be odd and \
         at most seven."
    } else {
        "Every node keeps every lease and every secret, and the leader commits every write: only reads divide over \
         nodes, and only where standbys serve them."
    };
    sheet
        .value("nodes.required", "Nodes the documented formula asks for", cluster.required.into())
        .is("largest of nodes.for_rate, nodes.for_leases, nodes.for_secrets, rounded up, at least 3", formula::FORMULA)
        .with("nodes.for_rate", terms.rate.into())
        .with("nodes.for_leases", terms.leases.into())
        .with("nodes.for_secrets", terms.secrets.into())
        .rule(
            HEADROOM,
            "voters and readers that are recommended",
            Count(cluster.recommended.get().saturating_add(cluster.readers_needed.get())).into(),
            shared,
        );
    let documented = cluster.required.max(Count(formula::RECOMMENDED_NODES));
    sheet
        .value("nodes.recommended", "Voters recommended", cluster.recommended.into())
        .is("5; 7 where reads need more than five nodes with one lost", SECRET_MANAGEMENT.at("Raft Cluster Scaling"))
        .with("rate", cluster.rate.into())
        .inputs(&["node_rate"])
        .rule(
            formula::FORMULA,
            "nodes.required, 5 recommended for production",
            documented.into(),
            if documented == cluster.recommended {
                "The same."
            } else {
                "Voters are odd, because an even one survives no more, and at most seven, because each slows every \
                 write."
            },
        );
    sheet
        .value("nodes.readers", "Readers without a vote on top", cluster.readers_needed.into())
        .is("rate ÷ node_rate, rounded up, and one to lose, less nodes.recommended", OPENBAO.at("Raft storage"))
        .with("rate", cluster.rate.into())
        .with("nodes.recommended", cluster.recommended.into())
        .inputs(&["node_rate"]);
}

fn survived(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    let voters = cluster.voters;
    sheet.value("nodes.voters", "Voters looked at", voters.into());
    if cluster.scenario.nodes.is_some() {
        sheet.is("nodes", HEADROOM).inputs(&["nodes"]);
    } else {
        sheet.is("nodes.recommended", HEADROOM).with("nodes.recommended", voters.into());
    }
    let quorum = raft::quorum(voters);
    sheet
        .value("nodes.quorum", "Voters that must agree", quorum.into())
        .is("nodes.voters ÷ 2, rounded down, + 1", OPENBAO.at("Integrated storage, quorum"))
        .with("nodes.voters", voters.into());
    sheet
        .value("nodes.fault_tolerance", "Voters that may be lost", raft::fault_tolerance(voters).into())
        .is("nodes.voters − nodes.quorum", OPENBAO.at("Integrated storage, quorum"))
        .with("nodes.voters", voters.into())
        .with("nodes.quorum", quorum.into());
    sheet
        .value(
            "nodes.voters_after_zone_loss",
            "Voters left when a zone is lost",
            raft::left_after_zone_loss(voters, cluster.scenario.zones).into(),
        )
        .is("nodes.voters − nodes.voters ÷ zones, rounded up", VAULT.at("Raft reference architecture"))
        .with("nodes.voters", voters.into())
        .inputs(&["zones"]);
    let joinable = [
        ("nodes.joinable_voters", "Voters that can join at once before they have caught up", 0, "nodes.voters − 1"),
        ("nodes.joinable_voters_one_lost", "The same while one voter is lost", 1, "nodes.voters − 3"),
    ];
    for (id, name, lost, formula) in joinable {
        sheet
            .value(id, name, raft::joinable(voters, lost).into())
            .is(formula, OPENBAO.at("Raft storage, autopilot"))
            .with("nodes.voters", voters.into());
    }
    sheet
        .value("nodes.leader_lease_ms", "How long a leader stays without a quorum", {
            raft::leader_lease(cluster.scenario.performance_multiplier).into()
        })
        .is("500 ms × performance_multiplier", OPENBAO.at("Raft storage, performance_multiplier"))
        .inputs(&["performance_multiplier", "node_rtt_ms"]);
}

fn capacity(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    let serves = cluster.scenario.edition.serves_reads();
    let write_performance = raft::write_performance(cluster.voters);
    sheet
        .value("nodes.write_performance", "Writes, as a share of what three voters commit", write_performance.into())
        .is("100 % − 5 % × voters above 3", SECRET_MANAGEMENT.at("Raft Cluster Scaling"))
        .with("voters above 3", Count(cluster.voters.get().saturating_sub(3)).into());
    let nodes = cluster.nodes();
    let answering = cluster.answering(0);
    sheet
        .value("nodes.answering", "Nodes that answer reads themselves", answering.into())
        .is(if serves { "nodes.voters + non-voting nodes" } else { "the leader" }, OPENBAO.at("Horizontal scalability"))
        .with("nodes.voters", cluster.voters.into())
        .with("non-voting nodes", cluster.readers.into())
        .rule(
            SECRET_MANAGEMENT.at("Raft Cluster Scaling"),
            "reads grow with every node",
            nodes.into(),
            if serves {
                "True for this edition."
            } else {
                "Standbys of this edition forward every request to the leader: more nodes answer no more reads."
            },
        );
    let capacity = cluster.capacity(0);
    let formula = "node_rate × least(nodes that answer, nodes.write_performance ÷ (1 − read_share))";
    let both = [
        ("nodes.capacity", "Requests the cluster answers", 0),
        ("nodes.capacity_one_lost", "Requests it answers with one voter lost", 1),
    ];
    for (id, name, lost) in both {
        let capacity = cluster.capacity(lost);
        let answering = if capacity.get() > 0.0 { cluster.answering(lost) } else { Count(0) };
        sheet
            .value(id, name, capacity.into())
            .is(formula, HEADROOM)
            .with("nodes that answer", answering.into())
            .with("nodes.write_performance", write_performance.into())
            .inputs(&["node_rate", "read_share"]);
    }
    let used = share_of(cluster.rate, capacity);
    sheet
        .value("nodes.utilization", "Use of the cluster's capacity", used)
        .is("rate ÷ nodes.capacity", HEADROOM)
        .with("rate", cluster.rate.into())
        .with("nodes.capacity", capacity.into());
}

/// A rate as a share of a capacity.
fn share_of(rate: PerSecond, capacity: PerSecond) -> Quantity {
    if capacity.get() > 0.0 {
        Share::new(rate.get() / capacity.get()).into()
    } else {
        Quantity::None(Unit::Share, "no capacity")
    }
}

/// Why the class stands beside ours.
const BESIDE: &str = "What a node of the smallest class that bears both has.";

fn machines(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    let scenario = cluster.scenario;
    let memory = formula::memory_per_node(scenario.base_memory, scenario.leases, scenario.policy_cache);
    let cores = formula::cpu_per_node(scenario.base_cpu, cluster.rate);
    let class = machine::class_for(cores, memory);
    sheet
        .value("nodes.memory_per_node", "Memory of a node", memory.into())
        .is("base_memory + leases × 500 B + policy_cache × 2", formula::FORMULA)
        .inputs(&["base_memory", "leases", "policy_cache"]);
    if let Some(class) = class {
        sheet.rule(machine::CLASSES_SOURCE, "most memory of the class", class.memory.into(), BESIDE);
    }
    let answering = approximate(cluster.answering(0).get().max(1));
    let share = Ratio::new(scenario.base_cpu.get() + cluster.rate.get() / answering / formula::RATE_PER_CORE);
    sheet
        .value("nodes.cpu_per_node", "Cores of a node", cores.into())
        .is("base_cpu + rate ÷ 500", formula::FORMULA)
        .inputs(&["base_cpu"])
        .with("rate", cluster.rate.into())
        .rule(
            HEADROOM,
            "base_cpu + rate ÷ nodes.answering ÷ 500",
            share.into(),
            if answering > 1.0 {
                "The formula gives every node the whole rate, though standbys of this edition take their share of \
                 reads."
            } else {
                "The same: the leader answers everything, and any voter may become it."
            },
        );
    if let Some(class) = class {
        sheet.rule(
            machine::CLASSES_SOURCE,
            "most cores of the class",
            Ratio::new(approximate(class.cores.get())).into(),
            BESIDE,
        );
    }
    let name = match class {
        Some(class) => Quantity::Name(class.name.to_owned()),
        None => Quantity::None(Unit::Name, "above the largest published class"),
    };
    sheet
        .value("nodes.machine", "Published class of machines", name)
        .is("the smallest class with nodes.cpu_per_node and nodes.memory_per_node", machine::CLASSES_SOURCE)
        .with("nodes.cpu_per_node", cores.into())
        .with("nodes.memory_per_node", memory.into());
}

/// A demand in the unit of its limit.
pub(super) fn in_unit(limit: &Limit, demand: f64) -> Quantity {
    match limit.dimension {
        Dimension::Connections => Connections(ceiling(demand)).into(),
        Dimension::Rate => PerSecond::new(demand).into(),
        _ => Count(ceiling(demand)).into(),
    }
}

/// The id of the value that tells how far a limit is used.
pub(super) fn utilization_id(limit: &Limit) -> String {
    ["nodes.", limit.word, "_utilization"].concat()
}

fn limits(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    for limit in &LIMITS {
        let demand = cluster.demand(limit);
        let used = demand
            .map_or(Quantity::None(Unit::Share, "not known"), |demand| Share::new(limit.utilization(demand)).into());
        sheet
            .made(utilization_id(limit), ["Use of the practical limit: ", limit.name].concat(), used)
            .is("demand ÷ practical limit", LIMITS_SOURCE)
            .with("practical limit", limit.quantity());
        if let Some(demand) = demand {
            sheet.with("demand", in_unit(limit, demand));
        }
        if limit.dimension == Dimension::Rate {
            sheet.rule(
                formula::FORMULA,
                "demand ÷ 2,000/s",
                Share::new(demand.unwrap_or(0.0) / formula::RATE_PER_NODE).into(),
                "The document gives a node 10,000/s in its limits and 2,000/s in its formula: plan with the lower, and \
                 measure.",
            );
        }
    }
    // For each limit the first year that reaches it, whatever the nodes.
    let mut years: Vec<String> = Vec::new();
    for limit in &LIMITS {
        let reaches = |nodes| move |year: &&_| reached_by(year, Count(nodes)).any(|reached| reached.word == limit.word);
        if let Some(first) = PROJECTIONS.iter().find(reaches(1)) {
            years.push([limit.word, " in year ", &first.year.get().to_string()].concat());
        }
    }
    sheet
        .value("nodes.documented_growth", "Limits the documented growth reaches", Quantity::Name(years.join(", ")))
        .is("the first year of the growth table that reaches a practical limit", PROJECTIONS_SOURCE);
}

fn beyond(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    let scenario = cluster.scenario;
    let limit = crate::node::practical(Dimension::Leases);
    let leases = approximate(scenario.leases.get());
    sheet
        .value("nodes.lease_ttl_share", "What times to live must shrink to", {
            Share::new(if leases > 0.0 { (approximate(limit.most.get()) / leases).min(1.0) } else { 1.0 }).into()
        })
        .is("100000 ÷ leases, at most 100 %: leases = credentials a second × their time to live", source::LITTLE)
        .inputs(&["leases"]);
    let (separate, performance) = (cluster.separate_clusters(), cluster.performance_clusters());
    sheet
        .value("nodes.performance_clusters", "Performance clusters the leases divide over", performance.into())
        .is(
            if scenario.edition.replicates() {
                "leases ÷ 100000, rounded up: each keeps its own leases"
            } else {
                "this edition has no performance replication"
            },
            SECRET_MANAGEMENT.at("Performance Replica Characteristics"),
        )
        .inputs(&["leases"]);
    sheet
        .value("nodes.separate_clusters", "Separate clusters", separate.into())
        .is(
            "what no replica takes over: secrets ÷ 1000000, writes ÷ what a leader commits, and the rest this edition \
             cannot divide, rounded up",
            HEADROOM,
        )
        .inputs(&["secrets", "leases"])
        .with("writes", cluster.writes().into())
        .with("what a leader commits", cluster.most_writes().into());
    let way = if separate.get() > 1 {
        [separate.get().to_string().as_str(), " separate clusters"].concat()
    } else if performance.get() > 1 {
        ["performance replicas: ", performance.get().to_string().as_str(), " clusters in all"].concat()
    } else if cluster.readers_needed.get() > 0 {
        [cluster.readers_needed.get().to_string().as_str(), " readers without a vote"].concat()
    } else {
        "one cluster is enough".to_owned()
    };
    sheet
        .value("nodes.beyond", "What it takes beyond one cluster of voters", Quantity::Name(way))
        .is(
            "nodes.separate_clusters where more than one, else nodes.performance_clusters, else nodes.readers",
            SECRET_MANAGEMENT.at("Scaling Milestones"),
        )
        .with("nodes.separate_clusters", separate.into())
        .with("nodes.performance_clusters", performance.into())
        .with("nodes.readers", cluster.readers_needed.into());
}

/// Why the documented storage column differs.
const WHY_NOT_SECRETS: &str = "An entry has at most 1 MiB, and ten versions are kept: 10 MiB. The documented storage \
                               cannot be secrets; logs and snapshots belong elsewhere.";

fn storage(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    let each = cluster.bytes_per_secret().map_or(Quantity::None(Unit::Bytes, "storage not given"), Into::into);
    sheet
        .value("nodes.bytes_per_secret", "What a secret would weigh", each)
        .is("secret_storage ÷ secrets", HEADROOM)
        .inputs(&["secret_storage", "secrets"]);
    let [first, .., last] = &PROJECTIONS;
    for (year, formula) in [(first, "4 TB ÷ 100,000"), (last, "50 TB ÷ 1,000,000")] {
        sheet.rule(PROJECTIONS_SOURCE, formula, year.bytes_per_secret().into(), WHY_NOT_SECRETS);
    }
    sheet
        .value("nodes.heaviest_secret", "What a secret can weigh", Cluster::heaviest_secret().into())
        .is("1 MiB × versions kept", OPENBAO.at("Limits and maximums"))
        .with("versions kept", Count(VERSIONS_KEPT).into());
}

fn autoscaled(cluster: &Cluster<'_>, most: Count, sheet: &mut Sheet<'_>) {
    let voters = cluster.voters;
    for metric in &autoscaler::METRICS {
        sheet
            .value(metric.id, metric.name, metric.removes_below(voters).into())
            .is("target × least((nodes − 1) ÷ nodes, 90 %)", source::KUBERNETES.at("Horizontal Pod Autoscaling"))
            .with("target", percent(metric.target_percent))
            .with("nodes", voters.into())
            .rule(
                autoscaler::TRIGGERS_SOURCE,
                "a threshold of its own",
                percent(metric.down_percent),
                "The autoscaler has one target a metric: desired = nodes × use ÷ target, rounded up. It removes a node \
                 long before the documented threshold, which it cannot express.",
            );
    }
    let range = Count(most.get().saturating_sub(autoscaler::LEAST.get()));
    let directions = [
        (
            autoscaler::UP,
            "nodes.autoscaler_up_window_ms",
            "How long a high metric lasts before nodes are added",
            "nodes.autoscaler_growth_ms",
            "From three nodes to the most",
        ),
        (
            autoscaler::DOWN,
            "nodes.autoscaler_down_window_ms",
            "How long a low metric lasts before nodes are removed",
            "nodes.autoscaler_shrink_ms",
            "From the most back to three nodes",
        ),
    ];
    let seconds = |count: Count| Millis::new(1_000.0 * approximate(count.get()));
    for (step, window_id, window_name, whole_id, whole_name) in directions {
        sheet
            .value(window_id, window_name, seconds(step.window_s).into())
            .is("stabilizationWindowSeconds", autoscaler::SETTINGS_SOURCE)
            .rule(
                autoscaler::TRIGGERS_SOURCE,
                "how long the threshold is crossed",
                seconds(step.documented_s).into(),
                "The document's settings are half of its own table. A window is all the autoscaler has for it.",
            );
        sheet
            .value(whole_id, whole_name, step.takes(range).into())
            .is("window + (steps − 1) × period", autoscaler::SETTINGS_SOURCE)
            .with("window", seconds(step.window_s).into())
            .with("steps", Count(range.get().div_ceil(step.pods.get().max(1))).into())
            .with("period", seconds(step.period_s).into());
    }
    sheet
        .value(
            "nodes.autoscaler_quorum",
            "Quorum that is still asked for after scaling down",
            raft::quorum(most).into(),
        )
        .is("nodes_max ÷ 2, rounded down, + 1: a voter that is not removed stays one", {
            OPENBAO.at("Raft storage, autopilot, cleanup_dead_servers")
        })
        .inputs(&["nodes_max"]);
}

fn percent(percent: Count) -> Quantity {
    Share::of(percent.get(), 100).unwrap_or_default().into()
}
