//! The pool calculator's values, each with its derivation and the published rules beside it.

use crate::choice::{PoolMode, PoolerVersion};
use crate::pool::chain::{LinkKind, Situation, or_no_limit};
use crate::pool::further::PRIMARY;
use crate::pool::{Pool, documented, links, solve};
use crate::quantity::{Connections, Count, Margin, Quantity, Ratio, Share, SpareShare, Unit};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source::{self, Source};

/// Where the documented formula for all connections stands.
pub(super) const SIZING_FORMULA: Source = source::OPTIMIZATION_GUIDE.at("Connection Pool Sizing");

/// All of them, in the order to show them.
pub(super) fn values(pool: &Pool<'_>, sheet: &mut Sheet<'_>) {
    application(sheet);
    if pool.scenario.has_pooler() {
        pooler(sheet);
    }
    database(sheet);
    binding(sheet, pool);
    links::values(sheet, Situation::Steady, &pool.steady);
    for (situation, chain) in &pool.situations {
        links::values(sheet, *situation, chain);
    }
    backwards(sheet, pool);
    other_databases(sheet);
    rules_of_thumb(sheet);
}

/// A number of connections as a quantity.
pub(super) fn connections(number: u64) -> Quantity {
    Connections(number).into()
}

impl Scenario {
    /// Connections of so many pods, the direct ones and the allowance, as the documents add them up.
    fn total_connections(&self, pods: u64) -> u64 {
        self.app_connections(pods).saturating_add(self.direct.get()).saturating_add(self.reserved.get())
    }
}

fn application(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let pods = scenario.pods.get();
    let each = connections(scenario.connections_per_process());
    sheet.value("pool.connections_per_process", "Connections a process can open", each.clone());
    if scenario.max_overflow.is_some() {
        sheet.is("pool_size + max_overflow", SIZING_FORMULA).inputs(&["pool_size", "max_overflow"]);
    } else {
        sheet
            .is(
                "larger of pool_size and threads × connections_per_thread: nothing else bounds an unlimited overflow",
                source::SQLALCHEMY.at("QueuePool, max_overflow"),
            )
            .inputs(&["pool_size", "threads", "connections_per_thread"]);
    }

    let further = scenario.further_per_process(PRIMARY);
    let app = connections(scenario.app_connections(pods));
    sheet.value("pool.app_connections", "Connections the application can open", app);
    if further == 0 && scenario.max_overflow.is_some() {
        sheet.is("pods × processes × (pool_size + max_overflow)", SIZING_FORMULA).inputs(&[
            "pods",
            "processes",
            "pool_size",
            "max_overflow",
        ]);
    } else {
        sheet
            .is("pods × processes × (pool.connections_per_process + further pools to the primary)", SIZING_FORMULA)
            .inputs(&["pods", "processes"])
            .with("pool.connections_per_process", each)
            .with("further pools to the primary", connections(further));
    }

    let mut total = |id, name, app_id: &'static str, pods| {
        sheet
            .value(id, name, connections(scenario.total_connections(pods)))
            .is_made([app_id, " + direct + reserved"].concat(), SIZING_FORMULA)
            .with(app_id, connections(scenario.app_connections(pods)))
            .inputs(&["direct", "reserved"]);
    };
    total("pool.total_connections", "Connections in all", "pool.app_connections", pods);
    total(
        "pool.surge_connections",
        "Connections in all during a rolling update",
        "app connections with surge pods",
        pods.saturating_add(scenario.surge.of(pods)),
    );
    if let Some(most) = scenario.pods_max {
        total(
            "pool.autoscaled_connections",
            "Connections in all at the autoscaler's maximum",
            "app connections of pods_max",
            most.get(),
        );
    }

    let kept = scenario.min_idle.unwrap_or(scenario.pool_size).min(scenario.pool_size);
    let idle = pods.saturating_mul(scenario.processes.get()).saturating_mul(kept.get());
    sheet
        .value("pool.idle_connections", "Connections kept open when nothing happens", connections(idle))
        .is("pods × processes × min_idle, at most pool_size", source::HIKARICP.at("minimumIdle"))
        .inputs(&["pods", "processes", "pool_size"])
        .with("min_idle", kept.into());
    sheet
        .value("pool.offered_load", "Connections busy on average at peak", scenario.offered_load().into())
        .is("rate × queries_per_request × hold_ms ÷ 1000", source::LITTLE)
        .with("rate", scenario.peak_rate().into())
        .inputs(&["queries_per_request", "hold_ms"]);
}

