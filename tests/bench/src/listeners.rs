//! Clients of open streams, as lean as the driver: they note when an event with a number comes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::load;

/// What the text of a numbered post begins with.
pub const MARK: &str = "figure-";
/// Longest wait for an event, or for a stream to open.
const PATIENCE: Duration = Duration::from_secs(60);
/// Streams that are opened at the same time.
const OPENING: usize = 32;
/// What a client says to a ping: empty, with a mask, as clients must.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// How a stream comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Server-sent events.
    Events,
    /// A WebSocket.
    Socket,
}

/// Open streams. They end with the value.
pub struct Listeners {
    sender: UnboundedSender<(usize, Instant)>,
    heard: UnboundedReceiver<(usize, Instant)>,
    tasks: JoinSet<Result<()>>,
}

impl Listeners {
    /// None yet.
    #[must_use]
    pub fn none() -> Self {
        let (sender, heard) = unbounded_channel();
        Self { sender, heard, tasks: JoinSet::new() }
    }

    /// Opens one stream for each of these requests, and waits until all are open.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn open(&mut self, to: SocketAddr, kind: Kind, requests: Vec<Vec<u8>>) -> Result<()> {
        for some in requests.chunks(OPENING) {
            let opening = some.iter().map(|request| Client::connect(to, kind, request));
            let opened = futures_util::future::try_join_all(opening);
            for client in tokio::time::timeout(PATIENCE, opened).await.context("a stream does not open")?? {
                self.tasks.spawn(client.listen(self.sender.clone()));
            }
        }
        Ok(())
    }

    /// When each stream heard of a number, the first one first; waits until all have.
    ///
    /// # Errors
    /// When one doesn't, or ended.
    pub async fn all_heard(&mut self, number: usize) -> Result<Vec<Instant>> {
        let (all, mut moments) = (self.tasks.len(), Vec::with_capacity(self.tasks.len()));
        while moments.len() < all {
            let next = tokio::select! {
                next = tokio::time::timeout(PATIENCE, self.heard.recv()) => next.ok().flatten(),
                Some(ended) = self.tasks.join_next() => bail!("a stream ended: {ended:?}"),
            };
            let (told, at) = next.with_context(|| format!("{} of {all} streams told of {number}", moments.len()))?;
            ensure!(told == number, "a stream told of {told} instead of {number}");
            moments.push(at);
        }
        moments.sort_unstable();
        Ok(moments)
    }
}

/// The bytes of a request for a stream.
#[must_use]
pub fn request(to: SocketAddr, kind: Kind, path: &str, token: Option<&str>) -> Vec<u8> {
    let mut headers: Vec<(&str, String)> = Vec::new();
    headers.extend(token.map(|token| ("authorization", format!("Bearer {token}"))));
    if kind == Kind::Socket {
        // The key of RFC 6455's example: what the server makes of it is not looked at here.
        let key = "dGhlIHNhbXBsZSBub25jZQ==".to_owned();
        headers.extend([("connection", "Upgrade".to_owned()), ("upgrade", "websocket".to_owned())]);
        headers.extend([("sec-websocket-version", "13".to_owned()), ("sec-websocket-key", key)]);
    }
    let headers: Vec<(String, String)> = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    load::request("GET", to, path, &headers, b"")
}

struct Client {
    kind: Kind,
    stream: TcpStream,
    buffer: Vec<u8>,
    last: Option<usize>,
}

impl Client {
    /// Comes back when the stream is open.
    async fn connect(to: SocketAddr, kind: Kind, request: &[u8]) -> Result<Self> {
        let mut stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        stream.write_all(request).await?;
        let mut client = Self { kind, stream, buffer: Vec::with_capacity(1024), last: None };
        let (status, opened): (&[u8], &[u8]) = match kind {
            Kind::Events => (b" 200 ", b":thump\n\n"),
            Kind::Socket => (b" 101 ", b"\r\n\r\n"),
        };
        let end = loop {
            if let Some(at) = find(&client.buffer, opened) {
                break at + opened.len();
            }
            if client.stream.read_buf(&mut client.buffer).await? == 0 {
                bail!("a stream was not opened: {}", String::from_utf8_lossy(&client.buffer));
            }
        };
        let head = client.buffer.get(..end).unwrap_or_default();
        ensure!(find(head, status) == Some(8), "a stream was refused: {}", String::from_utf8_lossy(head));
        client.buffer.drain(..end);
        Ok(client)
    }

    async fn listen(mut self, heard: UnboundedSender<(usize, Instant)>) -> Result<()> {
        loop {
            while self.take(&heard).await? {}
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("it was closed");
            }
        }
    }

    /// Takes one whole event from the buffer; `false` when there is none.
    async fn take(&mut self, heard: &UnboundedSender<(usize, Instant)>) -> Result<bool> {
        let (text, length, is_ping) = match self.kind {
            // JSON has no line breaks, and each event is sent as one chunk.
            Kind::Events => match find(&self.buffer, b"\n\n") {
                Some(end) => (0..end, end + 2, false),
                None => return Ok(false),
            },
            Kind::Socket => match frame(&self.buffer)? {
                Some((code, text)) => (text.clone(), text.end, code == 9),
                None => return Ok(false),
            },
        };
        let number = self.buffer.get(text).and_then(number);
        if let Some(number) = number.filter(|number| self.last != Some(*number)) {
            self.last = Some(number);
            heard.send((number, Instant::now()))?;
        }
        self.buffer.drain(..length);
        if is_ping {
            self.stream.write_all(&PONG).await?;
        }
        Ok(true)
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The number that follows the mark.
fn number(text: &[u8]) -> Option<usize> {
    let after = text.get(find(text, MARK.as_bytes())? + MARK.len()..)?;
    let digits = after.iter().take_while(|letter| letter.is_ascii_digit()).count();
    std::str::from_utf8(after.get(..digits)?).ok()?.parse().ok()
}

/// A whole frame of a server (RFC 6455, section 5.2), without a mask: its code, and where its payload stands.
fn frame(bytes: &[u8]) -> Result<Option<(u8, std::ops::Range<usize>)>> {
    let (Some(first), Some(second)) = (bytes.first(), bytes.get(1)) else { return Ok(None) };
    let code = first & 0x0f;
    ensure!(code != 8, "the node closed a WebSocket: {}", String::from_utf8_lossy(bytes.get(4..).unwrap_or_default()));
    let longer = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let start = 2 + longer;
    let Some(length) = bytes.get(2..start) else { return Ok(None) };
    let said = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
    let end = start + if longer == 0 { usize::from(second & 0x7f) } else { said };
    Ok((bytes.len() >= end).then_some((code, start..end)))
}
