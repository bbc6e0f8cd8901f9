//! Signing requests to peers: which key, which form, and the headers that come of it.

use std::sync::Arc;
use std::time::Duration;

use corridor_app::keys;
use corridor_domain::ActorId;
use reqwest::Url;

use crate::node::Node;
use crate::signature::{self, Algorithm, PrivateKey, RequestView};

/// Keys of this many actors are kept parsed.
const KEPT: u64 = 10_000;
/// A rotated key is used after this long at the latest.
const KEPT_FOR: Duration = Duration::from_secs(5);
/// What we send and ask for.
const ACTIVITY_JSON: &str = "application/activity+json";

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// draft-cavage with RSA: what every server understands.
    Cavage,
    /// RFC 9421 with RSA.
    Rfc9421,
    /// RFC 9421 with Ed25519: between Corridor nodes, a twentieth of the cost.
    Ed25519,
}

impl Form {
    /// The form of a stored number; an unknown one is the form that every server understands.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            1 => Self::Rfc9421,
            2 => Self::Ed25519,
            _ => Self::Cavage,
        }
    }

    /// The number that stands for it beside the peer.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Cavage => 0,
            Self::Rfc9421 => 1,
            Self::Ed25519 => 2,
        }
    }

    /// What to try when a peer takes no signature of this form.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Cavage => Self::Rfc9421,
            Self::Rfc9421 | Self::Ed25519 => Self::Cavage,
        }
    }

    const fn wire(self) -> signature::Form {
        match self {
            Self::Cavage => signature::Form::Cavage,
            Self::Rfc9421 | Self::Ed25519 => signature::Form::Rfc9421,
        }
    }

    const fn algorithm(self) -> Algorithm {
        match self {
            Self::Cavage | Self::Rfc9421 => Algorithm::RsaV15Sha256,
            Self::Ed25519 => Algorithm::Ed25519,
        }
    }
}

/// Which of an actor's keys signs, where some were rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What signs all else.
    Newest,
    /// So many before it. It says that there is a newer one: who knows the old key believes it.
    Earlier(usize),
}

/// Why a request could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The actor has no key of the kind that the form asks for.
    #[error("actor {0} has no key for this form of signature")]
    NoKey(ActorId),
    /// The keys can't be read.
    #[error(transparent)]
    App(#[from] corridor_app::Error),
    /// The key or the request is unfit.
    #[error(transparent)]
    Sign(#[from] signature::SignError),
    /// A stored key can't be read.
    #[error("a stored key can't be read: {0}")]
    Key(#[from] signature::KeyError),
}

#[derive(Debug)]
struct Signer {
    uri: String,
    key: PrivateKey,
}

/// The parsed keys of actors that signed lately. Cloned freely.
#[derive(Debug, Clone)]
pub struct KeyRing(moka::sync::Cache<ActorId, Arc<Vec<Signer>>>);

impl Default for KeyRing {
    fn default() -> Self {
        Self(moka::sync::Cache::builder().max_capacity(KEPT).time_to_live(KEPT_FOR).build())
    }
}

impl KeyRing {
    async fn of(&self, node: &Node, actor: ActorId) -> Result<Arc<Vec<Signer>>, SignError> {
        if let Some(signers) = self.0.get(&actor) {
            return Ok(signers);
        }
        let mut signers = Vec::new();
        for key in keys::local_keys(&node.ctx, actor).await? {
            signers.push(Signer { uri: key.key_uri, key: PrivateKey::from_pem(&key.private_pem)? });
        }
        let signers = Arc::new(signers);
        self.0.insert(actor, signers.clone());
        Ok(signers)
    }
}

/// The headers of a signed `POST` of an activity; `beside`: one more that is signed with the rest.
///
/// # Errors
/// When the actor has no fitting key, or it can't be read.
pub async fn post(
    node: &Node,
    actor: ActorId,
    url: &Url,
    body: &[u8],
    form: Form,
    which: Which,
    beside: Option<(&str, &str)>,
) -> Result<Vec<(String, String)>, SignError> {
    headers(node, actor, ("POST", url), Some(body), (form, which), beside).await
}

/// How many keys of each kind an actor has that were rotated.
///
/// # Errors
/// When the keys can't be read.
pub async fn earlier_keys(node: &Node, actor: ActorId) -> Result<usize, SignError> {
    let signers = node.keys.of(node, actor).await?;
    Ok(signers.iter().filter(|signer| signer.key.algorithm() == Algorithm::RsaV15Sha256).skip(1).count())
}

/// The headers of a signed `GET` of an ActivityPub resource.
///
/// # Errors
/// When the actor has no fitting key, or it can't be read.
pub async fn get(node: &Node, actor: ActorId, url: &Url, form: Form) -> Result<Vec<(String, String)>, SignError> {
    headers(node, actor, ("GET", url), None, (form, Which::Newest), None).await
}

async fn headers(
    node: &Node,
    actor: ActorId,
    (method, url): (&str, &Url),
    body: Option<&[u8]>,
    (form, which): (Form, Which),
    beside: Option<(&str, &str)>,
) -> Result<Vec<(String, String)>, SignError> {
    let signers = node.keys.of(node, actor).await?;
    let mut fitting = signers.iter().filter(|signer| signer.key.algorithm() == form.algorithm());
    let signer = match which {
        Which::Newest => fitting.next(),
        Which::Earlier(steps) => fitting.nth(steps),
    };
    let signer = signer.ok_or(SignError::NoKey(actor))?;
    let mut plain = vec![("accept", ACTIVITY_JSON)];
    if body.is_some() {
        plain.push(("content-type", ACTIVITY_JSON));
    }
    plain.extend(beside);
    let view =
        RequestView::to_url(method, url).with_headers(plain.iter().map(|(name, value)| (*name, value.as_bytes())));
    let signed = signature::sign(form.wire(), &view, body, &signer.uri, &signer.key, node.ctx.now().millis())?;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(plain.into_iter().map(owned).chain(signed.into_iter().map(|(name, value)| (name.to_owned(), value))).collect())
}
