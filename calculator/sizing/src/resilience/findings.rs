//! What a loss would cost more than is allowed, and what protects less than it seems to.

use crate::Scenario;
use crate::choice::{Place, Promotion, Replication};
use crate::decimal;
use crate::finding::{Finding, Severity};
use crate::model::Model;
use crate::node::limits::severity;
use crate::quantity::{Millis, Quantity, Ratio, Share};
use crate::resilience::{Computed, Recovery, bulkhead};

/// A false opening in so many windows is worth a warning: about one in two hours.
const RARELY: f64 = 0.01;
/// Below this share of failing calls a breaker opens on any normal day.
const NORMAL_ERRORS: f64 = 0.001;

pub(super) fn findings(model: &Model<'_>) -> Vec<Finding> {
    let scenario = model.scenario;
    let computed = Computed::of(scenario);
    let mut findings = Vec::new();
    findings.extend(rto(scenario, &computed.recovery));
    findings.extend(rpo(scenario, &computed.recovery));
    replication(scenario, &mut findings);
    if scenario.health_timeout_ms > scenario.health_interval_ms {
        findings.push(
            Finding::new(
                "resilience.health_checks_overlap",
                Severity::Warning,
                "A health check may take longer than the time to the next: slow answers pile up checks.",
                &["resilience.detection_ms"],
                "Keep the timeout below the interval.",
            )
            .fixed_by(&[("health_timeout_ms", &decimal::write(scenario.health_interval_ms.get()))]),
        );
    }
    if scenario.has_secret_store() {
        let drain = bulkhead::drain(scenario.backend_ms);
        let used = drain.get() / bulkhead::longest_request().get();
        if let Some(severity) = severity(used) {
            findings.push(Finding::new(
                "resilience.queue_outlives_requests",
                severity,
                format!(
                    "The last of 500 queued requests waits {}, and requests are given up after {}.",
                    duration(drain),
                    duration(bulkhead::longest_request())
                ),
                &["resilience.database_queue_drain_ms", "resilience.database_hold_limit_ms"],
                "Make the queue shorter or the pool larger: who is refused at once can try elsewhere.",
            ));
        }
        findings.extend(breaker(scenario, &computed));
    }
    findings
}

/// A duration in the unit people say it in.
fn duration(milliseconds: Millis) -> String {
    let real = milliseconds.get();
    let (unit, each) = match real {
        real if real >= 7_200_000.0 => (" h", 3_600_000.0),
        real if real >= 120_000.0 => (" min", 60_000.0),
        real if real >= 1_000.0 => (" s", 1_000.0),
        _ => (" ms", 1.0),
    };
    decimal::rounded(real / each, 1) + unit
}

/// How far an objective is used; far above all where nothing may be lost and something is.
fn used(milliseconds: Millis, target: Millis) -> f64 {
    milliseconds.get() / target.get().max(1e-3)
}

/// The end of the code and the words for an objective that is nearly or more than used.
const fn outcome(used: f64) -> (&'static str, &'static str) {
    if used > 1.0 { ("missed", "above") } else { ("at_risk", "close to") }
}

fn rto(scenario: &Scenario, recovery: &Recovery) -> Option<Finding> {
    let (rto, target) = (recovery.rto?, scenario.targets().0);
    let used = used(rto, target);
    // Where a part of it is assumed, it is no error.
    let is_assumed = recovery.promotion.is_some() && scenario.promotion_ms.is_none();
    let severity =
        severity(used).map(|severity| if is_assumed { severity.min(Severity::Warning) } else { severity })?;
    let (code, how) = outcome(used);
    let left = recovery.promotion_budget(target).map_or_else(|| "nothing".to_owned(), duration);
    let assumed = if is_assumed { " (the promotion's time is assumed)" } else { "" };
    let helps = scenario.promotion == Promotion::Manual
        && recovery.promotion.is_some()
        && recovery.automatic().get() <= 0.7 * target.get();
    let fix: &[_] =
        if helps { &[("promotion", Promotion::Automatic.word()), ("promotion_ms", "default")] } else { &[] };
    Some(
        Finding::new(
            ["resilience.rto_", code].concat(),
            severity,
            format!(
                "Recovery takes {}, {how} the objective of {}: {left} of it is left for the promotion{assumed}.",
                duration(rto),
                duration(target)
            ),
            &["resilience.rto_ms", "resilience.promotion_budget_ms"],
            if recovery.promotion.is_some() {
                "Let software that can fence promote, shorten the DNS record's time to live, and exercise it."
            } else {
                "Keep a standby: a restore takes as long as the data is large."
            },
        )
        .fixed_by(fix),
    )
}

