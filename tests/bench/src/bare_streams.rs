//! The baseline of open streams: a bare actix-web handler that sends what it is told to everyone who listens.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Result;
use futures_util::stream;
use tokio::sync::broadcast::{Sender, channel};

use crate::node::WORKERS;
use crate::process::Process;

/// What waits for one reader at most, as at a node.
const WAITING: usize = 256;

/// A process that serves such streams at `/stream`.
pub struct BareStreams {
    /// Where it answers.
    pub address: SocketAddr,
    /// Its process.
    pub process: Process,
}

impl BareStreams {
    /// Starts one.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start() -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let process = Process::start(&["bare-streams", "--port", &address.port().to_string()], address).await?;
        Ok(Self { address, process })
    }
}

/// The process: serves until it is killed.
///
/// # Errors
/// When the port is taken.
pub async fn serve(port: u16) -> Result<()> {
    let (listener, told) = (TcpListener::bind((Ipv4Addr::LOCALHOST, port))?, channel::<Bytes>(WAITING).0);
    let serving = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            HttpServer::new(move || {
                App::new()
                    .app_data(Data::new(told.clone()))
                    .route("/health/ready", web::get().to(HttpResponse::Ok))
                    .route("/stream", web::get().to(listen))
                    .route("/tell", web::post().to(tell))
            })
            .workers(WORKERS)
            .disable_signals()
            .listen(listener)?
            .run()
            .await
        })
    });
    tokio::task::spawn_blocking(move || serving.join()).await?.ok().transpose()?;
    Ok(())
}

async fn listen(told: Data<Sender<Bytes>>) -> HttpResponse {
    let body = stream::unfold((told.subscribe(), true), |(mut told, is_first)| async move {
        let part = if is_first { Bytes::from_static(b":thump\n\n") } else { told.recv().await.ok()? };
        Some((Ok::<_, Infallible>(part), (told, false)))
    });
    HttpResponse::Ok().content_type("text/event-stream").streaming(body)
}

async fn tell(told: Data<Sender<Bytes>>, body: Bytes) -> HttpResponse {
    match told.send(body) {
        Ok(_) => HttpResponse::Ok().finish(),
        Err(_) => HttpResponse::Conflict().body("nobody listens"),
    }
}
