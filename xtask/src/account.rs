//! Who runs the servers that refuse to run as root.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use rustix::process::geteuid;

/// Who runs the programs, which refuse to run as root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    /// Somebody else than this process: user and group.
    other: Option<(u32, u32)>,
}

impl Account {
    /// Oneself, or for root the user who owns nothing.
    pub(crate) fn choose() -> Self {
        let nobody = || {
            let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
            let user = users.lines().find_map(|line| line.strip_prefix("nobody:"))?;
            let mut fields = user.split(':').skip(1);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        // The numbers that Linux itself uses for nobody.
        Self { other: geteuid().is_root().then(|| nobody().unwrap_or((65_534, 65_534))) }
    }

    /// A command run by this user, knowing nothing of the caller's surroundings.
    pub(crate) fn command(self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir(folder).stdin(Stdio::null());
        if let Some((user, group)) = self.other {
            command.uid(user).gid(group);
        }
        command
    }

    pub(crate) fn own(self, path: &Path) -> Result<()> {
        let Some((user, group)) = self.other else { return Ok(()) };
        chown(path, Some(user), Some(group)).with_context(|| format!("cannot give {} away", path.display()))
    }
}
