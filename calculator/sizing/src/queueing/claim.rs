//! A pool of another size beside the one there is: what the smaller of the two costs, and at which load.

use crate::quantity::{Connections, Millis, PerSecond, Quantity, Share, Unit, approximate};
use crate::queueing::values::{Figure as F, PREFIX, Row, SATURATED, or, write};
use crate::queueing::wait::{Queue, bisect};
use crate::queueing::{Population, p95};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source::{self, Source};

/// Where the documented claim stands: 15 instead of 20 connections a pod cost 5 to 10 ms of wait at the 95th percentile
/// and 2 to 3 % of the throughput.
const CLAIM: Source = source::CONNECTION_SCALING.at("Part 2, Option A, Performance Impact");
const WHY: &str = "The document names no load, and the two claims are true at different ones: the rates stand below.";
const CLAIMED_SIZES: (u64, u64) = (15, 20);
const CLAIMED_MS: [f64; 2] = [5.0, 10.0];
const CLAIMED_LOSS: [f64; 2] = [0.02, 0.03];

const PAIR: &[(&str, F)] =
    &[("smaller", F::Smaller), ("larger", F::Larger), ("arrivals", F::Arrivals), ("hold", F::Hold)];

const fn row(id: &'static str, name: &'static str, formula: &'static str, source: Source, figure: F) -> Row {
    Row { id, name, formula, source, figure, operands: PAIR }
}

const RATES: &[Row] = &[
    Row {
        id: "compared_p95_wait_ms",
        name: "Wait with the other pool, 95th percentile",
        formula: "as for the application's pools, with compare_pool_size + max_overflow connections",
        source: source::ERLANG,
        figure: F::ComparedP95,
        operands: &[("compare_pool_size", F::Input), ("max_overflow", F::Input)],
    },
    row("compared_rate_5_ms", "Requests of a pod with which it adds 5 ms", "added = 5 ms", CLAIM, F::RateOf5Ms),
    row("compared_rate_10_ms", "Requests of a pod with which it adds 10 ms", "added = 10 ms", CLAIM, F::RateOf10Ms),
    row("compared_rate_2_percent", "Requests of a pod with which it loses 2 %", "lost = 2 %", CLAIM, F::RateOf2Percent),
    row("compared_rate_3_percent", "Requests of a pod with which it loses 3 %", "lost = 3 %", CLAIM, F::RateOf3Percent),
];

const ADDED: &[Row] = &[row(
    "compared_added_ms",
    "What the smaller pool adds to the wait, 95th percentile",
    "wait with c = smaller − wait with c = larger",
    source::ERLANG,
    F::Added,
)];

const LOST: &[Row] = &[row(
    "compared_loss",
    "Throughput the smaller pool loses",
    "1 − throughput of M/M/c//threads with c = smaller ÷ with c = larger",
    source::FINITE_SOURCE,
    F::Loss,
)];

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

    /// What the smaller pool adds to the 95th percentile of the wait, in ms; `None` where it is saturated.
    fn added(&self) -> Option<f64> {
        let wait = |queue: &Queue| Some(queue.wait()?.quantile(p95()).get());
        Some(wait(&self.smaller)? - wait(&self.larger)?)
    }

    /// The share of the throughput that the smaller pool loses: clients that wait ask less often.
    fn loss(&self) -> Option<f64> {
        let throughput = |queue: &Queue| {
            let closed = Population::of(queue.servers, self.scenario.threads, queue.arrivals, queue.hold)?;
            Some(closed.throughput.get())
        };
        let (smaller, larger) = (throughput(&self.smaller)?, throughput(&self.larger)?);
        Some(if larger > 0.0 { 1.0 - smaller / larger } else { 0.0 })
    }

    /// Requests of a pod with which a cost of the smaller pool reaches `target`; `None` where it never does.  The cost
    /// grows with the load, and at twice what saturates the smaller pool it is as good as complete.
    fn rate_that_costs(&self, cost: fn(&Self) -> Option<f64>, target: f64) -> Option<PerSecond> {
        let below = |arrivals: f64| cost(&self.at(arrivals)).is_some_and(|cost| cost <= target);
        let offered = approximate(self.scenario.threads.get()) * 1_000.0 / self.smaller.hold.get();
        let high = offered.min(self.smaller.saturating_arrivals()?.get() * 2.0);
        if below(high) {
            return None;
        }
        self.scenario.requests(bisect(high, 16, &below) * approximate(self.scenario.processes.get()))
    }
}

impl Scenario {
    /// One of the application's pools if it had another size.
    pub(super) fn pool_of_size(&self, size: Connections) -> Queue {
        Queue { servers: self.servers_of(size), ..self.application_stage().queue }
    }
}

/// Nothing where there is nothing to compare.
pub(super) fn values(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let Some(size) = scenario.compare_pool_size else { return };
    let compared = scenario.pool_of_size(size);
    let own = scenario.pool_of_size(scenario.pool_size);
    let (smaller, larger) = if compared.servers < own.servers { (compared, own) } else { (own, compared) };
    let pair = Pair { scenario, smaller, larger };
    let rate = |rate| or(rate, Unit::PerSecond, "at no rate");
    let [least_ms, most_ms] = CLAIMED_MS;
    let [least_loss, most_loss] = CLAIMED_LOSS;
    let quantity = |figure| match figure {
        F::Smaller => smaller.servers.into(),
        F::Larger => larger.servers.into(),
        F::Arrivals => smaller.arrivals.into(),
        F::Hold => smaller.hold.into(),
        F::Added => or(pair.added().map(Millis::new), Unit::Millis, SATURATED),
        F::Loss => or(pair.loss().map(Share::new), Unit::Share, "too many threads to matter"),
        F::RateOf5Ms => rate(pair.rate_that_costs(Pair::added, least_ms)),
        F::RateOf10Ms => rate(pair.rate_that_costs(Pair::added, most_ms)),
        F::RateOf2Percent => rate(pair.rate_that_costs(Pair::loss, least_loss)),
        F::RateOf3Percent => rate(pair.rate_that_costs(Pair::loss, most_loss)),
        _ => or(compared.wait().map(|wait| wait.quantile(p95())), Unit::Millis, SATURATED),
    };
    let is_claimed = (smaller.servers.get(), larger.servers.get()) == CLAIMED_SIZES;
    let mut claim = |rows, formula, claimed: [Quantity; 2]| {
        write(sheet, PREFIX, "", rows, &quantity);
        for claimed in claimed.into_iter().filter(|_| is_claimed) {
            sheet.rule(CLAIM, formula, claimed, WHY);
        }
    };
    claim(ADDED, "+5 to 10 ms", CLAIMED_MS.map(|claimed| Millis::new(claimed).into()));
    claim(LOST, "−2 to 3 %", CLAIMED_LOSS.map(|claimed| Share::new(claimed).into()));
    write(sheet, PREFIX, "", RATES, &quantity);
}
