//! The one table of what a topology file may contain: parser, messages and JSON Schema all follow it.

use super::error::InvalidText;
use super::text;

/// A key of an object.
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) force: Force,
    pub(crate) help: &'static str,
}

/// Whether a field has an effect.
#[derive(Clone, Copy)]
pub(crate) enum Force {
    InForce,
    /// Read and checked but without effect; says what happens instead.
    NotYet(&'static str),
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
    },
    /// A whole number.
    Integer {
        min: u32,
        max: u32,
    },
    Flag,
    Choice(&'static [&'static str]),
    Text(&'static TextKind),
}

/// A text with a syntax.
pub(crate) struct TextKind {
    /// What it is, with its article: "a path pattern".
    pub(crate) what: &'static str,
    /// Longest text, in bytes.
    pub(crate) max: usize,
    /// The syntax as an ECMA 262 regular expression, as far as one can say it, for editors.
    pub(crate) regex: &'static str,
    pub(crate) check: fn(&str) -> Result<(), InvalidText>,
}

const fn required(key: &'static str, kind: Kind, help: &'static str) -> Field {
    Field { key, kind, required: true, force: Force::InForce, help }
}

const fn optional(key: &'static str, kind: Kind, help: &'static str) -> Field {
    Field { key, kind, required: false, force: Force::InForce, help }
}

const fn not_yet(key: &'static str, kind: Kind, instead: &'static str, help: &'static str) -> Field {
    Field { key, kind, required: false, force: Force::NotYet(instead), help }
}

const fn milliseconds(min: u32, max: u32) -> Kind {
    Kind::Integer { min, max }
}

const SECOND: u32 = 1_000;
const HOUR: u32 = 3_600 * SECOND;
const DAY: u32 = 24 * HOUR;

/// More clusters, rules or headers than anyone runs: a bound for the work a file can cause.
pub(crate) const MANY: usize = 200;

pub(crate) const TOPOLOGY: &[Field] = &[
    required("version", Kind::Integer { min: 1, max: 1 }, "Version of this format."),
    optional(
        "mode",
        Kind::Choice(&["split", "affinity"]),
        "split: writes to the primary, reads to the nearest cluster. affinity: everything to the nearest cluster that \
         takes writes itself, right where a token belongs to the cluster that issued it. Default: affinity with the \
         vault and openbao health dialects, otherwise split.",
    ),
    required(
        "clusters",
        Kind::List { item: &Kind::Object(CLUSTER), max: MANY },
        "The clusters, in the order in which they are preferred where no client location is known.",
    ),
    not_yet(
        "fallback",
        Kind::Choice(&["primary", "next"]),
        "a read whose cluster does not answer gets 502 or 504",
        "Where a read goes when the nearest cluster is unusable: the primary (default), or the next nearest.",
    ),
    optional(
        "operations",
        Kind::List { item: &Kind::Object(OPERATION), max: MANY },
        "Requests that read or write other than their method says; the first rule that matches wins.",
    ),
    optional(
        "deny",
        Kind::List { item: &Kind::Text(&text::PATH_PATTERN), max: MANY },
        "Paths that are refused with 403.",
    ),
    not_yet(
        "health",
        Kind::Object(HEALTH),
        "clusters are not probed and all count as healthy; of `health`, only `dialect` acts, on the default of `mode`",
        "Active probes.",
    ),
    not_yet("breaker", Kind::Object(BREAKER), "failures of a cluster are not counted", "Circuit breaker, per cluster."),
    not_yet(
        "lag",
        Kind::Object(&[optional("max_ms", milliseconds(0, DAY), "Largest lag at which a replica serves reads.")]),
        "replication lag is not measured",
        "Replication lag.",
    ),
    not_yet(
        "consistency",
        Kind::Object(&[optional(
            "read_your_writes_ms",
            milliseconds(0, HOUR),
            "How long a client's reads follow its write to the primary.",
        )]),
        "a read may not see the client's own last write",
        "Consistency of a client's reads.",
    ),
    not_yet(
        "bulkheads",
        Kind::List { item: &Kind::Object(BULKHEAD), max: MANY },
        "requests in flight are not limited",
        "Limits of requests in flight, per group of paths.",
    ),
    not_yet("retry", Kind::Object(RETRY), "no request is sent twice", "Repetition of reads."),
    not_yet("promotion", Kind::Object(PROMOTION), "a standby cannot be promoted", "Promotion of a standby."),
    optional(
        "headers",
        Kind::Object(&[optional(
            "expose",
            Kind::Flag,
            "Whether responses carry x-headroom-cluster and x-headroom-reason. Default: true.",
        )]),
        "Response headers.",
    ),
    not_yet(
        "all_unhealthy",
        Kind::Choice(&["try", "fail"]),
        "all clusters count as healthy",
        "What to do when no cluster is usable: try the primary (default), or fail with 503.",
    ),
];

