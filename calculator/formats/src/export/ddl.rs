//! The growing table divided by time: `PostgreSQL`'s partitions by month, or `TimescaleDB`'s hypertable.

use sizing::choice::Partitioning;
use sizing::strategy::statement::{
    PARTITION, PARTITION_COPY, PARTITION_DETACH, PARTITION_DROP, PARTITIONED_TABLE, Statement,
};
use sizing::{Date, Quantity};

use super::{Assigned, Document, Export, Language, Subject};

pub(super) const EXPORT: Export = Export {
    kind: "ddl",
    title: "Partitions",
    file: "partitions.sql",
    language: Language::Sql,
    about: "The table that grows with time, divided by it: monthly partitions of PostgreSQL or a hypertable of \
            TimescaleDB, with compression and retention.",
    write,
};

/// Months for which a partition is made ahead, as the statement's reason has it.
const AHEAD: u64 = 3;

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let scenario = subject.scenario;
    if !scenario.has_database() {
        return Err("only a secret store is sized: there is no table to divide");
    }
    let is_advised = |code| subject.plan.actions.iter().any(|action| action.code == code && action.feasible);
    match scenario.partitioning {
        Partitioning::Hypertable => Ok(hypertable(subject)),
        Partitioning::None if !is_advised("strategy.partitioning") => {
            Err("no table grows so large that it has to be divided by time; set partitioning to have the statements \
                 all the same")
        }
        Partitioning::None | Partitioning::Monthly => Ok(monthly(subject)),
    }
}

/// A month as the statements write it: that of the name, its first day and the first day of the next.
struct Month {
    name: String,
    from: String,
    to: String,
}

impl Month {
    fn of(day: Date) -> Self {
        let first = |day: Date| {
            let text = day.to_string();
            text.rsplit_once('-').map_or_else(String::new, |(month, _)| [month, "-01"].concat())
        };
        let from = first(day);
        let name = from.trim_end_matches("-01").replace('-', "_");
        Self { name, from, to: first(day.plus_months(1)) }
    }

    /// The statement for this month; as it stands it is for January 2026.
    fn statement(&self, statement: &Statement) -> String {
        let mut text = String::with_capacity(statement.sql.len());
        let mut rest = statement.sql;
        let found = |rest: &str| {
            let names = [("2026_01", &self.name), ("2026-01-01", &self.from), ("2026-02-01", &self.to)];
            names.into_iter().filter_map(|(own, ours)| Some((rest.find(own)?, own.len(), ours.clone()))).min()
        };
        while let Some((at, length, ours)) = found(rest) {
            text.push_str(rest.get(..at).unwrap_or_default());
            text.push_str(&ours);
            rest = rest.get(at + length..).unwrap_or_default();
        }
        text.push_str(rest);
        text
    }
}

fn reason(document: &mut Document, statement: &Statement) {
    document.line(["-- ", statement.purpose, ". ", statement.why].concat());
}

fn monthly(subject: Subject<'_>) -> Document {
    let scenario = subject.scenario;
    let mut document = Document::new(subject, "--", "Monthly partitions of the table that grows with time");
    document.line("-- events, its columns and its partitions stand for your own.");
    let today = scenario.today.or(Date::new(2026, 1, 1));
    if scenario.today.is_none() {
        document.line("-- The scenario names no day (today), so that the months begin with January 2026: change them.");
    }
    document.line("");
    reason(&mut document, &PARTITIONED_TABLE);
    document.lines(PARTITIONED_TABLE.sql);
    document.line("");
    reason(&mut document, &PARTITION);
    let partitions = subject.text("storage.partitions");
    if !partitions.is_empty() {
        document.line(["-- Those of rows that are there already come before them: ", &partitions, " in all."].concat());
    }
    for month in (0..=AHEAD).filter_map(|ahead| today.map(|today| Month::of(today.plus_months(ahead)))) {
        document.lines(&month.statement(&PARTITION));
    }
    let Some(today) = today else { return document };
    if scenario.partitioning == Partitioning::None {
        document.line("");
        reason(&mut document, &PARTITION_COPY);
        document.lines(&Month::of(today).statement(&PARTITION_COPY));
    }
    document.line("");
    let Some(kept) = scenario.retention_days else {
        document.line("-- Nothing is removed: the scenario has no retention (retention_days).");
        return document;
    };
    // The last month of which every day is too old.
    let first_kept = Month::of(today.minus_days(kept.get())).from;
    document.line(
        ["-- Each month, what is older than ", &kept.get().to_string(), " days goes; now before ", &first_kept, "."]
            .concat(),
    );
    document.line("-- For example:");
    for statement in [&PARTITION_DETACH, &PARTITION_DROP] {
        reason(&mut document, statement);
        let past = Month::of(today.minus_days(kept.get().saturating_add(31)));
        past.statement(statement).lines().for_each(|line| document.line(["-- ", line].concat()));
    }
    document
}

