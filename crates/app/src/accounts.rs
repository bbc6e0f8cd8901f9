//! Local accounts: made, listed, disabled, given roles and passwords by an administrator.

use std::net::IpAddr;

use corridor_domain::text::{Username, limits, line_within};
use corridor_domain::{ActorId, ActorKind, Audience, Event, Marking, Role, Timestamp};
use corridor_store::accounts::{self, AccountRow};
use corridor_store::actors::{self, ActorRow};
use corridor_store::stream_events::{self, HiddenPosts};
use corridor_store::{Tx, outbox};
use serde_json::{Value, json};

use crate::keys::FreshKeys;
use crate::operator::Operator;
use crate::people::person_view;
use crate::{Ctx, Error, PersonView, ProfileField, Result, Viewer, audit, secrets, sessions};

/// Shortest password that a person may choose.
const PASSWORD_LEAST: usize = 12;
/// Longest password: hashing takes all of it.
const PASSWORD_MOST: usize = 256;

/// Someone who shall have an account.
#[derive(Clone, Default)]
pub struct NewUser {
    /// Sign-in name and handle.
    pub username: String,
    /// As people say it; the username when empty.
    pub display_name: String,
    /// Where to write; may be empty.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Job title; may be empty.
    pub role_title: String,
    /// Their password; one is made when there is none.
    pub password: Option<String>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("username", &self.username).field("role", &self.role).finish_non_exhaustive()
    }
}

/// An account that was made.
#[derive(Debug)]
pub struct CreatedUser {
    /// The person.
    pub person: PersonView,
    /// The password that was made, to be told once.
    pub password: Option<String>,
}

/// An account as an administrator sees it.
#[derive(Debug, Clone)]
pub struct UserView {
    /// The person.
    pub person: PersonView,
    /// What they may do.
    pub role: Role,
    /// Where to write.
    pub email: String,
    /// They can't sign in.
    pub disabled: bool,
    /// Too many failed sign-ins; ends by itself.
    pub locked: bool,
    /// Last sign-in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// What a person's composer starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// The audience.
    pub default_audience: Audience,
    /// The marking.
    pub default_marking: Marking,
    /// BCP 47 tag; empty when nothing was chosen.
    pub language: String,
    /// Media start behind a warning.
    pub default_sensitive: bool,
    /// Domains whose pages may name this person as their author.
    pub attribution_domains: Vec<String>,
    /// The profile's names and values as they were typed.
    pub fields: Vec<ProfileField>,
}

/// Makes an account, with an actor and keys.
///
/// # Errors
/// [`Error::Invalid`] for a bad name or password, [`Error::Conflict`] when the name is taken.
pub async fn create_user(ctx: &Ctx, by: &Operator, new: NewUser) -> Result<CreatedUser> {
    by.demand_administrator()?;
    let ready = Ready::make(ctx.clone(), new).await?;
    let (shared, who, generated) = (ctx.clone(), by.name(), ready.generated.clone());
    let person = ctx.store.write(move |tx| ready.store(tx, &shared, &who)).await?;
    Ok(CreatedUser { person, password: generated })
}

/// Makes many accounts: all of them, in the order asked for, or none.
///
/// # Errors
/// As [`create_user`], for the first that fails.
pub async fn create_users(ctx: &Ctx, by: &Operator, new: Vec<NewUser>) -> Result<Vec<CreatedUser>> {
    by.demand_administrator()?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut waiting = new.into_iter();
    let mut ready = Vec::new();
    // Keys take a whole core each: as many at once as there are, and no more.
    loop {
        let part: Vec<_> =
            waiting.by_ref().take(cores).map(|one| tokio::spawn(Ready::make(ctx.clone(), one))).collect();
        if part.is_empty() {
            break;
        }
        for task in part {
            ready.push(task.await.map_err(|error| Error::Internal(Box::new(error)))??);
        }
    }
    let passwords: Vec<_> = ready.iter().map(|one| one.generated.clone()).collect();
    let (shared, who) = (ctx.clone(), by.name());
    let people: Vec<PersonView> =
        ctx.store.write(move |tx| ready.iter().map(|one| one.store(tx, &shared, &who)).collect::<Result<_>>()).await?;
    Ok(people.into_iter().zip(passwords).map(|(person, password)| CreatedUser { person, password }).collect())
}

/// All that takes time, done before the transaction.
struct Ready {
    username: Username,
    display_name: String,
    role_title: String,
    email: String,
    role: Role,
    hash: String,
    /// The password that was made here, if none was given.
    generated: Option<String>,
    keys: FreshKeys,
}

