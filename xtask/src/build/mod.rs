//! Build: the deployable outputs, made when their sources changed, with their sizes held to a budget.

mod assets;
pub mod bench;
mod guide;
mod offline;
mod page;
mod rename;
pub mod sizes;
mod split;
mod worker;

use std::fmt;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::fingerprint::Fingerprint;
use crate::lock;
use crate::paths;
use crate::setup::{self, Need};

pub use sizes::Report;
pub use worker::check_topologies;

/// One deployable output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The static site in `target/site`.
    Page,
    /// The Cloudflare Worker in `edge-router/worker/build`.
    Worker,
}

/// What every output depends on.
macro_rules! sources {
    ($($own:literal),+) => {
        &[".cargo", "Cargo.lock", "Cargo.toml", "package-lock.json", "rust-toolchain.toml", "xtask/src", $($own),+]
    };
}

impl Part {
    /// Every output.
    pub const ALL: &[Self] = &[Self::Page, Self::Worker];

    /// What has to be installed to build it.
    #[must_use]
    pub fn needs(self) -> &'static [Need] {
        match self {
            Self::Page => &[Need::RustSrc, Need::Node, Need::Npm, Need::WasmBindgen],
            Self::Worker => &[Need::RustSrc, Need::Node, Need::Npm, Need::WasmBindgen],
        }
    }

    /// The files and folders of the workspace that it is made from.
    #[must_use]
    pub fn sources(self) -> &'static [&'static str] {
        match self {
            Self::Page => {
                sources![
                    "calculator/REFERENCE.md",
                    "calculator/app",
                    "calculator/chart",
                    "calculator/cli",
                    "calculator/drawing",
                    "calculator/formats",
                    "calculator/playground",
                    "calculator/sizing",
                    "edge-router/CLIENTS.md",
                    "edge-router/DEPLOY.md",
                    "edge-router/OPERATE.md",
                    "edge-router/STATUS.md",
                    "edge-router/TOPOLOGY.md",
                    "edge-router/alerts.yml",
                    "edge-router/routing",
                    "www"
                ]
            }
            Self::Worker => sources!["edge-router/routing", "edge-router/worker", "calculator/cli"],
        }
    }

    /// Builds it, whether or not anything changed.
    ///
    /// # Errors
    /// When a step fails; the end of that step's output is in the error.
    pub fn build(self) -> Result<()> {
        let _alone = lock::acquire("build")?;
        self.build_alone(Fingerprint::of(self.sources())?)
    }

    /// Builds it where its sources are not those it was made from; the answer is whether it did.
    ///
    /// # Errors
    /// As [`Part::build`].
    pub fn ensure(self) -> Result<bool> {
        if self.is_fresh()? {
            return Ok(false);
        }
        let _alone = lock::acquire("build")?;
        // Another run may have built it while this one waited.
        if self.is_fresh()? {
            return Ok(false);
        }
        self.build_alone(Fingerprint::of(self.sources())?)?;
        Ok(true)
    }

    /// The sizes of its files as built last.
    ///
    /// # Errors
    /// When it was not built, or budgets.json cannot be read.
    pub fn report(self) -> Result<Report> {
        match self {
            Self::Page => page::report(),
            Self::Worker => worker::report(),
        }
    }

    fn build_alone(self, made_from: String) -> Result<()> {
        let stamp = self.stamp();
        let _ = fs::remove_file(&stamp);
        match self {
            Self::Page => page::build(),
            Self::Worker => worker::build(),
        }?;
        fs::write(&stamp, made_from).with_context(|| format!("cannot write {}", stamp.display()))
    }

    fn is_fresh(self) -> Result<bool> {
        let main_file = match self {
            Self::Page => paths::site().join("index.html"),
            Self::Worker => paths::worker_build().join("index.js"),
        };
        let made_from = fs::read_to_string(self.stamp()).unwrap_or_default();
        Ok(main_file.is_file() && made_from == Fingerprint::of(self.sources())?)
    }

    fn stamp(self) -> PathBuf {
        paths::scratch().join(format!("{self}.sources"))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Page => "page",
            Self::Worker => "worker",
        })
    }
}

/// Sets up and builds `parts`, and prints how large they are.
///
/// # Errors
/// When set-up or a build fails, or an output is over its budget.
pub fn run(parts: &[Part]) -> Result<()> {
    let needs: Vec<Need> = parts.iter().flat_map(|part| part.needs().iter().copied()).collect();
    setup::ensure(&needs)?;
    let mut reports = Vec::new();
    for part in parts {
        part.build()?;
        reports.push(part.report()?);
    }
    for report in &reports {
        println!("\n{}", report.table().trim_end());
    }
    let over: Vec<String> =
        reports.iter().filter_map(|report| report.check().err()).map(|error| error.to_string()).collect();
    if over.is_empty() { Ok(()) } else { bail!("{}", over.join("\n")) }
}
