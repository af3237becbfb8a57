//! Alert thresholds: all the documents' tables, each under its own name, and what they say of this scenario.

pub mod table;

use crate::model::Model;
use crate::quantity::{MeanConnections, Millis, Quantity, Share, Unit, approximate};
use crate::sheet::Sheet;
use crate::source;
use crate::{Finding, Severity};
use table::{DEGRADATIONS, THRESHOLDS, Threshold, Verdict};

pub(crate) fn values(model: &Model<'_>, sheet: &mut Sheet<'_>) {
    let scenario = model.scenario;
    for row in THRESHOLDS.iter().filter(|row| is_about(row, model)) {
        for (word, name, quantity) in row.numbers() {
            sheet.made(["alert.", row.id, word].concat(), [row.name, name].concat(), quantity).is(row.text, row.source);
        }
    }
    for today in today(model) {
        sheet.value(today.id, today.name, today.quantity.clone()).is(today.formula, source::HEADROOM);
        for (row, verdict) in verdicts(&today) {
            sheet.rule(
                row.source,
                row.text,
                Quantity::Name(verdict.word().to_owned()),
                "by this document's thresholds",
            );
        }
    }
    if scenario.has_secret_store() {
        for mode in &DEGRADATIONS {
            sheet
                .made(
                    ["alert.degradation.", mode.word].concat(),
                    ["Alert when: ", mode.name].concat(),
                    Quantity::Name(mode.priority.to_owned()),
                )
                .is(mode.text, source::SECRET_MANAGEMENT.at("Graceful Degradation"));
        }
    }
}

/// Whether a row is about something that is sized.
fn is_about(row: &Threshold, model: &Model<'_>) -> bool {
    if row.of_secret_store { model.scenario.has_secret_store() } else { model.scenario.has_database() }
}

/// What a metric would show today.
struct Today {
    id: &'static str,
    metric: &'static str,
    name: &'static str,
    quantity: Quantity,
    formula: &'static str,
}

/// The metrics that follow from the scenario.
fn today(model: &Model<'_>) -> Vec<Today> {
    let scenario = model.scenario;
    let mut metrics = Vec::with_capacity(5);
    if !scenario.has_database() {
        return metrics;
    }
    let mut metric = |id, metric, name, quantity, formula| {
        metrics.push(Today { id, metric, name, quantity, formula });
    };
    let fleet = scenario.fleet();
    let used = Share::of(scenario.database_demand(fleet), scenario.connection_limit());
    metric(
        "alert.today.connection_use",
        "connection_use",
        "Connection utilization at its highest",
        used.map_or(Quantity::None(Unit::Share, "no capacity"), Quantity::from),
        "pool.database_demand ÷ pool.max_connections, as the documents divide",
    );
    let app = scenario.app_connections(fleet.pods);
    let busy: MeanConnections = scenario.offered_load();
    let use_of_pools = if app > 0 {
        Share::new((busy.get() / approximate(app)).min(1.0)).into()
    } else {
        Quantity::None(Unit::Share, "no connections")
    };
    metric(
        "alert.today.pool_use",
        "pool_use",
        "Pool utilization at peak",
        use_of_pools,
        "pool.offered_load ÷ pool.app_connections, at most all of them",
    );
    let wait: Option<Millis> = model.waiting.p95_wait();
    metric(
        "alert.today.acquisition",
        "acquisition",
        "Connection acquisition, 95 % at most",
        wait.map_or(Quantity::None(Unit::Millis, "saturated: it grows without end"), Quantity::from),
        "queue.p95_wait_ms",
    );
    if scenario.replicas.get() > 0 {
        metric(
            "alert.today.replication_lag",
            "replication_lag",
            "Replication lag",
            Millis::new(model.replicas.lag()).into(),
            "replica.lag_ms",
        );
    }
    if let Some(used) = scenario.disk.zip(model.storage.disk_needed()) {
        let (disk, needed) = used;
        metric(
            "alert.today.disk_use",
            "disk_use",
            "Disk space",
            Share::of(needed.get(), disk.get()).unwrap_or_default().into(),
            "storage.disk_use",
        );
    }
    metrics
}

/// What each document says of a metric.
fn verdicts(today: &Today) -> impl Iterator<Item = (&'static Threshold, Verdict)> {
    let rows = THRESHOLDS.iter().filter(|row| !row.of_secret_store && row.metric() == today.metric);
    rows.map(|row| (row, row.verdict(&today.quantity)))
}

pub(crate) fn findings(model: &Model<'_>) -> Vec<Finding> {
    let mut messages = Vec::new();
    let mut evidence = Vec::new();
    for today in today(model) {
        let rows: Vec<(&Threshold, Verdict)> = verdicts(&today).collect();
        // Where all alarm, it does not matter how loudly.
        let fine = rows.iter().filter(|(_, verdict)| *verdict == Verdict::Fine).count();
        if fine == 0 || fine == rows.len() {
            continue;
        }
        let sayings: Vec<String> = rows
            .iter()
            .map(|(row, verdict)| [row.source.title, ": ", verdict.word(), " (", row.text, ")"].concat())
            .collect();
        messages.push([today.name, ", ", &today.quantity.to_string(), ". ", &sayings.join("; "), "."].concat());
        evidence.push(today.id);
    }
    if messages.is_empty() {
        return Vec::new();
    }
    vec![Finding::new(
        "alert.documents_disagree",
        Severity::Info,
        messages.join(" "),
        &evidence,
        "Choose one table and write it down; an alert nobody acts on is worse than a later one.",
    )]
}
