//! Follower synchronisation (FEP-8fcf): two nodes that disagree on who follows whom notice with the next post, and agree.

use actix_web::HttpRequest;
use corridor_app::{inbound, outgoing};
use corridor_domain::{ActorId, Peer};
use openssl::sha::sha256;
use reqwest::Url;
use serde_json::Value;

use crate::fetch::{self, Budget, FetchError};
use crate::node::Node;
use crate::objects::read;

/// The header that goes with posts for followers.
pub(crate) const HEADER: &str = "collection-synchronization";

/// What a peer says of one person's followers that are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stated {
    collection: String,
    url: Url,
    digest: String,
}

/// What the followers of a person come to, in whatever order: each address hashed, the hashes combined.
fn digest<'a>(uris: impl Iterator<Item = &'a str>) -> String {
    let mut whole = [0_u8; 32];
    for uri in uris {
        for (byte, other) in whole.iter_mut().zip(sha256(uri.as_bytes())) {
            *byte ^= other;
        }
    }
    whole.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What we say to a peer of a person's followers there; `None` for who is no person.
pub(crate) async fn header(node: &Node, peer: &Peer, actor: ActorId) -> Option<String> {
    let (collection, uris) = outgoing::followers_at(&node.ctx, peer.id, actor).await.ok().flatten()?;
    let digest = digest(uris.iter().map(String::as_str));
    let url = node.ctx.settings.addresses.federation_url(&format!("/actors/{actor}/followers_synchronization"));
    Some(format!("collectionId=\"{collection}\", url=\"{url}\", digest=\"{digest}\""))
}

/// Compares what a peer says of its person's followers with our record, beside the request that said it.
pub(crate) fn compare(node: &Node, request: &HttpRequest, peer: &Peer, actor: ActorId) {
    let mut values = request.headers().get_all(HEADER);
    let (Some(value), None) = (values.next(), values.next()) else { return };
    let Some(stated) = value.to_str().ok().and_then(parse) else {
        tracing::info!(peer.host = %peer.authority, "what is said of followers can't be read");
        return;
    };
    let Some(place) = node.guard.thread() else { return };
    let (node, peer) = (node.clone(), peer.clone());
    tokio::spawn(async move {
        if let Err(error) = repair(&node, &peer, actor, &stated).await {
            tracing::info!(peer.host = %peer.authority, "followers can't be synchronised now: {error}");
        }
        drop(place);
    });
}

fn parse(value: &str) -> Option<Stated> {
    let part = |name: &str| {
        value.split(',').find_map(|part| {
            let (key, value) = part.trim().split_once('=')?;
            (key == name).then(|| value.trim_matches('"').to_owned())
        })
    };
    Some(Stated { collection: part("collectionId")?, url: Url::parse(&part("url")?).ok()?, digest: part("digest")? })
}

async fn repair(node: &Node, peer: &Peer, actor: ActorId, stated: &Stated) -> Result<(), FetchError> {
    let Some(mine) = inbound::followers_here(&node.ctx, actor).await? else { return Ok(()) };
    let own = digest(mine.people.iter().map(|(_, uri)| uri.as_str()));
    if mine.collection != stated.collection || own == stated.digest.to_ascii_lowercase() {
        return Ok(());
    }
    if node.client.authority_of(&stated.url)? != peer.authority {
        return Err(FetchError::unfit(&stated.url, "it is not where the followers are"));
    }
    let found = fetch::document(node, &stated.url, &mut Budget::new(node)).await?.value;
    let listed = listed(&found).ok_or_else(|| FetchError::unfit(&stated.url, "it does not list all followers"))?;
    let ours = node.ctx.settings.addresses.federation_authority();
    let is_ours =
        |uri: &String| Url::parse(uri).ok().and_then(|url| node.client.authority_of(&url).ok()) == Some(ours.clone());
    let listed = listed.into_iter().filter(is_ours).collect();
    Ok(inbound::agree(&node.ctx, (peer.id, actor), mine.people, listed).await?)
}

/// All that is listed, or nothing: who is left out would lose whom they follow.
fn listed(collection: &Value) -> Option<Vec<String>> {
    let items = collection.get("orderedItems").or_else(|| collection.get("items"))?.as_array()?;
    if collection.get("first").is_some() || collection.get("next").is_some() {
        return None;
    }
    items.iter().map(|item| read::id(item).map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_order_of_followers_does_not_matter_and_two_of_a_kind_cancel() {
        assert_eq!(digest(std::iter::empty()), "0".repeat(64));
        let (one, two) = ("https://here.example/actors/1", "https://here.example/actors/2");
        assert_eq!(digest([one, two].into_iter()), digest([two, one].into_iter()));
        assert_ne!(digest([one].into_iter()), digest([two].into_iter()));
        assert_eq!(digest(["abc"].into_iter()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn what_mastodon_says_is_read() {
        let said = "collectionId=\"https://a.example/users/ann/followers\", digest=\"00ff\", url=\"https://a.example/users/ann/followers_synchronization\"";
        let stated = parse(said).unwrap();
        assert_eq!(stated.collection, "https://a.example/users/ann/followers");
        assert_eq!((stated.url.path(), stated.digest.as_str()), ("/users/ann/followers_synchronization", "00ff"));
        assert!(parse("collectionId=\"x\"").is_none());
    }

    #[test]
    fn a_part_of_a_list_is_no_list() {
        let whole = serde_json::json!({ "orderedItems": ["https://here.example/actors/1"] });
        assert_eq!(listed(&whole).unwrap().len(), 1);
        for part in [
            serde_json::json!({}),
            serde_json::json!({ "orderedItems": [1] }),
            serde_json::json!({ "first": "x", "orderedItems": [] }),
            serde_json::json!({ "orderedItems": [], "next": "x" }),
        ] {
            assert!(listed(&part).is_none(), "{part}");
        }
    }
}
