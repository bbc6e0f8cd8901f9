//! Notifications: what a person is told, once.

use corridor_domain::{ActorId, NotificationId, Page};

use crate::{Ctx, NotificationKind, NotificationView, Result, Slice, Viewer};

/// Which notifications are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationFilter {
    /// Only these kinds; all when empty.
    pub only: Vec<NotificationKind>,
    /// Not these kinds.
    pub except: Vec<NotificationKind>,
    /// Only what this person did.
    pub from: Option<ActorId>,
}

/// The viewer's notifications.
///
/// # Errors
/// When the store fails.
pub async fn list(
    _ctx: &Ctx,
    _viewer: &Viewer,
    _filter: NotificationFilter,
    _page: Page,
) -> Result<Slice<NotificationView>> {
    todo!()
}

/// One of the viewer's notifications.
///
/// # Errors
/// When it isn't there.
pub async fn show(_ctx: &Ctx, _viewer: &Viewer, _id: NotificationId) -> Result<NotificationView> {
    todo!()
}

/// Removes one notification.
///
/// # Errors
/// When it isn't there.
pub async fn dismiss(_ctx: &Ctx, _viewer: &Viewer, _id: NotificationId) -> Result<()> {
    todo!()
}

/// Removes all of them.
///
/// # Errors
/// When the store fails.
pub async fn clear(_ctx: &Ctx, _viewer: &Viewer) -> Result<()> {
    todo!()
}

/// How many the viewer has not seen yet.
///
/// # Errors
/// When the store fails.
pub async fn unread_count(_ctx: &Ctx, _viewer: &Viewer) -> Result<i64> {
    todo!()
}

/// Notes that the viewer has seen everything up to this one.
///
/// # Errors
/// When the store fails.
pub async fn mark_read(_ctx: &Ctx, _viewer: &Viewer, _up_to: NotificationId) -> Result<()> {
    todo!()
}
