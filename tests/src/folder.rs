//! Folders that a test changes.

use std::fs;
use std::path::Path;

/// Copies a folder with everything in it that `is_wanted`.
///
/// # Panics
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path, is_wanted: &dyn Fn(&Path) -> bool) {
    fs::create_dir_all(to).expect("writable");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let into = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &into, is_wanted);
        } else if is_wanted(&entry.path()) {
            fs::copy(entry.path(), into).expect("writable");
        }
    }
}
