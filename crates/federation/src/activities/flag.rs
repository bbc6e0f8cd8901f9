//! Flag: moderators are asked to look at someone of theirs.
//!
//! Mastodon sends it from the instance actor, so that the reported do not learn who reports; so does Corridor.

use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::json;

use super::{Incoming, Rendered, rendered};
use crate::error::Error;
use crate::objects::read;

/// This node reports someone of a peer, and posts of theirs.
pub(super) fn build(node: &ActorRef, uri: &str, target: &str, posts: &[String], comment: &str) -> Rendered {
    let objects: Vec<&str> = std::iter::once(target).chain(posts.iter().map(String::as_str)).collect();
    rendered(uri, "Flag", node, json!({ "to": [target], "content": comment, "object": objects }))
}

/// A peer reports someone of ours.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let objects = read::ids(incoming.activity, "object");
    if objects.is_empty() {
        return Err(Error::malformed("activity", "“object” must name whom the report is about"));
    }
    let comment = read::text(incoming.activity, "content").unwrap_or_default().to_owned();
    Ok(inbound::flagged(&incoming.node.ctx, incoming.received, objects, comment).await?)
}
