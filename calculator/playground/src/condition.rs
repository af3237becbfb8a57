//! What a simulated cluster does, and what it answers to a probe.

use routing::{Dialect, Milliseconds, Probing, Role};

/// What a cluster does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Answers.
    Alive,
    /// Refuses connections.
    Killed,
    /// Takes connections and says nothing.
    Hanging,
    /// Answers after a long while.
    Slow,
    /// Answers that it is sealed.
    Sealed,
    /// Answers every request with 500, though its health check is well.
    Failing,
}

/// A simulated cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Simulated {
    pub(crate) condition: Condition,
    /// How far it is behind the writer.
    pub(crate) lag: Milliseconds,
    /// Whether it says itself that it is kept for disaster recovery and serves nobody.
    pub(crate) is_secondary: bool,
}

/// What comes back from a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Answer(u16, String),
    Failed,
    TimedOut,
}

/// How long a cluster works on a request.
pub(crate) const SERVICE: Milliseconds = Milliseconds::new(8);
/// And a slow one besides.
pub(crate) const SLOWNESS: Milliseconds = Milliseconds::new(1_500);

impl Condition {
    /// All of them with their names and what they mean.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::Alive, "alive", "answers"),
        (Self::Killed, "killed", "refuses connections"),
        (Self::Hanging, "hanging", "takes requests and never answers"),
        (Self::Slow, "slow", "answers 1.5 s late"),
        (Self::Sealed, "sealed", "answers 503"),
        (Self::Failing, "failing", "answers 500, though its health check is well"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

impl Simulated {
    pub(crate) fn new(role: Role, dialect: Option<Dialect>) -> Self {
        let is_secondary = role == Role::Standby && dialect.is_some_and(Dialect::is_vault_like);
        Self { condition: Condition::Alive, lag: Milliseconds::new(0), is_secondary }
    }

    /// What it makes of something that reaches it over a link, and how long that takes.
    pub(crate) fn reply(
        &self,
        trip: Milliseconds,
        patience: Milliseconds,
        well: impl FnOnce() -> (u16, String),
    ) -> (Reply, Milliseconds) {
        let slowness = if self.condition == Condition::Slow { SLOWNESS.get() } else { 0 };
        let took = Milliseconds::new(trip.get().saturating_add(SERVICE.get()).saturating_add(slowness));
        if self.condition == Condition::Hanging || took > patience {
            return (Reply::TimedOut, patience);
        }
        match self.condition {
            Condition::Killed => (Reply::Failed, trip.min(patience)),
            _ => {
                let (status, body) = well();
                (Reply::Answer(status, body), took)
            }
        }
    }

    /// The answer of its health check, in the dialect that is expected of it.
    pub(crate) fn health(&self, probing: &Probing, role: Role) -> (u16, String) {
        let is_sealed = self.condition == Condition::Sealed;
        let lag = self.lag.get().to_string();
        if !probing.dialect.is_vault_like() {
            let body = probing.lag_pointer.as_deref().map(|pointer| nested(pointer, &lag)).unwrap_or_default();
            return (if is_sealed { 503 } else { probing.status.0 }, body);
        }
        let status = match (is_sealed, self.is_secondary) {
            (true, _) => 503,
            (false, true) => 472,
            (false, false) => 200,
        };
        let flag = |is_so| if is_so { "true" } else { "false" };
        let mode = |is_so| if is_so { "secondary" } else { "primary" };
        let mut body = String::from(r#"{"initialized":true,"standby":false,"performance_standby":false,"sealed":"#);
        for part in [
            flag(is_sealed),
            r#","replication_dr_mode":""#,
            mode(self.is_secondary),
            r#"","replication_performance_mode":""#,
            mode(role == Role::Replica),
            "\"",
        ] {
            body.push_str(part);
        }
        if role != Role::Primary {
            body.push_str(",\"replication_primary_canary_age_ms\":");
            body.push_str(&lag);
        }
        body.push('}');
        (status, body)
    }
}

/// A JSON document with a value where a pointer (RFC 6901) points at.
fn nested(pointer: &str, value: &str) -> String {
    pointer.rsplit('/').take(pointer.matches('/').count()).fold(value.to_owned(), |inner, token| {
        let key = serde_json::Value::from(token.replace("~1", "/").replace("~0", "~")).to_string();
        ["{", &key, ":", &inner, "}"].concat()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meaning_of_slow_has_its_number() {
        let (.., meaning) = Condition::ALL.into_iter().find(|row| row.0 == Condition::Slow).unwrap();
        assert_eq!(meaning, ["answers ", &crate::words::span(SLOWNESS), " late"].concat());
    }

    #[test]
    fn a_value_where_the_pointer_points_at() {
        assert_eq!(nested("/lag_ms", "7"), r#"{"lag_ms":7}"#);
        assert_eq!(nested("/a/b~1c", "7"), r#"{"a":{"b/c":7}}"#);
        assert_eq!(nested("", "7"), "7");
    }
}
