//! What is wrong with the pools of a scenario, why, and what to do.

use std::borrow::Cow;

use crate::choice::{Flag, PgVersion, PoolMode, PoolerVersion, PreparedStatements};
use crate::finding::{Finding, Severity};
use crate::pool::chain::{Chain, Link, LinkKind, Situation, UNREMARKABLE_PERCENT};
use crate::pool::solve::{self, least_limit};
use crate::pool::{BAND, Pool, documented};
use crate::quantity::{Connections, Count, Share, grouped};
use crate::scenario::Scenario;

/// Pods from which the documents call for a pooler: "many application pods (> 10)".
const PODS_WITHOUT_POOLER: u64 = 10;
/// The utilization a fix aims at: no finding is left for the limit it mends.
const FIX_PERCENT: u64 = UNREMARKABLE_PERCENT;

/// What to do about a pool whose overflow has no limit.
const WITHOUT_LIMIT: &str =
    "Give every pool an overflow it can rely on: waiting for a connection is better than losing the database.";

pub(super) fn findings(pool: &Pool<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(pool.steady.links().filter_map(|link| limit_finding(pool, link)));
    findings.extend(situation_findings(pool));
    findings.extend(other_databases(pool.scenario));
    findings.extend(outside_band(pool));
    findings.extend(application_findings(pool.scenario));
    if pool.scenario.has_pooler() {
        findings.extend(pooler_findings(pool));
    }
    findings.extend(database_findings(pool.scenario));
    findings
}

/// "150 of 120 connections", with the percentage.
fn of_limit(link: &Link) -> String {
    let limit = link.limit.unwrap_or_default();
    format!("{} of {} connections ({})", grouped(link.demand), grouped(limit), link.utilization())
}

/// The values of a link that prove a finding.
fn evidence_of(prefix: &str) -> Vec<Cow<'static, str>> {
    let of_metric = |metric: &str| Cow::Owned([prefix, metric].concat());
    [".demand", ".limit", ".utilization"].map(of_metric).into()
}

/// How full a limit is that is not exceeded.
fn used(link: &Link, severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "well used",
        _ if link.limit == Some(link.demand) => "used up",
        Severity::Warning | Severity::Error => "nearly used up",
    }
}

/// By how much a link is exceeded.
pub(super) fn excess(link: &Link) -> u64 {
    link.demand.saturating_sub(link.limit.unwrap_or(u64::MAX))
}

fn limit_finding(pool: &Pool<'_>, link: &Link) -> Option<Finding> {
    let severity = link.severity()?;
    let name = link.kind.name();
    let word = limit_word(link.kind);
    let (code, message) = if link.is_exceeded() {
        (
            format!("pool.exceeds_{word}"),
            format!("The {name} is exceeded by {}: {}.", grouped(excess(link)), of_limit(link)),
        )
    } else {
        (format!("pool.near_{word}"), format!("The {name} is {}: {}.", used(link, severity), of_limit(link)))
    };
    Some(Finding {
        code: code.into(),
        severity,
        message,
        evidence: evidence_of(&["pool.", link.kind.word()].concat()),
        remedy: remedy(pool, link, severity),
        fix: if severity == Severity::Info { Vec::new() } else { fix(pool, link).unwrap_or_default() },
    })
}

/// The end of a finding's code.
const fn limit_word(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Clients => "client_limit",
        LinkKind::Server => "server_connections",
        LinkKind::Role => "role_limit",
        LinkKind::Database => "database_limit",
    }
}

