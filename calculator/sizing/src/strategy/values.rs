//! The values of the strategy: what each option needs, and what the documents' rules say.

use crate::choice::Flag;
use crate::model::Model;
use crate::quantity::{Connections, Count, MeanConnections, Quantity, Share, Unit, approximate};
use crate::sheet::Sheet;
use crate::source::{self, Source};
use crate::strategy::matrix::{self, MIGRATION, Pick};
use crate::strategy::need::Need;
use crate::strategy::{DECISIONS, MATRIX};

/// A value: which fact it is, how it comes about, and which facts and inputs that takes.
struct Row {
    id: &'static str,
    name: &'static str,
    fact: Fact,
    formula: &'static str,
    operands: &'static [(&'static str, Fact)],
    inputs: &'static [&'static str],
    source: Source,
}

/// What is computed once, and shown as a value, as an operand or as a document's rule.
#[derive(Clone, Copy)]
enum Fact {
    Recommended,
    Pods,
    AppConnections,
    MaxConnections,
    ClusterUse,
    PoolSize,
    Now,
    Saved,
    ProcessLoad,
    PoolUse,
    RoleConnections,
    RoleLimit,
    DatabaseConnections,
    MaxNeeded,
    Kept,
    Load,
    PoolerConnections,
    Target,
    Matrix,
    Flow,
    Timeline,
    Tier,
    Migration,
}

const OPTION_A: Source = source::CONNECTION_SCALING.at("Part 2, Option A");
const OPTION_B: Source = source::CONNECTION_SCALING.at("Part 2, Option B");

macro_rules! rows {
    ($($id:literal, $name:literal, $fact:ident, $formula:literal, [$($operand:literal $of:ident),*], [$($input:literal),*], $source:expr;)+) => {
        &[$(Row {
            id: concat!("strategy.", $id),
            name: $name,
            fact: Fact::$fact,
            formula: $formula,
            operands: &[$(($operand, Fact::$of)),*],
            inputs: &[$($input),*],
            source: $source,
        }),+]
    };
}

static VALUES: &[Row] = rows! {
    "recommended", "What to do", Recommended,
        "for each problem the feasible option that ends it at the least cost, then risk, complexity and lead time",
        [], [], source::HEADROOM;
    "pods", "Pods the options are judged for", Pods,
        "pods_max, else pods × the growth looked at, rounded up", [], ["pods", "pods_max"], source::HEADROOM;
    "cluster_use", "Their connections as a share of max_connections", ClusterUse,
        "connections of strategy.pods, through a pooler what it may open, ÷ pool.max_connections",
        ["strategy.pods" Pods, "connections of strategy.pods" AppConnections, "pool.max_connections" MaxConnections],
        [], source::CONNECTION_SCALING.at("Executive Summary");
    "pool_size", "Pool size that fits", PoolSize,
        "the largest pool_size, not above today's, with demand ≤ 80 % of every limit for strategy.pods, and none \
         exceeded during a rolling update; where today's does not fit, without overflow",
        ["strategy.pods" Pods], ["pool_size"], source::HEADROOM;
    "footprint_saved", "Connections it frees", Saved, "1 − connections of a process then ÷ now", ["now" Now], [],
        OPTION_A;
    "pool_use", "How busy such pools are at peak", PoolUse,
        "busy connections of a process ÷ connections of a process then",
        ["busy connections of a process" ProcessLoad], [], source::LITTLE;
    "role_limit", "Role limit needed", RoleLimit, "connections of the role ÷ 70 %, rounded up",
        ["connections of the role" RoleConnections], [], source::HEADROOM;
    "max_connections", "max_connections needed", MaxNeeded,
        "connections at the database ÷ 70 %, rounded up, + what is reserved + other_connections",
        ["connections at the database" DatabaseConnections, "what is reserved" Kept], ["other_connections"],
        source::POSTGRESQL.at("max_connections");
    "pooler_connections", "Server connections a pooler needs for it", PoolerConnections,
        "the fewest with which 95 % of all transactions together wait no longer than wait_target_ms",
        ["busy connections" Load], ["hold_cv", "wait_target_ms"], source::ERLANG;
    "matrix", "The documents' matrix", Matrix,
        "to 500 users conservative, to 1,000 aggressive, beyond high growth", ["target" Target], ["users"], MATRIX;
    "flow", "The documents' flowchart", Flow,
        "to 500 users keep as is; beyond: Option C where others need the events, else Option B or A where shared limits \
         can be changed, else Option A",
        ["target" Target], ["users"], DECISIONS;
    "timeline", "The documents' timeline", Timeline,
        "from 500 users Option A, from 1,000 Option A or B, from 5,000 or where others need the events Option C",
        ["target" Target], ["users"], source::CONNECTION_SCALING.at("Part 6, Decision Timeline");
    "tier", "Tier of traffic", Tier,
        "below 1,000 concurrent users small, to 10,000 medium, to 100,000 large, beyond enterprise", [], ["users"],
        source::SCALING_STRATEGIES.at("Scaling Checklist by Traffic Level");
    "migration", "Order of what remains", Migration,
        "queries and indexes, caching, a larger server, replicas, partitioning, sharding: without what is there already",
        [], [], source::SCALING_STRATEGIES.at("Migration Path");
};

fn name(text: impl Into<String>) -> Quantity {
    Quantity::Name(text.into())
}

fn share(part: u64, whole: u64) -> Quantity {
    Share::of(part, whole).map_or(Quantity::None(Unit::Share, "nothing to divide by"), Quantity::from)
}

