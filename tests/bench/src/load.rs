//! A lean HTTP/1.1 driver: keep-alive connections that send prepared bytes and read whole answers.
//!
//! A full client would cost more than the handlers it measures and so hide what they cost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a run measured.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Answers in a second.
    pub per_second: f64,
    /// Half of the answers came within this.
    pub p50: Duration,
    /// 99 of 100 answers came within this.
    pub p99: Duration,
}

/// Sends requests over `connections` for `span`. `requests` are taken round and round, or each once when `once`.
///
/// # Errors
/// When an answer is not 2xx: a figure for refusals would be no figure.
pub async fn run(
    to: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
    connections: usize,
    span: Duration,
    once: bool,
) -> Result<Measured> {
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (requests, next) = (requests.clone(), next.clone());
        tasks.push(tokio::spawn(async move { connection(to, &requests, &next, start, span, once).await }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let elapsed = start.elapsed();
    ensure!(!times.is_empty(), "nothing was answered");
    times.sort_unstable();
    let at = |part: usize| times.get(times.len().saturating_sub(1) * part / 100).copied().unwrap_or_default();
    Ok(Measured { per_second: times.len() as f64 / elapsed.as_secs_f64(), p50: at(50), p99: at(99) })
}

async fn connection(
    to: SocketAddr,
    requests: &[Vec<u8>],
    next: &AtomicUsize,
    start: Instant,
    span: Duration,
    once: bool,
) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut times = Vec::new();
    while start.elapsed() < span {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if once && index >= requests.len() {
            break;
        }
        let request = requests.get(index % requests.len()).context("there are requests")?;
        let begin = Instant::now();
        stream.write_all(request).await?;
        let status = read_answer(&mut stream, &mut buffer).await?;
        if !(200..300).contains(&status) {
            bail!("answered {status}: {}", String::from_utf8_lossy(&buffer).chars().take(600).collect::<String>());
        }
        times.push(begin.elapsed());
    }
    Ok(times)
}

/// Reads one answer into `buffer`; its status.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<u16> {
    buffer.clear();
    let mut wanted = None;
    loop {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the connection was closed");
        }
        if wanted.is_none() {
            wanted = whole_length(buffer)?;
        }
        if wanted.is_some_and(|length| buffer.len() >= length) {
            let status = buffer.get(9..12).context("no status")?;
            return Ok(std::str::from_utf8(status)?.parse()?);
        }
    }
}

fn whole_length(buffer: &[u8]) -> Result<Option<usize>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(buffer.get(..end).unwrap_or_default())?;
    let length = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.trim().parse::<usize>())
        .transpose()?
        .unwrap_or(0);
    Ok(Some(end + 4 + length))
}

/// One request and the body of its answer.
///
/// # Errors
/// When it is not answered with 2xx.
pub async fn fetch(to: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(to).await?;
    stream.write_all(request).await?;
    let mut buffer = Vec::new();
    let status = read_answer(&mut stream, &mut buffer).await?;
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n").context("no end of head")? + 4;
    let body = buffer.split_off(end);
    ensure!((200..300).contains(&status), "answered {status}: {}", String::from_utf8_lossy(&body));
    Ok(body)
}

/// The bytes of a request.
#[must_use]
pub fn request(method: &str, to: SocketAddr, path: &str, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head += &format!("host: {to}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() || method == "POST" {
        head += &format!("content-length: {}\r\n", body.len());
    }
    head += "\r\n";
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
