//! OAuth applications, codes and tokens: of secrets only the hashes are kept.

use corridor_domain::{ActorId, AppId, Timestamp, TokenId};
use diesel::prelude::*;

use crate::schema::{accounts, actors, oauth_apps, oauth_codes, oauth_tokens};
use crate::stream_events::{self, StreamEvent};
use crate::{Result, Tx};

/// An application as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_apps)]
pub struct AppRow {
    /// Its number.
    pub id: i64,
    /// Public identifier.
    pub client_id: String,
    /// SHA-256 of the secret, in hexadecimal.
    pub secret_hash: String,
    /// As people know it.
    pub name: String,
    /// Its site.
    pub website: Option<String>,
    /// One redirect URI a line.
    pub redirect_uris: String,
    /// What it may ask for, separated by spaces.
    pub scopes: String,
    /// When it was registered.
    pub created_at: i64,
}

/// An authorization code as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_codes)]
pub struct CodeRow {
    /// SHA-256 of the code, in hexadecimal.
    pub code_hash: String,
    /// For which application.
    pub app_id: i64,
    /// Who agreed.
    pub actor_id: i64,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What was agreed to.
    pub scopes: String,
    /// PKCE challenge (S256), if there was one.
    pub challenge: Option<String>,
    /// Not after.
    pub ends_at: i64,
    /// When it was used.
    pub used_at: Option<i64>,
}

/// A token as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_tokens)]
pub struct TokenRow {
    /// Its number.
    pub id: i64,
    /// SHA-256 of the token, in hexadecimal.
    pub token_hash: String,
    /// For which application.
    pub app_id: i64,
    /// Whose; `None` for the application itself.
    pub actor_id: Option<i64>,
    /// What it may do.
    pub scopes: String,
    /// The code that it was given for.
    pub code_hash: Option<String>,
    /// When it was given.
    pub created_at: i64,
    /// When it was ended.
    pub revoked_at: Option<i64>,
}

/// The person behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPerson {
    /// Their username.
    pub username: String,
    /// See [`corridor_domain::Role`].
    pub role: i16,
}

