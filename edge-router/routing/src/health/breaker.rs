//! The circuit breaker of one cluster in one isolate.
//!
//! Closed, it counts failures in a sliding window; enough of them open it.  Open, it lets nothing pass until its
//! cooldown is over.  Half-open, it lets a few test requests pass at a time: enough successes close it, one failure
//! opens it again.
//!
//! *Time.*  A moment counts while it lies less than its span away from now, before or after.  So a clock that is set
//! back lengthens a cooldown at most to twice its length, and never wedges anything.

use crate::time::{Milliseconds, Moment};
use crate::topology::Breaking;

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Requests pass; failures are counted.
    Closed,
    /// No request passes until this moment.
    Open {
        /// When it becomes half-open.
        until: Moment,
    },
    /// Some requests pass as a test.
    HalfOpen {
        /// How many more may be in flight.
        free: u32,
    },
}

/// What a request was let through as; comes back with its outcome, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// As any other, through a closed breaker.
    Ordinary {
        /// How often the breaker had opened by then: an outcome from before an opening does not count after it.
        opening: u32,
    },
    /// As a test of a half-open breaker.
    Test {
        /// Which opening it belongs to, counted from 1.
        opening: u32,
        /// Which test it is, counted through all openings.
        number: u32,
    },
    /// Past an open breaker, because there was nothing better.  Its outcome does not count: an opening ends by its
    /// cooldown and its tests alone.
    Forced,
}

/// A move of a breaker from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    /// Failures reached the threshold, or a test request failed.
    Opened,
    /// The cooldown was over and the first test request passed.
    HalfOpened,
    /// Enough test requests succeeded.
    Closed,
}

/// A circuit breaker.  Its settings come with each call, its clock too.
#[derive(Debug, Clone, PartialEq)]
pub struct Breaker {
    seed: u64,
    stage: Stage,
    /// How often it has opened.
    openings: u32,
    /// Failures while it is closed, oldest first; all within one window of each other.
    failures: Vec<Run>,
    /// When another isolate's breaker was last said to be open.
    suspected: Option<Moment>,
    /// Tests in flight: number, and when it was let through.
    tests: Vec<(u32, Moment)>,
    /// How many tests were let through.
    tested: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Closed,
    /// Open for `length`, and after it ready for a first test.
    Open {
        since: Moment,
        length: Milliseconds,
    },
    /// So many tests of this opening have succeeded.
    HalfOpen {
        passed: u32,
    },
}

/// Failures that are counted as if all had happened at the time of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: Moment,
    count: u32,
}

impl Breaker {
    /// Up to this threshold each failure keeps its own time and the window is exact.  Above it failures share the time
    /// of the first within this part of the window, so that one may be forgotten early by less than that part.
    pub const WINDOW_PARTS: u32 = 64;

