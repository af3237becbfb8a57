//! How long a transaction waits, by the size of the pools where it waits longest.

use crate::Scenario;
use crate::quantity::{Connections, Millis, approximate, floor};
use crate::queueing::{Queue, Waiting, p95, p99};
use crate::scenario::MOST_CONNECTIONS;

/// Most sizes that are looked at: more could not be told apart in a picture.
const MOST_POINTS: u64 = 40;
/// From the knee on, one more connection shortens the mean wait by less than this share of the hold time.
const KNEE: f64 = 0.05;
/// A range whose end is more than so many times its start, and too long for every size, is walked in equal ratios.
const WIDE: u64 = 8;

/// The waits at pools of different sizes under today's load.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingCurve {
    /// Whose pools they are: "the application's pools".
    pub pools: &'static str,
    /// The pools as they are.
    pub current: WaitingPoint,
    /// The smallest size with which 95 % wait no longer than the target; `None` where that is beyond any pool.
    pub recommended: Option<Connections>,
    /// The knee: the smallest size from which one more connection shortens the mean wait by less than a twentieth of
    /// the hold time.  `None` where that is beyond any pool.
    pub knee: Option<Connections>,
    /// The smallest size that is not saturated: below it the wait grows without end.
    pub stable: Connections,
    /// What the wait must not exceed.
    pub target: Millis,
    /// The sizes looked at, the smallest first; the ones above are among them.
    pub points: Vec<WaitingPoint>,
    /// They are in equal ratios, not in equal steps: they span too much.
    pub is_wide: bool,
}

/// A pool of some size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WaitingPoint {
    /// Its connections.
    pub size: Connections,
    /// How long one waits for one of them; `None` where they are saturated.
    pub waits: Option<Waits>,
}

/// How long one waits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waits {
    /// On average.
    pub mean: Millis,
    /// At most, of 95 %.
    pub p95: Millis,
    /// At most, of 99 %.
    pub p99: Millis,
}

impl WaitingPoint {
    fn of(size: u64, queue: &Queue) -> Self {
        let size = Connections(size);
        let wait = Queue { servers: size, ..*queue }.wait();
        let waits = |wait: crate::queueing::Wait| Waits {
            mean: wait.mean(),
            p95: wait.quantile(p95()),
            p99: wait.quantile(p99()),
        };
        Self { size, waits: wait.map(waits) }
    }
}

/// The waits around the size there is and the one that is recommended; `None` where there is no database.
#[must_use]
pub fn waiting(scenario: &Scenario) -> Option<WaitingCurve> {
    if !scenario.has_database() {
        return None;
    }
    let waiting = Waiting::of(scenario);
    let queue = waiting.limiting().queue;
    let load = queue.load().get();
    let current = queue.servers.get();
    let stable = floor(load).saturating_add(1);
    // No pool is larger than this: under a load that is, all there is to show is saturated.
    let largest = current.max(MOST_CONNECTIONS);
    let recommended = scenario.fewest(p95(), &queue);
    let knee = if stable <= largest { knee(&queue, stable) } else { None };
    let marks = [Some(queue.servers), recommended, knee, Some(Connections(stable))];
    let most = marks[1..3].iter().flatten().map(|size| size.get()).fold(stable, u64::max);
    // Beyond the knee the curve is flat: a few standard deviations of the busy connections show that.
    let high = most.saturating_add(floor(libm::sqrt(load))).saturating_add(3).max(current).min(largest);
    let low = stable.saturating_sub(high.saturating_sub(stable) / 8 + 1).max(1).min(current);
    let is_wide = low.max(1).saturating_mul(WIDE) < high && high - low > MOST_POINTS;
    let mut sizes = walk(low, high, is_wide);
    sizes.extend(marks.into_iter().flatten().map(Connections::get).filter(|size| (low..=high).contains(size)));
    sizes.sort_unstable();
    sizes.dedup();
    Some(WaitingCurve {
        pools: waiting.limiting_name(),
        current: WaitingPoint::of(current, &queue),
        recommended,
        knee,
        stable: Connections(stable),
        target: scenario.wait_target_ms,
        points: sizes.into_iter().map(|size| WaitingPoint::of(size, &queue)).collect(),
        is_wide,
    })
}

/// Whole numbers from `low` to `high`, in equal steps or in equal ratios.
fn walk(low: u64, high: u64, is_wide: bool) -> Vec<u64> {
    let steps = (high - low).clamp(1, MOST_POINTS);
    let (first, last) = (approximate(low.max(1)), approximate(high));
    let at = |step: u64| {
        let share = approximate(step) / approximate(steps);
        floor(0.5 + if is_wide { first * libm::pow(last / first, share) } else { first + (last - first) * share })
    };
    (0..=steps).map(at).collect()
}

/// Halves the range: what one more connection saves only ever gets less.
fn knee(queue: &Queue, stable: u64) -> Option<Connections> {
    let mean = |size: u64| Queue { servers: Connections(size), ..*queue }.wait().map(|wait| wait.mean().get());
    let is_flat = |size: u64| match (mean(size), mean(size.saturating_add(1))) {
        (Some(here), Some(next)) => here - next < KNEE * queue.hold.get(),
        _ => false,
    };
    let (mut before, mut at) = (stable, stable.max(MOST_CONNECTIONS));
    if queue.hold.get() <= 0.0 {
        return Some(Connections(stable));
    }
    if !is_flat(at) {
        return None;
    }
    while before < at {
        let middle = u64::midpoint(before, at);
        if is_flat(middle) { at = middle } else { before = middle + 1 }
    }
    Some(Connections(at))
}
