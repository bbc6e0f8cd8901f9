//! People and posts of allowed peers, looked up when someone here or something that arrived needs them.

use std::collections::HashSet;

use async_trait::async_trait;
use corridor_app::inbound::{self, IncomingPerson};
use corridor_app::moves::{self, Identity};
use corridor_app::{Error as AppError, Found, Remote, peers};
use corridor_domain::policy::Door;
use corridor_domain::text::{Handle, Username};
use corridor_domain::{ActorId, Authority, Peer, PostId};
use corridor_store::deliveries;
use corridor_store::keys::{KeyAlgorithm, NewKey};
use reqwest::Url;
use serde_json::Value;

use crate::client::WEBFINGER;
use crate::conversation;
use crate::fetch::{self, Budget, FetchError};
use crate::node::Node;
use crate::objects::read;
use crate::pinning;
use crate::sign::Form;
use crate::signature::Algorithm;

#[async_trait]
impl Remote for Node {
    async fn resolve_handle(&self, handle: &Handle, host: &Authority) -> Result<ActorId, AppError> {
        let peer = peers::ask(&self.ctx, Door::Mention, host).await?;
        Ok(by_handle(self, &peer, &handle.username, &mut Budget::new(self)).await?)
    }

    async fn resolve_uri(&self, uri: &Url) -> Result<Found, AppError> {
        let mut plain = uri.clone();
        plain.set_fragment(None);
        if let Some(found) = known(self, plain.as_str()).await? {
            return Ok(found);
        }
        let mut budget = Budget::new(self);
        Ok(by_uri(self, &plain, &mut budget).await?)
    }

    async fn fetch_file(&self, url: &Url, limit: usize) -> Result<Vec<u8>, AppError> {
        Ok(fetch::file(self, url, limit, &mut Budget::new(self)).await?)
    }

    async fn software(&self, peer: &Peer) -> Result<String, AppError> {
        Ok(pinning::software(self, peer, &mut Budget::new(self)).await?)
    }

    async fn identity(&self, account: &Url) -> Result<Identity, AppError> {
        Ok(identity(self, account.as_str(), None, &mut Budget::new(self)).await?)
    }

    async fn instance_actor(&self, peer: &Peer) -> Result<(ActorId, Vec<NewKey>), AppError> {
        Ok(pinning::instance_actor(self, peer, &mut Budget::new(self)).await?)
    }
}

/// What stands in the store under a URI, unless it is gone.
async fn known(node: &Node, uri: &str) -> Result<Option<Found>, AppError> {
    let uri = uri.to_owned();
    node.ctx.store.read(move |tx| Ok(inbound::found_in(tx, &uri)?)).await
}

async fn by_uri(node: &Node, url: &Url, budget: &mut Budget) -> Result<Found, FetchError> {
    let document = fetch::document(node, url, budget).await?;
    let id = read::text(&document.value, "id").unwrap_or_default();
    if let Some(found) = known(node, id).await? {
        return Ok(found);
    }
    if let Ok(person) = read::person(&document.value) {
        return Ok(Found::Actor(store(node, &document.peer, &document.value, person, budget).await?));
    }
    let (post, parent) = store_post(node, &document.peer, url, &document.value, budget).await?;
    if let Some(parent) = parent {
        ancestors(node, &parent, budget).await;
    }
    Ok(Found::Post(post))
}

/// The actor of a URI, stored; fetched where it is not known.
pub(crate) async fn actor(node: &Node, uri: &str, budget: &mut Budget) -> Result<ActorId, FetchError> {
    if let Some(Found::Actor(id)) = known(node, uri).await? {
        return Ok(id);
    }
    let url = Url::parse(uri).map_err(|_| crate::client::ClientError::BadUrl(uri.chars().take(200).collect()))?;
    let document = fetch::document(node, &url, budget).await?;
    let person = read::person(&document.value).map_err(|error| FetchError::unfit(&url, error.to_string()))?;
    store(node, &document.peer, &document.value, person, budget).await
}

