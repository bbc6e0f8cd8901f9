//! Uploads that are made ready after they were taken in: a few at a time, by whichever process has room, also after a
//! restart.

use std::time::Duration;

use corridor_domain::{FileGroup, MediaId, media as files};
use corridor_store::media::{self, Content, MediaKind, MediaRow, MediaState, NewMedia};
use tokio::sync::OwnedSemaphorePermit;

use super::upload::{Upload, checked_description, demand_quota, judge, too_large, upload};
use super::{MediaView, folder, media_view};
use crate::{Ctx, Error, Result, Viewer};

/// Whoever has begun with an upload has so long before another process begins anew.
const LEASE: Duration = Duration::from_secs(60);
/// After so many beginnings without an end it is not tried any more: it may be what ends the process.
const TRIES: i16 = 3;
/// Rows whose upload is removed in one go.
const BATCH: i64 = 100;

/// Takes a file in. A picture is made ready behind the scenes; where that is soon done the answer waits for it.
///
/// # Errors
/// As [`upload`] for what is seen at once, and for what is seen while the answer waits.
pub async fn upload_soon(ctx: &Ctx, viewer: &Viewer, asked: Upload) -> Result<MediaView> {
    let settings = &ctx.settings.media;
    if asked.bytes.len() > settings.max_bytes {
        return Err(too_large(settings.max_bytes));
    }
    let kind = files::sniff(&asked.bytes).map_err(Error::invalid)?;
    // Only pictures take time.
    if kind.group() != FileGroup::Image || !settings.takes(kind.group()) {
        return upload(ctx, viewer, asked).await;
    }
    let id = take_in(ctx, viewer, asked, kind.mime()).await?;
    let work = tokio::spawn(work_off(ctx.clone(), id));
    // Nobody waits for the end of the work then; it goes on.
    let _ = tokio::time::timeout(settings.patience, work).await;
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let row = media::find(tx, id)?;
            match row.state() {
                MediaState::Failed => {
                    let reason = row.failure.unwrap_or_default();
                    media::discard(tx, owner, id)?;
                    Ok(Err(Error::Invalid(reason)))
                }
                _ => Ok(Ok(media_view(row))),
            }
        })
        .await
        .and_then(|told| told)
}

/// Notes an upload, then writes it down as it came.
async fn take_in(ctx: &Ctx, viewer: &Viewer, asked: Upload, mime: &'static str) -> Result<MediaId> {
    let description = checked_description(&asked.description)?;
    let (owner, daily) = (viewer.id, ctx.settings.media.daily_bytes_of_person);
    let id = ctx.store.read(|tx| Ok::<_, Error>(MediaId::new(tx.new_id()))).await?;
    let raw = folder::raw_name(id, &asked.bytes);
    let content = Content {
        kind: MediaKind::Image,
        mime: mime.to_owned(),
        name: String::new(),
        bytes: i64::try_from(asked.bytes.len()).unwrap_or(i64::MAX),
        width: 0,
        height: 0,
        blurhash: String::new(),
        file_hash: None,
        small_hash: None,
    };
    let new = NewMedia { id, owner, content, description, focus: asked.focus, place: None, remote: None };
    let name = raw.clone();
    ctx.store
        .write(move |tx| {
            demand_quota(tx, owner, new.content.bytes, daily)?;
            media::insert(tx, &new)?;
            let lease = tx.now() + LEASE;
            Ok::<_, Error>(media::await_processing(tx, id, &name, lease)?)
        })
        .await?;
    folder::write(&ctx.settings.media.folder, vec![(raw, asked.bytes)]).await?;
    Ok(id)
}

