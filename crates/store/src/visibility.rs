//! Visibility in SQL: the one predicate for people and the one for peers, mirroring `corridor_domain::visibility`.
//!
//! A property test below compares both with the domain's functions on random worlds and both databases.

use corridor_domain::group::Door;
use corridor_domain::visibility::{PeerFacts, PostFacts, ReaderFacts};
use corridor_domain::{ActorId, Audience, Marking, Peer, PeerId, PeerState, PostId, policy};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::posts::PostRow;
use crate::schema::{actors, blocks, follows, group_actors, memberships, peers, post_recipients, posts};
use crate::{Result, Tx};

const ALLOWED: i16 = PeerState::Allowed.code();
const DEPARTMENT: i16 = Audience::Department.code();
const NETWORK: i16 = Audience::Network.code();
const FOLLOWERS: i16 = Audience::Followers.code();
const GROUP: i16 = Audience::Group.code();
const OPEN: i16 = Door::Open.code();

// A module of its own, because the macro has no place for comments on what it makes public.
mod alias {
    diesel::alias!(crate::schema::posts as boosted: Boosted);
}
pub(crate) use alias::boosted;

/// The posts that `reader`, a person of this node, may read. A boost is among them only if what it boosts is
/// readable too: since only network posts can be boosted, that depends on the reader only by blocks.
#[auto_type]
pub(crate) fn readable_by(reader: i64) -> _ {
    let readable_alone: readable_alone = readable_alone(reader);
    let boosts_a_blocker: boosts_a_blocker = boosts_a_blocker(reader);
    readable_alone.and(boosts_something_shown()).and(not(boosts_a_blocker))
}

/// It boosts a post of someone who has blocked the reader.
#[auto_type]
fn boosts_a_blocker(reader: i64) -> _ {
    exists(
        blocks::table
            .inner_join(boosted.on(boosted.field(posts::author_id).eq(blocks::blocker_id)))
            .filter(blocks::blocked_id.eq(reader))
            .filter(boosted.field(posts::id).nullable().eq(posts::boost_of_id)),
    )
}

/// As [`readable_by`], for the row alone: mirrors `may_read`.
#[auto_type]
fn readable_alone(reader: i64) -> _ {
    let readable_while_there: readable_while_there = readable_while_there(reader);
    posts::deleted_at.is_null().and(readable_while_there)
}

/// As [`readable_alone`], deleted or not.
#[auto_type]
fn readable_while_there(reader: i64) -> _ {
    let is_for: is_for = is_for(reader);
    author_is_shown().and(posts::peer_id.is_null().or(origin_is_allowed())).and(is_for)
}

/// As [`readable_while_there`], whether its author and their peer are shown or not.
#[auto_type]
fn is_for(reader: i64) -> _ {
    let in_audience: in_audience = in_audience(reader);
    let is_blocked: is_blocked = is_blocked(reader);
    posts::author_id.eq(reader).or(in_audience.and(not(is_blocked)))
}

#[auto_type]
fn is_blocked(reader: i64) -> _ {
    exists(blocks::table.filter(blocks::blocker_id.eq(posts::author_id)).filter(blocks::blocked_id.eq(reader)))
}

#[auto_type]
pub(crate) fn author_is_shown() -> _ {
    exists(
        actors::table
            .filter(actors::id.eq(posts::author_id))
            .filter(actors::suspended_at.is_null())
            .filter(actors::deleted_at.is_null()),
    )
}

#[auto_type]
fn origin_is_allowed() -> _ {
    let allowed: i16 = ALLOWED;
    exists(peers::table.filter(peers::id.nullable().eq(posts::peer_id)).filter(peers::state.eq(allowed)))
}

#[auto_type]
fn in_audience(reader: i64) -> _ {
    let network: i16 = NETWORK;
    let department: i16 = DEPARTMENT;
    let followers: i16 = FOLLOWERS;
    let group: i16 = GROUP;
    let follows_author: follows_author = follows_author(reader);
    let is_member: is_member = is_member(reader);
    let is_recipient: is_recipient = is_recipient(reader);
    posts::audience
        .eq(network)
        .or(posts::audience.eq(department).and(posts::peer_id.is_null()))
        .or(posts::audience.eq(followers).and(follows_author))
        .or(posts::audience.eq(group).and(is_member.or(is_in_open_group())))
        .or(posts::audience.ne(department).and(posts::audience.ne(group)).and(is_recipient))
}

#[auto_type]
fn follows_author(reader: i64) -> _ {
    exists(
        follows::table
            .filter(follows::followed_id.eq(posts::author_id))
            .filter(follows::follower_id.eq(reader))
            .filter(follows::accepted.eq(true)),
    )
}

#[auto_type]
fn is_member(reader: i64) -> _ {
    exists(
        memberships::table
            .filter(memberships::group_id.nullable().eq(posts::group_id))
            .filter(memberships::actor_id.eq(reader)),
    )
}

