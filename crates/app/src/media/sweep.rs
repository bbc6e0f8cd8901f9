//! What is taken off the disk: uploads that nobody used, what posts that were destroyed had, what removed peers sent.

use corridor_store::media::{self, MediaRow};

use super::{DAY, folder};
use crate::{Ctx, Error, Result};

/// Files that are taken off in one go.
const BATCH: i64 = 200;

/// Does all of it once. The files go first and their rows after them, so that a crash in between leaves nothing behind.
///
/// # Errors
/// When the store or the folder fails; what was done before stays done.
pub(crate) async fn run(ctx: &Ctx) -> Result<()> {
    let kept = ctx.settings.destroy_after;
    ctx.store
        .write(move |tx| {
            let (unattached, removed) = (tx.now() - DAY, tx.now() - kept);
            Ok::<_, Error>(media::discard_due(tx, unattached, removed)?)
        })
        .await?;
    let discarded = ctx.store.read(|tx| Ok::<_, Error>(media::discarded(tx, BATCH)?)).await?;
    let ids = remove_files(ctx, discarded).await?;
    if !ids.is_empty() {
        ctx.store.write(move |tx| Ok::<_, Error>(media::forget(tx, &ids)?)).await?;
    }
    let withdrawn = ctx.store.read(|tx| Ok::<_, Error>(media::of_removed_peers(tx, BATCH)?)).await?;
    let ids = remove_files(ctx, withdrawn).await?;
    if !ids.is_empty() {
        ctx.store.write(move |tx| Ok::<_, Error>(media::withdrawn(tx, &ids)?)).await?;
    }
    Ok(())
}

async fn remove_files(ctx: &Ctx, rows: Vec<MediaRow>) -> Result<Vec<corridor_domain::MediaId>> {
    let names: Vec<String> = rows.iter().flat_map(MediaRow::files).map(str::to_owned).collect();
    folder::remove(&ctx.settings.media.folder, names).await?;
    Ok(rows.iter().map(MediaRow::id).collect())
}
