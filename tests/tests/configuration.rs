//! The exports for the database side, taken by the software they are for, which then says what it has understood.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use formats::export::{Assigned, Document, Export, Subject, Takes};
use sizing::choice::{PgVersion, PoolerVersion};
use sizing::{PRESETS, Scenario, plan};
use tests::postgres::{Session, allowance_mb, cluster, start};
use xtask::pgbouncer::{OUTER_SETTINGS, PgBouncer};
use xtask::postgres::{Cluster, MAJORS, Server};

/// What stands in for a `shared_buffers` that this machine cannot reserve.
const SMALL: &str = "shared_buffers=128MB";

/// Longest that a reload may take to be seen; an idle machine needs some milliseconds.
const LONGEST_RELOAD: Duration = Duration::from_secs(30);

fn export(kind: &str, scenario: &Scenario) -> Result<Document, &'static str> {
    let export = Export::named(kind).unwrap_or_else(|| panic!("no export {kind}"));
    (export.write)(Subject { scenario, plan: &plan(scenario) })
}

/// The presets' files of that kind, for a server of that major: all but the secret store's.
fn of_presets(kind: &str, major: u32) -> Vec<(&'static str, Document)> {
    let pg = PgVersion::from_word(&major.to_string()).unwrap();
    let documents = PRESETS.iter().map(|preset| {
        let document = export(kind, &Scenario { pg, ..preset.scenario() }).map(without_timescaledb);
        assert_eq!(document.is_err(), preset.id == "secret-store", "{}: {document:?}", preset.id);
        Some((preset.id, document.ok()?))
    });
    documents.flatten().collect()
}

/// No server here has `TimescaleDB`'s library: one of the contrib package stands in for it, in the same place.
fn without_timescaledb(mut document: Document) -> Document {
    let in_list = |line: &&mut formats::export::Line| {
        line.setting.as_ref().is_some_and(|setting| setting.name == "shared_preload_libraries")
    };
    for line in document.lines.iter_mut().filter(in_list) {
        line.text = line.text.replace("timescaledb", "auto_explain");
        if let Some(setting) = &mut line.setting {
            setting.value = setting.value.replace("timescaledb", "auto_explain");
        }
    }
    document
}

fn settings(document: &Document) -> impl Iterator<Item = &Assigned> {
    document.lines.iter().filter_map(|line| line.setting.as_ref())
}

fn value<'d>(document: &'d Document, name: &str) -> &'d str {
    settings(document).find(|setting| setting.name == name).map_or_else(|| panic!("no {name}"), |found| &found.value)
}

/// The statements of a file without its comments.
fn statements(document: &Document) -> Vec<String> {
    let text = document.text();
    let code = text.lines().map(|line| match line.split_once("--") {
        Some((code, _)) => code,
        None => line,
    });
    let code: Vec<&str> = code.map(str::trim_end).collect();
    let code = code.join("\n");
    let statements = code.split(";\n").map(str::trim).filter(|statement| !statement.is_empty());
    statements.map(|statement| format!("{};", statement.trim_end_matches(';'))).collect()
}

/// Whether the server shows what is written.
fn agrees(setting: &Assigned, shown: &str) -> bool {
    match (setting.name.as_str(), setting.value.as_str()) {
        // The server's own choice: it shows what it chose.
        ("wal_buffers", "-1") => shown.ends_with("kB") || shown.ends_with("MB"),
        // Two names of one choice.
        ("wal_compression", "on") => shown == "on" || shown == "pglz",
        (_, value) => shown == value,
    }
}

