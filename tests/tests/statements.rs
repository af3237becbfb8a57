//! Every SQL statement, of the documents and of the product, on real servers: what is accepted, what is refused, and what
//! means something else than it says.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sizing::strategy::documents::{DOCUMENTED, Outcome as Named};
use sizing::strategy::statement::{Need, STATEMENTS};
use tests::postgres::{Session, cluster, start};
use xtask::paths;
use xtask::postgres::{MAJORS, Server};

/// What the documents' own configuration preloads; and a day that is the same wherever this runs.
const SETTINGS: &str = "shared_preload_libraries = 'pg_stat_statements'\ntimezone = 'UTC'\n";

/// Longest that a session told to end may take; an idle machine needs a few milliseconds.
const LONGEST_END: Duration = Duration::from_secs(30);

/// What the tables' proofs use.
const PROOF: &str = "
    CREATE SCHEMA proof;
    CREATE FUNCTION proof.error(statement text) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN EXECUTE statement; RETURN NULL; EXCEPTION WHEN OTHERS THEN RETURN sqlerrm; END $$;
    CREATE FUNCTION proof.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
        DECLARE line text; lines text = '';
        BEGIN FOR line IN EXECUTE 'EXPLAIN ' || query LOOP lines = lines || line || chr(10); END LOOP; RETURN lines; END $$;";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    document: Vec<Document>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    title: String,
    database: String,
    given: Vec<String>,
    statement: Vec<Statement>,
}

