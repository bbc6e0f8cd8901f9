//! Nodes on this machine alone: for the demonstration and for tests.
//!
//! What is relaxed here (plain `http`, addresses and ports as names) goes together with a listener on
//! loopback and a client that reaches nothing else. No configuration can switch it on for a served node.
//! [`close`] then takes back the most of it: peers speak TLS by names, and show certificates to each other.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_api::{ApiSettings, RateLimits};
use corridor_app::{Addresses, MediaSettings, PasswordCost, Settings};
use corridor_domain::authority::Policy;
use corridor_domain::{Audience, Authority, MarkingScheme};
use corridor_federation::Limits;
use corridor_federation::client::ClientOptions;
use corridor_federation::gate::{Reachable, StaticHost};
use corridor_web::WebSettings;
use url::Url;

use crate::ca::{Folder, Issued};
use crate::node::Setup;
use crate::tls::{TlsFiles, TlsSetup};

/// A node that listens on `listener`, which must be on loopback, and is named by its address and port.
///
/// # Errors
/// When the listener is not on loopback.
pub fn setup(
    listener: TcpListener,
    department: &str,
    description: &str,
    database: corridor_store::Options,
) -> Result<Setup> {
    let address = listener.local_addr()?;
    ensure!(address.ip().is_loopback(), "{address} is not on loopback");
    let base = Url::parse(&format!("http://{address}"))?;
    let addresses = Addresses {
        account_domain: Authority::parse_with(&address.to_string(), Policy::loopback())?,
        federation: base.clone(),
        staff: base,
    };
    Ok(Setup {
        settings: settings(addresses, department, description, &database),
        database,
        client: client(),
        limits: Limits::default(),
        api: ApiSettings {
            cors_origins: vec!["*".to_owned()],
            version: env!("CARGO_PKG_VERSION").to_owned(),
            // Tests and the demonstration ask again and again whether something has arrived.
            rates: RateLimits::default(),
        },
        web: WebSettings { secure_cookies: false },
        staff: listener,
        federation: None,
        tls: TlsSetup::default(),
        workers: 1,
    })
}

/// A node's name and files on a closed network whose nodes are all on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its federation host, and the domain of its handles.
    pub host: &'a Authority,
    /// What it shows to its peers.
    pub files: &'a Issued,
    /// Who signs for all of them.
    pub authority: &'a Folder,
    /// Where each node of the network listens for peers: no DNS knows these names.
    pub hosts: &'a [StaticHost],
}

/// Puts a node that [`setup`] made on a closed network: peers come to a listener of their own, by name, over TLS, and
/// each side shows a certificate. People still use plain `http`.
///
/// # Errors
/// When the listener or another node's address is not on loopback, or a file can't be read.
pub fn close(setup: &mut Setup, listener: TcpListener, place: Place<'_>) -> Result<()> {
    let addresses = place.hosts.iter().map(|entry| entry.address);
    for address in addresses.chain([listener.local_addr()?]) {
        ensure!(address.ip().is_loopback(), "{address} is not on loopback");
    }
    setup.settings.addresses.account_domain = place.host.clone();
    setup.settings.addresses.federation = Url::parse(&format!("https://{}", place.host))?;
    setup.federation = Some(listener);
    setup.client.reachable = Reachable::ranges(Vec::new()).with_hosts(place.hosts.to_vec());
    setup.tls = TlsSetup {
        peers: Some(TlsFiles { certificate: place.files.certificate.clone(), key: place.files.key.clone() }),
        client_authorities: vec![place.authority.certificate()],
        server_authorities: vec![place.authority.certificate()],
        ..TlsSetup::default()
    };
    setup.tls.load_client(&mut setup.client)
}

/// Beside the database where that is a file, else in a folder for what may be lost.
fn media_folder(database: &corridor_store::Options) -> PathBuf {
    let beside = match database.backend {
        corridor_store::Backend::Sqlite => Path::new(&database.location).parent().map(Path::to_owned),
        corridor_store::Backend::Postgres => None,
    };
    beside.unwrap_or_else(|| std::env::temp_dir().join(format!("corridor-{}", std::process::id()))).join("media")
}

fn settings(addresses: Addresses, department: &str, description: &str, database: &corridor_store::Options) -> Settings {
    Settings {
        addresses,
        department: department.to_owned(),
        description: description.to_owned(),
        source_url: String::new(),
        contact: "corridor@department.example".to_owned(),
        rules: [
            "Be civil. The Civil Service Code applies here as it does at work.",
            "Mark what you write, and think of who will read it.",
            "If in doubt, don't post it; ask first.",
        ]
        .map(str::to_owned)
        .to_vec(),
        scheme: MarkingScheme::official(),
        default_audience: Audience::Network,
        max_characters: 5000,
        registry: corridor_app::RegistrySettings::default(),
        media: MediaSettings::in_folder(media_folder(database)),
        streaming: corridor_app::streaming::StreamSettings::default(),
        destroy_after: Duration::from_secs(30 * 86_400),
        session_idle: Duration::from_secs(30 * 60),
        session_absolute: Duration::from_secs(12 * 3600),
        lock_after: 10,
        lock_for: Duration::from_secs(15 * 60),
        failures_per_address: 50,
        trusted_proxies: Vec::new(),
        // The least that OWASP names: forty people are made while someone waits.
        password_cost: PasswordCost { memory_kib: 19 * 1024, passes: 2, lanes: 1 },
        rsa_bits: 2048,
        key_overlap: Duration::from_secs(7 * 86_400),
    }
}

fn client() -> ClientOptions {
    ClientOptions {
        reachable: Reachable::loopback_only(),
        authorities: Vec::new(),
        identity: None,
        timeout: Duration::from_secs(10),
        body_bytes: 1024 * 1024,
        user_agent: format!("Corridor/{} (demonstration)", env!("CARGO_PKG_VERSION")),
    }
}
