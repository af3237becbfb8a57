//! The page: crate `calculator` and the files of `www/`, made into the static site in `target/site`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use sha2::{Digest, Sha256};

use super::assets::{self, Files, Linked};
use super::guide;
use super::offline;
use super::rename::Names;
use super::sizes::{Budgets, Report, Size, Sum, brotli, gzip};
use super::split::split;
use crate::fingerprint::Fingerprint;
use crate::headers::Headers;
use crate::paths;
use crate::process;

/// What the Rust compiler may use in WebAssembly today, and every browser of the last years runs.
/// Naming it keeps newer encodings out of the output.
pub(super) const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Written in modern JavaScript and CSS, and not more modern than this.
const BROWSERS: &str = "--target=es2022,chrome111,firefox113,safari16.4";

/// Files that are worth compressing.
const COMPRESSIBLE: &[&str] = &["css", "html", "js", "json", "mjs", "svg", "txt", "wasm", "webmanifest", "xml"];

/// Scripts and styles that are only there to be imported.
const PARTS: &[&str] =
    &["base.css", "calculator.js", "carry.js", LATER, "frame.js", "offline.js", "routing_playground.js"];

/// The script that other pages load.
const EMBED: &str = "embed.js";

/// A module for the browser.
pub(super) struct Module {
    /// What cargo is to build.
    pub(super) arguments: &'static [&'static str],
    /// The folder of what cargo builds in which it is then; empty where it is at its top.
    pub(super) folder: &'static str,
    /// Its name, and that of its script.
    pub(super) name: &'static str,
    /// What its second part is called, where it has one.
    pub(super) later: Option<&'static str>,
}

const CALCULATOR: Module =
    Module { arguments: &["--package", "calculator"], folder: "", name: "calculator", later: Some("calculator_later") };

/// The styles that the page carries in itself.
const STYLES: &str = "styles.css";
/// The script that fetches the second part, and hands over what the two parts share.
const LATER: &str = "later.js";

/// Fetched when somebody opens it: `www/playground.js` is its script.
const PLAYGROUND: Module =
    Module { arguments: &["--package", "playground"], folder: "", name: "routing_playground", later: None };

/// Builds the site; a server that runs meanwhile sees either the old one or the new one.
pub(super) fn build() -> Result<()> {
    let www = paths::root().join("www");
    if !www.join("index.html").is_file() {
        bail!("www/index.html is missing: there is no page to build");
    }
    let stage = paths::scratch().join("page");
    fresh(&stage)?;
    copy(&www, &stage)?;
    guide::build(&stage)?;
    compile(&CALCULATOR, &stage)?;
    compile(&PLAYGROUND, &stage)?;

    let mut plain = collect(&stage)?;
    prerender(&mut plain)?;
    let mut linked = assets::link(&plain, is_hashed, is_later)?;
    offline::fill(&mut linked, is_of_playground)?;
    check_headers(&plain, &linked)?;

    let new = paths::scratch().join("site.new");
    fresh(&new)?;
    for (name, content) in &linked.files {
        write(&new.join(name), content)?;
        if is_compressible(name) {
            write(&new.join(format!("{name}.gz")), &gzip(content)?)?;
            write(&new.join(format!("{name}.br")), &brotli(content)?)?;
        }
    }
    write(&load_list_path(FIRST), linked.first_load.join("\n").as_bytes())?;
    write(&load_list_path(SECOND), linked.later.join("\n").as_bytes())?;
    swap(&new, &paths::site())
}

