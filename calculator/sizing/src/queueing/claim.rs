//! A pool of another size beside the one there is: what the smaller of the two costs, and at which load.

use crate::quantity::{Connections, Millis, PerSecond, Share, Unit, approximate};
use crate::queueing::values::{SATURATED, or};
use crate::queueing::wait::{Queue, bisect};
use crate::queueing::{Population, p95};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source::{self, Source};

/// Where the documented claim stands: 15 instead of 20 connections a pod cost 5 to 10 ms of wait at the 95th percentile
/// and 2 to 3 % of the throughput.
const CLAIM: Source = source::CONNECTION_SCALING.at("Part 2, Option A, Performance Impact");
const CLAIMED_SIZES: (u64, u64) = (15, 20);
const CLAIMED_MS: [f64; 2] = [5.0, 10.0];
const CLAIMED_LOSS: [f64; 2] = [0.02, 0.03];

/// Two pools under the same load.
struct Pair<'s> {
    scenario: &'s Scenario,
    smaller: Queue,
    larger: Queue,
}

impl Pair<'_> {
    fn at(&self, arrivals: f64) -> Self {
        let arrivals = PerSecond::new(arrivals);
        Self {
            scenario: self.scenario,
            smaller: Queue { arrivals, ..self.smaller },
            larger: Queue { arrivals, ..self.larger },
        }
    }

    /// What the smaller pool adds to the 95th percentile of the wait; `None` where it is saturated.
    fn added(&self) -> Option<Millis> {
        let wait = |queue: &Queue| Some(queue.wait()?.quantile(p95()).get());
        Some(Millis::new(wait(&self.smaller)? - wait(&self.larger)?))
    }

    /// What the smaller pool takes from the throughput: clients that wait ask less often.
    fn loss(&self) -> Option<Share> {
        let throughput = |queue: &Queue| {
            let closed = Population::of(queue.servers, self.scenario.threads, queue.arrivals, queue.hold)?;
            Some(closed.throughput.get())
        };
        let (smaller, larger) = (throughput(&self.smaller)?, throughput(&self.larger)?);
        Some(Share::new(if larger > 0.0 { 1.0 - smaller / larger } else { 0.0 }))
    }

    /// Requests of a pod with which the smaller pool adds so much to the wait.
    fn rate_that_adds(&self, target: f64) -> Option<PerSecond> {
        let saturating = self.smaller.saturating_arrivals()?.get();
        let below = |arrivals: f64| self.at(arrivals).added().is_some_and(|added| added.get() <= target);
        self.of_pod(saturating, &below)
    }

    /// Requests of a pod with which the smaller pool loses so much of the throughput.
    fn rate_that_loses(&self, target: f64) -> Option<PerSecond> {
        let hold = self.smaller.hold.get();
        // The threads do not offer more than this, and at twice what the pool can do the loss is as good as complete.
        let most = (hold > 0.0).then(|| approximate(self.scenario.threads.get()) * 1_000.0 / hold)?;
        let most = most.min(self.smaller.saturating_arrivals()?.get() * 2.0);
        let below = |arrivals: f64| self.at(arrivals).loss().is_some_and(|loss| loss.get() <= target);
        self.of_pod(most, &below)
    }

    /// The largest load of a pool that is `below`, as requests of a pod; `None` where all up to `high` are.
    fn of_pod(&self, high: f64, below: &dyn Fn(f64) -> bool) -> Option<PerSecond> {
        if below(high) {
            return None;
        }
        let arrivals = bisect(high, 14, below);
        self.scenario.requests(arrivals * approximate(self.scenario.processes.get()))
    }
}

impl Scenario {
    /// One of the application's pools if it had another size.
    pub(super) fn pool_of_size(&self, size: Connections) -> Queue {
        Queue { servers: self.servers_of(size), ..self.application_stage().queue }
    }
}

pub(super) fn values(size: Connections, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let compared = scenario.pool_of_size(size);
    let own = scenario.pool_of_size(scenario.pool_size);
    let wait = compared.wait().map(|wait| wait.quantile(p95()));
    sheet
        .value(
            "queue.compared_p95_wait_ms",
            "95th percentile of the wait with the other pool",
            or(wait, Unit::Millis, SATURATED),
        )
        .is("as for the application's pools, with compare_pool_size + max_overflow connections", source::ERLANG)
        .inputs(&["compare_pool_size", "max_overflow"]);
    let (smaller, larger) = if compared.servers < own.servers { (compared, own) } else { (own, compared) };
    let pair = Pair { scenario, smaller, larger };
    let is_claimed = (smaller.servers.get(), larger.servers.get()) == CLAIMED_SIZES;
    let operands = |sheet: &mut Sheet<'_>| {
        sheet
            .with("smaller", smaller.servers.into())
            .with("larger", larger.servers.into())
            .with("arrivals", smaller.arrivals.into())
            .with("hold time", smaller.hold.into());
    };

    let added = or(pair.added(), Unit::Millis, SATURATED);
    sheet
        .value("queue.compared_added_ms", "What the smaller pool adds to it", added)
        .is("95th percentile of the wait with c = smaller − with c = larger", source::ERLANG);
    operands(sheet);
    let why = "The document names no load, and the two claims are true at different ones: the rates stand below.";
    if is_claimed {
        for claimed in CLAIMED_MS {
            sheet.rule(CLAIM, "+5 to 10 ms", Millis::new(claimed).into(), why);
        }
    }
    let loss = or(pair.loss(), Unit::Share, "too many clients to matter");
    sheet
        .value("queue.compared_loss", "Throughput the smaller pool loses", loss)
        .is("1 − throughput of M/M/c//N with c = smaller ÷ with c = larger, N = threads", source::FINITE_SOURCE)
        .inputs(&["threads"]);
    operands(sheet);
    if is_claimed {
        for claimed in CLAIMED_LOSS {
            sheet.rule(CLAIM, "−2 to 3 %", Share::new(claimed).into(), why);
        }
    }

    let [least, most] = CLAIMED_MS.map(|claimed| pair.rate_that_adds(claimed));
    let [least_loss, most_loss] = CLAIMED_LOSS.map(|claimed| pair.rate_that_loses(claimed));
    let rows = [
        (
            "queue.compared_rate_5_ms",
            "Requests of a pod with which 5 ms are added",
            "queue.compared_added_ms = 5",
            least,
        ),
        (
            "queue.compared_rate_10_ms",
            "Requests of a pod with which 10 ms are added",
            "queue.compared_added_ms = 10",
            most,
        ),
        (
            "queue.compared_rate_2_percent",
            "Requests of a pod with which 2 % are lost",
            "queue.compared_loss = 2 %",
            least_loss,
        ),
        (
            "queue.compared_rate_3_percent",
            "Requests of a pod with which 3 % are lost",
            "queue.compared_loss = 3 %",
            most_loss,
        ),
    ];
    for (id, name, formula, rate) in rows {
        sheet.value(id, name, or(rate, Unit::PerSecond, "at no rate")).is(formula, CLAIM);
        operands(sheet);
    }
}
