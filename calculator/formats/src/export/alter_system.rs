//! `ALTER SYSTEM`: the settings of `postgresql.conf` as statements.

use sizing::memory::Setting;

use super::postgresql_conf::write_settings;
use super::{Document, Export, Language, Subject};

pub(super) const EXPORT: Export = Export {
    kind: "alter-system",
    title: "ALTER SYSTEM",
    file: "alter-system.sql",
    language: Language::Sql,
    about: "The same settings as statements, for psql -f as a superuser: they go to postgresql.auto.conf, which \
            outranks postgresql.conf.",
    write,
};

/// A restart is told from a reload by the server itself.
const END: &str = "
SELECT pg_reload_conf();

-- Asked a moment later: what still waits for a restart.
SELECT name, setting FROM pg_settings WHERE pending_restart;

-- The way back, one setting at a time; then reload or restart as above:
-- ALTER SYSTEM RESET setting_name;
";

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let what = ["What Headroom recommends for PostgreSQL ", subject.scenario.pg.word(), ", as statements"].concat();
    let mut document = Document::new(subject, "--", &what);
    document.line("-- Each runs on its own, not in a transaction block.");
    write_settings(&mut document, subject, "--", 64, statement)?;
    document.lines(END);
    Ok(document)
}

fn statement(setting: &Setting) -> String {
    let text = setting.text();
    // A list in one pair of quotes is taken as one name, and the server does not start.
    let items = if setting.name() == "shared_preload_libraries" { text.replace(", ", "', '") } else { text.to_owned() };
    let quote = if text.starts_with('\'') { "" } else { "'" };
    ["ALTER SYSTEM SET ", setting.name(), " = ", quote, &items, quote, ";"].concat()
}

#[cfg(test)]
mod tests {
    use sizing::Scenario;
    use sizing::choice::Partitioning;

    use super::*;

    #[test]
    fn each_library_has_quotes_of_its_own() {
        for (partitioning, expected) in [
            (Partitioning::None, "'pg_stat_statements'; "),
            (Partitioning::Hypertable, "'timescaledb', 'pg_stat_statements'; "),
        ] {
            let scenario = Scenario { partitioning, ..Scenario::default() };
            let text = write(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) }).unwrap().text();
            let libraries =
                text.lines().find_map(|line| line.strip_prefix("ALTER SYSTEM SET shared_preload_libraries = "));
            assert!(libraries.is_some_and(|libraries| libraries.starts_with(expected)), "{libraries:?}");
        }
    }
}
