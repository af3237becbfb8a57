//! The documented bulkheads of a secret store, and whether a full queue is served before its requests give up.

use crate::quantity::{Connections, Count, Millis, PerSecond, approximate};
use crate::source::{OPENBAO, SECRET_MANAGEMENT, Source};

/// Where the bulkheads stand.
pub const BULKHEADS_SOURCE: Source = SECRET_MANAGEMENT.at("Bulkhead Pattern");
/// Where the longest duration of a request stands.
pub const DURATION_SOURCE: Source = OPENBAO.at("Limits and maximums, request duration");

/// Connections to `PostgreSQL`; as many to `MySQL`.
pub const DATABASE_POOL: Connections = Connections(10);
/// Calls to a cloud's token service at the same time.
pub const TOKEN_SERVICE: Count = Count(50);
/// Requests the key-value engine queues.
pub const KEY_VALUE_QUEUE: Count = Count(1_000);
/// Requests the database engine queues.
pub const DATABASE_QUEUE: Count = Count(500);
/// Requests the certificate engine queues.
pub const CERTIFICATE_QUEUE: Count = Count(200);
/// Workers that answer requests.
pub const HANDLERS: Count = Count(100);
/// Workers that revoke expired leases.
pub const EXPIRATION_WORKERS: Count = Count(10);
/// Workers that replicate.
pub const REPLICATION_WORKERS: Count = Count(5);
/// After so many milliseconds a request is given up.
const LONGEST_REQUEST_MS: f64 = 90_000.0;

/// After so long a request is given up.
#[must_use]
pub fn longest_request() -> Millis {
    Millis::new(LONGEST_REQUEST_MS)
}

/// How long a full queue of the database engine takes: queue × hold ÷ connections.
#[must_use]
pub fn drain(hold: Millis) -> Millis {
    Millis::new(approximate(DATABASE_QUEUE.get()) * hold.get() / approximate(DATABASE_POOL.get()))
}

/// The longest hold time with which the last of a full queue is served in time.
#[must_use]
pub fn longest_hold() -> Millis {
    Millis::new(LONGEST_REQUEST_MS * approximate(DATABASE_POOL.get()) / approximate(DATABASE_QUEUE.get()))
}

/// Credentials the pool creates or revokes in a second; `None` where they take no time.
#[must_use]
pub fn credentials(hold: Millis) -> Option<PerSecond> {
    (hold.get() > 0.0).then(|| PerSecond::new(1_000.0 * approximate(DATABASE_POOL.get()) / hold.get()))
}

/// The shortest average time to live with which so many leases are created and revoked by the pool: both take it once.
#[must_use]
pub fn least_time_to_live(leases: Count, hold: Millis) -> Millis {
    Millis::new(2.0 * approximate(leases.get()) * hold.get() / approximate(DATABASE_POOL.get()))
}

/// Request workers that are left when every backend hangs and holds as many as it may.
#[must_use]
pub const fn handlers_left() -> Count {
    Count(HANDLERS.0 - 2 * DATABASE_POOL.0 - TOKEN_SERVICE.0)
}

/// Requests all queues hold.
#[must_use]
pub const fn queued() -> Count {
    Count(KEY_VALUE_QUEUE.0 + DATABASE_QUEUE.0 + CERTIFICATE_QUEUE.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue() {
        assert_eq!(drain(Millis::new(100.0)), Millis::new(5_000.0), "500 × 100 ms over 10 connections");
        assert_eq!(longest_hold(), Millis::new(1_800.0), "90 s for 50 in a row");
        assert_eq!(drain(longest_hold()), longest_request(), "solved backwards");
        assert_eq!(credentials(Millis::new(100.0)), Some(PerSecond::new(100.0)));
        assert_eq!(credentials(Millis::new(0.0)), None);
        assert_eq!(least_time_to_live(Count(60_000), Millis::new(100.0)), Millis::new(1_200_000.0), "20 minutes");
        assert_eq!(handlers_left(), Count(30), "70 of 100 may hang");
    }
}