fn pooler(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let app = scenario.app_connections(scenario.pods.get());
    let instances = scenario.instances();
    let mut per_pooler = |id, name, instances: u64| {
        let each = app
            .checked_add(instances.saturating_sub(1))
            .and_then(|rounded_up| rounded_up.checked_div(instances))
            .map_or(Quantity::None(Unit::Connections, "no pooler left"), connections);
        sheet
            .value(id, name, each)
            .is("pool.app_connections ÷ instances, rounded up", source::HEADROOM)
            .with("pool.app_connections", connections(app))
            .with("instances", Count(instances).into());
    };
    per_pooler("pool.client_connections_per_pooler", "Clients of one pooler instance", instances);
    per_pooler(
        "pool.client_connections_per_pooler_degraded",
        "Clients of one pooler instance when another is lost",
        instances.saturating_sub(1),
    );
    server_connections(sheet, instances);
    multiplexing(sheet, app, instances);
    file_descriptors(sheet);
    prepared_statements(sheet);
}

fn server_connections(sheet: &mut Sheet<'_>, instances: u64) {
    let scenario = sheet.scenario;
    sheet.value(
        "pool.server_connections",
        "Connections all pooler instances together may open",
        or_no_limit(scenario.server_connections(instances)),
    );
    match scenario.service.pooler().and_then(|pooler| pooler.pool_percent) {
        Some(percent) => sheet
            .is("pool_databases × pool_users × the provider's share of pool.max_connections", scenario.service.source())
            .with("pool.max_connections", connections(scenario.connection_limit()))
            .with("share", Share::of(percent, 100).unwrap_or_default().into())
            .inputs(&["pool_databases", "pool_users"]),
        None => sheet
            .is(
                "pooler_instances × least(pool_databases × pool_users × (default_pool_size + reserve_pool_size), \
                 pool_databases × max_db_connections, pool_users × max_user_connections)",
                source::PGBOUNCER.at("default_pool_size, max_db_connections, max_user_connections"),
            )
            .with("pooler_instances", Count(instances).into())
            .inputs(&[
                "pool_databases",
                "pool_users",
                "default_pool_size",
                "reserve_pool_size",
                "max_db_connections",
                "max_user_connections",
            ]),
    };
    if instances > 1 {
        sheet.rule(
            source::CONNECTION_SCALING.at("Part 1, Architecture Overview"),
            "the limit of one instance",
            or_no_limit(scenario.server_connections(1)),
            "The document counts the limits of one instance for all of them. PgBouncer processes know nothing of each \
             other: every limit holds in each, so the instances multiply.",
        );
    }
}

fn multiplexing(sheet: &mut Sheet<'_>, app: u64, instances: u64) {
    let scenario = sheet.scenario;
    let ratio = |clients: u64, server: Option<u64>| match server.map(|server| Share::of(clients, server)) {
        Some(Some(share)) => Ratio::new(share.get()).into(),
        Some(None) => Quantity::None(Unit::Ratio, "no server connections"),
        None => Quantity::None(Unit::Ratio, "no limit"),
    };
    let server = scenario.server_connections(instances);
    sheet
        .value("pool.multiplexing", "Clients for each server connection", ratio(app, server))
        .is("pool.app_connections ÷ pool.server_connections", source::HEADROOM)
        .with("pool.app_connections", connections(app))
        .with("pool.server_connections", or_no_limit(server))
        .rule(
            source::CONNECTION_SCALING.at("Part 1, Connection Pooling Math"),
            "max_client_conn ÷ server connections of one instance",
            ratio(scenario.clients_per_pooler(), scenario.server_connections(1)),
            "The document divides what the pooler would accept; ours divides what the application really opens.",
        );
}

