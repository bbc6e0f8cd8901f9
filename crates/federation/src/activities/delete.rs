//! Delete: a post is deleted, or someone has left.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::{ActorRef, OutgoingPost};
use serde_json::json;

use super::{Incoming, Rendered, rendered};
use crate::error::Error;
use crate::objects::{PUBLIC, note, read};

/// A deleted post of ours: what stands in its place.
pub(super) fn build_post(post: &OutgoingPost, fresh_uri: &str) -> Rendered {
    let note::Addressing { to, cc } = note::addressing(post);
    rendered(
        fresh_uri,
        "Delete",
        &post.author,
        json!({ "to": to, "cc": cc, "asksReceipt": true, "object": note::tombstone(post) }),
    )
}

/// The end of a post of ours for a peer that may not have it any longer. Whom the post names now, and that it is still
/// there for others, is not for that peer.
pub(super) fn build_withdrawal(actor: &ActorRef, uri: &str, fresh_uri: &str) -> Rendered {
    let object = json!({ "id": uri, "type": "Tombstone" });
    rendered(fresh_uri, "Delete", actor, json!({ "to": [PUBLIC], "asksReceipt": true, "object": object }))
}

/// Someone of ours who has left.
pub(super) fn build_person(person: &ActorRef, fresh_uri: &str) -> Rendered {
    rendered(fresh_uri, "Delete", person, json!({ "to": [PUBLIC], "cc": [person.followers_uri], "object": person.uri }))
}

/// The end of a peer's post or person, said by who it was.
pub(super) async fn receive(mut incoming: Incoming<'_>) -> Result<Outcome, Error> {
    incoming.keep_whole();
    let uri = incoming.object_id()?;
    let asks_receipt = read::flag(incoming.activity, "asksReceipt");
    let Incoming { node, received, .. } = incoming;
    if uri == received.actor_uri {
        return Ok(inbound::person_deleted(&node.ctx, received).await?);
    }
    Ok(inbound::deleted(&node.ctx, received, uri, asks_receipt).await?)
}
