//! The pool calculator's values, each with its derivation and the published rules beside it.

use crate::Value;
use crate::choice::{PoolMode, PoolerVersion};
use crate::pool::chain::{Chain, Fleet, Link, LinkKind, Situation, or_no_limit};
use crate::pool::documented;
use crate::pool::further::PRIMARY;
use crate::pool::{Pool, solve};
use crate::quantity::{Connections, Count, Margin, Quantity, Ratio, Share, Unit};
use crate::scenario::Scenario;
use crate::source::{self, Source};
use crate::value::{Derivation, Rule};

/// All of them, in the order to show them.
pub(super) fn values(pool: &Pool<'_>) -> Vec<Value> {
    let mut values = application(pool.scenario);
    if pool.scenario.has_pooler() {
        values.extend(pooler(pool.scenario));
    }
    values.extend(database(pool.scenario));
    values.extend(binding(pool));
    values.extend(links(pool.scenario, Situation::Steady, &pool.steady));
    for (situation, chain) in &pool.situations {
        values.extend(links(pool.scenario, *situation, chain));
    }
    values.extend(backwards(pool));
    values.extend(other_databases(pool.scenario));
    values.extend(rules_of_thumb(pool.scenario));
    values
}

/// A formula over inputs, each by its id.
fn over(scenario: &Scenario, formula: &'static str, source: Source, ids: &[&'static str]) -> Derivation {
    and_inputs(scenario, Derivation::new(formula, source), ids)
}

/// The same derivation with inputs as further operands, each by its id.
fn and_inputs(scenario: &Scenario, derivation: Derivation, ids: &[&'static str]) -> Derivation {
    ids.iter().fold(derivation, |derivation, id| match scenario.quantity(id) {
        Some(quantity) => derivation.with(*id, quantity),
        None => derivation,
    })
}

const SIZING_FORMULA: Source = source::OPTIMIZATION_GUIDE.at("Connection Pool Sizing");

fn application(scenario: &Scenario) -> Vec<Value> {
    let pods = scenario.pods.get();
    let further = scenario.further_per_process(PRIMARY);
    let each = match scenario.max_overflow {
        Some(_) => over(scenario, "pool_size + max_overflow", SIZING_FORMULA, &["pool_size", "max_overflow"]),
        None => over(
            scenario,
            "larger of pool_size and threads × connections_per_thread: nothing else bounds an unlimited overflow",
            source::SQLALCHEMY.at("QueuePool, max_overflow"),
            &["pool_size", "threads", "connections_per_thread"],
        ),
    };
    let app = if further == 0 && scenario.max_overflow.is_some() {
        let formula = "pods × processes × (pool_size + max_overflow)";
        over(scenario, formula, SIZING_FORMULA, &["pods", "processes", "pool_size", "max_overflow"])
    } else {
        over(
            scenario,
            "pods × processes × (pool.connections_per_process + further pools to the primary)",
            SIZING_FORMULA,
            &["pods", "processes"],
        )
        .with("pool.connections_per_process", Connections(scenario.connections_per_process()))
        .with("further pools to the primary", Connections(further))
    };
    let total = |id: &'static str, name: &'static str, app_id: &'static str, pods: u64| {
        let app = scenario.app_connections(pods);
        let sum = app.saturating_add(scenario.direct.get()).saturating_add(scenario.reserved.get());
        let derivation = Derivation::new(format!("{app_id} + direct + reserved"), SIZING_FORMULA)
            .with(app_id, Connections(app))
            .with("direct", scenario.direct)
            .with("reserved", scenario.reserved);
        Value::new(id, name, Connections(sum), derivation)
    };
    let kept = scenario.min_idle.unwrap_or(scenario.pool_size).min(scenario.pool_size);
    let surge_pods = pods.saturating_add(scenario.surge.of(pods));
    let mut values = vec![
        Value::new(
            "pool.connections_per_process",
            "Connections a process can open",
            Connections(scenario.connections_per_process()),
            each,
        ),
        Value::new(
            "pool.app_connections",
            "Connections the application can open",
            Connections(scenario.app_connections(pods)),
            app,
        ),
        total("pool.total_connections", "Connections in all", "pool.app_connections", pods),
        total(
            "pool.surge_connections",
            "Connections in all during a rolling update",
            "app connections with surge pods",
            surge_pods,
        ),
    ];
    if let Some(most) = scenario.pods_max {
        values.push(total(
            "pool.autoscaled_connections",
            "Connections in all at the autoscaler's maximum",
            "app connections of pods_max",
            most.get(),
        ));
    }
    values.push(Value::new(
        "pool.idle_connections",
        "Connections kept open when nothing happens",
        Connections(pods.saturating_mul(scenario.processes.get()).saturating_mul(kept.get())),
        over(
            scenario,
            "pods × processes × min_idle, at most pool_size",
            source::HIKARICP.at("minimumIdle"),
            &["pods", "processes", "pool_size"],
        )
        .with("min_idle", kept),
    ));
    values.push(Value::new(
        "pool.offered_load",
        "Connections busy on average at peak",
        scenario.offered_load(),
        and_inputs(
            scenario,
            Derivation::new(
                "rate × queries_per_request × hold_ms ÷ 1000",
                Source { title: "Little, A Proof for the Queuing Formula L = λW (1961)", place: "" },
            )
            .with("rate", scenario.peak_rate()),
            &["queries_per_request", "hold_ms"],
        ),
    ));
    values
}

