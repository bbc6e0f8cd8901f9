//! Posts of peers in groups: whether they may stand there, and that they go on to the other members.

use corridor_domain::group::{self, Door, GroupRefused};
use corridor_domain::{ActorId, ActorKind, Audience, Event, Marking, PostId, policy};
use corridor_store::actors::{self, ActorRow};
use corridor_store::groups::{self, GroupRow, Topic};
use corridor_store::posts::{self, PostRow};
use corridor_store::{Tx, outbox};

use super::arrival::Arrival;
use super::posts::Way;
use super::terms;
use super::types::IncomingPost;
use crate::posts::placed::tell_of_announcement;
use crate::{Error, Result};

/// Where a post of a peer stands.
pub(super) struct Place {
    /// The group.
    pub(super) group: ActorId,
    /// No post in it is marked lower.
    floor: Marking,
    /// Its home is here, or someone here is in it.
    pub(super) concerns_us: bool,
    is_home: bool,
}

/// The group that a post is for: of ours when it is addressed to one, of a peer's when that hands it on.
pub(super) fn place(tx: &mut Tx<'_>, arrival: &Arrival, post: &IncomingPost, way: Way<'_>) -> Result<Option<Place>> {
    if let Way::Relayed(group) = way {
        return relayed(tx, post, group).map(Some);
    }
    let Some((actor, row, is_stated)) = addressed(tx, post)? else {
        return of_peer(tx, arrival, post, way);
    };
    let standing = groups::standing(tx, row.id(), arrival.actor.actor_id())?;
    // A hidden group is not there for a stranger: the post is what it would be without it.
    if !group::may_see(row.door(), standing) {
        return Ok(None);
    }
    let is_public = terms::is_public(&post.addressed);
    let fits = row.door() == Door::Open || !is_public;
    if !is_stated && (!standing.is_member() || !fits) {
        return Ok(None);
    }
    if !fits {
        return Err(Error::forbidden("a post in a private group can't be addressed to everyone"));
    }
    let marking =
        terms::marking(&arrival.settings.scheme, &arrival.peer, post, policy::service_of_post(Audience::Group))?;
    let stated = if post.marking.is_some() { marking } else { marking.max(row.facts().marking) };
    group::may_post(&row.facts(), standing, stated, false).map_err(refused)?;
    Ok(Some(Place { group: actor.actor_id(), floor: row.facts().marking, concerns_us: true, is_home: true }))
}

fn refused(refused: GroupRefused) -> Error {
    Error::forbidden(format!("{refused} ({})", refused.code()))
}

/// A group of ours that the post names as its own, or is addressed to, or answers in; and whether it says so itself.
fn addressed(tx: &mut Tx<'_>, post: &IncomingPost) -> Result<Option<(ActorRow, GroupRow, bool)>> {
    for (uri, is_stated) in
        post.group.iter().map(|uri| (uri, true)).chain(post.addressed.iter().map(|uri| (uri, false)))
    {
        if let Some(found) = ours(tx, uri)? {
            let says_so = is_stated || post.audience.as_deref() == Some(Audience::Group.word());
            return Ok(Some((found.0, found.1, says_so)));
        }
    }
    let Some(parent) = &post.in_reply_to else { return Ok(None) };
    let Some(id) = posts::find_by_uri(tx, parent)?.and_then(|parent| parent.group_id) else { return Ok(None) };
    let actor = actors::find(tx, ActorId::new(id))?;
    if !actor.is_local() || actor.is_hidden() {
        return Ok(None);
    }
    Ok(groups::find(tx, actor.actor_id())?.map(|row| (actor, row, false)))
}

fn ours(tx: &mut Tx<'_>, uri: &str) -> Result<Option<(ActorRow, GroupRow)>> {
    let found = actors::find_by_uri(tx, uri)?;
    let is_group = |row: &ActorRow| row.is_local() && !row.is_hidden() && row.actor_kind() == ActorKind::Group;
    let Some(actor) = found.filter(is_group) else { return Ok(None) };
    Ok(groups::find(tx, actor.actor_id())?.map(|row| (actor, row)))
}

