//! What people of this node write down about others, for themselves alone.

use std::collections::HashMap;

use corridor_domain::ActorId;
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::schema::account_notes;
use crate::{Result, Tx};

/// Writes a note about somebody in place of an earlier one; an empty one is none.
///
/// # Errors
/// When the database fails.
pub fn set(tx: &mut Tx<'_>, owner: ActorId, about: ActorId, note: &str) -> Result<()> {
    diesel::delete(account_notes::table.find((owner.raw(), about.raw()))).execute(tx.conn)?;
    if note.is_empty() {
        return Ok(());
    }
    diesel::insert_into(account_notes::table)
        .values((
            account_notes::owner_id.eq(owner.raw()),
            account_notes::about_id.eq(about.raw()),
            account_notes::note.eq(note),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What somebody has written down about each of these.
///
/// # Errors
/// When the database fails.
pub fn of(tx: &mut Tx<'_>, owner: ActorId, about: &[ActorId]) -> Result<HashMap<ActorId, String>> {
    let about: Vec<i64> = about.iter().map(|id| id.raw()).collect();
    let rows: Vec<(i64, String)> = load_among!(
        tx,
        account_notes::table
            .filter(account_notes::owner_id.eq(owner.raw()))
            .select((account_notes::about_id, account_notes::note)),
        account_notes::about_id,
        &about
    );
    Ok(rows.into_iter().map(|(id, note)| (ActorId::new(id), note)).collect())
}

/// Who has written something down about somebody, and what.
///
/// # Errors
/// When the database fails.
pub fn about(tx: &mut Tx<'_>, whom: ActorId) -> Result<Vec<(ActorId, String)>> {
    let rows: Vec<(i64, String)> = account_notes::table
        .filter(account_notes::about_id.eq(whom.raw()))
        .order(account_notes::owner_id.asc())
        .select((account_notes::owner_id, account_notes::note))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(owner, note)| (ActorId::new(owner), note)).collect())
}
