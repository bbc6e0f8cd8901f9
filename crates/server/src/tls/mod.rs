//! TLS of the listeners: certificates from files, exchanged while connections live, and peers' certificates demanded.

mod refusals;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use arc_swap::ArcSwap;
use corridor_domain::Timestamp;
use corridor_federation::certificate::{self, Certificates, ProxyHeader};
use corridor_federation::client::{ClientOptions, Identity};
use openssl::pkey::PKey;
use openssl::ssl::{
    AlpnError, SslAcceptor, SslAcceptorBuilder, SslContext, SslContextBuilder, SslMethod, SslOptions,
    SslSessionCacheMode, SslVerifyMode, select_next_proto,
};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509StoreContext, X509StoreContextRef};

pub(crate) use refusals::done;
pub use watch::Watcher;

use refusals::Refusals;

/// A root, two authorities below it, and the node.
const CHAIN: u32 = 3;
/// How much of a refused certificate's names goes into the log.
const NAMES_SHOWN: usize = 300;

/// The files of a TLS certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM chain, the node's own certificate first.
    pub certificate: PathBuf,
    /// PEM key.
    pub key: PathBuf,
}

/// Everything about TLS that a node is set up with.
#[derive(Debug, Clone)]
pub struct TlsSetup {
    /// Shown to people, and to peers where nothing else is said. None behind a proxy.
    pub staff: Option<TlsFiles>,
    /// Shown to peers, by the listener for peers and by this node when it connects to one.
    pub peers: Option<TlsFiles>,
    /// Who signs the certificates that connecting peers must show. Without any, none is demanded.
    pub client_authorities: Vec<PathBuf>,
    /// Who signs the certificates of the peers that this node connects to; the system's where there are none.
    pub server_authorities: Vec<PathBuf>,
    /// Where a proxy tells of a peer's certificate.
    pub proxy: Option<Arc<ProxyHeader>>,
    /// How long a handshake may take.
    pub handshake_timeout: Duration,
    /// How often the files are looked at.
    pub poll: Duration,
}

impl Default for TlsSetup {
    fn default() -> Self {
        Self {
            staff: None,
            peers: None,
            client_authorities: Vec::new(),
            server_authorities: Vec::new(),
            proxy: None,
            handshake_timeout: Duration::from_secs(3),
            poll: Duration::from_secs(5),
        }
    }
}

impl TlsSetup {
    /// Reads what the client for peers needs.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn load_client(&self, options: &mut ClientOptions) -> Result<()> {
        (options.authorities, options.identity) = self.client_files()?;
        Ok(())
    }

    fn client_files(&self) -> Result<(Vec<Vec<u8>>, Option<Identity>)> {
        let authorities = self.server_authorities.iter().map(|file| read(file)).collect::<Result<_>>()?;
        let identity = self
            .peers
            .as_ref()
            .map(|files| anyhow::Ok(Identity { certificate: read(&files.certificate)?, key: read(&files.key)? }));
        Ok((authorities, identity.transpose()?))
    }

    /// Whether the certificate that peers are shown names this node's federation host; peers refuse it otherwise.
    pub(crate) fn names(&self, host: &str) -> Result<bool> {
        let Some(files) = &self.peers else { return Ok(true) };
        let own = certificates(&files.certificate)?;
        Ok(own.first().is_some_and(|own| certificate::names(own).iter().any(|name| name == host)))
    }

    /// The listener for people.
    pub(crate) fn staff_endpoint(&self) -> Result<Option<Endpoint>> {
        self.staff.clone().map(|files| Endpoint::load("staff", files, Vec::new())).transpose()
    }

    /// The listener for peers alone.
    pub(crate) fn peers_endpoint(&self) -> Result<Option<Endpoint>> {
        let files = self.peers.clone().or_else(|| self.staff.clone());
        files.map(|files| Endpoint::load("federation", files, self.client_authorities.clone())).transpose()
    }

    /// Which certificate the listener for peers holds against their signatures.
    pub(crate) fn demanded(&self, own_listener: bool) -> Certificates {
        match &self.proxy {
            Some(header) => Certificates::FromProxy(header.clone()),
            None if own_listener && !self.client_authorities.is_empty() => Certificates::OfConnection,
            None => Certificates::NotAsked,
        }
    }
}

