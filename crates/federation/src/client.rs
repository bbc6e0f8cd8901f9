//! The one way out to peers: guarded addresses, no redirects, no proxy, bounded answers.

use std::sync::Arc;
use std::time::Duration;

use corridor_domain::authority::Policy as AuthorityPolicy;
use corridor_domain::{Authority, Peer};
use futures_util::StreamExt;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::gate::{GuardedResolver, Reachable};

/// How to build a [`PeerClient`].
#[derive(Debug)]
pub struct ClientOptions {
    /// Which addresses may be connected to; decides too whether plain `http` is spoken (loopback only).
    pub reachable: Reachable,
    /// PEM certificates of the authorities that sign peers; the system's when empty.
    pub authorities: Vec<Vec<u8>>,
    /// How long a request may take in all.
    pub timeout: Duration,
    /// Largest answer, in bytes.
    pub body_bytes: usize,
    /// Such as `Corridor/0.1 (+https://corridor.department.example)`.
    pub user_agent: String,
}

/// Speaks HTTP with allowed peers. Cloned freely.
#[derive(Debug, Clone)]
pub struct PeerClient {
    http: reqwest::Client,
    resolver: GuardedResolver,
    body_bytes: usize,
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
    /// The network, DNS or TLS failed.
    #[error("{0}")]
    Network(String),
}

impl PeerClient {
    /// Builds the client.
    ///
    /// # Errors
    /// When a certificate can't be read.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        let resolver = GuardedResolver::new(options.reachable);
        let certificates: Result<Vec<_>, _> =
            options.authorities.iter().map(|pem| reqwest::Certificate::from_pem(pem)).collect();
        let certificates = certificates.map_err(|error| ClientError::Network(error.to_string()))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_native()
            .https_only(!resolver.reachable().is_loopback_only())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(resolver.clone()))
            .timeout(options.timeout)
            .connect_timeout(options.timeout.min(Duration::from_secs(5)))
            .pool_idle_timeout(Duration::from_secs(60))
            .user_agent(options.user_agent);
        if !certificates.is_empty() {
            builder = builder.tls_certs_only(certificates);
        }
        let http = builder.build().map_err(|error| ClientError::Network(error.to_string()))?;
        Ok(Self { http, resolver, body_bytes: options.body_bytes })
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
        self.send_for(peer, method, url, headers, body, self.body_bytes).await
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
        if authority != peer.authority && authority != peer.account_domain {
            return Err(ClientError::OtherHost { url: url.to_string(), peer: peer.authority.clone() });
        }
        self.check_address(url)?;
        let mut request = self.http.request(method, url.clone()).headers(header_map(headers)?);
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

fn describe(error: &reqwest::Error) -> ClientError {
    if error.is_timeout() {
        return ClientError::Timeout;
    }
    // reqwest hides the cause (refused, reset, certificate) in the chain of sources.
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    ClientError::Network(cause.to_string())
}
