//! Notifications: what a person is told, each thing once.

use corridor_domain::{ActorId, NotificationId, Page, PostId, Timestamp};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::domain_blocks::is_of_blocked_domain;
use crate::paging::load_page;
use crate::schema::{accounts, actors, notifications, posts};
use crate::stream_events::{self, StreamEvent};
use crate::visibility::readable_by;
use crate::{Error, Result, Tx, dialect};

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub struct NotificationRow {
    /// Its number.
    pub id: i64,
    /// Who is told.
    pub owner_id: i64,
    /// Why, as a number.
    pub kind: i16,
    /// Who did it.
    pub actor_id: i64,
    /// The post it is about.
    pub post_id: Option<i64>,
    /// When.
    pub created_at: i64,
}

/// Which notifications are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only these kinds; all when empty.
    pub only: Vec<i16>,
    /// Not these kinds.
    pub except: Vec<i16>,
    /// Only what this person did.
    pub from: Option<ActorId>,
    /// Also what is held back.
    pub with_held: bool,
}

/// Tells `owner`, and their open streams, something unless they were told it before; says whether it did.
///
/// # Errors
/// When the database fails.
pub fn add(tx: &mut Tx<'_>, owner: ActorId, kind: i16, from: ActorId, post: Option<PostId>) -> Result<bool> {
    let id = write(tx, (owner, kind, from, post), false)?;
    if let Some(id) = id {
        stream_events::append(tx, StreamEvent::Notified(owner, id))?;
    }
    Ok(id.is_some())
}

/// As [`add`], held back: nobody is told until `from` is accepted.
///
/// # Errors
/// When the database fails.
pub fn hold_back(tx: &mut Tx<'_>, owner: ActorId, kind: i16, from: ActorId, post: Option<PostId>) -> Result<()> {
    write(tx, (owner, kind, from, post), true)?;
    Ok(())
}

fn write(
    tx: &mut Tx<'_>,
    (owner, kind, from, post): (ActorId, i16, ActorId, Option<PostId>),
    filtered: bool,
) -> Result<Option<NotificationId>> {
    // The unique index takes two rows without a post for different ones.
    if post.is_none() && about_person(tx, owner, kind, from)? {
        return Ok(None);
    }
    let id = tx.new_id();
    let row = (owner.raw(), kind, from.raw(), post.map(PostId::raw));
    let is_new = dialect::insert_notification(tx, id, row, filtered)?;
    Ok(is_new.then_some(NotificationId::new(id)))
}

fn about_person(tx: &mut Tx<'_>, owner: ActorId, kind: i16, from: ActorId) -> Result<bool> {
    let known: i64 = notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::kind.eq(kind))
        .filter(notifications::actor_id.eq(from.raw()))
        .filter(notifications::post_id.is_null())
        .count()
        .get_result(tx.conn)?;
    Ok(known > 0)
}

#[auto_type]
pub(crate) fn from_someone_shown(owner: i64) -> _ {
    let is_of_blocked_domain: is_of_blocked_domain = is_of_blocked_domain(owner);
    exists(
        actors::table
            .filter(actors::id.eq(notifications::actor_id))
            .filter(not(is_of_blocked_domain))
            .filter(actors::suspended_at.is_null())
            .filter(actors::deleted_at.is_null()),
    )
}

#[auto_type]
pub(crate) fn about_something_readable(owner: i64) -> _ {
    let about_readable_post: about_readable_post = about_readable_post(owner);
    notifications::post_id.is_null().or(about_readable_post)
}

#[auto_type]
fn about_readable_post(owner: i64) -> _ {
    let readable: readable_by = readable_by(owner);
    exists(posts::table.filter(posts::id.nullable().eq(notifications::post_id)).filter(readable))
}

/// A page of a person's notifications, without those whose post they may not read any more, and those from a domain that
/// they keep away from.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, owner: ActorId, wanted: &Wanted, page: &Page) -> Result<Vec<NotificationRow>> {
    let mut query = notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(from_someone_shown(owner.raw()))
        .filter(about_something_readable(owner.raw()))
        .select(NotificationRow::as_select())
        .into_boxed();
    if !wanted.only.is_empty() {
        query = query.filter(notifications::kind.eq_any(wanted.only.clone()));
    }
    if !wanted.except.is_empty() {
        query = query.filter(notifications::kind.ne_all(wanted.except.clone()));
    }
    if !wanted.with_held {
        query = query.filter(notifications::filtered.eq(false));
    }
    if let Some(from) = wanted.from {
        query = query.filter(notifications::actor_id.eq(from.raw()));
    }
    Ok(load_page!(tx, query, notifications::id, page))
}

/// One of a person's notifications, also one that is held back.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs, or not there any more.
pub fn find(tx: &mut Tx<'_>, owner: ActorId, id: NotificationId) -> Result<NotificationRow> {
    let page = Page { max_id: Some(id.raw().saturating_add(1)), since_id: Some(id.raw() - 1), min_id: None, limit: 1 };
    let wanted = Wanted { with_held: true, ..Wanted::default() };
    list(tx, owner, &wanted, &page)?.into_iter().next().ok_or(Error::NotFound)
}

