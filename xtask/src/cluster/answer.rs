//! How a cluster answers: by its condition first, then as the request asks, then as Vault would.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::sleep;

use super::condition::Condition;
use super::received::Received;
use super::script::Script;
use super::{Shared, store, vault};

/// Where WebSockets are echoed.
const WEB_SOCKET: &str = "/ws";
/// The largest value that is stored.
const LARGEST_VALUE: usize = 1024 * 1024;

pub(super) async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let received = Received::new(&shared.id, &request);
    let is_probe = received.path() == vault::HEALTH && matches!(received.method.as_str(), "GET" | "HEAD");
    shared.note(&received, is_probe);
    let behaviour = shared.behaviour();

    if !(is_probe && behaviour.spares_probes) {
        match behaviour.condition {
            // Of one that is killed, nobody asks anything.
            Condition::Alive | Condition::Killed => {}
            Condition::Hanging => return pending().await,
            Condition::Slow(milliseconds) => sleep(Duration::from_millis(milliseconds)).await,
            Condition::Failing { status, text } => {
                return plain(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), text);
            }
        }
    }
    match Script::of(&received) {
        Ok(Some(script)) => return script.answer(&received, request).await,
        Ok(None) => {}
        Err(complaint) => return complaint,
    }
    if is_probe {
        return behaviour.state.health(&shared.id, behaviour.lag, &received);
    }
    if let Some(refusal) = behaviour.state.refusal() {
        return refusal;
    }
    if received.path() == WEB_SOCKET {
        return echo(request).await;
    }
    if let Some(name) = received.path().strip_prefix(store::PREFIX) {
        let lag = if behaviour.state.has_lag() { behaviour.lag } else { Duration::ZERO };
        let (parts, body) = request.into_parts();
        return match to_bytes(body, LARGEST_VALUE).await {
            Ok(body) => shared.store.answer(&parts.method, name, &body, lag),
            Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "the value is too large\n".to_owned()),
        };
    }
    json(StatusCode::OK, &received)
}

async fn echo(request: Request) -> Response {
    async fn run(mut socket: WebSocket) {
        while let Some(Ok(message)) = socket.recv().await {
            let is_data = matches!(message, Message::Text(_) | Message::Binary(_));
            // Pings and the end of it are answered underneath.
            if is_data && socket.send(message).await.is_err() {
                return;
            }
        }
    }
    let (mut parts, _) = request.into_parts();
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.on_upgrade(run),
        Err(rejection) => rejection.into_response(),
    }
}

pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut response = plain(status, text + "\n");
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

pub(super) fn plain(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}

pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
