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
        let name = from.strip_suffix("-01").unwrap_or(&from).replace('-', "_");
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
    document.line(["-- ", statement.purpose, "."].concat());
    document.line(["-- ", statement.why].concat());
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

#[cfg(test)]
mod tests {
    use sizing::Scenario;

    use super::*;

    /// What is written for these inputs.
    fn text(inputs: &[(&str, &str)]) -> Result<String, &'static str> {
        let mut scenario = Scenario::default();
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        write(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) }).map(|document| document.text())
    }

    #[track_caller]
    fn check(inputs: &[(&str, &str)], has: &[&str], lacks: &[&str], reason: &str) {
        let text = text(inputs).unwrap();
        for part in has {
            assert!(text.contains(part), "{reason}: no {part:?} in\n{text}");
        }
        for part in lacks {
            assert!(!text.contains(part), "{reason}: {part:?} in\n{text}");
        }
    }

    #[test]
    fn months() {
        for (day, name, from, to) in [
            ((2026, 1, 1), "2026_01", "2026-01-01", "2026-02-01"),
            ((2026, 12, 31), "2026_12", "2026-12-01", "2027-01-01"),
            ((2024, 2, 29), "2024_02", "2024-02-01", "2024-03-01"),
            ((2025, 12, 1), "2025_12", "2025-12-01", "2026-01-01"),
        ] {
            let month = Month::of(Date::new(day.0, day.1, day.2).unwrap());
            assert_eq!((month.name.as_str(), month.from.as_str(), month.to.as_str()), (name, from, to));
            let expected = PARTITION.sql.replacen("2026_01", name, 1);
            let (before, _) = expected.split_once("FROM (").unwrap();
            let bounds = ["FROM ('", from, " 00:00:00+00') TO ('", to, " 00:00:00+00');"].concat();
            assert_eq!(month.statement(&PARTITION), [before, &bounds].concat(), "each part is exchanged once");
        }
    }

    #[test]
    fn partitions() {
        check(
            &[("partitioning", "monthly"), ("today", "2026-11-30"), ("retention_days", "90")],
            &[
                "events_2026_11 ",
                "events_2026_12 ",
                "events_2027_01 ",
                "events_2027_02 ",
                "\n-- DROP TABLE events_2026_08;",
            ],
            &["events_2027_03", "INSERT", "\nDROP", "2026-01-01"],
            "this month and three ahead; what is past is not dropped by running the file",
        );
        check(&[("partitioning", "monthly")], &["events_2026_01 ", "no day"], &["DROP"], "no day, no retention");
        let large = [("rows_per_day", "10M"), ("rows_today", "500M"), ("today", "2026-05-09")];
        check(&large, &["INSERT INTO", "'2026-05-01 00:00:00+00' AND"], &[], "rows have to be brought over");
    }

    #[test]
    fn hypertables() {
        let hypertable = ("partitioning", "hypertable");
        check(
            &[hypertable, ("compression_after_days", "7"), ("retention_days", "90")],
            &["=> INTERVAL '168 hours'", "compress_after => INTERVAL '7 days'", "drop_after => INTERVAL '90 days'"],
            &["PARTITION BY"],
            "as it is said",
        );
        check(
            &[hypertable, ("rows_per_day", "10M"), ("ram", "8GiB")],
            &["hours instead of 168", "no retention", "Nothing is compressed"],
            &["'168 hours'", "add_"],
            "a chunk fits memory; what is not said is not written",
        );
    }

    #[test]
    fn nothing_to_divide() {
        for (inputs, words) in
            [(&[][..], "no table grows so large"), (&[("system", "secret-store")], "only a secret store")]
        {
            assert!(text(inputs).is_err_and(|why| why.starts_with(words)), "{words}");
        }
    }
}
