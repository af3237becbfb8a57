//! The response that a request may carry with it, so that one cluster serves every case and a `curl` line can try it:
//!
//! ```text
//! curl -H 'demo-response: {"status": 503, "headers": [["retry-after", "7"]], "body": {"text": "busy"}}' ...
//! ```

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::sleep;

use super::answer::{json, plain};
use super::received::Received;

/// The header in which a request says which response it wants: a [`Script`] as JSON.
pub const RESPONSE_HEADER: &str = "demo-response";

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

impl Default for Script {
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: Content::Report, delay_ms: 0, hang: false }
    }
}

impl Script {
    /// What a request asks for, where it asks for anything.
    pub(super) fn of(received: &Received) -> Result<Option<Self>, Response> {
        let script = received.header(RESPONSE_HEADER).map(serde_json::from_str).transpose();
        script.map_err(|error| bad_request(&error.to_string()))
    }

    pub(super) async fn answer(self, received: &Received, request: Request) -> Response {
        if self.hang {
            return pending().await;
        }
        if self.delay_ms > 0 {
            sleep(Duration::from_millis(self.delay_ms)).await;
        }
        let Ok(status) = StatusCode::from_u16(self.status) else {
            return bad_request(&format!("{} is no status", self.status));
        };
        let mut response = body(self.body, received, request).await;
        *response.status_mut() = status;
        for (name, value) in &self.headers {
            match (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                (Ok(name), Ok(value)) => _ = response.headers_mut().append(name, value),
                _ => return bad_request(&format!("{name} is no header")),
            }
        }
        response
    }
}

fn bad_request(complaint: &str) -> Response {
    plain(StatusCode::BAD_REQUEST, format!("{RESPONSE_HEADER}: {complaint}\n"))
}

/// Bytes `from..to` of an endless text that repeats only after 16 MiB, so that a lost, doubled or swapped piece shows.
pub fn pattern(from: u64, to: u64) -> Bytes {
    (from..to).map(|index| (index ^ (index >> 8) ^ (index >> 16)).to_le_bytes()[0]).collect()
}

async fn body(content: Content, received: &Received, request: Request) -> Response {
    const PIECE: u64 = 64 * 1024;
    match content {
        Content::Report => json(StatusCode::OK, received),
        Content::Empty => Response::new(Body::empty()),
        Content::Text(text) => Response::new(Body::from(text)),
        Content::Bytes(length) => Response::new(Body::from_stream(stream::iter(
            (0..length)
                .step_by(usize::try_from(PIECE).unwrap_or(usize::MAX))
                .map(move |from| Ok::<_, Infallible>(pattern(from, (from + PIECE).min(length)))),
        ))),
        Content::Drip { bytes, pause_ms } => {
            Response::new(Body::from_stream(stream::unfold(0, move |sent| async move {
                if sent == bytes {
                    return None;
                }
                sleep(Duration::from_millis(pause_ms)).await;
                Some((Ok::<_, Infallible>(pattern(sent, sent + 1)), sent + 1))
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
            json(StatusCode::OK, &BodyDigest { bytes, sha256 })
        }
    }
}
