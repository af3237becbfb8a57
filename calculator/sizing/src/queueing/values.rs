//! The values of waiting: tables of rows, and the figures that fill them.

use crate::input::Rate;
use crate::pool::documented;
use crate::quantity::{Connections, Count, MeanConnections, Millis, Quantity, Ratio, Share, Unit, approximate};
use crate::queueing::{CRITICAL, Queue, Stage, UNREMARKABLE, Waiting, claim, p95, p99, users};
use crate::scenario::{MOST_CONNECTIONS, Scenario};
use crate::sheet::Sheet;
use crate::source::{self, Source};

/// Why a saturated queue has no wait: it grows without end.
pub(super) const SATURATED: &str = "saturated";
/// The prefix of every value's id.
pub(super) const PREFIX: &str = "queue.";

/// One value: the end of its id, its name, its formula and the figures it needs.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) formula: &'static str,
    pub(super) source: Source,
    pub(super) figure: Figure,
    pub(super) operands: &'static [(&'static str, Figure)],
}

/// What a value or an operand can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// The input of the operand's name.
    Input,
    /// The rest are named after what they are; those of a queue are of the one that is looked at.
    Name,
    Servers,
    Arrivals,
    Hold,
    Load,
    Pools,
    Clients,
    PeakRate,
    Transactions,
    Utilization,
    AverageUtilization,
    WaitProbability,
    Variability,
    ConditionalWait,
    MeanWait,
    WaitP95,
    WaitP99,
    WaitAboveTarget,
    MeanWaiting,
    P95,
    P99,
    CriticalWait,
    PoolWait,
    PoolerWait,
    Response,
    FewestP95,
    FewestP99,
    Separate,
    MostPerPod,
    MostRequests,
    ThreadUtilization,
    ClosedThroughput,
    ClosedWait,
    CpuBudget,
    Active,
    Best,
    BestThroughput,
    RequestsOfUsers,
    PodsForUsers,
    Smaller,
    Larger,
    ComparedP95,
    Added,
    Loss,
    RateOf5Ms,
    RateOf10Ms,
    RateOf2Percent,
    RateOf3Percent,
}

use Figure as F;

const LIMITING: &[Row] = &[
    Row {
        id: "limiting_pool",
        name: "Where transactions wait longest",
        formula: "the longer of wait for a pool and wait for a pooler, which has fewer connections than clients",
        source: source::HEADROOM,
        figure: F::Name,
        operands: &[("wait for a pool", F::PoolWait), ("wait for a pooler", F::PoolerWait)],
    },
    Row {
        id: "connections",
        name: "Connections of one of these pools",
        formula: "overflow included, a pooler's reserve not",
        source: source::HEADROOM,
        figure: F::Servers,
        operands: &[],
    },
    Row {
        id: "arrivals",
        name: "Transactions that arrive at it",
        formula: "rate × queries_per_request ÷ pools, spread evenly",
        source: source::HEADROOM,
        figure: F::Arrivals,
        operands: &[("rate", F::PeakRate), ("queries_per_request", F::Input), ("pools", F::Pools)],
    },
    Row {
        id: "offered_load",
        name: "Connections of it busy on average",
        formula: "queue.arrivals × hold_ms ÷ 1000",
        source: source::LITTLE,
        figure: F::Load,
        operands: &[("queue.arrivals", F::Arrivals), ("hold_ms", F::Hold)],
    },
];

