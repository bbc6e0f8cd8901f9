//! Posts that stand at the top of somebody's page: a person's or a group's.

use std::collections::HashSet;

use corridor_domain::{ActorId, Peer, PostId};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::posts::PostRow;
use crate::schema::{group_pins, posts};
use crate::visibility::{leaves_to, readable_by, served_to};
use crate::{Result, Tx};

/// Pins a post; `false` when it was pinned.
///
/// # Errors
/// When the database fails.
pub fn pin(tx: &mut Tx<'_>, owner: ActorId, post: PostId) -> Result<bool> {
    let known: i64 = group_pins::table
        .filter(group_pins::group_id.eq(owner.raw()))
        .filter(group_pins::post_id.eq(post.raw()))
        .count()
        .get_result(tx.conn)?;
    if known > 0 {
        return Ok(false);
    }
    let now = tx.now().millis();
    diesel::insert_into(group_pins::table)
        .values((
            group_pins::group_id.eq(owner.raw()),
            group_pins::post_id.eq(post.raw()),
            group_pins::pinned_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(true)
}

/// Takes a pin out; `false` when there was none.
///
/// # Errors
/// When the database fails.
pub fn unpin(tx: &mut Tx<'_>, owner: ActorId, post: PostId) -> Result<bool> {
    Ok(diesel::delete(group_pins::table.find((owner.raw(), post.raw()))).execute(tx.conn)? > 0)
}

/// Takes a post down from wherever it is pinned.
pub(crate) fn forget_post(tx: &mut Tx<'_>, post: i64) -> Result<()> {
    diesel::delete(group_pins::table.filter(group_pins::post_id.eq(post))).execute(tx.conn)?;
    Ok(())
}

/// The pinned posts, latest pin first, whoever may read them.
///
/// # Errors
/// When the database fails.
pub fn all(tx: &mut Tx<'_>, owner: ActorId) -> Result<Vec<PostId>> {
    let ids: Vec<i64> = group_pins::table
        .filter(group_pins::group_id.eq(owner.raw()))
        .order((group_pins::pinned_at.desc(), group_pins::post_id.desc()))
        .select(group_pins::post_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(PostId::new).collect())
}

/// The pinned posts that a person of this node may read, latest pin first.
///
/// # Errors
/// When the database fails.
pub fn pinned(tx: &mut Tx<'_>, owner: ActorId, reader: ActorId) -> Result<Vec<PostRow>> {
    Ok(group_pins::table
        .inner_join(posts::table.on(posts::id.eq(group_pins::post_id)))
        .filter(group_pins::group_id.eq(owner.raw()))
        .filter(readable_by(reader.raw()))
        .order((group_pins::pinned_at.desc(), group_pins::post_id.desc()))
        .select(PostRow::as_select())
        .load(tx.conn)?)
}

/// The URIs of pinned posts that a peer may read, up to its ceiling, latest pin first.
///
/// # Errors
/// When the database fails.
pub fn pinned_for(tx: &mut Tx<'_>, owner: ActorId, peer: &Peer) -> Result<Vec<String>> {
    let is_anothers =
        posts::peer_id.is_not_null().and(posts::deleted_at.is_null()).and(posts::marking.le(peer.ceiling.rank()));
    Ok(group_pins::table
        .inner_join(posts::table.on(posts::id.eq(group_pins::post_id)))
        .filter(group_pins::group_id.eq(owner.raw()))
        .filter(leaves_to(peer.id.raw()).or(is_anothers))
        .filter(posts::audience.eq_any(served_to(peer)))
        .order((group_pins::pinned_at.desc(), group_pins::post_id.desc()))
        .select(posts::uri)
        .load(tx.conn)?)
}

/// Those of these posts that somebody has pinned.
pub(crate) fn among(tx: &mut Tx<'_>, owner: ActorId, posts: &[i64]) -> Result<HashSet<PostId>> {
    let pinned: Vec<i64> = load_among!(
        tx,
        group_pins::table.filter(group_pins::group_id.eq(owner.raw())).select(group_pins::post_id),
        group_pins::post_id,
        posts
    );
    Ok(pinned.into_iter().map(PostId::new).collect())
}
