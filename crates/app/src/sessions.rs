//! Signing in with a password, and the browser sessions that come of it.

use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use corridor_domain::{ActorId, Role, SessionId, Timestamp};
use corridor_store::sessions::{self, SessionRow};
use corridor_store::{accounts, actors};
use serde_json::json;

use crate::throttle::{self, Rate};
use crate::{Ctx, Error, Result, Viewer, accounts as people, audit, secrets};

/// A session's use is noted at most this often; oftener where sessions end sooner than that.
const NOTED_EVERY: Duration = Duration::from_secs(60);
/// The one answer to every failed sign-in: it does not tell whether the name exists.
const WRONG: &str = "The username or password is not right";
/// Longest name of a browser that is kept.
const AGENT_CHARS: usize = 200;

/// Somebody who wants in.
#[derive(Clone)]
pub struct SignIn {
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: String,
    /// The browser's own name.
    pub user_agent: String,
    /// Where they come from, if that is known.
    pub address: Option<IpAddr>,
}

/// Somebody who is in.
pub struct SignedIn {
    /// Who.
    pub viewer: Viewer,
    /// The cookie's value; only its hash is kept here.
    pub token: String,
    /// The session ends then in any case.
    pub ends_at: Timestamp,
}

/// A session that counts.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Whose it is.
    pub viewer: Viewer,
    /// What every form of this session must carry.
    pub csrf: String,
    /// Their password was made by somebody else: nothing but choosing one is open to them.
    pub must_change_password: bool,
    /// The language in which they read the pages: a BCP 47 tag, empty when they have chosen none.
    pub pages_language: String,
}

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// Its number.
    pub id: SessionId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// The browser's own name.
    pub user_agent: String,
}

/// Signs in. Unknown names cost the same work and get the same answer as wrong passwords.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is not right, [`Error::TooMany`] while the account is locked, or after too many
/// failures from the same address.
pub async fn sign_in(ctx: &Ctx, sign_in: SignIn) -> Result<SignedIn> {
    let from = sign_in.address;
    counted(ctx, from, check(ctx, sign_in)).await
}

/// Lets a password be tried, unless too many were wrong that came from the same address: whoever tries one password
/// with many names locks none of them. The address is asked first, so that it can't keep the node busy with hashing.
pub(crate) async fn counted<T>(ctx: &Ctx, from: Option<IpAddr>, tries: impl Future<Output = Result<T>>) -> Result<T> {
    let rate = Rate { tries: ctx.settings.failures_per_address, within: ctx.settings.lock_for };
    ctx.attempts.take(throttle::address(from), rate, ctx.now()).map_err(|seconds| {
        let address = from.map(|address| address.to_string()).unwrap_or_default();
        tracing::warn!(client.address = address, "too many wrong passwords came from an address");
        Error::TooMany(seconds)
    })?;
    let outcome = tries.await;
    if !matches!(outcome, Err(Error::Unauthenticated(_) | Error::TooMany(_))) {
        ctx.attempts.give_back(&throttle::address(from), rate);
    }
    outcome
}

async fn check(ctx: &Ctx, sign_in: SignIn) -> Result<SignedIn> {
    let username = sign_in.username.trim().to_owned();
    let asked = username.clone();
    let found = ctx.store.read(move |tx| Ok::<_, Error>(accounts::find_by_username(tx, &asked)?)).await?;
    let hash = found.as_ref().map(|(_, account)| account.password_hash.clone());
    let right = secrets::check_password(ctx, &sign_in.password, hash.as_deref()).await?;
    let now = ctx.now();
    let Some((actor, account)) = found else {
        refuse_while_locked(ctx.strangers.locked_until(&username, now), now)?;
        ctx.strangers.count_failure(&username, now, ctx.settings.lock_after, ctx.settings.lock_for);
        note_failure(ctx, None, &username, sign_in.address).await?;
        return Err(Error::Unauthenticated(WRONG));
    };
    refuse_while_locked(account.locked_until.map(Timestamp::from_millis), now)?;
    if !right || account.disabled_at.is_some() {
        note_failure(ctx, Some(actor.actor_id()), &username, sign_in.address).await?;
        return Err(Error::Unauthenticated(WRONG));
    }
    let stronger = match secrets::is_outdated(&account.password_hash, ctx.settings.password_cost) {
        true => Some(secrets::hash_password(ctx, &sign_in.password).await?),
        false => None,
    };
    open(ctx, Proven { actor: actor.actor_id(), hash: account.password_hash, stronger }, &sign_in.user_agent).await
}

