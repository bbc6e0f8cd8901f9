//! The Marker entity.

use corridor_app::markers::{MarkedTimeline, MarkerView};
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/Marker/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Marker {
    last_read_id: String,
    version: i32,
    updated_at: String,
}

/// The markers that were asked for and set, by timeline.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Markers {
    #[serde(skip_serializing_if = "Option::is_none")]
    home: Option<Marker>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notifications: Option<Marker>,
}

impl Markers {
    /// The caller's, by timeline.
    #[must_use]
    pub fn of(markers: &[MarkerView]) -> Self {
        let mut all = Self::default();
        for marker in markers {
            let entity = Marker {
                last_read_id: marker.last_read.to_string(),
                version: marker.version,
                updated_at: marker.updated_at.to_rfc3339(),
            };
            match marker.timeline {
                MarkedTimeline::Home => all.home = Some(entity),
                MarkedTimeline::Notifications => all.notifications = Some(entity),
            }
        }
        all
    }
}
