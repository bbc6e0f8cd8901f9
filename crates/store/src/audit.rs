//! The audit log: append-only, each entry chained to the one before by its hash.

use corridor_domain::Timestamp;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::schema::audit_entries;
use crate::{Backend, Result, Tx};

/// What the first entry is chained to.
const START: &str = "";

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry<'a> {
    /// Who did it.
    pub who: &'a str,
    /// What was done, such as `peer.allow`.
    pub action: &'a str,
    /// To what.
    pub object: &'a str,
    /// JSON with the particulars.
    pub detail: &'a str,
}

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the chain, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub who: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// JSON with the particulars.
    pub detail: String,
    /// The hash of the entry before.
    pub previous_hash: String,
    /// SHA-256 over all of the above, in hexadecimal.
    pub hash: String,
}

type Row = (i64, i64, String, String, String, String, String, String);

/// Writes an entry behind the last one.
///
/// # Errors
/// When the database fails.
pub fn append(tx: &mut Tx<'_>, new: &NewEntry<'_>) -> Result<i64> {
    if tx.backend() == Backend::Postgres {
        // One writer at a time, until this transaction ends: the chain has one head.
        tx.conn.batch_execute("SELECT pg_advisory_xact_lock(4207283)")?;
    }
    let last: Option<(i64, String)> = audit_entries::table
        .order(audit_entries::number.desc())
        .select((audit_entries::number, audit_entries::hash))
        .first(tx.conn)
        .optional()?;
    let (number, previous) = last.map_or((1, START.to_owned()), |(number, hash)| (number + 1, hash));
    let at = tx.now();
    let hash = hash_of(number, at, [new.who, new.action, new.object, new.detail, &previous]);
    diesel::insert_into(audit_entries::table)
        .values((
            audit_entries::number.eq(number),
            audit_entries::at.eq(at.millis()),
            audit_entries::who.eq(new.who),
            audit_entries::action.eq(new.action),
            audit_entries::object.eq(new.object),
            audit_entries::detail.eq(new.detail),
            audit_entries::previous_hash.eq(&previous),
            audit_entries::hash.eq(&hash),
        ))
        .execute(tx.conn)?;
    Ok(number)
}

/// Entries after `number`, oldest first.
///
/// # Errors
/// When the database fails.
pub fn after(tx: &mut Tx<'_>, number: i64, limit: i64) -> Result<Vec<Entry>> {
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::number.gt(number))
        .order(audit_entries::number)
        .limit(limit)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// The last entries about an object whose action begins with `kind`, newest first.
///
/// # Errors
/// When the database fails.
pub fn about(tx: &mut Tx<'_>, object: &str, kind: &str, limit: i64) -> Result<Vec<Entry>> {
    let rows: Vec<Row> = audit_entries::table
        .filter(audit_entries::object.eq(object))
        .filter(audit_entries::action.like(format!("{kind}%")))
        .order(audit_entries::number.desc())
        .limit(limit)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(read).collect())
}

fn read((number, at, who, action, object, detail, previous_hash, hash): Row) -> Entry {
    Entry { number, at: Timestamp::from_millis(at), who, action, object, detail, previous_hash, hash }
}

impl Entry {
    /// Whether this entry is what was written, and follows `previous`.
    #[must_use]
    pub fn follows(&self, previous: Option<&Entry>) -> bool {
        let (number, hash) = previous.map_or((1, START), |entry| (entry.number + 1, entry.hash.as_str()));
        let fields = [&self.who, &self.action, &self.object, &self.detail, &self.previous_hash].map(String::as_str);
        self.number == number && self.previous_hash == hash && self.hash == hash_of(self.number, self.at, fields)
    }
}

/// SHA-256 over the fields, each with its length in front, so that no text can pass for two.
fn hash_of(number: i64, at: Timestamp, fields: [&str; 5]) -> String {
    let mut hasher = openssl::sha::Sha256::new();
    hasher.update(&number.to_be_bytes());
    hasher.update(&at.millis().to_be_bytes());
    for field in fields {
        hasher.update(&(field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.finish().iter().map(|byte| format!("{byte:02x}")).collect()
}