    /// A closed one; the seed decides the jitter of its cooldowns.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            stage: Stage::Closed,
            openings: 0,
            failures: Vec::new(),
            suspected: None,
            tests: Vec::new(),
            tested: 0,
        }
    }

    /// Where it stands now.
    #[must_use]
    pub fn state(&self, settings: &Breaking, now: Moment) -> BreakerState {
        // A setting of none would wedge it.
        let places = settings.half_open_requests.max(1);
        match self.stage {
            Stage::Closed => BreakerState::Closed,
            Stage::Open { since, length } if is_near(since, now, length) => {
                BreakerState::Open { until: since.after(length) }
            }
            Stage::Open { .. } => BreakerState::HalfOpen { free: places },
            Stage::HalfOpen { .. } => {
                let taken = self.tests.iter().filter(|&&(_, since)| is_near(since, now, settings.window)).count();
                BreakerState::HalfOpen { free: places.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX)) }
            }
        }
    }

    /// Lets a request through that was decided to go there: takes a test place where it is half-open and one is free.
    ///
    /// A test that neither [`record`](Self::record) nor [`release`](Self::release) gives back holds its place for one
    /// window; its outcome still counts when it comes later.
    pub fn admit(&mut self, settings: &Breaking, now: Moment) -> (Permit, Option<Transition>) {
        match self.state(settings, now) {
            BreakerState::Closed => (Permit::Ordinary { opening: self.openings }, None),
            BreakerState::Open { .. } | BreakerState::HalfOpen { free: 0 } => (Permit::Forced, None),
            BreakerState::HalfOpen { .. } => {
                let transition = matches!(self.stage, Stage::Open { .. }).then_some(Transition::HalfOpened);
                if transition.is_some() {
                    self.stage = Stage::HalfOpen { passed: 0 };
                }
                self.tests.retain(|&(_, since)| is_near(since, now, settings.window));
                self.tested = self.tested.wrapping_add(1);
                self.tests.push((self.tested, now));
                (Permit::Test { opening: self.openings, number: self.tested }, transition)
            }
        }
    }

    /// Counts how a request ended that was let through.
    pub fn record(&mut self, settings: &Breaking, permit: Permit, success: bool, now: Moment) -> Option<Transition> {
        self.release(permit);
        match (self.stage, permit) {
            (Stage::Closed, Permit::Ordinary { opening }) if opening == self.openings && !success => {
                let failures = self.count_failure(settings, now);
                let is_suspect = self.suspected.is_some_and(|since| is_near(since, now, settings.cooldown));
                (is_suspect || failures >= settings.failures).then(|| self.open(settings, now))
            }
            (Stage::HalfOpen { passed }, Permit::Test { opening, .. }) if opening == self.openings => {
                if !success {
                    return Some(self.open(settings, now));
                }
                let passed = passed.saturating_add(1);
                let closes = passed >= settings.successes;
                self.stage = if closes { Stage::Closed } else { Stage::HalfOpen { passed } };
                closes.then_some(Transition::Closed)
            }
            _ => None,
        }
    }

    /// Takes back a permit whose request has no outcome: the client went away.
    pub fn release(&mut self, permit: Permit) {
        if let Permit::Test { number, .. } = permit {
            self.tests.retain(|&(test, _)| test != number);
        }
    }

    /// Notes that the same breaker opened in another isolate: for a cooldown, one failure is enough to open it here.
    /// One that is not closed has evidence of its own and ignores it.
    pub fn suspect(&mut self, _settings: &Breaking, now: Moment) {
        if self.stage == Stage::Closed {
            self.suspected = Some(now);
        }
    }

    /// Adds a failure to the window; the answer is how many it has now.
    fn count_failure(&mut self, settings: &Breaking, now: Moment) -> u32 {
        let parts = Self::WINDOW_PARTS;
        let part = if settings.failures <= parts { 1 } else { settings.window.get().div_ceil(parts.into()).max(1) };
        self.failures.retain(|run| is_near(run.start, now, settings.window));
        match self.failures.last_mut() {
            // A clock that went back a little: as if it had stood still.
            Some(last) if now.since(last.start).get() < part => last.count = last.count.saturating_add(1),
            _ => self.failures.push(Run { start: now, count: 1 }),
        }
        self.failures.iter().fold(0, |sum, run| sum.saturating_add(run.count))
    }

    /// Opens for the cooldown and up to a tenth more, so that isolates do not all test at once.
    fn open(&mut self, settings: &Breaking, now: Moment) -> Transition {
        self.openings = self.openings.wrapping_add(1);
        let cooldown = settings.cooldown.get();
        let share = split_mix(self.seed, self.openings) >> 32;
        let jitter = (cooldown.saturating_mul(share) / 10) >> 32;
        self.stage = Stage::Open { since: now, length: Milliseconds::new(cooldown.saturating_add(jitter)) };
        self.failures.clear();
        self.tests.clear();
        self.suspected = None;
        Transition::Opened
    }
}

/// Whether a moment is less than a span away.
fn is_near(moment: Moment, now: Moment, span: Milliseconds) -> bool {
    now.since(moment).max(moment.since(now)) < span
}

