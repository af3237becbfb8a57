//! Every demand that grows and its limit, one row a line.

use crate::growth::line::{Kind, Line};
use crate::growth::outlook::{Outlook, scaled};
use crate::model::Model;
use crate::node::limits::{self, Dimension};
use crate::pool::chain::Fleet;
use crate::quantity::{Count, Days, MeanConnections, Unit, approximate};
use crate::source;

macro_rules! kinds {
    ($($name:ident = $word:literal, $what:literal, $limit:literal, $formula:literal, $remedy:literal, $days:literal, $source:expr;)+) => {
        $(static $name: Kind = Kind {
            word: $word,
            name: $what,
            limit: $limit,
            formula: $formula,
            remedy: $remedy,
            lead: Days($days),
            source: $source,
        };)+
    };
}

// Lead times are the documents' where they have one (smaller pools: two weeks with their canary), otherwise ours.
kinds! {
    CLIENTS = "clients", "Clients of the pooler", "pooler's client limit",
        "pods × traffic, rounded up, × connections of a pod",
        "Raise max_client_conn, and the file descriptors with it, or run another pooler instance.", 2,
        source::PGBOUNCER.at("max_client_conn");
    SERVER = "server", "Busy server connections", "pooler's server limit",
        "least(clients, rate × queries_per_request × hold_ms); all clients in session mode",
        "Shorten transactions, or raise default_pool_size as far as the database allows.", 14,
        source::PGBOUNCER.at("default_pool_size");
    ROLE = "role", "Connections of the role", "role limit",
        "connections at the database, with pods × traffic, rounded up",
        "Make the pools smaller, or have the role's limit raised.", 14,
        source::CONNECTION_SCALING.at("Part 4, Option A and Option B");
    DATABASE = "database", "Connections at the database", "database limit",
        "connections at the database, with pods × traffic, rounded up",
        "Make the pools smaller, put a pooler in front, or raise max_connections as far as memory allows.", 14,
        source::CONNECTION_SCALING.at("Part 4, Option A");
    PODS = "pods", "Pods", "autoscaler's maximum",
        "pods × traffic, rounded up",
        "Raise the autoscaler's maximum, and check every limit behind it first.", 2,
        source::KUBERNETES.at("Horizontal Pod Autoscaling");
    WAITING = "waiting", "Load of the pools", "number of connections in the pools",
        "rate × queries_per_request × hold_ms ÷ connections of the pods there may be",
        "Allow more pods or larger pools, or hold connections for a shorter time.", 14,
        source::LITTLE;
    SECRETS = "secrets", "Secrets", "practical limit of secrets",
        "secrets × growth",
        "Split the secrets over several clusters.", 84,
        limits::LIMITS_SOURCE;
    LEASES = "leases", "Active leases", "practical limit of leases",
        "leases × growth",
        "Shorten lease times, use batch tokens, then split over several clusters.", 28,
        limits::LIMITS_SOURCE;
}

/// Every line of a scenario, those of the database first.
pub(crate) fn lines(model: &Model<'_>, outlook: &Outlook) -> Vec<Line> {
    let scenario = model.scenario;
    let mut lines = Lines { outlook, lines: Vec::with_capacity(16) };
    if scenario.has_database() {
        connections(model, &mut lines);
    }
    if scenario.has_secret_store() {
        secret_store(model, &mut lines);
    }
    lines.lines
}

/// The lines as they are drawn.
struct Lines<'o> {
    outlook: &'o Outlook,
    lines: Vec<Line>,
}

impl Lines<'_> {
    /// A line that follows the requests.
    fn by_traffic(&mut self, kind: &'static Kind, unit: Unit, limit: Option<f64>, demand: &dyn Fn(f64) -> f64) {
        let points = self.outlook.traffic.iter().map(|multiple| demand(*multiple)).collect();
        self.lines.push(Line::of(kind, unit, limit, points));
    }

    /// A line that is expected as it is.
    fn as_is(&mut self, kind: &'static Kind, unit: Unit, limit: Option<f64>, points: &[f64]) {
        self.lines.push(Line::of(kind, unit, limit, points.to_vec()));
    }
}

fn connections(model: &Model<'_>, lines: &mut Lines<'_>) {
    let scenario = model.scenario;
    let most = scenario.pods_max.map(Count::get);
    let pods = scenario.pods.get();
    // Pods grow with the requests, as far as the autoscaler may go; below what runs today none is taken away.
    let pods_at = move |multiple: f64| {
        let wanted = scaled(pods, multiple).max(1);
        most.map_or(wanted, |most| wanted.min(most.max(pods)))
    };
    let instances = scenario.instances();
    let fleet_at = move |multiple: f64| Fleet { pods: pods_at(multiple), instances };
    let each = scenario.app_connections(1);
    let clients_at = move |multiple: f64| pods_at(multiple).saturating_mul(each);
    let load = scenario.offered_load().get();
    if scenario.has_pooler() {
        let limit = instances.saturating_mul(scenario.clients_per_pooler());
        lines.by_traffic(&CLIENTS, Unit::Connections, Some(approximate(limit)), &|multiple| {
            approximate(clients_at(multiple))
        });
        let limit = scenario.server_connections(instances).map(approximate);
        lines.by_traffic(&SERVER, Unit::Connections, limit, &|multiple| {
            approximate(scenario.busy_connections_at(clients_at(multiple), MeanConnections::new(load * multiple)))
        });
    }
    if let Some(limit) = scenario.role_connection_limit {
        lines.by_traffic(&ROLE, Unit::Connections, Some(approximate(limit.get())), &|multiple| {
            approximate(scenario.role_connections(fleet_at(multiple)).saturating_add(scenario.direct.get()))
        });
    }
    let limit = Some(approximate(scenario.usable_connections()));
    lines.by_traffic(&DATABASE, Unit::Connections, limit, &|multiple| {
        approximate(scenario.database_demand(fleet_at(multiple)))
    });
    lines.by_traffic(&PODS, Unit::Count, most.map(approximate), &|multiple| approximate(scaled(pods, multiple).max(1)));
    let pool = approximate(scenario.processes.get().saturating_mul(scenario.connections_per_process()).max(1));
    lines.by_traffic(&WAITING, Unit::Share, Some(1.0), &|multiple| {
        load * multiple / (approximate(pods_at(multiple)) * pool)
    });
}

fn secret_store(model: &Model<'_>, lines: &mut Lines<'_>) {
    let _ = model;
    let outlook = lines.outlook;
    let limit = |dimension| Some(approximate(limits::practical(dimension).most.get()));
    lines.as_is(&SECRETS, Unit::Count, limit(Dimension::Secrets), &outlook.secrets);
    lines.as_is(&LEASES, Unit::Count, limit(Dimension::Leases), &outlook.leases);
}