const METRICS: &[Row] = &[
    Row {
        id: "utilization",
        name: "Utilization",
        formula: "load ÷ connections; saturated from 100 % on",
        source: source::ERLANG,
        figure: F::Utilization,
        operands: &[("load", F::Load), ("connections", F::Servers)],
    },
    Row {
        id: "wait_probability",
        name: "Transactions that wait",
        formula: "Erlang-C of connections and load",
        source: source::ERLANG,
        figure: F::WaitProbability,
        operands: &[("load", F::Load), ("connections", F::Servers)],
    },
    Row {
        id: "mean_wait_ms",
        name: "Mean wait",
        formula: "wait probability × hold ÷ (connections − load) × variability, (1 + hold_cv²) ÷ 2 from 1 on",
        source: source::ALLEN_CUNNEEN.at("below 1 Cosmetatos (1976)"),
        figure: F::MeanWait,
        operands: &[
            ("wait probability", F::WaitProbability),
            ("hold", F::Hold),
            ("connections", F::Servers),
            ("load", F::Load),
            ("variability", F::Variability),
            ("hold_cv", F::Input),
        ],
    },
    Row {
        id: "p95_wait_ms",
        name: "Wait, 95th percentile",
        formula: "wait of those that wait × ln(wait probability ÷ (1 − percentile)), at least 0",
        source: source::ERLANG,
        figure: F::WaitP95,
        operands: &[
            ("wait of those that wait", F::ConditionalWait),
            ("wait probability", F::WaitProbability),
            ("percentile", F::P95),
        ],
    },
    Row {
        id: "p99_wait_ms",
        name: "Wait, 99th percentile",
        formula: "wait of those that wait × ln(wait probability ÷ (1 − percentile)), at least 0",
        source: source::ERLANG,
        figure: F::WaitP99,
        operands: &[
            ("wait of those that wait", F::ConditionalWait),
            ("wait probability", F::WaitProbability),
            ("percentile", F::P99),
        ],
    },
];

const AVERAGE: &[Row] = &[Row {
    id: "average_utilization",
    name: "Utilization over the whole day, which hides the peak",
    formula: "queue.utilization ÷ peak_factor",
    source: source::HEADROOM,
    figure: F::AverageUtilization,
    operands: &[("queue.utilization", F::Utilization), ("peak_factor", F::Input)],
}];

const TARGET: &[Row] = &[
    Row {
        id: "wait_above_target",
        name: "Transactions that wait longer than the target",
        formula: "queue.wait_probability × e^(−wait_target_ms ÷ wait of those that wait)",
        source: source::ERLANG,
        figure: F::WaitAboveTarget,
        operands: &[
            ("queue.wait_probability", F::WaitProbability),
            ("wait_target_ms", F::Input),
            ("wait of those that wait", F::ConditionalWait),
        ],
    },
    Row {
        id: "critical_wait_ms",
        name: "Critical wait",
        formula: "2 × wait_target_ms",
        source: source::OPTIMIZATION_GUIDE.at("Performance Goals, Connection Acquisition"),
        figure: F::CriticalWait,
        operands: &[("wait_target_ms", F::Input)],
    },
    Row {
        id: "mean_waiting",
        name: "Transactions in its line on average",
        formula: "queue.arrivals × queue.mean_wait_ms ÷ 1000",
        source: source::LITTLE,
        figure: F::MeanWaiting,
        operands: &[("queue.arrivals", F::Arrivals), ("queue.mean_wait_ms", F::MeanWait)],
    },
    Row {
        id: "mean_response_ms",
        name: "From asking for a connection to giving it back",
        formula: "wait for a pool + wait for a pooler + hold_ms on average, at most",
        source: source::LITTLE,
        figure: F::Response,
        operands: &[("wait for a pool", F::PoolWait), ("wait for a pooler", F::PoolerWait), ("hold_ms", F::Input)],
    },
    Row {
        id: "population_throughput",
        name: "Transactions this pool gets done if clients that wait ask no more",
        formula: "throughput of M/M/c//N with connections, clients, arrivals, hold",
        source: source::FINITE_SOURCE,
        figure: F::ClosedThroughput,
        operands: CLOSED,
    },
    Row {
        id: "population_mean_wait_ms",
        name: "Mean wait, with so many clients",
        formula: "mean wait of M/M/c//N with connections, clients, arrivals, hold",
        source: source::FINITE_SOURCE,
        figure: F::ClosedWait,
        operands: CLOSED,
    },
    Row {
        id: "max_rate",
        name: "Most requests of all pods with 95 % within the wait target",
        formula: "the most with which the 95th percentile of the wait ≤ wait_target_ms at every pool",
        source: source::ERLANG,
        figure: F::MostRequests,
        operands: &[("wait_target_ms", F::Input), ("connections", F::Servers), ("hold", F::Hold)],
    },
    Row {
        id: "cpu_budget_ms",
        name: "Processor time a transaction may take",
        formula: "cpus × 70 % ÷ transactions × 1000",
        source: source::LITTLE,
        figure: F::CpuBudget,
        operands: &[("cpus", F::Input), ("transactions", F::Transactions)],
    },
    Row {
        id: "best_connections",
        name: "Active connections with the highest throughput",
        formula: "√((1 − contention) ÷ coherence)",
        source: source::GUNTHER,
        figure: F::Best,
        operands: &[("contention", F::Input), ("coherence", F::Input)],
    },
    Row {
        id: "best_throughput",
        name: "Throughput with those, as a multiple of that with all that may be active",
        formula: "X(queue.best_connections) ÷ X(active), X(N) = N ÷ (1 + contention × (N − 1) + coherence × N × (N − 1))",
        source: source::GUNTHER,
        figure: F::BestThroughput,
        operands: &[
            ("queue.best_connections", F::Best),
            ("active", F::Active),
            ("contention", F::Input),
            ("coherence", F::Input),
        ],
    },
];

