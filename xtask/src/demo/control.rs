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
use axum::response::{Html, IntoResponse, Response};
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
    /// Lets whoever connects to `listener` control these clusters.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve(clusters: Arc<Vec<Cluster>>, listener: TcpListener) -> Result<Self> {
        let address = listener.local_addr().context("the control's port has no address")?;
        let router = Router::new()
            .route("/", get(async || Html(include_str!("control.html"))))
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
