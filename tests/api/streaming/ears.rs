//! Clients that listen: to server-sent events, and over a WebSocket.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use corridor_tests::TestNode;
use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Longer than anything takes here; what never comes must not hang the tests.
const AT_MOST: Duration = Duration::from_secs(30);

/// An event as a client reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub name: String,
    pub data: String,
    /// What a WebSocket says beside it; null for server-sent events.
    pub stream: Value,
}

impl Heard {
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.data).with_context(|| format!("{self:?} is no JSON"))
    }

    /// Its name, and the id of what it is about.
    pub fn what(&self) -> Result<(String, String)> {
        let id = match self.json()? {
            // A conversation is told because of its last post.
            Value::Object(entity) if self.name == "conversation" => {
                entity["last_status"]["id"].as_str().context("a conversation has a last post")?.to_owned()
            }
            Value::Object(entity) => entity["id"].as_str().context("an entity has an id")?.to_owned(),
            id => id.to_string(),
        };
        Ok((self.name.clone(), id))
    }
}

/// Listens to server-sent events until it is dropped.
#[derive(Debug)]
pub struct Ear {
    heard: mpsc::UnboundedReceiver<Heard>,
    /// Heartbeats so far.
    thumps: mpsc::UnboundedReceiver<()>,
    task: JoinHandle<()>,
}

/// A request for a stream.
pub fn ask(base: &str, path: &str, token: Option<&str>) -> Result<RequestBuilder> {
    let request = Client::builder().no_proxy().build()?.get(format!("{base}/api/v1/streaming{path}"));
    Ok(match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    })
}

impl Ear {
    pub async fn open(node: &TestNode, path: &str, token: &str) -> Result<Self> {
        Self::listen(ask(&node.at(""), path, Some(token))?).await
    }

    /// Answers when the stream is open: everything that happens from then on is heard.
    pub async fn listen(request: RequestBuilder) -> Result<Self> {
        let response = request.send().await?;
        ensure!(response.status() == StatusCode::OK, "{}: {}", response.status(), response.text().await?);
        let kind = response.headers().get("content-type").context("a type")?.to_str()?.to_owned();
        ensure!(kind == "text/event-stream", "{kind}");
        ensure!(response.headers().get("content-encoding").is_none(), "it would be held back");
        let (hear, heard) = mpsc::unbounded_channel();
        let (thump, thumps) = mpsc::unbounded_channel();
        let mut body = response.bytes_stream();
        let task = tokio::spawn(async move {
            let mut text = String::new();
            while let Some(Ok(part)) = body.next().await {
                text.push_str(&String::from_utf8_lossy(&part));
                while let Some((block, rest)) = text.split_once("\n\n") {
                    let sent = match read(block) {
                        Some(event) => hear.send(event).is_ok(),
                        None => thump.send(()).is_ok(),
                    };
                    if !sent {
                        return;
                    }
                    text = rest.to_owned();
                }
            }
        });
        let mut ear = Self { heard, thumps, task };
        ear.thump().await?;
        Ok(ear)
    }

    pub async fn next(&mut self) -> Result<Heard> {
        let next = tokio::time::timeout(AT_MOST, self.heard.recv()).await.context("nothing is heard")?;
        next.context("the stream has ended")
    }

    pub async fn thump(&mut self) -> Result<()> {
        tokio::time::timeout(AT_MOST, self.thumps.recv()).await.context("no heartbeat")?.context("the stream has ended")
    }

    /// Waits for the end; what was heard until then.
    pub async fn end(&mut self) -> Result<Vec<Heard>> {
        let mut all = Vec::new();
        while let Some(heard) = tokio::time::timeout(AT_MOST, self.heard.recv()).await.context("it does not end")? {
            all.push(heard);
        }
        Ok(all)
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An event; nothing for a comment.
fn read(block: &str) -> Option<Heard> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    Some(Heard { name: field("event: ")?, data: field("data: ").unwrap_or_default(), stream: Value::Null })
}

/// A WebSocket as a client without a library has it.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The head of the answer to the handshake.
    pub head: String,
}

/// What came over a WebSocket.
#[derive(Debug, PartialEq)]
pub enum Frame {
    Text(String),
    Ping,
    /// With its code.
    Close(u16),
    /// The connection is gone.
    Gone,
}