/// The `n`th number of the sequence that the seed starts: `SplitMix64` (Steele, Lea, Flood: Fast splittable
/// pseudorandom number generators, 2014).
fn split_mix(seed: u64, n: u32) -> u64 {
    let mut z = seed.wrapping_add(u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Breaking = Breaking {
        failures: 3,
        window: Milliseconds::new(1_000),
        cooldown: Milliseconds::new(500),
        half_open_requests: 2,
        successes: 2,
    };

    fn at(millis: u64) -> Moment {
        Moment::from_millis(millis)
    }

    /// What happens at a time, and what it does.
    enum Step {
        /// A request comes and goes at once, well or badly.
        Fails(Option<Transition>),
        Succeeds(Option<Transition>),
        /// A request is let through and is kept under a name.
        Admit(char, &'static str),
        /// A request that was let through ends well or badly, or without an outcome.
        End(char, bool, Option<Transition>),
        Release(char),
        Suspect,
        /// Nothing happens: how it stands.
        Is(&'static str),
    }

    fn describe(state: BreakerState) -> String {
        match state {
            BreakerState::Closed => "closed".into(),
            BreakerState::Open { until } => format!("open until {}", until.millis()),
            BreakerState::HalfOpen { free } => format!("half-open, {free} free"),
        }
    }

    fn kind(permit: Permit) -> &'static str {
        match permit {
            Permit::Ordinary { .. } => "ordinary",
            Permit::Test { .. } => "test",
            Permit::Forced => "forced",
        }
    }

    /// A breaker without jitter lives through the steps.
    #[track_caller]
    fn check(steps: &[(u64, Step, &str)]) {
        let mut breaker = Breaker::new(unjittered());
        let mut kept: Vec<(char, Permit)> = Vec::new();
        for (row, (millis, step, reason)) in steps.iter().enumerate() {
            let now = at(*millis);
            let found = |name: &char, kept: &[(char, Permit)]| kept.iter().find(|(n, _)| n == name).unwrap().1;
            match step {
                Step::Fails(expected) | Step::Succeeds(expected) => {
                    let (permit, _) = breaker.admit(&SETTINGS, now);
                    let success = matches!(step, Step::Succeeds(_));
                    assert_eq!(breaker.record(&SETTINGS, permit, success, now), *expected, "row {row}: {reason}");
                }
                Step::Admit(name, expected) => {
                    let (permit, _) = breaker.admit(&SETTINGS, now);
                    assert_eq!(kind(permit), *expected, "row {row}: {reason}");
                    kept.push((*name, permit));
                }
                Step::End(name, success, expected) => {
                    let ended = breaker.record(&SETTINGS, found(name, &kept), *success, now);
                    assert_eq!(ended, *expected, "row {row}: {reason}");
                }
                Step::Release(name) => breaker.release(found(name, &kept)),
                Step::Suspect => breaker.suspect(&SETTINGS, now),
                Step::Is(expected) => {
                    assert_eq!(describe(breaker.state(&SETTINGS, now)), *expected, "row {row}: {reason}");
                }
            }
        }
    }

    /// A seed whose first two openings get no jitter at a cooldown of 500 ms.
    fn unjittered() -> u64 {
        (0..1_000_000).find(|&seed| (1..=2).all(|n| ((split_mix(seed, n) >> 32) * 50) >> 32 == 0)).unwrap()
    }

    use Step::{Admit, End, Fails, Is, Release, Succeeds, Suspect};
    use Transition::{Closed, Opened};

    #[test]
    fn opens_by_failures_within_the_window() {
        check(&[
            (0, Fails(None), "one of three"),
            (10, Succeeds(None), "a success forgets nothing"),
            (999, Fails(None), "two of three"),
            (1_000, Fails(None), "the first is a whole window old: two again"),
            (1_001, Is("closed"), "two are not enough"),
            (1_998, Fails(Some(Opened)), "three within 1 000 ms"),
            (1_998, Is("open until 2498"), "for one cooldown"),
            (2_497, Is("open until 2498"), "to its last millisecond"),
            (2_498, Is("half-open, 2 free"), "then it can be tested"),
        ]);
    }

    #[test]
    fn tests_decide() {
        check(&[
            (0, Admit('o', "ordinary"), "in flight when it opens"),
            (0, Admit('p', "ordinary"), "in flight when it opens"),
            (0, Fails(None), "one"),
            (0, Fails(None), "two"),
            (0, Fails(Some(Opened)), "three"),
            (10, End('o', false, None), "counted already: the cooldown does not begin again"),
            (10, Is("open until 500"), "as before"),
            (10, Admit('f', "forced"), "nothing better"),
            (20, End('f', true, None), "does not count"),
            (500, Admit('a', "test"), "the first place"),
            (500, Admit('b', "test"), "the second place"),
            (500, Is("half-open, 0 free"), "both taken"),
            (500, Admit('c', "forced"), "no place left"),
            (510, End('c', false, None), "does not count"),
            (510, End('p', false, None), "from before the opening"),
            (520, End('a', true, None), "one success of two"),
            (520, Is("half-open, 1 free"), "its place is free again"),
            (530, End('b', false, Some(Opened)), "one failure is enough"),
            (540, Is("open until 1030"), "from the failure on"),
            (1_030, Admit('d', "test"), "the second opening"),
            (1_031, End('a', true, None), "a test of the first opening"),
            (1_032, Admit('e', "test"), "the second place"),
            (1_033, End('d', true, None), "one"),
            (1_034, End('e', true, Some(Closed)), "two in a row"),
            (1_035, End('p', false, None), "still from before the openings"),
            (1_036, Fails(None), "the window begins empty"),
            (1_037, Fails(None), "two"),
            (1_038, Is("closed"), "two are not enough"),
        ]);
    }

    #[test]
    fn places_come_back() {
        check(&[
            (0, Fails(None), "one"),
            (0, Fails(None), "two"),
            (0, Fails(Some(Opened)), "three"),
            (500, Admit('a', "test"), "the first place"),
            (600, Admit('b', "test"), "the second place"),
            (700, Release('a'), "the client went away"),
            (700, Is("half-open, 1 free"), "without an outcome"),
            (700, Release('a'), "once more, by mistake"),
            (700, Is("half-open, 1 free"), "it held one place only"),
            (1_599, Is("half-open, 1 free"), "b holds its place for a window"),
            (1_600, Is("half-open, 2 free"), "and no longer"),
            (1_600, Admit('c', "test"), "in its place"),
            (1_600, Admit('d', "test"), "in the other"),
            (1_700, End('b', true, None), "late, and counts"),
            (1_700, Is("half-open, 0 free"), "but frees no place of another"),
            (1_800, End('c', true, Some(Closed)), "the second success"),
        ]);
    }

    #[test]
    fn suspicion_makes_it_touchy_for_a_cooldown() {
        check(&[
            (0, Suspect, "another isolate saw it fail"),
            (499, Succeeds(None), "no failure yet"),
            (500, Fails(None), "the suspicion is over"),
            (510, Suspect, "again"),
            (1_009, Fails(Some(Opened)), "one is enough"),
            (1_010, Suspect, "it knows already"),
            (1_509, Admit('a', "test"), "half-open in time"),
            (1_509, Admit('b', "test"), "half-open in time"),
            (1_510, End('a', true, None), "one"),
            (1_510, End('b', true, Some(Closed)), "two"),
            (1_511, Fails(None), "no suspicion is left"),
        ]);
    }

    #[test]
    fn a_clock_that_goes_back_wedges_nothing() {
        check(&[
            (9_000, Fails(None), "one"),
            (8_990, Fails(None), "two, a little earlier"),
            (8_980, Fails(Some(Opened)), "three"),
            (8_979, Is("open until 9480"), "a little earlier"),
            (8_480, Is("half-open, 2 free"), "a whole cooldown earlier: it is over"),
            (8_480, Admit('a', "test"), "a test"),
            (7_480, Is("half-open, 2 free"), "a whole window earlier: its place is free"),
            (7_480, End('a', true, None), "one"),
            (0, Admit('b', "test"), "the beginning of time"),
            (u64::MAX, End('b', true, Some(Closed)), "the end of time"),
            (u64::MAX, Fails(None), "one"),
            (0, Fails(None), "one: the other is an age away"),
            (0, Fails(None), "two"),
            (0, Fails(Some(Opened)), "three"),
        ]);
    }

    #[test]
    fn jitter_is_below_a_tenth_and_spread() {
        for cooldown in [100, 30_000, 3_600_000] {
            let settings = Breaking { failures: 1, cooldown: Milliseconds::new(cooldown), ..SETTINGS };
            let jitters: Vec<u64> = (0..1_000)
                .map(|seed| {
                    let mut breaker = Breaker::new(seed);
                    let (permit, _) = breaker.admit(&settings, at(0));
                    breaker.record(&settings, permit, false, at(0));
                    let BreakerState::Open { until } = breaker.state(&settings, at(0)) else { panic!("it opened") };
                    until.millis() - cooldown
                })
                .collect();
            assert!(jitters.iter().all(|&jitter| jitter < cooldown / 10), "below a tenth of {cooldown}");
            let mean = jitters.iter().sum::<u64>() / 1_000;
            assert!(
                (cooldown * 4 / 100..cooldown * 6 / 100).contains(&mean),
                "{mean} is about a twentieth of {cooldown}"
            );
        }
    }

    #[test]
    fn a_high_threshold_needs_little_memory() {
        let settings = Breaking { failures: 10_000, ..SETTINGS };
        let mut breaker = Breaker::new(0);
        for n in 1..10_000 {
            let (permit, _) = breaker.admit(&settings, at(n / 11));
            assert_eq!(breaker.record(&settings, permit, false, at(n / 11)), None, "failure {n}");
            assert!(breaker.failures.len() <= 64);
        }
        let (permit, _) = breaker.admit(&settings, at(910));
        assert_eq!(breaker.record(&settings, permit, false, at(910)), Some(Opened));
    }

    #[test]
    fn a_high_threshold_forgets_early_by_less_than_a_part() {
        let settings = Breaking { failures: 100, window: Milliseconds::new(6_400), ..SETTINGS };
        let mut breaker = Breaker::new(0);
        let rows = [
            (0, 1, None, "the first part begins"),
            (99, 1, None, "still in it"),
            (100, 97, None, "the second part begins: 99 in all"),
            (6_498, 2, None, "the first part is forgotten, its second failure a millisecond early: 99"),
            (6_499, 1, Some(Opened), "the second part still counts: 100"),
        ];
        for (millis, count, expected, reason) in rows {
            for _ in 0..count {
                let (permit, _) = breaker.admit(&settings, at(millis));
                assert_eq!(breaker.record(&settings, permit, false, at(millis)), expected, "{reason}");
            }
        }
    }
}
