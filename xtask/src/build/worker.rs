//! The worker: crate `edge-router` made into a Cloudflare Worker by worker-build, with the tools of this workspace.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::sizes::{Budgets, Report, Size};
use crate::paths;
use crate::process;

/// What a deployment uploads.
const FILES: &[&str] = &["index.js", "index_bg.wasm"];

/// Builds the worker; worker-build itself puts the finished folder in place.
pub(super) fn build() -> Result<()> {
    check_topologies()?;
    generate(&paths::worker())
}

/// Builds the crate in a folder with worker-build.
pub(super) fn generate(folder: &Path) -> Result<()> {
    let mut command = Command::new(paths::tool("worker-build"));
    command
        .current_dir(folder)
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

/// Refuses a topology that the worker would refuse: every one that wrangler.toml has, with every error.
fn check_topologies() -> Result<()> {
    let path = paths::worker().join("wrangler.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let wrangler: toml::Table = toml::from_str(&text).with_context(|| format!("{} is no TOML", path.display()))?;
    let environments = wrangler.get("env").and_then(toml::Value::as_table).into_iter().flatten();
    let environments = environments.filter_map(|(name, settings)| Some((name.as_str(), settings.as_table()?)));
    let mut files = Vec::new();
    for (name, settings) in environments.chain([("development", &wrangler)]) {
        let topology = settings.get("vars").and_then(|vars| vars.get("TOPOLOGY")).and_then(toml::Value::as_str);
        if let Some(topology) = topology {
            let file = paths::scratch().join(format!("topology-{name}.json"));
            fs::write(&file, topology).with_context(|| format!("cannot write {}", file.display()))?;
            files.push(file);
        }
    }
    let mut check = process::cargo();
    check.args(["run", "--quiet", "--package", "headroom", "--", "check"]).args(files);
    process::check("check the topologies of wrangler.toml", &mut check)?;
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
