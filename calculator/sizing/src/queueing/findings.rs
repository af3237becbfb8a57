//! What is wrong with how long transactions wait, why, and what to do.

use crate::finding::{Finding, Severity};
use crate::pool::chain::{Chain, LinkKind};
use crate::pool::documented;
use crate::quantity::{Connections, Millis, Quantity, Share, grouped};
use crate::queueing::{CRITICAL, UNREMARKABLE, Waiting, p95};
use crate::scenario::Scenario;

/// A pool so many times larger than needed is worth a word.
const FAR_LARGER: u64 = 2;
/// The rate the users make and the rate given may differ by this factor.
const RATES_DIFFER: f64 = 2.0;
/// From this gain on, fewer active connections are worth a warning.
const WORTH_FEWER: f64 = 1.1;

pub(super) fn findings(waiting: &Waiting<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(wait(waiting));
    findings.extend(larger_than_needed(waiting));
    findings.extend(threads(waiting));
    findings.extend(cores(waiting));
    findings.extend(compared(waiting.scenario));
    findings.extend(beyond_best(waiting.scenario));
    findings.extend(users(waiting.scenario));
    findings
}

/// The severity by utilization: above 70 % info, above 80 % warning, above 90 % error.
fn severity(utilization: Share) -> Option<Severity> {
    [(0.9, Severity::Error), (0.8, Severity::Warning), (UNREMARKABLE, Severity::Info)]
        .into_iter()
        .find_map(|(share, severity)| (utilization.get() > share).then_some(severity))
}

fn text(quantity: impl Into<Quantity>) -> String {
    quantity.into().to_string()
}

/// Saturated, too slow, or soon to be: the worst of them.
fn wait(waiting: &Waiting<'_>) -> Option<Finding> {
    let scenario = waiting.scenario;
    let stage = waiting.limiting();
    let queue = &stage.queue;
    let by_pooler = waiting.is_limited_by_pooler();
    let pools = if by_pooler { "pooler's server pools" } else { "application's pools" };
    let target = scenario.wait_target_ms;
    let load = [text(queue.load()), " of ".to_owned(), text(queue.servers), " connections".to_owned()].concat();
    let Some(wait) = stage.wait else {
        let message = ["The ", pools, " are saturated: they would keep ", &load, " busy, so the line never ends."];
        return Some(Finding {
            fix: larger(waiting, by_pooler),
            ..Finding::new(
                "queue.saturated",
                Severity::Error,
                message.concat(),
                &["queue.utilization", "queue.offered_load", "queue.connections"],
                remedy(waiting, by_pooler),
            )
        });
    };
    let p95 = wait.quantile(p95());
    if p95 > target {
        let is_critical = p95.get() > target.get() * CRITICAL;
        let message =
            ["5 % wait longer than ", &text(p95), " at the ", pools, "; the target is ", &text(target), "."].concat();
        return Some(Finding {
            fix: larger(waiting, by_pooler),
            ..Finding::new(
                "queue.wait_above_target",
                if is_critical { Severity::Error } else { Severity::Warning },
                message,
                &["queue.p95_wait_ms", "queue.critical_wait_ms", "queue.utilization"],
                remedy(waiting, by_pooler),
            )
        });
    }
    let utilization = queue.utilization()?;
    let severity = severity(utilization)?;
    let most = waiting.most_requests().map_or_else(String::new, |most| {
        [
            "Plan for more before requests reach ",
            &text(most),
            ": from there on 5 % wait longer than ",
            &text(target),
            ".",
        ]
        .concat()
    });
    Some(Finding::new(
        "queue.near_saturation",
        severity,
        ["The ", pools, " are ", &text(utilization), " busy: ", &load, ", and nobody waits long yet."].concat(),
        &["queue.utilization", "queue.p95_wait_ms", "queue.max_rate"],
        most,
    ))
}

/// What to do about pools at which transactions wait too long.
fn remedy(waiting: &Waiting<'_>, by_pooler: bool) -> String {
    let size = match (by_pooler, waiting.pooler) {
        (true, Some(stage)) => waiting.scenario.fewest(p95(), &stage.queue),
        _ => waiting.recommended,
    };
    let grow = match (size, by_pooler) {
        (None, _) => "Spread the load over more pools".to_owned(),
        (Some(size), true) => ["Allow each of them ", &text(size), " connections"].concat(),
        (Some(size), false) => ["Make each of them ", &text(size), " connections large or run more pods"].concat(),
    };
    [&grow, ", if the database has room, or hold connections for a shorter time."].concat()
}

/// A larger pool that ends the wait without exceeding any limit.
fn larger(waiting: &Waiting<'_>, by_pooler: bool) -> Vec<(&'static str, String)> {
    let scenario = waiting.scenario;
    let (id, size) = match (by_pooler, waiting.pooler) {
        (true, Some(stage)) => ("default_pool_size", scenario.fewest(p95(), &stage.queue)),
        _ => ("pool_size", waiting.recommended),
    };
    let attempt = || {
        let fix = vec![(id, size?.get().to_string())];
        let after = with(scenario, &fix)?;
        let wait = Waiting::of(&after).limiting().wait;
        let is_met = wait.is_some_and(|wait| wait.quantile(p95()) <= scenario.wait_target_ms);
        let exceeds = |scenario: &Scenario, kind: LinkKind| {
            let chain = Chain::of(scenario, scenario.fleet());
            chain.link(kind).is_some_and(|link| link.severity() >= Some(Severity::Warning))
        };
        let is_safe = LinkKind::ALL.into_iter().all(|kind| !exceeds(&after, kind) || exceeds(scenario, kind));
        (is_met && is_safe).then_some(fix)
    };
    attempt().unwrap_or_default()
}

