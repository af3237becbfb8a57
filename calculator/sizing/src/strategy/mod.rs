//! Strategy: the options, which of them are feasible here, and which to take.

pub mod documents;
pub mod index;
mod judge;
pub mod matrix;
mod need;
mod options;
mod secrets;
pub mod statement;
mod values;

use std::borrow::Cow;

use crate::action::{Action, Level, Step};
use crate::choice::{Flag, QueryPattern};
use crate::model::Model;
use crate::pool::chain::LinkKind;
use crate::quantity::{Connections, Count, Days, approximate, ceiling, grouped};
use crate::sheet::Sheet;
use crate::source::{self, Source};
use crate::{Date, Finding, Scenario, Severity};
use judge::{Judgement, Problem};
use matrix::Pick;
use need::Need;
use options::Instruction;

/// Where the documented flowchart stands.
const DECISIONS: Source = source::CONNECTION_SCALING.at("Part 3, Decision Flowchart");
/// Where the documented matrix stands.
const MATRIX: Source = source::CONNECTION_SCALING.at("Part 3, Recommended Path by Growth Scenario");

/// What was found, and what is to be said of each option.  Empty where no database is sized.
#[derive(Debug, Default)]
pub(crate) struct Strategy {
    need: Option<Need>,
    problems: Vec<Problem>,
    judgements: Vec<Judgement>,
    /// Users at the end of what is looked at; `None` where nobody said how many there are.
    target_users: Option<Count>,
    /// What the flowchart says for them.
    flow: Option<Pick>,
}

impl Strategy {
    pub(crate) fn of(model: &Model<'_>) -> Self {
        let scenario = model.scenario;
        let (store_problems, store) =
            if scenario.has_secret_store() { secrets::judge(model) } else { (Vec::new(), Vec::new()) };
        if !scenario.has_database() {
            return Self { problems: store_problems, judgements: store, ..Self::default() };
        }
        let traffic = model.growth.traffic_at_end();
        let need = Need::of(scenario, traffic);
        let mut problems: Vec<Problem> =
            Problem::ALL.into_iter().filter(|problem| problem.is_found(model, &need)).collect();
        let target_users = target_users(model, traffic);
        let flow = target_users.map(|target| {
            matrix::flow(target, scenario.external_consumers == Flag::Yes, scenario.coordination == Flag::Yes)
        });
        problems.extend(store_problems);
        let mut judgements = judge::judge(model, &need);
        judgements.extend(store);
        Self { judgements, problems, target_users, flow, need: Some(need) }
    }

    /// The cheapest and least risky feasible option for each problem, each once.
    fn recommended(&self) -> impl Iterator<Item = &Judgement> {
        self.judgements.iter().filter(|judgement| self.recommends(judgement))
    }

    fn recommends(&self, judgement: &Judgement) -> bool {
        self.problems.iter().any(|problem| {
            let ending = self.judgements.iter().filter(|judgement| judgement.ends(*problem));
            let best = ending.min_by_key(|judgement| judgement.price());
            best.is_some_and(|best| best.option.code == judgement.option.code)
        })
    }
}

/// Users at the end of what is looked at: the forecast's last, or today's times the growth.
fn target_users(model: &Model<'_>, traffic: f64) -> Option<Count> {
    let users = model.scenario.users?;
    let forecast = model.scenario.forecast.iter().filter_map(|row| row.users).last();
    let grown = ceiling(approximate(users.get()) * traffic * (1.0 - 1e-12));
    Some(forecast.unwrap_or(Count(grown)).max(users))
}

pub(crate) fn values(model: &Model<'_>, sheet: &mut Sheet<'_>) {
    if let Some(need) = &model.strategy.need {
        values::values(model, need, sheet);
    } else if !model.strategy.judgements.is_empty() {
        let titles: Vec<&str> = model.strategy.recommended().map(|judgement| judgement.option.title).collect();
        let said = if titles.is_empty() { "nothing to do now".to_owned() } else { titles.join("; ") };
        sheet
            .value("strategy.recommended", "What to do", crate::quantity::Quantity::Name(said))
            .is("for each problem the feasible option that ends it at the least cost", source::HEADROOM);
    }
}

