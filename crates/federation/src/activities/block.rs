//! Block: someone keeps someone away from them.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::{Incoming, Rendered, rendered};
use crate::error::Error;

/// Someone of ours blocks someone of a peer.
pub(super) fn build(actor: &ActorRef, uri: &str, blocked: &str) -> Rendered {
    rendered(uri, "Block", actor, json!({ "to": [blocked], "object": blocked }))
}

/// Someone of a peer blocks someone of ours.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let blocked = incoming.object_id()?;
    Ok(inbound::blocked(&incoming.node.ctx, incoming.received, blocked).await?)
}
