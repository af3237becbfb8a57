//! The values of waiting, each with its derivation and the published rules beside it.

use crate::input::{DAY, Rate};
use crate::pool::documented;
use crate::quantity::{
    Connections, Count, MeanConnections, Millis, PerSecond, Quantity, Ratio, Share, Unit, approximate,
};
use crate::queueing::{CRITICAL, Population, Queue, Stage, UNREMARKABLE, Wait, Waiting, claim, p95, p99, users};
use crate::scenario::{MOST_CONNECTIONS, Scenario};
use crate::sheet::Sheet;
use crate::source;

/// Why a saturated queue has no wait: it grows without end.
pub(super) const SATURATED: &str = "saturated";
const NOT_MEASURED: &str = "not measured";
const NO_CONNECTIONS: &str = "no connections";
const NO_TRANSACTIONS: &str = "no transactions";

/// A quantity, or why there is none.
pub(super) fn or(quantity: Option<impl Into<Quantity>>, unit: Unit, why: &'static str) -> Quantity {
    quantity.map_or(Quantity::None(unit, why), Into::into)
}

/// All of them, in the order to show them.
pub(super) fn values(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    limiting(waiting, sheet);
    if let Some(pooler) = &waiting.pooler {
        metrics(sheet, "queue.application.", ": the application's pools", &waiting.application);
        metrics(sheet, "queue.pooler.", ": the pooler's pools", pooler);
    }
    sizes(waiting, sheet);
    rates(waiting, sheet);
    population(waiting, sheet);
    cores(waiting, sheet);
    if let Some(size) = sheet.scenario.compare_pool_size {
        claim::values(size, sheet);
    }
    scalability(sheet);
    users::values(waiting, sheet);
}

fn limiting(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let stage = waiting.limiting();
    let name = if waiting.is_limited_by_pooler() { "the pooler's server pools" } else { "the application's pools" };
    sheet
        .value("queue.limiting_pool", "Where transactions wait longest", Quantity::Name(name.to_owned()))
        .is(
            "each process waits for its own pool; a pooler with fewer connections than clients lets all wait for its",
            source::HEADROOM,
        )
        .value("queue.connections", "Connections of one of these pools", stage.queue.servers.into())
        .is("overflow included, a pooler's reserve not", source::HEADROOM)
        .value("queue.arrivals", "Transactions that arrive at it", stage.queue.arrivals.into())
        .is("rate × queries_per_request ÷ pools, spread evenly", source::HEADROOM)
        .with("rate", scenario.peak_rate().into())
        .inputs(&["queries_per_request"])
        .with("pools", Count(stage.pools).into())
        .value("queue.offered_load", "Connections of it busy on average", stage.queue.load().into())
        .is("queue.arrivals × hold time ÷ 1000", source::LITTLE)
        .with("queue.arrivals", stage.queue.arrivals.into())
        .with("hold time", stage.queue.hold.into());
    metrics(sheet, "queue.", "", &stage);
    if let (Rate::PerDay(count), Some(at_peak)) = (scenario.rate, stage.queue.utilization()) {
        let average = Share::new(at_peak.get() / scenario.peak_factor.get());
        sheet
            .value("queue.average_utilization", "Utilization over the whole day, which hides the peak", average.into())
            .is("queue.utilization ÷ peak_factor", source::HEADROOM)
            .with("queue.utilization", at_peak.into())
            .inputs(&["peak_factor"])
            .with("requests a day ÷ 86,400", PerSecond::new(count.get() / DAY).into());
    }
    let target = scenario.wait_target_ms;
    let beyond = stage.wait.map(|wait| wait.longer_than(target));
    sheet
        .value(
            "queue.wait_above_target",
            "Transactions that wait longer than the target",
            or(beyond, Unit::Share, SATURATED),
        )
        .is("queue.wait_probability × e^(−wait_target_ms ÷ mean wait of those that wait)", source::ERLANG)
        .inputs(&["wait_target_ms"])
        .with("queue.wait_probability", or(stage.wait.map(|wait| wait.probability), Unit::Share, SATURATED))
        .with("mean wait of those that wait", or(stage.wait.map(|wait| wait.conditional), Unit::Millis, SATURATED))
        .value("queue.critical_wait_ms", "Critical wait", Millis::new(target.get() * CRITICAL).into())
        .is("2 × wait_target_ms", source::OPTIMIZATION_GUIDE.at("Performance Goals, Connection Acquisition"))
        .inputs(&["wait_target_ms"]);
    let mean = stage.mean();
    let in_line = mean.map(|mean| MeanConnections::new(stage.queue.arrivals.get() * mean.get() / 1_000.0));
    sheet
        .value("queue.mean_waiting", "Transactions in its line on average", or(in_line, Unit::Connections, SATURATED))
        .is("queue.arrivals × queue.mean_wait_ms ÷ 1000", source::LITTLE)
        .with("queue.arrivals", stage.queue.arrivals.into())
        .with("queue.mean_wait_ms", or(mean, Unit::Millis, SATURATED));
    let of_pooler = waiting.pooler.map_or(Some(Millis::default()), |stage| stage.mean());
    let whole = waiting.application.mean().zip(of_pooler);
    let whole = whole.map(|(own, pooler)| Millis::new(own.get() + pooler.get() + scenario.hold_ms.get()));
    sheet
        .value(
            "queue.mean_response_ms",
            "From asking for a connection to giving it back",
            or(whole, Unit::Millis, SATURATED),
        )
        .is("mean wait for a pool's connection + for a pooler's + hold_ms, at most", source::LITTLE)
        .with("mean wait for a pool's connection", or(waiting.application.mean(), Unit::Millis, SATURATED))
        .with("for a pooler's", or(of_pooler, Unit::Millis, SATURATED))
        .inputs(&["hold_ms"]);
}

