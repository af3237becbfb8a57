//! Debian packages: installed where that is allowed, otherwise named with the command that installs them.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Status, Step};
use crate::paths;
use crate::process::{self, answer};

/// What a browser test drives.
pub(super) struct Browser;

impl Step for Browser {
    fn name(&self) -> String {
        "chromium and chromedriver".to_owned()
    }

    fn why(&self) -> &'static str {
        "the browser tests open the built page"
    }

    fn expected(&self) -> &'static str {
        "2 minutes"
    }

    fn status(&self) -> Status {
        let browser = answer(Command::new("chromium").arg("--version"));
        let driver = answer(Command::new("chromedriver").arg("--version"));
        match (browser.as_deref().and_then(version), driver.as_deref().and_then(version)) {
            (Some(browser), Some(driver)) if major(browser) == major(driver) => Status::Present(browser.to_owned()),
            (Some(browser), Some(driver)) => {
                Status::Missing(format!("chromium {browser} and chromedriver {driver} do not go together"))
            }
            (Some(_), None) => Status::Missing("no `chromedriver` to run".to_owned()),
            (None, _) => Status::Missing("no `chromium` to run".to_owned()),
        }
    }

    fn install(&self) -> Result<()> {
        install(&["chromium", "chromium-driver"])
    }
}

/// A program that a Debian package brings.
pub(super) struct Program {
    /// Its name, and that of its package.
    name: &'static str,
    package: &'static str,
    why: &'static str,
}

pub(super) const PGBOUNCER: Program = Program {
    name: "pgbouncer",
    package: "pgbouncer",
    why: "the pooler's exported configuration is tried on a real one",
};

impl Step for Program {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn why(&self) -> &'static str {
        self.why
    }

    fn expected(&self) -> &'static str {
        "1 minute"
    }

    fn status(&self) -> Status {
        match answer(Command::new(paths::system_tool(self.name)).arg("--version")) {
            Some(says) => Status::Present(version(&says).unwrap_or("of an unknown version").to_owned()),
            None => Status::Missing(format!("no `{}` to run", self.name)),
        }
    }

    fn install(&self) -> Result<()> {
        install(&[self.package])
    }
}

/// Makes sure that what links to OpenSSL can be compiled.
pub(super) fn ensure_openssl() -> Result<()> {
    if answer(Command::new("pkg-config").args(["--modversion", "openssl"])).is_some() {
        return Ok(());
    }
    install(&["libssl-dev", "pkg-config"]).context("the headers of OpenSSL are missing")
}

/// Makes sure that there is a Python that can make environments; Debian's own cannot until it is told to.
pub(super) fn ensure_python() -> Result<()> {
    if answer(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some() {
        return Ok(());
    }
    install(&["python3", "python3-venv"]).context("python3 with its modules venv and ensurepip is missing")
}

/// Installs Debian packages by apt-get.
fn install(packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get update && apt-get install --no-install-recommends {}", packages.join(" "));
    if answer(Command::new("apt-get").arg("--version")).is_none() {
        bail!("this machine has no apt-get: install by its own means what Debian calls {}", packages.join(", "));
    }
    let elevate = if rustix::process::geteuid().is_root() {
        false
    } else if answer(Command::new("sudo").args(["-n", "true"])).is_some() {
        true
    } else {
        bail!("installing packages needs root; run: sudo sh -c '{by_hand}'");
    };
    let way_out = || format!("the way out: run as root: {by_hand}");
    process::check("apt-get update", &mut apt_get(elevate, &["update"])).with_context(way_out)?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend_from_slice(packages);
    let what = format!("apt-get install {}", packages.join(" "));
    process::check(&what, &mut apt_get(elevate, &arguments)).with_context(way_out)?;
    Ok(())
}

fn apt_get(elevate: bool, arguments: &[&str]) -> Command {
    let question = "DEBIAN_FRONTEND=noninteractive";
    let mut command = if elevate { Command::new("sudo") } else { Command::new("env") };
    if elevate {
        command.args(["-n", "env"]);
    }
    command.args([question, "apt-get"]).args(arguments).current_dir(env::temp_dir());
    command
}

/// The first word that begins with a digit: `Chromium 156.0.1 built on ...` → `156.0.1`.
fn version(text: &str) -> Option<&str> {
    text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

fn major(version: &str) -> Option<&str> {
    version.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_the_programs_say() {
        for (text, expected) in [
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", Some("156.0.8078.79")),
            ("PgBouncer 1.18.0\nlibevent 2.1.12-stable\nadns: c-ares 1.18.1", Some("1.18.0")),
            ("ChromeDriver 156.0.8078.79 (0a1b2c-refs/branch-heads/1@{#1})", Some("156.0.8078.79")),
            ("Chromium", None),
            ("", None),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
        assert_eq!(major("156.0.8078.79"), Some("156"));
    }
}
