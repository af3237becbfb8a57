//! Which clients wrote of late, by the hash of their token: their reads follow their writes for a while.

use crate::time::{Milliseconds, Moment};

/// Clients and their last writes: a table of fixed size, in which the oldest write of a row makes place for a new one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Writers {
    /// None until somebody writes.
    rows: Vec<[Option<Write>; WAYS]>,
    seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Write {
    client: u64,
    at: Moment,
}

const ROWS: usize = 256;
const WAYS: usize = 4;

impl Writers {
    /// Nobody wrote.  The seed decides who shares a row, so that no client can choose to push out another.
    pub(crate) fn new(seed: u64) -> Self {
        Self { rows: Vec::new(), seed }
    }

    /// Notes a write.
    pub(crate) fn record(&mut self, client: u64, at: Moment) {
        if self.rows.is_empty() {
            self.rows = vec![[None; WAYS]; ROWS];
        }
        let row = self.row(client);
        let Some(row) = self.rows.get_mut(row) else { return };
        let of = |write: &Option<Write>| write.is_some_and(|write| write.client == client);
        // An empty place sorts before every write.
        let oldest = || (0..WAYS).min_by_key(|way| row.get(*way).copied().flatten().map(|write| write.at));
        let way = row.iter().position(of).or_else(oldest);
        if let Some(place) = way.and_then(|way| row.get_mut(way)) {
            *place = Some(Write { client, at });
        }
    }

    /// Whether the client wrote within the window.
    pub(crate) fn wrote_within(&self, client: u64, window: Milliseconds, now: Moment) -> bool {
        let row = self.rows.get(self.row(client)).into_iter().flatten().flatten();
        row.into_iter().any(|write| write.client == client && is_within(write.at, window, now))
    }

    fn row(&self, client: u64) -> usize {
        let mixed = (client ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - ROWS.ilog2());
        usize::try_from(mixed).unwrap_or_default()
    }
}

/// Whether something happened less than a window ago; what will happen did not.
pub(crate) fn is_within(at: Moment, window: Milliseconds, now: Moment) -> bool {
    at <= now && now.since(at) < window
}
