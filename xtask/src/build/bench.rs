//! What only a bench needs: a page that does nothing but measure, and a worker that does nothing but pass on.

use std::process::Command;

use anyhow::Result;

use super::page::{self, Module};
use crate::paths;
use crate::process;

const SIZING: Module = Module {
    arguments: &["--package", "formats", "--example", "bench_sizing"],
    folder: "examples",
    name: "bench_sizing",
    later: None,
};

/// It says that it is ready by what a browser can wait for.
const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Bench</title>\
    <link rel=\"icon\" href=\"data:,\"><script type=\"module\">\
    import init, { Bench } from './bench_sizing.js'; await init(); window.bench = new Bench();\
    document.body.append(Object.assign(document.createElement('p'), { id: 'ready', textContent: 'ready' }));\
    </script><body></body></html>\n";

/// A page that shares nothing with others gets a clock of microseconds.
const HEADERS: &str = "/*\n  Cross-Origin-Opener-Policy: same-origin\n  Cross-Origin-Embedder-Policy: require-corp\n";

/// Builds the page with the cases of `bench sizing`, compiled as the page is.
///
/// # Errors
/// When a step fails; the end of that step's output is in the error.
pub fn sizing() -> Result<()> {
    let folder = paths::bench();
    page::fresh(&folder)?;
    page::compile(&SIZING, &folder)?;
    page::write(&folder.join("_headers"), HEADERS.as_bytes())?;
    page::write(&folder.join("index.html"), PAGE.as_bytes())
}

/// Builds the pass-through of `bench router` as its framework means it to be built.
///
/// # Errors
/// As [`sizing`].
pub fn pass_through() -> Result<()> {
    let mut command = Command::new(paths::tool("worker-build"));
    command
        .current_dir(paths::bench_workers().join("generated"))
        .args(["--profile", "worker"])
        // Where in worker-build a compiler's complaint passed through helps nobody.
        .env("RUST_BACKTRACE", "0")
        // Without these it would download its own.
        .env("WASM_BINDGEN_BIN", paths::tool("wasm-bindgen"))
        .env("WASM_OPT_BIN", paths::npm_tool("wasm-opt"))
        .env("ESBUILD_BIN", paths::npm_tool("esbuild"));
    process::without_paths(&mut command);
    process::check("compile the pass-through (worker-build)", &mut command)?;
    Ok(())
}
