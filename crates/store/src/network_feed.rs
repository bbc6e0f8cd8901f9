//! The whole Network feed: which peers hand us every post for the network, and to which ours go.

use corridor_domain::{ActorId, PeerId};
use diesel::prelude::*;

use crate::outgoing::Inbox;
use crate::schema::{actors, follows, peers};
use crate::{Result, Tx};

/// Whether the feed is on for a peer.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such peer.
pub fn is_on(tx: &mut Tx<'_>, peer: PeerId) -> Result<bool> {
    Ok(peers::table.find(peer.raw()).select(peers::network_feed).first(tx.conn)?)
}

/// Turns the feed on or off for a peer; what it runs is asked anew.
///
/// # Errors
/// When the database fails.
pub fn set(tx: &mut Tx<'_>, peer: PeerId, on: bool) -> Result<()> {
    let unknown: Option<String> = None;
    diesel::update(peers::table.find(peer.raw()))
        .set((peers::network_feed.eq(on), peers::software.eq(unknown)))
        .execute(tx.conn)?;
    Ok(())
}

/// The inboxes of the peers whose nodes follow this one, `node`, where the feed is on.
///
/// # Errors
/// When the database fails.
pub fn subscribers(tx: &mut Tx<'_>, node: ActorId) -> Result<Vec<Inbox>> {
    let rows: Vec<(i64, Option<String>, String)> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .inner_join(peers::table.on(peers::id.nullable().eq(actors::peer_id)))
        .filter(follows::followed_id.eq(node.raw()))
        .filter(follows::accepted.eq(true))
        .filter(actors::deleted_at.is_null())
        .filter(peers::network_feed.eq(true))
        .select((peers::id, actors::shared_inbox_uri, actors::inbox_uri))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(peer, shared, own)| (PeerId::new(peer), shared.unwrap_or(own))).collect())
}

/// Whether this node, `node`, follows the own actor of a peer, which has accepted, and the feed is on.
///
/// # Errors
/// When the database fails.
pub fn is_subscribed(tx: &mut Tx<'_>, node: ActorId, peer: PeerId) -> Result<bool> {
    let found: i64 = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::followed_id)))
        .inner_join(peers::table.on(peers::id.nullable().eq(actors::peer_id)))
        .filter(follows::follower_id.eq(node.raw()))
        .filter(follows::accepted.eq(true))
        .filter(peers::id.eq(peer.raw()))
        .filter(peers::network_feed.eq(true))
        .count()
        .get_result(tx.conn)?;
    Ok(found > 0)
}
