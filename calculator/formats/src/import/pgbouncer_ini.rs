//! `pgbouncer.ini`, read as `PgBouncer` reads it.

use std::borrow::Cow;

use sizing::input::{nearest, shown};

use super::guc_value::{float, integer};
use super::{Given, Imported, Position};

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A whole number: decimal, octal after 0, hexadecimal after 0x.
    Whole,
    /// Seconds, with decimals if one likes.
    Seconds,
    /// A pool mode.
    Mode,
    /// Any text.
    Text,
}

use Kind::{Mode, Seconds, Text, Whole};

/// Every parameter of section `[pgbouncer]` up to 1.25, by kind, with spaces in between.
const PARAMETERS: [(Kind, &str); 4] = [
    (Mode, "pool_mode"),
    (
        Whole,
        "application_name_add_host default_pool_size disable_pqexec listen_backlog listen_port log_connections \
        log_disconnections log_pooler_errors log_stats max_client_conn max_db_client_connections \
        max_db_connections max_packet_size max_prepared_statements max_user_client_connections \
        max_user_connections min_pool_size peer_id pkt_buf query_wait_notify reserve_pool_size sbuf_loopcnt \
        scram_iterations server_fast_close server_reset_query_always server_round_robin so_reuseport stats_period \
        syslog tcp_defer_accept tcp_keepalive tcp_keepcnt tcp_keepidle tcp_keepintvl tcp_socket_buffer \
        tcp_user_timeout unix_socket_mode verbose",
    ),
    (
        Seconds,
        "autodb_idle_timeout cancel_wait_timeout client_idle_timeout client_login_timeout dns_max_ttl \
        dns_nxdomain_ttl dns_zone_check_period idle_transaction_timeout query_timeout query_wait_timeout \
        reserve_pool_timeout server_check_delay server_connect_timeout server_idle_timeout server_lifetime \
        server_login_retry suspend_timeout transaction_timeout",
    ),
    (
        Text,
        "admin_users auth_dbname auth_file auth_hba_file auth_ident_file auth_ldap_options auth_query auth_type \
        auth_user client_tls13_ciphers client_tls_ca_file client_tls_cert_file client_tls_ciphers \
        client_tls_dheparams client_tls_ecdhcurve client_tls_key_file client_tls_protocols client_tls_sslmode \
        conffile ignore_startup_parameters job_name listen_addr logfile pidfile resolv_conf server_check_query \
        server_reset_query server_tls13_ciphers server_tls_ca_file server_tls_cert_file server_tls_ciphers \
        server_tls_key_file server_tls_protocols server_tls_sslmode service_name stats_users syslog_facility \
        syslog_ident track_extra_parameters unix_socket_dir unix_socket_group user",
    ),
];

/// The parameters that are inputs, by the same name.
const INPUTS: [&str; 8] = [
    "pool_mode",
    "default_pool_size",
    "min_pool_size",
    "reserve_pool_size",
    "max_client_conn",
    "max_db_connections",
    "max_user_connections",
    "max_prepared_statements",
];

/// What a database may have of its own, and what it then has in the place of.
const OF_A_DATABASE: [(&str, &str); 6] = [
    ("pool_mode", "pool_mode"),
    ("pool_size", "default_pool_size"),
    ("min_pool_size", "min_pool_size"),
    ("reserve_pool", "reserve_pool_size"),
    ("reserve_pool_size", "reserve_pool_size"),
    ("max_db_connections", "max_db_connections"),
];

/// Everything a connection string of section `[databases]` may have.
const DATABASE_KEYS: &str = "application_name auth_dbname auth_query auth_user client_encoding connect_query datestyle dbname host \
    load_balance_hosts max_db_client_connections max_db_connections min_pool_size password pool_mode pool_size \
    port reserve_pool reserve_pool_size server_lifetime timezone user";

/// Everything a line of section `[users]` may have.
const USER_KEYS: &str = "client_idle_timeout idle_transaction_timeout max_user_client_connections max_user_connections pool_mode \
    pool_size query_timeout reserve_pool_size transaction_timeout";

/// Everything a line of section `[peers]` may have.
const PEER_KEYS: &str = "host pool_size port";

const MODES: [&str; 3] = ["session", "transaction", "statement"];

/// The names of the sections.
const SECTIONS: [&str; 4] = ["pgbouncer", "databases", "users", "peers"];

