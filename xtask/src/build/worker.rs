//! The worker: crate `edge-router` made into a Cloudflare Worker by worker-build, with the tools of this workspace.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::sizes::{Budgets, Report, Size};
use crate::paths;
use crate::process;

/// What a deployment uploads.
const FILES: &[&str] = &["index.js", "index_bg.wasm"];

/// Builds the worker; worker-build itself puts the finished folder in place.
pub(super) fn build() -> Result<()> {
    let mut command = Command::new(paths::tool("worker-build"));
    command
        .current_dir(paths::worker())
        .args(["--profile", "worker"])
        // Where in worker-build a compiler's complaint passed through helps nobody.
        .env("RUST_BACKTRACE", "0")
        // Without these it would download its own.
        .env("WASM_BINDGEN_BIN", paths::tool("wasm-bindgen"))
        .env("WASM_OPT_BIN", paths::npm_tool("wasm-opt"))
        .env("ESBUILD_BIN", paths::npm_tool("esbuild"));
    process::without_paths(&mut command);
    process::check("compile the worker (worker-build)", &mut command)?;
    Ok(())
}

/// Sizes of the worker as it was built last.
pub(super) fn report() -> Result<Report> {
    let mut files = Vec::new();
    for name in FILES {
        let path = paths::worker_build().join(name);
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push(((*name).to_owned(), Size::of(&content)?, true));
    }
    Ok(Report { title: "worker", files, sum: "bundle", budget: Budgets::read()?.worker_bundle_gzip })
}
