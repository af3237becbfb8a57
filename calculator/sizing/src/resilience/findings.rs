//! What a loss would cost more than is allowed, and what protects less than it seems to.

use crate::Scenario;
use crate::choice::{Place, Promotion, Replication};
use crate::decimal;
use crate::finding::{Finding, Row, Severity};
use crate::model::Model;
use crate::node::limits::severity;
use crate::quantity::{Millis, Quantity, Ratio, Share, Unit};
use crate::resilience::bulkhead;
use crate::resilience::recovery::Recovery;

/// A false opening in so many windows is worth a warning: about one in two hours.
const RARELY: f64 = 0.01;
/// Below this share of failing calls a breaker opens on any normal day.
const NORMAL_ERRORS: f64 = 0.001;
/// The documented objectives, in milliseconds: the inputs' defaults.
const RTO_DOCUMENTED_MS: f64 = 300_000.0;
const RPO_DOCUMENTED_MS: f64 = 30_000.0;
/// The use of an objective that needs no mention.
const UNREMARKABLE: f64 = 0.7;

/// Above the objective, and close to it.
static RTO: [Row; 2] = [
    rto("resilience.rto_missed", "Recovery takes #, above the objective of #, which leaves # for the promotion."),
    rto("resilience.rto_at_risk", "Recovery takes #, close to the objective of #, which leaves # for the promotion."),
];
/// The same where no objective is given for a database.
static RTO_BY_DEFAULT: [Row; 2] = [
    rto("resilience.rto_missed", "Recovery takes #; the documented default objective of # leaves # for the promotion."),
    rto(
        "resilience.rto_at_risk",
        "Recovery takes #; the documented default objective of # leaves # for the promotion.",
    ),
];
static RPO_BY_DEFAULT: [Row; 2] = [
    rpo("resilience.rpo_missed", "# of changes are lost with the primary; the documented default objective is #."),
    rpo("resilience.rpo_at_risk", "# of changes are lost with the primary; the documented default objective is #."),
];
static RPO: [Row; 2] = [
    rpo("resilience.rpo_missed", "# of changes are lost with the primary, above the objective of #."),
    rpo("resilience.rpo_at_risk", "# of changes are lost with the primary, close to the objective of #."),
];
static NO_DR: Row = Row {
    code: "resilience.no_dr_replication",
    message: "This edition replicates to no other cluster: a lost cluster is restored from a snapshot.",
    evidence: &["resilience.rpo_ms", "resilience.rpo_snapshots_ms"],
    remedy: "Take snapshots as often as changes may be lost, or use Vault Enterprise.",
};
static NO_SYNCHRONOUS_DR: Row = Row {
    code: "resilience.no_synchronous_dr",
    message: "DR replication is asynchronous: only the quorum within a cluster confirms a write.",
    evidence: &["resilience.rpo_ms"],
    remedy: "Count on losing the lag, and alert on it.",
};
static ONE_STANDBY: Row = Row {
    code: "resilience.synchronous_standby_stops_writes",
    message: "One synchronous standby: while it is down, no commit returns.",
    evidence: &["resilience.synchronous_standbys"],
    remedy: "Let any one of two standbys confirm: synchronous_standby_names = 'ANY 1 (a, b)'.",
};
static SAME_ZONE: Row = Row {
    code: "resilience.standby_in_same_zone",
    message: "The standby stands in the primary's zone and is lost with it.",
    evidence: &["resilience.survives"],
    remedy: "Place it in another zone.",
};
static OVERLAP: Row = Row {
    code: "resilience.health_checks_overlap",
    message: "A health check may take longer than the time to the next.",
    evidence: &["resilience.detection_ms"],
    remedy: "Keep the timeout within the interval.",
};
static QUEUE: Row = Row {
    code: "resilience.queue_outlives_requests",
    message: "The last of 500 queued requests waits #; requests are given up after #.",
    evidence: &["resilience.database_queue_drain_ms", "resilience.database_hold_limit_ms"],
    remedy: "Make the queue shorter or the pool larger: who is refused at once can try elsewhere.",
};
/// Where the errors of a normal day are known, and where not.
static BREAKER: [Row; 2] = [
    breaker_row("The breaker opens at one failure in # calls: noise does that in # of the windows."),
    breaker_row("The breaker opens at one failure in # calls: any normal day has more."),
];

const fn rto(code: &'static str, message: &'static str) -> Row {
    Row {
        code,
        message,
        evidence: &["resilience.rto_ms", "resilience.promotion_budget_ms"],
        remedy: "Keep a standby, let software that can fence promote it, and shorten the DNS record's time to live. Give \
                 promotion_ms as the last exercise measured it.",
    }
}

const fn rpo(code: &'static str, message: &'static str) -> Row {
    Row {
        code,
        message,
        evidence: &["resilience.rpo_ms"],
        remedy: "Replicate to a standby, give replication the bandwidth it lacks, or let a standby confirm commits.",
    }
}

const fn breaker_row(message: &'static str) -> Row {
    Row {
        code: "resilience.breaker_opens_on_noise",
        message,
        evidence: &["resilience.breaker_opens_at", "resilience.breaker_false_open", "resilience.breaker_share"],
        remedy: "Open at a share of the calls, and only where enough were made: see resilience.breaker_share.",
    }
}