fn hypertable(subject: Subject<'_>) -> Document {
    let scenario = subject.scenario;
    let mut document = Document::new(subject, "--", "Hypertable of TimescaleDB for the table that grows with time");
    document.line(
        "-- events_hypertable and its columns stand for your own; timescaledb stands in shared_preload_libraries.",
    );
    document.line("");
    document.line("CREATE EXTENSION IF NOT EXISTS timescaledb;");
    document.line("");
    document.line("-- Every unique key contains the time.");
    let table = PARTITIONED_TABLE.sql.replace("events_partitioned", "events_hypertable");
    document.lines(&table.replace(") PARTITION BY RANGE (created_at);", ");"));
    document.line("");
    let at_most = match subject.plan.value("storage.chunk_hours_at_most").map(|value| &value.quantity) {
        Some(Quantity::Count(hours)) => hours.get().max(1),
        _ => u64::MAX,
    };
    let given = scenario.chunk_hours.get();
    if at_most < given {
        let words = ["-- ", &at_most.to_string(), " hours instead of ", &given.to_string()];
        document.line([&words.concat(), ", so that a chunk with its indexes fits a quarter of memory."].concat());
    } else {
        document.line("-- A chunk with its indexes should fit a quarter of memory.");
    }
    document.line("SELECT create_hypertable('events_hypertable', 'created_at',");
    let hours = [&given.min(at_most).to_string(), " hours"].concat();
    interval(&mut document, "    ", "chunk_time_interval", hours, Some("7 days"), ");");
    document.line("");
    if let Some(days) = scenario.compression_after_days {
        document
            .line("-- Compression and policies need TimescaleDB's community edition. Name in compress_segmentby what");
        document.line("-- most queries compare by =, such as a tenant: it stays searchable.");
        document.line("ALTER TABLE events_hypertable SET (timescaledb.compress, timescaledb.compress_orderby = 'created_at DESC');");
        let days = [&days.get().to_string(), " days"].concat();
        interval(
            &mut document,
            "SELECT add_compression_policy('events_hypertable', ",
            "compress_after",
            days,
            None,
            ");",
        );
    } else {
        document
            .line("-- Nothing is compressed: the scenario does not say after how many days (compression_after_days).");
    }
    document.line("");
    if let Some(days) = scenario.retention_days {
        let days = [&days.get().to_string(), " days"].concat();
        interval(&mut document, "SELECT add_retention_policy('events_hypertable', ", "drop_after", days, None, ");");
    } else {
        document.line("-- Nothing is removed: the scenario has no retention (retention_days).");
    }
    document.line("");
    document.line("-- Whether the policies run, and what the chunks have become.");
    document.lines(
        "SELECT j.proc_name, j.config, s.last_run_status, s.last_successful_finish\n\
         FROM timescaledb_information.jobs j JOIN timescaledb_information.job_stats s USING (job_id)\n\
         WHERE j.hypertable_name = 'events_hypertable';\n\
         SELECT chunk_name, range_start, range_end, is_compressed FROM timescaledb_information.chunks\n\
         WHERE hypertable_name = 'events_hypertable' ORDER BY range_start;",
    );
    document
}

/// An argument that is an interval, and what stands around it.
fn interval(document: &mut Document, before: &str, name: &str, value: String, default: Option<&str>, after: &str) {
    let text = [before, name, " => INTERVAL '", &value, "'", after].concat();
    let default = default.map(str::to_owned);
    document.set(text, Assigned { name: name.to_owned(), value, default, takes: None });
}
