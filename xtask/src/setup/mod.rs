//! Set-up: everything a command needs that may be missing, each as a step that can be checked, explained and installed.

mod cargo_tools;
mod debian;
mod npm;
mod postgres;
mod python;
mod rust_src;
mod wasm_std;

pub use debian::unpacked;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::lock;
use crate::process::seconds;

/// Whether a step has anything to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is there, in this version.
    Present(String),
    /// It is not there, or not as it has to be; the text says what was found.
    Missing(String),
}

/// Something that may have to be installed.
pub(crate) trait Step {
    /// What it is.
    fn name(&self) -> String;
    /// What it is needed for.
    fn why(&self) -> &'static str;
    /// How long installing it may take.
    fn expected(&self) -> &'static str;
    /// Whether it is there.
    fn status(&self) -> Status;
    /// Installs it; the error names the ways out.
    fn install(&self) -> Result<()>;
}

/// What may have to be installed, in the order in which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The sources of the standard library.
    RustSrc,
    /// The standard library of wasm32-unknown-unknown.
    WasmStd,
    /// Node.js with npm.
    Node,
    /// The packages of package.json.
    Npm,
    /// wasm-bindgen and wasm-bindgen-test-runner.
    WasmBindgen,
    /// Chromium and its driver.
    Browser,
    /// PostgreSQL of five majors.
    Postgres,
    /// A pooler for PostgreSQL.
    PgBouncer,
    /// A balancer.
    HaProxy,
    /// What checks rules for Prometheus.
    Promtool,
    /// SQLAlchemy and the readers of YAML and of Kubernetes manifests.
    Readers,
    /// hvac, a Vault client, and OpenBao, a Vault-API server with its own client.
    Hvac,
    /// mdBook and MkDocs Material.
    Books,
    /// rvault, a Vault-API server.
    Rvault,
    /// cargo-deny.
    CargoDeny,
    /// worker-build.
    WorkerBuild,
}

impl Need {
    /// Everything there is.
    pub const ALL: &[Self] = &[
        Self::RustSrc,
        Self::WasmStd,
        Self::Node,
        Self::Npm,
        Self::WasmBindgen,
        Self::Browser,
        Self::Postgres,
        Self::PgBouncer,
        Self::HaProxy,
        Self::Promtool,
        Self::Readers,
        Self::Hvac,
        Self::Books,
        Self::Rvault,
        Self::CargoDeny,
        Self::WorkerBuild,
    ];

    fn step(self) -> Box<dyn Step> {
        match self {
            Self::RustSrc => Box::new(rust_src::RustSrc),
            Self::WasmStd => Box::new(wasm_std::WasmStd),
            Self::Node => Box::new(npm::Node),
            Self::Npm => Box::new(npm::Packages),
            Self::WasmBindgen => Box::new(cargo_tools::WASM_BINDGEN),
            Self::Browser => Box::new(debian::Browser),
            Self::Postgres => Box::new(postgres::Postgres),
            Self::PgBouncer => Box::new(debian::PGBOUNCER),
            Self::HaProxy => Box::new(debian::HAPROXY),
            Self::Promtool => Box::new(debian::PROMTOOL),
            Self::Readers => Box::new(python::READERS),
            Self::Hvac => Box::new(python::CLIENTS),
            Self::Books => Box::new(python::BOOKS),
            Self::Rvault => Box::new(cargo_tools::RVAULT),
            Self::CargoDeny => Box::new(cargo_tools::CARGO_DENY),
            Self::WorkerBuild => Box::new(cargo_tools::WORKER_BUILD),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.step().name())
    }
}

/// One line of what `cargo xtask doctor` says.
#[derive(Debug)]
pub struct Finding {
    /// What was looked for.
    pub name: String,
    /// What it is needed for.
    pub why: &'static str,
    /// How long installing it may take.
    pub expected: &'static str,
    /// What was found.
    pub status: Status,
}

/// Looks for everything, installs nothing.
#[must_use]
pub fn examine(needs: &[Need]) -> Vec<Finding> {
    needs
        .iter()
        .map(|need| {
            let step = need.step();
            Finding { name: step.name(), why: step.why(), expected: step.expected(), status: step.status() }
        })
        .collect()
}

/// Installs what is missing of `needs`.
///
/// # Errors
/// When something could not be installed; all of it is named, each with its way out.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let failures = try_ensure(needs)?;
    if failures.is_empty() {
        return Ok(());
    }
    bail!("{}", failures.into_values().collect::<Vec<_>>().join("\n"))
}

/// Installs what is missing of `needs`, and goes on after a failure: the answer holds what is still missing, and why.
///
/// # Errors
/// When set-up cannot begin at all.
pub fn try_ensure(needs: &[Need]) -> Result<BTreeMap<Need, String>> {
    let mut failures = BTreeMap::new();
    let needs = in_order(needs);
    if needs.iter().all(|need| !is_missing(*need)) {
        return Ok(failures);
    }
    let _alone = lock::acquire("set-up")?;
    let started = Instant::now();
    let mut installed = false;
    // Asked once more: another run may have installed it while this one waited, or a step before it undone it, as
    // npm does with whatever was added to its packages.
    for need in &needs {
        let step = need.step();
        let Status::Missing(found) = step.status() else { continue };
        installed = true;
        eprintln!("set up: {} - {} ({found}; may take {})", step.name(), step.why(), step.expected());
        if let Err(error) = step.install() {
            eprintln!("        {} could not be installed", step.name());
            failures.insert(*need, format!("{} is missing, needed for {}.\n{error:#}", step.name(), step.why()));
        }
    }
    cargo_tools::remove_leftovers();
    if installed && failures.is_empty() {
        eprintln!("set up: done in {}", seconds(started.elapsed()));
    }
    Ok(failures)
}

fn in_order(needs: &[Need]) -> Vec<Need> {
    let mut needs: Vec<Need> = needs.to_vec();
    needs.sort_unstable();
    needs.dedup();
    needs
}

fn is_missing(need: Need) -> bool {
    matches!(need.step().status(), Status::Missing(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_are_listed_in_the_order_in_which_they_are_installed() {
        assert_eq!(in_order(Need::ALL), Need::ALL);
        assert_eq!(
            in_order(&[Need::Postgres, Need::Node, Need::Npm, Need::Node]),
            [Need::Node, Need::Npm, Need::Postgres]
        );
    }
}
