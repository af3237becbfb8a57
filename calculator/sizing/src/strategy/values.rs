//! The values of the strategy: what each option needs, and what the documents' rules say.

use crate::model::Model;
use crate::quantity::{Connections, Count, Quantity, Share, Unit, approximate};
use crate::sheet::Sheet;
use crate::source;
use crate::strategy::matrix::{self, MIGRATION, Pick};
use crate::strategy::need::Need;
use crate::strategy::{DECISIONS, MATRIX, Strategy};

pub(super) fn values(model: &Model<'_>, need: &Need, sheet: &mut Sheet<'_>) {
    let strategy = &model.strategy;
    recommended(model, strategy, sheet);
    connections(need, sheet);
    decisions(strategy, sheet);
}

fn name(text: impl Into<String>) -> Quantity {
    Quantity::Name(text.into())
}

fn share(part: u64, whole: u64) -> Quantity {
    Share::of(part, whole).map_or(Quantity::None(Unit::Share, "nothing to divide by"), Quantity::from)
}

fn recommended(model: &Model<'_>, strategy: &Strategy, sheet: &mut Sheet<'_>) {
    let titles: Vec<&str> = strategy.recommended().map(|judgement| judgement.option.title).collect();
    let what = match (titles.is_empty(), strategy.problems.is_empty()) {
        (false, _) => titles.join("; "),
        (true, true) => "nothing to do now".to_owned(),
        (true, false) => "no single option ends it".to_owned(),
    };
    sheet.value("strategy.recommended", "What to do", name(what)).is(
        "for each problem the feasible option that ends it at the least cost, then risk, complexity and lead time",
        source::HEADROOM,
    );
    for problem in &strategy.problems {
        sheet.with("found", name(problem.name()));
    }
    if model.scenario.external_consumers == crate::choice::Flag::Yes {
        sheet.with("others need the events", name("Option C, whatever the limits are"));
    }
}

fn connections(need: &Need, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let option_a = source::CONNECTION_SCALING.at("Part 2, Option A");
    let option_b = source::CONNECTION_SCALING.at("Part 2, Option B");
    let pods: Quantity = Count(need.pods).into();
    sheet
        .value("strategy.pods", "Pods the options are judged for", pods.clone())
        .is("pods_max, else pods × the growth looked at, rounded up", source::HEADROOM)
        .inputs(&["pods", "pods_max"]);

    let app = scenario.app_connections(need.pods);
    let limit = scenario.connection_limit();
    sheet
        .value("strategy.cluster_use", "Their connections as a share of max_connections", share(app, limit))
        .is("connections of strategy.pods ÷ pool.max_connections", source::CONNECTION_SCALING.at("Executive Summary"))
        .with("strategy.pods", pods.clone())
        .with("connections of strategy.pods", Connections(app).into())
        .with("pool.max_connections", Connections(limit).into());

    let size = strategy_pool(need, sheet);
    let each = size.map(|size| scenario.connections_with(Connections(size)));
    let now = scenario.connections_per_process();
    let saved =
        each.map_or(Quantity::None(Unit::Share, "no pool size fits"), |each| share(now.saturating_sub(each), now));
    sheet
        .value("strategy.footprint_saved", "Connections it frees", saved)
        .is("1 − connections of a process then ÷ now", option_a)
        .with("now", Connections(now).into());
    let load = need.load_of_a_process(scenario);
    let busy = match each {
        None => Quantity::None(Unit::Share, "no pool size fits"),
        Some(0) => Quantity::None(Unit::Share, "no connections"),
        Some(each) => Share::new(load / approximate(each)).into(),
    };
    sheet
        .value("strategy.pool_use", "How busy such pools are at peak", busy)
        .is("busy connections of a process ÷ connections of a process then", source::LITTLE)
        .with("busy connections of a process", crate::quantity::MeanConnections::new(load).into());

    sheet
        .value("strategy.role_limit", "Role limit needed", Connections(need.role_limit()).into())
        .is("connections of the role ÷ 70 %, rounded up", source::HEADROOM)
        .with("connections of the role", Connections(need.role).into())
        .rule(
            option_b,
            "connections of the role × 1.5",
            Connections(need.role.saturating_mul(3) / 2).into(),
            "The document takes 300 for 200; ours leaves 30 % for rolling updates and spikes.",
        );
    sheet
        .value("strategy.max_connections", "max_connections needed", Connections(need.max_connections(scenario)).into())
        .is(
            "connections at the database ÷ 70 %, rounded up, + what is reserved + other_connections",
            source::POSTGRESQL.at("max_connections"),
        )
        .with("connections at the database", Connections(need.database).into())
        .with("what is reserved", Connections(scenario.kept_connections()).into())
        .inputs(&["other_connections"]);
    let servers =
        need.servers(scenario).map_or(Quantity::None(Unit::Connections, "more than the database leaves"), |servers| {
            Connections(servers).into()
        });
    sheet
        .value("strategy.pooler_connections", "Server connections a pooler needs for it", servers)
        .is(
            "the fewest with which 95 % of all transactions together wait no longer than wait_target_ms",
            source::ERLANG,
        )
        .with("busy connections", crate::quantity::MeanConnections::new(need.load).into())
        .inputs(&["hold_cv", "wait_target_ms"]);
}

