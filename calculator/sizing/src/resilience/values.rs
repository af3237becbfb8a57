//! The values of resilience, each with its derivation and the documented figure beside it.

use crate::choice::{Promotion, Replication};
use crate::model::Model;
use crate::node::raft;
use crate::quantity::{Connections, Count, Millis, Quantity, Ratio, Share, Unit, approximate};
use crate::resilience::breaker::{ASSUMED_ERRORS, BREAKER_SOURCE, SUCCESSES, share_to_open_at};
use crate::resilience::promotion::{MISTAKES, PROCEDURE, promotion_steps};
use crate::resilience::{Computed, bulkhead};
use crate::sheet::Sheet;
use crate::source::{HEADROOM, LITTLE, OPENBAO, POSTGRESQL, SECRET_MANAGEMENT, Source};

/// Where the documented failover times stand.
const FAILOVER: Source = SECRET_MANAGEMENT.at("Automatic Failover");
/// Where the documented health check stands.
const HEALTH: Source = SECRET_MANAGEMENT.at("Node Health Checks");
/// Where the documented targets stand.
const OBJECTIVES: Source = SECRET_MANAGEMENT.at("Recovery Objectives");

pub(super) fn values(model: &Model<'_>, sheet: &mut Sheet<'_>) {
    let computed = Computed::of(model.scenario);
    detection(&computed, sheet);
    recovery(model, &computed, sheet);
    if model.scenario.has_secret_store() {
        cluster(model, &computed, sheet);
        bulkheads(sheet);
        breaker(&computed, sheet);
    }
}

fn ms(milliseconds: f64) -> Quantity {
    Millis::new(milliseconds).into()
}

fn or(quantity: Option<Millis>, why: &'static str) -> Quantity {
    quantity.map_or(Quantity::None(Unit::Millis, why), Into::into)
}

fn detection(computed: &Computed, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let interval = scenario.health_interval_ms.get();
    let recovery = &computed.recovery;
    sheet
        .value("resilience.detection_ms", "Until a loss is noticed, at worst", recovery.detection.into())
        .is("health_interval_ms × unhealthy_threshold + health_timeout_ms", HEALTH)
        .inputs(&["health_interval_ms", "unhealthy_threshold", "health_timeout_ms"])
        .rule(
            HEALTH,
            "health_interval_ms × unhealthy_threshold",
            ms(interval * approximate(scenario.unhealthy_threshold.get())),
            "The last check must time out too before it has failed.",
        )
        .rule(
            FAILOVER,
            "10 seconds",
            ms(10_000.0),
            "The best case of the document's own check: the loss comes just before a check, and all are refused at \
             once.",
        );
    sheet
        .value("resilience.detection_least_ms", "Until a loss is noticed, at best", recovery.detection_least.into())
        .is("health_interval_ms × (unhealthy_threshold − 1)", HEALTH)
        .inputs(&["health_interval_ms", "unhealthy_threshold"]);
    sheet
        .value("resilience.return_ms", "Until a repaired node gets traffic again, at worst", {
            ms(interval * approximate(scenario.healthy_threshold.get()))
        })
        .is("health_interval_ms × healthy_threshold", HEALTH)
        .inputs(&["health_interval_ms", "healthy_threshold"]);
}

