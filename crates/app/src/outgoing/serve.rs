//! What a peer may read when it asks: single things and collections, filtered for that peer before they are counted.

use corridor_domain::group::Door;
use corridor_domain::text::Handle;
use corridor_domain::visibility::{PostFacts, may_leave};
use corridor_domain::{ActorId, ActorKind, Page, Peer, PeerId, PostId, Service};
use corridor_store::activities::Activity;
use corridor_store::groups::GroupRow;
use corridor_store::posts::PostRow;
use corridor_store::{
    Tx, activities, actors, contexts, followers, groups, outgoing as queries, pins, posts, visibility,
};

use super::load;
use super::prepare::is_served;
use super::types::{OutgoingActor, OutgoingPost, Subject};
use crate::{Ctx, Error, PostKind, Result};

/// A part of a collection, and how large the whole is for this reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection<T> {
    /// How many there are.
    pub total: i64,
    /// This part, newest first.
    pub items: Vec<T>,
    /// The id to ask on from; `None` at the end.
    pub next: Option<i64>,
}

const GONE: Error = Error::NotFound("that");

/// A post of ours that this peer may read. A deleted one is shown, as a tombstone, to a peer that may have it.
///
/// # Errors
/// [`Error::NotFound`] also when it is not for this peer: the two must look the same.
pub async fn post_for_peer(ctx: &Ctx, peer: &Peer, id: PostId) -> Result<OutgoingPost> {
    let (settings, asker, peer) = (ctx.settings.clone(), peer.clone(), peer.id);
    ctx.store
        .read(move |tx| {
            let row = posts::find(tx, id)?;
            if row.peer_id.is_some() || (!row.is_deleted() && is_served(&asker, row.audience()?).is_err()) {
                return Err(GONE);
            }
            let readable = if row.is_deleted() {
                // Whoever may have fetched it learns that it is gone, as those do to whom it was sent.
                queries::that_were_told(tx, id)?.iter().any(|(told, _)| *told == peer) || might_leave(tx, &row, peer)?
            } else {
                visibility::may_leave(tx, id, peer)?
            };
            if !readable {
                return Err(GONE);
            }
            Ok(load::post(tx, &settings, row)?)
        })
        .await
}

/// Whether a deleted post might leave to a peer if it were still there.
fn might_leave(tx: &mut Tx<'_>, row: &PostRow, peer: PeerId) -> Result<bool> {
    let facts = PostFacts { deleted: false, ..visibility::post_facts(tx, row)? };
    Ok(may_leave(&facts, &visibility::peer_facts(tx, row, peer)?).is_ok())
}

/// An activity of ours that this peer may read, with its exact bytes.
///
/// # Errors
/// [`Error::NotFound`] also when it is not for this peer.
pub async fn activity_for_peer(ctx: &Ctx, peer: &Peer, uri: String) -> Result<Activity> {
    let (asker, peer) = (peer.clone(), peer.id);
    ctx.store
        .read(move |tx| {
            let activity = activities::find_by_uri(tx, &uri)?;
            let readable = match activity.post {
                Some(post) => {
                    is_served(&asker, posts::find(tx, post)?.audience()?).is_ok()
                        && visibility::may_leave(tx, post, peer)?
                }
                // What is about people is shown to whom it was sent.
                None => queries::was_sent(tx, activity.id, peer)?,
            };
            if readable { Ok(activity) } else { Err(GONE) }
        })
        .await
}

/// An actor of ours, gone ones too.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn actor_for_peer(ctx: &Ctx, id: ActorId) -> Result<OutgoingActor> {
    let settings = ctx.settings.clone();
    ctx.store.read(move |tx| load::actor(tx, &settings, id)?.ok_or(GONE)).await
}

/// As [`actor_for_peer`], where it matters who asks: a hidden group is there only for a peer with a member, or someone
/// invited.
///
/// # Errors
/// [`Error::NotFound`] also when it is not for this peer.
pub async fn group_for_peer(ctx: &Ctx, peer: &Peer, id: ActorId) -> Result<()> {
    let peer = peer.id;
    let known = ctx.store.read(move |tx| Ok::<_, Error>(groups::is_known_at(tx, id, peer)?)).await?;
    if known { Ok(()) } else { Err(GONE) }
}

/// The node's own actor.
///
/// # Errors
/// When the store can't answer.
pub async fn instance_actor(ctx: &Ctx) -> Result<OutgoingActor> {
    let id = crate::instance::ensure(ctx).await?;
    actor_for_peer(ctx, id).await
}

