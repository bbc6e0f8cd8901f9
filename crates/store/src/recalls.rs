//! Recalls: which peers were asked to say that a deleted post is gone there, and which have said so.

use corridor_domain::{PeerId, PostId, Timestamp};
use diesel::prelude::*;

use crate::schema::recalls;
use crate::{Result, Tx};

/// A peer that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recall {
    /// Which.
    pub peer: PeerId,
    /// When it was first owed the question.
    pub asked_at: Timestamp,
    /// When its receipt came.
    pub gone_at: Option<Timestamp>,
}

/// Notes that peers are asked; those that were asked before stay as they are.
///
/// # Errors
/// When the database fails.
pub fn ask(tx: &mut Tx<'_>, post: PostId, peers: &[PeerId]) -> Result<()> {
    let asked = of_post(tx, post)?;
    let now = tx.now().millis();
    for peer in peers.iter().filter(|peer| asked.iter().all(|recall| recall.peer != **peer)) {
        diesel::insert_into(recalls::table)
            .values((recalls::post_id.eq(post.raw()), recalls::peer_id.eq(peer.raw()), recalls::asked_at.eq(now)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Notes that a post is gone at a peer; `false` when that was not asked, or was said before.
///
/// # Errors
/// When the database fails.
pub fn confirm(tx: &mut Tx<'_>, post: PostId, peer: PeerId) -> Result<bool> {
    let now = tx.now().millis();
    let open = recalls::table.find((post.raw(), peer.raw())).filter(recalls::gone_at.is_null());
    Ok(diesel::update(open).set(recalls::gone_at.eq(Some(now))).execute(tx.conn)? > 0)
}

/// The peers that were asked about a post.
///
/// # Errors
/// When the database fails.
pub fn of_post(tx: &mut Tx<'_>, post: PostId) -> Result<Vec<Recall>> {
    let rows: Vec<(i64, i64, Option<i64>)> = recalls::table
        .filter(recalls::post_id.eq(post.raw()))
        .order(recalls::peer_id)
        .select((recalls::peer_id, recalls::asked_at, recalls::gone_at))
        .load(tx.conn)?;
    let read = |(peer, asked, gone): (i64, i64, Option<i64>)| Recall {
        peer: PeerId::new(peer),
        asked_at: Timestamp::from_millis(asked),
        gone_at: gone.map(Timestamp::from_millis),
    };
    Ok(rows.into_iter().map(read).collect())
}
