//! The TLS steps of a check: a handshake of our own, whose every detail can be told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use corridor_domain::{Authority, Timestamp};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{HandshakeError, SslConnector, SslMethod, SslVerifyMode};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

use super::{DAY_MILLIS, Finding, NOTABLE_DAYS, Verdict};
use crate::certificate::moment;
use crate::client::{Identity, PeerClient};
use crate::tls_fault;

const PATIENCE: Duration = Duration::from_secs(5);

/// When the peer's certificate ends, once it was seen.
type Seen = Arc<Mutex<Option<Timestamp>>>;

/// The handshake, and then the dates of their certificate and ours.
pub(super) async fn check(
    client: &PeerClient,
    host: &Authority,
    address: SocketAddr,
    now: Timestamp,
) -> (Finding, Finding) {
    let (authorities, identity) = client.certificates();
    let (authorities, identity) = (authorities.to_vec(), identity.cloned());
    let host = host.clone();
    let ours = identity.as_ref().and_then(|identity| own_end(&identity.certificate));
    let seen = Seen::default();
    let told = seen.clone();
    let tried = tokio::task::spawn_blocking(move || dial(&authorities, identity.as_ref(), &host, address, &told)).await;
    let tls = match tried {
        Ok(Ok(found)) => Finding::good(found),
        Ok(Err(reason)) => {
            let advice = advice(&reason);
            Finding::failed(reason, advice)
        }
        Err(_) => Finding::failed("the check itself broke off", "Try again"),
    };
    let theirs = *seen.lock().unwrap_or_else(PoisonError::into_inner);
    (tls, dates(theirs, ours, now))
}

fn own_end(chain: &[u8]) -> Option<Timestamp> {
    moment(X509::from_pem(chain).ok()?.not_after()).ok()
}

fn dial(
    authorities: &[Vec<u8>],
    identity: Option<&Identity>,
    host: &Authority,
    address: SocketAddr,
    seen: &Seen,
) -> Result<String, String> {
    let connector =
        connector(authorities, identity, seen.clone()).map_err(|error| format!("our own files: {error}"))?;
    let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(|error| error.to_string())?;
    let patient = stream.set_read_timeout(Some(PATIENCE)).and(stream.set_write_timeout(Some(PATIENCE)));
    patient.map_err(|error| error.to_string())?;
    let mut stream = connector.connect(host.host(), stream).map_err(|error| match error {
        HandshakeError::Failure(failed) => {
            let text = format!("{} ({})", tls_fault::chain(failed.error()), failed.ssl().verify_result());
            tls_fault::meaning(&text).unwrap_or(text)
        }
        HandshakeError::SetupFailure(error) => error.to_string(),
        HandshakeError::WouldBlock(_) => "no answer within 5 seconds".to_owned(),
    })?;
    // A peer that refuses our certificate says so only now.
    let request = format!(
        "GET /actor HTTP/1.1\r\nHost: {host}\r\nAccept: application/activity+json\r\nConnection: close\r\n\r\n"
    );
    let mut first = [0_u8; 1];
    let answered = stream.write_all(request.as_bytes()).and_then(|()| stream.read(&mut first));
    match answered {
        Ok(0) => Err("the peer ended the connection without an answer".to_owned()),
        Ok(_) => Ok(format!("{}, {}", stream.ssl().version_str(), shown(identity))),
        Err(error) => Err(tls_fault::meaning(&tls_fault::chain(&error)).unwrap_or_else(|| {
            format!("{error}, after the handshake; a peer that refuses this node's certificate may look like this")
        })),
    }
}

const fn shown(identity: Option<&Identity>) -> &'static str {
    if identity.is_some() { "with a client certificate to show" } else { "without a client certificate" }
}

fn connector(authorities: &[Vec<u8>], identity: Option<&Identity>, seen: Seen) -> Result<SslConnector, ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    if !authorities.is_empty() {
        let mut store = X509StoreBuilder::new()?;
        for bundle in authorities {
            X509::stack_from_pem(bundle)?.into_iter().try_for_each(|authority| store.add_cert(authority))?;
        }
        builder.set_cert_store(store.build());
    }
    if let Some(identity) = identity {
        let mut chain = X509::stack_from_pem(&identity.certificate)?.into_iter();
        if let Some(own) = chain.next() {
            builder.set_certificate(&own)?;
        }
        chain.try_for_each(|above| builder.add_extra_chain_cert(above))?;
        let key = PKey::private_key_from_pem(&identity.key)?;
        builder.set_private_key(&key)?;
    }
    builder.set_verify_callback(SslVerifyMode::PEER, move |fits, chain| {
        let own = chain.chain().and_then(|chain| chain.get(0)).or_else(|| chain.current_cert());
        if let Some(until) = own.and_then(|certificate| moment(certificate.not_after()).ok()) {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
        fits
    });
    Ok(builder.build())
}

fn advice(reason: &str) -> &'static str {
    if reason.contains("does not trust") {
        return "Put the authority that signs its certificate into federation.authority_files";
    }
    if reason.contains("this node's certificate") || reason.contains("client certificate") {
        return "See federation_tls.certificate: it must name this node's federation host, be valid, and be signed by an \
                authority that the peer knows";
    }
    if reason.contains("the peer's certificate") {
        return "Ask its administrator to renew its certificate, for the host by which you allow it";
    }
    "Ask its administrator whether this port speaks TLS"
}

fn dates(theirs: Option<Timestamp>, ours: Option<Timestamp>, now: Timestamp) -> Finding {
    let mut parts = Vec::new();
    let mut verdict = Verdict::Good;
    let mut advice = String::new();
    for (whose, until, todo) in [
        ("theirs", theirs, "Ask its administrator to renew its certificate"),
        ("ours", ours, "Renew the certificate in federation_tls.certificate"),
    ] {
        let Some(until) = until else { continue };
        let left = (until.millis() - now.millis()).div_euclid(DAY_MILLIS);
        parts.push(format!("{whose} until {} ({left} days)", until.to_rfc3339()));
        if left < NOTABLE_DAYS {
            verdict = if left < 0 { Verdict::Failed } else { verdict.max_doubt() };
            advice = todo.to_owned();
        }
    }
    if parts.is_empty() {
        return Finding::skipped("no certificate was seen");
    }
    Finding { verdict, found: parts.join("; "), advice }
}

impl Verdict {
    /// Doubtful, unless it is worse already.
    const fn max_doubt(self) -> Self {
        match self {
            Self::Failed => Self::Failed,
            _ => Self::Doubtful,
        }
    }
}
