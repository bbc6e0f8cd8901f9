//! A running node: the database opened, the listeners up, the delivery at work; and how it all ends.

use std::any::Any;
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::{Extensions, ServerHandle};
use actix_web::middleware::{NormalizePath, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpServer, web};
use anyhow::{Context, Result, anyhow};
use corridor_api::{Api, ApiSettings};
use corridor_app::{Ctx, Settings};
use corridor_federation::certificate::{Certificates, PeerCertificate};
use corridor_federation::client::{ClientOptions, PeerClient};
use corridor_federation::delivery::{self, Workers};
use corridor_federation::{Limits, Node};
use corridor_store::Store;
use corridor_web::{Web, WebSettings};
use openssl::ssl::SslAcceptorBuilder;
use tracing_actix_web::TracingLogger;

use crate::spans::WithoutQuery;
use crate::tls::{Endpoint, TlsSetup, Watcher};
use crate::{headers, health, housekeeping, sockets, streaming, tls};

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
    /// Certificates of the listeners and of the client for peers.
    pub tls: TlsSetup,
    /// HTTP worker threads of each listener.
    pub workers: usize,
}

/// A node that serves. Stops when told, or when dropped.
#[derive(Debug)]
pub struct RunningNode {
    /// The use cases, for an administrator in the same process.
    pub ctx: Ctx,
    /// The way to its peers, for the same.
    pub node: Node,
    servers: Vec<Server>,
    delivery: Option<Workers>,
    chores: Option<housekeeping::Chores>,
    streams: Option<streaming::Pump>,
    certificates: Option<Watcher>,
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
    endpoints: Vec<Endpoint>,
}

/// Which routes a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Serves {
    Everything,
    Staff,
    Federation,
}

/// How a listener serves.
struct Plan {
    serves: Serves,
    tls: Option<Endpoint>,
    certificates: Certificates,
    handshake_timeout: Duration,
    workers: usize,
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
        corridor_app::media::prepare_links(&ctx).await.context("the key of addresses can't be made")?;
        let instance = corridor_app::instance::ensure(&ctx).await.context("the node's own actor can't be made")?;
        let federation = ctx.settings.addresses.federation_authority();
        if !setup.tls.names(federation.host())? {
            tracing::warn!("this node's certificate does not name {}: peers will refuse it", federation.host());
        }
        let staff_tls = setup.tls.staff_endpoint()?;
        let peers_tls = match &setup.federation {
            Some(_) => setup.tls.peers_endpoint()?,
            None => None,
        };
        let endpoints: Vec<Endpoint> = staff_tls.iter().chain(&peers_tls).cloned().collect();
        let client = PeerClient::new(setup.client).map_err(|error| anyhow!("the client for peers: {error}"))?;
        let node = Node::new(ctx.clone(), client.clone(), setup.limits, instance);
        ctx.connect(std::sync::Arc::new(node.clone()));
        let parts = Parts {
            api: Api::new(ctx.clone(), setup.api),
            web: Web::new(ctx.clone(), setup.web),
            node: node.clone(),
            endpoints: endpoints.clone(),
        };
        let mut running = Self {
            ctx: ctx.clone(),
            node: node.clone(),
            servers: Vec::new(),
            delivery: None,
            chores: None,
            streams: None,
            certificates: None,
        };
        let staff = if setup.federation.is_some() { Serves::Staff } else { Serves::Everything };
        let plan = |serves, tls| Plan {
            serves,
            tls,
            certificates: match serves {
                Serves::Staff => Certificates::NotAsked,
                _ => setup.tls.demanded(serves == Serves::Federation),
            },
            handshake_timeout: setup.tls.handshake_timeout,
            workers: setup.workers,
        };
        running.servers.push(serve(setup.staff, parts.clone(), plan(staff, staff_tls)).await?);
        if let Some(listener) = setup.federation {
            running.servers.push(serve(listener, parts, plan(Serves::Federation, peers_tls)).await?);
        }
        running.certificates = Some(Watcher::start(setup.tls, endpoints, client, ctx.clone())?);
        running.delivery = Some(delivery::start(node)?);
        running.streams = Some(streaming::start(ctx.clone())?);
        running.chores = Some(housekeeping::start(ctx)?);
        Ok(running)
    }

    /// Takes over the certificates that lie on disk now.
    pub fn reload_certificates(&self) {
        if let Some(watcher) = &self.certificates {
            watcher.reload();
        }
    }

    /// Stops taking requests, lets running ones end, then stops delivery.
    pub async fn stop(mut self) {
        self.close_streams();
        for server in &self.servers {
            server.handle.stop(true).await;
        }
        // Joining blocks; this thread may be the one that the last requests need.
        let _ = tokio::task::spawn_blocking(move || self.finish()).await;
    }

    /// Streams would keep their connections, and with them the listeners, from ending.
    fn close_streams(&self) {
        if let Some(streams) = &self.streams {
            streams.close();
        }
    }

    fn finish(&mut self) {
        if let Some(delivery) = self.delivery.take() {
            delivery.stop();
        }
        drop(self.streams.take());
        drop(self.certificates.take());
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
        self.close_streams();
        for server in &self.servers {
            // The command is sent when the future is made; nobody waits for the graceful end here.
            drop(server.handle.stop(false));
        }
        self.finish();
    }
}

