//! Points in time and spans of it, which always come from outside: nothing here reads a clock.

use crate::json::{Node, Read};

/// A point in time, in milliseconds since some fixed one (on the platform, the Unix epoch).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Moment(u64);

/// A span of time in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Milliseconds(u64);

impl Read for Moment {
    fn read(node: &Node) -> Option<Self> {
        u64::read(node).map(Self)
    }
}

impl Read for Milliseconds {
    fn read(node: &Node) -> Option<Self> {
        u64::read(node).map(Self)
    }
}

impl Moment {
    /// The moment so many milliseconds after the fixed one.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the fixed moment.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; nothing where it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Milliseconds {
        Milliseconds(self.0.saturating_sub(earlier.0))
    }

    /// The moment that much later.
    #[must_use]
    pub const fn after(self, span: Milliseconds) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Milliseconds {
    /// So many milliseconds.
    #[must_use]
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// The span as a plain number of milliseconds.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}
