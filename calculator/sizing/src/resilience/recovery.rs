//! How fast a loss is noticed and repaired, and how much of the latest changes is lost with it.

use crate::Scenario;
use crate::choice::{Promotion, Replication};
use crate::quantity::{Millis, approximate};

/// Checks before a store's standby cluster is promoted, ten seconds apart and ten after the last, in milliseconds.
const CONFIRMATION_MS: f64 = 30_000.0;
/// What an automatic promotion takes, in milliseconds: an assumption.
const AUTOMATIC_MS: f64 = 30_000.0;
/// What a manual promotion takes, in milliseconds: someone is called, decides and acts; an assumption.
const MANUAL_MS: f64 = 900_000.0;

/// From a loss to the first request that is answered again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recovery {
    /// Until a loss is noticed at worst: it falls behind a check that still succeeded, and the last check hangs.
    pub detection: Millis,
    /// Until it is noticed at best: it comes just before a check, and every check is refused at once.
    pub detection_least: Millis,
    /// Until whoever promotes a standby cluster is sure.
    pub confirmation: Millis,
    /// Until the standby takes writes, once that is decided; `None` where there is no standby, or none is known.
    pub promotion: Option<Millis>,
    /// Until clients reach the standby.
    pub switch: Millis,
    /// The whole way; `None` where a part of it is not known.
    pub rto: Option<Millis>,
    /// What is lost, as the time it took to write; `None` where replication is not given.
    pub rpo: Option<Millis>,
}

impl Recovery {
    /// Recovery from the loss of the primary: of the database's server, of the store's whole cluster.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let interval = scenario.health_interval_ms.get();
        let checks = approximate(scenario.unhealthy_threshold.get());
        let detection = Millis::new(interval * checks + scenario.health_timeout_ms.get());
        let confirmation = Millis::new(if scenario.has_secret_store() { CONFIRMATION_MS } else { 0.0 });
        let switch = scenario.dns_ttl_ms;
        let replication = scenario.replication_in_force();
        let promotion = match replication {
            None | Some(Replication::None) => None,
            Some(_) => Some(scenario.promotion_takes()),
        };
        let repaired = match replication {
            None => None,
            Some(Replication::None) => scenario.restore_ms,
            Some(_) => promotion,
        };
        let before = detection.get() + confirmation.get() + switch.get();
        Self {
            detection,
            detection_least: Millis::new(interval * (checks - 1.0)),
            confirmation,
            promotion,
            switch,
            rto: repaired.map(|repaired| Millis::new(before + repaired.get())),
            rpo: replication.map(|replication| scenario.lost_with(replication)),
        }
    }

    /// The whole way, were the standby promoted by software.
    pub(crate) fn automatic(&self) -> Millis {
        Millis::new(self.detection.get() + self.confirmation.get() + AUTOMATIC_MS + self.switch.get())
    }

    /// What the target leaves for the promotion; `None` where it leaves nothing.
    #[must_use]
    pub fn promotion_budget(&self, target: Millis) -> Option<Millis> {
        let rest = target.get() - self.detection.get() - self.confirmation.get() - self.switch.get();
        (rest > 0.0).then(|| Millis::new(rest))
    }
}

impl Scenario {
    /// Whether only a store's cluster is looked at.
    pub(crate) fn is_store_alone(&self) -> bool {
        self.has_secret_store() && !self.has_database()
    }

    /// The replication that is given, and none for an edition that has none.
    pub(crate) fn replication_in_force(&self) -> Option<Replication> {
        match self.replication {
            Some(_) if self.is_store_alone() && !self.edition.replicates() => Some(Replication::None),
            given => given,
        }
    }

    /// How long the promotion takes, by default as long as who decides takes.
    pub(crate) fn promotion_takes(&self) -> Millis {
        self.promotion_ms.unwrap_or(Millis::new(match self.promotion {
            Promotion::Automatic => AUTOMATIC_MS,
            Promotion::Manual => MANUAL_MS,
        }))
    }

    /// What is lost with the primary: a store's clusters replicate asynchronously, whatever is asked for.
    fn lost_with(&self, replication: Replication) -> Millis {
        match replication {
            Replication::None => self.snapshot_interval_ms,
            Replication::Sync | Replication::Quorum if !self.has_secret_store() => Millis::new(0.0),
            Replication::Async | Replication::Sync | Replication::Quorum => self.replication_lag_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recovery(inputs: &[(&str, &str)]) -> Recovery {
        let mut scenario = Scenario::default();
        for (id, text) in inputs {
            scenario.set(id, text).unwrap();
        }
        Recovery::of(&scenario)
    }

    #[test]
    fn noticed() {
        let recovery = recovery(&[]);
        assert_eq!(recovery.detection, Millis::new(17_000.0), "3 × 5 s, and 2 s for the last to time out");
        assert_eq!(recovery.detection_least, Millis::new(10_000.0), "the documented 10 s is the best case");
    }

    #[test]
    fn repaired_and_lost() {
        let rows: [(&[(&str, &str)], _, _, _); 8] = [
            (&[], None, None, "nothing is said of replication"),
            (&[("replication", "none")], None, Some(3_600_000.0), "an hour of changes, and nobody restored yet"),
            (
                &[("replication", "none"), ("restore_ms", "600000"), ("snapshot_interval_ms", "60000")],
                Some(677_000.0),
                Some(60_000.0),
                "restored in ten minutes",
            ),
            (&[("replication", "async")], Some(977_000.0), Some(1_000.0), "a person promotes, the lag is lost"),
            (
                &[("replication", "sync"), ("promotion", "automatic"), ("dns_ttl_ms", "0")],
                Some(47_000.0),
                Some(0.0),
                "nothing is lost",
            ),
            (
                &[("replication", "async"), ("promotion_ms", "120000")],
                Some(197_000.0),
                Some(1_000.0),
                "measured in an exercise",
            ),
            (
                &[
                    ("replication", "sync"),
                    ("leases", "1"),
                    ("edition", "vault-enterprise"),
                    ("promotion", "automatic"),
                ],
                Some(137_000.0),
                Some(1_000.0),
                "a store's clusters replicate asynchronously, and are checked three times before",
            ),
            (
                &[("replication", "async"), ("leases", "1"), ("edition", "openbao")],
                None,
                Some(3_600_000.0),
                "an edition without replication has its snapshots",
            ),
        ];
        for (inputs, rto, rpo, reason) in rows {
            let recovery = recovery(inputs);
            assert_eq!((recovery.rto, recovery.rpo), (rto.map(Millis::new), rpo.map(Millis::new)), "{reason}");
        }
    }

    #[test]
    fn time_for_people() {
        let store = recovery(&[("leases", "1")]);
        assert_eq!(store.promotion_budget(Millis::new(300_000.0)), Some(Millis::new(193_000.0)), "of five minutes");
        assert_eq!(store.promotion_budget(Millis::new(60_000.0)), None, "a minute has passed before it is certain");
    }
}
