//! `SQLAlchemy`'s `create_engine` arguments.

use super::application::{
    LIFETIME_MS, NO_DATABASE, Pool, heading, lifetime_reason, must_not_prepare, pools, timeout_ms,
};
use super::{Document, Export, Language, Subject, Takes};
use sizing::choice::PoolMode;

pub(super) const EXPORT: Export = Export {
    kind: "sqlalchemy",
    title: "SQLAlchemy",
    file: "database_pool.py",
    language: Language::Python,
    about: "The application's pools for SQLAlchemy: arguments of create_engine, for each process.",
    write,
};

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let Subject { scenario, .. } = subject;
    if !scenario.has_database() {
        return Err(NO_DATABASE);
    }
    let mut file = heading(subject, EXPORT.title);
    file.comment("", "Each process has pools of its own: a worker that is forked disposes of those it inherits.");
    file.comment("", "create_engine(\"postgresql+psycopg://…\", **POOLS[\"main\"])");
    file.line("POOLS = {");
    for pool in pools(scenario) {
        arguments(&mut file, subject, &pool);
    }
    file.line("}");
    if scenario.has_pooler() && scenario.pool_mode != PoolMode::Session && !must_not_prepare(subject.plan) {
        // https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
        file.comment(
            "",
            "Prepared statements: psycopg forgets them safely behind PgBouncer from 3.2 on with libpq 17; before, and \
             wherever they fail, connect_args={\"prepare_threshold\": None}. asyncpg takes \
             connect_args={\"statement_cache_size\": 0} and prepared_statement_cache_size=0 in the URL for the same.",
        );
    }
    Ok(file)
}

fn arguments(file: &mut Document, Subject { scenario, plan }: Subject<'_>, pool: &Pool) {
    let prefix = if pool.name.is_empty() { "main" } else { &pool.name };
    let name = |argument: &str| [prefix, ".", argument].concat();
    file.line(["    \"", prefix, "\": {"].concat());
    // Defaults: https://docs.sqlalchemy.org/en/20/core/pooling.html, QueuePool, and create_engine.
    let overflow = pool.overflow.map_or_else(|| "-1".to_owned(), |overflow| overflow.to_string());
    let rows = [
        ("pool_size", pool.size.to_string(), "5", "Connections that are kept."),
        ("max_overflow", overflow, "10", "Connections beyond, closed when they are given back; -1 is no limit."),
        ("pool_timeout", seconds(timeout_ms(scenario)), "30", "A wait of so many seconds is a failure, not a queue."),
        ("pool_recycle", seconds(LIFETIME_MS), "-1", lifetime_reason(scenario)),
        ("pool_pre_ping", "True".to_owned(), "False", "A connection that a failover closed is replaced unnoticed."),
    ];
    for (argument, value, default, why) in rows {
        // Said once, with the main pool.
        if pool.name.is_empty() {
            file.comment("        ", why);
        }
        let text = ["        \"", argument, "\": ", &value, ","].concat();
        file.assign(text, &name(argument), &value, Some(default), Takes::Restart);
    }
    if must_not_prepare(plan) {
        file.comment(
            "        ",
            "The pooler keeps no prepared statements. This is psycopg's name for none; asyncpg takes \
             {\"statement_cache_size\": 0} here and prepared_statement_cache_size=0 in the URL.",
        );
        let text = "        \"connect_args\": {\"prepare_threshold\": None},".to_owned();
        // https://www.psycopg.org/psycopg3/docs/api/connections.html, prepare_threshold
        file.assign(text, &name("connect_args.prepare_threshold"), "None", Some("5"), Takes::Restart);
    }
    file.line("    },");
}

/// Milliseconds in seconds, exactly: `5`, `0.25`.
fn seconds(millis: u64) -> String {
    let (whole, rest) = (millis / 1_000, millis % 1_000);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = (1_000 + rest).to_string();
    [&whole.to_string(), ".", rest.get(1..).unwrap_or_default().trim_end_matches('0')].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact() {
        for (millis, expected) in [(5_000, "5"), (250, "0.25"), (1_001, "1.001"), (0, "0")] {
            assert_eq!(seconds(millis), expected);
        }
    }
}
