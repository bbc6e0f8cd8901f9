//! The certificate that a peer connects with, held against the host that signs each of its requests.
//!
//! A connection lives on after its handshake, so everything but the chain is asked again at every request.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use corridor_domain::{AddressRange, Authority, Timestamp};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::x509::{X509, X509Ref};

/// Longest header that is read.
const HEADER_BYTES: usize = 16 * 1024;
const DAY_MILLIS: i64 = 86_400_000;

/// Which certificate the peers that come through a listener must show.
#[derive(Debug, Clone, Default)]
pub enum Certificates {
    /// None: who signs is known by the signature alone.
    #[default]
    NotAsked,
    /// The one that the connection was made with.
    OfConnection,
    /// The one that the proxy in front has checked and names in a header.
    FromProxy(Arc<ProxyHeader>),
}

/// Where a proxy that ends TLS puts what it knows of a peer's certificate.
#[derive(Debug, Clone)]
pub struct ProxyHeader {
    /// `Client-Cert` (RFC 9440), or any other that holds a certificate or its names.
    pub name: HeaderName,
    /// Who is believed.
    pub proxies: Vec<AddressRange>,
}

/// Why a peer's certificate does not fit its request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    /// No certificate came with the request.
    #[error("this address takes requests with a client certificate alone")]
    Missing,
    /// The certificate is for others.
    #[error("the client certificate is not for {host}, which signs the request; it is for {names}")]
    OtherHost {
        /// Who signs.
        host: String,
        /// Who may.
        names: String,
    },
    /// Its time is over, or has not come.
    #[error("the client certificate is not valid now")]
    NotNow,
    /// The header of a proxy comes from elsewhere.
    #[error("{0} is taken from this node's own proxy alone")]
    NotOurProxy(String),
    /// The header can't be read.
    #[error("{0} does not hold one certificate, nor names")]
    BadHeader(String),
}

impl CertificateRefusal {
    /// A stable reason for logs, answers and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "certificate_missing",
            Self::OtherHost { .. } => "certificate_host",
            Self::NotNow => "certificate_expired",
            Self::NotOurProxy(_) => "certificate_proxy",
            Self::BadHeader(_) => "certificate_header",
        }
    }
}

/// What a certificate says about a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    names: Vec<String>,
    /// First and last moment; unknown where a proxy tells names alone.
    valid: Option<(Timestamp, Timestamp)>,
}

impl PeerCertificate {
    /// The DNS names and dates of a certificate.
    ///
    /// # Errors
    /// When its dates can't be read.
    pub fn from_x509(certificate: &X509Ref) -> Result<Self, ErrorStack> {
        Ok(Self {
            names: names(certificate),
            valid: Some((moment(certificate.not_before())?, moment(certificate.not_after())?)),
        })
    }

    /// The value of a proxy's header: an RFC 9440 byte sequence, a PEM certificate with per cent escapes (nginx), or
    /// names with commas between them.
    fn from_header(value: &str) -> Option<Self> {
        let value = value.trim();
        if let Some(encoded) = value.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')) {
            return Self::from_x509(&*X509::from_der(&STANDARD.decode(encoded).ok()?).ok()?).ok();
        }
        if value.starts_with("-----BEGIN") {
            return Self::from_x509(&*X509::from_pem(&unescape(value)?).ok()?).ok();
        }
        let name = |part: &str| {
            let part = part.trim();
            let part = part.strip_prefix("DNS:").or_else(|| part.strip_prefix("DNS=")).unwrap_or(part);
            Some(Authority::parse(part).ok().filter(|name| name.port().is_none())?.host().to_owned())
        };
        let names: Vec<String> = value.split([',', ';']).map(name).collect::<Option<_>>()?;
        Some(Self { names, valid: None })
    }

    /// Exactly this host: a certificate for many is for none here.
    fn check(&self, host: &Authority, now: Timestamp) -> Result<(), CertificateRefusal> {
        if self.valid.is_some_and(|(from, until)| now < from || now > until) {
            return Err(CertificateRefusal::NotNow);
        }
        if self.names.iter().any(|name| name == host.host()) {
            return Ok(());
        }
        let names = self.names.join(", ").chars().take(200).collect();
        Err(CertificateRefusal::OtherHost { host: host.host().to_owned(), names })
    }
}

impl Certificates {
    /// Whether a request that this host signs comes with the host's certificate.
    pub(crate) fn check(
        &self,
        request: &HttpRequest,
        host: &Authority,
        now: Timestamp,
    ) -> Result<(), CertificateRefusal> {
        match self {
            Self::NotAsked => Ok(()),
            Self::OfConnection => {
                request.conn_data::<PeerCertificate>().ok_or(CertificateRefusal::Missing)?.check(host, now)
            }
            Self::FromProxy(header) => header.read(request)?.check(host, now),
        }
    }
}

