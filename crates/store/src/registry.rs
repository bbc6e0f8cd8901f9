//! Registries that were taken in: each number once, and the highest is the one that counts.

use corridor_domain::Timestamp;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::schema::registry_documents;
use crate::{Backend, Result, Tx};

/// A registry that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub sequence: u64,
    /// SHA-256 over its canonical form, in hexadecimal.
    pub hash: String,
    /// The document with its signatures, as it came.
    pub body: String,
    /// Whose signatures were good.
    pub signers: String,
    /// When it was taken in.
    pub imported_at: Timestamp,
}

/// Lets one process at a time take in or apply a registry, until its transaction ends.
///
/// # Errors
/// When the database fails.
pub fn hold(tx: &mut Tx<'_>) -> Result<()> {
    // SQLite has one writer anyway.
    if tx.backend() == Backend::Postgres {
        tx.conn.batch_execute("SELECT pg_advisory_xact_lock(4207286)")?;
    }
    Ok(())
}

/// The last registry of a name that was taken in.
///
/// # Errors
/// When the database fails.
pub fn latest(tx: &mut Tx<'_>, registry: &str) -> Result<Option<Kept>> {
    let row: Option<(i64, String, String, String, i64)> = registry_documents::table
        .filter(registry_documents::registry.eq(registry))
        .order(registry_documents::sequence.desc())
        .select((
            registry_documents::sequence,
            registry_documents::hash,
            registry_documents::body,
            registry_documents::signers,
            registry_documents::imported_at,
        ))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(sequence, hash, body, signers, at)| Kept {
        sequence: sequence.unsigned_abs(),
        hash,
        body,
        signers,
        imported_at: Timestamp::from_millis(at),
    }))
}

/// Keeps a registry.
///
/// # Errors
/// [`crate::Error::Conflict`] when one of that name and number is here already.
pub fn keep(tx: &mut Tx<'_>, registry: &str, kept: &Kept, by: &str) -> Result<()> {
    diesel::insert_into(registry_documents::table)
        .values((
            registry_documents::registry.eq(registry),
            registry_documents::sequence.eq(kept.sequence.cast_signed()),
            registry_documents::hash.eq(&kept.hash),
            registry_documents::body.eq(&kept.body),
            registry_documents::signers.eq(&kept.signers),
            registry_documents::imported_at.eq(kept.imported_at.millis()),
            registry_documents::imported_by.eq(by),
        ))
        .execute(tx.conn)?;
    Ok(())
}