/// What an account says of itself that a move hangs on: one of ours from the store, one of a peer always from its node.
/// One that does not name `older` is not taken in.
pub(crate) async fn identity(
    node: &Node,
    uri: &str,
    older: Option<&str>,
    budget: &mut Budget,
) -> Result<Identity, FetchError> {
    let url = Url::parse(uri).map_err(|_| crate::client::ClientError::BadUrl(uri.chars().take(200).collect()))?;
    let names_it = |also_known_as: &[String]| match older {
        Some(older) if !also_known_as.iter().any(|one| one == older) => {
            Err(FetchError::unfit(&url, format!("it does not name {older} as an older account")))
        }
        _ => Ok(()),
    };
    if let Some(Found::Actor(id)) = known(node, uri).await?
        && let Some(own) = moves::own_identity(&node.ctx, id).await?
    {
        names_it(&own.also_known_as)?;
        return Ok(own);
    }
    let document = fetch::document(node, &url, budget).await?;
    let also_known_as = read::ids(&document.value, "alsoKnownAs");
    names_it(&also_known_as)?;
    let person = read::person(&document.value).map_err(|error| FetchError::unfit(&url, error.to_string()))?;
    let has_moved = read::id_of(&document.value, "movedTo").is_some();
    let actor = store(node, &document.peer, &document.value, person, budget).await?;
    Ok(Identity { actor, also_known_as, has_moved })
}

/// The post of a URI, stored; fetched where it is not known. With it the URI of its parent, where that is not here.
pub(crate) async fn post(node: &Node, uri: &str, budget: &mut Budget) -> Result<(PostId, Option<String>), FetchError> {
    if let Some(Found::Post(id)) = known(node, uri).await? {
        return Ok((id, None));
    }
    let url = Url::parse(uri).map_err(|_| crate::client::ClientError::BadUrl(uri.chars().take(200).collect()))?;
    let document = fetch::document(node, &url, budget).await?;
    store_post(node, &document.peer, &url, &document.value, budget).await
}

async fn store_post(
    node: &Node,
    peer: &Peer,
    url: &Url,
    value: &Value,
    budget: &mut Budget,
) -> Result<(PostId, Option<String>), FetchError> {
    let post = read::post(value).map_err(|error| FetchError::unfit(url, error.to_string()))?;
    let author_url = Url::parse(&post.author_uri).map_err(|_| FetchError::unfit(url, "its author has no address"))?;
    if node.client.authority_of(&author_url)? != peer.authority {
        return Err(FetchError::unfit(url, "its author is of another host"));
    }
    let author = Box::pin(actor(node, &post.author_uri, budget)).await?;
    if let Some(group) = &post.group {
        // A group that can't be had leaves the post to the people it names.
        if let Err(error) = Box::pin(actor(node, group, budget)).await {
            tracing::info!("the group {group} can't be had: {error}");
        }
    }
    let parent = post.in_reply_to.clone();
    let id = inbound::post_fetched(&node.ctx, peer.id, author, post).await?;
    let missing = match parent {
        Some(parent) if known(node, &parent).await?.is_none() => Some(parent),
        _ => None,
    };
    Ok((id, missing))
}

/// Fetches the posts above a reply, as far as they may be had; a thread that can't be completed is still a thread.
pub(crate) async fn ancestors(node: &Node, parent: &str, budget: &mut Budget) {
    let mut seen = HashSet::new();
    let mut next = Some(parent.to_owned());
    for _ in 0..node.limits.ancestors {
        let Some(uri) = next.take().filter(|uri| seen.insert(uri.clone())) else { return };
        match post(node, &uri, budget).await {
            Ok((_, above)) => next = above,
            Err(error) => {
                tracing::debug!("the thread above {uri} can't be fetched: {error}");
                return;
            }
        }
    }
}

/// Fetches the posts around a reply that has just arrived, beside the request that brought it: those above it, and what
/// else its thread's beginner tells of.
pub(crate) fn fetch_thread(node: &Node, parent: String, context: Option<String>) {
    let Some(place) = node.guard.thread() else {
        tracing::info!("too many threads are being fetched; the one above {parent} is left as it is");
        return;
    };
    let node = node.clone();
    tokio::spawn(async move {
        let mut budget = Budget::new(&node);
        ancestors(&node, &parent, &mut budget).await;
        if let Some(context) = context
            && let Err(error) = conversation::complete(&node, &context, &mut budget).await
        {
            tracing::debug!("the thread of {parent} can't be completed: {error}");
        }
        drop(place);
    });
}

/// Fetches the pictures and files of a post that has just arrived, beside the request that brought it. Those that
/// can't be had now are asked for when somebody looks at them.
pub(crate) fn fetch_media(node: &Node, post: String) {
    let Some(place) = node.guard.thread() else { return };
    let node = node.clone();
    tokio::spawn(async move {
        if let Err(error) = corridor_app::media::fetch_for_post(&node.ctx, post).await {
            tracing::info!("the pictures of a post can't be fetched now: {error}");
        }
        drop(place);
    });
}