/// What to do about a link, the best first, each the end of a sentence.
pub(super) fn options(pool: &Pool<'_>, link: &Link) -> Vec<String> {
    let scenario = pool.scenario;
    let needed = grouped(least_limit(link.demand, FIX_PERCENT));
    let shrink = match pool.largest_in_band {
        Some(size) if size > 1 && size < scenario.pool_size.get() => format!("shrink pools to {}", grouped(size)),
        _ => "run fewer pods".to_owned(),
    };
    let lower = server_pool_that_fits(scenario, link)
        .map_or_else(|| "run fewer poolers".to_owned(), |size| format!("lower the pooler's server pools to {size}"));
    let larger_plan = "choose a larger plan".to_owned();
    let more_memory = if scenario.service.max_connections(scenario.ram).is_some() {
        larger_plan.clone()
    } else {
        "raise max_connections with the memory it takes".to_owned()
    };
    // A pooler that comes with a service accepts what the plan says, and some have pools that cannot be set.
    let built_in = scenario.service.pooler().filter(|_| scenario.has_pooler());
    let has_fixed_pool = built_in.is_some_and(|pooler| pooler.pool_percent.is_some());
    match link.kind {
        LinkKind::Clients if built_in.is_some() => vec![larger_plan, shrink],
        LinkKind::Server if has_fixed_pool => vec![larger_plan, "shorten transactions".to_owned()],
        LinkKind::Role if has_fixed_pool => vec![format!("raise the role limit to {needed}"), shrink],
        LinkKind::Database if has_fixed_pool => vec![larger_plan, shrink],
        LinkKind::Clients => vec![
            format!("raise max_client_conn to {}", grouped(client_limit_needed(scenario, link))),
            "add a pooler instance".to_owned(),
            shrink,
        ],
        LinkKind::Server if scenario.pool_mode == PoolMode::Session => {
            vec!["use transaction mode".to_owned(), format!("allow the pooler {needed} server connections"), shrink]
        }
        LinkKind::Server => {
            vec![format!("allow the pooler {needed} server connections"), "shorten transactions".to_owned()]
        }
        LinkKind::Role if scenario.has_pooler() => vec![lower, format!("raise the role limit to {needed}")],
        LinkKind::Role => vec![format!("raise the role limit to {needed}"), shrink],
        LinkKind::Database if scenario.has_pooler() => vec![lower, more_memory],
        LinkKind::Database => vec![shrink, "put PgBouncer in transaction mode in between".to_owned(), more_memory],
    }
}

/// What to do about a link, as a sentence.
fn remedy(pool: &Pool<'_>, link: &Link, severity: Severity) -> String {
    if severity == Severity::Info {
        return format!("Nothing to do yet: {}.", room(pool));
    }
    let mut sentence = options(pool, link).join(", or ");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence.push('.');
    sentence
}

/// How far the pods can grow, as a clause.
pub(super) fn room(pool: &Pool<'_>) -> String {
    match pool.most_pods {
        Some(1) => "1 pod fits".to_owned(),
        Some(most) => format!("up to {} pods fit", grouped(most)),
        None => "more pods do not change that".to_owned(),
    }
}

/// The pool size with which all poolers together stay within what a limit behind them allows.
fn server_pool_that_fits(scenario: &Scenario, link: &Link) -> Option<u64> {
    let (users, others) = match link.kind {
        LinkKind::Role => (1, scenario.direct.get()),
        _ => (scenario.pool_users.get(), scenario.direct.get().saturating_add(scenario.reserved.get())),
    };
    let pools = scenario.instances().saturating_mul(scenario.pool_databases.get()).saturating_mul(users);
    let room = (link.limit?.saturating_mul(FIX_PERCENT) / 100).saturating_sub(others);
    room.checked_div(pools)?.checked_sub(scenario.reserve_pool_size.get()).filter(|size| *size > 0)
}

/// What `max_client_conn` must be for this link.
fn client_limit_needed(scenario: &Scenario, link: &Link) -> u64 {
    least_limit(link.demand.div_ceil(scenario.instances().max(1)), FIX_PERCENT)
}

/// Inputs that end the finding of a link without making any other link worse: the first of several that does.
fn fix(pool: &Pool<'_>, link: &Link) -> Option<Vec<(&'static str, String)>> {
    let scenario = pool.scenario;
    let smaller_pool = pool.largest_in_band.filter(|size| *size > 0).map(|size| ("pool_size", size));
    let smaller_server_pool = server_pool_that_fits(scenario, link).map(|size| ("default_pool_size", size));
    let candidates = match link.kind {
        LinkKind::Clients => vec![Some(("max_client_conn", client_limit_needed(scenario, link))), smaller_pool],
        LinkKind::Server => {
            let pools = scenario.pool_databases.get().saturating_mul(scenario.pool_users.get());
            let each = least_limit(link.demand, FIX_PERCENT)
                .div_ceil(pools.saturating_mul(scenario.instances()).max(1))
                .saturating_sub(scenario.reserve_pool_size.get());
            vec![Some(("default_pool_size", each))]
        }
        LinkKind::Role => {
            let raised = Some(("role_connection_limit", least_limit(link.demand, FIX_PERCENT)));
            if scenario.has_pooler() { vec![smaller_server_pool, raised] } else { vec![raised, smaller_pool] }
        }
        LinkKind::Database if scenario.has_pooler() => vec![smaller_server_pool],
        LinkKind::Database => vec![smaller_pool],
    };
    candidates.into_iter().flatten().find_map(|(id, number)| {
        let text = number.to_string();
        let mut mended = scenario.clone();
        mended.set(id, &text).ok()?;
        mends(&pool.steady, &Chain::of(&mended, mended.fleet()), link.kind).then(|| vec![(id, text)])
    })
}

