//! Bodies, upgraded connections and many of everything pass through the router as they came, and none stays in it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use reqwest::Body;
use serde_json::json;
use sha2::{Digest, Sha256};
use tests::router::{Scripted, World};
use tests::traffic::{Manner, Upstream, Wire, contains, report, route};
use xtask::cluster::{BodyDigest, Content, RESPONSE_HEADER, Script, pattern};
use xtask::demo::{FRANKFURT, SYDNEY, VIRGINIA};

const MIB: u64 = 1024 * 1024;
/// After so many bytes the clusters' pattern begins anew.
const PERIOD: u64 = 16 * MIB;
/// A hundred million bytes and a little, in whole periods.
const LARGE: u64 = 6 * PERIOD;
/// How much a large body may add to what the runtime has in memory.
const GROWTH: u64 = 60 * MIB;

/// Runs something that has a large body pass; panics where that shows in the runtime's memory.
async fn in_bounded_memory<T>(world: &World, what: &str, work: impl Future<Output = T>) -> T {
    let memory = || world.workerd.resident_bytes().unwrap();
    let before = memory();
    let mut most = before;
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => {
                most = most.max(memory());
                assert!(most <= before + GROWTH, "{what}: from {before} to {most} bytes");
                return done;
            }
            _ = ticks.tick() => most = most.max(memory()),
        }
    }
}

fn digest(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_hundred_megabytes_pass_in_both_directions_in_bounded_memory() {
    let world = World::start();
    let period = pattern(0, PERIOD);
    let expected = {
        let mut hash = Sha256::new();
        (0..LARGE / PERIOD).for_each(|_| hash.update(&period));
        digest(hash)
    };
    // Warm: what the runtime takes for itself is not what is measured.
    let script = |body| Script { body, ..Script::default() };
    for cluster in [FRANKFURT, VIRGINIA] {
        let warm = world.from(cluster, "GET", "/").script(&script(Content::Bytes(4 * MIB))).send().await.unwrap();
        assert_eq!(warm.bytes().await.unwrap().len() as u64, 4 * MIB);
    }

    let down = async {
        let response = world.from(FRANKFURT, "GET", "/").script(&script(Content::Bytes(LARGE))).send().await.unwrap();
        let (mut hash, mut pieces) = (Sha256::new(), response.bytes_stream());
        while let Some(piece) = pieces.next().await {
            hash.update(piece.unwrap());
        }
        digest(hash)
    };
    assert!(in_bounded_memory(&world, "down", down).await == expected, "the download differs");

    for has_length in [true, false] {
        let pieces = period.chunks(64 * 1024).map(|piece| Ok::<_, std::io::Error>(period.slice_ref(piece)));
        let pieces: Vec<_> = (0..LARGE / PERIOD).flat_map(|_| pieces.clone()).collect();
        let body = Body::wrap_stream(futures_util::stream::iter(pieces));
        let mut request = world.from(FRANKFURT, "PUT", "/").script(&script(Content::Digest)).body(body);
        if has_length {
            request = request.header("content-length", LARGE.to_string());
        }
        let up = async { request.send().await.unwrap().text().await.unwrap() };
        let arrived = in_bounded_memory(&world, "up", up).await;
        let arrived: BodyDigest = serde_json::from_str(&arrived).unwrap();
        assert_eq!(arrived, BodyDigest { bytes: LARGE, sha256: expected.clone() }, "with its length: {has_length}");
        let received = world.clusters[0].received().pop().unwrap();
        assert_eq!(received.header("content-length").is_some(), has_length);
    }
}

/// The body of a response in chunks, as far as it has arrived, of texts without line breaks as HTTP writes them.
fn unchunked(response: &[u8]) -> String {
    let text = String::from_utf8_lossy(response);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    body.split("\r\n").skip(1).step_by(2).collect()
}

#[test]
fn events_arrive_as_they_are_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (events, sent) = mpsc::channel::<&str>();
    let upstream = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        connection.write_all(head.as_bytes()).unwrap();
        for event in sent {
            connection.write_all(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes()).unwrap();
        }
        connection.write_all(b"0\r\n\r\n").unwrap();
    });
    let world = World::with(|topology| topology["clusters"][0]["url"] = json!(url), &[]);
    let mut client = Wire::open(world.workerd.address());
    client.send("GET /events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
    client.expect("text/event-stream");
    // Each is sent only after the one before has arrived.
    for event in ["data: one\n\n", "data: two\n\n", ": a comment, and nothing else\n\n", "data: three\n\n"] {
        events.send(event).unwrap();
        client.read_until(|seen| unchunked(seen).ends_with(event));
    }
    drop(events);
    client.expect("0\r\n\r\n");
    upstream.join().unwrap();
}