/// Writes an application.
///
/// # Errors
/// When the database fails.
pub fn insert_app(tx: &mut Tx<'_>, row: &AppRow) -> Result<()> {
    diesel::insert_into(oauth_apps::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The application of a public identifier.
///
/// # Errors
/// When the database fails.
pub fn find_app(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<AppRow>> {
    // PostgreSQL takes no NUL in a text, not even to compare with.
    if client_id.contains('\0') {
        return Ok(None);
    }
    Ok(oauth_apps::table
        .filter(oauth_apps::client_id.eq(client_id))
        .select(AppRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Applications by number.
///
/// # Errors
/// When the database fails.
pub fn find_apps(tx: &mut Tx<'_>, ids: &[AppId]) -> Result<Vec<AppRow>> {
    let raw: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(oauth_apps::table.filter(oauth_apps::id.eq_any(raw)).select(AppRow::as_select()).load(tx.conn)?)
}

/// Writes a code.
///
/// # Errors
/// When the database fails.
pub fn insert_code(tx: &mut Tx<'_>, row: &CodeRow) -> Result<()> {
    diesel::insert_into(oauth_codes::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The code of a hash.
///
/// # Errors
/// When the database fails.
pub fn find_code(tx: &mut Tx<'_>, code_hash: &str) -> Result<Option<CodeRow>> {
    Ok(oauth_codes::table.find(code_hash).select(CodeRow::as_select()).first(tx.conn).optional()?)
}

/// Marks a code as used; `false` when somebody was quicker.
///
/// # Errors
/// When the database fails.
pub fn use_code(tx: &mut Tx<'_>, code_hash: &str) -> Result<bool> {
    let now = tx.now().millis();
    let unused = oauth_codes::table.find(code_hash).filter(oauth_codes::used_at.is_null());
    Ok(diesel::update(unused).set(oauth_codes::used_at.eq(Some(now))).execute(tx.conn)? > 0)
}

/// Writes a token.
///
/// # Errors
/// When the database fails.
pub fn insert_token(tx: &mut Tx<'_>, row: &TokenRow) -> Result<()> {
    diesel::insert_into(oauth_tokens::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// A token that counts: not ended, its person (if it has one) active; with its application and person.
///
/// # Errors
/// When the database fails.
pub fn find_active_token(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<(TokenRow, AppRow, Option<TokenPerson>)>> {
    type Person = (Option<String>, Option<i16>, Option<i64>, Option<i64>, Option<i64>);
    let row: Option<(TokenRow, AppRow, Person)> = oauth_tokens::table
        .inner_join(oauth_apps::table.on(oauth_apps::id.eq(oauth_tokens::app_id)))
        .left_join(accounts::table.on(accounts::actor_id.nullable().eq(oauth_tokens::actor_id)))
        .left_join(actors::table.on(actors::id.nullable().eq(oauth_tokens::actor_id)))
        .filter(oauth_tokens::token_hash.eq(token_hash))
        .filter(oauth_tokens::revoked_at.is_null())
        .select((
            TokenRow::as_select(),
            AppRow::as_select(),
            (
                actors::username.nullable(),
                accounts::role.nullable(),
                accounts::disabled_at.nullable(),
                actors::suspended_at.nullable(),
                actors::deleted_at.nullable(),
            ),
        ))
        .first(tx.conn)
        .optional()?;
    Ok(row.and_then(|(token, app, (username, role, disabled, suspended, deleted))| {
        if token.actor_id.is_none() {
            return Some((token, app, None));
        }
        let active = disabled.is_none() && suspended.is_none() && deleted.is_none();
        match (username, role) {
            (Some(username), Some(role)) if active => Some((token, app, Some(TokenPerson { username, role }))),
            _ => None,
        }
    }))
}

/// The hash of a token, ended or not.
///
/// # Errors
/// When the database fails.
pub fn hash_of(tx: &mut Tx<'_>, id: TokenId) -> Result<Option<String>> {
    Ok(oauth_tokens::table.find(id.raw()).select(oauth_tokens::token_hash).first(tx.conn).optional()?)
}

/// The token of a hash, ended or not.
///
/// # Errors
/// When the database fails.
pub fn find_token(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<TokenRow>> {
    Ok(oauth_tokens::table
        .filter(oauth_tokens::token_hash.eq(token_hash))
        .select(TokenRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Ends a token.
///
/// # Errors
/// When the database fails.
pub fn revoke_token(tx: &mut Tx<'_>, id: TokenId) -> Result<()> {
    let now = tx.now().millis();
    diesel::update(oauth_tokens::table.find(id.raw()).filter(oauth_tokens::revoked_at.is_null()))
        .set(oauth_tokens::revoked_at.eq(Some(now)))
        .execute(tx.conn)?;
    let person: Option<i64> =
        oauth_tokens::table.find(id.raw()).select(oauth_tokens::actor_id).first(tx.conn).optional()?.flatten();
    end_streams(tx, person)
}

/// Open streams of a token end with it.
fn end_streams(tx: &mut Tx<'_>, person: Option<i64>) -> Result<()> {
    person.map_or(Ok(()), |person| stream_events::append(tx, StreamEvent::AccessEnded(ActorId::new(person))))
}

/// Whether a person's token counts still, as [`find_active_token`] says.
///
/// # Errors
/// When the database fails.
pub fn is_active(tx: &mut Tx<'_>, id: TokenId) -> Result<bool> {
    let active = oauth_tokens::table
        .inner_join(accounts::table.on(accounts::actor_id.nullable().eq(oauth_tokens::actor_id)))
        .inner_join(actors::table.on(actors::id.nullable().eq(oauth_tokens::actor_id)))
        .filter(oauth_tokens::id.eq(id.raw()))
        .filter(oauth_tokens::revoked_at.is_null())
        .filter(accounts::disabled_at.is_null())
        .filter(actors::suspended_at.is_null())
        .filter(actors::deleted_at.is_null())
        .count();
    Ok(active.get_result::<i64>(tx.conn)? > 0)
}

/// Ends the tokens that were given for a code: it was used a second time, so it was stolen.
///
/// # Errors
/// When the database fails.
pub fn revoke_of_code(tx: &mut Tx<'_>, code_hash: &str) -> Result<usize> {
    let now = tx.now().millis();
    let count = diesel::update(
        oauth_tokens::table.filter(oauth_tokens::code_hash.eq(code_hash)).filter(oauth_tokens::revoked_at.is_null()),
    )
    .set(oauth_tokens::revoked_at.eq(Some(now)))
    .execute(tx.conn)?;
    let person: Option<Option<i64>> = oauth_tokens::table
        .filter(oauth_tokens::code_hash.eq(code_hash))
        .select(oauth_tokens::actor_id)
        .first(tx.conn)
        .optional()?;
    end_streams(tx, person.flatten())?;
    Ok(count)
}

/// The tokens of a person that were not ended, with their applications; the latest first.
///
/// # Errors
/// When the database fails.
pub fn tokens_of(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<(TokenRow, AppRow)>> {
    Ok(oauth_tokens::table
        .inner_join(oauth_apps::table.on(oauth_apps::id.eq(oauth_tokens::app_id)))
        .filter(oauth_tokens::actor_id.eq(actor.raw()))
        .filter(oauth_tokens::revoked_at.is_null())
        .order(oauth_tokens::id.desc())
        .select((TokenRow::as_select(), AppRow::as_select()))
        .load(tx.conn)?)
}

/// Ends the tokens that a person gave to an application; how many.
///
/// # Errors
/// When the database fails.
pub fn revoke_of_person(tx: &mut Tx<'_>, actor: ActorId, app: AppId) -> Result<usize> {
    let now = tx.now().millis();
    let count = diesel::update(
        oauth_tokens::table
            .filter(oauth_tokens::actor_id.eq(actor.raw()))
            .filter(oauth_tokens::app_id.eq(app.raw()))
            .filter(oauth_tokens::revoked_at.is_null()),
    )
    .set(oauth_tokens::revoked_at.eq(Some(now)))
    .execute(tx.conn)?;
    end_streams(tx, Some(actor.raw()))?;
    Ok(count)
}

/// Forgets codes that ended before `moment`.
///
/// # Errors
/// When the database fails.
pub fn forget_codes(tx: &mut Tx<'_>, moment: Timestamp) -> Result<usize> {
    Ok(diesel::delete(oauth_codes::table.filter(oauth_codes::ends_at.lt(moment.millis()))).execute(tx.conn)?)
}
