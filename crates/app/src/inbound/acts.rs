//! What peers' people do with posts: favourite, boost, and take things back.

use corridor_domain::visibility::may_boost;
use corridor_domain::{ActorId, Audience, PostId, Service, Timestamp, policy};
use corridor_store::posts::{NewPost, PostKind, PostRow};
use corridor_store::{Tx, actors, blocks, connections, favourites, follows, posts, received, visibility};

use super::arrival::{Arrival, apply, lies_on};
use super::blocks::take_back_block;
use super::connections::take_back_offer;
use super::follows::take_back;
use super::groups::in_group;
use super::terms::is_public;
use super::types::{Outcome, Received, Undone};
use crate::{Ctx, Error, NotificationKind, Result, notifications};

/// A person of a peer favourites a post of this node. Favourites of other nodes' posts are theirs to count.
///
/// # Errors
/// [`Error::Forbidden`] when the Like's id is not the sender's to give.
pub async fn liked(ctx: &Ctx, received: Received, post_uri: String) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    apply(ctx, received, move |tx, arrival| {
        let post = ours_for(tx, arrival, &post_uri)?;
        write_like(tx, arrival, &uri, post)
    })
    .await
}

/// As [`liked`], for a favourite that the home of a group, of a peer, hands on: of any post in that group, since its home
/// tells all of them.
///
/// # Errors
/// As [`liked`].
pub async fn like_relayed(ctx: &Ctx, received: Received, group: ActorId, post_uri: String) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    apply(ctx, received, move |tx, arrival| {
        let post = in_group(tx, group, &post_uri)?;
        write_like(tx, arrival, &uri, post)
    })
    .await
}

fn write_like(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, post: Option<PostRow>) -> Result<Outcome> {
    let actor = &arrival.actor;
    own_id(arrival, uri)?;
    if received::is_buried(tx, uri, &actor.uri)? {
        return Ok(Outcome::Ignored);
    }
    let Some(post) = post.filter(|post| post.boost_of_id.is_none()) else { return Ok(Outcome::Ignored) };
    if favourites::find_by_uri(tx, uri)?.is_some() {
        return Err(Error::forbidden("this Like's id is another one's"));
    }
    // A second Like of the same post: the later one counts, so that taking the first one back leaves it.
    favourites::remove(tx, actor.actor_id(), post.id())?;
    favourites::add(tx, actor.actor_id(), post.id(), uri)?;
    notifications::add(tx, post.author(), NotificationKind::Favourite, actor.actor_id(), Some(post.id()))?;
    Ok(Outcome::Applied)
}

fn own_id(arrival: &Arrival, uri: &str) -> Result<()> {
    if lies_on(&arrival.peer, uri) {
        return Ok(());
    }
    Err(Error::forbidden(format!("an activity's id must lie on {}", arrival.peer.authority)))
}

/// A post of this node that the sender's node may read; any other looks the same as none.
fn ours_for(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str) -> Result<Option<PostRow>> {
    let Some(post) = posts::find_by_uri(tx, uri)?.filter(|post| post.peer_id.is_none()) else { return Ok(None) };
    let may = visibility::may_leave(tx, post.id(), arrival.peer.id)?;
    Ok(Some(post).filter(|_| may))
}

/// A boost of a peer's person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boost {
    /// URI of what is boosted; fetched beforehand where it was not known.
    pub post_uri: String,
    /// Everyone in `to` and `cc`.
    pub addressed: Vec<String>,
    /// By the booster's clock.
    pub published: Option<Timestamp>,
}

/// A person of a peer boosts a post for the whole network.
///
/// # Errors
/// [`Error::Forbidden`] when the Announce's id is not the sender's to give.
pub async fn boosted(ctx: &Ctx, received: Received, boost: Boost) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    apply(ctx, received, move |tx, arrival| write_boost(tx, arrival, &uri, &boost)).await
}

fn write_boost(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, boost: &Boost) -> Result<Outcome> {
    let actor = &arrival.actor;
    own_id(arrival, uri)?;
    if received::is_buried(tx, uri, &actor.uri)? || posts::find_by_uri(tx, uri)?.is_some() {
        return Ok(Outcome::Ignored);
    }
    policy::may_use(&arrival.peer, Service::Posts)?;
    let Some(post) = boostable(tx, arrival, &boost.post_uri)? else { return Ok(Outcome::Ignored) };
    if post.peer_id.is_some() && !received::has_local_follower(tx, actor.actor_id())? {
        return Ok(Outcome::Ignored);
    }
    posts::lock(tx, post.id())?;
    if let Some(earlier) = posts::find_boost(tx, post.id(), actor.actor_id())? {
        let destroy_after = tx.now() + arrival.settings.destroy_after;
        posts::hide(tx, earlier.id(), destroy_after)?;
    }
    let (id, now) = (PostId::new(tx.new_id()), tx.now());
    let new = NewPost {
        url: post.url.clone(),
        peer: Some(arrival.peer.id),
        kind: PostKind::Boost,
        audience: if is_public(&boost.addressed) { Audience::Network } else { Audience::Followers },
        marking: post.marking(),
        handling: post.handling.clone(),
        boost_of: Some(post.id()),
        ..NewPost::note(id, actor.actor_id(), uri.to_owned(), boost.published.map_or(now, |then| then.min(now)))
    };
    posts::insert(tx, &new)?;
    notifications::add(tx, post.author(), NotificationKind::Boost, actor.actor_id(), Some(post.id()))?;
    Ok(Outcome::Applied)
}

