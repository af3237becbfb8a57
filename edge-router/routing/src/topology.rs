//! The topology: which clusters there are, and the rules by which requests are spread over them.

mod check;
mod cross_check;
mod error;
pub(crate) mod field;
mod section;
#[cfg(feature = "reference")]
mod setting;
mod settings;
pub(crate) mod text;

use std::fmt;
use std::sync::Arc;

pub use error::{InvalidText, Problem, TopologyError, TopologyWarning};
#[cfg(feature = "reference")]
pub use setting::{Allowed, Setting, settings};
pub use settings::{AllUnhealthy, Breaking, Bulkhead, Dialect, Probing, Promoting, Retrying};

use crate::geo::{Coordinates, Direction};
use crate::json::Node;
use crate::operation::{Methods, Operation, OperationRule, Treatment, vault};
use crate::origin::Origin;
use crate::pattern::PathPattern;
use crate::time::Milliseconds;
use check::{Findings, Path};
use section::Section;

/// A valid topology: clusters with unique ids, exactly one of them the primary.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    mode: Mode,
    /// In the configured order.
    clusters: Vec<Arc<Cluster>>,
    primary: Arc<Cluster>,
    fallback: Fallback,
    operations: Vec<OperationRule>,
    deny: Vec<PathPattern>,
    exposes_headers: bool,
    probing: Option<Probing>,
    breaking: Breaking,
    max_lag: Option<Milliseconds>,
    read_your_writes: Option<Milliseconds>,
    bulkheads: Vec<Bulkhead>,
    retrying: Retrying,
    promoting: Promoting,
    all_unhealthy: AllUnhealthy,
    warnings: Vec<TopologyWarning>,
}

/// The place of a cluster in the configured order, counted from 0; below [`Topology::MAX_CLUSTERS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterIndex(u8);

/// One cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its place in the configured order.
    pub index: ClusterIndex,
    /// Its unique name.
    pub id: ClusterId,
    /// What it is there for.
    pub role: Role,
    /// Where it is reached.
    pub origin: Origin,
    /// Where it stands.
    pub coordinates: Coordinates,
    /// Headers to set on requests to it, by name as written.
    pub headers: Vec<(String, HeaderValue)>,
    /// Whether it passes writes on to the primary by itself.
    pub forwards_writes: bool,
    /// Most requests in flight to it, in one isolate; `None`: no limit.
    pub max_in_flight: Option<u32>,
    direction: Direction,
}

/// The name of a cluster: 1 to 63 of a-z, 0-9 and `-`, unique in a topology.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClusterId(String);

/// What a cluster is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The one cluster that takes writes; reads too.
    Primary,
    /// Serves reads.
    Replica,
    /// Kept for disaster recovery; gets no traffic.
    Standby,
}

/// How requests are spread over the clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Writes to the primary, reads to the nearest cluster: for services whose credentials work everywhere.
    Split,
    /// Everything to the nearest cluster that takes writes itself (the primary, or one that forwards them): for
    /// services whose tokens belong to the cluster that issued them.
    Affinity,
}

/// Where a read goes when the nearest cluster cannot serve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fallback {
    /// To the primary.
    Primary,
    /// To the next nearest cluster.
    Next,
}

/// The value of a header set on requests to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// The text itself.
    Literal(String),
    /// The value of the secret of this name, written `$NAME`.
    Secret(String),
}

impl Topology {
    /// Most clusters a file may have.
    pub const MAX_CLUSTERS: usize = field::MANY;

    /// Reads a topology file (JSON, format version 1).
    ///
    /// # Errors
    /// All that is wrong with it, each with its JSON path; never empty.
    pub fn parse(text: &str) -> Result<Self, Vec<TopologyError>> {
        let document: Node = serde_json::from_str(text).map_err(|error| vec![syntax_error(&error)])?;
        let mut findings = Findings::default();
        check::check_object(field::TOPOLOGY, &document, &Path::Root, &mut findings);
        cross_check::check(&document, &mut findings);
        // The table of fields and the rules between them say what `build` needs: without errors it succeeds.
        match build(&document) {
            Some(topology) if findings.errors.is_empty() => Ok(topology),
            _ => Err(findings.errors),
        }
    }