#[auto_type]
fn is_in_open_group() -> _ {
    let open: i16 = OPEN;
    exists(
        group_actors::table
            .filter(group_actors::actor_id.nullable().eq(posts::group_id))
            .filter(group_actors::door.eq(open)),
    )
}

#[auto_type]
fn is_recipient(reader: i64) -> _ {
    exists(
        post_recipients::table
            .filter(post_recipients::post_id.eq(posts::id))
            .filter(post_recipients::actor_id.eq(reader)),
    )
}

#[auto_type]
fn boosts_something_shown() -> _ {
    posts::boost_of_id.is_null().or(boosted_is_shown())
}

#[auto_type]
fn boosted_is_shown() -> _ {
    let network: i16 = NETWORK;
    exists(
        boosted
            .filter(boosted.field(posts::id).nullable().eq(posts::boost_of_id))
            .filter(boosted.field(posts::deleted_at).is_null())
            .filter(boosted.field(posts::audience).eq(network))
            .filter(boosted_author_is_shown())
            .filter(boosted.field(posts::peer_id).is_null().or(boosted_origin_is_allowed())),
    )
}

#[auto_type]
fn boosted_author_is_shown() -> _ {
    exists(
        actors::table
            .filter(actors::id.eq(boosted.field(posts::author_id)))
            .filter(actors::suspended_at.is_null())
            .filter(actors::deleted_at.is_null()),
    )
}

#[auto_type]
fn boosted_origin_is_allowed() -> _ {
    let allowed: i16 = ALLOWED;
    exists(peers::table.filter(peers::id.nullable().eq(boosted.field(posts::peer_id))).filter(peers::state.eq(allowed)))
}

/// The posts that may leave to `peer` now: mirrors `may_leave`. A boost leaves only while what it boosts is shown.
#[auto_type]
pub(crate) fn leaves_to(peer: i64) -> _ {
    let leaves_alone_to: leaves_alone_to = leaves_alone_to(peer);
    leaves_alone_to.and(boosts_something_shown())
}

/// The audiences of the services that a peer is allowed for: mirrors `policy::service_of_post`.
pub(crate) fn served_to(peer: &Peer) -> Vec<i16> {
    let served = |audience: &Audience| policy::may_use(peer, policy::service_of_post(*audience)).is_ok();
    Audience::ALL.into_iter().filter(served).map(Audience::code).collect()
}

#[auto_type]
fn leaves_alone_to(peer: i64) -> _ {
    let peer_takes: peer_takes = peer_takes(peer);
    let has_reader_at: has_reader_at = has_reader_at(peer);
    posts::deleted_at.is_null().and(author_is_shown()).and(posts::peer_id.is_null()).and(peer_takes).and(has_reader_at)
}

#[auto_type]
pub(crate) fn peer_takes(peer: i64) -> _ {
    let allowed: i16 = ALLOWED;
    exists(
        peers::table
            .filter(peers::id.eq(peer))
            .filter(peers::state.eq(allowed))
            .filter(peers::ceiling.ge(posts::marking)),
    )
}

#[auto_type]
fn has_reader_at(peer: i64) -> _ {
    let network: i16 = NETWORK;
    let department: i16 = DEPARTMENT;
    let followers: i16 = FOLLOWERS;
    let group: i16 = GROUP;
    let has_follower_at: has_follower_at = has_follower_at(peer);
    let has_member_at: has_member_at = has_member_at(peer);
    let is_home_of_group: is_home_of_group = is_home_of_group(peer);
    let has_recipient_at: has_recipient_at = has_recipient_at(peer);
    posts::audience
        .eq(network)
        .or(posts::audience.eq(followers).and(has_follower_at))
        .or(posts::audience.eq(group).and(has_member_at.or(is_home_of_group).or(is_in_open_group())))
        .or(posts::audience.ne(department).and(posts::audience.ne(group)).and(has_recipient_at))
}

#[auto_type]
fn has_follower_at(peer: i64) -> _ {
    exists(
        follows::table
            .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
            .filter(follows::followed_id.eq(posts::author_id))
            .filter(follows::accepted.eq(true))
            .filter(actors::peer_id.eq(peer)),
    )
}

#[auto_type]
fn has_member_at(peer: i64) -> _ {
    exists(
        memberships::table
            .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
            .filter(memberships::group_id.nullable().eq(posts::group_id))
            .filter(actors::peer_id.eq(peer)),
    )
}

#[auto_type]
fn is_home_of_group(peer: i64) -> _ {
    exists(actors::table.filter(actors::id.nullable().eq(posts::group_id)).filter(actors::peer_id.eq(peer)))
}