/// The scenario with some inputs changed.
fn with(scenario: &Scenario, changes: &[(&'static str, String)]) -> Option<Scenario> {
    let mut after = scenario.clone();
    for (id, text) in changes {
        after.set(id, text).ok()?;
    }
    Some(after)
}

/// Pools far larger than needed while connections are scarce.
fn larger_than_needed(waiting: &Waiting<'_>) -> Option<Finding> {
    let scenario = waiting.scenario;
    let floor = documented::deadlock_floor(scenario.threads.get(), scenario.connections_per_thread.get());
    let needed = waiting.recommended_p99?.get().max(floor);
    let size = scenario.connections_per_process();
    if size < needed.saturating_mul(FAR_LARGER) {
        return None;
    }
    let severity = |scenario: &Scenario| Chain::of(scenario, scenario.fleet()).binding().severity();
    let before = severity(scenario)?;
    let fix = vec![("pool_size", needed.to_string()), ("max_overflow", "0".to_owned())];
    let after = with(scenario, &fix)?;
    if severity(&after) >= Some(before) {
        return None;
    }
    let is_safe = scenario.min_idle.is_none_or(|idle| idle.get() <= needed);
    Some(Finding {
        fix: if is_safe { fix } else { Vec::new() },
        ..Finding::new(
            "queue.pool_larger_than_needed",
            Severity::Info,
            [
                "Connections are scarce, and a pool has ",
                &grouped(size),
                " where ",
                &grouped(needed),
                " keep 99 % within the wait target.",
            ]
            .concat(),
            &["queue.recommended_pool_size_p99", "pool.connections_per_process", "pool.utilization"],
            "Shrink the pools step by step, and watch the wait for a connection at peak.",
        )
    })
}

/// Threads that cannot even make so many transactions.
fn threads(waiting: &Waiting<'_>) -> Option<Finding> {
    let share = waiting.thread_utilization();
    if share.get() < 1.0 {
        return None;
    }
    let threads = text(waiting.scenario.threads);
    Some(Finding::new(
        "queue.threads_saturated",
        Severity::Error,
        ["The load keeps ", &text(share), " of the threads of a process (", &threads, ") in transactions."].concat(),
        &["queue.thread_utilization"],
        "Requests wait for a thread before they wait for a connection: more threads, more pods, or shorter transactions.",
    ))
}

fn cores(waiting: &Waiting<'_>) -> Option<Finding> {
    let queue = waiting.cores?;
    let utilization = queue.utilization()?;
    let severity = severity(utilization)?;
    let is_saturated = queue.wait().is_none();
    let (code, how) = if is_saturated {
        ("queue.cores_saturated", " of the processor time there is: no pool size helps.")
    } else {
        ("queue.cores_near_saturation", " of the processor time there is.")
    };
    Some(Finding::new(
        code,
        severity,
        ["The transactions ask ", &text(queue.servers), " cores for ", &text(utilization), how].concat(),
        &["queue.core_utilization", "queue.cpu_budget_ms"],
        "Make the costliest queries cheaper, cache or move reads elsewhere, or use a larger server.",
    ))
}

/// The other pool size does not meet the target.
fn compared(scenario: &Scenario) -> Option<Finding> {
    let size = scenario.compare_pool_size?;
    let queue = scenario.pool_of_size(size);
    let target = scenario.wait_target_ms;
    let wait = queue.wait().map(|wait| wait.quantile(p95()));
    if wait.is_some_and(|wait| wait <= target) {
        return None;
    }
    let how = wait.map_or_else(
        || "would be saturated".to_owned(),
        |wait: Millis| ["would make 5 % wait longer than ", &text(wait)].concat(),
    );
    let severity = if wait.is_none() { Severity::Warning } else { Severity::Info };
    Some(Finding::new(
        "queue.compared_pool_too_small",
        severity,
        ["Pools of ", &text(size), " ", &how, "; the target is ", &text(target), "."].concat(),
        &["queue.compared_p95_wait_ms", "queue.recommended_pool_size"],
        "Do not change to that size at this load.",
    ))
}

/// More connections may be active than get the most done.
fn beyond_best(scenario: &Scenario) -> Option<Finding> {
    let (best, gain) = scenario.best_active()?;
    let active: Connections = scenario.active_connections();
    if active <= best || gain.get() < WORTH_FEWER {
        return None;
    }
    Some(Finding::new(
        "queue.beyond_best_concurrency",
        Severity::Warning,
        [
            "Up to ",
            &text(active),
            " connections may be active, and ",
            &text(best),
            " would get ",
            &text(gain),
            " times as much done.",
        ]
        .concat(),
        &["queue.best_connections", "queue.best_throughput"],
        "Let transactions wait in a pool instead of in the database: allow fewer connections in all.",
    ))
}

/// The users make another rate than the one given.
fn users(scenario: &Scenario) -> Option<Finding> {
    let of_users = scenario.requests_of_users()?;
    let rate = scenario.peak_rate();
    let (lower, higher) = if of_users < rate { (of_users, rate) } else { (rate, of_users) };
    if higher.get() <= lower.get() * RATES_DIFFER {
        return None;
    }
    Some(Finding::new(
        "queue.users_make_another_rate",
        Severity::Info,
        ["The users ask for ", &text(of_users), " by assumption, and everything is computed for ", &text(rate), "."]
            .concat(),
        &["queue.requests_of_users"],
        "Measure both at peak: rate decides, and requests_per_user ought to be rate ÷ users.",
    ))
}