fn pooler(scenario: &Scenario) -> Vec<Value> {
    let app = scenario.app_connections(scenario.pods.get());
    let instances = scenario.instances();
    let per_pooler = |id: &'static str, name: &'static str, instances: u64| {
        let quantity = app
            .checked_add(instances.saturating_sub(1))
            .and_then(|rounded_up| rounded_up.checked_div(instances))
            .map_or(Quantity::None(Unit::Connections, "no pooler left"), |each| Connections(each).into());
        let derivation = Derivation::new("pool.app_connections ÷ instances, rounded up", source::HEADROOM)
            .with("pool.app_connections", Connections(app))
            .with("instances", Count(instances));
        Value::new(id, name, quantity, derivation)
    };
    vec![
        per_pooler("pool.client_connections_per_pooler", "Clients of one pooler instance", instances),
        per_pooler(
            "pool.client_connections_per_pooler_degraded",
            "Clients of one pooler instance when another is lost",
            instances.saturating_sub(1),
        ),
        server_connections(scenario, instances),
        multiplexing(scenario, instances),
        file_descriptors(scenario),
        prepared_statements(scenario),
    ]
}

fn server_connections(scenario: &Scenario, instances: u64) -> Value {
    let derivation = match scenario.service.pooler().and_then(|pooler| pooler.pool_percent) {
        Some(percent) => Derivation::new(
            "pool_databases × pool_users × the provider's share of pool.max_connections",
            scenario.service.source(),
        )
        .with("pool.max_connections", Connections(scenario.connection_limit()))
        .with("share", Share::of(percent, 100).unwrap_or_default())
        .with("pool_databases", scenario.pool_databases)
        .with("pool_users", scenario.pool_users),
        None => and_inputs(
            scenario,
            Derivation::new(
                "pooler_instances × least(pool_databases × pool_users × (default_pool_size + reserve_pool_size), \
                 pool_databases × max_db_connections, pool_users × max_user_connections)",
                source::PGBOUNCER.at("default_pool_size, max_db_connections, max_user_connections"),
            )
            .with("pooler_instances", Count(instances)),
            &[
                "pool_databases",
                "pool_users",
                "default_pool_size",
                "reserve_pool_size",
                "max_db_connections",
                "max_user_connections",
            ],
        ),
    };
    let value = Value::new(
        "pool.server_connections",
        "Connections all pooler instances together may open",
        or_no_limit(scenario.server_connections(instances)),
        derivation,
    );
    if instances == 1 {
        return value;
    }
    value.beside(Rule {
        source: source::CONNECTION_SCALING.at("Part 1, Architecture Overview"),
        formula: "the limit of one instance",
        quantity: or_no_limit(scenario.server_connections(1)),
        why: "The document counts the limits of one instance for all of them. PgBouncer processes know nothing of \
            each other: every limit holds in each, so the instances multiply.",
    })
}