/// The facts, computed when they are asked for.
struct Facts<'m, 's> {
    model: &'m Model<'s>,
    need: &'m Need,
    /// The pool size that fits, and the connections of a process with it.
    pool: Option<(u64, u64)>,
}

impl Facts<'_, '_> {
    fn of(&self, fact: Fact) -> Quantity {
        const NO_POOL: &str = "no pool size fits";
        let (need, scenario, strategy) = (self.need, self.model.scenario, &self.model.strategy);
        let each = self.pool.map(|(_, each)| each);
        let now = scenario.connections_per_process();
        let connections = |number: u64| Quantity::from(Connections(number));
        let pick = |pick: Option<Pick>| pick.map(Pick::name);
        let target = strategy.target_users;
        let said = match fact {
            Fact::Recommended => return name(self.recommended()),
            Fact::Pods => return Count(need.pods).into(),
            Fact::AppConnections => return connections(need.opened(scenario)),
            Fact::MaxConnections => return connections(scenario.connection_limit()),
            Fact::ClusterUse => return share(need.opened(scenario), scenario.connection_limit()),
            Fact::PoolSize => {
                let size = |(size, _)| connections(size);
                return self.pool.map_or(Quantity::None(Unit::Connections, NO_POOL), size);
            }
            Fact::Now => return connections(now),
            Fact::Saved => {
                let saved = |each| share(now.saturating_sub(each), now);
                return each.map_or(Quantity::None(Unit::Share, NO_POOL), saved);
            }
            Fact::ProcessLoad => return MeanConnections::new(need.load_of_a_process(scenario)).into(),
            Fact::PoolUse => {
                let used = |each| Share::new(need.load_of_a_process(scenario) / approximate(each)).into();
                return each.filter(|each| *each > 0).map_or(Quantity::None(Unit::Share, NO_POOL), used);
            }
            Fact::RoleConnections => return connections(need.role),
            Fact::RoleLimit => return connections(need.role_limit()),
            Fact::DatabaseConnections => return connections(need.database),
            Fact::MaxNeeded => return connections(need.max_connections(scenario)),
            Fact::Kept => return connections(scenario.kept_connections()),
            Fact::Load => return MeanConnections::new(need.load).into(),
            Fact::PoolerConnections => {
                let none = Quantity::None(Unit::Connections, "more than the database leaves");
                return need.servers(scenario).map_or(none, connections);
            }
            Fact::Target => match target {
                Some(target) => return target.into(),
                None => None,
            },
            Fact::Matrix => target.map(|target| matrix::matrix(target).steps),
            Fact::Flow => pick(strategy.flow),
            Fact::Timeline => {
                pick(target.map(|target| matrix::timeline(target, scenario.external_consumers == Flag::Yes)))
            }
            Fact::Tier => scenario.users.map(|users| matrix::tier(users).name),
            Fact::Migration => {
                let left = MIGRATION.iter().filter(|(.., check)| !check.is_there(scenario));
                return name(left.map(|(step, ..)| *step).collect::<Vec<_>>().join(", "));
            }
        };
        said.map_or(Quantity::None(Unit::Name, "users are not given"), name)
    }

    fn recommended(&self) -> String {
        let strategy = &self.model.strategy;
        let titles: Vec<&str> = strategy.recommended().map(|judgement| judgement.option.title).collect();
        match (titles.is_empty(), strategy.problems.is_empty()) {
            (false, _) => titles.join("; "),
            (true, true) => "nothing to do now".to_owned(),
            (true, false) => "no single option ends it".to_owned(),
        }
    }
}

pub(super) fn values(model: &Model<'_>, need: &Need, sheet: &mut Sheet<'_>) {
    let (scenario, strategy) = (model.scenario, &model.strategy);
    let facts = Facts { model, need, pool: need.smaller_pool(scenario) };
    for row in VALUES {
        sheet.value(row.id, row.name, facts.of(row.fact)).is(row.formula, row.source);
        for (word, fact) in row.operands {
            sheet.with(word, facts.of(*fact));
        }
        sheet.inputs(row.inputs);
        match row.fact {
            Fact::Recommended => {
                for problem in &strategy.problems {
                    sheet.with("found", name(problem.name()));
                }
            }
            Fact::PoolSize => {
                sheet.rule(
                    source::CONNECTION_SCALING.at("Part 7, Conclusion"),
                    "pool_size × 75 %",
                    Connections(scenario.pool_size.get().saturating_mul(3) / 4).into(),
                    "The document lowers every pool by a quarter, 20 to 15, whatever the limit is; ours is what the \
                     limits allow.",
                );
            }
            Fact::RoleLimit => {
                sheet.rule(
                    OPTION_B,
                    "connections of the role × 1.5",
                    Connections(need.role.saturating_mul(3) / 2).into(),
                    "The document takes 300 for 200; ours leaves 30 % for rolling updates and spikes.",
                );
            }
            Fact::Flow => {
                let flags =
                    [("external_consumers", scenario.external_consumers), ("coordination", scenario.coordination)];
                for (word, flag) in flags {
                    sheet.with(word, name(flag.word()));
                }
                let row = strategy.target_users.map(matrix::matrix);
                if let (Some(row), Some(flow)) = (row, strategy.flow)
                    && !matrix::agree(row.outcome(), flow)
                {
                    sheet.rule(
                        MATRIX,
                        "the matrix's outcome",
                        name(row.outcome().name()),
                        "The matrix goes by growth alone; the flowchart by who needs the events and who can change the \
                         limits. What was computed decides.",
                    );
                }
            }
            _ => {}
        }
    }
}
