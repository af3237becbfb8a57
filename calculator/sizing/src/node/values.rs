//! The values of a secret store's cluster, each with its derivation and the documented rule beside it.

use crate::node::limits::{Dimension, LIMITS, LIMITS_SOURCE, practical};
use crate::node::projection::{PROJECTIONS, PROJECTIONS_SOURCE, REACHED};
use crate::node::{Cluster, autoscaler, formula, machine, raft};
use crate::quantity::{Count, Millis, PerSecond, Quantity, Ratio, Share, Unit, approximate};
use crate::sheet::{Row, Sheet};
use crate::source::{HEADROOM, KUBERNETES, LITTLE, OPENBAO, SECRET_MANAGEMENT, Source, VAULT};

/// What is true of every Raft cluster.
const RAFT: Source = OPENBAO.at("Raft storage");
/// What Kubernetes makes of a target.
const SCALING: Source = KUBERNETES.at("Horizontal Pod Autoscaling");
/// Where sizes of clusters are compared.
const CLUSTER_SCALING: Source = SECRET_MANAGEMENT.at("Raft Cluster Scaling");
/// Why a class of machines stands beside ours.
const BESIDE: &str = "The most a machine of the smallest class that bears both has.";
/// Why the documented storage column differs.
const NOT_SECRETS: &str = "An entry has at most 1 MiB: this cannot be secrets. Logs and snapshots are planned apart.";

const fn row(id: &'static str, name: &'static str, formula: &'static str, source: Source) -> Row {
    Row { id, name, formula, source, operands: &[], rules: &[] }
}