/// One listener's certificate and demands, as they are now.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: &'static str,
    files: TlsFiles,
    clients: Vec<PathBuf>,
    current: ArcSwap<SslContext>,
    /// When the certificate ends, in milliseconds since 1970.
    expires_at: AtomicI64,
    /// Who was turned away, where certificates are demanded.
    refusals: Option<Arc<Refusals>>,
}

impl Endpoint {
    fn load(name: &'static str, files: TlsFiles, clients: Vec<PathBuf>) -> Result<Self> {
        let loaded = Loaded::read(&files, &clients).with_context(|| format!("TLS of the {name} listener"))?;
        let refusals = (!clients.is_empty()).then(|| Refusals::at(name));
        Ok(Self(Arc::new(Inner {
            name,
            refusals,
            files,
            clients,
            current: ArcSwap::from_pointee(loaded.builder.build().into_context()),
            expires_at: AtomicI64::new(loaded.expires_at.millis()),
        })))
    }

    /// Which listener it is.
    pub(crate) fn name(&self) -> &'static str {
        self.0.name
    }

    /// When its certificate ends.
    pub(crate) fn expires_at(&self) -> Timestamp {
        Timestamp::from_millis(self.0.expires_at.load(Ordering::Relaxed))
    }

    /// What a listener takes: each handshake goes on with whatever is current then.
    pub(crate) fn acceptor(&self) -> Result<SslAcceptorBuilder> {
        let mut builder = Loaded::read(&self.0.files, &self.0.clients)?.builder;
        let endpoint = self.clone();
        // Asked in every handshake, with a server name or without.
        builder.set_servername_callback(move |ssl, _| {
            if let Some(refusals) = &endpoint.0.refusals {
                refusals.watch(ssl);
            }
            if let Err(error) = ssl.set_ssl_context(&endpoint.0.current.load()) {
                tracing::error!("the current certificate can't be used for a connection: {error}");
            }
            Ok(())
        });
        Ok(builder)
    }

    /// Reads the files anew. Connections that are there already go on.
    ///
    /// # Errors
    /// When they won't do: unreadable, key and certificate of different pairs, or a certificate that has ended or is not
    /// valid yet. Then the old ones stay.
    pub(crate) fn reload(&self, now: Timestamp) -> Result<()> {
        let loaded = Loaded::read(&self.0.files, &self.0.clients)?;
        loaded.ensure_current(now)?;
        self.0.current.store(Arc::new(loaded.builder.build().into_context()));
        self.0.expires_at.store(loaded.expires_at.millis(), Ordering::Relaxed);
        Ok(())
    }
}

/// Files that were read and fit each other.
struct Loaded {
    builder: SslAcceptorBuilder,
    valid_from: Timestamp,
    expires_at: Timestamp,
}

impl Loaded {
    fn read(files: &TlsFiles, clients: &[PathBuf]) -> Result<Self> {
        let mut builder = if clients.is_empty() {
            SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?
        } else {
            SslAcceptor::mozilla_modern_v5(SslMethod::tls_server())?
        };
        let mut chain = certificates(&files.certificate)?.into_iter();
        let own = chain.next().with_context(|| format!("{} holds no certificate", files.certificate.display()))?;
        builder.set_certificate(&own)?;
        chain.try_for_each(|above| builder.add_extra_chain_cert(above))?;
        let key = PKey::private_key_from_pem(&read(&files.key)?)
            .with_context(|| format!("{} holds no private key in PEM", files.key.display()))?;
        builder.set_private_key(&key).with_context(|| mismatch(files))?;
        builder.check_private_key().with_context(|| mismatch(files))?;
        if clients.is_empty() {
            offer(&mut builder, b"\x02h2\x08http/1.1");
        } else {
            // Signatures cover the Host header, which HTTP/2 does without.
            offer(&mut builder, b"\x08http/1.1");
            demand(&mut builder, clients)?;
        }
        let (valid_from, expires_at) = (certificate::moment(own.not_before())?, certificate::moment(own.not_after())?);
        Ok(Self { builder, valid_from, expires_at })
    }
}

