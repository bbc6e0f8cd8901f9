//! Followers by where they are: what two nodes compare to see whether they agree on who follows whom (FEP-8fcf).

use corridor_domain::{ActorId, PeerId};
use diesel::prelude::*;

use crate::schema::{actors, follows};
use crate::{Result, Tx};

/// The addresses of all accepted followers of an actor that are people of a peer.
///
/// # Errors
/// When the database fails.
pub fn at(tx: &mut Tx<'_>, actor: ActorId, peer: PeerId) -> Result<Vec<String>> {
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(actor.raw()))
        .filter(follows::accepted.eq(true))
        .filter(actors::peer_id.eq(peer.raw()))
        .filter(actors::deleted_at.is_null())
        .select(actors::uri)
        .load(tx.conn)?)
}

/// All accepted followers of an actor that are people of this node.
///
/// # Errors
/// When the database fails.
pub fn here(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<(ActorId, String)>> {
    let rows: Vec<(i64, String)> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(actor.raw()))
        .filter(follows::accepted.eq(true))
        .filter(actors::peer_id.is_null())
        .filter(actors::deleted_at.is_null())
        .select((actors::id, actors::uri))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, uri)| (ActorId::new(id), uri)).collect())
}
