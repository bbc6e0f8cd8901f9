//! What a node does by itself once a minute: destroying what is due, and forgetting what has ended.

use std::time::Duration;

use corridor_store::{keys, oauth, posts, received, scheduled, sessions, stream_events};

use crate::{Ctx, Error, Result, announcements, media, network_feed, peers};

/// Ids of received activities are kept this long: longer than any peer that comes back will send again.
const SEEN_KEPT: Duration = Duration::from_secs(365 * 24 * 3600);
/// Posts destroyed in one transaction at most.
const BATCH: i64 = 500;
/// Used codes are kept this long, so that a second use is noticed.
const CODES_KEPT: Duration = Duration::from_secs(3600);

/// Whoever reads streams is never so far behind.
const STREAMED_KEPT: Duration = Duration::from_secs(3600);
/// What could not go out when it was due waits so long for its author.
const FAILED_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Does all chores once.
///
/// # Errors
/// When the store fails; what was done before stays done.
pub async fn run(ctx: &Ctx) -> Result<()> {
    peers::settle(ctx).await?;
    let (idle, overlap) = (ctx.settings.session_idle, ctx.settings.key_overlap);
    ctx.store.write(|tx| Ok::<_, Error>(posts::destroy_due(tx, BATCH)?)).await?;
    ctx.store
        .write(move |tx| {
            let now = tx.now();
            sessions::forget_ended(tx, now - idle)?;
            oauth::forget_codes(tx, now - CODES_KEPT)?;
            // For as long again an old key still tells peers that were away of the new one.
            keys::forget_ended(tx, now - overlap)?;
            received::forget_before(tx, now - SEEN_KEPT)?;
            stream_events::forget_before(tx, now - STREAMED_KEPT)?;
            announcements::settle(tx)?;
            scheduled::forget_failed(tx, now - FAILED_KEPT)?;
            Ok::<_, Error>(())
        })
        .await?;
    media::sweep::run(ctx).await?;
    if ctx.remote().is_some() { network_feed::settle(ctx).await } else { Ok(()) }
}
