//! The command line, to compare the page with.

use std::env::consts::EXE_EXTENSION;
use std::path::PathBuf;
use std::process::Command;

use xtask::paths;

/// The `headroom` program, built from the same sources.
///
/// # Panics
/// When it does not build.
#[must_use]
pub fn headroom() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .current_dir(paths::root())
        .args(["build", "--quiet", "--package", "headroom"])
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the command line builds");
    paths::cargo_target().join("debug").join("headroom").with_extension(EXE_EXTENSION)
}