impl Loaded {
    /// At the start a certificate that has ended, or is not valid yet, is better than no node; in the place of another
    /// it is not.
    fn ensure_current(&self, now: Timestamp) -> Result<()> {
        ensure!(self.valid_from <= now, "the new certificate is not valid before {}", self.valid_from.to_rfc3339());
        ensure!(self.expires_at > now, "the new certificate has ended on {}", self.expires_at.to_rfc3339());
        Ok(())
    }
}

fn mismatch(files: &TlsFiles) -> String {
    format!("the key {} does not belong to the certificate {}", files.key.display(), files.certificate.display())
}

fn offer(builder: &mut SslContextBuilder, protocols: &'static [u8]) {
    builder.set_alpn_select_callback(|_, offered| select_next_proto(protocols, offered).ok_or(AlpnError::NOACK));
}

/// Nobody gets in without a certificate of these authorities. Sessions are not resumed: each connection shows it anew.
fn demand(builder: &mut SslContextBuilder, authorities: &[PathBuf]) -> Result<()> {
    let mut store = X509StoreBuilder::new()?;
    for file in authorities {
        for authority in certificates(file)? {
            builder.add_client_ca(&authority)?;
            store.add_cert(authority)?;
        }
    }
    builder.set_cert_store(store.build());
    builder.set_verify_callback(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT, |fits, chain| {
        if !fits {
            note_refusal(chain);
        }
        fits
    });
    builder.set_verify_depth(CHAIN);
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_options(SslOptions::NO_TICKET);
    builder.set_num_tickets(0)?;
    Ok(())
}

fn note_refusal(chain: &X509StoreContextRef) {
    let Some(ssl) = X509StoreContext::ssl_idx().ok().and_then(|index| chain.ex_data(index)) else { return };
    let names = chain.current_cert().map(certificate::names).unwrap_or_default().join(", ");
    // Anybody can write anything into a certificate.
    let names: String = names.chars().flat_map(char::escape_debug).take(NAMES_SHOWN).collect();
    let whose = if names.is_empty() { "without a name".to_owned() } else { format!("of {names}") };
    refusals::refused(ssl, format!("the certificate {whose} won't do: {}", chain.error()));
}

