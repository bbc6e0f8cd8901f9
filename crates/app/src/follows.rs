//! Following: ask, accept, turn away, and how two people stand to each other.

use corridor_domain::{ActorId, ActorKind, Event, FollowId, Page};
use corridor_store::blocks::Distance;
use corridor_store::follows::{FollowRow, NewFollow};
use corridor_store::{Tx, account_notes, blocks, endorsements, follows, outbox, people};

use crate::posts::people_slice;
use crate::{
    Ctx, Error, NotificationKind, PersonView, RelationshipView, Result, Settings, Slice, Viewer, connections, groups,
    notifications,
};

/// What a follower wants to see; `None` keeps what was chosen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FollowOptions {
    /// Boosts in the home feed; yes at first.
    pub show_boosts: Option<bool>,
    /// A notification for each post; no at first.
    pub notify: Option<bool>,
}

/// Follows someone, or asks to where they approve their followers. Doing it again changes the options.
///
/// # Errors
/// When they aren't there, or are the viewer.
pub async fn follow(ctx: &Ctx, viewer: &Viewer, whom: ActorId, options: FollowOptions) -> Result<RelationshipView> {
    let (settings, follower) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            write_follow(tx, &settings, follower, whom, options)?;
            relationship(tx, follower, whom)
        })
        .await
}

pub(crate) fn write_follow(
    tx: &mut Tx<'_>,
    settings: &Settings,
    follower: ActorId,
    whom: ActorId,
    options: FollowOptions,
) -> Result<()> {
    if follower == whom {
        return Err(Error::invalid("You can't follow yourself"));
    }
    let shown = people::find_shown(tx, &[whom])?.pop();
    let (person, _) = shown.filter(|(row, _)| row.suspended_at.is_none()).ok_or(Error::NotFound("that person"))?;
    if ActorKind::from_code(person.kind) == ActorKind::Service {
        return Err(Error::forbidden("A program can't be followed"));
    }
    let distance = blocks::between(tx, follower, whom)?;
    if distance.is_blocked() {
        return Err(Error::forbidden("One of you has blocked the other"));
    }
    if distance.domain_blocking {
        return Err(Error::forbidden("You have blocked their domain"));
    }
    if let Some(known) = follows::find_pair(tx, follower, whom)? {
        let boosts = options.show_boosts.unwrap_or(known.show_boosts);
        return Ok(follows::set_options(tx, known.id(), boosts, options.notify.unwrap_or(known.notify))?);
    }
    if corridor_store::groups::find(tx, whom)?.is_some() {
        return groups::write_join(tx, settings, follower, whom);
    }
    let is_local = person.peer_id.is_none();
    let id = FollowId::new(tx.new_id());
    let follow = NewFollow {
        id,
        follower,
        followed: whom,
        uri: settings.addresses.federation_url(&format!("/activities/{id}")),
        accepted: is_local && (!person.locked || connections::are_connected(tx, follower, whom)?),
        show_boosts: options.show_boosts.unwrap_or(true),
        notify: options.notify.unwrap_or(false),
    };
    follows::insert(tx, &follow)?;
    if is_local {
        let kind = if follow.accepted { NotificationKind::Follow } else { NotificationKind::FollowRequest };
        notifications::add(tx, whom, kind, follower, None)?;
    } else {
        outbox::append(tx, &Event::FollowRequested { follow: id })?;
    }
    Ok(())
}

/// Stops following, or takes the request back.
///
/// # Errors
/// When they aren't there.
pub async fn unfollow(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    let (settings, follower) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            if corridor_store::groups::find(tx, whom)?.is_some() {
                if follows::find_pair(tx, follower, whom)?.is_some() {
                    groups::write_leave(tx, &settings, follower, whom)?;
                }
            } else {
                write_unfollow(tx, follower, whom)?;
            }
            relationship(tx, follower, whom)
        })
        .await
}

pub(crate) fn write_unfollow(tx: &mut Tx<'_>, follower: ActorId, whom: ActorId) -> Result<()> {
    let Some(follow) = follows::remove(tx, follower, whom)? else { return Ok(()) };
    let kinds = [NotificationKind::Follow, NotificationKind::FollowRequest];
    notifications::take_back(tx, whom, &kinds, follower, None)?;
    if !people::is_local(tx, whom)? {
        outbox::append(tx, &Event::FollowUndone { follower, followed: whom, uri: follow.uri })?;
    }
    Ok(())
}

/// Who asks to follow the viewer.
///
/// # Errors
/// When the store fails.
pub async fn requests(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PersonView>> {
    let (settings, followed) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let people = follows::followers(tx, followed, false, &page)?;
            people_slice(tx, &settings, people)
        })
        .await
}

