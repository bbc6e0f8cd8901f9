//! The Announcement entity.

use corridor_app::announcements::{AnnouncementView, ReactionView};
use corridor_app::media::Links;
use corridor_domain::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Mention, Status, Tag};

/// <https://docs.joinmastodon.org/entities/Announcement/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Announcement {
    id: String,
    content: String,
    starts_at: Option<String>,
    ends_at: Option<String>,
    all_day: bool,
    published_at: String,
    updated_at: String,
    read: bool,
    mentions: Vec<Mention>,
    statuses: Vec<Status>,
    tags: Vec<Tag>,
    emojis: [(); 0],
    reactions: Vec<Reaction>,
}

/// <https://docs.joinmastodon.org/entities/Reaction/>; custom emojis, which alone have addresses, don't exist here.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "AnnouncementReaction")]
struct Reaction {
    name: String,
    count: i64,
    me: bool,
}

impl Reaction {
    fn of(view: &ReactionView) -> Self {
        Self { name: view.name.clone(), count: view.count, me: view.is_own }
    }
}

impl Announcement {
    /// What everyone on the node is told.
    #[must_use]
    pub fn of(view: &AnnouncementView, links: &Links) -> Self {
        Self {
            id: view.id.to_string(),
            content: view.content.clone(),
            starts_at: view.starts_at.map(Timestamp::to_rfc3339),
            ends_at: view.ends_at.map(Timestamp::to_rfc3339),
            all_day: view.all_day,
            published_at: view.published_at.to_rfc3339(),
            updated_at: view.updated_at.to_rfc3339(),
            read: view.read,
            mentions: view.mentions.iter().map(Mention::of).collect(),
            statuses: view.posts.iter().map(|post| Status::of(post, links)).collect(),
            tags: view.tags.iter().map(|tag| Tag::of(tag, &links.addresses)).collect(),
            emojis: [],
            reactions: view.reactions.iter().map(Reaction::of).collect(),
        }
    }
}
