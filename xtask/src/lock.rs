//! One run at a time installs and builds: a second one waits instead of trampling on the first.

use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::process;

use anyhow::{Context, Result};

use crate::paths;

/// Held while this run alone installs or builds; the operating system frees it with the process.
#[derive(Debug)]
pub struct Alone {
    _file: File,
}

/// Waits until no other run installs or builds.
///
/// # Errors
/// When the lock file cannot be made or locked.
pub fn acquire(what: &str) -> Result<Alone> {
    let folder = paths::scratch();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join("lock");
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    if let Err(busy) = file.try_lock() {
        let TryLockError::WouldBlock = busy else {
            return Err(busy).with_context(|| format!("cannot lock {}", path.display()));
        };
        let mut holder = String::new();
        let _ = file.read_to_string(&mut holder);
        eprintln!("{what}: waiting for another `cargo xtask` ({})", holder.trim());
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    let note = format!("process {}, {what}", process::id());
    file.set_len(0).and_then(|()| file.write_all_at(note.as_bytes(), 0)).context("cannot note who holds the lock")?;
    Ok(Alone { _file: file })
}
