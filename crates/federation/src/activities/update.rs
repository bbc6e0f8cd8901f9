//! Update: a post is edited, or a profile or key is changed.

use corridor_app::Settings;
use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::{ActorRef, OutgoingActor, OutgoingPost};
use serde_json::json;

use super::create::document;
use super::{Incoming, Rendered, rendered};
use crate::error::Error;
use crate::objects::{PUBLIC, note, person, read};
use crate::remote;

/// An edited post of ours.
pub(super) fn build_post(post: &OutgoingPost, settings: &Settings, fresh_uri: &str) -> Rendered {
    let note::Addressing { to, cc } = note::addressing(post);
    let updated = post.edited_at.unwrap_or(post.published_at).to_rfc3339();
    let rest = json!({ "to": to, "cc": cc, "updated": updated, "object": note::render(post, settings) });
    rendered(fresh_uri, "Update", &post.author, rest)
}

/// A changed profile or key of ours.
pub(super) fn build_person(actor: &OutgoingActor, fresh_uri: &str) -> Rendered {
    let who = ActorRef { id: actor.id, uri: actor.uri.clone(), followers_uri: actor.followers.clone() };
    let rest = json!({
        "to": [PUBLIC],
        "cc": [actor.followers],
        "updated": actor.updated.to_rfc3339(),
        "object": person::render(actor),
    });
    rendered(fresh_uri, "Update", &who, rest)
}

/// An edit of a peer's post or profile, by its owner.
pub(super) async fn receive(mut incoming: Incoming<'_>) -> Result<Outcome, Error> {
    // What is fetched is the host's word; what stands in the activity is the signer's own.
    let announced = incoming.object()?.is_object();
    let document = document(&mut incoming).await?;
    match read::person(&document) {
        Ok(person) => {
            let person = remote::with_usable_keys(incoming.node, person);
            return Ok(inbound::person_updated(&incoming.node.ctx, incoming.received, person, announced).await?);
        }
        Err(read::Unreadable::Field(field)) => {
            return Err(Error::malformed("object", read::Unreadable::Field(field).to_string()));
        }
        Err(read::Unreadable::Type(_)) => {}
    }
    match read::post(&document) {
        Ok(post) => {
            incoming.keep_whole();
            let (uri, has_media) = (post.uri.clone(), !post.media.is_empty());
            let outcome = inbound::post_updated(&incoming.node.ctx, incoming.received, post).await?;
            if has_media && outcome == Outcome::Applied {
                remote::fetch_media(incoming.node, uri);
            }
            Ok(outcome)
        }
        Err(read::Unreadable::Type(_)) => incoming.ignore().await,
        Err(error) => Err(Error::malformed("object", error.to_string())),
    }
}
