//! Featured tags: hashtags that somebody shows on their profile, with how they use them.

use corridor_domain::{ActorId, Timestamp};
use corridor_store::{Tx, featured_tags};

use crate::tags::{self, FollowedTag, key};
use crate::{Ctx, Error, Result, Viewer, people};

/// Tags that one person shows at most, and that are suggested.
pub const MOST_FEATURED_TAGS: usize = 10;

/// A tag on a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeaturedTagView {
    /// The number of its being shown.
    pub id: i64,
    /// Without its sign, in the form in which tags are compared.
    pub name: String,
    /// Posts for many with it, of those that the reader may read.
    pub uses: i64,
    /// When the last of them was published.
    pub last_used: Option<Timestamp>,
}

fn view(tx: &mut Tx<'_>, (owner, reader): (ActorId, ActorId), id: i64, name: String) -> Result<FeaturedTagView> {
    let used = featured_tags::use_of(tx, owner, &name, reader)?;
    Ok(FeaturedTagView { id, name, uses: used.posts, last_used: used.last_at })
}

fn views(tx: &mut Tx<'_>, owner: ActorId, reader: ActorId) -> Result<Vec<FeaturedTagView>> {
    let rows = featured_tags::of_person(tx, owner)?;
    rows.into_iter().map(|(id, name)| view(tx, (owner, reader), id, name)).collect()
}

/// The tags that the viewer shows.
///
/// # Errors
/// When the store fails.
pub async fn own(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<FeaturedTagView>> {
    let owner = viewer.id;
    ctx.store.read(move |tx| views(tx, owner, owner)).await
}

/// The tags that somebody shows. What people of peers show is not known here.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person.
pub async fn of(ctx: &Ctx, viewer: &Viewer, whose: ActorId) -> Result<Vec<FeaturedTagView>> {
    people::show(ctx, viewer, whose).await?;
    let reader = viewer.id;
    ctx.store.read(move |tx| views(tx, whose, reader)).await
}

/// Shows a tag; one that is shown already stays as it is.
///
/// # Errors
/// [`Error::Invalid`] for what is no tag, and with too many.
pub async fn add(ctx: &Ctx, viewer: &Viewer, tag: &str) -> Result<FeaturedTagView> {
    if tag.trim().is_empty() {
        return Err(Error::invalid("Validation failed: Name can't be blank"));
    }
    let name = key(tag.trim()).map_err(|_| Error::invalid("Validation failed: Name is not a hashtag"))?;
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let known = featured_tags::of_person(tx, owner)?;
            let id = match known.iter().find(|(_, tag)| *tag == name) {
                Some((id, _)) => *id,
                None if known.len() >= MOST_FEATURED_TAGS => {
                    let reason = "Validation failed: You have already featured the maximum number of hashtags";
                    return Err(Error::invalid(reason));
                }
                None => featured_tags::add(tx, owner, &name)?,
            };
            view(tx, (owner, owner), id, name.clone())
        })
        .await
}

/// Shows a tag no longer.
///
/// # Errors
/// [`Error::NotFound`] when the viewer shows none of that number.
pub async fn remove(ctx: &Ctx, viewer: &Viewer, id: i64) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| if featured_tags::remove(tx, owner, id)? { Ok(()) } else { Err(Error::NotFound("that tag")) })
        .await
}

/// As [`add`], by the tag; as it is shown then.
///
/// # Errors
/// [`Error::NotFound`] for what is no tag; [`Error::Invalid`] with too many.
pub async fn feature(ctx: &Ctx, viewer: &Viewer, tag: &str) -> Result<FollowedTag> {
    key(tag)?;
    add(ctx, viewer, tag).await?;
    tags::show(ctx, viewer, tag).await
}

/// Shows a tag no longer, if it is shown.
///
/// # Errors
/// [`Error::NotFound`] for what is no tag.
pub async fn unfeature(ctx: &Ctx, viewer: &Viewer, tag: &str) -> Result<FollowedTag> {
    let (name, owner) = (key(tag)?, viewer.id);
    ctx.store
        .write(move |tx| {
            for (id, _) in featured_tags::of_person(tx, owner)?.into_iter().filter(|(_, tag)| *tag == name) {
                featured_tags::remove(tx, owner, id)?;
            }
            tags::view(tx, owner, name.clone())
        })
        .await
}

/// Tags that the viewer uses and does not show, the latest used first.
///
/// # Errors
/// When the store fails.
pub async fn suggestions(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<FollowedTag>> {
    let owner = viewer.id;
    let most = i64::try_from(MOST_FEATURED_TAGS).unwrap_or(i64::MAX);
    ctx.store
        .read(move |tx| {
            let mut found = Vec::new();
            for name in featured_tags::candidates(tx, owner, most)? {
                found.push(tags::view(tx, owner, name)?);
            }
            Ok(found)
        })
        .await
}
