//! `pgbouncer.ini`: the pooler as the scenario has it.

use sizing::choice::{Pooler, PoolerVersion};
use sizing::quantity::Connections;

use super::{Assigned, Document, Export, Language, Subject, Takes};

pub(super) const EXPORT: Export = Export {
    kind: "pgbouncer",
    title: "PgBouncer",
    file: "pgbouncer.ini",
    language: Language::Ini,
    about: "The pooler's own configuration, the same file for each of its instances: /etc/pgbouncer/pgbouncer.ini.",
    write,
};

/// What does not follow from the scenario, and has to be right all the same: name, value, `PgBouncer`'s default, what a
/// change takes, and why it stands there.
const SURROUNDINGS: &[(&str, &str, &str, Takes, &str)] = &[
    ("listen_addr", "*", "", Takes::Restart, "Without it only clients of the same machine are let in."),
    ("listen_port", "6432", "6432", Takes::Restart, ""),
    ("auth_type", "scram-sha-256", "md5", Takes::Reload, ""),
    (
        "auth_file",
        "/etc/pgbouncer/userlist.txt",
        "",
        Takes::Reload,
        "\"role_name\" \"password or its SCRAM secret\", a line for each user.",
    ),
    ("admin_users", "pgbouncer_admin", "", Takes::Reload, "May connect to the database pgbouncer: SHOW POOLS, RELOAD."),
    ("ignore_startup_parameters", "extra_float_digits", "", Takes::Reload, "JDBC drivers send it."),
];

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let scenario = subject.scenario;
    if !scenario.has_database() {
        return Err("only a secret store is sized: there is no database to pool connections to");
    }
    if scenario.pooler == Pooler::None {
        return Err("no pooler stands between the application and the database: set pooler to pgbouncer");
    }
    if scenario.service.pooler().is_some() {
        return Err(
            "the pooler comes with the service: its limits are the plan's, its settings in the provider's console",
        );
    }
    let version = scenario.pooler_version;
    let what = [
        "pgbouncer.ini: for PgBouncer ",
        version.word(),
        if version == PoolerVersion::V1_18 { " or older" } else { "" },
    ];
    let mut document = Document::new(subject, ";", &what.concat());
    let instances = scenario.instances();
    if instances > 1 {
        let of = instances.to_string();
        document.line(["; The file of each of ", &of, " instances. Every limit in it holds for one process."].concat());
    }
    document.line("");
    databases(&mut document, subject);
    document.line("");
    document.line("[pgbouncer]");
    pools(&mut document, subject);
    document.line("");
    for (name, value, default, takes, why) in SURROUNDINGS {
        if !why.is_empty() {
            document.line(["; ", why].concat());
        }
        set(&mut document, name, (*value).to_owned(), default, *takes);
    }
    Ok(document)
}

/// Where the pools lead to.
fn databases(document: &mut Document, subject: Subject<'_>) {
    document.line("[databases]");
    document.line("; The name that clients connect to, and where it leads; the names stand for your own.");
    let (databases, users) = (subject.scenario.pool_databases.get(), subject.scenario.pool_users.get());
    if databases > 1 {
        document.line(["; ", &databases.to_string(), " databases: such a line for each."].concat());
    }
    if users > 1 {
        document.line(["; ", &users.to_string(), " users: each has a pool of its own in each database."].concat());
    }
    let target = "host=127.0.0.1 port=5432 dbname=database_name";
    document.set(
        ["database_name = ", target].concat(),
        Assigned {
            name: "database_name".to_owned(),
            value: target.to_owned(),
            default: None,
            takes: Some(Takes::Reload),
        },
    );
}