/// Sizes of the site as it was built last.
pub(super) fn report() -> Result<Report> {
    let site = paths::site();
    let mut files = Vec::new();
    for name in names(&site)? {
        if [".gz", ".br"].iter().any(|compressed| name.ends_with(compressed)) {
            continue;
        }
        let size = |suffix: &str| fs::metadata(site.join(format!("{name}{suffix}"))).map(|about| about.len());
        let raw = size("").with_context(|| format!("cannot read the size of {name}"))?;
        let size = Size { raw, gzip: size(".gz").unwrap_or(raw), brotli: size(".br").unwrap_or(raw) };
        files.push((name, size));
    }
    let budgets = Budgets::read()?;
    let playground = files.iter().map(|(name, _)| name).filter(|name| is_of_playground(name)).cloned().collect();
    let sums = vec![
        Sum { name: FIRST, files: load_list(FIRST)?, budget: budgets.page_first_load_gzip },
        Sum { name: SECOND, files: load_list(SECOND)?, budget: budgets.page_later_gzip },
        Sum { name: "playground", files: playground, budget: budgets.playground_gzip },
        Sum { name: EMBED, files: vec![EMBED.to_owned()], budget: budgets.embed_gzip },
    ];
    Ok(Report { title: "page", files, sums })
}

/// Whether a file of the site, under its final name, is only loaded with the playground.
fn is_of_playground(name: &str) -> bool {
    ["playground-", "routing_playground_bg-"].iter().any(|it| name.starts_with(it))
}

/// Makes sure that a browser is allowed to keep what is named after its content, and nothing else.
fn check_headers(plain: &Files, linked: &Linked) -> Result<()> {
    let Some(rules) = linked.files.get("_headers") else { return Ok(()) };
    let rules = Headers::parse(&String::from_utf8_lossy(rules))?;
    for name in linked.files.keys() {
        let mut headers = HeaderMap::new();
        rules.apply(&format!("/{name}"), &mut headers);
        let is_kept = headers.get(CACHE_CONTROL).is_some_and(|value| value.as_bytes().ends_with(b"immutable"));
        if is_kept == plain.contains_key(name) {
            let what = if is_kept { "lets browsers keep" } else { "does not let browsers keep" };
            bail!("www/_headers {what} {name} for ever");
        }
    }
    Ok(())
}

/// What a browser loads before anybody does anything.
const FIRST: &str = "first load";
/// What it loads as soon as somebody does.
const SECOND: &str = "second part";

/// Which files of the site count to a sum.
fn load_list(sum: &str) -> Result<Vec<String>> {
    let path = load_list_path(sum);
    let list = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(list.lines().map(str::to_owned).collect())
}

fn load_list_path(sum: &str) -> PathBuf {
    paths::scratch().join(format!("{}.txt", sum.replace(' ', "-")))
}

/// Puts what there is to see before any script runs into the page: the drawing of the default scenario, and the styles, which
/// the policy allows by their hash.
fn prerender(files: &mut Files) -> Result<()> {
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", CALCULATOR.name]);
    process::check("compile calculator for this machine", &mut cargo)?;
    let program = paths::cargo_target().join("debug").join(CALCULATOR.name);
    let drawn = Command::new(&program).output().with_context(|| format!("cannot run {}", program.display()))?;
    if !drawn.status.success() {
        bail!("cannot draw the page: {}", String::from_utf8_lossy(&drawn.stderr));
    }
    let drawn = String::from_utf8(drawn.stdout).context("the drawing of the page is not a text")?;
    let styles = String::from_utf8(files.get(STYLES).context("the page has no styles")?.clone())?;
    let styles = styles.trim_end();
    let allowed = format!("style-src 'self' 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(styles)));
    replace(files, "index.html", "<link rel=\"stylesheet\" href=\"styles.css\">", &format!("<style>{styles}</style>"))?;
    replace(files, "index.html", "<div id=\"app\">", &format!("<div id=\"app\">{drawn}"))?;
    replace(files, "_headers", "style-src 'self'", &allowed)
}

/// Replaces what stands just once in a file.
fn replace(files: &mut Files, name: &str, what: &str, by: &str) -> Result<()> {
    let content = files.get_mut(name).with_context(|| format!("the site has no {name}"))?;
    let text = str::from_utf8(content).with_context(|| format!("{name} is not a text"))?;
    if text.matches(what).count() != 1 {
        bail!("www/{name} does not have `{what}` just once");
    }
    *content = text.replace(what, by).into_bytes();
    Ok(())
}

/// Rust to small WebAssembly and its JavaScript, both in `stage`.
pub(super) fn compile(module: &Module, stage: &Path) -> Result<()> {
    let Module { arguments, folder, name, later } = module;
    let mut cargo = process::cargo();
    cargo.arg(if later.is_some() { "rustc" } else { "build" });
    cargo.args(*arguments).args(["--target", "wasm32-unknown-unknown", "--profile", "page"]);
    small_std(&mut cargo);
    process::without_paths(&mut cargo);
    if later.is_some() {
        // What refers to what, which is what the cut follows.  Only this crate is compiled with it: flags of all crates
        // would have everything compiled once more for the next module.
        cargo.args(["--", "-Clink-arg=--emit-relocs"]);
    }
    process::check(&format!("compile {name} to WebAssembly"), &mut cargo)?;

    let made = paths::cargo_target().join("wasm32-unknown-unknown").join("page").join(folder);
    let mut module = made.join(format!("{name}.wasm"));
    if let Some(later) = later {
        let parts = paths::scratch().join("parts");
        fresh(&parts)?;
        let (first, second) = split(&module, &parts)?;
        let into = stage.join(format!("{later}.wasm"));
        fs::copy(&second, &into).with_context(|| format!("cannot write {}", into.display()))?;
        optimize(later, &into, &[])?;
        module = first;
    }
    let mut bindgen = Command::new(paths::tool("wasm-bindgen"));
    bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]).arg(stage).arg(module);
    if later.is_some() {
        // The table, which both parts call functions through.
        bindgen.arg("--keep-lld-exports");
    }
    process::check(&format!("wasm-bindgen ({name})"), &mut bindgen)?;

    let names = optimize(name, &stage.join(format!("{name}_bg.wasm")), &["--minify-imports-and-exports-and-modules"])?;
    let names = Names::printed(&names)?;
    rewrite(&stage.join(format!("{name}.js")), |script| names.shorten(script))?;
    if later.is_some() {
        rewrite(&stage.join(LATER), |script| Ok(names.shorten_exports(script)))?;
    }
    Ok(())
}

