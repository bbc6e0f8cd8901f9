//! The transaction that every effect is written in: policy once more, the sender held, the activity noted.

use std::sync::Arc;

use corridor_domain::policy::{self, Door};
use corridor_domain::{Authority, Peer, authority};
use corridor_store::actors::ActorRow;
use corridor_store::received::{self, SeenActivity};
use corridor_store::{Tx, actors, peers};
use serde_json::json;
use url::Url;

use super::types::{Outcome, Received};
use crate::{Ctx, Error, Result, Settings, audit};

/// Longest URI that is stored.
const URI_BYTES: usize = 2048;

/// What an effect may lean on: all of it was asked in its own transaction.
pub(super) struct Arrival {
    pub(super) settings: Arc<Settings>,
    /// Allowed now.
    pub(super) peer: Peer,
    /// The sender, who is not gone.
    pub(super) actor: ActorRow,
}

/// Writes an effect and the activity's id together, and a refusal into the audit.
pub(super) async fn apply<F>(ctx: &Ctx, received: Received, effect: F) -> Result<Outcome>
where
    F: FnMut(&mut Tx<'_>, &Arrival) -> Result<Outcome> + Clone + Send + 'static,
{
    let outcome = match attempt(ctx, received.clone(), effect.clone()).await {
        // Another activity wrote the same thing at the same time: now it is there to be seen.
        Err(Error::Conflict(_)) => attempt(ctx, received.clone(), effect).await,
        outcome => outcome,
    };
    if let Err(error @ (Error::Forbidden(_) | Error::Refused(_))) = &outcome {
        note_refusal(ctx, &received, &error.to_string()).await?;
    }
    outcome
}

async fn attempt<F>(ctx: &Ctx, received: Received, mut effect: F) -> Result<Outcome>
where
    F: FnMut(&mut Tx<'_>, &Arrival) -> Result<Outcome> + Send + 'static,
{
    let settings = ctx.settings.clone();
    ctx.store
        .write(move |tx| {
            let peer = allowed_peer(tx, &settings, &received)?;
            received::hold(tx, received.actor)?;
            let seen = SeenActivity {
                uri: &received.activity_uri,
                peer: received.peer,
                actor_uri: &received.actor_uri,
                kind: &received.kind,
            };
            if !received::mark_seen(tx, &seen)? {
                return Ok(Outcome::Duplicate);
            }
            let actor = actors::find(tx, received.actor)?;
            if actor.is_hidden() {
                return Ok(Outcome::Ignored);
            }
            effect(tx, &Arrival { settings: settings.clone(), peer, actor })
        })
        .await
}

/// The peer may have been removed since the door was passed.
fn allowed_peer(tx: &mut Tx<'_>, settings: &Settings, received: &Received) -> Result<Peer> {
    let peer = peers::find(tx, received.peer)?;
    policy::may_pass(Door::Inbox, &settings.addresses.federation_authority(), &peer.authority, Some(&peer))?;
    if let Some(service) = policy::service_of(&received.kind) {
        policy::may_use(&peer, service)?;
    }
    Ok(peer)
}

/// Writes into the audit that something of a peer was refused, and why.
///
/// # Errors
/// When the store fails.
pub(super) async fn note_refusal(ctx: &Ctx, received: &Received, reason: &str) -> Result<()> {
    let (received, reason) = (received.clone(), reason.to_owned());
    tracing::warn!(activity.id = %received.activity_uri, activity.kind = %received.kind, "refused: {reason}");
    ctx.store
        .write(move |tx| {
            let peer = peers::find(tx, received.peer)?;
            let detail = json!({ "actor": received.actor_uri, "type": received.kind, "reason": reason });
            audit::append(tx, peer.authority.as_str(), "inbox.refuse", &received.activity_uri, &detail)
        })
        .await
}

/// Whether a URI lies on exactly this peer.
pub(super) fn lies_on(peer: &Peer, uri: &str) -> bool {
    let plain = uri.len() <= URI_BYTES && uri.bytes().all(|byte| byte.is_ascii_graphic());
    plain && authority_of(uri).is_some_and(|authority| authority == peer.authority)
}

fn authority_of(uri: &str) -> Option<Authority> {
    Authority::of_url_with(&Url::parse(uri).ok()?, authority::Policy::loopback()).ok()
}

/// An address that people may be sent to by a link; not necessarily on the peer.
pub(super) fn page(url: Option<&str>) -> Option<String> {
    let url = url.filter(|url| url.len() <= URI_BYTES)?;
    let parsed = Url::parse(url).ok()?;
    let fine =
        matches!(parsed.scheme(), "https" | "http") && parsed.username().is_empty() && parsed.password().is_none();
    fine.then(|| parsed.to_string())
}