/// What the notifications of one group have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    /// Why, as a number.
    pub kind: i16,
    /// The post that they are about, where the kind is about posts.
    pub post: Option<PostId>,
    /// From this moment.
    pub from: Timestamp,
    /// Until just before this one.
    pub until: Timestamp,
}

/// The notifications of a group that their owner is shown.
macro_rules! shown_alike {
    ($owner:expr, $alike:expr) => {{
        let mut query = notifications::table
            .filter(notifications::owner_id.eq($owner.raw()))
            .filter(notifications::kind.eq($alike.kind))
            .filter(notifications::created_at.ge($alike.from.millis()))
            .filter(notifications::created_at.lt($alike.until.millis()))
            .filter(notifications::filtered.eq(false))
            .filter(from_someone_shown($owner.raw()))
            .filter(about_something_readable($owner.raw()))
            .into_boxed();
        if let Some(post) = $alike.post {
            query = query.filter(notifications::post_id.eq(post.raw()));
        }
        query
    }};
}

/// A page of a group.
///
/// # Errors
/// When the database fails.
pub fn alike(tx: &mut Tx<'_>, owner: ActorId, alike: &Alike, page: &Page) -> Result<Vec<NotificationRow>> {
    let query = shown_alike!(owner, alike).select(NotificationRow::as_select());
    Ok(load_page!(tx, query, notifications::id, page))
}

/// How many there are in a group.
///
/// # Errors
/// When the database fails.
pub fn count_alike(tx: &mut Tx<'_>, owner: ActorId, alike: &Alike) -> Result<i64> {
    Ok(shown_alike!(owner, alike).count().get_result(tx.conn)?)
}

/// Removes all of a group.
///
/// # Errors
/// When the database fails.
pub fn dismiss_alike(tx: &mut Tx<'_>, owner: ActorId, alike: &Alike) -> Result<()> {
    let rows = notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::kind.eq(alike.kind))
        .filter(notifications::created_at.ge(alike.from.millis()))
        .filter(notifications::created_at.lt(alike.until.millis()))
        .filter(notifications::filtered.eq(false));
    match alike.post {
        Some(post) => diesel::delete(rows.filter(notifications::post_id.eq(post.raw()))).execute(tx.conn)?,
        None => diesel::delete(rows).execute(tx.conn)?,
    };
    Ok(())
}

/// Removes one; `false` when it wasn't there.
///
/// # Errors
/// When the database fails.
pub fn dismiss(tx: &mut Tx<'_>, owner: ActorId, id: NotificationId) -> Result<bool> {
    let row = notifications::table.find(id.raw()).filter(notifications::owner_id.eq(owner.raw()));
    Ok(diesel::delete(row).execute(tx.conn)? > 0)
}

/// Removes all of a person's.
///
/// # Errors
/// When the database fails.
pub fn clear(tx: &mut Tx<'_>, owner: ActorId) -> Result<()> {
    diesel::delete(notifications::table.filter(notifications::owner_id.eq(owner.raw()))).execute(tx.conn)?;
    Ok(())
}

/// Takes back what `from` did, about a post or (`None`) about the owner, of these kinds.
///
/// # Errors
/// When the database fails.
pub fn take_back(tx: &mut Tx<'_>, owner: ActorId, kinds: &[i16], from: ActorId, post: Option<PostId>) -> Result<()> {
    let rows = notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::kind.eq_any(kinds.to_vec()))
        .filter(notifications::actor_id.eq(from.raw()));
    match post {
        Some(post) => diesel::delete(rows.filter(notifications::post_id.eq(post.raw()))).execute(tx.conn)?,
        None => diesel::delete(rows.filter(notifications::post_id.is_null())).execute(tx.conn)?,
    };
    Ok(())
}

/// The number up to which a person has seen theirs.
///
/// # Errors
/// When the database fails.
pub fn read_to(tx: &mut Tx<'_>, owner: ActorId) -> Result<i64> {
    let read = accounts::table.find(owner.raw()).select(accounts::notifications_read_to).first(tx.conn).optional()?;
    Ok(read.unwrap_or(0))
}

/// How many a person has not seen.
///
/// # Errors
/// When the database fails.
pub fn unread(tx: &mut Tx<'_>, owner: ActorId) -> Result<i64> {
    let read_to = read_to(tx, owner)?;
    Ok(notifications::table
        .filter(notifications::owner_id.eq(owner.raw()))
        .filter(notifications::id.gt(read_to))
        .filter(notifications::filtered.eq(false))
        .filter(from_someone_shown(owner.raw()))
        .filter(about_something_readable(owner.raw()))
        .count()
        .get_result(tx.conn)?)
}

/// Notes that a person has seen theirs up to `id`; never goes back.
///
/// # Errors
/// When the database fails.
pub fn mark_read(tx: &mut Tx<'_>, owner: ActorId, id: NotificationId) -> Result<()> {
    let behind = accounts::table.find(owner.raw()).filter(accounts::notifications_read_to.lt(id.raw()));
    diesel::update(behind).set(accounts::notifications_read_to.eq(id.raw())).execute(tx.conn)?;
    Ok(())
}
