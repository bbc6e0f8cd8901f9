//! Following: ask, accept, turn away, and how two people stand to each other.

use corridor_domain::{ActorId, Page};

use crate::{Ctx, PersonView, RelationshipView, Result, Slice, Viewer};

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
pub async fn follow(
    _ctx: &Ctx,
    _viewer: &Viewer,
    _whom: ActorId,
    _options: FollowOptions,
) -> Result<RelationshipView> {
    todo!()
}

/// Stops following, or takes the request back.
///
/// # Errors
/// When they aren't there.
pub async fn unfollow(_ctx: &Ctx, _viewer: &Viewer, _whom: ActorId) -> Result<RelationshipView> {
    todo!()
}

/// Who asks to follow the viewer.
///
/// # Errors
/// When the store fails.
pub async fn requests(_ctx: &Ctx, _viewer: &Viewer, _page: Page) -> Result<Slice<PersonView>> {
    todo!()
}

/// Lets someone follow the viewer.
///
/// # Errors
/// When they didn't ask.
pub async fn accept_request(_ctx: &Ctx, _viewer: &Viewer, _who: ActorId) -> Result<RelationshipView> {
    todo!()
}

/// Turns someone away who asked to follow the viewer.
///
/// # Errors
/// When they didn't ask.
pub async fn reject_request(_ctx: &Ctx, _viewer: &Viewer, _who: ActorId) -> Result<RelationshipView> {
    todo!()
}

/// Ends someone's following of the viewer.
///
/// # Errors
/// When they aren't there.
pub async fn remove_follower(_ctx: &Ctx, _viewer: &Viewer, _who: ActorId) -> Result<RelationshipView> {
    todo!()
}

/// How the viewer stands to each of these, in the order asked for; unknown ones are left out.
///
/// # Errors
/// When the store fails.
pub async fn relationships(_ctx: &Ctx, _viewer: &Viewer, _whom: Vec<ActorId>) -> Result<Vec<RelationshipView>> {
    todo!()
}
