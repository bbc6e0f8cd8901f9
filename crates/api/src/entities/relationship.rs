//! The Relationship entity.

use corridor_app::RelationshipView;
use corridor_app::connections::Standing;
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Relationship/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the entity is Mastodon's")]
pub struct Relationship {
    id: String,
    following: bool,
    showing_reblogs: bool,
    notifying: bool,
    languages: Option<()>,
    followed_by: bool,
    blocking: bool,
    blocked_by: bool,
    muting: bool,
    muting_notifications: bool,
    requested: bool,
    requested_by: bool,
    domain_blocking: bool,
    endorsed: bool,
    note: String,
    /// Ours: they are connected.
    connected: bool,
    /// Ours: the caller has asked them to connect.
    connection_requested: bool,
    /// Ours: they have asked the caller.
    connection_requested_by: bool,
}

impl Relationship {
    /// How the caller stands to someone.
    #[must_use]
    pub fn of(view: &RelationshipView) -> Self {
        Self {
            id: view.id.to_string(),
            following: view.following,
            showing_reblogs: view.showing_boosts,
            notifying: view.notifying,
            languages: None,
            followed_by: view.followed_by,
            blocking: view.distance.blocking,
            blocked_by: view.distance.blocked_by,
            muting: view.distance.muting,
            muting_notifications: view.distance.muting_notifications,
            requested: view.requested,
            requested_by: view.requested_by,
            domain_blocking: view.distance.domain_blocking,
            endorsed: view.endorsed,
            note: view.note.clone(),
            connected: view.connection == Standing::Connected,
            connection_requested: view.connection == Standing::Waiting,
            connection_requested_by: view.connection == Standing::ToAnswer,
        }
    }
}