/// Replaces a script by what `change` makes of it.
fn rewrite(path: &Path, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let script = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    write(path, change(&script)?.as_bytes())
}

/// Compiles the standard library along, made for size and without the texts of panics: a tenth of the page's download.
/// Nobody misses the texts: a panic ends in a trap, and the scripts around the modules tell of it.
pub(super) fn small_std(cargo: &mut Command) {
    cargo.args(["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"]);
    cargo.env("RUSTC_BOOTSTRAP", "1");
    process::flag(cargo, "-Zunstable-options");
    process::flag(cargo, "-Cpanic=immediate-abort");
}

/// Makes a module small, in place, and gives what wasm-opt printed.  This takes longest of all, so the last result is kept
/// for the next build of the same.
fn optimize(name: &str, wasm: &Path, options: &[&str]) -> Result<String> {
    let cannot = || format!("cannot keep what wasm-opt made of {}", wasm.display());
    let kept = paths::scratch().join("optimized").join(name);
    let result = kept.join(Fingerprint::of(&[&wasm.to_string_lossy(), "package-lock.json", "xtask/src/build"])?);
    let names = result.with_extension("names");
    if !result.is_file() {
        fresh(&kept)?;
        let unfinished = kept.join("unfinished");
        let mut command = Command::new(paths::npm_tool("wasm-opt"));
        command.arg("-Oz").args(options).args(WASM_FEATURES);
        command.arg(wasm).arg("-o").arg(&unfinished);
        let finished = process::check(&format!("wasm-opt -Oz ({name})"), &mut command)?;
        fs::write(&names, finished.output).with_context(cannot)?;
        fs::rename(&unfinished, &result).with_context(cannot)?;
    }
    fs::copy(&result, wasm).with_context(cannot)?;
    fs::read_to_string(&names).with_context(cannot)
}

