//! The values of resilience, each with its derivation and the documented figure beside it.

use crate::model::Model;
use crate::node::raft;
use crate::quantity::{Count, Millis, Quantity, Ratio, Share, Unit, approximate, ceiling};
use crate::resilience::breaker::{ASSUMED_ERRORS, BREAKER_SOURCE, share_to_open_at};
use crate::resilience::bulkhead::{self, BULKHEADS_SOURCE, DURATION_SOURCE};
use crate::resilience::promotion::{MISTAKES, PROCEDURE, promotion_steps};
use crate::resilience::recovery::Recovery;
use crate::sheet::{Row, Sheet};
use crate::source::{HEADROOM, LITTLE, OPENBAO, POSTGRESQL, SECRET_MANAGEMENT, Source};

/// Where the documented failover times stand.
const FAILOVER: Source = SECRET_MANAGEMENT.at("Automatic Failover");
/// Where the documented health check stands.
const HEALTH: Source = SECRET_MANAGEMENT.at("Node Health Checks");
/// Where the documented targets stand.
const OBJECTIVES: Source = SECRET_MANAGEMENT.at("Recovery Objectives");
/// Why nothing is known of a recovery.
const NOT_GIVEN: &str = "replication is not given";

const fn row(id: &'static str, name: &'static str, formula: &'static str, source: Source) -> Row {
    Row { id, name, formula, source, operands: &[], rules: &[] }
}

/// Recovery of either system.
static RECOVERY: [Row; 6] = [
    Row {
        operands: &["health_interval_ms", "unhealthy_threshold", "health_timeout_ms"],
        rules: &[
            (
                HEALTH,
                "health_interval_ms × unhealthy_threshold",
                "The last check must time out too before it has failed.",
            ),
            (FAILOVER, "10 s", "The best case of the document's own check: see resilience.detection_least_ms."),
        ],
        ..row(
            "resilience.detection_ms",
            "Until a loss is noticed, at worst",
            "health_interval_ms × unhealthy_threshold + health_timeout_ms",
            HEALTH,
        )
    },
    Row {
        operands: &["health_interval_ms", "unhealthy_threshold"],
        ..row(
            "resilience.detection_least_ms",
            "The same at best: just before a check, refused at once",
            "health_interval_ms × (unhealthy_threshold − 1)",
            HEALTH,
        )
    },
    Row {
        operands: &["health_interval_ms", "healthy_threshold"],
        ..row(
            "resilience.return_ms",
            "Until a repaired node gets traffic again",
            "health_interval_ms × healthy_threshold",
            HEALTH,
        )
    },
    row(
        "resilience.survives",
        "The largest loss that is survived",
        "by the replication and the place of the standby, and by the voters left in a store's cluster",
        HEADROOM,
    ),
    row(
        "resilience.confirmation_ms",
        "Checks before the promotion of a store's standby cluster",
        "3 checks × 10 s; none for a database",
        PROCEDURE,
    ),
    Row {
        operands: &["resilience.detection_ms", "resilience.confirmation_ms", "dns_ttl_ms"],
        rules: &[(
            OBJECTIVES,
            "below 5 minutes, automated promotion",
            "The same document calls the promotion manual, and counts neither its checks nor the DNS record's time to live.",
        )],
        ..row("resilience.rto_ms", "Recovery time when the primary is lost", PROMOTED, HEADROOM)
    },
];
const PROMOTED: &str = "resilience.detection_ms + resilience.confirmation_ms + dns_ttl_ms + promotion_ms";
const PROMOTED_ASSUMED: &str = "resilience.detection_ms + resilience.confirmation_ms + dns_ttl_ms + promotion_ms, which is \
                                assumed: 15 min by hand, 30 s by software";
const RESTORED: &str = "resilience.detection_ms + resilience.confirmation_ms + dns_ttl_ms + restore_ms";

/// What the objectives leave, and what is lost.
static LOSSES: [Row; 3] = [
    Row {
        operands: &["rto_target_ms", "resilience.detection_ms", "resilience.confirmation_ms", "dns_ttl_ms"],
        ..row(
            "resilience.promotion_budget_ms",
            "What the target leaves for the promotion",
            "rto_target_ms − resilience.detection_ms − resilience.confirmation_ms − dns_ttl_ms",
            HEADROOM,
        )
    },
    Row {
        operands: &["replication_lag_ms", "snapshot_interval_ms", "rpo_target_ms"],
        rules: &[(
            OBJECTIVES,
            "below 30 seconds, synchronous within the region, asynchronous across",
            "Only a quorum or a synchronous standby loses nothing. Asynchronous replication loses its lag, which nothing \
             bounds: alert on it.",
        )],
        ..row(
            "resilience.rpo_ms",
            "Changes lost with the primary",
            "0 where a standby confirms commits, replication_lag_ms where not, snapshot_interval_ms without replication",
            OBJECTIVES,
        )
    },
    Row {
        operands: &["snapshot_interval_ms"],
        ..row(
            "resilience.rpo_snapshots_ms",
            "Changes lost with snapshots alone",
            "snapshot_interval_ms",
            SECRET_MANAGEMENT.at("Backup and Restore"),
        )
    },
];

