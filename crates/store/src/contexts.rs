//! Threads as a whole: where peers show theirs, and what of ours a peer may know of (FEP-7888, FEP-f228).

use corridor_domain::{Audience, Peer, PostId};
use diesel::prelude::*;

use crate::schema::{post_contexts, posts};
use crate::visibility::{author_is_shown, leaves_to, peer_takes, served_to};
use crate::{Result, Tx};

/// Notes where the whole thread of a post of a peer can be asked for.
///
/// # Errors
/// When the database fails.
pub fn remember(tx: &mut Tx<'_>, post: PostId, uri: &str) -> Result<()> {
    diesel::insert_into(post_contexts::table)
        .values((post_contexts::post_id.eq(post.raw()), post_contexts::uri.eq(uri)))
        .execute(tx.conn)?;
    Ok(())
}

/// Where the whole thread of a post of a peer can be asked for.
///
/// # Errors
/// When the database fails.
pub fn of(tx: &mut Tx<'_>, post: PostId) -> Result<Option<String>> {
    let found = post_contexts::table.find(post.raw()).select(post_contexts::uri).first(tx.conn);
    Ok(found.optional()?)
}

/// The posts of a thread that a peer may know of: how many, and those after a number, oldest first. Of other nodes'
/// posts, those for the whole network: their own node decides whom it shows them.
///
/// # Errors
/// When the database fails.
pub fn thread_for(
    tx: &mut Tx<'_>,
    thread: PostId,
    peer: &Peer,
    (after, limit): (i64, i64),
) -> Result<(i64, Vec<(i64, String)>)> {
    let known = || {
        let elsewhere = posts::peer_id
            .is_not_null()
            .and(posts::deleted_at.is_null())
            .and(posts::audience.eq(Audience::Network.code()))
            .and(author_is_shown())
            .and(peer_takes(peer.id.raw()));
        posts::table
            .filter(posts::thread_id.eq(thread.raw()))
            .filter(posts::boost_of_id.is_null())
            .filter(leaves_to(peer.id.raw()).or(elsewhere))
            .filter(posts::audience.eq_any(served_to(peer)))
    };
    let total = known().count().get_result(tx.conn)?;
    let part = known().filter(posts::id.gt(after)).order(posts::id).limit(limit).select((posts::id, posts::uri));
    Ok((total, part.load(tx.conn)?))
}
