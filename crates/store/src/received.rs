//! What peers sent: activities that were taken in, what was deleted or undone for ever, and whom it concerns.

use corridor_domain::{ActorId, PeerId, PostId, Timestamp};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::schema::{actors, follows, posts, received_activities, tombstones};
use crate::{Backend, Result, Tx, dialect};

/// An activity whose effect is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenActivity<'a> {
    /// Its id.
    pub uri: &'a str,
    /// The peer that sent it.
    pub peer: PeerId,
    /// Who acts.
    pub actor_uri: &'a str,
    /// Its type.
    pub kind: &'a str,
}

/// Lets one transaction at a time write what this actor of a peer does, so that a Delete and a Create of the same
/// post can't pass each other unseen. SQLite has one writer anyway.
///
/// # Errors
/// When the database fails.
pub fn hold(tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    if tx.backend() == Backend::Postgres {
        // No row is written for it; the lock ends with the transaction.
        tx.conn.batch_execute(&format!("SELECT pg_advisory_xact_lock({})", actor.raw()))?;
    }
    Ok(())
}

/// Holds an actor's row, so that its counters stay as they are until it is written back whole.
///
/// # Errors
/// When the database fails.
pub fn hold_row(tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    if tx.backend() == Backend::Postgres {
        let row = actors::table.find(actor.raw());
        diesel::update(row).set(actors::updated_at.eq(actors::updated_at)).execute(tx.conn)?;
    }
    Ok(())
}

/// Notes that an activity was taken in; `false` when it was before.
///
/// # Errors
/// When the database fails.
pub fn mark_seen(tx: &mut Tx<'_>, seen: &SeenActivity<'_>) -> Result<bool> {
    dialect::insert_received(tx, (seen.uri, seen.peer.raw(), seen.actor_uri, seen.kind))
}

/// Forgets activities from before `moment`; says how many. What they deleted stays deleted.
///
/// # Errors
/// When the database fails.
pub fn forget_before(tx: &mut Tx<'_>, moment: Timestamp) -> Result<usize> {
    let old = received_activities::table.filter(received_activities::received_at.lt(moment.millis()));
    Ok(diesel::delete(old).execute(tx.conn)?)
}

/// Notes for ever that its owner deleted or undid something, here or not.
///
/// # Errors
/// When the database fails.
pub fn bury(tx: &mut Tx<'_>, uri: &str, owner_uri: &str) -> Result<()> {
    dialect::insert_tombstone(tx, uri, owner_uri)
}

/// Whether its owner deleted or undid it.
///
/// # Errors
/// When the database fails.
pub fn is_buried(tx: &mut Tx<'_>, uri: &str, owner_uri: &str) -> Result<bool> {
    let found = tombstones::table.find((uri, owner_uri)).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// An actor that is known by its URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub id: ActorId,
    /// ActivityPub id.
    pub uri: String,
    /// Of this node.
    pub is_local: bool,
}

/// Those of these URIs that are actors known here and not gone.
///
/// # Errors
/// When the database fails.
pub fn known_actors(tx: &mut Tx<'_>, uris: &[String]) -> Result<Vec<Known>> {
    if uris.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, String, Option<i64>)> = actors::table
        .filter(actors::uri.eq_any(uris))
        .filter(actors::deleted_at.is_null())
        .select((actors::id, actors::uri, actors::peer_id))
        .load(tx.conn)?;
    let known =
        |(id, uri, peer): (i64, String, Option<i64>)| Known { id: ActorId::new(id), uri, is_local: peer.is_none() };
    Ok(rows.into_iter().map(known).collect())
}

/// Whether someone of this node follows `author`.
///
/// # Errors
/// When the database fails.
pub fn has_local_follower(tx: &mut Tx<'_>, author: ActorId) -> Result<bool> {
    let found: Option<i64> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(author.raw()))
        .filter(follows::accepted.eq(true))
        .filter(actors::peer_id.is_null())
        .select(follows::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Every follow of an actor or by them: who follows, and whom.
///
/// # Errors
/// When the database fails.
pub fn follows_of(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<(ActorId, ActorId)>> {
    let rows: Vec<(i64, i64)> = follows::table
        .filter(follows::follower_id.eq(actor.raw()).or(follows::followed_id.eq(actor.raw())))
        .select((follows::follower_id, follows::followed_id))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(follower, followed)| (ActorId::new(follower), ActorId::new(followed))).collect())
}

/// An actor's posts and boosts that are not deleted.
///
/// # Errors
/// When the database fails.
pub fn posts_of(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<PostId>> {
    let ids: Vec<i64> = posts::table
        .filter(posts::author_id.eq(actor.raw()))
        .filter(posts::deleted_at.is_null())
        .order(posts::id)
        .select(posts::id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(PostId::new).collect())
}
