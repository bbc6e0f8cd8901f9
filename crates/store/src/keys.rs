//! Signing keys: ours with their private part, peers' with the public one.

use corridor_domain::{ActorId, KeyId, PeerId, Timestamp};
use diesel::prelude::*;

use crate::schema::{actor_keys, actors};
use crate::{Result, Tx};

/// What a key signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSA with PKCS #1 v1.5 and SHA-256.
    Rsa,
    /// Ed25519.
    Ed25519,
}

impl KeyAlgorithm {
    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Rsa => 0,
            Self::Ed25519 => 1,
        }
    }

    /// The algorithm of a stored number.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        if code == 1 { Self::Ed25519 } else { Self::Rsa }
    }
}

/// A key as stored. Debug never prints the private part.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Its number.
    pub id: KeyId,
    /// Whose it is.
    pub actor: ActorId,
    /// The keyId of signatures.
    pub uri: String,
    /// See [`KeyAlgorithm`].
    pub algorithm: KeyAlgorithm,
    /// SPKI in PEM.
    pub public_pem: String,
    /// PKCS #8 in PEM; only for our own.
    pub private_pem: Option<String>,
    /// It signs from then.
    pub valid_from: Timestamp,
    /// It is not used to sign after then.
    pub valid_until: Option<Timestamp>,
    /// When a peer's key was last fetched.
    pub fetched_at: Timestamp,
    /// Never replaced by what is fetched.
    pub pinned: bool,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("uri", &self.uri).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

type Row = (i64, i64, String, i16, String, Option<String>, i64, Option<i64>, i64, bool);

fn read(row: Row) -> Key {
    let (id, actor, uri, algorithm, public_pem, private_pem, from, until, fetched, pinned) = row;
    Key {
        id: KeyId::new(id),
        actor: ActorId::new(actor),
        uri,
        algorithm: KeyAlgorithm::from_code(algorithm),
        public_pem,
        private_pem,
        valid_from: Timestamp::from_millis(from),
        valid_until: until.map(Timestamp::from_millis),
        fetched_at: Timestamp::from_millis(fetched),
        pinned,
    }
}

/// A key to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The keyId of signatures.
    pub uri: String,
    /// See [`KeyAlgorithm`].
    pub algorithm: KeyAlgorithm,
    /// SPKI in PEM.
    pub public_pem: String,
    /// It counts no longer after then; `None` while it is in use.
    pub valid_until: Option<Timestamp>,
}

/// What became of keys that were fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// They stand in place of what was held before, or were held already.
    Taken,
    /// Others are pinned, which stay: somebody offers a key in place of a pinned one.
    Refused,
}

impl Key {
    /// Whether a signature by it counts at a moment.
    #[must_use]
    pub fn counts_at(&self, now: Timestamp) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }
}