/// A database's standbys.
static DATABASE: [Row; 1] = [Row {
    operands: &["replicas"],
    ..row(
        "resilience.synchronous_standbys",
        "Replicas that could confirm a commit",
        "replicas",
        POSTGRESQL.at("synchronous_standby_names"),
    )
}];

/// Losses within a store's cluster and of all of it, bulkheads and the circuit breaker.
static STORE: [Row; 16] = [
    Row {
        operands: &["performance_multiplier"],
        rules: &[(
            FAILOVER,
            "10–15 s",
            "Agrees with the default multiplier of 5, and part of another round for a split vote. With 1, meant for \
             production, it is 2 s.",
        )],
        ..row(
            "resilience.leader_failover_ms",
            "Until there is another leader",
            "2 × 1000 ms × performance_multiplier: a follower waits one to two timeouts",
            OPENBAO.at("Raft storage, performance_multiplier"),
        )
    },
    Row {
        operands: &["rate", "nodes.voters", "resilience.detection_ms"],
        rules: &[(
            FAILOVER,
            "recovery 0, traffic rerouted",
            "Until the loss is noticed, a node's share of the requests goes to a node that is gone.",
        )],
        ..row(
            "resilience.node_loss_requests",
            "Requests that fail when a node is lost, without retries",
            "rate ÷ nodes.voters × resilience.detection_ms",
            HEADROOM,
        )
    },
    Row {
        rules: &[(
            FAILOVER,
            "depends on replication lag",
            "True of a cluster that follows another. Within a Raft cluster a commit waits for the quorum.",
        )],
        ..row(
            "resilience.storage_loss_rpo_ms",
            "Changes lost with the storage of one node",
            "0: what is committed is on the disks of a quorum",
            OPENBAO.at("Raft storage"),
        )
    },
    Row {
        operands: &["resilience.detection_ms", "resilience.confirmation_ms"],
        rules: &[(FAILOVER, "30–60 s", "Agrees, where the three checks are counted.")],
        ..row(
            "resilience.region_detection_ms",
            "Until the loss of a region is certain",
            "resilience.detection_ms + resilience.confirmation_ms",
            PROCEDURE,
        )
    },
    Row {
        operands: &["backend_ms"],
        ..row(
            "resilience.database_queue_drain_ms",
            "Until a full queue of the database engine is served",
            "500 queued × backend_ms ÷ 10 connections",
            BULKHEADS_SOURCE,
        )
    },
    row(
        "resilience.database_hold_limit_ms",
        "The longest backend_ms with which the last of them is served in time",
        "90 s a request × 10 connections ÷ 500 queued",
        DURATION_SOURCE,
    ),
    Row {
        operands: &["backend_ms"],
        ..row(
            "resilience.credentials_per_second",
            "Credentials a backend's pool creates or revokes",
            "10 connections ÷ backend_ms",
            LITTLE,
        )
    },
    Row {
        operands: &["leases", "backend_ms"],
        ..row(
            "resilience.least_lease_ttl_ms",
            "Shortest time to live, were all leases such credentials",
            "2 × leases × backend_ms ÷ 10 connections: each is created and revoked",
            LITTLE,
        )
    },
    row(
        "resilience.handlers_left",
        "Request workers left when every backend hangs",
        "100 workers − 10 MySQL − 10 PostgreSQL − 50 token service",
        BULKHEADS_SOURCE,
    ),
    Row {
        rules: &[(
            BULKHEADS_SOURCE,
            "100 workers",
            "The workers are shared: queues isolate only while a queued request holds none of them.",
        )],
        ..row(
            "resilience.queued_requests",
            "Requests the queues hold",
            "1000 key-value + 500 database + 200 certificates",
            BULKHEADS_SOURCE,
        )
    },
    Row {
        operands: &["breaker_failures", "rate", "breaker_window_ms"],
        ..row(
            "resilience.breaker_opens_at",
            "Share of failing calls that opens the breaker",
            "breaker_failures ÷ (rate × breaker_window_ms)",
            BREAKER_SOURCE,
        )
    },
    Row {
        operands: &["breaker_failures", "rate", "breaker_window_ms"],
        ..row(
            "resilience.breaker_calls_per_failure",
            "Calls among which one failure opens it",
            "rate × breaker_window_ms ÷ breaker_failures",
            BREAKER_SOURCE,
        )
    },
    Row {
        operands: &["rate", "breaker_window_ms", "error_share"],
        ..row(
            "resilience.breaker_noise",
            "Failures in a window of a normal day",
            "rate × breaker_window_ms × error_share",
            HEADROOM,
        )
    },
    Row {
        operands: &["breaker_failures", "resilience.breaker_noise"],
        ..row(
            "resilience.breaker_false_open",
            "Probability that a window opens it for noise",
            "at least breaker_failures where resilience.breaker_noise are expected (Poisson)",
            HEADROOM,
        )
    },
    Row {
        operands: &["error_share"],
        rules: &[(
            BREAKER_SOURCE,
            "resilience.breaker_opens_at",
            "A count is a smaller share the more is called: at 1,000 calls a second, five failures in 60 s are 0.008 %.",
        )],
        ..row(
            "resilience.breaker_share",
            "Share of failing calls to open at instead",
            "error_share (0.1 % where unknown) + 6 standard deviations in a window, at least 5 %, of at least 20 calls",
            HEADROOM,
        )
    },
    Row {
        operands: &["breaker_failures", "rate", "breaker_cooldown_ms", "backend_ms"],
        ..row(
            "resilience.breaker_closed_again_ms",
            "From the first failure to closed again, at least",
            "(breaker_failures − 1) ÷ rate + breaker_cooldown_ms + 3 successes × backend_ms, or the time between calls",
            BREAKER_SOURCE,
        )
    },
];

