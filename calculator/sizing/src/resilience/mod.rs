//! Resilience: what is survived, how fast it is noticed and repaired, bulkheads and circuit breakers.

pub mod breaker;
pub mod bulkhead;
mod findings;
pub mod promotion;
pub mod recovery;
mod values;

use crate::Finding;
use crate::Scenario;
use crate::choice::{Place, Replication};
use crate::model::Model;
use crate::node::raft;
use crate::sheet::Sheet;
use breaker::Breaker;

pub use promotion::promotion_steps;

pub(crate) fn values(model: &Model<'_>, sheet: &mut Sheet<'_>) {
    values::values(model, sheet);
}

pub(crate) fn findings(model: &Model<'_>) -> Vec<Finding> {
    findings::findings(model)
}

impl Scenario {
    /// The circuit breaker in front of a backend.
    fn breaker(&self) -> Breaker {
        Breaker { failures: self.breaker_failures, window: self.breaker_window_ms, cooldown: self.breaker_cooldown_ms }
    }

    /// The largest loss after which the service goes on: by what stands elsewhere and keeps up.
    fn survives(&self, model: &Model<'_>) -> &'static str {
        const REGION: &str = "the loss of a region";
        const ZONE: &str = "the loss of a zone";
        let standby = match (self.replication_in_force(), self.standby_place) {
            (None | Some(Replication::None), _) => None,
            (Some(_), Place::OtherRegion) => Some(REGION),
            (Some(_), Place::OtherZone) => Some(ZONE),
            (Some(_), Place::SameZone) => Some("the loss of the server"),
        };
        if !self.is_store_alone() {
            return standby.unwrap_or(match self.replication {
                None => "not known: replication is not given",
                Some(_) => "no loss of the server: restore it",
            });
        }
        let voters = model.cluster.voters;
        if standby == Some(REGION) {
            REGION
        } else if raft::left_after_zone_loss(voters, self.zones) >= raft::quorum(voters) {
            ZONE
        } else if raft::fault_tolerance(voters).get() > 0 {
            "the loss of a node"
        } else {
            "no loss of a node"
        }
    }
}
