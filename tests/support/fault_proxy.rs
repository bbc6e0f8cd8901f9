//! A proxy on loopback that spoils what passes: a peer that is slow, silent, wrong or garbled.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the proxy does with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Passes everything on.
    None,
    /// Answers each request with this status and body, without asking the node.
    Answer(u16, String),
    /// Takes the request and never answers.
    Silence,
    /// Answers a request whose head holds this, in lower case, with 401; passes others on, one for each connection.
    Unauthorised(&'static str),
    /// Passes the request on and cuts the connection instead of answering.
    SwallowAnswer,
    /// Passes on half of the request's body and resets both connections.
    CutRequest,
    /// Passes the request on, and resets the connection in the middle of the answer's body.
    CutAnswer,
    /// Sends bytes that are no HTTP.
    Garbage,
    /// Closes the connection at once.
    Refuse,
}

/// Listens on a port of its own; ends when dropped.
#[derive(Debug)]
pub struct FaultProxy {
    /// Where it listens.
    pub address: SocketAddr,
    fault: watch::Sender<Fault>,
    target: Arc<Mutex<Option<SocketAddr>>>,
    seen: Seen,
    task: JoinHandle<()>,
}

/// The bytes of requests that passed.
type Seen = Arc<Mutex<Vec<u8>>>;

impl FaultProxy {
    /// Starts a proxy in front of `target`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(target: Option<SocketAddr>, fault: Fault) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (fault, current) = watch::channel(fault);
        let target = Arc::new(Mutex::new(target));
        let aim = target.clone();
        let seen = Seen::default();
        let passed = seen.clone();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (mut current, passed) = (current.clone(), passed.clone());
                let fault = current.borrow_and_update().clone();
                let target = *aim.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::spawn(async move {
                    // A spoiled connection ends with an error by design.
                    // A change cuts connections that are kept alive: else the fault would pass them by.
                    tokio::select! {
                        _ = handle(client, target, fault, passed) => {}
                        _ = current.changed() => {}
                    }
                });
            }
        });
        Ok(Self { address, fault, target, seen, task })
    }

    /// Sets the node behind it: a node that is named by the proxy's address starts after the proxy.
    pub fn aim(&self, target: SocketAddr) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = Some(target);
    }

    /// What passed to the node behind it so far, as text.
    #[must_use]
    pub fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Changes what happens to connections from now on.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(mut client: TcpStream, target: Option<SocketAddr>, fault: Fault, seen: Seen) -> Result<()> {
    match fault {
        Fault::None => {
            let Some(target) = target else { return Ok(()) };
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = TcpStream::connect(target).await?.into_split();
            let asked = async {
                let mut chunk = [0_u8; 8192];
                loop {
                    let count = from_client.read(&mut chunk).await?;
                    if count == 0 {
                        return to_server.shutdown().await;
                    }
                    let part = chunk.get(..count).unwrap_or_default();
                    seen.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(part);
                    to_server.write_all(part).await?;
                }
            };
            tokio::try_join!(asked, tokio::io::copy(&mut from_server, &mut to_client))?;
        }
        Fault::Answer(status, body) => {
            read_message(&mut client).await?;
            let answer = format!(
                "HTTP/1.1 {status} Spoiled\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            client.write_all(answer.as_bytes()).await?;
            client.shutdown().await?;
        }
        Fault::Unauthorised(needle) => {
            let request = read_message(&mut client).await?;
            let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
            let answer = if text.split("\r\n\r\n").next().unwrap_or_default().contains(needle) {
                b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec()
            } else {
                let Some(target) = target else { return Ok(()) };
                let mut server = TcpStream::connect(target).await?;
                server.write_all(&request).await?;
                read_message(&mut server).await?
            };
            client.write_all(&answer).await?;
            client.shutdown().await?;
        }
        Fault::Silence => {
            read_message(&mut client).await?;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Fault::SwallowAnswer => {
            let Some(target) = target else { return Ok(()) };
            let request = read_message(&mut client).await?;
            let mut server = TcpStream::connect(target).await?;
            server.write_all(&request).await?;
            // The node's answer is read, so that its work is done, and thrown away.
            let mut answer = [0_u8; 1024];
            let _ = server.read(&mut answer).await?;
        }
        Fault::CutRequest => {
            let Some(target) = target else { return Ok(()) };
            let request = read_message(&mut client).await?;
            let body = request.windows(4).position(|part| part == b"\r\n\r\n").map_or(0, |end| end + 4);
            let half = body + request.len().saturating_sub(body) / 2;
            let mut server = TcpStream::connect(target).await?;
            server.write_all(request.get(..half).unwrap_or_default()).await?;
            // A connection that lingers for no time is reset when it is dropped.
            server.set_zero_linger()?;
            client.set_zero_linger()?;
        }
        Fault::CutAnswer => {
            let Some(target) = target else { return Ok(()) };
            let request = read_message(&mut client).await?;
            let mut server = TcpStream::connect(target).await?;
            server.write_all(&request).await?;
            let answer = read_message(&mut server).await?;
            let status: Vec<u8> = answer.iter().copied().take_while(|byte| *byte != b'\r').collect();
            client.write_all(&[&status[..], b"\r\ncontent-length: 1000\r\n\r\nand then"].concat()).await?;
            client.set_zero_linger()?;
        }
        Fault::Garbage => {
            read_message(&mut client).await?;
            client.write_all(&[0, 159, 146, 150, b'\n', 255, 254, b'\r', b'\n', 7]).await?;
            client.shutdown().await?;
        }
        Fault::Refuse => {}
    }
    Ok(())
}

/// Reads one request or answer, head and body.
async fn read_message(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut chunk = [0_u8; 8192];
    loop {
        let count = stream.read(&mut chunk).await?;
        message.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let text = String::from_utf8_lossy(&message);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return Ok(message);
            }
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:").map(|value| value.trim().parse::<usize>())
            })
            .and_then(Result::ok)
            .unwrap_or(0);
        if body.len() >= length || count == 0 {
            return Ok(message);
        }
    }
}
