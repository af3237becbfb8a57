//! Tools that cargo compiles, once, into a folder of this workspace, in exactly the versions it needs.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Status, Step, debian};
use crate::paths;
use crate::process::{self, answer};

/// A crate with programs, and which version of it is the right one.
pub(super) struct CargoTool {
    package: &'static str,
    version: Version,
    programs: &'static [&'static str],
    why: &'static str,
    expected: &'static str,
    links_openssl: bool,
    /// Whether to leave its default features out.
    without_default_features: bool,
}

enum Version {
    Pinned(&'static str),
    /// That of a library in Cargo.lock, because the two talk to each other in a format of their own.
    AsLocked(&'static str),
}

pub(super) const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    version: Version::AsLocked("wasm-bindgen"),
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    why: "it joins WebAssembly to JavaScript, and runs the WebAssembly tests",
    expected: "2 to 3 minutes",
    links_openssl: false,
    // Nothing but TLS, and it talks to no one.
    without_default_features: true,
};

pub(super) const WORKER_BUILD: CargoTool = CargoTool {
    package: "worker-build",
    version: Version::Pinned("0.8.7"),
    programs: &["worker-build"],
    why: "it builds the worker that `cargo xtask bench router` measures the router against",
    expected: "3 minutes",
    links_openssl: true,
    without_default_features: false,
};

pub(super) const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    version: Version::Pinned("0.20.2"),
    programs: &["cargo-deny"],
    why: "it checks licences, sources and duplicates of the dependencies",
    expected: "3 minutes",
    links_openssl: false,
    without_default_features: false,
};

pub(super) const RVAULT: CargoTool = CargoTool {
    package: "rusty_vault",
    version: Version::Pinned("0.2.1"),
    programs: &["rvault"],
    why: "a second server that speaks Vault's language, written apart from the first, is tried behind the router",
    expected: "4 minutes",
    links_openssl: true,
    without_default_features: false,
};

impl CargoTool {
    fn wanted(&self) -> Result<String> {
        match self.version {
            Version::Pinned(version) => Ok(version.to_owned()),
            Version::AsLocked(library) => {
                let path = paths::root().join("Cargo.lock");
                let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                locked_version(&lock, library).with_context(|| format!("Cargo.lock has no {library}"))
            }
        }
    }

    fn install_command(&self, version: &str, locked: bool) -> Command {
        let mut command = process::cargo();
        command.arg("install").arg(format!("{}@{version}", self.package)).arg("--force");
        if locked {
            command.arg("--locked");
        }
        if self.without_default_features {
            command.arg("--no-default-features");
        }
        command.arg("--root").arg(paths::tools()).arg("--target-dir").arg(compiled());
        // These run for a second at a time: compiling them fast counts for more than how fast they are.
        for (setting, value) in [("OPT_LEVEL", "1"), ("LTO", "off"), ("CODEGEN_UNITS", "16"), ("DEBUG", "0")] {
            command.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        command
    }
}

impl Step for CargoTool {
    fn name(&self) -> String {
        match self.wanted() {
            Ok(version) => format!("{} {version}", self.package),
            Err(_) => self.package.to_owned(),
        }
    }

    fn why(&self) -> &'static str {
        self.why
    }

    fn expected(&self) -> &'static str {
        self.expected
    }

    fn status(&self) -> Status {
        let wanted = match self.wanted() {
            Ok(version) => version,
            Err(error) => return Status::Missing(format!("{error:#}")),
        };
        for program in self.programs {
            let path = paths::tool(program);
            let Some(found) = answer(Command::new(&path).arg("--version")) else {
                return Status::Missing(format!("no {program} in {}", paths::tools().join("bin").display()));
            };
            let found = spoken_version(&found);
            if found != wanted {
                return Status::Missing(format!("{program} is {found}"));
            }
        }
        Status::Present(wanted)
    }

    fn install(&self) -> Result<()> {
        if self.links_openssl {
            debian::ensure_openssl()?;
        }
        let version = self.wanted()?;
        let what = format!("cargo install {} {version}", self.package);
        let locked = process::attempt(&what, &mut self.install_command(&version, true))?;
        if locked.success {
            return Ok(());
        }
        let by_hand = || {
            format!(
                "the way out: check that cargo reaches its registry, then run by hand: \
                 cargo install {}@{version} --root target/tools",
                self.package
            )
        };
        if locked.output.contains("could not compile") {
            return Err(anyhow::anyhow!("{what}: failed\n{}", locked.tail())).with_context(by_hand);
        }
        let reason = locked.output.lines().find(|line| line.starts_with("error")).unwrap_or("no reason given");
        eprintln!("        the versions that {} was published with cannot be had here ({reason})", self.package);
        eprintln!("        going on with the newest compatible ones");
        let what = format!("{what} without its lock");
        process::check(&what, &mut self.install_command(&version, false)).with_context(by_hand)?;
        Ok(())
    }
}

/// Where the tools are compiled; shared between them while they are, gone afterwards.
fn compiled() -> std::path::PathBuf {
    paths::tools().join("compiled")
}

pub(super) fn remove_leftovers() {
    let _ = fs::remove_dir_all(compiled());
}

/// The version of a package in a Cargo.lock.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?;
    Some(version.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

/// `wasm-bindgen 0.2.130` and `0.8.7` alike.
fn spoken_version(text: &str) -> &str {
    text.lines()
        .next()
        .and_then(|line| line.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())))
        .unwrap_or("of no known version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        for (package, expected) in
            [("wasm-bindgen", Some("0.2.130")), ("wasm-bindgen-futures", Some("0.4.1")), ("wasm", None)]
        {
            assert_eq!(locked_version(lock, package).as_deref(), expected, "{package}");
        }
    }

    #[test]
    fn programs_say_their_version_in_two_ways() {
        for (text, expected) in [
            ("wasm-bindgen 0.2.130", "0.2.130"),
            ("0.8.7", "0.8.7"),
            ("cargo-deny 0.20.2\nmore", "0.20.2"),
            ("", "of no known version"),
        ] {
            assert_eq!(spoken_version(text), expected, "{text}");
        }
    }
}