/// A key and its value, or one of a connection string.
#[derive(Debug, Clone)]
struct Entry {
    key: String,
    at: Position,
    text: String,
    text_at: Position,
}

/// Reads a `pgbouncer.ini`.
#[must_use]
pub fn pgbouncer_ini(text: &str) -> Imported {
    let mut imported = Imported::default();
    let text = imported.without_mark(text, "which PgBouncer does not understand");
    let mut sections: [Vec<Entry>; 4] = Default::default();
    let start = lines(text, &mut imported, &mut sections).unwrap_or(Position { line: 1, column: 1 });
    let [parameters, databases, users, peers] = sections.map(|entries| last_of_each(entries, &mut imported));
    imported.give("pooler", "pgbouncer".to_owned(), start);
    let parameters: Vec<Entry> = parameters.into_iter().filter(|entry| check(entry, &mut imported)).collect();
    let databases = strings("databases", databases, DATABASE_KEYS, &mut imported);
    for (_, pairs) in strings("users", users, USER_KEYS, &mut imported) {
        for pair in pairs.iter().filter(|pair| ["pool_mode", "pool_size", "max_user_connections"].contains(&&*pair.key))
        {
            imported.note(pair.at, of_one(pair, "user"));
        }
    }
    strings("peers", peers, PEER_KEYS, &mut imported);
    for input in INPUTS {
        let own = of_all_databases(input, &databases, &mut imported);
        let general = parameters.iter().find(|entry| entry.key == input);
        match own.or(general) {
            Some(entry) => imported.give(input, plain(entry), entry.text_at),
            None if input == "pool_mode" => {
                imported.give(input, "session".to_owned(), start);
                imported.note(start, "pool_mode is not set: without it PgBouncer pools sessions".to_owned());
            }
            None => {}
        }
    }
    count(&databases, &mut imported);
    imported.inputs.sort_by_key(|given| given.at);
    imported.settings.sort_by_key(|given| given.at);
    imported.problems.sort_by_key(|problem| problem.at);
    imported
}

