//! From settings to sections: every check on a value, and every check of one value against another.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use corridor_api::RateLimits;
use corridor_app::RegistrySettings;
use corridor_app::streaming::StreamSettings;
use corridor_domain::registry::SIGNERS_NEEDED;
use corridor_domain::{Audience, Authority, FileGroup, MarkingLevel, MarkingScheme};
use corridor_federation::gate::StaticHost;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::reader::Reader;
use super::sections::{
    Addresses, Api, Database, Federation, FederationTls, Log, LogFormat, Media, Node, Posts, Security, Server,
    Synchronous, Tls,
};

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;

pub(super) fn node(r: &mut Reader) -> Node {
    Node {
        department: r.required("node.department", "give the department's name, as people say it").unwrap_or_default(),
        description: r.text("node.description"),
        source_url: r.text("node.source_url"),
        contact: r.text("node.contact"),
        rules: r.texts("node.rules"),
    }
}

pub(super) fn addresses(r: &mut Reader) -> Addresses {
    const KEY: &str = "addresses.account_domain";
    let text = r.required(KEY, "give the domain in people's handles, such as department.example");
    let account_domain = text.and_then(|text| match Authority::parse(&text) {
        Ok(authority) => Some(authority),
        Err(error) => {
            r.refuse(KEY, format_args!("is “{text}”: {error}"));
            None
        }
    });
    let federation = base(r, "addresses.federation", account_domain.as_ref());
    let staff = base(r, "addresses.staff", account_domain.as_ref());
    Addresses { account_domain: account_domain.unwrap_or_else(nowhere), federation, staff }
}

/// What goes on in the place of an address that was refused; nobody gets to see it.
fn nowhere() -> Authority {
    Authority::parse("unset.invalid").expect("a host name")
}

/// An `https` address without a path; the account domain's when it is not set.
fn base(r: &mut Reader, key: &'static str, account_domain: Option<&Authority>) -> Url {
    let text = r.text(key);
    let of = |authority: &Authority| Url::parse(&format!("https://{authority}")).expect("an authority makes a URL");
    if text.is_empty() {
        let url = of(account_domain.unwrap_or(&nowhere()));
        if account_domain.is_some() {
            r.follow(key, url.as_str().trim_end_matches('/').to_owned(), "addresses.account_domain");
        }
        return url;
    }
    checked_base(&text).unwrap_or_else(|message| {
        r.refuse(key, format_args!("is “{text}”: {message}"));
        of(&nowhere())
    })
}

fn checked_base(text: &str) -> Result<Url, String> {
    if text.starts_with("http://") {
        return Err("it must begin with https://; a node never serves plain http beyond its own machine".to_owned());
    }
    if !text.starts_with("https://") {
        return Err(format!("write the whole address, such as https://{}", text.trim_start_matches('/')));
    }
    let url = Url::parse(text).map_err(|error| format!("that is not an address ({error})"))?;
    Authority::of_url(&url).map_err(|error| error.to_string())?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("give the scheme and the host alone, without a path or a query".to_owned());
    }
    Ok(url)
}

pub(super) fn server(r: &mut Reader) -> Server {
    let listen = match r.socket("server.listen") {
        Some(address) => address,
        None => {
            if r.text("server.listen").is_empty() {
                r.refuse("server.listen", "is empty: a node must listen somewhere");
            }
            SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
        }
    };
    let federation_listen = r.socket("server.federation_listen");
    if federation_listen == Some(listen) {
        r.refuse("server.federation_listen", "is the same as server.listen: leave it out to serve both there");
    }
    let tls = pair(r, "server.tls_certificate", "server.tls_key");
    let trusted_proxies = r.list("server.trusted_proxies");
    let open = [("server.listen", Some(listen)), ("server.federation_listen", federation_listen)];
    let half_tls = r.path("server.tls_certificate").is_some() || r.path("server.tls_key").is_some();
    if !half_tls && r.texts("server.trusted_proxies").is_empty() {
        let own_tls = r.path("federation_tls.certificate").is_some();
        for (key, address) in open {
            if key == "server.federation_listen" && own_tls {
                continue;
            }
            if address.is_some_and(|address| !address.ip().is_loopback()) {
                r.refuse(
                    key,
                    "would be open to the network without TLS: name server.tls_certificate and server.tls_key, \
                     or the proxy in front in server.trusted_proxies, or listen on 127.0.0.1",
                );
            }
        }
    }
    let workers = match r.number("server.workers", 0..=1024) {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        workers => workers,
    };
    Server { listen, federation_listen, tls, trusted_proxies, workers }
}