/// `after` is better than `before` for one link and worse for none.
fn mends(before: &Chain, after: &Chain, kind: LinkKind) -> bool {
    let severity = |chain: &Chain, kind| chain.link(kind).and_then(Link::severity);
    severity(after, kind) < severity(before, kind)
        && LinkKind::ALL.into_iter().all(|kind| severity(after, kind) <= severity(before, kind))
}

/// Limits that hold as configured but not in one of the situations that will come.
fn situation_findings(pool: &Pool<'_>) -> Vec<Finding> {
    // At the autoscaler's maximum the next version must still be rolled out.
    let during_update = solve::most_pods_during_update(pool.scenario);
    let most = solve::most_pods(pool.scenario, FIX_PERCENT).into_iter().chain(during_update).min();
    let cap = most.filter(|most| *most >= pool.scenario.pods.get());
    let of_link = |situation: Situation, link: &Link| {
        let severity = link.severity()?;
        let alone = situation == Situation::InstanceLost && pool.scenario.instances() == 1;
        let steady = pool.steady.link(link.kind)?;
        let is_known = steady.severity() >= Some(severity) && (steady.is_exceeded() || !link.is_exceeded());
        if alone || is_known {
            return None;
        }
        let verb = if link.is_exceeded() { "exceeds" } else { "near" };
        let how = if link.is_exceeded() {
            format!("is exceeded by {}", grouped(excess(link)))
        } else {
            format!("is {}", used(link, severity))
        };
        let remedy = match situation {
            Situation::RollingUpdate => {
                "Lower the surge (maxSurge: 0 with maxUnavailable: 1), or leave room for the surge pods' pools."
                    .to_owned()
            }
            Situation::InstanceLost => "Size the instances so that one fewer still carries everything.".to_owned(),
            Situation::Autoscaled | Situation::Steady => match cap {
                Some(cap) => {
                    format!("Cap the autoscaler at {} pods, or shrink the pools to suit its maximum.", grouped(cap))
                }
                None => "Shrink the pools to suit the autoscaler's maximum.".to_owned(),
            },
        };
        let finding = Finding {
            code: format!("pool.{}_{verb}_{}", situation.word(), limit_word(link.kind)).into(),
            severity,
            message: format!("The {} {how} {}: {}.", link.kind.name(), situation.name(), of_limit(link)),
            evidence: evidence_of(&[situation.prefix().as_str(), ".", link.kind.word()].concat()),
            remedy,
            fix: Vec::new(),
        };
        Some(match cap {
            Some(cap) if situation == Situation::Autoscaled => finding.fixed_by(&[("pods_max", &cap.to_string())]),
            _ => finding,
        })
    };
    let of_situation = |(situation, chain): &(Situation, Chain)| -> Vec<Finding> {
        chain.links().filter_map(|link| of_link(*situation, link)).collect()
    };
    pool.situations.iter().flat_map(of_situation).collect()
}

fn other_databases(scenario: &Scenario) -> Vec<Finding> {
    let of_database = |name: &str| {
        let link = scenario.other_database(name);
        let severity = link.severity()?;
        let (verb, how) = if link.is_exceeded() { ("exceeds", "more than") } else { ("near", "nearly all") };
        Some(Finding {
            code: ["pool.", verb, "_further_database_limit"].concat().into(),
            severity,
            message: format!(
                "The further pools ask {how} the database {name} has if it is set up like the primary: {}.",
                of_limit(&link)
            ),
            evidence: evidence_of(&["pool.databases.", name].concat()),
            remedy: format!("Shrink the further pools to {name}, or check what its own max_connections is."),
            fix: Vec::new(),
        })
    };
    scenario.pools.other_databases().into_iter().filter_map(of_database).collect()
}