pub(crate) fn findings(model: &Model<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(need) = &model.strategy.need {
        findings.extend(disagreement(&model.strategy));
        findings.extend(hidden_role_limit(model, need));
    }
    findings
}

/// The documents' matrix and their flowchart say different things.
fn disagreement(strategy: &Strategy) -> Option<Finding> {
    let target = strategy.target_users?;
    let (row, flow) = (matrix::matrix(target), strategy.flow?);
    if matrix::agree(row.outcome(), flow) {
        return None;
    }
    Some(Finding::new(
        "strategy.documents_disagree",
        Severity::Info,
        format!(
            "For {} users the documents' matrix comes to {}, their flowchart to {}.",
            grouped(target.get()),
            row.outcome().name(),
            flow.name()
        ),
        &["strategy.matrix", "strategy.flow", "strategy.recommended"],
        "Go by what was computed for this scenario: the recommended option, if there is one.",
    ))
}

/// By `max_connections` everything is safe, as the documents' summary has it, while the role may not open so many.
fn hidden_role_limit(model: &Model<'_>, need: &Need) -> Option<Finding> {
    let scenario = model.scenario;
    let limit = scenario.role_connection_limit.map(Connections::get)?;
    let (app, most) = (need.opened(scenario), scenario.connection_limit());
    let is_safe = app.saturating_mul(10) <= most.saturating_mul(9);
    if !is_safe || need.role <= limit || !need.presses(LinkKind::Role) {
        return None;
    }
    Some(Finding::new(
        "strategy.cluster_hides_role_limit",
        Severity::Info,
        format!(
            "{} of {} connections look safe, as the documents' summary has it; the role may open {}, and {} are asked \
             of it.",
            grouped(app),
            grouped(most),
            grouped(limit),
            grouped(need.role)
        ),
        &["strategy.cluster_use", "pool.role.limit"],
        "Compare with every limit on the way, not with max_connections alone.",
    ))
}

/// The options, the recommended one first.
pub(crate) fn actions(model: &Model<'_>) -> Vec<Action> {
    let strategy = &model.strategy;
    let mut actions = Vec::with_capacity(12);
    // The recommended, then what is possible, then the rest; a sort would be more code than three passes.
    for rank in [(true, true), (true, false), (false, false)] {
        for judgement in &strategy.judgements {
            if rank == (judgement.feasible, strategy.recommends(judgement)) {
                actions.push(action(model, judgement, rank.1));
            }
        }
    }
    if strategy.need.is_some() {
        actions.extend(model.scenario.query_pattern.map(index_action));
        actions.extend(model.scenario.users.map(|users| checklist(model, users)));
    }
    actions
}

/// The lines of the growth chart that are about connections.
const CONNECTION_LINES: &[&str] = &["clients", "server", "role", "database"];

fn action(model: &Model<'_>, judgement: &Judgement, recommended: bool) -> Action {
    let option = judgement.option;
    let in_time = || model.growth.start_by(CONNECTION_LINES, option.lead);
    let start_by: Option<Date> = match () {
        () if !recommended => None,
        () if judgement.ends(Problem::Connections) => in_time(),
        () if judgement.ends(Problem::Leases) => model.growth.start_by(&["leases"], option.lead),
        () => None,
    };
    let filled = |instructions: &'static [Instruction]| {
        instructions.iter().map(|instruction| step(instruction, judgement, model)).collect()
    };
    Action {
        code: option.code,
        title: Cow::Borrowed(option.title),
        feasible: judgement.feasible,
        recommended,
        outcome: judgement.outcome.clone(),
        why: judgement.why.iter().map(|id| Cow::Borrowed(*id)).collect(),
        complexity: option.complexity,
        cost: judgement.cost,
        risk: option.risk,
        effort: Cow::Borrowed(option.effort),
        lead_time: option.lead,
        start_by,
        steps: if judgement.feasible { filled(option.steps) } else { Vec::new() },
        canary: Cow::Borrowed(option.canary),
        rollback: if judgement.feasible { filled(option.rollback) } else { Vec::new() },
        source: option.source,
    }
}

