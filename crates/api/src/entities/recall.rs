//! Recall, an entity of our own: where a deleted status is gone.

use corridor_app::posts::RecallView;
use schemars::JsonSchema;
use serde::Serialize;

/// At how many peers a deleted status is gone, of those that were asked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Recall {
    asked: usize,
    gone: usize,
    peers: Vec<Place>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "RecallPeer")]
struct Place {
    host: String,
    department: String,
    asked_at: String,
    gone_at: Option<String>,
}

impl Recall {
    /// As clients are told.
    #[must_use]
    pub fn of(view: &RecallView) -> Self {
        let places = view.peers.iter().map(|peer| Place {
            host: peer.host.to_string(),
            department: peer.department.clone(),
            asked_at: peer.asked_at.to_rfc3339(),
            gone_at: peer.gone_at.map(corridor_domain::Timestamp::to_rfc3339),
        });
        Self { asked: view.peers.len(), gone: view.gone(), peers: places.collect() }
    }
}
