//! Timelines: lists of posts, newest first, each filtered by what the reader may see.

use corridor_domain::filter::Context;
use corridor_domain::text::tag_key;
use corridor_domain::{ActorId, Audience, ListId, Page};
use corridor_store::posts::PostRow;
use corridor_store::timelines::OfAuthor;
use corridor_store::{Tx, timelines};

use crate::assemble::post_views;
use crate::{Ctx, Error, PostView, Result, Settings, Slice, Viewer, filters, groups, lists, posts};

/// Whose posts of the network are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reach {
    /// Everyone's.
    #[default]
    All,
    /// Those written on this node.
    Local,
    /// Those of peers.
    Remote,
}

impl Reach {
    /// As the store asks for it: only posts of this node, only those of peers, or both.
    pub(crate) const fn is_local(self) -> Option<bool> {
        match self {
            Self::All => None,
            Self::Local => Some(true),
            Self::Remote => Some(false),
        }
    }
}

/// Which of a person's posts are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorFilter {
    /// Leave out answers to others.
    pub exclude_replies: bool,
    /// Leave out boosts.
    pub exclude_boosts: bool,
    /// Only posts with pictures or files.
    pub only_media: bool,
    /// Only posts with this hashtag.
    pub tagged: Option<String>,
    /// Only pinned posts, all of them at once.
    pub pinned: bool,
}

/// The reader's own posts and those of the people they follow.
///
/// # Errors
/// When the store fails.
pub async fn home(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PostView>> {
    feed(ctx, viewer, Context::Home, page, timelines::home).await
}

/// What the members of one of the reader's lists wrote.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the reader's.
pub async fn list(ctx: &Ctx, viewer: &Viewer, id: ListId, page: Page) -> Result<Slice<PostView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let list = lists::own(tx, reader, id)?;
            fill(tx, &settings, reader, Context::Home, page, |tx, page| timelines::of_list(tx, &list, page))
        })
        .await
}

/// Posts for the whole network; neither replies nor boosts.
///
/// # Errors
/// When the store fails.
pub async fn network(ctx: &Ctx, viewer: &Viewer, reach: Reach, page: Page) -> Result<Slice<PostView>> {
    let local = reach.is_local();
    feed(ctx, viewer, Context::Public, page, move |tx, reader, page| {
        timelines::of_audience(tx, Audience::Network, local, reader, page)
    })
    .await
}

/// Posts for the department.
///
/// # Errors
/// When the store fails.
pub async fn department(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PostView>> {
    feed(ctx, viewer, Context::Public, page, |tx, reader, page| {
        timelines::of_audience(tx, Audience::Department, None, reader, page)
    })
    .await
}

/// One person's posts and boosts.
///
/// # Errors
/// When the store fails.
pub async fn by_author(
    ctx: &Ctx,
    viewer: &Viewer,
    author: ActorId,
    filter: AuthorFilter,
    page: Page,
) -> Result<Slice<PostView>> {
    let group = ctx.store.read(move |tx| Ok::<_, Error>(corridor_store::groups::find(tx, author)?.is_some())).await?;
    if filter.pinned {
        let items =
            if group { groups::pinned(ctx, viewer, author).await? } else { posts::pinned(ctx, viewer, author).await? };
        return Ok(Slice { items, first: None, last: None });
    }
    if group {
        return of_group(ctx, viewer, author, page).await;
    }
    let wanted = OfAuthor {
        exclude_replies: filter.exclude_replies,
        exclude_boosts: filter.exclude_boosts,
        only_media: filter.only_media,
        tagged: filter.tagged.as_deref().map(tag_key),
    };
    feed(ctx, viewer, Context::Account, page, move |tx, reader, page| {
        timelines::by_author(tx, author, &wanted, reader, page)
    })
    .await
}

/// The talks of a group as a client sees them who takes it for an account: those who may not read in it see none.
async fn of_group(ctx: &Ctx, viewer: &Viewer, group: ActorId, page: Page) -> Result<Slice<PostView>> {
    match groups::talks(ctx, &groups::as_person(viewer), group, false, page).await {
        Err(Error::Forbidden(_)) => Ok(Slice { items: Vec::new(), first: None, last: None }),
        talks => talks,
    }
}

/// Posts with a hashtag, given with or without its `#`.
///
/// # Errors
/// When the store fails.
pub async fn tag(ctx: &Ctx, viewer: &Viewer, tag: &str, page: Page) -> Result<Slice<PostView>> {
    let tag = tag_key(tag);
    feed(ctx, viewer, Context::Public, page, move |tx, reader, page| timelines::tagged(tx, &tag, reader, page)).await
}

/// What the reader favourited, latest first; pages by the favourite's own number.
///
/// # Errors
/// When the store fails.
pub async fn favourites(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PostView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let rows = timelines::favourites(tx, reader, &page)?;
            slice(tx, &settings, reader, rows)
        })
        .await
}

/// What the reader bookmarked, latest first; pages by the bookmark's own number.
///
/// # Errors
/// When the store fails.
pub async fn bookmarks(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PostView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let rows = timelines::bookmarks(tx, reader, &page)?;
            slice(tx, &settings, reader, rows)
        })
        .await
}

/// A feed that pages by the posts' own numbers.
async fn feed(
    ctx: &Ctx,
    viewer: &Viewer,
    context: Context,
    page: Page,
    mut query: impl FnMut(&mut Tx<'_>, ActorId, &Page) -> corridor_store::Result<Vec<PostRow>> + Send + 'static,
) -> Result<Slice<PostView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store.read(move |tx| fill(tx, &settings, reader, context, page, |tx, page| query(tx, reader, page))).await
}

/// One page of a feed, without what filters leave out of it.
fn fill(
    tx: &mut Tx<'_>,
    settings: &Settings,
    reader: ActorId,
    context: Context,
    page: Page,
    mut query: impl FnMut(&mut Tx<'_>, &Page) -> corridor_store::Result<Vec<PostRow>>,
) -> Result<Slice<PostView>> {
    Slice::fill(page, |page| {
        let rows = query(tx, page)?;
        let cursors = rows.iter().map(|row| row.id).collect();
        Ok((cursors, filters::settle(post_views(tx, settings, reader, rows)?, context)))
    })
}

fn slice(tx: &mut Tx<'_>, settings: &Settings, reader: ActorId, rows: Vec<(i64, PostRow)>) -> Result<Slice<PostView>> {
    let (cursors, rows): (Vec<i64>, Vec<PostRow>) = rows.into_iter().unzip();
    let items = post_views(tx, settings, reader, rows)?;
    Ok(Slice::of(cursors, |cursor| *cursor).with(items))
}
