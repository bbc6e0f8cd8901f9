//! Blocks that peers' people set against people of this node, and take back.

use corridor_store::blocks::BlockRow;
use corridor_store::{Tx, actors, blocks, connections, follows, received};

use super::arrival::{Arrival, apply, lies_on};
use super::follows::take_back;
use super::types::{Outcome, Received};
use crate::{Ctx, Error, Result};

/// A person of a peer blocks someone of this node: neither follows the other any more, and what the blocker writes is
/// not shown to the blocked one.
///
/// # Errors
/// [`Error::Forbidden`] when the Block's id is not the blocker's to give.
pub async fn blocked(ctx: &Ctx, received: Received, blocked_uri: String) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    apply(ctx, received, move |tx, arrival| write_block(tx, arrival, &uri, &blocked_uri)).await
}

fn write_block(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, blocked_uri: &str) -> Result<Outcome> {
    let Arrival { peer, actor: blocker, .. } = arrival;
    if !lies_on(peer, uri) {
        return Err(Error::forbidden(format!("the Block's id must lie on {}", peer.authority)));
    }
    if received::is_buried(tx, uri, &blocker.uri)? {
        return Ok(Outcome::Ignored);
    }
    let blocked = actors::find_by_uri(tx, blocked_uri)?.filter(actors::ActorRow::is_local);
    let Some(blocked) = blocked else { return Ok(Outcome::Ignored) };
    let (from, to) = (blocker.actor_id(), blocked.actor_id());
    if let Some(follow) = follows::find_pair(tx, from, to)? {
        take_back(tx, &arrival.settings, from, &follow)?;
    }
    if let Some(connection) = connections::find_pair(tx, from, to)? {
        super::connections::ended(tx, arrival, &connection)?;
    }
    // Their node has ended this one too; nobody needs to be told.
    follows::remove(tx, to, from)?;
    blocks::block(tx, from, to, uri)?;
    Ok(Outcome::Applied)
}

/// Ends a block that its maker takes back.
///
/// # Errors
/// [`Error::Forbidden`] when somebody else made it.
pub(super) fn take_back_block(tx: &mut Tx<'_>, arrival: &Arrival, block: &BlockRow) -> Result<()> {
    if block.blocker_id != arrival.actor.id {
        return Err(Error::forbidden("only who blocked can take it back"));
    }
    blocks::unblock(tx, arrival.actor.actor_id(), corridor_domain::ActorId::new(block.blocked_id))?;
    Ok(())
}