impl Scenario {
    /// A database other than the sized one, taken to be set up like it.
    pub(super) fn other_database(&self, name: &str) -> Link {
        let app = self.pods.get().saturating_mul(self.processes.get()).saturating_mul(self.further_per_process(name));
        Link {
            kind: LinkKind::Database,
            demand: app.saturating_add(self.reserved.get()),
            limit: Some(self.connection_limit().saturating_sub(self.kept_connections())),
        }
    }
}

/// Use outside the documented band of 60 to 80 %.
fn outside_band(pool: &Pool<'_>) -> Option<Finding> {
    let link = pool.steady.binding();
    let (low, high) = BAND;
    let below = !link.is_above(low)
        && link.limit.is_some_and(|limit| u128::from(link.demand) * 100 < u128::from(limit) * u128::from(low));
    let (message, remedy) = if below {
        (
            format!("Use is below the documented band of {low} to {high} %: {}.", of_limit(link)),
            "Nothing is wrong: there is room to grow. Where the server is shared, the limit could be lower.",
        )
    } else if link.is_above(high) && !link.is_exceeded() {
        (
            format!("Use is above the documented band of {low} to {high} %: {}.", of_limit(link)),
            "Leave room for spikes and for connections that linger after a crash.",
        )
    } else {
        return None;
    };
    Some(Finding::new(
        "pool.utilization_outside_band",
        Severity::Info,
        &message,
        &["pool.utilization", "pool.binding_limit"],
        remedy,
    ))
}

fn application_findings(scenario: &Scenario) -> Vec<Finding> {
    let mut findings = Vec::new();
    let each = scenario.connections_per_process();
    if scenario.max_overflow.is_none() {
        findings.push(
            Finding::new(
                "pool.overflow_unlimited",
                Severity::Error,
                format!(
                    "The overflow has no limit: a process can open a connection for every thread, {} in all.",
                    grouped(each)
                ),
                &["pool.connections_per_process", "pool.app_connections"],
                WITHOUT_LIMIT,
            )
            .fixed_by(&[("max_overflow", "10")]),
        );
    }
    let unlimited = scenario.pools.iter().filter(|pool| pool.overflow.is_none()).map(|pool| pool.name.as_str());
    let unlimited: Vec<&str> = unlimited.collect();
    if !unlimited.is_empty() {
        findings.push(Finding::new(
            "pool.further_overflow_unlimited",
            Severity::Error,
            format!("The overflow of further pools has no limit: {}.", unlimited.join(", ")),
            &["pool.app_connections"],
            WITHOUT_LIMIT,
        ));
    }
    let floor = documented::deadlock_floor(scenario.threads.get(), scenario.connections_per_thread.get());
    if each < floor {
        findings.push(
            Finding::new(
                "pool.deadlock_possible",
                Severity::Error,
                format!(
                    "{} threads that hold {} connections each can deadlock in a pool of {}: every thread may wait for \
                     one that another holds.",
                    grouped(scenario.threads.get()),
                    grouped(scenario.connections_per_thread.get()),
                    grouped(each)
                ),
                &["pool.deadlock_floor", "pool.connections_per_process"],
                format!("Let a process open at least {} connections, or hold one at a time.", grouped(floor)),
            )
            .fixed_by(&[("connections_per_thread", "1")]),
        );
    }
    if let Some(idle) = scenario.min_idle.filter(|idle| *idle > scenario.pool_size) {
        findings.push(
            Finding::new(
                "pool.min_idle_above_pool_size",
                Severity::Warning,
                format!(
                    "Minimum idle ({}) is above the pool size ({}): a pool keeps no more than its size.",
                    grouped(idle.get()),
                    grouped(scenario.pool_size.get())
                ),
                &["pool.idle_connections"],
                "Set minimum idle to the pool size or below.",
            )
            .fixed_by(&[("min_idle", &scenario.pool_size.get().to_string())]),
        );
    }
    if let Some(most) = scenario.pods_max.filter(|most| *most < scenario.pods) {
        findings.push(
            Finding::new(
                "pool.pods_above_maximum",
                Severity::Error,
                format!(
                    "There are {} pods, but the autoscaler allows at most {}.",
                    grouped(scenario.pods.get()),
                    grouped(most.get())
                ),
                &["pool.autoscaled_connections"],
                "Raise the autoscaler's maximum to the pods there are, or give the pods it really runs.",
            )
            .fixed_by(&[("pods_max", &scenario.pods.get().to_string())]),
        );
    }
    let pods = scenario.pods.max(scenario.pods_max.unwrap_or(Count(0))).get();
    if !scenario.has_pooler() && pods > PODS_WITHOUT_POOLER {
        findings.push(Finding::new(
            "pool.many_pods_without_pooler",
            Severity::Warning,
            format!(
                "{} pods connect directly: above {PODS_WITHOUT_POOLER} the documents put a pooler in between.",
                grouped(pods)
            ),
            &["pool.app_connections", "pool.offered_load"],
            "Put PgBouncer in transaction mode between the pods and the database.",
        ));
    }
    findings
}