fn file_descriptors(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let server = scenario.server_connections(1);
    let clients = scenario.clients_per_pooler();
    let sum = |server: Option<u64>| match server {
        Some(server) => Count(clients.saturating_add(server)).into(),
        None => Quantity::None(Unit::Count, "no limit"),
    };
    sheet
        .value("pool.file_descriptors", "File descriptors one pooler instance needs", sum(server))
        .is("max_client_conn + server connections of one instance", source::PGBOUNCER.at("max_client_conn"))
        .with("max_client_conn", connections(clients))
        .with("server connections of one instance", or_no_limit(server))
        .rule(
            source::PGBOUNCER.at("max_client_conn"),
            "max_client_conn + default_pool_size × databases × users",
            sum(scenario.server_connections_without_reserve(1)),
            "The manual's formula leaves out the reserve pools, which need descriptors too.",
        );
}

impl Scenario {
    /// Prepared statements the pooler keeps for each server connection; `None` where it knows none.
    #[must_use]
    pub fn prepared_statements_kept(&self) -> Option<u64> {
        let default = match self.pooler_version {
            PoolerVersion::V1_18 | PoolerVersion::V1_19 | PoolerVersion::V1_20 => return None,
            PoolerVersion::V1_21 | PoolerVersion::V1_22 | PoolerVersion::V1_23 => 0,
            PoolerVersion::V1_24 | PoolerVersion::V1_25 => 200,
        };
        Some(self.max_prepared_statements.map_or(default, Count::get))
    }
}

fn prepared_statements(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let kept = match (scenario.pool_mode, scenario.prepared_statements_kept()) {
        (PoolMode::Session, _) => Quantity::None(Unit::Count, "not needed in session mode"),
        (_, None) => Quantity::None(Unit::Count, "unknown before 1.21"),
        (_, Some(kept)) => Count(kept).into(),
    };
    sheet
        .value("pool.max_prepared_statements", "Prepared statements kept for a server connection", kept)
        .is(
            "max_prepared_statements; by default 200 from 1.24, 0 from 1.21",
            source::PGBOUNCER.at("max_prepared_statements"),
        )
        .with("pooler_version", Quantity::Name(scenario.pooler_version.word().to_owned()));
}

fn database(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let limit = connections(scenario.connection_limit());
    sheet.value("pool.max_connections", "Connections the server accepts", limit.clone());
    if scenario.service.max_connections(scenario.ram).is_some() {
        sheet.is(scenario.service.formula(), scenario.service.source()).inputs(&["ram"]).rule(
            source::POSTGRESQL.at("max_connections"),
            "max_connections",
            scenario.max_connections.into(),
            "The service's published limit applies. Where the plan's setting has been changed, choose self-managed \
             and give it.",
        );
    } else {
        sheet.is("max_connections", source::POSTGRESQL.at("max_connections"));
    }

    sheet.value(
        "pool.usable_connections",
        "Connections the database leaves to this application",
        connections(scenario.usable_connections()),
    );
    if scenario.service.kept().is_some() {
        sheet
            .is("pool.max_connections − kept by the provider − other_connections", scenario.service.source())
            .with("pool.max_connections", limit.clone())
            .with("kept by the provider", connections(scenario.kept_connections()))
            .inputs(&["other_connections"]);
    } else {
        sheet
            .is(
                "pool.max_connections − superuser_reserved − reserved_connections − other_connections",
                source::POSTGRESQL.at("superuser_reserved_connections, reserved_connections"),
            )
            .inputs(&["superuser_reserved", "reserved_connections", "other_connections"])
            .with("pool.max_connections", limit.clone());
    }
    sheet.rule(
        SIZING_FORMULA,
        "max_connections",
        limit,
        "The documents divide by max_connections itself. The reserved part of it refuses an application, and what \
         other tenants open is theirs.",
    );
}

