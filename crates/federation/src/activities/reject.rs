//! Reject: the followed turns the follower away, at once or later, or somebody an invitation
//! or a connection down.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::accept::{answer, answered_follow};
use super::{Incoming, Rendered, offer, rendered};
use crate::error::Error;
use crate::objects::read;

/// Someone of ours turns a follower of a peer away.
pub(super) fn build(actor: &ActorRef, follow_uri: &str, follower: &str, fresh_uri: &str) -> Rendered {
    rendered(
        fresh_uri,
        "Reject",
        actor,
        json!({ "to": [follower], "object": answered_follow(actor, follow_uri, follower) }),
    )
}

/// Someone of ours turns down the invitation of a group of a peer. It is told whole: its id was not kept here.
pub(super) fn build_of_invitation(actor: &ActorRef, group: &str, fresh_uri: &str) -> Rendered {
    let invitation = json!({ "type": "Invite", "actor": group, "object": group, "target": actor.uri });
    rendered(fresh_uri, "Reject", actor, json!({ "to": [group], "object": invitation }))
}

/// Someone of a peer turns a follower of ours away, or an invitation of a group of ours down.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let object = incoming.object()?;
    if read::text(object, "type") == Some("Invite") {
        let Some(group) = read::id_of(object, "object").map(str::to_owned) else { return incoming.ignore().await };
        return Ok(inbound::invitation_declined(&incoming.node.ctx, incoming.received, group).await?);
    }
    if let Some(offer) = offer::answered(object) {
        return Ok(inbound::connection_rejected(&incoming.node.ctx, incoming.received, offer).await?);
    }
    let Some(answered) = answer(&incoming)? else { return incoming.ignore().await };
    Ok(inbound::reject(&incoming.node.ctx, incoming.received, answered).await?)
}
