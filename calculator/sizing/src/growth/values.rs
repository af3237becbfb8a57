//! Growth's values: what is crossed first and when, each line at its end, each milestone.

use crate::growth::Growth;
use crate::growth::line::{Line, quantity, whole};
use crate::growth::when::Start;
use crate::quantity::{Count, Quantity, Unit, approximate};
use crate::queueing::documented_pods;
use crate::sheet::Sheet;
use crate::source;

/// Limits that are named, in the order they are crossed.
const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];
const NONE: &str = "none in the months looked at";

pub(super) fn values(growth: &Growth, sheet: &mut Sheet<'_>) {
    sheet
        .value("growth.traffic", "Requests at the end, × today", quantity(Unit::Ratio, growth.traffic_at_end))
        .is(growth.pace, source::HEADROOM)
        .inputs(&["growth_rate", "target", "months"]);
    limits(growth, sheet);
    for line in &growth.lines {
        of_line(growth, line, sheet);
    }
    milestones(growth, sheet);
}

/// The month in which something is reached.
fn in_month(month: Option<u64>) -> Quantity {
    month.map_or(Quantity::None(Unit::Count, NONE), |month| Count(month).into())
}

/// When it must begin: a day where today is known, otherwise in so many months; never a day that is past.
fn to_start(start: Start) -> Quantity {
    match (start.whole_months(), start.date) {
        (None, _) => Quantity::None(Unit::Count, "late already"),
        (Some(_), Some(date)) => date.into(),
        (Some(months), None) => Count(months).into(),
    }
}

fn limits(growth: &Growth, sheet: &mut Sheet<'_>) {
    let mut crossed = growth.crossed();
    for ordinal in ORDINALS {
        let of = crossed.next();
        if of.is_none() && ordinal != "first" {
            return;
        }
        let id = |what: &str| ["growth.", ordinal, "_limit", what].concat();
        let name = |what: &str| ["The limit crossed ", ordinal, what].concat();
        let named = of.map_or(Quantity::None(Unit::Name, NONE), |(line, _)| Quantity::Name(line.kind.limit.to_owned()));
        sheet
            .made(id(""), name(""), named)
            .is("the lines in the order in which they exceed their limits", source::HEADROOM)
            .inputs(&["months"]);
        sheet
            .made(id("_month"), name(": months from now"), in_month(of.map(|(_, month)| month)))
            .is("the first month with demand > limit; 0 is now", source::HEADROOM);
        let Some((line, month)) = of else { return };
        sheet
            .with_made(["growth.", line.kind.word, ".demand"].concat(), line.demand(month))
            .with("limit", line.limit());
        if let Some(date) = growth.calendar.date(month) {
            sheet
                .made(id("_date"), name(": on"), date.into())
                .is("today + months", source::HEADROOM)
                .inputs(&["today"])
                .with("months", Count(month).into());
        }
        sheet
            .made(id("_start"), name(": begin by"), to_start(growth.calendar.start(month, line.kind.lead)))
            .is("the month it is crossed − lead time", line.kind.source)
            .with("the month it is crossed", Count(month).into())
            .with("lead time", line.kind.lead.into());
    }
}

fn of_line(growth: &Growth, line: &Line, sheet: &mut Sheet<'_>) {
    let kind = line.kind;
    let id = |what: &str| ["growth.", kind.word, what].concat();
    let end = line.demand(u64::MAX);
    sheet
        .made(id(".demand"), [kind.name, " at the end"].concat(), end)
        .is(kind.formula, source::HEADROOM)
        .with("at present", line.demand(0))
        .with("traffic", quantity(Unit::Ratio, growth.traffic_at_end));
    if let ("pods", Some(users)) = (kind.word, growth.users_at_end) {
        sheet.rule(
            source::CONNECTION_SCALING.at("Executive Summary"),
            "250 users on 3 pods, 500 on 6, 1,000 on 10",
            quantity(Unit::Count, approximate(documented_pods(whole(users)))),
            "The document lets a pod serve more users as they grow; ours keeps today's users a pod.",
        );
    }
    if line.limit.is_none() {
        return;
    }
    sheet
        .made(id(".limit"), [kind.name, ": limit"].concat(), line.limit())
        .is_made(["the ", kind.limit].concat(), kind.source);
    sheet
        .made(id(".month"), [kind.name, ": months until the limit is exceeded"].concat(), in_month(line.crossed))
        .is("the first month with demand > limit; 0 is now", source::HEADROOM);
}

fn milestones(growth: &Growth, sheet: &mut Sheet<'_>) {
    for reached in &growth.milestones {
        let milestone = reached.milestone;
        let id = ["growth.milestones.", milestone.word].concat();
        sheet
            .made(id.clone(), [milestone.name, ": months until they are reached"].concat(), in_month(reached.month))
            .is("the first month with so many; 0 is now", milestone.source)
            .with("at present", reached.today())
            .with("so many", milestone.threshold.into());
        if let Some(month) = reached.month.filter(|month| *month > 0) {
            let source = if milestone.lead_is_documented { milestone.source } else { source::HEADROOM };
            sheet
                .made(
                    [&id, ".start"].concat(),
                    ["Begin for ", milestone.name, ": ", milestone.action].concat(),
                    to_start(growth.calendar.start(month, milestone.lead)),
                )
                .is("the month they are reached − lead time", source)
                .with_made(id, Count(month).into())
                .with("lead time", milestone.lead.into());
        }
    }
}