/// How busy a stage is and how long one waits there.
fn metrics(sheet: &mut Sheet<'_>, prefix: &str, of: &str, stage: &Stage) {
    let (queue, wait) = (&stage.queue, stage.wait);
    let quantity = |of: fn(&Wait) -> Quantity, unit| wait.as_ref().map_or(Quantity::None(unit, SATURATED), of);
    let id = |metric: &str| [prefix, metric].concat();
    let utilization = or(queue.utilization(), Unit::Share, NO_CONNECTIONS);
    sheet
        .made(id("utilization"), ["Utilization of a pool", of].concat(), utilization)
        .is("load ÷ connections; saturated from 100 % on", source::ERLANG);
    operands(sheet, queue);
    let probability = quantity(|wait| wait.probability.into(), Unit::Share);
    sheet
        .made(id("wait_probability"), ["Transactions that wait for a connection", of].concat(), probability.clone())
        .is("Erlang-C of connections and load", source::ERLANG);
    operands(sheet, queue);
    let conditional = quantity(|wait| wait.conditional.into(), Unit::Millis);
    let (formula, source) = if queue.hold_cv.get() < 1.0 {
        (
            "wait probability × hold time ÷ (connections − load) × a factor between constant and exponential hold times",
            source::COSMETATOS,
        )
    } else {
        ("wait probability × hold time ÷ (connections − load) × (1 + hold_cv²) ÷ 2", source::ALLEN_CUNNEEN)
    };
    sheet
        .made(
            id("mean_wait_ms"),
            ["Mean wait for a connection", of].concat(),
            quantity(|wait| wait.mean().into(), Unit::Millis),
        )
        .is(formula, source)
        .with("wait probability", probability.clone());
    operands(sheet, queue);
    sheet.inputs(&["hold_cv"]);
    for (metric, name, share) in
        [("p95_wait_ms", "95th percentile of the wait", p95()), ("p99_wait_ms", "99th percentile of the wait", p99())]
    {
        let percentile = wait.map(|wait| wait.quantile(share));
        sheet
            .made(id(metric), [name, of].concat(), or(percentile, Unit::Millis, SATURATED))
            .is("wait of those that wait × ln(wait probability ÷ (1 − percentile)), at least 0", source::ERLANG)
            .with("wait of those that wait", conditional.clone())
            .with("wait probability", probability.clone())
            .with("percentile", share.into());
    }
}

fn operands(sheet: &mut Sheet<'_>, queue: &Queue) {
    sheet
        .with("connections", queue.servers.into())
        .with("load", queue.load().into())
        .with("hold time", queue.hold.into());
}

/// A number of connections that was solved for.
fn solved(size: Option<Connections>) -> Quantity {
    or(size, Unit::Connections, "more than 100,000")
}

/// The value of the fewest connections with which so many stay within the wait target.
pub(super) fn fewest(
    sheet: &mut Sheet<'_>,
    id: &'static str,
    name: &'static str,
    share: Share,
    queue: &Queue,
    size: Option<Connections>,
) {
    sheet
        .value(id, name, solved(size))
        .is("least c with percentile wait(c, load, hold time) ≤ wait_target_ms", source::ERLANG)
        .with("percentile", share.into())
        .with("load", queue.load().into())
        .with("hold time", queue.hold.into())
        .inputs(&["wait_target_ms"]);
}