fn pooler_findings(pool: &Pool<'_>) -> Vec<Finding> {
    let scenario = pool.scenario;
    let mut findings = mode_findings(scenario);
    findings.extend(pool_size_findings(scenario));
    findings.extend(file_descriptors(pool));
    if scenario.instances() == 1 && scenario.service.pooler().is_none() {
        let half = scenario.default_pool_size.map_or(0, |size| size.get() / 2);
        let halves = [("pooler_instances", "2"), ("default_pool_size", &half.to_string())];
        findings.push(
            Finding::new(
                "pool.single_pooler",
                Severity::Warning,
                "There is one pooler instance: when it is lost or restarted, nothing reaches the database.",
                &["pool.client_connections_per_pooler_degraded"],
                "Run at least two instances behind a load balancer; halve their pool sizes, because the limits \
                 multiply.",
            )
            .fixed_by(if half > 0 { &halves } else { &halves[..1] }),
        );
    }
    findings
}

/// A pooler that would need more file descriptors than it may open if all came that it is configured for.
fn file_descriptors(pool: &Pool<'_>) -> Option<Finding> {
    let scenario = pool.scenario;
    let allowed = scenario.file_descriptors.get();
    let accepted = scenario.clients_per_pooler();
    // Where the server side has no limit, the clients alone can be too many.
    let server = scenario.server_connections(1).unwrap_or(0);
    let ceiling = accepted.saturating_add(server);
    if scenario.service.pooler().is_some() || ceiling <= allowed {
        return None;
    }
    // What comes to one instance at most, in any situation in which there is one.
    let fleets = Situation::ALL.into_iter().filter_map(|situation| situation.fleet(scenario));
    let clients = fleets
        .filter(|fleet| fleet.instances > 0)
        .map(|fleet| scenario.app_connections(fleet.pods).div_ceil(fleet.instances))
        .max();
    let clients = clients.unwrap_or_default().min(accepted);
    let demand = clients.saturating_add(server.min(clients));
    let used = Share::of(demand, allowed).unwrap_or_default();
    let (needed, limit) = (grouped(ceiling), grouped(allowed));
    let (severity, message) = if demand > allowed {
        let message = format!(
            "One PgBouncer process will need {} file descriptors, {needed} with max_client_conn in use, and may open \
             {limit}: it refuses clients.",
            grouped(demand)
        );
        (Severity::Error, message)
    } else {
        let message = format!(
            "max_client_conn could not be reached: one PgBouncer process would need {needed} file descriptors and may \
             open {limit}. At most {} are needed so far.",
            grouped(demand)
        );
        (Severity::of_use(used).map_or(Severity::Info, |_| Severity::Warning), message)
    };
    let found = Finding::new(
        "pool.file_descriptors_exceeded",
        severity,
        message,
        &["pool.file_descriptors"],
        "Raise the soft limit of the service (LimitNOFILE= in its systemd unit, or ulimit -n).",
    );
    Some(found.fixed_by(&[("file_descriptors", &ceiling.next_multiple_of(1024).to_string())]))
}

/// The fix for every mode that is not the usual one.
const TO_TRANSACTION_MODE: [(&str, &str); 1] = [("pool_mode", PoolMode::Transaction.word())];