const CLOSED: &[(&str, Figure)] =
    &[("connections", F::Servers), ("clients", F::Clients), ("arrivals", F::Arrivals), ("hold", F::Hold)];

const LEAST: &str = "least c with percentile wait(c, load, hold) ≤ wait_target_ms";
const AT_P95: &[(&str, Figure)] =
    &[("percentile", F::P95), ("load", F::Load), ("hold", F::Hold), ("wait_target_ms", F::Input)];

/// The value of the fewest connections with which 95 % stay within the wait target.
pub(super) const fn fewest(id: &'static str, name: &'static str) -> Row {
    Row { id, name, formula: LEAST, source: source::ERLANG, figure: F::FewestP95, operands: AT_P95 }
}

const APPLICATION: &[Row] = &[
    Row {
        id: "thread_utilization",
        name: "Threads that hold a connection on average",
        formula: "load ÷ threads",
        source: source::LITTLE,
        figure: F::ThreadUtilization,
        operands: &[("load", F::Load), ("threads", F::Input)],
    },
    Row {
        id: "max_rate_per_pod",
        name: "Most requests of a pod with 95 % within the wait target",
        formula: "(most arrivals with the 95th percentile of the wait ≤ wait_target_ms) × processes ÷ queries_per_request",
        source: source::ERLANG,
        figure: F::MostPerPod,
        operands: &[("wait_target_ms", F::Input), ("processes", F::Input), ("queries_per_request", F::Input)],
    },
    Row {
        id: "recommended_pool_size_p99",
        name: "Smallest pool with 99 % within the wait target, overflow included",
        formula: LEAST,
        source: source::ERLANG,
        figure: F::FewestP99,
        operands: &[("percentile", F::P99), ("load", F::Load), ("hold", F::Hold), ("wait_target_ms", F::Input)],
    },
    Row {
        id: "separate_connections",
        name: "Connections of all pools of the recommended size",
        formula: "pods × processes × queue.recommended_pool_size",
        source: source::HEADROOM,
        figure: F::Separate,
        operands: &[("pods", F::Input), ("processes", F::Input), ("queue.recommended_pool_size", F::FewestP95)],
    },
    fewest("recommended_pool_size", "Smallest pool with 95 % within the wait target, overflow included"),
];

const POOLER: &[Row] =
    &[fewest("recommended_server_pool_size", "Smallest server pool with 95 % within the wait target")];

const SHARED: &[Row] = &[fewest("shared_connections", "Connections if all shared one pool, as behind one pooler")];

