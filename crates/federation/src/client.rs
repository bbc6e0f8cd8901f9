//! The one way out to peers: guarded addresses, no redirects, no proxy, bounded answers.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use corridor_domain::authority::Policy as AuthorityPolicy;
use corridor_domain::{Authority, Peer};
use futures_util::StreamExt;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::gate::{GuardedResolver, Reachable};
use crate::tls_fault;

/// Where WebFinger answers.
pub(crate) const WEBFINGER: &str = "/.well-known/webfinger";

/// How to build a [`PeerClient`].
#[derive(Debug)]
pub struct ClientOptions {
    /// Which addresses may be connected to; decides too whether plain `http` is spoken (loopback only).
    pub reachable: Reachable,
    /// PEM certificates of the authorities that sign peers; the system's when empty.
    pub authorities: Vec<Vec<u8>>,
    /// What this node shows of itself to peers that ask for a certificate.
    pub identity: Option<Identity>,
    /// How long a request may take in all.
    pub timeout: Duration,
    /// Largest answer, in bytes.
    pub body_bytes: usize,
    /// Such as `Corridor/0.1 (+https://corridor.department.example)`.
    pub user_agent: String,
}

/// A certificate and its key.
#[derive(Clone)]
pub struct Identity {
    /// PEM chain, the node's own certificate first.
    pub certificate: Vec<u8>,
    /// PEM key.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// reqwest takes keys in PKCS #8 alone; `openssl ecparam` and others write another form.
    fn read(&self) -> Result<reqwest::Identity, ClientError> {
        let wrong = |error: &dyn std::fmt::Display| ClientError::Tls(format!("the node's own certificate: {error}"));
        let key = openssl::pkey::PKey::private_key_from_pem(&self.key).map_err(|error| wrong(&error))?;
        let key = key.private_key_to_pem_pkcs8().map_err(|error| wrong(&error))?;
        reqwest::Identity::from_pkcs8_pem(&self.certificate, &key).map_err(|error| wrong(&error))
    }
}

/// Speaks HTTP with allowed peers. Cloned freely.
#[derive(Debug, Clone)]
pub struct PeerClient {
    /// Exchanged when a certificate is; what is under way ends with the old one.
    http: Arc<ArcSwap<reqwest::Client>>,
    resolver: GuardedResolver,
    options: Arc<ClientOptions>,
}

/// What a peer answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// Seconds of a `Retry-After` header.
    pub retry_after: Option<u64>,
    /// Where a redirect points.
    pub location: Option<String>,
    /// The peer's `Date` header.
    pub date: Option<String>,
    /// At most the limit.
    pub body: Vec<u8>,
}

/// Why no answer was had.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL does not belong to the peer that policy let through.
    #[error("{url} does not lie on {peer}")]
    OtherHost {
        /// Asked for.
        url: String,
        /// Allowed.
        peer: Authority,
    },
    /// The URL is not `https`, or not a URL for a peer at all.
    #[error("{0} is not an address of a peer")]
    BadUrl(String),
    /// The answer is larger than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer did not come in time.
    #[error("no answer in time")]
    Timeout,
    /// TLS failed: a certificate of theirs or ours, most of the time.
    #[error("TLS: {0}")]
    Tls(String),
    /// The network or DNS failed.
    #[error("{0}")]
    Network(String),
}