/// A statement of a document; `statements.toml` says what the fields are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    section: String,
    sql: String,
    outcome: Outcome,
    #[serde(default)]
    why: String,
    needs: Option<String>,
    error: Option<String>,
    shows: Option<String>,
    mended: Option<String>,
    right: Option<String>,
    #[serde(default)]
    named: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Runs,
    Differs,
    Refused,
    NotRun,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rewrites {
    rewrite: Vec<Rewrite>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rewrite {
    from: String,
    to: String,
    #[serde(default)]
    of_product: bool,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    same: bool,
    why: String,
    #[serde(default)]
    data: String,
}

fn read(name: &str) -> String {
    let path = paths::root().join("tests").join("documents").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn table<T: DeserializeOwned>(name: &str) -> T {
    toml::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn documents() -> Vec<Document> {
    table::<Documents>("statements.toml").document
}

/// A session in a new database, with what the proofs use.
fn database(server: &Server<'_>, name: &str) -> Session {
    Session::begin(server, "postgres").prepare(&format!("CREATE DATABASE {name}"));
    let mut session = Session::begin(server, name);
    session.prepare(PROOF);
    session
}

/// Runs something and undoes it.
fn undone<T>(session: &mut Session, run: impl FnOnce(&mut Session) -> T) -> T {
    session.prepare("BEGIN");
    let answer = run(session);
    session.prepare("ROLLBACK");
    answer
}

/// The last column of the last row.
fn last(session: &mut Session, sql: &str) -> Option<String> {
    session.rows(sql).pop().and_then(|mut row| row.pop()).flatten()
}

fn is_true(session: &mut Session, sql: &str) -> bool {
    undone(session, |session| last(session, sql)).as_deref() == Some("t")
}

/// A refusal as every version from 15 on words it.  Version 14 names the file that an extension lacks.
fn in_todays_words(message: &str) -> String {
    let file = message.strip_prefix("could not open extension control file \"");
    let path = file.and_then(|rest| rest.strip_suffix(".control\": No such file or directory"));
    match path.and_then(|path| path.rsplit('/').next()) {
        Some(name) => format!("extension \"{name}\" is not available"),
        None => message.to_owned(),
    }
}

/// Runs a statement and gives what is wrong with its row, if anything.
fn examine(session: &mut Session, row: &Statement) -> Option<String> {
    let ran = match (row.outcome, session.run(&row.sql)) {
        (Outcome::NotRun, Ok(_)) => return Some("runs, although the extension is missing".to_owned()),
        (Outcome::Refused, Ok(_)) => return Some("is accepted".to_owned()),
        (Outcome::Refused | Outcome::NotRun, Err(refusal)) => {
            let error = row.error.as_deref().unwrap_or("nothing");
            if !in_todays_words(&refusal.message).contains(error) {
                return Some(format!("is refused with: {refusal}"));
            }
            if row.outcome == Outcome::NotRun {
                return None;
            }
            row.mended.as_ref().map_or(Ok(()), |mend| session.run(mend).and_then(|_| session.run(&row.sql)).map(drop))
        }
        (Outcome::Runs | Outcome::Differs, ran) => ran.map(drop),
    };
    if let Err(refusal) = ran {
        return Some(format!("is refused with: {refusal}"));
    }
    if let Some(right) = &row.right
        && let Err(refusal) = undone(session, |session| session.run(right))
    {
        return Some(format!("has a right form that is refused with: {refusal}"));
    }
    let shows = row.shows.as_ref()?;
    (!is_true(session, shows)).then(|| format!("does not show:\n{shows}"))
}

fn documents_on(major: u32) {
    let cluster = cluster(major);
    let server = start(&cluster, SETTINGS);
    let mut complaints = String::new();
    for document in documents() {
        let mut session = database(&server, &document.database);
        for given in &document.given {
            session.prepare(given);
        }
        for row in &document.statement {
            if let Some(complaint) = examine(&mut session, row) {
                complaints.push_str(&format!("{}, {}:\n{}\n{complaint}\n\n", document.title, row.section, row.sql));
            }
        }
    }
    assert!(complaints.is_empty(), "PostgreSQL {major}\n{complaints}");
}

fn rewrites_on(major: u32) {
    let cluster = cluster(major);
    let server = start(&cluster, SETTINGS);
    // The tables of the document whose rewrites these are, with every index that it makes.
    let guide = documents().pop().unwrap();
    let mut of_documents = database(&server, &guide.database);
    for given in &guide.given {
        of_documents.prepare(given);
    }
    for row in &guide.statement {
        let _ = of_documents.run(&row.sql);
    }
    let mut of_product = database(&server, "product");
    of_product.prepare(&read("schema.sql").replace("VACUUM ANALYZE;", "ANALYZE;"));

    let mut complaints = String::new();
    for rewrite in table::<Rewrites>("rewrites.toml").rewrite {
        let session = if rewrite.of_product { &mut of_product } else { &mut of_documents };
        for case in &rewrite.cases {
            let (mut from, mut to) = undone(session, |session| {
                session.prepare(&case.data);
                (session.rows(&rewrite.from), session.rows(&rewrite.to))
            });
            from.sort();
            to.sort();
            if case.same != (from == to) {
                complaints.push_str(&format!(
                    "{}{}{}: {} and {} rows\n\n",
                    rewrite.from,
                    rewrite.to,
                    case.why,
                    from.len(),
                    to.len()
                ));
            }
            assert!(!from.is_empty() || !to.is_empty(), "nothing to compare: {}, {}", rewrite.to, case.why);
        }
    }
    assert!(complaints.is_empty(), "PostgreSQL {major}\n{complaints}");
}

/// Runs what the product hands out, in its order, and looks whether each index serves the query it stands beside.
fn product_on(major: u32) {
    let cluster = cluster(major);
    let server = start(&cluster, SETTINGS);
    let mut session = product(&server, "database_name");
    for statement in STATEMENTS {
        for need in statement.needs {
            if let Need::Extension(name) | Need::Preloaded(name) = need {
                session.prepare(&format!("CREATE EXTENSION IF NOT EXISTS {name}"));
            }
            if *need == Need::OutsideTransaction {
                let inside = undone(&mut session, |session| session.run(statement.sql));
                assert!(inside.is_err(), "{}: it can run inside of a transaction", statement.id);
            }
        }
        if let Err(refusal) = session.run(statement.sql) {
            panic!("PostgreSQL {major}, {}: {refusal}", statement.id);
        }
        let Some(pattern) = statement.id.strip_prefix("query_") else { continue };
        let index = STATEMENTS.iter().find(|index| index.id.strip_prefix("index_") == Some(pattern));
        if let Some(index) = index {
            let name = index.sql.strip_prefix("CREATE INDEX CONCURRENTLY ").and_then(|rest| rest.split(' ').next());
            let name = name.unwrap_or_else(|| panic!("{}: no name", index.id));
            session.prepare("ANALYZE table_name, child_table");
            let plan = session.rows(&format!("EXPLAIN {}", statement.sql));
            let plan: Vec<String> = plan.into_iter().flatten().flatten().collect();
            let serves = plan.iter().any(|line| line.contains(name));
            assert!(serves, "PostgreSQL {major}, {}: not by {name}\n{}", statement.id, plan.join("\n"));
        }
    }
}

/// A session in a new database with the tables that the product's statements speak of.
fn product(server: &Server<'_>, name: &str) -> Session {
    let mut session = database(server, name);
    // One transaction each, or VACUUM would not be possible.
    for part in read("schema.sql").split_inclusive("VACUUM ANALYZE;") {
        match part.strip_suffix("VACUUM ANALYZE;") {
            Some(before) => {
                session.prepare(before);
                session.prepare("VACUUM ANALYZE");
            }
            None => session.prepare(part),
        }
    }
    session
}

/// What is no SQL for these servers, and what they say of it.
const NO_SQL: &[(&str, &str)] = &[
    ("tcp_check", "syntax error at or near \"server\""),
    ("milliseconds", "syntax error at or near \"spring\""),
    ("restart_twice", "syntax error at or near \"kubectl\""),
    ("modulith_property", "syntax error at or near \"spring\""),
    ("percentile_of_means", "syntax error at or near \"histogram_quantile\""),
    ("compression_view", "relation \"timescaledb_information.chunk_compression_stats\" does not exist"),
    ("archive_overwrites", "syntax error at or near \"archive_command\""),
];

/// What the product says of the documents' statements.
fn named_on(major: u32) {
    let cluster = cluster(major);
    let server = start(&cluster, SETTINGS);
    // The name that the Optimization Guide's database has.
    let mut session = product(&server, "sark");
    let mut complaints = String::new();
    for row in DOCUMENTED {
        let complaint = match (row.outcome, session.run(row.text)) {
            (Named::Fails(words), Err(refusal)) if refusal.message.contains(words) => continue,
            (Named::Fails(_), Ok(_)) => "runs".to_owned(),
            (Named::Fails(_) | Named::Differs, Err(refusal)) => format!("is refused with: {refusal}"),
            (Named::Other, Ok(_)) => "is SQL after all".to_owned(),
            (Named::Differs, Ok(_)) => continue,
            (Named::Other, Err(refusal)) => match NO_SQL.iter().find(|(id, _)| *id == row.id) {
                Some((_, words)) if refusal.message.contains(words) => continue,
                _ => format!("is refused with: {refusal}"),
            },
        };
        complaints.push_str(&format!("{}: {complaint}\n", row.id));
    }
    assert!(complaints.is_empty(), "PostgreSQL {major}\n{complaints}");
}

tests::on_every_major! {
    documents_statements_are_what_the_table_says: documents_on,
    rewrites_return_what_the_table_says: rewrites_on,
    products_statements_run: product_on,
    what_the_product_says_of_the_documents_is_true: named_on,
}

#[test]
fn every_row_says_what_it_must() {
    for document in documents() {
        for row in &document.statement {
            let (error, shows) = (row.error.is_some(), row.shows.is_some());
            let is_complete = match row.outcome {
                Outcome::Runs => !error && row.mended.is_none(),
                Outcome::Differs => !error && shows && row.mended.is_none() && !row.why.is_empty(),
                Outcome::Refused => error && !row.why.is_empty(),
                Outcome::NotRun => error && !shows && row.needs.is_some(),
            };
            assert!(is_complete, "{}: {row:?}", document.title);
            assert_eq!(row.needs.is_some(), row.outcome == Outcome::NotRun, "{}: {row:?}", document.title);
            // What people should know, the product tells them.
            let is_told = !matches!(row.outcome, Outcome::Differs | Outcome::Refused) || !row.named.is_empty();
            assert!(is_told, "{}: {row:?}", document.title);
        }
    }
}

#[test]
fn the_product_names_what_the_table_shows() {
    let mut named = BTreeSet::new();
    for document in documents() {
        for row in &document.statement {
            for id in &row.named {
                let told = DOCUMENTED.iter().find(|told| told.id == id).unwrap_or_else(|| panic!("no row {id}"));
                let agrees = match told.outcome {
                    Named::Fails(_) => matches!(row.outcome, Outcome::Refused | Outcome::NotRun | Outcome::Differs),
                    Named::Differs => row.outcome != Outcome::NotRun,
                    Named::Other => row.outcome == Outcome::NotRun,
                };
                assert!(agrees, "{id}: {row:?}");
                named.insert(told.id);
            }
        }
    }
    for told in DOCUMENTED {
        assert!(told.outcome == Named::Other || named.contains(told.id), "{}: not one statement shows it", told.id);
    }
}

#[test]
fn rewrites_are_those_of_a_document_or_of_the_product() {
    let documents = documents();
    let known: Vec<&str> = (documents.iter().flat_map(|document| &document.statement))
        .map(|row| row.sql.trim())
        .chain(STATEMENTS.iter().map(|statement| statement.sql))
        .collect();
    for rewrite in table::<Rewrites>("rewrites.toml").rewrite {
        assert!(known.contains(&rewrite.to.trim()), "{}", rewrite.to);
        assert!(rewrite.of_product || known.contains(&rewrite.from.trim()), "{}", rewrite.from);
    }
}

#[test]
fn extensions_that_are_not_run_are_not_there() {
    let needed: BTreeSet<String> =
        documents().into_iter().flat_map(|document| document.statement).filter_map(|row| row.needs).collect();
    assert!(!needed.is_empty());
    for major in MAJORS {
        let cluster = cluster(major);
        for name in &needed {
            let query = format!("SELECT count(*)::text AS answer FROM pg_available_extensions WHERE name = '{name}'");
            let there = cluster.ask(&query).unwrap();
            assert_eq!(there, "0", "{name} can be had on PostgreSQL {major}: run its statements");
        }
    }
}

#[test]
fn query_statistics_need_their_library_preloaded() {
    for major in [14, 18] {
        let cluster = cluster(major);
        let server = start(&cluster, "");
        let mut session = Session::begin(&server, "postgres");
        session.prepare("CREATE EXTENSION pg_stat_statements");
        let refusal = session.run("SELECT count(*) FROM pg_stat_statements").unwrap_err();
        // Version 18 puts the setting's name into quotes.
        let message = refusal.message.replace('"', "");
        assert_eq!(message, "pg_stat_statements must be loaded via shared_preload_libraries");
    }
}

#[test]
fn a_pool_loses_its_idle_sessions() {
    let documents = documents();
    let row = (documents.iter().flat_map(|document| &document.statement))
        .find(|row| row.named.iter().any(|id| id == "kill_idle"))
        .unwrap();
    let cluster = cluster(18);
    let server = start(&cluster, SETTINGS);
    let mut session = database(&server, "sark");
    let pooled = Session::begin(&server, "sark");
    let sql = row.sql.replace("10 minutes", "0 minutes");
    assert_ne!(sql, row.sql, "another time than the documented one is waited for");
    assert_eq!(session.rows(&sql).len(), 1);
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'sark' AND pid <> pg_backend_pid()";
    let started = Instant::now();
    while session.value(count) != "0" {
        assert!(started.elapsed() < LONGEST_END, "the idle session is still there");
        thread::sleep(Duration::from_millis(10));
    }
    drop(pooled);
}
