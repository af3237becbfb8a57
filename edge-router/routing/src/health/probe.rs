//! What the answer to a probe says of a cluster, in the dialect it speaks.

use serde::Serialize;

use crate::json::{self, Node, Read};
use crate::time::Milliseconds;
use crate::topology::{Dialect, Probing};

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the cluster can do its work.
    pub healthy: bool,
    /// What it is, by its own word.
    pub state: State,
    /// Status of the answer; `None`: there was none.
    pub status: Option<u16>,
    /// Replication lag, where the answer has it.
    pub lag: Option<Milliseconds>,
    /// The cluster's own identifier, where the answer has it.
    pub cluster_id: Option<String>,
}

/// What a cluster says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Takes requests: the active node of a primary, or any HTTP service.
    Active,
    /// A node that forwards to the active one.
    Standby,
    /// The active node of a performance secondary.
    PerformanceSecondary,
    /// A node that serves reads itself.
    PerformanceStandby,
    /// A secondary for disaster recovery: serves nobody.
    DisasterRecoverySecondary,
    /// A standby that cannot reach the active node.
    Cut,
    /// Not initialised.
    Uninitialised,
    /// Sealed.
    Sealed,
    /// Removed from its cluster.
    Removed,
    /// Answers something else.
    Unknown,
    /// The network answered in its place, or nobody did.
    Unreachable,
}

/// How a probe ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    /// An answer with its status and as much of its body as was read.
    Response {
        /// The status.
        status: u16,
        /// The body, or its beginning.
        body: &'a str,
    },
    /// No answer.
    Failed,
    /// No answer in time.
    TimedOut,
}

/// Longer bodies are not parsed; a health answer has a few hundred bytes.
const MAX_BODY: usize = 64 * 1024;
/// Longer identifiers are no identifiers; Vault's are UUIDs.
const MAX_CLUSTER_ID: usize = 64;

impl Finding {
    /// Understands the answer to a probe.
    ///
    /// What a Vault-like body says goes before the status, because parameters of the probe change the status
    /// (`standbyok=true` makes a standby answer 200).  Without such a body the status decides.
    #[must_use]
    pub fn of(probing: &Probing, answer: Answer<'_>) -> Self {
        let unreachable =
            |status| Self { healthy: false, state: State::Unreachable, status, lag: None, cluster_id: None };
        let Answer::Response { status, body } = answer else {
            return unreachable(None);
        };
        if is_network_error(status, None, body) {
            return unreachable(Some(status));
        }
        let needs_body = probing.dialect.is_vault_like() || probing.lag_pointer.is_some();
        let body = if needs_body { parse(body) } else { Node::Null };
        if probing.dialect == Dialect::Http {
            let (lowest, highest) = probing.status;
            let healthy = (lowest..=highest).contains(&status);
            let state = if healthy { State::Active } else { State::Unknown };
            let lag = probing.lag_pointer.as_deref().and_then(|pointer| milliseconds(body.pointer(pointer)?));
            return Self { healthy, state, status: Some(status), lag, cluster_id: None };
        }
        let state = state_of_body(&body, status).unwrap_or_else(|| state_of_status(probing.dialect, status));
        let cluster_id = body.get("cluster_id").and_then(Node::text);
        Self {
            healthy: state.is_healthy(),
            state,
            status: Some(status),
            lag: body.get("replication_primary_canary_age_ms").and_then(milliseconds),
            cluster_id: cluster_id.filter(|id| (1..=MAX_CLUSTER_ID).contains(&id.len())).map(str::to_owned),
        }
    }

    /// Whether anybody is there: only the network's own answers and silence say no.
    #[must_use]
    pub fn is_answering(&self) -> bool {
        self.state != State::Unreachable
    }
}

impl Read for State {
    fn read(node: &Node) -> Option<Self> {
        Some(match node.text()? {
            "active" => Self::Active,
            "standby" => Self::Standby,
            "performance-secondary" => Self::PerformanceSecondary,
            "performance-standby" => Self::PerformanceStandby,
            "disaster-recovery-secondary" => Self::DisasterRecoverySecondary,
            "cut" => Self::Cut,
            "uninitialised" => Self::Uninitialised,
            "sealed" => Self::Sealed,
            "removed" => Self::Removed,
            "unknown" => Self::Unknown,
            "unreachable" => Self::Unreachable,
            _ => return None,
        })
    }
}