/// The group of a peer that a post says to be in. Its author's word is enough where the group is at home on the author's
/// own node, or, for one that was fetched, where everybody may read; elsewhere the home would have handed it on. What is sent
/// stands in the group for the sake of its members here alone: some homes send to who is named before they hand on.
fn of_peer(tx: &mut Tx<'_>, arrival: &Arrival, post: &IncomingPost, way: Way<'_>) -> Result<Option<Place>> {
    let Some(uri) = &post.group else { return Ok(None) };
    let Some(actor) = actors::find_by_uri(tx, uri)?.filter(|row| !row.is_local() && !row.is_hidden()) else {
        return Ok(None);
    };
    let Some(row) = groups::find(tx, actor.actor_id())? else { return Ok(None) };
    let is_open = way == Way::Fetched && row.door() == Door::Open && terms::is_public(&post.addressed);
    if !is_open && actor.peer() != Some(arrival.peer.id) {
        return Ok(None);
    }
    if way != Way::Fetched && groups::count_members_at(tx, row.id(), None)? == 0 {
        return Ok(None);
    }
    Ok(Some(Place { group: row.id(), floor: row.facts().marking, concerns_us: true, is_home: false }))
}

fn relayed(tx: &mut Tx<'_>, post: &IncomingPost, id: ActorId) -> Result<Place> {
    let (actor, row) = crate::groups::find(tx, id)?;
    if post.group.as_ref().is_none_or(|group| *group != actor.uri) && !post.addressed.contains(&actor.uri) {
        return Err(Error::forbidden("the group hands on what was not posted in it"));
    }
    let concerns_us = groups::count_members_at(tx, id, None)? > 0;
    Ok(Place { group: id, floor: row.facts().marking, concerns_us, is_home: false })
}

/// How the post is marked here. One that says nothing has its group's marking at least.
pub(super) fn marking(arrival: &Arrival, post: &IncomingPost, place: Option<&Place>) -> Result<Marking> {
    let audience = if place.is_some() { Audience::Group } else { Audience::Network };
    let service = policy::service_of_post(audience);
    let marking = terms::marking(&arrival.settings.scheme, &arrival.peer, post, service)?;
    let Some(place) = place else { return Ok(marking) };
    let marking = if post.marking.is_some() { marking } else { marking.max(place.floor) };
    if marking < place.floor {
        return Err(refused(GroupRefused::BelowGroup));
    }
    if marking > arrival.peer.ceiling {
        return Err(policy::Refusal::AboveCeiling(arrival.peer.authority.clone()).into());
    }
    Ok(marking)
}

/// Writes down what belongs to a post in a group, and hands it on where the group's home is here.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    arrival: &Arrival,
    post: &IncomingPost,
    id: PostId,
    place: &Place,
    way: Way<'_>,
) -> Result<()> {
    // Who announces runs the group, and those sit on its home node: nobody else's word counts.
    let home = actors::find(tx, place.group)?.peer();
    let announcement =
        post.announcement && matches!(way, Way::Relayed(_)) && home.is_some() && home == arrival.actor.peer();
    groups::set_topic(tx, id, &Topic { announcement, question: post.question, answer: None })?;
    if announcement {
        tell_of_announcement(tx, arrival.actor.actor_id(), place.group, id)?;
    }
    if let (true, Way::Sent(Some(body))) = (place.is_home, way) {
        groups::keep_original(tx, id, body)?;
        outbox::append(tx, &Event::GroupRelayed { group: place.group, post: id, body: body.to_owned() })?;
    }
    Ok(())
}

/// A change of a post in a group of ours, or its end, goes on to the other members.
pub(super) fn pass_on(tx: &mut Tx<'_>, known: &PostRow, body: Option<&str>) -> Result<()> {
    let (Some(home), Some(body)) = (crate::groups::home_of(tx, known)?, body) else { return Ok(()) };
    if !posts::find(tx, known.id())?.is_deleted() {
        groups::keep_original(tx, known.id(), body)?;
    }
    let event = Event::GroupRelayed { group: home.actor_id(), post: known.id(), body: body.to_owned() };
    Ok(outbox::append(tx, &event)?)
}
