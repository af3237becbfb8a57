//! Alert rules for Prometheus, from the thresholds of the plan.

use sizing::alert::table::{Side, THRESHOLDS, Threshold, Verdict};
use sizing::pool::chain::{Link, LinkKind};
use sizing::quantity::{Connections, Unit};
use sizing::strategy::statement::{self, Statement};
use sizing::{Quantity, Severity};

use super::{Document, Export, Language, Subject, Takes};

pub(super) const EXPORT: Export = Export {
    kind: "prometheus",
    title: "Prometheus alerts",
    file: "headroom-alerts.yml",
    language: Language::Yaml,
    about: "Alert rules with the plan's thresholds, for the metrics of postgres_exporter, pgbouncer_exporter, HikariCP \
        and Vault; the role and the mount point stand for your own.",
    write,
};

/// How a metric of the thresholds is measured.
struct Metric {
    /// As the thresholds call it.
    id: &'static str,
    of_secret_store: bool,
    /// The last word of the alert's name.
    alert: &'static str,
    /// An expression in seconds, shares and counts.
    expression: &'static str,
    /// How long it must hold.
    lasts: &'static str,
    /// What to look at first.
    look: Option<&'static Statement>,
}

const fn metric(
    id: &'static str,
    alert: &'static str,
    expression: &'static str,
    lasts: &'static str,
    look: &'static Statement,
) -> Metric {
    Metric { id, of_secret_store: false, alert, expression, lasts, look: Some(look) }
}

const fn of_store(id: &'static str, alert: &'static str, expression: &'static str, lasts: &'static str) -> Metric {
    Metric { id, of_secret_store: true, alert, expression, lasts, look: None }
}

/// Names of metrics: <https://github.com/prometheus-community/postgres_exporter>,
/// <https://github.com/prometheus-community/pgbouncer_exporter>, <https://github.com/prometheus/node_exporter>,
/// Micrometer's of `HikariCP` and Spring, <https://developer.hashicorp.com/vault/docs/internals/telemetry>.
static METRICS: [Metric; 15] = [
    metric(
        "query_p95",
        "QueryP95",
        "histogram_quantile(0.95, sum by (le, pool) (rate(hikaricp_connections_usage_seconds_bucket[5m])))",
        "5m",
        &statement::TOP_STATEMENTS,
    ),
    metric(
        "query_p99",
        "QueryP99",
        "histogram_quantile(0.99, sum by (le, pool) (rate(hikaricp_connections_usage_seconds_bucket[5m])))",
        "5m",
        &statement::TOP_STATEMENTS,
    ),
    metric(
        "slow_query",
        "SlowQuery",
        "(rate(pg_stat_statements_seconds_total[1h]) / rate(pg_stat_statements_calls_total[1h])) \
         and increase(pg_stat_statements_calls_total[1h]) > 100",
        "5m",
        &statement::TOP_STATEMENTS,
    ),
    metric(
        "api_p95",
        "ApiP95",
        "histogram_quantile(0.95, sum by (le) (rate(http_server_requests_seconds_bucket[5m])))",
        "5m",
        &statement::TOP_STATEMENTS,
    ),
    metric(
        "connection_use",
        "ConnectionUse",
        "sum by (instance) (pg_stat_database_numbackends) / max by (instance) (pg_settings_max_connections)",
        "5m",
        &statement::CONNECTIONS_BY_STATE,
    ),
    metric(
        "pool_use",
        "PoolUse",
        "max by (pool) (hikaricp_connections_active / hikaricp_connections_max)",
        "5m",
        &statement::LONG_RUNNING,
    ),
    metric(
        "acquisition",
        "Acquisition",
        "histogram_quantile(0.95, sum by (le, pool) (rate(hikaricp_connections_acquire_seconds_bucket[5m])))",
        "5m",
        &statement::CONNECTIONS_BY_STATE,
    ),
    metric(
        "timeouts",
        "Timeouts",
        "sum by (pool) (rate(hikaricp_connections_timeout_total[5m])) \
         / sum by (pool) (rate(hikaricp_connections_acquire_seconds_count[5m]))",
        "5m",
        &statement::CONNECTIONS_BY_STATE,
    ),
    metric(
        "replication_lag",
        "ReplicationLag",
        "max by (instance) (pg_replication_lag_seconds)",
        "2m",
        &statement::LAG_PRIMARY,
    ),
    metric(
        "disk_use",
        "DiskUse",
        "1 - node_filesystem_avail_bytes{mountpoint=\"/var/lib/postgresql\"} \
         / node_filesystem_size_bytes{mountpoint=\"/var/lib/postgresql\"}",
        "10m",
        &statement::ROWS,
    ),
    metric(
        "cache_hit",
        "CacheHit",
        "sum by (instance) (rate(pg_stat_database_blks_hit[15m])) \
         / (sum by (instance) (rate(pg_stat_database_blks_hit[15m])) \
         + sum by (instance) (rate(pg_stat_database_blks_read[15m])))",
        "15m",
        &statement::CACHE_HIT,
    ),
    of_store(
        "scale_cpu",
        "StoreCpu",
        "1 - avg by (instance) (rate(node_cpu_seconds_total{job=\"vault-node\", mode=\"idle\"}[2m]))",
        "2m",
    ),
    of_store(
        "scale_memory",
        "StoreMemory",
        "1 - node_memory_MemAvailable_bytes{job=\"vault-node\"} / node_memory_MemTotal_bytes{job=\"vault-node\"}",
        "2m",
    ),
    of_store(
        "scale_connections",
        "StoreConnections",
        "process_open_fds{job=\"vault\"} / process_max_fds{job=\"vault\"}",
        "5m",
    ),
    of_store(
        "request_p99",
        "StoreRequestP99",
        // Vault's summaries are in milliseconds.
        "vault_core_handle_request{quantile=\"0.99\"} / 1000",
        "5m",
    ),
];