/// What the pool mode does not allow.
fn mode_findings(scenario: &Scenario) -> Vec<Finding> {
    let mut findings = Vec::new();
    let shares_between_transactions = scenario.pool_mode != PoolMode::Session;
    let mode = scenario.pool_mode.word();
    if shares_between_transactions && scenario.session_features == Flag::Yes {
        findings.push(
            Finding::new(
                "pool.session_features_in_transaction_mode",
                Severity::Error,
                format!(
                    "In {mode} mode the next transaction may run on another server connection: SET, LISTEN, session \
                     advisory locks, temporary tables and WITH HOLD cursors are lost or leak to other clients."
                ),
                &["pool.server.demand"],
                "Do without them (SET LOCAL, pg_advisory_xact_lock), or give those clients a session-mode pool or a \
                 direct connection.",
            )
            .fixed_by(&[("pool_mode", PoolMode::Session.word())]),
        );
    }
    if scenario.pool_mode == PoolMode::Statement {
        findings.push(
            Finding::new(
                "pool.statement_mode_forbids_transactions",
                Severity::Warning,
                "In statement mode a transaction of more than one statement is refused.",
                &["pool.server.demand"],
                "Use transaction mode unless every statement stands alone.",
            )
            .fixed_by(&TO_TRANSACTION_MODE),
        );
    }
    let kept = scenario.prepared_statements_kept();
    if shares_between_transactions && scenario.prepared_statements == PreparedStatements::Sql {
        findings.push(
            Finding::new(
                "pool.sql_prepare_in_transaction_mode",
                Severity::Error,
                format!(
                    "In {mode} mode a statement prepared by SQL PREPARE exists on one server connection only: EXECUTE \
                     fails on the others, whatever max_prepared_statements is."
                ),
                &["pool.max_prepared_statements"],
                "Let the driver prepare in the protocol, which PgBouncer follows from 1.21 on.",
            )
            .fixed_by(&[("prepared_statements", PreparedStatements::Protocol.word())]),
        );
    } else if shares_between_transactions
        && scenario.prepared_statements == PreparedStatements::Protocol
        && kept.unwrap_or(0) == 0
        && scenario.service.pooler().is_none()
    {
        let (why, fix) = match kept {
            None => (
                "this version does not know them",
                vec![("pooler_version", PoolerVersion::V1_25.word()), ("max_prepared_statements", "200")],
            ),
            Some(_) => (
                "max_prepared_statements is 0, as it is by default before 1.24",
                vec![("max_prepared_statements", "200")],
            ),
        };
        findings.push(
            Finding::new(
                "pool.prepared_statements_unsupported",
                Severity::Error,
                format!("Statements prepared by the driver fail in {mode} mode: {why}."),
                &["pool.max_prepared_statements"],
                "Use PgBouncer 1.21 or newer with max_prepared_statements above 0, or turn prepared statements off in \
                 the driver.",
            )
            .fixed_by(&fix),
        );
    }
    if !shares_between_transactions {
        findings.push(
            Finding::new(
                "pool.session_mode_shares_nothing",
                Severity::Info,
                "In session mode a client keeps its server connection while it is connected, and an application's pool \
                 stays connected: the pooler saves no connections.",
                &["pool.server.demand", "pool.multiplexing"],
                "Use transaction mode where the application needs no session features.",
            )
            .fixed_by(if scenario.session_features == Flag::No { &TO_TRANSACTION_MODE } else { &[] }),
        );
    }
    findings
}