const CLUSTER: &[Field] = &[
    required("id", Kind::Text(&text::ID), "Name, shown in x-headroom-cluster."),
    required(
        "role",
        Kind::Choice(&["primary", "replica", "standby"]),
        "primary takes writes, exactly one cluster is it; replica serves reads; standby gets no traffic.",
    ),
    required("url", Kind::Text(&text::ORIGIN), "Scheme, host and port; https, or http on a loopback address."),
    required("latitude", Kind::Number { min: -90.0, max: 90.0 }, "Degrees north."),
    required("longitude", Kind::Number { min: -180.0, max: 180.0 }, "Degrees east."),
    optional(
        "headers",
        Kind::Map { key: &text::HEADER_NAME, value: &text::HEADER_VALUE, max: MANY },
        "Headers set on requests to this cluster; a value $NAME is read from the worker's secrets.",
    ),
    not_yet(
        "max_in_flight",
        Kind::Integer { min: 1, max: 1_000_000 },
        "requests in flight are not limited",
        "Limit of requests in flight.",
    ),
    optional(
        "forwards_writes",
        Kind::Flag,
        "Whether the cluster forwards writes to the primary itself. Default: false.",
    ),
];

const OPERATION: &[Field] = &[
    required("method", Kind::Text(&text::METHOD), "Method, or * for every method."),
    required("path", Kind::Text(&text::PATH_PATTERN), "Path, or a prefix with a trailing *."),
    required("operation", Kind::Choice(&["read", "write"]), "What such a request does."),
];

const HEALTH: &[Field] = &[
    optional("dialect", Kind::Choice(&["vault", "openbao", "http"]), "How health answers are understood."),
    optional("path", Kind::Text(&text::REQUEST_TARGET), "Path and query of a probe."),
    optional("interval_ms", milliseconds(SECOND, HOUR), "Time between probes."),
    optional("timeout_ms", milliseconds(100, 60 * SECOND), "Time limit of a probe."),
    optional("unhealthy_threshold", Kind::Integer { min: 1, max: 100 }, "Failed probes in a row until unhealthy."),
    optional("healthy_threshold", Kind::Integer { min: 1, max: 100 }, "Good probes in a row until healthy."),
];

const BREAKER: &[Field] = &[
    optional("failures", Kind::Integer { min: 1, max: 10_000 }, "Failures within the window that open it."),
    optional("window_ms", milliseconds(SECOND, HOUR), "Length of the window."),
    optional("cooldown_ms", milliseconds(100, HOUR), "Time until it is half-open."),
    optional("half_open_requests", Kind::Integer { min: 1, max: 1_000 }, "Requests let through while half-open."),
    optional("successes", Kind::Integer { min: 1, max: 1_000 }, "Successes that close it."),
];

const BULKHEAD: &[Field] = &[
    required("path", Kind::Text(&text::PATH_PATTERN), "Path, or a prefix with a trailing *."),
    required("max_in_flight", Kind::Integer { min: 1, max: 1_000_000 }, "Limit of requests in flight."),
];

const RETRY: &[Field] = &[
    optional("max_attempts", Kind::Integer { min: 1, max: 10 }, "Attempts in all."),
    optional("budget_share", Kind::Number { min: 0.0, max: 1.0 }, "Share of requests that may be repetitions."),
];

const PROMOTION: &[Field] = &[
    optional("checks", Kind::Integer { min: 1, max: 100 }, "Checks that the old primary is gone."),
    optional("interval_ms", milliseconds(100, HOUR), "Time between the checks."),
    optional("lease_ms", milliseconds(SECOND, HOUR), "How long an isolate may send writes on what it knows."),
];
