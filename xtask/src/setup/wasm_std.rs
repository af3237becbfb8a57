//! The standard library of wasm32-unknown-unknown: from rustup, or built from the sources of the same compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::rust_src::{RustSrc, entries, remove, rustc, rustc_version};
use super::{Status, Step};
use crate::paths;
use crate::process::{self, answer};

const TARGET: &str = "wasm32-unknown-unknown";

pub(super) struct WasmStd;

impl Step for WasmStd {
    fn name(&self) -> String {
        format!("the {TARGET} standard library")
    }

    fn why(&self) -> &'static str {
        "what is shipped as WebAssembly is linted and tested with it"
    }

    fn expected(&self) -> &'static str {
        "20 s from rustup, 2 minutes from the sources"
    }

    fn status(&self) -> Status {
        let Some(folder) = library_folder() else {
            return Status::Missing(format!("`rustc` does not run, or does not know {TARGET}"));
        };
        if has_std(&folder) {
            Status::Present(rustc_version().unwrap_or_else(|| "of this compiler".to_owned()))
        } else {
            Status::Missing(format!("no libstd in {}", folder.display()))
        }
    }

    fn install(&self) -> Result<()> {
        let from_rustup = from_rustup();
        if let Err(refusal) = from_rustup {
            eprintln!("{refusal:#}");
            eprintln!("        rustup cannot provide it here: building it from the sources of this compiler");
            from_source().with_context(|| {
                format!(
                    "ways out: `rustup target add {TARGET}` where rustup's server can be reached; \
                     or a compiler whose sources Debian carries"
                )
            })?;
        }
        // What was compiled against another standard library does not link with this one.
        remove(&paths::cargo_target().join(TARGET))
    }
}

fn from_rustup() -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(paths::root()).args(["target", "add", TARGET]).env("RUST_BACKTRACE", "0");
    let added = process::attempt("rustup target add", &mut rustup)?;
    if !added.success {
        bail!("{}", added.tail());
    }
    let found = library_folder().is_some_and(|folder| has_std(&folder));
    if found { Ok(()) } else { bail!("rustup ended well, but installed no {TARGET} for the compiler in use") }
}

fn from_source() -> Result<()> {
    let folder = library_folder().context("`rustc` does not say where its libraries are")?;
    if let Status::Missing(_) = RustSrc.status() {
        RustSrc.install()?;
    }
    let work = paths::scratch().join("wasm-std");
    remove(&work)?;
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    install_libraries(&compile(&work)?, &folder)?;
    remove(&work)
}

/// Compiles the standard library and gives the files to install.
fn compile(work: &Path) -> Result<Vec<PathBuf>> {
    let package = work.join("nothing");
    fs::create_dir_all(package.join("src")).context("cannot make an empty crate")?;
    fs::write(package.join("src").join("lib.rs"), "#![no_std]\n").context("cannot write an empty crate")?;
    let manifest = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(package.join("Cargo.toml"), manifest).context("cannot write an empty crate")?;
    let target = work.join("target");
    let mut build = process::cargo();
    build
        .current_dir(&package)
        .args(["build", "--release", "-Z", "build-std=std,panic_abort,test", "--target", TARGET])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTC_BOOTSTRAP", "1")
        // Without the bitcode no later build could use link-time optimization.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes");
    process::check("compile the standard library for wasm32", &mut build)?;
    let mut libraries = entries(&target.join(TARGET).join("release").join("deps"))?;
    libraries.retain(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.ends_with(".rlib") && !name.starts_with("libnothing-")
    });
    if libraries.is_empty() {
        bail!("the build left no library behind")
    }
    Ok(libraries)
}

/// Puts the libraries where rustup would have, all of them or none.
fn install_libraries(libraries: &[PathBuf], folder: &Path) -> Result<()> {
    let parent = folder.parent().context("the library folder has no parent")?;
    let fresh = parent.join("lib.new");
    remove(&fresh)?;
    fs::create_dir_all(&fresh)
        .with_context(|| format!("cannot write to {}: run this as the user who owns the compiler", parent.display()))?;
    for library in libraries {
        let name = library.file_name().context("a library without a name")?;
        fs::copy(library, fresh.join(name)).with_context(|| format!("cannot copy {}", library.display()))?;
    }
    remove(folder)?;
    fs::rename(&fresh, folder).with_context(|| format!("cannot make {}", folder.display()))
}

fn library_folder() -> Option<PathBuf> {
    answer(rustc().args(["--print", "target-libdir", "--target", TARGET])).map(PathBuf::from)
}

fn has_std(folder: &Path) -> bool {
    entries(folder)
        .unwrap_or_default()
        .iter()
        .filter_map(|path| path.file_name()?.to_str())
        .any(|name| name.starts_with("libstd-") && name.ends_with(".rlib"))
}
