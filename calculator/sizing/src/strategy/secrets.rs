//! The options for a secret store: what keeps leases, reads and voters within what they may be.

use crate::action::Level;
use crate::model::Model;
use crate::node::limits::{Dimension, practical};
use crate::quantity::{Days, approximate, ceiling};
use crate::source::{SECRET_MANAGEMENT, VAULT};
use crate::strategy::judge::{Judgement, Problem, Word, of, say};
use crate::strategy::options::Choice;
use Word::Number;

const BLANK: Choice = Choice {
    code: "strategy.lease_times",
    title: "Shorter lease times and batch tokens",
    complexity: Level::Low,
    cost: Level::None,
    risk: Level::Low,
    effort: "2–4 weeks, role by role",
    lead: Days(28),
    canary: "One role first; expire.num_leases falls once its old leases have run out.",
    steps: &[
        ("Find where the leases come from.", "vault read sys/internal/counters/tokens\nvault list sys/leases/lookup/"),
        ("Shorten the times to live, one mount or role at a time.", "vault secrets tune -default-lease-ttl=1h MOUNT"),
        (
            "Give short-lived workloads batch tokens: they are not stored.",
            "vault write auth/METHOD/role/NAME token_type=batch",
        ),
        ("Let clients renew and cache in an agent instead of logging in for each request.", ""),
    ],
    rollback: &[("Set the old time to live.", "vault secrets tune -default-lease-ttl=0 MOUNT")],
    source: SECRET_MANAGEMENT.at("Scaling Milestones"),
};

static LEASE_TIMES: Choice = BLANK;
static PERFORMANCE_REPLICAS: Choice = Choice {
    code: "strategy.performance_replicas",
    title: "Performance replicas or more readers",
    complexity: Level::Medium,
    cost: Level::High,
    risk: Level::Medium,
    effort: "2–4 weeks",
    canary: "One application's reads first.",
    steps: &[
        ("Add nodes without a vote for reads.", "vault operator raft join -non-voter https://LEADER:8200"),
        (
            "For leases of its own, add a performance cluster.",
            "vault write -f sys/replication/performance/primary/enable",
        ),
        ("Lead the clients of one region there.", ""),
    ],
    rollback: &[("Lead the clients back, then remove the nodes.", "vault operator raft remove-peer NODE_ID")],
    ..BLANK
};
static SEPARATE_CLUSTERS: Choice = Choice {
    code: "strategy.separate_clusters",
    title: "Separate clusters",
    complexity: Level::High,
    cost: Level::High,
    risk: Level::High,
    effort: "3–6 months",
    lead: Days(168),
    canary: "One team's secrets first.",
    steps: &[
        ("Divide by team or environment: what a cluster keeps, no other sees.", ""),
        ("Set up the cluster, then move mount by mount, clients with it.", ""),
    ],
    rollback: &[("Lead the clients of a mount back; keep the old one until all have moved.", "")],
    ..BLANK
};
static FIXED_VOTERS: Choice = Choice {
    code: "strategy.fixed_voters",
    title: "A fixed number of voters",
    effort: "a day",
    lead: Days(7),
    canary: "",
    steps: &[
        ("Take the voters out of the autoscaler.", "kubectl delete hpa NAME"),
        (
            "Fix their number, and let only readers without a vote be scaled.",
            "kubectl scale statefulset/NAME --replicas=#",
        ),
        ("See that the quorum counts no node that is gone.", "vault operator raft list-peers"),
    ],
    rollback: &[("Let the autoscaler have the readers only; the voters stay.", "")],
    source: VAULT.at("Integrated storage, autopilot"),
    ..BLANK
};

/// What the store runs into, and its options.
pub(super) fn judge(model: &Model<'_>) -> (Vec<Problem>, Vec<Judgement>) {
    let scenario = model.scenario;
    let crossed = |word| model.growth.line(word).is_some_and(|(_, crossed)| crossed.is_some());
    let is_moved = scenario.nodes_max.is_some_and(|most| most > model.cluster.voters);
    let (leases, rate) = (crossed("leases"), crossed("store_rate"));
    let found = [(Problem::Leases, leases), (Problem::StoreRate, rate), (Problem::Voters, is_moved)];
    let problems = found.into_iter().filter(|(_, is_found)| *is_found).map(|(problem, _)| problem).collect();
    let (end, month) = model.growth.line("leases").unwrap_or_default();
    let most = practical(Dimension::Leases).most.get();
    let words = [
        Number(ceiling(end)),
        Number(most),
        Number(month.unwrap_or_default()),
        Word::Share(0.8 * approximate(most) / end.max(1.0)),
    ];
    let sentence = if leases {
        "# leases at the end are more than the # that are practical, from month # on; with # of today's times to live \
         they are 80 % of it."
    } else {
        "The leases stay within what is practical: # of # at the end."
    };
    let replicates = scenario.edition.replicates();
    let clusters = ceiling(end / approximate(most)).max(1);
    let divided = "Leases divide over # clusters, each with its own; reads over the nodes that answer them.";
    let flag = |problem: Problem, is_ended: bool| if is_ended { problem as u8 } else { 0 };
    let ends_rate = flag(Problem::StoreRate, scenario.edition.serves_reads() && scenario.read_share.get() > 0.5);
    let why = &["nodes.leases_utilization", "nodes.for_leases"];
    let judgements = vec![
        Judgement { ends: Problem::Leases as u8, ..of(&LEASE_TIMES, why, leases, say(sentence, &words)) },
        Judgement {
            ends: flag(Problem::Leases, replicates) | ends_rate,
            ..of(
                &PERFORMANCE_REPLICAS,
                &["nodes.performance_clusters"],
                scenario.edition.serves_reads() && (leases || rate),
                say(divided, &[Number(if replicates { clusters } else { 1 })]),
            )
        },
        Judgement {
            ends: Problem::Leases as u8 | Problem::StoreRate as u8,
            ..of(&SEPARATE_CLUSTERS, &["nodes.separate_clusters"], leases || rate, say(divided, &[Number(clusters)]))
        },
        Judgement {
            ends: Problem::Voters as u8,
            numbers: (model.cluster.voters.get(), 0),
            ..of(
                &FIXED_VOTERS,
                &["nodes.voters"],
                is_moved,
                say(
                    "The voters stay #: each that an autoscaler stops still counts in the quorum.",
                    &[Number(model.cluster.voters.get())],
                ),
            )
        },
    ];
    (problems, judgements)
}