impl PeerClient {
    /// Builds the client.
    ///
    /// # Errors
    /// When a certificate can't be read.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let resolver = GuardedResolver::new(options.reachable.clone());
        let http = build(&options, &resolver, &options.authorities, options.identity.as_ref())?;
        Ok(Self { http: Arc::new(ArcSwap::from_pointee(http)), resolver, options: Arc::new(options) })
    }

    /// Goes on with other certificates. Requests under way are not disturbed.
    ///
    /// # Errors
    /// When a certificate can't be read; then all stays as it is.
    pub fn renew(&self, authorities: &[Vec<u8>], identity: Option<&Identity>) -> Result<(), ClientError> {
        self.http.store(Arc::new(build(&self.options, &self.resolver, authorities, identity)?));
        Ok(())
    }

    /// What may be connected to.
    pub(crate) fn reachable(&self) -> &Reachable {
        self.resolver.reachable()
    }

    /// The authorities and the identity that it was built with.
    pub(crate) fn certificates(&self) -> (&[Vec<u8>], Option<&Identity>) {
        (&self.options.authorities, self.options.identity.as_ref())
    }

    /// `https`, or `http` where only loopback is spoken to.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.resolver.reachable().is_loopback_only() { "http" } else { "https" }
    }

    /// How this node reads authorities: IP literals and plain `http` only where only loopback is spoken to.
    #[must_use]
    pub fn authority_policy(&self) -> AuthorityPolicy {
        if self.resolver.reachable().is_loopback_only() {
            AuthorityPolicy::loopback()
        } else {
            AuthorityPolicy::strict()
        }
    }

    /// The authority of a URL, if a peer could have it.
    ///
    /// # Errors
    /// [`ClientError::BadUrl`] for another scheme, user info, or a host that no peer can have.
    pub fn authority_of(&self, url: &Url) -> Result<Authority, ClientError> {
        let bad = || ClientError::BadUrl(url.as_str().chars().take(200).collect());
        if url.scheme() != self.scheme() {
            return Err(bad());
        }
        Authority::of_url_with(url, self.authority_policy()).map_err(|_| bad())
    }

    /// Sends one request to a peer. `peer` is the proof that policy was asked; the URL must lie on it.
    ///
    /// # Errors
    /// See [`ClientError`]. Any HTTP status is an answer, not an error.
    pub async fn send(
        &self,
        peer: &Peer,
        method: Method,
        url: &Url,
        headers: &[(String, String)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ClientError> {
        self.send_for(peer, method, url, headers, body, self.options.body_bytes).await
    }

    /// As [`PeerClient::send`], for an answer of at most `limit` bytes.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn send_for(
        &self,
        peer: &Peer,
        method: Method,
        url: &Url,
        headers: &[(String, String)],
        body: Option<Vec<u8>>,
        limit: usize,
    ) -> Result<Answer, ClientError> {
        let authority = self.authority_of(url)?;
        // The domain of a peer's handles answers WebFinger and is asked for nothing else.
        let answers = |host: &Authority| *host == peer.account_domain && url.path() == WEBFINGER;
        if authority != peer.authority && !answers(&authority) {
            return Err(ClientError::OtherHost { url: url.to_string(), peer: peer.authority.clone() });
        }
        self.check_address(url)?;
        let mut request = self.http.load().request(method, url.clone()).headers(header_map(headers)?);
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.map_err(|error| describe(&error))?;
        read(response, limit).await
    }

    /// IP literals skip the resolver, so they are held against the ranges here.
    fn check_address(&self, url: &Url) -> Result<(), ClientError> {
        let literal = match url.host() {
            Some(url::Host::Ipv4(address)) => address.into(),
            Some(url::Host::Ipv6(address)) => std::net::IpAddr::from(address),
            Some(url::Host::Domain(host)) => {
                self.resolver.permit(host);
                return Ok(());
            }
            None => return Err(ClientError::BadUrl(url.to_string())),
        };
        if self.resolver.reachable().allows(literal) { Ok(()) } else { Err(ClientError::BadUrl(url.to_string())) }
    }
}

async fn read(response: reqwest::Response, limit: usize) -> Result<Answer, ClientError> {
    let text = |name: reqwest::header::HeaderName| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let mut answer = Answer {
        status: response.status().as_u16(),
        content_type: text(reqwest::header::CONTENT_TYPE),
        retry_after: text(reqwest::header::RETRY_AFTER).and_then(|value| value.trim().parse().ok()),
        location: text(reqwest::header::LOCATION),
        date: text(reqwest::header::DATE),
        body: Vec::new(),
    };
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| describe(&error))?;
        if answer.body.len() + chunk.len() > limit {
            return Err(ClientError::TooLarge(limit));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, ClientError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let bad = |_| ClientError::BadUrl(format!("header {name}"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| bad(error.to_string()))?;
        let value = HeaderValue::from_str(value).map_err(|error| bad(error.to_string()))?;
        map.insert(name, value);
    }
    Ok(map)
}

