//! The built worker in the real Workers runtime, on this machine.

mod configuration;

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;

use self::configuration::Wrangler;
use crate::paths;

/// Longest start that is waited for; a busy machine with two cores needs a second.
const START_LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder with the worker's `wrangler.toml`, which says where its modules are and what its Durable Objects.
    pub worker: PathBuf,
    /// The port on 127.0.0.1 of the first isolate; a free one where there is none.
    pub port: Option<u16>,
    /// Variables and secrets of the worker, by name; the runtime does not tell them apart.
    pub variables: Vec<(String, String)>,
    /// How many isolates run the worker, each on a port of its own, all of them with the same Durable Objects.
    pub isolates: usize,
    /// Where the Durable Objects are kept; in a folder that goes with the runtime where there is none.
    pub storage: Option<PathBuf>,
    /// Whether the Durable Objects run in the harness of the tests, which can cut them off from an isolate, restart
    /// them, take their alarms away and call the worker's cron handler.
    pub harness: bool,
    /// Whether, in the harness, every isolate is cut off from the Durable Objects from the start.
    pub cut: bool,
}

/// A running worker.  Dropping it ends the runtime's process.
#[derive(Debug)]
pub struct Workerd {
    options: Options,
    wrangler: Wrangler,
    folder: TempDir,
    sockets: Vec<Socket>,
    /// None between two runs.
    process: Option<Child>,
}

/// Where one of the runtime's services listens.
#[derive(Debug)]
struct Socket {
    service: String,
    /// Port 0 until the runtime has said which one it took.
    address: SocketAddr,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            worker: paths::worker(),
            port: None,
            variables: Vec::new(),
            isolates: 1,
            storage: None,
            harness: false,
            cut: false,
        }
    }
}

impl Workerd {
    /// Starts the worker that `cargo xtask build worker` made, and waits until it answers.
    ///
    /// # Errors
    /// When the build or the runtime is missing, when the port is taken, and when the worker does not come up; the
    /// error holds what the runtime had to say.
    pub fn start(options: &Options) -> Result<Self> {
        let wrangler = Wrangler::read(&options.worker)?;
        let folder = tempfile::tempdir().context("no temporary folder")?;
        // Copies, so that a build under way does not change a running worker.
        wrangler.copy_modules(folder.path())?;
        if options.harness {
            configuration::copy_harness(folder.path())?;
        }
        let sockets = configuration::services(options).into_iter().map(|service| {
            let port = options.port.filter(|_| service == configuration::router(0)).unwrap_or(0);
            Socket { service, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) }
        });
        let mut worker = Self { options: options.clone(), wrangler, sockets: sockets.collect(), folder, process: None };
        worker.launch()?;
        Ok(worker)
    }

    /// Ends the runtime and starts it again, on the same ports and with what the Durable Objects had stored.
    ///
    /// # Errors
    /// As those of [`Self::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.stop();
        self.launch()
    }

    /// As [`Self::restart`], with other variables: what a deployment does.
    ///
    /// # Errors
    /// As those of [`Self::start`].
    pub fn restart_with(&mut self, variables: Vec<(String, String)>) -> Result<()> {
        self.options.variables = variables;
        self.restart()
    }

    /// Its origin, such as `http://127.0.0.1:8787`; of several isolates, that of the first.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The origin of each isolate.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        (0..self.options.isolates).filter_map(|isolate| self.url_of(&configuration::router(isolate))).collect()
    }

    /// Its address; of several isolates, that of the first.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.sockets.first().map_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), |socket| socket.address)
    }

    /// Where the harness takes orders about the Durable Object, where there is one.
    #[must_use]
    pub fn object_url(&self) -> Option<String> {
        self.url_of(configuration::OBJECT)
    }

    /// Where the harness takes orders about what connects an isolate to the Durable Object, where there is one.
    #[must_use]
    pub fn link_url(&self, isolate: usize) -> Option<String> {
        self.url_of(&configuration::link(isolate))
    }

    /// The file that the runtime and the worker log to.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.path(LOG)
    }

    /// Everything that the runtime and the worker have logged, over all its runs.
    #[must_use]
    pub fn log(&self) -> String {
        self.read(LOG)
    }

    /// Waits until the log has a line with this text, and gives that line.
    ///
    /// # Errors
    /// When there is none in time; the error holds the log.
    pub fn wait_for_log(&self, text: &str, limit: Duration) -> Result<String> {
        let started = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(text)) {
                return Ok(line.to_owned());
            }
            ensure!(started.elapsed() < limit, "no line with {text:?} after {limit:?} in the log:\n{log}");
            thread::sleep(PAUSE);
        }
    }

    /// The runtime's process.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    /// The bytes of memory that the runtime's process has resident.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn resident_bytes(&self) -> Result<u64> {
        let pid = self.pid().context("workerd does not run")?;
        let path = format!("/proc/{pid}/status");
        let status = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).with_context(|| format!("{path}: no VmRSS"))?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().with_context(|| format!("{path}: {line}"))?;
        Ok(kilobytes.saturating_mul(1024))
    }

    fn launch(&mut self) -> Result<()> {
        let binary = paths::workerd()?;
        let storage = self.options.storage.clone().unwrap_or_else(|| self.path(OBJECTS));
        fs::create_dir_all(&storage).with_context(|| format!("cannot make {}", storage.display()))?;
        let ports = self.sockets.iter().map(|socket| (socket.service.as_str(), socket.address.port()));
        let text = configuration::text(&self.options, &self.wrangler, &storage, ports);
        fs::write(self.path(CONFIGURATION), text)?;

        // The runtime reports the ports it got on a descriptor; the shell opens that and becomes the runtime.
        let log = OpenOptions::new().create(true).append(true).open(self.path(LOG))?;
        File::create(self.path(CONTROL))?;
        // Experimental is how one worker calls another one's cron handler.
        let flags = if self.options.harness { "--experimental" } else { "" };
        let process = Command::new("sh")
            .args(["-c", &format!("exec \"$0\" serve {flags} {CONFIGURATION} --control-fd=3 3>{CONTROL}")])
            .arg(&binary)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        self.process = Some(process);
        self.wait_until_it_answers()
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let started = Instant::now();
        loop {
            for event in listening(&self.read(CONTROL)) {
                if let Some(socket) = self.sockets.iter_mut().find(|socket| socket.service == event.socket) {
                    socket.address.set_port(event.port);
                }
            }
            let mut isolates = self.sockets.iter().take(self.options.isolates);
            let is_known = self.sockets.iter().all(|socket| socket.address.port() != 0);
            if is_known && isolates.all(|socket| is_healthy(socket.address)) {
                return Ok(());
            }
            if let Some(status) = self.process.as_mut().map(Child::try_wait).transpose()?.flatten() {
                bail!("workerd ended with {status}:\n{}", self.log());
            }
            ensure!(started.elapsed() < START_LIMIT, "workerd does not answer:\n{}", self.log());
            thread::sleep(PAUSE);
        }
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    fn url_of(&self, service: &str) -> Option<String> {
        let socket = self.sockets.iter().find(|socket| socket.service == service)?;
        Some(format!("http://{}", socket.address))
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
        self.stop();
    }
}

const LOG: &str = "log";
const CONTROL: &str = "control";
const CONFIGURATION: &str = "config.capnp";
const OBJECTS: &str = "objects";

/// That a socket listens, as the runtime reports it.
#[derive(Debug, Deserialize)]
struct Listening {
    socket: String,
    port: u16,
}

/// The sockets in the runtime's report, one JSON object a line.
fn listening(report: &str) -> Vec<Listening> {
    report.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
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
