//! `HAProxy` in front of several poolers, or of a primary and its replicas.

use sizing::Scenario;
use sizing::choice::Promotion;
use sizing::pool::chain::{Chain, LinkKind, Situation};
use sizing::quantity::Connections;

use super::application::{LIFETIME_MS, NO_DATABASE, timeout_ms, whole_ms};
use super::{Document, Export, Language, Subject, Takes};

pub(super) const EXPORT: Export = Export {
    kind: "haproxy",
    title: "HAProxy",
    file: "haproxy.cfg",
    language: Language::HaProxy,
    about: "One address for several poolers, or for a primary and its replicas; the servers' names stand for your own.",
    write,
};

/// What `HAProxy` sets where it is told nothing: no limit of a server, a check every 2 s, three to fall, two to rise.
/// <https://docs.haproxy.org/2.6/configuration.html>, before 5.2.
const SERVER: [(&str, &str); 4] = [("inter", "2s"), ("fall", "3"), ("rise", "2"), ("maxconn", "0")];

/// Servers behind one address.
struct Group {
    name: &'static str,
    port: u64,
    about: &'static str,
    /// What tells who may be sent connections, and what it needs.
    check: &'static [&'static str],
    /// What becomes of its connections when a server is down.
    when_down: &'static str,
    /// Connections each server takes.
    each: u64,
    /// Names and ports, and what else is to be said of each.
    servers: Vec<String>,
}

const IS_POSTGRESQL: &[&str] = &["    option pgsql-check user haproxy"];
/// <https://patroni.readthedocs.io/en/latest/rest_api.html>
const IS_PRIMARY: &[&str] = &["    option httpchk OPTIONS /primary", "    http-check expect status 200"];
const IS_REPLICA: &[&str] = &["    option httpchk OPTIONS /replica", "    http-check expect status 200"];

