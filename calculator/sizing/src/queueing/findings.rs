//! What is wrong with how long transactions wait, why, and what to do.

use crate::finding::{Finding, Severity};
use crate::pool::chain::{Chain, LinkKind};
use crate::pool::documented;
use crate::quantity::{Connections, Quantity, Share};
use crate::queueing::{CRITICAL, UNREMARKABLE, Waiting, p95};
use crate::scenario::Scenario;

/// A pool so many times larger than needed is worth a word.
const FAR_LARGER: u64 = 2;
/// The rate the users make and the rate given may differ by this factor.
const RATES_DIFFER: f64 = 2.0;
/// From this gain on, fewer active connections are worth a warning.
const WORTH_FEWER: f64 = 1.1;

/// What proves that a wait is too long.
const EVIDENCE: &[&str] = &["queue.p95_wait_ms", "queue.utilization", "queue.offered_load", "queue.connections"];

pub(super) fn findings(waiting: &Waiting<'_>) -> Vec<Finding> {
    let scenario = waiting.scenario;
    let all = [
        wait(waiting),
        larger_than_needed(waiting),
        threads(waiting),
        cores(waiting),
        compared(scenario),
        beyond_best(scenario),
        users(scenario),
    ];
    all.into_iter().flatten().collect()
}

/// The severity by utilization: above 70 % info, above 80 % warning, above 90 % error.
fn severity(utilization: Share) -> Option<Severity> {
    [(0.9, Severity::Error), (0.8, Severity::Warning), (UNREMARKABLE, Severity::Info)]
        .into_iter()
        .find_map(|(share, severity)| (utilization.get() > share).then_some(severity))
}

/// The text with a quantity in the place of each `#`.
fn fill(text: &str, quantities: &[Quantity]) -> String {
    let mut parts = text.split('#');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (quantity, part) in quantities.iter().zip(parts) {
        filled.push_str(&quantity.to_string());
        filled.push_str(part);
    }
    filled
}

