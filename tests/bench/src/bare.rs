//! The baselines: a bare actix-web handler, and plain SQLite inserts.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::sign::Verifier;

/// What a bare server answers.
#[derive(Clone)]
pub struct Bare {
    body: Arc<Vec<u8>>,
    content_type: &'static str,
    verifies: Option<Arc<Verified>>,
}

/// A message and its signature: verified for each request, as the digest of its body is made.
struct Verified {
    message: Vec<u8>,
    signature: Vec<u8>,
    key: PKey<Public>,
}

impl Bare {
    /// Answers with these bytes.
    #[must_use]
    pub fn bytes(body: Vec<u8>, content_type: &'static str) -> Self {
        Self { body: Arc::new(body), content_type, verifies: None }
    }

    /// Makes the digest of each body and verifies a signature before it answers.
    ///
    /// # Errors
    /// When the key can't be read.
    pub fn verifying(message: Vec<u8>, signature: Vec<u8>, key_pem: &str) -> Result<Self> {
        let key = PKey::public_key_from_pem(key_pem.as_bytes())?;
        let verifies = Some(Arc::new(Verified { message, signature, key }));
        Ok(Self { body: Arc::default(), content_type: "text/plain", verifies })
    }
}

async fn answer(bare: web::Data<Bare>, body: web::Bytes) -> HttpResponse {
    if let Some(sample) = &bare.verifies {
        let digest = openssl::sha::sha256(&body);
        let verified = Verifier::new(MessageDigest::sha256(), &sample.key)
            .and_then(|mut verifier| verifier.verify_oneshot(&sample.signature, &sample.message));
        if !verified.unwrap_or(false) || digest == [0; 32] {
            return HttpResponse::Unauthorized().finish();
        }
    }
    HttpResponse::Ok().content_type(bare.content_type).body(bare.body.as_ref().clone())
}

/// Serves on a port of its own, on as many workers as a node has, until the process ends.
///
/// # Errors
/// When no port is free.
pub fn serve(bare: Bare, workers: usize) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            HttpServer::new(move || App::new().app_data(web::Data::new(bare.clone())).default_service(web::to(answer)))
                .workers(workers)
                .disable_signals()
                .listen(listener)?
                .run()
                .await
        })
    });
    Ok(address)
}

/// Transactions in a second that insert `rows` two-column rows each and are synced to disk.
///
/// # Errors
/// When SQLite fails.
pub fn plain_inserts_per_second(rows: usize, span: Duration) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut conn = SqliteConnection::establish(&folder.path().join("plain.sqlite3").display().to_string())?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         CREATE TABLE entries (owner INTEGER NOT NULL, post INTEGER NOT NULL, PRIMARY KEY (owner, post)) WITHOUT ROWID",
    )?;
    let (start, mut count) = (Instant::now(), 0_u64);
    while start.elapsed() < span {
        let values: Vec<String> = (0..rows).map(|owner| format!("({},{count})", owner * 7919 % 100_003)).collect();
        conn.batch_execute(&format!(
            "BEGIN IMMEDIATE; INSERT OR IGNORE INTO entries VALUES {}; COMMIT",
            values.join(",")
        ))?;
        count += 1;
    }
    Ok(count as f64 / span.as_secs_f64())
}