/// An instruction with this scenario's numbers.
fn step(&(what, command): &Instruction, judgement: &Judgement, model: &Model<'_>) -> Step {
    let (new, old) = judgement.numbers;
    let command = match command {
        "#limits" => Cow::Owned(limits(model, true)),
        "~limits" => Cow::Owned(limits(model, false)),
        "#size" => Cow::Owned(pool_size(model, new, false)),
        "~size" => Cow::Owned(pool_size(model, old, true)),
        "#pools" => Cow::Owned(server_pools(&need::Need::with_server_pools(model.scenario, new))),
        "~pools" => Cow::Owned(server_pools(model.scenario)),
        command => match command.bytes().find(|byte| matches!(byte, b'#' | b'~')) {
            None => Cow::Borrowed(command),
            Some(b'#') if new == 0 => Cow::Owned(with_number(command, &"N")),
            Some(b'#') => Cow::Owned(with_number(command, &new)),
            Some(_) => Cow::Owned(with_number(command, &old)),
        },
    };
    Step { what: Cow::Borrowed(what), command }
}

/// The command for the application's pools, with the names of `SQLAlchemy` where overflow is used, else of `HikariCP`; then
/// what the further pools need.
fn pool_size(model: &Model<'_>, size: u64, is_back: bool) -> String {
    let scenario = model.scenario;
    let pods = model.strategy.need.as_ref().map_or(scenario.pods.get(), |need| need.pods);
    let set = "kubectl set env deployment/NAME ";
    let overflow = |overflow: Option<Connections>| match overflow {
        _ if !is_back => "0".to_owned(),
        Some(overflow) => overflow.get().to_string(),
        None => "-1".to_owned(),
    };
    let size = size.to_string();
    let mut text = if scenario.max_overflow == Some(Connections(0)) {
        [set, "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE=", &size].concat()
    } else {
        let most = overflow(scenario.max_overflow);
        [set, "DATABASE_POOL_SIZE=", &size, " DATABASE_MAX_OVERFLOW=", &most].concat()
    };
    for need::Further { pool, size } in need::further(scenario, pods) {
        let size = if is_back { pool.size.get() } else { size }.to_string();
        let name = pool.name.to_uppercase().replace('-', "_");
        let most = overflow(pool.overflow);
        text += &["\n", set, &name, "_POOL_SIZE=", &size, " ", &name, "_MAX_OVERFLOW=", &most].concat();
    }
    text
}

/// The lines of `pgbouncer.ini` for the server pools of a scenario.
fn server_pools(scenario: &Scenario) -> String {
    let line = |name: &str, limit: Option<Connections>| {
        let limit = limit.map(|limit| limit.get().to_string());
        limit.map_or_else(String::new, |limit| [name, " = ", &limit].concat())
    };
    let size = Some(scenario.default_pool_size.unwrap_or_default());
    let most = line("\nmax_db_connections", scenario.max_db_connections);
    ["[pgbouncer]\n", &line("default_pool_size", size), &most].concat()
}

/// A command with its number in the place of `#` or `~`.
fn with_number(command: &str, number: &dyn ToString) -> String {
    let (before, after) = command.split_once(['#', '~']).unwrap_or((command, ""));
    [before, &number.to_string(), after].concat()
}