/// A finding, its message with a quantity in the place of each `#`.
fn finding(
    code: &'static str,
    severity: Severity,
    (message, quantities): (&str, &[Quantity]),
    evidence: &[&'static str],
    remedy: &str,
) -> Finding {
    Finding::new(code, severity, fill(message, quantities), evidence, remedy)
}

/// Saturated, too slow, or soon to be: the worst of them.
fn wait(waiting: &Waiting<'_>) -> Option<Finding> {
    let scenario = waiting.scenario;
    let stage = waiting.limiting();
    let queue = &stage.queue;
    let pools = || Quantity::Name(waiting.limiting_name().to_owned());
    let target = scenario.wait_target_ms;
    let p95 = stage.wait.map(|wait| wait.quantile(p95()));
    let utilization = queue.utilization().unwrap_or_default();
    if let Some(p95) = p95.filter(|p95| *p95 <= target) {
        let most = waiting.most_requests()?;
        return Some(finding(
            "queue.near_saturation",
            severity(utilization)?,
            (
                "# of # connections are busy at # (#), and nobody waits long yet.",
                &[queue.load().into(), queue.servers.into(), pools(), utilization.into()],
            ),
            &["queue.utilization", "queue.p95_wait_ms", "queue.max_rate"],
            &fill(
                "Plan for more before requests reach #: 5 % then wait longer than #; now it is #.",
                &[most.into(), target.into(), p95.into()],
            ),
        ));
    }
    let by_pooler = waiting.pooler.filter(|_| waiting.is_limited_by_pooler());
    let (id, size) = match by_pooler {
        Some(pooler) => ("default_pool_size", scenario.fewest(super::p95(), &pooler.queue)),
        None => ("pool_size", waiting.recommended),
    };
    let remedy = match (size, by_pooler) {
        (None, _) => "Spread the load over more pools",
        (Some(_), Some(_)) => "Allow each of them # connections",
        (Some(_), None) => "Make each of them # connections large or run more pods",
    };
    let remedy = fill(remedy, &[size.unwrap_or_default().into()]);
    let remedy = remedy + ", if the database has room, or hold connections for a shorter time.";
    let mut finding = match p95 {
        None => {
            let message = "Saturated: # of # connections would be busy at #, so the line never ends.";
            let quantities = [queue.load().into(), queue.servers.into(), pools()];
            finding("queue.saturated", Severity::Error, (message, &quantities), EVIDENCE, &remedy)
        }
        Some(p95) => {
            let severity = if p95.get() > target.get() * CRITICAL { Severity::Error } else { Severity::Warning };
            let message = ("5 % wait longer than # at #; the target is #.", &[p95.into(), pools(), target.into()][..]);
            finding("queue.wait_above_target", severity, message, EVIDENCE, &remedy)
        }
    };
    finding.fix = size.and_then(|size| larger(scenario, id, size)).into_iter().collect();
    Some(finding)
}

/// A larger pool, if it ends the wait and brings no limit near that is not near already.
fn larger(scenario: &Scenario, id: &'static str, size: Connections) -> Option<(&'static str, String)> {
    let mut after = scenario.clone();
    let text = size.get().to_string();
    after.set(id, &text).ok()?;
    let wait = Waiting::of(&after).limiting().wait?;
    let near = |scenario: &Scenario, kind: LinkKind| {
        let chain = Chain::of(scenario, scenario.fleet());
        chain.link(kind).is_some_and(|link| link.severity() >= Some(Severity::Warning))
    };
    let is_safe = LinkKind::ALL.into_iter().all(|kind| !near(&after, kind) || near(scenario, kind));
    (is_safe && wait.quantile(p95()) <= scenario.wait_target_ms).then_some((id, text))
}

/// Pools far larger than needed while connections are scarce.
fn larger_than_needed(waiting: &Waiting<'_>) -> Option<Finding> {
    let scenario = waiting.scenario;
    let floor = documented::deadlock_floor(scenario.threads.get(), scenario.connections_per_thread.get());
    let needed = Connections(waiting.recommended_p99?.get().max(floor));
    let size = scenario.connections_per_process();
    if size < needed.get().saturating_mul(FAR_LARGER) {
        return None;
    }
    let severity = |scenario: &Scenario| Chain::of(scenario, scenario.fleet()).binding().severity();
    let before = severity(scenario)?;
    let after = Scenario { pool_size: needed, max_overflow: Some(Connections(0)), ..scenario.clone() };
    if severity(&after) >= Some(before) {
        return None;
    }
    let found = finding(
        "queue.pool_larger_than_needed",
        Severity::Info,
        (
            "Connections are scarce, and a pool has # where # keep 99 % within the wait target.",
            &[Connections(size).into(), needed.into()],
        ),
        &["queue.recommended_pool_size_p99", "pool.connections_per_process", "pool.utilization"],
        "Shrink the pools step by step, and watch the wait for a connection at peak.",
    );
    let is_safe = scenario.min_idle.is_none_or(|idle| idle <= needed);
    Some(if is_safe {
        found.fixed_by(&[("pool_size", &needed.get().to_string()), ("max_overflow", "0")])
    } else {
        found
    })
}

/// Threads that cannot even make so many transactions.
fn threads(waiting: &Waiting<'_>) -> Option<Finding> {
    let share = waiting.thread_utilization();
    (share.get() >= 1.0).then(|| {
        finding(
            "queue.threads_saturated",
            Severity::Error,
            (
                "The load keeps # of the threads of a process (#) in transactions.",
                &[share.into(), waiting.scenario.threads.into()],
            ),
            &["queue.thread_utilization"],
            "Requests wait for a thread before they wait for a connection: more threads, more pods, or shorter \
             transactions.",
        )
    })
}

fn cores(waiting: &Waiting<'_>) -> Option<Finding> {
    let stage = waiting.cores?;
    let utilization = stage.queue.utilization()?;
    let severity = severity(utilization)?;
    let code = if stage.wait.is_none() { "queue.cores_saturated" } else { "queue.cores_near_saturation" };
    Some(finding(
        code,
        severity,
        (
            "The transactions ask # cores for # of their time, which no pool size changes.",
            &[stage.queue.servers.into(), utilization.into()],
        ),
        &["queue.cores.utilization", "queue.cpu_budget_ms"],
        "Make the costliest queries cheaper, cache or move reads elsewhere, or use a larger server.",
    ))
}

/// The other pool size does not meet the target.
fn compared(scenario: &Scenario) -> Option<Finding> {
    let size = scenario.compare_pool_size?;
    let target = scenario.wait_target_ms;
    let wait = scenario.pool_of_size(size).wait().map(|wait| wait.quantile(p95()));
    let found = |severity, message: &str, quantities: &[Quantity]| {
        finding(
            "queue.compared_pool_too_small",
            severity,
            (message, quantities),
            &["queue.compared_p95_wait_ms", "queue.recommended_pool_size"],
            "Do not change to that size at this load.",
        )
    };
    match wait {
        Some(wait) if wait <= target => None,
        Some(wait) => Some(found(
            Severity::Info,
            "Pools of # would make 5 % wait longer than #; the target is #.",
            &[size.into(), wait.into(), target.into()],
        )),
        None => Some(found(Severity::Warning, "Pools of # would be saturated.", &[size.into()])),
    }
}

/// More connections may be active than get the most done.
fn beyond_best(scenario: &Scenario) -> Option<Finding> {
    let (best, gain) = scenario.best_active()?;
    let active = scenario.active_connections();
    (active > best && gain.get() >= WORTH_FEWER).then(|| {
        finding(
            "queue.beyond_best_concurrency",
            Severity::Warning,
            (
                "Up to # connections may be active, and # would get # times as much done.",
                &[active.into(), best.into(), gain.into()],
            ),
            &["queue.best_connections", "queue.best_throughput"],
            "Let transactions wait in a pool instead of in the database: allow fewer connections in all.",
        )
    })
}

/// The users make another rate than the one given.
fn users(scenario: &Scenario) -> Option<Finding> {
    let of_users = scenario.requests_of_users()?;
    let rate = scenario.peak_rate();
    let (lower, higher) = if of_users < rate { (of_users, rate) } else { (rate, of_users) };
    (higher.get() > lower.get() * RATES_DIFFER).then(|| {
        finding(
            "queue.users_make_another_rate",
            Severity::Info,
            ("The users ask for # by assumption, and everything is computed for #.", &[of_users.into(), rate.into()]),
            &["queue.requests_of_users"],
            "Measure both at peak: rate decides, and requests_per_user ought to be rate ÷ users.",
        )
    })
}
