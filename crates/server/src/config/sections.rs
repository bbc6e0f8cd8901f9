//! The configuration in its own types, section by section.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::http::header::HeaderName;
use corridor_api::RateLimits;
use corridor_domain::{AddressRange, Audience, Authority, FileGroup, MarkingScheme};
use corridor_federation::gate::StaticHost;
use url::Url;

/// Who runs the node.
#[derive(Debug, Clone)]
pub struct Node {
    /// The department's name.
    pub department: String,
    /// One or two sentences about the node.
    pub description: String,
    /// Where the source code can be had; empty for none.
    pub source_url: String,
    /// Whom to write to.
    pub contact: String,
    /// The house rules, one text each.
    pub rules: Vec<String>,
}

/// The three addresses.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The domain in handles.
    pub account_domain: Authority,
    /// Base of ids, `https`, host and port alone.
    pub federation: Url,
    /// Base of pages and client API, `https`, host and port alone.
    pub staff: Url,
}

/// Where and how the node listens.
#[derive(Debug, Clone)]
pub struct Server {
    /// For people, and for peers too unless they have their own.
    pub listen: SocketAddr,
    /// For peers alone.
    pub federation_listen: Option<SocketAddr>,
    /// Certificate and key; none behind a proxy.
    pub tls: Option<Tls>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Threads for each listener, at least one.
    pub workers: usize,
}

/// Files of a TLS certificate.
#[derive(Debug, Clone)]
pub struct Tls {
    /// PEM chain.
    pub certificate: PathBuf,
    /// PEM key.
    pub key: PathBuf,
}

/// What clients may do.
#[derive(Debug, Clone)]
pub struct Api {
    /// Origins of browser clients; `*` for all.
    pub cors_origins: Vec<String>,
    /// How often one may call.
    pub rates: RateLimits,
}

/// How careful SQLite is with the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// What was answered is on disk.
    Full,
    /// A power cut may lose the last writes.
    Normal,
}

/// Which database, and how.
#[derive(Debug, Clone)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://…`, without a password. See [`Database::url_with_password`].
    pub url: String,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
    /// Readers (SQLite) or all connections (PostgreSQL).
    pub connections: u32,
    /// How long a write waits for a lock.
    pub busy_timeout: Duration,
    /// See [`Synchronous`].
    pub synchronous: Synchronous,
    /// Page cache of each SQLite connection.
    pub cache_kib: u32,
}

impl Database {
    /// The URL with the password from its file put in. Not to be logged or shown.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn url_with_password(&self) -> io::Result<String> {
        let Some(file) = &self.password_file else { return Ok(self.url.clone()) };
        let password = std::fs::read_to_string(file)?;
        let joint = if self.url.contains('?') { '&' } else { '?' };
        Ok(format!("{}{joint}password={}", self.url, percent_encode(password.trim_end_matches(['\r', '\n']))))
    }
}

/// libpq reads percent signs but takes a plus as itself, so a form encoder won't do.
fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// What posts may be.
#[derive(Debug, Clone)]
pub struct Posts {
    /// Longest post.
    pub max_characters: usize,
    /// What the composer starts with.
    pub default_audience: Audience,
}

/// Pictures and files.
#[derive(Debug, Clone)]
pub struct Media {
    /// Where they are kept.
    pub folder: PathBuf,
    /// Largest file.
    pub max_bytes: usize,
    /// Most pixels of a picture.
    pub max_pixels: u32,
    /// What may be attached beside pictures.
    pub files: Vec<FileGroup>,
    /// For one person within a day.
    pub person_daily_bytes: u64,
    /// From one peer within a day.
    pub peer_daily_bytes: u64,
}

/// How peers are spoken to and listened to.
#[derive(Debug, Clone)]
pub struct Federation {
    /// What peers' names may resolve to.
    pub allowed_ranges: Vec<AddressRange>,
    /// Addresses of peers, in the place of DNS.
    pub hosts: Vec<StaticHost>,
    /// PEM files of authorities; those of the system when empty.
    pub authority_files: Vec<PathBuf>,
    /// How far a peer's clock may be off.
    pub clock_skew: Duration,
    /// How long a request to a peer may take.
    pub request_timeout: Duration,
    /// How long a peer's request may take to send its body.
    pub body_timeout: Duration,
    /// Largest body in or out.
    pub max_body_bytes: usize,
    /// Deepest nesting of JSON.
    pub max_json_depth: usize,
    /// Fetches that one activity may cause.
    pub max_fetches: usize,
    /// Ancestors fetched for a reply.
    pub max_ancestors: usize,
    /// Activities on their way to one peer at a time.
    pub delivery_window: usize,
    /// First wait after a failure.
    pub retry_first: Duration,
    /// Longest wait.
    pub retry_longest: Duration,
    /// Whether WebFinger answers without a signature.
    pub unsigned_webfinger: bool,
    /// Names asked for in vain, without a signature, from one address.
    pub webfinger_misses_per_hour: u32,
    /// Activities from one peer each second.
    pub max_inbox_per_second: u32,
}

/// Certificates between nodes.
#[derive(Debug, Clone)]
pub struct FederationTls {
    /// What this node shows to peers.
    pub tls: Option<Tls>,
    /// Who signs what connecting peers must show; nothing is demanded when empty.
    pub client_authority_files: Vec<PathBuf>,
    /// Where a proxy tells of a peer's certificate.
    pub client_certificate_header: Option<HeaderName>,
    /// How long a handshake may take.
    pub handshake_timeout: Duration,
}

/// Passwords, sessions, keys.
#[derive(Debug, Clone)]
pub struct Security {
    /// Argon2id memory.
    pub password_memory_kib: u32,
    /// Argon2id passes.
    pub password_passes: u32,
    /// Argon2id lanes.
    pub password_lanes: u32,
    /// A session ends after this long without use.
    pub session_idle: Duration,
    /// A session ends after this long in any case.
    pub session_absolute: Duration,
    /// Failed sign-ins before an account is locked.
    pub lock_after: i32,
    /// How long it stays locked.
    pub lock_for: Duration,
    /// Failed sign-ins from one address in that time.
    pub failures_per_address: u32,
    /// Bits of a person's RSA key.
    pub rsa_bits: u32,
    /// How long a key still counts after a rotation.
    pub key_overlap: Duration,
}

/// How the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The log.
#[derive(Debug, Clone)]
pub struct Log {
    /// See [`LogFormat`].
    pub format: LogFormat,
    /// Directives of tracing's `EnvFilter`; checked.
    pub filter: String,
}

/// The markings, as the domain has them.
pub type Markings = MarkingScheme;
