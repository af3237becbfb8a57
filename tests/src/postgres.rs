//! Sessions with the real `PostgreSQL` servers of [`xtask::postgres`].

use std::fmt;
use std::fs;

use postgres::{Client, Config, NoTls, SimpleQueryMessage};
use xtask::pgbouncer::{self, PgBouncer};
use xtask::postgres::{Cluster, SUPERUSER, Server};

/// A session.  Dropping it ends it.
pub struct Session {
    client: Client,
}

/// The rows of an answer: a text or NULL for each column.
pub type Rows = Vec<Vec<Option<String>>>;

/// What the server said when it refused something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The five characters that programs know it by.
    pub code: String,
    /// The message for people.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

/// A new cluster of that major.
///
/// # Panics
/// When there is none to be had; the message says what is missing and how to get it.
#[must_use]
pub fn cluster(major: u32) -> Cluster {
    Cluster::make(major).unwrap_or_else(|error| panic!("{error:#}"))
}

/// A quarter of this machine's memory, in megabytes: shared memory of that size can be had.
///
/// # Panics
/// When the machine does not say how much it has.
#[must_use]
pub fn allowance_mb() -> u64 {
    let about = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = about.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    total.and_then(|kilobytes| kilobytes.trim().parse::<u64>().ok()).expect("/proc/meminfo") / 1_024 / 4
}

/// Starts a server with this `postgresql.conf`.
///
/// # Panics
/// When it does not start; the message is its log.
#[must_use]
pub fn start<'c>(cluster: &'c Cluster, configuration: &str) -> Server<'c> {
    cluster.start(configuration, &[]).unwrap_or_else(|error| panic!("{error:#}"))
}

impl Session {
    /// Begins a session of the superuser.
    ///
    /// # Panics
    /// When the server takes none.
    #[must_use]
    pub fn begin(server: &Server<'_>, database: &str) -> Self {
        Self::of(server, SUPERUSER, database).unwrap_or_else(|error| panic!("no session: {error}\n{}", server.log()))
    }

    /// Begins a session of any user.
    ///
    /// # Errors
    /// When the server takes none.
    pub fn of(server: &Server<'_>, user: &str, database: &str) -> Result<Self, postgres::Error> {
        let mut config = Config::new();
        config.host_path(server.cluster().socket_folder()).user(user).dbname(database);
        Ok(Self { client: config.connect(NoTls)? })
    }

    /// Begins a session through a pooler.
    ///
    /// # Panics
    /// When it takes none.
    #[must_use]
    pub fn through(pooler: &PgBouncer, user: &str, database: &str) -> Self {
        let mut config = Config::new();
        config.host_path(pooler.socket_folder()).port(pgbouncer::PORT).user(user).password(pgbouncer::PASSWORD);
        let client = config.dbname(database).connect(NoTls);
        Self { client: client.unwrap_or_else(|error| panic!("no session: {error}\n{}", pooler.log())) }
    }

    /// Runs one statement, or several as one transaction, as `psql -c` does; the rows of all of them.
    ///
    /// # Errors
    /// When the server refuses it.
    ///
    /// # Panics
    /// When the session ends.
    pub fn run(&mut self, sql: &str) -> Result<Rows, Refusal> {
        match self.client.simple_query(sql) {
            Ok(messages) => Ok(messages.iter().filter_map(row).collect()),
            Err(error) => match error.as_db_error() {
                Some(said) => Err(Refusal { code: said.code().code().to_owned(), message: said.message().to_owned() }),
                None => panic!("{error}, on:\n{sql}"),
            },
        }
    }

    /// The names of the columns of a query's only row, or of its first.
    ///
    /// # Panics
    /// When the server refuses it, or answers with no row.
    #[must_use]
    pub fn columns(&mut self, sql: &str) -> Vec<String> {
        let messages = self.client.simple_query(sql).unwrap_or_else(|error| panic!("{error}, on:\n{sql}"));
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let columns = row.unwrap_or_else(|| panic!("no row, from:\n{sql}")).columns();
        columns.iter().map(|column| column.name().to_owned()).collect()
    }

    /// The rows of a query that has to work.
    ///
    /// # Panics
    /// When the server refuses it.
    #[must_use]
    pub fn rows(&mut self, sql: &str) -> Rows {
        self.run(sql).unwrap_or_else(|refusal| panic!("{refusal}, on:\n{sql}"))
    }

    /// The only column of the only row of a query.
    ///
    /// # Panics
    /// When the server refuses it, or answers otherwise.
    #[must_use]
    pub fn value(&mut self, sql: &str) -> String {
        match self.rows(sql).as_slice() {
            [row] if row.len() == 1 => row[0].clone().unwrap_or_else(|| panic!("NULL, from:\n{sql}")),
            rows => panic!("{rows:?}, from:\n{sql}"),
        }
    }

    /// Runs what only prepares a test.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn prepare(&mut self, sql: &str) {
        let _ = self.rows(sql);
    }
}

fn row(message: &SimpleQueryMessage) -> Option<Vec<Option<String>>> {
    match message {
        SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()),
        _ => None,
    }
}

/// Tests by name, each of them run on every major by a function that takes its number.
#[macro_export]
macro_rules! on_every_major {
    ($($name:ident: $run:ident,)+) => {
        $(
            mod $name {
                $crate::on_every_major!(@ $run postgres_14 14 postgres_15 15 postgres_16 16 postgres_17 17 postgres_18 18);
            }
        )+
    };
    (@ $run:ident $($name:ident $major:literal)+) => {
        $(
            #[test]
            fn $name() {
                super::$run($major);
            }
        )+
    };
}