/// Metrics for which there is no rule here, and why.
#[cfg(test)]
const WITHOUT: [(&str, bool, &str); 6] = [
    ("throughput", false, "at night nobody asks for more"),
    ("pool_use_least", false, "nothing is wrong below it"),
    ("long_running", false, "exporters tell the age of the oldest, not how many are older than 30 s"),
    ("role_use", false, "no role can have more than its limit: the rules of limits warn before"),
    ("replication_lag", true, "the router has rules of its own for it: edge-router/alerts.yml"),
    ("snapshot_age", true, "a goal alone alarms nobody"),
];

const SEVERITIES: [(Verdict, &str); 2] = [(Verdict::Warning, "warning"), (Verdict::Critical, "critical")];

#[expect(clippy::unnecessary_wraps, reason = "every scenario has thresholds, not every kind a file")]
fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let mut file = Document::new(subject, "#", EXPORT.title);
    file.comment("", &subject.plan.verdict);
    if subject.scenario.has_database() {
        file.comment(
            "",
            "HikariCP's times need histograms: management.metrics.distribution.percentiles-histogram for \
             hikaricp.connections.acquire, hikaricp.connections.usage and http.server.requests. How long a connection \
             is held stands for the latency of queries, which no exporter has percentiles of. Slow queries need \
             postgres_exporter's collector stat_statements.",
        );
    }
    file.line("groups:");
    file.line("  - name: headroom-thresholds");
    file.line("    rules:");
    for metric in &METRICS {
        thresholds(&mut file, subject, metric);
    }
    audit(&mut file, subject);
    if subject.scenario.has_database() {
        limits(&mut file, subject);
    }
    Ok(file)
}

/// A rule.
struct Rule<'a> {
    alert: &'a str,
    expression: &'a str,
    /// How it is compared, and with what: `> 0.7`.
    beyond: (&'a str, &'a str),
    lasts: &'a str,
    severity: &'a str,
    summary: &'a str,
    description: &'a str,
    runbook: &'a str,
}

