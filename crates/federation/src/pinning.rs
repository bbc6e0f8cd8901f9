//! The peers' own actors: found, and pinned when a peer is met for the first time.

use corridor_app::operator::Operator;
use corridor_app::pins;
use corridor_domain::policy::Door;
use corridor_domain::{ActorId, ActorKind, Peer};
use corridor_store::keys::NewKey;
use reqwest::Url;
use serde_json::Value;

use crate::fetch::{self, Budget, FetchError};
use crate::node::Node;
use crate::objects::read;
use crate::remote;

/// Where Corridor, Mastodon and others keep their own actor.
const USUAL: &str = "/actor";
/// How NodeInfo names it elsewhere (FEP-2677).
const APPLICATION: &str = "https://www.w3.org/ns/activitystreams#Application";

/// Fetches and stores a peer's own actor; with it the usable keys that it shows.
pub(crate) async fn instance_actor(
    node: &Node,
    peer: &Peer,
    budget: &mut Budget,
) -> Result<(ActorId, Vec<NewKey>), FetchError> {
    // Its answer is no reason to ask again beside this.
    node.guard.meets(peer.id);
    let usual = on_peer(node, peer, USUAL)?;
    let document = match fetch::document(node, &usual, budget).await {
        Err(FetchError::Gone(_) | FetchError::Unfit { .. }) => {
            let elsewhere = by_nodeinfo(node, peer, budget).await?;
            fetch::document(node, &elsewhere, budget).await?
        }
        document => document?,
    };
    let person = read::person(&document.value).map_err(|error| FetchError::unfit(&usual, error.to_string()))?;
    if person.kind != ActorKind::Service || document.peer.id != peer.id {
        return Err(FetchError::unfit(&usual, "it is not the node's own actor"));
    }
    let person = remote::with_usable_keys(node, person);
    let keys = person.keys.clone();
    let id = remote::store(node, &document.peer, &document.value, person, budget).await?;
    Ok((id, keys))
}

async fn by_nodeinfo(node: &Node, peer: &Peer, budget: &mut Budget) -> Result<Url, FetchError> {
    let url = on_peer(node, peer, "/.well-known/nodeinfo")?;
    let answer = fetch::json(node, Door::Fetch, &url, budget).await?;
    let links = answer.get("links").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let href = links.iter().find(|link| read::text(link, "rel") == Some(APPLICATION));
    let href = href.and_then(|link| read::text(link, "href")).and_then(|href| Url::parse(href).ok());
    let href = href.ok_or_else(|| FetchError::unfit(&url, "it names no actor of the node's own"))?;
    if node.client.authority_of(&href)? != peer.authority {
        return Err(FetchError::unfit(&url, "the actor that it names is of another host"));
    }
    Ok(href)
}

/// What a peer says in NodeInfo that it runs.
pub(crate) async fn software(node: &Node, peer: &Peer, budget: &mut Budget) -> Result<String, FetchError> {
    let url = on_peer(node, peer, "/.well-known/nodeinfo")?;
    let answer = fetch::json(node, Door::Fetch, &url, budget).await?;
    let links = answer.get("links").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let href = links.iter().rev().find(|link| read::text(link, "rel").is_some_and(|rel| rel.contains("nodeinfo")));
    let href = href.and_then(|link| read::text(link, "href")).and_then(|href| Url::parse(href).ok());
    let href = href.ok_or_else(|| FetchError::unfit(&url, "it does not lead to NodeInfo"))?;
    if node.client.authority_of(&href)? != peer.authority {
        return Err(FetchError::unfit(&url, "its NodeInfo is of another host"));
    }
    let document = fetch::json(node, Door::Fetch, &href, budget).await?;
    let name = document.get("software").and_then(|software| read::text(software, "name")).unwrap_or_default();
    Ok(name.chars().take(40).collect::<String>().to_lowercase())
}

fn on_peer(node: &Node, peer: &Peer, path: &str) -> Result<Url, FetchError> {
    let address = format!("{}://{}{path}", node.client.scheme(), peer.authority);
    Ok(Url::parse(&address).map_err(|_| crate::client::ClientError::BadUrl(address))?)
}

/// A peer was heard, or has answered. Its keys are pinned if they are not yet, beside what is going on.
pub(crate) fn met(node: &Node, peer: &Peer) {
    if !node.guard.meets(peer.id) {
        return;
    }
    let (node, host) = (node.clone(), peer.authority.clone());
    tokio::spawn(async move {
        if let Err(error) = pins::pin(&node.ctx, &Operator::System, &host, false).await {
            tracing::info!(peer.host = %host, "the keys of {host} can't be pinned yet: {error}");
        }
    });
}
