//! The outbox: what happened here and must be told to peers, in the transaction that made it happen.

use corridor_domain::Event;
use diesel::prelude::*;

use crate::schema::outbox_events;
use crate::{Result, Signal, Tx};

/// An event that waits for the fan-out.
#[derive(Debug, Clone)]
pub struct PendingEvent {
    /// Its number; events are told in this order.
    pub id: i64,
    /// What happened; `None` when a newer version wrote something this one can't read.
    pub event: Option<Event>,
}

/// Writes an event and wakes the fan-out once the transaction is on disk.
///
/// # Errors
/// When the database fails.
pub fn append(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    let (id, now) = (tx.new_id(), tx.now().millis());
    diesel::insert_into(outbox_events::table)
        .values((
            outbox_events::id.eq(id),
            outbox_events::body.eq(serde_json::to_string(event)?),
            outbox_events::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    tx.signal(Signal::Outbox);
    Ok(())
}

/// The oldest waiting events.
///
/// # Errors
/// When the database fails.
pub fn waiting(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<PendingEvent>> {
    let rows: Vec<(i64, String)> = outbox_events::table
        .filter(outbox_events::failure.is_null())
        .order(outbox_events::id)
        .limit(limit)
        .select((outbox_events::id, outbox_events::body))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, body)| PendingEvent { id, event: serde_json::from_str(&body).ok() }).collect())
}

/// Takes a told event away; `false` when someone else did.
///
/// # Errors
/// When the database fails.
pub fn done(tx: &mut Tx<'_>, id: i64) -> Result<bool> {
    Ok(diesel::delete(outbox_events::table.find(id)).execute(tx.conn)? > 0)
}

/// Sets an event aside that can't be told, so that the ones behind it go on.
///
/// # Errors
/// When the database fails.
pub fn set_aside(tx: &mut Tx<'_>, id: i64, reason: &str) -> Result<()> {
    diesel::update(outbox_events::table.find(id)).set(outbox_events::failure.eq(reason)).execute(tx.conn)?;
    Ok(())
}

/// Puts events that were set aside back in line; says how many.
///
/// # Errors
/// When the database fails.
pub fn retry_set_aside(tx: &mut Tx<'_>) -> Result<usize> {
    let count = diesel::update(outbox_events::table.filter(outbox_events::failure.is_not_null()))
        .set(outbox_events::failure.eq(None::<String>))
        .execute(tx.conn)?;
    tx.signal(Signal::Outbox);
    Ok(count)
}

/// How many events wait, and how many were set aside.
///
/// # Errors
/// When the database fails.
pub fn counts(tx: &mut Tx<'_>) -> Result<(i64, i64)> {
    let waiting = outbox_events::table.filter(outbox_events::failure.is_null()).count().get_result(tx.conn)?;
    let aside = outbox_events::table.filter(outbox_events::failure.is_not_null()).count().get_result(tx.conn)?;
    Ok((waiting, aside))
}
