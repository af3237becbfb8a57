//! Cuts a linked program into a first part and one that is loaded when it is needed.
//!
//! The program says where by a pair of names (`calculator/app/src/later.rs`).  What is only reached through them, code
//! and data, goes into the second part; the two share memory, table and stack.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};

/// Cuts the module at `linked`, and puts the first part into `folder` under the same name; gives the second.
pub(super) fn split(linked: &Path, folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let module = fs::read(linked).with_context(|| format!("cannot read {}", linked.display()))?;
    let first = folder.join(linked.file_name().context("a module needs a name")?);
    let mut options = Options::new(&module);
    options.output_dir = folder;
    options.main_out_path = &first;
    let parts = transform(options).map_err(|error| anyhow!("cannot split {}: {error:#}", linked.display()))?;
    match <[PathBuf; 1]>::try_from(parts.split_modules) {
        Ok([second]) => Ok((first, second)),
        Err(parts) => bail!("{} has {} parts to load later, not one", linked.display(), parts.len()),
    }
}
