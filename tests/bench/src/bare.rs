//! The baselines: a bare actix-web handler, bare OpenSSL, and plain SQLite inserts.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::sign::{Signer, Verifier};

/// What a bare server answers, and what it checks first.
#[derive(Clone)]
pub struct Bare {
    body: Arc<Vec<u8>>,
    content_type: &'static str,
    check: Option<Arc<(PKey<Public>, Vec<u8>, Vec<u8>)>>,
}

impl Bare {
    /// Answers with these bytes.
    #[must_use]
    pub fn bytes(body: Vec<u8>, content_type: &'static str) -> Self {
        Self { body: Arc::new(body), content_type, check: None }
    }

    /// Reads the body, verifies one RSA signature, and answers with nothing.
    ///
    /// # Errors
    /// When OpenSSL fails.
    pub fn verifying(key: &PKey<Private>) -> Result<Self> {
        let message = vec![b'm'; 400];
        let signature = sign(key, &message)?;
        let public = PKey::public_key_from_pem(&key.public_key_to_pem()?)?;
        Ok(Self { body: Arc::default(), content_type: "text/plain", check: Some(Arc::new((public, message, signature))) })
    }
}

async fn answer(bare: web::Data<Bare>, _body: web::Bytes) -> HttpResponse {
    if let Some(check) = &bare.check {
        let (key, message, signature) = check.as_ref();
        let good = Verifier::new(MessageDigest::sha256(), key).and_then(|mut verifier| verifier.verify_oneshot(signature, message));
        if !good.unwrap_or(false) {
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
    let server = HttpServer::new(move || {
        App::new().app_data(web::Data::new(bare.clone())).default_service(web::to(answer))
    })
    .workers(workers)
    .disable_signals()
    .listen(listener)?;
    std::thread::spawn(move || actix_web::rt::System::new().block_on(server.run()));
    Ok(address)
}

/// RSA signatures in a second on as many threads as delivery has.
///
/// # Errors
/// When OpenSSL fails.
pub fn signatures_per_second(key: &PKey<Private>, threads: usize, span: Duration) -> Result<f64> {
    let message = vec![b'm'; 400];
    let mut counts = Vec::new();
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| -> Result<u64> {
                    let (start, mut count) = (Instant::now(), 0);
                    while start.elapsed() < span {
                        sign(key, &message)?;
                        count += 1;
                    }
                    Ok(count)
                })
            })
            .collect();
        for handle in handles {
            counts.push(handle.join().unwrap_or_else(|_| anyhow::bail!("a thread failed")));
        }
    });
    let total: u64 = counts.into_iter().collect::<Result<Vec<u64>>>()?.into_iter().sum();
    Ok(total as f64 / span.as_secs_f64())
}

fn sign(key: &PKey<Private>, message: &[u8]) -> Result<Vec<u8>> {
    Ok(Signer::new(MessageDigest::sha256(), key)?.sign_oneshot_to_vec(message)?)
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
        conn.batch_execute(&format!("BEGIN IMMEDIATE; INSERT OR IGNORE INTO entries VALUES {}; COMMIT", values.join(",")))?;
        count += 1;
    }
    Ok(count as f64 / span.as_secs_f64())
}