/// A certificate and its key, both or neither.
fn pair(r: &mut Reader, certificate: &'static str, key: &'static str) -> Option<Tls> {
    match (r.path(certificate), r.path(key)) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            r.refuse(key, format_args!("is not set, but {certificate} is: the two belong together"));
            None
        }
        (None, Some(_)) => {
            r.refuse(certificate, format_args!("is not set, but {key} is: the two belong together"));
            None
        }
    }
}

pub(super) fn federation_tls(r: &mut Reader) -> FederationTls {
    const AUTHORITIES: &str = "federation_tls.client_authority_files";
    const HEADER: &str = "federation_tls.client_certificate_header";
    let tls = pair(r, "federation_tls.certificate", "federation_tls.key");
    let client_authority_files: Vec<PathBuf> = r.texts(AUTHORITIES).into_iter().map(PathBuf::from).collect();
    if !client_authority_files.is_empty() {
        if r.text("server.federation_listen").is_empty() {
            r.refuse(
                AUTHORITIES,
                "demands certificates of peers, but server.federation_listen is not set: people have none",
            );
        }
        if r.text("federation_tls.certificate").is_empty() && r.text("server.tls_certificate").is_empty() {
            r.refuse(AUTHORITIES, "demands certificates of peers, but federation_tls.certificate is not set");
        }
    }
    let header = r.text(HEADER);
    let client_certificate_header = (!header.is_empty()).then(|| header.parse().ok()).flatten();
    if !header.is_empty() {
        if client_certificate_header.is_none() {
            r.refuse(HEADER, format_args!("is “{header}”, which is not the name of a header"));
        }
        if r.texts("server.trusted_proxies").is_empty() {
            r.refuse(HEADER, "is set, but server.trusted_proxies names nobody who may send it");
        }
        if !client_authority_files.is_empty() {
            r.refuse(
                HEADER,
                format_args!("is set, and {AUTHORITIES} too: either the proxy checks certificates or the node"),
            );
        }
    }
    FederationTls {
        tls,
        client_authority_files,
        client_certificate_header,
        handshake_timeout: r.seconds("federation_tls.handshake_timeout_seconds", 1, 1..=60),
    }
}

pub(super) fn database(r: &mut Reader) -> Database {
    let url = r.text("database.url");
    let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let sqlite_file = url.strip_prefix("sqlite:").map(|file| file.trim_start_matches("//"));
    if sqlite_file.is_none_or(str::is_empty) && !postgres {
        // A mistyped URL may hold a password, so it is not repeated here.
        r.refuse("database.url", "must be sqlite:FILE or postgres://USER@HOST/NAME");
    }
    if postgres && holds_password(&url) {
        r.refuse(
            "database.url",
            "holds a password: take it out, put it into a file, and name that in database.password_file",
        );
    }
    let password_file = r.path("database.password_file");
    if password_file.is_some() && !postgres {
        r.refuse("database.password_file", "is for PostgreSQL, but database.url names another database");
    }
    Database {
        url,
        password_file,
        connections: r.number("database.connections", 1..=1000),
        busy_timeout: Duration::from_millis(r.number("database.busy_timeout_ms", 1..=600_000)),
        synchronous: r.choice(
            "database.synchronous",
            &[("full", Synchronous::Full), ("normal", Synchronous::Normal)],
            Synchronous::Full,
        ),
        cache_kib: r.number("database.cache_kib", 64..=16_777_216),
    }
}

fn holds_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    user.contains(':') || query.split('&').any(|pair| pair.starts_with("password="))
}

pub(super) fn markings(r: &mut Reader) -> MarkingScheme {
    let names = r.texts("markings.levels");
    let handling = r.texts("markings.handling_required");
    let same = |a: &str, b: &str| a.trim().eq_ignore_ascii_case(b.trim());
    for name in handling.iter().filter(|name| !names.iter().any(|level| same(level, name))) {
        r.refuse("markings.handling_required", format_args!("names “{name}”, which is not in markings.levels"));
    }
    if names.iter().any(|name| name.trim().is_empty()) {
        r.refuse("markings.levels", "has an empty name");
    }
    let levels: Vec<MarkingLevel> = names
        .iter()
        .map(|name| MarkingLevel {
            name: name.trim().to_owned(),
            handling_required: handling.iter().any(|needs| same(needs, name)),
        })
        .collect();
    let default = r.text("markings.default");
    MarkingScheme::new(levels, &default).unwrap_or_else(|error| {
        let unknown = matches!(error, corridor_domain::marking::MarkingError::Unknown { .. });
        let key = if unknown { "markings.default" } else { "markings.levels" };
        r.refuse(key, format_args!("won't do: {error}"));
        MarkingScheme::official()
    })
}

