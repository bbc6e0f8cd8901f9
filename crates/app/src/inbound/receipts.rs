//! Receipts: a peer says that it has deleted what it was asked to delete.

use corridor_domain::ActorKind;
use corridor_store::{Tx, activities, groups, recalls};

use super::arrival::apply;
use super::types::{Outcome, Received};
use crate::{Ctx, Error, Result};

/// Whether an id is that of a deletion, or of a request to destroy a group's copies, that this node has sent.
///
/// # Errors
/// When the store can't answer.
pub async fn is_deletion(ctx: &Ctx, uri: String) -> Result<bool> {
    ctx.store.read(move |tx| Ok(deleted_post(tx, &uri)?.is_some() || groups::is_purge(tx, &uri)?)).await
}

fn deleted_post(tx: &mut Tx<'_>, uri: &str) -> Result<Option<corridor_domain::PostId>> {
    match activities::find_by_uri(tx, uri) {
        Ok(activity) => Ok(activity.post.filter(|_| activity.kind == "Delete")),
        Err(corridor_store::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A peer confirms a deletion. It speaks for itself alone, by its node's own actor.
///
/// # Errors
/// [`Error::Forbidden`] when a person says so.
pub async fn deletion_confirmed(ctx: &Ctx, received: Received, deletion: String) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        if arrival.actor.actor_kind() != ActorKind::Service {
            return Err(Error::forbidden("only a node itself can say that a post is gone there"));
        }
        if groups::confirm_purge(tx, &deletion, arrival.peer.id)? {
            return Ok(Outcome::Applied);
        }
        let Some(post) = deleted_post(tx, &deletion)? else { return Ok(Outcome::Ignored) };
        let is_news = recalls::confirm(tx, post, arrival.peer.id)?;
        Ok(if is_news { Outcome::Applied } else { Outcome::Ignored })
    })
    .await
}