impl Ready {
    async fn make(ctx: Ctx, new: NewUser) -> Result<Self> {
        let username = Username::parse(&new.username).map_err(Error::invalid)?;
        let display_name = line_within(&new.display_name, limits::NAME_CHARS).map_err(Error::invalid)?;
        let role_title = line_within(&new.role_title, limits::TITLE_CHARS).map_err(Error::invalid)?;
        let email = line_within(&new.email, limits::PROFILE_FIELD_CHARS).map_err(Error::invalid)?;
        let generated = if new.password.is_none() { Some(secrets::readable_password()?) } else { None };
        let password = new.password.or_else(|| generated.clone()).unwrap_or_default();
        demand_good_password(&password, username.as_str())?;
        let hash = secrets::hash_password(&ctx, &password).await?;
        let keys = FreshKeys::make(ctx.settings.rsa_bits).await?;
        Ok(Self { username, display_name, role_title, email, role: new.role, hash, generated, keys })
    }

    fn store(&self, tx: &mut Tx<'_>, ctx: &Ctx, who: &str) -> Result<PersonView> {
        if actors::find_by_handle(tx, "", &self.username.key())?.is_some() {
            return Err(Error::Conflict(format!("the name {} is taken", self.username.as_str())));
        }
        let id = ActorId::new(tx.new_id());
        let mut row = actor_row(ctx, id, &self.username, tx.now());
        if !self.display_name.is_empty() {
            row.display_name.clone_from(&self.display_name);
        }
        row.role_title.clone_from(&self.role_title);
        actors::insert(tx, &row)?;
        self.keys.store(tx, id, &row.uri, true)?;
        accounts::insert(tx, &account_row(ctx, &row, self))?;
        audit::append(tx, who, "user.add", self.username.as_str(), &json!({ "role": self.role.word() }))?;
        Ok(person_view(&row, &ctx.settings, None))
    }
}

pub(crate) fn actor_row(ctx: &Ctx, id: ActorId, username: &Username, now: Timestamp) -> ActorRow {
    let addresses = &ctx.settings.addresses;
    let uri = addresses.federation_url(&format!("/actors/{id}"));
    ActorRow {
        id: id.raw(),
        kind: ActorKind::Person.code(),
        peer_id: None,
        username: username.as_str().to_owned(),
        host: String::new(),
        username_key: username.key(),
        display_name: username.as_str().to_owned(),
        summary: String::new(),
        summary_source: String::new(),
        url: addresses.staff_url(&format!("/@{}", username.as_str())),
        inbox_uri: format!("{uri}/inbox"),
        shared_inbox_uri: Some(addresses.federation_url("/inbox")),
        outbox_uri: Some(format!("{uri}/outbox")),
        followers_uri: Some(format!("{uri}/followers")),
        following_uri: Some(format!("{uri}/following")),
        featured_uri: Some(format!("{uri}/featured")),
        locked: false,
        discoverable: true,
        indexable: true,
        fields: "[]".to_owned(),
        created_at: now.millis(),
        updated_at: now.millis(),
        fetched_at: None,
        suspended_at: None,
        deleted_at: None,
        followers_count: 0,
        following_count: 0,
        posts_count: 0,
        last_post_at: None,
        role_title: String::new(),
        traits: 0,
        uri,
    }
}

fn account_row(ctx: &Ctx, actor: &ActorRow, new: &Ready) -> AccountRow {
    AccountRow {
        actor_id: actor.id,
        role: new.role.code(),
        email: new.email.clone(),
        password_hash: new.hash.clone(),
        must_change_password: new.generated.is_some(),
        failed_sign_ins: 0,
        locked_until: None,
        disabled_at: None,
        default_audience: ctx.settings.default_audience.code(),
        default_marking: ctx.settings.scheme.default_marking().rank(),
        language: String::new(),
        created_at: actor.created_at,
        last_sign_in_at: None,
        notifications_read_to: 0,
        default_sensitive: false,
        attribution_domains: "[]".to_owned(),
        fields_source: "[]".to_owned(),
    }
}

fn demand_good_password(password: &str, username: &str) -> Result<()> {
    let length = password.chars().count();
    if length < PASSWORD_LEAST {
        return Err(Error::invalid(format!("a password needs at least {PASSWORD_LEAST} characters")));
    }
    if length > PASSWORD_MOST {
        return Err(Error::invalid(format!("a password may have at most {PASSWORD_MOST} characters")));
    }
    if password.to_lowercase().contains(&username.to_lowercase()) && username.chars().count() > 3 {
        return Err(Error::invalid("a password must not contain the username"));
    }
    Ok(())
}

