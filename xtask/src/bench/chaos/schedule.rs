//! What goes wrong, and when: the same in every run.

use std::time::Duration;

pub(super) use crate::demo::STANDBY;

/// The clusters, by the ids of the demo and the id of the standby.
pub(super) const PRIMARY: &str = "us-east";
pub(super) const EUROPE: &str = "eu-central";
pub(super) const ASIA: &str = "ap-southeast";

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A cluster changes its condition.
    Become(&'static str, Condition),
    /// The operator asks the router to send writes to this cluster.
    Promote(&'static str),
    /// The operator lets a fenced cluster back in.
    Readmit(&'static str),
    /// The operator takes a cluster out of use, or back into it.
    Drain(&'static str, bool),
    /// The isolate loses its way to the health object, or finds it again.
    CutOff(bool),
}

/// How a cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// As it should be.
    Healthy,
    /// Nobody listens.
    Killed,
    /// It accepts requests and never answers.
    Hung,
    /// It takes its time.
    Slow,
    /// Its data is old.
    Lagging,
    /// It answers 503 to everything.
    Sealed,
    /// It answers 500 to everything but probes.
    Failing,
    /// It is no standby any more: the operator has promoted the cluster itself.
    Active,
}

impl Condition {
    /// Whether a read sent to such a cluster gets what it asked for.
    fn serves_reads(self) -> bool {
        match self {
            Self::Healthy | Self::Slow | Self::Lagging | Self::Active => true,
            Self::Killed | Self::Hung | Self::Sealed | Self::Failing => false,
        }
    }
}

/// Events with the second at which they happen, and the second at which all of it is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub(super) events: &'static [(u64, Event)],
    pub(super) seconds: u64,
}

impl Schedule {
    /// Every fault there is, each long enough for probes and breakers to see it come and go.
    pub(super) const LONG: Self = Self {
        events: &[
            (4, Event::Become(EUROPE, Condition::Killed)),
            (11, Event::Become(EUROPE, Condition::Healthy)),
            (16, Event::Become(ASIA, Condition::Hung)),
            (23, Event::Become(ASIA, Condition::Healthy)),
            (27, Event::Become(EUROPE, Condition::Slow)),
            (31, Event::Become(EUROPE, Condition::Healthy)),
            (32, Event::Become(ASIA, Condition::Lagging)),
            (37, Event::Become(ASIA, Condition::Healthy)),
            (39, Event::Become(EUROPE, Condition::Sealed)),
            (45, Event::Become(EUROPE, Condition::Healthy)),
            (48, Event::Become(ASIA, Condition::Failing)),
            (53, Event::Become(ASIA, Condition::Healthy)),
            (56, Event::Drain(EUROPE, true)),
            (59, Event::Drain(EUROPE, false)),
            (60, Event::CutOff(true)),
            (62, Event::CutOff(false)),
            (65, Event::Become(PRIMARY, Condition::Killed)),
            (68, Event::Become(STANDBY, Condition::Active)),
            (69, Event::Promote(STANDBY)),
            (79, Event::Become(PRIMARY, Condition::Healthy)),
            (83, Event::Readmit(PRIMARY)),
        ],
        seconds: 87,
    };

    /// The worst of it, for the tests: the nearest replica, and the primary.
    pub(super) const SHORT: Self = Self {
        events: &[
            (2, Event::Become(EUROPE, Condition::Killed)),
            (6, Event::Become(EUROPE, Condition::Healthy)),
            (7, Event::Become(PRIMARY, Condition::Killed)),
            (7, Event::Become(STANDBY, Condition::Active)),
            (9, Event::Promote(STANDBY)),
            (16, Event::Become(PRIMARY, Condition::Healthy)),
        ],
        seconds: 18,
    };

    /// What happens in a second, for people.
    pub(super) fn words(&self, second: u64) -> String {
        let events = self.events.iter().filter(|(at, _)| *at == second).map(|(_, event)| event.words());
        events.collect::<Vec<_>>().join(", ")
    }
}

impl Event {
    /// Whether it takes something away.
    pub(super) fn is_bad(self) -> bool {
        match self {
            Self::Become(_, condition) => !matches!(condition, Condition::Healthy | Condition::Active),
            Self::Drain(_, is_on) | Self::CutOff(is_on) => is_on,
            Self::Promote(_) | Self::Readmit(_) => false,
        }
    }

    fn words(self) -> String {
        match self {
            Self::Become(id, condition) => match condition {
                Condition::Healthy => format!("{id} is well again"),
                Condition::Killed => format!("{id} is killed"),
                Condition::Hung => format!("{id} hangs"),
                Condition::Slow => format!("{id} is slow"),
                Condition::Lagging => format!("{id} lags"),
                Condition::Sealed => format!("{id} is sealed"),
                Condition::Failing => format!("{id} answers 500"),
                Condition::Active => format!("{id} is no standby any more"),
            },
            Self::Promote(id) => format!("promote {id}"),
            Self::Readmit(id) => format!("readmit {id}"),
            Self::Drain(id, true) => format!("drain {id}"),
            Self::Drain(id, false) => format!("end the drain of {id}"),
            Self::CutOff(true) => "the health object is out of reach".to_owned(),
            Self::CutOff(false) => "the health object is in reach".to_owned(),
        }
    }
}

/// What has happened so far, with the moments at which it really did.
#[derive(Debug, Default)]
pub(super) struct History {
    events: Vec<(Duration, Event)>,
    /// Since when the router sends writes to the promoted cluster.
    activated: Option<(Duration, &'static str)>,
}

/// What of a cluster decides about reads and writes.
#[derive(Clone, Copy, Debug)]
struct State {
    condition: Condition,
    is_drained: bool,
    is_fenced: bool,
}

impl History {
    /// An event is noted once it has happened.
    pub(super) fn note(&mut self, at: Duration, event: Event) {
        self.events.push((at, event));
    }

    /// Writes go to this cluster from now on; the moment is the last one at which they did not.
    pub(super) fn activate(&mut self, at: Duration, id: &'static str) {
        self.activated = Some((at, id));
    }

    /// Whether, all the time between two moments, some cluster could have answered a read.
    pub(super) fn reads_were_possible(&self, from: Duration, to: Duration) -> bool {
        self.moments(from, to).all(|moment| {
            [PRIMARY, EUROPE, ASIA, STANDBY].iter().any(|id| {
                let state = self.state(id, moment);
                let is_target = *id != STANDBY || self.writer(moment) == STANDBY;
                is_target && state.condition.serves_reads() && !state.is_drained && !state.is_fenced
            })
        })
    }

    /// Whether, at any moment between two, a cluster was in this condition.
    pub(super) fn was(&self, id: &str, condition: Condition, from: Duration, to: Duration) -> bool {
        self.moments(from, to).any(|moment| self.state(id, moment).condition == condition)
    }

    /// Whether, at any moment between two, writes were this cluster's.
    pub(super) fn was_writer(&self, id: &str, from: Duration, to: Duration) -> bool {
        self.moments(from, to).any(|moment| self.writer(moment) == id)
    }

    /// The moments between which nothing happens.
    fn moments(&self, from: Duration, to: Duration) -> impl Iterator<Item = Duration> {
        let activated = self.activated.iter().map(|(at, _)| *at);
        let changes = self.events.iter().map(|(at, _)| *at).chain(activated);
        std::iter::once(from).chain(changes.filter(move |at| *at > from && *at <= to))
    }

    /// Up to its promotion the router may send writes to the configured primary, dead as it may be.
    fn writer(&self, moment: Duration) -> &'static str {
        self.activated.filter(|(at, _)| moment >= *at).map_or(PRIMARY, |(_, id)| id)
    }

    fn state(&self, id: &str, moment: Duration) -> State {
        let mut state = State { condition: Condition::Healthy, is_drained: false, is_fenced: false };
        for (_, event) in self.events.iter().filter(|(at, _)| *at <= moment) {
            match *event {
                Event::Become(other, condition) if other == id => state.condition = condition,
                Event::Drain(other, is_drained) if other == id => state.is_drained = is_drained,
                Event::Promote(_) if id == PRIMARY => state.is_fenced = true,
                Event::Readmit(other) if other == id => state.is_fenced = false,
                _ => {}
            }
        }
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn history(events: &[(u64, Event)]) -> History {
        let mut history = History::default();
        for (at, event) in events {
            history.note(seconds(*at), *event);
        }
        history
    }

    #[test]
    fn schedules_are_in_order_and_leave_time_to_see_the_last_event() {
        for schedule in [Schedule::LONG, Schedule::SHORT] {
            assert!(schedule.events.is_sorted_by_key(|(at, _)| *at), "{schedule:?}");
            assert!(schedule.events.iter().all(|(at, _)| at + 2 <= schedule.seconds), "{schedule:?}");
        }
    }

    #[test]
    fn reads_are_possible_while_one_cluster_that_may_have_them_answers() {
        let dead = |id| Event::Become(id, Condition::Killed);
        let most = [(1, dead(EUROPE)), (2, Event::Become(ASIA, Condition::Hung))];
        let with = |event| [most.as_slice(), &[(3, event)]].concat();
        for (events, from, to, expected, reason) in [
            (vec![], 0, 9, true, "all are well"),
            (most.to_vec(), 0, 9, true, "the primary is there"),
            (with(dead(PRIMARY)), 4, 5, false, "the standby is no target"),
            (with(dead(PRIMARY)), 0, 3, false, "the last one went while the request was under way"),
            (with(dead(PRIMARY)), 0, 2, true, "it was over before"),
            (with(Event::Drain(PRIMARY, true)), 4, 5, false, "a drained cluster gets nothing new"),
            (with(Event::Promote(STANDBY)), 4, 5, false, "a fenced cluster gets nothing"),
            (with(Event::Become(PRIMARY, Condition::Lagging)), 4, 5, true, "old data is better than none"),
            (with(Event::Become(PRIMARY, Condition::Failing)), 4, 5, false, "500 is no answer to a read"),
        ] {
            let possible = history(&events).reads_were_possible(seconds(from), seconds(to));
            assert_eq!(possible, expected, "{reason}");
        }
    }

    #[test]
    fn the_writer_is_the_primary_until_another_is_active() {
        let mut history = history(&[(5, Event::Promote(STANDBY))]);
        history.activate(seconds(8), STANDBY);
        for (id, from, to, expected, reason) in [
            (PRIMARY, 0, 1, true, "from the start"),
            (PRIMARY, 6, 7, true, "nobody else is active yet"),
            (PRIMARY, 7, 9, true, "it was sent before"),
            (PRIMARY, 8, 9, false, "fenced"),
            (STANDBY, 0, 7, false, "too early"),
            (STANDBY, 7, 9, true, "active while the request was under way"),
            (EUROPE, 0, 9, false, "never"),
        ] {
            assert_eq!(history.was_writer(id, seconds(from), seconds(to)), expected, "{id} {from} {to}: {reason}");
        }
    }

    #[test]
    fn a_condition_lasts_until_the_next_one() {
        let history =
            history(&[(2, Event::Become(ASIA, Condition::Failing)), (4, Event::Become(ASIA, Condition::Healthy))]);
        for (from, to, expected) in [(0, 1, false), (1, 2, true), (3, 3, true), (3, 9, true), (4, 9, false)] {
            assert_eq!(history.was(ASIA, Condition::Failing, seconds(from), seconds(to)), expected, "{from} {to}");
        }
    }
}
