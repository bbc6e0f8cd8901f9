//! Keeping away: a block ends what two people have with each other, a mute spares one of them the sight.

use std::time::Duration;

use corridor_domain::{ActorId, Event, Page};
use corridor_store::{Tx, blocks, outbox, people};

use crate::follows::{relationship, turn_away, write_unfollow};
use crate::posts::people_slice;
use crate::{Ctx, Error, PersonView, RelationshipView, Result, Slice, Viewer, connections};

/// How someone is muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MuteOptions {
    /// Their notifications too.
    pub notifications: bool,
    /// For how long; `None` until it is taken back.
    pub lasts: Option<Duration>,
}

impl Default for MuteOptions {
    fn default() -> Self {
        Self { notifications: true, lasts: None }
    }
}

/// Blocks someone: neither follows the other any more, a connection ends, they don't see what the viewer writes, and the viewer is not
/// shown them. Their node is told, so that it keeps to it too.
///
/// # Errors
/// When they aren't there, or are the viewer.
pub async fn block(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    let (settings, blocker) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            someone_else(tx, blocker, whom)?;
            connections::write_end(tx, blocker, whom)?;
            write_unfollow(tx, blocker, whom)?;
            turn_away(tx, whom, blocker)?;
            let uri = settings.addresses.federation_url(&format!("/activities/{}", tx.new_id()));
            if blocks::block(tx, blocker, whom, &uri)? && !people::is_local(tx, whom)? {
                outbox::append(tx, &Event::Blocked { blocker, blocked: whom, uri })?;
            }
            relationship(tx, blocker, whom)
        })
        .await
}

/// Takes a block back. What it ended stays ended.
///
/// # Errors
/// When they aren't there.
pub async fn unblock(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    let blocker = viewer.id;
    ctx.store
        .write(move |tx| {
            if let Some(block) = blocks::unblock(tx, blocker, whom)?
                && !people::is_local(tx, whom)?
            {
                outbox::append(tx, &Event::Unblocked { blocker, blocked: whom, uri: block.uri })?;
            }
            relationship(tx, blocker, whom)
        })
        .await
}

/// Whom the viewer has blocked, latest first; pages by the block's own number.
///
/// # Errors
/// When the store fails.
pub async fn blocked(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PersonView>> {
    let (settings, blocker) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let rows = blocks::blocked_by(tx, blocker, &page)?;
            people_slice(tx, &settings, rows)
        })
        .await
}

/// Mutes someone: the viewer does not meet them in feeds. They are not told.
///
/// # Errors
/// When they aren't there, or are the viewer.
pub async fn mute(ctx: &Ctx, viewer: &Viewer, whom: ActorId, options: MuteOptions) -> Result<RelationshipView> {
    let muter = viewer.id;
    ctx.store
        .write(move |tx| {
            someone_else(tx, muter, whom)?;
            let ends_at = options.lasts.map(|lasts| tx.now() + lasts);
            blocks::mute(tx, muter, whom, options.notifications, ends_at)?;
            relationship(tx, muter, whom)
        })
        .await
}

/// Takes a mute back.
///
/// # Errors
/// When they aren't there.
pub async fn unmute(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    let muter = viewer.id;
    ctx.store
        .write(move |tx| {
            blocks::unmute(tx, muter, whom)?;
            relationship(tx, muter, whom)
        })
        .await
}

/// Whom the viewer mutes, latest first; pages by the mute's own number.
///
/// # Errors
/// When the store fails.
pub async fn muted(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PersonView>> {
    let (settings, muter) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let rows = blocks::muted_by(tx, muter, &page)?;
            people_slice(tx, &settings, rows)
        })
        .await
}

fn someone_else(tx: &mut Tx<'_>, viewer: ActorId, whom: ActorId) -> Result<()> {
    if viewer == whom {
        return Err(Error::invalid("That is you"));
    }
    people::find_shown(tx, &[whom])?.pop().map(|_| ()).ok_or(Error::NotFound("that person"))
}

#[cfg(test)]
mod tests;