fn binding(sheet: &mut Sheet<'_>, pool: &Pool<'_>) {
    let scenario = pool.scenario;
    let link = pool.steady.binding();
    let total = scenario.total_connections(scenario.pods.get());
    // The documents divide the application's connections by the role's limit where they name one, else by
    // max_connections.
    let documented_limit = scenario.role_connection_limit.map_or(scenario.connection_limit(), Connections::get);
    let share_of = |part: u64, whole: u64| match Share::of(part, whole) {
        Some(share) => share.into(),
        None => Quantity::None(Unit::Share, "no capacity"),
    };
    let spare_share_of = |limit: u64, demand: u64, whole: u64| {
        SpareShare::of(limit, demand, whole).map_or(Quantity::None(Unit::Share, "no capacity"), Quantity::from)
    };
    let (spare, spare_share) = match link.limit {
        // Nothing of nothing is all there is, as for the utilization.
        Some(0) if link.demand == 0 => (Margin::default().into(), SpareShare::default().into()),
        Some(limit) => (Margin::between(limit, link.demand).into(), spare_share_of(limit, link.demand, limit)),
        None => (or_no_limit(None), Quantity::None(Unit::Share, "no limit")),
    };
    let of_link = |sheet: &mut Sheet<'_>, formula| {
        let id = |metric: &str| ["pool.", link.kind.word(), metric].concat();
        sheet
            .is(formula, source::HEADROOM)
            .with_made(id(".demand"), connections(link.demand))
            .with_made(id(".limit"), link.limit());
    };

    let name = Quantity::Name(link.kind.name().to_owned());
    sheet
        .value("pool.binding_limit", "The limit that is met first", name)
        .is("the link with the highest utilization", source::HEADROOM);
    for link in pool.steady.links() {
        sheet.with_made(["pool.", link.kind.word(), ".utilization"].concat(), link.utilization());
    }
    sheet.value("pool.limit", "What that limit allows", link.limit());
    of_link(sheet, "the limit of the binding link");
    sheet.value("pool.utilization", "Utilization of that limit", link.utilization());
    of_link(sheet, "demand ÷ limit");
    sheet.rule(
        source::CONNECTION_SCALING.at("Part 2, Capacity Math"),
        "connections in all ÷ role limit, or ÷ max_connections where the role has none",
        share_of(total, documented_limit),
        "The documents count neither what the server reserves nor what the pooler lets through, and look at one limit \
         only; ours is the tightest of all.",
    );
    sheet.value("pool.headroom", "Connections to spare before that limit", spare);
    of_link(sheet, "limit − demand");
    sheet.rule(
        source::CONNECTION_SCALING.at("Part 2, Capacity Math"),
        "role limit, or max_connections where the role has none, − connections in all",
        Margin::between(documented_limit, total).into(),
        "The documents look at one limit only, and count what the server reserves as spare.",
    );
    sheet.rule(
        source::CONNECTION_SCALING.at("Part 1, Connection Pooling Math"),
        "max_connections − connections in all",
        Margin::between(scenario.connection_limit(), total).into(),
        "The document counts the whole cluster's connections as spare, although the role may open fewer.",
    );
    sheet.value("pool.headroom_share", "Share of that limit to spare", spare_share);
    of_link(sheet, "(limit − demand) ÷ limit");
    sheet.rule(
        SIZING_FORMULA,
        "(max_connections − connections in all) ÷ connections in all",
        spare_share_of(scenario.connection_limit(), total, total),
        "The document divides what is spare by the demand, which makes the same room look larger; ours divides by the \
         limit, so that headroom and utilization add up to 100 %.",
    );
    sheet.rule(
        source::CONNECTION_SCALING.at("Part 1, Connection Pooling Math"),
        "(max_connections − connections in all) ÷ max_connections",
        spare_share_of(scenario.connection_limit(), total, scenario.connection_limit()),
        "The document divides by the whole cluster, although the role may open fewer.",
    );
    let demand = pool.steady.link(LinkKind::Database).map_or(0, |link| link.demand);
    sheet.value("pool.database_demand", "Connections the database must accept", connections(demand));
    links::database_demand(sheet, scenario.fleet());
}