pub(super) fn values(model: &Model<'_>, sheet: &mut Sheet<'_>) {
    let scenario = model.scenario;
    let recovery = Recovery::of(scenario);
    let interval = scenario.health_interval_ms.get();
    let checks = |count: Count| ms(interval * approximate(count.get()));
    let unknown = if scenario.replication.is_none() { NOT_GIVEN } else { "no restore was ever measured" };
    sheet.table(
        &RECOVERY,
        vec![
            recovery.detection.into(),
            checks(scenario.unhealthy_threshold),
            ms(10_000.0),
            recovery.detection_least.into(),
            checks(scenario.healthy_threshold),
            Quantity::Name(scenario.survives(model).to_owned()),
            recovery.confirmation.into(),
            or(recovery.rto, unknown),
            ms(300_000.0),
        ],
    );
    match (recovery.promotion, scenario.promotion_ms) {
        (Some(given), Some(_)) => sheet.with("promotion_ms", given.into()),
        (Some(assumed), None) => sheet.is(PROMOTED_ASSUMED, HEADROOM).with("promotion_ms", assumed.into()),
        (None, _) => sheet.is(RESTORED, HEADROOM).inputs(&["restore_ms"]),
    };
    sheet.table(
        &LOSSES,
        vec![
            or(recovery.promotion_budget(scenario.rto_target_ms), "nothing is left"),
            or(recovery.rpo, NOT_GIVEN),
            ms(30_000.0),
            scenario.snapshot_interval_ms.into(),
        ],
    );
    if scenario.has_database() {
        sheet.table(&DATABASE, vec![scenario.replicas.into()]);
    }
    if scenario.has_secret_store() {
        sheet.table(&STORE, store(model, &recovery));
        sheet
            .value("resilience.promotion_steps", "Steps of the promotion", {
                Count(promotion_steps(scenario).len() as u64).into()
            })
            .is("each with its command", PROCEDURE);
        for (documented, instead, why) in &MISTAKES {
            sheet.rule(PROCEDURE, documented, Quantity::Name((*instead).to_owned()), why);
        }
    }
}

fn ms(milliseconds: f64) -> Quantity {
    Millis::new(milliseconds).into()
}

fn or(quantity: Option<Millis>, why: &'static str) -> Quantity {
    quantity.map_or(Quantity::None(Unit::Millis, why), Into::into)
}

/// The numbers of [`STORE`], in their order.
fn store(model: &Model<'_>, recovery: &Recovery) -> Vec<Quantity> {
    let scenario = model.scenario;
    let (rate, hold) = (scenario.peak_rate(), scenario.backend_ms);
    let voters = approximate(model.cluster.voters.get().max(1));
    let breaker = scenario.breaker();
    let calls = breaker.calls(rate);
    let share = |share: Option<Share>, why| share.map_or(Quantity::None(Unit::Share, why), Into::into);
    let opens = || share(breaker.opens_at(rate), "no calls");
    let noise = scenario.error_share.map(|errors| Ratio::new(errors.get() * calls.get()));
    let unknown = "share of failing calls not given";
    vec![
        raft::leader_missed(scenario.performance_multiplier).into(),
        ms(15_000.0),
        Count(ceiling(rate.get() / voters * recovery.detection.get() / 1_000.0)).into(),
        Count(0).into(),
        ms(0.0),
        scenario.replication_lag_ms.into(),
        ms(recovery.detection.get() + recovery.confirmation.get()),
        ms(60_000.0),
        bulkhead::drain(hold).into(),
        bulkhead::longest_hold().into(),
        bulkhead::credentials(hold).map_or(Quantity::None(Unit::PerSecond, "no time is given"), Into::into),
        bulkhead::least_time_to_live(scenario.leases, hold).into(),
        bulkhead::handlers_left().into(),
        bulkhead::queued().into(),
        bulkhead::HANDLERS.into(),
        opens(),
        Ratio::new(calls.get() / approximate(breaker.failures.get().max(1))).into(),
        noise.map_or(Quantity::None(Unit::Ratio, unknown), Into::into),
        share(noise.map(|noise| breaker.opens_by_chance(noise)), unknown),
        share_to_open_at(scenario.error_share.unwrap_or(Share::new(ASSUMED_ERRORS)), calls).into(),
        opens(),
        or(breaker.closed_again(rate, hold), "no calls"),
    ]
}
