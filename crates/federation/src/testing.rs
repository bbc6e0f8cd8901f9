//! A node and a peer for this crate's tests: the peer has real keys and, where a test asks, a real server.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use corridor_app::accounts::{self, NewUser};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_app::{Addresses, Ctx, MediaSettings, PasswordCost, Settings, Viewer};
use corridor_domain::authority::Policy;
use corridor_domain::{Audience, Authority, Marking, MarkingScheme, Peer, Role};
use corridor_store::testing::TestDatabase;
use serde_json::{Value, json};
use url::Url;

use crate::client::{ClientOptions, PeerClient};
use crate::gate::Reachable;
use crate::signature::{Form, KeyKind, PrivateKey, RequestView, sign};
use crate::{Limits, Node};

/// What is written about federation.
pub(crate) fn documentation() -> &'static str {
    include_str!("../../../docs/FEDERATION.md")
}

/// The examples in the documentation that are marked with a word and their name, such as `<!-- sent: Follow -->`.
pub(crate) fn examples(marker: &str) -> Vec<(String, Value)> {
    let text = documentation();
    let start = format!("<!-- {marker}: ");
    let parts = text.split(&start).skip(1);
    parts
        .map(|part| {
            let (name, rest) = part.split_once(" -->\n```json\n").unwrap();
            let (block, _) = rest.split_once("\n```").unwrap();
            (name.to_owned(), serde_json::from_str(block).unwrap_or_else(|error| panic!("the example {name}: {error}")))
        })
        .collect()
}

/// Our own authority in these tests; nothing listens there.
pub(crate) const OWN: &str = "127.0.0.1:1";

/// Settings of a node on loopback.
pub(crate) fn settings() -> Settings {
    let base = Url::parse(&format!("http://{OWN}")).unwrap();
    Settings {
        addresses: Addresses {
            account_domain: Authority::parse_with(OWN, Policy::loopback()).unwrap(),
            federation: base.clone(),
            staff: base,
        },
        department: "Department of Tests".to_owned(),
        description: String::new(),
        contact: String::new(),
        source_url: String::new(),
        rules: Vec::new(),
        scheme: MarkingScheme::official(),
        default_audience: Audience::Network,
        max_characters: 5000,
        registry: corridor_app::RegistrySettings::default(),
        media: MediaSettings::in_folder(std::env::temp_dir().join("corridor-no-media")),
        streaming: corridor_app::streaming::StreamSettings::default(),
        destroy_after: Duration::from_secs(60),
        session_idle: Duration::from_secs(60),
        session_absolute: Duration::from_secs(600),
        lock_after: 5,
        lock_for: Duration::from_secs(60),
        failures_per_address: 60,
        trusted_proxies: Vec::new(),
        password_cost: PasswordCost { memory_kib: 8, passes: 1, lanes: 1 },
        rsa_bits: 2048,
        key_overlap: Duration::from_secs(7 * 86_400),
    }
}

/// A node with its database.
pub(crate) struct TestNode {
    pub(crate) node: Node,
    pub(crate) database: TestDatabase,
}

impl TestNode {
    pub(crate) async fn on(database: TestDatabase, limits: Limits) -> Self {
        let mut settings = settings();
        settings.media.folder = database.folder().join("media");
        let ctx = Ctx::new(database.store.clone(), settings);
        let instance = corridor_app::instance::ensure(&ctx).await.unwrap();
        let client = PeerClient::new(ClientOptions {
            reachable: Reachable::loopback_only(),
            authorities: Vec::new(),
            identity: None,
            timeout: Duration::from_secs(5),
            body_bytes: limits.body_bytes,
            user_agent: "Corridor/test".to_owned(),
        });
        let node = Node::new(ctx.clone(), client.unwrap(), limits, instance);
        ctx.connect(Arc::new(node.clone()));
        Self { node, database }
    }

    pub(crate) async fn allow(&self, authority: &str) -> Peer {
        self.allow_with_domain(authority, authority).await
    }

    pub(crate) async fn allow_with_domain(&self, authority: &str, domain: &str) -> Peer {
        let allow = AllowPeer {
            authority: Authority::parse_with(authority, Policy::loopback()).unwrap(),
            account_domain: Some(Authority::parse_with(domain, Policy::loopback()).unwrap()),
            ceiling: Marking::LOWEST,
            default_marking: None,
            department: "Their department".to_owned(),
            note: String::new(),
            contact: String::new(),
        };
        peers::allow(&self.node.ctx, &Operator::System, allow).await.unwrap()
    }