fn backwards(sheet: &mut Sheet<'_>, pool: &Pool<'_>) {
    const MORE: &str = "no limit up to 100,000";
    let pods = |most: Option<u64>| match most {
        Some(most) => Count(most).into(),
        None => Quantity::None(Unit::Count, MORE),
    };
    let size = |largest: Option<u64>| match largest {
        Some(0) => Quantity::None(Unit::Connections, "none fits"),
        Some(largest) => connections(largest),
        None => Quantity::None(Unit::Connections, MORE),
    };
    let mut solved = |id, name, quantity, formula, source| {
        sheet.value(id, name, quantity).is(formula, source);
        for link in pool.steady.links() {
            sheet.with_made(["pool.", link.kind.word(), ".limit"].concat(), link.limit());
        }
    };
    solved(
        "pool.max_pods",
        "Pods until the first limit",
        pods(pool.most_pods),
        "the most pods with which demand ≤ limit at every link",
        source::HEADROOM,
    );
    solved(
        "pool.max_pods_during_update",
        "Pods that still allow a rolling update",
        pods(solve::most_pods_during_update(pool.scenario)),
        "the most pods with which demand ≤ limit at every link, surge pods included",
        source::HEADROOM,
    );
    solved(
        "pool.max_pool_size",
        "Largest pool size that fits",
        size(pool.largest),
        "the largest pool_size with which demand ≤ limit at every link",
        source::HEADROOM,
    );
    solved(
        "pool.max_pool_size_in_band",
        "Largest pool size with every limit at 80 % or less",
        size(pool.largest_in_band),
        "the largest pool_size with which demand ≤ 80 % of the limit at every link",
        source::OPTIMIZATION_GUIDE.at("Performance Goals"),
    );
}

fn other_databases(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    for name in scenario.pools.other_databases() {
        let link = scenario.other_database(name);
        let prefix = ["pool.databases.", name].concat();
        let each = scenario.further_per_process(name);
        links::demand_and_limit(
            sheet,
            &prefix,
            &["database ", name].concat(),
            &link,
            |sheet| {
                sheet
                    .is("pods × processes × further pools to it + reserved", SIZING_FORMULA)
                    .inputs(&["pods", "processes", "reserved"])
                    .with("further pools to it", connections(each));
            },
            |sheet| {
                sheet
                    .is(
                        "taken to have the settings of the sized one: pool.max_connections less what is reserved",
                        source::POSTGRESQL.at("Hot standby, administrator's overview"),
                    )
                    .with("pool.max_connections", connections(scenario.connection_limit()));
            },
        );
    }
}

fn rules_of_thumb(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let row = documented::sizing_by_rate(scenario.peak_rate());
    let mut by_rate = |id, name, quantity| {
        sheet
            .value(id, name, quantity)
            .is(
                "by requests per second: low < 100, medium < 500, high ≤ 1,000, very high above",
                source::OPTIMIZATION_GUIDE.at("Recommended Sizing by Load"),
            )
            .with("rate", scenario.peak_rate().into());
    };
    let workload = Quantity::Name(row.workload.to_owned());
    by_rate("pool.documented_workload", "Workload class by request rate", workload);
    by_rate("pool.documented_pool_size", "Documented pool size for it", connections(row.pool_size));
    by_rate("pool.documented_overflow", "Documented overflow for it", connections(row.max_overflow));
    by_rate("pool.documented_four_pods", "Documented connections of four pods", connections(row.four_pods));
    by_rate("pool.documented_max_connections", "Documented max_connections for it", connections(row.max_connections));
    let start = documented::hikaricp_connections(scenario.cpus.get(), scenario.spindles.get());
    sheet
        .value("pool.hikaricp_connections", "HikariCP's starting point for all pools together", connections(start))
        .is("cpus × 2 + spindles", source::HIKARICP.at("About Pool Sizing"))
        .inputs(&["cpus", "spindles"]);
    let floor = documented::deadlock_floor(scenario.threads.get(), scenario.connections_per_thread.get());
    sheet
        .value("pool.deadlock_floor", "Smallest pool that cannot deadlock", connections(floor))
        .is("threads × (connections_per_thread − 1) + 1", source::HIKARICP.at("About Pool Sizing, pool-locking"))
        .inputs(&["threads", "connections_per_thread"]);
}