fn multiplexing(scenario: &Scenario, instances: u64) -> Value {
    let app = scenario.app_connections(scenario.pods.get());
    let server = scenario.server_connections(instances);
    let quantity = match server {
        Some(0) => Quantity::None(Unit::Ratio, "no server connections"),
        Some(server) => Ratio::new(Share::of(app, server).unwrap_or_default().get()).into(),
        None => Quantity::None(Unit::Ratio, "no limit"),
    };
    let accepted = scenario.clients_per_pooler();
    let per_instance = scenario.server_connections(1).and_then(|server| Share::of(accepted, server));
    Value::new(
        "pool.multiplexing",
        "Clients for each server connection",
        quantity,
        Derivation::new("pool.app_connections ÷ pool.server_connections", source::HEADROOM)
            .with("pool.app_connections", Connections(app))
            .with("pool.server_connections", or_no_limit(server)),
    )
    .beside(Rule {
        source: source::CONNECTION_SCALING.at("Part 1, Connection Pooling Math"),
        formula: "max_client_conn ÷ server connections of one instance",
        quantity: per_instance.map_or(Quantity::None(Unit::Ratio, "no limit"), |share| Ratio::new(share.get()).into()),
        why: "The document divides what the pooler would accept; ours divides what the application really opens.",
    })
}

fn file_descriptors(scenario: &Scenario) -> Value {
    let server = scenario.server_connections(1);
    let clients = scenario.clients_per_pooler();
    let without_reserve = scenario.server_connections_without_reserve(1);
    let sum = |server: Option<u64>| or_total(clients, server);
    Value::new(
        "pool.file_descriptors",
        "File descriptors one pooler instance needs",
        sum(server),
        Derivation::new(
            "max_client_conn + server connections of one instance",
            source::PGBOUNCER.at("max_client_conn"),
        )
        .with("max_client_conn", Connections(clients))
        .with("server connections of one instance", or_no_limit(server)),
    )
    .beside(Rule {
        source: source::PGBOUNCER.at("max_client_conn"),
        formula: "max_client_conn + default_pool_size × databases × users",
        quantity: sum(without_reserve),
        why: "The manual's formula leaves out the reserve pools, which need descriptors too.",
    })
}

/// A number of descriptors, as long as the server side has a limit.
fn or_total(clients: u64, server: Option<u64>) -> Quantity {
    server.map_or(Quantity::None(Unit::Count, "no limit"), |server| Count(clients.saturating_add(server)).into())
}

impl Scenario {
    /// Prepared statements the pooler keeps for each server connection; `None` where it knows none.
    pub(super) fn prepared_statements_kept(&self) -> Option<u64> {
        let default = match self.pooler_version {
            PoolerVersion::V1_18 | PoolerVersion::V1_19 | PoolerVersion::V1_20 => return None,
            PoolerVersion::V1_21 | PoolerVersion::V1_22 | PoolerVersion::V1_23 => 0,
            PoolerVersion::V1_24 | PoolerVersion::V1_25 => 200,
        };
        Some(self.max_prepared_statements.map_or(default, Count::get))
    }
}

fn prepared_statements(scenario: &Scenario) -> Value {
    let quantity = match (scenario.pool_mode, scenario.prepared_statements_kept()) {
        (PoolMode::Session, _) => Quantity::None(Unit::Count, "not needed in session mode"),
        (_, None) => Quantity::None(Unit::Count, "unknown before 1.21"),
        (_, Some(kept)) => Count(kept).into(),
    };
    Value::new(
        "pool.max_prepared_statements",
        "Prepared statements kept for a server connection",
        quantity,
        Derivation::new(
            "max_prepared_statements; by default 200 from 1.24, 0 from 1.21",
            source::PGBOUNCER.at("max_prepared_statements"),
        )
        .with("pooler_version", Quantity::Name(scenario.pooler_version.word().to_owned())),
    )
}

