//! People whom people of this node show on their profile.

use std::collections::HashSet;

use corridor_domain::{ActorId, Page};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::paging::load_page;
use crate::schema::endorsements;
use crate::{Result, Tx};

/// Puts somebody on a profile. `false` when they are there.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, owner: ActorId, whom: ActorId) -> Result<bool> {
    if !among(tx, owner, &[whom])?.is_empty() {
        return Ok(false);
    }
    let (id, now) = (tx.new_id(), tx.now().millis());
    diesel::insert_into(endorsements::table)
        .values((
            endorsements::id.eq(id),
            endorsements::owner_id.eq(owner.raw()),
            endorsements::endorsed_id.eq(whom.raw()),
            endorsements::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(true)
}

/// Takes somebody off a profile, if they are there.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, owner: ActorId, whom: ActorId) -> Result<()> {
    let row = endorsements::table
        .filter(endorsements::owner_id.eq(owner.raw()))
        .filter(endorsements::endorsed_id.eq(whom.raw()));
    diesel::delete(row).execute(tx.conn)?;
    Ok(())
}

/// Those of these people whom somebody shows on their profile.
///
/// # Errors
/// When the database fails.
pub fn among(tx: &mut Tx<'_>, owner: ActorId, people: &[ActorId]) -> Result<HashSet<ActorId>> {
    let people: Vec<i64> = people.iter().map(|id| id.raw()).collect();
    let shown: Vec<i64> = load_among!(
        tx,
        endorsements::table.filter(endorsements::owner_id.eq(owner.raw())).select(endorsements::endorsed_id),
        endorsements::endorsed_id,
        &people
    );
    Ok(shown.into_iter().map(ActorId::new).collect())
}

/// Who is on somebody's profile, latest first, with the number to page by.
///
/// # Errors
/// When the database fails.
pub fn of_person(tx: &mut Tx<'_>, owner: ActorId, page: &Page) -> Result<Vec<(i64, ActorId)>> {
    let query = endorsements::table
        .filter(endorsements::owner_id.eq(owner.raw()))
        .select((endorsements::id, endorsements::endorsed_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = load_page!(tx, query, endorsements::id, page);
    Ok(rows.into_iter().map(|(id, whom)| (id, ActorId::new(whom))).collect())
}