/// A password that was found right, against the hash that was stored then.
struct Proven {
    actor: ActorId,
    hash: String,
    /// The same password hashed at today's cost, if the stored hash is weaker.
    stronger: Option<String>,
}

pub(crate) fn refuse_while_locked(until: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match until.filter(|until| *until > now) {
        Some(until) => Err(Error::TooMany((until - now).as_secs().max(1))),
        None => Ok(()),
    }
}

/// Counts a wrong password, of a person or of a name that nobody has.
pub(crate) async fn note_failure(ctx: &Ctx, account: Option<ActorId>, name: &str, from: Option<IpAddr>) -> Result<()> {
    let until = ctx.now() + ctx.settings.lock_for;
    let lock_after = ctx.settings.lock_after;
    // A name that was mistyped may be a password: it is not written down, its hash is enough to see a pattern.
    let object = match account {
        Some(id) => format!("actor:{id}"),
        None => format!("unknown:{}", secrets::hash(name).chars().take(12).collect::<String>()),
    };
    let detail = json!({ "address": from.map(|address| address.to_string()) });
    ctx.store
        .write(move |tx| {
            let locks = match account {
                Some(id) => accounts::count_failure(tx, id, lock_after, until)?,
                None => false,
            };
            audit::append(tx, "anyone", "sign-in.failed", &object, &detail)?;
            if locks {
                audit::append(tx, "system", "account.locked", &object, &detail)?;
            }
            Ok::<_, Error>(())
        })
        .await
}

async fn open(ctx: &Ctx, proven: Proven, user_agent: &str) -> Result<SignedIn> {
    let token = secrets::token()?;
    let hash = secrets::hash(&token);
    let absolute = ctx.settings.session_absolute;
    let user_agent: String = user_agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS).collect();
    let (viewer, ends_at) = ctx
        .store
        .write(move |tx| {
            let (now, id) = (tx.now(), tx.new_id());
            let ends_at = now + absolute;
            let mut account = accounts::hold(tx, proven.actor)?;
            // Checking the password took a while: what was ordered or locked meanwhile counts.
            if account.disabled_at.is_some() || account.password_hash != proven.hash {
                return Err(Error::Unauthenticated(WRONG));
            }
            refuse_while_locked(account.locked_until.map(Timestamp::from_millis), now)?;
            let username = actors::find(tx, proven.actor)?.username;
            let viewer = Viewer { id: proven.actor, username, role: account.role() };
            sessions::insert(
                tx,
                &SessionRow {
                    id,
                    token_hash: hash.clone(),
                    actor_id: proven.actor.raw(),
                    created_at: now.millis(),
                    seen_at: now.millis(),
                    ends_at: ends_at.millis(),
                    user_agent: user_agent.clone(),
                },
            )?;
            account.failed_sign_ins = 0;
            account.last_sign_in_at = Some(now.millis());
            account.password_hash = proven.stronger.clone().unwrap_or(account.password_hash);
            accounts::update(tx, &account)?;
            audit::append(tx, &format!("person:{}", viewer.username), "sign-in", &viewer.username, &json!({}))?;
            Ok::<_, Error>((viewer, ends_at))
        })
        .await?;
    Ok(SignedIn { viewer, token, ends_at })
}

/// A new password of one's own.
#[derive(Clone)]
pub struct NewPassword {
    /// The present one, as typed.
    pub old: String,
    /// The new one, as typed.
    pub new: String,
    /// The browser's own name.
    pub user_agent: String,
    /// Where they come from, if that is known.
    pub address: Option<IpAddr>,
}

