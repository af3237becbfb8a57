//! The static site on loopback, with the compression and the headers that it has in production.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::fs;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_http::services::ServeDir;

use crate::headers::Headers;
use crate::paths;

/// What a static host answers where no rule says otherwise.
const DEFAULT_CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

const NOT_FOUND: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not found</title>\
                         <p>There is nothing here. <a href=\"/\">Headroom</a></p></html>\n";

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Site {
    /// Serves the files under `root` to whoever connects to `listener`.  The folder is looked at for every request, so
    /// that a new build is served at once.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve(root: &Path, listener: TcpListener) -> Result<Self> {
        let address = listener.local_addr().context("the site's port has no address")?;
        let root: Arc<Path> = root.into();
        let files = ServeDir::new(&root)
            .precompressed_br()
            .precompressed_gzip()
            .not_found_service(get(not_found).with_state(root.clone()));
        let router = Router::new()
            .route("/_headers", get(not_found))
            .fallback_service(files)
            .layer(from_fn_with_state(root.clone(), with_headers))
            .with_state(root);
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the site's server ended: {error}");
            }
        });
        Ok(Self { address, task })
    }

    /// Serves the site as `cargo xtask build page` made it, on a free port.
    ///
    /// # Errors
    /// When it was not built, or no port can be had.
    pub async fn built() -> Result<Self> {
        let root = paths::site();
        if !root.join("index.html").is_file() {
            bail!("{} holds no site: run `cargo xtask build page`", root.display());
        }
        Self::serve(&root, listen(0, "--port").await?)
    }

    /// Where the site is: `http://127.0.0.1:8080`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Opens a port on loopback, or any free one where `port` is 0.
///
/// # Errors
/// Names a busy port and the flag that changes it.
pub async fn listen(port: u16, flag: &str) -> Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} on 127.0.0.1 is in use by another program; choose another with {flag} N")
        }
        Err(error) => Err(error).with_context(|| format!("cannot use port {port} on 127.0.0.1; try {flag} N")),
    }
}

async fn not_found(State(root): State<Arc<Path>>) -> Response {
    let page = fs::read_to_string(root.join("404.html")).await.unwrap_or_else(|_| NOT_FOUND.to_owned());
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

async fn with_headers(State(root): State<Arc<Path>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let rules = match rules(root.join("_headers")).await {
        Ok(rules) => rules,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")).into_response(),
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, DEFAULT_CACHE_CONTROL);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(named) = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).and_then(with_charset) {
        headers.insert(CONTENT_TYPE, named);
    }
    rules.apply(&path, headers);
    response
}

async fn rules(path: PathBuf) -> Result<Headers> {
    match fs::read_to_string(&path).await {
        Ok(text) => Headers::parse(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Headers::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// `text/css` → `text/css; charset=utf-8`: every text of the site is in UTF-8.
fn with_charset(kind: &str) -> Option<HeaderValue> {
    let is_text = kind.starts_with("text/") || kind == "application/json";
    let bare = is_text && !kind.contains("charset");
    bare.then(|| HeaderValue::from_str(&format!("{kind}; charset=utf-8")).ok())?
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir, write};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn ask(address: SocketAddr, request: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let request = format!("{request}\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the server answers");
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
        let body = answer.split_off(end);
        (String::from_utf8(answer).expect("a head is text").to_ascii_lowercase(), body)
    }

    #[tokio::test]
    async fn the_site_is_served_as_in_production() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("site");
        create_dir(&root).expect("writable");
        let rules =
            "/*\n  X-Content-Type-Options: nosniff\n/app-*\n  Cache-Control: public, max-age=31536000, immutable\n";
        for (name, content) in [
            ("../secret", "secret"),
            ("index.html", "<title>t</title>"),
            ("app-01.wasm", "wasm"),
            ("app-01.wasm.gz", "gzipped"),
            ("app-01.wasm.br", "brotli"),
            ("s.css", "a{}"),
            ("_headers", rules),
        ] {
            write(root.join(name), content).expect("writable");
        }
        let site = Site::serve(&root, listen(0, "--port").await.expect("a free port")).expect("it starts");

        let fresh = "public, max-age=0, must-revalidate";
        let kept = "public, max-age=31536000, immutable";
        for (request, status, body, needles) in [
            (
                "GET / HTTP/1.1",
                200,
                "<title>t</title>",
                vec!["content-type: text/html; charset=utf-8", fresh, "nosniff"],
            ),
            ("GET /app-01.wasm HTTP/1.1", 200, "wasm", vec!["content-type: application/wasm", kept]),
            (
                "GET /app-01.wasm HTTP/1.1\r\naccept-encoding: gzip",
                200,
                "gzipped",
                vec!["content-encoding: gzip", kept],
            ),
            ("GET /app-01.wasm HTTP/1.1\r\naccept-encoding: gzip, br", 200, "brotli", vec!["content-encoding: br"]),
            ("GET /app-01.wasm HTTP/1.1\r\naccept-encoding: br", 200, "brotli", vec!["content-type: application/wasm"]),
            ("GET /s.css HTTP/1.1", 200, "a{}", vec!["content-type: text/css", "vary: accept-encoding"]),
            ("HEAD /s.css HTTP/1.1", 200, "", vec!["content-length: 3"]),
            ("GET /s.css HTTP/1.1\r\nrange: bytes=1-1", 206, "{", vec![]),
            ("GET /s.css HTTP/1.1\r\nif-modified-since: Fri, 01 Jan 2100 00:00:00 GMT", 304, "", vec![]),
            ("GET /none HTTP/1.1", 404, NOT_FOUND, vec!["content-type: text/html", "nosniff"]),
            ("HEAD /none HTTP/1.1", 404, "", vec![]),
            ("GET /_headers HTTP/1.1", 404, NOT_FOUND, vec![]),
            ("GET /../secret HTTP/1.1", 404, NOT_FOUND, vec![]),
            ("GET /%2e%2e/secret HTTP/1.1", 404, NOT_FOUND, vec![]),
            ("GET /..%2fsecret HTTP/1.1", 404, NOT_FOUND, vec![]),
            ("POST / HTTP/1.1", 405, "", vec![]),
        ] {
            let (head, content) = ask(site.address, request).await;
            assert!(head.starts_with(&format!("http/1.1 {status} ")), "{request}: {head}");
            assert_eq!(String::from_utf8_lossy(&content), body, "{request}");
            for needle in needles {
                assert!(head.contains(needle), "{request}: no `{needle}` in {head}");
            }
        }
    }

    #[tokio::test]
    async fn a_busy_port_is_named_with_its_flag() {
        let taken = listen(0, "--port").await.expect("a free port");
        let port = taken.local_addr().expect("an address").port();
        let error = listen(port, "--router-port").await.expect_err("it is taken");
        let expected =
            format!("port {port} on 127.0.0.1 is in use by another program; choose another with --router-port N");
        assert_eq!(error.to_string(), expected);
    }
}
