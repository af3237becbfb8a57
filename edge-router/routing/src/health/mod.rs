//! What one isolate knows of its clusters: what the health object said, what live traffic showed, what is in flight.

pub(crate) mod breaker;
pub(crate) mod outcome;
pub(crate) mod probe;
pub(crate) mod round_trip;
pub(crate) mod threshold;
