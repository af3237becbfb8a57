//! Where things are: the workspace, its outputs, and the tools installed for it.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// What `cargo xtask` makes, other than cargo's own outputs.
#[must_use]
pub fn target() -> PathBuf {
    root().join("target")
}

/// Where cargo puts what it compiles.
#[must_use]
pub fn cargo_target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(target, |folder| root().join(folder))
}

/// The deployable static site.
#[must_use]
pub fn site() -> PathBuf {
    target().join("site")
}

/// Logs, fingerprints and half-made outputs.
#[must_use]
pub fn scratch() -> PathBuf {
    target().join("xtask")
}

/// The page that measures.
#[must_use]
pub fn bench() -> PathBuf {
    scratch().join("bench")
}

/// The crate of the Cloudflare Worker.
#[must_use]
pub fn worker() -> PathBuf {
    root().join("edge-router").join("worker")
}

/// The deployable worker.
#[must_use]
pub fn worker_build() -> PathBuf {
    worker().join("build")
}

/// The workers that the router is measured against.
#[must_use]
pub fn bench_workers() -> PathBuf {
    root().join("edge-router").join("bench")
}

/// What stands between the worker and its Durable Object in the tests.
#[must_use]
pub fn harness() -> PathBuf {
    root().join("tests").join("harness")
}

/// Tools that cargo compiled for this workspace alone.
#[must_use]
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// A tool that cargo compiled for this workspace alone.
#[must_use]
pub fn tool(name: &str) -> PathBuf {
    tools().join("bin").join(name).with_extension(env::consts::EXE_EXTENSION)
}

/// The Python environment of this workspace alone.
#[must_use]
pub fn python() -> PathBuf {
    tools().join("python")
}

/// A program in the Python environment of this workspace.
#[must_use]
pub fn python_tool(name: &str) -> PathBuf {
    python().join("bin").join(name)
}

/// A program of the system.  Debian has servers where only an administrator's `PATH` leads to.
#[must_use]
pub fn system_tool(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/local/sbin".into(), "/usr/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|program| program.is_file()).unwrap_or_else(|| name.into())
}

/// Where the Python packages that read exported files are.
#[must_use]
pub fn export_readers() -> PathBuf {
    tools().join("exports")
}

/// Where the Python packages that make books are.
#[must_use]
pub fn book_tools() -> PathBuf {
    tools().join("books")
}

/// The command of an npm package.
#[must_use]
pub fn npm_tool(name: &str) -> PathBuf {
    root().join("node_modules").join(".bin").join(name)
}

/// The Workers runtime itself, not the script that npm puts in front of it, so that ending it ends it.
///
/// # Errors
/// When the package for this machine is not installed.
pub fn workerd() -> Result<PathBuf> {
    let system = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match env::consts::ARCH {
        "x86_64" => "64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = format!("@cloudflare/workerd-{system}-{processor}");
    let binary = root().join("node_modules").join(&package).join("bin").join("workerd");
    binary
        .is_file()
        .then_some(binary)
        .with_context(|| format!("the npm package {package} is not installed: run `cargo xtask setup`"))
}
