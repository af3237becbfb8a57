//! What the router costs: itself, a worker of three lines and the entry that its framework generates, side by side on
//! one runtime, in front of one upstream.
//!
//! The machine is noisy and the workers are not compared across time: they take turns, a second each, and what is
//! judged is the median of the ratios within each turn.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use super::origin::{self, Origin};
use super::{Verdict, machine, quantile};
use crate::build::{self, Part};
use crate::demo::{self, CF_HEADER, FRANKFURT, SITES};
use crate::load::{self, Connection, Load, Measured, Until};
use crate::paths;
use crate::process::{self, cargo};
use crate::setup::{self, Need};
use crate::workerd::{Options, Workerd};

/// Connections that are open at a time, when it is not one.
const MOST_CONNECTIONS: usize = 32;
/// How often each worker takes its turn, and how long that is.
const ROUNDS: usize = 15;
const TURN: Duration = Duration::from_secs(1);
/// How long each worker is used before anything counts: its compiler works on while it runs.
const WARM_UP: Duration = Duration::from_secs(4);

/// What the router may have of the throughput, and of the median latency, of the worker of three lines.
const THROUGHPUT: Bounds = Bounds { goal: 0.95, limit: 0.90 };
const LATENCY: Bounds = Bounds { goal: 1.06, limit: 1.10 };

/// How often the runtime is started with each worker, and what the router may take more of the processor until it
/// has started.
const STARTS: usize = 11;
const START_UP: Duration = Duration::from_millis(10);

/// Requests that must not make the runtime grow, and how many are between two looks at it.
const REQUESTS: u64 = 200_000;
const SAMPLE: u64 = 10_000;
/// What the last quarter may have of the memory of the third.
const GROWTH: f64 = 1.05;
const MIB: f64 = 1024.0 * 1024.0;

/// What takes turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worker {
    /// Three lines of JavaScript: the baseline.
    JavaScript,
    /// The router with everything switched on.
    Router,
    /// The generated entry.
    Generated,
}

/// What a ratio should keep, and what it has to keep.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    goal: f64,
    limit: f64,
}

impl Worker {
    const ALL: [Self; 3] = [Self::JavaScript, Self::Router, Self::Generated];

    fn name(self) -> &'static str {
        match self {
            Self::JavaScript => "JavaScript pass-through",
            Self::Router => "the router",
            Self::Generated => "generated pass-through",
        }
    }

    fn start(self, origin: &Origin) -> Result<Workerd> {
        let urls = origin.urls();
        let variables = match self {
            Self::Router => {
                vec![("TOPOLOGY", topology(&urls).to_string()), ("ADMIN_TOKEN", "measured".to_owned())]
            }
            Self::JavaScript | Self::Generated => vec![("ORIGIN", urls.first().cloned().unwrap_or_default())],
        };
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let worker = match self {
            Self::Router => paths::worker(),
            Self::JavaScript => paths::bench_workers().join("javascript"),
            Self::Generated => paths::bench_workers().join("generated"),
        };
        Workerd::start(&Options { worker, variables, ..Options::default() })
    }
}

/// Everything that costs something is on; the client is beside the first cluster.
fn topology(urls: &[String]) -> Value {
    let mut topology = demo::bare_topology(urls.iter().map(String::as_str));
    let rules = json!({
        "operations": [{ "method": "POST", "path": "/v1/transit/*", "operation": "read" }],
        "deny": ["/v1/sys/seal"],
        "health": { "dialect": "http", "path": "/health", "interval_ms": 5000 },
        "breaker": { "failures": 5 },
        "lag": { "max_ms": 10000 },
        "consistency": { "read_your_writes_ms": 5000 },
        "bulkheads": [{ "path": "/v1/*", "max_in_flight": 1000 }],
        "retry": { "max_attempts": 3, "budget_share": 0.2 },
        "headers": { "expose": true },
    });
    if let (Some(topology), Value::Object(rules)) = (topology.as_object_mut(), rules) {
        topology.extend(rules);
    }
    topology
}

