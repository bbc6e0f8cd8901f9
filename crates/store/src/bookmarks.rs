//! Bookmarks: posts that a person keeps for themselves. Nobody else learns of them.

use corridor_domain::{ActorId, PostId};
use diesel::prelude::*;

use crate::schema::bookmarks;
use crate::{Result, Tx, dialect};

/// Adds a bookmark; `false` when it was there already.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, actor: ActorId, post: PostId) -> Result<bool> {
    let id = tx.new_id();
    dialect::insert_bookmark(tx, id, actor.raw(), post.raw())
}

/// Takes a bookmark away; `false` when there was none.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, actor: ActorId, post: PostId) -> Result<bool> {
    let row = bookmarks::table.filter(bookmarks::post_id.eq(post.raw())).filter(bookmarks::actor_id.eq(actor.raw()));
    Ok(diesel::delete(row).execute(tx.conn)? > 0)
}
