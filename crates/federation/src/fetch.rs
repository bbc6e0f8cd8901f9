//! Documents of peers: asked for with our signature, believed only from the host that they name.

use std::time::{Duration, Instant};

use corridor_app::{Error as AppError, peers};
use corridor_domain::Peer;
use corridor_domain::policy::Door;
use reqwest::{Method, Url};
use serde_json::Value;

use crate::client::{Answer, ClientError};
use crate::node::Node;
use crate::objects::read;
use crate::pinning;
use crate::sign::{self, Form};
use crate::strict;

/// How long all fetches of one activity may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one activity, or one question of a person, may cost others.
#[derive(Debug)]
pub(crate) struct Budget {
    fetches: usize,
    until: Instant,
}

impl Budget {
    pub(crate) fn new(node: &Node) -> Self {
        Self { fetches: node.limits.fetches, until: Instant::now() + PATIENCE }
    }

    fn spend(&mut self) -> Result<(), FetchError> {
        if self.fetches == 0 || Instant::now() >= self.until {
            return Err(FetchError::Budget);
        }
        self.fetches -= 1;
        Ok(())
    }
}

/// Why a document could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// Policy or the store says no.
    #[error(transparent)]
    App(#[from] AppError),
    /// Nothing there (any more).
    #[error("{0} is not there")]
    Gone(Url),
    /// Another status than 200.
    #[error("{url} was answered {status}")]
    Status {
        /// Asked for.
        url: Url,
        /// Answered.
        status: u16,
    },
    /// Not ActivityPub, not JSON, or named otherwise than it was asked for.
    #[error("{url} is not what it should be: {reason}")]
    Unfit {
        /// Asked for.
        url: Url,
        /// What is wrong.
        reason: String,
    },
    /// The network, or an address that no peer has.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// We can't sign.
    #[error("the request can't be signed: {0}")]
    Sign(#[from] sign::SignError),
    /// Too much was fetched already.
    #[error("too much would have to be fetched")]
    Budget,
}

impl FetchError {
    pub(crate) fn unfit(url: &Url, reason: impl Into<String>) -> Self {
        Self::Unfit { url: url.clone(), reason: reason.into() }
    }

    /// Whether asking again later may well help.
    pub(crate) const fn is_passing(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::Client(ClientError::Timeout | ClientError::Network(_) | ClientError::Tls(_)) => true,
            Self::App(AppError::Unavailable(_)) => true,
            _ => false,
        }
    }
}

impl From<FetchError> for AppError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::App(error) => error,
            FetchError::Gone(_) => Self::NotFound("that"),
            other => Self::Peer(other.to_string()),
        }
    }
}

/// A document and the peer that it lies on.
pub(crate) struct Document {
    pub(crate) peer: Peer,
    pub(crate) value: Value,
}

/// Fetches an ActivityPub document. Its `id` is the address that it was fetched from, in the end.
pub(crate) async fn document(node: &Node, url: &Url, budget: &mut Budget) -> Result<Document, FetchError> {
    let first = once(node, url, budget).await?;
    let Some(id) = read::text(&first.value, "id").and_then(|id| Url::parse(id).ok()) else {
        return Err(FetchError::unfit(url, "it has no id"));
    };
    if id == without_fragment(url) {
        return Ok(first);
    }
    // A page for people, or a key, names what it belongs to; that is believed from its own address only.
    if node.client.authority_of(&id)? != node.client.authority_of(url)? {
        return Err(FetchError::unfit(url, "it names another host"));
    }
    let second = once(node, &id, budget).await?;
    if read::text(&second.value, "id") == Some(id.as_str()) {
        return Ok(second);
    }
    Err(FetchError::unfit(url, "its id is not its address"))
}

/// Fetches a document whose `id` need not be its address: a key that names its owner.
pub(crate) async fn once(node: &Node, url: &Url, budget: &mut Budget) -> Result<Document, FetchError> {
    let url = without_fragment(url);
    let (peer, answer) = get(node, Door::Fetch, &url, node.limits.body_bytes, budget).await?;
    if !answer.content_type.as_deref().is_some_and(is_activity) {
        return Err(FetchError::unfit(&url, "it is not ActivityPub by its content type"));
    }
    let value = read_json(node, &url, &answer)?;
    Ok(Document { peer, value })
}