static ROWS: [Row; 34] = [
    Row {
        operands: &["rate"],
        ..row("nodes.for_rate", "Nodes for the requests, as documented", "rate ÷ 2000", formula::FORMULA)
    },
    Row {
        operands: &["leases"],
        ..row("nodes.for_leases", "Nodes for the leases, as documented", "leases ÷ 30000", formula::FORMULA)
    },
    Row {
        operands: &["secrets"],
        ..row("nodes.for_secrets", "Nodes for the secrets, as documented", "secrets ÷ 300000", formula::FORMULA)
    },
    Row {
        operands: &["nodes.for_rate", "nodes.for_leases", "nodes.for_secrets"],
        rules: &[(
            HEADROOM,
            "nodes.recommended + nodes.readers",
            "Every node keeps every lease and secret, and the leader commits every write: only reads divide over nodes, \
             and only where standbys serve them.",
        )],
        ..row(
            "nodes.required",
            "Nodes the documented formula asks for",
            "largest of nodes.for_rate, nodes.for_leases, nodes.for_secrets, rounded up, at least 3",
            formula::FORMULA,
        )
    },
    Row {
        operands: &["rate", "node_rate"],
        rules: &[(
            formula::FORMULA,
            "nodes.required, at least 5",
            "Voters are odd, because an even one survives no more, and at most seven, because each slows every write.",
        )],
        ..row(
            "nodes.recommended",
            "Voters recommended",
            "5; 7 where reads take more than five nodes, with one to lose",
            CLUSTER_SCALING,
        )
    },
    Row {
        operands: &["rate", "node_rate", "nodes.recommended"],
        ..row(
            "nodes.readers",
            "Readers without a vote on top",
            "rate ÷ node_rate, rounded up, + 1 − nodes.recommended, where standbys serve reads",
            RAFT,
        )
    },
    Row {
        operands: &["nodes", "nodes.recommended"],
        ..row("nodes.voters", "Voters looked at", "nodes, else nodes.recommended", HEADROOM)
    },
    Row {
        operands: &["nodes.voters"],
        ..row("nodes.quorum", "Voters that must agree", "nodes.voters ÷ 2, rounded down, + 1", RAFT)
    },
    Row {
        operands: &["nodes.voters", "nodes.quorum"],
        ..row("nodes.fault_tolerance", "Voters that may be lost", "nodes.voters − nodes.quorum", RAFT)
    },
    Row {
        operands: &["nodes.voters", "zones"],
        ..row(
            "nodes.voters_after_zone_loss",
            "Voters left when a zone is lost",
            "nodes.voters − nodes.voters ÷ zones, rounded up",
            VAULT.at("Raft reference architecture"),
        )
    },
    Row {
        operands: &["nodes.voters"],
        ..row(
            "nodes.joinable_voters",
            "Voters that can join at once before they have caught up",
            "nodes.voters − 1",
            RAFT,
        )
    },
    Row {
        operands: &["nodes.voters"],
        ..row("nodes.joinable_voters_one_lost", "The same while one is lost", "nodes.voters − 3, at least 0", RAFT)
    },
    Row {
        operands: &["performance_multiplier", "node_rtt_ms"],
        ..row(
            "nodes.leader_lease_ms",
            "How long a leader stays without a quorum",
            "500 ms × performance_multiplier",
            RAFT,
        )
    },
    Row {
        operands: &["nodes.voters"],
        ..row(
            "nodes.write_performance",
            "Writes, as a share of what three voters commit",
            "100 % − 5 % × (nodes.voters − 3)",
            CLUSTER_SCALING,
        )
    },
    Row {
        operands: &["nodes.voters", "non_voters"],
        rules: &[(
            CLUSTER_SCALING,
            "every node",
            "True where standbys serve reads. In the other editions they forward every request to the leader.",
        )],
        ..row(
            "nodes.answering",
            "Nodes that answer reads themselves",
            "all nodes where standbys serve reads, else the leader",
            OPENBAO.at("Horizontal scalability"),
        )
    },
    Row {
        operands: &["node_rate", "nodes.answering", "nodes.write_performance", "read_share"],
        rules: &[(
            HEADROOM,
            "node_rate × least(nodes.answering ÷ ((1 − read_share) ÷ nodes.write_performance + read_share), \
             nodes.write_performance ÷ (1 − read_share))",
            "Where the leader is sent only the reads it has room for; ours spreads them evenly over all that answer.",
        )],
        ..row(
            "nodes.capacity",
            "Requests the cluster answers",
            "node_rate ÷ ((1 − read_share) ÷ nodes.write_performance + read_share ÷ nodes.answering)",
            HEADROOM,
        )
    },
    Row {
        operands: &["nodes.capacity"],
        ..row("nodes.capacity_one_lost", "The same with one voter lost", "nodes.capacity with one node fewer", HEADROOM)
    },
    Row {
        operands: &["rate", "nodes.capacity"],
        ..row("nodes.utilization", "Use of the cluster's capacity", "rate ÷ nodes.capacity", HEADROOM)
    },
    Row {
        operands: &["base_memory", "leases", "policy_cache"],
        rules: &[(machine::CLASSES_SOURCE, "nodes.machine", BESIDE)],
        ..row(
            "nodes.memory_per_node",
            "Memory of a node",
            "base_memory + leases × 500 B + policy_cache × 2",
            formula::FORMULA,
        )
    },
    Row {
        operands: &["base_cpu", "rate"],
        rules: &[
            (machine::CLASSES_SOURCE, "nodes.machine", BESIDE),
            (
                HEADROOM,
                "base_cpu + rate ÷ nodes.answering ÷ 500",
                "The formula gives every node the whole rate; where standbys serve reads they share it.",
            ),
        ],
        ..row("nodes.cpu_per_node", "Cores of a node", "base_cpu + rate ÷ 500", formula::FORMULA)
    },
    Row {
        operands: &["nodes.cpu_per_node", "nodes.memory_per_node"],
        ..row(
            "nodes.machine",
            "Published class of machines",
            "the smallest that bears nodes.cpu_per_node and nodes.memory_per_node",
            machine::CLASSES_SOURCE,
        )
    },
    Row {
        operands: &["secrets"],
        ..row("nodes.secrets_utilization", "Use of the practical limit of secrets", "secrets ÷ 1000000", LIMITS_SOURCE)
    },
    Row {
        operands: &["leases"],
        ..row("nodes.leases_utilization", "Use of the practical limit of leases", "leases ÷ 100000", LIMITS_SOURCE)
    },
    Row {
        operands: &["policies"],
        ..row("nodes.policies_utilization", "Use of the practical limit of policies", "policies ÷ 10000", LIMITS_SOURCE)
    },
    Row {
        operands: &["store_connections"],
        ..row(
            "nodes.connections_utilization",
            "Use of the practical limit of connections",
            "store_connections ÷ nodes ÷ 50000",
            LIMITS_SOURCE,
        )
    },
    Row {
        operands: &["rate", "nodes.answering"],
        rules: &[(
            formula::FORMULA,
            "rate ÷ nodes.answering ÷ 2000",
            "The document gives a node 10,000/s among its limits and 2,000/s in its formula: plan with less, and measure.",
        )],
        ..row(
            "nodes.rate_utilization",
            "Use of the practical limit of requests",
            "rate ÷ nodes.answering ÷ 10000",
            LIMITS_SOURCE,
        )
    },
    Row {
        operands: &["replication_clusters"],
        ..row(
            "nodes.clusters_utilization",
            "Use of the practical limit of clusters",
            "replication_clusters ÷ 30",
            LIMITS_SOURCE,
        )
    },
    row(
        "nodes.documented_growth",
        "Limits the documented growth reaches",
        "the first year of the growth table at a practical limit",
        PROJECTIONS_SOURCE,
    ),
    Row {
        operands: &["leases"],
        ..row(
            "nodes.lease_ttl_share",
            "What times to live must shrink to",
            "100000 ÷ leases, at most 100 %: leases = credentials a second × their time to live",
            LITTLE,
        )
    },
    Row {
        operands: &["leases"],
        ..row(
            "nodes.performance_clusters",
            "Clusters that divide the leases, with performance replication",
            "leases ÷ 100000, rounded up; 1 in editions without it",
            SECRET_MANAGEMENT.at("Performance Replica Characteristics"),
        )
    },
    Row {
        operands: &["secrets", "leases", "rate", "read_share", "nodes.capacity"],
        ..row(
            "nodes.separate_clusters",
            "Clusters that share nothing, for what no replica takes over",
            "largest of secrets ÷ 1000000, writes ÷ what a leader commits, and what this edition cannot divide, rounded up",
            HEADROOM,
        )
    },
    Row {
        operands: &["nodes.separate_clusters", "nodes.performance_clusters", "nodes.readers"],
        ..row(
            "nodes.beyond",
            "What it takes beyond one cluster of voters",
            "nodes.separate_clusters above 1, else nodes.performance_clusters, else nodes.readers",
            SECRET_MANAGEMENT.at("Scaling Milestones"),
        )
    },
    Row {
        operands: &["secret_storage", "secrets"],
        rules: &[
            (PROJECTIONS_SOURCE, "4 TB ÷ 100,000", NOT_SECRETS),
            (PROJECTIONS_SOURCE, "50 TB ÷ 1,000,000", NOT_SECRETS),
        ],
        ..row("nodes.bytes_per_secret", "What a secret would weigh", "secret_storage ÷ secrets", HEADROOM)
    },
    row(
        "nodes.heaviest_secret",
        "What a secret can weigh",
        "1 MiB an entry × 10 versions kept",
        OPENBAO.at("Limits and maximums"),
    ),
];

