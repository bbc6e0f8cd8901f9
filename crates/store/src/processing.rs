//! Uploads on their way to being ready: who makes which ready, and what is left to remove.

use corridor_domain::{MediaId, Timestamp};
use diesel::prelude::*;

use crate::media::{Content, DISCARDED, FAILED, HERE, MediaRow, PROCESSING, content_columns, find};
use crate::schema::media;
use crate::{Result, Tx};

/// Notes that an upload lies in the folder as `raw` and waits; nobody else begins with it before `lease` has passed.
///
/// # Errors
/// When the database fails.
pub fn await_processing(tx: &mut Tx<'_>, id: MediaId, raw: &str, lease: Timestamp) -> Result<()> {
    diesel::update(media::table.find(id.raw()))
        .set((media::state.eq(PROCESSING), media::raw_hash.eq(raw), media::next_try_at.eq(lease.millis())))
        .execute(tx.conn)?;
    Ok(())
}

/// Begins with an upload with which nobody has begun yet; `None` when somebody has, or it was given up.
///
/// # Errors
/// When the database fails.
pub fn begin_first(tx: &mut Tx<'_>, id: MediaId, lease: Timestamp) -> Result<Option<MediaRow>> {
    let waiting = media::table.find(id.raw()).filter(media::state.eq(PROCESSING)).filter(media::tries.eq(0));
    let begun = diesel::update(waiting)
        .set((media::tries.eq(media::tries + 1), media::next_try_at.eq(lease.millis())))
        .execute(tx.conn)?;
    if begun > 0 { find(tx, id).map(Some) } else { Ok(None) }
}

/// Begins with an upload whose lease has passed; `None` when somebody else was quicker.
///
/// # Errors
/// When the database fails.
pub fn begin_again(tx: &mut Tx<'_>, id: MediaId, lease: Timestamp) -> Result<Option<MediaRow>> {
    let waiting = media::table
        .find(id.raw())
        .filter(media::state.eq(PROCESSING))
        .filter(media::next_try_at.le(tx.now().millis()));
    let begun = diesel::update(waiting)
        .set((media::tries.eq(media::tries + 1), media::next_try_at.eq(lease.millis())))
        .execute(tx.conn)?;
    if begun > 0 { find(tx, id).map(Some) } else { Ok(None) }
}

/// The upload that has waited longest for somebody to begin with it.
///
/// # Errors
/// When the database fails.
pub fn to_process(tx: &mut Tx<'_>) -> Result<Option<MediaId>> {
    let id: Option<i64> = media::table
        .filter(media::state.eq(PROCESSING))
        .filter(media::next_try_at.le(tx.now().millis()))
        .order(media::next_try_at)
        .select(media::id)
        .first(tx.conn)
        .optional()?;
    Ok(id.map(MediaId::new))
}

/// Notes what an upload becomes, before its files are written. `false` when it does not wait any more.
///
/// # Errors
/// When the database fails.
pub fn prepare(tx: &mut Tx<'_>, id: MediaId, content: &Content) -> Result<bool> {
    let waiting = media::table.find(id.raw()).filter(media::state.eq(PROCESSING));
    Ok(diesel::update(waiting).set(content_columns(content)).execute(tx.conn)? > 0)
}

/// Its files are on disk. `false` when it does not wait any more.
///
/// # Errors
/// When the database fails.
pub fn made_ready(tx: &mut Tx<'_>, id: MediaId) -> Result<bool> {
    let waiting = media::table.find(id.raw()).filter(media::state.eq(PROCESSING));
    Ok(diesel::update(waiting).set(media::state.eq(HERE)).execute(tx.conn)? > 0)
}

/// Notes why an upload can't be made ready.
///
/// # Errors
/// When the database fails.
pub fn give_up(tx: &mut Tx<'_>, id: MediaId, reason: &str) -> Result<()> {
    let waiting = media::table.find(id.raw()).filter(media::state.eq(PROCESSING));
    diesel::update(waiting).set((media::state.eq(FAILED), media::failure.eq(reason))).execute(tx.conn)?;
    Ok(())
}

/// Whether nothing of it is to be kept.
///
/// # Errors
/// When the database fails.
pub fn is_gone(tx: &mut Tx<'_>, id: MediaId) -> Result<bool> {
    let state: Option<i16> = media::table.find(id.raw()).select(media::state).first(tx.conn).optional()?;
    Ok(state.is_none_or(|state| state == DISCARDED))
}

/// What has an upload on disk that is not needed any more, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn with_raw(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<MediaRow>> {
    Ok(media::table
        .filter(media::raw_hash.is_not_null())
        .filter(media::state.eq_any([HERE, FAILED]))
        .limit(limit)
        .select(MediaRow::as_select())
        .load(tx.conn)?)
}

/// The upload is off the disk.
///
/// # Errors
/// When the database fails.
pub fn forget_raw(tx: &mut Tx<'_>, id: MediaId) -> Result<()> {
    let ended = media::table.find(id.raw()).filter(media::state.eq_any([HERE, FAILED]));
    diesel::update(ended).set(media::raw_hash.eq(None::<String>)).execute(tx.conn)?;
    Ok(())
}
