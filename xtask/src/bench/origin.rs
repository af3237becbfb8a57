//! The upstream of a measurement: it answers every request alike, with as little work as can be.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

/// The body of every answer.
pub(super) const BODY: &str = r#"{"data":{"password":"correct horse battery staple"},"lease_duration":2764800}"#;

/// An upstream on a thread of its own.  Dropping it ends it.
pub(super) struct Origin {
    addresses: Vec<SocketAddr>,
    /// Taken only by `drop`.
    runtime: Option<Runtime>,
}

impl Origin {
    /// Starts it, listening on so many ports of 127.0.0.1.
    pub(super) fn start(ports: usize) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut addresses = Vec::new();
        for _ in 0..ports {
            let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
            let listener = listener.context("no port for an upstream")?;
            addresses.push(listener.local_addr()?);
            runtime.spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream));
                }
            });
        }
        Ok(Self { addresses, runtime: Some(runtime) })
    }

    /// Where it listens, such as `http://127.0.0.1:9101`.
    pub(super) fn urls(&self) -> Vec<String> {
        self.addresses.iter().map(|address| format!("http://{address}")).collect()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Answers what arrives until the connection ends: requests without a body, one after the other.
async fn serve(mut stream: TcpStream) -> Option<()> {
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    stream.set_nodelay(true).ok()?;
    let mut request = Vec::with_capacity(4096);
    loop {
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            stream.write_all(answer.as_bytes()).await.ok()?;
        }
    }
}
