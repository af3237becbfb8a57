//! `postgresql.conf`: every setting the plan recommends.

use sizing::memory::Setting;
use sizing::memory::guc::Context;
use sizing::strategy::statement::MAX_CONNECTIONS;

use super::{Assigned, Document, Export, Language, Subject, Takes};

pub(super) const EXPORT: Export = Export {
    kind: "postgresql-conf",
    title: "postgresql.conf",
    file: "postgresql.conf",
    language: Language::Conf,
    about: "Settings of the database server: at the end of postgresql.conf, or as a file in its conf.d folder.",
    write,
};

/// The first setting of each group, in the plan's order, and the group's name.
const GROUPS: &[(&str, &str)] = &[
    ("max_connections", "Connections"),
    ("shared_buffers", "Memory"),
    ("wal_level", "Write-ahead log and replication"),
    ("random_page_cost", "Storage and planner"),
    ("max_worker_processes", "Parallel queries"),
    ("autovacuum", "Autovacuum"),
    ("logging_collector", "Log"),
    ("shared_preload_libraries", "Statistics, locks, storage of long values"),
];

/// What has to be known before a setting is changed.
const NOTES: &[(&str, &str)] = &[
    ("max_connections", MAX_CONNECTIONS.why),
    (
        "shared_preload_libraries",
        "Replaces the whole list: keep what SHOW shared_preload_libraries names, such as timescaledb. The library \
         comes with the contrib package; without it the server does not start.",
    ),
];

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let what = ["postgresql.conf: what Headroom recommends for PostgreSQL ", subject.scenario.pg.word()].concat();
    let mut document = Document::new(subject, "#", &what);
    write_settings(&mut document, subject, "#", 48, |setting| [setting.name(), " = ", setting.text()].concat())?;
    Ok(document)
}

/// Every setting of the plan in groups, each as a line that `written` begins; its comment begins at `column`.
pub(super) fn write_settings(
    document: &mut Document,
    subject: Subject<'_>,
    mark: &str,
    column: usize,
    written: fn(&Setting) -> String,
) -> Result<(), &'static str> {
    if !subject.scenario.has_database() {
        return Err("only a secret store is sized: there is no PostgreSQL server to set up");
    }
    let service = subject.scenario.service;
    if service != sizing::pool::service::Service::SELF_MANAGED {
        document
            .line([mark, " ", service.name(), ": the provider decides which of them can be set, and where."].concat());
    }
    let of = |table: &[(&str, &'static str)], name: &str| {
        table.iter().find(|(setting, _)| *setting == name).map(|(_, words)| *words)
    };
    for setting in subject.plan.values.iter().filter_map(|value| value.setting.as_ref()) {
        if let Some(group) = of(GROUPS, setting.name()) {
            document.line("");
            document.line([mark, " ", group].concat());
        }
        if let Some(note) = of(NOTES, setting.name()) {
            document.line([mark, " ", note].concat());
        }
        let takes = takes(setting.context());
        let mut text = written(setting);
        text.push_str(&" ".repeat(column.saturating_sub(text.chars().count()).max(1)));
        text.push_str(mark);
        text.push_str(if takes == Takes::Restart { " restart, " } else { " reload, " });
        let default = setting.default_text();
        if setting.is_changed() {
            text.push_str("default ");
            text.push_str(&default);
        } else {
            text.push_str("the default");
        }
        document.set(
            text,
            Assigned {
                name: setting.name().to_owned(),
                value: unquoted(setting.text()),
                default: Some(unquoted(&default)),
                takes: Some(takes),
            },
        );
    }
    Ok(())
}

/// A setting of sessions is one of the server, too, when it stands in its configuration.
const fn takes(context: Context) -> Takes {
    match context {
        Context::Restart => Takes::Restart,
        Context::Reload | Context::Session => Takes::Reload,
    }
}

fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use sizing::Scenario;
    use sizing::choice::PgVersion;

    use super::*;

    #[test]
    fn every_group_begins_once_in_every_version() {
        for pg in PgVersion::CHOICES {
            let scenario = Scenario { pg: PgVersion::from_word(pg.word).unwrap(), ..Scenario::default() };
            let document = write(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) }).unwrap();
            for (_, group) in GROUPS {
                let heading = ["# ", group].concat();
                assert_eq!(
                    document.lines.iter().filter(|line| line.text == heading).count(),
                    1,
                    "{}: {group}",
                    pg.word
                );
            }
        }
    }

    #[test]
    fn a_line_says_what_it_takes() {
        let scenario = Scenario::default();
        let document = write(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) }).unwrap();
        for (name, text, value, default, takes) in [
            ("shared_buffers", "shared_buffers = 2GB ", "2GB", "128MB", Takes::Restart),
            ("max_wal_size", "max_wal_size = 4GB ", "4GB", "1GB", Takes::Reload),
            ("log_directory", "log_directory = 'log' ", "log", "log", Takes::Reload),
        ] {
            let is_of = |line: &&super::super::Line| line.setting.as_ref().is_some_and(|setting| setting.name == name);
            let line = document.lines.iter().find(is_of).unwrap();
            let word = if takes == Takes::Restart { "# restart, " } else { "# reload, " };
            assert!(line.text.starts_with(text) && line.text.contains(word), "{}", line.text);
            let (value, default) = (value.to_owned(), Some(default.to_owned()));
            assert_eq!(line.setting, Some(Assigned { name: name.to_owned(), value, default, takes: Some(takes) }));
        }
    }

    #[test]
    fn quotes() {
        for (text, expected) in [("'a ''b'' '", "a 'b' "), ("on", "on"), ("''", ""), ("-1", "-1")] {
            assert_eq!(unquoted(text), expected);
        }
    }
}
