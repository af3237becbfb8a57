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
    ("shared_preload_libraries", "The library comes with the contrib package; without it the server does not start."),
];

/// Where the line's comment begins, so that comments stand below each other.
const COLUMN: usize = 48;

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let what = ["postgresql.conf: what Headroom recommends for PostgreSQL ", subject.scenario.pg.word()].concat();
    let mut document = Document::new(subject, "#", &what);
    write_settings(&mut document, subject, "#", |setting| [setting.name(), " = ", setting.text()].concat())?;
    Ok(document)
}

/// Every setting of the plan in groups, each as a line that `written` begins.
pub(super) fn write_settings(
    document: &mut Document,
    subject: Subject<'_>,
    mark: &str,
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
        text.push_str(&" ".repeat(COLUMN.saturating_sub(text.chars().count()).max(1)));
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