/// Why the autoscaler's settings differ from the documented thresholds.
const NO_THRESHOLD: &str = "The autoscaler has one target: desired = nodes × use ÷ target, rounded up. It cannot express a \
                            threshold for fewer nodes, and removes one long before.";
/// Why its windows differ.
const HALF: &str = "The settings are half of what the document's own table asks for; windows are all there is for it.";

static AUTOSCALER: [Row; 7] = [
    Row {
        operands: &["nodes.voters"],
        rules: &[(autoscaler::TRIGGERS_SOURCE, "30 %", NO_THRESHOLD)],
        ..row(
            "nodes.autoscaler_cpu_removal",
            "CPU use below which the autoscaler removes a node",
            "70 % × least(90 %, (nodes.voters − 1) ÷ nodes.voters)",
            SCALING,
        )
    },
    Row {
        operands: &["nodes.voters"],
        rules: &[(autoscaler::TRIGGERS_SOURCE, "40 %", NO_THRESHOLD)],
        ..row(
            "nodes.autoscaler_memory_removal",
            "Memory use below which the autoscaler removes a node",
            "80 % × least(90 %, (nodes.voters − 1) ÷ nodes.voters)",
            SCALING,
        )
    },
    Row {
        rules: &[(autoscaler::TRIGGERS_SOURCE, "2 min", HALF)],
        ..row(
            "nodes.autoscaler_up_window_ms",
            "How long a high metric lasts before nodes are added",
            "stabilizationWindowSeconds",
            autoscaler::SETTINGS_SOURCE,
        )
    },
    Row {
        operands: &["nodes_max"],
        ..row(
            "nodes.autoscaler_growth_ms",
            "From three nodes to the most",
            "60 s, then 60 s between any two steps of 2: nodes_max − 3 nodes",
            autoscaler::SETTINGS_SOURCE,
        )
    },
    Row {
        rules: &[(autoscaler::TRIGGERS_SOURCE, "10 min", HALF)],
        ..row(
            "nodes.autoscaler_down_window_ms",
            "How long a low metric lasts before nodes are removed",
            "stabilizationWindowSeconds",
            autoscaler::SETTINGS_SOURCE,
        )
    },
    Row {
        operands: &["nodes_max"],
        ..row(
            "nodes.autoscaler_shrink_ms",
            "From the most back to three nodes",
            "300 s for each of nodes_max − 3 nodes",
            autoscaler::SETTINGS_SOURCE,
        )
    },
    Row {
        operands: &["nodes_max"],
        ..row(
            "nodes.autoscaler_quorum",
            "Quorum still asked for after scaling down",
            "nodes_max ÷ 2, rounded down, + 1: a stopped voter is not removed as a peer",
            RAFT,
        )
    },
];

