//! The Conversation entity.

use corridor_app::conversations::ConversationView;
use corridor_app::media::Links;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, Status};

/// <https://docs.joinmastodon.org/entities/Conversation/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Conversation {
    id: String,
    unread: bool,
    accounts: Vec<Account>,
    last_status: Status,
}

impl Conversation {
    /// A thread of posts to named people.
    #[must_use]
    pub fn of(view: &ConversationView, links: &Links) -> Self {
        Self {
            id: view.id.to_string(),
            unread: view.unread,
            accounts: view.others.iter().map(|person| Account::of(person, links)).collect(),
            last_status: Status::of(&view.last, links),
        }
    }
}
