//! `HikariCP`'s settings, in whatever form `Spring` reads them.

use sizing::{Plan, Scenario};

use super::application::{LIFETIME_MS, Pool, leak_ms, lifetime_reason, must_not_prepare, timeout_ms};

/// One setting of a pool.
pub(super) struct Row {
    /// As Spring's YAML has it.
    pub(super) key: &'static str,
    pub(super) value: u64,
    /// <https://github.com/brettwooldridge/HikariCP>, Configuration.
    pub(super) default: &'static str,
    /// Why the value is what it is.
    pub(super) why: &'static str,
}

/// `HikariCP`'s idleTimeout.
const IDLE_MS: u64 = 600_000;

/// The settings of a pool.
pub(super) fn rows(pool: &Pool, scenario: &Scenario) -> Vec<Row> {
    let row = |key, value, default, why| Row { key, value, default, why };
    let size = match pool.overflow {
        Some(0) => "The pool size.",
        Some(_) => "Pool size and overflow: HikariCP has no overflow, so the pool is as large as both.",
        None => "As many as the threads can ask for: HikariCP has no overflow, and none without a limit.",
    };
    let mut rows = vec![
        row("maximum-pool-size", pool.most, "10", size),
        row("minimum-idle", pool.idle, "10", "Connections kept when nothing happens; at most the pool size."),
        row(
            "connection-timeout",
            timeout_ms(scenario),
            "30000",
            "Milliseconds, without a unit. A wait of so long is a failure, not a queue.",
        ),
    ];
    // Otherwise the pool never shrinks.
    if pool.idle < pool.most {
        rows.push(row("idle-timeout", IDLE_MS, "600000", "After so long without use the pool shrinks."));
    }
    rows.push(row("max-lifetime", LIFETIME_MS, "1800000", lifetime_reason(scenario)));
    let leak = "A connection that is out for so long is logged: many times what a transaction holds one.";
    rows.push(row("leak-detection-threshold", leak_ms(scenario), "0", leak));
    rows
}

/// What holds for every connection of the pools.
pub(super) fn driver_note(plan: &Plan) -> Option<&'static str> {
    must_not_prepare(plan).then_some(
        "The pooler keeps no prepared statements: without this, statements that the driver prepares fail there.",
    )
}
