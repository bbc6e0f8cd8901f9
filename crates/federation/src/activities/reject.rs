//! Reject: the followed turns the follower away, at once or later.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::accept::{answer, answered_follow};
use super::{Incoming, Rendered, rendered};
use crate::error::Error;

/// Someone of ours turns a follower of a peer away.
pub(super) fn build(actor: &ActorRef, follow_uri: &str, follower: &str, fresh_uri: &str) -> Rendered {
    rendered(
        fresh_uri,
        "Reject",
        actor,
        json!({ "to": [follower], "object": answered_follow(actor, follow_uri, follower) }),
    )
}

/// Someone of a peer turns a follower of ours away.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let Some(answered) = answer(&incoming)? else { return incoming.ignore().await };
    Ok(inbound::reject(&incoming.node.ctx, incoming.received, answered).await?)
}
