//! The rules that a signed request must meet, in the order that costs least.

use std::time::Duration;

use url::Url;

use super::cavage::Cavage;
use super::digest::{check_content_digest, check_digest};
use super::moment::{alive, near, parse_http_date};
use super::rfc9421::Rfc9421;
use super::{Algorithm, Form, PublicKey, Refusal, RequestView};

/// Headers of which a second one could be read by somebody in place of the first.
const ONCE: [&str; 7] = ["host", "date", "digest", "content-digest", "signature", "signature-input", "content-type"];
/// The headers of a signature by the largest key are far shorter.
const LONGEST_HEADER: usize = 8 * 1024;
/// Longer addresses are no key ids.
const LONGEST_KEY_ID: usize = 2048;

/// What this server demands of signatures.
#[derive(Debug, Clone)]
pub struct Rules {
    authority: String,
    skew: Duration,
    longest_life: Duration,
}

impl Rules {
    /// Our own authority (host, and port where it is not the default), five minutes of skew, an hour of life.
    #[must_use]
    pub fn new(authority: &str) -> Self {
        let hour = Duration::from_hours(1);
        Self { authority: authority.to_ascii_lowercase(), skew: Duration::from_mins(5), longest_life: hour }
    }

    /// With another skew.
    #[must_use]
    pub const fn with_skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// With another longest life.
    #[must_use]
    pub const fn with_longest_life(mut self, longest_life: Duration) -> Self {
        self.longest_life = longest_life;
        self
    }
}

/// A signature that was read but not checked.
#[derive(Debug, Clone)]
pub struct SignatureInfo {
    key_url: Url,
    detail: Detail,
}

#[derive(Debug, Clone)]
enum Detail {
    Cavage(Cavage),
    Rfc9421(Rfc9421),
}

impl SignatureInfo {
    /// The key's id exactly as it was sent.
    #[must_use]
    pub fn key_id(&self) -> &str {
        match &self.detail {
            Detail::Cavage(cavage) => &cavage.key_id,
            Detail::Rfc9421(rfc9421) => &rfc9421.key_id,
        }
    }

    /// The key's id as an address; it may have no fragment.
    #[must_use]
    pub const fn key_url(&self) -> &Url {
        &self.key_url
    }

    /// Which form it is written in.
    #[must_use]
    pub const fn form(&self) -> Form {
        match self.detail {
            Detail::Cavage(_) => Form::Cavage,
            Detail::Rfc9421(_) => Form::Rfc9421,
        }
    }

    fn covers(&self, name: &str) -> bool {
        match &self.detail {
            Detail::Cavage(cavage) => cavage.covers(name),
            Detail::Rfc9421(rfc9421) => rfc9421.covers(name),
        }
    }
}

/// Finds and reads a request's signature, so that its key can be looked up. Nothing is proven by it.
///
/// # Errors
/// If there is none, if it can't be read, or if the headers are ambiguous.
pub fn parse_signature(request: &RequestView<'_>) -> Result<SignatureInfo, Refusal> {
    refuse_ambiguity(request)?;
    let signature = request.optional("signature")?;
    let input = request.optional("signature-input")?;
    let detail = match (signature, input) {
        (Some(signature), Some(input)) => Detail::Rfc9421(Rfc9421::parse(&input, &signature)?),
        (Some(signature), None) => Detail::Cavage(Cavage::parse(&signature)?),
        (None, _) => return Err(Refusal::Missing),
    };
    let key_id = match &detail {
        Detail::Cavage(cavage) => &cavage.key_id,
        Detail::Rfc9421(rfc9421) => &rfc9421.key_id,
    };
    Ok(SignatureInfo { key_url: key_url(key_id)?, detail })
}

fn refuse_ambiguity(request: &RequestView<'_>) -> Result<(), Refusal> {
    let scheme = |value: &[u8]| value.trim_ascii_start().get(..9).map(<[u8]>::to_ascii_lowercase);
    if request.values("authorization").any(|value| scheme(value).as_deref() == Some(b"signature")) {
        return Err(Refusal::InAuthorization);
    }
    if let Some(name) = ONCE.into_iter().find(|name| request.count(name) > 1) {
        return Err(Refusal::Duplicate(name));
    }
    let too_long = |name: &str| request.values(name).any(|value| value.len() > LONGEST_HEADER);
    if too_long("signature") || too_long("signature-input") { Err(Refusal::TooLong) } else { Ok(()) }
}

fn key_url(key_id: &str) -> Result<Url, Refusal> {
    if key_id.len() > LONGEST_KEY_ID {
        return Err(Refusal::BadKeyId);
    }
    let url = Url::parse(key_id).map_err(|_| Refusal::BadKeyId)?;
    let fine = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    if fine { Ok(url) } else { Err(Refusal::BadKeyId) }
}

/// A request that meets every rule; what is left is to check the signature with the key.
#[derive(Debug, Clone)]
pub struct Checked {
    base: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Option<Algorithm>,
}

