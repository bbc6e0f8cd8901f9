//! NotificationPolicy, and the NotificationRequest of somebody who is held back.

use corridor_app::media::Links;
use corridor_app::notifications::held::{PolicyView, RequestView};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, Status};

/// <https://docs.joinmastodon.org/entities/NotificationPolicy/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NotificationPolicy {
    for_not_following: &'static str,
    for_not_followers: &'static str,
    for_new_accounts: &'static str,
    for_private_mentions: &'static str,
    for_limited_accounts: &'static str,
    summary: Waiting,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "NotificationPolicySummary")]
struct Waiting {
    pending_requests_count: usize,
    pending_notifications_count: usize,
}

impl NotificationPolicy {
    /// What somebody has decided, and what waits by it.
    #[must_use]
    pub fn of(view: &PolicyView) -> Self {
        Self {
            for_not_following: view.policy.not_following.word(),
            for_not_followers: view.policy.not_followers.word(),
            for_new_accounts: view.policy.new_accounts.word(),
            for_private_mentions: view.policy.private_mentions.word(),
            for_limited_accounts: view.policy.limited_accounts.word(),
            summary: Waiting {
                pending_requests_count: view.waiting_people.min(100),
                pending_notifications_count: view.waiting,
            },
        }
    }
}

/// <https://docs.joinmastodon.org/entities/NotificationRequest/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NotificationRequest {
    id: String,
    created_at: String,
    updated_at: String,
    /// Mastodon gives this number as a text.
    notifications_count: String,
    account: Account,
    last_status: Option<Status>,
}

impl NotificationRequest {
    /// Somebody who waits, and what they did last.
    #[must_use]
    pub fn of(view: &RequestView, links: &Links) -> Self {
        Self {
            id: view.person.id.to_string(),
            created_at: view.first_at.to_rfc3339(),
            updated_at: view.last_at.to_rfc3339(),
            notifications_count: view.count.to_string(),
            account: Account::of(&view.person, links),
            last_status: view.last_post.as_ref().map(|post| Status::of(post, links)),
        }
    }
}

/// Whether what was accepted stands among the notifications.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct Merged {
    /// Accepting merges at once, so this is always true.
    pub merged: bool,
}
