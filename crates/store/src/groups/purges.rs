//! What happens to copies when a department's last member has left a private group.

use corridor_domain::{ActorId, PeerId, PostId, Timestamp};
use diesel::dsl::not;
use diesel::prelude::*;

use crate::deliveries::State;
use crate::removal::{self, is_held};
use crate::schema::{activities, deliveries, group_purges, posts};
use crate::{Result, Tx};

/// A peer that was asked to destroy its copies of a group's posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    /// Which peer.
    pub peer: PeerId,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it said that they are gone.
    pub confirmed_at: Option<Timestamp>,
}

/// Notes that a peer is asked to destroy its copies.
///
/// # Errors
/// When the database fails.
pub fn ask_purge(tx: &mut Tx<'_>, uri: &str, group: ActorId, peer: PeerId) -> Result<()> {
    let now = tx.now().millis();
    diesel::insert_into(group_purges::table)
        .values((
            group_purges::uri.eq(uri),
            group_purges::group_id.eq(group.raw()),
            group_purges::peer_id.eq(peer.raw()),
            group_purges::asked_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What of a group ends something, which a peer is told even when nobody there has to do with the group any more.
pub const ENDS: [&str; 3] = ["Delete", "Reject", "Remove"];

/// Cancels what of a group is on its way to a peer where nobody is a member any more: what is posted in it and, where
/// nobody is invited either, what the group says of itself. Says how many deliveries that were.
///
/// # Errors
/// When the database fails.
pub fn cancel_deliveries(tx: &mut Tx<'_>, group: ActorId, peer: PeerId) -> Result<usize> {
    let now = tx.now().millis();
    let mut of_group: Vec<i64> = deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .inner_join(posts::table.on(posts::id.nullable().eq(activities::post_id)))
        .filter(deliveries::peer_id.eq(peer.raw()))
        .filter(deliveries::state.eq(State::Pending.code()))
        .filter(posts::group_id.eq(group.raw()))
        .filter(activities::kind.ne("Delete"))
        .select(deliveries::id)
        .load(tx.conn)?;
    if !super::is_told_at(tx, group, peer)? {
        let of_itself: Vec<i64> = deliveries::table
            .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
            .filter(deliveries::peer_id.eq(peer.raw()))
            .filter(deliveries::state.eq(State::Pending.code()))
            .filter(activities::actor_id.eq(group.raw()))
            .filter(activities::post_id.is_null())
            .filter(activities::kind.ne_all(ENDS))
            .select(deliveries::id)
            .load(tx.conn)?;
        of_group.extend(of_itself);
    }
    let mut cancelled = 0;
    for part in of_group.chunks(500) {
        cancelled += diesel::update(deliveries::table.filter(deliveries::id.eq_any(part)))
            .set((
                deliveries::state.eq(State::Cancelled.code()),
                deliveries::finished_at.eq(now),
                deliveries::last_error.eq("nobody there is a member of the group any more"),
            ))
            .execute(tx.conn)?;
    }
    Ok(cancelled)
}

/// Whether an id is that of a request to destroy copies that this node has sent.
///
/// # Errors
/// When the database fails.
pub fn is_purge(tx: &mut Tx<'_>, uri: &str) -> Result<bool> {
    Ok(group_purges::table.find(uri).count().get_result::<i64>(tx.conn)? > 0)
}

/// Notes that a peer has destroyed its copies; `false` when it was noted, or that peer was not asked.
///
/// # Errors
/// When the database fails.
pub fn confirm_purge(tx: &mut Tx<'_>, uri: &str, peer: PeerId) -> Result<bool> {
    let now = tx.now().millis();
    let waiting = group_purges::table
        .filter(group_purges::uri.eq(uri))
        .filter(group_purges::peer_id.eq(peer.raw()))
        .filter(group_purges::confirmed_at.is_null());
    Ok(diesel::update(waiting).set(group_purges::confirmed_at.eq(now)).execute(tx.conn)? > 0)
}

/// The peers that were asked to destroy their copies of a group's posts, latest first.
///
/// # Errors
/// When the database fails.
pub fn purges(tx: &mut Tx<'_>, group: ActorId) -> Result<Vec<Purge>> {
    let rows: Vec<(i64, i64, Option<i64>)> = group_purges::table
        .filter(group_purges::group_id.eq(group.raw()))
        .order(group_purges::asked_at.desc())
        .limit(100)
        .select((group_purges::peer_id, group_purges::asked_at, group_purges::confirmed_at))
        .load(tx.conn)?;
    let purge = |(peer, asked_at, confirmed_at): (i64, i64, Option<i64>)| Purge {
        peer: PeerId::new(peer),
        asked_at: Timestamp::from_millis(asked_at),
        confirmed_at: confirmed_at.map(Timestamp::from_millis),
    };
    Ok(rows.into_iter().map(purge).collect())
}

/// Destroys what is held here of the posts that other nodes' people wrote in a group of a peer: nobody here is in it any
/// more. What our own people wrote is this department's record, and stays; so does what a hold keeps, hidden. Says how
/// many were destroyed.
///
/// # Errors
/// When the database fails.
pub fn destroy_copies(tx: &mut Tx<'_>, group: ActorId) -> Result<usize> {
    let now = tx.now();
    let copies = || {
        posts::table
            .filter(posts::group_id.eq(group.raw()))
            .filter(posts::peer_id.is_not_null())
            .filter(posts::destroyed_at.is_null())
    };
    let all: Vec<i64> = copies().select(posts::id).load(tx.conn)?;
    for id in &all {
        removal::hide(tx, PostId::new(*id), now)?;
    }
    let free: Vec<i64> = copies().filter(not(is_held())).select(posts::id).load(tx.conn)?;
    for part in free.chunks(500) {
        removal::destroy(tx, part)?;
    }
    Ok(free.len())
}
