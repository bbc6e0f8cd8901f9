//! Accept: the followed lets the follower follow, who was asked connects, or a node confirms a deletion.

use corridor_app::inbound::{self, AnsweredFollow, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::{Value, json};

use super::{Incoming, Rendered, offer, rendered};
use crate::backfill;
use crate::error::Error;
use crate::objects::read;

/// Someone of ours accepts a follower of a peer.
pub(super) fn build(actor: &ActorRef, follow_uri: &str, follower: &str, fresh_uri: &str) -> Rendered {
    rendered(
        fresh_uri,
        "Accept",
        actor,
        json!({ "to": [follower], "object": answered_follow(actor, follow_uri, follower) }),
    )
}

/// What a peer has deleted is gone here, says the node itself.
pub(super) fn build_receipt(node: &ActorRef, deletion: &str, to: &str, fresh_uri: &str) -> Rendered {
    rendered(fresh_uri, "Accept", node, json!({ "to": [to], "object": deletion }))
}

/// The Follow that is answered, whole: some nodes have not kept its id.
pub(super) fn answered_follow(actor: &ActorRef, follow_uri: &str, follower: &str) -> Value {
    json!({ "id": follow_uri, "type": "Follow", "actor": follower, "object": actor.uri })
}

/// Someone of a peer accepts a follower of ours, or a peer a deletion.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    if let Some(id) = read::id(incoming.object()?).map(str::to_owned)
        && inbound::is_deletion(&incoming.node.ctx, id.clone()).await?
    {
        return Ok(inbound::deletion_confirmed(&incoming.node.ctx, incoming.received, id).await?);
    }
    if let Some(offer) = offer::answered(incoming.object()?) {
        return Ok(inbound::connection_accepted(&incoming.node.ctx, incoming.received, offer).await?);
    }
    let Some(answered) = answer(&incoming)? else { return incoming.ignore().await };
    let (node, peer, actor) = (incoming.node, incoming.peer, incoming.received.actor);
    let outcome = inbound::accept(&node.ctx, incoming.received, answered).await?;
    if outcome == Outcome::Applied && inbound::group_of(&node.ctx, actor).await?.is_some() {
        backfill::of_group(node, peer.clone(), actor);
    }
    Ok(outcome)
}

/// Which Follow an Accept or Reject answers; `None` when it answers something else.
pub(super) fn answer(incoming: &Incoming<'_>) -> Result<Option<AnsweredFollow>, Error> {
    let object = incoming.object()?;
    if object.is_object() && read::text(object, "type") != Some("Follow") {
        return Ok(None);
    }
    let owned = |name| read::id_of(object, name).map(str::to_owned);
    Ok(Some(AnsweredFollow {
        uri: read::id(object).map(str::to_owned),
        follower: owned("actor"),
        followed: owned("object"),
    }))
}
