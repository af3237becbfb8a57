//! Fingerprints of sources: whether an output is still that of the files it was made from, and which file changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths;

/// Folders inside the sources that hold outputs.
const OUTPUTS: &[&str] = &["build", "target", "node_modules", ".wrangler"];

/// What a set of files looks like without reading them: enough to notice a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    files: BTreeMap<PathBuf, (u64, Option<SystemTime>)>,
}

impl Fingerprint {
    /// The files under `sources`, which are files or folders of the workspace; one that is missing counts as such.
    #[must_use]
    pub fn look(sources: &[&str]) -> Self {
        let mut fingerprint = Self::default();
        for source in sources {
            fingerprint.add(&paths::root().join(source));
        }
        fingerprint
    }

    /// A hash over the names and contents of the files under `sources`.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn of(sources: &[&str]) -> Result<String> {
        let mut hash = Sha256::new();
        for path in Self::look(sources).files.keys() {
            let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.strip_prefix(paths::root()).unwrap_or(path).to_string_lossy().into_owned();
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update((content.len() as u64).to_le_bytes());
            hash.update(&content);
        }
        Ok(hex(&hash.finalize()))
    }

    /// The first file, by name, that is not the same in both, relative to the workspace.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<PathBuf> {
        let changed =
            self.files.iter().find(|(path, look)| other.files.get(*path) != Some(*look)).map(|(path, _)| path);
        let gone = other.files.keys().find(|path| !self.files.contains_key(*path));
        let path = changed.or(gone)?;
        Some(path.strip_prefix(paths::root()).unwrap_or(path).to_owned())
    }

    fn add(&mut self, path: &Path) {
        let Ok(about) = fs::metadata(path) else { return };
        if about.is_file() {
            self.files.insert(path.to_owned(), (about.len(), about.modified().ok()));
            return;
        }
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            let is_output = entry.file_name().to_str().is_some_and(|name| OUTPUTS.contains(&name));
            if !is_output {
                self.add(&entry.path());
            }
        }
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_noticed_and_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = folder.path().to_str().expect("a path of plain characters");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writable");
        write("a", "1");
        write("b", "1");
        fs::create_dir(folder.path().join("target")).expect("writable");
        write("target/c", "1");
        let (before, content) = (Fingerprint::look(&[source]), Fingerprint::of(&[source]).expect("readable"));
        assert_eq!(Fingerprint::look(&[source]).difference(&before), None);

        write("target/c", "outputs do not count");
        assert_eq!(Fingerprint::look(&[source]).difference(&before), None);
        assert_eq!(Fingerprint::of(&[source]).expect("readable"), content);

        write("b", "22");
        assert_eq!(Fingerprint::look(&[source]).difference(&before), Some(folder.path().join("b")));
        assert_ne!(Fingerprint::of(&[source]).expect("readable"), content);

        let before = Fingerprint::look(&[source]);
        fs::remove_file(folder.path().join("a")).expect("removable");
        assert_eq!(Fingerprint::look(&[source]).difference(&before), Some(folder.path().join("a")));
    }

    #[test]
    fn hexadecimal_keeps_leading_zeros() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
