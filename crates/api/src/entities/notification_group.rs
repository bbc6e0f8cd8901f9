//! GroupedNotificationsResults and what it is made of.

use std::collections::HashSet;

use corridor_app::PersonView;
use corridor_app::media::Links;
use corridor_app::notifications::grouped::{GroupView, Grouped};
use corridor_domain::ActorId;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, Status, avatar};

/// <https://docs.joinmastodon.org/methods/grouped_notifications/#GroupedNotificationsResults>
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct GroupedNotifications {
    accounts: Vec<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_accounts: Option<Vec<PartialAccount>>,
    statuses: Vec<Status>,
    notification_groups: Vec<NotificationGroup>,
}

/// <https://docs.joinmastodon.org/methods/grouped_notifications/#PartialAccountWithAvatar>
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct PartialAccount {
    id: String,
    acct: String,
    url: String,
    avatar: String,
    avatar_static: String,
    locked: bool,
    bot: bool,
}

/// <https://docs.joinmastodon.org/methods/grouped_notifications/#NotificationGroup>
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct NotificationGroup {
    group_key: String,
    notifications_count: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    most_recent_notification_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_min_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_max_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_page_notification_at: Option<String>,
    sample_account_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_id: Option<String>,
}

impl GroupedNotifications {
    /// Groups with everyone in them; `partial`: whole accounts only of the latest in each.
    #[must_use]
    pub fn of(view: &Grouped, partial: bool, links: &Links) -> Self {
        let latest: HashSet<ActorId> =
            view.groups.items.iter().filter_map(|group| group.sample.first()).copied().collect();
        let (whole, others): (Vec<_>, Vec<_>) =
            view.people.iter().partition(|person| !partial || latest.contains(&person.id));
        Self {
            accounts: whole.iter().map(|person| Account::of(person, links)).collect(),
            partial_accounts: partial.then(|| others.iter().map(|person| PartialAccount::of(person, links)).collect()),
            statuses: view.posts.iter().map(|post| Status::of(post, links)).collect(),
            notification_groups: view.groups.items.iter().map(NotificationGroup::of).collect(),
        }
    }
}

impl PartialAccount {
    fn of(person: &PersonView, links: &Links) -> Self {
        let avatar = avatar(person, links);
        Self {
            id: person.id.to_string(),
            acct: person.acct(),
            url: person.url.clone(),
            avatar_static: avatar.clone(),
            avatar,
            locked: person.locked,
            bot: person.bot,
        }
    }
}

impl NotificationGroup {
    fn of(view: &GroupView) -> Self {
        Self {
            group_key: view.key.to_string(),
            notifications_count: view.count,
            kind: view.kind.word(),
            most_recent_notification_id: view.newest.to_string(),
            page_min_id: view.on_page.map(|page| page.oldest.to_string()),
            page_max_id: view.on_page.map(|page| page.newest.to_string()),
            latest_page_notification_at: view.on_page.map(|page| page.at.to_rfc3339()),
            sample_account_ids: view.sample.iter().map(ToString::to_string).collect(),
            status_id: view.post.map(|post| post.to_string()),
        }
    }
}
