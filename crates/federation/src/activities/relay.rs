//! What the home of a group hands on: believed when its author's own node says so, by a proof, or when it is asked.

use corridor_app::inbound::{self, Listed, Outcome, Received, Undone};
use corridor_app::{Error as AppError, peers};
use corridor_domain::policy::Door;
use corridor_domain::{ActorId, Authority};
use corridor_store::keys;
use reqwest::Url;
use serde_json::Value;

use super::Incoming;
use crate::error::Error;
use crate::fetch::{self, FetchError};
use crate::objects::read;
use crate::{proof, remote};

/// What is inside a group's Announce.
struct Inside {
    activity: Value,
    id: String,
    kind: String,
    actor_uri: String,
    object_uri: String,
}

/// An activity inside a group's Announce; whatever becomes of it, the Announce itself is noted.
pub(super) async fn receive(mut incoming: Incoming<'_>, group: ActorId) -> Result<Outcome, Error> {
    let outcome = match take(&mut incoming, group).await {
        Ok(outcome) => outcome,
        Err(error) if is_passing(&error) => return Err(error),
        // The group's home can't help what a member sent: it is noted here, and the group's word is taken.
        Err(error) => {
            tracing::info!(group = %incoming.received.actor_uri, "what the group hands on is not taken in: {error}");
            inbound::refused(&incoming.node.ctx, &incoming.received, &error.to_string()).await?;
            Outcome::Ignored
        }
    };
    incoming.ignore().await?;
    Ok(outcome)
}

const fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Unavailable | Error::Internal)
}

async fn take(incoming: &mut Incoming<'_>, group: ActorId) -> Result<Outcome, Error> {
    let inside = open(incoming)?;
    let host = authority(incoming, &inside)?;
    if host == incoming.node.ctx.settings.addresses.federation_authority() {
        // What one of ours has posted comes back: the group has it.
        return Ok(Outcome::Duplicate);
    }
    let peer = peers::ask(&incoming.node.ctx, Door::Fetch, &host).await?;
    let author =
        remote::actor(incoming.node, &inside.actor_uri, &mut incoming.budget).await.map_err(super::not_fetched)?;
    let proven = host == incoming.peer.authority || is_proven(incoming, &inside, author).await?;
    let received = Received {
        // What nobody has proven to bear this id must not take it from what does.
        activity_uri: if proven { inside.id.clone() } else { format!("{}#inside", incoming.received.activity_uri) },
        peer: peer.id,
        actor: author,
        actor_uri: inside.actor_uri.clone(),
        kind: inside.kind.clone(),
        raw: None,
    };
    apply(incoming, &inside, group, received, proven).await
}

fn open(incoming: &Incoming<'_>) -> Result<Inside, Error> {
    let activity = incoming.object()?.clone();
    let wrong = || Error::malformed("object", "a group hands on whole activities with an id, an actor and an object");
    let text = |name: &str| read::id_of(&activity, name).map(str::to_owned).ok_or_else(wrong);
    let kind = read::text(&activity, "type").map(str::to_owned).ok_or_else(wrong)?;
    let (id, actor_uri, object_uri) = (text("id")?, text("actor")?, text("object")?);
    Ok(Inside { activity, id, kind, actor_uri, object_uri })
}

/// The host of the author, on which the activity and its object must lie.
fn authority(incoming: &Incoming<'_>, inside: &Inside) -> Result<Authority, Error> {
    let of = |uri: &str| Url::parse(uri).ok().and_then(|url| incoming.node.client.authority_of(&url).ok());
    let host = of(&inside.actor_uri);
    // A favourite is of anybody's post, and who runs the group ends anybody's in it.
    let own_object = is_act(&inside.kind) || inside.kind == "Delete" || of(&inside.object_uri) == host;
    host.filter(|_| own_object && of(&inside.id) == of(&inside.actor_uri))
        .ok_or_else(|| Error::malformed("object", "an activity, its actor and its object must lie on one host"))
}

/// What is done with a post, and leaves no document that its author's node could be asked for.
fn is_act(kind: &str) -> bool {
    matches!(kind, "Like" | "Undo")
}

async fn is_proven(incoming: &Incoming<'_>, inside: &Inside, author: ActorId) -> Result<bool, Error> {
    let Some(uri) = proof::key_uri(&inside.activity).map(str::to_owned) else { return Ok(false) };
    let store = &incoming.node.ctx.store;
    let key = store.read(move |tx| keys::find_by_uri(tx, &uri)).await.map_err(AppError::from)?;
    let now = incoming.node.ctx.now();
    Ok(key.is_some_and(|key| key.actor == author && key.counts_at(now) && proof::holds(&inside.activity, &key)))
}

