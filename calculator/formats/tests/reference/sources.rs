//! What the sources of `sizing` and of its tests say in quotes.

use std::path::{Path, PathBuf};

use sizing::Section;

/// The files under a folder of `calculator` with this ending, in order.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut open = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension() == Some(Path::new(ending).as_os_str()) {
                files.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Every text in quotes in the sources of a folder, without those of unit tests; comments are in no quotes.
pub(crate) fn literals(folder: &str) -> Vec<String> {
    let mut literals = Vec::new();
    for (_, text) in files(folder, "rs") {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let mut parts = line.split('"');
            parts.next();
            while let (Some(literal), Some(_)) = (parts.next(), parts.next()) {
                literals.push(literal.to_owned());
            }
        }
    }
    literals
}

/// Every id and code that the sources of `sizing` name in full.
pub(crate) fn named() -> Vec<String> {
    let is_id = |text: &&String| {
        Section::ALL.into_iter().any(|section| section.has(text))
            && !text.ends_with(['.', '_'])
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte))
    };
    let literals = literals("sizing/src");
    let mut ids: Vec<String> = literals.iter().filter(is_id).cloned().collect();
    ids.sort();
    ids.dedup();
    ids
}
