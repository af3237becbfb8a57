//! The values of the chain's links: demand, limit, utilization and headroom of each.

use crate::choice::PoolMode;
use crate::pool::chain::{Chain, Fleet, Link, LinkKind, Situation, or_no_limit};
use crate::pool::further::PRIMARY;
use crate::pool::values::{SIZING_FORMULA, connections};
use crate::quantity::{Count, Margin};
use crate::sheet::Sheet;
use crate::source;

/// The values of every link of the chain in a situation.
pub(super) fn values(sheet: &mut Sheet<'_>, situation: Situation, chain: &Chain) {
    let Some(fleet) = situation.fleet(sheet.scenario) else { return };
    for link in chain.links() {
        let when = if situation == Situation::Steady { ["", ""] } else { [", ", situation.name()] };
        demand_and_limit(
            sheet,
            &[situation.prefix().as_str(), ".", link.kind.word()].concat(),
            &[link.kind.name(), when[0], when[1]].concat(),
            link,
            |sheet| demand(sheet, fleet, link.kind),
            |sheet| limit(sheet, fleet, link.kind),
        );
    }
}

/// The four values of a link; what its demand and its limit are made of is said by the caller.
pub(super) fn demand_and_limit(
    sheet: &mut Sheet<'_>,
    prefix: &str,
    name: &str,
    link: &Link,
    demand: impl FnOnce(&mut Sheet<'_>),
    limit: impl FnOnce(&mut Sheet<'_>),
) {
    let id = |metric: &str| [prefix, metric].concat();
    let called = |metric: &str| [metric, ": ", name].concat();
    sheet.made(id(".demand"), called("Demand"), connections(link.demand));
    demand(sheet);
    sheet.made(id(".limit"), called("Limit"), link.limit());
    limit(sheet);
    let headroom = match link.limit {
        Some(limit) => Margin::between(limit, link.demand).into(),
        None => or_no_limit(None),
    };
    let rest = [
        (".utilization", "Utilization", link.utilization(), "demand ÷ limit"),
        (".headroom", "Headroom", headroom, "limit − demand"),
    ];
    for (metric, word, quantity, formula) in rest {
        sheet
            .made(id(metric), called(word), quantity)
            .is(formula, source::HEADROOM)
            .with_made(id(".demand"), connections(link.demand))
            .with_made(id(".limit"), link.limit());
    }
}

fn demand(sheet: &mut Sheet<'_>, fleet: Fleet, kind: LinkKind) {
    let scenario = sheet.scenario;
    let app = connections(scenario.app_connections(fleet.pods));
    match kind {
        LinkKind::Clients => {
            let each = scenario.connections_per_process().saturating_add(scenario.further_per_process(PRIMARY));
            sheet
                .is("pods × processes × connections of a process", SIZING_FORMULA)
                .inputs(&["processes"])
                .with("pods", Count(fleet.pods).into())
                .with("connections of a process", connections(each));
        }
        LinkKind::Server if scenario.pool_mode == PoolMode::Session => {
            sheet
                .is("every client keeps a server connection of its own", source::PGBOUNCER.at("pool_mode"))
                .with("clients", app);
        }
        LinkKind::Server => {
            sheet
                .is("pool.offered_load rounded up, at most one for each client", source::PGBOUNCER.at("pool_mode"))
                .with("pool.offered_load", scenario.offered_load().into())
                .with("clients", app);
        }
        LinkKind::Role => {
            sheet
                .is(
                    "connections of one user at the database + direct",
                    source::POSTGRESQL.at("CREATE ROLE, CONNECTION LIMIT"),
                )
                .inputs(&["direct"])
                .with("connections of one user at the database", connections(scenario.role_connections(fleet)));
        }
        LinkKind::Database => database_demand(sheet, fleet),
    }
}

fn limit(sheet: &mut Sheet<'_>, fleet: Fleet, kind: LinkKind) {
    let scenario = sheet.scenario;
    let instances = Count(fleet.instances).into();
    match kind {
        LinkKind::Clients => sheet
            .is("instances × max_client_conn", source::PGBOUNCER.at("max_client_conn"))
            .with("instances", instances)
            .with("max_client_conn", connections(scenario.clients_per_pooler())),
        LinkKind::Server => sheet
            .is(
                "instances × server connections of one instance",
                source::PGBOUNCER.at("default_pool_size, max_db_connections"),
            )
            .with("instances", instances)
            .with("server connections of one instance", or_no_limit(scenario.server_connections(1))),
        LinkKind::Role => sheet
            .is("role_connection_limit", source::POSTGRESQL.at("CREATE ROLE, CONNECTION LIMIT"))
            .inputs(&["role_connection_limit"]),
        LinkKind::Database => sheet
            .is("pool.usable_connections", source::POSTGRESQL.at("max_connections"))
            .with("pool.usable_connections", connections(scenario.usable_connections())),
    };
}

/// What the database's demand is made of.
pub(super) fn database_demand(sheet: &mut Sheet<'_>, fleet: Fleet) {
    let scenario = sheet.scenario;
    let app = connections(scenario.app_connections(fleet.pods));
    if scenario.has_pooler() {
        sheet
            .is(
                "least(server connections of all instances, app connections and what min_pool_size keeps open beside \
                 them) + direct + reserved",
                source::PGBOUNCER.at("default_pool_size, min_pool_size"),
            )
            .inputs(&["direct", "reserved"])
            .with("server connections of all instances", or_no_limit(scenario.server_connections(fleet.instances)))
            .with("app connections", app)
            .inputs(&["min_pool_size"]);
    } else {
        sheet
            .is("app connections + direct + reserved", SIZING_FORMULA)
            .inputs(&["direct", "reserved"])
            .with("app connections", app);
    }
}