/// The actor of ours behind a handle, also a former one.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or it is gone.
pub async fn actor_id_of_handle(ctx: &Ctx, handle: &Handle) -> Result<ActorId> {
    let key = handle.username.key();
    ctx.store
        .read(move |tx| {
            let row = actors::find_by_handle(tx, "", &key)?.ok_or(GONE)?;
            let hidden = groups::find(tx, row.actor_id())?.is_some_and(|group| group.door() == Door::Hidden);
            if row.deleted_at.is_some() || hidden { Err(GONE) } else { Ok(row.actor_id()) }
        })
        .await
}

/// What is posted in a group of ours, for a peer that may read in it, newest first: `None` for an actor that is no group.
///
/// # Errors
/// [`Error::NotFound`] when there is no such actor for this peer.
pub async fn group_outbox_page(
    ctx: &Ctx,
    peer: &Peer,
    actor: ActorId,
    page: Page,
) -> Result<Option<Collection<Subject>>> {
    let (settings, asker) = (ctx.settings.clone(), peer.clone());
    ctx.store
        .read(move |tx| {
            let Some(row) = groups::find(tx, actor)? else { return Ok(None) };
            local(tx, actor, asker.id)?;
            if !reads_in(tx, &row, &asker)? {
                return Ok(Some(Collection { total: 0, items: Vec::new(), next: None }));
            }
            let group = load::group_ref(tx, actor)?.ok_or(GONE)?;
            let (total, rows) = groups::posts_for(tx, actor, asker.ceiling, &page)?;
            let next = next_of(&rows, page.limit, |row| row.id);
            let mut items = Vec::new();
            for row in rows {
                // What was taken in before it was kept as it was sent can't be proven to others.
                let subject = if row.peer_id.is_none() {
                    let inner = Box::new(Subject::Published(load::post(tx, &settings, row)?));
                    Some(Subject::Relayed { group: group.clone(), inner })
                } else {
                    let body = groups::original(tx, row.id())?;
                    body.map(|body| Subject::RelayedAsSent { group: group.clone(), body })
                };
                items.extend(subject);
            }
            Ok(Some(Collection { total, items, next }))
        })
        .await
}

/// What an actor of ours has posted and boosted, as far as this peer may read it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such actor.
pub async fn outbox_page(ctx: &Ctx, peer: &Peer, actor: ActorId, page: Page) -> Result<Collection<OutgoingPost>> {
    let (settings, peer) = (ctx.settings.clone(), peer.clone());
    ctx.store
        .read(move |tx| {
            local(tx, actor, peer.id)?;
            let total = queries::count_posts_for(tx, actor, &peer)?;
            let rows = queries::posts_for(tx, actor, &peer, &page)?;
            let next = next_of(&rows, page.limit, |row| row.id);
            let items = rows.into_iter().map(|row| load::post(tx, &settings, row)).collect::<Result<_, _>>()?;
            Ok(Collection { total, items, next })
        })
        .await
}

/// The followers of an actor of ours that are this peer's own people; the count is of those too.
///
/// # Errors
/// [`Error::NotFound`] when there is no such actor.
pub async fn followers_page(ctx: &Ctx, peer: &Peer, actor: ActorId, page: Page) -> Result<Collection<String>> {
    let peer = peer.id;
    ctx.store
        .read(move |tx| {
            local(tx, actor, peer)?;
            let (total, rows) = queries::followers_at(tx, actor, peer, &page)?;
            let next = next_of(&rows, page.limit, |row| row.0);
            Ok(Collection { total, items: rows.into_iter().map(|row| row.1).collect(), next })
        })
        .await
}

/// All followers of a person of ours that are this peer's own people, and the address of the whole collection: `None` for
/// an actor that is no person (FEP-8fcf).
///
/// # Errors
/// [`Error::NotFound`] when there is no such actor.
pub async fn followers_at(ctx: &Ctx, peer: PeerId, actor: ActorId) -> Result<Option<(String, Vec<String>)>> {
    ctx.store
        .read(move |tx| {
            local(tx, actor, peer)?;
            let row = actors::find(tx, actor)?;
            if row.actor_kind() != ActorKind::Person {
                return Ok(None);
            }
            Ok(Some((load::actor_ref(&row).followers_uri, followers::at(tx, actor, peer)?)))
        })
        .await
}