fn write(subject: Subject<'_>) -> Result<Document, &'static str> {
    let scenario = subject.scenario;
    if !scenario.has_database() {
        return Err(NO_DATABASE);
    }
    let groups = groups(subject);
    if groups.is_empty() {
        return Err("there is one server to connect to, or the provider has its own balancer: nothing to balance");
    }
    let mut file = Document::new(subject, "#", EXPORT.title);
    file.comment("", &subject.plan.verdict);
    let all = |group: &Group| group.each.saturating_mul(group.servers.len() as u64);
    let total = groups.iter().map(all).fold(0, u64::saturating_add);
    // An address that says nothing else takes as many.  One that took no more than its servers would let nobody wait.
    let most = total.saturating_mul(2);
    let set = |file: &mut Document, part: &str, before: &str, key: &str, value: &str, default: Option<&str>| {
        let text = ["    ", before, key, " ", value].concat();
        file.assign(text, &[part, ".", key].concat(), value, default, Takes::Reload);
    };
    file.line("global");
    let taken =
        ["At most ", &total.to_string(), " go to the servers below, and as many may wait; two file descriptors each."];
    file.comment("    ", &taken.concat());
    set(&mut file, "global", "", "maxconn", &most.to_string(), None);
    file.line("");
    file.line("resolvers system");
    file.line("    parse-resolv-conf");
    file.line("");
    file.line("defaults");
    file.line("    mode tcp");
    file.line("    option clitcpka");
    file.line("    option srvtcpka");
    let check = [&whole_ms(scenario.health_timeout_ms).to_string(), "ms"].concat();
    set(&mut file, "defaults", "", "timeout connect", &check, None);
    set(&mut file, "defaults", "", "timeout check", &check, None);
    file.comment("    ", "A pool gives up after so long: nobody waits behind it any more.");
    set(&mut file, "defaults", "", "timeout queue", &[&timeout_ms(scenario).to_string(), "ms"].concat(), None);
    // What a pool keeps must not be closed under it.
    let idle = [&(2 * LIFETIME_MS / 60_000).to_string(), "m"].concat();
    file.comment("    ", "Longer than a pool keeps a connection, which may be idle all the time.");
    set(&mut file, "defaults", "", "timeout client", &idle, None);
    set(&mut file, "defaults", "", "timeout server", &idle, None);
    for group in &groups {
        file.line("");
        file.comment("", group.about);
        file.line(["frontend ", group.name].concat());
        file.line(["    bind :", &group.port.to_string()].concat());
        file.line(["    default_backend ", group.name].concat());
        file.line("");
        file.line(["backend ", group.name].concat());
        file.line("    balance leastconn");
        for line in group.check {
            file.line(*line);
        }
        let values = [
            [&whole_ms(scenario.health_interval_ms).to_string(), "ms"].concat(),
            scenario.unhealthy_threshold.get().to_string(),
            scenario.healthy_threshold.get().to_string(),
            group.each.to_string(),
        ];
        file.line(["    default-server check resolvers system init-addr last,libc,none", group.when_down].concat());
        for ((key, default), value) in SERVER.into_iter().zip(&values) {
            set(&mut file, group.name, "default-server ", key, value, Some(default));
        }
        for server in &group.servers {
            file.line(["    server ", server].concat());
        }
    }
    Ok(file)
}

/// A server that is down answers nobody: its clients learn it at once, not from a timeout.
const CUT: &str = " on-marked-down shutdown-sessions";

/// Connections of a pooler that checks and administration find free, however full it is: at least those of the checks
/// of two instances of `HAProxy`.  A pooler that refuses a check would be taken for one that is down.
const LEAST_FOR_CHECKS: u64 = 2;

/// Connections that the primary has room for beside what is planned for it, whatever happens.
fn room_at_primary(scenario: &Scenario) -> u64 {
    let chains = Situation::ALL.into_iter().filter_map(|situation| situation.fleet(scenario));
    let room = chains.flat_map(|fleet| {
        let chain = Chain::of(scenario, fleet);
        let room = |kind| chain.link(kind).and_then(|link| Some(link.limit?.saturating_sub(link.demand)));
        [LinkKind::Role, LinkKind::Database].map(room)
    });
    room.flatten().min().unwrap_or(0)
}

/// The groups of more than one server.
fn groups(Subject { scenario, .. }: Subject<'_>) -> Vec<Group> {
    let mut groups = Vec::new();
    let instances = scenario.instances();
    let replicas = scenario.replicas.get();
    let numbered = |name: &str, port: &str, last: u64| -> Vec<String> {
        let name = |number: u64| [name, "-", &number.to_string()].concat();
        (1..=last).map(|number| [&name(number), " ", &name(number), ".example.com:", port].concat()).collect()
    };
    if instances > 1 {
        groups.push(Group {
            name: "pgbouncer",
            port: 6432,
            about: "The poolers. Each gets somewhat less than its max_client_conn, so that a full one still answers the \
                checks; what is beyond waits here instead of being refused there. One that is marked down keeps the \
                connections it has: they end with it. The role haproxy must be one that the pooler knows.",
            check: IS_POSTGRESQL,
            when_down: "",
            each: scenario
                .clients_per_pooler()
                .saturating_sub(scenario.reserved.get().max(LEAST_FOR_CHECKS))
                .max(1),
            servers: numbered("pgbouncer", "6432", instances),
        });
    }
    if replicas == 0 {
        return groups;
    }
    let automatic = scenario.promotion == Promotion::Automatic;
    let (primary, replica) = if automatic { (IS_PRIMARY, IS_REPLICA) } else { (IS_POSTGRESQL, IS_POSTGRESQL) };
    // What looks after the server connects past HAProxy.
    let usable = scenario.usable_connections().saturating_sub(scenario.reserved.get()).max(1);
    // A role's limit is replicated with the role, and each server counts for itself.
    let each = usable.min(scenario.role_connection_limit.map_or(u64::MAX, Connections::get)).max(1);
    let standbys = numbered("replica", "5432", replicas);
    // Where software promotes, each address has all servers, and its check finds those that are what it is for.
    let asked = if automatic { " port 8008" } else { "" };
    let of_all = |other: &str| -> Vec<String> {
        let first = [["primary primary.example.com:5432", asked, other].concat()];
        first.into_iter().chain(standbys.iter().map(|server| [server, asked].concat())).collect()
    };
    if instances == 0 {
        let mut servers = of_all("");
        servers.truncate(if automatic { servers.len() } else { 1 });
        groups.push(Group {
            name: "primary",
            port: 5432,
            about: "The server that takes writes. Where a person promotes, this address is changed as the runbook says.",
            check: primary,
            when_down: CUT,
            each,
            servers,
        });
    }
    let room = room_at_primary(scenario).min(each);
    let backup = [" backup maxconn ", &room.to_string()].concat();
    let (about, servers) = if automatic {
        ("What may be read late: whichever servers are replicas, all set up alike.", of_all(""))
    } else if room == 0 {
        let about = "What may be read late: the replicas, taken to be set up like the primary, which has no connection \
            left to stand in for them.";
        (about, of_all("").split_off(1))
    } else {
        let about = "What may be read late: the replicas, taken to be set up like the primary, which stands in for them \
            with the connections it has left.";
        (about, of_all(&backup))
    };
    groups.push(Group { name: "replicas", port: 5433, about, check: replica, when_down: CUT, each, servers });
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    type Inputs<'a> = &'a [(&'a str, &'a str)];

    fn document(inputs: Inputs<'_>) -> Document {
        let mut scenario = Scenario::default();
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        write(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) }).unwrap()
    }

    #[test]
    fn connections_each_server_takes() {
        let poolers = ("pooler_instances", "3");
        let rows: &[(Inputs<'_>, &str, &str, &str)] = &[
            (
                &[("pooler", "pgbouncer"), poolers, ("max_client_conn", "200")],
                "pgbouncer.maxconn",
                "195",
                "five are for who looks after the pooler, and for the checks",
            ),
            (
                &[("pooler", "pgbouncer"), poolers, ("max_client_conn", "200"), ("reserved", "0")],
                "pgbouncer.maxconn",
                "198",
                "a full pooler still answers checks",
            ),
            (
                &[("pooler", "pgbouncer"), poolers, ("max_client_conn", "200")],
                "global.maxconn",
                "1170",
                "as many wait as are served",
            ),
            (
                &[("replicas", "2"), ("max_connections", "100"), ("role_connection_limit", "40")],
                "replicas.maxconn",
                "40",
                "the role's limit holds on the replicas",
            ),
            (&[("replicas", "2"), ("max_connections", "100")], "replicas.maxconn", "92", "all but what is reserved"),
        ];
        for (inputs, name, expected, reason) in rows {
            let document = document(inputs);
            let setting = document.lines.iter().filter_map(|line| line.setting.as_ref()).find(|it| it.name == *name);
            assert_eq!(setting.map(|setting| &*setting.value), Some(*expected), "{inputs:?}: {reason}");
            // An address that takes no more than its servers refuses what is to wait.
            let limits = document.lines.iter().filter(|line| line.text.starts_with("    maxconn")).count();
            assert_eq!(limits, 1, "{reason}: the global one alone");
        }
    }

    #[test]
    fn the_primary_stands_in_with_what_it_has_left() {
        let rows: &[(Inputs<'_>, Option<&str>, &str)] = &[
            (&[], Some("backup maxconn 52"), "97, of which 5 are reserved and 40 are the pods' during an update"),
            (&[("pods", "9")], None, "the application takes all of it"),
            (&[("role_connection_limit", "45")], Some("backup maxconn 5"), "what the role has left"),
        ];
        for (inputs, expected, reason) in rows {
            let all: Vec<_> = [("replicas", "2"), ("max_connections", "100")].iter().chain(*inputs).copied().collect();
            let text = document(&all).text();
            let backup =
                text.lines().find_map(|line| line.strip_prefix("    server primary primary.example.com:5432 "));
            assert_eq!(backup, *expected, "{reason}");
        }
    }

    #[test]
    fn a_pooler_that_is_marked_down_keeps_its_connections() {
        for (inputs, expected) in [
            (&[("pooler", "pgbouncer"), ("pooler_instances", "2")][..], 0),
            (&[("replicas", "2")], 2),
            (&[("pooler", "pgbouncer"), ("pooler_instances", "2"), ("replicas", "2")], 1),
        ] {
            assert_eq!(document(inputs).text().matches("shutdown-sessions").count(), expected, "{inputs:?}");
        }
    }
}
