//! Follows that peers' people ask for, answer and take back.

use corridor_domain::group::GroupRole;
use corridor_domain::{ActorId, ActorKind, Event, FollowId, Service, policy};
use corridor_store::follows::{FollowRow, NewFollow};
use corridor_store::{Tx, actors, blocks, follows, outbox, people, received};

use super::arrival::{Arrival, apply, lies_on};
use super::types::{AnsweredFollow, Outcome, Received};
use crate::connections::are_connected;
use crate::{Ctx, Error, NotificationKind, Result, Settings, groups, network_feed, notifications};

/// A person of a peer asks to follow someone of this node.
///
/// # Errors
/// [`Error::Forbidden`] when the Follow's id is not the follower's to give.
pub async fn follow(ctx: &Ctx, received: Received, followed_uri: String) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    apply(ctx, received, move |tx, arrival| write_follow(tx, arrival, &uri, &followed_uri)).await
}

fn write_follow(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, followed_uri: &str) -> Result<Outcome> {
    let Arrival { peer, actor: follower, .. } = arrival;
    if !lies_on(peer, uri) {
        return Err(Error::forbidden(format!("the Follow's id must lie on {}", peer.authority)));
    }
    if received::is_buried(tx, uri, &follower.uri)? {
        return Ok(Outcome::Ignored);
    }
    let followed = actors::find_by_uri(tx, followed_uri)?;
    if let Some(node) = followed.as_ref().filter(|row| row.is_local() && row.actor_kind() == ActorKind::Service) {
        return follow_node(tx, arrival, uri, node.actor_id());
    }
    let may_be_followed = |kind| matches!(kind, ActorKind::Person | ActorKind::Group);
    let Some(followed) = followed.filter(|row| row.is_local() && !row.is_hidden() && may_be_followed(row.actor_kind()))
    else {
        return Ok(Outcome::Ignored);
    };
    let id = followed.actor_id();
    if follows::find_by_uri(tx, uri)?.is_some_and(|row| row.follower() != follower.actor_id() || row.followed() != id) {
        return Err(Error::forbidden("this Follow's id is another one's"));
    }
    let distance = blocks::between(tx, id, follower.actor_id())?;
    if distance.is_blocked() || distance.domain_blocking {
        let (follower, uri) = (follower.actor_id(), uri.to_owned());
        outbox::append(tx, &Event::FollowRejected { follower, followed: id, uri })?;
        return Ok(Outcome::Applied);
    }
    if let Some(known) = follows::find_pair(tx, follower.actor_id(), id)? {
        return again(tx, &known, uri);
    }
    if followed.actor_kind() == ActorKind::Group {
        policy::may_use(peer, Service::Groups)?;
        groups::joined_by_peer(tx, follower, &followed, uri)?;
        return Ok(Outcome::Applied);
    }
    // Who is connected has been told so, and has agreed to it.
    let connected = are_connected(tx, follower.actor_id(), id)?;
    let follow = NewFollow {
        id: FollowId::new(tx.new_id()),
        follower: follower.actor_id(),
        followed: id,
        uri: uri.to_owned(),
        accepted: !followed.locked || connected,
        show_boosts: true,
        notify: false,
    };
    follows::insert(tx, &follow)?;
    if !connected {
        let kind = if follow.accepted { NotificationKind::Follow } else { NotificationKind::FollowRequest };
        notifications::add(tx, id, kind, follower.actor_id(), None)?;
    }
    if follow.accepted {
        outbox::append(tx, &Event::FollowAccepted { follow: follow.id })?;
    }
    Ok(Outcome::Applied)
}

