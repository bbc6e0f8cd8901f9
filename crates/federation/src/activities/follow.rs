//! Follow: someone asks to follow someone.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::{Incoming, Rendered, rendered};
use crate::error::Error;

/// Someone of ours asks to follow someone of a peer.
pub(super) fn build(actor: &ActorRef, uri: &str, followed: &str) -> Rendered {
    rendered(uri, "Follow", actor, json!({ "to": [followed], "object": followed }))
}

/// Someone of a peer asks to follow someone of ours.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let followed = incoming.object_id()?;
    Ok(inbound::follow(&incoming.node.ctx, incoming.received, followed).await?)
}
