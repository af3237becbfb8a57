//! Watching the sources: which outputs have to be built again, and because of which file.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::build::Part;
use crate::fingerprint::Fingerprint;

/// How often the sources are looked at; looking takes milliseconds.
const INTERVAL: Duration = Duration::from_millis(500);
/// How long they must stay as they are, so that an editor or a `git checkout` has finished.
const QUIET: Duration = Duration::from_millis(200);

/// The sources as they were seen last.
#[derive(Debug)]
pub(crate) struct Watch {
    seen: Vec<(Part, Fingerprint)>,
}

/// Outputs whose sources changed, with one file that did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) parts: Vec<Part>,
    pub(crate) file: PathBuf,
}

impl Watch {
    /// Begins with the sources as they are now.
    pub(crate) fn new() -> Self {
        Self { seen: look() }
    }

    /// Waits until sources changed and have come to rest.
    pub(crate) async fn changed(&mut self) -> Result<Change> {
        let change = loop {
            sleep(INTERVAL).await;
            if let Some(change) = change(&self.seen, &look_aside().await?) {
                break change;
            }
        };
        let mut current = look_aside().await?;
        loop {
            sleep(QUIET).await;
            let next = look_aside().await?;
            if next == current {
                break;
            }
            current = next;
        }
        let change = self::change(&self.seen, &current).unwrap_or(change);
        self.seen = current;
        Ok(change)
    }
}

fn look() -> Vec<(Part, Fingerprint)> {
    Part::ALL.iter().map(|part| (*part, Fingerprint::look(part.sources()))).collect()
}

async fn look_aside() -> Result<Vec<(Part, Fingerprint)>> {
    spawn_blocking(look).await.context("watching the sources ended early")
}

fn change(before: &[(Part, Fingerprint)], now: &[(Part, Fingerprint)]) -> Option<Change> {
    let differences =
        now.iter().zip(before).filter_map(|((part, now), (_, before))| Some((*part, now.difference(before)?)));
    let (parts, files): (Vec<Part>, Vec<PathBuf>) = differences.unzip();
    Some(Change { parts, file: files.into_iter().next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_the_parts_it_concerns() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().to_str().expect("a path of plain characters");
        let empty = || Fingerprint::look(&[]);
        let before = [(Part::Page, Fingerprint::look(&[path])), (Part::Worker, empty())];
        std::fs::write(folder.path().join("a"), "1").expect("writable");
        let now = [(Part::Page, Fingerprint::look(&[path])), (Part::Worker, empty())];
        let expected = Change { parts: vec![Part::Page], file: folder.path().join("a") };
        assert_eq!(change(&before, &now), Some(expected));
        assert_eq!(change(&now, &now), None);
    }
}
