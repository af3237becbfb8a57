//! Real `PostgreSQL` servers of five majors, each in a temporary folder of its own, reachable by a socket in it only.

use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tempfile::TempDir;

use crate::account::Account;
use crate::paths;

/// The majors there are.
pub const MAJORS: [u32; 5] = [14, 15, 16, 17, 18];

/// The superuser of every cluster here; no password is asked for.
pub const SUPERUSER: &str = "postgres";

/// Longest start or end that is waited for; an idle machine needs a tenth of a second.
const LIMIT: Duration = Duration::from_secs(60);

/// Set from outside of the settings under test: nothing is reachable but by the socket, and nothing outlives the test.
const OUTER_SETTINGS: &[&str] = &["listen_addresses=", "fsync=off"];

/// The socket's name for the port that the servers keep.
const SOCKET: &str = ".s.PGSQL.5432";

/// Bytes of a socket's path: `sun_path` has 108, and one ends it.
const LONGEST_SOCKET_PATH: usize = 107;

/// The programs of one major.
#[derive(Debug)]
pub struct Installation {
    major: u32,
    native: PathBuf,
}

/// A database cluster on disk.  Dropping it removes it.
#[derive(Debug)]
pub struct Cluster {
    /// Where the programs are: as installed, or a copy inside of the folder.
    native: PathBuf,
    account: Account,
    folder: TempDir,
    major: u32,
}

/// A running server.  Dropping it ends it, together with its sessions.
#[derive(Debug)]
pub struct Server<'c> {
    cluster: &'c Cluster,
    process: Child,
}

impl Installation {
    /// The programs of a major, as `cargo xtask setup` installed them.
    ///
    /// # Errors
    /// When they are not there; the message says how to get them.
    pub fn find(major: u32) -> Result<Self> {
        let native = package(major).join("native");
        let complete = PROGRAMS.iter().all(|name| native.join("bin").join(name).is_file());
        ensure!(complete, "PostgreSQL {major} is not installed: run `cargo xtask setup`");
        Ok(Self { major, native })
    }

    /// What it says its version is: `18.4`.
    ///
    /// # Errors
    /// When one of the programs does not run.
    pub fn version(&self) -> Result<String> {
        let mut versions = Vec::new();
        for name in PROGRAMS {
            let output = quiet(Command::new(self.native.join("bin").join(name)).arg("--version"));
            let text = output.with_context(|| format!("{name} of PostgreSQL {} does not run", self.major))?;
            versions.push(text.split_whitespace().nth(2).unwrap_or_default().to_owned());
        }
        versions.dedup();
        match versions.as_slice() {
            [version] if version.split('.').next() == Some(&self.major.to_string()) => Ok(version.clone()),
            _ => bail!("the programs of PostgreSQL {} say that they are {}", self.major, versions.join(" and ")),
        }
    }

    /// Its version, once every link is there that its package needs and leads somewhere.
    ///
    /// # Errors
    /// When a link is missing, or a program does not run.
    pub fn complete_version(&self) -> Result<String> {
        let package = package(self.major);
        // A link that leads nowhere is as good as none, and `metadata` follows links.
        let broken = links(&package)?.into_iter().find(|link| fs::metadata(package.join(&link.target)).is_err());
        if let Some(link) = broken {
            bail!("PostgreSQL {} is incomplete: no {}", self.major, package.join(link.target).display());
        }
        self.version()
    }

    /// Makes the links that an npm package cannot hold, and lets the programs be run.  Doing so again changes nothing.
    ///
    /// # Errors
    /// When the package is missing or cannot be written to.
    pub fn complete(major: u32) -> Result<()> {
        let package = package(major);
        for Link { source, target } in links(&package)? {
            let at = package.join(&target);
            if fs::metadata(&at).is_ok() {
                continue;
            }
            // What leads nowhere is made anew.
            let _ = fs::remove_file(&at);
            ensure!(source.parent() == target.parent(), "a link between folders: {}", target.display());
            symlink(source.file_name().unwrap_or_default(), &at)
                .with_context(|| format!("cannot link {}", at.display()))?;
        }
        for name in PROGRAMS {
            let program = package.join("native").join("bin").join(name);
            let about = fs::metadata(&program).with_context(|| format!("no {}", program.display()))?;
            let mode = about.permissions().mode();
            if mode & 0o555 != 0o555 {
                fs::set_permissions(&program, Permissions::from_mode(mode | 0o555))
                    .with_context(|| format!("cannot make {} executable", program.display()))?;
            }
        }
        Ok(())
    }

    fn program(&self, name: &str) -> PathBuf {
        self.native.join("bin").join(name)
    }
}

const PROGRAMS: [&str; 2] = ["initdb", "postgres"];

