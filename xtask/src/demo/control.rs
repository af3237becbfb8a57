//! The control of the demo: a page and a small API that kill, hang, slow, seal and promote its clusters.
//!
//! ```text
//! curl http://127.0.0.1:9100/clusters
//! curl --json '{"condition": "killed"}' http://127.0.0.1:9100/clusters/eu-central
//! curl --json '{"condition": {"slow": 800}}' ...     also "alive", "hanging", {"failing": {"status": 503}}
//! curl --json '{"state": "sealed"}' ...              also "active", "standby", "dr-secondary", ...
//! curl --json '{"lag_ms": 20000}' ...
//! curl --json '{"reset": true}' ...
//! ```

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::cluster::{Cluster, Condition, Report, State};

/// The running control; it ends when this is dropped.
#[derive(Debug)]
pub struct Control {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// What a request changes; what it does not name stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    /// First, everything as it was at the start.
    #[serde(default)]
    reset: bool,
    condition: Option<Condition>,
    /// Whether that condition leaves probes alone.
    #[serde(default)]
    spare_probes: bool,
    state: Option<State>,
    lag_ms: Option<u64>,
}

impl Control {
    /// Lets whoever connects to `listener` control these clusters; `status` is the address of the router's status page.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve(clusters: Arc<Vec<Cluster>>, status: String, listener: TcpListener) -> Result<Self> {
        let address = listener.local_addr().context("the control's port has no address")?;
        let router = Router::new()
            .route("/", get(async || Html(include_str!("control.html"))))
            .route("/status", get(async move || Redirect::to(&status)))
            .route("/clusters", get(list))
            .route("/clusters/{id}", post(change))
            .with_state(clusters);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the demo's control ended: {error}");
            }
        });
        Ok(Self { address, task })
    }

    /// Where it is, such as `http://127.0.0.1:9100`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn list(Shared(clusters): Shared<Arc<Vec<Cluster>>>) -> Response {
    let reports: Vec<Report> = clusters.iter().map(Cluster::report).collect();
    json(&reports)
}

async fn change(
    Shared(clusters): Shared<Arc<Vec<Cluster>>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // A page of another site cannot send this type without asking first, and is refused when it asks.
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return complain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type: application/json is needed");
    }
    let change: Change = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => return complain(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let Some(index) = clusters.iter().position(|cluster| cluster.id() == id) else {
        let ids: Vec<&str> = clusters.iter().map(Cluster::id).collect();
        return complain(StatusCode::NOT_FOUND, &format!("no cluster {id}; there are {}", ids.join(", ")));
    };
    // To kill one is to wait until it has ended.
    let changed = spawn_blocking(move || clusters.get(index).map(|cluster| apply(&change, cluster))).await;
    match changed {
        Ok(Some(Ok(report))) => json(&report),
        Ok(Some(Err(error))) => complain(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error:#}")),
        Ok(None) | Err(_) => complain(StatusCode::INTERNAL_SERVER_ERROR, "the change ended early"),
    }
}

fn apply(change: &Change, cluster: &Cluster) -> Result<Report> {
    if change.reset {
        cluster.reset()?;
    }
    if let Some(state) = change.state {
        cluster.set_state(state);
    }
    if let Some(milliseconds) = change.lag_ms {
        cluster.lag(milliseconds);
    }
    match change.condition.clone() {
        Some(condition) if change.spare_probes => cluster.set_sparing_probes(condition)?,
        Some(condition) => cluster.set(condition)?,
        None => {}
    }
    Ok(cluster.report())
}

fn json(value: &impl serde::Serialize) -> Response {
    let text = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

fn complain(status: StatusCode, complaint: &str) -> Response {
    (status, format!("{complaint}\n")).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // how a test says that it failed

    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;
    use crate::demo::{self, Ports, STANDBY};

    const STATUS: &str = "http://router.example/_headroom/status";

    fn ask(control: &Control, request: &str, kind: &str, body: &str) -> (u16, String) {
        let mut connection = TcpStream::connect(control.address).unwrap();
        let length = body.len();
        write!(connection, "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n").unwrap();
        write!(connection, "Content-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn clusters_do_as_they_are_told() {
        let clusters = Arc::new(demo::start(Ports::Free).unwrap());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let control = Control::serve(Arc::clone(&clusters), STATUS.to_owned(), listener).unwrap();
        let standby = clusters.last().unwrap();
        let order = format!("POST /clusters/{STANDBY}");
        for (body, condition, state, lag) in [
            (r#"{"condition": "killed"}"#, Condition::Killed, State::DrSecondary, 0),
            (r#"{"state": "active", "lag_ms": 7}"#, Condition::Killed, State::Active, 7),
            (r#"{"condition": {"slow": 10}}"#, Condition::Slow(10), State::Active, 7),
            (r#"{"reset": true}"#, Condition::Alive, State::DrSecondary, 0),
        ] {
            let (status, answer) = ask(&control, &order, "application/json", body);
            assert_eq!(status, 200, "{answer}");
            let report = standby.report();
            assert_eq!((report.condition, report.state, report.lag_ms), (condition, state, lag), "{body}");
        }
        let (status, list) = ask(&control, "GET /clusters", "text/plain", "");
        assert!(status == 200 && clusters.iter().all(|cluster| list.contains(&cluster.url())), "{list}");
        assert!(ask(&control, "GET /", "text/plain", "").1.starts_with("<!doctype html>"));
        assert_eq!(ask(&control, "GET /status", "text/plain", "").0, 303, "to the router's status page");

        for (request, kind, body, expected) in [
            (order.as_str(), "text/plain", r#"{"condition": "killed"}"#, 415),
            (&order, "application/json", r#"{"condition": "dead"}"#, 400),
            (&order, "application/json", r#"{"kill": true}"#, 400),
            ("POST /clusters/nowhere", "application/json", "{}", 404),
        ] {
            assert_eq!(ask(&control, request, kind, body).0, expected, "{request} {body}");
        }
        assert_eq!(standby.report().condition, Condition::Alive);
    }
}
