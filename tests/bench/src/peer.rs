//! A peer of the bench: one person with a key, whose document it serves, and an inbox that takes everything.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result, ensure};
use corridor_federation::signature::{Form, KeyKind, PrivateKey, RequestView, sign};
use serde_json::{Value, json};
use url::Url;

use crate::load;

const ACTIVITY: &str = "application/activity+json";

/// A peer that answers on a loopback port.
pub struct Peer {
    /// Host and port.
    pub authority: String,
    key: PrivateKey,
    arrived: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Served {
    document: Arc<String>,
    arrived: Arc<AtomicUsize>,
}

async fn document(served: web::Data<Served>) -> HttpResponse {
    HttpResponse::Ok().content_type(ACTIVITY).body(served.document.as_ref().clone())
}

async fn take(served: web::Data<Served>, _body: web::Bytes) -> HttpResponse {
    served.arrived.fetch_add(1, Ordering::Relaxed);
    HttpResponse::Accepted().finish()
}

impl Peer {
    /// Starts one, until the process ends.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let authority = listener.local_addr()?.to_string();
        let key = PrivateKey::generate(KeyKind::Rsa2048)?;
        let arrived = Arc::new(AtomicUsize::new(0));
        let peer = Self { authority, key, arrived: arrived.clone() };
        let served = Served { document: Arc::new(peer.document()?.to_string()), arrived };
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                HttpServer::new(move || {
                    App::new()
                        .app_data(web::Data::new(served.clone()))
                        .route("/actor", web::get().to(document))
                        .route("/inbox", web::post().to(take))
                })
                .workers(1)
                .disable_signals()
                .listen(listener)?
                .run()
                .await
            })
        });
        Ok(peer)
    }

    /// The person's URI.
    #[must_use]
    pub fn person(&self) -> String {
        format!("http://{}/actor", self.authority)
    }

    /// How many activities its inbox took.
    #[must_use]
    pub fn arrived(&self) -> usize {
        self.arrived.load(Ordering::Relaxed)
    }

    fn document(&self) -> Result<Value> {
        let person = self.person();
        let inbox = format!("http://{}/inbox", self.authority);
        Ok(json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": person,
            "type": "Person",
            "inbox": inbox,
            "outbox": format!("{person}/outbox"),
            "followers": format!("{person}/followers"),
            "preferredUsername": "ann",
            "name": "Ann of Elsewhere",
            "publicKey": {
                "id": format!("{person}#main-key"),
                "owner": person,
                "publicKeyPem": self.key.public_key()?.to_pem()?,
            },
            "endpoints": { "sharedInbox": inbox },
        }))
    }

    /// The bytes of a signed GET.
    ///
    /// # Errors
    /// When it can't be signed.
    pub fn get(&self, to: SocketAddr, path: &str) -> Result<Vec<u8>> {
        let url = Url::parse(&format!("http://{to}{path}"))?;
        let mut headers = self.sign(&RequestView::to_url("GET", &url), None)?;
        headers.push(("accept".to_owned(), ACTIVITY.to_owned()));
        Ok(load::request("GET", to, path, &headers, b""))
    }

    /// The bytes of a signed POST.
    ///
    /// # Errors
    /// When it can't be signed.
    pub fn post(&self, to: SocketAddr, path: &str, activity: &Value) -> Result<Vec<u8>> {
        let (url, body) = (Url::parse(&format!("http://{to}{path}"))?, activity.to_string());
        let view = RequestView::to_url("POST", &url).with_header("content-type", ACTIVITY);
        let mut headers = self.sign(&view, Some(body.as_bytes()))?;
        headers.push(("content-type".to_owned(), ACTIVITY.to_owned()));
        Ok(load::request("POST", to, path, &headers, body.as_bytes()))
    }

    fn sign(&self, view: &RequestView<'_>, body: Option<&[u8]>) -> Result<Vec<(String, String)>> {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let signed = sign(Form::Cavage, view, body, &format!("{}#main-key", self.person()), &self.key, now)?;
        Ok(signed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A note to a person of the node, as it is posted to the node's shared inbox.
    #[must_use]
    pub fn note(&self, number: usize, to: &str) -> Value {
        let id = format!("http://{}/notes/{number}", self.authority);
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{id}/create"),
            "type": "Create",
            "actor": self.person(),
            "to": [to],
            "object": {
                "id": id,
                "type": "Note",
                "attributedTo": self.person(),
                "to": [to],
                "content": "<p>The figures of the quarter are on the network. Ask here before you quote them.</p>",
                "published": "2026-11-01T09:00:00Z",
                "tag": [{ "type": "Mention", "href": to, "name": "@person0" }],
            },
        })
    }

    /// A request to follow a person of the node.
    #[must_use]
    pub fn follow(&self, number: usize, whom: &str) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}#follows/{number}", self.person()),
            "type": "Follow",
            "actor": self.person(),
            "object": whom,
        })
    }

    /// Signatures a second that this machine makes with such a key on so many threads.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn signatures_per_second(&self, threads: usize, span: Duration) -> Result<f64> {
        let start = Instant::now();
        let count: usize = std::thread::scope(|scope| {
            let sign = || {
                let mut count = 0;
                while start.elapsed() < span {
                    self.key.sign(b"(request-target): post /inbox\nhost: peer\ndate: today\ndigest: of the body")?;
                    count += 1;
                }
                Ok::<usize, anyhow::Error>(count)
            };
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(sign)).collect();
            let mut total = 0;
            for thread in running {
                total += thread.join().ok().context("a signing thread panicked")??;
            }
            Ok::<usize, anyhow::Error>(total)
        })?;
        ensure!(count > 0, "nothing was signed");
        Ok(count as f64 / start.elapsed().as_secs_f64())
    }

    /// A message, its signature by this key, and the public key in PEM: for a bare handler that verifies.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn sample(&self) -> Result<(Vec<u8>, Vec<u8>, String)> {
        let message = b"(request-target): post /inbox\nhost: peer\ndate: today\ndigest: of the body".to_vec();
        let signature = self.key.sign(&message)?;
        Ok((message, signature, self.key.public_key()?.to_pem()?))
    }
}