fn sizes(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let queue = &waiting.application.queue;
    let name = "Smallest pool with 95 % within the wait target, overflow included";
    fewest(sheet, "queue.recommended_pool_size", name, p95(), queue, waiting.recommended);
    sheet.rule(
        source::OPTIMIZATION_GUIDE.at("Recommended Sizing by Load"),
        "pool size by requests per second",
        Connections(documented::sizing_by_rate(scenario.peak_rate()).pool_size).into(),
        "The table knows neither the hold time nor the number of pods, which decide how many connections are busy.",
    );
    let name = "Smallest pool with 99 % within it";
    fewest(sheet, "queue.recommended_pool_size_p99", name, p99(), queue, waiting.recommended_p99);
    if let Some(Stage { queue, .. }) = &waiting.pooler {
        let name = "Smallest server pool with 95 % within the wait target";
        fewest(sheet, "queue.recommended_server_pool_size", name, p95(), queue, scenario.fewest(p95(), queue));
    }
    let alone = waiting.recommended.map(|each| Connections(each.get().saturating_mul(scenario.process_count())));
    sheet
        .value("queue.separate_connections", "Connections of all pools of the recommended size", solved(alone))
        .is("pods × processes × queue.recommended_pool_size", source::HEADROOM)
        .inputs(&["pods", "processes"])
        .with("queue.recommended_pool_size", solved(waiting.recommended));
    let queue = &scenario.as_one_queue(scenario.transactions());
    let name = "Connections if all shared one pool, as behind one pooler";
    fewest(sheet, "queue.shared_connections", name, p95(), queue, scenario.fewest(p95(), queue));
}

impl Scenario {
    /// So many transactions at a single pool that is yet to be sized.
    pub(super) fn as_one_queue(&self, arrivals: PerSecond) -> Queue {
        Queue { servers: Connections(0), arrivals, hold: self.hold_ms, hold_cv: self.hold_cv }
    }

    /// The fewest connections with such a share within the wait target.
    pub(super) fn fewest(&self, share: Share, queue: &Queue) -> Option<Connections> {
        queue.fewest_servers(share, self.wait_target_ms, Connections(MOST_CONNECTIONS))
    }
}

fn rates(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    let rate = |rate: Option<PerSecond>| or(rate, Unit::PerSecond, "no limit");
    let queue = waiting.limiting().queue;
    sheet
        .value("queue.max_rate_per_pod", "Requests a pod's pools can take", rate(waiting.most_per_pod()))
        .is(
            "(most arrivals with 95th percentile of the wait ≤ wait_target_ms) × processes ÷ queries_per_request",
            source::ERLANG,
        )
        .inputs(&["wait_target_ms", "processes", "queries_per_request"])
        .value("queue.max_rate", "Requests all pools can take", rate(waiting.most_requests()))
        .is("the most with 95th percentile of the wait ≤ wait_target_ms at every pool", source::ERLANG)
        .inputs(&["wait_target_ms"])
        .with("connections", queue.servers.into())
        .with("hold time", queue.hold.into());
}

impl Waiting<'_> {
    /// The share of the application's threads that hold a connection on average.
    pub(super) fn thread_utilization(&self) -> Share {
        Share::new(self.application.queue.load().get() / approximate(self.scenario.threads.get().max(1)))
    }

    /// Requests per second at peak that the pools of one pod can take within the target.
    pub(crate) fn most_per_pod(&self) -> Option<PerSecond> {
        self.scenario.requests(self.most_per_process?.get() * approximate(self.scenario.processes.get()))
    }
}

