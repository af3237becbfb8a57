//! The documented growth of a secret store, year by year, and what its storage column would mean.

use crate::input::DAY;
use crate::quantity::{Bytes, Count, PerSecond, approximate};
use crate::source::{SECRET_MANAGEMENT, Source};

/// Where the table stands.
pub const PROJECTIONS_SOURCE: Source = SECRET_MANAGEMENT.at("Growth Projections");

/// A row of the documented growth table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Projection {
    /// The year, counted from the start.
    pub year: Count,
    /// Secrets at its end.
    pub secrets: Count,
    /// Active leases at its end.
    pub leases: Count,
    /// Requests of a day.
    pub requests_per_day: Count,
    /// Storage, in terabytes of 1024 GB as everywhere here.
    pub storage: Bytes,
}

/// "Growth Projections", Secret Management System: Scalability and Reliability.  There is no row for year 4.
pub static PROJECTIONS: [Projection; 4] = [
    projection(1, 100_000, 60_000, 10_000_000, 4),
    projection(2, 250_000, 150_000, 50_000_000, 10),
    projection(3, 500_000, 300_000, 100_000_000, 20),
    projection(5, 1_000_000, 500_000, 200_000_000, 50),
];

/// The practical limits these years reach, each with the first.
pub const REACHED: &str = "secrets in year 5, leases in year 2";

const fn projection(year: u64, secrets: u64, leases: u64, requests_per_day: u64, terabytes: u64) -> Projection {
    Projection {
        year: Count(year),
        secrets: Count(secrets),
        leases: Count(leases),
        requests_per_day: Count(requests_per_day),
        storage: Bytes(terabytes << 40),
    }
}

impl Projection {
    /// Requests per second on average: the day's requests ÷ 86,400.
    #[must_use]
    pub fn average_rate(&self) -> PerSecond {
        PerSecond::new(approximate(self.requests_per_day.get()) / DAY)
    }

    /// What a secret would have to weigh to fill the storage: storage ÷ secrets.
    #[must_use]
    pub fn bytes_per_secret(&self) -> Bytes {
        Bytes(self.storage.get().checked_div(self.secrets.get()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_storage_column_is_not_secrets() {
        for (projection, expected) in PROJECTIONS.iter().zip([41.943, 41.943, 41.943, 52.429]) {
            let each = projection.bytes_per_secret();
            let mebibytes = approximate(each.get()) / 1_048_576.0;
            assert!((mebibytes - expected).abs() < 0.001, "year {}: {mebibytes}", projection.year.get());
            assert!(each > Bytes::mib(1), "an entry has at most 1 MiB");
        }
    }

    #[test]
    fn rates_on_average() {
        for (projection, rate) in PROJECTIONS.iter().zip([115.74, 578.7, 1_157.41, 2_314.81]) {
            assert!((projection.average_rate().get() - rate).abs() < 0.01, "year {}", projection.year.get());
        }
    }
}