/// Fetches a file, whatever it is.
pub(crate) async fn file(node: &Node, url: &Url, limit: usize, budget: &mut Budget) -> Result<Vec<u8>, FetchError> {
    Ok(get(node, Door::Fetch, &without_fragment(url), limit, budget).await?.1.body)
}

/// Fetches what WebFinger, at the domain of a peer's handles, or NodeInfo says.
pub(crate) async fn json(node: &Node, door: Door, url: &Url, budget: &mut Budget) -> Result<Value, FetchError> {
    let (_, answer) = get(node, door, url, node.limits.body_bytes, budget).await?;
    let is_json = |kind: &str| matches!(essence(kind).as_str(), "application/jrd+json" | "application/json");
    if !answer.content_type.as_deref().is_some_and(is_json) {
        return Err(FetchError::unfit(url, "it is not JSON by its content type"));
    }
    read_json(node, url, &answer)
}

fn read_json(node: &Node, url: &Url, answer: &Answer) -> Result<Value, FetchError> {
    let value = strict::parse(&answer.body, node.limits.json_depth);
    value.map_err(|error| FetchError::unfit(url, error.to_string()))
}

fn without_fragment(url: &Url) -> Url {
    let mut plain = url.clone();
    plain.set_fragment(None);
    plain
}

/// A 200, with at most one redirect, which stays with the peer.
async fn get(
    node: &Node,
    door: Door,
    url: &Url,
    limit: usize,
    budget: &mut Budget,
) -> Result<(Peer, Answer), FetchError> {
    let peer = ask(node, door, url).await?;
    let answer = signed(node, &peer, url, limit, budget).await?;
    pinning::met(node, &peer);
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return settle(peer, url, answer);
    }
    let target = answer.location.as_deref().and_then(|location| url.join(location).ok());
    let target = target.ok_or_else(|| FetchError::unfit(url, "it leads nowhere"))?;
    let next = ask(node, Door::Redirect, &target).await?;
    if next.id != peer.id {
        return Err(FetchError::unfit(url, "it leads to another host"));
    }
    let answer = signed(node, &next, &target, limit, budget).await?;
    settle(next, &target, answer)
}

async fn ask(node: &Node, door: Door, url: &Url) -> Result<Peer, FetchError> {
    let host = node.client.authority_of(url)?;
    Ok(peers::ask(&node.ctx, door, &host).await?)
}

fn settle(peer: Peer, url: &Url, answer: Answer) -> Result<(Peer, Answer), FetchError> {
    match answer.status {
        200 => Ok((peer, answer)),
        404 | 410 => Err(FetchError::Gone(url.clone())),
        status => Err(FetchError::Status { url: url.clone(), status }),
    }
}

async fn signed(node: &Node, peer: &Peer, url: &Url, limit: usize, budget: &mut Budget) -> Result<Answer, FetchError> {
    let mut answer = attempt(node, peer, url, Form::Cavage, limit, budget).await?;
    if answer.status == 401 {
        // It may understand only the other form of signature.
        answer = attempt(node, peer, url, Form::Cavage.other(), limit, budget).await?;
    }
    Ok(answer)
}

async fn attempt(
    node: &Node,
    peer: &Peer,
    url: &Url,
    form: Form,
    limit: usize,
    budget: &mut Budget,
) -> Result<Answer, FetchError> {
    budget.spend()?;
    let headers = sign::get(node, node.instance, url, form).await?;
    Ok(node.client.send_for(peer, Method::GET, url, &headers, None, limit).await?)
}

/// The content type without its parameters, in lower case.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a content type is one of ActivityPub: `application/activity+json`, or `application/ld+json` with its profile.
pub(crate) fn is_activity(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    match essence(&lower).as_str() {
        "application/activity+json" => true,
        "application/ld+json" => lower.contains("https://www.w3.org/ns/activitystreams"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_activity_types_count() {
        for good in [
            "application/activity+json",
            "Application/Activity+JSON; charset=utf-8",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
        ] {
            assert!(is_activity(good), "{good}");
        }
        for bad in
            ["", "text/html", "application/json", "image/png", "application/ld+json", "application/activity+json2"]
        {
            assert!(!is_activity(bad), "{bad}");
        }
    }
}
