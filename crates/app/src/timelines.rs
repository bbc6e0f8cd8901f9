//! Timelines: lists of posts, newest first, each filtered by what the reader may see.

use corridor_domain::{ActorId, Page};

use crate::{Ctx, PostView, Result, Slice, Viewer};

/// Whose posts of the network are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Everyone's.
    #[default]
    All,
    /// Those written on this node.
    Local,
    /// Those of peers.
    Remote,
}

/// Which of a person's posts are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorFilter {
    /// Leave out answers to others.
    pub exclude_replies: bool,
    /// Leave out boosts.
    pub exclude_boosts: bool,
    /// Only posts with this hashtag.
    pub tagged: Option<String>,
    /// Only pinned posts. Nothing can be pinned yet, so there are none.
    pub pinned: bool,
}

/// The reader's own posts and those of the people they follow.
///
/// # Errors
/// When the store fails.
pub async fn home(_ctx: &Ctx, _viewer: &Viewer, _page: Page) -> Result<Slice<PostView>> {
    todo!()
}

/// Posts for the whole network; neither replies nor boosts.
///
/// # Errors
/// When the store fails.
pub async fn network(_ctx: &Ctx, _viewer: &Viewer, _reach: Reach, _page: Page) -> Result<Slice<PostView>> {
    todo!()
}

/// Posts for the department.
///
/// # Errors
/// When the store fails.
pub async fn department(_ctx: &Ctx, _viewer: &Viewer, _page: Page) -> Result<Slice<PostView>> {
    todo!()
}

/// One person's posts and boosts.
///
/// # Errors
/// When the store fails.
pub async fn by_author(
    _ctx: &Ctx,
    _viewer: &Viewer,
    _author: ActorId,
    _filter: AuthorFilter,
    _page: Page,
) -> Result<Slice<PostView>> {
    todo!()
}

/// Posts with a hashtag, given with or without its `#`.
///
/// # Errors
/// When the store fails.
pub async fn tag(_ctx: &Ctx, _viewer: &Viewer, _tag: &str, _page: Page) -> Result<Slice<PostView>> {
    todo!()
}

/// What the reader favourited, latest first; pages by the favourite's own number.
///
/// # Errors
/// When the store fails.
pub async fn favourites(_ctx: &Ctx, _viewer: &Viewer, _page: Page) -> Result<Slice<PostView>> {
    todo!()
}

/// What the reader bookmarked, latest first; pages by the bookmark's own number.
///
/// # Errors
/// When the store fails.
pub async fn bookmarks(_ctx: &Ctx, _viewer: &Viewer, _page: Page) -> Result<Slice<PostView>> {
    todo!()
}
