//! `HikariCP` in Spring Boot's `application.yaml`.

use super::application::{NO_DATABASE, Pool, heading, pools};
use super::writer::Writer;
use super::{Document, Export, Language, Subject, hikari};

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
    let mut writer = Writer::new("#");
    heading(&mut writer, subject);
    let pools = pools(subject.scenario);
    let (main, further) = pools.split_first().ok_or(NO_DATABASE)?;
    writer.line("spring:");
    writer.line("  datasource:");
    pool(&mut writer, subject, main, "spring.datasource.hikari");
    if !further.is_empty() {
        writer.comment("", "Every further pool is a bean of its own, with @ConfigurationProperties of its prefix.");
        writer.line("app:");
        writer.line("  datasource:");
    }
    for further in further {
        writer.line(["    ", &further.name, ":"].concat());
        pool(&mut writer, subject, further, &["app.datasource.", &further.name, ".hikari"].concat());
    }
    Ok(writer.finish())
}

/// One pool's settings, below the prefix that leads to them.
fn pool(writer: &mut Writer, Subject { scenario, plan }: Subject<'_>, pool: &Pool, prefix: &str) {
    let indent = " ".repeat(2 * prefix.split('.').count());
    let key = indent.get(2..).unwrap_or_default();
    writer.line([key, "hikari:"].concat());
    for row in hikari::rows(pool, scenario) {
        let value = row.value.to_string();
        writer.comment(&indent, row.why);
        let text = [&indent, row.key, ": ", &value].concat();
        writer.set(text, &[prefix, ".", row.key].concat(), &value, Some(row.default));
    }
    if let Some(note) = hikari::driver_note(plan) {
        writer.comment(&indent, note);
        writer.line([&indent, "data-source-properties:"].concat());
        // PgJDBC prepares at the fifth execution; 0 is never.  https://jdbc.postgresql.org/documentation/use/
        let name = [prefix, ".data-source-properties.prepareThreshold"].concat();
        writer.set([&indent, "  prepareThreshold: 0"].concat(), &name, "0", Some("5"));
    }
}
