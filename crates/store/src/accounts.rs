//! Accounts: local people who can sign in.

use corridor_domain::{ActorId, Audience, Marking, Role, Timestamp};
use diesel::prelude::*;

use crate::actors::ActorRow;
use crate::schema::{accounts, actors, oauth_codes, oauth_tokens, sessions};
use crate::stream_events::{self, StreamEvent};
use crate::{Backend, Result, Tx};

/// An account with all its columns. Debug never prints the hash.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = accounts, treat_none_as_null = true)]
pub struct AccountRow {
    /// The actor's number.
    pub actor_id: i64,
    /// See [`Role`].
    pub role: i16,
    /// Where to write.
    pub email: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// The password was given by an administrator.
    pub must_change_password: bool,
    /// Failures in a row.
    pub failed_sign_ins: i32,
    /// No sign-in before then.
    pub locked_until: Option<i64>,
    /// Disabled since.
    pub disabled_at: Option<i64>,
    /// What the composer starts with.
    pub default_audience: i16,
    /// What the composer starts with.
    pub default_marking: i16,
    /// BCP 47 tag; empty when nothing was chosen.
    pub language: String,
    /// When it was made.
    pub created_at: i64,
    /// Last sign-in.
    pub last_sign_in_at: Option<i64>,
    /// Notifications up to this id were seen.
    pub notifications_read_to: i64,
    /// What a new post starts with: media behind a warning.
    pub default_sensitive: bool,
    /// JSON list of domains.
    pub attribution_domains: String,
    /// JSON list of the profile's names and values as they were typed.
    pub fields_source: String,
}

impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRow").field("actor_id", &self.actor_id).finish_non_exhaustive()
    }
}

impl AccountRow {
    /// What the person may do on this node.
    #[must_use]
    pub fn role(&self) -> Role {
        Role::from_code(self.role)
    }

    /// What the composer starts with.
    #[must_use]
    pub fn default_audience(&self) -> Audience {
        Audience::from_code(self.default_audience).unwrap_or(Audience::Department)
    }

    /// What the composer starts with.
    #[must_use]
    pub fn default_marking(&self) -> Marking {
        Marking::from_rank(self.default_marking)
    }
}

/// The account of an actor.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: ActorId) -> Result<AccountRow> {
    Ok(accounts::table.find(id.raw()).select(AccountRow::as_select()).first(tx.conn)?)
}

/// The account of an actor, which nobody else changes before this transaction ends. Whoever decides by an account,
/// or writes one back with [`update`], reads it so: else a sign-in under way could undo an administrator's order.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is none.
pub fn hold(tx: &mut Tx<'_>, id: ActorId) -> Result<AccountRow> {
    // SQLite has one writer anyway.
    if tx.backend() == Backend::Postgres {
        diesel::update(accounts::table.find(id.raw())).set(accounts::role.eq(accounts::role)).execute(tx.conn)?;
    }
    find(tx, id)
}

/// Keeps the language in which somebody reads the pages.
///
/// # Errors
/// When the database fails.
pub fn set_pages_language(tx: &mut Tx<'_>, id: ActorId, language: &str) -> Result<()> {
    diesel::update(accounts::table.find(id.raw())).set(accounts::pages_language.eq(language)).execute(tx.conn)?;
    Ok(())
}

/// The account of a username, with its actor.
///
/// # Errors
/// When the database fails.
pub fn find_by_username(tx: &mut Tx<'_>, username: &str) -> Result<Option<(ActorRow, AccountRow)>> {
    // PostgreSQL takes no NUL in a text, not even to compare with.
    if username.contains('\0') {
        return Ok(None);
    }
    Ok(accounts::table
        .inner_join(actors::table.on(actors::id.eq(accounts::actor_id)))
        .filter(actors::host.eq(""))
        .filter(actors::username_key.eq(username.to_lowercase()))
        .filter(actors::deleted_at.is_null())
        .select((ActorRow::as_select(), AccountRow::as_select()))
        .first(tx.conn)
        .optional()?)
}

/// Every account with its actor, by username.
///
/// # Errors
/// When the database fails.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<(ActorRow, AccountRow)>> {
    Ok(accounts::table
        .inner_join(actors::table.on(actors::id.eq(accounts::actor_id)))
        .order(actors::username_key)
        .select((ActorRow::as_select(), AccountRow::as_select()))
        .load(tx.conn)?)
}

/// Writes a new account.
///
/// # Errors
/// [`crate::Error::Conflict`] when the actor has one.
pub fn insert(tx: &mut Tx<'_>, row: &AccountRow) -> Result<()> {
    diesel::insert_into(accounts::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes an account anew, as it was read with [`hold`] and changed.
///
/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx<'_>, row: &AccountRow) -> Result<()> {
    diesel::update(accounts::table.find(row.actor_id)).set(row).execute(tx.conn)?;
    Ok(())
}

/// Counts a failed sign-in; locks the account at `lock_after` of them.
///
/// # Errors
/// When the database fails.
pub fn count_failure(tx: &mut Tx<'_>, id: ActorId, lock_after: i32, until: Timestamp) -> Result<bool> {
    diesel::update(accounts::table.find(id.raw()))
        .set(accounts::failed_sign_ins.eq(accounts::failed_sign_ins + 1))
        .execute(tx.conn)?;
    let failures: i32 = accounts::table.find(id.raw()).select(accounts::failed_sign_ins).first(tx.conn)?;
    let locks = failures >= lock_after;
    if locks {
        diesel::update(accounts::table.find(id.raw()))
            .set((accounts::locked_until.eq(Some(until.millis())), accounts::failed_sign_ins.eq(0)))
            .execute(tx.conn)?;
    }
    Ok(locks)
}

/// Ends every session and token of a person, and every code that no application has used yet.
///
/// # Errors
/// When the database fails.
pub fn end_access(tx: &mut Tx<'_>, id: ActorId) -> Result<()> {
    let now = tx.now().millis();
    diesel::delete(sessions::table.filter(sessions::actor_id.eq(id.raw()))).execute(tx.conn)?;
    // Codes go before tokens: this waits for an exchange that is under way, whose token is then ended below.
    diesel::delete(
        oauth_codes::table.filter(oauth_codes::actor_id.eq(id.raw())).filter(oauth_codes::used_at.is_null()),
    )
    .execute(tx.conn)?;
    diesel::update(
        oauth_tokens::table.filter(oauth_tokens::actor_id.eq(id.raw())).filter(oauth_tokens::revoked_at.is_null()),
    )
    .set(oauth_tokens::revoked_at.eq(Some(now)))
    .execute(tx.conn)?;
    stream_events::append(tx, StreamEvent::AccessEnded(id))
}