impl Rule<'_> {
    fn write(&self, file: &mut Document) {
        let (compared, threshold) = self.beyond;
        file.line(["      - alert: Headroom", self.alert].concat());
        // What must hold besides comes after the comparison.
        let (measured, besides) = match self.expression.split_once(" and ") {
            Some((measured, besides)) => (measured, [" and ", besides].concat()),
            None => (self.expression, String::new()),
        };
        let expression = [measured, " ", compared, " ", threshold, &besides].concat();
        // No expression has an apostrophe.
        let text = ["        expr: '", &expression, "'"].concat();
        let name = ["Headroom", self.alert, ".", self.severity, ".expr"].concat();
        file.assign(text, &name, &expression, None, Takes::Reload);
        file.line(["        for: ", self.lasts].concat());
        file.line("        labels:");
        file.line(["          severity: ", self.severity].concat());
        file.line("        annotations:");
        file.line(["          summary: ", &quoted(self.summary)].concat());
        file.line(["          description: ", &quoted(self.description)].concat());
        if !self.runbook.is_empty() {
            file.line("          runbook: |-");
            for line in self.runbook.lines() {
                file.line(["            ", line].concat());
            }
        }
    }
}

/// A text in YAML, whatever it contains.
fn quoted(text: &str) -> String {
    ["\"", &text.replace('\\', "\\\\").replace('"', "\\\""), "\""].concat()
}

/// What to run first, as lines.
fn to_look_at(look: Option<&Statement>) -> String {
    look.map_or_else(String::new, |look| [look.purpose, ":\n", look.sql].concat())
}

/// The rules of a metric: of the documents that have a threshold for it, the first one's.
fn thresholds(file: &mut Document, Subject { scenario, plan }: Subject<'_>, metric: &Metric) {
    if metric.id == "replication_lag" && scenario.replicas.get() == 0 {
        return;
    }
    let is_planned = |row: &&Threshold| {
        let prefix = ["alert.", row.id, "."].concat();
        plan.values.iter().any(|value| value.id.starts_with(&prefix))
    };
    let of_metric = |row: &&Threshold| row.metric() == metric.id && row.of_secret_store == metric.of_secret_store;
    let rows: Vec<&Threshold> = THRESHOLDS.iter().filter(of_metric).filter(is_planned).collect();
    for row in rows.get(1..).unwrap_or_default() {
        file.comment("      ", &[row.source.title, ", ", row.name, ": ", row.text, "."].concat());
    }
    for (verdict, severity) in SEVERITIES {
        let first = rows.iter().find_map(|row| Some((row, row.threshold(verdict)?)));
        let Some((row, threshold)) = first else { continue };
        let (compared, side) = match row.side {
            Side::Above => (">", " is above "),
            Side::Below => ("<", " is below "),
        };
        Rule {
            alert: metric.alert,
            expression: metric.expression,
            beyond: (compared, &number(&threshold)),
            lasts: metric.lasts,
            severity,
            summary: &[row.name, side, &threshold.to_string(), "."].concat(),
            description: &[row.text, " (", &row.source.to_string(), ")"].concat(),
            runbook: &to_look_at(metric.look),
        }
        .write(file);
    }
}

/// A threshold as Prometheus has it: in seconds, shares and counts.
fn number(threshold: &Quantity) -> String {
    let number = threshold.approximately().unwrap_or_default();
    if threshold.unit() == Unit::Millis { (number / 1_000.0).to_string() } else { number.to_string() }
}

/// A store whose audit devices fail answers nobody.
fn audit(file: &mut Document, subject: Subject<'_>) {
    let Some(degradation) = subject.plan.value("alert.degradation.audit") else { return };
    Rule {
        alert: "StoreAudit",
        expression: "sum by (instance) (increase(vault_audit_log_request_failure[5m])) \
            + sum by (instance) (increase(vault_audit_log_response_failure[5m]))",
        beyond: (">", "0"),
        lasts: "0m",
        severity: "critical",
        summary: &[&degradation.name, ", ", &degradation.quantity.to_string(), "."].concat(),
        description: &degradation.derivation.formula,
        runbook: "",
    }
    .write(file);
}

