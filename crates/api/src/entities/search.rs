//! The Search entity.

use corridor_app::media::Links;
use corridor_app::search::Found;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, FoundTag, Status};

/// <https://docs.joinmastodon.org/entities/Search/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Search {
    accounts: Vec<Account>,
    statuses: Vec<Status>,
    hashtags: Vec<FoundTag>,
}

impl Search {
    /// What was found.
    #[must_use]
    pub fn of(found: &Found, links: &Links) -> Self {
        Self {
            accounts: found.people.iter().map(|person| Account::of(person, links)).collect(),
            statuses: found.posts.iter().map(|post| Status::of(post, links)).collect(),
            hashtags: found.tags.iter().map(|tag| FoundTag::known(&tag.tag, &links.addresses)).collect(),
        }
    }
}