/// What everybody may read, here and at the booster's node.
fn boostable(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str) -> Result<Option<PostRow>> {
    let Some(post) = posts::find_by_uri(tx, uri)? else { return Ok(None) };
    let plain = !post.is_deleted() && post.boost_of_id.is_none() && may_boost(post.audience()?);
    if !plain || (post.peer_id.is_none() && !visibility::may_leave(tx, post.id(), arrival.peer.id)?) {
        return Ok(None);
    }
    Ok(Some(post))
}

/// A person of a peer takes back what they did: a Follow, a Like or an Announce, here already or still to come.
///
/// # Errors
/// [`Error::Forbidden`] when somebody else did it.
pub async fn undone(ctx: &Ctx, received: Received, undone: Undone) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| match &undone.uri {
        Some(uri) => undo_by_id(tx, arrival, uri),
        None => undo_by_object(tx, arrival, &undone),
    })
    .await
}

fn undo_by_id(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str) -> Result<Outcome> {
    let actor = &arrival.actor;
    let id = actor.actor_id();
    own_id(arrival, uri)?;
    let not_theirs = || Err(Error::forbidden("only who did something can take it back"));
    if let Some(follow) = follows::find_by_uri(tx, uri)? {
        if follow.follower() != id {
            return not_theirs();
        }
        take_back(tx, &arrival.settings, id, &follow)?;
    } else if let Some(favourite) = favourites::find_by_uri(tx, uri)? {
        if favourite.actor_id != id.raw() {
            return not_theirs();
        }
        undo_like(tx, arrival, PostId::new(favourite.post_id))?;
    } else if let Some(block) = blocks::find_by_uri(tx, uri)? {
        take_back_block(tx, arrival, &block)?;
    } else if let Some(connection) = connections::find_by_uri(tx, uri)? {
        take_back_offer(tx, arrival, &connection)?;
    } else if let Some(boost) = posts::find_by_uri(tx, uri)? {
        if boost.author() != id || boost.kind() != PostKind::Boost {
            return not_theirs();
        }
        hide(tx, arrival, &boost)?;
    }
    received::bury(tx, uri, &actor.uri)?;
    Ok(Outcome::Applied)
}

/// Some nodes name no id of what they take back, only what it was about.
fn undo_by_object(tx: &mut Tx<'_>, arrival: &Arrival, undone: &Undone) -> Result<Outcome> {
    let (Some(kind), Some(object)) = (undone.kind.as_deref(), undone.object.as_deref()) else {
        return Ok(Outcome::Ignored);
    };
    let id = arrival.actor.actor_id();
    if kind == "Follow" {
        let followed = actors::find_by_uri(tx, object)?;
        let follow = match &followed {
            Some(followed) => follows::find_pair(tx, id, followed.actor_id())?,
            None => None,
        };
        let Some(follow) = follow else { return Ok(Outcome::Ignored) };
        received::bury(tx, &follow.uri, &arrival.actor.uri)?;
        take_back(tx, &arrival.settings, id, &follow)?;
        return Ok(Outcome::Applied);
    }
    if kind == "Block" {
        let Some(blocked) = actors::find_by_uri(tx, object)? else { return Ok(Outcome::Ignored) };
        let Some(block) = blocks::find(tx, id, blocked.actor_id())? else { return Ok(Outcome::Ignored) };
        received::bury(tx, &block.uri, &arrival.actor.uri)?;
        take_back_block(tx, arrival, &block)?;
        return Ok(Outcome::Applied);
    }
    let Some(post) = posts::find_by_uri(tx, object)? else { return Ok(Outcome::Ignored) };
    match kind {
        "Like" => undo_like(tx, arrival, post.id())?,
        "Announce" => {
            if let Some(boost) = posts::find_boost(tx, post.id(), id)? {
                received::bury(tx, &boost.uri, &arrival.actor.uri)?;
                hide(tx, arrival, &boost)?;
            }
        }
        _ => return Ok(Outcome::Ignored),
    }
    Ok(Outcome::Applied)
}

fn undo_like(tx: &mut Tx<'_>, arrival: &Arrival, post: PostId) -> Result<()> {
    let id = arrival.actor.actor_id();
    if let Some(uri) = favourites::remove(tx, id, post)? {
        received::bury(tx, &uri, &arrival.actor.uri)?;
        let author = posts::find(tx, post)?.author();
        notifications::take_back(tx, author, &[NotificationKind::Favourite], id, Some(post))?;
    }
    Ok(())
}

fn hide(tx: &mut Tx<'_>, arrival: &Arrival, boost: &PostRow) -> Result<()> {
    let destroy_after = tx.now() + arrival.settings.destroy_after;
    posts::hide(tx, boost.id(), destroy_after)?;
    Ok(())
}
