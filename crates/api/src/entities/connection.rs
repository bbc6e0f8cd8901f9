//! The Connection entity, which is ours.

use corridor_app::connections::ConnectionView;
use corridor_app::media::Links;
use schemars::JsonSchema;
use serde::Serialize;

use super::Account;

/// Somebody with whom the caller is connected, or whom one of the two has asked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Connection {
    id: String,
    account: Account,
    /// Plain text; empty for nothing.
    note: String,
    /// RFC 3339.
    asked_at: String,
    /// RFC 3339; null while it was not answered.
    connected_at: Option<String>,
}

impl Connection {
    /// One of the caller's connections.
    #[must_use]
    pub fn of(view: &ConnectionView, links: &Links) -> Self {
        Self {
            id: view.id.to_string(),
            account: Account::of(&view.person, links),
            note: view.note.clone(),
            asked_at: view.asked_at.to_rfc3339(),
            connected_at: view.connected_at.map(|at| at.to_rfc3339()),
        }
    }
}