/// Writes a key.
///
/// # Errors
/// [`crate::Error::Conflict`] when its URI is taken.
pub fn insert(tx: &mut Tx<'_>, key: &Key) -> Result<()> {
    diesel::insert_into(actor_keys::table)
        .values((
            actor_keys::id.eq(key.id.raw()),
            actor_keys::actor_id.eq(key.actor.raw()),
            actor_keys::key_uri.eq(&key.uri),
            actor_keys::algorithm.eq(key.algorithm.code()),
            actor_keys::public_pem.eq(&key.public_pem),
            actor_keys::private_pem.eq(key.private_pem.as_deref()),
            actor_keys::valid_from.eq(key.valid_from.millis()),
            actor_keys::valid_until.eq(key.valid_until.map(Timestamp::millis)),
            actor_keys::fetched_at.eq(key.fetched_at.millis()),
            actor_keys::pinned.eq(key.pinned),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The key of a URI.
///
/// # Errors
/// When the database fails.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Option<Key>> {
    let row: Option<Row> = actor_keys::table.filter(actor_keys::key_uri.eq(uri)).first(tx.conn).optional()?;
    Ok(row.map(read))
}

/// The keys of an actor, newest first.
///
/// # Errors
/// When the database fails.
pub fn of_actor(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<Key>> {
    let rows: Vec<Row> =
        actor_keys::table.filter(actor_keys::actor_id.eq(actor.raw())).order(actor_keys::id.desc()).load(tx.conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// Replaces what was fetched of a peer's actor. Where a key is pinned nothing that is fetched counts, of whatever
/// algorithm: a key beside the pinned one would sign as well as it.
///
/// # Errors
/// When the database fails, or a URI belongs to another actor.
pub fn replace_fetched(tx: &mut Tx<'_>, actor: ActorId, keys: &[NewKey]) -> Result<Kept> {
    let pinned: Vec<Key> = of_actor(tx, actor)?.into_iter().filter(|key| key.pinned).collect();
    if pinned.is_empty() {
        write_anew(tx, actor, keys, false)?;
        return Ok(Kept::Taken);
    }
    let is_pinned = |new: &NewKey| pinned.iter().any(|held| held.uri == new.uri && held.public_pem == new.public_pem);
    Ok(if keys.iter().all(is_pinned) { Kept::Taken } else { Kept::Refused })
}

/// Pins exactly these keys of an actor, in place of what was held before.
///
/// # Errors
/// When the database fails, or a URI belongs to another actor.
pub fn pin(tx: &mut Tx<'_>, actor: ActorId, keys: &[NewKey]) -> Result<()> {
    write_anew(tx, actor, keys, true)
}

fn write_anew(tx: &mut Tx<'_>, actor: ActorId, keys: &[NewKey], pinned: bool) -> Result<()> {
    let now = tx.now();
    diesel::delete(actor_keys::table.filter(actor_keys::actor_id.eq(actor.raw()))).execute(tx.conn)?;
    for new in keys {
        let id = KeyId::new(tx.new_id());
        let key = Key {
            id,
            actor,
            uri: new.uri.clone(),
            algorithm: new.algorithm,
            public_pem: new.public_pem.clone(),
            private_pem: None,
            valid_from: now,
            valid_until: new.valid_until,
            fetched_at: now,
            pinned,
        };
        insert(tx, &key)?;
    }
    Ok(())
}

/// The pinned keys of a peer's actors, newest first.
///
/// # Errors
/// When the database fails.
pub fn pinned_of_peer(tx: &mut Tx<'_>, peer: PeerId) -> Result<Vec<Key>> {
    let rows: Vec<Row> = actor_keys::table
        .inner_join(actors::table.on(actors::id.eq(actor_keys::actor_id)))
        .filter(actors::peer_id.eq(peer.raw()))
        .filter(actor_keys::pinned.eq(true))
        .order(actor_keys::id.desc())
        .select(actor_keys::all_columns)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(read).collect())
}

/// Lets go of the pins of a peer; the keys stay as if they had been fetched.
///
/// # Errors
/// When the database fails.
pub fn unpin_peer(tx: &mut Tx<'_>, peer: PeerId) -> Result<()> {
    let of_peer: Vec<i64> = pinned_of_peer(tx, peer)?.into_iter().map(|key| key.id.raw()).collect();
    diesel::update(actor_keys::table.filter(actor_keys::id.eq_any(of_peer)))
        .set(actor_keys::pinned.eq(false))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends the keys with which an actor of ours signs at a moment; those that end earlier stay as they are.
///
/// # Errors
/// When the database fails.
pub fn end_current(tx: &mut Tx<'_>, actor: ActorId, until: Timestamp) -> Result<()> {
    let lasting = actor_keys::valid_until.is_null().or(actor_keys::valid_until.gt(until.millis()));
    diesel::update(actor_keys::table.filter(actor_keys::actor_id.eq(actor.raw())).filter(lasting))
        .set(actor_keys::valid_until.eq(Some(until.millis())))
        .execute(tx.conn)?;
    Ok(())
}

/// Destroys the keys of our own actors that ended before a moment, with their private parts; says how many.
///
/// # Errors
/// When the database fails.
pub fn forget_ended(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    let before = before.millis();
    let ended =
        actor_keys::table.filter(actor_keys::private_pem.is_not_null()).filter(actor_keys::valid_until.le(before));
    Ok(diesel::delete(ended).execute(tx.conn)?)
}

/// The actors of ours that sign.
///
/// # Errors
/// When the database fails.
pub fn local_signers(tx: &mut Tx<'_>) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> = actors::table
        .filter(actors::peer_id.is_null())
        .filter(actors::deleted_at.is_null())
        .order(actors::id)
        .select(actors::id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}
