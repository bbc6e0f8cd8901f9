//! What is here of what peers speak of: the few questions that whoever reads from the wire must ask first.

use corridor_domain::ActorId;
use corridor_store::{Result, Tx, actors, posts};

use crate::{Ctx, Found};

/// An actor in as few words as telling who knocks takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownActor {
    /// Its ActivityPub id.
    pub uri: String,
    /// It is one of ours.
    pub is_local: bool,
    /// It has left.
    pub is_gone: bool,
}

/// An actor of a number.
///
/// # Errors
/// [`corridor_store::Error::NotFound`] when there is none.
pub fn actor_in(tx: &mut Tx<'_>, id: ActorId) -> Result<KnownActor> {
    let row = actors::find(tx, id)?;
    Ok(KnownActor { is_local: row.is_local(), is_gone: row.deleted_at.is_some(), uri: row.uri })
}

/// What stands here under a URI, unless it is gone.
///
/// # Errors
/// When the database fails.
pub fn found_in(tx: &mut Tx<'_>, uri: &str) -> Result<Option<Found>> {
    if let Some(post) = posts::find_by_uri(tx, uri)? {
        return Ok(Some(Found::Post(post.id())).filter(|_| !post.is_deleted()));
    }
    let actor = actors::find_by_uri(tx, uri)?;
    Ok(actor.filter(|row| row.deleted_at.is_none()).map(|row| Found::Actor(row.actor_id())))
}

/// Whether a post was ever here, gone or not.
///
/// # Errors
/// When the store can't answer.
pub async fn is_known_post(ctx: &Ctx, uri: String) -> crate::Result<bool> {
    ctx.store.read(move |tx| Ok(posts::find_by_uri(tx, &uri)?.is_some())).await
}