/// The pool size of Option A.
fn strategy_pool(need: &Need, sheet: &mut Sheet<'_>) -> Option<u64> {
    let scenario = sheet.scenario;
    let size = need.smaller_pool(scenario);
    let quantity = size.map_or(Quantity::None(Unit::Connections, "no pool size fits"), |size| Connections(size).into());
    sheet
        .value("strategy.pool_size", "Pool size that fits", quantity)
        .is(
            "the largest pool_size, not above today's, with demand ≤ 80 % of every limit for strategy.pods, and none \
             exceeded during a rolling update",
            source::HEADROOM,
        )
        .with("strategy.pods", Count(need.pods).into())
        .inputs(&["pool_size"])
        .rule(
            source::CONNECTION_SCALING.at("Part 7, Conclusion"),
            "pool_size × 75 %",
            Connections(scenario.pool_size.get().saturating_mul(3) / 4).into(),
            "The document lowers every pool by a quarter, 20 to 15, whatever the limit is; ours is what the limits \
             allow.",
        );
    size
}

fn decisions(strategy: &Strategy, sheet: &mut Sheet<'_>) {
    const UNKNOWN: Quantity = Quantity::None(Unit::Name, "users are not given");
    let target = strategy.target_users;
    let with_target = |sheet: &mut Sheet<'_>| {
        sheet.inputs(&["users"]);
        if let Some(target) = target {
            sheet.with("target", target.into());
        }
    };
    let row = target.map(matrix::matrix);
    sheet
        .value("strategy.matrix", "The documents' matrix", row.map_or(UNKNOWN, |row| name(row.steps)))
        .is("to 500 users conservative, to 1,000 aggressive, beyond high growth", MATRIX);
    with_target(sheet);
    let pick = |pick: Option<Pick>| pick.map_or(UNKNOWN, |pick| name(pick.name()));
    sheet.value("strategy.flow", "The documents' flowchart", pick(strategy.flow)).is(
        "to 500 users keep as is; beyond: Option C where others need the events, else Option B or A where shared \
             limits can be changed, else Option A",
        DECISIONS,
    );
    for (word, flag) in
        [("external_consumers", sheet.scenario.external_consumers), ("coordination", sheet.scenario.coordination)]
    {
        sheet.with(word, name(flag.word()));
    }
    with_target(sheet);
    if let (Some(row), Some(flow)) = (row, strategy.flow)
        && !matrix::agree(row.outcome(), flow)
    {
        sheet.rule(
            MATRIX,
            "the matrix's outcome",
            name(row.outcome().name()),
            "The matrix goes by growth alone; the flowchart by who needs the events and who can change the limits. What \
             was computed decides.",
        );
    }
    let timeline =
        target.map(|target| matrix::timeline(target, sheet.scenario.external_consumers == crate::choice::Flag::Yes));
    sheet.value("strategy.timeline", "The documents' timeline", pick(timeline)).is(
        "from 500 users Option A, from 1,000 Option A or B, from 5,000 or where others need the events Option C",
        source::CONNECTION_SCALING.at("Part 6, Decision Timeline"),
    );
    with_target(sheet);
    let tier = sheet.scenario.users.map_or(UNKNOWN, |users| name(matrix::tier(users).name));
    sheet
        .value("strategy.tier", "Tier of traffic", tier)
        .is(
            "below 1,000 concurrent users small, to 10,000 medium, to 100,000 large, beyond enterprise",
            source::SCALING_STRATEGIES.at("Scaling Checklist by Traffic Level"),
        )
        .inputs(&["users"]);
    let scenario = sheet.scenario;
    let steps: Vec<&str> =
        MIGRATION.iter().filter(|(.., check)| !check.is_there(scenario)).map(|(step, ..)| *step).collect();
    sheet.value("strategy.migration", "Order of what remains", name(steps.join(", "))).is(
        "queries and indexes, caching, a larger server, replicas, partitioning, sharding: without what is there already",
        source::SCALING_STRATEGIES.at("Migration Path"),
    );
}
