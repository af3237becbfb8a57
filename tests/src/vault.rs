//! Real servers that speak Vault's language, each on a free loopback port and with nothing that outlives it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use xtask::paths;

use crate::router::client;

/// Longest start that is waited for; an idle machine needs a fifth of a second.
const START_LIMIT: Duration = Duration::from_secs(30);

/// How often a start is tried: another process may take the port that was free a moment ago.
const TRIES: u32 = 3;

/// Whose server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// OpenBao, which came of HashiCorp Vault.
    OpenBao,
    /// `RustyVault`, written anew after Vault's documentation.
    Rvault,
}

/// A running server, not initialised.  Dropping it ends it.
#[derive(Debug)]
pub struct Vault {
    process: Child,
    url: String,
    folder: TempDir,
}

impl Make {
    /// The command that starts this server, and what its configuration says of where secrets are kept.
    fn command(self, folder: &Path) -> (Command, String) {
        match self {
            Self::OpenBao => (environment(&paths::python_tool("bao"), folder), "storage \"inmem\" {}\n".to_owned()),
            Self::Rvault => {
                let work = folder.join("work").display().to_string();
                let storage = format!("storage \"file\" {{ path = {work:?} }}\nwork_dir = {work:?}\n");
                (environment(&paths::tool("rvault"), folder), storage)
            }
        }
    }
}

impl Vault {
    /// Starts a server and waits until it answers.
    ///
    /// # Panics
    /// When it does not start; the message holds what it had to say.
    pub async fn start(make: Make) -> Self {
        let mut complaints = String::new();
        for _ in 0..TRIES {
            match Self::attempt(make).await {
                Ok(vault) => return vault,
                Err(complaint) => complaints = complaint,
            }
        }
        panic!("{make:?} does not start; `cargo xtask setup` installs it\n{complaints}");
    }

    async fn attempt(make: Make) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = free_port();
        let (mut command, storage) = make.command(folder.path());
        let config = folder.path().join("config.hcl");
        let listener = format!("listener \"tcp\" {{\n  address = \"127.0.0.1:{port}\"\n  tls_disable = true\n}}\n");
        fs::write(&config, storage + &listener).expect("a configuration");
        let log = folder.path().join("log");
        let output = File::create(&log).expect("a log");
        command.arg("server").arg("--config").arg(&config).stdin(Stdio::null());
        command.stdout(output.try_clone().expect("a log")).stderr(output);
        let process = command.spawn().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let mut vault = Self { process, url: format!("http://127.0.0.1:{port}"), folder };

        let started = Instant::now();
        let client = client();
        while started.elapsed() < START_LIMIT {
            let answer = client.get(format!("{}/v1/sys/init", vault.url)).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return Ok(vault);
            }
            if vault.process.try_wait().expect("a process").is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(fs::read_to_string(&log).unwrap_or_default())
    }

    /// Its origin, such as `http://127.0.0.1:8200`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes it ready to be used, past the router: the answer is the root token.
    ///
    /// # Panics
    /// When one of the steps fails.
    pub async fn unseal(&self) -> String {
        let shares = json!({ "secret_shares": 1, "secret_threshold": 1 });
        let keys = self.ask("PUT", "/v1/sys/init", "", &shares).await;
        let status = self.ask("PUT", "/v1/sys/unseal", "", &json!({ "key": keys["keys"][0] })).await;
        assert_eq!(status["sealed"], false);
        keys["root_token"].as_str().expect("a token").to_owned()
    }

    /// Asks it something, past the router; the answer is null where there is no body.
    ///
    /// # Panics
    /// When the answer is no success.
    pub async fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> Value {
        let method = method.parse().expect("a method");
        let request = client().request(method, format!("{}{path}", self.url)).header("x-vault-token", token);
        let response = request.body(body.to_string()).send().await.expect("it answers");
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A folder that goes when the server goes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command that knows nothing of this machine's settings: no proxy, no token, no home but `folder`.
#[must_use]
pub fn environment(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", folder).env("PATH", "/usr/bin:/bin").current_dir(folder);
    command
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a port").port()
}
