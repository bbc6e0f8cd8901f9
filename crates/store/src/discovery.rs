//! People whom a reader may like to meet: suggested, in the directory, or known to those whom they follow.

use std::collections::BTreeMap;

use corridor_domain::{ActorId, ActorKind, PeerState};
use diesel::dsl::{auto_type, count_star, exists, not};
use diesel::prelude::*;

use crate::domain_blocks::is_of_blocked_domain;
use crate::schema::{accounts, actors, blocks, dismissed_suggestions, follows, memberships, moves, mutes, peers};
use crate::{Result, Tx};

// A module of its own, because the macro has no place for comments on what it makes public.
mod alias {
    diesel::alias!(
        crate::schema::follows as own: Own,
        crate::schema::follows as theirs: Theirs,
        crate::schema::memberships as fellows: Fellows,
    );
}
use alias::{fellows, own, theirs};

/// More than so many are not weighed against each other.
const WEIGHED: i64 = 400;

/// A person who lets themselves be found, is there, and whom nothing keeps apart from the reader.
#[auto_type]
fn may_be_met(reader: i64, now: i64) -> _ {
    let person: i16 = ActorKind::Person.code();
    let is_kept_away: is_kept_away = is_kept_away(reader, now);
    let is_of_blocked_domain: is_of_blocked_domain = is_of_blocked_domain(reader);
    actors::kind
        .eq(person)
        .and(actors::discoverable.eq(true))
        .and(is_there())
        .and(not(is_kept_away))
        .and(not(is_of_blocked_domain))
}

#[auto_type]
fn is_there() -> _ {
    let allowed: i16 = PeerState::Allowed.code();
    let origin = peers::table.filter(peers::id.nullable().eq(actors::peer_id)).filter(peers::state.eq(allowed));
    let closed = accounts::table.filter(accounts::actor_id.eq(actors::id)).filter(accounts::disabled_at.is_not_null());
    let moved = moves::table.filter(moves::actor_id.eq(actors::id)).filter(moves::undone_at.is_null());
    actors::suspended_at
        .is_null()
        .and(actors::deleted_at.is_null())
        .and(actors::peer_id.is_null().or(exists(origin)))
        .and(not(exists(closed)))
        .and(not(exists(moved)))
}

#[auto_type]
fn is_kept_away(reader: i64, now: i64) -> _ {
    let blocked = blocks::table.filter(
        blocks::blocker_id
            .eq(reader)
            .and(blocks::blocked_id.eq(actors::id))
            .or(blocks::blocked_id.eq(reader).and(blocks::blocker_id.eq(actors::id))),
    );
    let muted = mutes::table
        .filter(mutes::muter_id.eq(reader))
        .filter(mutes::muted_id.eq(actors::id))
        .filter(mutes::ends_at.is_null().or(mutes::ends_at.gt(now)));
    exists(blocked).or(exists(muted))
}

/// Somebody else, whom the reader neither follows nor has asked to, nor has had enough of.
#[auto_type]
fn is_new(reader: i64) -> _ {
    let followed =
        own.filter(own.field(follows::follower_id).eq(reader)).filter(own.field(follows::followed_id).eq(actors::id));
    let dismissed = dismissed_suggestions::table
        .filter(dismissed_suggestions::owner_id.eq(reader))
        .filter(dismissed_suggestions::dismissed_id.eq(actors::id));
    actors::id.ne(reader).and(not(exists(followed))).and(not(exists(dismissed)))
}

/// What ties somebody who is suggested to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ties {
    /// Those whom the reader follows and who follow them.
    pub through: i64,
    /// Groups that both are in.
    pub groups: i64,
}

/// Whom to suggest to a reader, those with the most ties first.
///
/// # Errors
/// When the database fails.
pub fn suggestions(tx: &mut Tx<'_>, reader: ActorId, limit: usize) -> Result<Vec<(ActorId, Ties)>> {
    let mut found: BTreeMap<i64, Ties> = BTreeMap::new();
    for (id, through) in through_followed(tx, reader)? {
        found.entry(id).or_default().through = through;
    }
    for (id, groups) in in_same_groups(tx, reader)? {
        found.entry(id).or_default().groups = groups;
    }
    let mut found: Vec<(ActorId, Ties)> = found.into_iter().map(|(id, ties)| (ActorId::new(id), ties)).collect();
    // Stable: among equals, who was known here first.
    found.sort_by_key(|(_, ties)| std::cmp::Reverse(ties.through + ties.groups));
    found.truncate(limit);
    Ok(found)
}