    /// The clusters in the configured order; at least one.
    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().map(AsRef::as_ref)
    }

    /// How many clusters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clusters.len()
    }

    /// Never: there is at least the primary.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// The cluster at a place of the configured order.
    #[must_use]
    pub fn cluster(&self, index: ClusterIndex) -> Option<&Cluster> {
        self.clusters.get(index.get()).map(AsRef::as_ref)
    }

    /// The cluster of that name.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<&Cluster> {
        self.clusters().find(|cluster| cluster.id.as_str() == id)
    }

    /// Whether there is a cluster kept for disaster recovery: only then a write needs a lease.
    #[must_use]
    pub fn has_standby(&self) -> bool {
        self.clusters().any(|cluster| cluster.role == Role::Standby)
    }

    /// Active probes; `None` where there are none.
    #[must_use]
    pub fn probing(&self) -> Option<&Probing> {
        self.probing.as_ref()
    }

    /// The circuit breaker of every cluster.
    #[must_use]
    pub fn breaking(&self) -> &Breaking {
        &self.breaking
    }

    /// Largest replication lag at which a replica serves reads; `None`: any.
    #[must_use]
    pub fn max_lag(&self) -> Option<Milliseconds> {
        self.max_lag
    }

    /// How long a client's reads follow its write to the primary; `None`: not at all.
    #[must_use]
    pub fn read_your_writes(&self) -> Option<Milliseconds> {
        self.read_your_writes
    }

    /// Limits of requests in flight; the first whose path matches counts.
    #[must_use]
    pub fn bulkheads(&self) -> &[Bulkhead] {
        &self.bulkheads
    }

    /// Repetition of reads.
    #[must_use]
    pub fn retrying(&self) -> &Retrying {
        &self.retrying
    }

    /// Promotion of a standby.
    #[must_use]
    pub fn promoting(&self) -> &Promoting {
        &self.promoting
    }

    /// What to do when no cluster is usable.
    #[must_use]
    pub fn all_unhealthy(&self) -> AllUnhealthy {
        self.all_unhealthy
    }

    /// The one cluster that the file calls the primary.
    #[must_use]
    pub fn primary(&self) -> &Cluster {
        &self.primary
    }

    /// How requests are spread.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Where a read goes when the nearest cluster cannot serve it.
    #[must_use]
    pub fn fallback(&self) -> Fallback {
        self.fallback
    }

    /// Whether responses carry `x-headroom-cluster` and `x-headroom-reason`.
    #[must_use]
    pub fn exposes_headers(&self) -> bool {
        self.exposes_headers
    }

    /// A hash of what a promotion depends on: the clusters' ids, roles and origins, in their order. 16 hexadecimal
    /// digits.
    ///
    /// FNV-1a with 64 bits (RFC 9923) over `id role origin` and a line feed for each cluster; no part of it can contain
    /// a space. It tells versions of one file apart and is no defence against anybody who chooses them.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let lines = self.clusters().map(|c| format!("{} {} {}\n", c.id, c.role.as_str(), c.origin.as_str()));
        let hash = lines.fold(OFFSET_BASIS, |hash, line| {
            line.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
        });
        format!("{hash:016x}")
    }

    /// What the file says that does not do what one might think.
    #[must_use]
    pub fn warnings(&self) -> &[TopologyWarning] {
        &self.warnings
    }

    pub(crate) fn operations(&self) -> &[OperationRule] {
        &self.operations
    }

    pub(crate) fn deny(&self) -> &[PathPattern] {
        &self.deny
    }
}

impl Cluster {
    pub(crate) fn direction(&self) -> Direction {
        self.direction
    }
}

impl Role {
    /// The name used in the topology file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
            Self::Standby => "standby",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Primary, Self::Replica, Self::Standby].into_iter().find(|role| role.as_str() == name)
    }
}

impl ClusterIndex {
    /// The place with this number, whether or not a topology has it; `None` where none can.
    #[must_use]
    pub fn new(index: usize) -> Option<Self> {
        u8::try_from(index).ok().filter(|_| index < Topology::MAX_CLUSTERS).map(Self)
    }

