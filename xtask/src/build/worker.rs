//! The worker: crate `edge-router` and its entry script, made into a Cloudflare Worker.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::page;
use super::sizes::{Budgets, Report, Size, Sum};
use crate::paths;
use crate::process;

/// What a deployment uploads.
const FILES: &[&str] = &["index.js", "index_bg.wasm"];

/// Bytes of a variable: <https://developers.cloudflare.com/workers/platform/limits/> says 5 KB, whichever those are.
const LARGEST_VARIABLE: usize = 5 * 1024;

/// Builds the worker: a script that imports its module as the platform wants it, with nothing left to bundle.
pub(super) fn build() -> Result<()> {
    check_topologies(&paths::worker().join("wrangler.toml"))?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "edge-router", "--target", "wasm32-unknown-unknown", "--profile", "worker"]);
    page::small_std(&mut cargo);
    process::without_paths(&mut cargo);
    process::check("compile the worker to WebAssembly", &mut cargo)?;

    let stage = paths::scratch().join("worker");
    page::fresh(&stage)?;
    let made = paths::cargo_target().join("wasm32-unknown-unknown").join("worker").join("edge_router.wasm");
    let mut bindgen = Command::new(paths::tool("wasm-bindgen"));
    bindgen.args(["--target", "module", "--no-typescript", "--out-name", "index"]);
    // After a trap the module starts anew in the same isolate.
    bindgen.arg("--experimental-reset-state-function");
    bindgen.arg("--out-dir").arg(&stage).arg(&made);
    process::check("wasm-bindgen (worker)", &mut bindgen)?;

    let mut optimize = Command::new(paths::npm_tool("wasm-opt"));
    optimize.current_dir(&stage).args(["-O3", "--strip-debug", "--strip-producers"]).args(page::WASM_FEATURES);
    optimize.args(["index_bg.wasm", "-o", "optimized.wasm"]);
    process::check("wasm-opt -O3 (worker)", &mut optimize)?;

    status_page(&stage)?;
    for name in ["entry.js", "platform.js"] {
        let source = paths::worker().join("src").join(name);
        let script = fs::read(&source).with_context(|| format!("cannot read {}", source.display()))?;
        page::write(&stage.join(name), &script)?;
    }
    let mut bundle = Command::new(paths::npm_tool("esbuild"));
    bundle.current_dir(&stage).args(["entry.js", "--bundle", "--format=esm", "--minify"]);
    bundle.args([
        "--external:cloudflare:*",
        "--external:./index_bg.wasm",
        "--outfile=bundle.js",
        "--log-level=warning",
    ]);
    process::check("esbuild (worker)", &mut bundle)?;

    // The proposal for importing modules before they run is written so; the platform's own way has no `source`.
    let script = fs::read_to_string(stage.join("bundle.js")).context("esbuild wrote nothing")?;
    let out = paths::worker_build();
    page::fresh(&out)?;
    page::write(&out.join("index.js"), script.replace("import source ", "import ").as_bytes())?;
    let module = fs::read(stage.join("optimized.wasm")).context("wasm-opt wrote nothing")?;
    page::write(&out.join("index_bg.wasm"), &module)
}

/// Makes one text of the status page with its style, its script and the map, and the policy under which nothing else runs.
fn status_page(stage: &Path) -> Result<()> {
    let source = paths::worker().join("src");
    let mut minify = Command::new(paths::npm_tool("esbuild"));
    minify.current_dir(&source).args(["status.css", "status.js", "--minify", "--format=esm", "--log-level=warning"]);
    process::check("esbuild (status page)", minify.arg(format!("--outdir={}", stage.display())))?;

    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let style = read(&stage.join("status.css"))?.trim().to_owned();
    let script = read(&stage.join("status.js"))?.trim().to_owned();
    let mut html = read(&source.join("status.html"))?;
    for (empty, full) in [
        ("<style></style>", format!("<style>{style}</style>")),
        ("<script type=\"module\"></script>", format!("<script type=\"module\">{script}</script>")),
        ("id=\"land\" d=\"\"", format!("id=\"land\" d=\"{}\"", routing::WORLD_OUTLINE)),
    ] {
        let (before, after) = html.split_once(empty).with_context(|| format!("status.html has no `{empty}`"))?;
        html = format!("{before}{full}{after}");
    }
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        allowed(&style),
        allowed(&script)
    );
    page::write(&stage.join("status.json"), json!({ "html": html, "policy": policy }).to_string().as_bytes())
}

/// What allows exactly this text in a content security policy.
fn allowed(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// Refuses a topology that the worker would refuse: every one that this wrangler.toml has, with every error.
///
/// # Errors
/// The errors, each with its path in the topology; or what is wrong with the file around it.
pub fn check_topologies(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let wrangler: toml::Table = toml::from_str(&text).with_context(|| format!("{} is no TOML", path.display()))?;
    let environments = wrangler.get("env").and_then(toml::Value::as_table).into_iter().flatten();
    let environments = environments.filter_map(|(name, settings)| Some((name.as_str(), settings.as_table()?)));
    let mut files = Vec::new();
    for (name, settings) in environments.chain([("development", &wrangler)]) {
        let topology = settings.get("vars").and_then(|vars| vars.get("TOPOLOGY")).and_then(toml::Value::as_str);
        if let Some(topology) = topology {
            let size = topology.len();
            ensure!(
                size <= LARGEST_VARIABLE,
                "TOPOLOGY ({name}): {size} bytes are more than the {LARGEST_VARIABLE} of a variable"
            );
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
        files.push(((*name).to_owned(), Size::of(&content)?));
    }
    let names = files.iter().map(|(name, _)| name.clone()).collect();
    let bundle = Sum { name: "bundle", files: names, budget: Budgets::read()?.worker_bundle_gzip };
    Ok(Report { title: "worker", files, sums: vec![bundle] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_allows_texts_by_their_hashes() {
        // From RFC 6234's hashes of nothing and of `abc`.
        assert_eq!(allowed(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
        assert_eq!(allowed("abc"), "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
    }
}