impl State {
    /// Whether it can do its work; that of a secondary for disaster recovery is to wait.
    fn is_healthy(self) -> bool {
        match self {
            Self::Active
            | Self::Standby
            | Self::PerformanceSecondary
            | Self::PerformanceStandby
            | Self::DisasterRecoverySecondary => true,
            Self::Cut | Self::Uninitialised | Self::Sealed | Self::Removed | Self::Unknown | Self::Unreachable => false,
        }
    }
}

/// Whether the network answered in the place of a cluster it could not reach, by the status, the content type and the
/// beginning of the body of the answer.
///
/// 520 to 527 are the network's alone.  530 is also what a Vault node says that was removed from its cluster: that one
/// says it in a JSON object, the network in plain text, HTML, or an object that names the network.  Where there is no
/// body (a `HEAD`), the content type decides.
#[must_use]
pub fn is_network_error(status: u16, content_type: Option<&str>, body_start: &str) -> bool {
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    match status {
        520..=527 => true,
        530 => {
            let text = body_start.trim_start_matches('\u{feff}').trim_start();
            let is_object = if text.is_empty() {
                media_type.eq_ignore_ascii_case("application/json")
            } else {
                text.starts_with('{')
            };
            !is_object
                || media_type.eq_ignore_ascii_case("application/problem+json")
                || text.contains("\"cloudflare_error\"")
                || text.contains("//developers.cloudflare.com/")
        }
        _ => false,
    }
}

/// The body as JSON; null where it is none, or too long to be a health answer.
fn parse(body: &str) -> Node {
    if body.len() > MAX_BODY { Node::Null } else { serde_json::from_str(body).unwrap_or(Node::Null) }
}

/// What the body of a health answer says, in the order in which Vault itself looks; `None` where it is no such body.
fn state_of_body(body: &Node, status: u16) -> Option<State> {
    let flag = |name: &str| body.get(name).and_then(Node::flag);
    let is_secondary = |name: &str| body.get(name).and_then(Node::text) == Some("secondary");
    if flag("removed_from_cluster") == Some(true) {
        return Some(State::Removed);
    }
    let (initialised, sealed, standby) = (flag("initialized")?, flag("sealed")?, flag("standby")?);
    // Older versions do not have the field, but none of those has the status either.
    let is_cut = || flag("ha_connection_healthy").map_or(status == 474, |healthy| !healthy);
    Some(if !initialised {
        State::Uninitialised
    } else if sealed {
        State::Sealed
    } else if is_secondary("replication_dr_mode") {
        State::DisasterRecoverySecondary
    } else if flag("performance_standby") == Some(true) {
        if is_cut() { State::Cut } else { State::PerformanceStandby }
    } else if standby {
        if is_cut() { State::Cut } else { State::Standby }
    } else if is_secondary("replication_performance_mode") {
        State::PerformanceSecondary
    } else {
        State::Active
    })
}

/// What a status means that no parameter changed.
fn state_of_status(dialect: Dialect, status: u16) -> State {
    match (status, dialect) {
        (200, _) => State::Active,
        (429, _) => State::Standby,
        (501, _) => State::Uninitialised,
        (503, _) => State::Sealed,
        (472, Dialect::Vault) => State::DisasterRecoverySecondary,
        (473, Dialect::Vault) => State::PerformanceStandby,
        (474, Dialect::Vault) => State::Cut,
        (530, Dialect::Vault) => State::Removed,
        _ => State::Unknown,
    }
}

