//! The routing decision: a [`Topology`] and what is known of a request go in, a [`Decision`] with its reason comes out.
//!
//! In scope: reading and checking the topology file, classifying a request as a read or a write, refusing denied
//! paths, ranking clusters, knowing how they are, counting what is in flight, repeating what failed.
//!
//! Out of scope: sending anything, reading a clock, knowing on which platform it runs.  Nothing here does I/O, logs,
//! draws random numbers or panics, whatever the input; the host and wasm32 give the same bits.
//!
//! ```
//! use routing::{Coordinates, Decision, Health, Milliseconds, Moment, Outcome, RequestFacts, Topology, decide};
//!
//! let topology = Topology::parse(r#"{ "version": 1, "clusters": [
//!     { "id": "virginia", "role": "primary", "url": "https://va.example.com", "latitude": 38.95, "longitude": -77.45 },
//!     { "id": "dublin", "role": "replica", "url": "https://ie.example.com", "latitude": 53.35, "longitude": -6.26 }
//! ] }"#).expect("a valid topology");
//! let paris = Coordinates::from_degrees(48.86, 2.35);
//! let read = RequestFacts { method: "GET", path: "/v1/secret/data/app", location: paris, ..RequestFacts::default() };
//!
//! let (mut health, now) = (Health::new(&topology, 42), Moment::from_millis(0));
//! let Decision::Forward(route) = decide(&topology, &health, &read, now) else { panic!("nothing is denied here") };
//! assert_eq!((route.target.cluster.id.as_str(), route.reason.as_str()), ("dublin", "nearest"));
//!
//! let attempt = health.begin(&topology, &route, Milliseconds::new(30_000), now);
//! // ... it is sent ...
//! let took = Milliseconds::new(25);
//! let reported = health.report(&topology, attempt.ticket, Outcome::Answered(200), took, now.after(took));
//! assert_eq!(reported.next, None);
//! ```
#![warn(clippy::pedantic)]
#![deny(clippy::disallowed_methods)]

mod decision;
mod explain;
mod geo;
mod health;
mod json;
mod metrics;
mod news;
mod operation;
mod origin;
mod path;
mod pattern;
mod place;
mod promotion;
mod ranking;
mod registry;
#[cfg(feature = "reference")]
mod schema;
mod snapshot;
mod time;
mod topology;

pub use decision::{Cause, Decision, Denial, Reason, Refusal, Repeatable, RequestFacts, Route, decide};
pub use explain::{ExplainedBulkhead, ExplainedCandidate, Explanation, Location, explain};
pub use geo::{Coordinates, EARTH_RADIUS, Kilometres};
pub use health::breaker::{Breaker, BreakerState, Permit, Transition};
pub use health::outcome::Outcome;
pub use health::probe::{Answer, Finding, State, is_network_error};
pub use health::round_trip::RoundTrips;
pub use health::slots::Ticket;
pub use health::threshold::Threshold;
pub use health::{Begun, Ended, Health, Reported, Standing};
pub use metrics::{Delta, Gauge, Measure, Metrics, Rejection, Totals};
pub use news::{News, Told, Wish};
pub use operation::Operation;
pub use origin::{Origin, OriginError};
pub use pattern::{PathPattern, PathPatternError};
pub use place::{Colo, Place, WORLD_OUTLINE};
pub use promotion::{Promotion, PromotionOrder, PromotionRefused, PromotionState, PromotionStep, Subject};
pub use ranking::Candidate;
pub use registry::{
    Change, ClusterStatus, EffectiveRole, Event, FenceStatus, LastProbe, ProbeOrder, PromotionStatus,
    ReadmissionRefused, Registry, Status, TopologyStatus, UnknownCluster,
};
#[cfg(feature = "reference")]
pub use schema::schema;
pub use snapshot::{ClusterSnapshot, Snapshot};
pub use time::{Milliseconds, Moment};
pub use topology::{
    AllUnhealthy, Breaking, Bulkhead, Cluster, ClusterId, ClusterIndex, Dialect, Fallback, HeaderValue, InvalidText,
    Mode, Probing, Problem, Promoting, Retrying, Role, Topology, TopologyError, TopologyWarning,
};
#[cfg(feature = "reference")]
pub use topology::{Allowed, Setting, settings};