/// The files of the site under their plain names, scripts and styles made small.
fn collect(stage: &Path) -> Result<Files> {
    let small = stage.join("small");
    let mut files = Files::new();
    let (mut scripts, mut styles) = (Vec::new(), Vec::new());
    for name in names(stage)? {
        match extension(&name) {
            // What wasm-bindgen made, and what another script imports, is part of the script that imports it.
            "css" | "js" if PARTS.contains(&name.as_str()) || name.starts_with("snippets/") => {}
            "js" => scripts.push(name),
            "css" => styles.push(name),
            _ => {
                let path = stage.join(&name);
                files.insert(name, fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
            }
        }
    }
    esbuild("esbuild (scripts)", stage, &small, &["--bundle", "--format=esm"], &scripts)?;
    esbuild("esbuild (styles)", stage, &small, &["--bundle"], &styles)?;
    for name in scripts.into_iter().chain(styles) {
        let path = small.join(&name);
        files.insert(name, fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(files)
}

fn esbuild(what: &str, stage: &Path, into: &Path, options: &[&str], names: &[String]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let mut command = Command::new(paths::npm_tool("esbuild"));
    command.current_dir(stage).args(options).args(["--minify", "--charset=utf8", "--legal-comments=none", BROWSERS]);
    command.arg("--log-level=warning").arg("--outbase=.").arg(format!("--outdir={}", into.display())).args(names);
    let finished = process::check(what, &mut command)?;
    if !finished.output.is_empty() {
        bail!("{what}: has warnings\n{}", finished.tail());
    }
    Ok(())
}

/// Whether a browser may keep the file for ever, because its name changes with its content.
fn is_hashed(name: &str) -> bool {
    matches!(name, "start.js" | "playground.js") || matches!(extension(name), "css" | "wasm")
}

/// Whether a script only loads the file once somebody does something.
fn is_later(name: &str) -> bool {
    name == "charts.css" || CALCULATOR.later.is_some_and(|later| name == format!("{later}.wasm"))
}

fn is_compressible(name: &str) -> bool {
    COMPRESSIBLE.contains(&extension(name))
}

fn extension(name: &str) -> &str {
    Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// The files under `folder`, in order, with `/` between folders.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(current) = open.pop() {
        for entry in fs::read_dir(&current).with_context(|| format!("cannot list {}", current.display()))? {
            let path = entry.with_context(|| format!("cannot list {}", current.display()))?.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path);
            names.push(name.to_str().with_context(|| format!("{} has a strange name", path.display()))?.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for name in names(from)? {
        write(&to.join(&name), &fs::read(from.join(&name)).with_context(|| format!("cannot read www/{name}"))?)?;
    }
    Ok(())
}

pub(super) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file needs a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// An empty folder, whatever was there before.
pub(super) fn fresh(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Puts `new` where `site` is, in one step where the file system can.
fn swap(new: &Path, site: &Path) -> Result<()> {
    let failed = || format!("cannot put {} in place", site.display());
    if !site.exists() {
        return fs::rename(new, site).with_context(failed);
    }
    if renameat_with(CWD, new, CWD, site, RenameFlags::EXCHANGE).is_ok() {
        return fs::remove_dir_all(new).with_context(failed);
    }
    let old = new.with_extension("old");
    fs::rename(site, &old).and_then(|()| fs::rename(new, site)).with_context(failed)?;
    fs::remove_dir_all(&old).with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_be_kept_for_ever() {
        for (name, expected) in [
            ("start.js", true),
            ("playground.js", true),
            ("styles.css", true),
            ("calculator_bg.wasm", true),
            ("guide/guide.css", true),
            ("embed.js", false),
            ("index.html", false),
            ("_headers", false),
        ] {
            assert_eq!(is_hashed(name), expected, "{name}");
        }
        assert!(is_compressible("icon.svg") && !is_compressible("_headers") && !is_compressible("a.png"));
    }

    #[test]
    fn a_new_site_takes_the_place_of_the_old_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (new, site) = (folder.path().join("site.new"), folder.path().join("site"));
        for version in ["1", "2"] {
            fresh(&new).expect("writable");
            write(&new.join("sub/a"), version.as_bytes()).expect("writable");
            write(&new.join(version), b"").expect("writable");
            swap(&new, &site).expect("swapped");
            assert_eq!(fs::read_to_string(site.join("sub/a")).expect("readable"), version);
            assert_eq!(names(&site).expect("listed"), [version, "sub/a"]);
            assert!(!new.exists());
        }
    }
}