/// Puts every entry into its section; the answer is where section `[pgbouncer]` begins.
fn lines(text: &str, imported: &mut Imported, sections: &mut [Vec<Entry>; 4]) -> Option<Position> {
    let mut section: Option<usize> = None;
    let mut is_known = true;
    let mut start = None;
    for (number, line) in (1..).zip(text.split('\n')) {
        let at = |rest: &str| position(number, line, rest);
        let mut rest = line.trim_start();
        if let Some(end) = line.find('\0') {
            imported.error(
                at(line.get(end..).unwrap_or_default()),
                "a zero byte: PgBouncer reads nothing behind it".to_owned(),
            );
            break;
        }
        if let Some((name, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = SECTIONS.iter().position(|section| *section == name);
            is_known = section.is_some();
            if !is_known {
                let names = SECTIONS.join("], [");
                imported.error(at(rest), ["section [", &shown(name), "], allowed are [", &names, "]"].concat());
            }
            if section == Some(0) && start.is_none() {
                start = Some(at(rest));
            }
            rest = behind.trim_start();
        }
        if rest.is_empty() || rest.starts_with([';', '#']) {
            continue;
        }
        if let Some(file) = rest.strip_prefix("%include").filter(|file| file.starts_with([' ', '\t'])) {
            imported.note(at(rest), ["%include is not followed: read \"", &shown(file.trim()), "\" as well"].concat());
            continue;
        }
        match entry(number, line, rest) {
            None => imported.error(
                at(rest),
                [
                    "read \"",
                    &shown(rest.trim_end()),
                    "\", allowed is key = value, a [section] or a line that begins with ; or #",
                ]
                .concat(),
            ),
            Some(entry) => match section.and_then(|section| sections.get_mut(section)) {
                Some(entries) => entries.push(entry),
                // What is in an unknown section is said once, by the section.
                None if !is_known => {}
                None => {
                    imported.error(entry.at, [&*shown(&entry.key), ": a value before the first [section]"].concat());
                }
            },
        }
    }
    start
}

/// Where a part of a line stands.
fn position(number: usize, line: &str, part: &str) -> Position {
    let before = line.len().saturating_sub(part.len());
    Position { line: number, column: line.get(..before).unwrap_or_default().chars().count().saturating_add(1) }
}

fn entry(number: usize, line: &str, rest: &str) -> Option<Entry> {
    let (key, behind) = if let Some(quoted) = rest.strip_prefix('"') {
        // A name in double quotes, where a quote stands twice.
        let mut characters = quoted.char_indices();
        loop {
            let (offset, character) = characters.next()?;
            let behind = quoted.get(offset.saturating_add(1)..).unwrap_or_default();
            if character == '"' && !behind.starts_with('"') {
                break (quoted.get(..offset)?.replace("\"\"", "\""), behind);
            }
            if character == '"' {
                characters.next();
            }
        }
    } else {
        let is_part = |character: char| character.is_ascii_alphanumeric() || "_.-*".contains(character);
        let end = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
        let (key, behind) = rest.split_at_checked(end)?;
        (key.to_owned(), behind)
    };
    let text = behind.trim_start_matches([' ', '\t']).strip_prefix('=')?.trim_start_matches([' ', '\t']);
    let is_named = !key.is_empty();
    is_named.then(|| Entry {
        key,
        at: position(number, line, rest),
        text: text.trim_end().to_owned(),
        text_at: position(number, line, text),
    })
}

/// The last one of each key wins.
fn last_of_each(entries: Vec<Entry>, imported: &mut Imported) -> Vec<Entry> {
    let mut order: Vec<(String, usize)> = entries.iter().map(|entry| entry.key.clone()).zip(0..).collect();
    order.sort();
    let lines: Vec<usize> = entries.iter().map(|entry| entry.at.line).collect();
    let mut last = Vec::with_capacity(entries.len());
    for (at, entry) in entries.into_iter().enumerate() {
        let winner = order.partition_point(|(key, _)| *key <= entry.key).checked_sub(1);
        let winner = winner.and_then(|place| order.get(place)).map_or(at, |(_, winner)| *winner);
        if winner == at {
            last.push(entry);
        } else {
            let line = lines.get(winner).copied().unwrap_or_default().to_string();
            imported.note(entry.at, [&*shown(&entry.key), " is given again in line ", &line, ", which wins"].concat());
        }
    }
    last
}

/// Whether a parameter exists and is what it may be.
fn check(entry: &Entry, imported: &mut Imported) -> bool {
    let found = PARAMETERS.iter().find(|(_, names)| words(names).any(|name| name == entry.key));
    let Some((kind, _)) = found else {
        let mut names = PARAMETERS.iter().flat_map(|(_, names)| words(names));
        imported.error(entry.at, unknown("parameter", &entry.key, &mut names));
        return false;
    };
    let allowed = match kind {
        Whole if !integer(&entry.text).is_some_and(|(_, rest)| rest.is_empty()) => "a whole number, without a unit",
        Seconds if !float(&entry.text).is_some_and(|(number, rest)| rest.is_empty() && number >= 0.0) => {
            "a number of seconds, without a unit"
        }
        Mode if !is_mode(&entry.text) => "one of session, transaction, statement",
        Whole | Seconds | Mode | Text => {
            let (name, text) = (Cow::Owned(entry.key.clone()), entry.text.clone());
            imported.settings.push(Given { name, text, at: entry.at });
            return true;
        }
    };
    imported.error(entry.text_at, [&*entry.key, ": read \"", &shown(&entry.text), "\", allowed is ", allowed].concat());
    false
}

fn words(names: &'static str) -> impl Iterator<Item = &'static str> {
    names.split_ascii_whitespace()
}

fn is_mode(text: &str) -> bool {
    MODES.iter().any(|mode| mode.eq_ignore_ascii_case(text))
}

fn unknown(what: &str, key: &str, names: &mut dyn Iterator<Item = &'static str>) -> String {
    let hint = nearest(key, names).map_or(String::new(), |hint| [": did you mean \"", hint, "\"?"].concat());
    ["unknown ", what, " \"", &shown(key), "\"", &hint].concat()
}

/// The entries of a section with the pairs of their connection strings.
fn strings(
    section: &str,
    entries: Vec<Entry>,
    keys: &'static str,
    imported: &mut Imported,
) -> Vec<(Entry, Vec<Entry>)> {
    let mut read = Vec::new();
    for entry in entries {
        let mut good = Vec::new();
        match pairs(&entry) {
            Err(at) => {
                imported.error(
                    at,
                    "a connection string is key=value, with spaces in between and values with spaces \
                    in single quotes"
                        .to_owned(),
                );
                continue;
            }
            Ok(pairs) => {
                for pair in pairs {
                    if !words(keys).any(|key| key == pair.key) {
                        imported.error(pair.at, unknown("key", &pair.key, &mut words(keys)));
                    } else if pair.key == "pool_mode" && !is_mode(&pair.text) {
                        let text = shown(&pair.text);
                        imported.error(
                            pair.text_at,
                            ["pool_mode: read \"", &text, "\", allowed is one of session, transaction, statement"]
                                .concat(),
                        );
                    } else {
                        good.push(pair);
                    }
                }
            }
        }
        let name = Cow::Owned(["[", section, "] ", &entry.key].concat());
        imported.settings.push(Given { name, text: entry.text.clone(), at: entry.at });
        read.push((entry, good));
    }
    read
}

/// The pairs of a connection string, or where it is none.
fn pairs(entry: &Entry) -> Result<Vec<Entry>, Position> {
    let text = &*entry.text;
    let at = |rest: &str| Position {
        line: entry.text_at.line,
        column: position(0, text, rest).column.saturating_add(entry.text_at.column).saturating_sub(1),
    };
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let begin = rest;
        let is_end = |character: char| character == '=' || character.is_whitespace();
        let (key, behind) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        let value = behind.trim_start().strip_prefix('=').map(str::trim_start).ok_or_else(|| at(begin))?;
        let (text, behind) = if let Some(quoted) = value.strip_prefix('\'') {
            quoted_value(quoted).ok_or_else(|| at(value))?
        } else {
            let (text, behind) = value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()));
            (text.to_owned(), behind)
        };
        if key.is_empty() || text.is_empty() {
            return Err(at(begin));
        }
        pairs.push(Entry { key: key.to_owned(), at: at(begin), text, text_at: at(value) });
        rest = behind.trim_start();
    }
    Ok(pairs)
}