    /// The place as a plain number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl ClusterId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn syntax_error(error: &serde_json::Error) -> TopologyError {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    TopologyError {
        path: String::new(),
        problem: Problem::Syntax { line: error.line(), column: error.column(), message },
    }
}

/// The typed topology of a document; `None` where something needed is missing or malformed.
fn build(document: &Node) -> Option<Topology> {
    let file = Section::new(field::TOPOLOGY, document);
    let clusters = file.list("clusters").enumerate();
    let clusters = clusters.map(|(index, section)| Some(Arc::new(cluster(index, &section)?)));
    let clusters = clusters.collect::<Option<Vec<_>>>()?;
    let primary = Arc::clone(clusters.iter().find(|cluster| cluster.role == Role::Primary)?);

    let dialect = Dialect::read(&file);
    let mut operations = file.list("operations").map(|rule| operation_rule(&rule)).collect::<Option<Vec<_>>>()?;
    if dialect.is_vault_like() {
        operations.extend(vault::rules());
    }
    let mut topology = Topology {
        mode: if file.text_by("mode", dialect) == "affinity" { Mode::Affinity } else { Mode::Split },
        clusters,
        primary,
        fallback: if file.text("fallback") == "next" { Fallback::Next } else { Fallback::Primary },
        operations,
        deny: file
            .given("deny")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .map(path_pattern)
            .collect::<Option<_>>()?,
        exposes_headers: file.section("headers").flag("expose"),
        probing: Probing::read(&file),
        breaking: Breaking::read(&file),
        max_lag: file.section("lag").given_span("max_ms"),
        read_your_writes: Some(file.section("consistency").span("read_your_writes_ms")).filter(|span| span.get() > 0),
        bulkheads: file.list("bulkheads").map(|bulkhead| Bulkhead::read(&bulkhead)).collect::<Option<_>>()?,
        retrying: Retrying::read(&file),
        promoting: Promoting::read(&file),
        all_unhealthy: AllUnhealthy::read(&file),
        warnings: Vec::new(),
    };
    topology.warnings = cross_check::warnings(&topology, &file);
    Some(topology)
}

fn cluster(index: usize, section: &Section<'_>) -> Option<Cluster> {
    let coordinates = Coordinates::from_degrees(section.number("latitude"), section.number("longitude"))?;
    let headers = section.given("headers").map(Node::entries).unwrap_or_default();
    Some(Cluster {
        index: ClusterIndex::new(index)?,
        id: ClusterId(section.text("id").to_owned()),
        role: Role::named(section.text("role"))?,
        origin: Origin::parse(section.text("url")).ok()?,
        coordinates,
        headers: headers
            .iter()
            .map(|(name, value)| Some((name.clone(), header_value(value.text()?))))
            .collect::<Option<_>>()?,
        forwards_writes: section.flag("forwards_writes"),
        max_in_flight: section.given("max_in_flight").map(|_| section.whole("max_in_flight")),
        direction: Direction::of(coordinates),
    })
}

fn header_value(text: &str) -> HeaderValue {
    match text.strip_prefix('$') {
        Some(name) => HeaderValue::Secret(name.to_owned()),
        None => HeaderValue::Literal(text.to_owned()),
    }
}

fn operation_rule(rule: &Section<'_>) -> Option<OperationRule> {
    Some(OperationRule {
        methods: match rule.text("method") {
            "*" => Methods::Every,
            method => Methods::Named(method.to_owned()),
        },
        path: path_pattern(rule.given("path")?)?,
        treatment: match rule.text("operation") {
            "read" => Treatment::As(Operation::Read),
            "write" => Treatment::As(Operation::Write),
            "deny" => Treatment::Deny,
            _ => return None,
        },
    })
}

fn path_pattern(node: &Node) -> Option<PathPattern> {
    PathPattern::parse(node.text()?).ok()
}

#[cfg(test)]
#[cfg(all(feature = "reference", not(target_arch = "wasm32")))]
mod reference;
#[cfg(test)]
mod tests;
