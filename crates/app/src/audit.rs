//! The audit: what was done by whom, in the transaction that did it, in a chain that shows tampering.

use corridor_store::Tx;
use corridor_store::audit::{self, Entry, NewEntry};
use serde_json::Value;

use crate::{Ctx, Result};

/// Entries read at a time.
const PART: i64 = 1000;

/// What checking the chain showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// Entries that are as they were written, from the first.
    pub intact: i64,
    /// The first entry that is not.
    pub broken_at: Option<i64>,
}

/// Writes an entry.
///
/// # Errors
/// When the store fails.
pub fn append(tx: &mut Tx<'_>, who: &str, action: &str, object: &str, detail: &Value) -> Result<()> {
    let detail = detail.to_string();
    audit::append(tx, &NewEntry { who, action, object, detail: &detail })?;
    Ok(())
}

/// Walks the chain from its start.
///
/// # Errors
/// When the store can't answer.
pub async fn verify(ctx: &Ctx) -> Result<AuditReport> {
    let mut last: Option<Entry> = None;
    loop {
        let from = last.as_ref().map_or(0, |entry| entry.number);
        let part = ctx.store.read(move |tx| audit::after(tx, from, PART)).await?;
        if part.is_empty() {
            return Ok(AuditReport { intact: from, broken_at: None });
        }
        for entry in part {
            if !entry.follows(last.as_ref()) {
                let intact = last.as_ref().map_or(0, |entry| entry.number);
                return Ok(AuditReport { intact, broken_at: Some(entry.number) });
            }
            last = Some(entry);
        }
    }
}

#[cfg(test)]
mod tests;
