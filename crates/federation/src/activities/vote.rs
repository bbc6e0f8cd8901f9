//! Votes: a Create of a Note that has a name, the option's words, and no content.

use corridor_app::inbound::{self, IncomingVote, Outcome};
use corridor_app::outgoing::ActorRef;
use serde_json::{Value, json};

use super::{Incoming, Rendered, rendered};
use crate::error::Error;
use crate::objects::read;

/// Someone of ours chooses an option of a peer's poll: told to its author alone.
pub(super) fn build(
    (actor, uri): (&ActorRef, &str),
    name: &str,
    (poll, poll_author): (&str, &str),
    fresh_uri: &str,
) -> Rendered {
    let note = json!({
        "id": uri,
        "type": "Note",
        "attributedTo": actor.uri,
        "to": [poll_author],
        "name": name,
        "inReplyTo": poll,
    });
    rendered(fresh_uri, "Create", actor, json!({ "to": [poll_author], "object": note }))
}

/// Whether what was created is a vote, which is never shown as a post.
pub(super) fn is_vote(document: &Value) -> bool {
    let has = |name| read::text(document, name).is_some_and(|text| !text.is_empty());
    read::text(document, "type") == Some("Note")
        && has("name")
        && !has("content")
        && document.get("inReplyTo").is_some()
}

/// Someone of a peer chooses an option of a poll of ours.
pub(super) async fn receive(incoming: Incoming<'_>, document: &Value) -> Result<Outcome, Error> {
    let owned = |name| read::id_of(document, name).map(str::to_owned);
    let (Some(uri), Some(voter_uri), Some(poll_uri)) = (owned("id"), owned("attributedTo"), owned("inReplyTo")) else {
        return incoming.ignore().await;
    };
    let name = read::text(document, "name").unwrap_or_default().to_owned();
    let vote = IncomingVote { uri, voter_uri, name, poll_uri };
    Ok(inbound::voted(&incoming.node.ctx, incoming.received, vote).await?)
}