async fn serve(listener: TcpListener, parts: Parts, plan: Plan) -> Result<Server> {
    let acceptor = plan.tls.as_ref().map(Endpoint::acceptor).transpose()?;
    let (ready, started) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("corridor-http".into()).spawn(move || {
        let system = actix_web::rt::System::new();
        system.block_on(async move {
            match bind(listener, parts, &plan, acceptor) {
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
    plan: &Plan,
    acceptor: Option<SslAcceptorBuilder>,
) -> std::io::Result<actix_web::dev::Server> {
    let serves = plan.serves;
    let parts = Parts { node: parts.node.with_certificates(plan.certificates.clone()), ..parts };
    let server = HttpServer::new(move || {
        let parts = parts.clone();
        App::new()
            .wrap(from_fn(headers::secure))
            .wrap(NormalizePath::trim())
            .wrap(TracingLogger::<WithoutQuery>::new())
            .configure(move |config| routes(config, parts, serves))
    })
    .workers(plan.workers.max(1))
    .on_connect(settle_connection)
    .tls_handshake_timeout(plan.handshake_timeout)
    .client_request_timeout(Duration::from_secs(5))
    .shutdown_timeout(10)
    .disable_signals();
    let server = match acceptor {
        Some(acceptor) => server.listen_openssl(listener, acceptor)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// What the handshake has proven of a peer stays with its connection.
fn settle_connection(connection: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        sockets::end_when_nobody_reads(stream);
    }
    let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() else { return };
    sockets::end_when_nobody_reads(stream.get_ref());
    tls::done(stream.ssl());
    let Some(certificate) = stream.ssl().peer_certificate() else { return };
    match PeerCertificate::from_x509(&certificate) {
        Ok(certificate) => {
            data.insert(certificate);
        }
        Err(error) => tracing::warn!("a client certificate can't be read: {error}"),
    }
}

fn routes(config: &mut web::ServiceConfig, parts: Parts, serves: Serves) {
    let addresses = &parts.node.ctx.settings.addresses;
    let own_domain = addresses.account_domain != addresses.federation_authority();
    if serves != Serves::Federation {
        health::routes(config, parts.node.ctx.clone(), parts.endpoints);
    }
    match serves {
        Serves::Everything | Serves::Federation => corridor_federation::configure(config, parts.node),
        // Handles' domain is then where people are, and peers ask there who is behind a handle.
        Serves::Staff if own_domain => corridor_federation::configure_webfinger(config, parts.node),
        Serves::Staff => {}
    }
    if serves != Serves::Federation {
        corridor_api::configure(config, parts.api);
        corridor_web::configure(config, parts.web);
    }
}
