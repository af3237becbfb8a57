//! The rules between fields: what makes a file invalid though each value is allowed, and what it says in vain.

use std::collections::BTreeMap;

use super::check::{Findings, Path};
use super::error::{Problem, TopologyWarning};
use super::field;
use super::section::Section;
use super::{Dialect, Mode, Probing, Role, Topology, text};
use crate::json::Node;
use crate::origin::Origin;

/// What makes the file invalid.
pub(super) fn check(document: &Node, findings: &mut Findings) {
    check_clusters(document, findings);
    check_statuses(&Section::new(field::TOPOLOGY, document).section("health"), findings);
}

/// Unique ids and origins, exactly one primary.
fn check_clusters(document: &Node, findings: &mut Findings) {
    let Some(list @ Node::List(_)) = document.get("clusters") else { return };
    let of = |key: &'static str| list.items().iter().map(move |cluster| cluster.get(key).and_then(Node::text));
    let at = |index: usize, key: &'static str, problem: Problem, findings: &mut Findings| {
        let clusters = Path::Key(&Path::Root, "clusters");
        findings.error(&Path::Key(&Path::Index(&clusters, index), key), problem);
    };

    let mut first_of = BTreeMap::new();
    for (index, id) in of("id").enumerate() {
        let Some(id) = id.filter(|id| (text::ID.check)(id).is_ok()) else { continue };
        let first = *first_of.entry(id).or_insert(index);
        if first != index {
            at(index, "id", Problem::DuplicateId { id: id.to_owned(), first }, findings);
        }
    }

    let mut first_of = BTreeMap::new();
    for (index, url) in of("url").enumerate() {
        let Some(Ok(origin)) = url.map(Origin::parse) else { continue };
        let first = *first_of.entry(origin.as_str().to_owned()).or_insert(index);
        if first != index {
            at(index, "url", Problem::DuplicateOrigin { origin: origin.as_str().to_owned(), first }, findings);
        }
    }

    let mut primaries = of("role").enumerate().filter(|(_, role)| *role == Some("primary")).map(|(index, _)| index);
    if let Some(first) = primaries.next() {
        for index in primaries {
            at(index, "role", Problem::SecondPrimary { first }, findings);
        }
    } else if of("role").all(|role| role.and_then(Role::named).is_some()) {
        // With a role that is missing or unknown, the error about it says enough.
        findings.error(&Path::Key(&Path::Root, "clusters"), Problem::NoPrimary);
    }
}

fn check_statuses(health: &Section<'_>, findings: &mut Findings) {
    let (min, max) = (health.number("status_min"), health.number("status_max"));
    if min > max {
        // Said where it was written: the other one may be a default.
        let key = if health.given("status_min").is_some() { "status_min" } else { "status_max" };
        let path = Path::Key(&Path::Root, "health");
        findings.error(&Path::Key(&path, key), Problem::NoStatus { min, max });
    }
}

/// What the file says that does nothing, or does harm.
pub(super) fn warnings(topology: &Topology, file: &Section<'_>) -> Vec<TopologyWarning> {
    let mut warnings = Vec::new();
    let dialect = Dialect::read(file);
    match topology.mode {
        Mode::Split if dialect.is_vault_like() => warnings.push(TopologyWarning::SplitWithVaultDialect),
        Mode::Split => {}
        Mode::Affinity => warn_of_affinity(topology, &mut warnings),
    }
    if let Some(probing) = topology.probing() {
        warn_of_probing(probing, &file.section("health"), &mut warnings);
    }
    if topology.max_lag.is_some() {
        let why = match topology.probing() {
            None => Some("without `health` nothing is probed"),
            Some(probing) => match probing.dialect {
                Dialect::Http if probing.lag_pointer.is_none() => {
                    Some("the dialect `http` finds it with `health.lag_pointer` only")
                }
                Dialect::OpenBao => Some("the health answer of OpenBao does not have it"),
                Dialect::Http | Dialect::Vault => None,
            },
        };
        warnings.extend(why.map(|why| TopologyWarning::LagUnknown { why }));
    }
    if topology.has_standby() {
        let lease = topology.promoting.lease.get();
        let interval = topology.probing().map_or(0, |probing| probing.interval.get());
        if lease < interval.saturating_mul(2) {
            warnings.push(TopologyWarning::ShortLease { lease, interval });
        }
    } else if file.given("promotion").is_some() {
        warnings.push(TopologyWarning::NothingToPromote);
    }
    warnings
}

fn warn_of_affinity(topology: &Topology, warnings: &mut Vec<TopologyWarning>) {
    let replicas = || topology.clusters().filter(|cluster| cluster.role == Role::Replica);
    if replicas().any(|cluster| cluster.forwards_writes) {
        let idle = replicas().filter(|cluster| !cluster.forwards_writes);
        warnings.extend(idle.map(|cluster| TopologyWarning::IdleReplica { cluster: cluster.index.get() }));
    } else if replicas().next().is_some() {
        warnings.push(TopologyWarning::NobodyForwardsWrites);
    }
    if topology.read_your_writes.is_some() {
        warnings.push(TopologyWarning::ReadYourWritesWithAffinity);
    }
}

fn warn_of_probing(probing: &Probing, health: &Section<'_>, warnings: &mut Vec<TopologyWarning>) {
    if probing.dialect.is_vault_like() {
        let of_http = ["status_min", "status_max", "lag_pointer"].into_iter();
        let given = of_http.filter(|key| health.given(key).is_some());
        warnings.extend(given.map(|key| TopologyWarning::OnlyForHttp { key }));
        if !accepts_standbys(&probing.target) {
            warnings.push(TopologyWarning::StandbysNotOk);
        }
    }
    let (interval, timeout) = (probing.interval.get(), probing.timeout.get());
    if interval < timeout {
        warnings.push(TopologyWarning::ProbesOverlap { interval, timeout });
    }
}

/// Whether the query says `standbyok`, and not that it is false.
fn accepts_standbys(target: &str) -> bool {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| matches!(pair, "standbyok" | "standbyok=true" | "standbyok=1"))
}