/// All accounts, by username.
///
/// # Errors
/// When the store can't answer.
pub async fn list_users(ctx: &Ctx) -> Result<Vec<UserView>> {
    let shared = ctx.clone();
    ctx.store
        .read(move |tx| {
            let now = tx.now().millis();
            let view = |(actor, account): (ActorRow, AccountRow)| UserView {
                role: account.role(),
                disabled: account.disabled_at.is_some(),
                locked: account.locked_until.is_some_and(|until| until > now),
                last_sign_in_at: account.last_sign_in_at.map(Timestamp::from_millis),
                email: account.email,
                person: person_view(&actor, &shared.settings, None),
            };
            Ok(accounts::all(tx)?.into_iter().map(view).collect())
        })
        .await
}

/// Ends a person's access at once: sessions and tokens end in the same transaction, and peers learn of it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn disable_user(ctx: &Ctx, by: &Operator, username: &str) -> Result<()> {
    change(ctx, by, username, "user.disable", json!({}), write_disabled).await
}

fn write_disabled(tx: &mut Tx<'_>, actor: &ActorRow, account: &mut AccountRow) -> Result<()> {
    let now = tx.now();
    account.disabled_at = Some(account.disabled_at.unwrap_or(now.millis()));
    accounts::end_access(tx, ActorId::new(account.actor_id))?;
    actors::set_suspended(tx, actor.actor_id(), Some(now))?;
    if !actor.is_hidden() {
        stream_events::append_hidden(tx, HiddenPosts::OfAuthor(actor.actor_id()))?;
    }
    Ok(outbox::append(tx, &Event::PersonUpdated { actor: actor.actor_id() })?)
}

/// As [`disable_user`], inside a transaction; who may is the caller's to ask.
pub(crate) fn disable_in(tx: &mut Tx<'_>, who: &str, actor: &ActorRow) -> Result<()> {
    change_in(tx, who, actor, "user.disable", &json!({}), write_disabled)
}

/// Gives a disabled person access again. They sign in anew.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn enable_user(ctx: &Ctx, by: &Operator, username: &str) -> Result<()> {
    change(ctx, by, username, "user.enable", json!({}), write_enabled).await
}

fn write_enabled(tx: &mut Tx<'_>, actor: &ActorRow, account: &mut AccountRow) -> Result<()> {
    account.disabled_at = None;
    account.locked_until = None;
    account.failed_sign_ins = 0;
    actors::set_suspended(tx, actor.actor_id(), None)?;
    Ok(outbox::append(tx, &Event::PersonUpdated { actor: actor.actor_id() })?)
}

/// As [`enable_user`], inside a transaction; who may is the caller's to ask.
pub(crate) fn enable_in(tx: &mut Tx<'_>, who: &str, actor: &ActorRow) -> Result<()> {
    change_in(tx, who, actor, "user.enable", &json!({}), write_enabled)
}

/// Gives a person a new password, made here unless one is given; their sessions and tokens end.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account, [`Error::Invalid`] for a bad password.
pub async fn reset_password(ctx: &Ctx, by: &Operator, username: &str, password: Option<String>) -> Result<String> {
    let password = match password {
        Some(password) => password,
        None => secrets::readable_password()?,
    };
    demand_good_password(&password, username)?;
    let hash = secrets::hash_password(ctx, &password).await?;
    change(ctx, by, username, "user.reset-password", json!({}), move |tx, _, account| {
        account.password_hash.clone_from(&hash);
        account.must_change_password = true;
        account.locked_until = None;
        account.failed_sign_ins = 0;
        Ok(accounts::end_access(tx, ActorId::new(account.actor_id))?)
    })
    .await?;
    Ok(password)
}

/// Gives a person another role; their sessions and tokens end, so that none keeps the old one's rights.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub async fn set_role(ctx: &Ctx, by: &Operator, username: &str, role: Role) -> Result<()> {
    change(ctx, by, username, "user.role", json!({ "role": role.word() }), move |tx, _, account| {
        account.role = role.code();
        Ok(accounts::end_access(tx, ActorId::new(account.actor_id))?)
    })
    .await
}