fn database(scenario: &Scenario) -> Vec<Value> {
    let limit = match scenario.service.max_connections(scenario.ram) {
        None => over(scenario, "max_connections", source::POSTGRESQL.at("max_connections"), &[]),
        Some(_) => over(scenario, scenario.service.formula(), scenario.service.source(), &["ram"]),
    };
    let mut max_connections = Value::new(
        "pool.max_connections",
        "Connections the server accepts",
        Connections(scenario.connection_limit()),
        limit,
    );
    if scenario.service.max_connections(scenario.ram).is_some() {
        max_connections = max_connections.beside(Rule {
            source: source::POSTGRESQL.at("max_connections"),
            formula: "max_connections",
            quantity: scenario.max_connections.into(),
            why: "The service's published limit applies. Where the plan's setting has been changed, choose \
                self-managed and give it.",
        });
    }
    let kept = if scenario.service.kept().is_some() {
        Derivation::new("pool.max_connections − kept by the provider − other_connections", scenario.service.source())
            .with("pool.max_connections", Connections(scenario.connection_limit()))
            .with("kept by the provider", Connections(scenario.kept_connections()))
            .with("other_connections", scenario.other_connections)
    } else {
        over(
            scenario,
            "pool.max_connections − superuser_reserved − reserved_connections − other_connections",
            source::POSTGRESQL.at("superuser_reserved_connections, reserved_connections"),
            &["superuser_reserved", "reserved_connections", "other_connections"],
        )
        .with("pool.max_connections", Connections(scenario.connection_limit()))
    };
    vec![
        max_connections,
        Value::new(
            "pool.usable_connections",
            "Connections the database leaves to this application",
            Connections(scenario.usable_connections()),
            kept,
        )
        .beside(Rule {
            source: SIZING_FORMULA,
            formula: "max_connections",
            quantity: Connections(scenario.connection_limit()).into(),
            why: "The documents divide by max_connections itself. The reserved part of it refuses an application, \
                and what other tenants open is theirs.",
        }),
    ]
}

fn binding(pool: &Pool<'_>) -> Vec<Value> {
    let scenario = pool.scenario;
    let link = pool.steady.binding();
    let limits = |formula: &'static str| {
        pool.steady.links().fold(Derivation::new(formula, source::HEADROOM), |derivation, link| {
            derivation.with(format!("pool.{}.utilization", link.kind.word()), link.utilization())
        })
    };
    let of_link = |formula: &'static str| {
        Derivation::new(formula, source::HEADROOM)
            .with(format!("pool.{}.demand", link.kind.word()), Connections(link.demand))
            .with(format!("pool.{}.limit", link.kind.word()), link.limit())
    };
    let spare = link.limit.map(|limit| Margin::between(limit, link.demand));
    let total = scenario
        .app_connections(scenario.pods.get())
        .saturating_add(scenario.direct.get())
        .saturating_add(scenario.reserved.get());
    // The documents divide the application's connections by the role's limit where they name one, else by
    // max_connections.
    let documented_limit = scenario.role_connection_limit.map_or(scenario.connection_limit(), Connections::get);
    let share_of = |part: u64, whole: u64| {
        Share::of(part, whole).map_or(Quantity::None(Unit::Share, "no capacity"), Quantity::from)
    };
    let spare_share = match (link.limit, spare) {
        (Some(limit), Some(Margin(spare))) if spare >= 0 => share_of(spare.unsigned_abs(), limit),
        (Some(_), Some(_)) => Share::default().into(),
        _ => Quantity::None(Unit::Share, "no limit"),
    };
    vec![
        Value::new(
            "pool.binding_limit",
            "The limit that is met first",
            Quantity::Name(link.kind.name().to_owned()),
            limits("the link with the highest utilization"),
        ),
        Value::new("pool.limit", "What that limit allows", link.limit(), of_link("the limit of the binding link")),
        Value::new("pool.utilization", "Utilization of that limit", link.utilization(), of_link("demand ÷ limit"))
            .beside(Rule {
                source: source::CONNECTION_SCALING.at("Part 2, Capacity Math"),
                formula: "connections in all ÷ role limit, or ÷ max_connections where the role has none",
                quantity: share_of(total, documented_limit),
                why: "The documents count neither what the server reserves nor what the pooler lets through, and \
                    look at one limit only; ours is the tightest of all.",
            }),
        Value::new(
            "pool.headroom",
            "Connections to spare before that limit",
            spare.map_or(Quantity::None(Unit::Connections, "no limit"), Quantity::from),
            of_link("limit − demand"),
        )
        .beside(Rule {
            source: source::CONNECTION_SCALING.at("Part 2, Capacity Math"),
            formula: "role limit, or max_connections where the role has none, − connections in all",
            quantity: Margin::between(documented_limit, total).into(),
            why: "The documents look at one limit only, and count what the server reserves as spare.",
        }),
        Value::new(
            "pool.headroom_share",
            "Share of that limit to \
            spare",
            spare_share,
            of_link("(limit − demand) ÷ limit"),
        )
        .beside(Rule {
            source: SIZING_FORMULA,
            formula: "(max_connections − connections in all) ÷ connections in all",
            quantity: share_of(scenario.connection_limit().saturating_sub(total), total),
            why: "The document divides what is spare by the demand, which makes the same room look larger; ours \
                    divides by the limit, so that headroom and utilization add up to 100 %.",
        }),
        Value::new(
            "pool.database_demand",
            "Connections the database must accept",
            Connections(pool.steady.link(LinkKind::Database).map_or(0, |link| link.demand)),
            database_demand(scenario, scenario.fleet()),
        ),
    ]
}

