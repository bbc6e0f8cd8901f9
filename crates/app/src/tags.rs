//! Hashtags: what is known of one, and following it.

use corridor_domain::text::{limits, tag_key};
use corridor_domain::{ActorId, Page};
use corridor_store::{Tx, featured_tags, tag_follows};

use crate::{Ctx, Error, Result, Slice, Viewer};

/// Tags that one person follows at most.
const MOST: i64 = 200;

/// A hashtag as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedTag {
    /// Without its sign, in the form in which tags are compared.
    pub name: String,
    /// The reader follows it.
    pub following: bool,
    /// The reader shows it on their profile.
    pub featuring: bool,
}

/// A tag as `who` sees it.
pub(crate) fn view(tx: &mut Tx<'_>, who: ActorId, name: String) -> Result<FollowedTag> {
    let featuring = featured_tags::of_person(tx, who)?.iter().any(|(_, tag)| *tag == name);
    Ok(FollowedTag { following: tag_follows::is_followed(tx, who, &name)?, featuring, name })
}

/// The form in which tags are compared.
pub(crate) fn key(tag: &str) -> Result<String> {
    let key = tag_key(tag.trim_start_matches('#'));
    let fits = !key.is_empty() && key.chars().count() <= limits::TAG_CHARS;
    let plain = fits && key.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if plain { Ok(key) } else { Err(Error::NotFound("that tag")) }
}

/// One tag.
///
/// # Errors
/// [`Error::NotFound`] when it can't be a tag.
pub async fn show(ctx: &Ctx, viewer: &Viewer, tag: &str) -> Result<FollowedTag> {
    let (name, who) = (key(tag)?, viewer.id);
    ctx.store.read(move |tx| view(tx, who, name.clone())).await
}

/// Follows a tag: its posts come home, the latest of them at once.
///
/// # Errors
/// [`Error::NotFound`] when it can't be a tag; [`Error::Invalid`] when too many are followed.
pub async fn follow(ctx: &Ctx, viewer: &Viewer, tag: &str) -> Result<FollowedTag> {
    let (name, who) = (key(tag)?, viewer.id);
    ctx.store
        .write(move |tx| {
            let followed = tag_follows::of_person(tx, who, &Page::newest(MOST))?;
            if followed.len() >= usize::try_from(MOST).unwrap_or(usize::MAX) {
                return Err(Error::invalid(format!("You can follow {MOST} tags at most")));
            }
            tag_follows::follow(tx, who, &name)?;
            view(tx, who, name.clone())
        })
        .await
}

/// Follows a tag no longer.
///
/// # Errors
/// [`Error::NotFound`] when it can't be a tag.
pub async fn unfollow(ctx: &Ctx, viewer: &Viewer, tag: &str) -> Result<FollowedTag> {
    let (name, who) = (key(tag)?, viewer.id);
    ctx.store
        .write(move |tx| {
            tag_follows::unfollow(tx, who, &name)?;
            view(tx, who, name.clone())
        })
        .await
}

/// The tags that the viewer follows, latest first.
///
/// # Errors
/// When the store fails.
pub async fn followed(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<FollowedTag>> {
    let who = viewer.id;
    ctx.store
        .read(move |tx| {
            let rows = tag_follows::of_person(tx, who, &page)?;
            let (cursors, names): (Vec<i64>, Vec<String>) = rows.into_iter().unzip();
            let shown = featured_tags::of_person(tx, who)?;
            let is_shown = |name: &String| shown.iter().any(|(_, tag)| tag == name);
            let tag = |name| FollowedTag { featuring: is_shown(&name), name, following: true };
            Ok(Slice::of(cursors, |cursor| *cursor).with(names.into_iter().map(tag).collect()))
        })
        .await
}