/// What a client of a secret store sends, from a city.
fn request() -> Vec<u8> {
    format!(
        "GET /v1/secret/data/app?version=2 HTTP/1.1\r\nHost: vault.example.com\r\nUser-Agent: bench\r\n\
         Accept: application/json\r\nAccept-Encoding: gzip\r\nX-Vault-Token: hvs.CAESIJlWWMSbfUCvVAA\r\n\
         {CF_HEADER}: {}\r\n\r\n",
        FRANKFURT.cf()
    )
    .into_bytes()
}

/// Measures; the answer is whether every limit is kept.
pub(super) fn run() -> Result<bool> {
    if cfg!(debug_assertions) {
        setup::ensure(&[Part::Worker.needs(), &[Need::WasmStd, Need::WorkerBuild]].concat())?;
        Part::Worker.ensure()?;
        build::bench::pass_through()?;
        // The client shares the processors with what it measures: it is compiled for speed, too.
        let mut again = cargo();
        again.args(["run", "--quiet", "--release", "--package", "xtask", "--", "bench", "router"]);
        let finished = process::run("measure the worker in its runtime", &mut again)?;
        println!("{}", finished.output);
        return Ok(finished.success);
    }
    println!("\n{}", machine(&[&paths::workerd()?]));
    let origin = Origin::start(SITES.len())?;
    let verdicts = [speed(&origin)?, start_up(&origin)?, memory(&origin)?];
    Ok(verdicts.iter().all(|verdict| *verdict != Verdict::Over))
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn send(workerd: &Workerd, connections: usize, until: Until) -> Result<Measured> {
    let (request, address) = (request(), workerd.address());
    let load = Load { address, request: &request, connections, until, length: origin::BODY.len() };
    block_on(load::run(&load)).with_context(|| format!("the log of workerd:\n{}", workerd.log()))
}

/// Refuses to measure a router that does not route.
fn check(workerd: &Workerd) -> Result<()> {
    let answer = block_on(async { Ok(Connection::open(workerd.address()).await?.exchange(&request()).await?) })?;
    ensure!(answer.header("x-headroom-reason") == Some("nearest"), "not routed: {answer:?}\n{}", workerd.log());
    Ok(())
}

/// A worker, its turns at one number of connections.
struct Column {
    worker: Worker,
    workerd: Workerd,
    turns: Vec<Measured>,
}

fn speed(origin: &Origin) -> Result<Verdict> {
    let mut columns = Vec::new();
    for worker in Worker::ALL {
        let workerd = worker.start(origin)?;
        if worker == Worker::Router {
            check(&workerd)?;
        }
        send(&workerd, MOST_CONNECTIONS, Until::Time(WARM_UP))?;
        columns.push(Column { worker, workerd, turns: Vec::new() });
    }
    let (mut figures, mut ratios, mut verdict) = (String::new(), String::new(), Verdict::Kept);
    for connections in [1, MOST_CONNECTIONS] {
        for column in &mut columns {
            column.turns.clear();
        }
        for round in 0..ROUNDS {
            // Who begins changes, so that nobody is always the first after a pause.
            let (last, first) = columns.split_at_mut(round % Worker::ALL.len());
            for column in first.iter_mut().chain(last) {
                column.turns.push(send(&column.workerd, connections, Until::Time(TURN))?);
            }
        }
        for Column { worker, turns, .. } in &columns {
            let of = |figure: fn(&Measured) -> f64| quantile(turns.iter().map(figure), 50);
            let (rate, half, most) = (of(Measured::rate), of(|turn| micros(turn, 50)), of(|turn| micros(turn, 99)));
            let _ = writeln!(figures, "{connections:>11}  {:24} {rate:>10.0} {half:>9.0} {most:>9.0}", worker.name());
        }
        let baseline = columns.iter().find(|column| column.worker == Worker::JavaScript);
        let baseline = baseline.map_or(&[][..], |column| &column.turns);
        for Column { worker, turns, .. } in columns.iter().filter(|column| column.worker != Worker::JavaScript) {
            let comparison = Comparison::of(turns, baseline);
            let row = comparison.row();
            let _ = write!(ratios, "{connections:>11}  {:24} {row}", worker.name());
            if *worker == Worker::Router {
                let own = comparison.verdict();
                ratios.push_str(own.mark());
                verdict = verdict.max(own);
            }
            ratios.push('\n');
        }
    }
    println!(
        "\n{:>11}  {:24} {:>10} {:>9} {:>9}\n{figures}\n{:>11}  {:24} {:>18} {:>18}\n{ratios}\
         The lower table is the median of {ROUNDS} turns and the middle half of them.  The router should keep \
         requests/s at {} and p50 at {},\nand has to keep {} and {}.",
        "connections",
        "worker",
        "requests/s",
        "p50 µs",
        "p99 µs",
        "connections",
        "of the JavaScript's",
        "requests/s",
        "p50",
        THROUGHPUT.goal,
        LATENCY.goal,
        THROUGHPUT.limit,
        LATENCY.limit
    );
    Ok(verdict)
}

fn micros(turn: &Measured, percent: usize) -> f64 {
    turn.percentile(percent).as_secs_f64() * 1e6
}

/// A worker's turns over the baseline's turns of the same rounds.
#[derive(Debug)]
struct Comparison {
    throughput: Vec<f64>,
    latency: Vec<f64>,
}

impl Comparison {
    fn of(turns: &[Measured], baseline: &[Measured]) -> Self {
        let ratios = |figure: fn(&Measured) -> f64| {
            turns.iter().zip(baseline).map(|(turn, baseline)| figure(turn) / figure(baseline)).collect()
        };
        Self { throughput: ratios(Measured::rate), latency: ratios(|turn| micros(turn, 50)) }
    }

    fn row(&self) -> String {
        let cell = |ratios: &[f64]| {
            let [low, half, high] = [25, 50, 75].map(|percent| quantile(ratios.iter().copied(), percent));
            format!("{half:.2} ({low:.2}-{high:.2})")
        };
        format!("{:>18} {:>18}", cell(&self.throughput), cell(&self.latency))
    }

    fn verdict(&self) -> Verdict {
        // Turned over, a throughput that should be high is a cost that should be low.
        let throughput = quantile(self.throughput.iter().copied(), 50).recip();
        let latency = quantile(self.latency.iter().copied(), 50);
        Verdict::of(throughput, THROUGHPUT.goal.recip(), THROUGHPUT.limit.recip()).max(Verdict::of(
            latency,
            LATENCY.goal,
            LATENCY.limit,
        ))
    }
}

/// What the processor does until the worker has started, and until a cluster has answered for the first time.
fn start_up(origin: &Origin) -> Result<Verdict> {
    // The times of the baseline and of the router, each until it has started and until its first answer.
    let mut spent: [[Vec<f64>; 2]; 2] = Default::default();
    for _ in 0..STARTS {
        for ([started, answered], worker) in spent.iter_mut().zip([Worker::JavaScript, Worker::Router]) {
            let workerd = worker.start(origin)?;
            let process = workerd.pid().context("workerd has ended")?;
            started.push(processor_time(process)?.as_secs_f64() * 1e3);
            send(&workerd, 1, Until::Requests(1))?;
            answered.push(processor_time(process)?.as_secs_f64() * 1e3);
        }
    }
    let [baseline, router] = spent.map(|times| times.map(|times| quantile(times.into_iter(), 50)));
    let limit = START_UP.as_secs_f64() * 1e3;
    let verdict = Verdict::of(router[0] - baseline[0], limit, limit);
    println!(
        "\n{:24} {:>12} {:>12} {:>12} {:>9}\n{:24} {:>12.1} {:>12.1} {:>12.1} {limit:>9.0}{}\n\
         {:24} {:>12.1} {:>12.1} {:>12.1}",
        "processor time, ms",
        "the router",
        "JavaScript",
        "difference",
        "limit",
        "until it has started",
        router[0],
        baseline[0],
        router[0] - baseline[0],
        verdict.mark(),
        "until its first answer",
        router[1],
        baseline[1],
        router[1] - baseline[1]
    );
    Ok(verdict)
}

/// What all threads of a process have had of the processors.
fn processor_time(process: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task")).context("no such process")? {
        let thread = thread?.path();
        let text = match fs::read_to_string(thread.join("schedstat")) {
            // It has ended since it was listed.
            Err(_) if !thread.exists() => continue,
            text => text.context("no times of threads")?,
        };
        nanoseconds += text.split_whitespace().next().and_then(|time| time.parse::<u64>().ok()).unwrap_or_default();
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Whether the runtime grows while the router works; beside it, whether it does so by itself.
fn memory(origin: &Origin) -> Result<Verdict> {
    println!("\nmemory after each {SAMPLE} of {REQUESTS} requests, MiB");
    let mut verdict = Verdict::Kept;
    for worker in [Worker::JavaScript, Worker::Router] {
        let workerd = worker.start(origin)?;
        let mut samples = Vec::new();
        for _ in 0..REQUESTS / SAMPLE {
            send(&workerd, MOST_CONNECTIONS, Until::Requests(SAMPLE))?;
            samples.push(workerd.resident_bytes()? as f64 / MIB);
        }
        let growth = growth(&samples);
        if worker == Worker::Router {
            verdict = Verdict::of(growth, GROWTH, GROWTH);
        }
        let samples: Vec<String> = samples.iter().map(|sample| format!("{sample:.0}")).collect();
        println!(
            "{:24} {}\n{:24} the last quarter has {growth:.3} of the third{}",
            worker.name(),
            samples.join(" "),
            "",
            verdict.mark()
        );
    }
    println!("{:24} the router may have {GROWTH}; until then any worker's heap grows, the JavaScript one's too", "");
    Ok(verdict)
}

/// The median of the last quarter over that of the third; before, the heap of any worker grows to its size.
fn growth(samples: &[f64]) -> f64 {
    let quarter = samples.len() / 4;
    let median = |from: usize| quantile(samples.iter().copied().skip(from).take(quarter), 50);
    median(samples.len() - quarter) / median(samples.len() - 2 * quarter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_of_the_two_ratios_is_the_verdict() {
        for (throughput, latency, expected) in [
            (1.0, 1.0, Verdict::Kept),
            (0.95, 1.06, Verdict::Kept),      // both goals, exactly
            (0.94, 1.0, Verdict::GoalMissed), // a little slow
            (1.0, 1.07, Verdict::GoalMissed), // a little late
            (0.89, 1.0, Verdict::Over),       // too slow
            (0.94, 1.11, Verdict::Over),      // too late
            (f64::NAN, 1.0, Verdict::Over),   // nothing was measured
        ] {
            let comparison = Comparison { throughput: vec![throughput; 3], latency: vec![latency; 3] };
            assert_eq!(comparison.verdict(), expected, "{comparison:?}");
        }
    }

    #[test]
    fn a_turn_is_compared_with_the_turn_of_its_round() {
        let turn = |millis| Measured::new(Duration::from_secs(1), vec![Duration::from_millis(millis)]);
        let comparison = Comparison::of(&[turn(2), turn(6)], &[turn(1), turn(3)]);
        assert_eq!(comparison.latency, [2.0, 2.0], "both rounds were twice as slow, whatever the machine did between");
    }

    #[test]
    fn growth_is_from_the_third_quarter_to_the_last() {
        for (samples, expected) in [
            ([10.0, 20.0, 60.0, 80.0, 100.0, 100.0, 104.0, 104.0], 1.04), // settling at first does not count
            ([50.0, 50.0, 100.0, 100.0, 150.0, 150.0, 225.0, 225.0], 1.5),
            ([90.0, 90.0, 100.0, 100.0, 90.0, 95.0, 90.0, 95.0], 1.0), // what is collected in between is no growth
        ] {
            assert!((growth(&samples) - expected).abs() < 1e-9, "{samples:?}");
        }
    }

    #[test]
    fn a_process_has_had_time() {
        assert!(processor_time(std::process::id()).unwrap() > Duration::ZERO);
    }
}
