//! What can be wrong with a topology file: where, what was read, what is allowed.

use std::fmt;

use crate::json::{Decimal, Quoted};
use crate::origin::OriginError;
use crate::pattern::PathPatternError;

/// One error of a topology file; `Display` is one line.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}{}{problem}", path, if path.is_empty() { "" } else { ": " })]
pub struct TopologyError {
    /// The JSON path, such as `clusters[1].latitude`; empty for the file as a whole.
    pub path: String,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file is not JSON.
    #[error("line {line}, column {column}: not JSON: {message}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes; 0 where the line ends before it.
        column: usize,
        /// What was expected.
        message: String,
    },
    /// A key that means nothing here.
    #[error("unknown key{}; allowed: {}", suggested(*suggestion), allowed.join(", "))]
    UnknownKey {
        /// An allowed key that is spelt alike.
        suggestion: Option<&'static str>,
        /// All the keys allowed here.
        allowed: Vec<&'static str>,
    },
    /// The same key twice in one object.
    #[error("this key stands {count} times in the same object; once is allowed")]
    DuplicateKey {
        /// How often it stands there.
        count: usize,
    },
    /// A key that has to be there.
    #[error("missing; {expected} is needed")]
    Missing {
        /// What is allowed.
        expected: String,
    },
    /// A value of another type.
    #[error("{read} was read; {expected} is allowed")]
    WrongType {
        /// What was read.
        read: String,
        /// What is allowed.
        expected: String,
    },
    /// A number that is too small or too large.
    #[error("{} is out of range; {} is allowed", Decimal(*read), Range(*min, *max))]
    OutOfRange {
        /// The number read.
        read: f64,
        /// The smallest allowed.
        min: f64,
        /// The largest allowed.
        max: f64,
    },
    /// A fraction where a whole number is needed.
    #[error("{} is not a whole number; {} is allowed", Decimal(*read), Range(*min, *max))]
    NotWhole {
        /// The number read.
        read: f64,
        /// The smallest allowed.
        min: f64,
        /// The largest allowed.
        max: f64,
    },
    /// A word that is not one of the allowed.
    #[error("{} is not allowed{}; allowed: {}", Quoted(read), suggested(*suggestion), allowed.join(", "))]
    UnknownChoice {
        /// The word read.
        read: String,
        /// An allowed word that is spelt alike.
        suggestion: Option<&'static str>,
        /// All the words allowed here.
        allowed: Vec<&'static str>,
    },
    /// Too many items.
    #[error("{count} entries; at most {max} are allowed")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many are allowed.
        max: usize,
    },
    /// A text longer than allowed.
    #[error("{length} bytes long; at most {max} are allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The longest allowed.
        max: usize,
    },
    /// A text that breaks the syntax of its kind.
    #[error("{} is not {what}: {reason}", Quoted(read))]
    Text {
        /// The text read.
        read: String,
        /// What is needed, with its article.
        what: &'static str,
        /// What is wrong with it.
        reason: InvalidText,
    },
    /// A header twice, in other capitals.
    #[error("the same header as {}: names differ in upper and lower case only", Quoted(first))]
    DuplicateHeader {
        /// The name that stood there first.
        first: String,
    },
    /// An id that another cluster has.
    #[error("{} is the id of clusters[{first}] already; ids are unique", Quoted(id))]
    DuplicateId {
        /// The id read.
        id: String,
        /// The first cluster with this id.
        first: usize,
    },
    /// An origin that another cluster has.
    #[error("{} is the origin of clusters[{first}] already; each cluster has its own", Quoted(origin))]
    DuplicateOrigin {
        /// The origin read.
        origin: String,
        /// The first cluster with this origin.
        first: usize,
    },
    /// A range of statuses that has none in it.
    #[error("no status is from status_min, {}, to status_max, {}", Decimal(*min), Decimal(*max))]
    NoStatus {
        /// The lowest status of a good answer.
        min: f64,
        /// The highest.
        max: f64,
    },
    /// One more primary.
    #[error("clusters[{first}] is the primary already; exactly one cluster is")]
    SecondPrimary {
        /// The first primary.
        first: usize,
    },
    /// No cluster is the primary.
    #[error("no cluster has the role `primary`; exactly one has to")]
    NoPrimary,
}

