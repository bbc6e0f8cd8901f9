//! Blocks and mutes: who keeps away from whom, and who is not met in feeds.

use corridor_domain::{ActorId, Page, Timestamp};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::schema::{actors, blocks, mutes};
use crate::{Result, Tx, domain_blocks};

/// A block.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = blocks)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct BlockRow {
    pub id: i64,
    pub blocker_id: i64,
    pub blocked_id: i64,
    pub uri: String,
}

/// How one person keeps away from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each may be true by itself")]
pub struct Distance {
    /// The viewer has blocked them.
    pub blocking: bool,
    /// They have blocked the viewer.
    pub blocked_by: bool,
    /// The viewer has muted them.
    pub muting: bool,
    /// And their notifications.
    pub muting_notifications: bool,
    /// The viewer keeps away from their whole domain.
    pub domain_blocking: bool,
}

impl Distance {
    /// One of the two has blocked the other.
    #[must_use]
    pub const fn is_blocked(&self) -> bool {
        self.blocking || self.blocked_by
    }
}

/// Stores a block. `false` when it is there already.
///
/// # Errors
/// [`crate::Error::Conflict`] when another block has that URI.
pub fn block(tx: &mut Tx<'_>, blocker: ActorId, blocked: ActorId, uri: &str) -> Result<bool> {
    if find(tx, blocker, blocked)?.is_some() {
        return Ok(false);
    }
    let id = tx.new_id();
    diesel::insert_into(blocks::table)
        .values((
            blocks::id.eq(id),
            blocks::blocker_id.eq(blocker.raw()),
            blocks::blocked_id.eq(blocked.raw()),
            blocks::uri.eq(uri),
            blocks::created_at.eq(tx.now().millis()),
        ))
        .execute(tx.conn)?;
    Ok(true)
}

/// Takes a block back. `None` when there was none.
///
/// # Errors
/// When the database fails.
pub fn unblock(tx: &mut Tx<'_>, blocker: ActorId, blocked: ActorId) -> Result<Option<BlockRow>> {
    let Some(block) = find(tx, blocker, blocked)? else { return Ok(None) };
    let removed = diesel::delete(blocks::table.find(block.id)).execute(tx.conn)?;
    Ok((removed > 0).then_some(block))
}

/// The block of these two, that way round.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, blocker: ActorId, blocked: ActorId) -> Result<Option<BlockRow>> {
    Ok(blocks::table
        .filter(blocks::blocker_id.eq(blocker.raw()))
        .filter(blocks::blocked_id.eq(blocked.raw()))
        .select(BlockRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// A block by the Block's URI.
///
/// # Errors
/// When the database fails.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Option<BlockRow>> {
    Ok(blocks::table.filter(blocks::uri.eq(uri)).select(BlockRow::as_select()).first(tx.conn).optional()?)
}

/// Whom a person has blocked: the block's number and the blocked.
///
/// # Errors
/// When the database fails.
pub fn blocked_by(tx: &mut Tx<'_>, blocker: ActorId, page: &Page) -> Result<Vec<(i64, ActorId)>> {
    let query = blocks::table
        .filter(blocks::blocker_id.eq(blocker.raw()))
        .select((blocks::id, blocks::blocked_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = load_page!(tx, query, blocks::id, page);
    Ok(rows.into_iter().map(|(id, actor)| (id, ActorId::new(actor))).collect())
}

/// Mutes someone, or changes how.
///
/// # Errors
/// When the database fails.
pub fn mute(
    tx: &mut Tx<'_>,
    muter: ActorId,
    muted: ActorId,
    notifications: bool,
    ends_at: Option<Timestamp>,
) -> Result<()> {
    unmute(tx, muter, muted)?;
    let id = tx.new_id();
    diesel::insert_into(mutes::table)
        .values((
            mutes::id.eq(id),
            mutes::muter_id.eq(muter.raw()),
            mutes::muted_id.eq(muted.raw()),
            mutes::notifications.eq(notifications),
            mutes::ends_at.eq(ends_at.map(Timestamp::millis)),
            mutes::created_at.eq(tx.now().millis()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a mute back, if there is one.
///
/// # Errors
/// When the database fails.
pub fn unmute(tx: &mut Tx<'_>, muter: ActorId, muted: ActorId) -> Result<()> {
    let mute = mutes::table.filter(mutes::muter_id.eq(muter.raw())).filter(mutes::muted_id.eq(muted.raw()));
    diesel::delete(mute).execute(tx.conn)?;
    Ok(())
}

/// Whom a person mutes now: the mute's number, the muted, and until when.
///
/// # Errors
/// When the database fails.
pub fn muted_by(tx: &mut Tx<'_>, muter: ActorId, page: &Page) -> Result<Vec<(i64, ActorId)>> {
    let now = tx.now().millis();
    let query = mutes::table
        .filter(mutes::muter_id.eq(muter.raw()))
        .filter(mutes::ends_at.is_null().or(mutes::ends_at.gt(now)))
        .select((mutes::id, mutes::muted_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = load_page!(tx, query, mutes::id, page);
    Ok(rows.into_iter().map(|(id, actor)| (id, ActorId::new(actor))).collect())
}

/// People of this node who have blocked somebody.
///
/// # Errors
/// When the database fails.
pub fn blockers_here(tx: &mut Tx<'_>, blocked: ActorId) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> = blocks::table
        .inner_join(actors::table.on(actors::id.eq(blocks::blocker_id)))
        .filter(blocks::blocked_id.eq(blocked.raw()))
        .filter(actors::peer_id.is_null())
        .order(blocks::id.asc())
        .select(blocks::blocker_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}

/// Who mutes somebody now: who, whether their notifications too, and until when.
///
/// # Errors
/// When the database fails.
pub fn muters(tx: &mut Tx<'_>, muted: ActorId) -> Result<Vec<(ActorId, bool, Option<Timestamp>)>> {
    let now = tx.now().millis();
    let rows: Vec<(i64, bool, Option<i64>)> = mutes::table
        .filter(mutes::muted_id.eq(muted.raw()))
        .filter(mutes::ends_at.is_null().or(mutes::ends_at.gt(now)))
        .order(mutes::id.asc())
        .select((mutes::muter_id, mutes::notifications, mutes::ends_at))
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(muter, notifications, ends_at)| {
            (ActorId::new(muter), notifications, ends_at.map(Timestamp::from_millis))
        })
        .collect())
}

/// How `viewer` and `other` keep away from each other now.
///
/// # Errors
/// When the database fails.
pub fn between(tx: &mut Tx<'_>, viewer: ActorId, other: ActorId) -> Result<Distance> {
    let now = tx.now().millis();
    let muting: Option<bool> = mutes::table
        .filter(mutes::muter_id.eq(viewer.raw()))
        .filter(mutes::muted_id.eq(other.raw()))
        .filter(mutes::ends_at.is_null().or(mutes::ends_at.gt(now)))
        .select(mutes::notifications)
        .first(tx.conn)
        .optional()?;
    Ok(Distance {
        blocking: find(tx, viewer, other)?.is_some(),
        blocked_by: find(tx, other, viewer)?.is_some(),
        muting: muting.is_some(),
        muting_notifications: muting == Some(true),
        domain_blocking: domain_blocks::covers(tx, viewer, other)?,
    })
}
