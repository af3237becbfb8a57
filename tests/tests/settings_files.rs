//! Existing configuration files, read by us and by the software they are for: both must accept and refuse the same
//! lines, with the same values.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use formats::import::guc_value::{self, GucValue};
use formats::import::{Imported, pgbouncer_ini, postgresql_conf_of};
use sizing::choice::PgVersion;
use sizing::memory::guc::Guc;
use tests::postgres::{Session, cluster, start};

const MAJOR: u32 = 15;
const VERSION: PgVersion = PgVersion::V15;

/// Awkward lines, a file each.  None has a setting that the server needs to run the test.
const LINES: &[&str] = &[
    "work_mem = 4MB",
    "work_mem 4MB",
    "work_mem=4MB",
    "WORK_MEM = 4MB",
    "  work_mem\t=\t'4MB'   # with a comment",
    "work_mem = 4MB# no space before the comment",
    "work_mem = 4mb",
    "work_mem = 4Mb",
    "work_mem = 4 MB",
    "work_mem = '4 MB'",
    "work_mem = ' 4MB '",
    "work_mem = 1.5GB",
    "work_mem = '1.5GB'",
    "work_mem = '30.1GB'",
    "work_mem = '0.1MB'",
    "work_mem = 65536B",
    "work_mem = 100",
    "work_mem = 63",
    "work_mem = 64.4",
    "work_mem = '64.5'",
    "work_mem = '65.5'",
    "work_mem = 0x1000",
    "work_mem = 0X1000",
    "work_mem = 0x40MB",
    "work_mem = 0777",
    "work_mem = 0888",
    "work_mem = +4096",
    "work_mem = -1",
    "work_mem = 1e5",
    "work_mem = '1e5'",
    "work_mem = 1.0e5",
    "work_mem = '1e5kB'",
    "work_mem = 2147483647",
    "work_mem = 2147483648",
    "work_mem = 2TB",
    "work_mem = 1TB",
    "work_mem = 99999999999999999999",
    "work_mem = 5min",
    "work_mem = '4MB",
    "work_mem = 4MB'",
    "work_mem = ''",
    "work_mem =",
    "work_mem",
    "= 4MB",
    "work_mem == 4MB",
    "work_mem = 4MB;",
    "work_mem = 4MB 8MB",
    "work_mem = \"4MB\"",
    "work_mem : 4MB",
    "work-mem = 4MB",
    "work_mem = 1\nwork_mem = 8MB",
    "work_mem = 8MB\nwork_mem = 1",
    "work_mem = 8MB\nWork_Mem = 16MB",
    "sort_mem = 8MB",
    "work_men = 8MB",
    "reserved_connections = 3",
    "wal_keep_segments = 3",
    "bgwriter_delay = 1s",
    "bgwriter_delay = 1000000us",
    "bgwriter_delay = '0.5 s'",
    "bgwriter_delay = 1S",
    "bgwriter_delay = 1sec",
    "bgwriter_delay = 1d",
    "bgwriter_delay = 500kB",
    "checkpoint_timeout = 1h",
    "checkpoint_timeout = 90min",
    "checkpoint_timeout = 30500ms",
    "checkpoint_timeout = '1.5min'",
    "checkpoint_timeout = 2d",
    "log_rotation_age = 1h",
    "log_rotation_age = 90s",
    "max_wal_size = 2GB",
    "max_wal_size = 2097152kB",
    "max_wal_size = 2048",
    "vacuum_cost_delay = 2ms",
    "vacuum_cost_delay = 2500us",
    "vacuum_cost_delay = 0.5",
    "vacuum_cost_delay = 1s",
    "random_page_cost = 1.1",
    "random_page_cost = .5",
    "random_page_cost = 1.",
    "random_page_cost = 1,1",
    "random_page_cost = '1e1'",
    "random_page_cost = 0x10",
    "random_page_cost = 1ms",
    "checkpoint_completion_target = 1.5",
    "autovacuum_max_workers = 5kB",
    "effective_cache_size = 131072",
    "effective_cache_size = 1GB",
    "effective_cache_size = 4kB",
    "enable_sort = on",
    "enable_sort = TRUE",
    "enable_sort = tr",
    "enable_sort = y",
    "enable_sort = o",
    "enable_sort = of",
    "enable_sort = 1",
    "enable_sort = 0",
    "enable_sort = 2",
    "enable_sort = onn",
    "enable_sort = ''",
    "wal_compression = yes",
    "wal_compression = pglz",
    "wal_compression = t",
    "wal_compression = gzip",
    "synchronous_commit = REMOTE_APPLY",
    "synchronous_commit = false",
    "log_min_messages = debug",
    "log_min_messages = Debug1",
    "client_min_messages = panic",
    "client_min_messages = info",
    "backslash_quote = 0",
    "constraint_exclusion = maybe",
    "default_transaction_isolation = 'repeatable read'",
    "default_transaction_isolation = repeatable read",
    "application_name = it''s",
    "application_name = 'it''s'",
    "application_name = 'it\\'s'",
    "application_name = 'and \\\\ and \\101 and \\q'",
    "application_name = 'a\\",
    "application_name = 'a\\'",
    "application_name = a.b",
    "application_name = a-b.c:d/e",
    "application_name = a.b.c",
    "application_name = a#b",
    "application_name = -a",
    "application_name = /a",
    "search_path = '\"$user\", public'",
    "pg_x.y = 3",
    "pg_x.y = off # an extension's",
    "pg_x.y.z = 3",
    ".y = 3",
    "log_connections = on\r",
    "\u{feff}log_connections = on",
    "\u{feff}# a comment",
    "\t\r",
    "work_mem = 4MB\u{b}",
    "work_mem = 4MB\u{a0}",
    "log_line_prefix = '%m [%p] %q%u@%d'",
    "# work_mem = 1",
    "temp_buffers = 800kB",
    "temp_buffers = 799kB",
    "statement_timeout = 25d",
    "statement_timeout = 24d",
    "idle_in_transaction_session_timeout = '10 min'",
    "post_auth_delay = '1 '",
];