/// Writes down the values of some rows.
pub(super) fn write(
    sheet: &mut Sheet<'_>,
    prefix: &str,
    suffix: &str,
    rows: &'static [Row],
    quantity: &dyn Fn(Figure) -> Quantity,
) {
    for row in rows {
        sheet
            .made([prefix, row.id].concat(), [row.name, suffix].concat(), quantity(row.figure))
            .is(row.formula, row.source);
        for (name, figure) in row.operands {
            if *figure == F::Input {
                sheet.inputs(&[name]);
            } else {
                sheet.with(name, quantity(*figure));
            }
        }
    }
}

/// All of them, in the order to show them.
pub(super) fn values(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let limiting = waiting.limiting();
    let of = |stage: &Stage, sheet: &mut Sheet<'_>, rows| {
        write(sheet, PREFIX, "", rows, &|figure| waiting.figure(stage, figure));
    };
    of(&limiting, sheet, LIMITING);
    metrics(waiting, sheet, PREFIX, "", &limiting);
    if matches!(scenario.rate, Rate::PerDay(_)) {
        of(&limiting, sheet, AVERAGE);
    }
    of(&limiting, sheet, TARGET);
    of(&waiting.application, sheet, APPLICATION);
    sheet.rule(
        source::OPTIMIZATION_GUIDE.at("Recommended Sizing by Load"),
        "pool size by requests per second",
        Connections(documented::sizing_by_rate(scenario.peak_rate()).pool_size).into(),
        "The table knows neither the hold time nor the number of pods, which decide how many connections are busy.",
    );
    of(&scenario.as_one_stage(scenario.transactions()), sheet, SHARED);
    if let Some(pooler) = &waiting.pooler {
        of(pooler, sheet, POOLER);
        metrics(waiting, sheet, "queue.application.", ": the application's pools", &waiting.application);
        metrics(waiting, sheet, "queue.pooler.", ": the pooler's pools", pooler);
    }
    if let Some(cores) = &waiting.cores {
        metrics(waiting, sheet, "queue.cores.", ": the database's cores, part of the hold time", cores);
    }
    claim::values(sheet);
    users::values(waiting, sheet);
}

/// How busy a stage is and how long one waits there.
fn metrics(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>, prefix: &str, suffix: &str, stage: &Stage) {
    write(sheet, prefix, suffix, METRICS, &|figure| waiting.figure(stage, figure));
}

/// A quantity, or why there is none.
pub(super) fn or(quantity: Option<impl Into<Quantity>>, unit: Unit, why: &'static str) -> Quantity {
    quantity.map_or(Quantity::None(unit, why), Into::into)
}