/// Why a text breaks the syntax of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidText {
    /// An id of a cluster.
    #[error("one or more of a-z, 0-9 and `-` are allowed")]
    Id,
    /// The URL of a cluster.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// A path pattern.
    #[error(transparent)]
    PathPattern(#[from] PathPatternError),
    /// The path of a probe.
    #[error("it starts with `/` and has no spaces, no fragment and nothing but ASCII")]
    RequestTarget,
    /// A JSON pointer.
    #[error("it is empty or starts with `/`, and `~` is followed by 0 or 1")]
    JsonPointer,
    /// A method.
    #[error("a name in capitals such as POST, or `*`, is allowed")]
    Method,
    /// A header name.
    #[error("letters, digits and !#$%&'*+-.^_`|~ are allowed")]
    HeaderName,
    /// A header that is not the configuration's to set.
    #[error("this header belongs to the connection or to the router")]
    ReservedHeader,
    /// A header value.
    #[error("printable ASCII without spaces at its ends is allowed")]
    HeaderValue,
    /// `$` and something that is no name.
    #[error("after `$` the name of a secret is needed: letters, digits and `_`, not starting with a digit")]
    SecretName,
}

/// Something a valid topology file says that does not do what one might think; `Display` is one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopologyWarning {
    /// Splitting reads from writes in front of a store whose tokens belong to one cluster.
    #[error(
        "mode: `split` with a Vault dialect: a service token is known only to the cluster that issued it, so reads elsewhere answer 403; use `affinity`, or batch tokens"
    )]
    SplitWithVaultDialect,
    /// Affinity with replicas none of which may have a client's traffic.
    #[error("mode: `affinity`, but no replica has `forwards_writes`: everything goes to the primary")]
    NobodyForwardsWrites,
    /// A replica that affinity leaves out, while others have traffic.
    #[error(
        "clusters[{cluster}]: gets no traffic: with `affinity` only the primary and replicas with \
             `forwards_writes` do"
    )]
    IdleReplica {
        /// Its place in the configured order.
        cluster: usize,
    },
    /// Read-your-writes where one cluster has all of a client's traffic.
    #[error(
        "consistency.read_your_writes_ms: does nothing with `affinity`: one cluster serves both a client's reads \
             and its writes"
    )]
    ReadYourWritesWithAffinity,
    /// A setting of the dialect `http` with another one.
    #[error("health.{key}: does nothing with a Vault dialect: it is for the dialect `http`")]
    OnlyForHttp {
        /// The key.
        key: &'static str,
    },
    /// A custom path of a probe that does not ask for standbys to be healthy.
    #[error("health.path: without `standbyok=true` the standby nodes of a cluster answer 429 in the place of 200")]
    StandbysNotOk,
    /// Probes that may last longer than the time between them.
    #[error(
        "health.interval_ms: {interval} is shorter than timeout_ms, {timeout}: a probe may be due while the one \
             before still waits"
    )]
    ProbesOverlap {
        /// Milliseconds between probes.
        interval: u64,
        /// Milliseconds a probe may take.
        timeout: u64,
    },
    /// A limit of the lag that nobody measures.
    #[error("lag.max_ms: does nothing: no lag is known, as {why}")]
    LagUnknown {
        /// Why not.
        why: &'static str,
    },
    /// A lease that may end before a new one can be had.
    #[error(
        "promotion.lease_ms: {lease} is less than twice health.interval_ms, {interval}: writes may stop between two \
             refreshes"
    )]
    ShortLease {
        /// Length of the lease, in milliseconds.
        lease: u64,
        /// Milliseconds between probes.
        interval: u64,
    },
    /// Settings of a promotion without anybody to promote.
    #[error("promotion: does nothing: no cluster has the role `standby`")]
    NothingToPromote,
}

fn suggested(suggestion: Option<&'static str>) -> String {
    suggestion.map(|word| format!("; did you mean {word}?")).unwrap_or_default()
}

/// What lies between two numbers, or the one number that is both.
pub(super) struct Range(pub(super) f64, pub(super) f64);

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(min, max) = *self;
        if min < max { write!(f, "{} to {}", Decimal(min), Decimal(max)) } else { write!(f, "only {}", Decimal(min)) }
    }
}