pub(super) fn posts(r: &mut Reader) -> Posts {
    // A group or named people can't be a default: they must be chosen.
    let audiences = [Audience::Department, Audience::Network, Audience::Followers].map(|each| (each.word(), each));
    Posts {
        max_characters: r.number("posts.max_characters", 1..=100_000),
        default_audience: r.choice("posts.default_audience", &audiences, Audience::Department),
    }
}

pub(super) fn federation(r: &mut Reader) -> Federation {
    let federation = Federation {
        allowed_ranges: r.list("federation.allowed_ranges"),
        hosts: hosts(r),
        authority_files: r.texts("federation.authority_files").into_iter().map(PathBuf::from).collect(),
        clock_skew: r.seconds("federation.clock_skew_seconds", 1, 1..=3600),
        request_timeout: r.seconds("federation.request_timeout_seconds", 1, 1..=300),
        body_timeout: r.seconds("federation.body_timeout_seconds", 1, 1..=300),
        max_body_bytes: r.number::<usize>("federation.max_body_kib", 16..=65_536) * 1024,
        max_json_depth: r.number("federation.max_json_depth", 8..=128),
        max_fetches: r.number("federation.max_fetches", 1..=1000),
        max_ancestors: r.number("federation.max_ancestors", 0..=1000),
        delivery_window: r.number("federation.delivery_window", 1..=1000),
        retry_first: r.seconds("federation.retry_first_seconds", 1, 1..=DAY.cast_signed()),
        retry_longest: r.seconds("federation.retry_longest_seconds", 1, 1..=DAY.cast_signed()),
        unsigned_webfinger: r.switch("federation.unsigned_webfinger"),
        webfinger_misses_per_hour: r.number("federation.webfinger_misses_per_hour", 1..=1_000_000),
        max_inbox_per_second: r.number("federation.max_inbox_per_second", 1..=1_000_000),
    };
    if federation.retry_first > federation.retry_longest {
        r.refuse("federation.retry_first_seconds", "is more than federation.retry_longest_seconds");
    }
    federation
}

fn hosts(r: &mut Reader) -> Vec<StaticHost> {
    const KEY: &str = "federation.hosts";
    let hosts: Vec<StaticHost> = r.list(KEY);
    let mut seen = BTreeSet::new();
    for entry in &hosts {
        if !seen.insert(entry.host.host()) {
            r.refuse(KEY, format_args!("names {} twice", entry.host.host()));
        }
    }
    hosts
}

pub(super) fn media(r: &mut Reader) -> Media {
    const MIB: usize = 1024 * 1024;
    const GROUPS: [(&str, FileGroup); 3] =
        [("pdf", FileGroup::Pdf), ("office", FileGroup::Office), ("text", FileGroup::Text)];
    let mut files = Vec::new();
    for word in r.texts("media.files") {
        match GROUPS.iter().find(|(known, _)| *known == word) {
            Some((_, group)) => files.push(*group),
            None => r.refuse("media.files", format_args!("has “{word}”: there are “pdf”, “office” and “text”")),
        }
    }
    let daily = |r: &mut Reader, key| r.number::<u64>(key, 1..=1_048_576) * MIB as u64;
    Media {
        folder: media_folder(r),
        max_bytes: r.number::<usize>("media.max_mib", 1..=512) * MIB,
        // More would take more memory than a decoder may have.
        max_pixels: r.number::<u32>("media.max_megapixels", 1..=200) * 1_000_000,
        files,
        person_daily_bytes: daily(r, "media.person_daily_mib"),
        peer_daily_bytes: daily(r, "media.peer_daily_mib"),
    }
}

/// Beside the database where that is a file.
fn media_folder(r: &mut Reader) -> PathBuf {
    const KEY: &str = "media.folder";
    if let Some(folder) = r.path(KEY) {
        return folder;
    }
    let url = r.text("database.url");
    let file = url.strip_prefix("sqlite:").map(|file| PathBuf::from(file.strip_prefix("//").unwrap_or(file)));
    let folder =
        file.as_deref().and_then(std::path::Path::parent).map_or_else(PathBuf::new, PathBuf::from).join("media");
    r.follow(KEY, folder.display().to_string(), "database.url");
    folder
}

