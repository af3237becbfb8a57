//! Debian packages: installed where that is allowed, otherwise named with the command that installs them.

use std::env;
use std::env::consts::ARCH;
use std::fs;
use std::path::PathBuf;
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

/// A program of a Debian package that is unpacked for this workspace alone: installed, the package starts a server.
pub(super) struct Unpacked {
    /// Its name, and that of the folder it is unpacked to.
    name: &'static str,
    package: &'static str,
    /// Where it stands in the package.
    path: &'static str,
    /// Whether it needs the libraries the package depends on.
    needs_libraries: bool,
    why: &'static str,
}

pub(super) const PROMTOOL: Unpacked = Unpacked {
    name: "promtool",
    package: "prometheus",
    path: "usr/bin/promtool",
    needs_libraries: false,
    why: "exported alert rules, and the router's own, are checked by Prometheus",
};

pub(super) const HAPROXY: Unpacked = Unpacked {
    name: "haproxy",
    package: "haproxy",
    path: "usr/sbin/haproxy",
    needs_libraries: true,
    why: "the exported balancer configuration is checked by HAProxy",
};

impl Unpacked {
    fn folder(&self) -> PathBuf {
        paths::tools().join("debian").join(self.name)
    }

    /// The command, with the libraries unpacked beside it.
    fn command(&self) -> Command {
        let mut command = Command::new(self.folder().join(self.path));
        let libraries = ["usr/lib", "lib"].map(|lib| self.folder().join(lib).join(format!("{ARCH}-linux-gnu")));
        if let Ok(path) = env::join_paths(libraries) {
            command.env("LD_LIBRARY_PATH", path);
        }
        command
    }

    /// The packages to unpack: its own and, where it needs them, those that this system lacks.
    fn packages(&self) -> Result<Vec<String>> {
        let mut packages = vec![self.package.to_owned()];
        if self.needs_libraries {
            let arguments = ["install", "--simulate", "--no-install-recommends", self.package];
            let what = format!("apt-get install --simulate {}", self.package);
            let simulated = process::check(&what, &mut apt_get(false, &arguments))?;
            packages.extend(to_install(&simulated.output).filter(|name| *name != self.package).map(str::to_owned));
        }
        Ok(packages)
    }
}

/// HAProxy and promtool, as they were unpacked by the set-up.
#[must_use]
pub fn unpacked(name: &str) -> Option<Command> {
    [PROMTOOL, HAPROXY].iter().find(|program| program.name == name).map(Unpacked::command)
}

/// The packages that apt-get says it would install.
fn to_install(simulated: &str) -> impl Iterator<Item = &str> {
    simulated.lines().filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next())
}

impl Step for Unpacked {
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
        let says = ["--version", "-v"].into_iter().find_map(|flag| answer(self.command().arg(flag)));
        match says {
            Some(says) => Status::Present(version(&says).unwrap_or("of an unknown version").to_owned()),
            None => Status::Missing(format!("no `{}` in {}", self.name, self.folder().display())),
        }
    }

    fn install(&self) -> Result<()> {
        // Downloading and unpacking need no root; only looking up what there is does.
        ensure_apt_get(&[self.package])?;
        if elevation().is_some() {
            refresh(&[self.package])?;
        }
        let folder = self.folder();
        let way_out = || {
            let (package, folder) = (self.package, folder.display());
            format!("the way out: apt-get update as root, apt-get download {package}, and dpkg -x to {folder}")
        };
        let packages = self.packages().with_context(way_out)?;
        let downloads = folder.join("packages");
        fs::create_dir_all(&downloads).with_context(|| format!("cannot make {}", downloads.display()))?;
        let mut download = apt_get(false, &["download"]);
        download.args(&packages).current_dir(&downloads);
        process::check(&format!("apt-get download {}", packages.join(" ")), &mut download).with_context(way_out)?;
        for entry in fs::read_dir(&downloads).with_context(|| format!("cannot read {}", downloads.display()))? {
            let mut unpack = Command::new("dpkg");
            unpack.arg("-x").arg(entry.context("cannot read what was downloaded")?.path()).arg(&folder);
            process::check(&format!("dpkg -x of {}", self.name), &mut unpack).with_context(way_out)?;
        }
        fs::remove_dir_all(&downloads).with_context(|| format!("cannot remove {}", downloads.display()))
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
    let elevate = refresh(packages)?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend_from_slice(packages);
    let what = format!("apt-get install {}", packages.join(" "));
    process::check(&what, &mut apt_get(elevate, &arguments)).with_context(|| way_out(packages))?;
    Ok(())
}

fn by_hand(packages: &[&str]) -> String {
    format!("apt-get update && apt-get install --no-install-recommends {}", packages.join(" "))
}

fn way_out(packages: &[&str]) -> String {
    format!("the way out: run as root: {}", by_hand(packages))
}

fn ensure_apt_get(packages: &[&str]) -> Result<()> {
    if answer(Command::new("apt-get").arg("--version")).is_none() {
        bail!("this machine has no apt-get: install by its own means what Debian calls {}", packages.join(", "));
    }
    Ok(())
}

/// Whether it takes sudo to be root; nothing where neither helps.
fn elevation() -> Option<bool> {
    if rustix::process::geteuid().is_root() {
        return Some(false);
    }
    answer(Command::new("sudo").args(["-n", "true"])).map(|_| true)
}

/// Has apt-get look up what there is; the answer is whether it takes sudo.
fn refresh(packages: &[&str]) -> Result<bool> {
    ensure_apt_get(packages)?;
    let Some(elevate) = elevation() else {
        bail!("installing packages needs root; run: sudo sh -c '{}'", by_hand(packages));
    };
    process::check("apt-get update", &mut apt_get(elevate, &["update"])).with_context(|| way_out(packages))?;
    Ok(elevate)
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

    #[test]
    fn what_would_be_installed() {
        let simulated = "NOTE: This is only a simulation!\nInst liblua5.3-0 (5.3.6-2 Debian:12/stable [amd64])\n\
                         Inst haproxy (2.6.12 Debian:12/stable [amd64])\nConf liblua5.3-0 (5.3.6-2)\n";
        assert_eq!(to_install(simulated).collect::<Vec<_>>(), ["liblua5.3-0", "haproxy"]);
    }
}
