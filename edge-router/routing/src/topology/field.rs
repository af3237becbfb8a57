//! The one table of what a topology file may contain: parser, defaults, messages, JSON Schema and reference follow it.

use std::fmt;

use super::error::InvalidText;
use super::text;
use crate::json::Decimal;

/// A key of an object.
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    pub(crate) absent: Absent,
    #[cfg_attr(not(feature = "reference"), expect(dead_code, reason = "for the reference"))]
    pub(crate) help: &'static str,
}

/// What holds where a key is absent.
#[derive(Clone, Copy)]
pub(crate) enum Absent {
    /// An error: the key is required.
    Refused,
    /// This number.
    Number(f64),
    /// This flag.
    Flag(bool),
    /// This word or text.
    Text(&'static str),
    /// A text for each dialect of the health answers; where nothing is probed, that of `http`.
    ByDialect { vault: &'static str, openbao: &'static str, http: &'static str },
    /// Nothing that could be written in its place: in words.
    Said(&'static str),
}

/// What a value may be.
pub(crate) enum Kind {
    Object(&'static [Field]),
    /// A list of at most `max` items.
    List {
        item: &'static Kind,
        max: usize,
    },
    /// An object whose keys and values are texts of these kinds.
    Map {
        key: &'static TextKind,
        value: &'static TextKind,
        max: usize,
    },
    Number {
        min: f64,
        max: f64,
        #[cfg_attr(not(feature = "reference"), expect(dead_code, reason = "for the reference"))]
        unit: Unit,
    },
    /// A whole number.
    Integer {
        min: u32,
        max: u32,
        #[cfg_attr(not(feature = "reference"), expect(dead_code, reason = "for the reference"))]
        unit: Unit,
    },
    Flag,
    Choice(&'static [&'static str]),
    Text(&'static TextKind),
}

/// What a number counts; empty where the help says it.
pub(crate) type Unit = &'static str;

/// A text with a syntax.
pub(crate) struct TextKind {
    /// What it is, with its article: "a path pattern".
    pub(crate) what: &'static str,
    /// Longest text, in bytes.
    pub(crate) max: usize,
    /// The syntax as an ECMA 262 regular expression, as far as one can say it, for editors.
    #[cfg_attr(not(feature = "reference"), expect(dead_code, reason = "for the reference"))]
    pub(crate) regex: &'static str,
    pub(crate) check: fn(&str) -> Result<(), InvalidText>,
}

/// A text for the reference and the schema only.
pub(crate) const fn referenced(text: &'static str) -> &'static str {
    if cfg!(feature = "reference") { text } else { "" }
}

const fn required(key: &'static str, kind: Kind, help: &'static str) -> Field {
    Field { key, kind, absent: Absent::Refused, help: referenced(help) }
}

const fn optional(key: &'static str, kind: Kind, absent: Absent, help: &'static str) -> Field {
    Field { key, kind, absent, help: referenced(help) }
}

const fn milliseconds(min: u32, max: u32) -> Kind {
    Kind::Integer { min, max, unit: "milliseconds" }
}

const fn count(min: u32, max: u32, unit: Unit) -> Kind {
    Kind::Integer { min, max, unit }
}

impl Field {
    pub(crate) fn is_required(&self) -> bool {
        matches!(self.absent, Absent::Refused)
    }

    /// What it means, its unit and its default, in sentences.
    #[cfg(feature = "reference")]
    pub(crate) fn description(&self) -> String {
        let unit = match self.kind {
            Kind::Number { unit, .. } | Kind::Integer { unit, .. } if !unit.is_empty() => format!(" Unit: {unit}."),
            _ => String::new(),
        };
        let default = self.absent.to_string();
        let default = if self.is_required() { default } else { format!(" Default: {default}.") };
        format!("{}{unit}{default}", self.help)
    }
}

/// The default in words, names and numbers as one would write them in the file; empty where there is none.
impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Refused => Ok(()),
            Self::Number(number) => write!(f, "{}", Decimal(number)),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Text(text) | Self::Said(text) => f.write_str(text),
            Self::ByDialect { vault, openbao, http } if vault == openbao => {
                write!(f, "{vault} with the dialects vault and openbao, otherwise {http}")
            }
            Self::ByDialect { vault, openbao, http } => {
                write!(f, "{vault} with the dialect vault, {openbao} with openbao, {http} with http")
            }
        }
    }
}

const SECOND: u32 = 1_000;
const HOUR: u32 = 3_600 * SECOND;
const DAY: u32 = 24 * HOUR;

/// More clusters, rules or headers than anyone runs: a bound for the work a file can cause.
pub(crate) const MANY: usize = 200;

pub(crate) const TOPOLOGY: &[Field] = &[
    required("version", count(1, 1, ""), "Version of this format."),
    optional(
        "mode",
        Kind::Choice(&["split", "affinity"]),
        Absent::ByDialect { vault: "affinity", openbao: "affinity", http: "split" },
        "split: writes to the primary, reads to the nearest cluster. affinity: everything to the nearest cluster that \
         takes writes itself, right where a token belongs to the cluster that issued it.",
    ),
    required(
        "clusters",
        Kind::List { item: &Kind::Object(CLUSTER), max: MANY },
        "The clusters, in the order in which they are preferred where no client location is known. Exactly one has the \
         role primary; ids and origins are unique.",
    ),
    optional(
        "fallback",
        Kind::Choice(&["primary", "next"]),
        Absent::Text("primary"),
        "Where a read goes when the nearest cluster is not usable: to the primary, or to the next nearest.",
    ),
    optional(
        "operations",
        Kind::List { item: &Kind::Object(OPERATION), max: MANY },
        Absent::Said("none"),
        "Requests that read or write other than their method says, or are refused; the first rule that matches wins. \
         With a Vault dialect the default rules come after these.",
    ),
    optional(
        "deny",
        Kind::List { item: &Kind::Text(&text::PATH_PATTERN), max: MANY },
        Absent::Said("none"),
        "Paths that are refused with 403, whatever the method.",
    ),
    optional(
        "health",
        Kind::Object(HEALTH),
        Absent::Said("no probes, clusters are judged by live traffic alone"),
        "Active probes.",
    ),
    optional("breaker", Kind::Object(BREAKER), Absent::Said("that of every key"), "Circuit breaker, per cluster."),
    optional("lag", Kind::Object(LAG), Absent::Said("any lag will do"), "Replication lag."),
    optional(
        "consistency",
        Kind::Object(CONSISTENCY),
        Absent::Said("that of its key"),
        "Consistency of a client's reads.",
    ),
    optional(
        "bulkheads",
        Kind::List { item: &Kind::Object(BULKHEAD), max: MANY },
        Absent::Said("none"),
        "Limits of requests in flight, per group of paths; the first whose path matches counts.",
    ),
    optional(
        "retry",
        Kind::Object(RETRY),
        Absent::Said("that of every key"),
        "Repetition of reads; a write is never sent twice.",
    ),
    optional(
        "promotion",
        Kind::Object(PROMOTION),
        Absent::Said("that of every key"),
        "Promotion of a standby, by hand.",
    ),
    optional("headers", Kind::Object(HEADERS), Absent::Said("that of its key"), "Response headers."),
    optional(
        "all_unhealthy",
        Kind::Choice(&["try", "fail"]),
        Absent::Text("try"),
        "What to do when no cluster is usable: try the primary all the same, or fail with 503.",
    ),
];

pub(crate) const CLUSTER: &[Field] = &[
    required("id", Kind::Text(&text::ID), "Name, unique, shown in x-headroom-cluster."),
    required(
        "role",
        Kind::Choice(&["primary", "replica", "standby"]),
        "primary takes writes, exactly one cluster is it; replica serves reads; standby gets no traffic until it is \
         promoted.",
    ),
    required("url", Kind::Text(&text::ORIGIN), "Scheme, host and port, unique; https, or http on a loopback address."),
    required("latitude", Kind::Number { min: -90.0, max: 90.0, unit: "degrees north" }, "Where it stands."),
    required("longitude", Kind::Number { min: -180.0, max: 180.0, unit: "degrees east" }, "Where it stands."),
    optional(
        "headers",
        Kind::Map { key: &text::HEADER_NAME, value: &text::HEADER_VALUE, max: MANY },
        Absent::Said("none"),
        "Headers set on requests to this cluster; a value $NAME is read from the worker's secrets.",
    ),
    optional(
        "max_in_flight",
        count(1, 1_000_000, "requests"),
        Absent::Said("no limit"),
        "Most requests to it in flight, in one isolate; one counts from sending until the response begins.",
    ),
    optional(
        "forwards_writes",
        Kind::Flag,
        Absent::Flag(false),
        "Whether the cluster forwards writes to the primary itself.",
    ),
];

const OPERATION: &[Field] = &[
    required("method", Kind::Text(&text::METHOD), "Method, or * for every method."),
    required("path", Kind::Text(&text::PATH_PATTERN), PATH),
    required(
        "operation",
        Kind::Choice(&["read", "write", "deny"]),
        "What such a request does; deny refuses it with 403.",
    ),
];

const PATH: &str = "Path; a * at its end stands for everything that follows, one inside for a whole segment.";

const HEALTH: &[Field] = &[
    optional(
        "dialect",
        Kind::Choice(&["vault", "openbao", "http"]),
        Absent::Text("http"),
        "How answers are understood: by the statuses and bodies of the store's sys/health, or by a range of statuses.",
    ),
    optional(
        "path",
        Kind::Text(&text::REQUEST_TARGET),
        Absent::ByDialect {
            vault: "/v1/sys/health?standbyok=true&perfstandbyok=true",
            openbao: "/v1/sys/health?standbyok=true",
            http: "/",
        },
        "Path and query of a probe.",
    ),
    optional(
        "interval_ms",
        milliseconds(SECOND, HOUR),
        Absent::Number(5_000.0),
        "Time between two probes of a cluster.",
    ),
    optional("timeout_ms", milliseconds(100, 60 * SECOND), Absent::Number(2_000.0), "Time limit of a probe."),
    optional(
        "unhealthy_threshold",
        count(1, 100, "probes"),
        Absent::Number(3.0),
        "Failed probes in a row until a cluster counts as down.",
    ),
    optional(
        "healthy_threshold",
        count(1, 100, "probes"),
        Absent::Number(2.0),
        "Good probes in a row until it counts as up again.",
    ),
    optional(
        "status_min",
        count(100, 599, ""),
        Absent::Number(200.0),
        "Lowest status of a good answer; for the dialect http.",
    ),
    optional(
        "status_max",
        count(100, 599, ""),
        Absent::Number(299.0),
        "Highest status of a good answer; for the dialect http.",
    ),
    optional(
        "lag_pointer",
        Kind::Text(&text::JSON_POINTER),
        Absent::Said("the lag is not known"),
        "Where in a JSON answer the replication lag stands, in milliseconds (RFC 6901); for the dialect http.",
    ),
];

const BREAKER: &[Field] = &[
    optional("failures", count(1, 10_000, "requests"), Absent::Number(5.0), "Failures within the window that open it."),
    optional("window_ms", milliseconds(SECOND, HOUR), Absent::Number(60_000.0), "Length of the sliding window."),
    optional(
        "cooldown_ms",
        milliseconds(100, HOUR),
        Absent::Number(30_000.0),
        "Time until an open one is half-open, give or take a random part.",
    ),
    optional(
        "half_open_requests",
        count(1, 1_000, "requests"),
        Absent::Number(1.0),
        "Requests let through at a time while it is half-open.",
    ),
    optional("successes", count(1, 1_000, "requests"), Absent::Number(3.0), "Successes in a row that close it."),
];

const LAG: &[Field] = &[optional(
    "max_ms",
    milliseconds(0, DAY),
    Absent::Said("any lag will do"),
    "Largest replication lag at which a replica serves reads.",
)];

const CONSISTENCY: &[Field] = &[optional(
    "read_your_writes_ms",
    milliseconds(0, HOUR),
    Absent::Number(0.0),
    "How long a client's reads follow its write to the primary; 0: not at all.",
)];

const BULKHEAD: &[Field] = &[
    required("path", Kind::Text(&text::PATH_PATTERN), PATH),
    required(
        "max_in_flight",
        count(1, 1_000_000, "requests"),
        "Most requests of the group in flight, in one isolate; one counts from sending until the response begins.",
    ),
];

const RETRY: &[Field] = &[
    optional(
        "max_attempts",
        count(1, 10, "attempts"),
        Absent::Number(3.0),
        "Attempts in all, the first included; 1: no repetition.",
    ),
    optional(
        "budget_share",
        Kind::Number { min: 0.0, max: 1.0, unit: "" },
        Absent::Number(0.2),
        "Share of requests that may be repetitions.",
    ),
    optional(
        "max_body_bytes",
        count(0, 1_048_576, "bytes"),
        Absent::Number(65_536.0),
        "Largest body of a read that is kept so that it can be sent again.",
    ),
    optional(
        "attempt_timeout_ms",
        milliseconds(100, 600 * SECOND),
        Absent::Said("as long as any request may take"),
        "Time until an attempt that could be repeated is given up for the next cluster.",
    ),
];

const PROMOTION: &[Field] = &[
    optional(
        "checks",
        count(1, 100, "checks"),
        Absent::Number(3.0),
        "Checks that the old primary does not answer any more.",
    ),
    optional("interval_ms", milliseconds(100, HOUR), Absent::Number(10_000.0), "Time between two checks."),
    optional(
        "lease_ms",
        milliseconds(SECOND, HOUR),
        Absent::Number(30_000.0),
        "How long an isolate sends writes on what it knows, where there is a standby; a promotion waits as long.",
    ),
];

const HEADERS: &[Field] = &[optional(
    "expose",
    Kind::Flag,
    Absent::Flag(true),
    "Whether responses carry x-headroom-cluster and x-headroom-reason.",
)];
