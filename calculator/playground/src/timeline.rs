//! What each cluster was taken for, and when: one line of spans for its health, one for its breakers.

use routing::Moment;

/// What the router makes of a cluster's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Up,
    Down,
    Lagging,
    Draining,
    Fenced,
    Standby,
}

/// What the breakers of all regions are for a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breakers {
    Closed,
    /// In so many regions.
    Open(usize),
    HalfOpen(usize),
}

/// Since when something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span<T> {
    pub(crate) from: Moment,
    pub(crate) what: T,
}

/// The two lines of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) cluster: String,
    pub(crate) health: Vec<Span<Health>>,
    pub(crate) breakers: Vec<Span<Breakers>>,
}

/// Spans that are kept for each line.
const KEPT: usize = 500;

impl Health {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Lagging => "lagging",
            Self::Draining => "draining",
            Self::Fenced => "fenced",
            Self::Standby => "standby",
        }
    }
}

impl Breakers {
    pub(crate) fn words(self) -> String {
        let (state, regions) = match self {
            Self::Closed => return "closed".to_owned(),
            Self::Open(regions) => ("open in ", regions),
            Self::HalfOpen(regions) => ("half-open in ", regions),
        };
        [state, &regions.to_string(), if regions == 1 { " region" } else { " regions" }].concat()
    }

    /// The name of its state alone.
    pub(crate) fn state(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open(_) => "open",
            Self::HalfOpen(_) => "half-open",
        }
    }
}

impl Line {
    pub(crate) fn new(cluster: &str) -> Self {
        Self { cluster: cluster.to_owned(), health: Vec::new(), breakers: Vec::new() }
    }

    pub(crate) fn note(&mut self, health: Health, breakers: Breakers, now: Moment) {
        note(&mut self.health, health, now);
        note(&mut self.breakers, breakers, now);
    }

    /// What it is taken for now.
    pub(crate) fn now(&self) -> (Health, Breakers) {
        let health = self.health.last().map_or(Health::Up, |span| span.what);
        (health, self.breakers.last().map_or(Breakers::Closed, |span| span.what))
    }
}

fn note<T: PartialEq>(spans: &mut Vec<Span<T>>, what: T, now: Moment) {
    if spans.last().is_some_and(|last| last.what == what) {
        return;
    }
    // What held for no time was never to be seen.
    if spans.last().is_some_and(|last| last.from == now) {
        spans.pop();
    }
    if spans.last().is_none_or(|last| last.what != what) {
        spans.push(Span { from: now, what });
    }
    if spans.len() > KEPT {
        spans.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_begin_where_something_changes() {
        let mut line = Line::new("a");
        for (health, at) in [(Health::Up, 0), (Health::Up, 5), (Health::Down, 7), (Health::Lagging, 7), (Health::Up, 9)]
        {
            line.note(health, Breakers::Closed, Moment::from_millis(at));
        }
        let spans: Vec<_> = line.health.iter().map(|span| (span.what, span.from.millis())).collect();
        assert_eq!(spans, [(Health::Up, 0), (Health::Lagging, 7), (Health::Up, 9)]);
        assert_eq!(line.breakers.len(), 1);
        assert_eq!(line.now(), (Health::Up, Breakers::Closed));
    }
}
