//! The last changes in words: the story an operator reads at night.

use std::collections::VecDeque;

use serde::Serialize;

use crate::json::read_fields;
use crate::time::Moment;

/// Changes that are kept.
const KEPT: usize = 100;

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Counts all changes, so that a reader knows which ones it has seen.
    pub number: u64,
    /// When it was noticed.
    pub at: Moment,
    /// What happened, in one sentence.
    pub words: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Journal {
    next: u64,
    events: VecDeque<Event>,
}

read_fields!(Event { number, at, words });
read_fields!(Journal { next, events });

impl Journal {
    pub(super) fn add(&mut self, words: String, at: Moment) {
        self.events.push_back(Event { number: self.next, at, words });
        self.next = self.next.saturating_add(1);
        while self.events.len() > KEPT {
            self.events.pop_front();
        }
    }

    /// Oldest first.
    pub(super) fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter()
    }

    /// The number that the next change will have.
    pub(super) fn next(&self) -> u64 {
        self.next
    }
}