/// What the server shows otherwise than it is written; `outer` stands in for one line.
fn complaints(server: &Server<'_>, document: &Document, outer: &[&str]) -> String {
    let mut session = Session::begin(server, "postgres");
    let mut complaints = String::new();
    for setting in settings(document) {
        if outer.iter().any(|outer| outer.split('=').next() == Some(&setting.name)) {
            continue;
        }
        let shown = session.value(&format!("SHOW {}", setting.name));
        if !agrees(setting, &shown) {
            complaints.push_str(&format!("{} = {} became {shown}\n", setting.name, setting.value));
        }
    }
    for line in server.log().lines() {
        if ["WARNING: ", "ERROR: ", "FATAL: "].iter().any(|level| line.contains(level)) {
            complaints.push_str(&format!("{line}\n"));
        }
    }
    complaints
}

/// What has to stand in for a line on this machine: a server reserves its shared memory when it starts, and can have no
/// more of it than there is.  The line itself is then read and checked by `postgres -C`, which reserves nothing.
fn stand_in(cluster: &Cluster, document: &Document) -> &'static [&'static str] {
    let file = format!("shared_buffers = {}\n", value(document, "shared_buffers"));
    let blocks: u64 = cluster.value(&file, "shared_buffers").unwrap().parse().unwrap();
    if blocks / 128 <= allowance_mb() {
        return &[];
    }
    println!("started with {SMALL} in the place of {}, more than this machine has to give", file.trim_end());
    &[SMALL]
}

fn conf_on(major: u32) {
    let cluster = cluster(major);
    for (preset, document) in of_presets("postgresql-conf", major) {
        assert!(settings(&document).count() > 50, "{preset}: {}", document.text());
        let outer = stand_in(&cluster, &document);
        let server = cluster.start(&document.text(), outer).unwrap_or_else(|error| panic!("{preset}: {error:#}"));
        let complaints = complaints(&server, &document, outer);
        assert!(complaints.is_empty(), "PostgreSQL {major}, {preset}:\n{complaints}");
    }
}

fn alter_system_on(major: u32) {
    for (preset, document) in of_presets("alter-system", major) {
        let cluster = cluster(major);
        let outer = stand_in(&cluster, &document);
        {
            let server = start(&cluster, "");
            let mut session = Session::begin(&server, "postgres");
            for statement in statements(&document) {
                if let Err(refusal) = session.run(&statement) {
                    panic!("PostgreSQL {major}, {preset}: {refusal}, on:\n{statement}");
                }
            }
            // A newly made server has the defaults, so that what waits for a restart is what differs from them.
            let expected: BTreeSet<&str> = (settings(&document))
                .filter(|setting| setting.takes == Some(Takes::Restart))
                .filter(|setting| setting.default.as_ref() != Some(&setting.value))
                .map(|setting| setting.name.as_str())
                .collect();
            let begun = Instant::now();
            loop {
                let rows = session.rows("SELECT name FROM pg_settings WHERE pending_restart");
                let waiting: Vec<String> = rows.into_iter().flatten().flatten().collect();
                let waiting: BTreeSet<&str> = waiting.iter().map(String::as_str).collect();
                if waiting == expected {
                    break;
                }
                assert!(begun.elapsed() < LONGEST_RELOAD, "{preset}: {waiting:?} wait for a restart, not {expected:?}");
                thread::sleep(Duration::from_millis(10));
            }
        }
        let server = cluster.start("", outer).unwrap_or_else(|error| panic!("{preset}: {error:#}"));
        let complaints = complaints(&server, &document, outer);
        assert!(complaints.is_empty(), "PostgreSQL {major}, {preset}:\n{complaints}");
    }
}

