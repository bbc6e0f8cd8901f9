//! From the configuration to what the rooms below need.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::http::header::HeaderName;
use anyhow::{Context, Result};
use corridor_api::ApiSettings;
use corridor_app::{Addresses, Ctx, MediaSettings, PasswordCost, Settings};
use corridor_federation::certificate::ProxyHeader;
use corridor_federation::client::{ClientOptions, PeerClient};
use corridor_federation::gate::Reachable;
use corridor_federation::{Limits, Node};
use corridor_store::{Options, Store, pending_migrations};
use corridor_web::WebSettings;

use crate::config::{Config, Synchronous, Tls};
use crate::node::Setup;
use crate::tls::{TlsFiles, TlsSetup};

/// How to open the configured database.
///
/// # Errors
/// When the password's file can't be read.
pub fn database(config: &Config) -> Result<Options> {
    let url = config.database.url_with_password().context("the database's password file can't be read")?;
    let mut options = Options::from_url(&url)?;
    options.connections = config.database.connections;
    options.busy_timeout = config.database.busy_timeout;
    options.cache_kib = config.database.cache_kib;
    options.synchronous = match config.database.synchronous {
        Synchronous::Full => corridor_store::Synchronous::Full,
        Synchronous::Normal => corridor_store::Synchronous::Normal,
    };
    Ok(options)
}

/// The settings of the use cases.
#[must_use]
pub fn settings(config: &Config) -> Settings {
    Settings {
        addresses: Addresses {
            account_domain: config.addresses.account_domain.clone(),
            federation: config.addresses.federation.clone(),
            staff: config.addresses.staff.clone(),
        },
        department: config.node.department.clone(),
        description: config.node.description.clone(),
        source_url: config.node.source_url.clone(),
        contact: config.node.contact.clone(),
        rules: config.node.rules.clone(),
        scheme: config.markings.clone(),
        default_audience: config.posts.default_audience,
        max_characters: config.posts.max_characters,
        registry: config.registry.clone(),
        media: MediaSettings {
            max_bytes: config.media.max_bytes,
            max_pixels: config.media.max_pixels,
            files: config.media.files.clone(),
            daily_bytes_of_person: config.media.person_daily_bytes,
            daily_bytes_of_peer: config.media.peer_daily_bytes,
            ..MediaSettings::in_folder(config.media.folder.clone())
        },
        streaming: config.streaming.clone(),
        destroy_after: config.destroy_after,
        session_idle: config.security.session_idle,
        session_absolute: config.security.session_absolute,
        lock_after: config.security.lock_after,
        lock_for: config.security.lock_for,
        failures_per_address: config.security.failures_per_address,
        trusted_proxies: config.server.trusted_proxies.clone(),
        password_cost: PasswordCost {
            memory_kib: config.security.password_memory_kib,
            passes: config.security.password_passes,
            lanes: config.security.password_lanes,
        },
        rsa_bits: config.security.rsa_bits,
        key_overlap: config.security.key_overlap,
    }
}

/// The use cases on the configured database, for a command that does not serve.
///
/// # Errors
/// When the database can't be opened, or is not up to date.
pub fn open(config: &Config) -> Result<Ctx> {
    let options = database(config)?;
    let missing = pending_migrations(&options).context("the database can't be opened")?;
    if !missing.is_empty() {
        anyhow::bail!("the database is not up to date: run “corridor migrate” first");
    }
    // A command does one thing; a server's worth of connections would be waste.
    let store = Store::open(&Options { connections: 2, ..options }).context("the database can't be opened")?;
    Ok(Ctx::new(store, settings(config)))
}

/// Gives a command that does not serve the way to peers.
///
/// # Errors
/// When a certificate can't be read, or the node's own actor can't be made.
pub async fn connect(ctx: &Ctx, config: &Config) -> Result<Node> {
    let client = PeerClient::new(client(config)?).map_err(|error| anyhow::anyhow!("the client for peers: {error}"))?;
    let instance = corridor_app::instance::ensure(ctx).await.context("the node's own actor can't be made")?;
    let node = Node::new(ctx.clone(), client, limits(config), instance);
    ctx.connect(Arc::new(node.clone()));
    Ok(node)
}

/// Everything a serving node needs. Binds its listeners.
///
/// # Errors
/// When an address is taken, or a certificate can't be read.
pub fn setup(config: &Config) -> Result<Setup> {
    let bind = |address| TcpListener::bind(address).with_context(|| format!("{address} can't be listened on"));
    Ok(Setup {
        settings: settings(config),
        database: database(config)?,
        client: client(config)?,
        limits: limits(config),
        api: ApiSettings {
            cors_origins: config.api.cors_origins.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rates: config.api.rates,
        },
        web: WebSettings { secure_cookies: true },
        staff: bind(config.server.listen)?,
        federation: config.server.federation_listen.map(bind).transpose()?,
        tls: tls(config),
        workers: config.server.workers,
    })
}

fn client(config: &Config) -> Result<ClientOptions> {
    let mut options = ClientOptions {
        reachable: Reachable::ranges(config.federation.allowed_ranges.clone())
            .with_hosts(config.federation.hosts.clone()),
        authorities: Vec::new(),
        identity: None,
        timeout: config.federation.request_timeout,
        body_bytes: config.federation.max_body_bytes,
        user_agent: format!(
            "Corridor/{} (+{})",
            env!("CARGO_PKG_VERSION"),
            config.addresses.federation.as_str().trim_end_matches('/')
        ),
    };
    tls(config).load_client(&mut options)?;
    Ok(options)
}

fn tls(config: &Config) -> TlsSetup {
    let files = |tls: &Tls| TlsFiles { certificate: tls.certificate.clone(), key: tls.key.clone() };
    let peers = &config.federation_tls;
    let header = |name: &HeaderName| ProxyHeader { name: name.clone(), proxies: config.server.trusted_proxies.clone() };
    TlsSetup {
        staff: config.server.tls.as_ref().map(files),
        peers: peers.tls.as_ref().map(files),
        client_authorities: peers.client_authority_files.clone(),
        server_authorities: config.federation.authority_files.clone(),
        proxy: peers.client_certificate_header.as_ref().map(header).map(Arc::new),
        handshake_timeout: peers.handshake_timeout,
        ..TlsSetup::default()
    }
}

fn limits(config: &Config) -> Limits {
    let federation = &config.federation;
    Limits {
        body_bytes: federation.max_body_bytes,
        json_depth: federation.max_json_depth,
        skew: federation.clock_skew,
        request_timeout: federation.request_timeout,
        body_timeout: federation.body_timeout,
        fetches: federation.max_fetches,
        ancestors: federation.max_ancestors,
        window: federation.delivery_window,
        backoff_first: federation.retry_first,
        backoff_longest: federation.retry_longest,
        unsigned_webfinger: federation.unsigned_webfinger,
        inbox_per_second: federation.max_inbox_per_second,
        webfinger_misses_per_hour: federation.webfinger_misses_per_hour,
    }
}
