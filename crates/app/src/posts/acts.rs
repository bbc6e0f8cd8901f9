//! What readers do with posts: favourite, boost, bookmark, mute the thread, and take it back.

use corridor_domain::visibility::may_boost;
use corridor_domain::{ActorId, Event, Page, PostId};
use corridor_store::posts::{NewPost, PostKind, PostRow};
use corridor_store::{Tx, bookmarks, favourites, outbox, posts, thread_mutes, timelines};

use crate::assemble::shown_people;
use crate::posts::{original, show};
use crate::{Ctx, Error, NotificationKind, PersonView, PostView, Result, Settings, Slice, Viewer, notifications};

/// Favourites a post; once.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn favourite(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    let post = ctx
        .store
        .write(move |tx| {
            let post = original(tx, id, reader)?;
            let uri = settings.addresses.federation_url(&format!("/activities/{}", tx.new_id()));
            if favourites::add(tx, reader, post.id(), &uri)? {
                notifications::add(tx, post.author(), NotificationKind::Favourite, reader, Some(post.id()))?;
                if post.peer_id.is_some() {
                    outbox::append(tx, &Event::Favourited { actor: reader, post: post.id(), uri })?;
                }
            }
            Ok::<_, Error>(post.id())
        })
        .await?;
    show(ctx, viewer, post).await
}

/// Takes a favourite back.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn unfavourite(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let reader = viewer.id;
    let post = ctx
        .store
        .write(move |tx| {
            let post = original(tx, id, reader)?;
            if let Some(uri) = favourites::remove(tx, reader, post.id())? {
                notifications::take_back(tx, post.author(), &[NotificationKind::Favourite], reader, Some(post.id()))?;
                if post.peer_id.is_some() {
                    outbox::append(tx, &Event::FavouriteUndone { actor: reader, post: post.id(), uri })?;
                }
            }
            Ok::<_, Error>(post.id())
        })
        .await?;
    show(ctx, viewer, post).await
}

/// Boosts a post; once. Answers with the boost.
///
/// # Errors
/// When the post isn't there, or isn't for the whole network.
pub async fn boost(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let (settings, booster) = (ctx.settings.clone(), viewer.clone());
    let boost = ctx.store.write(move |tx| write_boost(tx, &settings, &booster, id)).await?;
    show(ctx, viewer, boost).await
}

fn write_boost(tx: &mut Tx<'_>, settings: &Settings, viewer: &Viewer, id: PostId) -> Result<PostId> {
    crate::moves::demand_here(tx, viewer.id)?;
    let post = original(tx, id, viewer.id)?;
    if !may_boost(post.audience()?) {
        return Err(Error::forbidden("Only a post for the whole network can be boosted"));
    }
    // Two requests at once must make one boost.
    posts::lock(tx, post.id())?;
    if let Some(boost) = posts::find_boost(tx, post.id(), viewer.id)? {
        return Ok(boost.id());
    }
    let id = PostId::new(tx.new_id());
    let uri = settings.addresses.federation_url(&format!("/activities/{id}"));
    let boost = NewPost {
        url: settings.addresses.staff_url(&format!("/@{}/{id}", viewer.username)),
        kind: PostKind::Boost,
        marking: post.marking(),
        handling: post.handling.clone(),
        boost_of: Some(post.id()),
        ..NewPost::note(id, viewer.id, uri, tx.now())
    };
    posts::insert(tx, &boost)?;
    notifications::add(tx, post.author(), NotificationKind::Boost, viewer.id, Some(post.id()))?;
    outbox::append(tx, &Event::Boosted { boost: id })?;
    Ok(id)
}

/// Takes a boost back, given the boost or what it boosts. Answers with the post that was boosted.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn unboost(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    let post = ctx
        .store
        .write(move |tx| {
            let post = original(tx, id, reader)?;
            if let Some(boost) = posts::find_boost(tx, post.id(), reader)? {
                undo_boost(tx, &settings, &boost)?;
            }
            Ok::<_, Error>(post.id())
        })
        .await?;
    show(ctx, viewer, post).await
}

/// Hides a boost and tells peers.
pub(super) fn undo_boost(tx: &mut Tx<'_>, settings: &Settings, boost: &PostRow) -> Result<()> {
    let destroy_after = tx.now() + settings.destroy_after;
    if posts::hide(tx, boost.id(), destroy_after)? {
        outbox::append(tx, &Event::BoostUndone { boost: boost.id() })?;
    }
    Ok(())
}

/// Bookmarks a post; once. Nobody else learns of it.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn bookmark(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let reader = viewer.id;
    let post = ctx
        .store
        .write(move |tx| {
            let post = original(tx, id, reader)?;
            bookmarks::add(tx, reader, post.id())?;
            Ok::<_, Error>(post.id())
        })
        .await?;
    show(ctx, viewer, post).await
}

/// Takes a bookmark back.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn unbookmark(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let reader = viewer.id;
    let post = ctx
        .store
        .write(move |tx| {
            let post = original(tx, id, reader)?;
            bookmarks::remove(tx, reader, post.id())?;
            Ok::<_, Error>(post.id())
        })
        .await?;
    show(ctx, viewer, post).await
}

/// Mutes the thread of a post: the reader is told nothing more of what happens in it, also of what comes later.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn mute_thread(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let reader = viewer.id;
    let post = ctx
        .store
        .write(move |tx| {
            let post = original(tx, id, reader)?;
            thread_mutes::mute(tx, reader, post.id())?;
            Ok::<_, Error>(post.id())
        })
        .await?;
    show(ctx, viewer, post).await
}

/// Takes that back.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn unmute_thread(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let reader = viewer.id;
    let post = ctx
        .store
        .write(move |tx| {
            let post = original(tx, id, reader)?;
            thread_mutes::unmute(tx, reader, post.id())?;
            Ok::<_, Error>(post.id())
        })
        .await?;
    show(ctx, viewer, post).await
}

/// Who favourited a post.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn favourited_by(ctx: &Ctx, viewer: &Viewer, id: PostId, page: Page) -> Result<Slice<PersonView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let post = original(tx, id, reader)?;
            let people = favourites::people_of(tx, post.id(), &page)?;
            people_slice(tx, &settings, people)
        })
        .await
}

/// Who boosted a post.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn boosted_by(ctx: &Ctx, viewer: &Viewer, id: PostId, page: Page) -> Result<Slice<PersonView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let post = original(tx, id, reader)?;
            let people = timelines::boosters(tx, post.id(), reader, &page)?;
            people_slice(tx, &settings, people)
        })
        .await
}

/// A page of people under the cursors of what they did.
pub(crate) fn people_slice(
    tx: &mut Tx<'_>,
    settings: &Settings,
    people: Vec<(i64, ActorId)>,
) -> Result<Slice<PersonView>> {
    let ids: Vec<ActorId> = people.iter().map(|(_, id)| *id).collect();
    let views = shown_people(tx, settings, &ids)?;
    Ok(Slice::of(people, |(cursor, _)| *cursor).with(views))
}
