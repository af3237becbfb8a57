//! What tests of traffic have in common: who answered, what a problem says, and an upstream of bare bytes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use reqwest::Response;
use serde_json::Value;
use sha2::{Digest, Sha256};
use xtask::cluster::Received;

/// Longest wait for bytes on a bare connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// The cluster that a response says it came from, and why.
///
/// # Panics
/// When a header is no text.
#[must_use]
pub fn route(response: &Response) -> (String, String) {
    (header(response, "x-headroom-cluster"), header(response, "x-headroom-reason"))
}

/// A header of a response; empty where there is none.
///
/// # Panics
/// When it is no text.
#[must_use]
pub fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map_or("", |value| value.to_str().expect("a text")).to_owned()
}

/// What the cluster says that it received.
///
/// # Panics
/// When the response is no report of a cluster.
pub async fn report(response: Response) -> Received {
    let text = response.text().await.expect("a whole answer");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The fields of a problem document, after checking what all of them have in common.
///
/// # Panics
/// When it is none.
pub async fn problem(response: Response) -> BTreeMap<String, Value> {
    let status = response.status().as_u16();
    assert_eq!(header(&response, "content-type"), "application/problem+json", "{response:?}");
    assert_eq!(header(&response, "cache-control"), "no-store", "{response:?}");
    let text = response.text().await.expect("a whole answer");
    let fields: BTreeMap<String, Value> = serde_json::from_str(&text).expect("JSON");
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["detail", "reason", "status", "title"]);
    assert_eq!(fields["status"], status);
    fields
}

/// The `reason` of a problem document.
///
/// # Panics
/// When it is none.
pub async fn problem_reason(response: Response) -> String {
    problem(response).await["reason"].as_str().expect("a text").to_owned()
}

/// SHA-256 in lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A connection of bare bytes.
pub struct Wire {
    stream: TcpStream,
    /// Everything that has been read.
    pub seen: Vec<u8>,
}

impl Wire {
    /// Connects.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn open(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).expect("it listens"))
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, seen: Vec::new() }
    }

    /// Sends bytes.
    ///
    /// # Panics
    /// When the other side has gone.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).expect("it reads");
    }

    /// Reads until something is so, of all that has been read.
    ///
    /// # Panics
    /// When the other side says no more before.
    pub fn read_until(&mut self, is_so: impl Fn(&[u8]) -> bool) {
        while !is_so(&self.seen) {
            let length = self.read();
            assert!(length > 0, "closed early: {}", self.text());
        }
    }

    /// Reads until the text has been seen.
    ///
    /// # Panics
    /// When the other side says no more before.
    pub fn expect(&mut self, text: &str) {
        self.read_until(|seen| contains(seen, text.as_bytes()));
    }

    /// Reads what comes within a time, or until the other side closes.
    ///
    /// # Panics
    /// When the connection breaks.
    pub fn read_for(&mut self, time: Duration) -> String {
        self.stream.set_read_timeout(Some(time)).expect("a time limit");
        let mut buffer = [0; 64 * 1024];
        while let Ok(length @ 1..) = self.stream.read(&mut buffer) {
            self.seen.extend(&buffer[..length]);
        }
        self.stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        self.text()
    }

    /// Breaks the connection off, as a client does that goes away: an orderly end would leave the runtime waiting for
    /// more.
    ///
    /// # Panics
    /// Outside of an asynchronous runtime.
    pub fn abort(self) {
        self.stream.set_nonblocking(true).expect("a socket");
        let stream = tokio::net::TcpStream::from_std(self.stream).expect("a runtime");
        stream.set_zero_linger().expect("a socket");
    }

    /// Everything that has been read, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Reads a request with all of its body; false where the other side closes before.
    fn read_request(&mut self) -> bool {
        while !is_whole(&self.seen) {
            if self.read() == 0 {
                return false;
            }
        }
        true
    }

    fn read(&mut self) -> usize {
        let mut buffer = [0; 64 * 1024];
        let length = self.stream.read(&mut buffer).unwrap_or_default();
        self.seen.extend(&buffer[..length]);
        length
    }
}

/// Whether some bytes have others in them.
#[must_use]
pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    match value("content-length:").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => request.len() >= end + 4 + length,
        None => value("transfer-encoding:").is_none() || request.ends_with(b"0\r\n\r\n"),
    }
}

/// What an [`Upstream`] does with a request once all of it has arrived.
#[derive(Debug, Clone)]
pub enum Manner {
    /// Sends these bytes and closes.
    Answer(Vec<u8>),
    /// Closes.
    Close,
    /// Says nothing until the other side closes.
    Wait,
}

/// An upstream of bare bytes: what arrives is kept verbatim.
pub struct Upstream {
    address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    requests: Arc<Mutex<Vec<String>>>,
    waiting: Arc<AtomicUsize>,
}

impl Upstream {
    /// Starts one.
    ///
    /// # Panics
    /// When there is no port to be had.
    #[must_use]
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (manner, requests) = (Arc::new(Mutex::new(manner)), Arc::new(Mutex::default()));
        let upstream = Self { address, manner, requests, waiting: Arc::default() };
        let (manner, requests) = (Arc::clone(&upstream.manner), Arc::clone(&upstream.requests));
        let waiting = Arc::clone(&upstream.waiting);
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manner, requests, waiting) = (Arc::clone(&manner), Arc::clone(&requests), Arc::clone(&waiting));
                thread::spawn(move || serve(Wire::of(stream), &manner, &requests, &waiting));
            }
        });
        upstream
    }

    /// Its origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Has it treat requests so from now on.
    pub fn set(&self, manner: Manner) {
        *self.manner.lock().unwrap_or_else(PoisonError::into_inner) = manner;
    }

    /// The requests that have arrived, whole.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections with a request wait for an answer.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

fn serve(mut wire: Wire, manner: &Mutex<Manner>, requests: &Mutex<Vec<String>>, waiting: &AtomicUsize) {
    if !wire.read_request() {
        return;
    }
    let manner = manner.lock().unwrap_or_else(PoisonError::into_inner).clone();
    requests.lock().unwrap_or_else(PoisonError::into_inner).push(wire.text());
    match manner {
        Manner::Answer(bytes) => _ = wire.stream.write_all(&bytes),
        Manner::Close => {}
        Manner::Wait => {
            waiting.fetch_add(1, Ordering::SeqCst);
            while wire.read() > 0 {}
            waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