/// Makes one upload ready as soon as there is room.
async fn work_off(ctx: Ctx, id: MediaId) {
    let Ok(permit) = ctx.media.processing.clone().acquire_owned().await else { return };
    let begun = ctx
        .store
        .write(move |tx| {
            let lease = tx.now() + LEASE;
            Ok::<_, Error>(media::begin_first(tx, id, lease)?)
        })
        .await;
    match begun {
        Ok(Some(row)) => finish(ctx, row, permit).await,
        // Another process was quicker, or it was given up.
        Ok(None) => {}
        Err(error) => tracing::warn!(media.id = id.raw(), "an upload waits: {error}"),
    }
}

/// Begins anew with what was left unfinished, as far as there is room, and removes uploads that are not needed any more.
///
/// # Errors
/// When the store or the folder fails; what waits goes on waiting.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    while let Ok(permit) = ctx.media.processing.clone().try_acquire_owned() {
        let Some(id) = ctx.store.read(|tx| Ok::<_, Error>(media::to_process(tx)?)).await? else { break };
        let row = ctx
            .store
            .write(move |tx| {
                let lease = tx.now() + LEASE;
                Ok::<_, Error>(media::begin_again(tx, id, lease)?)
            })
            .await?;
        if let Some(row) = row {
            tokio::spawn(finish(ctx.clone(), row, permit));
        }
    }
    let done = ctx.store.read(|tx| Ok::<_, Error>(media::with_raw(tx, BATCH)?)).await?;
    for row in done {
        remove_raw(ctx, &row).await?;
    }
    Ok(())
}

async fn finish(ctx: Ctx, row: MediaRow, permit: OwnedSemaphorePermit) {
    let id = row.id();
    let made = if row.tries > TRIES {
        Err(Error::invalid("The picture could not be made ready: try it smaller, or in another format"))
    } else {
        make_ready(&ctx, &row).await
    };
    drop(permit);
    let ended = match made {
        Ok(()) => remove_raw(&ctx, &row).await,
        Err(Error::Invalid(reason)) => {
            let noted = ctx.store.write(move |tx| Ok::<_, Error>(media::give_up(tx, id, &reason)?)).await;
            match noted {
                Ok(()) => remove_raw(&ctx, &row).await,
                other => other,
            }
        }
        Err(other) => Err(other),
    };
    if let Err(error) = ended {
        tracing::warn!(media.id = row.id, "an upload is not ready yet and is begun anew in a minute: {error}");
    }
}

async fn make_ready(ctx: &Ctx, row: &MediaRow) -> Result<()> {
    let lost = || Error::invalid("The upload was interrupted: upload it again");
    let folder = &ctx.settings.media.folder;
    let raw = row.raw_hash.as_deref().ok_or_else(lost)?;
    let bytes = folder::read(folder, raw).await?.ok_or_else(lost)?;
    let fit = judge(ctx, bytes, "").await?;
    let id = row.id();
    let (content, written) = fit.into_files(id);
    let names: Vec<String> = written.iter().map(|(name, _)| name.clone()).collect();
    if !ctx.store.write(move |tx| Ok::<_, Error>(media::prepare(tx, id, &content)?)).await? {
        return Ok(());
    }
    folder::write(folder, written).await?;
    if !ctx.store.write(move |tx| Ok::<_, Error>(media::made_ready(tx, id)?)).await? {
        // It was given up meanwhile, or another process was quicker and owns the same files.
        let gone = ctx.store.read(move |tx| Ok::<_, Error>(media::is_gone(tx, id)?)).await?;
        if gone {
            folder::remove(folder, names).await?;
        }
    }
    Ok(())
}

/// The upload as it came says more than its picture: it is removed from the disk before it is forgotten.
async fn remove_raw(ctx: &Ctx, row: &MediaRow) -> Result<()> {
    let Some(raw) = row.raw_hash.clone() else { return Ok(()) };
    folder::remove(&ctx.settings.media.folder, vec![raw]).await?;
    let id = row.id();
    ctx.store.write(move |tx| Ok::<_, Error>(media::forget_raw(tx, id)?)).await
}

#[cfg(test)]
mod tests;
