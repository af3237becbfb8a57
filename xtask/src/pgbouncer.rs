//! A real `PgBouncer` in a temporary folder of its own, reachable by a socket in it only.

use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::account::Account;
use crate::paths;
use crate::process::answer;

/// The port that gives the socket its name.
pub const PORT: u16 = 6432;

/// The password of every user here.
pub const PASSWORD: &str = "a-password";

/// Settings that the lines after the configuration under test give another value: what belongs to a machine.
pub const OUTER_SETTINGS: &[&str] = &["listen_addr", "auth_file"];

/// Longest start that is waited for; an idle machine needs a few milliseconds.
const LIMIT: Duration = Duration::from_secs(60);

/// A running pooler.  Dropping it ends it.
#[derive(Debug)]
pub struct PgBouncer {
    process: Child,
    folder: TempDir,
}

impl PgBouncer {
    /// What it says its version is: `1.18.0`.
    ///
    /// # Errors
    /// When it is not there; the message says how to get it.
    pub fn version() -> Result<String> {
        let says = answer(Command::new(paths::system_tool("pgbouncer")).arg("--version"));
        let version = says.as_deref().and_then(|says| says.split_whitespace().nth(1)).map(str::to_owned);
        version.context("no `pgbouncer` to run: `cargo xtask setup` installs it, or `apt-get install pgbouncer`")
    }

    /// Starts it with this `pgbouncer.ini` and, after its lines, those that belong to this machine; `further` come last.
    /// The file has to end in its section `[pgbouncer]`, because a second one would begin with the defaults again.
    ///
    /// # Errors
    /// When it does not start; the message is what it logged.
    pub fn start(configuration: &str, users: &[&str], further: &str) -> Result<Self> {
        Self::version()?;
        let account = Account::choose();
        let folder = tempfile::Builder::new().prefix("headroom-pgbouncer-").tempdir().context("no temporary folder")?;
        account.own(folder.path())?;
        let path = |name: &str| folder.path().join(name);
        let outer = format!(
            "\nlisten_addr =\nunix_socket_dir = {}\nauth_file = {}\n{further}\n",
            folder.path().display(),
            path("users").display()
        );
        let users: String = users.iter().map(|user| format!("\"{user}\" \"{PASSWORD}\"\n")).collect();
        for (name, text) in [("pgbouncer.ini", [configuration, &outer].concat()), ("users", users)] {
            fs::write(path(name), text).with_context(|| format!("cannot write {name}"))?;
            account.own(&path(name))?;
        }
        let log = File::create(path("log")).context("no log")?;
        let mut command = account.command(paths::system_tool("pgbouncer"), folder.path());
        command.arg(path("pgbouncer.ini")).stdout(log.try_clone()?).stderr(log);
        let process = command.spawn().context("cannot run pgbouncer")?;
        let mut pooler = Self { process, folder };
        pooler.wait_until_ready()?;
        Ok(pooler)
    }

    /// The folder in which it has its socket.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Everything it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join("log")).unwrap_or_default()).into_owned()
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.{PORT}"))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("PgBouncer ended with {status}:\n{}", self.log());
            }
            ensure!(started.elapsed() < LIMIT, "PgBouncer does not become ready:\n{}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for PgBouncer {
    /// It has nothing to save.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
