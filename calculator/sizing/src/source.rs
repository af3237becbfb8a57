//! Where a formula, a limit or a default comes from.

use std::fmt;

/// A public document, and the place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The document's name.
    pub title: &'static str,
    /// The section, the setting or the page; may be empty.
    pub place: &'static str,
}

impl Source {
    /// The same document, another place.
    #[must_use]
    pub const fn at(self, place: &'static str) -> Self {
        Self { title: self.title, place }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)?;
        if self.place.is_empty() { Ok(()) } else { write!(f, ", {}", self.place) }
    }
}

const fn document(title: &'static str) -> Source {
    Source { title, place: "" }
}

/// One of the four documents the product is built from.
pub const CONNECTION_SCALING: Source = document("Database Connection Scaling Strategy");
/// One of the four documents the product is built from.
pub const OPTIMIZATION_GUIDE: Source = document("Database Optimization Guide");
/// One of the four documents the product is built from.
pub const SCALING_STRATEGIES: Source = document("Database Scaling Strategies");
/// One of the four documents the product is built from.
pub const SECRET_MANAGEMENT: Source = document("Secret Management System: Scalability and Reliability");
/// `PostgreSQL`'s manual.
pub const POSTGRESQL: Source = document("PostgreSQL documentation");
/// `PgBouncer`'s manual.
pub const PGBOUNCER: Source = document("PgBouncer documentation");
/// `HikariCP`'s read-me and wiki.
pub const HIKARICP: Source = document("HikariCP");
/// `SQLAlchemy`'s manual.
pub const SQLALCHEMY: Source = document("SQLAlchemy documentation");
/// The Kubernetes reference.
pub const KUBERNETES: Source = document("Kubernetes documentation");
/// Amazon RDS's user guide.
pub const AMAZON_RDS: Source = document("Amazon RDS User Guide");
/// Neon's manual.
pub const NEON: Source = document("Neon documentation");
/// Supabase's manual.
pub const SUPABASE: Source = document("Supabase documentation");
/// Heroku's Dev Center.
pub const HEROKU: Source = document("Heroku Dev Center");
/// The Linux manual pages.
pub const LINUX: Source = document("Linux manual pages");
/// John D. C. Little's proof of what is known as his law.
pub const LITTLE: Source = document("Little, A Proof for the Queuing Formula L = λW (1961)");
/// `PGTune`'s published rules.
pub const PGTUNE: Source = document("PGTune");
/// `timescaledb-tune`'s published rules.
pub const TIMESCALEDB_TUNE: Source = document("timescaledb-tune");
/// `TimescaleDB`'s manual.
pub const TIMESCALEDB: Source = document("TimescaleDB documentation");
/// `HashiCorp` Vault's manual and validated designs.
pub const VAULT: Source = document("Vault documentation");
/// `OpenBao`'s manual.
pub const OPENBAO: Source = document("OpenBao documentation");
/// Neil J. Gunther's law of scalability.
pub const GUNTHER: Source = document("Gunther, Guerrilla Capacity Planning (2007), Universal Scalability Law");
/// A. K. Erlang's formulas for telephone exchanges.
pub const ERLANG: Source = document("Erlang, Solution of some Problems in the Theory of Probabilities (1917)");
/// Arnold O. Allen's approximation for queues with general arrivals and services.
pub const ALLEN_CUNNEEN: Source = document("Allen, Probability, Statistics, and Queueing Theory (1990), Allen–Cunneen");
/// Where the skew of what is read was measured.
pub const ZIPF: Source = document("Breslau et al., Web Caching and Zipf-like Distributions (1999)");
/// Redis's manual.
pub const REDIS: Source = document("Redis documentation");
/// George P. Cosmetatos' approximations for constant (1975) and for less variable (1976) hold times.
pub const COSMETATOS: Source =
    document("Cosmetatos, Some Approximate Equilibrium Results for the Multi-server Queue (1976)");
/// The textbook on queues with a finite number of customers.
pub const FINITE_SOURCE: Source =
    document("Gross and Harris, Fundamentals of Queueing Theory (1998), finite-source queues");
/// What Headroom itself defines or assumes.
pub const HEADROOM: Source = document("Headroom");
