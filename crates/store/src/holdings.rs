//! What this node holds of a peer, in numbers: what an administrator is told before anything is done about it.

use corridor_domain::{ActorKind, Marking, PeerId};
use diesel::dsl::{count, count_star};
use diesel::expression_methods::AggregateExpressionMethods;
use diesel::prelude::*;

use crate::schema::{activities, actors, deliveries, follows, memberships, posts};
use crate::{Result, Tx};

/// What is held of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// Its people, groups and services that are known here.
    pub people: i64,
    /// Its posts that are not deleted.
    pub posts: i64,
    /// Follows in either direction.
    pub follows: i64,
    /// Memberships of its people in groups.
    pub memberships: i64,
    /// Groups that have such members, and its own groups.
    pub groups: i64,
    /// Deliveries that wait for it.
    pub waiting: i64,
}

/// What is held of a peer.
///
/// # Errors
/// When the database fails.
pub fn of(tx: &mut Tx<'_>, peer: PeerId) -> Result<Holdings> {
    const PENDING: i16 = 0;
    let id = peer.raw();
    let theirs = || actors::table.filter(actors::peer_id.eq(id)).filter(actors::deleted_at.is_null());
    let follows = follows::table
        .filter(
            follows::follower_id
                .eq_any(theirs().select(actors::id))
                .or(follows::followed_id.eq_any(theirs().select(actors::id))),
        )
        .count()
        .get_result(tx.conn)?;
    let member_of = || memberships::table.filter(memberships::actor_id.eq_any(theirs().select(actors::id)));
    let visited: i64 = member_of().select(count(memberships::group_id).aggregate_distinct()).first(tx.conn)?;
    let own_groups: i64 = theirs().filter(actors::kind.eq(ActorKind::Group.code())).count().get_result(tx.conn)?;
    Ok(Holdings {
        people: theirs().filter(actors::kind.ne(ActorKind::Group.code())).count().get_result(tx.conn)?,
        posts: crate::peers::count_posts(tx, peer)?,
        follows,
        memberships: member_of().count().get_result(tx.conn)?,
        groups: visited + own_groups,
        waiting: deliveries::table
            .filter(deliveries::peer_id.eq(id))
            .filter(deliveries::state.eq(PENDING))
            .count()
            .get_result(tx.conn)?,
    })
}

/// What a ceiling would shut out: posts held of the peer above it, and deliveries above it that wait for the peer.
///
/// # Errors
/// When the database fails.
pub fn above(tx: &mut Tx<'_>, peer: PeerId, ceiling: Marking) -> Result<(i64, i64)> {
    const PENDING: i16 = 0;
    let held = posts::table
        .filter(posts::peer_id.eq(peer.raw()))
        .filter(posts::deleted_at.is_null())
        .filter(posts::marking.gt(ceiling.rank()))
        .count()
        .get_result(tx.conn)?;
    let waiting = deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(deliveries::peer_id.eq(peer.raw()))
        .filter(deliveries::state.eq(PENDING))
        .filter(activities::marking.gt(ceiling.rank()))
        .select(count_star())
        .first(tx.conn)?;
    Ok((held, waiting))
}