impl Socket {
    /// Opens `path` (with its query) with further header lines; whatever is answered.
    pub async fn try_open(node: &TestNode, path: &str, headers: &[(&str, &str)]) -> Result<Self> {
        let address = (node.url.host_str().context("a host")?.to_owned(), node.url.port().context("a port")?);
        let mut stream = TcpStream::connect(address).await?;
        let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{more}\r\n",
            node.authority
        );
        stream.write_all(request.as_bytes()).await?;
        let mut socket = Self { stream, buffer: Vec::new(), head: String::new() };
        while !socket.buffer.windows(4).any(|window| window == b"\r\n\r\n") {
            ensure!(socket.fill().await?, "no answer to the handshake");
        }
        let end = socket.buffer.windows(4).position(|window| window == b"\r\n\r\n").context("a head")? + 4;
        let head: Vec<u8> = socket.buffer.drain(..end).collect();
        socket.head = String::from_utf8_lossy(&head).to_lowercase();
        Ok(socket)
    }

    pub async fn open(node: &TestNode, query: &str, headers: &[(&str, &str)]) -> Result<Self> {
        let socket = Self::try_open(node, &format!("/api/v1/streaming{query}"), headers).await?;
        ensure!(socket.head.starts_with("http/1.1 101"), "{}", socket.head);
        Ok(socket)
    }

    async fn fill(&mut self) -> Result<bool> {
        let mut part = [0; 4096];
        let count = tokio::time::timeout(AT_MOST, self.stream.read(&mut part)).await.context("nothing comes")??;
        self.buffer.extend_from_slice(&part[..count]);
        Ok(count > 0)
    }

    /// The next frame, whole. Nodes send no frames in parts and none that is masked.
    pub async fn frame(&mut self) -> Result<Frame> {
        loop {
            if let Some(frame) = self.take()? {
                return Ok(frame);
            }
            if !self.fill().await? {
                return Ok(Frame::Gone);
            }
        }
    }

    fn take(&mut self) -> Result<Option<Frame>> {
        let Some([first, second]) = self.buffer.get(..2) else { return Ok(None) };
        let (kind, short) = (first & 0x0f, usize::from(second & 0x7f));
        let (skip, length) = match short {
            126 => match self.buffer.get(2..4) {
                Some(bytes) => (4, usize::from(u16::from_be_bytes(bytes.try_into()?))),
                None => return Ok(None),
            },
            127 => match self.buffer.get(2..10) {
                Some(bytes) => (10, usize::try_from(u64::from_be_bytes(bytes.try_into()?))?),
                None => return Ok(None),
            },
            short => (2, short),
        };
        if self.buffer.len() < skip + length {
            return Ok(None);
        }
        let body: Vec<u8> = self.buffer.drain(..skip + length).skip(skip).collect();
        Ok(Some(match kind {
            1 => Frame::Text(String::from_utf8(body)?),
            9 => Frame::Ping,
            8 => Frame::Close(body.get(..2).map_or(Ok(0), |code| code.try_into().map(u16::from_be_bytes))?),
            other => bail!("a frame of the kind {other}"),
        }))
    }

    /// The next message, as JSON; pings are answered.
    pub async fn message(&mut self) -> Result<Value> {
        loop {
            match self.frame().await? {
                Frame::Text(text) => return Ok(serde_json::from_str(&text)?),
                Frame::Ping => self.send(10, b"").await?,
                other => bail!("{other:?} instead of a message"),
            }
        }
    }

    /// The next message, which is an event.
    pub async fn event(&mut self) -> Result<Heard> {
        let message = self.message().await?;
        let name = message["event"].as_str().with_context(|| format!("no event: {message}"))?.to_owned();
        let data = message["payload"].as_str().unwrap_or_default().to_owned();
        Ok(Heard { name, data, stream: message["stream"].clone() })
    }

    /// Says something to the node. The mask is zero, which leaves the bytes as they are.
    pub async fn send(&mut self, kind: u8, body: &[u8]) -> Result<()> {
        let mut frame = vec![0x80 | kind];
        match u8::try_from(body.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&u16::try_from(body.len())?.to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(body);
        Ok(self.stream.write_all(&frame).await?)
    }

    pub async fn say(&mut self, message: &Value) -> Result<()> {
        self.send(1, message.to_string().as_bytes()).await
    }

    /// Subscribes, and makes sure that the node has heard it: what it says to nonsense comes after.
    pub async fn subscribe(&mut self, message: &Value) -> Result<()> {
        self.say(message).await?;
        self.say(&json!({ "type": "subscribe", "stream": "nonsense" })).await?;
        let said = self.message().await?;
        ensure!(said["error"] == "Unknown channel requested", "{message} was answered with {said}");
        Ok(())
    }
}