fn role_limits_on(major: u32) {
    let cluster = cluster(major);
    let server = start(&cluster, "");
    let mut session = Session::begin(&server, "postgres");
    session.prepare("CREATE ROLE role_name LOGIN");
    session.prepare("CREATE DATABASE database_name");
    let small = Scenario::default();
    let small =
        ("one pod with one connection", export("role-limits", &with(small, &[("pods", "1"), ("pool_size", "1")])));
    let presets = of_presets("role-limits", major).into_iter().map(|(name, document)| (name, Ok(document)));
    for (name, document) in presets.chain([small]) {
        let document = document.unwrap();
        for statement in statements(&document) {
            if let Err(refusal) = session.run(&statement) {
                panic!("PostgreSQL {major}, {name}: {refusal}, on:\n{statement}");
            }
        }
        let role = session.value("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'role_name'");
        let database = session.value("SELECT datconnlimit FROM pg_database WHERE datname = 'database_name'");
        let values: Vec<&str> = settings(&document).map(|setting| setting.value.as_str()).collect();
        assert_eq!(values, [role, database], "PostgreSQL {major}, {name}");
    }
    // The last one is in force: 2 for the role.
    let open: Vec<Session> = (0..2).map(|_| Session::of(&server, "role_name", "database_name").unwrap()).collect();
    let refused = Session::of(&server, "role_name", "database_name").err().expect("a third session");
    assert_eq!(refused.code().map(|code| code.code()), Some("53300"), "{refused}");
    drop(open);
}