/// A peer's node asks for every post for the network: only by its own actor, and where the feed is on.
fn follow_node(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, node: ActorId) -> Result<Outcome> {
    let (peer, follower) = (&arrival.peer, arrival.actor.actor_id());
    // Before its keys are pinned, a service of the peer is taken for its own actor: whoever the peer lets ask in its name gets
    // no more than any allowed peer may fetch.
    let own = network_feed::own_actor(tx, peer.id)?;
    if arrival.actor.actor_kind() != ActorKind::Service || own.is_some_and(|own| own != follower) {
        return Ok(Outcome::Ignored);
    }
    policy::may_use(peer, Service::Posts)?;
    if !corridor_store::network_feed::is_on(tx, peer.id)? {
        outbox::append(tx, &Event::FollowRejected { follower, followed: node, uri: uri.to_owned() })?;
        return Ok(Outcome::Applied);
    }
    if let Some(known) = follows::find_pair(tx, follower, node)? {
        return again(tx, &known, uri);
    }
    if follows::find_by_uri(tx, uri)?.is_some() {
        return Err(Error::forbidden("this Follow's id is another one's"));
    }
    let id = FollowId::new(tx.new_id());
    let follow = NewFollow {
        id,
        follower,
        followed: node,
        uri: uri.to_owned(),
        accepted: true,
        show_boosts: false,
        notify: false,
    };
    follows::insert(tx, &follow)?;
    outbox::append(tx, &Event::FollowAccepted { follow: id })?;
    Ok(Outcome::Applied)
}

/// Their node has forgotten the answer, or never had it: it is told again.
fn again(tx: &mut Tx<'_>, known: &FollowRow, uri: &str) -> Result<Outcome> {
    if known.uri != uri {
        follows::set_uri(tx, known.id(), uri)?;
    }
    if known.accepted {
        outbox::append(tx, &Event::FollowAccepted { follow: known.id() })?;
    }
    Ok(Outcome::Applied)
}

/// A person of a peer lets someone of this node follow them.
///
/// # Errors
/// [`Error::Forbidden`] when the Follow was not for them to answer.
pub async fn accept(ctx: &Ctx, received: Received, answered: AnsweredFollow) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        let Some(follow) = asked(tx, arrival, &answered)? else { return Ok(Outcome::Ignored) };
        follows::accept(tx, follow.id())?;
        if corridor_store::groups::find(tx, follow.followed())?.is_some() {
            corridor_store::groups::set_member(tx, follow.followed(), follow.follower(), GroupRole::Member)?;
        }
        Ok(Outcome::Applied)
    })
    .await
}

/// A person of a peer turns a follower of this node away, asked or accepted.
///
/// # Errors
/// [`Error::Forbidden`] when the Follow was not for them to answer.
pub async fn reject(ctx: &Ctx, received: Received, answered: AnsweredFollow) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        let Some(follow) = asked(tx, arrival, &answered)? else { return Ok(Outcome::Ignored) };
        end(tx, &arrival.settings, &follow)?;
        Ok(Outcome::Applied)
    })
    .await
}

/// A follow ends; that of a group with the membership.
fn end(tx: &mut Tx<'_>, settings: &Settings, follow: &FollowRow) -> Result<()> {
    if corridor_store::groups::find(tx, follow.followed())?.is_some() {
        let (group, row) = groups::find(tx, follow.followed())?;
        return groups::end_membership(tx, settings, (&group, &row), follow.follower());
    }
    follows::remove(tx, follow.follower(), follow.followed())?;
    Ok(())
}

/// The follow of ours that is answered: known by its id, or by its two ends where the id is not told.
fn asked(tx: &mut Tx<'_>, arrival: &Arrival, answered: &AnsweredFollow) -> Result<Option<FollowRow>> {
    let by_uri = match &answered.uri {
        Some(uri) => follows::find_by_uri(tx, uri)?,
        None => None,
    };
    let follow = match (by_uri, &answered.follower) {
        (Some(follow), _) => Some(follow),
        (None, Some(follower)) if answered.followed.as_ref().is_none_or(|followed| *followed == arrival.actor.uri) => {
            match actors::find_by_uri(tx, follower)? {
                Some(follower) if follower.is_local() => {
                    follows::find_pair(tx, follower.actor_id(), arrival.actor.actor_id())?
                }
                _ => None,
            }
        }
        (None, _) => None,
    };
    let Some(follow) = follow else { return Ok(None) };
    if follow.followed() != arrival.actor.actor_id() || !people::is_local(tx, follow.follower())? {
        return Err(Error::forbidden("only the one who is followed can answer a Follow"));
    }
    Ok(Some(follow))
}

/// Ends a follow that its follower, of a peer, takes back.
pub(super) fn take_back(tx: &mut Tx<'_>, settings: &Settings, follower: ActorId, follow: &FollowRow) -> Result<()> {
    let followed = follow.followed();
    end(tx, settings, follow)?;
    let kinds = [NotificationKind::Follow, NotificationKind::FollowRequest];
    notifications::take_back(tx, followed, &kinds, follower, None)
}