fn recovery(model: &Model<'_>, computed: &Computed, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let recovery = &computed.recovery;
    let (rto_target, rpo_target) = scenario.targets();
    let replication = scenario.replication_in_force();
    let survived = Quantity::Name(scenario.survives(model).to_owned());
    sheet.value("resilience.survives", "The largest loss that is survived", survived);
    if scenario.is_store_alone() {
        sheet.is("replication to another region, else voters left after a zone or a node", HEADROOM).inputs(&["zones"]);
    } else {
        sheet.is("replication and the place of the standby", HEADROOM);
    }

    let repair = if replication == Some(Replication::None) { "restore_ms" } else { "promotion_ms" };
    let rto = or(
        recovery.rto,
        if replication.is_none() { "replication is not given" } else { "no restore was ever measured" },
    );
    sheet
        .value("resilience.rto_ms", "Recovery time when the primary is lost", rto)
        .is_made(["resilience.detection_ms + confirmation + ", repair, " + dns_ttl_ms"].concat(), HEADROOM)
        .with("resilience.detection_ms", recovery.detection.into())
        .with("confirmation", recovery.confirmation.into());
    if repair == "promotion_ms" {
        sheet.with(repair, scenario.promotion_takes().into());
    } else {
        sheet.inputs(&[repair]);
    }
    sheet.inputs(&["dns_ttl_ms"]).rule(
        OBJECTIVES,
        "below 5 minutes, automated promotion",
        ms(300_000.0),
        "The same document calls the promotion manual, and counts neither the checks before it nor the DNS record's \
         time to live after it.",
    );
    sheet
        .value("resilience.promotion_budget_ms", "What the target leaves for the promotion", {
            or(recovery.promotion_budget(rto_target), "nothing is left")
        })
        .is("rto_target_ms − resilience.detection_ms − confirmation − dns_ttl_ms", HEADROOM)
        .inputs(&["rto_target_ms", "dns_ttl_ms"])
        .with("resilience.detection_ms", recovery.detection.into())
        .with("confirmation", recovery.confirmation.into());

    let formula = match replication {
        None => "replication is not given",
        Some(Replication::None) => "snapshot_interval_ms",
        Some(_) if recovery.rpo == Some(Millis::new(0.0)) => "0: a standby confirms every commit",
        Some(_) => "replication_lag_ms",
    };
    sheet
        .value("resilience.rpo_ms", "Changes lost with the primary", or(recovery.rpo, "replication is not given"))
        .is(formula, OBJECTIVES)
        .inputs(&["snapshot_interval_ms", "replication_lag_ms"])
        .rule(
            OBJECTIVES,
            "below 30 seconds, synchronous within the region, asynchronous across",
            ms(30_000.0),
            "Only a quorum or a synchronous standby loses nothing. Asynchronous replication loses its lag, which \
             nothing bounds: alert on it.",
        );
    sheet
        .value("resilience.rpo_snapshots_ms", "Changes lost with snapshots alone", scenario.snapshot_interval_ms.into())
        .is("snapshot_interval_ms", SECRET_MANAGEMENT.at("Backup and Restore"))
        .inputs(&["snapshot_interval_ms"])
        .with("rpo_target_ms", rpo_target.into());
    if replication == Some(Replication::Sync) && !scenario.is_store_alone() {
        sheet
            .value("resilience.synchronous_standbys", "Standbys that can confirm a commit", scenario.replicas.into())
            .is("replicas", POSTGRESQL.at("synchronous_standby_names"))
            .inputs(&["replicas"]);
    }
}

