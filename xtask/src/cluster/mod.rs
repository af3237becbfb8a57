//! A small HTTP server that stands for a cluster: behind the router in the demo, and in the tests.
//!
//! It answers whatever it is asked with JSON that names itself and what it received, except where
//!
//! - its [`Condition`], set from outside, has it do something else;
//! - the request carries the response that it wants ([`RESPONSE_HEADER`]);
//! - it is asked for its health (`/v1/sys/health`), which it tells as Vault does, by its [`State`], or asked for
//!   anything in a state in which Vault answers nothing;
//! - a value is written or read (`/v1/kv/data/...`), or a WebSocket wants an echo (`/ws`).

mod answer;
mod condition;
mod received;
mod script;
mod store;
#[cfg(test)]
mod tests;
mod vault;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use serde::Serialize;
use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};

pub use self::condition::Condition;
pub use self::received::{Received, WRITE_HEADER};
pub use self::script::{BodyDigest, Content, RESPONSE_HEADER, Script, pattern};
pub use self::store::Store;
pub use self::vault::State;

use self::received::Log;

/// How long a cluster may take to die.
const DEATH: Duration = Duration::from_secs(5);

/// A running cluster.  Dropping it ends it at once, together with its open connections.
#[derive(Debug)]
pub struct Cluster {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: Mutex<Server>,
}

/// What a cluster is and has been asked, for people and for the demo's control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its name.
    pub id: String,
    /// Its origin.
    pub url: String,
    /// What has become of it.
    pub condition: Condition,
    /// Whether probes are answered as if nothing had.
    pub spares_probes: bool,
    /// Vault's view of it.
    pub state: State,
    /// What that was when it started.
    pub initial_state: State,
    /// How far it is behind, in milliseconds.
    pub lag_ms: u64,
    /// Requests so far, probes not counted.
    pub requests: u64,
    /// Probes so far.
    pub probes: u64,
}

/// What its server and its owner both see; it survives the death of the server.
#[derive(Debug)]
struct Shared {
    id: String,
    initial_state: State,
    store: Arc<Store>,
    log: Mutex<Log>,
    behaviour: Mutex<Behaviour>,
}

#[derive(Debug, Clone, Default)]
struct Behaviour {
    condition: Condition,
    spares_probes: bool,
    state: State,
    lag: Duration,
}

#[derive(Debug)]
enum Server {
    /// A runtime of its own: ending it is what pulling the plug is to a real cluster.
    Running(Runtime),
    /// The port is kept, and nobody listens.
    Killed(TcpSocket),
    /// Between the two, and after the end.
    Gone,
}