pub(super) fn registry(r: &mut Reader) -> RegistrySettings {
    const SIGNERS: &str = "registry.signers";
    let settings = RegistrySettings {
        name: r.text("registry.name"),
        signers: r.list(SIGNERS),
        required: r.switch("registry.required"),
        automatic: r.switch("registry.automatic"),
    };
    let signers = &settings.signers;
    for (at, signer) in signers.iter().enumerate() {
        let earlier = signers.iter().take(at);
        if earlier.clone().any(|other| other.name == signer.name || other.key == signer.key) {
            // One person under two names would be the two signers.
            r.refuse(SIGNERS, format_args!("names {} or their key twice", signer.name));
        }
        if !corridor_app::registry::signing::is_key(signer) {
            r.refuse(SIGNERS, format_args!("has a key for {} that is no Ed25519 key", signer.name));
        }
    }
    if !settings.name.is_empty() && signers.len() < SIGNERS_NEEDED {
        r.refuse(SIGNERS, format_args!("names fewer than {SIGNERS_NEEDED}, so no registry could ever be believed"));
    }
    if settings.name.is_empty() && settings.required {
        r.refuse("registry.required", "is true, but registry.name names no registry");
    }
    settings
}

pub(super) fn security(r: &mut Reader) -> Security {
    let security = Security {
        // Less than OWASP's floor would be a hole that looks like a setting.
        password_memory_kib: r.number("security.password_memory_kib", 19_456..=4_194_304),
        password_passes: r.number("security.password_passes", 2..=100),
        password_lanes: r.number("security.password_lanes", 1..=64),
        session_idle: r.seconds("security.session_idle_minutes", MINUTE, 1..=10_080),
        session_absolute: r.seconds("security.session_absolute_hours", HOUR, 1..=720),
        lock_after: r.number("security.lock_after", 1..=1000),
        lock_for: r.seconds("security.lock_minutes", MINUTE, 1..=10_080),
        failures_per_address: r.number("security.failures_per_address", 1..=1_000_000),
        rsa_bits: r.number("security.rsa_bits", 2048..=4096),
        key_overlap: r.seconds("security.key_overlap_days", DAY, 0..=90),
    };
    if ![2048, 3072, 4096].contains(&security.rsa_bits) {
        r.refuse("security.rsa_bits", format_args!("must be 2048, 3072 or 4096, but is {}", security.rsa_bits));
    }
    if security.session_idle > security.session_absolute {
        r.refuse("security.session_idle_minutes", "is more than security.session_absolute_hours");
    }
    security
}

pub(super) fn api(r: &mut Reader) -> Api {
    let rates = RateLimits {
        requests: limit(r, "api.requests_per_five_minutes"),
        uploads: limit(r, "api.uploads_per_half_hour"),
        deletions: limit(r, "api.deletions_per_half_hour"),
    };
    Api { cors_origins: cors_origins(r), rates }
}

/// A number, of which nought stands for none.
fn limit(r: &mut Reader, key: &'static str) -> Option<u32> {
    Some(r.number(key, 0..=1_000_000)).filter(|limit| *limit > 0)
}

fn cors_origins(r: &mut Reader) -> Vec<String> {
    const KEY: &str = "api.cors_origins";
    let origins = r.texts(KEY);
    for text in origins.iter().filter(|text| *text != "*") {
        // A browser sends its origin in exactly this form, so nothing else could ever match.
        let exact = Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == *text);
        if !exact {
            r.refuse(
                KEY,
                format_args!("has a wrong entry: “{text}” is not an origin such as https://client.example, or *"),
            );
        }
    }
    origins
}

pub(super) fn streaming(r: &mut Reader) -> StreamSettings {
    StreamSettings {
        most: r.number("streaming.max_streams", 0..=1_000_000),
        most_of_person: r.number("streaming.max_streams_per_person", 1..=10_000),
        heartbeat: r.seconds("streaming.heartbeat_seconds", SECOND, 1..=600),
        ..StreamSettings::default()
    }
}

pub(super) fn destroy_after(r: &mut Reader) -> Duration {
    r.seconds("retention.destroy_deleted_after_days", DAY, 0..=36_500)
}

pub(super) fn log(r: &mut Reader) -> Log {
    let format = r.choice("log.format", &[("text", LogFormat::Text), ("json", LogFormat::Json)], LogFormat::Text);
    let filter = r.text("log.filter");
    if let Err(error) = EnvFilter::builder().parse(&filter) {
        r.refuse("log.filter", format_args!("is “{filter}”: {error}"));
    }
    Log { format, filter }
}