fn database_demand(scenario: &Scenario, fleet: Fleet) -> Derivation {
    let app = Connections(scenario.app_connections(fleet.pods));
    if scenario.has_pooler() {
        over(
            scenario,
            "least(server connections of all instances, greater of app connections and min_pool_size of every pool) \
             + direct + reserved",
            source::PGBOUNCER.at("default_pool_size, min_pool_size"),
            &["direct", "reserved"],
        )
        .with("server connections of all instances", or_no_limit(scenario.server_connections(fleet.instances)))
        .with("app connections", app)
        .with("min_pool_size", scenario.min_pool_size)
    } else {
        over(scenario, "app connections + direct + reserved", SIZING_FORMULA, &["direct", "reserved"])
            .with("app connections", app)
    }
}

fn links(scenario: &Scenario, situation: Situation, chain: &Chain) -> Vec<Value> {
    let Some(fleet) = situation.fleet(scenario) else { return Vec::new() };
    chain.links().flat_map(|link| link_values(scenario, situation, fleet, link)).collect()
}

fn link_values(scenario: &Scenario, situation: Situation, fleet: Fleet, link: &Link) -> [Value; 4] {
    let prefix = format!("{}.{}", situation.prefix(), link.kind.word());
    let id = |metric: &str| format!("{prefix}.{metric}");
    let name = |metric: &str| {
        let when = if situation == Situation::Steady { String::new() } else { format!(", {}", situation.name()) };
        format!("{metric}: {}{when}", link.kind.name())
    };
    let both = |formula: &'static str| {
        Derivation::new(formula, source::HEADROOM)
            .with(id("demand"), Connections(link.demand))
            .with(id("limit"), link.limit())
    };
    let headroom = link
        .limit
        .map_or(Quantity::None(Unit::Connections, "no limit"), |limit| Margin::between(limit, link.demand).into());
    [
        Value::new(
            id("demand"),
            name("Demand"),
            Connections(link.demand),
            demand_derivation(scenario, fleet, link.kind),
        ),
        Value::new(id("limit"), name("Limit"), link.limit(), limit_derivation(scenario, fleet, link.kind)),
        Value::new(id("utilization"), name("Utilization"), link.utilization(), both("demand ÷ limit")),
        Value::new(id("headroom"), name("Headroom"), headroom, both("limit − demand")),
    ]
}

