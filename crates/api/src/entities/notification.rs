//! The Notification entity.

use corridor_app::NotificationView;
use corridor_app::media::Links;
use corridor_app::notifications::grouped::GroupKey;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, Status};

/// <https://docs.joinmastodon.org/entities/Notification/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Notification {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: String,
    group_key: String,
    account: Account,
    status: Option<Status>,
}

impl Notification {
    /// Something that the caller is told.
    #[must_use]
    pub fn of(notification: &NotificationView, links: &Links) -> Self {
        Self {
            id: notification.id.to_string(),
            kind: notification.kind.word(),
            created_at: notification.created_at.to_rfc3339(),
            group_key: GroupKey::of_view(notification).to_string(),
            account: Account::of(&notification.from, links),
            status: notification.post.as_ref().map(|post| Status::of(post, links)),
        }
    }
}
