//! Who of ours follows a person of a peer: their node's word and ours are made one (FEP-8fcf).

use corridor_domain::{ActorId, ActorKind, Event, PeerId};
use corridor_store::{actors, followers, follows, outbox};

use crate::{Ctx, Error, Result};

/// Our record of who of ours follows a person of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowersHere {
    /// The address of all their followers.
    pub collection: String,
    /// Ours among them, by number and address.
    pub people: Vec<(ActorId, String)>,
}

/// Our record of who of ours follows a person of a peer; `None` for what is no person, or tells of no followers.
///
/// # Errors
/// When the store can't answer.
pub async fn followers_here(ctx: &Ctx, actor: ActorId) -> Result<Option<FollowersHere>> {
    ctx.store
        .read(move |tx| {
            let row = actors::find(tx, actor)?;
            let collection = row.followers_uri.clone();
            let Some(collection) = collection.filter(|_| row.actor_kind() == ActorKind::Person) else {
                return Ok(None);
            };
            Ok(Some(FollowersHere { collection, people: followers::here(tx, actor)? }))
        })
        .await
}

/// Makes our record agree with what the node of a person says of their followers. Whom of those `before` it does not
/// list follows no more. Who asked and is listed was let in. Whom it lists though they don't follow takes that back.
///
/// # Errors
/// When the store fails.
pub async fn agree(
    ctx: &Ctx,
    (peer, actor): (PeerId, ActorId),
    before: Vec<(ActorId, String)>,
    listed: Vec<String>,
) -> Result<()> {
    let settings = ctx.settings.clone();
    ctx.store
        .write(move |tx| {
            let row = actors::find(tx, actor)?;
            if row.peer() != Some(peer) || row.is_hidden() {
                return Ok::<_, Error>(());
            }
            for (follower, _) in before.iter().filter(|(_, uri)| !listed.contains(uri)) {
                follows::remove(tx, *follower, actor)?;
            }
            for uri in &listed {
                let Some(follower) = actors::find_by_uri(tx, uri)?.filter(|row| row.is_local() && !row.is_hidden()) else {
                    continue;
                };
                let follower = follower.actor_id();
                match follows::find_pair(tx, follower, actor)? {
                    Some(follow) if follow.accepted => {}
                    Some(follow) => {
                        follows::accept(tx, follow.id())?;
                    }
                    // Which Follow they mean is not known here any more.
                    None => outbox::append(tx, &Event::FollowUndone { follower, followed: actor, uri: String::new() })?,
                }
            }
            tracing::info!(actor.id = %actor, peer.host = %settings.addresses.account_domain, "followers were synchronised");
            Ok(())
        })
        .await
}