pub(super) fn values(cluster: &Cluster<'_>, sheet: &mut Sheet<'_>) {
    sheet.table(&ROWS, quantities(cluster));
    if let Some(most) = cluster.scenario.nodes_max {
        let [cpu, memory] = &autoscaler::METRICS;
        let (up, down) = (autoscaler::UP, autoscaler::DOWN);
        let range = Count(most.get().saturating_sub(autoscaler::LEAST.get()));
        sheet.table(
            &AUTOSCALER,
            vec![
                cpu.removes_below(cluster.voters).into(),
                percent(cpu.down_percent),
                memory.removes_below(cluster.voters).into(),
                percent(memory.down_percent),
                seconds(up.window_s),
                seconds(up.documented_s),
                up.takes(range).into(),
                seconds(down.window_s),
                seconds(down.documented_s),
                down.takes(range).into(),
                raft::quorum(most).into(),
            ],
        );
    }
}

fn percent(percent: Count) -> Quantity {
    Share::new(approximate(percent.get()) / 100.0).into()
}

fn seconds(seconds: Count) -> Quantity {
    Millis::new(1_000.0 * approximate(seconds.get())).into()
}

/// The numbers of [`ROWS`], in their order.
fn quantities(cluster: &Cluster<'_>) -> Vec<Quantity> {
    let scenario = cluster.scenario;
    let (terms, voters, rate) = (cluster.terms, cluster.voters, cluster.rate.get());
    let (recommended, readers) = (cluster.recommended, cluster.readers_needed);
    let memory = formula::memory_per_node(scenario.base_memory, scenario.leases, scenario.policy_cache);
    let cores = formula::cpu_per_node(scenario.base_cpu, cluster.rate);
    let class = machine::class_for(cores, memory);
    let none = |unit| Quantity::None(unit, "above the largest published class");
    let answering = cluster.answering(0);
    let share = rate / approximate(answering.get().max(1));
    let leases = approximate(scenario.leases.get());
    let most_leases = approximate(practical(Dimension::Leases).most.get());
    let (separate, performance) = (cluster.separate_clusters(), cluster.performance_clusters());
    let (number, way) = match (separate.get(), performance.get(), readers.get()) {
        (2.., _, _) => (separate, " separate clusters"),
        (_, 2.., _) => (performance, " clusters with performance replication"),
        (_, _, 1..) => (readers, " readers without a vote"),
        _ => (Count(1), " cluster is enough"),
    };
    let mut quantities: Vec<Quantity> = vec![
        terms.rate.into(),
        terms.leases.into(),
        terms.secrets.into(),
        cluster.required.into(),
        Count(recommended.get().saturating_add(readers.get())).into(),
        recommended.into(),
        cluster.required.max(Count(formula::RECOMMENDED_NODES)).into(),
        readers.into(),
        voters.into(),
        raft::quorum(voters).into(),
        raft::fault_tolerance(voters).into(),
        raft::left_after_zone_loss(voters, scenario.zones).into(),
        raft::joinable(voters, 0).into(),
        raft::joinable(voters, 1).into(),
        raft::leader_lease(scenario.performance_multiplier).into(),
        raft::write_performance(voters).into(),
        answering.into(),
        cluster.nodes().into(),
        cluster.capacity(0).into(),
        cluster.balanced_capacity().into(),
        cluster.capacity(1).into(),
        Share::new(cluster.utilization()).into(),
        memory.into(),
        class.map_or(none(Unit::Bytes), |class| class.memory.into()),
        cores.into(),
        class.map_or(none(Unit::Ratio), |class| Ratio::new(approximate(class.cores.get())).into()),
        formula::cpu_per_node(scenario.base_cpu, PerSecond::new(share)).into(),
        class.map_or(none(Unit::Name), |class| Quantity::Name(class.name.to_owned())),
    ];
    for limit in &LIMITS {
        quantities.push(match cluster.demand(limit) {
            Some(demand) => Share::new(limit.utilization(demand)).into(),
            None => Quantity::None(Unit::Share, "not known"),
        });
        if limit.dimension == Dimension::Rate {
            quantities.push(Share::new(share / formula::RATE_PER_NODE).into());
        }
    }
    let [first, .., last] = &PROJECTIONS;
    let storage = cluster.bytes_per_secret().map_or(Quantity::None(Unit::Bytes, "storage is not given"), Into::into);
    quantities.extend([
        Quantity::Name(REACHED.to_owned()),
        Share::new(if leases > most_leases { most_leases / leases } else { 1.0 }).into(),
        performance.into(),
        separate.into(),
        Quantity::Name(number.get().to_string() + way),
        storage,
        first.bytes_per_secret().into(),
        last.bytes_per_secret().into(),
        Cluster::heaviest_secret().into(),
    ]);
    quantities
}