/// Pool sizes that contradict one another.
fn pool_size_findings(scenario: &Scenario) -> Vec<Finding> {
    let mut findings = Vec::new();
    let reserve = scenario.reserve_pool_size.get();
    let Some(size) = scenario.default_pool_size.map(Connections::get) else {
        if scenario.pooler_version < PoolerVersion::V1_24 {
            findings.push(
                Finding::new(
                    "pool.unlimited_pool_size_unknown",
                    Severity::Error,
                    "default_pool_size 0 means no limit only from PgBouncer 1.24 on; before, no client is ever served.",
                    &["pool.server_connections"],
                    "Give the pools a size.",
                )
                .fixed_by(&[("default_pool_size", "20")]),
            );
        }
        return findings;
    };
    let min = scenario.min_pool_size.get();
    if min > size {
        findings.push(
            Finding::new(
                "pool.min_pool_above_default",
                Severity::Warning,
                format!(
                    "min_pool_size ({}) is above default_pool_size ({}): a pool never has more than the latter.",
                    grouped(min),
                    grouped(size)
                ),
                &["pool.server_connections"],
                "Set min_pool_size to default_pool_size or below.",
            )
            .fixed_by(&[("min_pool_size", &size.to_string())]),
        );
    }
    let per_pooler = scenario.app_connections(scenario.pods.get()).div_ceil(scenario.instances().max(1));
    let limits = [scenario.max_db_connections, scenario.max_user_connections];
    let capped = limits.into_iter().flatten().any(|limit| limit.get() <= size);
    let is_fixed = scenario.service.pooler().is_some_and(|pooler| pooler.pool_percent.is_some());
    if reserve > 0 && !is_fixed && (capped || per_pooler <= size) {
        let why = if capped {
            "max_db_connections or max_user_connections stops the pool before".to_owned()
        } else {
            format!("{} clients of an instance never fill a pool of {}", grouped(per_pooler), grouped(size))
        };
        findings.push(
            Finding::new(
                "pool.reserve_never_reached",
                Severity::Warning,
                format!("The reserve pool of {} is never reached: {why}.", grouped(reserve)),
                &["pool.server_connections", "pool.client_connections_per_pooler"],
                "Raise the limit that stops it, or do without the reserve.",
            )
            .fixed_by(&[("reserve_pool_size", "0")]),
        );
    }
    if let Some(limit) = scenario.role_connection_limit.map(Connections::get) {
        let pool = size.saturating_add(reserve);
        if pool > limit {
            findings.push(larger_than_role_limit("One pool of the pooler", pool, limit, "default_pool_size"));
        }
    }
    findings
}

fn larger_than_role_limit(what: &str, pool: u64, limit: u64, input: &'static str) -> Finding {
    Finding::new(
        "pool.larger_than_role_limit",
        Severity::Error,
        format!("{what} may open {} connections, the role only {}.", grouped(pool), grouped(limit)),
        &["pool.role.limit"],
        format!("Keep {input} and what comes on top of it within the role limit, or raise the limit."),
    )
}

fn database_findings(scenario: &Scenario) -> Vec<Finding> {
    let mut findings = Vec::new();
    if scenario.usable_connections() == 0 {
        findings.push(Finding::new(
            "pool.no_usable_connections",
            Severity::Error,
            format!(
                "Nothing is left of {} connections: {} are reserved and {} belong to other tenants.",
                grouped(scenario.connection_limit()),
                grouped(scenario.kept_connections()),
                grouped(scenario.other_connections.get())
            ),
            &["pool.usable_connections"],
            "Raise max_connections, or reserve less.",
        ));
    }
    if let Some(limit) = scenario.role_connection_limit.map(Connections::get) {
        let each = scenario.connections_per_process();
        if !scenario.has_pooler() && each > limit {
            findings.push(larger_than_role_limit("The pool of one process", each, limit, "pool_size"));
        }
        if limit > scenario.usable_connections() {
            findings.push(Finding::new(
                "pool.role_limit_never_reached",
                Severity::Info,
                format!(
                    "The role limit of {} is above the {} connections the database leaves: it protects nothing.",
                    grouped(limit),
                    grouped(scenario.usable_connections())
                ),
                &["pool.role.limit", "pool.usable_connections"],
                "Set the role limit below what the database leaves, so that one application cannot lock out the rest.",
            ));
        }
    }
    if scenario.reserved_connections.get() > 0 && scenario.pg < PgVersion::V16 {
        findings.push(
            Finding::new(
                "pool.reserved_connections_unknown",
                Severity::Error,
                format!(
                    "PostgreSQL {} does not know reserved_connections and refuses to start with it.",
                    scenario.pg.word()
                ),
                &["pool.usable_connections"],
                "Leave it at 0 before PostgreSQL 16.",
            )
            .fixed_by(&[("reserved_connections", "0")]),
        );
    }
    if let Some(published) = scenario.service.max_connections(scenario.ram)
        && published != scenario.max_connections.get()
    {
        findings.push(Finding::new(
            "pool.service_limit_applies",
            Severity::Info,
            format!(
                "{} publishes {} connections, which stands in for max_connections {}.",
                scenario.service.name(),
                grouped(published),
                grouped(scenario.max_connections.get())
            ),
            &["pool.max_connections"],
            "Where the setting has been changed, choose self-managed and give max_connections.",
        ));
    }
    findings
}