/// A value behind its opening quote, and what follows the closing one.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_once('\'')?;
        value.push_str(part);
        match behind.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, behind)),
        }
    }
}

/// What every database has of its own in the place of a parameter; where they differ, that is said, and the parameter counts.
fn of_all_databases<'d>(
    parameter: &str,
    databases: &'d [(Entry, Vec<Entry>)],
    imported: &mut Imported,
) -> Option<&'d Entry> {
    let is_own = |pair: &&Entry| OF_A_DATABASE.iter().any(|(key, of)| *key == pair.key && *of == parameter);
    let own: Vec<&Entry> = databases.iter().filter_map(|(_, pairs)| pairs.iter().rev().find(is_own)).collect();
    let first = own.first()?;
    if own.len() == databases.len() && own.iter().all(|pair| plain(pair) == plain(first)) {
        return Some(first);
    }
    for pair in own {
        imported.note(pair.at, of_one(pair, "database"));
    }
    None
}

fn of_one(pair: &Entry, whose: &str) -> String {
    [&*pair.key, " of one ", whose, " is not used: the calculator has one for all"].concat()
}

/// The text as the input reads it.
fn plain(entry: &Entry) -> String {
    match integer(&entry.text) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it was a whole number; a saturated one is none of the input's"
        )]
        Some((number, "")) => (number as i64).to_string(),
        _ => entry.text.to_ascii_lowercase(),
    }
}