/// Losses within a store's cluster, and of all of it.
fn cluster(model: &Model<'_>, computed: &Computed, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let detection = computed.recovery.detection;
    let missed = raft::leader_missed(scenario.performance_multiplier);
    sheet
        .value("resilience.leader_failover_ms", "Until there is another leader", missed.into())
        .is("2 × 1000 ms × performance_multiplier: each follower waits one to two timeouts", {
            OPENBAO.at("Raft storage, performance_multiplier")
        })
        .inputs(&["performance_multiplier"])
        .rule(
            FAILOVER,
            "10–15 seconds",
            ms(15_000.0),
            "Agrees with the default multiplier of 5 and part of another round for a split vote. With 1, meant for \
             production, it is 2 s.",
        );
    let nodes = approximate(model.cluster.voters.get().max(1));
    let failed = computed.rate.get() / nodes * detection.get() / 1_000.0;
    sheet
        .value("resilience.node_loss_requests", "Requests that fail when a node is lost, without retries", {
            Count(crate::quantity::ceiling(failed)).into()
        })
        .is("rate ÷ nodes.voters × resilience.detection_ms ÷ 1000", HEADROOM)
        .with("rate", computed.rate.into())
        .with("nodes.voters", model.cluster.voters.into())
        .with("resilience.detection_ms", detection.into())
        .rule(
            FAILOVER,
            "recovery 0, traffic rerouted",
            Count(0).into(),
            "Until the load balancer notices, a node's share of the requests goes to a node that is gone.",
        );
    sheet
        .value("resilience.storage_loss_rpo_ms", "Changes lost with the storage of one node", ms(0.0))
        .is("0: what is committed is on the disks of a quorum", OPENBAO.at("Integrated storage"))
        .rule(
            FAILOVER,
            "depends on replication lag",
            scenario.replication_lag_ms.into(),
            "True of a cluster that follows another. Within a Raft cluster a commit waits for the quorum.",
        );
    let certain = detection.get() + computed.recovery.confirmation.get();
    sheet
        .value("resilience.region_detection_ms", "Until the loss of a region is certain", ms(certain))
        .is("resilience.detection_ms + 3 checks × 10 s", PROCEDURE)
        .with("resilience.detection_ms", detection.into())
        .rule(FAILOVER, "30–60 seconds", ms(60_000.0), "Agrees, where the three checks are counted.");
    let who = match scenario.promotion {
        Promotion::Manual => "a person",
        Promotion::Automatic => "software",
    };
    let steps = promotion_steps(scenario).len();
    sheet
        .value("resilience.promotion_steps", "Steps of the promotion", Count(steps as u64).into())
        .is("the steps, each with its command", PROCEDURE)
        .with("promotion by", Quantity::Name(who.to_owned()));
    for mistake in &MISTAKES {
        sheet.rule(PROCEDURE, mistake.documented, Quantity::Name(mistake.instead.to_owned()), mistake.why);
    }
}

fn bulkheads(sheet: &mut Sheet<'_>) {
    use bulkhead::{BULKHEADS_SOURCE, DATABASE_POOL, DATABASE_QUEUE, DURATION_SOURCE};
    let scenario = sheet.scenario;
    let hold = scenario.backend_ms;
    let longest: Quantity = bulkhead::longest_request().into();
    sheet
        .value("resilience.database_queue_drain_ms", "Until a full queue of the database engine is served", {
            bulkhead::drain(hold).into()
        })
        .is("queue × backend_ms ÷ connections", BULKHEADS_SOURCE)
        .with("queue", DATABASE_QUEUE.into())
        .with("connections", DATABASE_POOL.into())
        .inputs(&["backend_ms"]);
    sheet
        .value("resilience.database_hold_limit_ms", "The longest hold time a full queue bears", {
            bulkhead::longest_hold().into()
        })
        .is("longest request × connections ÷ queue", DURATION_SOURCE)
        .with("longest request", longest)
        .with("connections", DATABASE_POOL.into())
        .with("queue", DATABASE_QUEUE.into());
    let rate = bulkhead::credentials(hold);
    sheet
        .value("resilience.credentials_per_second", "Credentials a backend's pool creates or revokes", {
            rate.map_or(Quantity::None(Unit::PerSecond, "no time is given"), Into::into)
        })
        .is("connections × 1000 ÷ backend_ms", LITTLE)
        .with("connections", DATABASE_POOL.into())
        .inputs(&["backend_ms"]);
    sheet
        .value("resilience.least_lease_ttl_ms", "Shortest time to live, were all leases database credentials", {
            bulkhead::least_time_to_live(scenario.leases, hold).into()
        })
        .is("2 × leases × backend_ms ÷ connections: each is created and revoked", LITTLE)
        .with("connections", DATABASE_POOL.into())
        .inputs(&["leases", "backend_ms"]);
    sheet
        .value("resilience.handlers_left", "Request workers left when every backend hangs", {
            bulkhead::handlers_left().into()
        })
        .is("workers − MySQL pool − PostgreSQL pool − token service", BULKHEADS_SOURCE)
        .with("workers", bulkhead::HANDLERS.into())
        .with("MySQL pool", DATABASE_POOL.into())
        .with("PostgreSQL pool", DATABASE_POOL.into())
        .with("token service", bulkhead::TOKEN_SERVICE.into());
    let queues = bulkhead::KEY_VALUE_QUEUE.get() + DATABASE_QUEUE.get() + bulkhead::CERTIFICATE_QUEUE.get();
    sheet
        .value("resilience.queued_requests", "Requests the queues hold", Count(queues).into())
        .is("key-value + database + certificates", BULKHEADS_SOURCE)
        .with("key-value", bulkhead::KEY_VALUE_QUEUE.into())
        .with("database", DATABASE_QUEUE.into())
        .with("certificates", bulkhead::CERTIFICATE_QUEUE.into())
        .rule(
            BULKHEADS_SOURCE,
            "what the workers answer at the same time",
            Connections(bulkhead::HANDLERS.get()).into(),
            "The workers are shared: queues isolate only while a queued request holds none of them.",
        );
}

