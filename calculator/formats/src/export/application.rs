//! What the application's pools are set to, whatever library they are of.

use sizing::quantity::{Connections, Millis};
use sizing::{Plan, Scenario};

use super::{Document, Subject};

/// Why there is nothing to write about pools.
pub(super) const NO_DATABASE: &str =
    "only a secret store is sized: no application has pools of connections to a database";

/// Milliseconds a pool keeps a connection: `HikariCP`'s default.  Neither `PgBouncer`, whose `server_lifetime` is of its
/// own connections, nor `PostgreSQL` closes one for its age.  <https://github.com/brettwooldridge/HikariCP>, maxLifetime.
pub(super) const LIFETIME_MS: u64 = 1_800_000;

/// Why a pool keeps a connection no longer.
pub(super) fn lifetime_reason(scenario: &Scenario) -> &'static str {
    if scenario.has_pooler() {
        "So that connections spread again over poolers that came back; PgBouncer closes no client for its age."
    } else {
        "PostgreSQL closes no connection for its age; networks and balancers on the way do."
    }
}

/// `HikariCP`'s shortest connectionTimeout, and its default.
const TIMEOUT_MS: (f64, f64) = (250.0, 30_000.0);

/// `HikariCP`'s lowest leakDetectionThreshold.
const LEAST_LEAK_MS: f64 = 2_000.0;

/// One pool of a process.
pub(super) struct Pool {
    /// In lower case, with hyphens; empty for the main pool.
    pub(super) name: String,
    /// Connections it keeps.
    pub(super) size: u64,
    /// Connections it opens beyond; `None` for no limit.
    pub(super) overflow: Option<u64>,
    /// Connections it can have.
    pub(super) most: u64,
    /// Connections it keeps open when nothing happens.
    pub(super) idle: u64,
}

/// The pools of a process, the main one first.
pub(super) fn pools(scenario: &Scenario) -> Vec<Pool> {
    let size = scenario.pool_size;
    let mut pools = vec![Pool {
        name: String::new(),
        size: size.get(),
        overflow: scenario.max_overflow.map(Connections::get),
        most: scenario.connections_per_process(),
        idle: scenario.min_idle.unwrap_or(size).min(size).get(),
    }];
    for further in scenario.pools.iter() {
        let most = scenario.ceiling_of(further.size, further.overflow).max(1);
        // A pool of none that may overflow is one of a single connection that overflows by one less.
        let size = further.size.get().clamp(1, most);
        pools.push(Pool {
            name: name(&further.name, &pools),
            size,
            overflow: further.overflow.map(|_| most - size),
            most,
            idle: size,
        });
    }
    pools
}

/// Names of the main pool, and words that YAML takes for something else than text.
const NOT_NAMES: [&str; 11] = ["main", "database", "y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A name that every format takes, and that no pool has yet.
fn name(given: &str, taken: &[Pool]) -> String {
    let plain = given.to_ascii_lowercase().replace('_', "-");
    let plain = plain.trim_matches('-');
    let is_name = plain.starts_with(|first: char| first.is_ascii_lowercase()) && !NOT_NAMES.contains(&plain);
    let begun = if is_name { "" } else { "pool-" };
    let wanted = [begun, plain].concat();
    let wanted = wanted.trim_end_matches('-');
    let mut name = wanted.to_owned();
    let mut number = 1_u32;
    // The names of environment variables lose the hyphens.
    while taken.iter().any(|pool| pool.name.replace('-', "") == name.replace('-', "")) {
        number = number.saturating_add(1);
        name = [wanted, "-", &number.to_string()].concat();
    }
    name
}

/// How long a thread waits for a connection before it gives up: a thousand times what 95 % may wait, which is the
/// documented 5 s at the target of 5 ms, within what `HikariCP` allows and has by default; never less than twice the
/// target, where the wait is critical.
pub(super) fn timeout_ms(scenario: &Scenario) -> u64 {
    let target = scenario.wait_target_ms.get();
    whole((1_000.0 * target).clamp(TIMEOUT_MS.0, TIMEOUT_MS.1).max(2.0 * target))
}

/// How long a connection may be out before it is taken for forgotten: a hundred times what one is usually held.
pub(super) fn leak_ms(scenario: &Scenario) -> u64 {
    whole((100.0 * scenario.hold_ms.get()).max(LEAST_LEAK_MS)).min(LIFETIME_MS)
}

/// Whether statements that the driver prepares would fail behind the pooler: what the plan found.
pub(super) fn must_not_prepare(plan: &Plan) -> bool {
    plan.findings.iter().any(|finding| finding.code == "pool.prepared_statements_unsupported")
}

/// The smallest whole number that is not below `real`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
fn whole(real: f64) -> u64 {
    real.ceil() as u64
}

/// Whole milliseconds, rounded up.
pub(super) fn whole_ms(millis: Millis) -> u64 {
    whole(millis.get())
}

/// A file that begins with what it is, the verdict, and how many connections its pools come to.
pub(super) fn heading(subject: Subject<'_>, what: &str) -> Document {
    let mut file = Document::new(subject, "#", what);
    file.comment("", &subject.plan.verdict);
    said(&mut file, subject.plan, "pool.app_connections");
    file
}

/// A value with its numbers, as a comment.
pub(super) fn said(file: &mut Document, plan: &Plan, id: &str) {
    let Some(value) = plan.value(id) else { return };
    let mut text = [&value.name, ": ", &value.quantity.to_string()].concat();
    if let Some(numbers) = value.derivation.with_numbers() {
        text += &[" = ", &numbers].concat();
    }
    file.comment("", &text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(inputs: &[(&str, &str)]) -> Scenario {
        let mut scenario = Scenario::default();
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        scenario
    }

    #[test]
    fn timeouts() {
        for (target, expected, reason) in [
            ("5", 5_000, "the documented five seconds"),
            ("0", 250, "HikariCP takes no less"),
            ("50", 30_000, "its default"),
            ("60000", 120_000, "the critical wait"),
        ] {
            assert_eq!(timeout_ms(&scenario(&[("wait_target_ms", target)])), expected, "{reason}");
        }
        for (hold, expected) in [("0", 2_000), ("20", 2_000), ("300", 30_000), ("3600000", LIFETIME_MS)] {
            assert_eq!(leak_ms(&scenario(&[("hold_ms", hold)])), expected, "{hold}");
        }
    }

    #[test]
    fn every_pool_has_a_name_of_its_own_and_a_connection() {
        let pools = pools(&scenario(&[
            ("pools", "Read:1:0:a,read:0:0:b,9-:0:5:c,_:0:-1:d,re_ad:1:0:e,NO:1:0:f"),
            ("threads", "7"),
        ]));
        let named: Vec<_> = pools.iter().map(|pool| (&*pool.name, pool.size, pool.overflow, pool.most)).collect();
        let expected = [
            ("", 10, Some(0), 10),
            ("read", 1, Some(0), 1),
            ("read-2", 1, Some(0), 1),
            ("pool-9", 1, Some(4), 5),
            ("pool", 1, None, 7),
            ("re-ad-3", 1, Some(0), 1),
            ("pool-no", 1, Some(0), 1),
        ];
        assert_eq!(named, expected);
    }
}