async fn apply(
    incoming: &mut Incoming<'_>,
    inside: &Inside,
    group: ActorId,
    received: Received,
    proven: bool,
) -> Result<Outcome, Error> {
    if is_act(&inside.kind) {
        return act(incoming, inside, group, received, proven).await;
    }
    if inside.kind == "Delete" {
        return end(incoming, inside, group, received, proven).await;
    }
    let ctx = &incoming.node.ctx;
    let document = match inside.activity.get("object") {
        Some(object) if proven && object.is_object() => object.clone(),
        _ => fetched(incoming, inside).await?,
    };
    let post = match read::post(&document) {
        Ok(post) => post,
        // Votes, profiles and whatever else a group may hand on is not for this.
        Err(read::Unreadable::Type(_)) => return Ok(Outcome::Ignored),
        Err(error) => return Err(Error::malformed("object", error.to_string())),
    };
    let (uri, has_media) = (post.uri.clone(), !post.media.is_empty());
    let outcome = match inside.kind.as_str() {
        "Create" => inbound::post_relayed(ctx, received, group, post).await?,
        "Update" => inbound::update_relayed(ctx, received, group, post).await?,
        _ => return Ok(Outcome::Ignored),
    };
    if has_media && outcome == Outcome::Applied {
        remote::fetch_media(incoming.node, uri);
    }
    Ok(outcome)
}

/// The end of a post, by its author; or by who runs the group (Lemmy), whose word is the group's own: it is out of the group.
async fn end(
    incoming: &mut Incoming<'_>,
    inside: &Inside,
    group: ActorId,
    received: Received,
    proven: bool,
) -> Result<Outcome, Error> {
    let (ctx, object) = (&incoming.node.ctx, inside.object_uri.clone());
    if inbound::is_anothers_in(ctx, group, object.clone(), received.actor).await? {
        let target = incoming.received.actor_uri.clone();
        let removed = Listed { object, target, added: false, asks_receipt: false };
        return Ok(inbound::listed(ctx, incoming.received.clone(), removed).await?);
    }
    if !proven && !is_gone(incoming, inside).await? {
        return Err(Error::malformed("object", "its author's node still has the post"));
    }
    Ok(inbound::deleted(&incoming.node.ctx, received, object, false).await?)
}

/// A favourite, or the end of one. Without a proof, its author's node is asked for the activity itself.
async fn act(
    incoming: &mut Incoming<'_>,
    inside: &Inside,
    group: ActorId,
    mut received: Received,
    proven: bool,
) -> Result<Outcome, Error> {
    let undone = inside.activity.get("object").filter(|object| read::text(object, "type") == Some("Like"));
    if inside.kind == "Undo" && undone.is_none() {
        return Ok(Outcome::Ignored);
    }
    if !proven && !is_stated(incoming, inside).await? {
        return Err(Error::malformed("object", "its author's node does not say the same"));
    }
    received.activity_uri.clone_from(&inside.id);
    let (ctx, object) = (&incoming.node.ctx, inside.object_uri.clone());
    let Some(undone) = undone.filter(|_| inside.kind == "Undo") else {
        return Ok(inbound::like_relayed(ctx, received, group, object).await?);
    };
    if read::id_of(undone, "actor").is_some_and(|by| by != inside.actor_uri) {
        return Err(Error::malformed("object", "only who did something can take it back"));
    }
    let of = read::id_of(undone, "object").map(str::to_owned);
    let undone = Undone { uri: Some(object), kind: Some("Like".to_owned()), object: of };
    Ok(inbound::undone(ctx, received, undone).await?)
}

/// Whether the author's node shows the activity as the group has handed it on.
async fn is_stated(incoming: &mut Incoming<'_>, inside: &Inside) -> Result<bool, Error> {
    let url = Url::parse(&inside.id).map_err(|_| Error::malformed("object", "the activity's id is no address"))?;
    let shown = fetch::document(incoming.node, &url, &mut incoming.budget).await.map_err(super::not_fetched)?.value;
    Ok(read::id(&shown) == Some(inside.id.as_str())
        && read::text(&shown, "type") == Some(inside.kind.as_str())
        && read::id_of(&shown, "actor") == Some(inside.actor_uri.as_str())
        && read::id_of(&shown, "object") == Some(inside.object_uri.as_str()))
}

fn object_url(inside: &Inside) -> Result<Url, Error> {
    Url::parse(&inside.object_uri).map_err(|_| Error::malformed("object", "the object's id is no address"))
}

/// Without a proof, its author's node is asked.
async fn fetched(incoming: &mut Incoming<'_>, inside: &Inside) -> Result<Value, Error> {
    let url = object_url(inside)?;
    let document = fetch::document(incoming.node, &url, &mut incoming.budget).await.map_err(super::not_fetched)?;
    Ok(document.value)
}

async fn is_gone(incoming: &mut Incoming<'_>, inside: &Inside) -> Result<bool, Error> {
    let url = object_url(inside)?;
    match fetch::document(incoming.node, &url, &mut incoming.budget).await {
        Ok(document) => Ok(read::text(&document.value, "type") == Some("Tombstone")),
        Err(FetchError::Gone(_)) => Ok(true),
        Err(error) => Err(super::not_fetched(error)),
    }
}

/// Whether what somebody announces is an activity, not a post.
pub(super) fn is_activity(object: &Value) -> bool {
    object.is_object() && object.get("actor").is_some() && object.get("object").is_some()
}
