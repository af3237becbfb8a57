//! Node.js and the npm packages pinned in package-lock.json.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::{Status, Step};
use crate::fingerprint::Fingerprint;
use crate::paths;
use crate::postgres;
use crate::process::{self, answer};

/// The oldest Node.js that the pinned wrangler and what it stands on run on.
const OLDEST_NODE: (u32, u32) = (20, 19);

pub(super) struct Node;

impl Step for Node {
    fn name(&self) -> String {
        "Node.js with npm".to_owned()
    }

    fn why(&self) -> &'static str {
        "esbuild, wasm-opt, wrangler and the WebAssembly tests run on it"
    }

    fn expected(&self) -> &'static str {
        "nothing: it has to be there"
    }

    fn status(&self) -> Status {
        let Some(node) = answer(Command::new("node").arg("--version")) else {
            return Status::Missing("no `node` to run".to_owned());
        };
        if answer(Command::new("npm").arg("--version")).is_none() {
            return Status::Missing(format!("node {node} without `npm`"));
        }
        match node_version(&node) {
            Some(version) if version >= OLDEST_NODE => Status::Present(node),
            _ => Status::Missing(format!("node {node} is too old")),
        }
    }

    fn install(&self) -> Result<()> {
        let (major, minor) = OLDEST_NODE;
        bail!(
            "the way out: install Node.js {major}.{minor} or newer together with npm, from your system's packages \
             (Debian 13 and later: apt-get install nodejs npm) or from nodejs.org"
        )
    }
}

pub(super) struct Packages;

impl Packages {
    fn stamp() -> PathBuf {
        paths::root().join("node_modules").join(".lock-fingerprint")
    }

    fn fingerprint() -> Result<String> {
        Fingerprint::of(&["package.json", "package-lock.json", ".npmrc"])
    }
}

impl Step for Packages {
    fn name(&self) -> String {
        "npm packages of package-lock.json".to_owned()
    }

    fn why(&self) -> &'static str {
        "esbuild and wasm-opt make the outputs small, workerd runs the worker, axe-core checks the page"
    }

    fn expected(&self) -> &'static str {
        "1 minute"
    }

    fn status(&self) -> Status {
        let stamp = fs::read_to_string(Self::stamp()).unwrap_or_default();
        match Self::fingerprint() {
            Err(error) => Status::Missing(format!("{error:#}")),
            Ok(_) if stamp.is_empty() => Status::Missing("not installed".to_owned()),
            Ok(wanted) if wanted == stamp => Status::Present("as locked".to_owned()),
            Ok(_) => Status::Missing("installed from another lock".to_owned()),
        }
    }

    fn install(&self) -> Result<()> {
        process::check("npm ci", Command::new("npm").arg("ci").current_dir(paths::root()))
            .context("the way out: check that npm reaches its registry (`npm ping`), then run `npm ci` by hand")?;
        paths::workerd()?;
        // npm calls it success when a package that is optional could not be fetched.
        if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            let missing = postgres::missing_packages(&paths::root().join("node_modules"));
            ensure!(
                missing.is_empty(),
                "npm ci left out {}\nthe way out: check that npm reaches its registry (`npm ping`) and that its setting \
                 `omit` is empty (`npm config get omit`), then run it again",
                missing.join(", ")
            );
        }
        fs::write(Self::stamp(), Self::fingerprint()?).context("cannot note what was installed in node_modules")
    }
}

/// `v20.20.2` → (20, 20).
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_compare_as_numbers() {
        for (text, enough) in [
            ("v20.20.2", true),
            ("v20.19.0", true),
            ("v20.18.3", false),
            ("v9.11.2", false),
            ("v20.2.9", false),
            ("v100.0.0", true),
        ] {
            assert_eq!(node_version(text).is_some_and(|version| version >= OLDEST_NODE), enough, "{text}");
        }
        assert_eq!(node_version("20"), None);
    }
}