impl Cluster {
    /// Starts an active cluster with values of its own on a free port of 127.0.0.1, or on `port` if that is given and
    /// free.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(id: &str, port: Option<u16>) -> Result<Self> {
        Self::replicating(id, port, State::Active, &Arc::default())
    }

    /// As [`Self::start`], in a certain state and with values that it shares with other clusters.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn replicating(id: &str, port: Option<u16>, state: State, store: &Arc<Store>) -> Result<Self> {
        let socket = port.map_or_else(|| bind(0), |port| bind(port).or_else(|_| bind(0)));
        let socket = socket.with_context(|| format!("no port for the cluster {id}"))?;
        let address = socket.local_addr().context("a socket without an address")?;
        let behaviour = Mutex::new(Behaviour { state, ..Behaviour::default() });
        let (id, store) = (id.to_owned(), Arc::clone(store));
        let shared = Arc::new(Shared { id, initial_state: state, store, log: Mutex::default(), behaviour });
        let server = Mutex::new(Server::Running(listen(socket, &shared)?));
        Ok(Self { address, shared, server })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Its origin, such as `http://127.0.0.1:9101`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has it treat everyone so from now on, probes included.
    ///
    /// # Errors
    /// When its port cannot be had any more.
    pub fn set(&self, condition: Condition) -> Result<()> {
        self.change(condition, false)
    }

    /// Has it treat everyone so from now on, but answer probes of its health as if all were well.  (One that is killed
    /// answers no probes either.)
    ///
    /// # Errors
    /// When its port cannot be had any more.
    pub fn set_sparing_probes(&self, condition: Condition) -> Result<()> {
        self.change(condition, true)
    }

    /// Closes its port and every open connection.
    ///
    /// # Errors
    /// When its port cannot be kept for its return.
    pub fn kill(&self) -> Result<()> {
        self.set(Condition::Killed)
    }

    /// Makes all well again, on the same port; state, lag and values stay as they were.
    ///
    /// # Errors
    /// When its port cannot be had any more.
    pub fn revive(&self) -> Result<()> {
        self.set(Condition::Alive)
    }

    /// Changes Vault's view of it.
    pub fn set_state(&self, state: State) {
        lock(&self.shared.behaviour).state = state;
    }

    /// Makes a secondary for disaster recovery the active cluster, and leaves any other as it is.
    pub fn promote(&self) {
        let mut behaviour = lock(&self.shared.behaviour);
        if behaviour.state == State::DrSecondary {
            behaviour.state = State::Active;
        }
    }

    /// Sets how far it is behind, where its state is one that can be.
    pub fn lag(&self, milliseconds: u64) {
        lock(&self.shared.behaviour).lag = Duration::from_millis(milliseconds);
    }

    /// Makes all as it was when it started; values stay as they are.
    ///
    /// # Errors
    /// When its port cannot be had any more.
    pub fn reset(&self) -> Result<()> {
        self.set_state(self.shared.initial_state);
        self.lag(0);
        self.revive()
    }

    /// How many requests have arrived, probes of its health not counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        lock(&self.shared.log).count
    }

    /// How many probes of its health have arrived.
    #[must_use]
    pub fn probes(&self) -> u64 {
        lock(&self.shared.log).probes
    }

    /// How many requests have arrived for each path, probes not counted.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        lock(&self.shared.log).paths.clone()
    }

    /// How often each write has arrived that had an id ([`WRITE_HEADER`]).
    #[must_use]
    pub fn writes(&self) -> BTreeMap<String, u64> {
        lock(&self.shared.log).writes.clone()
    }

    /// The latest requests, oldest first, without probes.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        lock(&self.shared.log).latest.iter().cloned().collect()
    }

    /// What it is and has been asked.
    #[must_use]
    pub fn report(&self) -> Report {
        let Behaviour { condition, spares_probes, state, lag } = self.shared.behaviour();
        Report {
            id: self.id().to_owned(),
            url: self.url(),
            condition,
            spares_probes,
            state,
            initial_state: self.shared.initial_state,
            lag_ms: u64::try_from(lag.as_millis()).unwrap_or(u64::MAX),
            requests: self.count(),
            probes: self.probes(),
        }
    }

    fn change(&self, condition: Condition, spares_probes: bool) -> Result<()> {
        let mut server = lock(&self.server);
        let is_killed = condition == Condition::Killed;
        {
            let mut behaviour = lock(&self.shared.behaviour);
            behaviour.condition = condition;
            behaviour.spares_probes = spares_probes;
        }
        let before = std::mem::replace(&mut *server, Server::Gone);
        *server = match before {
            Server::Running(runtime) if is_killed => {
                end(runtime)?;
                Server::Killed(self.keep_port()?)
            }
            Server::Killed(socket) if !is_killed => Server::Running(listen(socket, &self.shared)?),
            other => other,
        };
        Ok(())
    }

    /// Takes the port so that nobody else does, without listening.
    fn keep_port(&self) -> Result<TcpSocket> {
        let socket = bind(self.address.port()).with_context(|| format!("{} lost its port", self.id()))?;
        // Sockets that may share a port share it also with one that does not listen.
        socket.set_reuseaddr(false)?;
        Ok(socket)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let server = self.server.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Server::Running(runtime) = std::mem::replace(server, Server::Gone) {
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    fn behaviour(&self) -> Behaviour {
        lock(&self.behaviour).clone()
    }

    fn note(&self, received: &Received, is_probe: bool) {
        let mut log = lock(&self.log);
        if is_probe {
            log.probes += 1;
        } else {
            log.add(received);
        }
    }
}

fn bind(port: u16) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Otherwise connections that were closed would keep the port for a minute.
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

fn listen(socket: TcpSocket, shared: &Arc<Shared>) -> Result<Runtime> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let app = Router::new().fallback(answer::answer).with_state(Arc::clone(shared));
    let guard = runtime.enter();
    socket.set_reuseaddr(true)?;
    let listener = socket.listen(1024).with_context(|| format!("{} cannot listen", shared.id))?;
    drop(guard);
    runtime.spawn(async move { axum::serve(listener, app).await });
    Ok(runtime)
}

/// Ends a runtime and waits for it, wherever that is asked for: one runtime must not wait inside another.
fn end(runtime: Runtime) -> Result<()> {
    let ended = thread::spawn(move || runtime.shutdown_timeout(DEATH)).join();
    ended.ok().context("a cluster did not end")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