/// Applied values by name, and the lines with errors.
#[derive(Debug, PartialEq, Default)]
struct Reading {
    values: BTreeMap<String, String>,
    errors: Vec<usize>,
}

/// What we read, a number in the setting's own unit.
fn ours(imported: &Imported) -> Reading {
    let mut reading = Reading::default();
    for given in &imported.settings {
        let text = match Guc::find(&given.name).map(|guc| guc_value::read(guc, Some(VERSION), &given.text).unwrap()) {
            Some(GucValue::Switch(is_on)) => if is_on { "on" } else { "off" }.to_owned(),
            Some(GucValue::Whole(number)) => number.to_string(),
            Some(GucValue::Real(number)) => number.to_string(),
            Some(GucValue::Word(text) | GucValue::Text(text)) => text,
            None => given.text.clone(),
        };
        reading.values.insert(given.name.to_string(), text);
    }
    reading.errors =
        imported.problems.iter().filter(|problem| problem.is_error).map(|problem| problem.at.line).collect();
    reading.errors.dedup();
    reading
}

#[test]
fn postgresql_reads_the_same_in_awkward_lines() {
    let cluster = cluster(MAJOR);
    let server = start(&cluster, "");
    let path = cluster.socket_folder().join("postgresql.conf");
    let mut session = Session::begin(&server, "postgres");
    let mut complaints = String::new();
    for lines in LINES {
        fs::write(&path, format!("{lines}\n")).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let found = session.rows("SELECT name, applied, error, sourceline FROM pg_file_settings ORDER BY seqno");
        let mut theirs = Reading::default();
        for row in &found {
            let line = row[3].as_ref().unwrap().parse().unwrap();
            match &row[2] {
                None => {}
                // It is read, and no error of the file.
                Some(error) if error.contains("without restarting") => {}
                Some(_) => theirs.errors.push(line),
            }
        }
        // What the values are, a session says that begins with the file: as it would be for everybody.
        let mine = ours(&postgresql_conf_of(lines, Some(VERSION)));
        if theirs.errors.is_empty() && mine.errors.is_empty() {
            for name in mine.values.keys() {
                match cluster.value(lines, name) {
                    Ok(value) => theirs.values.insert(name.clone(), value),
                    Err(error) => theirs.values.insert(name.clone(), format!("{error:#}")),
                };
            }
            // The names that are given by another one, an old one.
            let given = found.iter().filter(|row| row[1].as_deref() == Some("t") || row[2].is_none()).count();
            if mine.values.is_empty() != (given == 0) {
                complaints.push_str(&format!("{lines:?}: {given} settings there, {:?} here\n", mine.values));
            }
            if mine.values != theirs.values {
                complaints.push_str(&format!("{lines:?}: {:?} there, {:?} here\n", theirs.values, mine.values));
            }
        } else if mine.errors != theirs.errors {
            complaints.push_str(&format!(
                "{lines:?}: errors in {:?} there, {:?} here: {found:?}\n",
                theirs.errors, mine.errors
            ));
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
}

/// What stands around the lines for `PgBouncer`.
const POOLER: &str = "[databases]\nx = host=/nowhere\n[pgbouncer]\nlisten_port = 6543\nauth_type = any\n\
                      admin_users = console\n";

const POOLER_LINES: &[&str] = &[
    "",
    "max_client_conn = 50",
    "max_client_conn=50\r",
    "  max_client_conn\t=\t50  ",
    "max_client_conn = 0x32",
    "max_client_conn = 062",
    "max_client_conn = 50 ; fifty",
    "max_client_conn = 5k",
    "max_client_conn = 1e2",
    "max_client_conn = 1.5",
    "max_client_conn =",
    "max_client_conn",
    "MAX_CLIENT_CONN = 50",
    "max_client_con = 50",
    "default_pool_size = 3\ndefault_pool_size = 4",
    "default_pool_size = 3\nDefault_Pool_Size = 4",
    "pool_mode = Transaction",
    "pool_mode = 'transaction'",
    "pool_mode = transact",
    "query_wait_timeout = 1.5",
    "query_wait_timeout = 5s",
    "query_wait_timeout = -1",
    "server_lifetime = 1e3",
    "so_reuseport = on",
    "; comment",
    "# comment",
    "[pgbouncer] ; comment\nmin_pool_size = 3",
    "[pgbouncr]\nmin_pool_size = 3",
    "[users]\nu = pool_mode=session max_user_connections=3",
    "[users]\nu = pool_mode=sessions",
    "[users]\nu = host=x",
    "[databases]\ny = host=/tmp dbname='it''s' pool_size=3 reserve_pool=1 min_pool_size=2",
    "[databases]\ny = host=/tmp dbname='it's'",
    "[databases]\ny = host = /tmp",
    "[databases]\ny = host=",
    "[databases]\ny =",
    "[databases]\n* = host=/tmp",
    "[databases]\ny = hots=/tmp",
    "[databases]\ny = pool_mode=all",
    "[databases]\ny = connect_query='select 1'  user=u",
    "%includeme",
];

#[test]
fn pgbouncer_refuses_the_same_lines() {
    let folder = tempfile::Builder::new().prefix("headroom-pgbouncer-").tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let file = folder.path().join("pgbouncer.ini");
    let mut complaints = String::new();
    for lines in POOLER_LINES {
        // The last line of each file is one that stops the pooler: where it comes that far, it took the others.
        let text = format!("{POOLER}unix_socket_dir = {}\n{lines}\n", folder.path().display());
        let end = text.lines().count() + 1;
        fs::write(&file, format!("{text}[end of the test]\n")).unwrap();
        let mut command = Command::new(xtask::paths::system_tool("pgbouncer"));
        let output = command.args(["-u", "nobody"]).arg(&file).output();
        let output = output.unwrap_or_else(|error| panic!("no pgbouncer ({error}): run `apt-get install pgbouncer`"));
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.split("pgbouncer.ini:").nth(1).and_then(|rest| rest.split(')').next()?.parse::<usize>().ok());
        let theirs = line.unwrap_or_else(|| panic!("{lines:?}: no line is named:\n{said}"));
        let errors = pgbouncer_ini(&text).problems.into_iter().filter(|problem| problem.is_error);
        let ours: Vec<usize> = errors.map(|problem| problem.at.line).collect();
        if ours.first().copied().unwrap_or(end) != theirs {
            complaints.push_str(&format!("{lines:?}: errors in {ours:?} of {end} here, there:\n{said}"));
        }
    }
    assert!(complaints.is_empty(), "\n{complaints}");
}
