//! `HikariCP` as environment variables, by Spring Boot's relaxed binding.

use super::application::{NO_DATABASE, heading, pools};
use super::{Document, Export, Language, Subject, Takes, hikari};

pub(super) const EXPORT: Export = Export {
    kind: "hikari-env",
    title: "HikariCP (environment)",
    file: "pool.env",
    language: Language::Env,
    about: "The application's pools for Spring Boot as environment variables, for a container's env file.",
    write,
};

/// What the main pool's variables begin with.
const MAIN: &str = "SPRING_DATASOURCE";

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    if !subject.scenario.has_database() {
        return Err(NO_DATABASE);
    }
    let mut file = heading(subject, EXPORT.title);
    for (name, value, default, why) in variables(subject) {
        // Said once, with the main pool.
        if name.starts_with(MAIN) {
            file.comment("", why);
        }
        file.assign([&name, "=", &value].concat(), &name, &value, Some(default), Takes::Restart);
    }
    if let Some(note) = hikari::driver_note(subject.plan) {
        // The names of the driver's properties have capitals, which are lost in the name of a variable.
        file.comment("", note);
        file.comment("", "Add prepareThreshold=0 to the parameters of SPRING_DATASOURCE_URL.");
    }
    Ok(file)
}

/// Each variable with its value, the setting's default and why.
pub(super) fn variables(subject: Subject<'_>) -> Vec<(String, String, &'static str, &'static str)> {
    let mut variables = Vec::new();
    for pool in pools(subject.scenario) {
        let prefix = match &*pool.name {
            "" => MAIN.to_owned(),
            name => ["APP_DATASOURCE_", &name.replace('-', "").to_ascii_uppercase()].concat(),
        };
        for row in hikari::rows(&pool, subject.scenario) {
            let name = [&prefix, "_HIKARI_", &row.key.replace('-', "").to_ascii_uppercase()].concat();
            variables.push((name, row.value.to_string(), row.default, row.why));
        }
    }
    variables
}
