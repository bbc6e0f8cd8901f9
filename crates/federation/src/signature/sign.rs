//! Signing what we send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::moment::http_date;
use super::rfc9421::{Unsigned, signature_header};
use super::{Algorithm, Form, KeyError, PrivateKey, Refusal, RequestView, content_digest, digest};

/// How long our signatures live: as long as a receiver whose clock is five minutes ahead or behind needs, and some.
const LIFE_SECONDS: i64 = 900;
/// What is signed too, where the request has it.
const BESIDE: &str = "collection-synchronization";
/// What signing sets, whatever the request already had.
const OURS: [&str; 6] = ["host", "date", "digest", "content-digest", "signature", "signature-input"];

/// Why a request can't be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A request with a body must say what the body is: the type is signed too.
    #[error("a request with a body needs a Content-Type before it is signed")]
    NoContentType,
    /// The clock is outside the calendar.
    #[error("the clock shows no date that can be signed")]
    Clock,
    /// The request or the key id has something that can't be signed.
    #[error("the request can't be signed: {0}")]
    Request(#[from] Refusal),
    /// The key failed.
    #[error("the key can't sign: {0}")]
    Key(#[from] KeyError),
}

/// Signs a request and gives the headers to set (not to append): `host`, `date`, and by form `digest` or
/// `content-digest` where there is a body, `signature-input`, `signature`. With a body, the view must already have
/// its `Content-Type`, and exactly those bytes must be sent.
///
/// # Errors
/// If the request, the key id or the moment can't be signed, or OpenSSL fails.
pub fn sign(
    form: Form,
    request: &RequestView<'_>,
    body: Option<&[u8]>,
    key_id: &str,
    key: &PrivateKey,
    now_ms: i64,
) -> Result<Vec<(&'static str, String)>, SignError> {
    let date = http_date(now_ms).ok_or(SignError::Clock)?;
    if key_id.is_empty() || key_id.contains(['"', '\\']) || !key_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Refusal::BadKeyId.into());
    }
    if body.is_some() && request.count("content-type") != 1 {
        return Err(SignError::NoContentType);
    }
    let mut headers = vec![("host", request.authority().to_owned()), ("date", date)];
    match (form, body) {
        (Form::Cavage, Some(body)) => headers.push(("digest", digest(body))),
        (Form::Rfc9421, Some(body)) => headers.push(("content-digest", content_digest(body))),
        (_, None) => {}
    }
    let signed = match form {
        Form::Cavage => cavage(&complete(request, &headers), body.is_some(), key_id, key)?,
        Form::Rfc9421 => rfc9421(&complete(request, &headers), body.is_some(), key_id, key, now_ms)?,
    };
    headers.extend(signed);
    Ok(headers)
}

/// The request as it will be sent.
fn complete<'a>(request: &RequestView<'a>, headers: &'a [(&'static str, String)]) -> RequestView<'a> {
    let ours = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    request.clone().without(&OURS).with_headers(ours)
}

type Headers = Vec<(&'static str, String)>;

fn cavage(request: &RequestView<'_>, body: bool, key_id: &str, key: &PrivateKey) -> Result<Headers, SignError> {
    let covered = if body { "(request-target) host date digest content-type" } else { "(request-target) host date" };
    let algorithm = match key.algorithm() {
        Algorithm::RsaV15Sha256 => "rsa-sha256",
        // The draft leaves newer algorithms to the key.
        Algorithm::Ed25519 => "hs2019",
    };
    let beside = if request.count(BESIDE) > 0 { format!(" {BESIDE}") } else { String::new() };
    let covered = format!("{covered}{beside}");
    let base = super::cavage::base(covered.split(' '), request, None, None)?;
    let signature = STANDARD.encode(key.sign(&base)?);
    let value = format!("keyId=\"{key_id}\",algorithm=\"{algorithm}\",headers=\"{covered}\",signature=\"{signature}\"");
    Ok(vec![("signature", value)])
}

fn rfc9421(
    request: &RequestView<'_>,
    body: bool,
    key_id: &str,
    key: &PrivateKey,
    now_ms: i64,
) -> Result<Headers, SignError> {
    let mut components = vec!["@method", "@target-uri"];
    if body {
        components.extend(["content-digest", "content-type"]);
    }
    if request.count(BESIDE) > 0 {
        components.push(BESIDE);
    }
    let created = now_ms.div_euclid(1000);
    let unsigned = Unsigned::new(&components, created, created + LIFE_SECONDS, key_id, key.algorithm())?;
    let signature = STANDARD.encode(key.sign(&unsigned.base(request)?)?);
    Ok(vec![("signature-input", unsigned.input()), ("signature", signature_header(&signature))])
}