    pub(crate) async fn person(&self, name: &str) -> Viewer {
        let user = NewUser {
            username: name.to_owned(),
            display_name: name.to_owned(),
            email: String::new(),
            role: Role::Member,
            role_title: String::new(),
            password: Some("correct-horse-battery".to_owned()),
        };
        accounts::create_user(&self.node.ctx, &Operator::System, user).await.unwrap();
        accounts::viewer_by_username(&self.node.ctx, name).await.unwrap()
    }
}

/// What the peer's server answers for a path.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: Vec<u8>,
    pub(crate) location: Option<String>,
}

impl Page {
    pub(crate) fn document(value: &Value) -> Self {
        Self { status: 200, kind: "application/activity+json", body: value.to_string().into_bytes(), location: None }
    }
}

type Pages = Arc<Mutex<HashMap<String, Page>>>;
type Hits = Arc<Mutex<Vec<String>>>;

/// A peer that answers on a loopback port, with one person and their key.
pub(crate) struct TestPeer {
    pub(crate) authority: String,
    pub(crate) key: PrivateKey,
    pages: Pages,
    hits: Hits,
    server: ServerHandle,
}

impl TestPeer {
    /// Must be called inside an actix runtime.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (pages, hits) = (Pages::default(), Hits::default());
        let (served, counted) = (pages.clone(), hits.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(served.clone()))
                .app_data(web::Data::new(counted.clone()))
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let peer = Self { authority, key, pages, hits, server: handle };
        peer.put("/users/ann", Page::document(&peer.person("ann")));
        peer
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }

    pub(crate) fn put(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// How often a path was asked for.
    pub(crate) fn hits(&self, path: &str) -> usize {
        self.hits.lock().unwrap().iter().filter(|hit| *hit == path).count()
    }

    /// A person as Mastodon shows them.
    pub(crate) fn person(&self, name: &str) -> Value {
        let uri = self.at(&format!("/users/{name}"));
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": uri,
            "type": "Person",
            "following": format!("{uri}/following"),
            "followers": format!("{uri}/followers"),
            "inbox": format!("{uri}/inbox"),
            "outbox": format!("{uri}/outbox"),
            "featured": format!("{uri}/collections/featured"),
            "preferredUsername": name,
            "name": "Ann of Elsewhere",
            "summary": "<p>Hello</p>",
            "url": self.at(&format!("/@{name}")),
            "manuallyApprovesFollowers": false,
            "discoverable": true,
            "published": "2024-03-01T00:00:00Z",
            "publicKey": {
                "id": format!("{uri}#main-key"),
                "owner": uri,
                "publicKeyPem": self.key.public_key().unwrap().to_pem().unwrap(),
            },
            "attachment": [{ "type": "PropertyValue", "name": "Building", "value": "<b>North</b>" }],
            "endpoints": { "sharedInbox": self.at("/inbox") },
        })
    }

    /// A signed POST to a path of ours: headers and body.
    pub(crate) fn signed(&self, node: &TestNode, path: &str, key_id: &str, body: &[u8]) -> Vec<(&'static str, String)> {
        signed_by(&self.key, node, path, key_id, body)
    }

    pub(crate) async fn stop(self) {
        self.server.stop(false).await;
    }
}

/// The headers of a signed POST by any key.
pub(crate) fn signed_by(
    key: &PrivateKey,
    node: &TestNode,
    path: &str,
    key_id: &str,
    body: &[u8],
) -> Vec<(&'static str, String)> {
    let url = Url::parse(&format!("http://{OWN}{path}")).unwrap();
    let view = RequestView::to_url("POST", &url).with_header("content-type", "application/activity+json");
    let now = node.node.ctx.now().millis();
    let mut headers = sign(Form::Cavage, &view, Some(body), key_id, key, now).unwrap();
    headers.push(("content-type", "application/activity+json".to_owned()));
    headers
}

async fn answer(request: HttpRequest, pages: web::Data<Pages>, hits: web::Data<Hits>) -> HttpResponse {
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    hits.lock().unwrap().push(path.clone());
    let Some(page) = pages.lock().unwrap().get(&path).cloned() else { return HttpResponse::NotFound().finish() };
    let mut answer = HttpResponse::build(StatusCode::from_u16(page.status).unwrap());
    if let Some(location) = &page.location {
        answer.insert_header(("location", location.as_str()));
    }
    if !page.kind.is_empty() {
        answer.insert_header(("content-type", page.kind));
    }
    answer.body(page.body)
}