fn rpo(scenario: &Scenario, recovery: &Recovery) -> Option<Finding> {
    let (rpo, target) = (recovery.rpo?, scenario.targets().1);
    if rpo.get() <= 0.0 {
        return None;
    }
    let used = used(rpo, target);
    let severity = severity(used)?;
    let (code, how) = outcome(used);
    let lag_fits = scenario.replication_lag_ms.get() <= 0.7 * target.get();
    let has_snapshots_only = scenario.replication_in_force() == Some(Replication::None);
    let (what, remedy) = if has_snapshots_only {
        ("Snapshots alone lose", "Replicate to a standby, or archive the log as it is written.")
    } else {
        ("The standby lags by", "Give replication the bandwidth it lacks, or confirm commits on a standby.")
    };
    let fix = if has_snapshots_only && lag_fits && scenario.replication == Some(Replication::None) {
        Some(Replication::Async).filter(|_| !scenario.is_store_alone() || scenario.edition.replicates())
    } else {
        Some(Replication::Quorum).filter(|_| !scenario.has_secret_store())
    };
    let fix: &[_] = &fix.map(|replication| ("replication", replication.word())).into_iter().collect::<Vec<_>>();
    Some(
        Finding::new(
            ["resilience.rpo_", code].concat(),
            severity,
            [what, " ", &duration(rpo), " of changes, ", how, " the objective of ", &duration(target), "."].concat(),
            &["resilience.rpo_ms"],
            remedy,
        )
        .fixed_by(fix),
    )
}

fn replication(scenario: &Scenario, findings: &mut Vec<Finding>) {
    let Some(given) = scenario.replication.filter(|given| *given != Replication::None) else { return };
    let is_synchronous = given != Replication::Async;
    if scenario.is_store_alone() {
        if !scenario.edition.replicates() {
            findings.push(
                Finding::new(
                    "resilience.no_dr_replication",
                    Severity::Error,
                    "This edition replicates to no other cluster: a lost cluster is restored from a snapshot.",
                    &["resilience.rpo_ms", "resilience.rpo_snapshots_ms"],
                    "Take snapshots as often as changes may be lost, or use Vault Enterprise.",
                )
                .fixed_by(&[("replication", Replication::None.word())]),
            );
        } else if is_synchronous {
            findings.push(
                Finding::new(
                    "resilience.no_synchronous_dr",
                    Severity::Warning,
                    "DR replication is asynchronous: only the quorum within a cluster confirms a write.",
                    &["resilience.rpo_ms"],
                    "Count on losing the lag, and alert on it.",
                )
                .fixed_by(&[("replication", Replication::Async.word())]),
            );
        }
        return;
    }
    if given == Replication::Sync && scenario.replicas.get() < 2 {
        findings.push(Finding::new(
            "resilience.synchronous_standby_stops_writes",
            Severity::Warning,
            "One synchronous standby: while it is down, no commit returns.",
            &["resilience.synchronous_standbys"],
            "Let any one of two standbys confirm: synchronous_standby_names = 'ANY 1 (a, b)'.",
        ));
    }
    if scenario.standby_place == Place::SameZone {
        findings.push(
            Finding::new(
                "resilience.standby_in_same_zone",
                Severity::Warning,
                "The standby stands in the primary's zone and is lost with it.",
                &["resilience.survives"],
                "Place it in another zone.",
            )
            .fixed_by(&[("standby_place", Place::OtherZone.word())]),
        );
    }
}

fn breaker(scenario: &Scenario, computed: &Computed) -> Option<Finding> {
    let breaker = scenario.breaker();
    let calls = breaker.calls(computed.rate);
    let opens = breaker.opens_at(computed.rate)?;
    let each = Ratio::new(1.0 / opens.get().max(1e-12));
    let (severity, tail) = match scenario.error_share {
        None if opens.get() < NORMAL_ERRORS => (Severity::Info, "any normal day has more".to_owned()),
        None => return None,
        Some(errors) => {
            let chance = breaker.opens_by_chance(Ratio::new(errors.get() * calls.get())).get();
            let severity = if chance >= 0.5 { Severity::Error } else { Severity::Warning };
            if chance < RARELY {
                return None;
            }
            (severity, format!("noise does that in {} of the windows", Quantity::from(Share::new(chance))))
        }
    };
    Some(Finding::new(
        "resilience.breaker_opens_on_noise",
        severity,
        format!("The breaker opens at one failure in {} calls: {tail}.", Quantity::from(each)),
        &["resilience.breaker_opens_at", "resilience.breaker_false_open", "resilience.breaker_share"],
        "Open at a share of the calls, and only where enough were made: see resilience.breaker_share.",
    ))
}