fn build(
    options: &ClientOptions,
    resolver: &GuardedResolver,
    authorities: &[Vec<u8>],
    identity: Option<&Identity>,
) -> Result<reqwest::Client, ClientError> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_native()
        .https_only(!resolver.reachable().is_loopback_only())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(resolver.clone()))
        .timeout(options.timeout)
        .connect_timeout(options.timeout.min(Duration::from_secs(5)))
        .pool_idle_timeout(Duration::from_secs(60))
        .user_agent(options.user_agent.clone());
    if !authorities.is_empty() {
        builder = builder.tls_certs_only(certificates(authorities)?);
    }
    if let Some(identity) = identity {
        builder = builder.identity(identity.read()?);
    }
    builder.build().map_err(|error| ClientError::Tls(tls_fault::chain(&error)))
}

/// A file may hold several authorities: the old one and the new one while they change.
fn certificates(bundles: &[Vec<u8>]) -> Result<Vec<reqwest::Certificate>, ClientError> {
    let wrong = |error: &dyn std::fmt::Display| ClientError::Tls(format!("an authority's certificate: {error}"));
    let mut all = Vec::new();
    for bundle in bundles {
        for certificate in openssl::x509::X509::stack_from_pem(bundle).map_err(|error| wrong(&error))? {
            let der = certificate.to_der().map_err(|error| wrong(&error))?;
            all.push(reqwest::Certificate::from_der(&der).map_err(|error| wrong(&error))?);
        }
    }
    // None at all would quietly mean those of the system.
    if all.is_empty() {
        Err(ClientError::Tls("the files of the authorities hold no certificate".into()))
    } else {
        Ok(all)
    }
}

fn describe(error: &reqwest::Error) -> ClientError {
    if error.is_timeout() {
        return ClientError::Timeout;
    }
    // reqwest hides the cause (refused, reset, certificate) in the chain of sources.
    if let Some(meaning) = tls_fault::meaning(&tls_fault::chain(error)) {
        return ClientError::Tls(meaning);
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    ClientError::Network(cause.to_string())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn client() -> PeerClient {
        PeerClient::new(ClientOptions {
            reachable: Reachable::ranges(vec!["0.0.0.0/0".parse().unwrap()]),
            authorities: Vec::new(),
            identity: None,
            timeout: Duration::from_secs(5),
            body_bytes: 1024,
            user_agent: "Corridor/test".to_owned(),
        })
        .unwrap()
    }

    #[test]
    fn a_served_node_speaks_https_to_names_alone() {
        let client = client();
        let read = |url: &str| client.authority_of(&Url::parse(url).unwrap());
        assert_eq!(read("https://A.gov:443/inbox").unwrap().as_str(), "a.gov");
        assert_eq!(read("https://a.gov:8443/inbox").unwrap().as_str(), "a.gov:8443", "another port is another peer");
        for bad in [
            "http://a.gov/",
            "ftp://a.gov/",
            "https://10.0.0.1/",
            "https://0x0a000001/",
            "https://[::1]/",
            "https://a.gov@10.0.0.1/",
            "https://me@a.gov/",
            "https://a.gov./",
        ] {
            assert!(matches!(read(bad), Err(ClientError::BadUrl(_))), "{bad}");
        }
    }

    #[test]
    fn a_bundle_without_a_certificate_does_not_mean_those_of_the_system() {
        for empty in ["", "nothing"] {
            let error = client().renew(&[empty.as_bytes().to_vec()], None).unwrap_err();
            assert!(matches!(error, ClientError::Tls(_)), "{error}");
        }
    }
}