fn breaker(computed: &Computed, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let breaker = scenario.breaker();
    let rate: Quantity = computed.rate.into();
    let calls = breaker.calls(computed.rate);
    let opens = breaker.opens_at(computed.rate);
    sheet
        .value("resilience.breaker_opens_at", "Share of failing calls that opens the breaker", {
            opens.map_or(Quantity::None(Unit::Share, "no calls"), Into::into)
        })
        .is("breaker_failures ÷ (rate × breaker_window_ms ÷ 1000)", BREAKER_SOURCE)
        .inputs(&["breaker_failures", "breaker_window_ms"])
        .with("rate", rate.clone());
    sheet
        .value("resilience.breaker_calls_per_failure", "Calls among which one failure opens it", {
            Ratio::new(calls.get() / approximate(breaker.failures.get().max(1))).into()
        })
        .is("rate × breaker_window_ms ÷ 1000 ÷ breaker_failures", BREAKER_SOURCE)
        .inputs(&["breaker_failures", "breaker_window_ms"])
        .with("rate", rate.clone());
    let expected = scenario.error_share.map(|errors| Ratio::new(errors.get() * calls.get()));
    sheet
        .value("resilience.breaker_noise", "Failures in a window of a normal day", {
            expected.map_or(Quantity::None(Unit::Ratio, "share of failing calls not given"), Into::into)
        })
        .is("rate × breaker_window_ms ÷ 1000 × error_share", HEADROOM)
        .with("rate", rate.clone())
        .inputs(&["breaker_window_ms", "error_share"]);
    let chance = expected.map(|expected| breaker.opens_by_chance(expected));
    sheet
        .value("resilience.breaker_false_open", "Probability that a window opens it for noise", {
            chance.map_or(Quantity::None(Unit::Share, "share of failing calls not given"), Into::into)
        })
        .is("1 − the probability of fewer than breaker_failures, of a Poisson distribution", HEADROOM)
        .inputs(&["breaker_failures"]);
    if let Some(expected) = expected {
        sheet.with("resilience.breaker_noise", expected.into());
    }
    let errors = scenario.error_share.unwrap_or(Share::new(ASSUMED_ERRORS));
    sheet
        .value("resilience.breaker_share", "Share of failing calls to open at", share_to_open_at(errors, calls).into())
        .is("error share + 6 standard deviations of it in a window, at least 5 %, of at least 20 calls", HEADROOM)
        .with("error share", errors.into())
        .with("calls in a window", calls.into())
        .rule(
            BREAKER_SOURCE,
            "breaker_failures in breaker_window_ms",
            opens.map_or(Quantity::None(Unit::Share, "no calls"), Into::into),
            "A count becomes a smaller share the more is called: at 1,000 calls a second, five failures in 60 s are \
             0.008 %.",
        );
    sheet
        .value("resilience.breaker_closed_again_ms", "From the first failure to closed again, at least", {
            or(breaker.closed_again(computed.rate, scenario.backend_ms), "no calls")
        })
        .is(
            "(breaker_failures − 1) ÷ rate + breaker_cooldown_ms + successes × the longer of backend_ms and 1 ÷ rate",
            BREAKER_SOURCE,
        )
        .inputs(&["breaker_failures", "breaker_cooldown_ms", "backend_ms"])
        .with("rate", rate)
        .with("successes", SUCCESSES.into());
}
