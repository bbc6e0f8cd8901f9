//! What peers' people pin to the top of their pages.

use corridor_domain::{ActorId, ActorKind, Audience, Service, policy};
use corridor_store::{Tx, actors, pins, posts};

use super::arrival::Arrival;
use super::groups::Listed;
use super::types::Outcome;
use crate::posts::MOST_PINS;
use crate::{Ctx, Result};

/// Whether an actor of a peer, a person, speaks of their own pinned posts.
///
/// # Errors
/// When the store fails.
pub async fn is_own_pin(ctx: &Ctx, actor: ActorId, target: String) -> Result<bool> {
    ctx.store
        .read(move |tx| {
            let row = actors::find(tx, actor)?;
            Ok(row.actor_kind() == ActorKind::Person && row.featured_uri.as_deref() == Some(target.as_str()))
        })
        .await
}

/// A person pins a post of their own for the whole network, or takes it down. Of too many, the latest stay.
pub(super) fn write(tx: &mut Tx<'_>, arrival: &Arrival, listed: &Listed) -> Result<Outcome> {
    policy::may_use(&arrival.peer, Service::Posts)?;
    let owner = arrival.actor.actor_id();
    let Some(post) = posts::find_by_uri(tx, &listed.object)? else { return Ok(Outcome::Ignored) };
    let is_theirs = post.author() == owner && post.boost_of_id.is_none() && !post.is_deleted();
    if !is_theirs || post.audience()? != Audience::Network {
        return Ok(Outcome::Ignored);
    }
    if !listed.added {
        pins::unpin(tx, owner, post.id())?;
        return Ok(Outcome::Applied);
    }
    pins::pin(tx, owner, post.id())?;
    for old in pins::all(tx, owner)?.into_iter().filter(|id| *id != post.id()).skip(MOST_PINS - 1) {
        pins::unpin(tx, owner, old)?;
    }
    Ok(Outcome::Applied)
}
