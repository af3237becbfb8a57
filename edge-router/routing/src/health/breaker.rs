//! The circuit breaker of one cluster in one isolate.

use crate::time::Moment;
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

/// What a request was let through as; comes back with its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// As any other, through a closed breaker.
    Ordinary,
    /// As one of the test requests of this opening of the breaker, counted from 1.
    Test {
        /// Which opening.
        opening: u32,
    },
    /// Past an open breaker, because there was nothing better.
    Forced,
}

/// A move of a breaker from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

impl Breaker {
    /// A closed one; the seed decides the jitter of its cooldowns.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Where it stands now.
    #[must_use]
    pub fn state(&self, _settings: &Breaking, _now: Moment) -> BreakerState {
        BreakerState::Closed
    }

    /// Lets a request through that was decided to go there: takes a test place where it is half-open and one is free.
    pub fn admit(&mut self, _settings: &Breaking, _now: Moment) -> (Permit, Option<Transition>) {
        (Permit::Ordinary, None)
    }

    /// Counts how a request ended that was let through.
    pub fn record(
        &mut self,
        _settings: &Breaking,
        _permit: Permit,
        _success: bool,
        _now: Moment,
    ) -> Option<Transition> {
        None
    }

    /// Takes back a permit whose request has no outcome: the client went away.
    pub fn release(&mut self, _permit: Permit) {}

    /// Notes that the same breaker opened in another isolate: for a cooldown, one failure is enough to open it here.
    pub fn suspect(&mut self, _settings: &Breaking, _now: Moment) {}
}