pub(super) fn findings(model: &Model<'_>) -> Vec<Finding> {
    let scenario = model.scenario;
    let mut findings = Vec::new();
    objectives(scenario, &Recovery::of(scenario), &mut findings);
    replication(scenario, &mut findings);
    if scenario.health_timeout_ms > scenario.health_interval_ms {
        let interval = decimal::write(scenario.health_interval_ms.get());
        findings.push(OVERLAP.found(Severity::Warning, &[]).fixed_by(&[("health_timeout_ms", &interval)]));
    }
    if scenario.has_secret_store() {
        let (drain, longest) = (bulkhead::drain(scenario.backend_ms), bulkhead::longest_request());
        let severity = severity(drain.get() / longest.get());
        findings.extend(severity.map(|severity| QUEUE.found(severity, &[drain.into(), longest.into()])));
        findings.extend(breaker(scenario));
    }
    findings
}

/// The row and the severity for a part of an objective that is used; far above all of it where nothing may be lost and
/// something is.
fn outcome([missed, at_risk]: &[Row; 2], part: Millis, target: Millis) -> Option<(&Row, Severity)> {
    let used = part.get() / target.get().max(1e-3);
    Some((if used > 1.0 { missed } else { at_risk }, severity(used)?))
}

fn objectives(scenario: &Scenario, recovery: &Recovery, findings: &mut Vec<Finding>) {
    let (rto, rpo) = (scenario.rto_target_ms, scenario.rpo_target_ms);
    let has_standby = recovery.promotion.is_some();
    // The documented objectives are a secret store's: nobody promised them for a database.
    let by_default = |given: Millis, documented: f64| !scenario.has_secret_store() && given == Millis::new(documented);
    let (default_time, default_loss) = (by_default(rto, RTO_DOCUMENTED_MS), by_default(rpo, RPO_DOCUMENTED_MS));
    if let Some(time) = recovery.rto
        && let Some((row, severity)) = outcome(if default_time { &RTO_BY_DEFAULT } else { &RTO }, time, rto)
    {
        // What is assumed makes no error.
        let assumed = has_standby && scenario.promotion_ms.is_none();
        let severity = match (default_time, assumed) {
            (true, _) => Severity::Info,
            (false, true) => severity.min(Severity::Warning),
            (false, false) => severity,
        };
        let left = recovery.promotion_budget(rto);
        let left = left.map_or(Quantity::None(Unit::Millis, "nothing"), Into::into);
        let manual = has_standby && scenario.promotion == Promotion::Manual;
        let helps = manual && recovery.automatic().get() <= UNREMARKABLE * rto.get();
        let fix = [("promotion", Promotion::Automatic.word()), ("promotion_ms", "default")];
        let finding = row.found(severity, &[time.into(), rto.into(), left]);
        findings.push(if helps { finding.fixed_by(&fix) } else { finding });
    }
    if let Some(lost) = recovery.rpo.filter(|lost| lost.get() > 0.0)
        && let Some((row, severity)) = outcome(if default_loss { &RPO_BY_DEFAULT } else { &RPO }, lost, rpo)
    {
        let lag_fits = scenario.replication_lag_ms.get() <= UNREMARKABLE * rpo.get();
        let can_follow = !scenario.is_store_alone() || scenario.edition.replicates();
        let fix = if !has_standby && lag_fits && can_follow {
            Some(Replication::Async)
        } else {
            Some(Replication::Quorum).filter(|_| !scenario.has_secret_store())
        };
        let severity = if default_loss { Severity::Info } else { severity };
        let finding = row.found(severity, &[lost.into(), rpo.into()]);
        findings.push(match fix {
            Some(replication) => finding.fixed_by(&[("replication", replication.word())]),
            None => finding,
        });
    }
}

fn replication(scenario: &Scenario, findings: &mut Vec<Finding>) {
    let Some(given) = scenario.replication.filter(|given| *given != Replication::None) else { return };
    if scenario.is_store_alone() {
        if !scenario.edition.replicates() {
            let none = [("replication", Replication::None.word())];
            findings.push(NO_DR.found(Severity::Error, &[]).fixed_by(&none));
        } else if given != Replication::Async {
            let asynchronous = [("replication", Replication::Async.word())];
            findings.push(NO_SYNCHRONOUS_DR.found(Severity::Warning, &[]).fixed_by(&asynchronous));
        }
        return;
    }
    if given == Replication::Sync && scenario.replicas.get() < 2 {
        findings.push(ONE_STANDBY.found(Severity::Warning, &[]));
    }
    if scenario.standby_place == Place::SameZone {
        let other = [("standby_place", Place::OtherZone.word())];
        findings.push(SAME_ZONE.found(Severity::Warning, &[]).fixed_by(&other));
    }
}

fn breaker(scenario: &Scenario) -> Option<Finding> {
    let (breaker, rate) = (scenario.breaker(), scenario.peak_rate());
    let opens = breaker.opens_at(rate)?;
    let each: Quantity = Ratio::new(1.0 / opens.get().max(1e-12)).into();
    let [known, unknown] = &BREAKER;
    let Some(errors) = scenario.error_share else {
        return (opens.get() < NORMAL_ERRORS).then(|| unknown.found(Severity::Info, &[each]));
    };
    let chance: Share = breaker.opens_by_chance(Ratio::new(errors.get() * breaker.calls(rate).get()));
    let severity = if chance.get() >= 0.5 { Severity::Error } else { Severity::Warning };
    (chance.get() >= RARELY).then(|| known.found(severity, &[each, chance.into()]))
}
