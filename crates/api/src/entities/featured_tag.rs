//! The FeaturedTag entity.

use corridor_app::Addresses;
use corridor_app::featured_tags::FeaturedTagView;
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/FeaturedTag/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FeaturedTag {
    id: String,
    name: String,
    url: String,
    /// Mastodon gives this number as a text.
    statuses_count: String,
    last_status_at: Option<String>,
}

impl FeaturedTag {
    /// A tag that somebody shows on their profile.
    #[must_use]
    pub fn of(tag: &FeaturedTagView, addresses: &Addresses) -> Self {
        Self {
            id: tag.id.to_string(),
            name: tag.name.clone(),
            url: addresses.staff_url(&format!("/tags/{}", tag.name)),
            statuses_count: tag.uses.to_string(),
            last_status_at: tag.last_used.map(|at| at.to_rfc3339().chars().take(10).collect()),
        }
    }
}
