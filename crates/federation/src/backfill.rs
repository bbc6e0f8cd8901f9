//! What was said in a group before one of ours joined: its home shows it to a node that has a member.

use corridor_app::Error as AppError;
use corridor_app::inbound::{self, Received};
use corridor_domain::{ActorId, Peer};
use reqwest::Url;
use serde_json::Value;

use crate::activities;
use crate::fetch::{self, Budget, FetchError};
use crate::node::Node;
use crate::objects::read;

/// Posts of a group that are taken in at most when someone joins.
const MOST: usize = 40;

/// Takes in the latest posts of a group of a peer, beside the request that let somebody in.
pub(crate) fn of_group(node: &Node, peer: Peer, group: ActorId) {
    let Some(place) = node.guard.thread() else { return };
    let node = node.clone();
    tokio::spawn(async move {
        if let Err(error) = take(&node, &peer, group).await {
            tracing::info!(group.id = %group, "what was posted in the group before can't be had: {error}");
        }
        drop(place);
    });
}

async fn take(node: &Node, peer: &Peer, group: ActorId) -> Result<(), FetchError> {
    let Some((group_uri, outbox)) = inbound::outbox_of(&node.ctx, group).await? else { return Ok(()) };
    let mut budget = Budget::new(node);
    let url = |text: &str| Url::parse(text).map_err(|_| AppError::invalid("an outbox without an address"));
    let whole = fetch::document(node, &url(&outbox)?, &mut budget).await?;
    let Some(first) = read::id_of(&whole.value, "first") else { return Ok(()) };
    let page = fetch::document(node, &url(first)?, &mut budget).await?;
    let items = page.value.get("orderedItems").and_then(Value::as_array).cloned().unwrap_or_default();
    // Oldest first, so that each answer finds what it answers.
    for item in items.iter().take(MOST).rev() {
        let Some(id) = read::text(item, "id").filter(|_| read::id_of(item, "actor") == Some(group_uri.as_str())) else {
            continue;
        };
        let received = Received {
            activity_uri: id.to_owned(),
            peer: peer.id,
            actor: group,
            actor_uri: group_uri.clone(),
            kind: "Announce".to_owned(),
            raw: None,
        };
        if let Err(error) = activities::take_in_relayed(node, peer, received, item, group).await {
            tracing::info!("a post of the group is left out: {error}");
        }
    }
    Ok(())
}