impl Checked {
    /// Checks the signature. To be repeated with a fresh key if [`Refusal::may_be_old_key`].
    ///
    /// # Errors
    /// If the key is of another kind than the signature says, or did not make it.
    pub fn verify(&self, key: &PublicKey) -> Result<(), Refusal> {
        match self.algorithm {
            Some(named) if named != key.algorithm() => {
                Err(Refusal::AlgorithmMismatch { named: named.name(), key: key.algorithm().name() })
            }
            _ if key.verify(&self.base, &self.signature) => Ok(()),
            _ => Err(Refusal::BadSignature),
        }
    }
}

/// Everything that needs no key: host, what is covered, time, and the body's hash. A request that fails here must
/// not cause a key to be fetched.
///
/// # Errors
/// With the first rule that is not met.
pub fn precheck(
    info: &SignatureInfo,
    request: &RequestView<'_>,
    body: Option<&[u8]>,
    rules: &Rules,
    now_ms: i64,
) -> Result<Checked, Refusal> {
    check_host(request, rules)?;
    let body = body.unwrap_or_default();
    check_coverage(info, request, body)?;
    check_time(info, request, rules, now_ms)?;
    if let Some(value) = request.optional("digest")? {
        check_digest(&value, body)?;
    }
    if let Some(value) = request.optional("content-digest")? {
        check_content_digest(&value, body)?;
    }
    Ok(match &info.detail {
        Detail::Cavage(cavage) => {
            Checked { base: cavage.base(request)?, signature: cavage.signature.clone(), algorithm: cavage.algorithm }
        }
        Detail::Rfc9421(rfc9421) => {
            Checked { base: rfc9421.base(request)?, signature: rfc9421.signature.clone(), algorithm: rfc9421.algorithm }
        }
    })
}

/// [`precheck`] and [`Checked::verify`] in one, for callers that already have the key.
///
/// # Errors
/// With the first rule that is not met.
pub fn verify(
    info: &SignatureInfo,
    request: &RequestView<'_>,
    body: Option<&[u8]>,
    key: &PublicKey,
    rules: &Rules,
    now_ms: i64,
) -> Result<(), Refusal> {
    precheck(info, request, body, rules, now_ms)?.verify(key)
}

/// Both the `Host` header and the authority of the request line must be ours: what was meant for another server
/// can't be replayed here.
fn check_host(request: &RequestView<'_>, rules: &Rules) -> Result<(), Refusal> {
    for sent in [request.host()?.as_str(), request.authority()] {
        if sent.to_ascii_lowercase() != rules.authority {
            return Err(Refusal::WrongHost(sent.chars().take(100).collect()));
        }
    }
    Ok(())
}

fn check_coverage(info: &SignatureInfo, request: &RequestView<'_>, body: &[u8]) -> Result<(), Refusal> {
    let need = |covered: bool, what: &'static str| if covered { Ok(()) } else { Err(Refusal::NotCovered(what)) };
    let has_body = !body.is_empty() || !matches!(request.method(), "GET" | "HEAD");
    match info.form() {
        Form::Cavage => {
            need(info.covers("(request-target)"), "(request-target)")?;
            need(info.covers("host"), "host")?;
            need(info.covers("date") || info.covers("(created)"), "date or (created)")?;
            let digest = info.covers("digest") || info.covers("content-digest");
            need(!has_body || digest, "digest or content-digest")
        }
        Form::Rfc9421 => {
            need(info.covers("@method"), "@method")?;
            let query = request.path_and_query()?.1.is_none() || info.covers("@query");
            let parts = info.covers("@authority") && info.covers("@path") && query;
            need(info.covers("@target-uri") || parts, "@target-uri (or @authority, @path and @query)")?;
            need(!has_body || info.covers("content-digest"), "content-digest")
        }
    }
}

/// The moments that count are those that are signed.
fn check_time(info: &SignatureInfo, request: &RequestView<'_>, rules: &Rules, now_ms: i64) -> Result<(), Refusal> {
    let date = match info.covers("date") {
        true => Some(parse_http_date(&request.field("date")?).ok_or(Refusal::BadDate)?),
        false => None,
    };
    let (created, expires) = match &info.detail {
        Detail::Cavage(cavage) if cavage.covers("(created)") => {
            (Some(cavage.created.ok_or(Refusal::BadTime("created"))?), cavage.expires)
        }
        Detail::Cavage(cavage) => (None, cavage.expires),
        Detail::Rfc9421(rfc9421) => (Some(rfc9421.created.ok_or(Refusal::NotCovered("created"))?), rfc9421.expires),
    };
    let created = created.map(|seconds| seconds.saturating_mul(1000));
    for moment in [created, date].into_iter().flatten() {
        near(moment, now_ms, rules.skew)?;
    }
    let made = created.or(date).ok_or(Refusal::NotCovered("date or (created)"))?;
    expires.map_or(Ok(()), |expires| alive(made, expires, now_ms, rules.longest_life))
}
