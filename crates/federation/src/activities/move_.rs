//! Move: someone goes from one account to another.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::{Incoming, Rendered, not_fetched, rendered};
use crate::error::Error;
use crate::objects::read;
use crate::remote;

/// Someone of ours has moved.
pub(super) fn build(actor: &ActorRef, uri: &str, target: &str) -> Rendered {
    let rest = json!({ "to": [actor.followers_uri], "object": actor.uri, "target": target });
    rendered(uri, "Move", actor, rest)
}

/// Someone of a peer has moved: the new account's own node is asked whether it is theirs.
pub(super) async fn receive(mut incoming: Incoming<'_>) -> Result<Outcome, Error> {
    if incoming.object_id()? != incoming.received.actor_uri {
        return incoming.refuse("move_of_another", "only they themselves can move").await;
    }
    let Some(target) = read::id_of(incoming.activity, "target").map(str::to_owned) else {
        return Err(Error::malformed("activity", "“target” must say where they move to"));
    };
    let found =
        remote::identity(incoming.node, &target, Some(&incoming.received.actor_uri), &mut incoming.budget).await;
    let identity = match found {
        Err(error) if !error.is_passing() => {
            return incoming
                .refuse("move_target", &format!("the account that they move to can't be had: {error}"))
                .await;
        }
        found => found.map_err(not_fetched)?,
    };
    Ok(inbound::moved(&incoming.node.ctx, incoming.received, identity).await?)
}
