//! Whole domains from which people of this node keep away, and what that takes out of their sight.

use corridor_domain::{ActorId, Page};
use diesel::dsl::{auto_type, exists};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::schema::{actors, domain_blocks, follows, peers, posts};
use crate::visibility::boosted;
use crate::{Result, Tx};

/// The post is from a domain from which the reader keeps away.
#[auto_type]
pub(crate) fn is_from_blocked_domain(reader: i64) -> _ {
    let origins = domain_blocks::table
        .inner_join(peers::table.on(peers::account_domain.eq(domain_blocks::domain)))
        .filter(domain_blocks::owner_id.eq(reader))
        .filter(peers::id.nullable().eq(posts::peer_id));
    exists(origins)
}

/// The post boosts one from a domain from which the reader keeps away.
#[auto_type]
pub(crate) fn boosts_blocked_domain(reader: i64) -> _ {
    let origins = domain_blocks::table
        .inner_join(peers::table.on(peers::account_domain.eq(domain_blocks::domain)))
        .inner_join(boosted.on(boosted.field(posts::peer_id).eq(peers::id.nullable())))
        .filter(domain_blocks::owner_id.eq(reader))
        .filter(boosted.field(posts::id).nullable().eq(posts::boost_of_id));
    exists(origins)
}

/// The actor is of a domain from which the reader keeps away.
#[auto_type]
pub(crate) fn is_of_blocked_domain(reader: i64) -> _ {
    let domains =
        domain_blocks::table.filter(domain_blocks::owner_id.eq(reader)).filter(domain_blocks::domain.eq(actors::host));
    exists(domains)
}

/// Keeps somebody away from a domain. `false` when they are already.
///
/// # Errors
/// When the database fails.
pub fn block(tx: &mut Tx<'_>, owner: ActorId, domain: &str) -> Result<bool> {
    if is_blocked(tx, owner, domain)? {
        return Ok(false);
    }
    let (id, now) = (tx.new_id(), tx.now().millis());
    diesel::insert_into(domain_blocks::table)
        .values((
            domain_blocks::id.eq(id),
            domain_blocks::owner_id.eq(owner.raw()),
            domain_blocks::domain.eq(domain),
            domain_blocks::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(true)
}

/// Takes that back. `false` when there was nothing to take back.
///
/// # Errors
/// When the database fails.
pub fn unblock(tx: &mut Tx<'_>, owner: ActorId, domain: &str) -> Result<bool> {
    let rows =
        domain_blocks::table.filter(domain_blocks::owner_id.eq(owner.raw())).filter(domain_blocks::domain.eq(domain));
    Ok(diesel::delete(rows).execute(tx.conn)? > 0)
}

/// Whether somebody keeps away from a domain.
///
/// # Errors
/// When the database fails.
pub fn is_blocked(tx: &mut Tx<'_>, owner: ActorId, domain: &str) -> Result<bool> {
    let rows =
        domain_blocks::table.filter(domain_blocks::owner_id.eq(owner.raw())).filter(domain_blocks::domain.eq(domain));
    Ok(rows.count().get_result::<i64>(tx.conn)? > 0)
}

/// Whether somebody keeps away from the domain that another one is of.
///
/// # Errors
/// When the database fails.
pub fn covers(tx: &mut Tx<'_>, owner: ActorId, other: ActorId) -> Result<bool> {
    let found = actors::table.filter(actors::id.eq(other.raw())).filter(is_of_blocked_domain(owner.raw())).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// The domains from which somebody keeps away, latest first, with the number to page by.
///
/// # Errors
/// When the database fails.
pub fn of_person(tx: &mut Tx<'_>, owner: ActorId, page: &Page) -> Result<Vec<(i64, String)>> {
    let query = domain_blocks::table
        .filter(domain_blocks::owner_id.eq(owner.raw()))
        .select((domain_blocks::id, domain_blocks::domain))
        .into_boxed();
    Ok(load_page!(tx, query, domain_blocks::id, page))
}

/// Who of a domain follows somebody, or asks to.
///
/// # Errors
/// When the database fails.
pub fn followers_from(tx: &mut Tx<'_>, followed: ActorId, domain: &str) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(followed.raw()))
        .filter(actors::host.eq(domain))
        .order(follows::id.asc())
        .select(follows::follower_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}

/// Whom of a domain somebody follows, or has asked to follow; groups too.
///
/// # Errors
/// When the database fails.
pub fn followed_in(tx: &mut Tx<'_>, follower: ActorId, domain: &str) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::followed_id)))
        .filter(follows::follower_id.eq(follower.raw()))
        .filter(actors::host.eq(domain))
        .order(follows::id.asc())
        .select(follows::followed_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}