/// Those whom an actor of ours follows and who are this peer's own people; the count is of those too.
///
/// # Errors
/// [`Error::NotFound`] when there is no such actor.
pub async fn following_page(ctx: &Ctx, peer: &Peer, actor: ActorId, page: Page) -> Result<Collection<String>> {
    let peer = peer.id;
    ctx.store
        .read(move |tx| {
            local(tx, actor, peer)?;
            let (total, rows) = queries::followed_at(tx, actor, peer, &page)?;
            let next = next_of(&rows, page.limit, |row| row.0);
            Ok(Collection { total, items: rows.into_iter().map(|row| row.1).collect(), next })
        })
        .await
}

/// The replies of our people to a post of ours, as far as this peer may read them.
///
/// # Errors
/// [`Error::NotFound`] when the post is not for this peer.
pub async fn replies_of(ctx: &Ctx, peer: &Peer, id: PostId) -> Result<Vec<String>> {
    let post = post_for_peer(ctx, peer, id).await?;
    if post.deleted || post.kind == PostKind::Boost {
        return Err(GONE);
    }
    let peer = peer.clone();
    ctx.store.read(move |tx| Ok(queries::replies_for(tx, id, &peer)?)).await
}

/// A thread that a post of ours began: who began it, and the addresses of what this peer may know of, oldest first, after
/// a number (FEP-7888).
///
/// # Errors
/// [`Error::NotFound`] when the post is not for this peer, or began no thread.
pub async fn thread_page(
    ctx: &Ctx,
    peer: &Peer,
    id: PostId,
    (after, limit): (i64, i64),
) -> Result<(String, Collection<String>)> {
    let post = post_for_peer(ctx, peer, id).await?;
    if post.deleted || post.kind == PostKind::Boost {
        return Err(GONE);
    }
    let peer = peer.clone();
    let thread = ctx
        .store
        .read(move |tx| {
            if posts::find(tx, id)?.thread_id != id.raw() {
                return Err(GONE);
            }
            let (total, rows) = contexts::thread_for(tx, id, &peer, (after, limit))?;
            let next = next_of(&rows, limit, |row| row.0);
            let items = rows.into_iter().map(|row| row.1).collect();
            Ok(Collection { total, items, next })
        })
        .await?;
    Ok((post.author.uri, thread))
}

/// The posts at the top of a page of ours, a person's or a group's, as far as this peer may read them.
///
/// # Errors
/// [`Error::NotFound`] when there is no such actor for this peer.
pub async fn featured_of(ctx: &Ctx, peer: &Peer, actor: ActorId) -> Result<Vec<String>> {
    let asker = peer.clone();
    ctx.store
        .read(move |tx| {
            local(tx, actor, asker.id)?;
            let Some(group) = groups::find(tx, actor)? else { return Ok(pins::pinned_for(tx, actor, &asker)?) };
            if reads_in(tx, &group, &asker)? { Ok(pins::pinned_for(tx, actor, &asker)?) } else { Ok(Vec::new()) }
        })
        .await
}

/// Who runs a group of ours (FEP-1b12), for peers that may read in it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such group for this peer.
pub async fn moderators_of(ctx: &Ctx, peer: &Peer, actor: ActorId) -> Result<Vec<String>> {
    let asker = peer.clone();
    ctx.store
        .read(move |tx| {
            local(tx, actor, asker.id)?;
            let group = groups::find(tx, actor)?.ok_or(GONE)?;
            if !reads_in(tx, &group, &asker)? {
                return Ok(Vec::new());
            }
            let facilitators = groups::facilitators_here(tx, actor)?;
            Ok(actors::find_many(tx, &facilitators)?.into_iter().map(|row| row.uri).collect())
        })
        .await
}

/// Whether a peer may read in a group of ours: it is open, or someone there is a member.
fn reads_in(tx: &mut Tx<'_>, group: &GroupRow, peer: &Peer) -> Result<bool> {
    let may_read = group.door() == Door::Open || groups::count_members_at(tx, group.id(), Some(peer.id))? > 0;
    Ok(may_read && peer.grant.services.has(Service::Groups))
}

/// An actor of ours that is there, for this peer.
fn local(tx: &mut Tx<'_>, actor: ActorId, peer: PeerId) -> Result<()> {
    let row = actors::find(tx, actor)?;
    let shown = row.actor_kind() != ActorKind::Group || groups::is_known_at(tx, actor, peer)?;
    if row.is_local() && !row.is_hidden() && shown { Ok(()) } else { Err(GONE) }
}

fn next_of<T>(rows: &[T], limit: i64, id: impl Fn(&T) -> i64) -> Option<i64> {
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= limit);
    rows.last().filter(|_| full).map(id)
}