/// What the scenario says of the pools and their limits.
fn pools(document: &mut Document, subject: Subject<'_>) {
    let scenario = subject.scenario;
    let number = |limit: Option<Connections>| limit.unwrap_or_default().get().to_string();
    let mut reload = |comment: &[&str], name: &str, value: String, default: &str| {
        if !comment.is_empty() {
            document.line(["; ", &comment.concat()].concat());
        }
        set(document, name, value, default, Takes::Reload);
    };
    reload(
        &["When a server connection goes back to its pool."],
        "pool_mode",
        scenario.pool_mode.word().to_owned(),
        "session",
    );
    reload(
        &[
            "Server connections of each pair of database and user; all instances together may open ",
            &subject.text("pool.server_connections"),
            if scenario.default_pool_size.is_some() {
                "."
            } else {
                "; 0 is no limit from 1.24, and no connection before."
            },
        ],
        "default_pool_size",
        number(scenario.default_pool_size),
        "20",
    );
    reload(
        &["Server connections of a pool that stay open, however few the clients."],
        "min_pool_size",
        number(Some(scenario.min_pool_size)),
        "0",
    );
    reload(
        &["Server connections beyond these, for clients that wait longer than reserve_pool_timeout."],
        "reserve_pool_size",
        number(Some(scenario.reserve_pool_size)),
        "0",
    );
    let lost = match scenario.instances() {
        0 | 1 => String::new(),
        _ => [", with one instance lost ", &subject.text("pool.client_connections_per_pooler_degraded")].concat(),
    };
    reload(
        &["One instance is asked for ", &subject.text("pool.client_connections_per_pooler"), " clients", &lost, "."],
        "max_client_conn",
        number(Some(scenario.max_client_conn)),
        "100",
    );
    reload(
        &["Server connections of a database, whatever the user; 0 is no limit."],
        "max_db_connections",
        number(scenario.max_db_connections),
        "0",
    );
    reload(
        &["Server connections of a user, whatever the database; 0 is no limit."],
        "max_user_connections",
        number(scenario.max_user_connections),
        "0",
    );
    match scenario.prepared_statements_kept() {
        Some(kept) => reload(
            &[
                "Prepared statements of the protocol kept for a server connection, so that they work in every pool mode.",
            ],
            "max_prepared_statements",
            kept.to_string(),
            if scenario.pooler_version >= PoolerVersion::V1_24 { "200" } else { "0" },
        ),
        None => document.line("; max_prepared_statements is unknown before PgBouncer 1.21."),
    }
    let needed = subject.text("pool.file_descriptors");
    if !needed.is_empty() {
        document.line(["; File descriptors one instance needs (ulimit -n, LimitNOFILE): ", &needed, "."].concat());
    }
}

fn set(document: &mut Document, name: &str, value: String, default: &str, takes: Takes) {
    let text = [name, " = ", &value].concat();
    let setting = Assigned { name: name.to_owned(), value, default: Some(default.to_owned()), takes: Some(takes) };
    document.set(text, setting);
}

#[cfg(test)]
mod tests {
    use sizing::Scenario;

    use super::*;

    type Inputs<'a> = &'a [(&'a str, &'a str)];

    /// The settings that are written for these inputs behind a pooler.
    fn settings(inputs: &[(&str, &str)]) -> Result<Vec<(String, String)>, &'static str> {
        let mut scenario = Scenario { pooler: Pooler::PgBouncer, ..Scenario::default() };
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        let document = write(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) })?;
        let settings = document.lines.into_iter().filter_map(|line| line.setting);
        Ok(settings.map(|setting| (setting.name, setting.value)).collect())
    }

    #[test]
    fn what_is_said_is_written() {
        let rows: &[(Inputs<'_>, &str, Option<&str>, &str)] = &[
            (&[], "pool_mode", Some("transaction"), "always: PgBouncer's own default is another one"),
            (&[], "default_pool_size", Some("20"), "the default is written, too"),
            (&[("default_pool_size", "0")], "default_pool_size", Some("0"), "no limit"),
            (&[("max_db_connections", "40")], "max_db_connections", Some("40"), "a limit"),
            (&[], "max_db_connections", Some("0"), "none"),
            (&[], "max_prepared_statements", Some("200"), "the default of 1.25"),
            (&[("pooler_version", "1.21")], "max_prepared_statements", Some("0"), "the default of 1.21"),
            (&[("pooler_version", "1.20")], "max_prepared_statements", None, "unknown to 1.20"),
            (
                &[("pooler_version", "1.20"), ("max_prepared_statements", "100")],
                "max_prepared_statements",
                None,
                "unknown to 1.20, whatever is wished",
            ),
        ];
        for (inputs, name, expected, reason) in rows {
            let settings = settings(inputs).unwrap();
            let value = settings.iter().find(|(setting, _)| setting == name).map(|(_, value)| value.as_str());
            assert_eq!(value, *expected, "{inputs:?}, {name}: {reason}");
        }
    }

    #[test]
    fn no_pooler_of_ones_own() {
        for (inputs, words) in [
            (("pooler", "none"), "no pooler stands"),
            (("service", "neon-1"), "the pooler comes with the service"),
            (("system", "secret-store"), "only a secret store"),
        ] {
            assert!(settings(&[inputs]).is_err_and(|why| why.starts_with(words)), "{words}");
        }
    }
}