impl Waiting<'_> {
    /// A figure of one of the stages, or of the whole scenario.
    pub(super) fn figure(&self, stage: &Stage, figure: Figure) -> Quantity {
        let scenario = self.scenario;
        let queue = &stage.queue;
        let millis = |millis: Option<Millis>| or(millis, Unit::Millis, SATURATED);
        let share = |share: Option<Share>| or(share, Unit::Share, SATURATED);
        let size = |size: Option<Connections>| or(size, Unit::Connections, "more than 100,000");
        let rate = |rate| or(rate, Unit::PerSecond, "no limit");
        let (wait, closed) = (stage.wait, self.closed.as_ref());
        let of_pooler = || self.pooler.map_or(Some(Millis::default()), |pooler| pooler.mean());
        let too_many = |unit| Quantity::None(unit, "too many clients to matter");
        match figure {
            F::Name => Quantity::Name(self.limiting_name().to_owned()),
            F::Servers => queue.servers.into(),
            F::Arrivals => queue.arrivals.into(),
            F::Hold => queue.hold.into(),
            F::Load => queue.load().into(),
            F::Pools => Count(stage.pools).into(),
            F::Clients => stage.clients.into(),
            F::PeakRate => scenario.peak_rate().into(),
            F::Transactions => scenario.transactions().into(),
            F::Utilization => or(queue.utilization(), Unit::Share, "no connections"),
            F::AverageUtilization => {
                let peak = queue.utilization().map(Share::get);
                let average = peak.map(|peak| Share::new(peak / scenario.peak_factor.get()));
                or(average, Unit::Share, "no connections")
            }
            F::WaitProbability => share(wait.map(|wait| wait.probability)),
            F::Variability => or(wait.map(|_| queue.variability()), Unit::Ratio, SATURATED),
            F::ConditionalWait => millis(wait.map(|wait| wait.conditional)),
            F::MeanWait => millis(stage.mean()),
            F::WaitP95 => millis(wait.map(|wait| wait.quantile(p95()))),
            F::WaitP99 => millis(wait.map(|wait| wait.quantile(p99()))),
            F::WaitAboveTarget => share(wait.map(|wait| wait.longer_than(scenario.wait_target_ms))),
            F::MeanWaiting => {
                let waiting = |mean: Millis| MeanConnections::new(queue.arrivals.get() * mean.get() / 1_000.0);
                or(stage.mean().map(waiting), Unit::Connections, SATURATED)
            }
            F::P95 => p95().into(),
            F::P99 => p99().into(),
            F::CriticalWait => Millis::new(scenario.wait_target_ms.get() * CRITICAL).into(),
            F::PoolWait => millis(self.application.mean()),
            F::PoolerWait => millis(of_pooler()),
            F::Response => {
                let waits = self.application.mean().zip(of_pooler());
                millis(waits.map(|(own, pooler)| Millis::new(own.get() + pooler.get() + scenario.hold_ms.get())))
            }
            F::FewestP95 => size(scenario.fewest(p95(), queue)),
            F::FewestP99 => size(scenario.fewest(p99(), queue)),
            F::Separate => {
                size(self.recommended.map(|each| Connections(each.get().saturating_mul(scenario.process_count()))))
            }
            F::MostPerPod => rate(self.most_per_pod()),
            F::MostRequests => rate(self.most_requests()),
            F::ThreadUtilization => self.thread_utilization().into(),
            F::ClosedThroughput => closed.map_or(too_many(Unit::PerSecond), |closed| closed.throughput.into()),
            F::ClosedWait => closed.map_or(too_many(Unit::Millis), |closed| closed.wait.into()),
            F::CpuBudget => {
                let (cpus, transactions) = (approximate(scenario.cpus.get()), scenario.transactions().get());
                let budget = (transactions > 0.0).then(|| Millis::new(cpus * UNREMARKABLE * 1_000.0 / transactions));
                or(budget, Unit::Millis, "no transactions")
            }
            F::Active => scenario.active_connections().into(),
            F::Best => or(scenario.best_active().map(|(best, _)| best), Unit::Connections, scenario.why_no_best()),
            F::BestThroughput => or(scenario.best_active().map(|(_, gain)| gain), Unit::Ratio, scenario.why_no_best()),
            F::RequestsOfUsers => rate(scenario.requests_of_users()),
            F::PodsForUsers => self.pods_for_users(),
            // What is compared has figures of its own, and an input is no figure.
            _ => Quantity::None(Unit::Name, ""),
        }
    }

    pub(crate) fn limiting_name(&self) -> &'static str {
        if self.is_limited_by_pooler() { "the pooler's server pools" } else { "the application's pools" }
    }

    /// The share of a process's threads that hold a connection on average.
    pub(super) fn thread_utilization(&self) -> Share {
        Share::new(self.application.queue.load().get() / approximate(self.scenario.threads.get().max(1)))
    }
}

impl Scenario {
    /// The fewest connections with such a share within the wait target.
    pub(crate) fn fewest(&self, share: Share, queue: &Queue) -> Option<Connections> {
        queue.fewest_servers(share, self.wait_target_ms, Connections(MOST_CONNECTIONS))
    }

    /// The active connections with the highest throughput, and by how much it is higher than with all that may be
    /// active.
    pub(super) fn best_active(&self) -> Option<(Connections, Ratio)> {
        let law = self.scalability()?;
        let best = law.best()?;
        let ratio = law.throughput(best).get() / law.throughput(self.active_connections()).get().max(f64::MIN_POSITIVE);
        Some((best, Ratio::new(ratio)))
    }

    fn why_no_best(&self) -> &'static str {
        if self.scalability().is_some() { "more never get less done" } else { "not measured" }
    }
}