async fn change<F>(ctx: &Ctx, by: &Operator, username: &str, action: &'static str, detail: Value, act: F) -> Result<()>
where
    F: Fn(&mut Tx<'_>, &ActorRow, &mut AccountRow) -> Result<()> + Send + 'static,
{
    by.demand_administrator()?;
    let (who, username) = (by.name(), username.to_owned());
    ctx.store
        .write(move |tx| {
            let found = accounts::find_by_username(tx, &username)?;
            let (actor, _) = found.ok_or(Error::NotFound("that account"))?;
            change_in(tx, &who, &actor, action, &detail, &act)
        })
        .await
}

fn change_in<F>(tx: &mut Tx<'_>, who: &str, actor: &ActorRow, action: &str, detail: &Value, act: F) -> Result<()>
where
    F: Fn(&mut Tx<'_>, &ActorRow, &mut AccountRow) -> Result<()>,
{
    let mut account = accounts::hold(tx, actor.actor_id())?;
    act(tx, actor, &mut account)?;
    accounts::update(tx, &account)?;
    audit::append(tx, who, action, &actor.username, detail)
}

/// Changes one's own password; all sessions and tokens end.
///
/// # Errors
/// [`Error::Unauthenticated`] when the old one is wrong, [`Error::Invalid`] when the new one is bad or the same,
/// [`Error::TooMany`] after too many wrong ones.
pub async fn change_password(ctx: &Ctx, viewer: &Viewer, old: &str, new: &str, from: Option<IpAddr>) -> Result<()> {
    let id = viewer.id;
    let account = ctx.store.read(move |tx| Ok::<_, Error>(accounts::find(tx, id)?)).await?;
    sessions::counted(ctx, from, demand_password(ctx, viewer, &account, old, from)).await?;
    if new == old {
        return Err(Error::invalid("the new password must be another one"));
    }
    demand_good_password(new, &viewer.username)?;
    let hash = secrets::hash_password(ctx, new).await?;
    let who = format!("person:{}", viewer.username);
    let (username, checked) = (viewer.username.clone(), account.password_hash);
    ctx.store
        .write(move |tx| {
            let mut account = accounts::hold(tx, id)?;
            if account.disabled_at.is_some() || account.password_hash != checked {
                return Err(Error::Conflict("the password was changed meanwhile".to_owned()));
            }
            account.password_hash.clone_from(&hash);
            account.must_change_password = false;
            accounts::update(tx, &account)?;
            accounts::end_access(tx, id)?;
            audit::append(tx, &who, "user.change-password", &username, &json!({}))
        })
        .await
}

/// Demands a person's own password for what they can't take back.
///
/// # Errors
/// [`Error::Unauthenticated`] when it is wrong, [`Error::TooMany`] after too many wrong ones.
pub async fn confirm_password(ctx: &Ctx, viewer: &Viewer, typed: &str, from: Option<IpAddr>) -> Result<()> {
    let id = viewer.id;
    let account = ctx.store.read(move |tx| Ok::<_, Error>(accounts::find(tx, id)?)).await?;
    sessions::counted(ctx, from, demand_password(ctx, viewer, &account, typed, from)).await
}

/// A session that was left open is no way to guess its person's password: wrong ones count as at sign-in.
async fn demand_password(
    ctx: &Ctx,
    viewer: &Viewer,
    account: &AccountRow,
    typed: &str,
    from: Option<IpAddr>,
) -> Result<()> {
    let right = secrets::check_password(ctx, typed, Some(&account.password_hash)).await?;
    sessions::refuse_while_locked(account.locked_until.map(Timestamp::from_millis), ctx.now())?;
    if right {
        return Ok(());
    }
    sessions::note_failure(ctx, Some(viewer.id), &viewer.username, from).await?;
    Err(Error::Unauthenticated("The present password is not right"))
}

/// The active person of a username, for what runs on the node's own machine.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account, or it is disabled.
pub async fn viewer_by_username(ctx: &Ctx, username: &str) -> Result<Viewer> {
    let username = username.to_owned();
    ctx.store
        .read(move |tx| {
            let found = accounts::find_by_username(tx, &username)?;
            let (actor, account) = found.ok_or(Error::NotFound("that account"))?;
            if account.disabled_at.is_some() {
                return Err(Error::NotFound("that account"));
            }
            Ok(Viewer { id: actor.actor_id(), role: account.role(), username: actor.username })
        })
        .await
}

/// What a person's composer starts with.
///
/// # Errors
/// When the store can't answer.
pub async fn preferences(ctx: &Ctx, viewer: &Viewer) -> Result<Preferences> {
    let id = viewer.id;
    ctx.store
        .read(move |tx| {
            let account = accounts::find(tx, id)?;
            Ok(Preferences {
                default_audience: account.default_audience(),
                default_marking: account.default_marking(),
                language: account.language,
                default_sensitive: account.default_sensitive,
                attribution_domains: serde_json::from_str(&account.attribution_domains).unwrap_or_default(),
                fields: serde_json::from_str(&account.fields_source).unwrap_or_default(),
            })
        })
        .await
}

/// Keeps the language in which somebody reads the pages, over all their sessions.
///
/// # Errors
/// [`Error::Invalid`] when it is no language tag (RFC 5646), or the store can't answer.
pub async fn choose_pages_language(ctx: &Ctx, viewer: &Viewer, language: &str) -> Result<()> {
    let is_tag = (2..=35).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_tag {
        return Err(Error::invalid("the language is not given by a tag such as cy"));
    }
    let (id, language) = (viewer.id, language.to_owned());
    ctx.store.write(move |tx| Ok(accounts::set_pages_language(tx, id, &language)?)).await
}

#[cfg(test)]
mod tests;