/// How many databases and users have pools.
fn count(databases: &[(Entry, Vec<Entry>)], imported: &mut Imported) {
    let Some((first, _)) = databases.first() else { return };
    match databases.iter().find(|(entry, _)| entry.key == "*") {
        Some((any, _)) => {
            imported.note(any.at, "* stands for any database: how many there are was not read".to_owned());
        }
        None => imported.give("pool_databases", databases.len().to_string(), first.at),
    }
    let forced: Vec<&Entry> =
        databases.iter().filter_map(|(_, pairs)| pairs.iter().find(|pair| pair.key == "user")).collect();
    if let Some(user) = forced.first().filter(|_| forced.len() == databases.len()) {
        imported.give("pool_users", "1".to_owned(), user.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs and problems, one a line.
    fn told(text: &str) -> String {
        let imported = pgbouncer_ini(text);
        let mut lines: Vec<String> = Vec::new();
        for given in &imported.inputs {
            lines.push(format!("{}={}@{}:{}", given.name, given.text, given.at.line, given.at.column));
        }
        for problem in &imported.problems {
            let kind = if problem.is_error { "error" } else { "note" };
            lines.push(format!("{kind} {}:{}: {}", problem.at.line, problem.at.column, problem.message));
        }
        lines.join("\n")
    }

    /// A file whose first line is the section and a mode, and what is said beside these.
    #[track_caller]
    fn check(text: &str, expected: &str, reason: &str) {
        let found = told(&["[pgbouncer]\npool_mode=session\n", text].concat());
        let found = found.replace("pooler=pgbouncer@1:1\npool_mode=session@2:11", "");
        assert_eq!(found.trim(), expected, "{text:?}: {reason}");
    }

    #[test]
    fn parameters() {
        check("", "", "nothing more");
        check("default_pool_size = 0x10\r\n", "default_pool_size=16@3:21", "hexadecimal, Windows");
        check("  max_client_conn=5", "max_client_conn=5@3:19", "a space before it");
        check("; a\n# b\nmax_client_conn = 5", "max_client_conn=5@5:19", "comments");
        check(
            "max_client_conn = 5 ; many",
            "error 3:19: max_client_conn: read \"5 ; many\", allowed is a whole number, without a unit",
            "a comment needs a line of its own",
        );
        check(
            "min_pool_size = 1\nmin_pool_size = 2",
            "min_pool_size=2@4:17\nnote 3:1: min_pool_size is given again in line 4, which wins",
            "the last one wins",
        );
        check(
            "query_timeout = 5s",
            "error 3:17: query_timeout: read \"5s\", allowed is a number of seconds, without a unit",
            "seconds",
        );
        check("query_timeout = 1.5", "", "no input, and no problem");
        check(
            "default_pool_sise = 5",
            "error 3:1: unknown parameter \"default_pool_sise\": did you mean \"default_pool_size\"?",
            "a slip",
        );
        check(
            "max_client_conn = 0",
            "note 3:19: max_client_conn: read \"0\", allowed is a whole number from 1 to 1,000,000, such as 1.2k or 2M",
            "what the input does not allow",
        );
        check("max_db_connections = 0", "max_db_connections=0@3:22", "no limit");
        check("%include other.ini", "note 3:1: %include is not followed: read \"other.ini\" as well", "another file");
        check(
            "listen_port 6432",
            "error 3:1: read \"listen_port 6432\", allowed is key = value, a [section] or a line that begins with ; or #",
            "no equals sign",
        );
        check(
            "[pgbouncr]\na=1\nb=2",
            "error 3:1: section [pgbouncr], allowed are [pgbouncer], [databases], [users], [peers]",
            "an unknown section is told once",
        );
    }

    #[test]
    fn databases() {
        check("[databases]\na = host=x\nb =", "pool_databases=2@4:1", "two databases, one by its name alone");
        check("[databases]\na = host=x user='it''s'", "pool_databases=1@4:1\npool_users=1@4:12", "one user for all");
        check(
            "[databases]\n* = host=x",
            "note 4:1: * stands for any database: how many there are was not read",
            "any database",
        );
        check(
            "[databases]\na = pool_size=5\nb = pool_size = '5'",
            "pool_databases=2@4:1\ndefault_pool_size=5@4:15",
            "the same for all",
        );
        check(
            "[databases]\na = pool_size=5\nb = host=x",
            "pool_databases=2@4:1\nnote 4:5: pool_size of one database is not used: the calculator has one for all",
            "a size of one database",
        );
        check("[databases]\n\"my \"\"db\" = host=x", "pool_databases=1@4:1", "a name in quotes");
        check(
            "[databases]\na = host=x pol_size=3",
            "pool_databases=1@4:1\nerror 4:12: unknown key \"pol_size\": did you mean \"pool_size\"?",
            "a slip",
        );
        check(
            "[databases]\na = host='x",
            "error 4:10: a connection string is key=value, with spaces in between and values with spaces in single \
             quotes",
            "a quote that does not end",
        );
        check(
            "[users]\nu = pool_mode=session",
            "note 4:5: pool_mode of one user is not used: the calculator has one for all",
            "a user's own",
        );
    }

    #[test]
    fn what_is_not_there() {
        assert_eq!(
            told(""),
            "pooler=pgbouncer@1:1\npool_mode=session@1:1\nnote 1:1: pool_mode is not set: without it PgBouncer pools sessions",
            "the software's default is not the calculator's"
        );
        assert!(told("a = 1").contains("error 1:1: a: a value before the first [section]"));
    }
}
