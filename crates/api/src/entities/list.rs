//! The List entity.

use corridor_app::lists::ListView;
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/List/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct List {
    id: String,
    title: String,
    replies_policy: &'static str,
    exclusive: bool,
}

impl List {
    /// One of the caller's lists.
    #[must_use]
    pub fn of(list: &ListView) -> Self {
        Self {
            id: list.id.to_string(),
            title: list.title.clone(),
            replies_policy: list.replies.word(),
            exclusive: list.exclusive,
        }
    }
}