/// All certificates of a PEM file, at least one.
pub(crate) fn certificates(file: &Path) -> Result<Vec<X509>> {
    let found = X509::stack_from_pem(&read(file)?)
        .with_context(|| format!("{} holds no certificate in PEM", file.display()))?;
    ensure!(!found.is_empty(), "{} holds no certificate in PEM", file.display());
    Ok(found)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::ca::{Folder, Validity};
    use corridor_domain::Authority;
    use corridor_store::Clock;
    use openssl::ssl::{SslConnector, SslFiletype};

    /// A place for log lines.
    #[derive(Clone, Default)]
    struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What the log says of one handshake with a caller who shows these files, if any.
    fn said_of(endpoint: &Endpoint, authority: &Folder, shows: Option<&TlsFiles>) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut caller = SslConnector::builder(SslMethod::tls_client()).unwrap();
        caller.set_ca_file(authority.certificate()).unwrap();
        if let Some(files) = shows {
            caller.set_certificate_file(&files.certificate, SslFiletype::PEM).unwrap();
            caller.set_private_key_file(&files.key, SslFiletype::PEM).unwrap();
        }
        let (caller, address) = (caller.build(), listener.local_addr().unwrap());
        let calling = std::thread::spawn(move || {
            let stream = std::net::TcpStream::connect(address).unwrap();
            // Under TLS 1.3 a caller believes in success until it reads.
            if let Ok(mut stream) = caller.connect("a.gov", stream) {
                let _ = std::io::Read::read(&mut stream, &mut [0]);
            }
        });
        let lines = Lines::default();
        let into = lines.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || into.clone()).finish();
        tracing::subscriber::with_default(log, || {
            let (stream, _) = listener.accept().unwrap();
            if let Ok(stream) = endpoint.acceptor().unwrap().build().accept(stream) {
                done(stream.ssl());
            }
        });
        calling.join().unwrap();
        let said = lines.0.lock().unwrap().clone();
        String::from_utf8(said).unwrap()
    }

    #[test]
    fn a_refused_handshake_leaves_a_line_that_says_why() {
        let (folder, now) = (tempfile::tempdir().unwrap(), Clock::system().now());
        let (authority, other) = (Folder::at(&folder.path().join("ca")), Folder::at(&folder.path().join("other")));
        let issue = |by: &Folder, host: &str, validity| {
            let made = by.issue(&Authority::parse(host).unwrap(), None, validity).unwrap();
            TlsFiles { certificate: made.certificate, key: made.key }
        };
        for folder in [&authority, &other] {
            folder.init("Tests", Validity::days(now, 1)).unwrap();
        }
        let own = issue(&authority, "a.gov", Validity::days(now, 1));
        let past = issue(&authority, "late.gov", Validity { from: 1_000_000_000, until: 1_000_000_001 });
        let strange = issue(&other, "strange.gov", Validity::days(now, 1));
        let said = |shows: Option<&TlsFiles>| {
            // An endpoint of its own for each, since the second line within ten seconds would be left out.
            let endpoint = Endpoint::load("federation", own.clone(), vec![authority.certificate()]).unwrap();
            said_of(&endpoint, &authority, shows)
        };
        assert!(said(None).contains("showed no certificate"), "{}", said(None));
        let late = said(Some(&past));
        assert!(late.contains("of late.gov") && late.contains("expired"), "{late}");
        let unknown = said(Some(&strange));
        assert!(unknown.contains("of strange.gov"), "{unknown}");
        assert_eq!(said(Some(&own)), "");
    }

    #[test]
    fn hostile_079_what_wont_do_is_refused_and_the_old_certificate_stays() {
        let (folder, now) = (tempfile::tempdir().unwrap(), Clock::system().now());
        let authority = Folder::at(&folder.path().join("ca"));
        authority.init("Tests", Validity::days(now, 1)).unwrap();
        let issue =
            |host: &str| authority.issue(&Authority::parse(host).unwrap(), None, Validity::days(now, 1)).unwrap();
        let (mine, other) = (issue("a.gov"), issue("b.gov"));
        let files = TlsFiles { certificate: mine.certificate.clone(), key: mine.key.clone() };
        let setup = TlsSetup { peers: Some(files.clone()), ..TlsSetup::default() };
        assert!(setup.names("a.gov").unwrap() && !setup.names("b.gov").unwrap());
        let endpoint = Endpoint::load("federation", files, vec![authority.certificate()]).unwrap();
        let before = endpoint.0.current.load_full();
        let kept = |why: &str| {
            let error = format!("{:#}", endpoint.reload(now).unwrap_err());
            assert!(error.contains(why), "{error}");
            assert!(Arc::ptr_eq(&before, &endpoint.0.current.load_full()), "{why}");
        };
        let good = std::fs::read(&mine.certificate).unwrap();
        std::fs::copy(&other.certificate, &mine.certificate).unwrap();
        kept("does not belong to the certificate");
        std::fs::write(&mine.certificate, "nothing").unwrap();
        kept("no certificate in PEM");
        std::fs::remove_file(&mine.certificate).unwrap();
        kept("can't be read");
        std::fs::write(&mine.certificate, good).unwrap();
        let past = Validity { from: 1_000_000_000, until: 1_000_000_001 };
        authority.renew(&Authority::parse("a.gov").unwrap(), None, past).unwrap();
        kept("has ended");
        let seconds = now.millis() / 1000;
        let future = Validity { from: seconds + 3600, until: seconds + 86_400 };
        authority.renew(&Authority::parse("a.gov").unwrap(), None, future).unwrap();
        kept("is not valid before");
        authority.renew(&Authority::parse("a.gov").unwrap(), None, Validity::days(now, 9)).unwrap();
        endpoint.reload(now).unwrap();
        assert!(!Arc::ptr_eq(&before, &endpoint.0.current.load_full()));
        assert!(endpoint.expires_at() > Timestamp::from_millis(now.millis() + 8 * 86_400_000));
    }
}
