//! A running node: the database opened, the listeners up, the delivery at work; and how it all ends.

use std::net::TcpListener;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{NormalizePath, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::{Context, Result, anyhow};
use corridor_api::{Api, ApiSettings};
use corridor_app::{Ctx, Settings};
use corridor_federation::client::{ClientOptions, PeerClient};
use corridor_federation::delivery::{self, Workers};
use corridor_federation::{Limits, Node};
use corridor_store::Store;
use corridor_web::{Web, WebSettings};
use openssl::ssl::SslAcceptorBuilder;
use tracing_actix_web::TracingLogger;

use crate::{headers, health, housekeeping};

/// Everything a node needs to start. Made from the configuration, or for loopback by the demonstration and tests.
#[derive(Debug)]
pub struct Setup {
    /// Settings of the use cases.
    pub settings: Settings,
    /// Which database, and how.
    pub database: corridor_store::Options,
    /// How peers are spoken to.
    pub client: ClientOptions,
    /// Limits on what peers may do.
    pub limits: Limits,
    /// Settings of the client API.
    pub api: ApiSettings,
    /// Settings of the pages.
    pub web: WebSettings,
    /// Where people and, unless `federation` is given, peers connect.
    pub staff: TcpListener,
    /// Where peers connect, when that is another place.
    pub federation: Option<TcpListener>,
    /// Certificate and key files; none behind a proxy that speaks TLS.
    pub tls: Option<TlsFiles>,
    /// HTTP worker threads of each listener.
    pub workers: usize,
}

/// The files of a TLS certificate.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// PEM chain, the node's own certificate first.
    pub certificate: std::path::PathBuf,
    /// PEM key.
    pub key: std::path::PathBuf,
}

impl TlsFiles {
    fn acceptor(&self) -> Result<SslAcceptorBuilder> {
        use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod};
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        builder
            .set_certificate_chain_file(&self.certificate)
            .with_context(|| format!("the certificate {} can't be read", self.certificate.display()))?;
        builder
            .set_private_key_file(&self.key, SslFiletype::PEM)
            .with_context(|| format!("the key {} can't be read", self.key.display()))?;
        builder.check_private_key().context("the key does not belong to the certificate")?;
        Ok(builder)
    }
}

/// A node that serves. Stops when told, or when dropped.
#[derive(Debug)]
pub struct RunningNode {
    /// The use cases, for an administrator in the same process.
    pub ctx: Ctx,
    servers: Vec<Server>,
    delivery: Option<Workers>,
    chores: Option<housekeeping::Chores>,
}

#[derive(Debug)]
struct Server {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// What the workers of a listener share.
#[derive(Clone)]
struct Parts {
    api: Api,
    web: Web,
    node: Node,
}

/// Which routes a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serves {
    Everything,
    Staff,
    Federation,
}

impl RunningNode {
    /// Migrates, opens and serves. Call it inside an async runtime; the node has threads of its own.
    ///
    /// # Errors
    /// With what could not be opened, in words for an administrator.
    pub async fn start(setup: Setup) -> Result<Self> {
        let database = setup.database.clone();
        let report = tokio::task::spawn_blocking(move || corridor_store::run_migrations(&database))
            .await?
            .context("the database can't be prepared")?;
        if !report.applied.is_empty() {
            tracing::info!("applied {} migrations", report.applied.len());
        }
        let store = Store::open(&setup.database).context("the database can't be opened")?;
        let ctx = Ctx::new(store, setup.settings);
        let instance = corridor_app::instance::ensure(&ctx).await.context("the node's own actor can't be made")?;
        let client = PeerClient::new(setup.client).map_err(|error| anyhow!("the client for peers: {error}"))?;
        let node = Node::new(ctx.clone(), client, setup.limits, instance);
        ctx.connect(std::sync::Arc::new(node.clone()));
        let parts = Parts {
            api: Api { ctx: ctx.clone(), settings: setup.api },
            web: Web::new(ctx.clone(), setup.web),
            node: node.clone(),
        };
        let mut running = Self { ctx: ctx.clone(), servers: Vec::new(), delivery: None, chores: None };
        let staff = if setup.federation.is_some() { Serves::Staff } else { Serves::Everything };
        let tls = setup.tls.as_ref();
        running.servers.push(serve(setup.staff, parts.clone(), staff, tls, setup.workers).await?);
        if let Some(listener) = setup.federation {
            running.servers.push(serve(listener, parts, Serves::Federation, tls, setup.workers).await?);
        }
        running.delivery = Some(delivery::start(node)?);
        running.chores = Some(housekeeping::start(ctx)?);
        Ok(running)
    }

    /// Stops taking requests, lets running ones end, then stops delivery.
    pub async fn stop(mut self) {
        for server in &self.servers {
            server.handle.stop(true).await;
        }
        // Joining blocks; this thread may be the one that the last requests need.
        let _ = tokio::task::spawn_blocking(move || self.finish()).await;
    }

    fn finish(&mut self) {
        if let Some(delivery) = self.delivery.take() {
            delivery.stop();
        }
        if let Some(chores) = self.chores.take() {
            chores.stop();
        }
        for server in &mut self.servers {
            if let Some(thread) = server.thread.take()
                && thread.join().is_err()
            {
                tracing::error!("a listener ended with a panic");
            }
        }
    }
}

impl Drop for RunningNode {
    fn drop(&mut self) {
        for server in &self.servers {
            // The command is sent when the future is made; nobody waits for the graceful end here.
            drop(server.handle.stop(false));
        }
        self.finish();
    }
}

async fn serve(
    listener: TcpListener,
    parts: Parts,
    serves: Serves,
    tls: Option<&TlsFiles>,
    workers: usize,
) -> Result<Server> {
    let acceptor = tls.map(TlsFiles::acceptor).transpose()?;
    let (ready, started) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("corridor-http".into()).spawn(move || {
        let system = actix_web::rt::System::new();
        system.block_on(async move {
            match bind(listener, parts, serves, acceptor, workers) {
                Ok(server) => {
                    // Nobody waits any more when the start was given up.
                    let _ = ready.send(Ok(server.handle()));
                    if let Err(error) = server.await {
                        tracing::error!("a listener failed: {error}");
                    }
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                }
            }
        });
    })?;
    let handle = started.await.context("the listener ended before it was up")?.context("the listener can't start")?;
    Ok(Server { handle, thread: Some(thread) })
}

fn bind(
    listener: TcpListener,
    parts: Parts,
    serves: Serves,
    acceptor: Option<SslAcceptorBuilder>,
    workers: usize,
) -> std::io::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        let parts = parts.clone();
        App::new()
            .wrap(from_fn(headers::secure))
            .wrap(NormalizePath::trim())
            .wrap(TracingLogger::default())
            .configure(move |config| routes(config, parts, serves))
    })
    .workers(workers.max(1))
    .client_request_timeout(std::time::Duration::from_secs(5))
    .shutdown_timeout(10)
    .disable_signals();
    let server = match acceptor {
        Some(acceptor) => server.listen_openssl(listener, acceptor)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

fn routes(config: &mut web::ServiceConfig, parts: Parts, serves: Serves) {
    health::routes(config, parts.node.ctx.clone());
    if serves != Serves::Staff {
        corridor_federation::configure(config, parts.node);
    }
    if serves != Serves::Federation {
        corridor_api::configure(config, parts.api);
        corridor_web::configure(config, parts.web);
    }
}