impl ProxyHeader {
    fn read(&self, request: &HttpRequest) -> Result<PeerCertificate, CertificateRefusal> {
        let from_proxy =
            request.peer_addr().is_some_and(|address| self.proxies.iter().any(|range| range.contains(address.ip())));
        if !from_proxy {
            return Err(CertificateRefusal::NotOurProxy(self.name.to_string()));
        }
        let mut values = request.headers().get_all(&self.name);
        let value = values.next().filter(|value| !value.is_empty()).ok_or(CertificateRefusal::Missing)?;
        let one = values.next().is_none() && value.len() <= HEADER_BYTES;
        let read = value.to_str().ok().filter(|_| one).and_then(PeerCertificate::from_header);
        read.ok_or_else(|| CertificateRefusal::BadHeader(self.name.to_string()))
    }
}

/// The DNS names of a certificate, in the form in which hosts are compared.
#[must_use]
pub fn names(certificate: &X509Ref) -> Vec<String> {
    let names = certificate.subject_alt_names();
    let dns = names.iter().flatten().filter_map(|name| name.dnsname());
    dns.map(str::to_ascii_lowercase).collect()
}

/// A date of a certificate.
///
/// # Errors
/// When it is no date.
pub fn moment(time: &Asn1TimeRef) -> Result<Timestamp, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(Timestamp::from_millis(i64::from(since.days) * DAY_MILLIS + i64::from(since.secs) * 1000))
}

/// Undoes per cent escapes.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use actix_web::test::TestRequest;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::x509::extension::SubjectAlternativeName;

    const NOW: i64 = 1_800_000_000;

    fn certificate(from: i64, until: i64) -> X509 {
        let key = PKey::generate_ed25519().unwrap();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(from).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(until).unwrap()).unwrap();
        let names =
            SubjectAlternativeName::new().dns("A.gov").dns("*.b.gov").build(&builder.x509v3_context(None, None));
        builder.append_extension(names.unwrap()).unwrap();
        builder.sign(&key, MessageDigest::null()).unwrap();
        builder.build()
    }

    fn host(text: &str) -> Authority {
        Authority::parse(text).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_millis(NOW * 1000)
    }

    #[test]
    fn a_certificate_is_for_the_hosts_that_it_names_while_it_is_valid() {
        let fits = PeerCertificate::from_x509(&certificate(NOW - 10, NOW + 10)).unwrap();
        assert_eq!(fits.check(&host("a.gov"), now()), Ok(()));
        assert_eq!(fits.check(&host("a.gov:8443"), now()), Ok(()), "a certificate names no ports");
        for other in ["x.b.gov", "b.gov", "x.a.gov", "evil-a.gov"] {
            assert_eq!(fits.check(&host(other), now()).unwrap_err().code(), "certificate_host", "{other}");
        }
        for (from, until) in [(NOW - 10, NOW - 1), (NOW + 1, NOW + 10)] {
            let off = PeerCertificate::from_x509(&certificate(from, until)).unwrap();
            assert_eq!(off.check(&host("a.gov"), now()), Err(CertificateRefusal::NotNow));
        }
    }

    fn from_proxy() -> Certificates {
        Certificates::FromProxy(Arc::new(ProxyHeader {
            name: HeaderName::from_static("client-cert"),
            proxies: vec!["10.1.2.0/24".parse().unwrap()],
        }))
    }

    fn told(address: &str, values: &[&str]) -> Result<(), CertificateRefusal> {
        let mut request = TestRequest::get().peer_addr(format!("{address}:1").parse().unwrap());
        for value in values {
            request = request.append_header(("client-cert", *value));
        }
        from_proxy().check(&request.to_http_request(), &host("a.gov"), now())
    }

    #[test]
    fn a_proxys_header_is_believed_from_the_proxy_alone() {
        assert_eq!(told("10.1.2.3", &["a.gov"]), Ok(()));
        for from in ["10.1.3.3", "127.0.0.1"] {
            assert_eq!(told(from, &["a.gov"]).map_err(|refusal| refusal.code()), Err("certificate_proxy"), "{from}");
        }
    }

    #[test]
    fn a_proxy_may_tell_a_certificate_or_its_names_in_one_header() {
        let certificate = certificate(NOW - 10, NOW + 10);
        let rfc9440 = format!(":{}:", STANDARD.encode(certificate.to_der().unwrap()));
        let pem = String::from_utf8(certificate.to_pem().unwrap()).unwrap();
        let nginx = pem.replace('\n', "%0A").replace(' ', "%20").replace('+', "%2B");
        for good in [&rfc9440, &nginx, "a.gov", "DNS:b.gov, DNS:A.GOV", "DNS=b.gov;DNS=a.gov"] {
            assert_eq!(told("10.1.2.3", &[good]), Ok(()), "{good}");
        }
        let code = |values: &[&str]| told("10.1.2.3", values).unwrap_err().code();
        assert_eq!(code(&["b.gov"]), "certificate_host");
        assert_eq!(code(&[]), "certificate_missing");
        assert_eq!(code(&[""]), "certificate_missing");
        assert_eq!(code(&["a.gov", "a.gov"]), "certificate_header", "a second one may be the peer's own");
        for bad in [":AAAA:", "-----BEGIN%", "a.gov,", "a.gov b.gov", "https://a.gov"] {
            assert_eq!(code(&[bad]), "certificate_header", "{bad}");
        }
    }
}