async fn by_handle(node: &Node, peer: &Peer, name: &Username, budget: &mut Budget) -> Result<ActorId, FetchError> {
    let url = self_link(node, peer, name.as_str(), budget).await?;
    let document = fetch::document(node, &url, budget).await?;
    let person = read::person(&document.value).map_err(|error| FetchError::unfit(&url, error.to_string()))?;
    // A former name leads to someone who has another one now: the new one must lead back to them.
    if !person.username.eq_ignore_ascii_case(name.as_str())
        && self_link(node, peer, &person.username, budget).await?.as_str() != person.uri
    {
        return Err(FetchError::unfit(&url, "its name leads to someone else"));
    }
    keep(node, &document.peer, &document.value, person, true).await
}

/// Where WebFinger says that the actor of a name is: on the peer that was asked, nowhere else.
async fn self_link(node: &Node, peer: &Peer, name: &str, budget: &mut Budget) -> Result<Url, FetchError> {
    let base = format!("{}://{}{WEBFINGER}", node.client.scheme(), peer.account_domain);
    let mut url = Url::parse(&base).map_err(|_| crate::client::ClientError::BadUrl(base))?;
    url.query_pairs_mut().append_pair("resource", &format!("acct:{name}@{}", peer.account_domain));
    let answer = fetch::json(node, Door::WebFinger, &url, budget).await?;
    let links = answer.get("links").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_self = |link: &&Value| {
        read::text(link, "rel") == Some("self") && read::text(link, "type").is_some_and(fetch::is_activity)
    };
    let href = links.iter().find(is_self).and_then(|link| read::text(link, "href"));
    let href =
        href.and_then(|href| Url::parse(href).ok()).ok_or_else(|| FetchError::unfit(&url, "it names no actor"))?;
    if node.client.authority_of(&href)? != peer.authority {
        return Err(FetchError::unfit(&url, format!("it names an actor that is not on {}", peer.authority)));
    }
    Ok(href)
}

/// Stores a fetched actor. Where someone else has the name, their node is asked whose it is.
pub(crate) async fn store(
    node: &Node,
    peer: &Peer,
    document: &Value,
    person: IncomingPerson,
    budget: &mut Budget,
) -> Result<ActorId, FetchError> {
    let (name, uri) = (person.username.clone(), person.uri.clone());
    match keep(node, peer, document, person.clone(), false).await {
        Err(FetchError::App(AppError::Conflict(reason))) => {
            if self_link(node, peer, &name, budget).await?.as_str() != uri {
                return Err(AppError::Conflict(reason).into());
            }
            keep(node, peer, document, person, true).await
        }
        stored => stored,
    }
}

async fn keep(
    node: &Node,
    peer: &Peer,
    document: &Value,
    person: IncomingPerson,
    owns_name: bool,
) -> Result<ActorId, FetchError> {
    let person = with_usable_keys(node, person);
    let has_ed25519 = person.keys.iter().any(|key| key.algorithm == KeyAlgorithm::Ed25519);
    let id = inbound::store_person(&node.ctx, peer.id, person, owns_name).await?;
    if read::understands_rfc9421(document) {
        learn_form(node, peer, if has_ed25519 { Form::Ed25519 } else { Form::Rfc9421 }).await?;
    }
    Ok(id)
}

/// Without the keys that no signature could be checked with.
pub(crate) fn with_usable_keys(node: &Node, mut person: IncomingPerson) -> IncomingPerson {
    let is_usable = |key: &NewKey| {
        let wanted = match key.algorithm {
            KeyAlgorithm::Rsa => Algorithm::RsaV15Sha256,
            KeyAlgorithm::Ed25519 => Algorithm::Ed25519,
        };
        node.guard.key(&key.public_pem).is_ok_and(|parsed| parsed.algorithm() == wanted)
    };
    person.keys.retain(is_usable);
    person
}

/// A peer says that it understands more than the form that everybody does.
async fn learn_form(node: &Node, peer: &Peer, form: Form) -> Result<(), AppError> {
    let id = peer.id;
    let breaker = node.ctx.store.read(move |tx| Ok::<_, AppError>(deliveries::breaker(tx, id)?)).await?;
    if breaker.signature_form != Form::Cavage.code() {
        return Ok(());
    }
    node.ctx.store.write(move |tx| Ok(deliveries::set_signature_form(tx, id, form.code())?)).await
}
