//! A peer with people and keys that answers what a test tells it to, byte for byte.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::Result;
use corridor_federation::signature::{KeyKind, PrivateKey};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Where the answer to what is sent lies among the pages.
const POSTS: &str = "POST";

type Pages = Arc<Mutex<HashMap<String, Vec<u8>>>>;
type Hits = Arc<Mutex<Vec<(String, String)>>>;

/// Made once: making keys would be most of the time that the tests take.
static KEYS: OnceLock<[PrivateKey; 2]> = OnceLock::new();

fn keys() -> [PrivateKey; 2] {
    let make = || PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    KEYS.get_or_init(|| [make(), make()]).clone()
}

/// The people there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Ann,
    Bob,
}

impl Who {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ann => "ann",
            Self::Bob => "bob",
        }
    }
}

/// Stops when dropped.
#[derive(Debug)]
pub struct Peer {
    pub authority: String,
    /// `http`, unless a test says otherwise.
    pub scheme: &'static str,
    keys: [PrivateKey; 2],
    pages: Pages,
    hits: Hits,
    connections: Arc<AtomicUsize>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Peer {
    pub async fn start() -> Result<Self> {
        Self::named("127.0.0.1", "http").await
    }

    /// One that calls itself by this host; it listens on loopback all the same.
    pub async fn named(host: &str, scheme: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let authority = format!("{host}:{}", listener.local_addr()?.port());
        let (pages, hits) = (Pages::default(), Hits::default());
        let (served, counted) = (pages.clone(), hits.clone());
        let connections = Arc::new(AtomicUsize::new(0));
        let came = connections.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                came.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(answer(stream, served.clone(), counted.clone()));
            }
        });
        let peer = Self { authority, scheme, keys: keys(), pages, hits, connections, server };
        for who in [Who::Ann, Who::Bob] {
            peer.put(&format!("/users/{}", who.name()), document(&peer.person(who)?));
        }
        Ok(peer)
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.authority)
    }

    pub fn uri(&self, who: Who) -> String {
        self.at(&format!("/users/{}", who.name()))
    }

    pub fn key_id(&self, who: Who) -> String {
        format!("{}#main-key", self.uri(who))
    }

    pub fn key(&self, who: Who) -> &PrivateKey {
        &self.keys[who as usize]
    }

    /// Gives a person another key, and shows it.
    pub fn rotate(&mut self, who: Who) -> Result<()> {
        self.keys[who as usize] = PrivateKey::generate(KeyKind::Rsa2048)?;
        self.put(&format!("/users/{}", who.name()), document(&self.person(who)?));
        Ok(())
    }

    /// What a path answers, all of it.
    pub fn put(&self, path: &str, answer: Vec<u8>) {
        self.pages.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// What every inbox here answers from now on; without it they say 202.
    pub fn answers_posts(&self, answer: Vec<u8>) {
        self.put(POSTS, answer);
    }

    /// What inboxes here answer to whatever holds these words; to all else what they did before.
    pub fn answers_posts_with(&self, words: &str, answer: Vec<u8>) {
        self.put(&format!("{POSTS} {words}"), answer);
    }

    /// How often a path was asked for.
    pub fn hits(&self, path: &str) -> usize {
        self.hits.lock().unwrap().iter().filter(|(hit, _)| hit == path).count()
    }

    /// All that was asked for.
    pub fn all_hits(&self) -> Vec<String> {
        self.hits.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }

    /// All that was sent here, to any inbox.
    pub fn posted(&self) -> Vec<String> {
        self.hits.lock().unwrap().iter().map(|(_, body)| body.clone()).filter(|body| !body.is_empty()).collect()
    }

    /// How often somebody connected, whatever they said then.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// A person as Mastodon shows them.
    pub fn person(&self, who: Who) -> Result<Value> {
        let uri = self.uri(who);
        Ok(json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": uri,
            "type": "Person",
            "inbox": format!("{uri}/inbox"),
            "outbox": format!("{uri}/outbox"),
            "followers": format!("{uri}/followers"),
            "following": format!("{uri}/following"),
            "preferredUsername": who.name(),
            "name": who.name(),
            "publicKey": {
                "id": self.key_id(who),
                "owner": uri,
                "publicKeyPem": self.key(who).public_key()?.to_pem()?,
            },
            "endpoints": { "sharedInbox": self.at("/inbox") },
        }))
    }

    /// A public post of someone there.
    pub fn note(&self, who: Who, name: &str) -> Value {
        json!({
            "id": self.at(&format!("/posts/{name}")),
            "type": "Note",
            "attributedTo": self.uri(who),
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [],
            "content": format!("<p>{name}</p>"),
            "published": "2026-01-01T00:00:00Z",
        })
    }
}

/// A good answer.
pub fn document(value: &Value) -> Vec<u8> {
    page("200 OK", &["Content-Type: application/activity+json"], value.to_string().as_bytes())
}

/// An answer with these headers.
pub fn page(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

fn to_post(pages: &HashMap<String, Vec<u8>>, body: &str) -> Option<Vec<u8>> {
    let fits = |key: &str| {
        key.strip_prefix(POSTS).and_then(|key| key.strip_prefix(' ')).is_some_and(|words| body.contains(words))
    };
    let found = pages.iter().find(|(key, _)| fits(key)).map(|(_, answer)| answer);
    found.or_else(|| pages.get(POSTS)).cloned()
}

async fn answer(mut stream: TcpStream, pages: Pages, hits: Hits) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let whole = |request: &[u8]| {
        let text = String::from_utf8_lossy(request).to_ascii_lowercase();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        (body.len() >= length.unwrap_or(0)).then_some(())
    };
    while whole(&request).is_none() {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let mut words = text.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().to_owned());
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    let found = match method {
        "POST" => to_post(&pages.lock().unwrap(), &body),
        _ => pages.lock().unwrap().get(&path).cloned(),
    };
    hits.lock().unwrap().push((path, body));
    let reply = match (method, found) {
        ("POST", None) => page("202 Accepted", &[], b""),
        (_, Some(reply)) => reply,
        _ => page("404 Not Found", &[], b""),
    };
    let is_marked = |mark: &[u8]| reply.windows(mark.len()).any(|window| window == mark);
    if is_marked(b"X-Drip: head") {
        return drip(&mut stream, &reply).await;
    }
    if is_marked(b"X-Drip: body") {
        let body = reply.windows(4).position(|part| part == b"\r\n\r\n").map_or(0, |end| end + 4);
        let _ = stream.write_all(&reply[..body]).await;
        return drip(&mut stream, &reply[body..]).await;
    }
    let _ = stream.write_all(&reply).await;
    if is_marked(b"X-Reset: 1") {
        // Dropped without lingering, the connection is reset.
        let _ = stream.set_zero_linger();
    }
    if is_marked(b"X-Hold: 1") {
        // Says no more, until the other side gives up.
        let _ = stream.read(&mut buffer).await;
    }
}

/// One byte a second, until the other side gives up.
async fn drip(stream: &mut TcpStream, bytes: &[u8]) {
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
