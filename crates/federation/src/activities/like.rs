//! Like: a post is favourited.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::{Incoming, Rendered, rendered};
use crate::error::Error;

/// A favourite of ours: told to the author of the post alone.
pub(super) fn build(actor: &ActorRef, uri: &str, object: &str, object_author: &str) -> Rendered {
    rendered(uri, "Like", actor, json!({ "to": [object_author], "object": object }))
}

/// A favourite of a peer's person.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let post = incoming.object_id()?;
    Ok(inbound::liked(&incoming.node.ctx, incoming.received, post).await?)
}