/// The statements for Option B: the server's limit where the connections need it, then the role's where it is short.
fn limits(model: &Model<'_>, raised: bool) -> String {
    let scenario = model.scenario;
    let Some(need) = &model.strategy.need else { return String::new() };
    let number =
        |statement: &statement::Statement, new: u64, old: u64| statement.with_number(if raised { new } else { old });
    let role = scenario.role_connection_limit.filter(|_| need.presses(LinkKind::Role));
    let mut statements = Vec::with_capacity(2);
    if need.server_is_short(scenario) {
        statements.push(number(
            &statement::MAX_CONNECTIONS,
            need.max_connections(scenario),
            scenario.max_connections.get(),
        ));
    }
    statements.extend(role.map(|old| number(&statement::ROLE_LIMIT, need.role_limit(), old.get())));
    statements.join("\n")
}

/// The advice for the query pattern that was asked about.
fn index_action(pattern: QueryPattern) -> Action {
    let advice = index::advice(pattern);
    let of = |statement: &statement::Statement| Step {
        what: [statement.purpose, ". ", statement.why].concat().into(),
        command: Cow::Borrowed(statement.sql),
    };
    let extension = advice.index.into_iter().flat_map(|index| index.needs).find_map(|need| match need {
        statement::Need::Extension(name) => Some(Step {
            what: "The extension, once in each database.".into(),
            command: ["CREATE EXTENSION IF NOT EXISTS ", name, ";"].concat().into(),
        }),
        _ => None,
    });
    let mut steps: Vec<Step> = extension.into_iter().collect();
    steps.extend([advice.index, Some(advice.query), advice.further].into_iter().flatten().map(of));
    steps.push(of(&statement::EXPLAIN));
    let name = advice.index.and_then(|index| index.sql.split(' ').nth(3));
    let drop = name.map(|name| Step {
        what: "Remove the index.".into(),
        command: ["DROP INDEX CONCURRENTLY ", name, ";"].concat().into(),
    });
    Action {
        code: advice.code,
        title: ["Index and query: ", pattern.word()].concat().into(),
        feasible: true,
        recommended: false,
        outcome: [
            "Index: ",
            advice.index_type,
            " (",
            advice.price,
            "). The statements run outside a transaction block; on a partitioned table each partition gets its own.",
        ]
        .concat(),
        why: Vec::new(),
        complexity: Level::Low,
        cost: Level::None,
        risk: Level::Low,
        effort: Cow::Borrowed("hours"),
        lead_time: Days(1),
        start_by: None,
        steps,
        canary: Cow::Borrowed("A copy of the table in staging: EXPLAIN must name the index."),
        rollback: drop.into_iter().collect(),
        source: advice.query.source,
    }
}

/// What the documents' checklist has for so many users.
fn checklist(model: &Model<'_>, users: Count) -> Action {
    let tier = matrix::tier(users);
    let mut missing = 0_u64;
    let item = |(what, check): &(&'static str, matrix::Check)| {
        let is_there = check.is_there(model.scenario);
        missing += u64::from(!is_there);
        let what = if is_there { [what, " (there already)"].concat().into() } else { Cow::Borrowed(*what) };
        Step { what, command: Cow::Borrowed("") }
    };
    let steps: Vec<Step> = tier.items.iter().map(item).collect();
    Action {
        code: "strategy.checklist",
        title: Cow::Borrowed(tier.title),
        feasible: true,
        recommended: false,
        outcome: format!(
            "{} users are the {} tier: {} of its {} items are not known to be there. Those of smaller tiers come first.",
            grouped(users.get()),
            tier.name,
            grouped(missing),
            grouped(tier.items.len() as u64)
        ),
        why: vec![Cow::Borrowed("strategy.tier")],
        complexity: tier.level,
        cost: tier.level,
        risk: tier.level,
        effort: Cow::Borrowed(tier.effort),
        lead_time: tier.lead,
        start_by: None,
        steps,
        canary: Cow::Borrowed(""),
        rollback: Vec::new(),
        source: source::SCALING_STRATEGIES.at("Scaling Checklist by Traffic Level"),
    }
}
