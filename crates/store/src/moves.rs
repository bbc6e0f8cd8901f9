//! Moves: where somebody has gone, and which older accounts people of this node say are theirs.

use corridor_domain::{ActorId, Timestamp};
use diesel::prelude::*;

use crate::schema::{aliases, moves};
use crate::{Result, Tx};

/// The latest move of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = moves)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct MoveRow {
    pub actor_id: i64,
    pub target_id: i64,
    pub moved_at: i64,
    pub undone_at: Option<i64>,
}

impl MoveRow {
    /// Where they have gone.
    #[must_use]
    pub const fn target(&self) -> ActorId {
        ActorId::new(self.target_id)
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.moved_at)
    }

    /// Whether it still counts.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.undone_at.is_none()
    }
}

/// The URIs of the older accounts of a person of this node, in their order.
///
/// # Errors
/// When the database fails.
pub fn aliases(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<String>> {
    Ok(aliases::table
        .filter(aliases::actor_id.eq(actor.raw()))
        .order(aliases::uri.asc())
        .select(aliases::uri)
        .load(tx.conn)?)
}

/// Notes an older account; the caller knows that it is not there yet.
///
/// # Errors
/// [`crate::Error::Conflict`] when it is there.
pub fn add_alias(tx: &mut Tx<'_>, actor: ActorId, uri: &str) -> Result<()> {
    diesel::insert_into(aliases::table)
        .values((aliases::actor_id.eq(actor.raw()), aliases::uri.eq(uri)))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets an older account; `false` when it was none.
///
/// # Errors
/// When the database fails.
pub fn remove_alias(tx: &mut Tx<'_>, actor: ActorId, uri: &str) -> Result<bool> {
    Ok(diesel::delete(aliases::table.find((actor.raw(), uri))).execute(tx.conn)? > 0)
}

/// The latest move of somebody, also one that was taken back.
///
/// # Errors
/// When the database fails.
pub fn latest(tx: &mut Tx<'_>, actor: ActorId) -> Result<Option<MoveRow>> {
    Ok(moves::table.find(actor.raw()).select(MoveRow::as_select()).first(tx.conn).optional()?)
}

/// Where somebody has gone, unless that was taken back.
///
/// # Errors
/// When the database fails.
pub fn current(tx: &mut Tx<'_>, actor: ActorId) -> Result<Option<ActorId>> {
    Ok(latest(tx, actor)?.filter(MoveRow::stands).map(|row| row.target()))
}

/// Writes down a move, in place of an earlier one.
///
/// # Errors
/// When the database fails.
pub fn record(tx: &mut Tx<'_>, actor: ActorId, target: ActorId) -> Result<()> {
    diesel::delete(moves::table.find(actor.raw())).execute(tx.conn)?;
    diesel::insert_into(moves::table)
        .values((
            moves::actor_id.eq(actor.raw()),
            moves::target_id.eq(target.raw()),
            moves::moved_at.eq(tx.now().millis()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a move back; `false` when there is none that counts.
///
/// # Errors
/// When the database fails.
pub fn undo(tx: &mut Tx<'_>, actor: ActorId) -> Result<bool> {
    let now = tx.now().millis();
    let standing = moves::table.filter(moves::actor_id.eq(actor.raw())).filter(moves::undone_at.is_null());
    Ok(diesel::update(standing).set(moves::undone_at.eq(Some(now))).execute(tx.conn)? > 0)
}
