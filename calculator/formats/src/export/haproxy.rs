//! `HAProxy` in front of several poolers, or of a primary and its replicas.

use sizing::choice::Promotion;
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
    let set = |file: &mut Document, before: &str, key: &str, value: &str, default: Option<&str>| {
        file.assign(["    ", before, key, " ", value].concat(), key, value, default, Takes::Reload);
    };
    file.line("global");
    file.comment("    ", "What all addresses below take together; two file descriptors each.");
    set(&mut file, "", "maxconn", &total.to_string(), None);
    file.line("");
    file.line("resolvers system");
    file.line("    parse-resolv-conf");
    file.line("");
    file.line("defaults");
    file.line("    mode tcp");
    file.line("    option clitcpka");
    file.line("    option srvtcpka");
    let check = [&whole_ms(scenario.health_timeout_ms).to_string(), "ms"].concat();
    set(&mut file, "", "timeout connect", &check, None);
    set(&mut file, "", "timeout check", &check, None);
    file.comment("    ", "A pool gives up after so long: nobody waits behind it any more.");
    set(&mut file, "", "timeout queue", &[&timeout_ms(scenario).to_string(), "ms"].concat(), None);
    // What a pool keeps must not be closed under it.
    let idle = [&(2 * LIFETIME_MS / 60_000).to_string(), "m"].concat();
    file.comment("    ", "Longer than a pool keeps a connection, which may be idle all the time.");
    set(&mut file, "", "timeout client", &idle, None);
    set(&mut file, "", "timeout server", &idle, None);
    for group in &groups {
        let most = all(group).to_string();
        file.line("");
        file.comment("", group.about);
        file.line(["frontend ", group.name].concat());
        file.line(["    bind :", &group.port.to_string()].concat());
        set(&mut file, "", "maxconn", &most, None);
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
        let start =
            "    default-server check resolvers system init-addr last,libc,none on-marked-down shutdown-sessions";
        file.line(start);
        for ((key, default), value) in SERVER.into_iter().zip(&values) {
            set(&mut file, "default-server ", key, value, Some(default));
        }
        for server in &group.servers {
            file.line(["    server ", server].concat());
        }
    }
    Ok(file)
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
            about: "The poolers. What is beyond max_client_conn of one waits here instead of being refused there. The \
                role haproxy must be one that the pooler knows.",
            check: IS_POSTGRESQL,
            each: scenario.clients_per_pooler(),
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
    let role = scenario.role_connection_limit.map_or(u64::MAX, Connections::get);
    let standbys = numbered("replica", "5432", replicas);
    // Where software promotes, each address has all servers, and its check finds those that are what it is for.
    let asked = if automatic { " port 8008" } else { "" };
    let of_all = |other: &str| -> Vec<String> {
        let first = [["primary primary.example.com:5432", asked, if automatic { "" } else { other }].concat()];
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
            each: usable.min(role).max(1),
            servers,
        });
    }
    groups.push(Group {
        name: "replicas",
        port: 5433,
        about: "What may be read late: the replicas, taken to be set up like the primary, which stands in for them.",
        check: replica,
        each: usable,
        servers: of_all(" backup"),
    });
    groups
}
