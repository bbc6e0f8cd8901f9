//! A running node, a peer that it allows, and requests of that peer that a test spoils.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use corridor_app::{accounts, queue};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_federation::signature::{Form, PrivateKey, RequestView, digest, http_date, sign};
use corridor_server::node::Setup;
use corridor_tests::{FrontDoor, Kind, TestNode, eventually, text};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::peer::{Peer, Who};
use super::state::{changed, state};

const KIND: &str = "application/activity+json";
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A request, header by header.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn first(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(0, (name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// The head, with the length that it states.
    pub fn head(&self, length: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !length.is_empty() {
            head.push_str(&format!("{length}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn bytes(&self) -> Vec<u8> {
        let length = if self.method == "POST" { format!("Content-Length: {}", self.body.len()) } else { String::new() };
        [self.head(&length), self.body.clone()].concat()
    }
}

/// What a node answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }
}

/// An open connection to the node.
#[derive(Debug)]
pub struct Wire(TcpStream);

impl Wire {
    pub async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        // The node may refuse and close before it has read everything.
        let _ = self.0.write_all(bytes).await;
        Ok(())
    }

    /// Ends the connection at once, with a reset.
    pub fn reset(self) -> Result<()> {
        Ok(self.0.set_zero_linger()?)
    }

    /// One answer; the connection stays open where the node leaves it open.
    pub async fn answer(&mut self) -> Result<Answer> {
        let mut read = Vec::new();
        let mut buffer = [0; 8192];
        loop {
            let text = String::from_utf8_lossy(&read).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.to_ascii_lowercase();
                let length = length.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    let status = head.split(' ').nth(1).context("no status")?.parse()?;
                    return Ok(Answer {
                        status,
                        head: head.to_owned(),
                        body: serde_json::from_str(body).unwrap_or(Value::Null),
                    });
                }
            }
            let count = self.0.read(&mut buffer).await?;
            ensure!(count > 0, "the connection ended after {text}");
            read.extend_from_slice(&buffer[..count]);
        }
    }
}

/// A node, the peer it allows, and Asha on the node.
#[derive(Debug)]
pub struct Scene {
    pub node: TestNode,
    pub peer: Peer,
    pub asha: FrontDoor,
    pub asha_uri: String,
}

impl Scene {
    pub async fn on(kind: Kind) -> Result<Self> {
        Self::with(kind, |_| {}).await
    }

    /// Ann and Bob are known here already, so that nothing that comes later is a first contact.
    pub async fn with(kind: Kind, change: impl FnOnce(&mut Setup)) -> Result<Self> {
        Self::between(TestNode::start_with(kind, change).await?, Peer::start().await?).await
    }

    /// The same with a node and a peer that are there already.
    pub async fn between(node: TestNode, peer: Peer) -> Result<Self> {
        let authority = Authority::parse_with(&peer.authority, Policy::loopback())?;
        node.allow(&authority, node.ctx.settings.scheme.highest()).await?;
        let asha = node.person("asha").await?;
        let viewer = accounts::viewer_by_username(&node.ctx, "asha").await?;
        let asha_uri = node.ctx.settings.addresses.federation_url(&format!("/actors/{}", viewer.id));
        let scene = Self { node, peer, asha, asha_uri };
        for who in [Who::Ann, Who::Bob] {
            let hello = scene.activity(who, "View", "hello", json!({ "object": scene.asha_uri }));
            scene.takes(&scene.signed(who, &hello)?).await?;
        }
        Ok(scene)
    }

    /// An activity of someone at the peer.
    pub fn activity(&self, who: Who, kind: &str, name: &str, rest: Value) -> Value {
        let uri = self.peer.uri(who);
        let mut activity = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{uri}#{kind}/{name}"),
            "type": kind,
            "actor": uri,
        });
        activity.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        activity
    }

    /// A new public post that names Asha, so that it is kept here.
    pub fn create(&self, who: Who, name: &str) -> Value {
        self.creates(who, name, json!({}))
    }

    /// The same with other fields in the post.
    pub fn creates(&self, who: Who, name: &str, rest: Value) -> Value {
        let mut note = self.peer.note(who, name);
        note["cc"] = json!([self.asha_uri]);
        note.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        self.activity(who, "Create", name, json!({ "to": note["to"], "cc": note["cc"], "object": note }))
    }

    pub fn signed(&self, who: Who, activity: &Value) -> Result<Request> {
        self.signed_bytes(who, activity.to_string().as_bytes())
    }

    pub fn signed_bytes(&self, who: Who, body: &[u8]) -> Result<Request> {
        self.signed_as(who, &self.peer.key_id(who), self.node.authority.as_str(), body)
    }

    /// Signed by this key under this id, for this host.
    pub fn signed_as(&self, who: Who, key_id: &str, host: &str, body: &[u8]) -> Result<Request> {
        self.signed_to("/inbox", who, key_id, host, body)
    }

    /// Signed by someone at another peer than the scene's.
    pub fn signed_by(&self, peer: &Peer, who: Who, host: &str, body: &[u8]) -> Result<Request> {
        self.signed_with(peer.key(who), "/inbox", &peer.key_id(who), host, body)
    }

    /// The same for another path.
    pub fn signed_to(&self, path: &str, who: Who, key_id: &str, host: &str, body: &[u8]) -> Result<Request> {
        self.signed_with(self.peer.key(who), path, key_id, host, body)
    }

    fn signed_with(&self, key: &PrivateKey, path: &str, key_id: &str, host: &str, body: &[u8]) -> Result<Request> {
        let url = Url::parse(&format!("http://{host}{path}"))?;
        let view = RequestView::to_url("POST", &url).with_header("content-type", KIND);
        let now = self.node.ctx.now().millis();
        let headers = sign(Form::Cavage, &view, Some(body), key_id, key, now)?;
        let mut headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        headers.push(("content-type".to_owned(), KIND.to_owned()));
        Ok(Request { method: "POST", path: path.to_owned(), headers, body: body.to_vec() })
    }

    /// A GET signed by someone at the peer.
    pub fn asks(&self, who: Who, path: &str) -> Result<Request> {
        let url = Url::parse(&self.node.at(path))?;
        let now = self.node.ctx.now().millis();
        let view = RequestView::to_url("GET", &url);
        let headers = sign(Form::Cavage, &view, None, &self.peer.key_id(who), self.peer.key(who), now)?;
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let request = Request { method: "GET", path: path.to_owned(), headers, body: Vec::new() };
        Ok(request.and("accept", KIND))
    }

    /// Signed by hand by Ann over these parts alone, with these moments in the signature.
    pub fn signed_over(&self, covered: &str, date: &str, created: &str, expires: &str, body: &[u8]) -> Result<Request> {
        let host = self.node.authority.to_string();
        let value_of = |name: &str| match name {
            "(request-target)" => "post /inbox".to_owned(),
            "(created)" => created.to_owned(),
            "(expires)" => expires.to_owned(),
            "host" => host.clone(),
            "date" => date.to_owned(),
            "digest" => digest(body),
            _ => KIND.to_owned(),
        };
        let lines: Vec<String> = covered.split(' ').map(|name| format!("{name}: {}", value_of(name))).collect();
        let signature = STANDARD.encode(self.peer.key(Who::Ann).sign(lines.join("\n").as_bytes())?);
        let key_id = self.peer.key_id(Who::Ann);
        let mut value =
            format!("keyId=\"{key_id}\",algorithm=\"hs2019\",headers=\"{covered}\",signature=\"{signature}\"");
        for (name, moment) in [("created", created), ("expires", expires)] {
            if !moment.is_empty() {
                value.push_str(&format!(",{name}={moment}"));
            }
        }
        let mut headers = vec![("host", host.clone()), ("digest", digest(body)), ("content-type", KIND.to_owned())];
        if !date.is_empty() {
            headers.push(("date", date.to_owned()));
        }
        headers.push(("signature", value));
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Request { method: "POST", path: "/inbox".to_owned(), headers, body: body.to_vec() })
    }

    /// Now and so many seconds later, as a header and as a number.
    pub fn moment(&self, later: i64) -> (String, i64) {
        let millis = self.node.ctx.now().millis() + later * 1000;
        (http_date(millis).unwrap(), millis / 1000)
    }

    pub async fn wire(&self) -> Result<Wire> {
        Ok(Wire(TcpStream::connect(self.node.authority.as_str()).await?))
    }

    pub async fn send(&self, request: &Request) -> Result<Answer> {
        let mut wire = self.wire().await?;
        wire.send(&request.bytes()).await?;
        wire.answer().await
    }

    /// On a connection that is open already.
    pub async fn send_on(&self, wire: &mut Wire, request: &Request) -> Result<Answer> {
        wire.send(&request.bytes()).await?;
        wire.answer().await
    }

    /// Sends what is fine.
    pub async fn takes(&self, request: &Request) -> Result<()> {
        let answer = self.send(request).await?;
        ensure!(answer.status == 202, "{answer:?} for {}", String::from_utf8_lossy(&request.body));
        Ok(())
    }

    /// Sends an activity that is fine.
    pub async fn receives(&self, who: Who, activity: &Value) -> Result<()> {
        self.takes(&self.signed(who, activity)?).await
    }

    /// Waits until the node has worked out what it owes to whom.
    pub async fn settles(&self) -> Result<()> {
        eventually("the node has worked off its events", || async {
            Ok((queue::overview(&self.node.ctx).await?.events_waiting == 0).then_some(()))
        })
        .await
    }

    /// Waits until the peer has all that is owed to it.
    pub async fn delivers(&self) -> Result<()> {
        self.settles().await?;
        eventually("the peer has everything", || async {
            let queue = queue::overview(&self.node.ctx).await?;
            Ok(queue.peers.iter().all(|peer| peer.pending == 0).then_some(()))
        })
        .await
    }

    /// Each is refused with its status and code, and changes nothing.
    pub async fn refuses(&self, tries: Vec<(&str, Request, (u16, &str))>) -> Result<()> {
        let mut wrong = Vec::new();
        for (what, request, wanted) in tries {
            self.settles().await?;
            let before = state(self.node.database())?;
            let answer = self.send(&request).await.with_context(|| what.to_owned())?;
            let touched = changed(&before, &state(self.node.database())?);
            if answer.code() != wanted || !touched.is_empty() {
                wrong.push(format!(
                    "{what}: {:?} {} instead of {wanted:?}, changed: {touched:?}",
                    answer.code(),
                    answer.body
                ));
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    /// Each is taken in and noted as received, and has no effect.
    pub async fn ignores(&self, tries: Vec<(&str, Request)>) -> Result<()> {
        let mut wrong = Vec::new();
        for (what, request) in tries {
            self.settles().await?;
            let before = state(self.node.database())?;
            let answer = self.send(&request).await.with_context(|| what.to_owned())?;
            let mut touched = changed(&before, &state(self.node.database())?);
            touched.retain(|table| table != "received_activities");
            if answer.status != 202 || !touched.is_empty() {
                wrong.push(format!("{what}: {:?} {}, changed: {touched:?}", answer.code(), answer.body));
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    /// What Asha finds under an address, asking the peer for it.
    pub async fn looks_up(&self, address: &str) -> Result<Value> {
        let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        let path = format!("/api/v2/search?resolve=true&q={query}");
        Ok(self.asha.try_call(reqwest::Method::GET, &path, None).await?.1)
    }

    /// The post of the peer of that name, as Asha sees it.
    pub async fn post(&self, name: &str) -> Result<Value> {
        let found = self.looks_up(&self.peer.at(&format!("/posts/{name}"))).await?;
        found["statuses"].get(0).cloned().with_context(|| format!("no post {name}: {found}"))
    }

    /// Asha follows Ann, who agrees.
    pub async fn asha_follows_ann(&self) -> Result<()> {
        let id = self.ann_here().await?;
        self.asha.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await?;
        eventually("the Follow arrives", || async {
            Ok((self.peer.hits("/users/ann/inbox") + self.peer.hits("/inbox") > 0).then_some(()))
        })
        .await?;
        let object = json!({ "type": "Follow", "actor": self.asha_uri, "object": self.peer.uri(Who::Ann) });
        self.receives(Who::Ann, &self.activity(Who::Ann, "Accept", "follow", json!({ "object": object }))).await
    }

    /// Ann's account here.
    pub async fn ann_here(&self) -> Result<String> {
        let found = self.looks_up(&self.peer.uri(Who::Ann)).await?;
        found["accounts"][0]["id"].as_str().map(str::to_owned).with_context(|| format!("no Ann: {found}"))
    }
}

/// Asha says something; the path of her post on the node.
pub async fn says(scene: &Scene, visibility: &str, words: &str) -> Result<String> {
    let body = json!({ "status": words, "visibility": visibility });
    let uri = text(&scene.asha.post("/api/v1/statuses", body).await?, "uri")?;
    Ok(uri.strip_prefix(&scene.node.at("")).unwrap_or(&uri).to_owned())
}