fn demand_derivation(scenario: &Scenario, fleet: Fleet, kind: LinkKind) -> Derivation {
    let app = Connections(scenario.app_connections(fleet.pods));
    match kind {
        LinkKind::Clients => {
            over(scenario, "pods × processes × connections of a process", SIZING_FORMULA, &["processes"])
                .with("pods", Count(fleet.pods))
                .with(
                    "connections of a process",
                    Connections(
                        scenario.connections_per_process().saturating_add(scenario.further_per_process(PRIMARY)),
                    ),
                )
        }
        LinkKind::Server if scenario.pool_mode == PoolMode::Session => {
            Derivation::new("every client keeps a server connection of its own", source::PGBOUNCER.at("pool_mode"))
                .with("clients", app)
        }
        LinkKind::Server => Derivation::new(
            "pool.offered_load rounded up, at most one for each client",
            source::PGBOUNCER.at("pool_mode"),
        )
        .with("pool.offered_load", scenario.offered_load())
        .with("clients", app),
        LinkKind::Role => over(
            scenario,
            "connections of one user at the database + direct",
            source::POSTGRESQL.at("CREATE ROLE, CONNECTION LIMIT"),
            &["direct"],
        )
        .with("connections of one user at the database", Connections(scenario.role_connections(fleet))),
        LinkKind::Database => database_demand(scenario, fleet),
    }
}

fn limit_derivation(scenario: &Scenario, fleet: Fleet, kind: LinkKind) -> Derivation {
    match kind {
        LinkKind::Clients => Derivation::new("instances × max_client_conn", source::PGBOUNCER.at("max_client_conn"))
            .with("instances", Count(fleet.instances))
            .with("max_client_conn", Connections(scenario.clients_per_pooler())),
        LinkKind::Server => Derivation::new(
            "instances × server connections of one instance",
            source::PGBOUNCER.at("default_pool_size, max_db_connections"),
        )
        .with("instances", Count(fleet.instances))
        .with("server connections of one instance", or_no_limit(scenario.server_connections(1))),
        LinkKind::Role => over(
            scenario,
            "role_connection_limit",
            source::POSTGRESQL.at("CREATE ROLE, CONNECTION LIMIT"),
            &["role_connection_limit"],
        ),
        LinkKind::Database => Derivation::new("pool.usable_connections", source::POSTGRESQL.at("max_connections"))
            .with("pool.usable_connections", Connections(scenario.usable_connections())),
    }
}

fn backwards(pool: &Pool<'_>) -> Vec<Value> {
    let pods = |most: Option<u64>| {
        most.map_or(Quantity::None(Unit::Count, "no limit up to 100,000"), |most| Count(most).into())
    };
    let size = |largest: Option<u64>| {
        largest
            .map_or(Quantity::None(Unit::Connections, "no limit up to 100,000"), |largest| Connections(largest).into())
    };
    let limits = |derivation: Derivation| {
        pool.steady.links().fold(derivation, |derivation, link| {
            derivation.with(format!("pool.{}.limit", link.kind.word()), link.limit())
        })
    };
    let solved = |formula: &'static str| limits(Derivation::new(formula, source::HEADROOM));
    vec![
        Value::new(
            "pool.max_pods",
            "Pods until the first limit",
            pods(pool.most_pods),
            solved("the most pods with which demand ≤ limit at every link"),
        ),
        Value::new(
            "pool.max_pods_during_update",
            "Pods that still allow a rolling update",
            pods(solve::most_pods_during_update(pool.scenario)),
            solved("the most pods with which demand ≤ limit at every link, surge pods included"),
        ),
        Value::new(
            "pool.max_pool_size",
            "Largest pool size that fits",
            size(pool.largest),
            solved("the largest pool_size with which demand ≤ limit at every link"),
        ),
        Value::new(
            "pool.max_pool_size_in_band",
            "Largest pool size that keeps every limit below 80 %",
            size(pool.largest_in_band),
            limits(Derivation::new(
                "the largest pool_size with which demand ≤ 80 % of the limit at every link",
                source::OPTIMIZATION_GUIDE.at("Performance Goals"),
            )),
        ),
    ]
}