fn with(mut scenario: Scenario, inputs: &[(&str, &str)]) -> Scenario {
    for (id, text) in inputs {
        scenario.set(id, text).unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    scenario
}

fn partitions_on(major: u32) {
    let cluster = cluster(major);
    let server = start(&cluster, "timezone = 'Asia/Tokyo'\n");
    let ticketing = PRESETS.iter().find(|preset| preset.id == "ticketing").unwrap().scenario();
    let large = [("rows_per_day", "10M"), ("rows_today", "500M"), ("today", "2026-11-21"), ("retention_days", "90")];
    for (name, scenario, first, rows) in
        [("ticketing", ticketing, "2026-01", 0), ("a large table", with(Scenario::default(), &large), "2026-11", 2)]
    {
        let database = format!("partitions_{rows}");
        Session::begin(&server, "postgres").prepare(&format!("CREATE DATABASE {database}"));
        let mut session = Session::begin(&server, &database);
        session.prepare("CREATE TABLE events (id bigint, created_at timestamptz, amount bigint)");
        // The first and the last moment of the month, and those beside it.
        session.prepare(&format!(
            "INSERT INTO events SELECT n, moment, 1 FROM unnest(ARRAY[\
             timestamptz '{first}-01 00:00:00+00' - interval '1 microsecond', timestamptz '{first}-01 00:00:00+00', \
             timestamptz '{first}-01 00:00:00+00' + interval '30 days' - interval '1 microsecond'])\
             WITH ORDINALITY AS moments (moment, n)"
        ));
        for statement in statements(&export("ddl", &scenario).unwrap()) {
            if let Err(refusal) = session.run(&statement) {
                panic!("PostgreSQL {major}, {name}: {refusal}, on:\n{statement}");
            }
        }
        let copied = session.value("SELECT count(*) FROM events_partitioned");
        assert_eq!(copied, rows.to_string(), "PostgreSQL {major}, {name}: rows of the month");
        let month = first.replace('-', "_");
        let of_month = session.value(&format!("SELECT count(*) FROM events_{month}"));
        assert_eq!(of_month, rows.to_string(), "PostgreSQL {major}, {name}: in its partition");
        // This month and three ahead take rows, and no other.
        for (months, is_taken) in [(-1, false), (0, true), (3, true), (4, false)] {
            let inserted = session.run(&format!(
                "INSERT INTO events_partitioned (created_at, amount)\
                 VALUES ((timestamp '{first}-15' + interval '{months} months') AT TIME ZONE 'UTC', 1)"
            ));
            assert_eq!(inserted.is_ok(), is_taken, "PostgreSQL {major}, {name}: {months} months on: {inserted:?}");
        }
    }
}

tests::on_every_major! {
    a_server_has_the_settings_of_its_file: conf_on,
    a_server_has_the_settings_of_its_statements: alter_system_on,
    limits_are_in_force: role_limits_on,
    partitions_take_the_rows_of_their_months: partitions_on,
}

/// The statements for a hypertable are not run: no server here has the extension.  Where one can be had, they have to be.
#[test]
fn hypertables_are_not_run_because_no_server_has_them() {
    for major in MAJORS {
        let query = "SELECT count(*)::text AS answer FROM pg_available_extensions WHERE name = 'timescaledb'";
        let there = cluster(major).ask(query).unwrap();
        assert_eq!(there, "0", "timescaledb can be had on PostgreSQL {major}: run the statements of export ddl");
    }
}

/// Scenarios with a pooler beside the presets, and what matters of them.
const POOLERS: [(&str, &[(&str, &str)]); 4] = [
    (
        "every limit",
        &[
            ("min_pool_size", "3"),
            ("reserve_pool_size", "4"),
            ("max_db_connections", "30"),
            ("max_user_connections", "40"),
        ],
    ),
    ("session mode", &[("pool_mode", "session"), ("max_client_conn", "2000")]),
    ("statement mode", &[("pool_mode", "statement"), ("default_pool_size", "1")]),
    ("many databases and users", &[("pool_databases", "5"), ("pool_users", "3"), ("pooler_instances", "2")]),
];

/// Every scenario with a pooler, for that version of it.
fn pooled(version: PoolerVersion) -> Vec<(&'static str, Scenario)> {
    let presets = PRESETS.iter().map(|preset| (preset.id, preset.scenario()));
    let own = POOLERS
        .iter()
        .map(|(name, inputs)| (*name, with(with(Scenario::default(), &[("pooler", "pgbouncer")]), inputs)));
    let scenarios = presets.filter(|(_, scenario)| export("pgbouncer", scenario).is_ok()).chain(own);
    scenarios.map(|(name, scenario)| (name, Scenario { pooler_version: version, ..scenario })).collect()
}

const USERS: &[&str] = &["pgbouncer_admin", "role_name"];

fn pgbouncer(configuration: &str, further: &str) -> PgBouncer {
    PgBouncer::start(configuration, USERS, further).unwrap_or_else(|error| panic!("{error:#}\n{configuration}"))
}

/// The rows of what the admin console shows, by their first column.
fn shown(console: &mut Session, what: &str) -> BTreeMap<String, Vec<String>> {
    let rows = console.rows(&format!("SHOW {what}"));
    rows.into_iter()
        .map(|row| {
            let mut row = row.into_iter().map(Option::unwrap_or_default);
            (row.next().unwrap(), row.collect())
        })
        .collect()
}

/// The lines of a pooler's log that complain of something.
fn complaints_of(pooler: &PgBouncer) -> Vec<String> {
    let log = pooler.log();
    let lines = log.lines().filter(|line| ["WARNING", "ERROR", "FATAL"].iter().any(|level| line.contains(level)));
    lines.map(str::to_owned).collect()
}

/// Debian's package has 1.18: the newest settings are those of the next test.
#[test]
fn a_pooler_has_the_settings_of_its_file() {
    let scenarios = pooled(PoolerVersion::V1_18);
    assert!(scenarios.len() > POOLERS.len() + 1, "two presets have a pooler");
    for (name, scenario) in scenarios {
        let document = export("pgbouncer", &scenario).unwrap();
        let pooler = pgbouncer(&document.text(), "");
        let mut console = Session::through(&pooler, "pgbouncer_admin", "pgbouncer");
        let config = shown(&mut console, "CONFIG");
        let databases = shown(&mut console, "DATABASES");
        let mut seen = 0;
        for setting in settings(&document) {
            if setting.name == "database_name" {
                let entry = &databases["database_name"];
                let own = format!("host={} port={} dbname={}", entry[0], entry[1], entry[2]);
                assert_eq!(own, setting.value, "{name}");
                continue;
            }
            // value, default, changeable
            let row = config.get(&setting.name).unwrap_or_else(|| panic!("{name}: no {}", setting.name));
            assert_eq!(Some(&row[1]), setting.default.as_ref(), "{name}: the default of {}", setting.name);
            let takes = if row[2] == "yes" { Takes::Reload } else { Takes::Restart };
            assert_eq!(Some(takes), setting.takes, "{name}: {}", setting.name);
            if !OUTER_SETTINGS.contains(&setting.name.as_str()) {
                assert_eq!(row[0], setting.value, "{name}: {}", setting.name);
                seen += 1;
            }
        }
        assert_eq!(seen, settings(&document).count() - 1 - OUTER_SETTINGS.len(), "{name}");
        // What the entry takes over from the settings of all.
        let columns = console.columns("SHOW DATABASES");
        for (column, setting) in [
            ("pool_size", "default_pool_size"),
            ("min_pool_size", "min_pool_size"),
            ("reserve_pool", "reserve_pool_size"),
            ("max_connections", "max_db_connections"),
        ] {
            let at = columns.iter().position(|name| name == column).unwrap_or_else(|| panic!("{columns:?}"));
            let entry = &databases["database_name"][at - 1];
            assert_eq!(entry, value(&document, setting), "{name}: {column} of the database");
        }
        assert_eq!(complaints_of(&pooler), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn an_older_pooler_misses_nothing_but_prepared_statements() {
    for (name, scenario) in pooled(PoolerVersion::V1_25) {
        let document = export("pgbouncer", &scenario).unwrap();
        let is_known = |line: &&formats::export::Line| !line.text.starts_with("max_prepared_statements");
        let older = export("pgbouncer", &Scenario { pooler_version: PoolerVersion::V1_18, ..scenario }).unwrap();
        let names = |document: &Document| -> BTreeSet<String> {
            settings(document).map(|setting| setting.name.clone()).collect()
        };
        let newer: BTreeSet<String> = names(&document).difference(&names(&older)).cloned().collect();
        assert_eq!(newer, BTreeSet::from(["max_prepared_statements".to_owned()]), "{name}");
        let known: Vec<&str> = document.lines.iter().filter(is_known).map(|line| line.text.as_str()).collect();
        let pooler = pgbouncer(&known.join("\n"), "");
        assert_eq!(complaints_of(&pooler), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn an_unknown_setting_is_complained_of() {
    let scenario = with(Scenario::default(), &[("pooler", "pgbouncer"), ("pooler_version", "1.18")]);
    let file = export("pgbouncer", &scenario).unwrap().text();
    match PgBouncer::start(&file, USERS, "no_such_setting = 1") {
        Ok(pooler) => assert!(complaints_of(&pooler).iter().any(|line| line.contains("no_such_setting"))),
        Err(error) => assert!(format!("{error:#}").contains("no_such_setting"), "{error:#}"),
    }
}

#[test]
fn clients_come_through_the_pooler_to_the_server() {
    let cluster = cluster(15);
    let server = start(&cluster, "");
    let mut session = Session::begin(&server, "postgres");
    session.prepare("CREATE ROLE role_name LOGIN");
    session.prepare("CREATE DATABASE database_name");
    let ticketing = PRESETS.iter().find(|preset| preset.id == "ticketing").unwrap().scenario();
    let document = export("pgbouncer", &Scenario { pooler_version: PoolerVersion::V1_18, ..ticketing }).unwrap();
    let host = server.cluster().socket_folder().display().to_string();
    let further = format!("[databases]\ndatabase_name = host={host} port=5432 dbname=database_name");
    let pooler = pgbouncer(&document.text(), &further);
    let mut client = Session::through(&pooler, "role_name", "database_name");
    assert_eq!(client.value("SELECT current_user || ' ' || current_database()"), "role_name database_name");
    let mut console = Session::through(&pooler, "pgbouncer_admin", "pgbouncer");
    let pool = shown(&mut console, "POOLS");
    assert_eq!(pool["database_name"].first().map(String::as_str), Some("role_name"));
    assert_eq!(pool["database_name"].last().map(String::as_str), Some("transaction"));
}
