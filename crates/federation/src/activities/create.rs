//! Create: a post is published.

use corridor_app::Settings;
use corridor_app::inbound::{self, Outcome};
use corridor_app::outgoing::OutgoingPost;
use serde_json::{Value, json};

use super::{Incoming, Rendered, not_fetched, rendered, vote};
use crate::error::Error;
use crate::fetch;
use crate::node::Node;
use crate::objects::{note, read};
use crate::remote;

/// A new post of ours.
pub(super) fn build(post: &OutgoingPost, settings: &Settings, fresh_uri: &str) -> Rendered {
    let note::Addressing { to, cc } = note::addressing(post);
    let rest = json!({
        "to": to,
        "cc": cc,
        "published": post.published_at.to_rfc3339(),
        "object": note::render(post, settings),
    });
    rendered(fresh_uri, "Create", &post.author, rest)
}

/// A new post of a peer: its author's own, on its author's own host.
pub(super) async fn receive(mut incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let document = document(&mut incoming).await?;
    if vote::is_vote(&document) {
        return vote::receive(incoming, &document).await;
    }
    let post = match read::post(&document) {
        Ok(post) => post,
        // Other kinds of things are fine, but not shown here yet.
        Err(read::Unreadable::Type(_)) => return incoming.ignore().await,
        Err(error) => return Err(Error::malformed("object", error.to_string())),
    };
    if incoming.names_ours() || post.in_reply_to.is_some() {
        incoming.keep_whole();
    }
    let (uri, parent, has_media) = (post.uri.clone(), post.in_reply_to.clone(), !post.media.is_empty());
    let context = post.context.clone();
    let Incoming { node, received, .. } = incoming;
    let outcome = inbound::post_created(&node.ctx, received, post).await?;
    if outcome == Outcome::Applied {
        if has_media {
            remote::fetch_media(node, uri);
        }
        complete(node, parent, context).await?;
    }
    Ok(outcome)
}

/// The object, fetched from its own host where only its address was sent. One that was sent and does not say whose it is
/// is the sender's.
pub(super) async fn document(incoming: &mut Incoming<'_>) -> Result<Value, Error> {
    let mut object = incoming.object()?.clone();
    if let Value::Object(fields) = &mut object {
        if fields.get("attributedTo").is_none_or(Value::is_null) {
            fields.insert("attributedTo".to_owned(), json!(incoming.received.actor_uri));
        }
        return Ok(object);
    }
    let Some(uri) = object.as_str() else { return Ok(object) };
    let url = reqwest::Url::parse(uri).map_err(|_| Error::malformed("activity", "“object” is no address"))?;
    let own = lies_on_sender(incoming, &url)?;
    if !own {
        return incoming.refuse("object_elsewhere", "the object must lie on the host of its author").await;
    }
    let fetched = fetch::document(incoming.node, &url, &mut incoming.budget).await.map_err(not_fetched)?;
    Ok(fetched.value)
}

fn lies_on_sender(incoming: &Incoming<'_>, url: &reqwest::Url) -> Result<bool, Error> {
    let host = incoming.node.client.authority_of(url);
    let host = host.map_err(|_| Error::malformed("activity", "“object” is no address of a peer"))?;
    Ok(host == incoming.peer.authority)
}

/// Fetches the thread around a reply, where its parent is not here.
async fn complete(node: &Node, parent: Option<String>, context: Option<String>) -> Result<(), Error> {
    let Some(parent) = parent else { return Ok(()) };
    if !inbound::is_known_post(&node.ctx, parent.clone()).await? {
        remote::fetch_thread(node, parent, context);
    }
    Ok(())
}