/// Changes one's own password and goes on in a new session, the only one left.
///
/// # Errors
/// As [`people::change_password`].
pub async fn choose_password(ctx: &Ctx, viewer: &Viewer, choice: NewPassword) -> Result<SignedIn> {
    people::change_password(ctx, viewer, &choice.old, &choice.new, choice.address).await?;
    let again = SignIn {
        username: viewer.username.clone(),
        password: choice.new,
        user_agent: choice.user_agent,
        address: choice.address,
    };
    sign_in(ctx, again).await
}

/// The session of a cookie, if it still counts and its person is active.
///
/// # Errors
/// When the store can't answer.
pub async fn session(ctx: &Ctx, token: &str) -> Result<Option<Session>> {
    let hash = secrets::hash(token);
    let found = ctx.store.read(move |tx| Ok::<_, Error>(sessions::find_active(tx, &hash)?)).await?;
    let Some(found) = found else { return Ok(None) };
    let row = found.session;
    let now = ctx.now();
    let seen = Timestamp::from_millis(row.seen_at);
    if !counts(ctx, &row, now) {
        return Ok(None);
    }
    let id = SessionId::new(row.id);
    if now - seen > NOTED_EVERY.min(ctx.settings.session_idle / 2)
        && let Err(error) = ctx.store.write(move |tx| Ok::<_, Error>(sessions::touch(tx, id)?)).await
    {
        // A full disk must not keep people from reading.
        tracing::warn!(session.id = %id, "a session's use could not be noted: {error}");
    }
    let viewer = Viewer { id: ActorId::new(row.actor_id), username: found.username, role: Role::from_code(found.role) };
    Ok(Some(Session {
        id,
        viewer,
        csrf: csrf_of(token),
        must_change_password: found.must_change_password,
        pages_language: found.pages_language,
    }))
}

/// Whether a session has neither ended nor been left alone for too long. One that was used later than now was so by a clock
/// that was ahead: nobody knows how old it is, and it would not end for as long again.
fn counts(ctx: &Ctx, row: &sessions::SessionRow, now: Timestamp) -> bool {
    let seen = Timestamp::from_millis(row.seen_at);
    let idle = ctx.settings.session_idle;
    now.millis() < row.ends_at && now - seen <= idle && seen - now <= idle
}

/// What the forms of a session carry: known only to who knows the cookie, and not the cookie itself.
fn csrf_of(token: &str) -> String {
    secrets::hash(&format!("form:{token}"))
}

/// Ends a session by its cookie.
///
/// # Errors
/// When the store can't answer.
pub async fn sign_out(ctx: &Ctx, token: &str) -> Result<()> {
    let hash = secrets::hash(token);
    ctx.store.write(move |tx| Ok(sessions::delete_by_hash(tx, &hash)?)).await
}

/// One's own sessions that still count, the latest first.
///
/// # Errors
/// When the store can't answer.
pub async fn list(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<SessionView>> {
    let id = viewer.id;
    let rows = ctx.store.read(move |tx| Ok::<_, Error>(sessions::of_actor(tx, id)?)).await?;
    let now = ctx.now();
    Ok(rows
        .into_iter()
        .filter(|row| counts(ctx, row, now))
        .map(|row| SessionView {
            id: SessionId::new(row.id),
            created_at: Timestamp::from_millis(row.created_at),
            seen_at: Timestamp::from_millis(row.seen_at),
            user_agent: row.user_agent,
        })
        .collect())
}

/// Ends one of one's own sessions.
///
/// # Errors
/// [`Error::NotFound`] when one has none of that number.
pub async fn revoke(ctx: &Ctx, viewer: &Viewer, id: SessionId) -> Result<()> {
    let actor = viewer.id;
    let ended = ctx.store.write(move |tx| Ok::<_, Error>(sessions::delete(tx, actor, id)?)).await?;
    if ended { Ok(()) } else { Err(Error::NotFound("that session")) }
}

#[cfg(test)]
mod tests;
