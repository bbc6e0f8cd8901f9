//! Posts at the top of a person's page: pinned, taken down, and shown.

use corridor_domain::filter::Context;
use corridor_domain::{ActorId, Audience, Event, PostId};
use corridor_store::posts::PostRow;
use corridor_store::{Tx, outbox, pins};

use crate::assemble::post_views;
use crate::filters::settle;
use crate::posts::{readable, show};
use crate::{Ctx, Error, PostView, Result, Viewer};

/// Posts that one person pins at most; as many as are kept of a peer's person.
pub const MOST_PINS: usize = 5;

/// Pins a post of the viewer's own to the top of their page. Their followers' nodes are told.
///
/// # Errors
/// [`Error::NotFound`] when the post isn't there or not for this reader; [`Error::Invalid`] for another's, a boost, one that
/// is not for the whole network, and with too many.
pub async fn pin(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    set(ctx, viewer, id, true).await
}

/// Takes a post down from there.
///
/// # Errors
/// [`Error::NotFound`] when the post isn't there or not for this reader.
pub async fn unpin(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    set(ctx, viewer, id, false).await
}

async fn set(ctx: &Ctx, viewer: &Viewer, id: PostId, pinned: bool) -> Result<PostView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let post = readable(tx, id, owner)?;
            let changed = if pinned {
                may_be_pinned(tx, owner, &post)?;
                pins::pin(tx, owner, id)?
            } else {
                pins::unpin(tx, owner, id)?
            };
            if changed {
                outbox::append(tx, &Event::PostPinned { post: id, pinned })?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    show(ctx, viewer, id).await
}

fn may_be_pinned(tx: &mut Tx<'_>, owner: ActorId, post: &PostRow) -> Result<()> {
    let reason = if post.boost_of_id.is_some() {
        "A boost cannot be pinned"
    } else if post.author() != owner {
        "Someone else's post cannot be pinned"
    } else if post.audience()? != Audience::Network {
        "Only posts for the whole network can be pinned"
    } else {
        let known = pins::all(tx, owner)?;
        if known.len() < MOST_PINS || known.contains(&post.id()) {
            return Ok(());
        }
        "You have already pinned the maximum number of posts"
    };
    Err(Error::invalid(format!("Validation failed: {reason}")))
}

/// What a person has pinned, latest pin first, as far as the viewer may read it.
///
/// # Errors
/// When the store fails.
pub async fn pinned(ctx: &Ctx, viewer: &Viewer, whose: ActorId) -> Result<Vec<PostView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let rows = pins::pinned(tx, whose, reader)?;
            Ok(settle(post_views(tx, &settings, reader, rows)?, Context::Account))
        })
        .await
}