#[test]
fn answers_pass_as_they_are() {
    // The answer of the cluster, the method it answers, and the lines of it that have to arrive.
    let gzip = [&b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"[..], &[0, 1, 2, 255, 254, b'\r', b'\n']].concat();
    let rows: &[(&str, &str, &[&str], &[u8])] = &[
        ("GET", "200 Fine By Me", &["Content-Type: text/plain", "X-A: 1", "X-A: 2"], b"text"),
        ("GET", "200 OK", &["Set-Cookie: a=1; Path=/", "Set-Cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"], b""),
        ("GET", "200 OK", &["Content-Encoding: gzip", "Vary: Accept-Encoding", "ETag: W/\"1\""], &gzip),
        ("GET", "200 OK", &["Content-Encoding: br", "Content-Type: text/plain"], b"no brotli at all"),
        ("GET", "200 OK", &["Cache-Control: public, max-age=600", "Age: 5", "Expires: 0"], b"x"),
        ("GET", "206 Partial Content", &["Content-Range: bytes 4-7/100", "Accept-Ranges: bytes"], b"4567"),
        ("GET", "416 Range Not Satisfiable", &["Content-Range: bytes */100"], b""),
        ("GET", "203 Non-Authoritative", &["Warning: 214 - x"], b"x"),
        ("GET", "418 I'm a teapot", &["Retry-After: 120"], b"short and stout"),
        ("GET", "500 Oops", &["X-Vault-Index: abc="], b"{\"errors\":[]}"),
        ("GET", "599 Whatever", &[], b"x"),
        ("POST", "201 Created", &["Location: /things/1", "Link: </a>; rel=next", "Link: </b>; rel=last"], b"x"),
        ("POST", "202 Accepted", &["WWW-Authenticate: Basic realm=\"a, b\", Bearer"], b""),
    ];
    let upstream = Upstream::start(Manner::Close);
    let world = World::with(
        |topology| {
            topology["clusters"][0]["url"] = json!(upstream.url());
            topology["breaker"] = json!({ "failures": 10_000 });
        },
        &[],
    );
    for (method, status, headers, body) in rows {
        let lines = headers.iter().map(|line| format!("{line}\r\n")).collect::<String>();
        let head = format!("HTTP/1.1 {status}\r\n{lines}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        upstream.set(Manner::Answer([head.as_bytes(), body].concat()));
        let mut client = Wire::open(world.workerd.address());
        client.send(format!("{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
        client.read_until(|seen| {
            seen.windows(4).position(|part| part == b"\r\n\r\n").is_some_and(|end| seen.len() >= end + 4 + body.len())
        });
        let text = client.text();
        assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{text}");
        let lower = text.to_lowercase();
        for line in *headers {
            assert!(lower.contains(&format!("\r\n{}\r\n", line.to_lowercase())), "{line} of {text}");
        }
        assert!(client.seen.ends_with(body), "{status}: {text}");
    }
    // No body, whatever the headers say of one.
    for (method, status, headers) in [
        ("HEAD", "200 OK", "Content-Length: 1234\r\n"),
        ("GET", "304 Not Modified", "ETag: \"1\"\r\n"),
        ("GET", "204 No Content", ""),
        ("DELETE", "204 No Content", "X-A: 1\r\n"),
        ("POST", "205 Reset Content", "Content-Length: 0\r\n"),
    ] {
        upstream.set(Manner::Answer(format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n").into_bytes()));
        let mut client = Wire::open(world.workerd.address());
        client.send(format!("{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
        client.expect("\r\n\r\n");
        let text = client.read_for(Duration::from_millis(100));
        assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")) && text.ends_with("\r\n\r\n"), "{method}: {text}");
        for line in headers.lines() {
            assert!(text.to_lowercase().contains(&line.to_lowercase()), "{method} {status}: {line} of {text}");
        }
    }
}

#[tokio::test]
async fn requests_pass_as_they_are() {
    let world = World::start();
    let request = world.from(FRANKFURT, "GET", "/file").header("range", "bytes=4-7").header("if-range", "\"1\"");
    let request = request.header("accept-encoding", "gzip, br;q=0.1").header("if-none-match", "\"2\"");
    let received = report(request.header("x-vault-index", "abc=").send().await.unwrap()).await;
    for (name, value) in [
        ("range", "bytes=4-7"),
        ("if-range", "\"1\""),
        ("if-none-match", "\"2\""),
        ("accept-encoding", "gzip, br;q=0.1"),
        ("x-vault-index", "abc="),
    ] {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    assert_eq!(received.header("content-length"), None);
}

#[test]
fn a_client_that_waits_to_be_asked_for_its_body_is_served() {
    let world = World::start();
    let script = serde_json::to_string(&Script { body: Content::Digest, ..Script::default() }).unwrap();
    let mut client = Wire::open(world.workerd.address());
    client.send(format!(
        "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n{RESPONSE_HEADER}: {script}\r\n\r\n"
    ));
    // Such a client goes on by itself after a while; most wait for a second.
    client.read_for(Duration::from_millis(500));
    client.send("body");
    client.expect("\"bytes\": 4");
    let text = client.text();
    let last = text.rfind("HTTP/1.1 ").unwrap();
    assert!(text[last..].starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(last == 0 || text.starts_with("HTTP/1.1 100 Continue\r\n\r\n"), "{text}");
    assert_eq!(world.counts(), [1, 0, 0, 0]);
}

/// A frame of a client, whose payload is masked.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    let mask = [0x12, 0x34, 0x56, 0x78];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The first message among the frames of a server, put together from its fragments: its opcode and its payload.
fn message(mut bytes: &[u8]) -> Option<(u8, Vec<u8>)> {
    let (mut opcode, mut payload) = (0, Vec::new());
    loop {
        let first = *bytes.first()?;
        let (start, length) = match *bytes.get(1)? {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
            127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
            length => (2, usize::from(length)),
        };
        payload.extend(bytes.get(start..start + length)?);
        bytes = &bytes[start + length..];
        opcode = opcode.max(first & 15);
        if first & 0x80 != 0 {
            return Some((opcode, payload));
        }
    }
}

#[test]
fn a_web_socket_passes() {
    const TEXT: u8 = 1;
    const BINARY: u8 = 2;
    const CLOSE: u8 = 8;
    let world = World::start();
    let mut client = Wire::open(world.workerd.address());
    client.send(
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    client.expect("\r\n\r\n");
    let head = client.text().to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    assert!(head.contains("x-headroom-cluster: us-east"), "{head}");
    let large = pattern(0, 70_000);
    let rows = [
        (TEXT, "hello, échó".as_bytes(), "text"),
        (TEXT, b"", "nothing"),
        (BINARY, &[0, 255, 13, 10], "bytes"),
        (BINARY, &large[..300], "a length of two bytes"),
        (BINARY, &large[..], "a length of eight bytes"),
        (CLOSE, &[0x0f, 0xa1, b'b', b'y', b'e'], "the end, with a code of the client's own"),
    ];
    for (opcode, payload, what) in rows {
        client.seen.clear();
        client.send(frame(opcode, payload));
        client.read_until(|seen| message(seen).is_some());
        let (received, answer) = message(&client.seen).unwrap();
        assert_eq!(received, opcode, "{what}");
        let payload = if opcode == CLOSE { &payload[..2] } else { payload };
        assert!(answer.starts_with(payload) && (opcode == CLOSE || answer.len() == payload.len()), "{what}");
    }
    // Who asks for no upgrade gets the cluster's refusal.
    let response = world.raw("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(response.starts_with("HTTP/1.1 4"), "{response}");
}

#[tokio::test]
async fn a_thousand_requests_at_once_are_all_answered_right() {
    let world = World::start();
    let script = Script { delay_ms: 300, ..Script::default() };
    let ask = async |number: usize| {
        let (city, method, cluster) = match number % 5 {
            0 => (SYDNEY, "GET", "ap-southeast"),
            1 => (VIRGINIA, "GET", "us-east"),
            2 => (FRANKFURT, "POST", "us-east"),
            _ => (FRANKFURT, "GET", "eu-central"),
        };
        let target = format!("/v1/secret/{number}?n={number}");
        let response = world.from(city, method, &target).script(&script).send().await.unwrap();
        assert_eq!((response.status().as_u16(), route(&response).0.as_str()), (200, cluster), "{target}");
        let received = report(response).await;
        assert_eq!((received.cluster, received.method.as_str(), received.target), (cluster.to_owned(), method, target));
    };
    join_all((0..1_000).map(ask)).await;
    assert_eq!(world.counts(), [400, 400, 200, 0]);
    let mut paths = BTreeMap::new();
    world.clusters.iter().for_each(|cluster| paths.extend(cluster.counts()));
    assert!(paths.len() == 1_000 && paths.values().all(|count| *count == 1), "each arrived once");
    assert!(!contains(world.workerd.log().as_bytes(), b"error"), "{}", world.workerd.log());
}
