//! The built worker in the real Workers runtime, on this machine.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;

use crate::demo::CF_HEADER;
use crate::paths;

/// Longest start that is waited for; a busy machine with two cores needs a second.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What to run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on 127.0.0.1; a free one where there is none.
    pub port: Option<u16>,
    /// Variables and secrets of the worker, by name; the runtime does not tell them apart.
    pub variables: Vec<(String, String)>,
}

/// A running worker.  Dropping it ends the runtime's process.
#[derive(Debug)]
pub struct Workerd {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

/// What the runtime takes from the worker's `wrangler.toml`, so that all of them agree.
#[derive(Debug, Deserialize)]
struct Wrangler {
    compatibility_date: String,
    #[serde(default)]
    compatibility_flags: Vec<String>,
}

impl Workerd {
    /// Starts the worker that `cargo xtask build worker` made, and waits until it answers.
    ///
    /// # Errors
    /// When the build or the runtime is missing, when the port is taken, and when the worker does not come up; the
    /// error holds what the runtime had to say.
    pub fn start(options: &Options) -> Result<Self> {
        let binary = paths::workerd()?;
        let folder = tempfile::tempdir().context("no temporary folder")?;
        for name in ["index.js", "index_bg.wasm"] {
            // A copy, so that a build under way does not change a running worker.
            let built = paths::worker_build().join(name);
            fs::copy(&built, folder.path().join(name))
                .with_context(|| format!("{} is missing: run `cargo xtask build worker`", built.display()))?;
        }
        let wrangler = paths::worker().join("wrangler.toml");
        let wrangler = fs::read_to_string(&wrangler).with_context(|| format!("cannot read {}", wrangler.display()))?;
        let wrangler: Wrangler = toml::from_str(&wrangler).context("wrangler.toml")?;
        fs::write(folder.path().join("config.capnp"), config(options, &wrangler))?;

        // The runtime reports the port it got on a descriptor; the shell opens that and becomes the runtime.
        let log = File::create(folder.path().join(LOG))?;
        let process = Command::new("sh")
            .args(["-c", &format!("exec \"$0\" serve config.capnp --control-fd=3 3>{CONTROL}")])
            .arg(&binary)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        let mut worker = Self { process, address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), folder };
        worker.wait_until_it_answers()?;
        Ok(worker)
    }

    /// Its origin, such as `http://127.0.0.1:8787`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file that the runtime and the worker log to.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.path(LOG)
    }

    /// Everything that the runtime and the worker have logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.read(LOG)
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            if let Some(port) = listening_port(&self.read(CONTROL)) {
                self.address.set_port(port);
                if is_healthy(self.address) {
                    return Ok(());
                }
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("workerd ended with {status}:\n{}", self.log());
            }
            ensure!(started.elapsed() < START_LIMIT, "workerd does not answer:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read(self.path(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const LOG: &str = "log";
const CONTROL: &str = "control";

/// The runtime's configuration; the worker may reach this machine and nothing else.
fn config(options: &Options, wrangler: &Wrangler) -> String {
    let mut bindings = String::new();
    for (name, value) in &options.variables {
        let _ = write!(bindings, "(name = {}, text = {}), ", quoted(name), quoted(value));
    }
    let flags: Vec<String> = wrangler.compatibility_flags.iter().map(|flag| quoted(flag)).collect();
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "router", worker = .router),
    (name = "loopback", network = (allow = ["local"])),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:{port}", http = (cfBlobHeader = {CF_HEADER:?}), service = "router"),
  ],
);

const router :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "./index_bg.wasm", wasm = embed "index_bg.wasm"),
  ],
  compatibilityDate = {date},
  compatibilityFlags = [{flags}],
  bindings = [{bindings}],
  globalOutbound = "loopback",
);
"#,
        port = options.port.unwrap_or(0),
        date = quoted(&wrangler.compatibility_date),
        flags = flags.join(", "),
    )
}

/// A text in the syntax of the configuration, which is that of C.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The port in the runtime's report, one JSON object a line.
fn listening_port(report: &str) -> Option<u16> {
    #[derive(Deserialize)]
    struct Event {
        event: String,
        port: u16,
    }
    let events = report.lines().filter_map(|line| serde_json::from_str::<Event>(line).ok());
    events.filter(|event| event.event == "listen").map(|event| event.port).next()
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection.write_all(b"GET /_headroom/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
        let mut status = [0; "HTTP/1.1 200 ".len()];
        connection.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200 ")
    };
    ask().unwrap_or(false)
}
