//! The topology: which clusters there are, and the rules by which requests are spread over them.

mod check;
mod document;
mod error;
pub(crate) mod field;
pub(crate) mod text;

use std::fmt;
use std::sync::Arc;

pub use error::{InvalidText, Problem, TopologyError, TopologyWarning};

use crate::geo::{Coordinates, Direction};
use crate::operation::{Operation, OperationRule};
use crate::origin::Origin;
use crate::pattern::PathPattern;
use check::{Findings, Path};
use document::Node;

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
    warnings: Vec<TopologyWarning>,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
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
    /// Reads a topology file (JSON, format version 1).
    ///
    /// # Errors
    /// All that is wrong with it, each with its JSON path; never empty.
    pub fn parse(text: &str) -> Result<Self, Vec<TopologyError>> {
        let document: Node = serde_json::from_str(text).map_err(|error| vec![syntax_error(&error)])?;
        let mut findings = Findings::default();
        check::check_object(field::TOPOLOGY, &document, &Path::Root, &mut findings);
        check_clusters(&document, &mut findings);
        let Findings { errors, warnings } = findings;
        // The table of fields and the rules between clusters say what `build` needs: without errors it succeeds.
        match build(&document, warnings) {
            Some(topology) if errors.is_empty() => Ok(topology),
            _ => Err(errors),
        }
    }

    /// The clusters in the configured order; at least one.
    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.iter().map(AsRef::as_ref)
    }

    /// The one cluster that takes writes.
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

/// The rules between clusters: unique ids, exactly one primary.
fn check_clusters(document: &Node, findings: &mut Findings) {
    let Some(list @ Node::List(clusters)) = document.get("clusters") else { return };
    let of = |key: &'static str| list.items().iter().map(move |cluster| cluster.get(key).and_then(Node::text));
    let at = |index: usize, key: &'static str, problem: Problem, findings: &mut Findings| {
        let clusters = Path::Key(&Path::Root, "clusters");
        findings.error(&Path::Key(&Path::Index(&clusters, index), key), problem);
    };

    let mut first_of = std::collections::BTreeMap::new();
    for (index, id) in of("id").enumerate() {
        let Some(id) = id.filter(|id| (text::ID.check)(id).is_ok()) else { continue };
        let first = *first_of.entry(id).or_insert(index);
        if first != index {
            at(index, "id", Problem::DuplicateId { id: id.to_owned(), first }, findings);
        }
    }

    let mut primaries = of("role").enumerate().filter(|(_, role)| *role == Some("primary")).map(|(index, _)| index);
    if let Some(first) = primaries.next() {
        for index in primaries {
            at(index, "role", Problem::SecondPrimary { first }, findings);
        }
    } else if clusters.iter().all(|cluster| role(cluster).is_some()) {
        // With a role that is missing or unknown, the error about it says enough.
        findings.error(&Path::Key(&Path::Root, "clusters"), Problem::NoPrimary);
    }
}

fn role(cluster: &Node) -> Option<Role> {
    match cluster.get("role")?.text()? {
        "primary" => Some(Role::Primary),
        "replica" => Some(Role::Replica),
        "standby" => Some(Role::Standby),
        _ => None,
    }
}

/// The typed topology of a document; `None` where something needed is missing or malformed.
fn build(document: &Node, mut warnings: Vec<TopologyWarning>) -> Option<Topology> {
    let clusters = document.get("clusters")?.items().iter().map(|node| Some(Arc::new(cluster(node)?)));
    let clusters = clusters.collect::<Option<Vec<_>>>()?;
    let primary = Arc::clone(clusters.iter().find(|cluster| cluster.role == Role::Primary)?);

    let text_of = |node: &Node, key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let dialect = document.get("health").and_then(|health| text_of(health, "dialect"));
    let has_vault_dialect = matches!(dialect.as_deref(), Some("vault" | "openbao"));
    let mode = match text_of(document, "mode").as_deref() {
        Some("affinity") => Mode::Affinity,
        None if has_vault_dialect => Mode::Affinity,
        _ => Mode::Split,
    };
    if has_vault_dialect && mode == Mode::Split {
        warnings.push(TopologyWarning::SplitWithVaultDialect);
    }

    let items = |key: &str| document.get(key).map(Node::items).unwrap_or_default();
    Some(Topology {
        mode,
        clusters,
        primary,
        fallback: if text_of(document, "fallback").as_deref() == Some("next") {
            Fallback::Next
        } else {
            Fallback::Primary
        },
        operations: items("operations").iter().map(operation_rule).collect::<Option<_>>()?,
        deny: items("deny").iter().map(path_pattern).collect::<Option<_>>()?,
        exposes_headers: document
            .get("headers")
            .and_then(|headers| headers.get("expose"))
            .and_then(Node::flag)
            .unwrap_or(true),
        warnings,
    })
}

fn cluster(node: &Node) -> Option<Cluster> {
    let coordinates = Coordinates::from_degrees(node.get("latitude")?.number()?, node.get("longitude")?.number()?)?;
    let headers = node.get("headers").map(Node::entries).unwrap_or_default();
    Some(Cluster {
        id: ClusterId(node.get("id")?.text()?.to_owned()),
        role: role(node)?,
        origin: Origin::parse(node.get("url")?.text()?).ok()?,
        coordinates,
        headers: headers
            .iter()
            .map(|(name, value)| Some((name.clone(), header_value(value.text()?))))
            .collect::<Option<_>>()?,
        forwards_writes: node.get("forwards_writes").and_then(Node::flag).unwrap_or(false),
        direction: Direction::of(coordinates),
    })
}

fn header_value(text: &str) -> HeaderValue {
    match text.strip_prefix('$') {
        Some(name) => HeaderValue::Secret(name.to_owned()),
        None => HeaderValue::Literal(text.to_owned()),
    }
}

fn operation_rule(node: &Node) -> Option<OperationRule> {
    let method = node.get("method")?.text()?;
    Some(OperationRule {
        method: (method != "*").then(|| method.to_owned()),
        path: path_pattern(node.get("path")?)?,
        operation: match node.get("operation")?.text()? {
            "read" => Operation::Read,
            "write" => Operation::Write,
            _ => return None,
        },
    })
}

fn path_pattern(node: &Node) -> Option<PathPattern> {
    PathPattern::parse(node.text()?).ok()
}

#[cfg(test)]
mod tests;