/// A value of the closed system: its id, its name, its formula, how to get it, and its unit.
type PopulationRow = (&'static str, &'static str, &'static str, fn(&Population) -> Quantity, Unit);

/// The limiting pool as a closed system.
fn population(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    let stage = waiting.limiting();
    let queue = &stage.queue;
    sheet
        .value(
            "queue.thread_utilization",
            "Threads that hold a connection on average",
            waiting.thread_utilization().into(),
        )
        .is("load ÷ threads", source::LITTLE)
        .with("load", waiting.application.queue.load().into())
        .inputs(&["threads"]);
    let closed = Population::of(queue.servers, stage.clients, queue.arrivals, queue.hold);
    let quantity = |of: fn(&Population) -> Quantity, unit| {
        closed.as_ref().map_or(Quantity::None(unit, "too many clients to matter"), of)
    };
    let rows: [PopulationRow; 4] = [
        (
            "queue.population_think_ms",
            "Think time of one client of this pool",
            "clients ÷ arrivals − hold time, at least 0",
            |closed| closed.think.into(),
            Unit::Millis,
        ),
        (
            "queue.population_throughput",
            "Transactions this pool gets done if those that wait ask no more",
            "throughput of M/M/c//N with connections, clients, arrivals, hold time",
            |closed| closed.throughput.into(),
            Unit::PerSecond,
        ),
        (
            "queue.population_wait_probability",
            "Transactions that wait, with so many clients",
            "share that finds nothing free in M/M/c//N with connections, clients, arrivals, hold time",
            |closed| closed.wait_probability.into(),
            Unit::Share,
        ),
        (
            "queue.population_mean_wait_ms",
            "Mean wait with so many clients",
            "mean wait in M/M/c//N with connections, clients, arrivals, hold time",
            |closed| closed.wait.into(),
            Unit::Millis,
        ),
    ];
    for (id, name, formula, of, unit) in rows {
        sheet
            .value(id, name, quantity(of, unit))
            .is(formula, source::FINITE_SOURCE)
            .with("clients", stage.clients.into())
            .with("connections", queue.servers.into())
            .with("arrivals", queue.arrivals.into())
            .with("hold time", queue.hold.into());
    }
}

/// The second place to wait, inside the hold time: a core of the database.
fn cores(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let transactions = scenario.transactions();
    let budget = (transactions.get() > 0.0)
        .then(|| Millis::new(approximate(scenario.cpus.get()) * UNREMARKABLE * 1_000.0 / transactions.get()));
    sheet
        .value(
            "queue.cpu_budget_ms",
            "Processor time a transaction may take",
            or(budget, Unit::Millis, NO_TRANSACTIONS),
        )
        .is("cpus × 70 % ÷ transactions × 1000", source::LITTLE)
        .inputs(&["cpus"])
        .with("transactions", transactions.into());
    let wait = waiting.cores.map(|queue| queue.wait());
    let of_wait = |of: fn(&Wait) -> Quantity, unit| match &wait {
        None => Quantity::None(unit, NOT_MEASURED),
        Some(None) => Quantity::None(unit, SATURATED),
        Some(Some(wait)) => of(wait),
    };
    let utilization = waiting.cores.and_then(|queue| queue.utilization());
    let rows = [
        (
            "queue.core_utilization",
            "Utilization of the database's cores",
            "transactions × cpu_ms ÷ 1000 ÷ cpus",
            or(utilization, Unit::Share, NOT_MEASURED),
        ),
        (
            "queue.core_mean_wait_ms",
            "Mean wait for a core, part of the hold time",
            "wait probability × cpu_ms ÷ (cpus − load), with hold_cv as for connections",
            of_wait(|wait| wait.mean().into(), Unit::Millis),
        ),
        (
            "queue.core_p95_wait_ms",
            "95th percentile of the wait for a core",
            "wait of those that wait × ln(wait probability ÷ 5 %), at least 0",
            of_wait(|wait| wait.quantile(p95()).into(), Unit::Millis),
        ),
    ];
    for (id, name, formula, quantity) in rows {
        sheet.value(id, name, quantity).is(formula, source::ERLANG);
        if let Some(queue) = waiting.cores {
            sheet
                .with("transactions", transactions.into())
                .with("load", queue.load().into())
                .inputs(&["cpu_ms", "cpus"]);
        }
    }
}

impl Scenario {
    /// The active connections with the highest throughput, and by how much it is higher than with all that may be
    /// active.
    pub(super) fn best_active(&self) -> Option<(Connections, Ratio)> {
        let law = self.scalability()?;
        let best = law.best()?;
        let ratio = law.throughput(best).get() / law.throughput(self.active_connections()).get().max(f64::MIN_POSITIVE);
        Some((best, Ratio::new(ratio)))
    }
}

fn scalability(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let active = scenario.active_connections();
    let best = scenario.best_active();
    let why = if scenario.scalability().is_some() { "more never get less done" } else { NOT_MEASURED };
    let rows = [
        (
            "queue.best_connections",
            "Active connections with the highest throughput",
            "√((1 − contention) ÷ coherence)",
            or(best.map(|(best, _)| best), Unit::Connections, why),
        ),
        (
            "queue.best_throughput",
            "Throughput with those, as a multiple of that with all that may be active",
            "X(best) ÷ X(active), X(N) = N ÷ (1 + contention × (N − 1) + coherence × N × (N − 1))",
            or(best.map(|(_, ratio)| ratio), Unit::Ratio, why),
        ),
    ];
    for (id, name, formula, quantity) in rows {
        sheet.value(id, name, quantity).is(formula, source::GUNTHER).with("active", active.into());
        if scenario.scalability().is_some() {
            sheet.inputs(&["contention", "coherence"]);
        }
    }
}
