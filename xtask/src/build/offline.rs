//! What the page's worker keeps for use without a network: the list is put into its script when the site is built.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::assets::{Files, Linked};
use crate::fingerprint::hex;

/// The worker's script.
const WORKER: &str = "service-worker.js";
/// How many hexadecimal digits name a build.
const DIGITS: usize = 16;

/// Puts in front of the worker's script what it keeps: the page at once, and then what `is_rest` holds for.
///
/// # Errors
/// When the site has no worker, or not one of the files.
pub(super) fn fill(linked: &mut Linked, is_rest: impl Fn(&str) -> bool) -> Result<()> {
    let page: Vec<&str> = linked.first_load.iter().chain(&linked.later).map(String::as_str).collect();
    let rest: Vec<&str> = linked.files.keys().map(String::as_str).filter(|name| is_rest(name)).collect();
    let build = build_of(&linked.files, &[page.as_slice(), &rest].concat())?;
    // A folder is what a host answers at the page's own address.
    let addresses: Vec<&str> = page.into_iter().map(|name| if name == "index.html" { "" } else { name }).collect();
    let constants = format!(
        "const BUILD={},PAGE={},REST={};\n",
        serde_json::to_string(&build)?,
        serde_json::to_string(&addresses)?,
        serde_json::to_string(&rest)?
    );
    let script = linked.files.get_mut(WORKER).with_context(|| format!("the site has no {WORKER}"))?;
    script.splice(0..0, constants.into_bytes());
    Ok(())
}

/// A name that changes whenever one of the files does.
fn build_of(files: &Files, names: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    for name in names {
        let content = files.get(*name).with_context(|| format!("the site has no {name}"))?;
        hash.update(name.len().to_le_bytes());
        hash.update(name);
        hash.update(Sha256::digest(content));
    }
    Ok(hex(&hash.finalize()).chars().take(DIGITS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(page: &str, other: &str) -> String {
        let files = [("index.html", page), ("start-0.js", "s"), ("later-1.wasm", "l"), ("map-2.js", "m")];
        let files = files.iter().copied().chain([("guide/index.html", other), (WORKER, "work()")]);
        let mut linked = Linked {
            files: files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec())).collect(),
            first_load: vec!["index.html".to_owned(), "start-0.js".to_owned()],
            later: vec!["later-1.wasm".to_owned()],
        };
        fill(&mut linked, |name| name.starts_with("map-")).expect("complete");
        String::from_utf8(linked.files.remove(WORKER).expect("it is there")).expect("a text")
    }

    #[test]
    fn the_worker_knows_the_files_and_the_build() {
        let script = filled("a", "b");
        let lists = r#",PAGE=["","start-0.js","later-1.wasm"],REST=["map-2.js"];"#;
        assert!(script.ends_with(&format!("{lists}\nwork()")), "{script}");
        assert_eq!(filled("a", "b"), script, "the same files are the same build");
        assert_ne!(filled("A", "b"), script, "a change of a file that is kept");
        assert_eq!(filled("a", "B"), script, "a change of another one");
    }

    #[test]
    fn a_site_without_its_worker_is_not_built() {
        let mut linked = Linked { files: Files::new(), first_load: Vec::new(), later: Vec::new() };
        let error = fill(&mut linked, |_| false).expect_err("there is none");
        assert_eq!(error.to_string(), "the site has no service-worker.js");
    }
}
