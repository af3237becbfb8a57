//! `HikariCP` in Spring Boot's `application.yaml`.

use super::application::{NO_DATABASE, Pool, heading, pools};
use super::{Document, Export, Language, Subject, Takes, hikari};

pub(super) const EXPORT: Export = Export {
    kind: "hikari-yaml",
    title: "HikariCP (YAML)",
    file: "application-pool.yaml",
    language: Language::Yaml,
    about: "The application's pools for Spring Boot: part of application.yaml, the same in every pod.",
    write,
};

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    if !subject.scenario.has_database() {
        return Err(NO_DATABASE);
    }
    let mut file = heading(subject, EXPORT.title);
    let pools = pools(subject.scenario);
    let (main, further) = pools.split_first().ok_or(NO_DATABASE)?;
    file.line("spring:");
    file.line("  datasource:");
    pool(&mut file, subject, main, "spring.datasource.hikari");
    if !further.is_empty() {
        file.comment("", "Every further pool is a bean of its own, with @ConfigurationProperties of its prefix.");
        file.line("app:");
        file.line("  datasource:");
    }
    for further in further {
        file.line(["    ", &further.name, ":"].concat());
        pool(&mut file, subject, further, &["app.datasource.", &further.name, ".hikari"].concat());
    }
    Ok(file)
}

/// One pool's settings, below the prefix that leads to them.
fn pool(file: &mut Document, Subject { scenario, plan }: Subject<'_>, pool: &Pool, prefix: &str) {
    let indent = " ".repeat(2 * prefix.split('.').count());
    let key = indent.get(2..).unwrap_or_default();
    file.line([key, "hikari:"].concat());
    let name = |key: &str| [prefix, ".", key].concat();
    for row in hikari::rows(pool, scenario) {
        let value = row.value.to_string();
        // Said once, with the main pool.
        if pool.name.is_empty() {
            file.comment(&indent, row.why);
        }
        let text = [&indent, row.key, ": ", &value].concat();
        file.assign(text, &name(row.key), &value, Some(row.default), Takes::Restart);
    }
    if let Some(note) = hikari::driver_note(plan) {
        file.comment(&indent, note);
        file.line([&indent, "data-source-properties:"].concat());
        // PgJDBC prepares at the fifth execution; 0 is never.  https://jdbc.postgresql.org/documentation/use/
        let text = [&indent, "  prepareThreshold: 0"].concat();
        file.assign(text, &name("data-source-properties.prepareThreshold"), "0", Some("5"), Takes::Restart);
    }
}