/// Rules for the limits that count connections of this application alone.
fn limits(file: &mut Document, Subject { scenario, .. }: Subject<'_>) {
    let has_own_pooler = scenario.has_pooler() && scenario.service.pooler().is_none();
    let role = scenario.role_connection_limit.map(Connections::get);
    if role.is_none() && !has_own_pooler {
        return;
    }
    file.line("  - name: headroom-limits");
    file.line("    rules:");
    if let Some(limit) = role {
        let expression = "sum by (instance) (pg_stat_activity_count{usename=\"role_name\"})";
        let look = to_look_at(Some(&statement::ROLE_LIMIT_SHOWN));
        limit_of(file, LinkKind::Role, "Role", expression, limit, &look);
    }
    if !has_own_pooler {
        return;
    }
    let clients = "sum by (instance) (pgbouncer_pools_client_active_connections \
        + pgbouncer_pools_client_waiting_connections)";
    limit_of(file, LinkKind::Clients, "Clients", clients, scenario.clients_per_pooler(), "SHOW POOLS;");
    Rule {
        alert: "ClientsWaiting",
        expression: "sum by (instance) (pgbouncer_pools_client_waiting_connections)",
        beyond: (">", "0"),
        lasts: "1m",
        severity: "warning",
        summary: "Clients wait for a server connection of the pooler.",
        description: "Transactions are longer than planned, or there are more of them than the server pools take.",
        runbook: "SHOW POOLS;",
    }
    .write(file);
}

/// The rules of a limit: from the demand on that the plan would find to be a warning, and an error.
fn limit_of(file: &mut Document, kind: LinkKind, alert: &str, expression: &str, limit: u64, runbook: &str) {
    for (severity, word) in [(Severity::Warning, "warning"), (Severity::Error, "critical")] {
        let threshold = least_demand(kind, limit, severity);
        let text = Quantity::from(Connections(threshold)).to_string();
        let of = Quantity::from(Connections(limit)).to_string();
        Rule {
            alert,
            expression,
            beyond: (">=", &threshold.to_string()),
            lasts: "5m",
            severity: word,
            summary: &["The ", kind.name(), " is nearly used up: ", &text, " of ", &of, "."].concat(),
            description: &[&of, " ", kind.connections(), "; what comes after them is refused."].concat(),
            runbook,
        }
        .write(file);
    }
}

/// The smallest demand on a limit that is as bad as `severity`.
fn least_demand(kind: LinkKind, limit: u64, severity: Severity) -> u64 {
    let is_bad = |demand| Link { kind, demand, limit: Some(limit) }.severity() >= Some(severity);
    let (mut fine, mut bad) = (0, limit.saturating_add(1));
    while bad - fine > 1 {
        let middle = fine + (bad - fine) / 2;
        if is_bad(middle) {
            bad = middle;
        } else {
            fine = middle;
        }
    }
    bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_has_a_rule_or_a_reason_to_have_none() {
        for row in &THRESHOLDS {
            let key = (row.metric(), row.of_secret_store);
            let with = METRICS.iter().filter(|metric| (metric.id, metric.of_secret_store) == key).count();
            let without = WITHOUT.iter().filter(|(metric, store, _)| (*metric, *store) == key).count();
            assert_eq!(with + without, 1, "{}", row.id);
        }
    }

    #[test]
    fn the_least_demand_that_is_bad() {
        for (limit, severity, expected, reason) in [
            (50, Severity::Warning, 41, "above 80 %"),
            (50, Severity::Error, 46, "above 90 %"),
            (1, Severity::Warning, 1, "the only one"),
            (0, Severity::Error, 1, "none is allowed"),
        ] {
            assert_eq!(least_demand(LinkKind::Role, limit, severity), expected, "{reason}");
        }
    }
}
