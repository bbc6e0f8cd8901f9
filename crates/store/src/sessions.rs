//! Browser sessions: only the hash of each cookie is kept.

use corridor_domain::{ActorId, SessionId, Timestamp};
use diesel::prelude::*;

use crate::schema::{accounts, actors, sessions};
use crate::{Result, Tx};

/// A session as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    /// Its number.
    pub id: i64,
    /// SHA-256 of the cookie, in hexadecimal.
    pub token_hash: String,
    /// Whose it is.
    pub actor_id: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub seen_at: i64,
    /// When it ends in any case.
    pub ends_at: i64,
    /// The browser's own name.
    pub user_agent: String,
}

/// Writes a session.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, row: &SessionRow) -> Result<()> {
    diesel::insert_into(sessions::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// A session and whose it is.
#[derive(Debug, Clone, Queryable)]
pub struct ActiveSession {
    /// The session.
    pub session: SessionRow,
    /// The person's username.
    pub username: String,
    /// What they may do.
    pub role: i16,
    /// They must choose a password before anything else.
    pub must_change_password: bool,
    /// The language of their pages; empty when they have chosen none.
    pub pages_language: String,
}

/// The session of a cookie's hash, if its person is active.
///
/// # Errors
/// When the database fails.
pub fn find_active(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<ActiveSession>> {
    Ok(sessions::table
        .inner_join(accounts::table.on(accounts::actor_id.eq(sessions::actor_id)))
        .inner_join(actors::table.on(actors::id.eq(sessions::actor_id)))
        .filter(sessions::token_hash.eq(token_hash))
        .filter(accounts::disabled_at.is_null())
        .filter(actors::suspended_at.is_null())
        .filter(actors::deleted_at.is_null())
        .select((
            SessionRow::as_select(),
            actors::username,
            accounts::role,
            accounts::must_change_password,
            accounts::pages_language,
        ))
        .first(tx.conn)
        .optional()?)
}

/// Notes that a session was used.
///
/// # Errors
/// When the database fails.
pub fn touch(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    let now = tx.now().millis();
    diesel::update(sessions::table.find(id.raw())).set(sessions::seen_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// The sessions of a person, the latest first.
///
/// # Errors
/// When the database fails.
pub fn of_actor(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<SessionRow>> {
    Ok(sessions::table
        .filter(sessions::actor_id.eq(actor.raw()))
        .order(sessions::id.desc())
        .select(SessionRow::as_select())
        .load(tx.conn)?)
}

/// Ends a session by its cookie's hash.
///
/// # Errors
/// When the database fails.
pub fn delete_by_hash(tx: &mut Tx<'_>, token_hash: &str) -> Result<()> {
    diesel::delete(sessions::table.filter(sessions::token_hash.eq(token_hash))).execute(tx.conn)?;
    Ok(())
}

/// Ends a session of a person; `false` when they have none of that number.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, actor: ActorId, id: SessionId) -> Result<bool> {
    let target = sessions::table.find(id.raw()).filter(sessions::actor_id.eq(actor.raw()));
    Ok(diesel::delete(target).execute(tx.conn)? > 0)
}

/// Forgets sessions that ended, or were not used since `idle_since`.
///
/// # Errors
/// When the database fails.
pub fn forget_ended(tx: &mut Tx<'_>, idle_since: Timestamp) -> Result<usize> {
    let now = tx.now().millis();
    let ended = sessions::ends_at.le(now).or(sessions::seen_at.lt(idle_since.millis()));
    Ok(diesel::delete(sessions::table.filter(ended)).execute(tx.conn)?)
}