/// A number of milliseconds, or a text of one; nothing negative and nothing that is no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative; a cast of a float saturates"
)]
fn milliseconds(value: &Node) -> Option<Milliseconds> {
    let number = value.number().or_else(|| json::number(value.text()?))?;
    (number.is_finite() && number >= 0.0).then(|| Milliseconds::new(number as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_as_it_was_written() {
        for state in [
            State::Active,
            State::Standby,
            State::PerformanceSecondary,
            State::PerformanceStandby,
            State::DisasterRecoverySecondary,
            State::Cut,
            State::Uninitialised,
            State::Sealed,
            State::Removed,
            State::Unknown,
            State::Unreachable,
        ] {
            assert_eq!(json::read(&serde_json::to_string(&state).expect("a text")), Some(state));
        }
    }

    fn probing(dialect: Dialect) -> Probing {
        Probing {
            dialect,
            target: "/".to_owned(),
            interval: Milliseconds::new(5_000),
            timeout: Milliseconds::new(2_000),
            unhealthy_threshold: 3,
            healthy_threshold: 2,
            status: (200, 299),
            lag_pointer: None,
        }
    }

    #[track_caller]
    fn check(dialect: Dialect, status: u16, body: &str, state: State, healthy: bool, reason: &str) {
        let finding = Finding::of(&probing(dialect), Answer::Response { status, body });
        assert_eq!((finding.state, finding.healthy, finding.status), (state, healthy, Some(status)), "{reason}");
    }

    #[test]
    fn every_status_in_every_dialect() {
        use State::{
            Active, Cut, DisasterRecoverySecondary, PerformanceStandby, Removed, Sealed, Standby, Uninitialised,
            Unknown, Unreachable,
        };
        // Status, body; for the dialects vault, openbao and http: state and health; why.
        let rows = [
            (200, "", (Active, true), (Active, true), (Active, true), "the ordinary answer"),
            (204, "", (Unknown, false), (Unknown, false), (Active, true), "no status of a health answer"),
            (299, "", (Unknown, false), (Unknown, false), (Active, true), "the last one of the range"),
            (302, "", (Unknown, false), (Unknown, false), (Unknown, false), "a redirection to a login page, say"),
            (404, "", (Unknown, false), (Unknown, false), (Unknown, false), "the wrong path"),
            (429, "", (Standby, true), (Standby, true), (Unknown, false), "a standby forwards"),
            (472, "", (DisasterRecoverySecondary, true), (Unknown, false), (Unknown, false), "well, and serves nobody"),
            (473, "", (PerformanceStandby, true), (Unknown, false), (Unknown, false), "serves reads"),
            (474, "", (Cut, false), (Unknown, false), (Unknown, false), "cannot reach the active node"),
            (500, "", (Unknown, false), (Unknown, false), (Unknown, false), "broken"),
            (501, "", (Uninitialised, false), (Uninitialised, false), (Unknown, false), "not initialised"),
            (503, "", (Sealed, false), (Sealed, false), (Unknown, false), "sealed"),
            (530, "{}", (Removed, false), (Unknown, false), (Unknown, false), "removed, or its own 530"),
            (530, "", (Unreachable, false), (Unreachable, false), (Unreachable, false), "a GET of Vault's has a body"),
            (520, "{}", (Unreachable, false), (Unreachable, false), (Unreachable, false), "the network's first"),
            (527, "", (Unreachable, false), (Unreachable, false), (Unreachable, false), "the network's last"),
            (528, "", (Unknown, false), (Unknown, false), (Unknown, false), "nobody's"),
            (0, "", (Unknown, false), (Unknown, false), (Unknown, false), "no status at all"),
        ];
        for (status, body, vault, openbao, http, reason) in rows {
            for (dialect, (state, healthy)) in
                [(Dialect::Vault, vault), (Dialect::OpenBao, openbao), (Dialect::Http, http)]
            {
                check(dialect, status, body, state, healthy, &format!("{dialect:?} {status}: {reason}"));
            }
        }
    }

    #[test]
    fn the_body_goes_before_the_status() {
        use State::{
            Active, Cut, DisasterRecoverySecondary, PerformanceSecondary, PerformanceStandby, Removed, Sealed, Standby,
            Uninitialised,
        };
        let rows = [
            (200, "true", "false", "false", "", Active, "active"),
            (299, "true", "false", "false", "", Active, "activecode=299"),
            (200, "true", "false", "true", "", Standby, "standbyok=true"),
            (429, "true", "false", "true", "", Standby, "a standby as it is"),
            (200, "true", "false", "true", r#","performance_standby":true"#, PerformanceStandby, "perfstandbyok=true"),
            (200, "true", "false", "false", r#","performance_standby":true"#, PerformanceStandby, "not also a standby"),
            (
                200,
                "true",
                "false",
                "false",
                r#","replication_dr_mode":"secondary""#,
                DisasterRecoverySecondary,
                "drsecondarycode=200",
            ),
            (
                200,
                "true",
                "false",
                "true",
                r#","replication_dr_mode":"secondary""#,
                DisasterRecoverySecondary,
                "its standby, too",
            ),
            (200, "true", "false", "false", r#","replication_dr_mode":"primary""#, Active, "has a secondary elsewhere"),
            (
                200,
                "true",
                "false",
                "false",
                r#","replication_performance_mode":"secondary""#,
                PerformanceSecondary,
                "forwards writes",
            ),
            (200, "true", "false", "false", r#","replication_performance_mode":"primary""#, Active, "takes writes"),
            (
                200,
                "true",
                "false",
                "true",
                r#","replication_performance_mode":"secondary""#,
                Standby,
                "a standby of a secondary",
            ),
            (200, "true", "true", "true", "", Sealed, "sealedcode=200; a sealed node calls itself a standby"),
            (
                503,
                "true",
                "true",
                "true",
                r#","replication_dr_mode":"secondary""#,
                Sealed,
                "sealed goes before its role",
            ),
            (200, "false", "true", "true", "", Uninitialised, "uninitcode=200"),
            (501, "false", "true", "true", "", Uninitialised, "uninitialised goes before sealed"),
            (200, "true", "true", "true", r#","removed_from_cluster":true"#, Removed, "removedcode=200"),
            (530, "true", "true", "true", r#","removed_from_cluster":true"#, Removed, "removed goes before all"),
            (429, "true", "false", "true", r#","removed_from_cluster":false"#, Standby, "not removed"),
            (200, "true", "false", "true", r#","ha_connection_healthy":false"#, Cut, "haunhealthycode=200"),
            (474, "true", "false", "true", "", Cut, "the status alone says it"),
            (474, "true", "false", "true", r#","ha_connection_healthy":true"#, Standby, "standbycode=474"),
            (
                200,
                "true",
                "false",
                "true",
                r#","performance_standby":true,"ha_connection_healthy":false"#,
                Cut,
                "a performance standby",
            ),
            (
                200,
                "true",
                "false",
                "false",
                r#","ha_connection_healthy":false"#,
                Active,
                "an active one connects to nobody",
            ),
            (404, "true", "false", "\"true\"", "", State::Unknown, "a wrong type: the status decides"),
            (200, "true", "1", "false", "", Active, "a wrong type: the status decides"),
            (429, "null", "false", "false", "", Standby, "a wrong type: the status decides"),
        ];
        for (status, initialised, sealed, standby, more, state, reason) in rows {
            let body = format!(r#"{{"initialized":{initialised},"sealed":{sealed},"standby":{standby}{more}}}"#);
            check(Dialect::Vault, status, &body, state, state.is_healthy(), reason);
        }
    }

    #[test]
    fn a_body_of_another_kind_changes_nothing() {
        let long = format!(r#"{{"initialized":true,"sealed":true,"standby":false,"x":"{}"}}"#, "x".repeat(MAX_BODY));
        let deep = "[".repeat(50_000);
        let rows = [
            ("", "empty"),
            ("<html><body>ok</body></html>", "HTML"),
            ("ok", "plain text"),
            (r#"{"initialized":true,"sealed":tr"#, "truncated JSON"),
            (r#"{"initialized":false,"sealed":true}"#, "not all of the fields"),
            ("[true]", "an array"),
            ("null", "null"),
            (r#""sealed""#, "a text"),
            (r#"{"removed_from_cluster":"true"}"#, "a wrong type"),
            (r#"{"initialized":true,"sealed":true,"standby":false,"x":1e999}"#, "a number beyond all numbers"),
            (&long, "more than is parsed"),
            (&deep, "deeper than is parsed"),
        ];
        for (body, reason) in rows {
            check(Dialect::Vault, 200, body, State::Active, true, reason);
            check(Dialect::Vault, 503, body, State::Sealed, false, reason);
            check(Dialect::OpenBao, 429, body, State::Standby, true, reason);
        }
    }

    #[test]
    fn no_answer() {
        for (answer, reason) in [(Answer::Failed, "no connection"), (Answer::TimedOut, "silence")] {
            let finding = Finding::of(&probing(Dialect::Vault), answer);
            assert_eq!((finding.state, finding.healthy, finding.status), (State::Unreachable, false, None), "{reason}");
            assert!(!finding.is_answering(), "{reason}");
        }
    }

    #[test]
    fn lag_and_identity() {
        let rows = [
            ("1500", Some(1_500), "a number"),
            ("0", Some(0), "no lag"),
            ("1500.9", Some(1_500), "a fraction"),
            (r#""1500""#, Some(1_500), "a text"),
            (r#"" 7 ""#, Some(7), "a text with spaces"),
            ("-1", None, "negative"),
            (r#""NaN""#, None, "no number"),
            (r#""inf""#, None, "no end"),
            (r#""soon""#, None, "a word"),
            ("true", None, "a wrong type"),
            ("null", None, "nothing"),
            ("[5]", None, "a wrong type"),
            ("1e30", Some(u64::MAX), "beyond what can be held"),
        ];
        for (lag, expected, reason) in rows {
            let expected = expected.map(Milliseconds::new);
            let body =
                format!(r#"{{"initialized":true,"replication_primary_canary_age_ms":{lag},"cluster_id":"5d0b"}}"#);
            let finding = Finding::of(&probing(Dialect::Vault), Answer::Response { status: 200, body: &body });
            assert_eq!((finding.lag, finding.cluster_id.as_deref()), (expected, Some("5d0b")), "vault: {reason}");

            let body = format!(r#"{{"replicas":[{{"lag":{lag}}}]}}"#);
            let probing = Probing { lag_pointer: Some("/replicas/0/lag".to_owned()), ..probing(Dialect::Http) };
            let finding = Finding::of(&probing, Answer::Response { status: 200, body: &body });
            assert_eq!((finding.lag, finding.healthy), (expected, true), "http: {reason}");
        }
        for (id, reason) in [("7", "a number"), (r#""""#, "empty"), (&format!("\"{}\"", "x".repeat(65)), "too long")] {
            let body = format!(r#"{{"cluster_id":{id}}}"#);
            let finding = Finding::of(&probing(Dialect::Vault), Answer::Response { status: 200, body: &body });
            assert_eq!(finding.cluster_id, None, "{reason}");
        }
    }

    #[test]
    fn a_range_of_statuses() {
        let probing = Probing { status: (401, 503), ..probing(Dialect::Http) };
        for (status, healthy) in [(400, false), (401, true), (503, true), (504, false)] {
            let finding = Finding::of(&probing, Answer::Response { status, body: "" });
            assert_eq!(finding.healthy, healthy, "{status}");
            assert!(finding.is_answering(), "{status}");
        }
    }

    #[test]
    fn the_network_speaks_for_a_cluster() {
        const JSON: Option<&str> = Some("application/json");
        let rows = [
            (519, None, "", false, "the origin's"),
            (520, JSON, r#"{"errors":[]}"#, true, "the network's alone"),
            (527, None, "", true, "the network's alone"),
            (528, None, "", false, "the origin's"),
            (530, Some("text/plain; charset=UTF-8"), "error code: 1016", true, "as a worker sees it"),
            (530, Some("text/html"), "<!DOCTYPE html>", true, "as a browser sees it"),
            (530, None, "error code: 1033", true, "a tunnel that is down"),
            (530, JSON, r#"{"removed_from_cluster":true"#, false, "Vault's own, cut short"),
            (530, None, " {\"errors\":[\"node was removed\"]}", false, "Vault's own, of any path"),
            (530, None, "\u{feff}{}", false, "with a byte-order mark"),
            (530, JSON, "", false, "Vault's own, to a HEAD"),
            (530, Some("Application/JSON; charset=utf-8"), "", false, "in another spelling"),
            (530, Some("text/html"), "", true, "the network's, to a HEAD"),
            (530, None, "", true, "nothing that speaks for Vault"),
            (530, Some("application/problem+json"), r#"{"title":"Error 1016"}"#, true, "the network's, for machines"),
            (530, JSON, r#"{"type":"https://developers.cloudflare.com/support/"}"#, true, "the same, by another name"),
            (530, JSON, r#"{"status":530,"cloudflare_error":true}"#, true, "the same, by its mark"),
            (200, Some("text/html"), "error code: 1016", false, "only failures are looked at"),
        ];
        for (status, content_type, body, expected, reason) in rows {
            assert_eq!(is_network_error(status, content_type, body), expected, "{status} {body}: {reason}");
        }
    }
}