/// Lets someone follow the viewer.
///
/// # Errors
/// When they didn't ask.
pub async fn accept_request(ctx: &Ctx, viewer: &Viewer, who: ActorId) -> Result<RelationshipView> {
    let followed = viewer.id;
    ctx.store
        .write(move |tx| {
            let request = follows::find_pair(tx, who, followed)?.ok_or(Error::NotFound("that request"))?;
            if follows::accept(tx, request.id())? {
                notifications::take_back(tx, followed, &[NotificationKind::FollowRequest], who, None)?;
                notifications::add(tx, followed, NotificationKind::Follow, who, None)?;
                if !people::is_local(tx, who)? {
                    outbox::append(tx, &Event::FollowAccepted { follow: request.id() })?;
                }
            }
            relationship(tx, followed, who)
        })
        .await
}

/// Turns someone away who asked to follow the viewer.
///
/// # Errors
/// When they didn't ask.
pub async fn reject_request(ctx: &Ctx, viewer: &Viewer, who: ActorId) -> Result<RelationshipView> {
    let followed = viewer.id;
    ctx.store
        .write(move |tx| {
            let request = follows::find_pair(tx, who, followed)?.filter(|follow| !follow.accepted);
            request.ok_or(Error::NotFound("that request"))?;
            turn_away(tx, who, followed)?;
            relationship(tx, followed, who)
        })
        .await
}

/// Ends someone's following of the viewer.
///
/// # Errors
/// When they aren't there.
pub async fn remove_follower(ctx: &Ctx, viewer: &Viewer, who: ActorId) -> Result<RelationshipView> {
    let followed = viewer.id;
    ctx.store
        .write(move |tx| {
            turn_away(tx, who, followed)?;
            relationship(tx, followed, who)
        })
        .await
}

pub(crate) fn turn_away(tx: &mut Tx<'_>, follower: ActorId, followed: ActorId) -> Result<()> {
    let Some(follow) = follows::remove(tx, follower, followed)? else {
        return Ok(());
    };
    let kinds = [NotificationKind::Follow, NotificationKind::FollowRequest];
    notifications::take_back(tx, followed, &kinds, follower, None)?;
    if !people::is_local(tx, follower)? {
        outbox::append(tx, &Event::FollowRejected { follower, followed, uri: follow.uri })?;
    }
    Ok(())
}

/// How the viewer stands to each of these, in the order asked for; unknown ones are left out.
///
/// # Errors
/// When the store fails.
pub async fn relationships(ctx: &Ctx, viewer: &Viewer, whom: Vec<ActorId>) -> Result<Vec<RelationshipView>> {
    let viewer = viewer.id;
    ctx.store.read(move |tx| views(tx, viewer, &whom)).await
}

pub(crate) fn relationship(tx: &mut Tx<'_>, viewer: ActorId, other: ActorId) -> Result<RelationshipView> {
    views(tx, viewer, &[other])?.pop().ok_or(Error::NotFound("that person"))
}

fn views(tx: &mut Tx<'_>, viewer: ActorId, others: &[ActorId]) -> Result<Vec<RelationshipView>> {
    let known = people::find_shown(tx, others)?;
    let rows = follows::between(tx, viewer, others)?;
    let groups: Vec<ActorId> = corridor_store::groups::find_many(tx, others)?.iter().map(|row| row.id()).collect();
    let seen = corridor_store::groups::seen_by(tx, viewer, &groups)?;
    let is_known = |other: &&ActorId| {
        known.iter().any(|(row, _)| row.id == other.raw()) && (!groups.contains(other) || seen.contains(other))
    };
    let mut notes = account_notes::of(tx, viewer, others)?;
    let endorsed = endorsements::among(tx, viewer, others)?;
    let connected = corridor_store::connections::among(tx, viewer, others)?;
    let view = |other: &ActorId| {
        let note = notes.remove(other).unwrap_or_default();
        let distance = blocks::between(tx, viewer, *other)?;
        let endorsed = endorsed.contains(other);
        let connection = match connected.iter().find(|row| row.other(viewer) == *other) {
            Some(row) => connections::Standing::of(row, viewer)?,
            None => connections::Standing::None,
        };
        Ok(RelationshipView { endorsed, note, connection, ..view(viewer, *other, &rows, distance) })
    };
    others.iter().filter(is_known).map(view).collect()
}

fn view(viewer: ActorId, other: ActorId, rows: &[FollowRow], distance: Distance) -> RelationshipView {
    let find = |from: ActorId, to: ActorId| rows.iter().find(|row| row.follower() == from && row.followed() == to);
    let (to, back) = (find(viewer, other), find(other, viewer));
    let following = to.filter(|follow| follow.accepted);
    RelationshipView {
        id: other,
        following: following.is_some(),
        requested: to.is_some_and(|follow| !follow.accepted),
        showing_boosts: following.is_some_and(|follow| follow.show_boosts),
        notifying: following.is_some_and(|follow| follow.notify),
        followed_by: back.is_some_and(|follow| follow.accepted),
        requested_by: back.is_some_and(|follow| !follow.accepted),
        distance,
        endorsed: false,
        note: String::new(),
        connection: connections::Standing::None,
    }
}

#[cfg(test)]
mod tests;