fn other_databases(scenario: &Scenario) -> Vec<Value> {
    let limit = scenario.connection_limit().saturating_sub(scenario.kept_connections());
    scenario
        .pools
        .other_databases()
        .into_iter()
        .flat_map(|name| {
            let demand = scenario.other_database_demand(name);
            let id = |metric: &str| format!("pool.databases.{name}.{metric}");
            let each = scenario.further_per_process(name);
            let both = |formula: &'static str| {
                Derivation::new(formula, source::HEADROOM)
                    .with(id("demand"), Connections(demand))
                    .with(id("limit"), Connections(limit))
            };
            [
                Value::new(
                    id("demand"),
                    format!("Demand: database {name}"),
                    Connections(demand),
                    over(
                        scenario,
                        "pods × processes × further pools to it + reserved",
                        SIZING_FORMULA,
                        &["pods", "processes", "reserved"],
                    )
                    .with("further pools to it", Connections(each)),
                ),
                Value::new(
                    id("limit"),
                    format!("Limit: database {name}"),
                    Connections(limit),
                    Derivation::new(
                        "taken to have the settings of the sized one: pool.max_connections less what is reserved",
                        source::POSTGRESQL.at("Hot standby, administrator's overview"),
                    )
                    .with("pool.max_connections", Connections(scenario.connection_limit())),
                ),
                Value::new(
                    id("utilization"),
                    format!("Utilization: database {name}"),
                    Link { kind: LinkKind::Database, demand, limit: Some(limit) }.utilization(),
                    both("demand ÷ limit"),
                ),
                Value::new(
                    id("headroom"),
                    format!("Headroom: database {name}"),
                    Margin::between(limit, demand),
                    both("limit − demand"),
                ),
            ]
        })
        .collect()
}

impl Scenario {
    /// Connections a database other than the sized one must accept.
    pub(super) fn other_database_demand(&self, name: &str) -> u64 {
        self.pods
            .get()
            .saturating_mul(self.processes.get())
            .saturating_mul(self.further_per_process(name))
            .saturating_add(self.reserved.get())
    }
}

fn rules_of_thumb(scenario: &Scenario) -> Vec<Value> {
    let row = documented::sizing_by_rate(scenario.peak_rate());
    let by_rate = || {
        over(
            scenario,
            "by requests per second: low < 100, medium < 500, high ≤ 1,000, very high above",
            source::OPTIMIZATION_GUIDE.at("Recommended Sizing by Load"),
            &[],
        )
        .with("rate", scenario.peak_rate())
    };
    vec![
        Value::new(
            "pool.documented_workload",
            "Workload class by request rate",
            Quantity::Name(row.workload.to_owned()),
            by_rate(),
        ),
        Value::new("pool.documented_pool_size", "Documented pool size for it", Connections(row.pool_size), by_rate()),
        Value::new("pool.documented_overflow", "Documented overflow for it", Connections(row.max_overflow), by_rate()),
        Value::new(
            "pool.documented_four_pods",
            "Documented connections of four pods",
            Connections(row.four_pods),
            by_rate(),
        ),
        Value::new(
            "pool.documented_max_connections",
            "Documented max_connections for it",
            Connections(row.max_connections),
            by_rate(),
        ),
        Value::new(
            "pool.hikaricp_connections",
            "HikariCP's starting point for all pools together",
            Connections(documented::hikaricp_connections(scenario.cpus.get(), scenario.spindles.get())),
            over(scenario, "cpus × 2 + spindles", source::HIKARICP.at("About Pool Sizing"), &["cpus", "spindles"]),
        ),
        Value::new(
            "pool.deadlock_floor",
            "Smallest pool that cannot deadlock",
            Connections(documented::deadlock_floor(scenario.threads.get(), scenario.connections_per_thread.get())),
            over(
                scenario,
                "threads × (connections_per_thread − 1) + 1",
                source::HIKARICP.at("About Pool Sizing, pool-locking"),
                &["threads", "connections_per_thread"],
            ),
        ),
    ]
}