#[auto_type]
fn has_recipient_at(peer: i64) -> _ {
    exists(
        post_recipients::table
            .inner_join(actors::table.on(actors::id.eq(post_recipients::actor_id)))
            .filter(post_recipients::post_id.eq(posts::id))
            .filter(actors::peer_id.eq(peer)),
    )
}

/// Whether this person of our node may read this post, boosts included.
///
/// # Errors
/// When the database fails.
pub fn may_read(tx: &mut Tx<'_>, post: PostId, reader: ActorId) -> Result<bool> {
    let found = posts::table.filter(posts::id.eq(post.raw())).filter(readable_by(reader.raw())).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// Whether this person of our node may read this post, or could until it was deleted.
///
/// # Errors
/// When the database fails.
pub fn could_read(tx: &mut Tx<'_>, post: PostId, reader: ActorId) -> Result<bool> {
    let raw = reader.raw();
    let readable = readable_while_there(raw).and(not(boosts_a_blocker(raw)));
    let found = posts::table.filter(posts::id.eq(post.raw())).filter(readable).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// Whether this person of our node could read this post, if its author and their peer were shown.
///
/// # Errors
/// When the database fails.
pub fn is_meant_for(tx: &mut Tx<'_>, post: PostId, reader: ActorId) -> Result<bool> {
    let raw = reader.raw();
    let readable = is_for(raw).and(not(boosts_a_blocker(raw)));
    let found = posts::table.filter(posts::id.eq(post.raw())).filter(readable).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// Whether this post may leave to this peer now.
///
/// # Errors
/// When the database fails.
pub fn may_leave(tx: &mut Tx<'_>, post: PostId, peer: PeerId) -> Result<bool> {
    let found = posts::table.filter(posts::id.eq(post.raw())).filter(leaves_to(peer.raw())).count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// What the domain's rules need to know of a post.
///
/// # Errors
/// When the database fails.
pub fn post_facts(tx: &mut Tx<'_>, post: &PostRow) -> Result<PostFacts> {
    let (suspended, gone): (Option<i64>, Option<i64>) =
        actors::table.find(post.author_id).select((actors::suspended_at, actors::deleted_at)).first(tx.conn)?;
    let origin = match post.peer_id {
        None => None,
        Some(peer) => {
            let state: i16 = peers::table.find(peer).select(peers::state).first(tx.conn)?;
            Some((PeerId::new(peer), PeerState::from_code(state)))
        }
    };
    Ok(PostFacts {
        author: post.author(),
        audience: post.audience()?,
        marking: post.marking(),
        deleted: post.deleted_at.is_some(),
        author_hidden: suspended.is_some() || gone.is_some(),
        origin,
    })
}

/// What the domain's rules need to know of a person who reads a post.
///
/// # Errors
/// When the database fails.
pub fn reader_facts(tx: &mut Tx<'_>, post: &PostRow, reader: ActorId) -> Result<ReaderFacts> {
    let of_post = || posts::table.filter(posts::id.eq(post.id));
    let follows_author = of_post().filter(follows_author(reader.raw())).count().get_result::<i64>(tx.conn)?;
    let is_recipient = of_post().filter(is_recipient(reader.raw())).count().get_result::<i64>(tx.conn)?;
    let is_member =
        of_post().filter(is_member(reader.raw()).or(is_in_open_group())).count().get_result::<i64>(tx.conn)?;
    let is_blocked = of_post().filter(is_blocked(reader.raw())).count().get_result::<i64>(tx.conn)?;
    Ok(ReaderFacts {
        reader,
        follows_author: follows_author > 0,
        is_recipient: is_recipient > 0,
        is_member: is_member > 0,
        is_blocked: is_blocked > 0,
    })
}

/// What the domain's rules need to know of a peer that a post would go to.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such peer.
pub fn peer_facts(tx: &mut Tx<'_>, post: &PostRow, peer: PeerId) -> Result<PeerFacts> {
    let (state, ceiling): (i16, i16) =
        peers::table.find(peer.raw()).select((peers::state, peers::ceiling)).first(tx.conn)?;
    let of_post = || posts::table.filter(posts::id.eq(post.id));
    let raw = peer.raw();
    let has_follower = of_post().filter(has_follower_at(raw)).count().get_result::<i64>(tx.conn)?;
    let has_recipient = of_post().filter(has_recipient_at(raw)).count().get_result::<i64>(tx.conn)?;
    let member = has_member_at(raw).or(is_home_of_group(raw)).or(is_in_open_group());
    let has_member = of_post().filter(member).count().get_result::<i64>(tx.conn)?;
    Ok(PeerFacts {
        peer,
        state: PeerState::from_code(state),
        ceiling: Marking::from_rank(ceiling),
        has_follower: has_follower > 0,
        has_recipient: has_recipient > 0,
        has_member: has_member > 0,
    })
}

#[cfg(test)]
mod tests;
