//! A small HTTP server that stands for a cluster: behind the router in the demo, and in the tests.
//!
//! It answers whatever it is asked with JSON that names itself and what it received.  A request may carry the response
//! that it wants in the header [`RESPONSE_HEADER`], so that one server serves every case and a `curl` line can try it:
//!
//! ```text
//! curl -H 'demo-response: {"status": 503, "headers": [["retry-after", "7"]], "body": {"text": "busy"}}' ...
//! ```

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::runtime::{Builder, Runtime};

/// The header in which a request says which response it wants: a [`Script`] as JSON.
pub const RESPONSE_HEADER: &str = "demo-response";

/// How many requests are remembered; a demo may run for days.
const REMEMBERED: usize = 1_000;

/// A running cluster.  Dropping it ends it at once, together with its open connections.
#[derive(Debug)]
pub struct Cluster {
    id: String,
    address: SocketAddr,
    log: Arc<Log>,
    /// Taken only by `drop`.
    runtime: Option<Runtime>,
}

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The cluster that received it.
    pub cluster: String,
    /// The method, verbatim.
    pub method: String,
    /// Path and query, verbatim.
    pub target: String,
    /// Names in lower case and values, in the order received.
    pub headers: Vec<(String, String)>,
}

/// The response that a request wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Status code.
    pub status: u16,
    /// Headers, duplicates included.
    pub headers: Vec<(String, String)>,
    /// What the body is.
    pub body: Content,
    /// Milliseconds until the response begins.
    pub delay_ms: u64,
    /// Never respond at all.
    pub hang: bool,
}

/// The body of a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// The request as JSON: a [`Received`].
    Report,
    /// Nothing.
    Empty,
    /// This text.
    Text(String),
    /// So many bytes of [`pattern`], streamed.
    Bytes(u64),
    /// So many bytes, one at a time.
    Drip {
        /// How many bytes.
        bytes: u64,
        /// Milliseconds between them.
        pause_ms: u64,
    },
    /// The body of the request, streamed as it arrives.
    Echo,
    /// Length and SHA-256 of the body of the request: a [`BodyDigest`].
    Digest,
}

/// Length and SHA-256 of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyDigest {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

/// What has arrived so far.
#[derive(Debug, Default)]
struct Log {
    count: AtomicU64,
    latest: Mutex<Vec<Received>>,
}

impl Default for Script {
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: Content::Report, delay_ms: 0, hang: false }
    }
}

impl Cluster {
    /// Starts a cluster on a free port of 127.0.0.1, or on `port` if that is given and free.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(id: &str, port: Option<u16>) -> Result<Self> {
        let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = port.map_or_else(|| listen(0), |port| listen(port).or_else(|_| listen(0)));
        let listener = listener.with_context(|| format!("no port for the cluster {id}"))?;
        let address = listener.local_addr().context("a listener without an address")?;
        listener.set_nonblocking(true).context("cannot listen without blocking")?;

        // A runtime of its own: dropping it is what pulling the plug is to a real cluster.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let log = Arc::new(Log::default());
        let app = Router::new().fallback(answer).with_state((id.to_owned(), Arc::clone(&log)));
        let _guard = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self { id: id.to_owned(), address, log, runtime: Some(runtime) })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its origin, such as `http://127.0.0.1:9101`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests have arrived.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.log.count.load(Ordering::SeqCst)
    }

    /// The latest requests, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.log.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Received {
    fn new(cluster: &str, request: &Request) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            cluster: cluster.to_owned(),
            method: request.method().to_string(),
            target: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers: request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        }
    }

    /// The first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

impl Log {
    fn add(&self, received: Received) {
        self.count.fetch_add(1, Ordering::SeqCst);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() >= REMEMBERED {
            latest.remove(0);
        }
        latest.push(received);
    }
}

/// Bytes `from..to` of an endless text that repeats only after 16 MiB, so that a lost, doubled or swapped piece shows.
pub fn pattern(from: u64, to: u64) -> Bytes {
    (from..to).map(|index| (index ^ (index >> 8) ^ (index >> 16)).to_le_bytes()[0]).collect()
}

async fn answer(State((id, log)): State<(String, Arc<Log>)>, request: Request) -> Response {
    let received = Received::new(&id, &request);
    log.add(received.clone());
    let script = match received.header(RESPONSE_HEADER).map(serde_json::from_str::<Script>).transpose() {
        Ok(script) => script.unwrap_or_default(),
        Err(error) => return plain(StatusCode::BAD_REQUEST, format!("{RESPONSE_HEADER}: {error}\n")),
    };
    if script.hang {
        return std::future::pending().await;
    }
    if script.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(script.delay_ms)).await;
    }
    let Ok(status) = StatusCode::from_u16(script.status) else {
        return plain(StatusCode::BAD_REQUEST, format!("{RESPONSE_HEADER}: {} is no status\n", script.status));
    };
    let mut response = body(script.body, &received, request).await;
    *response.status_mut() = status;
    for (name, value) in &script.headers {
        match (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            (Ok(name), Ok(value)) => _ = response.headers_mut().append(name, value),
            _ => return plain(StatusCode::BAD_REQUEST, format!("{RESPONSE_HEADER}: {name} is no header\n")),
        }
    }
    response
}

async fn body(content: Content, received: &Received, request: Request) -> Response {
    const PIECE: u64 = 64 * 1024;
    match content {
        Content::Report => json(received),
        Content::Empty => Response::new(Body::empty()),
        Content::Text(text) => Response::new(Body::from(text)),
        Content::Bytes(length) => Response::new(Body::from_stream(stream::iter(
            (0..length)
                .step_by(usize::try_from(PIECE).unwrap_or(usize::MAX))
                .map(move |from| Ok::<_, std::convert::Infallible>(pattern(from, (from + PIECE).min(length)))),
        ))),
        Content::Drip { bytes, pause_ms } => {
            Response::new(Body::from_stream(stream::unfold(0, move |sent| async move {
                if sent == bytes {
                    return None;
                }
                tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                Some((Ok::<_, std::convert::Infallible>(pattern(sent, sent + 1)), sent + 1))
            })))
        }
        Content::Echo => Response::new(request.into_body()),
        Content::Digest => {
            let (mut digest, mut bytes) = (Sha256::new(), 0);
            let mut stream = request.into_body().into_data_stream();
            while let Some(piece) = stream.next().await {
                let Ok(piece) = piece else {
                    return plain(StatusCode::BAD_REQUEST, "the body ended early\n".to_owned());
                };
                bytes += piece.len() as u64;
                digest.update(&piece);
            }
            let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            json(&BodyDigest { bytes, sha256 })
        }
    }
}

fn json(value: &impl Serialize) -> Response {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut response = Response::new(Body::from(text + "\n"));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn plain(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
