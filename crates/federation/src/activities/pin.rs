//! Add and Remove of people's own: a post is pinned to the top of a page, or taken down. What is taken in begins in `group.rs`,
//! where all that is listed arrives.

use corridor_app::inbound;
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::{Incoming, Rendered, rendered};
use crate::error::Error;
use crate::fetch::FetchError;
use crate::objects::PUBLIC;
use crate::remote;

/// Somebody of ours has pinned a post of theirs to `featured`, or taken it down.
pub(super) fn build(actor: &ActorRef, featured: &str, post: &str, pinned: bool, fresh_uri: &str) -> Rendered {
    let rest = json!({ "to": [PUBLIC], "cc": [actor.followers_uri], "object": post, "target": featured });
    rendered(fresh_uri, if pinned { "Add" } else { "Remove" }, actor, rest)
}

/// Fetches what a person of a peer has pinned where it is not known, but only for someone's sake here.
pub(super) async fn fetch(incoming: &mut Incoming<'_>, post: &str, target: &str) -> Result<(), Error> {
    let (ctx, actor) = (&incoming.node.ctx, incoming.received.actor);
    let theirs = inbound::is_own_pin(ctx, actor, target.to_owned()).await?;
    if !theirs || !inbound::is_followed_here(ctx, actor).await? {
        return Ok(());
    }
    match remote::post(incoming.node, post, &mut incoming.budget).await {
        Ok(_) => Ok(()),
        Err(FetchError::App(error @ (corridor_app::Error::Unavailable(_) | corridor_app::Error::Internal(_)))) => {
            Err(error.into())
        }
        // Not ours to see, or gone: nothing to pin.
        Err(error) => {
            tracing::info!("{post} was pinned, but can't be had: {error}");
            Ok(())
        }
    }
}
