//! Actors: people, groups and services, of this node and of peers.

use corridor_domain::{ActorId, ActorKind, PeerId, Timestamp};
use diesel::prelude::*;

use crate::schema::{actors, former_names};
use crate::{Error, Result, Tx};

/// Run by a program: a bit of [`ActorRow::traits`].
pub const BOT: i16 = 1;
/// Does not show whom they follow and who follows them: a bit of [`ActorRow::traits`].
pub const HIDES_COLLECTIONS: i16 = 2;

/// An actor with all its columns.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = actors, treat_none_as_null = true)]
pub struct ActorRow {
    /// Its number.
    pub id: i64,
    /// See [`ActorKind`].
    pub kind: i16,
    /// Where it comes from; `None` for this node.
    pub peer_id: Option<i64>,
    /// ActivityPub id.
    pub uri: String,
    /// Without the host.
    pub username: String,
    /// The account domain; empty for this node.
    pub host: String,
    /// Lower-case username.
    pub username_key: String,
    /// As people say it.
    pub display_name: String,
    /// Sanitised HTML.
    pub summary: String,
    /// What was typed.
    pub summary_source: String,
    /// Page for people.
    pub url: String,
    /// Personal inbox.
    pub inbox_uri: String,
    /// Shared inbox.
    pub shared_inbox_uri: Option<String>,
    /// Outbox.
    pub outbox_uri: Option<String>,
    /// Followers collection.
    pub followers_uri: Option<String>,
    /// Following collection.
    pub following_uri: Option<String>,
    /// Pinned posts.
    pub featured_uri: Option<String>,
    /// Follows must be approved.
    pub locked: bool,
    /// May be suggested.
    pub discoverable: bool,
    /// May be searched.
    pub indexable: bool,
    /// Profile fields as JSON.
    pub fields: String,
    /// Joined, or first seen.
    pub created_at: i64,
    /// Last changed.
    pub updated_at: i64,
    /// Last fetched from its node.
    pub fetched_at: Option<i64>,
    /// Suspended since.
    pub suspended_at: Option<i64>,
    /// Gone since.
    pub deleted_at: Option<i64>,
    /// Accepted followers known here.
    pub followers_count: i64,
    /// Accepted follows known here.
    pub following_count: i64,
    /// Posts known here.
    pub posts_count: i64,
    /// Latest post.
    pub last_post_at: Option<i64>,
    /// Job title.
    pub role_title: String,
    /// Bits: [`BOT`] and [`HIDES_COLLECTIONS`].
    pub traits: i16,
}

impl ActorRow {
    /// Its number.
    #[must_use]
    pub fn actor_id(&self) -> ActorId {
        ActorId::new(self.id)
    }

    /// What kind of actor it is.
    #[must_use]
    pub fn actor_kind(&self) -> ActorKind {
        ActorKind::from_code(self.kind)
    }

    /// Whether it is an actor of this node.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.peer_id.is_none()
    }

    /// Suspended or gone.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.suspended_at.is_some() || self.deleted_at.is_some()
    }

    /// The peer it comes from.
    #[must_use]
    pub fn peer(&self) -> Option<PeerId> {
        self.peer_id.map(PeerId::new)
    }
}

/// The actor of a number.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: ActorId) -> Result<ActorRow> {
    Ok(actors::table.find(id.raw()).select(ActorRow::as_select()).first(tx.conn)?)
}

/// The actors of these numbers, in no order; unknown ones are left out.
///
/// # Errors
/// When the database fails.
pub fn find_many(tx: &mut Tx<'_>, ids: &[ActorId]) -> Result<Vec<ActorRow>> {
    let raw: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(actors::table.filter(actors::id.eq_any(raw)).select(ActorRow::as_select()).load(tx.conn)?)
}

/// The actor of an ActivityPub id.
///
/// # Errors
/// When the database fails.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Option<ActorRow>> {
    Ok(actors::table.filter(actors::uri.eq(uri)).select(ActorRow::as_select()).first(tx.conn).optional()?)
}

/// The actor of a handle, also of a former one. `host` is empty for this node, `key` the lower-case username.
///
/// # Errors
/// When the database fails.
pub fn find_by_handle(tx: &mut Tx<'_>, host: &str, key: &str) -> Result<Option<ActorRow>> {
    // PostgreSQL takes no NUL in a text, not even to compare with.
    if host.contains('\0') || key.contains('\0') {
        return Ok(None);
    }
    let now: Option<ActorRow> = actors::table
        .filter(actors::host.eq(host))
        .filter(actors::username_key.eq(key))
        .select(ActorRow::as_select())
        .first(tx.conn)
        .optional()?;
    if now.is_some() {
        return Ok(now);
    }
    let former: Option<i64> =
        former_names::table.find((host, key)).select(former_names::actor_id).first(tx.conn).optional()?;
    former.map(|id| find(tx, ActorId::new(id))).transpose()
}

/// The local actor of a username, also of a former one.
///
/// # Errors
/// When the database fails.
pub fn find_local_by_username(tx: &mut Tx<'_>, username: &str) -> Result<Option<ActorRow>> {
    find_by_handle(tx, "", &username.to_lowercase())
}

/// Writes a new actor.
///
/// # Errors
/// [`Error::Conflict`] when its URI or handle is taken.
pub fn insert(tx: &mut Tx<'_>, row: &ActorRow) -> Result<()> {
    diesel::insert_into(actors::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes an actor anew; its counters too. A changed username is kept as a former name.
///
/// # Errors
/// [`Error::NotFound`] when it is not there, [`Error::Conflict`] when the new handle is taken.
pub fn update(tx: &mut Tx<'_>, row: &ActorRow) -> Result<()> {
    let before = find(tx, row.actor_id())?;
    if (before.host.as_str(), before.username_key.as_str()) != (row.host.as_str(), row.username_key.as_str()) {
        remember_name(tx, &before)?;
    }
    let changed = diesel::update(actors::table.find(row.id)).set(row).execute(tx.conn)?;
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

fn remember_name(tx: &mut Tx<'_>, before: &ActorRow) -> Result<()> {
    let now = tx.now().millis();
    diesel::delete(former_names::table.find((&before.host, &before.username_key))).execute(tx.conn)?;
    diesel::insert_into(former_names::table)
        .values((
            former_names::host.eq(&before.host),
            former_names::username_key.eq(&before.username_key),
            former_names::actor_id.eq(before.id),
            former_names::changed_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Says that an actor of ours has changed now.
///
/// # Errors
/// When the database fails.
pub fn touch(tx: &mut Tx<'_>, id: ActorId) -> Result<()> {
    let now = tx.now().millis();
    diesel::update(actors::table.find(id.raw())).set(actors::updated_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// Marks an actor as gone.
///
/// # Errors
/// When the database fails.
pub fn mark_deleted(tx: &mut Tx<'_>, id: ActorId, at: Timestamp) -> Result<()> {
    diesel::update(actors::table.find(id.raw())).set(actors::deleted_at.eq(Some(at.millis()))).execute(tx.conn)?;
    Ok(())
}

/// Suspends an actor, or lifts that.
///
/// # Errors
/// When the database fails.
pub fn set_suspended(tx: &mut Tx<'_>, id: ActorId, since: Option<Timestamp>) -> Result<()> {
    diesel::update(actors::table.find(id.raw()))
        .set(actors::suspended_at.eq(since.map(Timestamp::millis)))
        .execute(tx.conn)?;
    Ok(())
}