fn through_followed(tx: &mut Tx<'_>, reader: ActorId) -> Result<Vec<(i64, i64)>> {
    let (raw, now) = (reader.raw(), tx.now().millis());
    Ok(actors::table
        .inner_join(theirs.on(theirs.field(follows::followed_id).eq(actors::id)))
        .inner_join(follows::table.on(follows::followed_id.eq(theirs.field(follows::follower_id))))
        .filter(follows::follower_id.eq(raw))
        .filter(follows::accepted.eq(true))
        .filter(theirs.field(follows::accepted).eq(true))
        .filter(may_be_met(raw, now))
        .filter(is_new(raw))
        .group_by(actors::id)
        .order((count_star().desc(), actors::id.asc()))
        .limit(WEIGHED)
        .select((actors::id, count_star()))
        .load(tx.conn)?)
}

fn in_same_groups(tx: &mut Tx<'_>, reader: ActorId) -> Result<Vec<(i64, i64)>> {
    let (raw, now) = (reader.raw(), tx.now().millis());
    Ok(actors::table
        .inner_join(fellows.on(fellows.field(memberships::actor_id).eq(actors::id)))
        .inner_join(memberships::table.on(memberships::group_id.eq(fellows.field(memberships::group_id))))
        .filter(memberships::actor_id.eq(raw))
        .filter(may_be_met(raw, now))
        .filter(is_new(raw))
        .group_by(actors::id)
        .order((count_star().desc(), actors::id.asc()))
        .limit(WEIGHED)
        .select((actors::id, count_star()))
        .load(tx.conn)?)
}

/// Suggests somebody to a reader no more; again is the same.
///
/// # Errors
/// When the database fails.
pub fn dismiss(tx: &mut Tx<'_>, reader: ActorId, whom: ActorId) -> Result<()> {
    let row = dismissed_suggestions::table.find((reader.raw(), whom.raw()));
    if row.count().get_result::<i64>(tx.conn)? > 0 {
        return Ok(());
    }
    diesel::insert_into(dismissed_suggestions::table)
        .values((dismissed_suggestions::owner_id.eq(reader.raw()), dismissed_suggestions::dismissed_id.eq(whom.raw())))
        .execute(tx.conn)?;
    Ok(())
}

/// What the directory shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Directory {
    /// Those who were known here last first, not those who posted last.
    pub newest: bool,
    /// Only people of this node.
    pub local: bool,
    /// How many, at most.
    pub limit: i64,
    /// How many to skip.
    pub offset: i64,
}

/// People who let themselves be found.
///
/// # Errors
/// When the database fails.
pub fn directory(tx: &mut Tx<'_>, reader: ActorId, wanted: Directory) -> Result<Vec<ActorId>> {
    let mut query = actors::table.filter(may_be_met(reader.raw(), tx.now().millis())).select(actors::id).into_boxed();
    if wanted.local {
        query = query.filter(actors::peer_id.is_null());
    }
    // Both databases put who never posted last only when told so.
    let query = if wanted.newest {
        query.order(actors::id.desc())
    } else {
        query.order((actors::last_post_at.is_not_null().desc(), actors::last_post_at.desc(), actors::id.desc()))
    };
    let ids: Vec<i64> = query.limit(wanted.limit).offset(wanted.offset).load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}

/// Whom the reader follows and who follows each of these: pairs of the one and the other.
///
/// # Errors
/// When the database fails.
pub fn familiar_followers(tx: &mut Tx<'_>, reader: ActorId, of: &[ActorId]) -> Result<Vec<(ActorId, ActorId)>> {
    let of: Vec<i64> = of.iter().map(|id| id.raw()).collect();
    let rows: Vec<(i64, i64)> = follows::table
        .inner_join(theirs.on(theirs.field(follows::follower_id).eq(follows::followed_id)))
        .filter(follows::follower_id.eq(reader.raw()))
        .filter(follows::accepted.eq(true))
        .filter(theirs.field(follows::accepted).eq(true))
        .filter(theirs.field(follows::followed_id).eq_any(of))
        .order(theirs.field(follows::id).desc())
        .select((theirs.field(follows::followed_id), theirs.field(follows::follower_id)))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(one, follower)| (ActorId::new(one), ActorId::new(follower))).collect())
}