/// A link that the package's own script would make.
#[derive(Debug, Deserialize)]
struct Link {
    /// What is linked to.
    source: PathBuf,
    /// The link.
    target: PathBuf,
}

fn package(major: u32) -> PathBuf {
    paths::root().join("node_modules").join(package_name(major))
}

fn package_name(major: u32) -> String {
    format!("postgres-{major}")
}

/// The links that a package says it needs.
fn links(package: &Path) -> Result<Vec<Link>> {
    let list = package.join("native").join("pg-symlinks.json");
    let text = fs::read(&list).with_context(|| format!("no {}", list.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no list of links", list.display()))
}

/// The packages of these servers that a folder of npm packages lacks.
pub(crate) fn missing_packages(node_modules: &Path) -> Vec<String> {
    let is_missing = |name: &String| !node_modules.join(name).join("package.json").is_file();
    MAJORS.iter().map(|major| package_name(*major)).filter(is_missing).collect()
}

impl Cluster {
    /// Makes a new cluster of that major, as `initdb` does.
    ///
    /// # Errors
    /// When the programs are missing, with how to get them, or `initdb` fails, with what it says.
    pub fn make(major: u32) -> Result<Self> {
        let installation = Installation::find(major)?;
        installation.version().context("the way out: run `cargo xtask setup`")?;
        let account = Account::choose();
        let folder = tempfile::Builder::new().prefix("headroom-postgres-").tempdir().context("no temporary folder")?;
        account.own(folder.path())?;
        let native = readable(&installation, account, folder.path())?;
        let cluster = Self { native, account, folder, major };
        let mut initdb = cluster.command("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username", SUPERUSER]);
        initdb.arg("--pgdata").arg(cluster.data());
        quiet(&mut initdb).with_context(|| format!("initdb of PostgreSQL {major}"))?;
        Ok(cluster)
    }

    /// Its major version.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The folder in which a running server has its socket.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its data folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the server with this `postgresql.conf` instead of the one that `initdb` wrote, and waits until it takes
    /// sessions.  What is in `outer` outranks the file, as options of the command line do.
    ///
    /// # Errors
    /// When it does not start; the message is what it logged.
    pub fn start(&self, configuration: &str, outer: &[&str]) -> Result<Server<'_>> {
        // What an earlier server of this cluster has logged is none of this one's.
        let _ = fs::remove_dir_all(self.data().join("log"));
        self.check_socket_path()?;
        let log = File::create(self.log_path()).context("no log")?;
        let mut command = self.postgres(configuration)?;
        for setting in OUTER_SETTINGS.iter().chain(outer) {
            command.arg("-c").arg(setting);
        }
        command.arg("-k").arg(self.socket_folder()).stdout(log.try_clone()?).stderr(log);
        let process = command.spawn().context("cannot run postgres")?;
        let mut server = Server { cluster: self, process };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// What a setting would be in a server with this `postgresql.conf`, without starting one: `postgres -C`.  The server
    /// reads and checks each line of the file before it says so, and allocates nothing.  A number is in the setting's
    /// own unit.
    ///
    /// # Errors
    /// When the server would refuse a line; the message is what it says.
    pub fn value(&self, configuration: &str, name: &str) -> Result<String> {
        let mut command = self.postgres(configuration)?;
        quiet(command.args(["-C", name]))
    }

    /// The answer of a session that needs no server, one text: `postgres --single`.  The settings are the server's own.
    ///
    /// # Errors
    /// When it does not start or does not answer with one text.
    pub fn ask(&self, query: &str) -> Result<String> {
        let mut command = self.command("postgres");
        command.args(["--single", "-D"]).arg(self.data()).arg("postgres");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let input = process.stdin.take();
        // A line is a query here.  A server that does not start reads none; what it says of that is the error to tell.
        let _ = input.map(|mut input| input.write_all(format!("{}\n", query.replace('\n', " ")).as_bytes()));
        let output = finished(&command, process.wait_with_output()?)?;
        // `\t 1: answer = "text"\t(typeid = 25, len = -1, typmod = -1, byval = f)`
        let answer = output.split_once(" = \"").and_then(|(_, rest)| rest.split_once("\"\t(typeid = "));
        answer.map(|(text, _)| text.to_owned()).with_context(|| format!("no answer to `{query}`:\n{output}"))
    }

    /// A server whose socket has too long a path starts without one or not at all, and says so in its log only.
    fn check_socket_path(&self) -> Result<()> {
        let socket = self.socket_folder().join(SOCKET);
        let length = socket.as_os_str().len();
        ensure!(
            length <= LONGEST_SOCKET_PATH,
            "the path of the socket, {}, has {length} bytes, and Linux allows {LONGEST_SOCKET_PATH}: \
             set TMPDIR to a folder with a shorter path",
            socket.display()
        );
        Ok(())
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn command(&self, program: &str) -> Command {
        self.account.command(self.native.join("bin").join(program), self.folder.path())
    }

    fn postgres(&self, configuration: &str) -> Result<Command> {
        let file = self.folder.path().join("postgresql.conf");
        fs::write(&file, configuration).with_context(|| format!("cannot write {}", file.display()))?;
        self.account.own(&file)?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-c").arg(format!("config_file={}", file.display()));
        Ok(command)
    }
}

impl Server<'_> {
    /// The cluster it serves.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        self.cluster
    }

    /// Everything it has logged: to standard error, and where its settings then sent the rest.
    #[must_use]
    pub fn log(&self) -> String {
        let read = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        let mut text = read(self.cluster.log_path());
        for entry in fs::read_dir(self.cluster.data().join("log")).into_iter().flatten().flatten() {
            text.push_str(&read(entry.path()));
        }
        text
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let started = Instant::now();
        let state = self.cluster.data().join("postmaster.pid");
        loop {
            // The server writes how far it is into the last line of this file.
            let pid_file = fs::read_to_string(&state).unwrap_or_default();
            let is_own = pid_file.lines().next() == Some(&self.process.id().to_string());
            if is_own && pid_file.lines().last().is_some_and(|line| line.trim_end() == "ready") {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("PostgreSQL {} ended with {status}:\n{}", self.cluster.major, self.log());
            }
            ensure!(
                started.elapsed() < LIMIT,
                "PostgreSQL {} does not become ready:\n{}",
                self.cluster.major,
                self.log()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server<'_> {
    /// Asks it to end its sessions and itself, and does not wait for ever.
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.process);
        let asked = Instant::now();
        // An interrupt is what a server calls a fast shutdown.
        if kill_process(pid, Signal::INT).is_ok() {
            while asked.elapsed() < LIMIT {
                match self.process.try_wait() {
                    Ok(None) => thread::sleep(Duration::from_millis(5)),
                    Ok(Some(_)) | Err(_) => return,
                }
            }
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where `account` can run the programs: where they are, or in a copy inside of `folder`.
///
/// The workspace may be below a folder that only its owner may enter, as `/root` or a home often is.
fn readable(installation: &Installation, account: Account, folder: &Path) -> Result<PathBuf> {
    let mut command = account.command(installation.program("postgres"), folder);
    if quiet(command.arg("--version")).is_ok() {
        return Ok(installation.native.clone());
    }
    let copy = folder.join("native");
    copy_tree(&installation.native, &copy).context("cannot copy the programs to where they can be run")?;
    Ok(copy)
}

/// Copies a folder for everybody to read, links as links.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).with_context(|| format!("cannot make {}", to.display()))?;
    fs::set_permissions(to, Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (source, target, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() {
            copy_tree(&source, &target)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(&source)?, &target)?;
        } else {
            fs::copy(&source, &target).with_context(|| format!("cannot copy {}", source.display()))?;
            fs::set_permissions(&target, Permissions::from_mode(entry.metadata()?.permissions().mode() | 0o444))?;
        }
    }
    Ok(())
}

/// Runs a short command; its standard output, trimmed, or what it complained of.
fn quiet(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot run {}", command.get_program().display()))?;
    finished(command, output)
}

fn finished(command: &Command, output: Output) -> Result<String> {
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let program = command.get_program().display();
    ensure!(output.status.success(), "{program} ended with {}:\n{complained}{said}", output.status);
    Ok(said.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_npm_left_out_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for major in [14, 15, 17] {
            let package = folder.path().join(package_name(major));
            fs::create_dir(&package).expect("writable");
            fs::write(package.join("package.json"), "{}").expect("writable");
        }
        // A folder alone is no package.
        fs::create_dir(folder.path().join("postgres-18")).expect("writable");
        assert_eq!(missing_packages(folder.path()), ["postgres-16", "postgres-18"]);
    }

    #[test]
    fn a_copy_can_be_read_by_everybody() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("bin")).expect("writable");
        fs::write(from.join("bin/run"), "x").expect("writable");
        fs::set_permissions(from.join("bin/run"), Permissions::from_mode(0o700)).expect("own");
        symlink("run", from.join("bin/link")).expect("writable");
        copy_tree(&from, &to).expect("copied");
        assert_eq!(fs::read_link(to.join("bin/link")).expect("a link"), Path::new("run"));
        assert_eq!(fs::metadata(to.join("bin/run")).expect("a file").permissions().mode() & 0o777, 0o744);
        assert_eq!(fs::metadata(to.join("bin")).expect("a folder").permissions().mode() & 0o777, 0o755);
    }
}
