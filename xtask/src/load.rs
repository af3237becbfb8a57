//! Load: an HTTP/1.1 client of few instructions, which keeps its connections and looks at every answer.
//!
//! On a machine with two cores the client competes with what it measures, so it knows no more of HTTP than the answers
//! of a worker need: a length or chunks, and no trailers.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How long an answer is waited for before the measurement counts as broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest head of a response that is read.
const HEAD: usize = 64 * 1024;

/// A connection that is kept between requests.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The head as it arrived, in lower case.
    head: String,
    /// The body; its framing included where it came in chunks.
    pub body: Vec<u8>,
}

/// What is sent, and how often.
#[derive(Debug, Clone)]
pub struct Load<'a> {
    /// Where to.
    pub address: SocketAddr,
    /// The whole request.
    pub request: &'a [u8],
    /// How many connections send it, each as soon as its last answer is there.
    pub connections: usize,
    /// When it ends.
    pub until: Until,
    /// How many bytes the body of an answer has; its status is 200.
    pub length: usize,
}

/// When a load ends.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After this time.
    Time(Duration),
    /// After so many requests, shared evenly by the connections.
    Requests(u64),
}

/// How long the answers took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// One for each request, the shortest first.
    latencies: Vec<Duration>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a request and waits for the whole response.
    ///
    /// # Errors
    /// When the connection ends before, or what arrives is no response.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let (head, framing) = self.receive(request).await?;
        let bytes = self.buffer.get(..head).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        let body = self.buffer.get(head..).unwrap_or_default().to_vec();
        Ok(Answer { status: framing.status, head: text, body })
    }

    /// Sends a request and reads the response into the buffer; the answer is where its body begins.
    async fn receive(&mut self, request: &[u8]) -> io::Result<(usize, Framing)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head, framing) = loop {
            self.read().await?;
            if let Some(head) = end_of_head(&self.buffer) {
                break (head, Framing::read(self.buffer.get(..head).unwrap_or_default())?);
            }
            if self.buffer.len() > HEAD {
                return Err(io::Error::other("a head without an end"));
            }
        };
        while !framing.is_complete(self.buffer.get(head..).unwrap_or_default()) {
            self.read().await?;
        }
        Ok((head, framing))
    }

    async fn read(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

impl Answer {
    /// The first value of a header, by its name in lower case; the value is in lower case, too.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.head.lines().filter_map(|line| line.split_once(": "));
        values.filter(|(other, _)| *other == name).map(|(_, value)| value).next()
    }
}

/// What of a head says how long the response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Framing {
    status: u16,
    /// `None`: it comes in chunks.
    length: Option<usize>,
}

impl Framing {
    fn read(head: &[u8]) -> io::Result<Self> {
        let invalid = || io::Error::other(format!("no response: {}", String::from_utf8_lossy(head)));
        let head = str::from_utf8(head).map_err(|_| invalid())?;
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.map(|(_, length)| length.trim().parse().map_err(|_| invalid())).transpose()?;
        let status = status.ok_or_else(invalid)?;
        Ok(Self { status, length: if matches!(status, 204 | 304) { Some(0) } else { length } })
    }

    fn is_complete(self, body: &[u8]) -> bool {
        match self.length {
            Some(length) => body.len() >= length,
            None => body.ends_with(b"0\r\n\r\n"),
        }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\r\n\r\n";
    bytes.windows(END.len()).position(|window| window == END).map(|at| at + END.len())
}

/// Sends a load; the first answer that is not as it should be ends it.
///
/// # Errors
/// When a connection fails, or an answer has another status than 200 or another length.
pub async fn run(load: &Load<'_>) -> Result<Measured> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for number in 0..load.connections {
        let (address, request, until, length) = (load.address, load.request.to_vec(), load.until, load.length);
        let connections = load.connections as u64;
        let share = move |requests: u64| requests / connections + u64::from((number as u64) < requests % connections);
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await.context("cannot connect")?;
            let mut latencies = Vec::with_capacity(1 << 14);
            while match until {
                Until::Time(time) => started.elapsed() < time,
                Until::Requests(requests) => (latencies.len() as u64) < share(requests),
            } {
                let sent = Instant::now();
                let (head, framing) = tokio::time::timeout(PATIENCE, connection.receive(&request)).await??;
                latencies.push(sent.elapsed());
                let received = connection.buffer.len().saturating_sub(head);
                if framing.status != 200 || framing.length.is_some() && received != length {
                    bail!("another answer: {}", String::from_utf8_lossy(&connection.buffer));
                }
            }
            Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(outcome) = tasks.join_next().await {
        latencies.append(&mut outcome??);
    }
    ensure!(!latencies.is_empty(), "nothing was sent");
    Ok(Measured::new(started.elapsed(), latencies))
}

impl Measured {
    pub(crate) fn new(elapsed: Duration, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self { elapsed, latencies }
    }

    /// How many answers arrived.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.latencies.len()
    }

    /// Answers a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.requests() as f64 / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// The latency that this share of the answers, in percent, took at most (nearest rank).
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        self.latencies.get(nearest_rank(self.latencies.len(), percent)).copied().unwrap_or_default()
    }
}

/// Where among `count` sorted values the one stands that `percent` of them do not exceed, from 0.
pub(crate) fn nearest_rank(count: usize, percent: usize) -> usize {
    (count * percent).div_ceil(100).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let millis = |numbers: &[u64]| numbers.iter().copied().map(Duration::from_millis).collect::<Vec<_>>();
        let hundred: Vec<u64> = (1..=100).rev().collect();
        for (latencies, percent, expected) in [
            (hundred.as_slice(), 50, 50), // half of them took 50 or less
            (&hundred, 99, 99),
            (&hundred, 100, 100),
            (&hundred, 0, 1), // the least there is
            (&[7], 50, 7),
            (&[7], 99, 7),
            (&[3, 1], 50, 1),
            (&[3, 1], 51, 3),
            (&[1, 2, 3, 4, 1_000], 99, 1_000),
        ] {
            let measured = Measured::new(Duration::from_secs(1), millis(latencies));
            assert_eq!(measured.percentile(percent), Duration::from_millis(expected), "{percent} of {latencies:?}");
        }
    }

    #[test]
    fn a_rate_is_answers_over_the_whole_time() {
        let measured = Measured::new(Duration::from_millis(500), vec![Duration::from_millis(1); 40]);
        assert!((measured.rate() - 80.0).abs() < 1e-9, "{}", measured.rate());
    }

    #[test]
    fn a_head_says_how_long_the_response_is() {
        let framing = |status, length| Some(Framing { status, length });
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", framing(200, Some(5))),
            ("HTTP/1.1 503 \r\ncontent-length: 12\r\n\r\n", framing(503, Some(12))),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", framing(200, None)),
            ("HTTP/1.1 204 No Content\r\n\r\n", framing(204, Some(0))),
            ("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n", None),
            ("SSH-2.0\r\n\r\n", None),
        ] {
            assert_eq!(Framing::read(head.as_bytes()).ok(), expected, "{head}");
        }
    }
}
